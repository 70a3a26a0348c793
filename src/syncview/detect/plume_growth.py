"""Where, and from which frame on, a place of a stretch looks lastingly otherwise than it did.

What passes changes a place for a moment; a plume changes it for good, and more of it from frame to frame. The strongest
lasting changes are followed back in time to where they began, and the frame is that from which on the place departs
from what was usual there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.flash_measures import region_of
from syncview.detect.plume_canvas import smoothed
from syncview.signal.routines import maximum_filter1d, uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.detect.flash_measures import Region
    from syncview.detect.flash_rises import Rises
    from syncview.detect.plume_canvas import Canvas
    from syncview.settings import PlumeSettings

__all__ = ["Growth", "lasting_changes", "place_of", "traced"]

_FIRST = 3  # sample before which too little is known of what is usual
_AFTER = (3, 4, 5, 6)  # samples later at which a place must look otherwise: 0.6 to 1.2 s
_ENOUGH_STRENGTH = 3.0  # more is an edge of something solid, not more of a plume
_BROAD_PX = 7
_APART_PX = 10
_KEPT = 0.25  # of the peak's strength, what a change must have earlier to be the same one
_LOOK_AHEAD = 8
_ENOUGH_LEVELS = 2.5
_LEAST_VOLUME = 15.0  # pixels times grey levels
_OVER_NOISE = 1.6
_LEAST_SHOWN = 0.6  # of a place, for a frame to tell of it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """A lasting change. `sample` is the last of the canvas before it, `region` its place there.

    `first` is the number of the frame that shows it first; `volume` (n,) by how much its place departs in each frame,
    in pixels times grey levels, 0 in frames that were not looked at, and `noise` what that is before.
    """

    sample: int
    region: Region
    strength: float
    first: int
    volume: NDArray[np.float64]
    noise: float


def lasting_changes(canvas: Canvas, settings: PlumeSettings) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """By how much each place looks lastingly otherwise after each sample.

    Parameters
    ----------
    canvas : Canvas
        Of the stretch.
    settings : PlumeSettings
        Noise.

    Returns
    -------
    levels, strength : ndarray of float32, shape (m, height_px, width_px)
        Grey levels that the second smallest of four departures reaches, and these over what is usual there.
    """
    levels = np.zeros_like(canvas.levels)
    for k in range(_FIRST, len(canvas.frames)):
        later = [canvas.departure(k + by, k) for by in _AFTER if k + by < len(canvas.frames)]
        if len(later) == len(_AFTER):
            a, b, c, d = later
            lower, upper = (
                np.maximum(np.minimum(a, b), np.minimum(c, d)),
                np.minimum(np.maximum(a, b), np.maximum(c, d)),
            )
            levels[k] = smoothed(np.minimum(lower, upper))
        elif len(later) > 1:
            levels[k] = smoothed(np.minimum.reduce(later))
    strength = levels / (settings.noise_levels + settings.noise_weight * _usual(levels, settings))
    np.minimum(strength, _ENOUGH_STRENGTH, out=strength)
    for axis in (1, 2):
        strength = uniform_filter1d(strength, _BROAD_PX, axis=axis, mode="nearest")
    return levels, strength


def _usual(levels: NDArray[np.float32], settings: PlumeSettings) -> NDArray[np.float32]:
    n, height, width = levels.shape
    half = levels[:, : height // 2 * 2, : width // 2 * 2].reshape(n, height // 2, 2, width // 2, 2)[:, :, 0, :, 0]
    at = min(n - 1, int(settings.noise_share * n))
    often = np.partition(half, at, axis=0)[at]
    for axis in (0, 1):
        often = maximum_filter1d(often, 3, axis=axis, mode="nearest")
    wide = np.repeat(np.repeat(often, 2, axis=0), 2, axis=1)
    return np.pad(wide, ((0, height - wide.shape[0]), (0, width - wide.shape[1])), mode="edge").astype(np.float32)


def traced(rises: Rises, canvas: Canvas, inside: NDArray[np.bool_], settings: PlumeSettings) -> list[Growth]:
    """Find the strongest lasting changes and where they began.

    Parameters
    ----------
    rises : Rises
        Frames of the stretch.
    canvas : Canvas
        The same on a canvas.
    inside : ndarray of bool, shape (m,)
        Samples after which a change may begin.
    settings : PlumeSettings
        How many.

    Returns
    -------
    list of Growth
        Strongest first.
    """
    _, strength = lasting_changes(canvas, settings)
    left = strength * inside[:, None, None]
    found: list[Growth] = []
    for _ in range(2 * settings.most_judged):
        k, row, column = (int(v) for v in np.unravel_index(int(np.argmax(left)), left.shape))
        top = float(left[k, row, column])
        if top < settings.least_strength or len(found) == settings.most_judged:
            break
        region = region_of(strength[k], (row, column))
        sample = _followed_back(strength, k, region, max(settings.least_strength, _KEPT * top))
        growth = _begun(rises, canvas, sample, region, top)
        rows, columns = _around(region, _APART_PX)
        left[max(0, sample - _LOOK_AHEAD) : k + _LOOK_AHEAD, rows, columns] = 0.0
        if growth is not None and not any(_same(growth, other) for other in found):
            found.append(growth)
    return found


def _same(a: Growth, b: Growth) -> bool:
    """Whether two changes were followed back to one beginning."""
    near = abs(a.first - b.first) <= 2 or abs(a.sample - b.sample) <= 1
    rows, columns = _around(a.region, _APART_PX)
    return (
        near
        and rows.start < b.region.bottom
        and b.region.top < rows.stop
        and columns.start < b.region.right
        and b.region.left < columns.stop
    )


def _around(region: Region, by: int) -> tuple[slice, slice]:
    return (
        slice(max(0, region.top - by), region.bottom + by),
        slice(max(0, region.left - by), region.right + by),
    )


def _followed_back(strength: NDArray[np.float32], k: int, region: Region, least: float) -> int:
    """The earliest sample in a row after which a part of the same place changes for good."""
    while k > _FIRST and float(strength[k - 1][region.part][region.mask].max()) >= least:
        k -= 1
    return k


def place_of(canvas: Canvas, rises: Rises, frame: int, part: tuple[slice, slice]) -> NDArray[np.float32]:
    """What a frame shows of a part of the canvas, in the exposure of the first; not a number where it shows nothing.

    Parameters
    ----------
    canvas : Canvas
        Of the stretch.
    rises : Rises
        Its frames.
    frame : int
        Number of the frame.
    part : (slice, slice)
        Rows and columns of the canvas.

    Returns
    -------
    ndarray of float32
    """
    corner, size = canvas.corner_px(frame), rises.frames.shape[1:]
    own, shown = [], []
    for one, first, length in zip(part, corner, size, strict=True):
        start, stop = max(one.start, first), min(one.stop, first + length)
        own.append(slice(start - one.start, max(start, stop) - one.start))
        shown.append(slice(start - first, max(start, stop) - first))
    out = np.full((part[0].stop - part[0].start, part[1].stop - part[1].start), np.nan, np.float32)
    levels = rises.frames[frame][tuple(shown)]
    if levels.size:
        out[tuple(own)] = (smoothed(levels) - np.float32(canvas.lifts[frame])) / np.float32(canvas.gains[frame])
    return out


def _begun(rises: Rises, canvas: Canvas, sample: int, region: Region, top: float) -> Growth | None:
    """The frame from which on a region departs from what was usual up to a sample."""
    height, width = canvas.levels.shape[1:]
    rows, columns = _around(region, 2)
    part = slice(rows.start, min(height, rows.stop)), slice(columns.start, min(width, columns.stop))
    samples = canvas.frames
    start = samples[max(0, sample - 3)]
    stop = samples[min(len(samples) - 1, sample + _LOOK_AHEAD)] + 1
    volume, looked = _volumes(rises, canvas, sample, part, _grown(region, part), range(start, stop))
    before = volume[start : samples[sample] + 1][looked[start : samples[sample] + 1]]
    if not len(before):
        return None
    noise = float(before.max())
    least = max(_LEAST_VOLUME, _OVER_NOISE * noise)
    after = np.arange(samples[sample] + 1, stop)
    after = after[looked[after]]
    below = np.flatnonzero(volume[after] < least)
    at = int(below[-1]) + 1 if len(below) else 0
    if at >= len(after):
        return None
    return Growth(sample=sample, region=region, strength=top, first=int(after[at]), volume=volume, noise=noise)


def _volumes(
    rises: Rises,
    canvas: Canvas,
    sample: int,
    part: tuple[slice, slice],
    counted: NDArray[np.bool_],
    frames: range,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """By how much a place departs in some frames from what was usual up to a sample, and which of them show it."""
    low, high = canvas.low[sample][part], canvas.high[sample][part]
    counted = counted & canvas.known[sample][part]
    volume, looked = np.zeros(len(rises.frames)), np.zeros(len(rises.frames), bool)
    for i in frames:
        shown = place_of(canvas, rises, i, part)
        seen = counted & ~np.isnan(shown)
        share = float(seen.sum()) / max(1, int(counted.sum()))
        if share >= _LEAST_SHOWN:
            out = np.maximum(shown - high, low - shown)[seen] - _ENOUGH_LEVELS
            volume[i], looked[i] = float(np.maximum(out, 0.0).sum()) / share, True
    return volume, looked


def _grown(region: Region, part: tuple[slice, slice]) -> NDArray[np.bool_]:
    """The region's pixels and their neighbours, in a part of the canvas around it."""
    mask = np.zeros((part[0].stop - part[0].start, part[1].stop - part[1].start), np.uint8)
    top, left = region.top - part[0].start, region.left - part[1].start
    mask[top : top + region.mask.shape[0], left : left + region.mask.shape[1]] = region.mask
    for axis in (0, 1):
        mask = maximum_filter1d(mask, 5, axis=axis, mode="nearest")
    return np.asarray(mask > 0)
