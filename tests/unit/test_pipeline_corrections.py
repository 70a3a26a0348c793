"""What people say of movements goes before what the program saw, and what it saw is never lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from incident_example import incident
from syncview.case import parse_case
from syncview.model import Event, Observation, Track, TrackPoint
from syncview.pipeline.corrections import corrected_movements
from syncview.pipeline.figure_notes import figure_notes, unplaced_findings, with_followed
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.stated_events import stated_events
from syncview.reconstruct.geometry import Position
from syncview.reconstruct.ways import StatedWay
from syncview.settings import Settings
from syncview.store.event_ids import settle_events
from syncview.store.ids import Ids
from syncview.timebase import group_time_of
from syncview.timeline.analysis import analyse
from syncview.timeline.words import is_rejected, support_text

PARTS = replace(incident(), recordings=tuple(r for r in incident().recordings if r.id != "rec-8"))  # no twins
GROUPS = tuple(replace(group, id=f"g{k}") for k, group in enumerate(PARTS.groups, start=1))
CLOCKS = {clock.recording_id: (group.id, clock) for group in GROUPS for clock in group.clocks}
NAMES = {recording.id: recording.name_display for recording in PARTS.recordings}
SETTINGS = Settings()


def _point(time_s, box_px=(100.0, 100.0, 140.0, 200.0)):
    return TrackPoint(time_s=time_s, index=round(30 * time_s), box_px=box_px, score=0.7, seen=True, still_px=(0.0, 0.0))


def _seen(name, seen_s, action="enters", **changes):
    """A movement as the program tells it."""
    group_id, clock = CLOCKS[name]
    box_px = changes.pop("box_px", (100.0, 100.0, 140.0, 200.0))
    known = {
        "id": "",
        "kind": "movement",
        "group_id": group_id,
        "time_s": group_time_of(clock, seen_s, of="video"),
        "time_basis": f"seen_at:{name}",
        "uncertainty_s": 0.6,
        "end_s": None,
        "confidence": 0.62,
        "calibration": "hand-labelled clips",
        "label": "a person comes into view",
        "min_separable_s": None,
        "observations": (
            Observation(
                recording_id=name,
                sound_s=None,
                sound_uncertainty_s=None,
                score=0.62,
                measures=(("height_px", 80.0),),
                reasons=("walks in from the left edge",),
                seen_s=seen_s,
                frames=(_point(seen_s, box_px),),
            ),
        ),
        "action": action,
        "subject": "person",
        "track_ids": (f"{name}/person-1",),
    }
    return Event(**known | changes)


def _near(name, time_s, more):
    return f'[[movement]]\nnear = {{ file = "{NAMES[name]}", time_s = {time_s} }}\n{more}\n'


def _corrected(text, seen, *, doubted=(), tracks=(), unwatched=None):
    case = parse_case(text)
    known = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct)
    stated = stated_events(case, PARTS.recordings, GROUPS, (), knowledge=known, settings=SETTINGS.places).events
    return corrected_movements(
        seen, doubted, stated, tracks, case, PARTS.recordings, GROUPS,
        knowledge=known, places=SETTINGS.places, settings=SETTINGS.movement,
        unwatched=unwatched,
    )  # fmt: skip


def test_what_nobody_corrects_stays_as_it_is():
    seen, doubted = (_seen("rec-1", 31.0),), (_seen("rec-1", 40.0, confidence=0.2),)
    found = _corrected("", seen, doubted=doubted)
    assert (found.events, found.candidates, found.findings) == (seen, doubted, ())


def test_a_moved_and_renamed_movement_is_a_persons_and_keeps_the_programs_words():
    more = (
        'time_s = 31.4\nend_s = 36.0\naction = "arrives"\nsubject = "vehicle"\nlabel = "ambulance arrives"\n'
        'tags = ["rescuer"]\nauthor = "Rami"\nnote = "blue light"'
    )
    found = _corrected(_near("rec-3", 30.2, more), (_seen("rec-3", 31.0), _seen("rec-3", 36.0)))
    event, other = found.events
    assert other == _seen("rec-3", 36.0)
    assert (event.action, event.subject, event.label, event.tags) == (
        "arrives", "vehicle", "ambulance arrives", ("rescuer",)
    )  # fmt: skip
    assert event.time_s == pytest.approx(-3.5 + 31.4 * (1 - 40e-6), abs=1e-6)
    assert event.end_s == pytest.approx(-3.5 + 36.0 * (1 - 40e-6), abs=1e-6)
    assert event.uncertainty_s == pytest.approx((0.52**2 + 0.5**2) ** 0.5, abs=1e-6)  # the clock's and the reading's
    assert (event.confidence, event.calibration, event.time_basis) == (1.0, "stated by Rami", "seen_at:rec-3")
    (seen,) = event.observations
    assert (seen.seen_s, seen.stated_s, seen.score, len(seen.frames)) == (31.0, 31.4, 0.62, 1)
    said = (
        "stated by Rami: begins at 31.40 s of the file; ends at 36.00 s of the file; arrives; by a vehicle; "
        "'ambulance arrives'; tagged rescuer; blue light"
    )
    assert seen.reasons == (
        "walks in from the left edge",
        "the program saw 'a person comes into view' (enters) at 31.00 s, score 0.62",
        said,
    )
    assert (event.track_ids, found.candidates, found.findings) == (("rec-3/person-1",), (), ())


def test_another_action_alone_takes_the_old_words_away():
    (event,) = _corrected(_near("rec-1", 31.0, 'action = "takes_cover"'), (_seen("rec-1", 31.0),)).events
    assert (event.label, event.action, event.calibration) == (
        "person takes cover", "takes_cover", "stated by a person who left no name"
    )  # fmt: skip
    assert (event.time_s, event.uncertainty_s) == (31.0, 0.6)  # nobody moved it


def test_a_rejected_movement_is_a_candidate_with_the_programs_words():
    text = _near("rec-1", 31.0, 'reject = true\nauthor = "Rami"\nnote = "a dog"')
    found = _corrected(text, (_seen("rec-1", 31.0),))
    assert found.events == ()
    (event,) = found.candidates
    assert (event.label, event.confidence, event.calibration) == ("rejected by Rami", 0.62, "hand-labelled clips")
    assert (is_rejected(event), support_text(event), is_rejected(_seen("rec-1", 1.0))) == (
        True, "rejected by Rami", False
    )  # fmt: skip
    assert event.observations[0].reasons[-2:] == (
        "the program saw 'a person comes into view' (enters) at 31.00 s, score 0.62",
        "rejected by Rami: a dog",
    )


def test_what_the_program_doubted_becomes_an_event_when_a_person_says_so():
    found = _corrected(_near("rec-1", 40.0, 'label = "medic"'), (), doubted=(_seen("rec-1", 40.0, confidence=0.2),))
    assert ([event.label for event in found.events], found.candidates) == (["medic"], ())


def test_of_two_statements_the_later_counts_and_two_people_are_told():
    seen = (_seen("rec-1", 31.0),)
    first = _near("rec-1", 31.0, 'reject = true\nauthor = "Rami"')
    second = _near("rec-1", 31.0, 'label = "medic"\nauthor = "Lina"')
    found = _corrected(first + second, seen)
    assert [(event.label, event.calibration) for event in found.events] == [("medic", "stated by Lina")]
    (finding,) = found.findings
    assert (finding.kind, finding.recording_ids, finding.time_s) == ("conflicting_correction", ("rec-1",), 31.0)
    assert "line 1 (stated by Rami) and case.toml, line 5 (stated by Lina) say different things" in finding.message
    found = _corrected(second + first, seen)
    assert (found.events, found.candidates[0].label) == ((), "rejected by Rami")
    assert _corrected((second + first).replace("Lina", "Rami"), seen).findings == ()  # a change of mind
    third = _near("rec-1", 31.0, 'tags = ["rescuer"]\nauthor = "Rami"')
    (event,) = _corrected(second + third, seen).events
    assert (event.label, event.tags, event.calibration) == ("medic", ("rescuer",), "stated by Lina and Rami")


def test_corrections_of_nothing_name_what_is_nearest():
    seen = (_seen("rec-1", 31.0), _seen("rec-1", 34.0, "leaves", label="a person goes out of view"))
    found = _corrected(_near("rec-1", 36.1, "reject = true"), seen)
    assert found.events == seen
    (finding,) = found.findings
    assert (finding.kind, finding.recording_ids, finding.time_s) == ("unmatched_correction", ("rec-1",), 36.1)
    assert finding.message == (
        "case.toml, line 1: what is said of 36.1 s of balcony.mp4 is not used: no such movement was found within 2 s "
        "of it; the nearest is 'a person goes out of view' (leaves) at 34.00 s"
    )
    assert _corrected(_near("rec-1", 36.0, "reject = true"), seen).findings == ()  # 2 s off
    wrong_action = _corrected(_near("rec-1", 34.0, 'was = "runs"\nreject = true'), seen)
    assert [f.kind for f in wrong_action.findings] == ["unmatched_correction"]
    empty = _corrected(_near("rec-2", 3.0, "reject = true"), seen)
    assert empty.findings[0].message.endswith("is not used: no movement was found in that file")
    text = _near("rec-2", 3.0, "reject = true") + _figure("rec-2", 640, 420, 'label = "medic"')
    (waiting,) = _corrected(text, (), unwatched={"rec-2": "not looked for"}).findings
    assert (waiting.kind, waiting.value, waiting.recording_ids) == ("waiting_correction", 2.0, ("rec-2",))
    assert waiting.message.endswith("(2 in case.toml) waits: not looked for")


def test_a_correction_that_may_mean_either_changes_nothing():
    seen = (
        _seen("rec-1", 31.0, box_px=(0.0, 0.0, 50.0, 100.0)),
        _seen("rec-1", 31.1, "runs", box_px=(600.0, 0.0, 650.0, 100.0), track_ids=("rec-1/person-2",)),
    )
    found = _corrected(_near("rec-1", 30.5, "reject = true"), seen)
    assert (found.events, [f.kind for f in found.findings]) == (seen, ["unclear_correction"])
    assert "'a person comes into view' (enters) at 31.00 s and 'a person comes into view' (runs) at 31.10 s" in (
        found.findings[0].message
    )
    for text in (
        _near("rec-1", 30.5, 'was = "runs"\nreject = true'),
        _near("rec-1", 31.1, "reject = true"),  # as the result has it
        _near("rec-1", 30.5, "reject = true").replace("30.5 }", "30.5, x_px = 640, y_px = 90 }"),
    ):
        found = _corrected(text, seen)
        assert (found.events, found.findings) == (seen[:1], ()), text


def test_one_thing_seen_by_two_cameras_is_one_event():
    seen = (_seen("rec-1", 31.0), _seen("rec-2", 24.6, uncertainty_s=0.4, confidence=0.7), _seen("rec-1", 50.0))
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.5 }}\nauthor = "Rami"'
    found = _corrected(_near("rec-1", 31.0, more), seen)
    event, other = found.events
    assert (other, found.findings) == (seen[2], ())
    assert (event.time_s, event.time_basis, event.uncertainty_s) == (seen[1].time_s, "seen_at:rec-2", 0.4)
    assert sorted((each.recording_id, each.seen_s) for each in event.observations) == [("rec-1", 31.0), ("rec-2", 24.6)]
    assert event.track_ids == ("rec-2/person-1", "rec-1/person-1")
    assert (event.confidence, event.calibration) == (1.0, "stated by Rami")
    moved = _corrected(_near("rec-1", 31.0, more + "\ntime_s = 30.0"), seen).events[0]
    assert (moved.time_s, moved.time_basis) == (30.0, "seen_at:rec-1")


def test_who_rejects_a_merger_rejects_all_of_it():
    seen = (_seen("rec-1", 31.0), _seen("rec-2", 24.6))
    merger = _near("rec-1", 31.0, f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.6 }}')
    no = _near("rec-2", 24.6, 'reject = true\nauthor = "Rami"\nnote = "a dog"')
    found = _corrected(merger + no, seen)
    assert (found.events, [event.label for event in found.candidates]) == ((), ["rejected by Rami"] * 2)
    assert all(event.observations[0].reasons[-1] == "rejected by Rami: a dog" for event in found.candidates)
    found = _corrected(merger + no + _near("rec-1", 31.0, 'label = "medic"'), seen)  # one of them after all
    assert ([event.label for event in found.events], len(found.candidates)) == (["medic"], 1)
    assert len(found.events[0].observations) == 1
    (again,) = _corrected(no + merger, seen).events
    assert len(again.observations) == 2


def test_one_thing_seen_twice_by_one_camera_begins_where_it_is_first_seen():
    seen = (_seen("rec-1", 31.0, end_s=32.0), _seen("rec-1", 34.0, "leaves", uncertainty_s=0.2, end_s=36.0))
    more = f'same_as = {{ file = "{NAMES["rec-1"]}", time_s = 34.0 }}\naction = "runs"'
    (event,) = _corrected(_near("rec-1", 31.0, more), seen).events
    assert (event.time_s, event.end_s, event.label) == (31.0, 36.0, "person runs")
    (own,) = event.observations  # one entry for each file
    assert (own.seen_s, [point.time_s for point in own.frames]) == (31.0, [31.0, 34.0])
    assert sum("the program saw" in line for line in own.reasons) == 2
    named, ids = settle_events(seen, PARTS.recordings, Ids())
    assert settle_events((event,), PARTS.recordings, ids)[0][0].id == named[0].id == "e1"


def test_the_earliest_id_lives_on_in_a_merger():
    seen = (_seen("rec-1", 31.0), _seen("rec-2", 24.6, uncertainty_s=0.4))
    named, ids = settle_events(seen, PARTS.recordings, Ids())
    assert [event.id for event in named] == ["e1", "e2"]
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.6 }}'
    merged = _corrected(_near("rec-1", 31.0, more), seen).events
    named, ids = settle_events(merged, PARTS.recordings, ids)
    assert [event.id for event in named] == ["e1"]
    again, _ = settle_events(seen, PARTS.recordings, ids)  # the merger is taken back
    assert [event.id for event in again] == ["e1", "e2"]
    moved = _corrected(_near("rec-1", 31.0, "time_s = 35.0"), seen).events
    assert settle_events(moved, PARTS.recordings, ids)[0][0].id == "e1"


def test_mergers_that_the_clocks_deny_are_told():
    apart = (_seen("rec-1", 31.0), _seen("rec-2", 34.0))
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 34.0 }}'
    found = _corrected(_near("rec-1", 31.0, more), apart)
    assert len(found.events) == 1
    (finding,) = found.findings
    assert (finding.kind, finding.unit, finding.recording_ids) == ("wrong_correction", "s", ("rec-1", "rec-2"))
    assert finding.value == pytest.approx(7.25 + 34.0 * (1 + 20e-6) - 31.0, abs=1e-6)
    other_clock = (_seen("rec-1", 31.0), _seen("rec-6", 31.0))
    found = _corrected(_near("rec-1", 31.0, f'same_as = {{ file = "{NAMES["rec-6"]}", time_s = 31.0 }}'), other_clock)
    assert [event.group_id for event in found.events] == ["g1", "g2"]
    assert found.findings[0].message.endswith("on two clocks (g1, g2); pin the moment in both files first")


ADDED = (
    '[[event]]\nkind = "movement"\nfile = "balcony.mp4"\ntime_s = 31.8\naction = "enters"\nlabel = "medic"\n'
    'author = "Lina"\ntags = ["rescuer"]\n'
)


def test_a_movement_added_where_the_program_saw_it_is_one():
    seen = (_seen("rec-1", 31.0), _seen("rec-1", 31.6, "runs"))
    found = _corrected(ADDED, seen)
    assert len(found.events) == 2
    event = next(each for each in found.events if each.action == "enters")
    assert (event.time_s, event.label, event.tags, event.calibration) == (31.8, "medic", ("rescuer",), "stated by Lina")
    (own,) = event.observations
    assert (own.seen_s, own.stated_s, own.score, event.track_ids) == (31.0, 31.8, 0.62, ("rec-1/person-1",))
    assert event.subject == "person"  # whom nobody named, the program saw
    assert any("the program saw" in line for line in own.reasons)
    later = _corrected(ADDED.replace("31.8", "32.1"), seen)
    assert len(later.events) == 3  # more than a second off: another
    assert later.events[2].observations[0].seen_s is None
    replaced = _corrected(ADDED + _near("rec-1", 31.0, 'was = "enters"\nreject = true'), seen)
    assert [event.label for event in replaced.events] == ["a person comes into view", "medic"]
    assert replaced.candidates[0].label.startswith("rejected by")
    (finding,) = replaced.findings
    assert finding.kind == "conflicting_correction"
    assert finding.message.endswith("rejects what the program saw, but 'medic' (enters) at 31.80 s is stated by Lina; "
                                    "that stands")  # fmt: skip
    own = _near("rec-1", 31.0, 'was = "enters"\nreject = true\nauthor = "Lina"')
    assert _corrected(ADDED + own, seen).findings == ()  # she puts hers in its place


def test_what_people_added_can_be_corrected_too():
    found = _corrected(ADDED + _near("rec-1", 31.8, 'label = "two medics"\nauthor = "Rami"'), ())
    (event,) = found.events
    assert (event.label, event.time_s, event.calibration) == ("two medics", 31.8, "stated by Lina and Rami")


def test_moments_on_no_clock_are_not_used():
    found = _corrected(_near("rec-3", 31.0, "time_s = 55.0\nlabel = 'x'"), (_seen("rec-3", 31.0),))
    assert (found.events[0].label, found.events[0].time_s) == ("x", _seen("rec-3", 31.0).time_s)
    assert [(f.kind, f.time_s) for f in found.findings] == [("off_clock", 31.0)]
    assert "time_s = 55 s of dashcam.mkv is on no clock" in found.findings[0].message


def test_references_that_mean_nothing_are_troubles():
    case = parse_case('[[movement]]\nnear = { file = "nowhere.mp4", time_s = 1 }\nreject = true\n')
    (trouble,) = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct).troubles
    assert "line 1: no recording is called 'nowhere.mp4'" in trouble


def test_a_corrected_arrival_stands_between_the_strikes():
    more = 'action = "arrives"\nsubject = "vehicle"\nlabel = "ambulance"\nauthor = "Rami"\ntime_s = 31.0'
    (event,) = _corrected(_near("rec-1", 30.0, more), (_seen("rec-1", 30.5),)).events
    parts = replace(PARTS, events=(*PARTS.events, replace(event, id="e9", group_id="group-1")))
    (arrival,) = analyse(parts).arrivals
    assert (arrival.event_id, arrival.subject, arrival.label) == ("e9", "vehicle", "ambulance")
    assert (arrival.since_strike.strike_id, arrival.until_strike.strike_id) == ("strike-3", "strike-4")
    way_s = 500.0 / 343.0  # at most, from a strike to a camera whose place is not known
    assert arrival.until_strike.interval_s == pytest.approx(39.7 - way_s / 2 - 31.0, abs=0.002)


@dataclass(frozen=True)
class Ground:
    time_s: float
    lat: float
    lon: float
    uncertainty_m: float


def _track(name, number, box_px, *, kind="person", times_s=(30.8, 31.0, 31.2)):
    points = tuple(_point(time_s, box_px) for time_s in times_s)
    return Track(recording_id=name, name=f"{kind}-{number}", kind=kind, points=points, score=0.7)


TRACKS = (
    _track("rec-1", 1, (620.0, 380.0, 660.0, 480.0)),
    _track("rec-1", 2, (500.0, 300.0, 900.0, 500.0), kind="vehicle"),
    _track("rec-2", 1, (10.0, 10.0, 30.0, 60.0)),
    _track("rec-1", 3, (620.0, 380.0, 660.0, 480.0), times_s=(50.0,)),
)


def _figure(name, x_px, y_px, more, time_s=31.0):
    place = f"time_s = {time_s}, x_px = {x_px}, y_px = {y_px}"
    return f'[[track]]\nnear = {{ file = "{NAMES[name]}", {place} }}\n{more}\n'


def _notes(text):
    return figure_notes(parse_case(text), PARTS.recordings, TRACKS, settings=SETTINGS.movement)


def test_a_figure_is_that_whose_box_holds_the_place():
    note = 'label = "medic"\ntags = ["rescuer"]\nof = "team-A"\nauthor = "Rami"'
    notes, findings = _notes(_figure("rec-1", 640, 420, note))
    assert (list(notes), findings) == (["rec-1/person-1"], ())  # the person before the vehicle
    assert (notes["rec-1/person-1"].tags, notes["rec-1/person-1"].of) == (("rescuer",), "team-A")
    assert list(_notes(_figure("rec-1", 520, 420, note))[0]) == ["rec-1/vehicle-2"]
    assert list(_notes(_figure("rec-2", 20, 105, note))[0]) == ["rec-2/person-1"]  # 45 px below one of 50 px
    notes, (finding,) = _notes(_figure("rec-2", 20, 115, note))
    assert (notes, finding.kind, finding.time_s) == ({}, "unmatched_correction", 31.0)
    assert "the nearest then is person-1 around x_px = 20, y_px = 35 at 31.00 s" in finding.message


def test_tags_of_a_figure_reach_its_movements_and_those_of_the_same_one():
    same = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 31.0, x_px = 20, y_px = 30 }}'
    text = _figure("rec-1", 640, 420, 'label = "medic"\ntags = ["rescuer"]\nauthor = "Rami"')
    seen = (_seen("rec-1", 31.0), _seen("rec-2", 24.6), _seen("rec-3", 31.0))
    alone = _corrected(text, seen, tracks=TRACKS)
    assert [event.tags for event in alone.events] == [("rescuer",), (), ()]
    assert [event.label for event in alone.events[:2]] == [
        "a person comes into view (medic)", "a person comes into view"
    ]  # fmt: skip
    many = replace(seen[0], label="people part", track_ids=("rec-1/person-1", "rec-1/person-3"))
    assert _corrected(text, (many,), tracks=TRACKS).events[0].label == "people part, among them medic"
    assert (alone.events[0].confidence, alone.events[0].calibration) == (0.62, "hand-labelled clips")
    assert "stated by Rami: the figure at 31 s of balcony.mp4: 'medic'; tagged rescuer" in (
        alone.events[0].observations[0].reasons
    )
    both = _corrected(text + _figure("rec-1", 640, 420, same + '\nauthor = "Rami"'), seen, tracks=TRACKS)
    assert [event.tags for event in both.events] == [("rescuer",), ("rescuer",), ()]
    assert both.notes["rec-2/person-1"].same == ("rec-1/person-1",)


def test_a_followed_figure_counts_as_its_team():
    notes, _ = _notes(_figure("rec-1", 640, 420, 'of = "team-A"') + _figure("rec-1", 640, 420, "of = 'B'", time_s=50.0))
    places = [Ground(time_s=30.8 + k / 5, lat=35.55, lon=36.6 + k / 1e5, uncertainty_m=8.0) for k in range(8)]
    grounds = {"rec-1/person-1": places, "rec-1/vehicle-2": places}
    named = StatedWay(of="team-A", camera_id=None, mover=None, waypoints=())
    (way,) = with_followed((named,), notes, grounds)  # where the other is on the ground, nobody knows
    assert (way.of, way.mover, [point.time_s for point in way.waypoints]) == ("team-A", "person", [30.8, 31.8, 32.2])
    assert way.waypoints[1].position == Position(lat=35.55, lon=36.60005, uncertainty_m=8.0)
    assert way.waypoints[0].basis == "followed as rec-1/person-1"
    assert way.waypoints[0].recording_id == "rec-1"
    (unplaced,) = unplaced_findings(notes, grounds)
    assert unplaced.recording_ids == ("rec-1",)
    assert "where rec-1/person-3 is on the ground is not known, so it gives B no place" in unplaced.message
