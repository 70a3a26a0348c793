"""Frames of a stretch, some in a second, laid over each other on one canvas, and what a place there usually looks like.

A camera that shakes or turns is followed from frame to frame; what it turns to is unknown until it was seen. Between
the darkest and the brightest that a place and its neighbours were within the last second lies what is usual there, so
that leaves, water and a hand's shake depart from nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from syncview.detect.flash_rises import Rises

__all__ = ["Canvas", "canvas_of", "smoothed"]

_SAMPLE_S = 0.2
_BEFORE = 4  # samples that say what is usual
_EDGE_PX = 3  # of the picture: what is only now turned to is not known there
_MOST_SIZE = 8.0  # of the picture: a camera that turns farther shows no place for long
_COARSE_PX = 3
_STILL_LEVELS = 2.0  # smaller changes of the whole picture are no exposure
_GAINS = (0.6, 1.7)
_LEAST_CONTRAST = 12.0
_TRUSTED_PX = 4.0  # by which the way over a sample may differ from that over its frames


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """A stretch on one canvas.

    `frames` (m,) are the numbers of the sampled frames; `levels` (m, height_px, width_px) what they show, in the
    exposure of the first, and `seen` where they do; `low` and `high` what is usual up to each sample, and `known` where
    that is known. `ways_px` (n, 2) is how far the content of every frame has moved since the first, `origin_px` where
    the first frame's corner lies, `gains` and `lifts` (n,) the exposure of every frame against the first.
    """

    frames: NDArray[np.int64]
    levels: NDArray[np.float32]
    seen: NDArray[np.bool_]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    known: NDArray[np.bool_]
    ways_px: NDArray[np.float64]
    origin_px: tuple[int, int]
    gains: NDArray[np.float64]
    lifts: NDArray[np.float64]

    def corner_px(self, frame: int) -> tuple[int, int]:
        """Row and column of the canvas at which a frame's own first pixel lies."""
        row, column = np.round(self.ways_px[frame]).astype(int)
        return self.origin_px[0] - int(row), self.origin_px[1] - int(column)

    def departure(self, sample: int, against: int) -> NDArray[np.float32]:
        """Grey levels by which a sample lies outside of what was usual up to another, shape (height_px, width_px)."""
        levels = self.levels[sample]
        out = np.maximum(levels - self.high[against], self.low[against] - levels)
        return np.asarray(np.maximum(out, 0.0) * (self.seen[sample] & self.known[against]), np.float32)


def canvas_of(rises: Rises, times_s: NDArray[np.float64]) -> Canvas | None:
    """Lay a stretch on a canvas.

    Parameters
    ----------
    rises : Rises
        Its frames, and how each moved.
    times_s : ndarray of float64, shape (n,)
        Their times.

    Returns
    -------
    Canvas or None
        None where the camera turns too far.
    """
    interval_s = float(np.median(np.diff(times_s)))
    frames = np.arange(0, len(times_s), max(1, round(_SAMPLE_S / max(1e-3, interval_s))))
    ways_px = _ways(rises, frames)
    height, width = rises.frames.shape[1:]
    corners = np.round(-ways_px).astype(int)
    least = corners.min(axis=0)
    size = corners.max(axis=0) - least + (height, width)
    if float(np.prod(size)) > _MOST_SIZE * height * width:
        return None
    gains, lifts = _exposures(rises, frames, ways_px)
    levels = np.zeros((len(frames), *size), np.float32)
    seen, inner = np.zeros(levels.shape, bool), np.zeros(levels.shape, bool)
    edge = _EDGE_PX
    for k, frame in enumerate(frames):
        row, column = corners[frame] - least
        part = k, slice(row, row + height), slice(column, column + width)
        levels[part] = (smoothed(rises.frames[frame]) - np.float32(lifts[k])) / np.float32(gains[k])
        seen[part] = True
        inner[k, row + edge : row + height - edge, column + edge : column + width - edge] = True
    low, high, known = _usual(levels, seen, inner)
    every = np.arange(len(times_s))
    return Canvas(
        frames=frames,
        levels=levels,
        seen=seen,
        low=low,
        high=high,
        known=known,
        ways_px=ways_px,
        origin_px=(-int(least[0]), -int(least[1])),
        gains=np.interp(every, frames, gains),
        lifts=np.interp(every, frames, lifts),
    )


def smoothed(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over 3 x 3 pixels; the outermost rows and columns are taken twice.

    Parameters
    ----------
    picture : ndarray of float32, shape (height_px, width_px)
        A frame or a part of one.

    Returns
    -------
    ndarray of float32, shape (height_px, width_px)

    Examples
    --------
    >>> smoothed(np.array([[0.0, 0.0, 9.0]], np.float32)).tolist()
    [[0.0, 3.0, 6.0]]
    """
    rows = picture.copy()
    rows[1:] += picture[:-1]
    rows[:-1] += picture[1:]
    rows[0] += picture[0]
    rows[-1] += picture[-1]
    out = rows.copy()
    out[:, 1:] += rows[:, :-1]
    out[:, :-1] += rows[:, 1:]
    out[:, 0] += rows[:, 0]
    out[:, -1] += rows[:, -1]
    out *= np.float32(1 / 9)
    return out


def _ways(rises: Rises, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far each frame's content has moved since the first: sample by sample to a fraction, in between by frames."""
    ways_px = np.cumsum(rises.steps_px, axis=0).astype(np.float64)
    found = ways_px.copy()
    for first, second in pairwise(frames):
        rough = ways_px[second] - ways_px[first]
        fine = np.array(rises.shifts.finely_between(int(first), int(second)))
        step = fine if np.abs(fine - rough).max() <= _TRUSTED_PX else rough
        parts = np.linspace(0.0, 1.0, second - first + 1)[1:, None]
        way = ways_px[first + 1 : second + 1] - ways_px[first]
        found[first + 1 : second + 1] = found[first] + way + parts * (step - rough)
    found[frames[-1] :] = found[frames[-1]] + ways_px[frames[-1] :] - ways_px[frames[-1]]
    return found


def _exposures(
    rises: Rises, frames: NDArray[np.int64], ways_px: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gain and lift of each sample against the first, from the quarters of what both of two samples show."""
    gains, lifts = np.ones(len(frames)), np.zeros(len(frames))
    height, width = rises.frames.shape[1:]
    for k in range(1, len(frames)):
        first, second = frames[k - 1], frames[k]
        down, right = np.round(ways_px[second] - ways_px[first]).astype(int)
        rows = slice(max(0, down), min(height, height + down), _COARSE_PX)
        columns = slice(max(0, right), min(width, width + right), _COARSE_PX)
        now = rises.frames[second][rows, columns].ravel()
        back = slice(rows.start - down, rows.stop - down, _COARSE_PX)
        before = rises.frames[first][back, columns.start - right : columns.stop - right : _COARSE_PX].ravel()
        gain, lift = _exposure(before, now)
        gains[k], lifts[k] = gains[k - 1] * gain, lift + gain * lifts[k - 1]
    return gains, lifts


def _exposure(before: NDArray[np.float32], now: NDArray[np.float32]) -> tuple[float, float]:
    if len(now) < 16:
        return 1.0, 0.0
    change = float(np.median(now - before))
    if abs(change) < _STILL_LEVELS:
        return 1.0, 0.0
    dark = before <= np.median(before)
    if dark.all():
        return 1.0, change
    low, high, low_now, high_now = (float(np.median(v[part])) for v in (before, now) for part in (dark, ~dark))
    if high - low < _LEAST_CONTRAST:
        return 1.0, change
    gain = float(np.clip((high_now - low_now) / (high - low), *_GAINS))
    return gain, low_now - gain * low


def _usual(
    levels: NDArray[np.float32], seen: NDArray[np.bool_], inner: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Darkest and brightest near each place over the samples up to each, and where enough of them show it."""
    far = np.float32(1e4)
    low = _spread(np.where(seen, levels, far), np.minimum)
    high = _spread(np.where(seen, levels, -far), np.maximum)
    count = inner.astype(np.int8)
    low_, high_, count_ = low.copy(), high.copy(), count.copy()
    for back in range(1, _BEFORE):
        np.minimum(low_[back:], low[:-back], out=low_[back:])
        np.maximum(high_[back:], high[:-back], out=high_[back:])
        count_[back:] += count[:-back]
    return low_, high_, count_ >= _BEFORE


def _spread(stack: NDArray[np.float32], take: Callable[..., NDArray[np.float32]]) -> NDArray[np.float32]:
    """Extreme over 3 x 3 pixels."""
    wide = stack.copy()
    take(wide[:, 1:], stack[:, :-1], out=wide[:, 1:])
    take(wide[:, :-1], stack[:, 1:], out=wide[:, :-1])
    rows = wide.copy()
    take(wide[:, :, 1:], rows[:, :, :-1], out=wide[:, :, 1:])
    take(wide[:, :, :-1], rows[:, :, 1:], out=wide[:, :, :-1])
    return wide
