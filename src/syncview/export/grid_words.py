"""What the grid says in words, around its pictures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from syncview.export.grid import State
from syncview.export.timecode import timecode
from syncview.timeline.words import clock_text, instant_text, uncertainty_text

if TYPE_CHECKING:
    from syncview.export.grid import GridEvent, GridPlan, TilePlan
    from syncview.media.grid_pictures import ShownPicture

__all__ = ["STATE_WORDS", "event_words", "lit_words", "place_words", "utc_words", "when_words"]

_DAMAGED_FRAMES = 2  # interlaced files have two time stamps for a frame
STATE_WORDS = {
    State.PICTURE: "PICTURE DAMAGED HERE",  # it should be there, and is not
    State.BEFORE: "NOT FILMING YET",
    State.AFTER: "NOT FILMING ANY MORE",
    State.BETWEEN: "NOT FILMING",
    State.OF_ANOTHER_MOMENT: "PICTURE OF ANOTHER OR UNKNOWN MOMENT",
    State.SOUND_ONLY: "SOUND ONLY",
    State.NOT_FOUND: "FILE NOT FOUND, CHANGED OR DAMAGED",
}


def utc_words(plan: GridPlan, time_s: float) -> str:
    """UTC and local time of a moment of group time, no finer than the error allows."""
    if plan.utc is None:
        return "UTC not known"
    zero, uncertainty_s = plan.utc
    moment = zero + timedelta(seconds=time_s)
    words = f"{instant_text(moment.isoformat(), uncertainty_s)} UTC ± {uncertainty_text(uncertainty_s)} s"
    if plan.time_zone is None:
        return words
    local = moment.astimezone(ZoneInfo(plan.time_zone))
    return f"{words}    local {instant_text(local.isoformat(), uncertainty_s)[11:]} {plan.time_zone}"


def event_words(which: str, event: GridEvent, time_s: float) -> tuple[str, ...]:
    """What is said of the event before or after a moment, the fullest words first."""
    at = clock_text(event.time_s, event.uncertainty_s)
    pm = f"± {uncertainty_text(event.uncertainty_s)} s"
    apart_s = abs(event.time_s - time_s)
    away = f"{apart_s:.0f} s ago" if which == "last" else f"in {apart_s:.0f} s"
    short = f"{which}: {event.id} at {at} {pm}"
    return f"{which}: {event.title} {event.id} at {at} {pm}, {away}", f"{short}, {away}", short


def lit_words(event: GridEvent) -> str:
    """What is said of an event while it is lit."""
    basis = f" {event.basis}" if event.basis else ""
    return f"{event.title} {event.id} ± {uncertainty_text(event.uncertainty_s)} s{basis}"


def when_words(tile: TilePlan, state: State, time_s: float) -> str:
    """When the camera films again, or filmed last."""
    if state in (State.BEFORE, State.BETWEEN):
        starts_s = [start_s for start_s, _ in tile.spans_s if start_s > time_s]
        return f"films from {clock_text(min(starts_s), 0.1)} on" if starts_s else ""
    ends_s = [end_s for _, end_s in tile.spans_s if end_s <= time_s]
    return f"filmed until {clock_text(max(ends_s), 0.1)}" if state is State.AFTER and ends_s else ""


def place_words(tile: TilePlan, number: int, shown: ShownPicture | None) -> str:
    """Recording time and number of the frame that is shown."""
    if State(int(tile.state[number])) is not State.PICTURE or shown is None:
        return "no frame"
    index = int(np.searchsorted(tile.frame_times_s, shown.time_s + 1e-6, side="right")) - 1
    words = f"{timecode(shown.time_s)}  frame {index}"
    wanted = int(np.searchsorted(tile.frame_times_s, tile.wanted_s[number] + 1e-6, side="right")) - 1
    return words if wanted - index < _DAMAGED_FRAMES else f"{words} (damaged after it)"
