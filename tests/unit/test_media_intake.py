"""Folders full of anything."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from syncview.media.intake import Intake, find_files

MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(40)
needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def put(folder: Path, name: str, content: bytes = MP4) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def reasons(found: Intake, root: Path) -> dict[str, str]:
    return {os.path.relpath(entry.path, root): entry.reason for entry in found.ignored}


def test_media_is_found_to_the_bottom_in_one_order(tmp_path: Path) -> None:
    for name in ("b/deep/er/2.mp4", "a.mov", "b/1.mp4", "photo.jpg"):
        put(tmp_path, name, b"\xff\xd8\xff\xe0" if name.endswith("jpg") else MP4)
    found = find_files([tmp_path])
    assert [str(path.relative_to(tmp_path)) for path in found.files] == [
        "a.mov",
        "b/1.mp4",
        "b/deep/er/2.mp4",
        "photo.jpg",
    ]
    assert (found.ignored, found.unreadable) == ((), ())
    assert find_files([tmp_path / "b", tmp_path / "a.mov"]) == find_files([tmp_path / "a.mov", tmp_path / "b"])


def test_everything_else_is_listed_with_its_reason(tmp_path: Path) -> None:
    put(tmp_path, "all.zip", b"PK\x03\x04")
    put(tmp_path, "cam.srt", b"1\n")
    put(tmp_path, "cam.thm", b"\xff\xd8\xff\xe0")
    put(tmp_path, "notes.txt", b"boom at noon")
    put(tmp_path, "report.pdf", b"%PDF-1.4")
    put(tmp_path, ".DS_Store", b"\0\0\0\1Bud1")
    put(tmp_path, "Thumbs.db", b"\xd0\xcf")
    put(tmp_path, "._cam.mp4", b"\0\5\x16\7")
    put(tmp_path, ".trash/old.mp4")
    put(tmp_path, "__MACOSX/cam.mp4")
    found = find_files([tmp_path])
    assert found.files == ()
    assert reasons(found, tmp_path) == {
        "all.zip": "an archive (zip): unpack it first",
        "cam.srt": "not media: subtitles",
        "cam.thm": "not media: a camera's thumbnail of another file",
        "notes.txt": "not media: plain text",
        "report.pdf": "not media: a PDF document",
        ".DS_Store": "belongs to the operating system",
        "Thumbs.db": "belongs to the operating system",
        "._cam.mp4": "macOS keeps attributes of another file in it",
        ".trash": "hidden; name it to have it used",
        "__MACOSX": "belongs to the operating system",
    }


@pytest.mark.parametrize("content", [b"", b"just text\n"])
def test_what_calls_itself_media_is_kept_to_be_reported(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, "cam.mp4", content)
    assert find_files([tmp_path]).files == (path,)


def test_media_under_a_wrong_name_is_kept(tmp_path: Path) -> None:
    paths = (put(tmp_path, "download"), put(tmp_path, "video.txt"))
    assert find_files([tmp_path]).files == paths


def test_a_named_file_that_is_no_media_is_ignored_and_a_missing_one_is_unreadable(tmp_path: Path) -> None:
    notes = put(tmp_path, "notes.txt", b"boom")
    found = find_files([notes, tmp_path / "gone.mp4"])
    assert [(entry.path, entry.reason) for entry in found.ignored] == [(str(notes), "not media: plain text")]
    assert [(entry.path, entry.reason) for entry in found.unreadable] == [(str(tmp_path / "gone.mp4"), "not found")]


def test_hidden_files_are_used_when_named(tmp_path: Path) -> None:
    hidden = put(tmp_path, ".cam.mp4")
    assert find_files([hidden]).files == (hidden,)


def test_a_file_named_twice_is_taken_once(tmp_path: Path) -> None:
    path = put(tmp_path, "cam.mp4")
    assert find_files([path, tmp_path, path]).files == (path,)


def test_paths_are_as_the_user_gave_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "footage/a/cam.mp4")
    monkeypatch.chdir(tmp_path)
    assert find_files([Path("footage")]).files == (Path("footage/a/cam.mp4"),)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
@pytest.mark.parametrize("raw", ["فيديو.mp4".encode(), b"two\nlines.mp4", b"caf\xe9.mp4"])
def test_names_in_every_encoding(tmp_path: Path, raw: bytes) -> None:
    path = put(tmp_path, os.fsdecode(raw))
    assert find_files([tmp_path]).files == (path,)


@needs_links
def test_link_loops_and_dangling_links_are_listed(tmp_path: Path) -> None:
    cam = put(tmp_path, "a/cam.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "gone.mp4").symlink_to("nowhere.mp4")
    found = find_files([tmp_path])
    assert found.files == (cam,)
    assert reasons(found, tmp_path) == {
        "a/up": f"leads to a folder that is already taken: {tmp_path}",
        "a/self": "a link that leads back to itself",
        "gone.mp4": "a link that leads nowhere",
    }
    named = find_files([tmp_path / "gone.mp4"])
    assert [entry.reason for entry in named.unreadable] == ["a link that leads nowhere"]


@needs_links
def test_real_folders_win_over_links_to_them(tmp_path: Path) -> None:
    cam = put(tmp_path, "z/cam.mp4")
    (tmp_path / "a").symlink_to("z")
    assert find_files([tmp_path]).files == (cam,)


@needs_links
def test_linked_files_and_folders_elsewhere_are_used(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/cam.mp4")
    case = tmp_path / "case"
    case.mkdir()
    (case / "link.mp4").symlink_to(tmp_path / "elsewhere" / "cam.mp4")
    (case / "more").symlink_to(tmp_path / "elsewhere")
    assert find_files([case]).files == (case / "link.mp4", case / "more" / "cam.mp4")


def test_case_folders_are_not_footage(tmp_path: Path) -> None:
    cam = put(tmp_path, "cam.mp4")
    for name in ("ids.json", "custody.jsonl"):
        put(tmp_path, f"old-case/{name}", b"{}")
    put(tmp_path, "old-case/review/proxy.mp4")
    put(tmp_path, "new-case/review/proxy.mp4")
    found = find_files([tmp_path], skip=[tmp_path / "new-case"])
    assert found.files == (cam,)
    assert reasons(found, tmp_path) == {"old-case": "a case folder written by syncview"}


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_pipes_and_sockets_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        found = find_files([tmp_path])
    assert set(reasons(found, tmp_path).values()) == {"not a file but a device, pipe or socket"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="rights do not bind this user")
def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    path = put(tmp_path, "cam.mp4")
    path.chmod(0)
    found = find_files([tmp_path])
    assert [entry.reason for entry in found.unreadable] == ["cannot be read (Permission denied)"]
