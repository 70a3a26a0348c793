"""People's decisions on what the program found: ``decisions/<reviewer>.jsonl``, only ever added to.

The program's result is never edited by them. pydantic reads the annotations of this module when it is imported, so it
goes without ``from __future__ import annotations``.
"""

import hashlib
import json
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from syncview.errors import DocumentError
from syncview.model import Action, Subject
from syncview.store.files import writing_fault
from syncview.store.lock import exclusive
from syncview.timeline.base import Sha256Text, UtcText

__all__ = ["DecidedOn", "Decision", "ReadDecisions", "Verdict", "append_decision", "file_name_of", "read_decisions"]

Verdict = Literal["accept", "reject", "unsure", "comment", "move", "rename", "merge", "add"]
Kind = Literal["strike", "shot", "aircraft", "movement", "note"]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$")
]
Seconds = Annotated[float, Field(ge=0.0)]

_WAIT_S = 10.0  # an addition takes milliseconds; who waits longer has met something broken
_MOST_BYTES = 120  # of a file name before its suffix; disks take 255
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}  # Windows

_NEEDS: Final[dict[str, tuple[str, ...]]] = {  # verdict: one at least of these
    "comment": ("comment",),
    "move": ("time_s", "end_s"),
    "rename": ("label", "new_action", "subject", "tags"),
    "merge": ("same_as",),
    "add": ("action", "label"),
}
_TAKES: Final[dict[str, tuple[str, ...]]] = {"add": ("end_s", "subject", "tags")}  # and these as well
_VALUES: Final = ("time_s", "end_s", "label", "new_action", "subject", "tags", "same_as")


class DecidedOn(BaseModel):
    """What a decision is about, so that it is found again when ids change.

    `recording_time_s` is when the recording of that content hears or shows it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    event_id: Name | None = None
    sha256: Sha256Text
    recording_time_s: Seconds
    kind: Kind


class Decision(DecidedOn):
    """One line: what a reviewer decided, when, on what.

    `action` is the movement's as it was then; of an added one, what it is. `time_s` and `end_s` of a move are times in
    the same recording, `label`, `new_action`, `subject` and `tags` those of a rename, `same_as` the other of a merger.
    """

    reviewer: Name
    decided_utc: UtcText
    action: Action | None = None
    verdict: Verdict
    comment: Text | None = None
    time_s: Seconds | None = None
    end_s: Seconds | None = None
    label: Text | None = None
    new_action: Action | None = None
    subject: Subject | None = None
    tags: tuple[Name, ...] = ()
    same_as: DecidedOn | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needs = _NEEDS.get(self.verdict, ())
        if needs and not any(getattr(self, key) not in (None, ()) for key in needs):
            message = f"{self.verdict!r} needs {' or '.join(needs)}"
            raise ValueError(message)
        takes = (*needs, *_TAKES.get(self.verdict, ()))
        extra = [key for key in _VALUES if key not in takes and getattr(self, key) not in (None, ())]
        if extra:
            message = f"{self.verdict!r} goes without {', '.join(extra)}"
            raise ValueError(message)
        if (self.event_id is None) != (self.verdict == "add"):
            message = "only what is added has no event_id"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDecisions:
    """Decisions, reviewer by reviewer and in the order of their lines; `troubles` name lines that are none."""

    decisions: tuple[Decision, ...]
    troubles: tuple[str, ...]


def file_name_of(reviewer: str) -> str:
    """File name of a reviewer's decisions, safe on every system; other reviewers have other ones.

    Parameters
    ----------
    reviewer : str
        As people call them.

    Returns
    -------
    str
        Letters and digits of any script stay; the rest, and what a system would not take, is written as ``%2F``. Where
        capitals alone tell two reviewers apart, systems that do not see these keep both in one file: each line says
        whose it is.

    Examples
    --------
    >>> file_name_of("Rami K."), file_name_of("../x"), file_name_of("con")
    ('Rami K%2E.jsonl', '%2E%2E%2Fx.jsonl', '%63on.jsonl')
    """
    name = unicodedata.normalize("NFC", reviewer)
    safe = "".join(each if each.isalnum() or each in "-_ " else _escaped(each) for each in name)
    if safe.startswith(" ") or safe.casefold() in _RESERVED:
        safe = _escaped(safe[0]) + safe[1:]
    if safe.endswith(" "):
        safe = safe[:-1] + _escaped(" ")
    if len(safe.encode()) > _MOST_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        safe = safe.encode()[: _MOST_BYTES - 18].decode(errors="ignore").rstrip(" %") + f"%~{digest}"
    return f"{safe}.jsonl"


def append_decision(folder: Path, decision: Decision) -> Path:
    """Add a decision to its reviewer's file, on the disk before this returns.

    Parameters
    ----------
    folder : Path
        CASE/decisions; made when absent.
    decision : Decision
        What was decided.

    Returns
    -------
    Path
        The file. What stood there stays byte by byte; a line that a killed writer left unfinished is ended first.

    Raises
    ------
    CaseFolderError
        It cannot be written, or another process holds the folder.
    """
    path = folder / file_name_of(decision.reviewer)
    text = json.dumps(decision.model_dump(mode="json", exclude_none=True), ensure_ascii=False, separators=(",", ":"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / ".lock", wait_s=_WAIT_S, what=str(folder)), path.open("a+b") as stream:
            stream.write((b"" if _is_ended(path) else b"\n") + text.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise writing_fault(path, error) from error
    return path


def read_decisions(folder: Path) -> ReadDecisions:
    """Read every reviewer's decisions.

    Parameters
    ----------
    folder : Path
        CASE/decisions; may be absent.

    Returns
    -------
    ReadDecisions
        A line that is no decision, such as the last one of a killed writer, costs only itself, and is named.

    Raises
    ------
    DocumentError
        A file cannot be read at all.
    """
    decisions, troubles = [], []
    for path in sorted(folder.glob("*.jsonl")):
        try:
            content = path.read_bytes()
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise DocumentError(message, hint="check that it is a file and that you may read it") from error
        lines = content.split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                decisions.append(Decision.model_validate_json(line))
            except ValidationError as error:
                cut = " (cut off at the end)" if number == len(lines) else ""
                troubles.append(f"{path.name}, line {number} is no decision{cut}: {_first(error)}")
    return ReadDecisions(decisions=tuple(decisions), troubles=tuple(troubles))


def _is_ended(path: Path) -> bool:
    """Whether a file is empty or ends with a line end."""
    with path.open("rb") as stream:
        if stream.seek(0, os.SEEK_END) == 0:
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def _first(error: ValidationError) -> str:
    details = error.errors()[0]
    place = ".".join(str(part) for part in details["loc"])
    said = details["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
