"""``syncview anchor``, ``place`` and ``place-strike``: what they write, and what they refuse."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from syncview.case import load_case
from syncview.cli.shell import shell


def invoke(*arguments: object):
    return CliRunner().invoke(shell, [str(argument) for argument in arguments], prog_name="syncview")


def test_an_anchor_is_written_in_utc_and_once(example):
    arguments = ("anchor", "rec-1@12.34", "2018-05-01T12:12:33+03:00", "-o", example.folder.path)
    outcome = invoke(*arguments, "--basis", "overlay")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout == (
        "anchored: balcony.mp4 at 12.34 s = 2018-05-01T09:12:33Z (+- 1 s), "
        f"in {example.folder.case_file}\nnext: {shlex.join(example.command)}\n"
    )
    (anchor,) = load_case(example.folder.case_file).anchors
    assert (anchor.file, anchor.time_s, anchor.uncertainty_s, anchor.basis) == ("balcony.mp4", 12.34, 1.0, "overlay")
    assert anchor.utc == datetime(2018, 5, 1, 9, 12, 33, tzinfo=UTC)
    before = example.folder.case_file.read_bytes()
    assert "anchored already" in invoke(*arguments, "--basis", "overlay").stdout
    assert example.folder.case_file.read_bytes() == before


def test_a_post_bounds_a_moment_from_above(example):
    outcome = invoke(
        "anchor", "balcony.mp4@0", "-o", example.folder.path,
        "--not-after", "2018-05-01T09:40:00Z", "--basis", "post", "--json",
    )  # fmt: skip
    assert outcome.exit_code == 0
    said = json.loads(outcome.stdout)
    assert said["anchor"]["not_after"] == "2018-05-01T09:40:00Z"
    assert (said["added"], said["anchor"]["utc"], said["next"]) == (True, None, shlex.join(example.command))
    (anchor,) = load_case(example.folder.case_file).anchors
    assert (anchor.utc, anchor.uncertainty_s, anchor.not_before) == (None, None, None)
    assert anchor.not_after == datetime(2018, 5, 1, 9, 40, tzinfo=UTC)


def test_a_place_goes_into_the_table_that_is_there(example):
    example.folder.case_file.write_text(
        "# notes\n[[recording]]\nfile = 'dashcam.mkv'  # the street\n[[recording]]\n"
        'file = "balcony.mp4"  # roof\ndevice = "phone-2"  # of S3\n\n# the others\n[[reject]]\na = "x"\nb = "y"\n'
    )
    outcome = invoke("place", "rec-1", "35.5501,36.6002", "-o", example.folder.path, "--uncertainty", "15")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith(f"placed: balcony.mp4 = 35.5501,36.6002, in {example.folder.case_file}\n")
    assert example.folder.case_file.read_text() == (
        "# notes\n[[recording]]\nfile = 'dashcam.mkv'  # the street\n[[recording]]\n"
        'file = "balcony.mp4"  # roof\nlat = 35.5501\nlon = 36.6002\nposition_uncertainty_m = 15.0\n'
        'device = "phone-2"  # of S3\n\n# the others\n[[reject]]\na = "x"\nb = "y"\n'
    )
    outcome = invoke("place", "balcony.mp4", "35.5502,36.6002", "-o", example.folder.path, "--note", "seen")
    text = example.folder.case_file.read_text()
    assert (
        'roof\nnote = "seen"\nlat = 35.5502\nlon = 36.6002\ndevice = "phone-2"' in text
    )  # the 15 m were another place's
    assert invoke("place", "rec-1", "35.5502,36.6002", "-o", example.folder.path).stdout.startswith("placed already")
    invoke("place", "rec-1", "35.5502,36.6002", "-o", example.folder.path, "--note", "again")
    assert load_case(example.folder.case_file).recordings[1].note == "seen; again"


def test_moments_make_a_way_of_a_camera_and_of_a_team(example):
    for place in ("35.55,36.60", "35.56,36.60"):  # the second puts the first right
        assert invoke("place", "rec-1@1:00", place, "-o", example.folder.path).exit_code == 0
    invoke(
        "place",
        "rec-1@31",
        "35.5502,36.6003",
        "-o",
        example.folder.path,
        "--of",
        "team-A",
        "--mover",
        "person",
        "--uncertainty",
        "20",
    )
    camera, team = load_case(example.folder.case_file).positions
    assert (camera.of, camera.file, camera.time_s, camera.lat) == ("balcony.mp4", "balcony.mp4", 60.0, 35.56)
    assert (team.of, team.mover, team.time_s, team.position_uncertainty_m) == ("team-A", "person", 31.0, 20.0)


def test_a_strike_is_placed_by_a_moment_at_which_it_is_heard(example):
    outcome = invoke("place-strike", "strike-2", "-35.5510, 36.6011", "-o", example.folder.path, "--uncertainty", "5")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    (strike,) = load_case(example.folder.case_file).strikes
    document = json.loads(example.folder.timeline_file.read_text())
    event = next(each for each in document["events"] if each["id"] == "strike-2")
    heard = {seen["recording_id"]: seen["sound_s"] for seen in event["observations"]}
    assert (strike.near.file, strike.near.time_s) == ("balcony.mp4", heard["rec-1"])
    assert (strike.lat, strike.lon, strike.position_uncertainty_m) == (-35.551, 36.6011, 5.0)
    # Another file's arrival of the same strike, as an earlier run may have written it: it is put right.
    text = example.folder.case_file.read_text()
    moved = text.replace("balcony.mp4", "dashcam.mkv").replace(str(heard["rec-1"]), str(heard["rec-3"] + 0.3))
    assert moved != text
    example.folder.case_file.write_text(moved)
    invoke("place-strike", "strike-2", "-35.552,36.6011", "-o", example.folder.path)
    (strike,) = load_case(example.folder.case_file).strikes
    assert (strike.near.file, strike.lat, strike.position_uncertainty_m) == ("dashcam.mkv", -35.552, None)
    invoke("place-strike", "strike-3", "-35.552,36.6011", "-o", example.folder.path)
    assert len(load_case(example.folder.case_file).strikes) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("anchor", "rec-1@1", "2018-05-01T09:12:33"), "utc: needs a date, a time and a zone, such as"),
        (("anchor", "rec-1@1", "noon"), "utc: should be a time such as 2018-05-01T09:12:33Z"),
        (("anchor", "rec-1@1"), "give either utc with uncertainty_s, or not_before"),
        (
            ("anchor", "rec-1@1", "2018-05-01T09:12:33Z", "--not-after", "2018-05-01T09:12:33Z"),
            "give either utc with uncertainty_s, or not_before",
        ),
        (("anchor", "rec-1@61", "2018-05-01T09:12:33Z"), "61 s lies behind the end of balcony.mp4"),
        (("anchor", "rec-1@1", "2018-05-01T09:12:33Z", "--uncertainty", "-1"), "uncertainty_s: Input should be"),
        (("place", "rec-1", "95,36.6"), "did you mean 36.6,95?"),
        (("place", "rec-1", "95,136.6"), "is no place on Earth"),
        (("place", "rec-1", "35.5,181"), "is no place on Earth"),
        (("place", "rec-1", "35.5 36.6"), "'35.5 36.6' is no place; write LAT,LON"),
        (("place", "rec-1", "35.5,nan"), "'35.5,nan' is no place; write LAT,LON"),
        (("place", "cam9.mp4", "35.5,36.6"), "no recording is called 'cam9.mp4'"),
        (("place", "rec-1", "35.5,36.6", "--of", "team-A"), "--of needs a moment, such as rec-1@31"),
        (("place", "rec-1@1", "35.5,36.6", "--mover", "person"), "--mover needs --of"),
        (("place", "rec-1@61", "35.5,36.6"), "61 s lies behind the end of balcony.mp4"),
        (("place", "rec-1", "35.5,36.6", "--uncertainty", "-1"), "position_uncertainty_m: Input should be"),
        (("place", "rec-1", "35.5,36.6", "--uncertanty", "1"), "no such option '--uncertanty'"),
        (("place-strike", "strike-22", "35.5,36.6"), "is called 'strike-22' (did you mean strike-2"),
        (
            ("place-strike", "x", "35.5,36.6"),
            "is called 'x' (there are: strike-1, strike-2, strike-3, strike-4, sound-1)",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(example, arguments, message):
    outcome = invoke(*arguments, "-o", example.folder.path)
    assert outcome.exit_code == 2
    assert message.lower() in outcome.stderr.lower()
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout == ""
    assert not example.folder.case_file.exists()


def test_a_place_far_from_all_others_is_refused(example):
    assert invoke("place", "rec-1", "35.55,36.60", "-o", example.folder.path).exit_code == 0
    swapped = invoke("place", "rec-2", "36.60,35.55", "-o", example.folder.path)
    assert swapped.exit_code == 2
    assert "36.6,35.55 lies 150 km from the nearest other place of the case, that of balcony.mp4" in swapped.stderr
    assert "did you mean 35.55,36.6?" in swapped.stderr
    far = invoke("place-strike", "strike-1", "35.55,46.60", "-o", example.folder.path)
    assert "put that right first" in far.stderr
    assert invoke("place", "rec-1", "45.55,36.60", "-o", example.folder.path).exit_code == 0  # its own is no other


def test_a_swapped_waypoint_can_be_put_right(example):
    for place in ("36.6,35.55", "35.55,36.6"):
        outcome = invoke("place", "rec-1@31", place, "-o", example.folder.path)
        assert (outcome.exit_code, outcome.stderr) == (0, "")
    (point,) = load_case(example.folder.case_file).positions
    assert (point.lat, point.lon) == (35.55, 36.6)
    far = invoke("place", "rec-1@40", "36.6,35.55", "-o", example.folder.path)
    assert "that of balcony.mp4 at 31 s of balcony.mp4 (latitude comes first" in far.stderr


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("position_uncertainty_m = 5.0\r\n", ""),
        ("position_uncertainty_m = 5.0  # paced\r\n", "# paced\r\n"),
        ("position_uncertainty_m = 5.0", ""),
    ],
)
def test_another_place_does_not_take_over_the_uncertainty_of_the_old(example, line, left):
    head = '[[recording]]\r\nfile = "balcony.mp4"\r\nlat = 35.4\r\nlon = 36.6\r\n'
    example.folder.case_file.write_bytes((head + line).encode())
    assert invoke("place", "rec-1", "35.4,36.6", "-o", example.folder.path).exit_code == 0
    assert example.folder.case_file.read_bytes() == (head + line).encode()  # the place is the same
    assert invoke("place", "rec-1", "35.5,36.6", "-o", example.folder.path).exit_code == 0
    assert example.folder.case_file.read_bytes().decode() == head.replace("35.4", "35.5") + left
    example.folder.case_file.write_text(
        'recording = [{ file = "balcony.mp4", lat = 1.0, lon = 2.0, position_uncertainty_m = 5.0 }]\n'
    )
    refused = invoke("place", "rec-1", "35.5,36.6", "-o", example.folder.path)
    assert "line 1: this recording cannot be changed from here (remove position_uncertainty_m" in refused.stderr


def test_what_cannot_be_changed_from_here_is_said_and_left(example):
    text = 'recording = [{ file = "balcony.mp4", device = "x" }]\n'
    example.folder.case_file.write_text(text)
    outcome = invoke("place", "rec-1", "35.5,36.6", "-o", example.folder.path)
    assert outcome.exit_code == 2
    assert "line 1: this recording cannot be changed from here (write there lat = 35.5, lon = 36.6)" in outcome.stderr
    assert example.folder.case_file.read_text() == text


def test_a_strike_needs_a_result(tmp_path):
    outcome = invoke("place-strike", "strike-1", "35.5,36.6", "-o", tmp_path / "case")
    assert outcome.exit_code == 2
    assert "has no result yet, so it has no events (run it first" in outcome.stderr


def test_a_folder_with_windows_line_ends_keeps_them(example):
    example.folder.case_file.write_bytes(b'[[recording]]\r\nfile = "balcony.mp4"\r\nlat = 1.0\r\nlon = 2.0')
    assert invoke("place", "rec-1", "35.5,36.6", "-o", example.folder.path, "--uncertainty", "3").exit_code == 0
    assert example.folder.case_file.read_bytes() == (
        b'[[recording]]\r\nfile = "balcony.mp4"\r\nposition_uncertainty_m = 3.0\r\nlat = 35.5\r\nlon = 36.6'
    )
