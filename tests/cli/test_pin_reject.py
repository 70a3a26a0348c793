"""``syncview pin`` and ``syncview reject``: what they write, and what they refuse."""

from __future__ import annotations

import json
import os
import shlex

import pytest
from click.testing import CliRunner

from syncview.case import load_case
from syncview.cli.shell import shell


def invoke(*arguments: object):
    return CliRunner().invoke(shell, [str(argument) for argument in arguments], prog_name="syncview")


def test_a_pin_before_the_first_run_is_taken_as_it_is(tmp_path):
    case = tmp_path / "new" / "case"
    outcome = invoke("pin", "A@12.34", "B@1:05.67", "-o", case)
    assert outcome.stderr == f"syncview: {case}: new case folder; names are not checked until the first run\n"
    assert invoke("pin", "A@12.34", "B@1:05.67", "-o", case).stderr == ""
    assert outcome.exit_code == 0
    assert outcome.stdout == (
        f"pinned: A at 12.34 s = B at 65.67 s (+- 0.04 s), in {case}/case.toml\nnext: syncview run FILES... -o {case}\n"
    )
    (pin,) = load_case(case / "case.toml").pins
    assert (pin.a.file, pin.a.time_s, pin.b.file, pin.b.time_s) == ("A", 12.34, "B", pytest.approx(65.67, abs=1e-9))
    assert (pin.uncertainty_s, pin.check, pin.author, pin.note) == (0.04, False, None, None)


def test_a_pin_with_everything_goes_behind_what_is_there(example):
    example.folder.case_file.write_text("# my notes\n[case]\ntitle = 'Market'  # working title\n")
    outcome = invoke(
        "pin", "rec-1@12.5", "شارع السوق.mp4@5", "-o", example.folder.path,
        "--uncertainty", "0.2", "--author", "M. K.", "--note", "door\ncloses", "--check",
    )  # fmt: skip
    assert outcome.exit_code == 0
    text = example.folder.case_file.read_text(encoding="utf-8")
    assert text.startswith("# my notes\n[case]\ntitle = 'Market'  # working title\n\n[[pin]]\n")
    (pin,) = load_case(example.folder.case_file).pins
    assert (pin.a.file, pin.b.file) == ("balcony.mp4", "شارع السوق.mp4")
    assert (pin.uncertainty_s, pin.check, pin.author, pin.note) == (0.2, True, "M. K.", "door\ncloses")


def test_the_next_command_is_the_last_run_again(example):
    outcome = invoke("pin", "balcony.mp4@1", "dashcam.mkv@2", "-o", example.folder.path)
    assert outcome.stdout.splitlines()[1] == f"next: {shlex.join(example.command)}"


def test_what_is_said_twice_stands_once(example):
    for arguments in (("pin", "rec-1@1", "rec-3@2"), ("reject", "rec-1", "rec-3")):
        assert invoke(*arguments, "-o", example.folder.path).stdout.startswith(f"{arguments[0]}")
        before = example.folder.case_file.read_bytes()
        again = invoke(*arguments, "-o", example.folder.path)
        assert again.exit_code == 0
        assert "already" in again.stdout
        assert example.folder.case_file.read_bytes() == before


def test_reject_as_json(example):
    outcome = invoke("reject", "balcony.mp4", "dashcam.mkv", "-o", example.folder.path, "--note", "شارع", "--json")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {
        "reject": {"author": None, "note": "شارع", "a": "balcony.mp4", "b": "dashcam.mkv"},
        "case_file": str(example.folder.case_file),
        "added": True,
        "next": shlex.join(example.command),
    }
    assert [(each.a, each.b) for each in load_case(example.folder.case_file).rejects] == [
        ("balcony.mp4", "dashcam.mkv")
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("pin", "cam9.mp4@1", "rec-2@2"), "no recording is called 'cam9.mp4' (there are: 'VID_20180501_121233.3gp'"),
        (("pin", "balcon.mp4@1", "rec-2@2"), "no recording is called 'balcon.mp4' (did you mean 'balcony.mp4'"),
        (("pin", "rec-1@61", "rec-2@2"), "61 s lies behind the end of balcony.mp4 (60 s)"),
        (("pin", "rec-1@1", "balcony.mp4@2"), "a and b name the same file"),
        (("pin", "rec-1@-1", "rec-2@2"), "'rec-1@-1' is no moment"),
        (("pin", "rec-1@nan", "rec-2@2"), "'rec-1@nan' is no moment"),
        (("pin", "rec-1@1:75", "rec-2@2"), "'rec-1@1:75' is no moment"),
        (("pin", "rec-1@1:0:0:7", "rec-2@2"), "'rec-1@1:0:0:7' is no moment"),
        (("pin", "rec-1", "rec-2@2"), "'rec-1' is no moment"),
        (("pin", "rec-1@1", "rec-2@2", "--uncertainty", "-1"), "uncertainty_s: Input should be greater than"),
        (("pin", "rec-1@1", "rec-2@2", "--uncertainty", "nan"), "uncertainty_s: Input should be a finite number"),
        (("reject", "rec-1", "rec-1"), "a and b name the same file"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(example, arguments, message):
    outcome = invoke(*arguments, "-o", example.folder.path)
    assert outcome.exit_code == 2
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout == ""
    assert not example.folder.case_file.exists()


def test_a_mistake_in_the_file_is_named_and_left(example):
    example.folder.case_file.write_text("[[pin]]\na = 3\n")
    outcome = invoke("reject", "rec-1", "rec-2", "-o", example.folder.path)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"syncview: {example.folder.case_file}, line 1: [[pin]] needs 'b'")
    assert example.folder.case_file.read_text() == "[[pin]]\na = 3\n"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    outcome = invoke("pin", "A@1", "B@2", "-o", tmp_path / "file" / "case")
    assert outcome.exit_code == 2
    assert "a file is in the way (name another folder with -o)" in outcome.stderr


def test_a_damaged_result_does_not_stop_a_person(example):
    example.folder.timeline_file.write_text("{}")
    outcome = invoke("pin", "A@1", "B@2", "-o", example.folder.path)
    assert outcome.exit_code == 0
    assert "cannot be read, so names are not checked" in outcome.stderr
    assert load_case(example.folder.case_file).pins[0].a.file == "A"


def test_a_damaged_chain_does_not_stop_a_person(example):
    example.folder.custody.head_file.write_text("x")
    outcome = invoke("pin", "rec-1@1", "rec-2@2", "-o", example.folder.path)
    assert (outcome.exit_code, outcome.stdout.splitlines()[1]) == (
        0,
        f"next: syncview run FILES... -o {example.folder.path}",
    )


def test_a_pin_can_be_written_during_a_run(example):
    with example.folder.lock():
        assert invoke("pin", "rec-1@1", "rec-2@2", "-o", example.folder.path).exit_code == 0


@pytest.mark.skipif(os.name != "posix", reason="names are text there")
def test_a_name_that_is_no_text_becomes_its_sha256(tmp_path):
    raw = os.fsencode(tmp_path) + b"/bad\xff\n.mp4"
    with open(raw, "wb") as stream:  # noqa: PTH123  a name in bytes
        stream.write(b"abc")
    name = os.fsdecode(raw)
    outcome = invoke("pin", f"{name}@1", "B@2", "-o", tmp_path / "case")
    assert outcome.exit_code == 0
    assert load_case(tmp_path / "case" / "case.toml").pins[0].a.file == "ba7816bf8f01cfea"  # of FIPS 180-2
    outcome = invoke("reject", "none\udcff", "B", "-o", tmp_path / "case")
    assert outcome.exit_code == 2
    assert "the name none\\xff is not UTF-8" in outcome.stderr
