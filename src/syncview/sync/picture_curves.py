"""Lags at which the curves of two recordings' pictures agree, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import irfft, next_fast_len, rfft, uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["Candidate", "candidates", "refined_lag"]

_SAME_LAG_S = 0.12  # windows of one piece agree at least this well; 1000 ppm over two minutes
_REFINE_S = 0.12
_REFINE_STEP_S = 0.004
_CLIP = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lag at which some windows agree. `starts_s` are the windows' starts in b."""

    lag_s: float
    mirrored: bool
    ncc: float
    starts_s: tuple[float, ...]
    window_s: float


@dataclass(frozen=True, slots=True)
class _Curves:
    """Changes of the regions' levels on an even grid, each against its surroundings in time: (regions, n)."""

    start_s: float
    values: NDArray[np.float32]


def candidates(a: PictureFeatures, b: PictureFeatures, *, settings: PictureSettings) -> tuple[Candidate, ...]:
    """Lags worth a closer look.

    Parameters
    ----------
    a, b : PictureFeatures
        Two recordings; windows of b are searched in a.
    settings : PictureSettings
        Rates and thresholds.

    Returns
    -------
    tuple of Candidate
        The best first; empty for recordings too short or without change.
    """
    one, other = _curves(a, settings), _curves(b, settings)
    size = min(round(settings.copy_window_s * settings.copy_rate_hz), other.values.shape[1])
    if size < settings.copy_least_s * settings.copy_rate_hz or one.values.shape[1] < size:
        return ()
    starts = _starts(other, size, settings)
    if not len(starts):
        return ()
    peaks = _peaks(one, other, starts, size, settings)
    window_s = size / settings.copy_rate_hz
    found: list[list[tuple[float, float, float, bool]]] = []
    for peak in sorted(peaks, key=lambda peak: -peak[0]):
        for cluster in found:
            if cluster[0][3] == peak[3] and abs(cluster[0][1] - peak[1]) <= _SAME_LAG_S:
                cluster.append(peak)
                break
        else:
            found.append([peak])
    found.sort(key=lambda cluster: -sum(peak[0] ** 2 for peak in cluster))
    return tuple(
        Candidate(
            lag_s=float(np.median([peak[1] for peak in cluster])),
            mirrored=cluster[0][3],
            ncc=cluster[0][0],
            starts_s=tuple(sorted(peak[2] for peak in cluster)),
            window_s=window_s,
        )
        for cluster in found[: settings.copy_clusters_at_most]
    )


def _curves(features: PictureFeatures, settings: PictureSettings) -> _Curves:
    times_s = features.times_s
    if len(times_s) < 2:
        return _Curves(0.0, np.zeros((features.regions.shape[1], 0), np.float32))
    grid_s = np.arange(times_s[0], times_s[-1], 1.0 / settings.copy_rate_hz)
    levels = features.regions.T.astype(np.float64)
    values = np.stack([np.interp(grid_s, times_s, level) for level in levels])
    values -= values.mean(axis=0, keepdims=True)  # exposure and flashes are seen by every camera
    return _Curves(float(times_s[0]), _against_surroundings(values, settings.copy_rate_hz, settings))


def _against_surroundings(
    values: NDArray[np.float64], rate_hz: float, settings: PictureSettings
) -> NDArray[np.float32]:
    size = max(3, round(settings.copy_slow_s * rate_hz))
    v = values - uniform_filter1d(values, size, axis=1, mode="nearest")
    power = uniform_filter1d((v * v).mean(axis=0), size, mode="nearest")
    level = np.sqrt(np.maximum(power, 0.0))  # running sums leave less than nothing
    return np.asarray(np.clip(v / (level + settings.copy_noise_levels), -_CLIP, _CLIP), np.float32)


def _starts(curves: _Curves, size: int, settings: PictureSettings) -> NDArray[np.intp]:
    """Windows in which something changes, the file's whole length if there are too many."""
    last = curves.values.shape[1] - size
    hop = max(1, round(settings.copy_hop_s * settings.copy_rate_hz))
    starts = np.unique(np.append(np.arange(0, last + 1, hop), last))
    energy = np.concatenate([[0.0], np.cumsum((curves.values**2).mean(axis=0))])
    lively = energy[starts + size] - energy[starts] > _LIVELY * size
    starts = starts[lively]
    every = -(-len(starts) // settings.copy_windows_at_most) if len(starts) else 1
    return np.asarray(starts[::every], np.intp)


_LIVELY = 0.1  # mean square; 1 where all change is far above the noise


def _peaks(
    one: _Curves, other: _Curves, starts: NDArray[np.intp], size: int, settings: PictureSettings
) -> list[tuple[float, float, float, bool]]:
    """Best lag of each window, as it is and mirrored: (ncc, lag_s, start_s, mirrored)."""
    rate_hz = settings.copy_rate_hz
    length = one.values.shape[1]
    shape = next_fast_len(length, real=True)
    long = np.conj(rfft(one.values, shape, axis=1))
    power = np.concatenate([[0.0], np.cumsum((one.values**2).sum(axis=0))])
    energy = power[size:] - power[:-size]
    floor = _LIVELY * size * len(one.values)
    norm = np.where(energy > floor, 1.0 / np.sqrt(np.maximum(energy, floor)), 0.0)
    turned = np.arange(len(one.values)).reshape(settings.region_rows, settings.region_columns)[:, ::-1].ravel()
    found = []
    for start in starts:
        window = other.values[:, start : start + size]
        spectrum = rfft(window, shape, axis=1)
        scale = norm / np.sqrt(float((window**2).sum()))
        for mirrored, rows in ((False, spectrum), (True, spectrum[turned])):
            product = np.einsum("ij,ij->j", rows, long)
            curve = irfft(np.conj(product), shape)[: len(norm)] * scale
            top = int(np.argmax(curve))
            if curve[top] >= settings.copy_least_ncc:
                start_s = other.start_s + start / rate_hz
                place_s = one.start_s + (top + _bend(curve, top)) / rate_hz
                found.append((float(curve[top]), place_s - start_s, start_s, mirrored))
    return found


def _bend(curve: NDArray[np.float32], top: int) -> float:
    """Place of a peak between samples, by a parabola."""
    if not 0 < top < len(curve) - 1:
        return 0.0
    left, middle, right = (float(value) for value in curve[top - 1 : top + 2])
    bend = left - 2.0 * middle + right
    return 0.5 * (left - right) / bend if bend < 0 else 0.0


def refined_lag(
    a: PictureFeatures,
    b: PictureFeatures,
    candidate: Candidate,
    span_s: tuple[float, float],
    *,
    settings: PictureSettings,
) -> tuple[float, float]:
    """Lag at which the curves agree best, from the frames' own times.

    Parameters
    ----------
    a, b : PictureFeatures
        Two recordings.
    candidate : Candidate
        A lag that is nearly right.
    span_s : tuple of float
        Stretch of b that a shows as well.
    settings : PictureSettings
        Rates.

    Returns
    -------
    lag_s : float
        In seconds.
    spread_s : float
        A 95 % half-width of its scatter between parts of the span.
    """
    rate_hz = 1.0 / _REFINE_STEP_S
    reach = round(_REFINE_S * rate_hz)
    inside = (b.times_s >= span_s[0] - settings.copy_slow_s) & (b.times_s <= span_s[1] + settings.copy_slow_s)
    times_s = b.times_s[inside]
    grid = np.arange(b.regions.shape[1]).reshape(settings.region_rows, settings.region_columns)
    order = (grid[:, ::-1] if candidate.mirrored else grid).ravel()
    whole_b = _even(times_s, b.regions[inside][:, order], times_s[0], times_s[-1], rate_hz)
    start_s, end_s = times_s[0] + candidate.lag_s - _REFINE_S, times_s[-1] + candidate.lag_s + _REFINE_S
    whole_a = _even(a.times_s, a.regions, start_s, end_s, rate_hz)
    ours, theirs = (_against_surroundings(v, rate_hz, settings) for v in (whole_b, whole_a))
    count = min(ours.shape[1], theirs.shape[1] - 2 * reach)
    product = np.stack([(theirs[:, k : k + count] * ours[:, :count]).sum(axis=0) for k in range(2 * reach + 1)])
    lag_s = candidate.lag_s + _top_s(product.sum(axis=1), reach)
    parts = [part.sum(axis=1) for part in np.array_split(product, max(1, round(count / rate_hz / 2.5)), axis=1)]
    if len(parts) < 3:
        return lag_s, 0.0
    lags_s = np.array([_top_s(part, reach) for part in parts])
    deviation_s = 1.4826 * float(np.median(np.abs(lags_s - np.median(lags_s))))
    return lag_s, 2.0 * deviation_s / float(np.sqrt(len(parts)))


def _top_s(curve: NDArray[np.float32], reach: int) -> float:
    top = int(np.argmax(curve))
    return (top + _bend(curve, top) - reach) * _REFINE_STEP_S


def _even(
    times_s: NDArray[np.float64], regions: NDArray[np.float16], start_s: float, end_s: float, rate_hz: float
) -> NDArray[np.float64]:
    grid_s = np.arange(start_s, end_s, 1.0 / rate_hz)
    values = np.stack([np.interp(grid_s, times_s, level) for level in regions.T.astype(np.float64)])
    return np.asarray(values - values.mean(axis=0, keepdims=True), np.float64)
