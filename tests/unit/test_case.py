"""case.toml: what is read, what is refused and with which words, and what is added."""

from __future__ import annotations

import base64
import os
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncview.case import (
    Moment,
    MovementFix,
    PersonEvent,
    Pin,
    Reject,
    Sighting,
    Spot,
    lasting_reference,
    load_case,
    parse_case,
    resolve,
    with_event,
    with_movement,
    with_pin,
    with_reject,
)
from syncview.case.lines import lines_of_keys
from syncview.errors import CaseFileError

DESIGN_EXAMPLE = """\
[case]
title = "Market"
time_zone = "Asia/Damascus"
temperature_c = 22
max_camera_distance_m = 400.0
yield_kg = [0.0, 250.0]

[[recording]]
file = "cam1.mp4"
name = "rooftop"
lat = 35.5501
lon = 36.6002
position_uncertainty_m = 10.0
heading_deg = 210.0
av_skew_s = 0.0
av_skew_uncertainty_s = 0.04
device = "phone-2"
generation = "messenger copy"
source = "S3"
received_utc = 2018-05-01T12:12:33+03:00
withhold = false
use = true

[[map_point]]
file = "cam1.mp4"
time_s = 12.0
x_px = 640
y_px = 420
lat = 35.5503
lon = 36.6001

[[position]]
of = "team-A"
file = "cam1.mp4"
time_s = 31.0
lat = 35.5502
lon = 36.6003
position_uncertainty_m = 20.0
basis = "seen in cam1, matched to satellite image"

[[place]]
label = "first house"
kind = "initial impact"
lat = 35.5505
lon = 36.6004

[[external]]
kind = "strike"
not_before = 2018-05-01T09:02:00Z
not_after = 2018-05-01T09:06:00Z
basis = "spotter log"

[[pin]]
a = { file = "cam1.mp4", time_s = 12.34 }
b = { file = "cam2.mp4", time_s = 5.67 }
uncertainty_s = 0.04
check = false

[[reject]]
a = "cam1.mp4"
b = "cam4.mp4"

[[anchor]]
file = "cam1.mp4"
time_s = 12.34
utc = 2018-05-01T09:12:33Z
uncertainty_s = 1.0
basis = "overlay"

[[strike]]
near = { file = "cam1.mp4", time_s = 20.3 }
lat = 35.5510
lon = 36.6011
position_uncertainty_m = 5.0

[[event]]
kind = "movement"
action = "arrives"
subject = "vehicle"
label = "ambulance arrives"
file = "cam1.mp4"
time_s = 31.0
end_s = 44.0
tags = ["ambulance service"]
author = "M. K."
note = "the second one"

[[movement]]
near = { file = "cam1.mp4", time_s = 31.0 }
was = "enters"
time_s = 31.4
end_s = 40
action = "arrives"
subject = "vehicle"
label = "ambulance arrives"
tags = ["rescuer"]
same_as = { file = "cam2.mp4", time_s = 8.2 }
author = "M. K."

[[movement]]
near = { file = "cam1.mp4", time_s = 50.0, x_px = 640, y_px = 420 }
reject = true

[[track]]
near = { file = "cam1.mp4", time_s = 31.0, x_px = 640, y_px = 420 }
label = "medic with stretcher"
tags = ["rescuer"]
of = "team-A"
same_as = { file = "cam2.mp4", time_s = 8.0, x_px = 10.5, y_px = 20 }
"""


@dataclass(frozen=True)
class Named:
    id: str
    path: str
    sha256: str
    path_bytes_b64: str | None = None

    @property
    def name_display(self) -> str:
        return self.path.rsplit("/", 1)[-1]


A = Named("r1", "day1/cam1.mp4", "aa" * 32)
B = Named("r2", "day1/cam2.mp4", "bb" * 32)
C = Named("r3", "day2/cam1.mp4", "cc" * 32)
ALL = (A, B, C)


def test_every_table_of_the_contract_is_read():
    case = parse_case(DESIGN_EXAMPLE)
    assert case.info.temperature_c == 22.0
    assert case.info.temperature_uncertainty_c == 15.0
    assert case.info.max_camera_distance_m == 400.0
    assert case.recordings[0].received_utc == datetime(2018, 5, 1, 9, 12, 33, tzinfo=UTC)
    assert case.map_points[0].x_px == 640.0
    assert case.positions[0].of == "team-A"
    assert case.places[0].kind == "initial impact"
    assert case.externals[0].not_after == datetime(2018, 5, 1, 9, 6, tzinfo=UTC)
    assert case.pins == (Pin(a=Moment(file="cam1.mp4", time_s=12.34), b=Moment(file="cam2.mp4", time_s=5.67)),)
    assert case.rejects == (Reject(a="cam1.mp4", b="cam4.mp4"),)
    assert case.anchors[0].uncertainty_s == 1.0
    assert case.strikes[0].near == Moment(file="cam1.mp4", time_s=20.3)
    assert case.events[0].author == "M. K."
    assert case.events[0].tags == ("ambulance service",)
    fix, rejected = case.movements
    assert (fix.near.time_s, fix.was, fix.time_s, fix.end_s, fix.action) == (31.0, "enters", 31.4, 40.0, "arrives")
    assert (fix.subject, fix.label, fix.tags) == ("vehicle", "ambulance arrives", ("rescuer",))
    assert fix.same_as == Sighting(file="cam2.mp4", time_s=8.2)
    assert (rejected.reject, rejected.near.x_px, rejected.said) == (True, 640.0, {})
    assert case.tracks[0].near == Spot(file="cam1.mp4", time_s=31.0, x_px=640, y_px=420)
    assert (case.tracks[0].of, case.tracks[0].same_as.y_px) == ("team-A", 20.0)


def test_without_a_file_the_defaults_of_the_contract_hold(tmp_path):
    case = load_case(tmp_path / "case.toml")
    assert (case.info.temperature_c, case.info.temperature_uncertainty_c) == (20.0, 15.0)
    assert (case.info.max_camera_distance_m, case.info.yield_kg) == (500.0, (0.0, 250.0))
    assert case.info.time_zone is None
    assert case.pins == case.rejects == case.recordings == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[recording]]\nfile = "a"\nheadign_deg = 3.0\n', "line 3: unknown key 'headign_deg' in [[recording]]"),
        ("\n\n[[pins]]\n", "line 3: unknown table 'pins' (did you mean 'pin'?)"),
        ('[[pin]]\na = {file="x", time_s=1}\nb = {file="y", tim_s=1}\n', "line 3: [pin.b] needs 'time_s'"),
        ('[[pin]]\na = {file="x", time_s=1}\n', "line 1: [[pin]] needs 'b'"),
        ('[[pin]]\na = {file="x", time_s=-1}\nb = {file="y", time_s=1}\n', "line 2: time_s = -1"),
        ('[[reject]]\na = "x"\nb = "x"\n', "line 1: [[reject]]: a and b name the same file"),
        (
            '[[aircraft]]\nfile = "x"\nstart_s = 5.0\nend_s = 5.0\nheard = true\nby = "N"\n',
            "line 1: [[aircraft]]: end_s does not lie after start_s",
        ),
        ('[[aircraft]]\nfile = "x"\nstart_s = 1.0\nend_s = 5.0\nheard = true\n', "line 1: [[aircraft]] needs 'by'"),
        ('[[place]]\nlabel = "x"\nlat = 91.0\nlon = 0.0\n', "line 3: lat = 91.0"),
        ('[[place]]\nlabel = "x"\nlat = nan\nlon = 0.0\n', "line 3: lat = nan"),
        ('[[place]]\nlabel = "x"\nlat = "35"\nlon = 0.0\n', "line 3: lat = '35'"),
        ('[[recording]]\nfile = "x"\nlat = 1.0\n', "line 1: [[recording]]: lat and lon go together"),
        ('[[recording]]\nfile = "x"\n\nposition_uncertainty_m = -2\n', "line 4: position_uncertainty_m = -2"),
        ('[[recording]]\nfile = "x"\ngeneration = "copy"\n', "line 3: generation = 'copy'"),
        ('[case]\ntime_zone = "Mars/Olympus"\n', "line 2: time_zone = 'Mars/Olympus'"),
        ("[case]\nyield_kg = [\n  5,\n  1,\n]\n", "line 2: yield_kg"),
        ('[[anchor]]\nfile = "x"\ntime_s = 1\nutc = 2018-05-01T09:12:33\nuncertainty_s = 1\n', "line 4: utc"),
        ('[[anchor]]\nfile = "x"\ntime_s = 1\nutc = 2018-05-01\nuncertainty_s = 1\n', "line 4: utc"),
        (
            '[[anchor]]\nfile = "x"\ntime_s = 1\nutc = 2018-05-01T09:12:33Z\n',
            "line 1: [[anchor]]: utc and uncertainty_s",
        ),
        ('[[external]]\nkind = "strike"\n', "line 1: [[external]]: give either utc"),
        ("[case]\ntitle = x\n", "line 2: invalid value"),
        ("[case]\ntitle = 'x'\n[case]\n", "line 3: cannot declare"),
        ("pin = 3\n", "line 1: pin = 3: should be tables (write each as a table that starts with [[pin]])"),
        ("pin = [3]\n", "line 1: [[pin]]: should be a table (write each as a table that starts with [[pin]])"),
        ("tagger = 'x'\n", "line 1: tagger = 'x': should be a table (write a table that starts with [tagger])"),
        ("[case]\nyield_kg = 5\n", "line 2: yield_kg = 5: should be a list (write: yield_kg = [0.0, 250.0])"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, expected):
    with pytest.raises(CaseFileError) as caught:
        parse_case(text)
    assert f"case.toml, {expected}" in str(caught.value)


def test_a_time_without_zone_says_what_to_write():
    text = '[[anchor]]\nfile = "x"\ntime_s = 1\nutc = "2018-05-01T09:12:33"\nuncertainty_s = 1\n'
    with pytest.raises(CaseFileError, match=r"needs a date, a time and a zone, such as 2018-05-01T09:12:33Z"):
        parse_case(text)
    assert parse_case(text.replace(':33"', ':33+03:00"')).anchors[0].utc == datetime(2018, 5, 1, 6, 12, 33, tzinfo=UTC)


def test_all_wrong_lines_are_named_at_once():
    with pytest.raises(CaseFileError, match=r"line 2: .*; more is wrong in line 5, 6"):
        parse_case('[case]\ntitel = "x"\n[[place]]\nlabel = "x"\nlat = 100\nlon = 200\n')


def test_lines_are_found_behind_comments_and_multi_line_text():
    text = '# one\n[case]\nnote = """a\n[[pin]]\n"""  # four\n[[pin]]\n[pin.a]\nfile = "x"\n[[pin]]\na.file = "y"\n'
    lines = lines_of_keys(text)
    assert lines["case", "note"] == 3
    assert lines["pin", 0, "a", "file"] == 8
    assert lines["pin", 1] == 9
    assert lines["pin", 1, "a", "file"] == 10


def test_a_table_says_where_it_stands(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(DESIGN_EXAMPLE, encoding="utf-8")
    number = DESIGN_EXAMPLE.splitlines().index("[[pin]]") + 1
    assert load_case(path).where("pin", 0) == f"case.toml, line {number}"  # without its folder: it goes into results


def test_files_that_editors_make_are_read(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(b"\xef\xbb\xbf" + '[case]\r\ntitle = "سوق"\r\n'.encode())
    assert load_case(path).info.title == "سوق"
    path.write_bytes('title = "é"'.encode("latin-1"))
    with pytest.raises(CaseFileError, match=r"byte 9 is not UTF-8 \(save the file as UTF-8 text\)"):
        load_case(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(CaseFileError, match="cannot be read"):
        load_case(path)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("r2", "r2"),
        ("cam2.mp4", "r2"),
        ("day1/cam1.mp4", "r1"),
        ("./day2/cam1.mp4", "r3"),
        ("cccccc", "r3"),
        ("CC" * 32, "r3"),
    ],
)
def test_a_recording_is_found_by_each_of_its_names(reference, expected):
    assert resolve(reference, ALL) == expected


def test_a_reference_to_several_lists_them():
    with pytest.raises(CaseFileError) as caught:
        resolve("cam1.mp4", ALL, where="case.toml, line 7")
    assert str(caught.value).startswith(
        "case.toml, line 7: 'cam1.mp4' means 2 recordings: 'day1/cam1.mp4' = SHA-256 aaaa"
    )
    assert "'day2/cam1.mp4'" in str(caught.value)


@pytest.mark.parametrize("reference", ["cam9.mp4", "aaaa", "", "m2.mp4"])
def test_a_reference_to_none_is_an_error(reference):
    with pytest.raises(CaseFileError, match="no recording is called"):
        resolve(reference, ALL)


def test_two_files_of_one_content_are_not_ambiguous():
    copy = Named("r4", "day2/cam2.mp4", B.sha256)
    assert resolve("cam2.mp4", (*ALL, copy)) == "r2"
    assert resolve("bbbbbbbb", (*ALL, copy)) == "r2"
    assert resolve("day2/cam2.mp4", (*ALL, copy)) == "r4"


def test_a_file_beside_the_folders_has_its_whole_path():
    top = Named("r5", "day1/cam2.mp4", "dd" * 32)
    deeper = Named("r6", "x/day1/cam2.mp4", "ee" * 32)
    assert resolve("day1/cam2.mp4", (top, deeper)) == "r5"


def test_names_are_compared_as_people_see_them():
    decomposed = Named("r1", "cafe\u0301.mp4", "aa" * 32)  # as a Mac stores it
    assert resolve("caf\u00e9.mp4", (decomposed, B)) == "r1"


def test_a_lasting_reference_means_the_same_recording_again():
    newline = Named("r4", "day2/a\nb.mp4", "dd" * 32)
    arabic = Named("r5", "day2/شارع.mp4", "ee" * 32)
    raw = os.fsencode("day2/") + b"bad\xff.mp4"
    not_utf8 = Named("r6", "day2/bad\\xff.mp4", "ff" * 32, base64.b64encode(raw).decode())
    like_an_id = Named("r7", "day3/r1", "1234567890abcdef" * 4)
    every = (*ALL, newline, arabic, not_utf8, like_an_id)
    references = [lasting_reference(recording, every) for recording in every]
    assert references[:3] == ["day1/cam1.mp4", "cam2.mp4", "day2/cam1.mp4"]
    assert references[3:] == ["a\nb.mp4", "شارع.mp4", "ff" * 8, "day3/r1"]
    assert [resolve(reference, every) for reference in references] == [recording.id for recording in every]
    assert resolve(os.fsdecode(raw), every) == "r6"


def pin_of(a: str, b: str, **kwargs) -> Pin:
    return Pin(a=Moment(file=a, time_s=12.34), b=Moment(file=b, time_s=5.0), **kwargs)


def test_a_pin_is_added_and_nothing_else_changes():
    longer = with_pin(DESIGN_EXAMPLE, pin_of("cam1.mp4", "cam3.mp4", author="M.", note='says "now"', check=True))
    assert longer.startswith(DESIGN_EXAMPLE)
    before, after = tomllib.loads(DESIGN_EXAMPLE), tomllib.loads(longer)
    assert after.pop("pin") == [
        *before.pop("pin"),
        {
            "a": {"file": "cam1.mp4", "time_s": 12.34},
            "b": {"file": "cam3.mp4", "time_s": 5.0},
            "uncertainty_s": 0.04,
            "check": True,
            "author": "M.",
            "note": 'says "now"',
        },
    ]
    assert after == before


@pytest.mark.parametrize("name", ["a\nb.mp4", "شارع 1.mp4", 'x"y\\z.mp4', "tab\t\x07.mp4", "\u202egnp.mp4"])
def test_any_name_survives_the_file(name):
    text = with_reject(with_pin("", pin_of(name, "b.mp4")), Reject(a="b.mp4", b=name))
    case = parse_case(text)
    assert case.pins[0].a.file == name
    assert case.rejects[0].b == name


@pytest.mark.parametrize("text", ["", "# mine", "# mine\n", '[case]\r\ntitle = "x"\r\n', "reject = []\n"])
def test_line_ends_and_comments_stay(text):
    longer = with_pin(text, pin_of("a", "b"))
    assert longer.startswith(text)
    assert longer.endswith("\r\n" if "\r\n" in text else "\n")
    assert longer.count("\r\n") == (longer.count("\n") if "\r\n" in text else 0)


def test_what_stands_there_is_not_added_again():
    once = with_reject(with_pin("", pin_of("a", "b")), Reject(a="a", b="b"))
    assert with_pin(once, Pin(a=Moment(file="b", time_s=5.0), b=Moment(file="a", time_s=12.34))) == once
    assert with_reject(once, Reject(a="b", b="a", note="other words")) == once
    assert with_pin(once, pin_of("a", "b", uncertainty_s=0.5)) != once


def test_a_file_with_mistakes_is_not_added_to():
    with pytest.raises(CaseFileError, match="line 1: unknown table 'pinn'"):
        with_pin("[[pinn]]\n", pin_of("a", "b"))
    with pytest.raises(CaseFileError, match=r"write the entries of 'reject' as \[\[reject\]\] tables"):
        with_reject('reject = [{a = "x", b = "y"}]\n', Reject(a="x", b="z"))


NEAR = '[[movement]]\nnear = { file = "a.mp4", time_s = 31 }\n'
FIGURE = '[[track]]\nnear = { file = "a.mp4", time_s = 31, x_px = 5, y_px = 6 }\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NEAR, "line 1: [[movement]]: says nothing of the movement; give reject = true, or what is right of it"),
        (NEAR + "tags = []", "line 1: [[movement]]: says nothing of the movement"),
        (
            NEAR + 'reject = true\nlabel = "dog"\ntags = ["x"]',
            "reject = true says that nothing of the kind happened, so it goes without label, tags; take out one or",
        ),
        (NEAR + "end_s = 30", "line 1: [[movement]]: end_s = 30 lies before its beginning at 31 s"),
        (NEAR + 'same_as = {file = "a.mp4", time_s = 31.01}', "near and same_as are the same movement"),
        (NEAR + 'action = "flees"', "line 3: action = 'flees': input should be 'enters', 'leaves', 'arrives'"),
        (NEAR + 'actoin = "runs"', "line 3: unknown key 'actoin' in [[movement]] (did you mean 'action'?)"),
        ('[[movement]]\nnear = {file = "a.mp4", time = 3}\nreject = true', "line 2: [movement.near] needs 'time_s'"),
        ('[[movement]]\nnear = {file = "a.mp4", time_s = 3, x_px = 1}', "[movement.near]: x_px and y_px go together"),
        (FIGURE, "line 1: [[track]]: says nothing of the figure; give label, tags, of or same_as"),
        (FIGURE.replace(", y_px = 6", ""), "line 2: [track.near] needs 'y_px'"),
        (
            FIGURE + 'same_as = {file = "a.mp4", time_s = 31, x_px = 5, y_px = 6}',
            "near and same_as are the same figure; same_as names where else it is seen",
        ),
        (
            '[[movement]]\nnear = "cam1.mp4@2.6"\nreject = true',
            'should be a table with file, time_s (write: near = { file = "cam1.mp4", time_s = 2.6 })',
        ),
        (
            '[[track]]\nnear = "cam1.mp4@2.6"\ntags = ["x"]',
            '(write: near = { file = "cam1.mp4", time_s = 2.6, x_px = 640, y_px = 420 })',
        ),
        (NEAR + 'tags = "medic"', "line 3: tags = 'medic': should be a list (write: tags = [\"medic\"])"),
        (NEAR + "tags = 5", 'line 3: tags = 5: should be a list (write: tags = ["rescuer"])'),
        ("[[movements]]\nreject = true", "unknown table 'movements' (did you mean 'movement'?)"),
    ],
)
def test_corrections_that_say_nothing_or_contradict_themselves_are_refused(text, expected):
    with pytest.raises(CaseFileError) as caught:
        parse_case(text)
    assert expected in str(caught.value)


def test_corrections_are_added_below_what_stands_there():
    text = "# mine\n" + NEAR + 'label = "dog"  # not a person\n'
    fix = MovementFix(near=Sighting(file="a.mp4", time_s=31.0), reject=True, author="Rami")
    longer = with_movement(text, fix)
    assert longer == (text + '\n[[movement]]\nnear = {file = "a.mp4", time_s = 31.0}\nreject = true\nauthor = "Rami"\n')
    assert with_movement(longer, fix) == longer
    back = parse_case(text).movements[0]
    assert parse_case(with_movement(longer, back)).movements == (back, fix, back)  # a change of mind is kept
    whole = parse_case(DESIGN_EXAMPLE).movements[0]
    assert parse_case(with_movement("", whole)).movements == (whole,)


def _readme_case(table):
    """The example of the README that shows a table."""
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    return parse_case(next(block for block in readme.split("```toml\n")[1:] if table in block).split("```")[0])


def test_what_the_readme_shows_of_places_is_read():
    case = _readme_case("[[map_point]]")
    assert (case.map_points[0].x_px, case.map_points[0].lat) == (412, 35.55013)
    assert case.recordings[0].heading_deg == 210


def test_what_the_readme_shows_of_movements_is_read():
    case = _readme_case("[[movement]]")
    assert case.movements[0].same_as == Sighting(file="cam2.mp4", time_s=8.2)
    assert case.tracks[0].of == "team-A"


def test_an_event_is_added_once():
    event = PersonEvent(kind="movement", action="runs", file="a.mp4", time_s=3.0, tags=("rescuer",), note="twice")
    text = with_event("", event)
    assert text.splitlines()[1:] == [
        'kind = "movement"', 'action = "runs"', 'file = "a.mp4"', "time_s = 3.0", 'tags = ["rescuer"]', 'note = "twice"'
    ]  # fmt: skip
    assert with_event(text, event) == text
    assert parse_case(text).events == (event,)
