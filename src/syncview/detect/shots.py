"""Where one shot ends and the next begins, from small grey pictures.

A cut is a change between two frames that (1) stands alone among the changes around it, unlike a pan; (2) no shift of
the picture explains, unlike shake; (3) is greater than what either side changes by in as much time, unlike a camera
that moves fast and drops frames; (4) is not undone soon after, unlike the flash of an explosion, a hand before the lens
or a jump of the exposure. Brightness and contrast are taken out first, locally, so that the half of a picture which
smoke does not cover still counts. Black and white pictures belong to no shot, so a fade through black is a cut between
the pictures around it. Dissolves are not looked for: dust and smoke look like them.

Comparing windows on both sides of a candidate follows Cernekova et al. and the twin comparison of Zhang et al. (1993);
the shift is found by plain correlation of locally normalised pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft2, rfft2

from syncview.errors import InputError
from syncview.model import Interval
from syncview.signal.routines import uniform_filter1d
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from syncview.settings import PictureSettings

__all__ = ["ShotBoundary", "ShotFinder", "find_boundaries", "shot_intervals"]

_BLOCK_FRAMES = 64
_LOCAL_PX = 9  # surroundings that brightness and contrast are taken from
_FLOOR_LEVELS = 4.0  # contrast below is noise of sensor and codec
_LEAST_OVERLAP = 0.4
_LEAST_ENERGY = 0.02  # of a locally normalised picture: below, there is no detail to compare
_INSERT_DETAIL = 0.5
_SAME = 1e-6  # change between a frame and its repetition
_NEAR_S = 0.12
_BEFORE_S = (0.0, 0.07, 0.15, 0.3, 0.6, 1.0, 1.5)
_AFTER_S = (0.0, 0.07, 0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotBoundary:
    """A hard cut, or a fade through black. `time_s` is the recording time of the first frame of the new shot.

    `uncertainty_s` is the time since the frame before; `score`, in 0..1, how much less alike the two sides are than
    each within itself.
    """

    time_s: float
    uncertainty_s: float
    score: float


def shot_intervals(boundaries: Sequence[ShotBoundary], *, start_s: float, end_s: float) -> tuple[Interval, ...]:
    """Shots between boundaries.

    Parameters
    ----------
    boundaries : sequence of ShotBoundary
        In order.
    start_s, end_s : float
        Recording times of the first picture and of the picture's end.

    Returns
    -------
    tuple of Interval
        Of kind "shot", without gaps; empty where there is one shot only.

    Examples
    --------
    >>> cut = ShotBoundary(time_s=2.0, uncertainty_s=0.04, score=0.9)
    >>> [(shot.start_s, shot.end_s) for shot in shot_intervals([cut], start_s=0.0, end_s=5.0)]
    [(0.0, 2.0), (2.0, 5.0)]
    """
    if not boundaries:
        return ()
    edges = [start_s, *(boundary.time_s for boundary in boundaries), end_s]
    return tuple(Interval(start_s=round_s(a), end_s=round_s(b), kind="shot") for a, b in pairwise(edges) if b > a)


def find_boundaries(
    frames: Iterable[tuple[float, NDArray[np.uint8]]], *, settings: PictureSettings
) -> tuple[ShotBoundary, ...]:
    """Find the cuts of a recording.

    Parameters
    ----------
    frames : iterable of (time_s, picture)
        All frames in order; pictures are uint8, shape (height_px, width_px) of the settings.
    settings : PictureSettings
        Thresholds.

    Returns
    -------
    tuple of ShotBoundary
        In order of time.

    Raises
    ------
    InputError
        If a picture has another shape or type.
    """
    finder = ShotFinder(settings)
    for time_s, picture in frames:
        finder.add(time_s, picture)
    return finder.finish()


class ShotFinder:
    """Finds cuts while frames arrive, with a memory of a few seconds of them.

    Parameters
    ----------
    settings : PictureSettings
        Size of the pictures and thresholds.
    """

    def __init__(self, settings: PictureSettings) -> None:
        self._settings = settings
        self._waiting: list[tuple[float, NDArray[np.uint8]]] = []
        self._seen = _Seen.empty(settings)
        self._judged_to_s = -np.inf
        self._found: list[ShotBoundary] = []

    def add(self, time_s: float, picture: NDArray[np.uint8]) -> None:
        """Take the next frame.

        Parameters
        ----------
        time_s : float
            Its recording time, ascending.
        picture : ndarray of uint8, shape (height_px, width_px)
            Small and grey.

        Raises
        ------
        InputError
            If the picture has another shape or type.
        """
        shape = self._settings.height_px, self._settings.width_px
        if picture.shape != shape or picture.dtype != np.uint8:
            msg = f"expected pictures of uint8 and shape {shape}, got {picture.dtype} {picture.shape}"
            raise InputError(msg)
        self._waiting.append((time_s, picture))
        if len(self._waiting) >= _BLOCK_FRAMES:
            self._take()
            self._judge(float(self._seen.times_s[-1]) - self._settings.cut_reach_s if len(self._seen.times_s) else 0.0)

    def finish(self) -> tuple[ShotBoundary, ...]:
        """Judge what is left, and give all cuts in order of time."""
        self._take()
        self._judge(np.inf)
        return tuple(self._found)

    def _take(self) -> None:
        if self._waiting:
            self._seen = self._seen.with_more(self._waiting, self._settings)
            self._waiting.clear()

    def _judge(self, until_s: float) -> None:
        """Judge the candidates up to a moment whose surroundings are known, and forget what is no more needed."""
        seen = self._seen
        for at in _candidates(seen, self._settings):
            time_s = float(seen.times_s[at])
            if self._judged_to_s < time_s <= until_s:
                found = _Sides(seen, at, self._settings).boundary()
                if found is not None:
                    self._found.append(found)
        self._judged_to_s = max(self._judged_to_s, until_s)
        self._seen = seen.since(until_s - self._settings.cut_reach_s - self._settings.cut_freeze_s)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Frames that show something. `change[i]` is that from frame i - 1 to i, in 0..2."""

    times_s: NDArray[np.float64]
    pictures: NDArray[np.uint8]
    levels: NDArray[np.float32]
    coarse: NDArray[np.float32]
    change: NDArray[np.float32]

    @classmethod
    def empty(cls, settings: PictureSettings) -> _Seen:
        shape = settings.height_px, settings.width_px
        nothing = np.zeros(0, np.float32)
        coarse = np.zeros((0, (shape[0] // 2) * (shape[1] // 2)), np.float32)
        return cls(np.zeros(0), np.zeros((0, *shape), np.uint8), nothing, coarse, nothing)

    def with_more(self, frames: Sequence[tuple[float, NDArray[np.uint8]]], settings: PictureSettings) -> _Seen:
        times_s = np.array([time_s for time_s, _ in frames])
        pictures = np.stack([picture for _, picture in frames])
        rows, columns = settings.height_px // 2, settings.width_px // 2
        even = pictures[:, : 2 * rows, : 2 * columns]
        quads = even[:, ::2].astype(np.float32) + even[:, 1::2]
        coarse = (0.25 * (quads[:, :, ::2] + quads[:, :, 1::2])).reshape(len(pictures), -1)
        levels = coarse.mean(axis=1)
        coarse -= levels[:, None]
        power = np.einsum("ij,ij->i", coarse, coarse)
        size = rows * columns
        shows = power > size * settings.cut_blank_level**2
        coarse /= np.sqrt(power + size * np.float32(_FLOOR_LEVELS**2))[:, None]
        whole = np.concatenate([self.coarse, coarse[shows]])
        steps = np.diff(whole[max(0, len(self.coarse) - 1) :], axis=0)
        change = 0.5 * np.einsum("ij,ij->i", steps, steps)
        first = np.zeros(0 if len(self.coarse) else min(1, len(whole)), np.float32)
        return _Seen(
            np.concatenate([self.times_s, times_s[shows]]),
            np.concatenate([self.pictures, pictures[shows]]),
            np.concatenate([self.levels, levels[shows]]),
            whole,
            np.concatenate([self.change, first, change]),
        )

    def since(self, start_s: float) -> _Seen:
        first = int(np.searchsorted(self.times_s, start_s))
        return _Seen(
            self.times_s[first:], self.pictures[first:], self.levels[first:], self.coarse[first:], self.change[first:]
        )


def _candidates(seen: _Seen, settings: PictureSettings) -> NDArray[np.intp]:
    """Frames whose change is large and stands alone."""
    change, around = seen.change, settings.cut_around_frames
    if len(change) < 2:
        return np.zeros(0, np.intp)
    padded = np.pad(change, around, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1)
    usual = np.partition(windows, -3, axis=1)[:, -3]  # one frame with a change besides may be a flash, or mixed
    top = windows[:, around - 1 : around + 2].max(axis=1)
    alone = (change >= top) & (change >= settings.cut_change_ratio * usual)
    return np.flatnonzero(alone & (change >= settings.cut_least_change) & (np.arange(len(change)) > 0))


class _Sides:
    """The pictures around a candidate, compared with each other when asked."""

    def __init__(self, seen: _Seen, at: int, settings: PictureSettings) -> None:
        self._seen, self._at, self._settings = seen, at, settings
        self._spectra: dict[int, tuple[NDArray[np.complex64], float]] = {}

    def boundary(self) -> ShotBoundary | None:
        """The cut at the candidate, or None when something else explains the change."""
        settings, at, times_s = self._settings, self._at, self._seen.times_s
        across = self._alike(at - 1, at)
        if across > settings.cut_alike:
            return None
        within = min(self._steady(-1), self._steady(+1))
        unlike = settings.cut_alike if within >= settings.cut_steady else settings.cut_unlike
        if across > unlike or within < settings.cut_alike or self._flashes():
            return None
        before, after = self._picks(_BEFORE_S, -1), self._picks(_AFTER_S, +1)
        likeness = np.array([[self._alike(p, q) for q in after] for p in before])
        if likeness.max() > settings.cut_alike and not self._insert(likeness, before, after):
            return None
        across = float(likeness[: max(1, len(before) // 2), : max(1, len(after) // 2)].min())
        return ShotBoundary(
            time_s=float(times_s[at]),
            uncertainty_s=float(times_s[at] - times_s[at - 1]),
            score=float(np.clip(within - max(across, 0.0), 0.0, 1.0)),
        )

    def _picks(self, delays_s: Sequence[float], way: int) -> list[int]:
        """Frames of one side at some distances from the cut, nearest first."""
        times_s, at = self._seen.times_s, self._at
        if way > 0:
            found = np.searchsorted(times_s, times_s[at] + np.array(delays_s) - 1e-6)
            return sorted({int(i) for i in found if i < len(times_s)})
        found = np.searchsorted(times_s, times_s[at - 1] - np.array(delays_s) + 1e-6) - 1
        return sorted({int(i) for i in found if i >= 0}, reverse=True)

    def _steady(self, way: int) -> float:
        """How alike the pictures of one side are, over as much time as the change took."""
        times_s, change, at = self._seen.times_s, self._seen.change, self._at
        near = at if way > 0 else at - 1
        last = len(times_s) - 1
        gap_s = float(times_s[at] - self._moved_s(at - 1))
        if gap_s > self._settings.cut_freeze_s:  # a still, or nothing but black between the two
            gap_s = float(np.median(np.diff(times_s[max(0, at - 5) : at + 6])))
        far = near
        while 0 <= far + way <= last and (abs(times_s[far] - times_s[near]) < gap_s - 1e-6):
            far += way
        if far == near:
            return 0.0
        inner = slice(near + 1, far + 1) if way > 0 else slice(far + 1, near + 1)
        if not np.any(change[inner] > _SAME):
            return 1.0
        return self._alike(near, far)

    def _moved_s(self, index: int) -> float:
        """Since when the picture has stood as it does."""
        while index > 0 and self._seen.change[index] <= _SAME:
            index -= 1
        return float(self._seen.times_s[index])

    def _flashes(self) -> bool:
        """Whether the whole picture brightens at the change, or before it, and darkens again soon."""
        times_s, levels, at = self._seen.times_s, self._seen.levels, self._at
        far = np.searchsorted(times_s, [times_s[at] - 0.6, times_s[at] + 0.6])
        before, after = levels[min(far[0], at - 1) : at], levels[at : max(far[1], at + 1)]
        rise = float(after[:3].max() - before[-1])
        if rise > self._settings.cut_flash_levels and float(after[-3:].min()) < before[-1] + 0.5 * rise:
            return True
        fall = float(before[-3:].max() - after[0])
        return fall > self._settings.cut_flash_levels and float(before[:3].min()) < after[0] + 0.5 * fall

    def _insert(self, likeness: NDArray[np.float64], before: list[int], after: list[int]) -> bool:
        """Whether what lies between two views of one place is a shot of its own, on one side of the change."""
        settings, times_s, at = self._settings, self._seen.times_s, self._at
        same = likeness > settings.cut_alike
        near_after = times_s[after] - times_s[at] < _NEAR_S
        near_before = times_s[at - 1] - times_s[before] < _NEAR_S
        returns = np.array(after)[same[near_before].any(axis=0)]
        came = np.array(before)[same[:, near_after].any(axis=1)]
        if bool(len(returns)) == bool(len(came)):
            return False
        change = self._seen.change
        if len(returns):
            first, stop = at, at + 1 + int(np.argmax(change[at + 1 : returns.min() + 1]))
        else:
            first, stop = int(came.max()) + 1 + int(np.argmax(change[came.max() + 1 : at])), at
        length_s = float(times_s[stop] - times_s[first])
        other = float(self._seen.levels[at - 1 if len(returns) else at])
        brighter = float(np.median(self._seen.levels[first:stop])) - other > settings.cut_flash_levels
        if length_s < settings.cut_insert_s or brighter:
            return False
        quarter = max(1, (stop - first) // 4)
        inner, outer = (self._spectrum(i)[1] for i in ((first + stop) // 2, at - 1 if len(returns) else at))
        if inner < _INSERT_DETAIL * outer:  # a hand, or smoke, close to the lens
            return False
        return self._alike(first, stop - 1 - quarter) > settings.cut_alike

    def _alike(self, i: int, j: int) -> float:
        """Correlation of two pictures at the best shift; 1 for the same picture, moved."""
        (one, power), (other, other_power) = self._spectrum(i), self._spectrum(j)
        if min(power, other_power) < _LEAST_ENERGY:
            return 0.0
        overlap, shape = _overlap(self._settings.height_px, self._settings.width_px)
        curve = irfft2(one * np.conj(other), s=shape)
        pixels = self._settings.height_px * self._settings.width_px
        return float((curve * overlap).max()) / (pixels * float(np.sqrt(power * other_power)))

    def _spectrum(self, index: int) -> tuple[NDArray[np.complex64], float]:
        if index not in self._spectra:
            detail = _detail(self._seen.pictures[index])
            _, shape = _overlap(*detail.shape)
            self._spectra[index] = np.asarray(rfft2(detail, s=shape), np.complex64), float(np.mean(detail**2))
        return self._spectra[index]


def _detail(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture without the brightness and contrast of its surroundings."""
    v = picture.astype(np.float32)
    v -= _blurred(v)
    return np.asarray(v / (np.sqrt(_blurred(v * v)) + np.float32(_FLOOR_LEVELS)), np.float32)


def _blurred(v: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = uniform_filter1d(v, _LOCAL_PX, axis=0, mode="nearest")
    return np.asarray(uniform_filter1d(rows, _LOCAL_PX, axis=1, mode="nearest"), np.float32)


def _overlap(height: int, width: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
    """Weight of each shift: 0 where too little overlaps, else such that chance reaches equally high everywhere."""
    shape = 2 * height, 2 * width
    down = 1.0 - np.minimum(np.arange(shape[0]), shape[0] - np.arange(shape[0])) / height
    across = 1.0 - np.minimum(np.arange(shape[1]), shape[1] - np.arange(shape[1])) / width
    share = np.outer(down, across).astype(np.float32)
    return np.where(share >= _LEAST_OVERLAP, 1.0 / np.sqrt(np.maximum(share, 0.1)), 0.0).astype(np.float32), shape
