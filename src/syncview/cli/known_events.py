"""Events of the last run as people name them on the command line."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncview.errors import CaseFileError
from syncview.timeline.words import STATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.store import CaseFolder

__all__ = ["KnownMovement", "called", "known_events", "known_movements"]

_MOST_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMovement:
    """One file's share in a movement of timeline.json; `at_px` is the middle of the figure that shows it.

    `action` is what the program saw; None where a person has put it right or stated it. `by_hand` tells that the
    program did not see it in that file.
    """

    event_id: str
    recording_id: str
    time_s: float
    action: str | None
    words: str
    by_hand: bool
    at_px: tuple[float, float] | None


def known_events(folder: CaseFolder) -> list[dict[str, Any]]:
    """Events and candidates of the last run.

    Parameters
    ----------
    folder : CaseFolder
        The case.

    Returns
    -------
    list of dict
        As timeline.json has them.

    Raises
    ------
    CaseFileError
        There was no run, or its result cannot be read.
    """
    try:
        document = json.loads(folder.timeline_file.read_bytes())
        return [*document["events"], *document["candidates"]]
    except FileNotFoundError as error:
        message = f"{folder.path} has no result yet, so it has no events"
        raise CaseFileError(message, hint="run it first: syncview run FILES... -o CASE") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        message = f"{folder.timeline_file} cannot be read"
        raise CaseFileError(message, hint="see: syncview verify") from error


def called(event_id: str, events: Sequence[dict[str, Any]], folder: CaseFolder) -> dict[str, Any]:
    """Find the event of that id.

    Parameters
    ----------
    event_id : str
        As people write it.
    events : sequence of dict
        From `known_events`.
    folder : CaseFolder
        The case, for the message.

    Returns
    -------
    dict
        The event.

    Raises
    ------
    CaseFileError
        There is none; names those that are called nearly so.
    """
    event = next((each for each in events if each["id"] == event_id), None)
    if event is not None:
        return event
    ids = [str(each["id"]) for each in events]
    near = difflib.get_close_matches(event_id, ids, n=3)
    listed = ", ".join(ids[:_MOST_LISTED]) + (" ..." if len(ids) > _MOST_LISTED else "")
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {listed}" if ids else "there are none"
    message = f"no event of {folder.timeline_file} is called {event_id!r}"
    raise CaseFileError(message, hint=hint)


def known_movements(events: Sequence[dict[str, Any]]) -> list[KnownMovement]:
    """What the files show of the movements; for each event that file first which times it.

    Parameters
    ----------
    events : sequence of dict
        From `known_events`.

    Returns
    -------
    list of KnownMovement
        In the order of the events. Where the program saw it, its moment; else that which a person stated.
    """
    found = []
    for event in events:
        if event["kind"] != "movement":
            continue
        basis = str(event["time_basis"]).partition(":")[2]
        for seen in sorted(event["observations"], key=lambda seen: seen["recording_id"] != basis):
            times_s = [seen[key] for key in ("seen_s", "stated_s") if seen.get(key) is not None]
            if times_s:
                found.append(_known(event, seen, float(times_s[0])))
    return found


def _known(event: dict[str, Any], seen: dict[str, Any], time_s: float) -> KnownMovement:
    frames = [each for each in (*seen.get("frames", ()), seen.get("frame")) if each is not None]
    nearest = min(frames, key=lambda frame: abs(float(frame["pts_s"]) - time_s), default=None)
    box = None if nearest is None else nearest["box"]
    action = event.get("action")
    return KnownMovement(
        event_id=str(event["id"]),
        recording_id=str(seen["recording_id"]),
        time_s=time_s,
        action=None if str(event["calibration"]).startswith(STATED) else action,
        words=f"{event['id']} ({event['label']}, at {time_s:.2f} s)",
        by_hand=seen.get("seen_s") is None,
        at_px=None if box is None else (box[0] + box[2] / 2, box[1] + box[3] / 2),
    )
