"""Pictures of one recording laid over those of another, moment by moment, with the crop that fits best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_curves import Candidate
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["Overlay", "lay_over"]

_SCALES = np.geomspace(0.74, 1.36, 17)  # a crop of a quarter of a side, either way
_REACH = 0.3  # of a side that the middle of a crop lies off
_LEAST_OVERLAP = 0.6
_LOOKS = 16  # pictures that the crop is found on
_STARTS = 2  # best fits of rows, and of columns, that are tried together
_STEPS = ((0.03, 0.5), (0.015, 0.25), (0.008, 0.12))  # scale, and shift in pixels, of the search's rounds
_CHANGE_BINS = 3  # changes over 3/8 s
_CHUNK_BINS = 8
_ELSEWHERE_BINS = (5, 7, 9, 12, 16, 21, 28)  # footage against itself this much earlier and later


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """How alike pictures are that a lag puts at one moment.

    Arrays are by the thumbs of b, at `times_s`: correlation of the pictures, and of what changes in the second around;
    whether there is enough change in both; whether a has a picture then. The numbers are over the windows that proposed
    the lag: medians, the best change at wrong moments, seconds of change, and the shake of the camera.
    """

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
    ours = b.thumbs[:, :, ::-1] if candidate.mirrored else b.thumbs
    known, theirs = _at(a, b.thumb_times_s + candidate.lag_s)
    windows = _inside(b.thumb_times_s, candidate) & known
    marks = np.flatnonzero(windows)
    if len(marks) < settings.copy_least_s * settings.thumb_rate_hz:
        return None
    looks = marks[np.linspace(0, len(marks) - 1, min(_LOOKS, len(marks))).astype(int)]
    fit = _best_fit(theirs[looks], ours[looks].astype(np.float32))
    (left, rows), (right, columns) = _matrix(theirs.shape[1], fit[1]), _matrix(theirs.shape[2], fit[0])
    mask = np.outer(rows, columns).ravel()
    one = (left @ theirs @ right.T).reshape(len(theirs), -1)[:, mask]
    other = ours.astype(np.float32).reshape(len(ours), -1)[:, mask]
    changes, moving, elsewhere = _changes(one, other, windows, known, settings)
    structures = _ncc(one, other)
    lively = windows & moving
    return Overlay(
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
    )


def _at(a: PictureFeatures, times_s: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Pictures of a at some moments, between two thumbs as their mix; whether there are any."""
    own_s = a.thumb_times_s
    after = np.clip(np.searchsorted(own_s, times_s), 1, max(1, len(own_s) - 1))
    before = after - 1
    after = np.minimum(after, len(own_s) - 1)
    gap_s = np.maximum(own_s[after] - own_s[before], 1e-6)
    weight = np.clip((times_s - own_s[before]) / gap_s, 0.0, 1.0).astype(np.float32)[:, None, None]
    mixed = (1.0 - weight) * a.thumbs[before] + weight * a.thumbs[after]
    edge_s = 0.1
    known = (times_s >= own_s[0] - edge_s) & (times_s <= own_s[-1] + edge_s)
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
    elsewhere = [0.0]
    for shift in (*_ELSEWHERE_BINS, *(-bins for bins in _ELSEWHERE_BINS)):
        moved, there = np.roll(x, shift, axis=0), windows & np.roll(both, shift)
        total = np.sqrt(float((moved[there] ** 2).sum()) * float(yy[there].sum()))
        if np.count_nonzero(there) * 2 >= np.count_nonzero(windows) and total > 0:
            elsewhere.append(float(np.einsum("ij,ij->", moved[there], y[there])) / total)
    return np.asarray(changes, np.float32), moving, max(elsewhere)


def _differences(v: NDArray[np.float32]) -> NDArray[np.float32]:
    """What changed within a few thumbs, apart from the brightness of the whole."""
    change = np.zeros_like(v)
    change[_CHANGE_BINS:] = v[_CHANGE_BINS:] - v[:-_CHANGE_BINS]
    return change - change.mean(axis=1, keepdims=True)


def _best_fit(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> tuple[_Fit, _Fit]:
    """Crop that lays pictures of b over those of a: first columns and rows apart, then both together."""
    across = _profile_fits(theirs.mean(axis=1), ours.mean(axis=1))
    down = _profile_fits(theirs.mean(axis=2), ours.mean(axis=2))
    best, top = (_Fit(1.0, 0.0), _Fit(1.0, 0.0)), -1.0
    for x, y in [*product(across, down), best]:
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
    one = (left[rows] @ theirs @ right[columns].T).reshape(len(theirs), -1)
    return float(_ncc(one, ours[:, rows][:, :, columns].reshape(len(ours), -1)).mean())


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


@lru_cache(maxsize=2)
def _grid(size: int) -> tuple[list[_Fit], NDArray[np.float32], NDArray[np.float32]]:
    """All fits of one axis with enough overlap: their matrices side by side, (size, fits x size), and masks."""
    reach = np.arange(-np.floor(2 * _REACH * size), np.floor(2 * _REACH * size) + 1) / 2
    fits = [_Fit(float(scale), float(shift)) for scale in _SCALES for shift in reach]
    made = [(fit, *_matrix(size, fit)) for fit in fits]
    kept = [(fit, weights, inside) for fit, weights, inside in made if inside.mean() >= _LEAST_OVERLAP]
    matrices = np.concatenate([weights.T for _, weights, _ in kept], axis=1)
    return [fit for fit, _, _ in kept], matrices, np.stack([inside for _, _, inside in kept]).astype(np.float32)


def _profile_fits(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> list[_Fit]:
    """Best fits of one axis, from means over the other; shapes (pictures, size)."""
    fits, matrices, masks = _grid(theirs.shape[1])
    x = (theirs @ matrices).reshape(len(theirs), len(fits), -1)
    y = np.broadcast_to(ours[:, None, :], x.shape)
    share = masks.sum(axis=1)
    x_mean, y_mean = (np.einsum("ijk,jk->ij", v, masks) / share for v in (x, y))
    xx, yy, xy = (np.einsum("ijk,ijk,jk->ij", p, q, masks) for p, q in ((x, x), (y, y), (x, y)))
    covariance = xy - share * x_mean * y_mean
    power = np.maximum(xx - share * x_mean**2, 1.0) * np.maximum(yy - share * y_mean**2, 1.0)
    score = (covariance / np.sqrt(power)).mean(axis=0)
    order = np.argsort(-score, kind="stable")
    chosen = [fits[order[0]]]
    for index in order:
        fit = fits[index]
        if len(chosen) < _STARTS and all(
            abs(fit.scale - other.scale) > 0.1 or abs(fit.shift_px - other.shift_px) > 1.5 for other in chosen
        ):
            chosen.append(fit)
    return chosen
