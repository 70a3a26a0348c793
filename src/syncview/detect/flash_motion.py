"""How a camera turned between two small frames, and the one laid over the other.

Phase correlation (Kuglin and Hines 1975), with the spectrum whitened in part: shake between frames is a shift, and
what a turn about the axis adds at the edges is left to whoever compares with a neighbourhood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft2, rfft2

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Shifts", "laid_over"]

_WHITENING = 0.8
_LEAST_POWER = 1e-3


class Shifts:
    """Finds the shift between any two frames of a stretch.

    Parameters
    ----------
    frames : ndarray of float32, shape (n, height_px, width_px)
        The frames.
    reach_px : int
        Greatest shift that is looked for, in either direction.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> scene = rng.normal(100, 30, (60, 90)).astype(np.float32)
    >>> frames = np.stack([scene[10:50, 10:74], scene[13:53, 8:72]])
    >>> Shifts(frames, reach_px=8).between(0, 1)
    (-3, 2)
    """

    def __init__(self, frames: NDArray[np.float32], *, reach_px: int) -> None:
        self._shape = frames.shape[1:]
        self._reach = min(reach_px, self._shape[0] // 3, self._shape[1] // 3)
        window = np.outer(np.hanning(self._shape[0]), np.hanning(self._shape[1])).astype(np.float32)
        levels = frames.mean(axis=(1, 2), keepdims=True)
        spectra = rfft2((frames - levels) * window, axes=(1, 2))
        size = np.abs(spectra)
        self._spectra = spectra / np.maximum(size, _LEAST_POWER) ** np.float32(_WHITENING)

    def between(self, first: int, second: int) -> tuple[int, int]:
        """Rows and columns by which the content of frame `first` must be moved to lie over `second`."""
        _, (row, column) = self._peak(first, second)
        return row - self._reach, column - self._reach

    def finely_between(self, first: int, second: int) -> tuple[float, float]:
        """The same to a fraction of a pixel, from a parabola through the peak and its neighbours."""
        near, (row, column) = self._peak(first, second)
        rows = near[max(0, row - 1) : row + 2, column]
        columns = near[row, max(0, column - 1) : column + 2]
        return row - self._reach + _vertex(rows), column - self._reach + _vertex(columns)

    def _peak(self, first: int, second: int) -> tuple[NDArray[np.float32], tuple[int, int]]:
        curve = irfft2(self._spectra[second] * np.conj(self._spectra[first]), s=self._shape)
        reach = self._reach
        near = np.roll(curve, (reach, reach), axis=(0, 1))[: 2 * reach + 1, : 2 * reach + 1]
        row, column = np.unravel_index(int(np.argmax(near)), near.shape)
        return near, (int(row), int(column))


def _vertex(three: NDArray[np.float32]) -> float:
    """Where a parabola through three values is highest, from the middle one; 0 at an edge."""
    if len(three) < 3:
        return 0.0
    before, top, after = (float(x) for x in three)
    bend = before - 2 * top + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0


def laid_over(frame: NDArray[np.float32], shift: tuple[int, int]) -> NDArray[np.float32]:
    """Move a frame's content; where nothing comes in, it takes its edge.

    Parameters
    ----------
    frame : ndarray of float32, shape (height_px, width_px)
        What is moved.
    shift : (int, int)
        Rows down and columns right, from `Shifts.between`.

    Returns
    -------
    ndarray of float32, shape (height_px, width_px)

    Examples
    --------
    >>> laid_over(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), (1, 0)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    moved = frame
    for axis, by in enumerate(shift):
        if by:
            size = frame.shape[axis]
            moved = np.take(moved, np.clip(np.arange(size) - by, 0, size - 1), axis=axis)
    return moved
