"""Which recording a person means by a name, a path, a SHA-256 prefix or an id."""

from __future__ import annotations

import base64
import difflib
import os
import re
import unicodedata
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from syncview.errors import CaseFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Nameable", "is_named", "lasting_reference", "resolve"]

_SHA256_PREFIX = re.compile(r"[0-9a-f]{6,64}")  # shorter ones are words
_WRITTEN_PREFIX = 16  # hex digits: no two files of a case share them by chance
_MOST_LISTED = 8


class Nameable(Protocol):
    """The part of a recording by which people name it; `syncview.model.Recording` has it."""

    @property
    def id(self) -> str:
        """Recording id."""

    @property
    def path(self) -> str:
        """Path, for display where it is not UTF-8."""

    @property
    def name_display(self) -> str:
        """File name as text."""

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""

    @property
    def path_bytes_b64(self) -> str | None:
        """The path's bytes in base 64 where it is not UTF-8."""


def resolve(reference: str, recordings: Sequence[Nameable], *, where: str | None = None) -> str:
    """Find the one recording that a reference means.

    Parameters
    ----------
    reference : str
        Recording id, file name, path (whole, or its last parts), or at least 6 digits of the SHA-256. Names are
        compared after Unicode normalisation (NFC): a Mac writes the same Arabic or accented name otherwise.
    recordings : sequence of Nameable
        What there is to choose from. Files of the same content are one: the first of them is returned.
    where : str, optional
        Where the reference stands, for the message: ``case.where("pin", 0)``.

    Returns
    -------
    str
        Recording id.

    Raises
    ------
    CaseFileError
        The reference means none or several; names the candidates.
    """
    found = _named(reference, recordings)
    if len({recording.sha256 for recording in found}) == 1:
        return found[0].id
    prefix = "" if where is None else f"{where}: "
    if not found:
        message = f"{prefix}no recording is called {reference!r}"
        raise CaseFileError(message, hint=_what_there_is(reference, recordings))
    candidates = _listed(f"{recording.path!r} = SHA-256 {recording.sha256[:12]}" for recording in found)
    message = f"{prefix}{reference!r} means {len(found)} recordings: {candidates}"
    raise CaseFileError(message, hint="write more of the path, or the SHA-256 prefix")


def is_named(reference: str, recordings: Sequence[Nameable]) -> bool:
    """Whether a reference means a recording, or several.

    Parameters
    ----------
    reference : str
        As `resolve` takes it.
    recordings : sequence of Nameable
        What there is.

    Returns
    -------
    bool
    """
    return bool(_named(reference, recordings))


def lasting_reference(recording: Nameable, recordings: Sequence[Nameable]) -> str:
    """Give the most readable reference for case.toml that means this recording and no other.

    Ids are not used: they are of one run. Names that are not UTF-8 cannot stand in TOML: then the SHA-256 prefix.

    Parameters
    ----------
    recording : Nameable
        The recording.
    recordings : sequence of Nameable
        All recordings, this one among them.

    Returns
    -------
    str
        Its file name, else the last parts of its path, else 16 digits of its SHA-256.
    """
    others = [other for other in recordings if other.sha256 != recording.sha256]
    for reference in _readable_references(recording):
        if not any(reference == other.id or _means(reference, other) for other in others):
            return reference
    return recording.sha256[:_WRITTEN_PREFIX]


def _named(reference: str, recordings: Sequence[Nameable]) -> list[Nameable]:
    by_id = [recording for recording in recordings if recording.id == reference]
    return by_id or _whole_path(reference, recordings) or _by_part(reference, recordings)


def _readable_references(recording: Nameable) -> Iterator[str]:
    """Name, then longer and longer ends of the path, as far as they are text."""
    if recording.path_bytes_b64 is not None or not _is_text(recording.path):
        return
    parts = PurePath(recording.path).parts
    for count in range(1, len(parts) + 1):
        yield PurePath(*parts[-count:]).as_posix()


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _whole_path(reference: str, recordings: Iterable[Nameable]) -> list[Nameable]:
    """Recordings at exactly this path. A bare name is never one: a file of that name may lie in a folder too."""
    parts = _normal_parts(reference)
    return [recording for recording in recordings if len(parts) > 1 and _path_parts(recording) == parts]


def _by_part(reference: str, recordings: Iterable[Nameable]) -> list[Nameable]:
    return [recording for recording in recordings if _means(reference, recording)]


def _means(reference: str, recording: Nameable) -> bool:
    """Whether a reference is the end of the recording's path, its displayed name, or the start of its SHA-256."""
    parts = _normal_parts(reference)
    return (
        (bool(parts) and _path_parts(recording)[-len(parts) :] == parts)
        or reference == recording.name_display
        or (_SHA256_PREFIX.fullmatch(reference.lower()) is not None and recording.sha256.startswith(reference.lower()))
    )


def _path_parts(recording: Nameable) -> tuple[str, ...]:
    if recording.path_bytes_b64 is None:
        return _normal_parts(recording.path)
    return _normal_parts(os.fsdecode(base64.b64decode(recording.path_bytes_b64)))


def _normal_parts(path: str) -> tuple[str, ...]:
    return PurePath(unicodedata.normalize("NFC", path)).parts


def _what_there_is(reference: str, recordings: Sequence[Nameable]) -> str:
    names = sorted({recording.name_display for recording in recordings})
    near = difflib.get_close_matches(reference, names, n=3)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"there are: {_listed(map(repr, names))}" if names else "there are no recordings"


def _listed(items: Iterable[str]) -> str:
    """Items in one line; how many more when there are many."""
    every = list(items)
    shown = ", ".join(every[:_MOST_LISTED])
    return shown if len(every) <= _MOST_LISTED else f"{shown} and {len(every) - _MOST_LISTED} more"
