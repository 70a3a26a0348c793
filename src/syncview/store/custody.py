"""custody.jsonl: what came in and what came out, in lines that hold each other.

Each line is one JSON object. ``previous`` is the ``sha256`` of the line before (64 zeros in the first); ``sha256``,
always last, is that of the line's bytes without its own member: without ``,"sha256":"..."``. custody.head holds the
number of lines and the last hash, so that lines missing at the end show too. Whoever can write all of it can forge
all of it: it shows damage and later changes, not authenticity.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

from syncview import __version__
from syncview.errors import CaseFolderError, IntegrityError
from syncview.store.files import to_json_text, write_file, writing_fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["Custody", "CustodyFile", "CustodyLine"]

Kind = Literal["intake", "result"]

_FIRST = "0" * 64
_TAIL = re.compile(rb',"sha256":"([0-9a-f]{64})"\}\Z')
_RESTORE = "restore the case folder from a copy; nothing in it can be relied on until then"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyFile:
    """A file as it was. An original has its absolute path, a result its name in the case folder.

    A path that is not UTF-8 holds what Python's ``os.fsdecode`` makes of it.
    """

    path: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyLine:
    """One entry: the files that a run took in, or those that it wrote. `command` is exact, as paths are.

    `started_in` is the folder that relative paths in `command` start from; None when it was not noted.
    """

    number: int
    kind: Kind
    time_utc: str
    command: tuple[str, ...]
    started_in: str | None
    settings_sha256: str
    tool_version: str
    files: tuple[CustodyFile, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Custody:
    """The chain of one case folder."""

    folder: Path

    @property
    def lines_file(self) -> Path:
        """The entries."""
        return self.folder / "custody.jsonl"

    @property
    def head_file(self) -> Path:
        """Last hash and number of lines."""
        return self.folder / "custody.head"

    def append(
        self,
        kind: Kind,
        files: Sequence[CustodyFile],
        *,
        time_utc: datetime,
        command: Sequence[str],
        settings_sha256: str,
        started_in: str | None = None,
    ) -> CustodyLine:
        """Add an entry, whether or not it says anything new. To be called under the lock of the case.

        Parameters
        ----------
        kind : {"intake", "result"}
            Originals as a run found them, or files that it wrote.
        files : sequence of CustodyFile
            The files; originals with absolute paths.
        time_utc : datetime
            When, with its zone.
        command : sequence of str
            The command line.
        settings_sha256 : str
            From `hash_of_settings`.
        started_in : str, optional
            Folder that the command line was given in.

        Returns
        -------
        CustodyLine
            The entry.

        Raises
        ------
        IntegrityError
            The chain is damaged: nothing is added to it.
        CaseFolderError
            It cannot be written.
        """
        lines, intact_bytes = self._read()
        if lines:
            self._write_head(lines[-1].number, lines[-1].sha256)  # a killed run may have left it behind
        body = {
            "line": len(lines) + 1,
            "previous": lines[-1].sha256 if lines else _FIRST,
            "kind": kind,
            "time_utc": time_utc.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "tool": {"name": "syncview", "version": __version__},
            "settings_sha256": settings_sha256,
            **_command_to_json(command),
            **_started_in_to_json(started_in),
            "files": [_file_to_json(file) for file in files],
        }
        raw = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
        digest = hashlib.sha256(raw).hexdigest()
        self._write_line(raw[:-1] + f',"sha256":"{digest}"}}\n'.encode("ascii"), after=intact_bytes)
        self._write_head(len(lines) + 1, digest)
        return _line_from_json(body | {"sha256": digest})

    def verify(self) -> tuple[CustodyLine, ...]:
        """Check that every line is as it was written, and that none is missing.

        Returns
        -------
        tuple of CustodyLine
            All entries, the oldest first; empty without a run.

        Raises
        ------
        IntegrityError
            A line was changed, moved, added or removed. Names it.
        CaseFolderError
            The chain cannot be read.
        """
        return self._read()[0]

    def _read(self) -> tuple[tuple[CustodyLine, ...], int]:
        """All entries, and the length in bytes of the part of the file that they fill."""
        content = self._content(self.lines_file)
        *whole, rest = content.split(b"\n")
        lines: list[CustodyLine] = []
        previous = _FIRST
        for number, raw in enumerate(whole, start=1):
            line = self._checked(raw, number, previous)
            lines.append(line)
            previous = line.sha256
        self._check_head(lines, unfinished=bool(rest))
        return tuple(lines), len(content) - len(rest)

    def _content(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise CaseFolderError(message, hint="check that it is a file and that you may read it") from error

    def _checked(self, raw: bytes, number: int, previous: str) -> CustodyLine:
        found = _TAIL.search(raw)
        body = _TAIL.sub(b"}", raw)
        if found is None or hashlib.sha256(body).hexdigest() != found[1].decode("ascii"):
            message = f"{self.lines_file}, line {number}: changed since it was written"
            raise IntegrityError(message, hint=_RESTORE)
        try:
            document = json.loads(raw)
            line = _line_from_json(document)
            follows = document["line"] == number and document["previous"] == previous
        except (ValueError, TypeError, KeyError) as error:
            message = f"{self.lines_file}, line {number}: is no entry of this version"
            raise IntegrityError(message, hint=_RESTORE) from error
        if not follows:
            message = f"{self.lines_file}, line {number}: does not follow the line before; lines were moved or removed"
            raise IntegrityError(message, hint=_RESTORE)
        return line

    def _check_head(self, lines: Sequence[CustodyLine], *, unfinished: bool) -> None:
        """A killed run may have left the head one line behind, or part of a line; nothing else may differ."""
        head = self._head()
        count = 0 if head is None else head[0]
        behind = len(lines) - count
        if behind < 0:
            message = f"{self.lines_file}: {-behind} of {count} lines are missing at the end"
            raise IntegrityError(message, hint=_RESTORE)
        if behind > 1 or (unfinished and behind):
            message = f"{self.lines_file}: {behind} lines at the end are not counted in {self.head_file.name}"
            raise IntegrityError(message, hint=_RESTORE)
        if head is not None and (count < 1 or lines[count - 1].sha256 != head[1]):
            message = f"{self.head_file}: does not fit line {count} of {self.lines_file.name}"
            raise IntegrityError(message, hint=_RESTORE)

    def _head(self) -> tuple[int, str] | None:
        content = self._content(self.head_file)
        if not content:
            return None
        try:
            head = json.loads(content)
            return int(head["lines"]), str(head["sha256"])
        except (ValueError, TypeError, KeyError) as error:
            message = f"{self.head_file}: changed since it was written"
            raise IntegrityError(message, hint=_RESTORE) from error

    def _write_head(self, count: int, sha256: str) -> None:
        write_file(self.head_file, to_json_text({"lines": count, "sha256": sha256}))

    def _write_line(self, raw: bytes, *, after: int) -> None:
        """Append to the intact part; what a broken write left behind it is cut off."""
        try:
            with self.lines_file.open("ab") as stream:
                stream.truncate(after)
                stream.write(raw)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise writing_fault(self.lines_file, error) from error


def _bytes(name: str) -> bytes:
    """Bytes of a name on the disk, also where the locale is plain ASCII and the name is not."""
    return name.encode("utf-8", sys.getfilesystemencodeerrors())


def _as_text(name: str) -> str:
    r"""Return a name as UTF-8 can hold it: bytes that are no text become escapes such as ``\xff``."""
    return _bytes(name).decode("utf-8", "backslashreplace")


def _exact(name: str) -> str:
    return base64.b64encode(_bytes(name)).decode("ascii")


def _name_again(shown: str, exact: str | None) -> str:
    """A name as the system takes it, in this locale as in any other."""
    return os.fsdecode(shown.encode("utf-8") if exact is None else base64.b64decode(exact))


def _is_text(name: str) -> bool:
    return _as_text(name).encode("utf-8") == _bytes(name)


def _command_to_json(command: Sequence[str]) -> dict[str, object]:
    exact = None if all(map(_is_text, command)) else [_exact(argument) for argument in command]
    document: dict[str, object] = {"command": [_as_text(argument) for argument in command]}
    return document if exact is None else document | {"command_bytes_b64": exact}


def _command_from_json(document: dict[str, Any]) -> tuple[str, ...]:
    shown = document["command"]
    exact = document.get("command_bytes_b64", [None] * len(shown))
    return tuple(_name_again(*both) for both in zip(shown, exact, strict=True))


def _started_in_to_json(folder: str | None) -> dict[str, object]:
    if folder is None:
        return {}
    exact = {} if _is_text(folder) else {"started_in_bytes_b64": _exact(folder)}
    return {"started_in": _as_text(folder), **exact}


def _started_in_from_json(document: dict[str, Any]) -> str | None:
    shown = document.get("started_in")
    return None if shown is None else _name_again(shown, document.get("started_in_bytes_b64"))


def _file_to_json(file: CustodyFile) -> dict[str, object]:
    exact = {} if _is_text(file.path) else {"path_bytes_b64": _exact(file.path)}
    return {"path": _as_text(file.path), **exact, "sha256": file.sha256, "size_bytes": file.size_bytes}


def _file_from_json(entry: dict[str, Any]) -> CustodyFile:
    path = _name_again(entry["path"], entry.get("path_bytes_b64"))
    return CustodyFile(path=path, sha256=entry["sha256"], size_bytes=entry["size_bytes"])


def _line_from_json(document: dict[str, Any]) -> CustodyLine:
    return CustodyLine(
        number=document["line"],
        kind=document["kind"],
        time_utc=document["time_utc"],
        command=_command_from_json(document),
        started_in=_started_in_from_json(document),
        settings_sha256=document["settings_sha256"],
        tool_version=document["tool"]["version"],
        files=tuple(_file_from_json(entry) for entry in document["files"]),
        sha256=document["sha256"],
    )
