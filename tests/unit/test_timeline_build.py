"""Parts become a document: exact values, an order of their own, unknown stays null."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import jsonschema

from incident_example import CLAIM, SILENCE, clock, heard, incident, recording, strike
from syncview.model import Group, Proposal, Unplaced
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps, json_schema, parse_document

ZERO = UtcZero(
    utc=datetime(2018, 5, 1, 9, 12, 33, 250_000, tzinfo=UTC), uncertainty_s=1.0, basis="overlay", conflict_s=0.0
)


def _written(**changes):
    return json.loads(dumps(build_timeline(incident(**changes))))


def test_document_fits_its_schema_and_comes_back_the_same():
    text = dumps(build_timeline(incident(utc={"group-1": ZERO})))
    jsonschema.validate(json.loads(text), json_schema())
    assert dumps(parse_document(text, name="t.json")) == text


def test_order_of_the_parts_does_not_matter():
    parts = incident()
    shuffled = replace(
        parts,
        recordings=parts.recordings[::-1],
        groups=tuple(replace(group, clocks=group.clocks[::-1]) for group in parts.groups[::-1]),
        unplaced=parts.unplaced[::-1],
        events=tuple(replace(event, observations=event.observations[::-1]) for event in parts.events[::-1]),
    )
    assert dumps(build_timeline(shuffled)) == dumps(build_timeline(parts))


def test_recordings_by_path_groups_by_number_events_by_time():
    groups = tuple(
        Group(id=f"group-{k}", reference_id=f"rec-{k}", clocks=(clock(f"rec-{k}", 0.0, 9.0),)) for k in (10, 2)
    )
    events = (
        strike("s-1", "group-10", 1.0, [heard("rec-10", 1.0)]),
        strike("s-2", "group-2", 5.0, [heard("rec-2", 5.0)]),
    )
    recordings = (recording("rec-10", "a.mp4"), recording("rec-2", "b.mp4"))
    written = _written(recordings=recordings, groups=groups, events=events, unplaced=(), duplicates=(), pairs=())
    assert [r["path"] for r in written["recordings"]] == ["a.mp4", "b.mp4"]
    assert [g["id"] for g in written["groups"]] == ["group-2", "group-10"]
    assert [e["id"] for e in written["events"]] == ["s-2", "s-1"]


def test_recording_keeps_exact_rates_claims_and_intervals():
    one = recording(
        "rec-1",
        "a.mp4",
        duration_s=Fraction(1001, 30),
        clock_claims=(CLAIM,),
        intervals=(SILENCE,),
        location=(35.55, 36.6),
        creation_time="2018-05-01T09:12:33Z",
    )
    group = Group(id="group-1", reference_id="rec-1", clocks=(clock("rec-1", 0.0, 33.0),))
    written = _written(recordings=(one,), groups=(group,), events=(), unplaced=(), duplicates=(), pairs=())[
        "recordings"
    ][0]
    assert written["video"]["rate"] == "30000/1001"
    assert written["duration_s"] == 33.366667
    assert written["metadata"] == {
        "creation_time": "2018-05-01T09:12:33Z",
        "location": {"lat": 35.55, "lon": 36.6},
        "device": None,
    }
    assert written["clock_claims"][0]["local"] == "2018-05-01T12:12:33"
    assert written["intervals"] == [{"start_s": 30.0, "end_s": 33.0, "kind": "digital_silence"}]


def test_a_name_that_is_not_utf8_is_shown_and_kept_exactly():
    raw = b"caf\xe9.mp4"
    name = raw.decode("utf-8", "surrogateescape")
    exact = base64.b64encode(raw).decode()
    one = recording("rec-1", name, name_display="caf\ufffd.mp4", path_bytes_b64=exact)
    group = Group(id="group-1", reference_id="rec-1", clocks=(clock("rec-1", 0.0, 33.0),))
    written = _written(recordings=(one,), groups=(group,), events=(), unplaced=(), duplicates=(), pairs=())[
        "recordings"
    ][0]
    assert written["path"] == "caf?.mp4"
    assert base64.b64decode(written["path_bytes_b64"]) == raw


def test_times_in_utc_and_in_the_cases_zone_only_where_known():
    events = _written(utc={"group-1": ZERO})["events"]
    assert events[0]["time_s"] == 18.2
    assert events[0]["utc"] == "2018-05-01T09:12:51.450000Z"
    assert events[0]["local"] == "2018-05-01T12:12:51.450000+03:00"
    assert _written(utc={"group-1": ZERO}, time_zone=None)["events"][0]["local"] is None
    assert {event["utc"] for event in _written(utc={"group-2": ZERO})["events"]} == {None}


def test_groups_state_their_utc_and_unknown_is_null():
    groups = _written(utc={"group-1": ZERO})["groups"]
    assert groups[0]["utc"] == {"offset": "2018-05-01T09:12:33.250000Z", "uncertainty_s": 1.0, "basis": "overlay"}
    assert groups[1]["utc"] is None


def test_what_later_stages_find_is_null_until_they_do():
    seen = _written()["events"][0]["observations"][0]
    unknown = ("light", "flash_s", "frame", "distance_m", "distance_interval_m")
    assert [seen[key] for key in unknown] == [None] * 5
    assert seen["measures"] == {"low_share": 0.72, "rise_db": 31.0}


def test_findings_are_numbered():
    assert [(f["id"], f["kind"], f["value"], f["unit"]) for f in _written()["findings"]] == [
        ("finding-1", "cut", 1.4, "s")
    ]


def test_proposals_are_on_the_clock_of_the_other_recording_strongest_first():
    said = (
        Proposal(other_id="rec-1", lag_s=2.0, basis="motion", score=1.5),
        Proposal(other_id="rec-2", lag_s=-3.0, basis="brightness", score=2.5),
        Proposal(other_id="nobody", lag_s=0.0, basis="motion", score=9.0),
    )
    left = (Unplaced(recording_id="rec-7", reasons=("has no sound to compare",), proposals=said),)
    (entry,) = _written(unplaced=left)["unplaced"]
    assert entry["proposals"] == [
        {"other_id": "rec-2", "offset_s": 4.25, "basis": "brightness", "score": 2.5},
        {"other_id": "rec-1", "offset_s": 2.0, "basis": "motion", "score": 1.5},
    ]
