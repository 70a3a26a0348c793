"""Tracks, counts and arrivals of people and vehicles in the document, on the clocks of the files that show them."""

import json
from dataclasses import replace

import pytest

from incident_example import incident
from moving_example import followed, moved, moving_incident
from syncview.export.csv_table import csv_text
from syncview.model import Followed, TrackSaid, Unassessable
from syncview.reconstruct.ground_places import GroundPoint, GroundWay
from syncview.timeline.build import build_timeline
from syncview.timeline.movement_words import arrival_lines, movement_notes
from syncview.timeline.schema import dumps, parse_document
from syncview.timeline.stability import stated_of

PACE = 1 + 20e-6


def _document(**changes):
    return build_timeline(moving_incident(**changes))


def test_tracks_are_written_with_one_box_a_second():
    person, vehicle = _document().tracks
    assert (person.id, person.kind, person.frames_seen) == ("rec-2/person-1", "person", 21)
    assert (person.start_s, person.end_s) == (2.0, 6.0)
    assert person.colours == {"light headwear": 0.8}
    assert person.boxes[:2] == ((2.0, 100.0, 50.0, 20.0, 60.0), (3.0, 150.0, 50.0, 20.0, 60.0))
    assert [box[0] for box in vehicle.boxes] == [15.0, 15.4]
    assert (person.ground, person.ground_method, person.tags) == (None, None, ())


def test_a_track_on_the_map_and_what_people_call_it():
    spots = tuple(GroundPoint(time_s=2.0 + k / 5, lat=35.0, lon=36.0, uncertainty_m=4.0) for k in range(9))
    way = GroundWay(track_name="person-1", method="map points", points=spots, reasons=("by 6 map points",))
    said = TrackSaid(label="team A", tags=("rescuer",), same=("rec-3/person-2",), said=("stated by Rami",))
    parts = {"ground_ways": {"rec-2/person-1": way}, "track_notes": {"rec-2/person-1": said}}
    person, _ = _document(**parts).tracks
    assert [spot.time_s for spot in person.ground] == pytest.approx([2.0, 3.0, 3.6])
    assert (person.ground_method, person.ground_reasons) == ("map points", ("by 6 map points",))
    assert (person.label, person.tags, person.same_ids) == ("team A", ("rescuer",), ("rec-3/person-2",))


def test_counts_are_in_group_time_and_null_where_nobody_can_say():
    (people,) = _document().people
    assert (people.recording_id, people.group_id) == ("rec-2", "group-1")
    first, dark, last = people.stretches
    assert (first.start_s, first.end_s) == pytest.approx((7.25, 7.25 + 10 * PACE))
    assert (first.persons, first.persons_most, first.vehicles) == (1, 3, 0)
    assert (dark.persons, dark.vehicles_most) == (None, None)
    assert (last.persons, last.end_s) == (0, pytest.approx(7.25 + 41 * PACE))


def test_coverage_says_when_people_could_have_been_recognised():
    coverage = {entry.recording_id: entry for entry in _document().analysis.coverage}
    seeing = [edge for span in coverage["rec-2"].people_assessable for edge in (span.start_s, span.end_s)]
    assert seeing == pytest.approx([7.25, 7.25 + 10 * PACE, 7.25 + 14 * PACE, 7.25 + 41 * PACE])
    (dark,) = coverage["rec-2"].people_not_assessable
    assert (dark.start_s, dark.reasons) == (pytest.approx(7.25 + 10 * PACE), ("too dark to recognise people",))
    assert coverage["rec-3"].people_assessable == ()
    (unseen,) = coverage["rec-3"].people_not_assessable
    filmed = coverage["rec-3"].known_picture[0]
    assert (unseen.start_s, unseen.end_s) == (filmed.start_s, filmed.end_s)
    assert unseen.reasons == ("the detector is not installed",)
    assert coverage["rec-1"].people_assessable == coverage["rec-1"].people_not_assessable == ()


def test_the_first_that_come_and_go_since_each_strike_are_candidates_among_the_strikes():
    found = _document().analysis.arrivals
    assert [(entry.event_id, entry.by) for entry in found] == [
        ("e1", "candidate"),
        ("e2", "candidate"),
        ("e4", "candidate"),
        ("e5", "candidate"),
    ]
    second = found[1]
    assert second.since_strike.strike_id == "strike-1"
    # The strike is known by its sound at rec-1, from anywhere within 500 m: it fell 0 to 1.46 s before that.
    assert second.since_strike.interval_s == pytest.approx(20.0 - 18.2 + 0.5 * 500 / 343, abs=0.01)
    assert second.until_strike.strike_id == "strike-2"
    assert second.until_strike.order_sure
    assert found[0].since_strike is None


def _arrivals(*movements, **changes):
    return _document(events=(*incident().events, *movements), **changes).analysis.arrivals


def test_what_may_have_come_before_a_strike_hides_nobody_who_surely_came_after_it():
    found = _arrivals(moved("e1", 17.8), moved("e2", 20.0), moved("e3", 21.0))
    assert [(each.event_id, each.since_strike.order_sure) for each in found] == [("e1", False), ("e2", True)]


def test_a_first_candidate_says_what_its_camera_could_not_see_and_what_weaker_ones_come_before():
    late = moved("e1", 37.0)  # since strike-3 at 24.3 s, 12.7 s; the picture is too dark until 21.25 s
    assert _arrivals(late)[0].reason == "people can be recognised in its picture for 12.7 of the 12.7 s since strike-3"
    dark = followed(unassessable=(Unassessable(start_s=0.0, end_s=26.75, reasons=("dark",)),))  # until 34.0 s
    weak, rejected = moved("e2", 36.0, score=0.3), replace(moved("e3", 36.5), label="rejected by Rami")
    others = moved("e4", 36.2, "leaves"), moved("e5", 36.0, recording_id="rec-3"), moved("e6", 37.5)
    (found,) = _arrivals(late, followed=(dark,), candidates=(weak, rejected, *others))
    assert found.reason == (
        "people can be recognised in its picture for 3.0 of the 12.7 s since strike-3; "
        "1 weaker candidate comes before it"
    )
    assert arrival_lines((found,))[0].endswith("1 weaker candidate comes before it (candidate)")
    (unwatched,) = _arrivals(moved("e1", 37.0, recording_id="rec-4"))
    assert "for 0.0 of the 12.7 s since strike-3" in unwatched.reason


def test_who_states_the_first_arrival_leaves_no_first_to_a_candidate():
    first = replace(moved("e1", 20.0), calibration="stated by Rami", confidence=1.0)
    both = replace(first, observations=(*first.observations, *moved("e9", 20.0, recording_id="rec-1").observations))
    same = moved("e2", 21.0), moved("e3", 21.5, recording_id="rec-1")
    other = moved("e4", 22.0, "leaves")
    assert [each.event_id for each in _arrivals(first, *same, other)] == ["e1", "e3", "e4"]
    assert [each.event_id for each in _arrivals(both, *same, other)] == ["e1", "e4"]
    later = replace(first, time_s=21.2)
    assert [each.event_id for each in _arrivals(moved("e2", 21.0), later)] == ["e2", "e1"]
    assert _arrivals(first)[0].reason is None


def test_candidates_are_told_in_words_only_among_strikes():
    alone = _document(events=(moved("e1", 12.0), moved("e2", 13.0, "leaves"))).analysis.arrivals
    assert [each.event_id for each in alone] == ["e1", "e2"]
    assert arrival_lines(alone) == ()
    stated = replace(moved("e1", 12.0), calibration="stated by Rami")
    (line,) = arrival_lines(_document(events=(stated,)).analysis.arrivals)
    assert line == "e1 person enters: no strike is known to compare it with"
    (late,) = arrival_lines(_arrivals(moved("e1", 44.0)))
    assert late.startswith(
        "e1 person enters: 26.5 ± 0.9 s after the first strike, strike-1; 5.0 ± 0.9 s after strike-4;"
    )


def test_candidates_are_no_stated_numbers():
    assert not any(name.startswith("e") for name in stated_of(_document().analysis))


def test_frames_that_show_a_movement_stand_in_its_observation():
    document = _document()
    (event,) = (each for each in document.events if each.id == "e2")
    (seen,) = event.observations
    assert [frame.pts_s for frame in seen.frames] == pytest.approx([12.75, 12.95, 13.15])
    assert seen.frame == seen.frames[0]
    assert seen.frame.box == (100.0, 50.0, 20.0, 60.0)
    assert (event.track_ids, seen.seen_s) == (("rec-2/person-1",), 12.75)


def test_the_document_is_read_back_and_old_ones_have_no_movement():
    document = _document()
    text = dumps(document)
    assert parse_document(text, name="t.json") == parse_document(dumps(parse_document(text, name="t.json")), name="t")
    old = json.loads(text)
    del old["tracks"], old["people"]
    for entry in old["analysis"]["coverage"]:
        del entry["people_assessable"], entry["people_not_assessable"]
    for event in old["events"]:
        for seen in event["observations"]:
            del seen["frames"], seen["seen_s"]
    read = parse_document(json.dumps(old), name="old.json")
    assert (read.tracks, read.people) == ((), ())


def test_movement_in_words():
    document = _document()
    first, blind = movement_notes(document, "group-1")
    assert first == (
        "movement: 1 camera, 5 candidates and 1 weaker; first: e1, person enters at 12.0 s ± 0.5 s (شارع السوق.mp4)"
    )
    assert blind.startswith("people not assessable in ")
    assert "too dark to recognise people" in blind
    assert "the detector is not installed" in blind
    assert movement_notes(document, "group-2") == ()
    nobody = _document(events=(), candidates=(), followed=(Followed(recording_id="rec-3", unwatched="not installed"),))
    assert movement_notes(nobody, "group-1") == ("people not assessable in 0.8 of 0.8 min: not installed",)
    lines = arrival_lines(document.analysis.arrivals)
    assert lines[1].startswith("e2 person enters: 2.5 ± ")
    assert lines[1].endswith("(candidate)")
    many = [moved(f"e{k}", 8.0 + k, recording_id=f"rec-{k % 4 + 1}") for k in range(10, 30)]
    long = arrival_lines(_document(events=tuple(many)).analysis.arrivals)
    assert len(long) <= 5


def test_what_people_corrected_or_rejected_is_theirs():
    corrected = replace(moved("e20", 12.0), calibration="stated by Rami", confidence=1.0)
    rejected = replace(moved("e21", 13.0), label="rejected by Rami")
    document = _document(events=(corrected, moved("e22", 14.0)), candidates=(rejected,))
    line = movement_notes(document, "group-1")[0]
    assert line.startswith("movement: 1 camera, 1 candidate and 0 weaker (1 more rejected by people); first: e22, ")
    assert arrival_lines(document.analysis.arrivals)[0].startswith("e20 person enters: ")


def test_rows_for_tracks_and_counts_only_among_what_nobody_reviewed():
    document = _document()
    assert "rec-2/person-1" not in csv_text(document, frame_times_s={})
    text = csv_text(document, frame_times_s={}, include_unreviewed=True)
    rows = [line.split(",") for line in text.splitlines()]
    at = {name: k for k, name in enumerate(rows[0])}
    (person,) = (row for row in rows if row[0] == "rec-2/person-1")
    assert [person[k] for k in range(4)] == ["rec-2/person-1", "track of a person", "", "light headwear 0.80"]
    assert person[at["group"]] == "group-1"
    counted = [row for row in rows if row[1] == "people and vehicles at once"]
    assert len(counted) == 3
    assert '"people at least 1 (most 3), vehicles at least 0 (most 0)"' in text
    assert counted[1][3] == "not assessable"
    (seen,) = (row for row in csv_text(document, frame_times_s={}).splitlines() if row.startswith("e2,"))
    assert ",seen" in seen
    assert followed().tracks[0].name == "person-1"
