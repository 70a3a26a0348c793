"""Recordings as people name them on the command line, and as case.toml keeps them."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import click
from pydantic import BaseModel, ValidationError

from syncview.case import lasting_reference, resolve
from syncview.cli.output import safe_text, say
from syncview.errors import CaseFileError
from syncview.media.hashing import hash_file
from syncview.store import CaseFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "KnownRecording",
    "StatedMoment",
    "folder_for_statement",
    "known_recordings",
    "lasting_name",
    "means_file",
    "moment_or_name",
    "stated",
    "stated_moment",
    "stated_seconds",
]

Table = TypeVar("Table", bound=BaseModel)

_SIXTY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecording:
    """What timeline.json says of a recording that helps to name it."""

    id: str
    path: str
    name_display: str
    sha256: str
    path_bytes_b64: str | None
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class StatedMoment:
    """``NAME@SECONDS`` in two; the seconds may be written as a player shows them, 1:02.5."""

    name: str
    time_s: float


def stated_moment(_context: click.Context, _parameter: click.Parameter, value: str) -> StatedMoment:
    """Split ``NAME@SECONDS`` at the last @, since names may hold one; a callback for arguments."""
    name, _, time = _as_utf8(value).rpartition("@")
    time_s = _seconds(time)
    if not name or time_s is None:
        message = f"{value!r} is no moment; write NAME@SECONDS, such as cam1.mp4@12.34"
        raise click.BadParameter(message)
    return StatedMoment(name, time_s)


@overload
def moment_or_name(context: click.Context, parameter: click.Parameter, value: str) -> StatedMoment | str: ...
@overload
def moment_or_name(context: click.Context, parameter: click.Parameter, value: None) -> None: ...
def moment_or_name(context: click.Context, parameter: click.Parameter, value: str | None) -> StatedMoment | str | None:
    """``NAME@SECONDS`` in two, or a name alone; a callback for arguments, and for options that may be left out."""
    if value is None:
        return None
    name, _, time = _as_utf8(value).rpartition("@")
    return stated_moment(context, parameter, value) if name and _seconds(time) is not None else value


def stated_seconds(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Seconds as a player shows them, 12.34 or 1:02.5; a callback for options that may be left out."""
    time_s = None if value is None else _seconds(value)
    if value is not None and time_s is None:
        message = f"{value!r} is no time; write seconds from the start of the file, such as 62.5 or 1:02.5"
        raise click.BadParameter(message)
    return time_s


def _seconds(text: str) -> float | None:
    """Seconds of ``12.34``, ``1:02.5`` or ``1:00:02.5``; None for anything else."""
    *larger, last = text.split(":")
    try:
        seconds = float(last)
    except ValueError:
        return None
    if not math.isfinite(seconds) or seconds < 0.0 or len(larger) > 2 or (larger and seconds >= _SIXTY):
        return None
    for power, part in enumerate(reversed(larger), start=1):
        if not part.isdecimal():
            return None
        seconds += int(part) * _SIXTY**power
    return seconds


def folder_for_statement(case: Path) -> CaseFolder:
    """Open the case that a person states something of; one that is new is said, since it may be a slip of the pen.

    Parameters
    ----------
    case : Path
        As named with -o.

    Returns
    -------
    CaseFolder
        Made when absent.

    Raises
    ------
    CaseFolderError
        It cannot be written to.
    """
    folder = CaseFolder.create(case)
    if not folder.case_file.exists() and not folder.timeline_file.exists():
        say(f"syncview: {case}: new case folder; names are not checked until the first run")
    return folder


def known_recordings(folder: CaseFolder) -> tuple[KnownRecording, ...]:
    """Recordings of the last run; none before the first, or when its result is damaged.

    Only what naming needs is read: a statement of a person must not fail because of something else in the result.

    Parameters
    ----------
    folder : CaseFolder
        The case.

    Returns
    -------
    tuple of KnownRecording
        In the order of timeline.json.
    """
    try:
        document = json.loads(folder.timeline_file.read_bytes())
        return tuple(
            KnownRecording(
                id=str(entry["id"]),
                path=str(entry["path"]),
                name_display=str(entry["name_display"]),
                sha256=str(entry["sha256"]),
                path_bytes_b64=entry.get("path_bytes_b64"),
                duration_s=entry["duration_s"],
            )
            for entry in document["recordings"]
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        say(f"syncview: {folder.timeline_file} cannot be read, so names are not checked (see: syncview verify)")
        return ()


def lasting_name(name: str, recordings: Sequence[KnownRecording], *, time_s: float | None = None) -> str:
    """Name of a recording as case.toml keeps it.

    Parameters
    ----------
    name : str
        As given: id, file name, path or SHA-256 prefix.
    recordings : sequence of KnownRecording
        What there is to choose from; when empty, the name is taken as it is.
    time_s : float, optional
        A moment that must lie within it.

    Returns
    -------
    str
        What `lasting_reference` gives.

    Raises
    ------
    CaseFileError
        None or several are called so, or the moment lies behind the end.
    """
    name = _as_utf8(name)
    if not recordings:
        return _unchecked_name(name)
    found = resolve(name, recordings)
    recording = next(each for each in recordings if each.id == found)
    if time_s is not None and recording.duration_s is not None and time_s > recording.duration_s:
        message = f"{time_s:g} s lies behind the end of {recording.name_display} ({recording.duration_s:g} s)"
        raise CaseFileError(message, hint="give the time in seconds from the start of the file")
    return lasting_reference(recording, recordings)


def means_file(reference: str, file: str, recordings: Sequence[KnownRecording]) -> bool:
    """Whether a reference in case.toml means the file that `lasting_name` has given.

    Parameters
    ----------
    reference : str
        From case.toml; it may mean nothing.
    file : str
        A lasting name.
    recordings : sequence of KnownRecording
        What there is; when empty, names are compared as they are.

    Returns
    -------
    bool
    """
    if reference == file or not recordings:
        return reference == file
    try:
        return resolve(reference, recordings) == resolve(file, recordings)
    except CaseFileError:
        return False


def _as_utf8(name: str) -> str:
    """Argument as UTF-8 where its bytes are that: in a plain locale Python takes them for no text."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeError:
        return name


def _unchecked_name(name: str) -> str:
    """Take a name before the first run. TOML holds only text: a file of another name is called by its content."""
    if not any("\ud800" <= character <= "\udfff" for character in name):
        return name
    if Path(name).is_file():
        return hash_file(Path(name))[:16]
    message = f"the name {safe_text(name)} is not UTF-8, which case.toml cannot hold"
    raise CaseFileError(message, hint="name the file by its path or the first digits of its SHA-256")


def stated(table: type[Table], **values: Any) -> Table:
    """Make a table of case.toml of what was given on the command line.

    Raises
    ------
    CaseFileError
        It does not fit.
    """
    try:
        return table(**{key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        message = f"{place}: {said}" if place else said
        raise CaseFileError(message, hint="see -h for what to give") from error
