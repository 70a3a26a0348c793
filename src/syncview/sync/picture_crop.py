"""The crop that lays pictures of one recording over those of another, and how well they fit then."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.fft import irfft2, rfft2
from scipy.ndimage import binary_erosion, uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Crop", "best_crop", "correlations", "detail", "displaced_px", "flat", "not_laid_over"]

_SCALES = (0.76, 0.82, 0.88, 0.94, 1.0, 1.07, 1.14, 1.22, 1.31)  # a crop of a quarter of a side, either way
_REACH = 0.3  # of a side that the middle of a crop lies off
_LEAST_OVERLAP = 0.6
_STARTS = 8  # crops that are tried exactly
_FEW = 4  # pictures for the first search
_STEPS = ((0.03, 0.5), (0.015, 0.25), (0.008, 0.12))  # scale, and shift in pixels, of the search's rounds
_FINE_PX = 3
_BROAD_PX = 9
_FLAT_LEVELS = 0.5
_PARTS = 0.7  # of all detail must lie right; a logo and a caption cover the rest
_LAID_SHARE = 0.25
_LAID_OVER = 3.0


class _Fit(NamedTuple):
    """One axis of a crop: pixel x of b lies at ``middle + scale * (x - middle) + shift_px`` in a."""

    scale: float
    shift_px: float


@dataclass(frozen=True, slots=True)
class Crop:
    """What both pictures show, on the pixels of b."""

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]

    @classmethod
    def of(cls, fit: tuple[_Fit, _Fit], shape: tuple[int, ...]) -> Crop:
        """The crop of one fit for columns and one for rows."""
        (left, rows), (right, columns) = _matrix(shape[0], fit[1]), _matrix(shape[1], fit[0])
        return cls(left[rows], np.ascontiguousarray(right[columns].T), rows, columns)

    def of_a(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """What b shows too, of pictures of a."""
        return np.asarray(self.left @ pictures @ self.right, np.float32)

    def of_b(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """What a shows too, of pictures of b."""
        return pictures[:, self.rows][:, :, self.columns]


def best_crop(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> Crop:
    """Crop that lays pictures of b over those of a."""
    best, top = (_Fit(1.0, 0.0), _Fit(1.0, 0.0)), -1.0
    some = slice(None, None, max(1, len(ours) // _FEW))
    for x, y in _starts(theirs[some], ours[some]):
        score = _score(theirs, ours, x, y)
        if score > top:
            best, top = (x, y), score
    for scale, shift in _STEPS:
        better = True
        while better:
            better = False
            for x, y in _neighbours(best, scale, shift):
                score = _score(theirs, ours, x, y)
                if score > top + 1e-4:
                    best, top, better = (x, y), score, True
    return Crop.of(best, ours.shape[1:])


def _starts(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> list[tuple[_Fit, _Fit]]:
    """Crops to refine: at each pair of scales the best shift, by correlation; the best pairs of all."""
    height, width = theirs.shape[1:]
    shape = 2 * height, 2 * width
    spectrum = rfft2(ours, s=shape, axes=(1, 2))
    power = float(np.einsum("ijk,ijk->", ours, ours))
    found: list[tuple[float, tuple[_Fit, _Fit]]] = []
    for sy, sx in product(_SCALES, _SCALES):
        down, across = _matrix(height, _Fit(sy, 0.0)), _matrix(width, _Fit(sx, 0.0))
        scaled = (down[0] * down[1][:, None]) @ theirs @ (across[0] * across[1][:, None]).T
        curve = irfft2((rfft2(scaled, s=shape, axes=(1, 2)) * np.conj(spectrum)).sum(axis=0), s=shape)
        curve /= np.sqrt(max(power * float(np.einsum("ijk,ijk->", scaled, scaled)), 1.0))
        rows, columns = (np.fft.fftfreq(size, 1.0 / size) for size in shape)
        curve[np.abs(rows) > _REACH * height] = -1.0
        curve[:, np.abs(columns) > _REACH * width] = -1.0
        top = np.unravel_index(int(np.argmax(curve)), curve.shape)
        fits = _Fit(sx, float(columns[top[1]]) * sx), _Fit(sy, float(rows[top[0]]) * sy)
        found.append((float(curve[top]), fits))
    found.sort(key=lambda one: -one[0])
    return [fits for _, fits in found[:_STARTS]]


def _neighbours(fit: tuple[_Fit, _Fit], scale: float, shift: float) -> list[tuple[_Fit, _Fit]]:
    moves = [_Fit(scale, 0.0), _Fit(-scale, 0.0), _Fit(0.0, shift), _Fit(0.0, -shift)]
    x, y = fit
    return [
        *((_Fit(x.scale + move.scale, x.shift_px + move.shift_px), y) for move in moves),
        *((x, _Fit(y.scale + move.scale, y.shift_px + move.shift_px)) for move in moves),
    ]


def _score(theirs: NDArray[np.float32], ours: NDArray[np.float32], x: _Fit, y: _Fit) -> float:
    """Mean correlation of pictures under a crop; -1 where too little overlaps."""
    (left, rows), (right, columns) = _matrix(theirs.shape[1], y), _matrix(theirs.shape[2], x)
    if min(rows.mean(), columns.mean()) < _LEAST_OVERLAP:
        return -1.0
    one = np.asarray(left[rows] @ theirs @ right[columns].T, np.float32)
    return float(correlations(flat(one), flat(ours[:, rows][:, :, columns])).mean())


def _matrix(size: int, fit: _Fit) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Weights, shape (size, size), that bring an axis of a to that of b, and which pixels of b lie inside a."""
    middle = 0.5 * (size - 1)
    places = middle + fit.scale * (np.arange(size) - middle) + fit.shift_px
    inside = (places >= -0.5) & (places <= size - 0.5)
    places = np.clip(places, 0.0, size - 1.0)
    low = np.minimum(places.astype(int), size - 2)
    weights = np.zeros((size, size), np.float32)
    weights[np.arange(size), low] = 1.0 - (places - low)
    weights[np.arange(size), low + 1] = places - low
    return weights, inside


def detail(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures without what is broad in them, since skies and grounds are alike everywhere.

    Nor with what is finer than two pixels, which does not survive being moved by a part of one.
    """
    return _blurred(v, _FINE_PX) - _blurred(v, _BROAD_PX)


def _fine(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures without what is finer than two pixels, and without their brightness."""
    smooth = _blurred(v, _FINE_PX)
    return np.asarray(smooth - np.median(smooth, axis=(1, 2), keepdims=True), np.float32)


def _blurred(v: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    rows = uniform_filter1d(v, size, axis=1, mode="nearest")
    return np.asarray(uniform_filter1d(rows, size, axis=2, mode="nearest"), np.float32)


def flat(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures as rows."""
    return v.reshape(len(v), -1)


def correlations(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of rows."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (one, other))
    power = np.einsum("...i,...i->...", x, x) * np.einsum("...i,...i->...", y, y)
    floor = x.shape[-1] ** 2  # one grey level, 1 sigma: less is nothing to compare
    return np.asarray(np.einsum("...i,...i->...", x, y) / np.sqrt(np.maximum(power, floor)), np.float32)


def not_laid_over(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels to compare: all but a quarter at most, where one file may show a logo or a caption."""
    smooth = [_fine(v) for v in (one, other)]
    x, y = (flat(v) / np.maximum(np.sqrt((v * v).mean()), 0.1) for v in smooth)
    difference = np.abs(x - y).mean(axis=0)
    usual = float(np.median(difference))
    return np.asarray(difference <= max(_LAID_OVER * usual, float(np.quantile(difference, 1.0 - _LAID_SHARE))))


def displaced_px(one: NDArray[np.float32], other: NDArray[np.float32], kept: NDArray[np.bool_]) -> float:
    """How far parts of the picture lie from where they should, after one step of Lucas-Kanade for each part.

    Near and far things lie differently for two cameras side by side; in a copy everything lies where it was.
    """
    x, y = (_fine(v) * kept for v in (one, other))
    power = np.einsum("ijk,ijk->i", x, x)
    gain = np.einsum("ijk,ijk->i", x, y) / np.maximum(power, 1.0)
    difference = y - gain[:, None, None] * x
    inner = binary_erosion(kept, border_value=1)  # whose neighbours count as well
    gy, gx = (v * inner for v in np.gradient(gain[:, None, None] * x, axis=(1, 2)))
    moved, places, weights = [], [], []
    for rows, columns in product(np.array_split(np.arange(x.shape[1]), 3), np.array_split(np.arange(x.shape[2]), 4)):
        part = np.s_[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        moved.append(_step(gx[part], gy[part], difference[part]))
        places.append((columns.mean(), rows.mean()))
        weights.append(float((gx[part] ** 2 + gy[part] ** 2).sum()))
    weight = np.array(weights)
    left = np.stack([_unexplained(u, at, weight) for u, at in zip(np.array(moved).T, np.array(places).T, strict=True)])
    displaced = np.hypot(*left)
    order = np.argsort(displaced)
    total = np.cumsum(weight[order])
    return float(displaced[order[min(int(np.searchsorted(total, _PARTS * total[-1])), len(order) - 1)]])


def _step(gx: NDArray[np.float32], gy: NDArray[np.float32], difference: NDArray[np.float32]) -> tuple[float, float]:
    """Shift, across and down, that explains a difference best; towards none where the picture is flat."""
    floor = difference.size * _FLAT_LEVELS**2
    xx, yy, xy = float((gx * gx).sum()) + floor, float((gy * gy).sum()) + floor, float((gx * gy).sum())
    xd, yd = float((gx * difference).sum()), float((gy * difference).sum())
    determinant = xx * yy - xy * xy
    return (yy * xd - xy * yd) / determinant, (xx * yd - xy * xd) / determinant


def _unexplained(
    moved: NDArray[np.float64], places: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What is left of shifts along one axis after a crop that is a little off: a shift and a scale of all."""
    root = np.sqrt(weights + 1e-6)
    basis = np.stack([np.ones_like(places), places], axis=1)
    found, *_ = np.linalg.lstsq(basis * root[:, None], moved * root, rcond=None)
    return np.asarray(moved - basis @ found, np.float64)
