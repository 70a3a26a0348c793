"""What people say of movements goes before what the program saw, and what it saw is never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corrections_example import NAMES, PARTS, SETTINGS, corrected, figure, near, seen_movement
from syncview.case import parse_case
from syncview.pipeline.knowledge import gather_knowledge
from syncview.store.event_ids import settle_events
from syncview.store.ids import Ids
from syncview.timeline.analysis import analyse
from syncview.timeline.words import is_rejected, support_text


def test_what_nobody_corrects_stays_as_it_is():
    seen, doubted = (seen_movement("rec-1", 31.0),), (seen_movement("rec-1", 40.0, confidence=0.2),)
    found = corrected("", seen, doubted=doubted)
    assert (found.events, found.candidates, found.findings) == (seen, doubted, ())


def test_a_moved_and_renamed_movement_is_a_persons_and_keeps_the_programs_words():
    more = (
        'time_s = 31.4\nend_s = 36.0\naction = "arrives"\nsubject = "vehicle"\nlabel = "ambulance arrives"\n'
        'tags = ["rescuer"]\nauthor = "Rami"\nnote = "blue light"'
    )
    found = corrected(near("rec-3", 30.2, more), (seen_movement("rec-3", 31.0), seen_movement("rec-3", 36.0)))
    event, other = found.events
    assert other == seen_movement("rec-3", 36.0)
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
    (event,) = corrected(near("rec-1", 31.0, 'action = "takes_cover"'), (seen_movement("rec-1", 31.0),)).events
    assert (event.label, event.action, event.calibration) == (
        "person takes cover", "takes_cover", "stated by a person who left no name"
    )  # fmt: skip
    assert (event.time_s, event.uncertainty_s) == (31.0, 0.6)  # nobody moved it


def test_a_rejected_movement_is_a_candidate_with_the_programs_words():
    text = near("rec-1", 31.0, 'reject = true\nauthor = "Rami"\nnote = "a dog"')
    found = corrected(text, (seen_movement("rec-1", 31.0),))
    assert found.events == ()
    (event,) = found.candidates
    assert (event.label, event.confidence, event.calibration) == ("rejected by Rami", 0.62, "hand-labelled clips")
    assert (is_rejected(event), support_text(event), is_rejected(seen_movement("rec-1", 1.0))) == (
        True, "rejected by Rami", False
    )  # fmt: skip
    assert event.observations[0].reasons[-2:] == (
        "the program saw 'a person comes into view' (enters) at 31.00 s, score 0.62",
        "rejected by Rami: a dog",
    )


def test_what_the_program_doubted_becomes_an_event_when_a_person_says_so():
    found = corrected(
        near("rec-1", 40.0, 'label = "medic"'), (), doubted=(seen_movement("rec-1", 40.0, confidence=0.2),)
    )
    assert ([event.label for event in found.events], found.candidates) == (["medic"], ())


def test_of_two_statements_the_later_counts_and_two_people_are_told():
    seen = (seen_movement("rec-1", 31.0),)
    first = near("rec-1", 31.0, 'reject = true\nauthor = "Rami"')
    second = near("rec-1", 31.0, 'label = "medic"\nauthor = "Lina"')
    found = corrected(first + second, seen)
    assert [(event.label, event.calibration) for event in found.events] == [("medic", "stated by Lina")]
    (finding,) = found.findings
    assert (finding.kind, finding.recording_ids, finding.time_s) == ("conflicting_correction", ("rec-1",), 31.0)
    assert "line 1 (stated by Rami) and case.toml, line 5 (stated by Lina) say different things" in finding.message
    found = corrected(second + first, seen)
    assert (found.events, found.candidates[0].label) == ((), "rejected by Rami")
    assert corrected((second + first).replace("Lina", "Rami"), seen).findings == ()  # a change of mind
    third = near("rec-1", 31.0, 'tags = ["rescuer"]\nauthor = "Rami"')
    (event,) = corrected(second + third, seen).events
    assert (event.label, event.tags, event.calibration) == ("medic", ("rescuer",), "stated by Lina and Rami")


def test_corrections_of_nothing_name_what_is_nearest():
    seen = (seen_movement("rec-1", 31.0), seen_movement("rec-1", 34.0, "leaves", label="a person goes out of view"))
    found = corrected(near("rec-1", 36.1, "reject = true"), seen)
    assert found.events == seen
    (finding,) = found.findings
    assert (finding.kind, finding.recording_ids, finding.time_s) == ("unmatched_correction", ("rec-1",), 36.1)
    assert finding.message == (
        "case.toml, line 1: what is said of 36.1 s of balcony.mp4 is not used: no such movement was found within 2 s "
        "of it; the nearest is 'a person goes out of view' (leaves) at 34.00 s"
    )
    assert corrected(near("rec-1", 36.0, "reject = true"), seen).findings == ()  # 2 s off
    wrong_action = corrected(near("rec-1", 34.0, 'was = "runs"\nreject = true'), seen)
    assert [f.kind for f in wrong_action.findings] == ["unmatched_correction"]
    empty = corrected(near("rec-2", 3.0, "reject = true"), seen)
    assert empty.findings[0].message.endswith("is not used: no movement was found in that file")
    text = near("rec-2", 3.0, "reject = true") + figure("rec-2", 640, 420, 'label = "medic"')
    (waiting,) = corrected(text, (), unwatched={"rec-2": "not looked for"}).findings
    assert (waiting.kind, waiting.value, waiting.recording_ids) == ("waiting_correction", 2.0, ("rec-2",))
    assert waiting.message.endswith("(2 in case.toml) waits: not looked for")


def test_a_correction_that_may_mean_either_changes_nothing():
    seen = (
        seen_movement("rec-1", 31.0, box_px=(0.0, 0.0, 50.0, 100.0)),
        seen_movement("rec-1", 31.1, "runs", box_px=(600.0, 0.0, 650.0, 100.0), track_ids=("rec-1/person-2",)),
    )
    found = corrected(near("rec-1", 30.5, "reject = true"), seen)
    assert (found.events, [f.kind for f in found.findings]) == (seen, ["unclear_correction"])
    assert "'a person comes into view' (enters) at 31.00 s and 'a person comes into view' (runs) at 31.10 s" in (
        found.findings[0].message
    )
    for text in (
        near("rec-1", 30.5, 'was = "runs"\nreject = true'),
        near("rec-1", 31.1, "reject = true"),  # as the result has it
        near("rec-1", 30.5, "reject = true").replace("30.5 }", "30.5, x_px = 640, y_px = 90 }"),
    ):
        found = corrected(text, seen)
        assert (found.events, found.findings) == (seen[:1], ()), text


def test_one_thing_seen_by_two_cameras_is_one_event():
    seen = (
        seen_movement("rec-1", 31.0),
        seen_movement("rec-2", 24.6, uncertainty_s=0.4, confidence=0.7),
        seen_movement("rec-1", 50.0),
    )
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.5 }}\nauthor = "Rami"'
    found = corrected(near("rec-1", 31.0, more), seen)
    event, other = found.events
    assert (other, found.findings) == (seen[2], ())
    assert (event.time_s, event.time_basis, event.uncertainty_s) == (seen[1].time_s, "seen_at:rec-2", 0.4)
    assert sorted((each.recording_id, each.seen_s) for each in event.observations) == [("rec-1", 31.0), ("rec-2", 24.6)]
    assert event.track_ids == ("rec-2/person-1", "rec-1/person-1")
    assert (event.confidence, event.calibration) == (1.0, "stated by Rami")
    moved = corrected(near("rec-1", 31.0, more + "\ntime_s = 30.0"), seen).events[0]
    assert (moved.time_s, moved.time_basis) == (30.0, "seen_at:rec-1")


def test_who_rejects_a_merger_rejects_all_of_it():
    seen = (seen_movement("rec-1", 31.0), seen_movement("rec-2", 24.6))
    merger = near("rec-1", 31.0, f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.6 }}')
    no = near("rec-2", 24.6, 'reject = true\nauthor = "Rami"\nnote = "a dog"')
    found = corrected(merger + no, seen)
    assert (found.events, [event.label for event in found.candidates]) == ((), ["rejected by Rami"] * 2)
    assert all(event.observations[0].reasons[-1] == "rejected by Rami: a dog" for event in found.candidates)
    found = corrected(merger + no + near("rec-1", 31.0, 'label = "medic"'), seen)  # one of them after all
    assert ([event.label for event in found.events], len(found.candidates)) == (["medic"], 1)
    assert len(found.events[0].observations) == 1
    (again,) = corrected(no + merger, seen).events
    assert len(again.observations) == 2


def test_one_thing_seen_twice_by_one_camera_begins_where_it_is_first_seen():
    seen = (
        seen_movement("rec-1", 31.0, end_s=32.0),
        seen_movement("rec-1", 34.0, "leaves", uncertainty_s=0.2, end_s=36.0),
    )
    more = f'same_as = {{ file = "{NAMES["rec-1"]}", time_s = 34.0 }}\naction = "runs"'
    (event,) = corrected(near("rec-1", 31.0, more), seen).events
    assert (event.time_s, event.end_s, event.label) == (31.0, 36.0, "person runs")
    (own,) = event.observations  # one entry for each file
    assert (own.seen_s, [point.time_s for point in own.frames]) == (31.0, [31.0, 34.0])
    assert sum("the program saw" in line for line in own.reasons) == 2
    named, ids = settle_events(seen, PARTS.recordings, Ids())
    assert settle_events((event,), PARTS.recordings, ids)[0][0].id == named[0].id == "e1"


def test_the_earliest_id_lives_on_in_a_merger():
    seen = (seen_movement("rec-1", 31.0), seen_movement("rec-2", 24.6, uncertainty_s=0.4))
    named, ids = settle_events(seen, PARTS.recordings, Ids())
    assert [event.id for event in named] == ["e1", "e2"]
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 24.6 }}'
    merged = corrected(near("rec-1", 31.0, more), seen).events
    named, ids = settle_events(merged, PARTS.recordings, ids)
    assert [event.id for event in named] == ["e1"]
    again, _ = settle_events(seen, PARTS.recordings, ids)  # the merger is taken back
    assert [event.id for event in again] == ["e1", "e2"]
    moved = corrected(near("rec-1", 31.0, "time_s = 35.0"), seen).events
    assert settle_events(moved, PARTS.recordings, ids)[0][0].id == "e1"


def test_mergers_that_the_clocks_deny_are_told():
    apart = (seen_movement("rec-1", 31.0), seen_movement("rec-2", 34.0))
    more = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 34.0 }}'
    found = corrected(near("rec-1", 31.0, more), apart)
    assert len(found.events) == 1
    (finding,) = found.findings
    assert (finding.kind, finding.unit, finding.recording_ids) == ("wrong_correction", "s", ("rec-1", "rec-2"))
    assert finding.value == pytest.approx(7.25 + 34.0 * (1 + 20e-6) - 31.0, abs=1e-6)
    other_clock = (seen_movement("rec-1", 31.0), seen_movement("rec-6", 31.0))
    found = corrected(near("rec-1", 31.0, f'same_as = {{ file = "{NAMES["rec-6"]}", time_s = 31.0 }}'), other_clock)
    assert [event.group_id for event in found.events] == ["g1", "g2"]
    assert found.findings[0].message.endswith("on two clocks (g1, g2); pin the moment in both files first")


ADDED = (
    '[[event]]\nkind = "movement"\nfile = "balcony.mp4"\ntime_s = 31.8\naction = "enters"\nlabel = "medic"\n'
    'author = "Lina"\ntags = ["rescuer"]\n'
)


def test_a_movement_added_where_the_program_saw_it_is_one():
    seen = (seen_movement("rec-1", 31.0), seen_movement("rec-1", 31.6, "runs"))
    found = corrected(ADDED, seen)
    assert len(found.events) == 2
    event = next(each for each in found.events if each.action == "enters")
    assert (event.time_s, event.label, event.tags, event.calibration) == (31.8, "medic", ("rescuer",), "stated by Lina")
    (own,) = event.observations
    assert (own.seen_s, own.stated_s, own.score, event.track_ids) == (31.0, 31.8, 0.62, ("rec-1/person-1",))
    assert event.subject == "person"  # whom nobody named, the program saw
    assert any("the program saw" in line for line in own.reasons)
    later = corrected(ADDED.replace("31.8", "32.1"), seen)
    assert len(later.events) == 3  # more than a second off: another
    assert later.events[2].observations[0].seen_s is None
    replaced = corrected(ADDED + near("rec-1", 31.0, 'was = "enters"\nreject = true'), seen)
    assert [event.label for event in replaced.events] == ["a person comes into view", "medic"]
    assert replaced.candidates[0].label.startswith("rejected by")
    (finding,) = replaced.findings
    assert finding.kind == "conflicting_correction"
    assert finding.message.endswith("rejects what the program saw, but 'medic' (enters) at 31.80 s is stated by Lina; "
                                    "that stands")  # fmt: skip
    own = near("rec-1", 31.0, 'was = "enters"\nreject = true\nauthor = "Lina"')
    assert corrected(ADDED + own, seen).findings == ()  # she puts hers in its place


def test_what_people_added_can_be_corrected_too():
    found = corrected(ADDED + near("rec-1", 31.8, 'label = "two medics"\nauthor = "Rami"'), ())
    (event,) = found.events
    assert (event.label, event.time_s, event.calibration) == ("two medics", 31.8, "stated by Lina and Rami")


def test_moments_on_no_clock_are_not_used():
    found = corrected(near("rec-3", 31.0, "time_s = 55.0\nlabel = 'x'"), (seen_movement("rec-3", 31.0),))
    assert (found.events[0].label, found.events[0].time_s) == ("x", seen_movement("rec-3", 31.0).time_s)
    assert [(f.kind, f.time_s) for f in found.findings] == [("off_clock", 31.0)]
    assert "time_s = 55 s of dashcam.mkv is on no clock" in found.findings[0].message


def test_references_that_mean_nothing_are_troubles():
    case = parse_case('[[movement]]\nnear = { file = "nowhere.mp4", time_s = 1 }\nreject = true\n')
    (trouble,) = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct).troubles
    assert "line 1: no recording is called 'nowhere.mp4'" in trouble


def test_a_corrected_arrival_stands_between_the_strikes():
    more = 'action = "arrives"\nsubject = "vehicle"\nlabel = "ambulance"\nauthor = "Rami"\ntime_s = 31.0'
    (event,) = corrected(near("rec-1", 30.0, more), (seen_movement("rec-1", 30.5),)).events
    parts = replace(PARTS, events=(*PARTS.events, replace(event, id="e9", group_id="group-1")))
    (arrival,) = analyse(parts).arrivals
    assert (arrival.event_id, arrival.subject, arrival.label) == ("e9", "vehicle", "ambulance")
    assert (arrival.since_strike.strike_id, arrival.until_strike.strike_id) == ("strike-3", "strike-4")
    way_s = 500.0 / 343.0  # at most, from a strike to a camera whose place is not known
    assert arrival.until_strike.interval_s == pytest.approx(39.7 - way_s / 2 - 31.0, abs=0.002)
