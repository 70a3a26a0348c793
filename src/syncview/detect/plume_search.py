"""The first plume of an explosion, looked for in the stretch of picture that its bang allows.

By day there is often no flash, or a roof hides it; dust and smoke come up after it. The first frame that shows them is
later than the explosion, so the bang follows it too soon: what it gives is a distance of at least.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.flash_rises import find_rises
from syncview.detect.flash_search import search_flashes
from syncview.detect.plume_canvas import canvas_of
from syncview.detect.plume_growth import traced
from syncview.detect.plume_measures import growth_measures
from syncview.detect.plume_score import plume_model, plume_probability, plume_reasons
from syncview.model import LightCandidate
from syncview.timebase import round_s

if TYPE_CHECKING:
    from syncview.detect.flash_rises import Rises
    from syncview.detect.plume_canvas import Canvas
    from syncview.detect.plume_growth import Growth
    from syncview.model import LumaWindow
    from syncview.settings import FlashSettings, PlumeSettings

__all__ = ["measured_growths", "search_lights", "search_plumes"]

_LEAST_S = 3.0  # of picture, to know what is usual and what stays
_SLACK_S = 0.3
_GROW_PX = 2


def search_plumes(
    window: LumaWindow, *, flash: FlashSettings, settings: PlumeSettings, rises: Rises | None = None
) -> tuple[LightCandidate, ...]:
    """Find what may be the first plume of a bang's explosion.

    Parameters
    ----------
    window : LumaWindow
        The frames; only plumes that begin from its `start_s` to its `end_s` are taken.
    flash : FlashSettings
        How the camera is followed.
    settings : PlumeSettings
        How many.
    rises : Rises or None
        Of the same frames, where they are known already.

    Returns
    -------
    tuple of LightCandidate
        Likeliest first; `score` is the model's probability. Empty where nothing changes for good.
    """
    model = plume_model()
    scored = []
    for found in measured_growths(window, flash=flash, settings=settings, rises=rises):
        measures = dict(found.measures)
        score = plume_probability(measures, model)
        scored.append(replace(found, score=score, reasons=plume_reasons(measures)))
    return tuple(sorted(scored, key=lambda found: (-found.score, found.time_s)))


def search_lights(window: LumaWindow, *, flash: FlashSettings, settings: PlumeSettings) -> tuple[LightCandidate, ...]:
    """Find what may be the flash of a bang, or its first plume; a likely flash outranks the plume that follows it.

    Parameters
    ----------
    window : LumaWindow
        The frames; only what begins from its `start_s` to its `end_s` is taken.
    flash : FlashSettings
        For flashes.
    settings : PlumeSettings
        For plumes.

    Returns
    -------
    tuple of LightCandidate
        Likeliest first.

    Raises
    ------
    InputError
        If frames and times do not belong together.
    """
    rises = None if len(window.frames) < 2 or window.frames.ndim != 3 else find_rises(window.frames, settings=flash)
    flashes = search_flashes(window, settings=flash, rises=rises)
    plumes = search_plumes(window, flash=flash, settings=settings, rises=rises)
    near_px = settings.same_place_share * window.shown_px[0]
    own = [plume for plume in plumes if not any(_outranks(light, plume, near_px, settings) for light in flashes)]
    return tuple(sorted((*flashes, *own), key=lambda found: (-found.score, found.time_s, found.kind)))


def _outranks(light: LightCandidate, plume: LightCandidate, near_px: float, settings: PlumeSettings) -> bool:
    """Whether a plume rises where a flash was that is likelier one than not."""
    soon = -settings.same_early_s <= plume.time_s - light.time_s <= settings.same_late_s
    if not soon or light.score < settings.flash_wins_score:
        return False
    (left, top, width, height), (x, y, wide, tall) = light.box_px, plume.box_px
    across = max(left - (x + wide), x - (left + width))
    down = max(top - (y + tall), y - (top + height))
    return max(across, down) <= near_px


def measured_growths(
    window: LumaWindow, *, flash: FlashSettings, settings: PlumeSettings, rises: Rises | None = None
) -> tuple[LightCandidate, ...]:
    """Measure the places of a stretch that change for good, without judging them.

    Parameters
    ----------
    window : LumaWindow
        The frames.
    flash : FlashSettings
        How the camera is followed.
    settings : PlumeSettings
        How many.
    rises : Rises or None
        Of the same frames, where they are known already.

    Returns
    -------
    tuple of LightCandidate
        In order of time, with a score of 0 and no reasons.
    """
    times_s = window.times_s
    if len(times_s) < 2 or times_s[-1] - times_s[0] < _LEAST_S:
        return ()
    if rises is None:
        rises = find_rises(window.frames, settings=flash)
    canvas = canvas_of(rises, times_s)
    if canvas is None:
        return ()
    sampled_s = times_s[canvas.frames]
    inside = (sampled_s >= window.start_s - _SLACK_S) & (sampled_s <= window.end_s)
    growths = traced(rises, canvas, inside, settings)
    found: dict[tuple[float, tuple[int, int, int, int]], LightCandidate] = {}
    for growth in growths:
        if window.start_s - 1e-6 <= times_s[growth.first] <= window.end_s + 1e-6:
            measures = growth_measures(canvas, times_s, growth, growths)
            candidate = _candidate(window, canvas, growth, measures, flash)
            found.setdefault((candidate.time_s, candidate.box_px), candidate)
    return tuple(found[key] for key in sorted(found))


def _candidate(
    window: LumaWindow, canvas: Canvas, growth: Growth, measures: dict[str, float], flash: FlashSettings
) -> LightCandidate:
    time_s, before_s = float(window.times_s[growth.first]), float(window.times_s[growth.first - 1])
    frame_s = time_s - before_s
    return LightCandidate(
        time_s=round_s(time_s),
        before_s=round_s(before_s),
        light_s=round_s((time_s + before_s) / 2),
        uncertainty_s=round_s(frame_s + min(flash.readout_s, frame_s)),
        kind="first plume",
        index=None,
        box_px=_box_px(window, canvas, growth),
        score=0.0,
        measures=tuple(sorted((name, round(value, 4)) for name, value in measures.items())),
        reasons=(),
    )


def _box_px(window: LumaWindow, canvas: Canvas, growth: Growth) -> tuple[int, int, int, int]:
    """The region's rectangle in the displayed picture of the first frame, a little larger."""
    region = growth.region
    height, width = window.frames.shape[1:]
    row, column = canvas.corner_px(growth.first)
    scale = window.shown_px[0] / width, window.shown_px[1] / height
    top, bottom = (np.clip(v - row, 0, height) for v in (region.top - _GROW_PX, region.bottom + _GROW_PX))
    left, right = (np.clip(v - column, 0, width) for v in (region.left - _GROW_PX, region.right + _GROW_PX))
    return (
        round(float(left) * scale[0]),
        round(float(top) * scale[1]),
        round(float(right - left) * scale[0]),
        round(float(bottom - top) * scale[1]),
    )
