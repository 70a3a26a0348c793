"""The table holds every event with each file's own time code; spreadsheets can open it safely."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from aircraft_example import aircraft_parts
from incident_example import clock, edited_group, heard, incident, recording, strike
from located_example import located
from syncview.errors import DocumentError
from syncview.export.csv_table import csv_text, guarded
from syncview.model import External, Group
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.build import build_timeline

FRAMES = {"rec-1": np.arange(1800) * 1001 / 30000, "rec-2": np.array([0.0, 10.0, 11.0, 11.2, 11.4, 30.0])}


def _rows(changes=None, **options):
    text = csv_text(build_timeline(incident(**(changes or {}))), frame_times_s=FRAMES, **options)
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_each_strike_has_group_time_and_every_files_timecode_and_frame():
    rows = _rows()
    assert [row["event"] for row in rows] == ["strike-1", "strike-2", "strike-3", "strike-4"]
    first = rows[0]
    assert first["kind"] == "explosion (candidate)"
    assert first["support"] == "strong"
    assert (first["group_time_s"], first["uncertainty_s"]) == ("18.2", "0.012")
    assert first["rec-1 balcony.mp4 timecode"] == "00:00:18.200"
    assert first["rec-1 balcony.mp4 frame"] == "545"  # 18.2 s * 30000 / 1001 = 545.45
    assert first["rec-1 balcony.mp4 basis"] == "heard"
    assert first["rec-2 شارع السوق.mp4 timecode"] == "00:00:11.150"  # (18.4 - 7.25) / (1 + 20 ppm)
    assert first["rec-2 شارع السوق.mp4 frame"] == "2"
    assert first["rec-4 whatsapp audio.ogg frame"] == ""
    assert first["rec-5 VID_20180501_121233.3gp basis"] == "not recording"
    assert first["heard_by"] == "rec-1 rec-2 rec-3 rec-4"
    assert first["utc"] == ""


def test_a_camera_that_did_not_hear_it_is_placed_by_its_clock():
    event = strike("s-1", "group-1", 30.0, [heard("rec-1", 30.0)], uncertainty_s=0.03)
    row = _rows({"events": (event,)})[0]
    assert row["rec-3 dashcam.mkv timecode"] == "00:00:33.501"  # (30 + 3.5) / (1 - 40 ppm)
    assert row["rec-3 dashcam.mkv basis"] == "by the clock, ± 0.6 s"


def test_no_frame_is_quoted_where_the_picture_may_be_of_another_moment():
    events = (
        strike("s-1", "group-1", 26.0, [heard("rec-2", 18.75)]),  # cut out of rec-1
        strike("s-2", "group-1", 40.0, [heard("rec-1", 30.0)]),
        strike("s-3", "group-1", 65.0, [heard("rec-1", 55.0)]),  # over another picture
        strike("s-4", "group-1", 66.0, [heard("rec-2", 40.0)]),
    )
    rows = _rows({"events": events, "groups": (edited_group(),), "unplaced": ()})
    found = [tuple(row[f"rec-1 balcony.mp4 {what}"] for what in ("timecode", "frame", "basis")) for row in rows]
    doubt = "; the picture there may be of another moment"
    assert found == [
        ("", "", "cut out, or on no clock"),
        ("00:00:30.000", "899", "heard"),
        ("00:00:55.000", "", "heard" + doubt),
        ("00:00:56.000", "", "by the clock, ± 0.012 s" + doubt),
    ]


def test_places_have_their_columns_and_stated_moments_their_timecode():
    seen = replace(heard("rec-1", None, uncertainty_s=None), stated_s=20.5)
    said = strike("m-1", "group-1", 20.5, [seen], kind="movement", label="ambulance", calibration="stated by Rami")
    rows = _rows({"events": (located("s-1", 18.0, (0, 0), 38.25), said)})
    assert [rows[0][name] for name in ("lat", "lon", "location_uncertainty_m")] == ["35.55", "36.6", "38.25"]
    assert [rows[1][name] for name in ("kind", "support", "lat", "heard_by")] == ["ambulance", "stated by Rami", "", ""]
    assert rows[1]["rec-1 balcony.mp4 timecode"] == "00:00:20.500"
    assert rows[1]["rec-1 balcony.mp4 basis"] == "stated by a person"


def test_utc_and_local_with_both_uncertainties():
    zero = UtcZero(utc=datetime(2018, 5, 1, 9, 0, tzinfo=UTC), uncertainty_s=0.016, basis="log", conflict_s=0.0)
    row = _rows({"utc": {"group-1": zero}})[0]
    assert row["utc"] == "2018-05-01T09:00:18.200000Z"
    assert row["local"] == "2018-05-01T12:00:18.200000+03:00"
    assert row["utc_uncertainty_s"] == "0.02"


def test_what_no_file_shows_has_a_row_of_its_own():
    outside = External(
        id="e9",
        of="strike",
        label="spotter log",
        utc=None,
        uncertainty_s=None,
        not_before=None,
        not_after=datetime(2018, 5, 1, 9, 0, tzinfo=UTC),
        basis=None,
    )
    row = _rows({"externals": (outside,)})[-1]
    assert (row["event"], row["group"], row["group_time_s"], row["utc"]) == ("e9", "", "", "")
    assert row["label"] == "strike: spotter log, not after 2018-05-01T09:00:00.000000Z"
    assert "e9" not in [row["event"] for row in _rows({"externals": (outside,)}, group_id="group-1")]


def test_sounds_below_the_threshold_only_when_asked():
    assert "sound-1" not in [row["event"] for row in _rows()]
    asked = [row for row in _rows(include_unreviewed=True) if row["event"] == "sound-1"]
    assert [(row["kind"], row["support"]) for row in asked] == [("possible echo", "weak")]


def test_group_and_recording_narrow_the_table():
    assert [row["event"] for row in _rows(group_id="group-2")] == ["(no events)"]
    narrow = _rows(recording_id="rec-5")[3]
    assert [name for name in narrow if name.startswith("rec-")] == [
        "rec-5 VID_20180501_121233.3gp timecode",
        "rec-5 VID_20180501_121233.3gp frame",
        "rec-5 VID_20180501_121233.3gp basis",
    ]
    assert narrow["rec-5 VID_20180501_121233.3gp timecode"] == "00:00:18.250"
    with pytest.raises(DocumentError, match="no group group-9"):
        _rows(group_id="group-9")
    with pytest.raises(DocumentError, match="rec-8 has no clock"):
        _rows(recording_id="rec-8")


def test_events_of_two_groups_share_one_table():
    groups = (
        Group(id="group-1", reference_id="rec-1", clocks=(clock("rec-1", 0.0, 60.0),)),
        Group(id="group-2", reference_id="rec-2", clocks=(clock("rec-2", 0.0, 60.0),)),
    )
    events = (
        strike("a", "group-2", 1.0, [heard("rec-2", 1.0)]),
        strike("b", "group-1", 2.0, [heard("rec-1", 2.0)]),
    )
    recordings = (recording("rec-1", "a.mp4"), recording("rec-2", "b.mp4"))
    empty = {"unplaced": (), "duplicates": (), "pairs": (), "findings": (), "candidates": ()}
    rows = _rows({"groups": groups, "events": events, "recordings": recordings} | empty)
    assert [(row["event"], row["group"]) for row in rows] == [("b", "group-1"), ("a", "group-2")]
    assert (rows[0]["rec-1 a.mp4 timecode"], rows[0]["rec-2 b.mp4 timecode"]) == ("00:00:02.000", "")


def test_nothing_to_export_is_a_table_that_says_so():
    rows = _rows({"events": ()})
    assert [row["event"] for row in rows] == ["(no events)"]


def test_cells_are_no_formulas():
    event = strike("s-1", "group-1", -3.5, [heard("rec-1", 1.0)], label='=HYPERLINK("x")')
    row = _rows({"events": (event,)})[0]
    assert row["label"] == '\'=HYPERLINK("x")'
    assert row["group_time_s"] == "-3.5"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("+1", "+1"),
        ("-0.25", "-0.25"),
        ("@x", "'@x"),
        ("+1+2", "'+1+2"),
        ("\t=1", "'\t=1"),
        ("-", "'-"),
        ("a=1", "a=1"),
    ],
)
def test_guard(cell, safe):
    assert guarded(cell) == safe


def test_what_lasts_has_an_end():
    (row,) = [row for row in _rows(aircraft_parts(())) if row["kind"] == "possible aircraft sound"]
    assert (row["group_time_s"], row["group_end_s"], row["heard_by"]) == ("5", "17", "rec-1 rec-3")
    assert _rows()[0]["group_end_s"] == ""
