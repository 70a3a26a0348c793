"""Lights before a bang as the page shows them: the one that was picked, and those that a person may choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.timebase import group_time_of
from syncview.timeline.place_words import metres_text
from syncview.timeline.words import clock_text, support_word, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.timeline.clocks import ClockEntry
    from syncview.timeline.events import FlashCandidateEntry, ObservationEntry

__all__ = ["LightRow", "LightView", "light_view"]

_FRAME_S = 0.001  # the times of frames are written to the millisecond
_INSIDE_S = 0.002  # past a frame's beginning, so that rounding does not show the frame before it


@dataclass(frozen=True, slots=True, kw_only=True)
class LightRow:
    """A light that a reviewer may look at. `go_s` is its group time; None where the picture has no clock there.

    `looks` says how much it looks like one, `fits` how likely it belongs to this bang among all lights and bangs.
    """

    what: str
    where_text: str
    frame_text: str
    looks: Literal["weak", "moderate", "strong"]
    fits: Literal["weak", "moderate", "strong"]
    away_text: str | None
    also_in: tuple[str, ...]
    reasons: tuple[str, ...]
    picked: bool
    go_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LightView:
    """What a recording shows of a bang. `text` says what was picked, or that nothing was."""

    text: str
    picked: bool
    rows: tuple[LightRow, ...]


def light_view(
    seen: ObservationEntry, *, clock: ClockEntry | None, names: Mapping[str, str], filmed: bool
) -> LightView | None:
    """Put the lights of an observation into words.

    Parameters
    ----------
    seen : ObservationEntry
        One recording's share in an event.
    clock : ClockEntry or None
        The recording's clock.
    names : mapping of str to str
        Names to show by recording id.
    filmed : bool
        Whether a light is to be expected: the event is a strike and the recording has a picture.

    Returns
    -------
    LightView or None
        None where there is nothing to say.
    """
    picked = _picked(seen)
    rows = tuple(_row(each, each is picked, clock, names) for each in seen.flash_candidates)
    if seen.light is None and not rows:
        return _nothing() if filmed and seen.sound_s is not None else None
    if seen.light is None:
        return LightView(text="no light picked; look at the frames below", picked=False, rows=rows)
    at_s, pm = (seen.light.time_s, "")
    if picked is not None:
        at_s = picked.flash_s
        pm = f" ± {uncertainty_text(picked.flash_uncertainty_s)} s"
    half_s = _FRAME_S if picked is None else picked.flash_uncertainty_s
    frame = "" if seen.frame is None else f", frame {seen.frame.index}"
    away = _away_text(seen.distance_m, seen.distance_interval_m)
    tail = "no distance told from it" if away is None else f"{away} away"
    return LightView(
        text=f"{seen.light.kind} picked at {clock_text(at_s, half_s)}{pm} of the file{frame}; {tail}",
        picked=True,
        rows=rows,
    )


def _nothing() -> LightView:
    return LightView(
        text="no light found before this bang, or its picture could not be searched", picked=False, rows=()
    )


def _picked(seen: ObservationEntry) -> FlashCandidateEntry | None:
    light = seen.light
    if light is None:
        return None
    return next((c for c in seen.flash_candidates if (c.time_s, c.kind) == (light.time_s, light.kind)), None)


def _row(light: FlashCandidateEntry, picked: bool, clock: ClockEntry | None, names: Mapping[str, str]) -> LightRow:
    group_s = None if clock is None else group_time_of(clock, light.time_s + _INSIDE_S, of="video")
    return LightRow(
        what=light.kind,
        where_text=clock_text(light.time_s, _FRAME_S),
        frame_text="frame not known" if light.frame is None else f"frame {light.frame.index}",
        looks=support_word(light.score),
        fits=support_word(light.probability),
        away_text=_away_text(light.distance_m, light.distance_interval_m),
        also_in=tuple(names.get(name, name) for name in light.with_ids),
        reasons=light.reasons,
        picked=picked,
        go_s=None if group_s is None else round(group_s, 6),
    )


def _away_text(distance_m: float | None, interval_m: tuple[float, float | None] | None) -> str | None:
    """A distance in words; None where nothing is told, which the document writes as "at least 0"."""
    if interval_m is None or (interval_m[1] is None and interval_m[0] <= 0.0):
        return None
    return metres_text(distance_m, interval_m)
