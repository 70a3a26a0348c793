"""``syncview movement``: what it writes, and what it refuses."""

from __future__ import annotations

import json
import shlex

import pytest
from click.testing import CliRunner

from incident_example import incident
from syncview.case import Sighting, load_case
from syncview.cli.shell import shell
from syncview.model import Event, Observation
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps


def invoke(*arguments: object):
    return CliRunner().invoke(shell, [str(argument) for argument in arguments], prog_name="syncview")


def _movement(name, seen, action="enters", **changes):
    observations = tuple(
        Observation(
            recording_id=recording_id,
            sound_s=None,
            sound_uncertainty_s=None,
            score=0.6,
            measures=(),
            reasons=(),
            seen_s=seen_s,
            stated_s=None if seen_s is not None else 8.0,
        )
        for recording_id, seen_s in seen
    )
    known = {
        "id": name,
        "kind": "movement",
        "group_id": "group-1",
        "time_s": 30.0,
        "time_basis": f"seen_at:{seen[-1][0]}",
        "uncertainty_s": 0.6,
        "end_s": None,
        "confidence": 0.6,
        "calibration": "hand-labelled clips",
        "label": "a person comes into view",
        "min_separable_s": None,
        "observations": observations,
        "action": action,
        "subject": "person",
    }
    return Event(**known | changes)


MOVEMENTS = (
    _movement("e11", [("rec-1", 31.0)]),
    _movement("e12", [("rec-3", 12.5)], "leaves"),
    _movement("e13", [("rec-3", 12.6)], "leaves"),
    _movement("e14", [("rec-2", 20.0), ("rec-1", 40.0)], "runs", calibration="stated by Rami"),
    _movement("e15", [("rec-1", 31.9)], "runs"),
    _movement("e16", [("rec-5", None)], "enters", calibration="stated by Lina"),
)


@pytest.fixture
def seen(example):
    """A case in which people were seen to move, on no evidence but this file."""
    made = json.loads(dumps(build_timeline(incident(events=(*incident().events, *MOVEMENTS)))))
    document = json.loads(example.folder.timeline_file.read_bytes())
    document["events"] = made["events"]
    for event in document["events"]:
        if event["id"] == "e12":
            first = {"index": 330, "pts_s": 11.0, "box": [500, 50, 40, 100]}
            at_last = {"index": 375, "pts_s": 12.5, "box": [100, 50, 40, 100]}
            event["observations"][0] |= {"frame": first, "frames": [first, at_last]}
    example.folder.write("timeline.json", json.dumps(document))
    return example


def fixes(example):
    return load_case(example.folder.case_file).movements


def test_a_rejection_is_written_with_file_and_moment(seen):
    seen.folder.case_file.write_text("# notes\n")
    arguments = ("movement", "e11", "-o", seen.folder.path, "--reject", "--author", "Rami", "--note", "a dog")
    outcome = invoke(*arguments)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout == (
        "corrected: e11 (a person comes into view, at 31.00 s) of balcony.mp4, rejected, in "
        f"{seen.folder.case_file}\nnext: {shlex.join(seen.command)}\n"
    )
    text = seen.folder.case_file.read_text()
    assert text == (
        '# notes\n\n[[movement]]\nnear = {file = "balcony.mp4", time_s = 31.0}\nwas = "enters"\nreject = true\n'
        'author = "Rami"\nnote = "a dog"\n'
    )
    assert invoke(*arguments).stdout.startswith("corrected already: e11")
    assert seen.folder.case_file.read_text() == text


def test_everything_that_can_be_said_is_written(seen):
    outcome = invoke(
        "movement", "balcony.mp4@30.8", "-o", seen.folder.path, "--time", "31.4", "--end", "0:44",
        "--action", "arrives", "--subject", "vehicle", "--label", "ambulance arrives",
        "--tag", "rescuer", "--tag", "white van",
        "--same-as", "e14", "--json",
    )  # fmt: skip
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    said = json.loads(outcome.stdout)
    assert (said["added"], said["next"]) == (True, shlex.join(seen.command))
    assert said["movement"]["near"] == {"file": "balcony.mp4", "time_s": 31.0}  # the movement's own moment
    (fix,) = fixes(seen)
    assert (fix.was, fix.time_s, fix.end_s, fix.action, fix.subject) == ("enters", 31.4, 44.0, "arrives", "vehicle")
    assert (fix.label, fix.tags) == ("ambulance arrives", ("rescuer", "white van"))
    assert fix.same_as == Sighting(file="balcony.mp4", time_s=40.0)  # by the file that times it
    invoke("movement", "e14", "-o", seen.folder.path, "--label", "medics run")
    assert (fixes(seen)[1].was, fixes(seen)[1].near.time_s) == (None, 40.0)  # its action is a person's already


def test_where_moment_and_action_do_not_tell_a_place_does(seen):
    invoke("movement", "e12", "-o", seen.folder.path, "--label", "medic leaves")
    (fix,) = fixes(seen)
    assert fix.near == Sighting(file="dashcam.mkv", time_s=12.5, x_px=120.0, y_px=100.0)
    assert fix.was == "leaves"
    invoke("movement", "balcony.mp4@31.4", "-o", seen.folder.path, "--was", "runs", "--reject")
    assert (fixes(seen)[1].near, fixes(seen)[1].was) == (Sighting(file="balcony.mp4", time_s=31.9), "runs")


def test_a_movement_is_added_by_hand(seen):
    arguments = (
        "movement", "rec-3@0:41.5", "-o", seen.folder.path, "--add", "--action", "enters", "--label", "medic",
        "--tag", "rescuer", "--author", "Rami",
    )  # fmt: skip
    outcome = invoke(*arguments)
    assert outcome.stdout.startswith(f"added: medic at 41.5 s of dashcam.mkv, in {seen.folder.case_file}\n")
    (event,) = load_case(seen.folder.case_file).events
    assert (event.kind, event.action, event.file, event.time_s) == ("movement", "enters", "dashcam.mkv", 41.5)
    assert (event.label, event.tags, event.author) == ("medic", ("rescuer",), "Rami")
    assert invoke(*arguments).stdout.startswith("added already: medic")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("e1", "--reject"), "no event of"),
        (("e111", "--reject"), "is called 'e111' (did you mean e11"),
        (("strike-1", "--reject"), "strike-1 is of kind 'strike', not a movement (to add a movement: "),
        (("balcony.mp4@20", "--reject"), "no movement within 2 s of 20 s of balcony.mp4 (the nearest is e11 ("),
        (("balcony.mp4@20", "--reject"), "; to add one that nobody saw: --add)"),
        (("balcony.mp4@31", "--was", "leaves", "--reject"), "no movement 'leaves' within 2 s"),
        (("balcony.mp4@31.45", "--reject"), "may mean e11 (a person comes into view, at 31.00 s) or e15 ("),
        (("balcony.mp4@31.45", "--reject"), "(name one by its id, or say --was)"),
        (("e14", "--time", "40.5"), "e14 is seen in several files, so --time and --end are not clear (name the file"),
        (("e16", "--time", "9"), "e16 was added by hand: its moment stands in an [[event]] table of case.toml (change"),
        (("e11", "--time", "61"), "61 s lies behind the end of balcony.mp4 (60 s)"),
        (("e11", "--time", "soon"), "'soon' is no time; write seconds from the start of the file, such as 62.5 or"),
        (("e11", "--end", "3"), "end_s = 3 lies before its beginning at 31 s"),
        (("e11",), "say what is right of it: --reject, --time, --end, --action"),
        (("e11", "--reject", "--tag", "x"), "--reject says that nothing of the kind happened; it goes alone"),
        (("e11", "--same-as", "e11"), "near and same_as are the same movement"),
        (("e11", "--action", "flees"), "'flees' is not one of"),
        (("e11", "--add", "--action", "runs"), "--add needs a moment, such as cam1.mp4@31; 'e11' is none"),
        (("rec-1@3", "--add"), "--add needs --action or --label: what happens"),
        (("rec-1@3", "--add", "--action", "runs", "--time", "4"), "--add goes without --reject, --was, --time and"),
        (("nowhere.mp4@3", "--reject"), "no recording is called 'nowhere.mp4'"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_try(seen, arguments, message):
    outcome = invoke("movement", *arguments, "-o", seen.folder.path)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert not seen.folder.case_file.exists()


def test_before_the_first_run_moments_are_taken_as_they_are(tmp_path):
    outcome = invoke("movement", "cam1.mp4@31", "-o", tmp_path / "case", "--reject")
    assert outcome.exit_code == 0
    assert "names are not checked until the first run" in outcome.stderr
    assert load_case(tmp_path / "case" / "case.toml").movements[0].near == Sighting(file="cam1.mp4", time_s=31.0)
    assert "has no result yet" in invoke("movement", "e1", "-o", tmp_path / "case", "--reject").stderr
