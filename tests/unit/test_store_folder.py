"""The case folder: whole files, one run at a time, a cache that never gives half an entry."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from syncview.case import Moment, Pin, with_pin
from syncview.errors import CaseFileError, CaseFolderError, InputError
from syncview.store import CaseFolder, cache_key, hash_of_settings, to_json_text
from syncview.store.files import leftovers, replacing, write_file

KEY = cache_key("audio-1", ["ab" * 32], {"rate_hz": 16000})


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


HOLD = """
import sys
from pathlib import Path
from syncview.store import CaseFolder
with CaseFolder.create(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_json_has_one_form():
    assert to_json_text({"b": [1.5, None], "a": "سوق"}) == '{\n  "b": [\n    1.5,\n    null\n  ],\n  "a": "سوق"\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json_text({"a": float("nan")})


def test_settings_hash_sees_values_and_not_their_order():
    assert hash_of_settings({"a": 1, "b": {"c": 2, "d": 3}}) == hash_of_settings({"b": {"d": 3, "c": 2}, "a": 1})
    assert hash_of_settings({"a": 1}) != hash_of_settings({"a": 2})


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "new" / "timeline.json"
    write_file(path, "old\n")
    write_file(path, "neu\n")
    assert path.read_bytes() == b"neu\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["timeline.json"]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / "timeline.json"
    write_file(path, "old\n")
    with pytest.raises(UnicodeEncodeError), replacing(path) as part:
        part.write_text("ne\ud800", encoding="utf-8")
    assert path.read_text() == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["timeline.json"]


def test_a_new_file_has_the_permissions_that_the_user_wants(tmp_path):
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "a.json", "{}")
    finally:
        os.umask(before)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == (0o640 if os.name == "posix" else 0o666)


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    theirs = tmp_path / "theirs.toml"
    theirs.write_text("# theirs\n")
    folder = CaseFolder.create(tmp_path / "case")
    folder.case_file.symlink_to(theirs)
    assert folder.edit_case_file(lambda text: text + "# ours\n")
    assert (theirs.read_text(), folder.case_file.read_text()) == ("# theirs\n", "# theirs\n# ours\n")


@pytest.mark.slow
def test_a_run_killed_while_it_writes_does_no_harm(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    folder.write("timeline.json", "old\n")
    writer = python(
        """
import sys
from pathlib import Path
from syncview.store import CaseFolder
folder = CaseFolder.create(Path(sys.argv[1]))
with folder.lock(), folder.cache.writing(sys.argv[2], ".npy") as entry, entry.open("wb") as stream:
    stream.write(b"half")
    stream.flush()
    print("writing", flush=True)
    sys.stdin.readline()
""",
        folder.path,
        KEY,
    )
    with writer:
        assert writer.stdout.readline() == "writing\n"
        writer.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    assert len(list(leftovers(folder.path))) == 1
    assert folder.cache.load_array(KEY) is None
    with folder.lock():  # the lock of a killed run does not block
        assert list(leftovers(folder.path)) == []
    assert folder.timeline_file.read_text() == "old\n"


@pytest.mark.slow
def test_two_runs_do_not_interleave(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    with python(HOLD, folder.path) as first:
        assert first.stdout.readline() == "held\n"
        with (
            pytest.raises(CaseFolderError, match=rf"in use by another syncview \(process {first.pid}\)"),
            folder.lock(),
        ):
            pytest.fail("the second run got in")
        threading.Timer(0.3, first.stdin.close).start()
        with folder.lock(wait_s=20.0):
            assert first.wait() == 0


@pytest.mark.slow
def test_pins_of_two_processes_both_arrive_also_during_a_run(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    pinning = """
import sys
from pathlib import Path
from syncview.case import Moment, Pin, with_pin
from syncview.store import CaseFolder
folder = CaseFolder.create(Path(sys.argv[1]))
for second in range(20):
    pin = Pin(a=Moment(file=sys.argv[2], time_s=second), b=Moment(file="x", time_s=second))
    folder.edit_case_file(lambda text: with_pin(text, pin))
"""
    with folder.lock(), python(pinning, folder.path, "a") as one, python(pinning, folder.path, "b") as two:
        assert (one.wait(), two.wait()) == (0, 0)
    assert folder.case_file.read_text().count("[[pin]]") == 40


def test_a_lock_holds_within_one_process_too(tmp_path):
    folder = CaseFolder.create(tmp_path)
    with folder.lock(), pytest.raises(CaseFolderError, match="in use"), folder.lock():
        pytest.fail("the second block got in")
    with folder.lock():
        assert int((tmp_path / ".lock").read_text()) == os.getpid()


def test_an_edit_with_a_mistake_is_not_written(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    pin = Pin(a=Moment(file="a", time_s=1), b=Moment(file="b", time_s=2))
    assert folder.edit_case_file(lambda text: with_pin(text, pin))
    assert not folder.edit_case_file(lambda text: with_pin(text, pin))
    before = folder.case_file.read_bytes()
    with pytest.raises(CaseFileError, match=r"case\.toml, line 5: unknown table 'x'"):
        folder.edit_case_file(lambda text: text + "[x]\n")
    assert folder.case_file.read_bytes() == before


def test_a_case_cannot_be_made_where_it_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(CaseFolderError, match=r"a file is in the way \(name another folder with -o\)"):
        CaseFolder.create(file)
    with pytest.raises(CaseFolderError, match="a file is in the way"):
        CaseFolder.create(file / "below")
    if Path("/proc/self").exists():
        with pytest.raises(CaseFolderError, match=r"/proc/self/case cannot be written: .* \(name a folder with -o"):
            CaseFolder.create(Path("/proc/self/case"))


def test_another_programs_files_are_not_written_over(tmp_path):
    (tmp_path / "review").mkdir()
    with pytest.raises(CaseFolderError, match="holds 'review', which a case would write over"):
        CaseFolder.create(tmp_path)
    (tmp_path / "case.toml").write_text("")
    assert CaseFolder.create(tmp_path).review == tmp_path / "review"


def test_only_a_case_is_opened(tmp_path):
    with pytest.raises(CaseFolderError, match="there is no case folder"):
        CaseFolder.open(tmp_path / "none")
    with pytest.raises(CaseFolderError, match="is not a case folder"):
        CaseFolder.open(tmp_path)
    (tmp_path / "timeline.json").write_text("{}")
    assert CaseFolder.open(tmp_path).timeline_file.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["timeline.json"]


def test_cache_keys_tell_everything_apart_that_matters():
    keys = {
        KEY,
        cache_key("audio-2", ["ab" * 32], {"rate_hz": 16000}),
        cache_key("audio-1", ["ac" * 32], {"rate_hz": 16000}),
        cache_key("audio-1", ["ab" * 32, "ac" * 32], {"rate_hz": 16000}),
        cache_key("audio-1", ["ab" * 32], {"rate_hz": 8000}),
    }
    assert len(keys) == 5
    assert cache_key("audio-1", ("ab" * 32,), {"rate_hz": 16000}) == KEY
    with pytest.raises(InputError, match="step in lower case"):
        cache_key("../audio", ["ab" * 32], {})


@pytest.mark.parametrize("samples", [np.arange(1000, dtype=np.float32), np.zeros((0,), np.float32), np.eye(3)])
def test_a_cached_array_comes_back_without_being_read(tmp_path, samples):
    cache = CaseFolder.create(tmp_path).cache
    assert cache.load_array(KEY) is None
    cache.store_array(KEY, samples)
    loaded = cache.load_array(KEY)
    np.testing.assert_array_equal(loaded, samples)
    assert loaded.dtype == samples.dtype
    assert samples.size == 0 or isinstance(loaded, np.memmap)
    assert not loaded.flags.writeable


def test_cached_arrays_and_documents_come_back(tmp_path):
    cache = CaseFolder.create(tmp_path).cache
    cache.store_arrays(KEY, {"file": np.arange(3), "names": np.array(["سوق", "b"])})
    loaded = cache.load_arrays(KEY)
    assert loaded["file"].tolist() == [0, 1, 2]
    assert loaded["names"].tolist() == ["سوق", "b"]
    cache.store_json(KEY, {"probe": [1, None, "é"]})
    assert cache.load_json(KEY) == {"probe": [1, None, "é"]}
    with pytest.raises(ValueError, match="Object arrays"):
        cache.store_arrays(KEY, {"a": np.array([object()])})
    assert cache.load_arrays(KEY)["file"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_damaged_entry_reads_as_absent(tmp_path, share):
    cache = CaseFolder.create(tmp_path).cache
    cache.store_array(KEY, np.arange(1000.0))
    cache.store_arrays(KEY, {"a": np.arange(1000.0)})
    cache.store_json(KEY, {"a": list(range(100))})
    for suffix in (".npy", ".npz", ".json"):
        whole = cache.path(KEY, suffix).read_bytes()
        cache.path(KEY, suffix).write_bytes(whole[: int(len(whole) * share)])
    assert cache.load_array(KEY) is None
    assert cache.load_arrays(KEY) is None
    assert cache.load_json(KEY) is None


def test_a_flipped_bit_in_an_archive_reads_as_absent(tmp_path):
    cache = CaseFolder.create(tmp_path).cache
    cache.store_arrays(KEY, {"a": np.arange(1000.0)})
    path = cache.path(KEY, ".npz")
    content = bytearray(path.read_bytes())
    content[4000] ^= 1
    path.write_bytes(content)
    assert cache.load_arrays(KEY) is None


def test_the_cache_is_safe_to_delete(tmp_path):
    folder = CaseFolder.create(tmp_path)
    folder.cache.store_json(KEY, [1])
    assert json.loads(folder.cache.path(KEY, ".json").read_text()) == [1]
    folder.cache.path(KEY, ".json").unlink()
    folder.cache.path(KEY, ".json").parent.rmdir()
    folder.cache.root.rmdir()
    assert folder.cache.load_json(KEY) is None
    folder.cache.store_json(KEY, [2])
    assert folder.cache.load_json(KEY) == [2]


def test_a_replaced_case_file_is_kept_and_no_older_one_is_lost(tmp_path):
    folder = CaseFolder.create(tmp_path / "case")
    texts = [f"# {number}\n" for number in range(3)]
    kept = [folder.replace_case_file(text) for text in (*texts, texts[-1])]
    assert kept == [None, folder.path / "case.toml.bak", folder.path / "case.toml.bak2", None]
    assert [path.read_text(encoding="utf-8") for path in kept if path] == texts[:2]
    assert folder.case_file.read_text(encoding="utf-8") == texts[2]
    with pytest.raises(CaseFileError, match="typo"):
        folder.replace_case_file("typo = 1\n")
    assert folder.case_file.read_text(encoding="utf-8") == texts[2]


@pytest.mark.parametrize("name", ["/", "."])
def test_what_is_no_name_of_a_file_is_refused(name):
    with pytest.raises(CaseFolderError, match="no name of a file"):
        write_file(Path(name), "x")


@pytest.mark.parametrize("suffix", [".json", ".npy", ".npz"])
def test_a_damaged_entry_is_deleted_so_that_the_next_run_heals(tmp_path, suffix):
    cache = CaseFolder.create(tmp_path).cache
    cache.store_json(KEY, {"a": 1})
    cache.store_array(KEY, np.arange(9))
    cache.store_arrays(KEY, {"a": np.arange(9)})
    assert cache.has(KEY, ".json", ".npy", ".npz")
    entry = cache.path(KEY, suffix)
    entry.write_bytes(entry.read_bytes()[:-4])
    assert not cache.has(KEY, ".json", ".npy", ".npz")
    assert not entry.exists()
    assert [cache.has(KEY, other) for other in (".json", ".npy", ".npz")].count(True) == 2
