"""From what the user named to the files to try: recursive, in one order, and nothing dropped silently."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncview.media.names import shown_path
from syncview.media.sniff import Sniffed, sniff
from syncview.model import IgnoredFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Intake", "find_files"]

_SYSTEM_NAMES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"))
_SYSTEM_FOLDERS = frozenset(("__macosx", "$recycle.bin", "system volume information", "lost+found"))
# A case folder holds copies made by syncview itself; taking them in would make every recording its own witness.
_CASE_FOLDER_MARKS = ("ids.json", "custody.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a folder full of anything comes down to.

    `files` are to be tried as recordings, sorted by path; `ignored` were met and not used; `unreadable` were named by
    the user, or look like media, and could not be opened.
    """

    files: tuple[Path, ...]
    ignored: tuple[IgnoredFile, ...]
    unreadable: tuple[IgnoredFile, ...]


@dataclass(slots=True)
class _Walk:
    """State of one walk. Links to folders wait until every real folder is done, so that real paths win."""

    skip: frozenset[tuple[int, int]]
    files: list[Path] = field(default_factory=list)
    ignored: list[IgnoredFile] = field(default_factory=list)
    unreadable: list[IgnoredFile] = field(default_factory=list)
    seen_folders: dict[tuple[int, int], Path] = field(default_factory=dict)
    seen_files: set[bytes] = field(default_factory=set)
    linked_folders: list[Path] = field(default_factory=list)

    def ignore(self, path: Path, reason: str) -> None:
        self.ignored.append(IgnoredFile(path=shown_path(path), reason=reason))

    def cannot_read(self, path: Path, reason: str) -> None:
        self.unreadable.append(IgnoredFile(path=shown_path(path), reason=reason))


def find_files(inputs: Sequence[Path], *, skip: Sequence[Path] = ()) -> Intake:
    """Find every file that may be a recording, and say of every other why it is not used.

    Parameters
    ----------
    inputs : sequence of Path
        Files and folders as the user named them. Folders are walked to the bottom, links are followed once.
    skip : sequence of Path
        Folders that are passed by without a word, such as the case folder of this run.

    Returns
    -------
    Intake
        Paths are the argument plus the relative part, never resolved. The order does not depend on that of `inputs`
        nor on the file system.

    Examples
    --------
    >>> from pathlib import Path
    >>> find_files([Path("no-such-folder")]).unreadable
    (IgnoredFile(path='no-such-folder', reason='not found'),)
    """
    walk = _Walk(skip=frozenset(_identity(path.stat()) for path in skip if path.exists()))
    for path in sorted(inputs, key=os.fsencode):
        _take_named(walk, path)
    while walk.linked_folders:
        waiting, walk.linked_folders = sorted(walk.linked_folders, key=os.fsencode), []
        for folder in waiting:
            _take_folder(walk, folder)
    return Intake(
        files=tuple(sorted(walk.files, key=os.fsencode)),
        ignored=tuple(sorted(walk.ignored, key=lambda entry: (entry.path, entry.reason))),
        unreadable=tuple(sorted(walk.unreadable, key=lambda entry: (entry.path, entry.reason))),
    )


def _identity(info: os.stat_result) -> tuple[int, int]:
    return info.st_dev, info.st_ino


def _take_named(walk: _Walk, path: Path) -> None:
    """Take one argument. What a person names is taken even when it is hidden."""
    try:
        info = path.stat()
    except FileNotFoundError:
        walk.cannot_read(path, "a link that leads nowhere" if path.is_symlink() else "not found")
    except OSError as error:
        walk.cannot_read(path, _reason(error))
    else:
        if stat.S_ISDIR(info.st_mode):
            _take_folder(walk, path)
        else:
            _take_file(walk, path, info)


def _take_folder(walk: _Walk, folder: Path) -> None:
    try:
        identity = _identity(folder.stat())
        entries = sorted(folder.iterdir(), key=os.fsencode)
    except OSError as error:
        walk.cannot_read(folder, f"folder: {_reason(error)}")
        return
    if identity in walk.skip:
        return
    if identity in walk.seen_folders:
        if walk.seen_folders[identity] != folder:
            walk.ignore(folder, f"leads to a folder that is already taken: {shown_path(walk.seen_folders[identity])}")
        return
    walk.seen_folders[identity] = folder
    if all((folder / mark).is_file() for mark in _CASE_FOLDER_MARKS):
        walk.ignore(folder, "a case folder written by syncview")
        return
    for entry in entries:
        _take_entry(walk, entry)


def _take_entry(walk: _Walk, path: Path) -> None:
    """Take one entry of a folder."""
    try:
        info = path.stat()
    except OSError as error:
        if path.is_symlink():
            walk.ignore(path, _broken_link(error))
        else:
            walk.cannot_read(path, _reason(error))
        return
    is_folder = stat.S_ISDIR(info.st_mode)
    if is_folder and _identity(info) in walk.skip:
        return
    hidden = _hidden_reason(path.name, is_folder=is_folder)
    if hidden is not None:
        walk.ignore(path, hidden)
    elif is_folder and path.is_symlink():
        walk.linked_folders.append(path)
    elif is_folder:
        _take_folder(walk, path)
    else:
        _take_file(walk, path, info)


def _hidden_reason(name: str, *, is_folder: bool) -> str | None:
    if name.lower() in (_SYSTEM_FOLDERS if is_folder else _SYSTEM_NAMES) or name == ".DS_Store":
        return "belongs to the operating system"
    if name.startswith("._"):
        return "macOS keeps attributes of another file in it"
    if name.startswith("."):
        return "hidden; name it to have it used"
    return None


def _take_file(walk: _Walk, path: Path, info: os.stat_result) -> None:
    raw = os.fsencode(path)
    if raw in walk.seen_files:  # named twice, or named and inside a named folder
        return
    walk.seen_files.add(raw)
    if not stat.S_ISREG(info.st_mode):
        walk.ignore(path, "not a file but a device, pipe or socket")
        return
    try:
        found = sniff(path)
    except OSError as error:
        walk.cannot_read(path, _reason(error))
        return
    if found.kind in ("media", "still") or found.claims_media:
        walk.files.append(path)
    else:
        walk.ignore(path, _ignored_reason(found))


def _ignored_reason(found: Sniffed) -> str:
    return f"an archive ({found.what}): unpack it first" if found.kind == "archive" else f"not media: {found.what}"


def _broken_link(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a link that leads back to itself"
    return "a link that leads nowhere" if isinstance(error, FileNotFoundError) else _reason(error)


def _reason(error: OSError) -> str:
    return f"cannot be read ({error.strerror or type(error).__name__})"
