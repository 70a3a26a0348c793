"""timeline.json: its models, its published JSON Schema, reading and writing.

The document is the contract with everybody else's scripts (schema "syncview.timeline", version 1).
"""

import json
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from syncview.errors import DocumentError
from syncview.timeline.base import Entry
from syncview.timeline.clocks import GroupEntry, PairEntry, UnplacedEntry
from syncview.timeline.events import EventEntry, FindingEntry
from syncview.timeline.findings import AnalysisEntry
from syncview.timeline.people import PeopleEntry, TrackEntry
from syncview.timeline.recordings import DuplicateEntry, IgnoredEntry, RecordingEntry

__all__ = [
    "SCHEMA",
    "SCHEMA_ID",
    "VERSION",
    "CaseEntry",
    "TimelineDocument",
    "ToolEntry",
    "dumps",
    "json_schema",
    "load_document",
    "parse_document",
]

SCHEMA: Final = "syncview.timeline"
VERSION: Final = 1
SCHEMA_ID: Final = "urn:syncview:timeline:1"

_DIGITS = 6  # results are written to the microsecond
_SHOWN_ERRORS = 5


class ToolEntry(Entry):
    """What wrote the document."""

    name: str = Field(description="Program.")
    version: str = Field(description="Its version.")


class CaseEntry(Entry):
    """What people said of the incident as a whole."""

    title: str | None = Field(description="Title of the case.")
    time_zone: str | None = Field(description="Zone of local times, e.g. Asia/Damascus.")
    max_camera_distance_m: float | None = Field(
        default=None, description="Assumed largest distance between cameras whose places are unknown, in metres."
    )
    sound_speed_mps: float | None = Field(default=None, description="Speed of sound used, in metres per second.")


class TimelineDocument(Entry):
    """One incident: the recordings on their clocks, the events in group time, and what follows from them.

    Times inside observations are recording time; all other event times are group time. Every uncertainty is a 95 %
    half-width.
    """

    schema_name: Literal["syncview.timeline"] = Field(
        validation_alias="schema", serialization_alias="schema", description="Name of the format."
    )
    version: Literal[1] = Field(description="Version of the format; raised when a meaning changes.")
    tool: ToolEntry = Field(description="The program.")
    settings: dict[str, Any] = Field(description="Every setting of the run.")
    case: CaseEntry = Field(description="The case.")
    recordings: tuple[RecordingEntry, ...] = Field(description="Media files, by path.")
    ignored: tuple[IgnoredEntry, ...] = Field(description="Files that were met and not used.")
    groups: tuple[GroupEntry, ...] = Field(description="Recordings on one clock each.")
    unplaced: tuple[UnplacedEntry, ...] = Field(description="Recordings that no evidence ties to another.")
    duplicates: tuple[DuplicateEntry, ...] = Field(description="Recordings that are one witness.")
    pairs: tuple[PairEntry, ...] = Field(description="What the sound of each two recordings says.")
    events: tuple[EventEntry, ...] = Field(description="What happened.")
    candidates: tuple[EventEntry, ...] = Field(
        description="Sounds below the strike threshold, possible echoes, replays, weaker movements and the like, with "
        "`label`."
    )
    tracks: tuple[TrackEntry, ...] = Field(
        default=(), description="People and vehicles that were followed through a recording."
    )
    people: tuple[PeopleEntry, ...] = Field(
        default=(), description="How many people and vehicles each recording shows over time, at least."
    )
    findings: tuple[FindingEntry, ...] = Field(description="What a person must know about the material itself.")
    analysis: AnalysisEntry = Field(description="Intervals, counts and coverage.")


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of timeline.json, as it is published beside each result.

    Returns
    -------
    dict
        With ``$schema`` and an ``$id`` that names no host.

    Examples
    --------
    >>> json_schema()["$id"]
    'urn:syncview:timeline:1'
    """
    schema = TimelineDocument.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def dumps(document: TimelineDocument) -> str:
    """Write a document as text: stable key order, times to the microsecond, LF, a newline at the end.

    Parameters
    ----------
    document : TimelineDocument
        The document.

    Returns
    -------
    str
        JSON, to be stored as UTF-8. Equal documents give equal text.
    """
    tidy = _tidy(document.model_dump(mode="json", by_alias=True))
    return json.dumps(tidy, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def load_document(path: Path) -> TimelineDocument:
    """Read and check a timeline.json.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    TimelineDocument
        The checked document.

    Raises
    ------
    DocumentError
        If it cannot be read, is no timeline, does not fit the schema, or was written by a later version.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise DocumentError(msg, hint="name a case folder in which `syncview run` has finished") from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text"
        raise DocumentError(msg, hint="it is not a timeline.json of syncview") from error
    return parse_document(text, name=str(path))


def parse_document(text: str, *, name: str) -> TimelineDocument:
    """Check the text of a timeline.json.

    Parameters
    ----------
    text : str
        The document.
    name : str
        What to call it in messages.

    Returns
    -------
    TimelineDocument
        The checked document.

    Raises
    ------
    DocumentError
        If it is no timeline, does not fit the schema, or was written by a later version.
    """
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        msg = f"{name} is not JSON: {error.msg} in line {error.lineno}"
        raise DocumentError(msg, hint="restore it, or run the case again") from error
    _check_version(raw, name)
    try:
        return TimelineDocument.model_validate_json(text, strict=True)
    except ValidationError as error:
        msg = f"{name} does not fit the schema of {SCHEMA} version {VERSION}: {_explain(error)}"
        raise DocumentError(msg, hint="it was edited or damaged: run the case again") from error


def _check_version(raw: object, name: str) -> None:
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        msg = f"{name} is not a {SCHEMA} document"
        raise DocumentError(msg, hint="name the timeline.json of a case folder")
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        msg = f"{name} has version {version} of {SCHEMA}; this syncview reads up to {VERSION}"
        raise DocumentError(
            msg, hint="a later syncview wrote it: upgrade syncview, or run the case again with this one"
        )


def _explain(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [f"{'.'.join(str(part) for part in fault['loc']) or 'document'}: {fault['msg']}" for fault in faults]
    more = len(shown) - _SHOWN_ERRORS
    return "; ".join(shown[:_SHOWN_ERRORS]) + (f"; and {more} more" if more > 0 else "")


def _tidy(value: object) -> object:
    """Round every float, without negative zeros."""
    if isinstance(value, float):
        return round(value, _DIGITS) + 0.0
    if isinstance(value, dict):
        return {key: _tidy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return value
