"""``syncview verify``: a case as it was left passes, and every kind of change is named with its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from syncview.cli.shell import shell


def verify(*arguments: object):
    return CliRunner().invoke(shell, ["verify", *map(str, arguments)], prog_name="syncview")


def states(outcome) -> dict[str, str]:
    return {check["name"]: check["state"] for check in json.loads(outcome.stdout)["checks"]}


def test_a_case_as_it_was_left(example):
    outcome = verify(example.folder.path)
    assert outcome.stderr == ""
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines() == [
        "ok           timeline.json: fits syncview.timeline version 1",
        "ok           timeline.schema.json: the schema of syncview.timeline version 1",
        "ok           custody.jsonl: 2 lines, each as it was written",
        "ok           results: as the last run wrote them",
        f"ok           originals: all {len(example.originals)} unchanged since intake",
    ]
    assert "authentic" not in outcome.stdout


def test_the_same_as_json(example):
    outcome = verify(example.folder.path, "--json")
    document = json.loads(outcome.stdout)
    assert document["unchanged"] is True
    assert {original["state"] for original in document["originals"]} == {"unchanged"}
    assert [original["path"] for original in document["originals"]] == sorted(map(str, example.originals))


def test_nothing_is_written(example):
    before = {path: path.stat().st_mtime_ns for path in example.folder.path.rglob("*")}
    verify(example.folder.path)
    assert {path: path.stat().st_mtime_ns for path in example.folder.path.rglob("*")} == before


def test_a_changed_original_is_named(example):
    changed = example.originals[1]
    changed.write_bytes(changed.read_bytes() + b"!")
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 5
    assert outcome.stderr == (
        f"syncview: originals: 1 of {len(example.originals)} changed since intake: {changed} "
        "(go back to a copy that is unchanged)\n"
    )
    document = json.loads(verify(example.folder.path, "--json").stdout)
    assert document["unchanged"] is False
    assert [original["path"] for original in document["originals"] if original["state"] == "changed"] == [str(changed)]


def test_an_original_that_is_not_there_is_not_called_changed(example):
    example.originals[0].unlink()
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 4
    assert f"not found, so not checked: {example.originals[0]}" in outcome.stderr
    example.originals[1].write_bytes(b"other")
    assert verify(example.folder.path).exit_code == 5


def test_an_original_that_is_no_file_any_more_is_not_waited_for(example):
    example.originals[0].unlink()
    example.originals[0].mkdir()
    if hasattr(os, "mkfifo"):
        example.originals[1].unlink()
        os.mkfifo(example.originals[1])
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 4
    assert "cannot be read, so not checked: " in outcome.stderr


def test_an_original_that_changed_between_two_intakes_wants_a_look(example):
    example.originals[0].write_bytes(b"a better copy")
    example.take_in()
    example.note_results()
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 3
    assert f"changed between two intakes: {example.originals[0]}" in outcome.stderr


def test_a_second_run_on_the_same_originals_is_no_change(example):
    example.take_in()
    example.note_results()
    assert verify(example.folder.path).exit_code == 0


def test_a_run_that_did_not_finish_wants_a_look(example):
    example.take_in()
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 3
    assert "the last run did not finish (run the case again)" in outcome.stderr


@pytest.mark.parametrize(
    ("damage", "failed"),
    [
        (lambda folder: folder.timeline_file.write_text("{}"), "timeline"),
        (lambda folder: folder.timeline_file.write_text("{"), "timeline"),
        (lambda folder: folder.timeline_file.unlink(), "timeline"),
        (lambda folder: folder.schema_file.unlink(), "schema"),
        (lambda folder: folder.schema_file.write_text('{"type": "object"}'), "schema"),
        (lambda folder: folder.schema_file.write_text("x"), "schema"),
        (lambda folder: folder.custody.head_file.unlink(), "custody"),
        (lambda folder: folder.custody.lines_file.write_text("x\n"), "custody"),
        (lambda folder: folder.timeline_file.write_text(folder.timeline_file.read_text() + "\n"), "result"),
    ],
)
def test_damage_is_found_and_named(example, damage, failed):
    damage(example.folder)
    outcome = verify(example.folder.path, "--json")
    assert outcome.exit_code == 5
    assert states(outcome)[failed] == "failed"
    assert str(example.folder.path) in outcome.stderr
    assert verify(example.folder.path).exit_code == 5


def test_a_field_that_does_not_fit_is_named(example):
    document = json.loads(example.folder.timeline_file.read_text())
    document["events"][0]["confidence"] = 1.5
    example.folder.write("timeline.json", json.dumps(document))
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 5
    assert "events.0.confidence" in outcome.stderr


def test_a_folder_without_a_run_has_nothing_to_verify(tmp_path):
    assert verify(tmp_path / "none").exit_code == 2
    (tmp_path / "case.toml").write_text("")
    outcome = verify(tmp_path)
    assert outcome.exit_code == 2
    assert outcome.stderr == (f"syncview: nothing was run in {tmp_path} yet (syncview run FILES... -o {tmp_path})\n")


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_odd_names_are_checked_and_shown_safely(example):
    raw = os.fsencode(example.originals[0].parent) + b"/bad\xff\n\x1b[31m.mp4"
    with open(raw, "wb") as stream:  # noqa: PTH123  a name in bytes
        stream.write(b"abc")
    odd = type(example)(example.folder, (*example.originals, Path(os.fsdecode(raw))))
    odd.take_in()
    odd.note_results()
    assert verify(example.folder.path).exit_code == 0
    with open(raw, "wb") as stream:  # noqa: PTH123  a name in bytes
        stream.write(b"abd")
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 5
    assert "/bad\\xff\\n\\x1b[31m.mp4" in outcome.stderr
    assert "\x1b" not in outcome.output
    assert outcome.stderr.count("\n") == 1
    assert json.loads(verify(example.folder.path, "--json").stdout)["unchanged"] is False


@pytest.mark.slow
def test_through_the_installed_program(example):
    program = Path(sys.executable).with_name("syncview")
    outcome = subprocess.run([program, "verify", example.folder.path], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    example.originals[2].write_bytes(b"changed")
    outcome = subprocess.run([program, "verify", example.folder.path], capture_output=True, text=True, check=False)
    assert outcome.returncode == 5
    assert outcome.stdout.splitlines()[-1] == f"  changed      {example.originals[2]}"
    assert outcome.stderr.startswith("syncview: originals: 1 of ")


def test_a_statement_since_the_last_run_is_no_damage(example):
    example.folder.case_file.write_text("[case]\ntitle = 'Market'\n", encoding="utf-8")
    outcome = verify(example.folder.path)
    assert outcome.exit_code == 3
    assert "case.toml: edited since the last run (run again" in outcome.stderr
    assert states(verify(example.folder.path, "--json"))["result"] == "ok"
    example.note_results()
    assert verify(example.folder.path).exit_code == 0
    example.folder.case_file.unlink()
    assert verify(example.folder.path).exit_code == 3
