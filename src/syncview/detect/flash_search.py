"""The flash of an explosion, looked for in the stretch of picture that its bang allows.

Left to run free, any detector of flashes finds hundreds in an hour of footage. A bang says that its light came up to
6 s (2 km) before; within that, the frames that brighten most in one place are measured, and a model fitted on simulated
flashes over real footage says how likely each is the one. The reviewer is shown three.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.flash_measures import Light, first_frame, region_of, rise_measures
from syncview.detect.flash_rises import find_rises
from syncview.detect.flash_score import flash_model, flash_probability, reasons_in_words
from syncview.errors import InputError
from syncview.model import LightCandidate
from syncview.timebase import round_s

if TYPE_CHECKING:
    from syncview.detect.flash_measures import Region
    from syncview.detect.flash_rises import Rises
    from syncview.model import LumaWindow
    from syncview.settings import FlashSettings

__all__ = ["measured_rises", "search_flashes"]

_LEAST_FRAMES = 4
_LEAST_STRENGTH = 0.6
_GROW_PX = 2  # by which the box exceeds the lit pixels


def search_flashes(
    window: LumaWindow, *, settings: FlashSettings, rises: Rises | None = None
) -> tuple[LightCandidate, ...]:
    """Find what may be the flash of a bang.

    Parameters
    ----------
    window : LumaWindow
        The frames; only lights that begin from its `start_s` to its `end_s` are taken.
    settings : FlashSettings
        How many, and how far apart.
    rises : Rises or None
        Of the same frames, where they are known already.

    Returns
    -------
    tuple of LightCandidate
        Likeliest first; `score` is the model's probability. Empty where nothing brightens.

    Raises
    ------
    InputError
        If frames and times do not belong together.
    """
    model = flash_model()
    scored = [
        replace(
            found, score=flash_probability(dict(found.measures), model), reasons=reasons_in_words(dict(found.measures))
        )
        for found in measured_rises(window, settings=settings, rises=rises)
    ]
    return tuple(sorted(scored, key=lambda found: (-found.score, found.time_s)))


def measured_rises(
    window: LumaWindow, *, settings: FlashSettings, rises: Rises | None = None
) -> tuple[LightCandidate, ...]:
    """Measure the frames of a stretch that brighten most, without judging them.

    Parameters
    ----------
    window : LumaWindow
        The frames.
    settings : FlashSettings
        How many, and how far apart.
    rises : Rises or None
        Of the same frames, where they are known already.

    Returns
    -------
    tuple of LightCandidate
        In order of time, with a score of 0 and no reasons.

    Raises
    ------
    InputError
        If frames and times do not belong together.
    """
    times_s = window.times_s
    if window.frames.ndim != 3 or not len(window.frames) == len(times_s) == len(window.key_frames):
        msg = f"expected a frame for each of {len(times_s)} times, got shape {window.frames.shape}"
        raise InputError(msg)
    if len(times_s) < _LEAST_FRAMES:
        return ()
    if rises is None:
        rises = find_rises(window.frames, settings=settings)
    found: dict[int, LightCandidate] = {}
    for peak in _peaks(rises, window, settings):
        row, column = np.unravel_index(int(np.argmax(rises.strength[peak])), rises.strength.shape[1:])
        region = region_of(rises.levels[peak], (int(row), int(column)))
        light = Light(first=first_frame(rises, peak, region), peak=peak, region=region)
        if not window.start_s - 1e-6 <= times_s[light.first] <= window.end_s + 1e-6:
            continue
        measures = rise_measures(rises, times_s, window.key_frames, light)
        found.setdefault(light.first, _candidate(window, light, measures, settings))
    return tuple(found[first] for first in sorted(found))


def _peaks(rises: Rises, window: LumaWindow, settings: FlashSettings) -> list[int]:
    """Frames that brighten most, none near a stronger one."""
    times_s, peaks = window.times_s, rises.peaks
    inside = (times_s >= window.start_s - 1e-6) & (times_s <= window.end_s + 0.1)
    inside[0] = False
    most = settings.most_judged * max(1, round((window.end_s - window.start_s) / 6.0))
    taken: list[int] = []
    for i in np.argsort(-peaks, kind="stable"):
        if len(taken) == most or peaks[i] < _LEAST_STRENGTH:
            break
        if inside[i] and all(abs(times_s[i] - times_s[k]) >= settings.apart_s for k in taken):
            taken.append(int(i))
    return taken


def _candidate(window: LumaWindow, light: Light, measures: dict[str, float], settings: FlashSettings) -> LightCandidate:
    time_s, before_s = float(window.times_s[light.first]), float(window.times_s[light.first - 1])
    frame_s = time_s - before_s
    readout_s = min(settings.readout_s, frame_s)
    height = window.frames.shape[1]
    row_share = (light.region.top + light.region.bottom) / 2 / height
    return LightCandidate(
        time_s=round_s(time_s),
        before_s=round_s(before_s),
        light_s=round_s((time_s + before_s) / 2),
        # Half a frame about the middle, half more since a stamp may be that of an exposure's begin or of its end, and
        # what the shutter needs to read down to the light's row.
        uncertainty_s=round_s(frame_s + readout_s * row_share),
        kind="flash",
        index=None,
        box_px=_box_px(light.region, window.frames.shape[1:], window.shown_px),
        score=0.0,
        measures=tuple(sorted((name, round(value, 4)) for name, value in measures.items())),
        reasons=(),
    )


def _box_px(region: Region, small: tuple[int, ...], shown_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """The region's rectangle in the displayed picture, a little larger."""
    scale = shown_px[0] / small[1], shown_px[1] / small[0]
    left, top = max(0, region.left - _GROW_PX) * scale[0], max(0, region.top - _GROW_PX) * scale[1]
    right = min(small[1], region.right + _GROW_PX) * scale[0]
    bottom = min(small[0], region.bottom + _GROW_PX) * scale[1]
    return round(left), round(top), round(right - left), round(bottom - top)
