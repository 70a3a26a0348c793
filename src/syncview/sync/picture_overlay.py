"""Pictures of one recording laid over those of another, moment by moment, with the crop that fits best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import uniform_filter1d
from syncview.sync.picture_crop import Crop, best_crop, correlations, detail, displaced_px, flat, not_laid_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_curves import Candidate
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["Overlay", "lay_over"]

_LOOKS = 16  # pictures that the crop is found on
_EDGE_S = 0.1  # a thumb stands for so much time around it
_LOOSE = 0.85  # of what structure must be in the end, on a first look
_LAG_STEPS = 8
_LAG_STEP_S = 0.02
_LAG_LOOKS = 120
_CHANGE_BINS = 3  # changes over 3/8 s
_CHUNK_BINS = 8
_SWAY_HZ = 25.0
_NEAR_BINS = 5  # nearer moments are alike in any footage
_LAG_LOOKS_ELSEWHERE = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """How alike pictures are that a lag puts at one moment; `lag_s` is where the moving pictures agree best.

    Arrays are by the thumbs of b, at `times_s`: correlation of the pictures, and of what changes in the second around;
    whether there is enough change in both; whether a has a picture then. The numbers are over the windows that proposed
    the lag: the median picture, all changes, these at the worst of wrong moments, seconds of change, the shake,
    how alike it is in both, and how far parts of the picture are displaced, in pixels of a thumb.
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
    shake_likeness: float
    displaced_px: float


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
    crop = best_crop(detail(theirs[looks]), detail(ours[looks]))
    first_look = correlations(flat(detail(crop.of_a(theirs[looks]))), flat(detail(crop.of_b(ours[looks]))))
    if np.median(first_look) < _LOOSE * settings.copy_least_structure:
        return None
    lag_s = _nearer_lag_s(a, b.thumb_times_s, ours, marks, crop, candidate.lag_s)
    known, theirs = _at(a.thumb_times_s, a.thumbs, b.thumb_times_s + lag_s)
    windows = _inside(b.thumb_times_s, candidate) & known
    one, other = crop.of_a(theirs), crop.of_b(ours)
    kept = not_laid_over(one[looks], other[looks])
    structures = correlations(*(flat(detail(v))[:, kept] for v in (one, other)))
    x, y = (flat(v)[:, kept] for v in (one, other))
    changes, moving, change, elsewhere = _changes(x, y, windows, known, settings)
    lively = windows & moving
    return Overlay(
        lag_s=lag_s,
        times_s=b.thumb_times_s,
        structures=structures,
        changes=changes,
        moving=moving,
        known=known,
        structure=float(np.median(structures[windows])),
        change=change,
        change_elsewhere=elsewhere,
        moving_s=float(np.count_nonzero(lively)) / settings.thumb_rate_hz,
        shake_px=_shake_px(b, candidate),
        shake_likeness=_shake_likeness(a, b, candidate, lag_s),
        displaced_px=displaced_px(one[looks], other[looks], kept.reshape(one.shape[1:])),
    )


def _nearer_lag_s(
    a: PictureFeatures,
    times_s: NDArray[np.float64],
    ours: NDArray[np.float32],
    marks: NDArray[np.intp],
    crop: Crop,
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
        x, y = (flat(v - v.mean(axis=0)) for v in (theirs, smooth_b))
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


def _shake_likeness(a: PictureFeatures, b: PictureFeatures, candidate: Candidate, lag_s: float) -> float:
    """Correlation of how both cameras sway, faster than in a second, where the lag was found."""
    times_s = np.arange(b.times_s[0], b.times_s[-1], 1.0 / _SWAY_HZ)
    times_s = times_s[(times_s + lag_s >= a.times_s[0]) & (times_s + lag_s <= a.times_s[-1])]
    inside = _inside(times_s, candidate)
    if not np.any(inside):
        return 0.0
    one, other = _sway(a, times_s + lag_s)[:, inside], _sway(b, times_s)[:, inside]
    if candidate.mirrored:
        other = other * np.array([[-1.0], [1.0]])
    power = np.sqrt(float((one * one).sum()) * float((other * other).sum()))
    return float((one * other).sum() / max(power, 1e-9))


def _sway(features: PictureFeatures, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the camera points, across and down, against its mean over a second; shape (2, n)."""
    places = np.cumsum(features.shift_px.astype(np.float64), axis=0)
    places = np.stack([np.interp(times_s, features.times_s, place) for place in places.T])
    return np.asarray(places - uniform_filter1d(places, round(_SWAY_HZ), axis=1, mode="nearest"), np.float64)


def _changes(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    windows: NDArray[np.bool_],
    known: NDArray[np.bool_],
    settings: PictureSettings,
) -> tuple[NDArray[np.float32], NDArray[np.bool_], float, float]:
    """Correlation of changes around each thumb, whether both change, that in all windows, and at wrong moments."""
    x, y = (_differences(v) for v in (one, other))
    both = known & np.roll(known, _CHANGE_BINS)
    both[:_CHANGE_BINS] = False
    x[~both], y[~both] = 0.0, 0.0
    xx, yy, xy = (np.einsum("ij,ij->i", p, q) for p, q in ((x, x), (y, y), (x, y)))
    around_xx, around_yy, around_xy = (uniform_filter1d(v, _CHUNK_BINS, mode="nearest") for v in (xx, yy, xy))
    least = one.shape[1] * settings.copy_change_levels**2
    moving = (np.minimum(around_xx, around_yy) >= least) & known
    changes = around_xy / np.sqrt(np.maximum(around_xx * around_yy, 1e-6))
    used = windows & both
    change = float(xy[used].sum() / np.sqrt(max(xx[used].sum() * yy[used].sum(), 1e-6)))
    return np.asarray(changes, np.float32), moving, change, _elsewhere(x[used], y[used])


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
