"""Which movement a person means by a moment of a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncview.case import Sighting
    from syncview.model import Action, Event, Observation, TrackPoint
    from syncview.settings import MovementSettings

__all__ = [
    "Candidate",
    "NotFound",
    "action_words",
    "find_movement",
    "from_box_px",
    "moments_s",
    "program_words",
]

_OWN_S = 0.05  # a moment that was copied from the result, rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A movement that a person may mean: seen by the program, doubted by it, or stated by somebody."""

    event: Event
    origin: Literal["seen", "doubted", "stated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """Why no one movement is meant: nothing is near, or several are as near; `words` say what there is."""

    kind: Literal["unmatched_correction", "unclear_correction"]
    words: str


def find_movement(
    near: Sighting,
    recording_id: str,
    candidates: Sequence[Candidate],
    *,
    action: Action | None,
    settings: MovementSettings,
) -> int | NotFound:
    """Find the movement that is nearest to a moment of a recording.

    Parameters
    ----------
    near : Sighting
        The moment, and a place in the picture where two things happen at once.
    recording_id : str
        The recording that its file is.
    candidates : sequence of Candidate
        What there is.
    action : Action or None
        Only this.
    settings : MovementSettings
        How near it must be, and by how much nearer than the next.

    Returns
    -------
    int or NotFound
        Its index.
    """
    there = [
        (apart_s, k)
        for k, each in enumerate(candidates)
        if math.isfinite(apart_s := _apart_s(each.event, recording_id, near.time_s))
    ]
    within = sorted(
        (apart_s, k)
        for apart_s, k in there
        if apart_s <= settings.correction_reach_s and action in (None, candidates[k].event.action)
    )
    if not within:
        return NotFound(kind="unmatched_correction", words=_nearest_words(there, recording_id, candidates, settings))
    if near.x_px is not None and near.y_px is not None:
        within = _at_place(within, recording_id, near, candidates)
    if len(within) > 1 and not _is_clear(within[0][0], within[1][0], settings):
        both = " and ".join(program_words(candidates[k].event, recording_id) for _, k in within[:2])
        hint = "write its exact time, was = with its action, or x_px and y_px of a place in its box"
        return NotFound(kind="unclear_correction", words=f"it may mean {both}: {hint}")
    return within[0][1]


def program_words(event: Event, recording_id: str) -> str:
    """A movement as the program or a person told it, with its moment in a recording: ``'vehicle stops' at 31.00 s``."""
    times_s = [time_s for seen in event.observations if seen.recording_id == recording_id for time_s in moments_s(seen)]
    at = f" at {times_s[0]:.2f} s" if times_s else ""
    action = "" if event.action is None else f" ({action_words(event.action)})"
    return f"{event.label!r}{action}{at}"


def action_words(action: Action) -> str:
    """An action as people write it.

    Examples
    --------
    >>> action_words("takes_cover")
    'takes cover'
    """
    return action.replace("_", " ")


def moments_s(seen: Observation) -> tuple[float, ...]:
    """Recording times at which an observation was seen by the program, then as stated by a person."""
    return tuple(time_s for time_s in (seen.seen_s, seen.stated_s) if time_s is not None)


def from_box_px(point: TrackPoint, x_px: float, y_px: float) -> float:
    """How far a place in the picture lies outside a figure's box, in pixels; 0 inside.

    Examples
    --------
    >>> from syncview.model import TrackPoint
    >>> point = TrackPoint(time_s=0.0, index=0, box_px=(10.0, 10.0, 20.0, 40.0), score=1.0, seen=True, still_px=(0, 0))
    >>> from_box_px(point, 15.0, 20.0), from_box_px(point, 23.0, 44.0)
    (0.0, 5.0)
    """
    left, top, right, bottom = point.box_px
    return math.hypot(max(left - x_px, 0.0, x_px - right), max(top - y_px, 0.0, y_px - bottom))


def _apart_s(event: Event, recording_id: str, time_s: float) -> float:
    """How far a movement is from a moment of a recording, in seconds; infinite where the recording does not show it."""
    own = (seen for seen in event.observations if seen.recording_id == recording_id)
    return min((abs(moment_s - time_s) for seen in own for moment_s in moments_s(seen)), default=math.inf)


def _is_clear(first_s: float, second_s: float, settings: MovementSettings) -> bool:
    return second_s - first_s >= settings.correction_apart_s or first_s <= _OWN_S < second_s


def _at_place(
    within: Sequence[tuple[float, int]], recording_id: str, near: Sighting, candidates: Sequence[Candidate]
) -> list[tuple[float, int]]:
    """Those of the movements whose figures are as near to the place as any; all of them where none has a frame."""
    off_px = {k: _off_px(candidates[k].event.observations, recording_id, near) for _, k in within}
    least_px = min(off_px.values())
    return [(apart_s, k) for apart_s, k in within if off_px[k] == least_px]


def _off_px(observations: Iterable[Observation], recording_id: str, near: Sighting) -> float:
    frames = [point for seen in observations if seen.recording_id == recording_id for point in seen.frames]
    if not frames or near.x_px is None or near.y_px is None:
        return math.inf
    nearest_s = min(abs(point.time_s - near.time_s) for point in frames)
    return min(
        from_box_px(point, near.x_px, near.y_px) for point in frames if abs(point.time_s - near.time_s) == nearest_s
    )


def _nearest_words(
    there: Sequence[tuple[float, int]],
    recording_id: str,
    candidates: Sequence[Candidate],
    settings: MovementSettings,
) -> str:
    if not there:
        return "no movement was found in that file"
    found = program_words(candidates[min(there)[1]].event, recording_id)
    return f"no such movement was found within {settings.correction_reach_s:g} s of it; the nearest is {found}"
