"""The custody chain: what it holds, and that no line can change, move or vanish unseen."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from syncview import __version__
from syncview.errors import CaseFolderError, IntegrityError
from syncview.store import Custody, CustodyFile

NOON = datetime(2018, 5, 1, 12, 0, 0, tzinfo=UTC)
FILES = (
    CustodyFile(path="/evidence/cam1.mp4", sha256="aa" * 32, size_bytes=123),
    CustodyFile(path="/evidence/شارع\n2.mp4", sha256="bb" * 32, size_bytes=0),
    CustodyFile(path=os.fsdecode(b"/evidence/bad\xff.mp4"), sha256="cc" * 32, size_bytes=7),
)


def append(custody: Custody, files=FILES, kind="intake", time_utc=NOON):
    return custody.append(
        kind, files, time_utc=time_utc, command=["syncview", "run", "/evidence"], settings_sha256="dd" * 32
    )


@pytest.fixture
def custody(tmp_path):
    custody = Custody(tmp_path)
    append(custody)
    append(custody)
    append(
        custody, FILES[:1], kind="result", time_utc=datetime(2018, 5, 1, 15, 0, 0, tzinfo=timezone(timedelta(hours=3)))
    )
    return custody


def test_entries_come_back_as_they_were_written(custody):
    first, second, third = custody.verify()
    assert first.files == second.files == FILES
    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert (first.kind, third.kind) == ("intake", "result")
    assert first.time_utc == third.time_utc == "2018-05-01T12:00:00Z"
    assert first.command == ("syncview", "run", "/evidence")
    assert (first.tool_version, first.settings_sha256) == (__version__, "dd" * 32)


def test_each_line_holds_its_own_hash_and_the_one_before(custody):
    raw = custody.lines_file.read_bytes()
    assert raw.endswith(b"}\n")
    previous = "0" * 64
    for number, line in enumerate(raw.splitlines(), start=1):
        entry = json.loads(line)
        without = line.replace(f',"sha256":"{entry["sha256"]}"}}'.encode(), b"}")
        assert hashlib.sha256(without).hexdigest() == entry["sha256"]
        assert (entry["line"], entry["previous"]) == (number, previous)
        previous = entry["sha256"]
    assert json.loads(custody.head_file.read_bytes()) == {"lines": 3, "sha256": previous}


def test_a_command_with_names_that_are_no_text_can_be_repeated(tmp_path):
    command = ["syncview", "run", os.fsdecode(b"bad\xff.mp4"), "شارع.mp4"]
    custody = Custody(tmp_path)
    custody.append("intake", (), time_utc=NOON, command=command, settings_sha256="dd" * 32)
    assert list(custody.verify()[0].command) == command
    assert json.loads(custody.lines_file.read_bytes())["command"] == ["syncview", "run", "bad\\xff.mp4", "شارع.mp4"]


def test_an_empty_chain_is_intact(tmp_path):
    assert Custody(tmp_path).verify() == ()


def test_a_changed_line_is_named(custody):
    raw = custody.lines_file.read_bytes()
    lines = raw.split(b"\n")
    for index in range(3):
        damaged = [*lines]
        damaged[index] = lines[index].replace(b"cam1", b"cam9")
        custody.lines_file.write_bytes(b"\n".join(damaged))
        with pytest.raises(IntegrityError, match=rf"custody\.jsonl, line {index + 1}: changed since it was written"):
            custody.verify()


def test_every_byte_counts(custody):
    raw = custody.lines_file.read_bytes()
    for position in range(0, len(raw), 7):
        damaged = bytearray(raw)
        damaged[position] ^= 1
        custody.lines_file.write_bytes(damaged)
        with pytest.raises(IntegrityError):
            custody.verify()


def test_moved_and_missing_lines_are_found(custody):
    first, second, third = custody.lines_file.read_bytes().splitlines(keepends=True)
    for lines, message in [
        ([second, first, third], "line 1: does not follow"),
        ([first, third], "line 2: does not follow"),
        ([second, third], "line 1: does not follow"),
        ([first, second, second, third], "line 3: does not follow"),
        ([first, second], "1 of 3 lines are missing at the end"),
        ([], "3 of 3 lines are missing at the end"),
    ]:
        custody.lines_file.write_bytes(b"".join(lines))
        with pytest.raises(IntegrityError, match=message):
            custody.verify()


def test_a_rewritten_chain_does_not_fit_the_head(custody, tmp_path):
    other = Custody(tmp_path / "other")
    other.folder.mkdir()
    for _ in range(3):
        append(other, FILES[:1])
    custody.lines_file.write_bytes(other.lines_file.read_bytes())
    with pytest.raises(IntegrityError, match=r"custody\.head: does not fit line 3"):
        custody.verify()


@pytest.mark.parametrize(
    "head", [b"3", b"{}", b'{"lines": "x", "sha256": "y"}', b"\xff", b'{"lines": 0, "sha256": ""}']
)
def test_a_damaged_head_is_found(custody, head):
    custody.head_file.write_bytes(head)
    with pytest.raises(IntegrityError, match=r"custody\.head"):
        custody.verify()


def test_a_run_killed_between_line_and_head_is_no_damage(custody):
    head = custody.head_file.read_bytes()
    append(custody)
    custody.head_file.write_bytes(head)
    assert len(custody.verify()) == 4
    append(custody)
    custody.head_file.write_bytes(head)
    with pytest.raises(IntegrityError, match="2 lines at the end are not counted"):
        custody.verify()


def test_part_of_a_line_is_cut_off_by_the_next(custody):
    whole = custody.lines_file.read_bytes()
    custody.lines_file.write_bytes(whole + b'{"line":4,"prev')
    assert len(custody.verify()) == 3
    append(custody)
    assert custody.lines_file.read_bytes().startswith(whole)
    assert [line.number for line in custody.verify()] == [1, 2, 3, 4]


def test_the_first_line_cut_short_is_no_damage(tmp_path):
    custody = Custody(tmp_path)
    custody.lines_file.write_bytes(b'{"li')
    assert custody.verify() == ()
    append(custody)
    assert len(custody.verify()) == 1


def test_nothing_is_added_to_a_damaged_chain(custody):
    damaged = custody.lines_file.read_bytes().replace(b"cam1", b"cam9")
    custody.lines_file.write_bytes(damaged)
    with pytest.raises(IntegrityError, match="restore the case folder from a copy"):
        append(custody)
    assert custody.lines_file.read_bytes() == damaged


def test_an_entry_of_another_shape_is_found(tmp_path):
    custody = Custody(tmp_path)
    body = b'{"line":1,"previous":"' + b"0" * 64 + b'"}'
    digest = hashlib.sha256(body).hexdigest().encode()
    custody.lines_file.write_bytes(body[:-1] + b',"sha256":"' + digest + b'"}\n')
    with pytest.raises(IntegrityError, match="line 1: is no entry of this version"):
        custody.verify()


def test_a_chain_that_cannot_be_read_or_written_says_so(tmp_path):
    custody = Custody(tmp_path)
    custody.lines_file.mkdir()
    with pytest.raises(CaseFolderError, match=r"custody\.jsonl cannot be read"):
        custody.verify()
    with pytest.raises(CaseFolderError, match=r"custody\.jsonl cannot be written"):
        append(Custody(tmp_path / "absent"))
