"""Movements become events on the clock of the picture that shows them; copies are no second witness."""

import math
from dataclasses import replace

import pytest

from incident_example import clock, edited_group, heard, incident, recording, strike
from moving_example import film, films, movement, track
from syncview.errors import MediaError
from syncview.media.workers import WorkerPool
from syncview.model import Duplicate, Group, Unassessable
from syncview.pipeline.movements import Films, film_all, followed_in, movement_events
from syncview.settings import MovementSettings, Settings
from syncview.store.event_ids import settle_events
from syncview.store.ids import Ids
from syncview.timeline.coverage import coverage_of_group

SETTINGS = MovementSettings()


def _events(found, groups=None, *, heard_events=(), duplicates=()):
    parts = incident()
    return movement_events(
        found,
        parts.groups if groups is None else groups,
        heard_events,
        duplicates=duplicates,
        settings=SETTINGS,
    )


def test_a_movement_is_told_in_group_time_with_both_uncertainties():
    (event,) = _events(films(film([movement("runs", 10.0)])))
    assert event.time_s == pytest.approx(7.25 + 10.0 * (1 + 20e-6), abs=1e-6)
    assert event.end_s == pytest.approx(7.25 + 11.0 * (1 + 20e-6), abs=1e-6)
    assert event.uncertainty_s == pytest.approx(math.hypot(0.31, 0.4), abs=1e-6)
    assert (event.time_basis, event.kind, event.action) == ("seen_at:rec-2", "movement", "runs")
    assert (event.confidence, event.track_ids) == (0.8, ("rec-2/person-1",))
    assert "simulated" in event.calibration
    (seen,) = event.observations
    assert (seen.seen_s, seen.sound_s, seen.stated_s) == (10.0, None, None)
    assert seen.frames[0].box_px == (200.0, 100.0, 240.0, 220.0)  # looked at at half its size


def test_what_is_seen_while_the_picture_is_on_no_clock_is_left_out():
    found = film([movement("enters", 10.0), movement("enters", 30.0), movement("leaves", 55.0)], recording_id="rec-1")
    events = _events(films(found), [edited_group()])
    assert [event.time_s for event in events] == [10.0, 40.0]  # 10 s were cut out; at the end only the sound is known


def test_strikes_are_told_by_the_moments_at_which_the_camera_heard_them():
    bang = strike("s", "group-1", 18.0, [heard("rec-1", 18.0), heard("rec-2", 10.75)])
    other = strike("t", "group-1", 30.0, [heard("rec-1", 30.0)])
    calm, scared = movement("enters", 5.0), movement("takes_cover", 11.0)
    found = film([calm], bangs_s=())
    found.known[10.75,] = (scared,)
    assert [event.action for event in _events(films(found))] == ["enters"]
    assert [event.action for event in _events(films(found), heard_events=(bang, other))] == ["takes_cover"]


PAIR = Group(
    id="group-1",
    reference_id="rec-1",
    clocks=(clock("rec-1", 0.0, 20.0), clock("rec-2", 0.0, 40.0), clock("rec-3", 0.0, 40.0)),
)
SAME = (Duplicate(recording_ids=("rec-1", "rec-2"), kind="same_recording", evidence="equal sound"),)


def _told(found):
    return [(event.time_basis, event.time_s) for event in _events(found, [PAIR], duplicates=SAME)]


def test_a_copy_tells_only_what_the_better_one_does_not_show():
    moves = [movement("enters", 12.0), movement("leaves", 30.0)]
    assert _told(films(*(film(moves, recording_id=name) for name in ("rec-1", "rec-2", "rec-3")))) == [
        ("seen_at:rec-1", 12.0),  # and not 30.0, which is beyond its end
        ("seen_at:rec-2", 30.0),
        ("seen_at:rec-3", 12.0),
        ("seen_at:rec-3", 30.0),
    ]


def test_a_better_copy_that_was_not_looked_at_hides_nothing():
    assert _told(films(film([movement("enters", 12.0)]))) == [("seen_at:rec-2", 12.0)]


def test_a_better_copy_hides_nothing_where_people_are_not_assessable_in_it():
    moves = [movement("enters", 8.0), movement("enters", 12.0), movement("stops", 13.0, subject="vehicle")]
    part = {"start_s": 11.0, "end_s": 14.0, "reasons": ("no person",)}
    blurred, no_person = Unassessable(**part), Unassessable(**part, vehicles=False)
    both = [("seen_at:rec-2", 12.0), ("seen_at:rec-2", 13.0)]
    for stretch, told in ((blurred, both), (no_person, both[:1])):
        better = film([], recording_id="rec-1", unassessable=[stretch])
        assert _told(films(better, film(moves))) == told


def test_the_copy_nearest_to_the_camera_tells_however_many_pixels_another_has():
    moves = [movement("enters", 12.0)]
    assert _told(films(film(moves, recording_id="rec-1"), film(moves))) == [("seen_at:rec-1", 12.0)]
    swapped = (replace(SAME[0], recording_ids=("rec-2", "rec-1")),)
    found = films(film(moves, recording_id="rec-1"), film(moves))
    assert [event.time_basis for event in _events(found, [PAIR], duplicates=swapped)] == ["seen_at:rec-2"]


def test_ids_last_while_the_moment_stays_within_50_ms():
    parts = incident()
    groups = [replace(parts.groups[0], id="g1")]
    first, ids = settle_events(_events(films(film([movement("enters", 10.0)])), groups), parts.recordings, Ids())
    again, ids = settle_events(
        _events(films(film([movement("enters", 4.0), movement("enters", 10.04)])), groups), parts.recordings, ids
    )
    assert again[1].id == first[0].id
    assert again[0].id != first[0].id


def test_twins_are_assessed_alike_and_their_tracks_told_once():
    found = films(
        film(
            [],
            tracks=[track("person-1", 2.0, 3.0)],
            unassessable=[Unassessable(start_s=5.0, end_s=6.0, reasons=("dark",))],
        )
    )
    known = (recording("rec-2", "a.mp4"), recording("rec-9", "a (1).mp4"), recording("rec-3", "b.mp4"))
    one, twin = followed_in(found, {"rec-9": "rec-2"}, known)
    assert (one.recording_id, len(one.tracks)) == ("rec-2", 1)
    assert one.tracks[0].points[0].box_px == (200.0, 100.0, 240.0, 220.0)
    assert (twin.recording_id, twin.tracks, twin.unassessable) == ("rec-9", (), one.unassessable)
    blind = followed_in(Films(blind={"rec-2": "not installed"}), {"rec-9": "rec-2"}, known)
    assert [(each.recording_id, each.unwatched) for each in blind] == [
        ("rec-2", "not installed"),
        ("rec-9", "not installed"),
    ]


def test_without_a_file_its_movements_are_gone():
    both = films(film([movement("enters", 1.0)]), film([movement("enters", 2.0)], recording_id="rec-3"))
    assert [event.time_basis for event in _events(both.without("rec-2"))] == ["seen_at:rec-3"]


@pytest.mark.parametrize("mode", ["whole", "off"])
def test_of_a_file_whose_first_look_failed_it_is_said_that_nobody_was_looked_for(mode):
    settings = Settings(movement=MovementSettings(mode=mode))
    unseen = {"rec-2": MediaError("b.mp4: took longer than 60 s to look at")}
    with WorkerPool(workers=1) as pool:
        found = film_all(pool, {}, {}, unseen, [], settings, lambda *_: None)
    parts = incident()
    (told,) = followed_in(found, {}, parts.recordings)
    assert told.recording_id == "rec-2"
    assert ("took longer" if mode == "whole" else "--movement off") in told.unwatched
    (entry,) = (
        each
        for each in coverage_of_group(parts.groups[0], parts.recordings, followed=[told])
        if each.recording_id == "rec-2"
    )
    assert entry.people_assessable == ()
    assert [each.reasons for each in entry.people_not_assessable] == [(told.unwatched,)]


def test_what_is_looked_for_is_echoed_in_the_settings():
    assert Settings().as_dict()["movement"]["mode"] == "whole"
