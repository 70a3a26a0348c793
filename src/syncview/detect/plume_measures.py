"""What can be measured of a lasting change: how it begins and grows, whether it stays, and what else changes then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import maximum_filter1d

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.plume_canvas import Canvas
    from syncview.detect.plume_growth import Growth

__all__ = ["growth_measures"]

_AROUND_PX = 14
_DEPARTED = 3.5  # grey levels beyond what is usual
_SAMPLES = 12
_EARLY, _MIDDLE, _LATE = slice(0, 2), slice(3, 6), slice(7, 11)  # 0.2 to 0.4, 0.8 to 1.2, 1.6 to 2.2 s later
_ONE_AREA = 3.0  # pixels


def growth_measures(
    canvas: Canvas, times_s: NDArray[np.float64], growth: Growth, others: Sequence[Growth]
) -> dict[str, float]:
    """Measure a lasting change.

    Parameters
    ----------
    canvas : Canvas
        Of the stretch.
    times_s : ndarray of float64, shape (n,)
        Times of its frames.
    growth : Growth
        The change.
    others : sequence of Growth
        All that were found.

    Returns
    -------
    dict of str to float
        Named numbers with their units: levels are grey levels of 0 to 255, shares lie in 0..1.
    """
    part, mask = _surroundings(canvas, growth)
    ahead = range(growth.sample + 1, min(len(canvas.frames), growth.sample + 1 + _SAMPLES))
    departures = np.stack([canvas.departure(k, growth.sample)[part] for k in ahead])
    changed = departures > _DEPARTED
    rivals = [other.strength for other in others if other is not growth]
    found = {
        "strength": growth.strength,
        "rival_strength": max(rivals, default=0.0),
        "rivals_count": float(sum(abs(other.sample - growth.sample) <= 2 for other in others) - 1),
        "contrast_levels": float(np.median(departures[:, mask].mean(axis=1))),
        "top_levels": float(np.quantile(departures[_MIDDLE], 0.99)) if len(departures) > _MIDDLE.start else 0.0,
        "region_log_share": float(np.log(mask.sum() / _picture(canvas))),
        "solid_share": float(growth.region.mask.mean()),
        "upright_log": float(np.log(growth.region.mask.shape[0] / growth.region.mask.shape[1])),
        "seconds_left": float(times_s[-1] - times_s[growth.first]),
    }
    return (
        found
        | _growing(changed, mask)
        | _staying(changed, departures)
        | _texture(canvas, growth, part, mask)
        | _elsewhere(canvas, growth, part)
        | _beginning(times_s, growth)
    )


def _picture(canvas: Canvas) -> float:
    return float(canvas.seen[0].sum())


def _surroundings(canvas: Canvas, growth: Growth) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """A part of the canvas around a region, and which of its pixels belong to the region."""
    region, (height, width) = growth.region, canvas.levels.shape[1:]
    top, left = max(0, region.top - _AROUND_PX), max(0, region.left - _AROUND_PX)
    part = (
        slice(top, min(height, region.bottom + _AROUND_PX)),
        slice(left, min(width, region.right + _AROUND_PX)),
    )
    mask = np.zeros((part[0].stop - top, part[1].stop - left), bool)
    mask[region.top - top : region.bottom - top, region.left - left : region.right - left] = region.mask
    return part, mask


def _growing(changed: NDArray[np.bool_], mask: NDArray[np.bool_]) -> dict[str, float]:
    """How the changed area grows, within the region and around it."""
    areas = changed.sum(axis=(1, 2)).astype(float)
    own = (changed & mask).sum(axis=(1, 2)).astype(float)
    early, middle, late = (_mean(areas[part], areas) for part in (_EARLY, _MIDDLE, _LATE))
    steps = np.diff(np.r_[0.0, areas])
    return {
        "area_early_log": float(np.log(early + _ONE_AREA)),
        "area_late_log": float(np.log(late + _ONE_AREA)),
        "growth_first_log": float(np.log((middle + _ONE_AREA) / (early + _ONE_AREA))),
        "growth_then_log": float(np.log((late + _ONE_AREA) / (middle + _ONE_AREA))),
        "falls_share": float(-steps[steps < 0].sum() / max(1.0, np.abs(steps).sum())),
        "filled_share": float(_mean(own[_MIDDLE], own) / max(1.0, mask.sum())),
        "outside_share": float(1.0 - _mean(own[_MIDDLE], own) / max(1.0, middle)),
    }


def _mean(part: NDArray[np.float64], all_: NDArray[np.float64]) -> float:
    return float(part.mean()) if len(part) else float(all_[-1])


def _staying(changed: NDArray[np.bool_], departures: NDArray[np.float32]) -> dict[str, float]:
    """Whether what has changed stays so, and how its middle moves."""
    first, then, last = (changed[min(k, len(changed) - 1)] for k in (1, 4, 9))
    middles = [
        _middle(departures[min(k, len(departures) - 1)] * part) for k, part in ((1, first), (4, then), (9, last))
    ]
    size = np.sqrt(max(9.0, float(then.sum())))
    up, sideways = middles[2][0] - middles[1][0], middles[2][1] - middles[1][1]
    begun_up, begun_sideways = middles[1][0] - middles[0][0], middles[1][1] - middles[0][1]
    return {
        "nested_share": _shared(first, then),
        "stays_share": _shared(then, last),
        "stays_all_share": _shared(then, np.logical_and.reduce(changed[len(changed) // 2 :])),
        "down_sizes": float(np.clip(up / size, -3, 3)),
        "sideways_sizes": float(np.clip(abs(sideways) / size, 0, 3)),
        "moved_first_sizes": float(np.clip(np.hypot(begun_up, begun_sideways) / size, 0, 3)),
        "moved_then_sizes": float(np.clip(np.hypot(up, sideways) / size, 0, 3)),
    }


def _shared(small: NDArray[np.bool_], large: NDArray[np.bool_]) -> float:
    return float((small & large).sum() / max(1, small.sum()))


def _middle(weights: NDArray[np.float32]) -> tuple[float, float]:
    total = float(weights.sum())
    if total <= 0:
        return (weights.shape[0] - 1) / 2, (weights.shape[1] - 1) / 2
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    return float(rows @ np.arange(len(rows))) / total, float(columns @ np.arange(len(columns))) / total


def _texture(canvas: Canvas, growth: Growth, part: tuple[slice, slice], mask: NDArray[np.bool_]) -> dict[str, float]:
    """Whether fine structure is lost, how hard the edges of the change are, and whether it is brighter or darker."""
    after = canvas.levels[min(len(canvas.frames) - 1, growth.sample + 6)][part]
    before = canvas.levels[growth.sample][part]
    more = after - before
    fine = [float(_slope(levels)[mask].mean()) for levels in (before, after)]
    edge = float(np.quantile(_slope(more)[mask], 0.9)) / (4.0 + float(np.quantile(np.abs(more)[mask], 0.9)))
    return {
        "texture_log": float(np.log((fine[1] + 1.0) / (fine[0] + 1.0))),
        "texture_levels": fine[0],
        "edge_share": edge,
        "brighter_levels": float(more[mask].mean()),
        "uneven_share": float(more[mask].std() / (4.0 + np.abs(more[mask]).mean())),
    }


def _slope(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Size of the steps to the next row and column."""
    out = np.zeros_like(levels)
    out[:-1] += np.abs(np.diff(levels, axis=0))
    out[:, :-1] += np.abs(np.diff(levels, axis=1))
    return out


def _elsewhere(canvas: Canvas, growth: Growth, part: tuple[slice, slice]) -> dict[str, float]:
    """How much of the rest of the picture changes at that time, how the camera turns, and how near the edge it is."""
    last = len(canvas.frames) - 1
    shares = []
    for by in (2, 6):
        k = min(last, growth.sample + by)
        away = canvas.known[growth.sample] & canvas.seen[k]
        away[part] = False
        changed = (canvas.departure(k, growth.sample) > _DEPARTED) & away
        shares.append(float(changed.sum() / max(1, away.sum())))
    start, stop = canvas.frames[max(0, growth.sample - 2)], canvas.frames[min(last, growth.sample + 6)]
    near = _grown(growth.region.mask, canvas.known[growth.sample], growth)
    return {
        "elsewhere_first_log": float(np.log(shares[0] + 0.002)),
        "elsewhere_then_log": float(np.log(shares[1] + 0.002)),
        "turned_px": float(np.ptp(canvas.ways_px[start : stop + 1], axis=0).max()),
        "at_edge_share": near,
    }


def _grown(mask: NDArray[np.bool_], known: NDArray[np.bool_], growth: Growth) -> float:
    """Share of a region's neighbourhood that is not known, as beyond the picture's edge."""
    wide = np.pad(mask.astype(np.uint8), 3)
    for axis in (0, 1):
        wide = maximum_filter1d(wide, 7, axis=axis, mode="nearest")
    ring = wide.astype(bool)
    ring[3:-3, 3:-3] &= ~mask
    rows, columns = np.nonzero(ring)
    rows, columns = rows + growth.region.top - 3, columns + growth.region.left - 3
    inside = (rows >= 0) & (columns >= 0) & (rows < known.shape[0]) & (columns < known.shape[1])
    return float(1.0 - known[rows[inside], columns[inside]].sum() / max(1, len(rows)))


def _beginning(times_s: NDArray[np.float64], growth: Growth) -> dict[str, float]:
    """How suddenly the place departs, against how much it does in the end and how much it did before."""
    volume, first = growth.volume, growth.first
    after = volume[first : first + int(np.searchsorted(times_s[first:], times_s[first] + 1.2))]
    most = float(np.max(after, initial=1.0))
    soon = after[: int(np.searchsorted(times_s[first : first + len(after)], times_s[first] + 0.1)) + 1]
    half = int(np.argmax(after >= 0.5 * most)) if len(after) else 0
    steps = np.diff(after) if len(after) > 1 else np.zeros(1)
    return {
        "sudden_share": float(np.max(soon, initial=0.0) / most),
        "half_s": float(times_s[min(len(times_s) - 1, first + half)] - times_s[first]),
        "noise_share": growth.noise / most,
        "volume_log": float(np.log(most)),
        "volume_falls_share": float(-steps[steps < 0].sum() / max(1.0, np.abs(steps).sum())),
    }
