"""Aircraft on one clock: two cameras make a suggestion, one of two does not, people overrule."""

from dataclasses import replace

import pytest

from syncview.model import AircraftStretch, Clock, ClockSegment, Duplicate, Group, Recording
from syncview.reconstruct.aircraft import join_aircraft
from syncview.reconstruct.geometry import Geometry
from syncview.settings import AircraftSettings

GEOMETRY = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=343.0)


def recording(name):
    return Recording(
        id=name, path=name, name_display=name, sha256=name[-1] * 64, size_bytes=1, kind="video", duration_s=None,
        container=None, video=None, audio=None,
    )  # fmt: skip


def clock(name, offset_s, length_s=60.0, drift_ppm=0.0):
    segment = ClockSegment(
        start_s=0.0, end_s=length_s, offset_s=offset_s, drift_ppm=drift_ppm, drift_uncertainty_ppm=0.0,
        applies_to="both", picture_check="verified",
    )  # fmt: skip
    return Clock(
        recording_id=name, segments=(segment,), uncertainty_s=0.5, sound_uncertainty_s=0.01, basis=(), assumptions=()
    )


def stretch(name, start_s, end_s, state="possible", score=0.8, **more):
    score = score if state == "possible" else None
    return AircraftStretch(recording_id=name, start_s=start_s, end_s=end_s, state=state, score=score, **more)


def joined(heard, *, stated=(), clocks=None, **more):
    clocks = clocks or (clock("r1", 0.0), clock("r2", 10.0))
    group = Group(id="g1", reference_id="r1", clocks=tuple(clocks))
    recordings = [recording(each.recording_id) for each in clocks]
    settings = AircraftSettings()
    return join_aircraft(
        heard, stated, [group], recordings=recordings, geometry=GEOMETRY, settings=settings, calibration="x", **more
    )


def test_two_cameras_that_hear_it_together_make_one_suggestion():
    sounds = joined({"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", 12, 28, score=0.6)]})
    (event,) = sounds.events
    assert (event.kind, event.time_s, event.end_s, event.confidence) == ("aircraft", 20.0, 40.0, 0.8)
    assert event.time_basis == "arrival_at:r1"
    assert [(seen.recording_id, seen.sound_s) for seen in event.observations] == [("r1", 20), ("r2", 12)]
    assert [(p.said.recording_id, p.start_s, p.end_s, p.said.state) for p in sounds.track] == [
        ("r1", 20.0, 40.0, "possible"),
        ("r2", 22.0, 38.0, "possible"),
    ]
    assert sounds.candidates == ()


def test_one_of_two_cameras_that_recorded_is_a_candidate_with_the_reason():
    sounds = joined({"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", 5, 30, "masked", reasons=("wind",))]})
    (event,) = sounds.candidates
    assert sounds.events == ()
    assert event.observations[0].reasons == ("1 other camera recorded then and shows nothing like it (masked: 1)",)
    assert [p.said.state for p in sounds.track] == ["masked"]


def test_a_camera_that_recorded_alone_may_suggest_and_copies_are_no_second_camera():
    clocks = (clock("r1", 0.0), clock("r2", 100.0))
    assert len(joined({"r1": [stretch("r1", 20, 40)], "r2": []}, clocks=clocks).events) == 1
    same = Duplicate(recording_ids=("r1", "r2"), kind="same_recording", evidence="")
    both = {"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", 10, 30)]}
    third = (clock("r1", 0.0), clock("r2", 10.0), clock("r3", 0.0))
    assert joined({**both, "r3": []}, clocks=third, duplicates=[same]).events == ()
    assert len(joined({**both, "r3": []}, clocks=third).events) == 1


@pytest.mark.parametrize(("start_s", "together"), [(29.0, True), (32.0, False)])
def test_stretches_are_one_sound_only_within_the_travel_of_sound(start_s, together):
    # r1 until 40 s; r2 begins at 39 or 42 s of group time; 500 m are 1.46 s, 3 s must be in common.
    sounds = joined({"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", start_s, 50)]})
    assert len(sounds.events) + len(sounds.candidates) == 2
    near = joined({"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", start_s - 2.0, 50)]})
    assert (len(near.events) == 1) is together


def test_too_low_a_score_is_a_candidate():
    sounds = joined({"r1": [stretch("r1", 20, 40, score=0.3)], "r2": [stretch("r2", 10, 30, score=0.4)]})
    assert sounds.events == ()
    assert "too little" in sounds.candidates[0].observations[0].reasons[-1]
    assert sounds.track == ()


def test_what_a_person_confirms_is_an_event_and_what_one_denies_is_not():
    heard = {"r1": [stretch("r1", 20, 40)], "r2": []}
    said = stretch("r1", 15, 35, "confirmed", by="A. B.")
    (event,) = joined(heard, stated=[said]).events
    assert (event.label, event.confidence, event.time_s) == ("aircraft sound, confirmed by A. B.", 1.0, 20.0)
    (seen,) = event.observations  # keeps the machine's time, by which the event is known again
    assert (seen.sound_s, seen.reasons) == (20, ("confirmed by A. B.",))
    assert [p.said.state for p in joined(heard, stated=[said]).track] == ["confirmed"]
    both = {"r1": [stretch("r1", 20, 40)], "r2": [stretch("r2", 10, 30)]}
    denied = joined(both, stated=[replace(said, state="heard none")])
    assert denied.events == ()
    assert "A. B. heard none there" in denied.candidates[0].observations[0].reasons
    assert [(p.said.state, p.said.by) for p in denied.track] == [("heard none", "A. B.")]


def test_without_sound_there_is_no_audio_and_other_speeds_say_nothing():
    slow = clock("r2", 0.0, drift_ppm=-500_000.0)
    sounds = joined({"r2": [stretch("r2", 10, 30)]}, clocks=(clock("r1", 0.0), slow))
    assert [(p.said.recording_id, p.said.state, p.start_s, p.end_s) for p in sounds.track] == [
        ("r1", "no audio", 0.0, 60.0),
        ("r2", "masked", 5.0, 15.0),
    ]
    assert (sounds.events, sounds.candidates) == ((), ())


def test_a_camera_without_sound_does_not_count_as_one_that_recorded():
    sounds = joined({"r1": [stretch("r1", 20, 40)]})
    assert len(sounds.events) == 1
    assert sorted(p.said.state for p in sounds.track) == ["no audio", "possible"]


def test_who_heard_none_is_told_how_much_was_masked():
    said = stretch("r1", 10, 30, "heard none", by="A. B.")
    sounds = joined({"r1": [stretch("r1", 25, 50, "masked", reasons=("wind",))], "r2": []}, stated=[said])
    denied = next(p.said for p in sounds.track if p.said.state == "heard none")
    assert denied.reasons == ("25 % of this time is masked or without audio",)
