"""Pictures of one recording laid over those of another, moment by moment, with the crop that fits best."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.fft import irfft2, rfft2
from scipy.ndimage import uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_curves import Candidate
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["Overlay", "lay_over"]

_SCALES = (0.76, 0.82, 0.88, 0.94, 1.0, 1.07, 1.14, 1.22, 1.31)  # a crop of a quarter of a side, either way
_REACH = 0.3  # of a side that the middle of a crop lies off
_LEAST_OVERLAP = 0.6
_LOOKS = 16  # pictures that the crop is found on
_STARTS = 8  # crops that are tried exactly
_FEW = 4  # pictures for the first search
_STEPS = ((0.03, 0.5), (0.015, 0.25), (0.008, 0.12))  # scale, and shift in pixels, of the search's rounds
_FINE_PX = 3
_BROAD_PX = 9
_EDGE_S = 0.1  # a thumb stands for so much time around it
_LOOSE = 0.85  # of what structure must be in the end, on a first look
_LAG_STEPS = 8
_LAG_STEP_S = 0.02
_LAG_LOOKS = 120
_FLAT_LEVELS = 0.5
_PARTS = 0.7  # of all detail must lie right; a logo and a caption cover the rest
_CHANGE_BINS = 3  # changes over 3/8 s
_CHUNK_BINS = 8
_NEAR_BINS = 5  # nearer moments are alike in any footage
_LAG_LOOKS_ELSEWHERE = 480
_LAID_SHARE = 0.25
_LAID_OVER = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """How alike pictures are that a lag puts at one moment; `lag_s` is where the moving pictures agree best.

    Arrays are by the thumbs of b, at `times_s`: correlation of the pictures, and of what changes in the second around;
    whether there is enough change in both; whether a has a picture then. The numbers are over the windows that proposed
    the lag: medians, the best change at wrong moments, seconds of change, the shake of the camera, and how far parts of
    the picture are displaced, in pixels of a thumb.
    """

    lag_s: float
    times_s: NDArray[np.float64]
    structures: NDArray[np.float32]
    changes: NDArray[np.float32]
    moving: NDArray[np.bool_]
    known: NDArray[np.bool_]
    structure: float
    change: float
    change_elsewhere: float
    moving_s: float
    shake_px: float
    displaced_px: float


class _Fit(NamedTuple):
    """One axis of a crop: pixel x of b lies at ``middle + scale * (x - middle) + shift_px`` in a."""

    scale: float
    shift_px: float


def lay_over(
    a: PictureFeatures, b: PictureFeatures, candidate: Candidate, *, settings: PictureSettings
) -> Overlay | None:
    """Compare the pictures of two recordings at one lag.

    Parameters
    ----------
    a, b : PictureFeatures
        Two recordings.
    candidate : Candidate
        The lag, and where in b it was found.
    settings : PictureSettings
        Thresholds.

    Returns
    -------
    Overlay or None
        None where too little overlaps.
    """
    ours = (b.thumbs[:, :, ::-1] if candidate.mirrored else b.thumbs).astype(np.float32)
    known, theirs = _at(a.thumb_times_s, a.thumbs, b.thumb_times_s + candidate.lag_s)
    marks = np.flatnonzero(_inside(b.thumb_times_s, candidate) & known)
    if len(marks) < settings.copy_least_s * settings.thumb_rate_hz:
        return None
    looks = marks[np.linspace(0, len(marks) - 1, min(_LOOKS, len(marks))).astype(int)]
    crop = _Crop.of(_best_fit(_detail(theirs[looks]), _detail(ours[looks])), ours.shape[1:])
    first_look = _ncc(_flat(_detail(crop.of_a(theirs[looks]))), _flat(_detail(crop.of_b(ours[looks]))))
    if np.median(first_look) < _LOOSE * settings.copy_least_structure:
        return None
    lag_s = _nearer_lag_s(a, b.thumb_times_s, ours, marks, crop, candidate.lag_s)
    known, theirs = _at(a.thumb_times_s, a.thumbs, b.thumb_times_s + lag_s)
    windows = _inside(b.thumb_times_s, candidate) & known
    one, other = crop.of_a(theirs), crop.of_b(ours)
    kept = _not_laid_over(_detail(one[looks]), _detail(other[looks]))
    structures = _ncc(*(_flat(_detail(v))[:, kept] for v in (one, other)))
    x, y = (_flat(v)[:, kept] for v in (one, other))
    changes, moving, elsewhere = _changes(x, y, windows, known, settings)
    lively = windows & moving
    return Overlay(
        lag_s=lag_s,
        times_s=b.thumb_times_s,
        structures=structures,
        changes=changes,
        moving=moving,
        known=known,
        structure=float(np.median(structures[windows])),
        change=float(np.median(changes[lively])) if np.any(lively) else 0.0,
        change_elsewhere=elsewhere,
        moving_s=float(np.count_nonzero(lively)) / settings.thumb_rate_hz,
        shake_px=_shake_px(b, candidate),
        displaced_px=_displaced_px(one[looks], other[looks], kept.reshape(one.shape[1:])),
    )


def _not_laid_over(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels to compare: all but a quarter at most, where one file may show a logo or a caption."""
    x, y = (_flat(v) / np.maximum(np.sqrt((v * v).mean()), 0.1) for v in (one, other))
    difference = np.abs(x - y).mean(axis=0)
    usual = float(np.median(difference))
    return np.asarray(difference <= max(_LAID_OVER * usual, float(np.quantile(difference, 1.0 - _LAID_SHARE))))


def _flat(v: NDArray[np.float32]) -> NDArray[np.float32]:
    return v.reshape(len(v), -1)


def _detail(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pictures without what is broad in them, since skies and grounds are alike everywhere.

    Nor with what is finer than two pixels, which does not survive being moved by a part of one.
    """
    return _blurred(v, _FINE_PX) - _blurred(v, _BROAD_PX)


def _blurred(v: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    rows = uniform_filter1d(v, size, axis=1, mode="nearest")
    return np.asarray(uniform_filter1d(rows, size, axis=2, mode="nearest"), np.float32)


def _displaced_px(one: NDArray[np.float32], other: NDArray[np.float32], kept: NDArray[np.bool_]) -> float:
    """How far parts of the picture lie from where they should, after one step of Lucas-Kanade for each part.

    Near and far things lie differently for two cameras side by side; in a copy everything lies where it was.
    """
    x, y = (_detail(v) for v in (one, other))
    power = np.einsum("ijk,ijk->i", x, x)
    gain = np.einsum("ijk,ijk->i", x, y) / np.maximum(power, 1.0)
    difference = y - gain[:, None, None] * x
    gy, gx = (v * kept for v in np.gradient(gain[:, None, None] * x, axis=(1, 2)))
    displaced, weights = [], []
    for rows, columns in product(np.array_split(np.arange(x.shape[1]), 3), np.array_split(np.arange(x.shape[2]), 4)):
        part = np.s_[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        p, q, d = gx[part], gy[part], difference[part]
        xx, yy, xy = float((p * p).sum()), float((q * q).sum()), float((p * q).sum())
        floor = d.size * _FLAT_LEVELS**2  # a flat part says nothing
        determinant = (xx + floor) * (yy + floor) - xy * xy
        xd, yd = float((p * d).sum()), float((q * d).sum())
        u, v = ((yy + floor) * xd - xy * yd) / determinant, ((xx + floor) * yd - xy * xd) / determinant
        displaced.append(float(np.hypot(u, v)))
        weights.append(float(xx + yy))
    order = np.argsort(displaced)
    total = np.cumsum(np.array(weights)[order])
    at = int(np.searchsorted(total, _PARTS * total[-1]))
    return displaced[int(order[min(at, len(order) - 1)])]


@dataclass(frozen=True, slots=True)
class _Crop:
    """What both pictures show, on the pixels of b."""

    left: NDArray[np.float32]
    right: NDArray[np.float32]
    rows: NDArray[np.bool_]
    columns: NDArray[np.bool_]

    @classmethod
    def of(cls, fit: tuple[_Fit, _Fit], shape: tuple[int, ...]) -> _Crop:
        (left, rows), (right, columns) = _matrix(shape[0], fit[1]), _matrix(shape[1], fit[0])
        return cls(left[rows], np.ascontiguousarray(right[columns].T), rows, columns)

    def of_a(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self.left @ pictures @ self.right, np.float32)

    def of_b(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return pictures[:, self.rows][:, :, self.columns]


def _nearer_lag_s(
    a: PictureFeatures,
    times_s: NDArray[np.float64],
    ours: NDArray[np.float32],
    marks: NDArray[np.intp],
    crop: _Crop,
    lag_s: float,
) -> float:
    """Lag at which what moves agrees best. Regions of a crop see a passing thing earlier or later; pictures do not.

    Both are smoothed in time first, since a mix of two pictures is smoother than either.
    """
    marks = marks[:: max(1, -(-len(marks) // _LAG_LOOKS))]
    smooth_a, smooth_b = _smoothed(crop.of_a(a.thumbs.astype(np.float32))), _smoothed(crop.of_b(ours))[marks]
    curve = []
    for step in range(-_LAG_STEPS, _LAG_STEPS + 1):
        _, theirs = _at(a.thumb_times_s, smooth_a, times_s[marks] + lag_s + step * _LAG_STEP_S)
        x, y = (_flat(v - v.mean(axis=0)) for v in (theirs, smooth_b))
        power = np.sqrt(float((x * x).sum()) * float((y * y).sum()))
        curve.append(float((x * y).sum()) / max(power, 1.0))
    top = int(np.clip(np.argmax(curve), 1, len(curve) - 2))
    left, middle, right = curve[top - 1 : top + 2]
    bend = left - 2.0 * middle + right
    part = float(np.clip(0.5 * (left - right) / bend, -1.0, 1.0)) if bend < 0 else 0.0
    return lag_s + (top + part - _LAG_STEPS) * _LAG_STEP_S


def _smoothed(v: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.concatenate([v[:1], v, v[-1:]])
    return np.asarray(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], np.float32)


def _at(
    own_s: NDArray[np.float64], thumbs: NDArray[np.float32] | NDArray[np.uint8], times_s: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Pictures at some moments, between two thumbs as their mix; whether there are any."""
    after = np.clip(np.searchsorted(own_s, times_s), 1, max(1, len(own_s) - 1))
    before = after - 1
    after = np.minimum(after, len(own_s) - 1)
    gap_s = np.maximum(own_s[after] - own_s[before], 1e-6)
    weight = np.clip((times_s - own_s[before]) / gap_s, 0.0, 1.0).astype(np.float32)[:, None, None]
    mixed = (1.0 - weight) * thumbs[before] + weight * thumbs[after]
    known = (times_s >= own_s[0] - _EDGE_S) & (times_s <= own_s[-1] + _EDGE_S)
    return known, np.asarray(mixed, np.float32)


def _inside(times_s: NDArray[np.float64], candidate: Candidate) -> NDArray[np.bool_]:
    inside = np.zeros(len(times_s), bool)
    for start_s in candidate.starts_s:
        inside |= (times_s >= start_s) & (times_s <= start_s + candidate.window_s)
    return inside


def _shake_px(b: PictureFeatures, candidate: Candidate) -> float:
    inside = _inside(b.times_s, candidate)
    return float(np.median(np.hypot(*b.shift_px[inside].astype(np.float64).T))) if np.any(inside) else 0.0


def _ncc(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of rows."""
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (one, other))
    power = np.einsum("...i,...i->...", x, x) * np.einsum("...i,...i->...", y, y)
    floor = x.shape[-1] ** 2  # one grey level, 1 sigma: less is nothing to compare
    return np.asarray(np.einsum("...i,...i->...", x, y) / np.sqrt(np.maximum(power, floor)), np.float32)


def _changes(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    windows: NDArray[np.bool_],
    known: NDArray[np.bool_],
    settings: PictureSettings,
) -> tuple[NDArray[np.float32], NDArray[np.bool_], float]:
    """Correlation of changes around each thumb, whether both change, and the best correlation at wrong moments."""
    x, y = (_differences(v) for v in (one, other))
    both = known & np.roll(known, _CHANGE_BINS)
    both[:_CHANGE_BINS] = False
    x[~both], y[~both] = 0.0, 0.0
    xx, yy, xy = (np.einsum("ij,ij->i", p, q) for p, q in ((x, x), (y, y), (x, y)))
    around_xx, around_yy, around_xy = (uniform_filter1d(v, _CHUNK_BINS, mode="nearest") for v in (xx, yy, xy))
    least = one.shape[1] * settings.copy_change_levels**2
    moving = (np.minimum(around_xx, around_yy) >= least) & known
    changes = around_xy / np.sqrt(np.maximum(around_xx * around_yy, 1e-6))
    return np.asarray(changes, np.float32), moving, _elsewhere(x[windows & both], y[windows & both])


def _elsewhere(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """Best correlation of changes at wrong moments: high for fans, lamps and loops."""
    x, y = x[:_LAG_LOOKS_ELSEWHERE], y[:_LAG_LOOKS_ELSEWHERE]
    count = len(x)
    if count <= _NEAR_BINS:
        return 0.0
    product = x @ y.T
    xx, yy = (np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", v, v), dtype=float)]) for v in (x, y))
    best = 0.0
    for shift in range(_NEAR_BINS, max(_NEAR_BINS, count // 2) + 1):
        size = count - shift
        if size < 1:
            break
        later = float(np.trace(product, shift)) / np.sqrt(max(xx[size] * (yy[count] - yy[shift]), 1e-6))
        earlier = float(np.trace(product, -shift)) / np.sqrt(max((xx[count] - xx[shift]) * yy[size], 1e-6))
        best = max(best, later, earlier)
    return float(best)


def _differences(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """What changed within a few thumbs, apart from the brightness of the whole."""
    change = np.zeros_like(v)
    change[_CHANGE_BINS:] = v[_CHANGE_BINS:] - v[:-_CHANGE_BINS]
    return np.asarray(change - change.mean(axis=1, keepdims=True), np.float32)


def _best_fit(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> tuple[_Fit, _Fit]:
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
    return best


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
    return float(_ncc(_flat(one), _flat(ours[:, rows][:, :, columns])).mean())


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
