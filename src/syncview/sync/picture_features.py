"""What synchronization keeps of a recording's picture: small pictures for the scene, curves for the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from syncview.settings import PictureSettings

__all__ = ["FeatureTaker", "PictureFeatures", "picture_features"]

_BLOCK_FRAMES = 64
_LEAST_SHOWN = 0.25  # of each side: more than three quarters of bars are a dark scene
_BUFFER_FRAMES = 1200  # frames that wait until the bars are known


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFeatures:
    """A recording's picture, ready to be compared with others; bars around it are cut off.

    `times_s` is float64, shape (frames,): recording times of all frames. `regions` is float16, shape (frames,
    rows x columns): mean levels of the regions of the picture, row by row. `motion` is float16, shape (frames,): mean
    change of the levels since the frame before that no shift of the whole picture explains, per second. `shift_px` is
    float16, shape (frames, 2): that shift, across and down, in pixels of a thumb. `thumbs` is uint8, shape (thumbs,
    height, width): means over fractions of a second around `thumb_times_s`.
    """

    recording_id: str
    times_s: NDArray[np.float64]
    regions: NDArray[np.float16]
    motion: NDArray[np.float16]
    shift_px: NDArray[np.float16]
    thumbs: NDArray[np.uint8]
    thumb_times_s: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        """From the first to the last frame."""
        return float(self.times_s[-1] - self.times_s[0]) if len(self.times_s) else 0.0

    @property
    def frame_s(self) -> float:
        """Usual time between frames; 0 where there are fewer than two."""
        return float(np.median(np.diff(self.times_s))) if len(self.times_s) > 1 else 0.0


def picture_features(
    frames: Iterable[tuple[float, NDArray[np.uint8]]], recording_id: str, *, settings: PictureSettings
) -> PictureFeatures:
    """Compute the features of one recording's picture.

    Parameters
    ----------
    frames : iterable of (time_s, picture)
        All frames in order; pictures are uint8, shape (height_px, width_px) of the settings.
    recording_id : str
        Whose they are.
    settings : PictureSettings
        Sizes and rates.

    Returns
    -------
    PictureFeatures
        With arrays of length 0 where there is no frame.

    Raises
    ------
    InputError
        If a picture has another shape or type.
    """
    taker = FeatureTaker(recording_id, settings)
    for time_s, picture in frames:
        taker.add(time_s, picture)
    return taker.finish()


class FeatureTaker:
    """Takes features while frames arrive, with a memory of a few seconds of them.

    Parameters
    ----------
    recording_id : str
        Whose frames they are.
    settings : PictureSettings
        Sizes and rates.
    """

    def __init__(self, recording_id: str, settings: PictureSettings) -> None:
        self._recording_id, self._settings = recording_id, settings
        self._waiting: list[tuple[float, NDArray[np.uint8]]] = []
        self._fit: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._last: tuple[float, NDArray[np.float32]] | None = None
        self._curves: list[tuple[NDArray[np.float64], ...]] = []
        self._bins = _Bins(settings)

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
        if self._fit is None:
            enough = time_s - self._waiting[0][0] >= self._settings.bar_seen_s or len(self._waiting) >= _BUFFER_FRAMES
        else:
            enough = len(self._waiting) >= _BLOCK_FRAMES
        if enough:
            self._take()

    def finish(self) -> PictureFeatures:
        """Take what is left, and give the features of all frames."""
        self._take()
        settings = self._settings
        regions = settings.region_rows * settings.region_columns
        empty = (np.zeros(0), np.zeros((0, regions)), np.zeros(0), np.zeros((0, 2)))
        times_s, levels, motion, shift = (np.concatenate(parts) for parts in zip(empty, *self._curves, strict=True))
        thumb_times_s, thumbs = self._bins.finish()
        return PictureFeatures(
            recording_id=self._recording_id,
            times_s=times_s,
            regions=levels.astype(np.float16),
            motion=np.minimum(motion, 6e4).astype(np.float16),
            shift_px=shift.astype(np.float16),
            thumbs=thumbs,
            thumb_times_s=thumb_times_s,
        )

    def _take(self) -> None:
        for first in range(0, len(self._waiting), _BLOCK_FRAMES):
            part = self._waiting[first : first + _BLOCK_FRAMES]
            times_s = np.array([time_s for time_s, _ in part])
            pictures = np.stack([picture for _, picture in part])
            if self._fit is None:
                self._fit = _fit(np.stack([picture for _, picture in self._waiting]), self._settings)
            down, across = self._fit
            thumbs = np.asarray(down @ pictures.astype(np.float32) @ across, np.float32)
            self._curves.append(self._curve(times_s, thumbs))
            self._bins.add(times_s, thumbs)
        self._waiting.clear()

    def _curve(self, times_s: NDArray[np.float64], thumbs: NDArray[np.float32]) -> tuple[NDArray[np.float64], ...]:
        settings = self._settings
        count, height, width = thumbs.shape
        rows, columns = settings.region_rows, settings.region_columns
        regions = thumbs.reshape(count, rows, height // rows, columns, width // columns).mean(axis=(2, 4))
        before = (times_s[0], thumbs[0]) if self._last is None else self._last
        self._last = float(times_s[-1]), thumbs[-1]
        shift, change = _global_motion(np.concatenate([before[1][None], thumbs]))
        step_s = np.diff(times_s, prepend=before[0])
        motion = np.divide(change, step_s, out=np.zeros(count), where=step_s > 0)
        return times_s, regions.reshape(count, -1).astype(np.float64), motion, shift


class _Bins:
    """Means of thumbs over equal stretches of time."""

    def __init__(self, settings: PictureSettings) -> None:
        self._settings = settings
        self._open: tuple[int, int, float, NDArray[np.float32]] | None = None
        self._times_s: list[float] = []
        self._thumbs: list[NDArray[np.uint8]] = []

    def add(self, times_s: NDArray[np.float64], thumbs: NDArray[np.float32]) -> None:
        bins = np.floor(times_s * self._settings.thumb_rate_hz + 1e-6).astype(int)
        starts = np.flatnonzero(np.diff(bins, prepend=bins[0] - 1))
        sums = np.add.reduceat(thumbs, starts, axis=0)
        totals_s = np.add.reduceat(times_s, starts)
        counts = np.diff(starts, append=len(bins))
        for number, count, total_s, total in zip(bins[starts], counts, totals_s, sums, strict=True):
            if self._open is not None and self._open[0] == number:
                _, seen, seen_s, seen_sum = self._open
                self._open = int(number), seen + int(count), seen_s + float(total_s), seen_sum + total
            else:
                self._close()
                self._open = int(number), int(count), float(total_s), total

    def finish(self) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        self._close()
        shape = 0, self._settings.thumb_height_px, self._settings.thumb_width_px
        thumbs = np.stack(self._thumbs) if self._thumbs else np.zeros(shape, np.uint8)
        return np.array(self._times_s, dtype=np.float64), thumbs

    def _close(self) -> None:
        if self._open is not None:
            _, count, total_s, total = self._open
            self._times_s.append(total_s / count)
            self._thumbs.append(np.clip(np.rint(total / count), 0, 255).astype(np.uint8))
            self._open = None


def _fit(pictures: NDArray[np.uint8], settings: PictureSettings) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two matrices that take a picture, without its bars, to a thumb: rows from the left, columns from the right."""
    brightest = pictures.max(axis=0)
    top, bottom = _shown(brightest.max(axis=1), settings.bar_level)
    left, right = _shown(brightest.max(axis=0), settings.bar_level)
    down = _averaging(settings.height_px, top, bottom, settings.thumb_height_px)
    return down, _averaging(settings.width_px, left, right, settings.thumb_width_px).T


def _shown(brightest: NDArray[np.uint8], bar_level: int) -> tuple[int, int]:
    """First row or column that shows something, and the one after the last; the row next to a bar is mixed with it."""
    bright = np.flatnonzero(brightest > bar_level)
    size = len(brightest)
    if not len(bright) or (first := int(bright[0])) == (stop := int(bright[-1]) + 1) or (first, stop) == (0, size):
        return 0, size
    first, stop = first + (first > 0), stop - (stop < size)
    return (first, stop) if stop - first >= _LEAST_SHOWN * size else (0, size)


def _averaging(size: int, first: int, stop: int, wanted: int) -> NDArray[np.float32]:
    """Weights, shape (wanted, size), that average the stretch from first to stop into equal parts."""
    edges = np.linspace(first, stop, wanted + 1)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    weights = np.clip(covered, 0.0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _global_motion(thumbs: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shift of each picture against the one before, and the mean change that is left, after one step of Lucas-Kanade.

    Brightness of the whole picture is left in the change: a flash is motion of light.
    """
    before, after = thumbs[:-1], thumbs[1:]
    mean = 0.5 * (before + after)
    gx = 0.5 * (mean[:, 1:-1, 2:] - mean[:, 1:-1, :-2])
    gy = 0.5 * (mean[:, 2:, 1:-1] - mean[:, :-2, 1:-1])
    gt = (after - before)[:, 1:-1, 1:-1]
    level = gt.mean(axis=(1, 2), keepdims=True)
    xx, yy, xy = (np.einsum("ijk,ijk->i", p, q) for p, q in ((gx, gx), (gy, gy), (gx, gy)))
    xt, yt = (np.einsum("ijk,ijk->i", p, gt - level) for p in (gx, gy))
    xx, yy = xx + 4.0 * gx[0].size * 0.25, yy + 4.0 * gx[0].size * 0.25  # flat pictures do not move
    determinant = xx * yy - xy * xy
    u, v = (xy * yt - yy * xt) / determinant, (xy * xt - xx * yt) / determinant
    left = np.abs(gt + u[:, None, None] * gx + v[:, None, None] * gy).mean(axis=(1, 2))
    return np.clip(np.stack([u, v], axis=1), -8.0, 8.0).astype(np.float64), left.astype(np.float64)
