"""Where, and by how much, each frame of a stretch is brighter than anything near the same place was before.

A frame is compared with the two before it, each laid over it and dilated, so that shake, turns about the axis and
things that move a little brighten nothing; what brightens as the whole picture does is an exposure, not a light. What a
place often brightens by (traffic, leaves, coded edges) is what a light there must exceed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.flash_motion import Shifts, laid_over
from syncview.signal.routines import maximum_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import FlashSettings

__all__ = ["Rises", "find_rises"]

_NOISE_REACH_PX = 5  # in pairs of pixels
_COARSE_PX = 4
_GAINS = (0.5, 2.0)
_LEAST_CONTRAST = 8.0  # grey levels between the halves: below, a gain cannot be told from a lift


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rises:
    """What brightens from frame to frame.

    `frames`, `levels` and `strength` have shape (n, height_px, width_px): the pictures, the grey levels by which a
    place exceeds its past, and these over what is usual there. `whole_levels` (n,) is the median change of the whole
    picture; `steps_px` (n, 2) how far its content moved from the frame before, rows down and columns right; `shifts`
    finds how the camera turned between any two frames.
    """

    frames: NDArray[np.float32]
    levels: NDArray[np.float32]
    strength: NDArray[np.float32]
    whole_levels: NDArray[np.float64]
    steps_px: NDArray[np.int64]
    shifts: Shifts

    @property
    def peaks(self) -> NDArray[np.float32]:
        """Greatest strength in each frame, shape (n,)."""
        return np.asarray(self.strength.reshape(len(self.strength), -1).max(axis=1), np.float32)


def find_rises(frames: NDArray[np.uint8], *, settings: FlashSettings) -> Rises:
    """Compare each frame with the two before it.

    Parameters
    ----------
    frames : ndarray of uint8, shape (n, height_px, width_px)
        Consecutive small frames.
    settings : FlashSettings
        Reach of the camera's motion, and noise.

    Returns
    -------
    Rises
        The first frame rises by nothing.
    """
    pictures = frames.astype(np.float32)
    shifts = Shifts(pictures, reach_px=settings.reach_px)
    grown = _dilated(frames)
    levels = np.zeros_like(pictures)
    whole = np.zeros(len(pictures))
    steps_px = np.zeros((len(pictures), 2), np.int64)
    last = (0, 0)
    for i in range(1, len(pictures)):
        shift = shifts.between(i - 1, i)
        past = laid_over(grown[i - 1], shift)
        gain, lift, whole[i] = _exposure(_coarse(frames[i - 1], shift), _coarse(frames[i], (0, 0)))
        if i > 1:
            both = shift[0] + last[0], shift[1] + last[1]
            past = np.maximum(past, laid_over(grown[i - 2], both))
        rise = pictures[i] - np.maximum(past, np.float32(gain) * past + np.float32(lift))
        _blank_edges(rise, shift)
        levels[i], steps_px[i] = rise, shift
        last = shift
    levels = _mean(levels)
    usual = _usual(levels, settings)
    strength = levels / (settings.noise_levels + settings.noise_weight * usual)
    return Rises(
        frames=pictures, levels=levels, strength=strength, whole_levels=whole, steps_px=steps_px, shifts=shifts
    )


def _coarse(frame: NDArray[np.uint8], shift: tuple[int, int]) -> NDArray[np.float32]:
    """Every fourth pixel of a frame laid over another."""
    rows, columns = (
        np.clip(np.arange(0, size, _COARSE_PX) - by, 0, size - 1) for size, by in zip(frame.shape, shift, strict=True)
    )
    return np.asarray(frame[rows[:, None], columns].ravel(), np.float32)


def _exposure(before: NDArray[np.float32], now: NDArray[np.float32]) -> tuple[float, float, float]:
    """Gain and lift from one frame to the next, from the medians of its darker and brighter half; the median change."""
    whole = _median(now - before)
    dark = before <= _median(before)
    if dark.all():
        return 1.0, whole, whole
    low, high, low_now, high_now = (_median(v[part]) for v in (before, now) for part in (dark, ~dark))
    if high - low < _LEAST_CONTRAST:
        return 1.0, whole, whole
    gain = min(max((high_now - low_now) / (high - low), _GAINS[0]), _GAINS[1])
    return gain, low_now - gain * low, whole


def _median(v: NDArray[np.float32]) -> float:
    half = len(v) // 2
    return float(np.partition(v, half)[half])


def _blank_edges(rise: NDArray[np.float32], shift: tuple[int, int]) -> None:
    """Forget what the camera has only now turned to."""
    for axis, by in enumerate(shift):
        edge: list[slice] = [slice(None), slice(None)]
        wide = abs(by) + 1 if by else 0
        edge[axis] = slice(0, wide) if by > 0 else slice(rise.shape[axis] - wide, None)
        if wide:
            rise[tuple(edge)] = 0.0


def _dilated(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Maximum over 5 x 5 pixels: of two, of four, of five in a row, along each axis."""
    grown = np.pad(frames, ((0, 0), (2, 2), (2, 2)), mode="edge")
    two = np.maximum(grown[:, :-1], grown[:, 1:])
    four = np.maximum(two[:, :-2], two[:, 2:])
    grown = np.maximum(four[:, :-1], grown[:, 4:])
    two = np.maximum(grown[:, :, :-1], grown[:, :, 1:])
    four = np.maximum(two[:, :, :-2], two[:, :, 2:])
    return np.maximum(four[:, :, :-1], grown[:, :, 4:])


def _mean(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over 3 x 3 pixels; the outermost ones keep their own."""
    mean = levels.copy()
    rows = levels[:, :-2] + levels[:, 1:-1] + levels[:, 2:]
    mean[:, 1:-1, 1:-1] = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) * np.float32(1 / 9)
    for edge in (np.s_[:, :1], np.s_[:, -1:], np.s_[:, :, :1], np.s_[:, :, -1:]):
        mean[edge] = np.minimum(mean[edge], 0.0)
    return mean


def _usual(levels: NDArray[np.float32], settings: FlashSettings) -> NDArray[np.float32]:
    """What each place and its surroundings often brighten by, over the stretch."""
    n, height, width = levels.shape
    even = levels[:, : height // 2 * 2, : width // 2 * 2].reshape(n, height // 2, 2, width // 2, 2)
    rows = np.maximum(even[:, :, 0], even[:, :, 1])
    half = np.maximum(np.maximum(rows[..., 0], rows[..., 1]), np.float32(0.0))
    at = min(n - 1, int(settings.noise_share * n))
    often = np.partition(half, at, axis=0)[at]
    often = maximum_filter1d(often, _NOISE_REACH_PX, axis=0, mode="nearest")
    often = maximum_filter1d(often, _NOISE_REACH_PX, axis=1, mode="nearest")
    wide = np.repeat(np.repeat(often, 2, axis=0), 2, axis=1)
    return np.pad(wide, ((0, height - wide.shape[0]), (0, width - wide.shape[1])), mode="edge").astype(np.float32)
