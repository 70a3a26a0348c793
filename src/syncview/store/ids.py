"""ids.json: what must not change from run to run.

The zero and the reference of every group, and the detections by which an event is known again. Entries of groups and
events that a run did not find stay, so that no id is ever given to something else.
"""

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from syncview.errors import IntegrityError
from syncview.store.files import to_json_text

__all__ = ["Ids", "KnownDetection", "KnownEvent", "KnownGroup", "ids_to_text", "load_ids", "next_number"]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_RESTORE: Final = "restore it from a copy; without it, group times and the names of events can change"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class KnownGroup(_Entry):
    """A group: the recording that its clock is stated against, and that recording's place on it."""

    id: Annotated[str, Field(pattern=r"^g[1-9][0-9]*$")]
    reference_sha256: Sha256
    reference_offset_s: float
    members: tuple[Sha256, ...]  # as last seen, sorted


class KnownDetection(_Entry):
    """Something found in one recording, named so that no later run can mean something else."""

    sha256: Sha256
    recording_time_s: float
    kind: str


class KnownEvent(_Entry):
    """An event and the detections that define it.

    `time_basis_sha256` is the camera whose arrival names the event's time, None for the explosion itself. An event
    that no file shows (`detections` empty) is known by its label and time instead. `action` and `track_ids`, as first
    found, tell movements of one moment apart.
    """

    id: Annotated[str, Field(pattern=r"^e[1-9][0-9]*$")]
    detections: tuple[KnownDetection, ...]
    time_basis_sha256: Sha256 | None
    label: str
    time_s: float
    action: str | None = None
    track_ids: tuple[str, ...] = ()


class Ids(_Entry):
    """All that is known from earlier runs."""

    schema_name: Literal["syncview.ids"] = Field(default="syncview.ids", alias="schema")
    version: Literal[1] = 1
    groups: tuple[KnownGroup, ...] = ()
    events: tuple[KnownEvent, ...] = ()


def load_ids(path: Path) -> Ids:
    """Read ids.json.

    Parameters
    ----------
    path : Path
        The file; it need not exist.

    Returns
    -------
    Ids
        What earlier runs found; without a file, nothing.

    Raises
    ------
    IntegrityError
        It cannot be read, or is no ids.json of this version.
    """
    try:
        return Ids.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Ids()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise IntegrityError(message, hint=_RESTORE) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        message = f"{path} is damaged: {place}: {first['msg']}"
        raise IntegrityError(message, hint=_RESTORE) from error


def ids_to_text(ids: Ids) -> str:
    """Write ids.json as text: stable order, LF, a line end at the end.

    Parameters
    ----------
    ids : Ids
        What is known.

    Returns
    -------
    str
        JSON. Equal ids give equal text.
    """
    return to_json_text(json.loads(ids.model_dump_json(by_alias=True)))


def next_number(known: tuple[KnownGroup, ...] | tuple[KnownEvent, ...]) -> int:
    """First number that no entry has ever had.

    Examples
    --------
    >>> next_number(())
    1
    """
    return 1 + max((int(entry.id[1:]) for entry in known), default=0)
