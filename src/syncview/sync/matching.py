"""Match windows of one recording in all of another.

Two kinds of evidence that fail in different places. The *pattern* (log-mel levels against their surroundings) stands
moving voices, drift and rooms, and finds the place to 10 ms; the *waveform* (partly whitened cross-correlation,
between plain correlation and PHAT: Donohue, Hannemann and Dietz 2007) gives the milliseconds and finds bangs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from syncview.signal.robust import gaussian_sigma_from_mean_abs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["WindowPeaks", "pattern_peaks", "waveform_peaks", "window_length_s"]

_SIGMA_PER_MEAN_ABS = 1.2533141373155001  # of a zero-mean Gaussian: sqrt(pi / 2)
_BLOCKS_AT_ONCE = 32
_WINDOWS_WANTED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPeaks:
    """Where windows of a query stand out in a target: arrays of shape (n,), one entry per peak.

    `window` numbers the query's windows, `query_s` is the recording time of a window's middle, `lag_s` is
    ``r_query - r_target``, and `z` the peak's height in robust sigmas of all other positions.
    """

    window: NDArray[np.int64]
    query_s: NDArray[np.float64]
    lag_s: NDArray[np.float64]
    z: NDArray[np.float64]
    window_length_s: float


def window_length_s(shorter_s: float, *, longest_s: float, shortest_s: float) -> float:
    """Length of the windows for a pair: a quarter of the shorter recording, within limits.

    Parameters
    ----------
    shorter_s : float
        Length of the shorter recording in seconds.
    longest_s, shortest_s : float
        Limits in seconds.

    Returns
    -------
    float
        Window length in seconds.

    Examples
    --------
    >>> window_length_s(60.0, longest_s=4.0, shortest_s=0.5), window_length_s(4.0, longest_s=4.0, shortest_s=0.5)
    (4.0, 1.0)
    """
    return min(longest_s, max(shortest_s, shorter_s / 4))


def pattern_peaks(
    query: SoundFeatures, target: SoundFeatures, *, window_s: float, settings: SyncSettings
) -> WindowPeaks:
    """Match log-mel windows of the query in the whole target by normalised correlation over all bands.

    Parameters
    ----------
    query, target : SoundFeatures
        Two recordings; the target must not be shorter than a window.
    window_s : float
        Length of the query's windows, in seconds.
    settings : SyncSettings
        Numbers of peaks kept and their least height.

    Returns
    -------
    WindowPeaks
        Up to `settings.peaks_per_window` peaks of each window.
    """
    rate = query.pattern_rate_hz
    width, total = round(window_s * rate), target.pattern.shape[1]
    hop = max(1, round(window_s * rate * settings.pattern_hop_share))
    found = _Collector()
    if width < 8 or total < width or query.pattern.shape[1] < width:
        return found.peaks(window_s)
    starts = _window_starts(query.pattern.shape[1], width, hop, settings)
    n = next_fast_len(total + width, real=True)
    spectrum = rfft(target.pattern, n, axis=1)
    energy = np.concatenate([[0.0], np.cumsum((target.pattern.astype(np.float64) ** 2).sum(axis=0))])
    energy = np.maximum(energy[width:] - energy[:-width], 1e-6)
    guard = round(settings.pattern_guard_s * rate)
    for number, start in enumerate(starts):
        part = query.pattern[:, start : start + width]
        cross = np.einsum("bf,bf->f", spectrum, np.conj(rfft(part, n, axis=1)))
        r = irfft(cross, n)[: len(energy)] / np.sqrt(energy * max(float((part**2).sum()), 1e-6))
        z = (r - np.median(r)) / max(gaussian_sigma_from_mean_abs(r - np.median(r)), 1e-9)
        at = _highest(z, keep=settings.peaks_per_window, guard=guard, least=settings.pattern_least_z)
        lags_s = query.start_s - target.start_s + (start - (at + _parabola(z, at))) / rate
        found.add(number, query.start_s + (start + width / 2) / rate, lags_s.tolist(), z[at].tolist())
    return found.peaks(window_s)


def waveform_peaks(
    query: SoundFeatures, target: SoundFeatures, *, window_s: float, settings: SyncSettings
) -> WindowPeaks:
    """Match waveform windows of the query in the whole target by partly whitened cross-correlation.

    Parameters
    ----------
    query, target : SoundFeatures
        Two recordings.
    window_s : float
        Length of the query's windows, in seconds; they overlap by up to half where there are few.
    settings : SyncSettings
        Whitening exponent, numbers of peaks kept and their least height.

    Returns
    -------
    WindowPeaks
        Up to `settings.peaks_per_window` peaks of each window.
    """
    rate = query.waveform_rate_hz
    width = round(window_s * rate)
    hop = _waveform_hop(len(query.waveform), width)
    found = _Collector()
    if width < 64 or len(query.waveform) < width or len(target.waveform) < width // 2:
        return found.peaks(window_s)
    n = next_fast_len(2 * width, real=True)
    reach = n - width
    taper = np.hanning(width).astype(np.float32)
    guard = round(settings.waveform_guard_s * rate)
    starts = _window_starts(len(query.waveform), width, hop, settings)
    best: list[list[tuple[float, float]]] = [[] for _ in starts]
    for first, blocks, share in _target_blocks(target.waveform, n, reach, width, settings):
        for window, start in enumerate(starts):
            part = _whitened(rfft(query.waveform[start : start + width] * taper, n), settings.whitening)
            z = _in_sigmas(np.abs(irfft(blocks * np.conj(part), n, axis=1)[:, :reach]), share)
            at = _highest(z, keep=settings.peaks_per_window, guard=guard, least=settings.waveform_least_z)
            places = first + at + _parabola(z, at)
            best[window] += list(zip(z[at].tolist(), places.tolist(), strict=True))
    for window, start in enumerate(starts):
        top = sorted(best[window], key=lambda peak: (-peak[0], peak[1]))[: settings.peaks_per_window]
        lags_s = [query.start_s - target.start_s + (start - place) / rate for _, place in top]
        found.add(window, query.start_s + (start + width / 2) / rate, lags_s, [z for z, _ in top])
    return found.peaks(window_s)


def _waveform_hop(total: int, width: int) -> int:
    """Windows side by side in a long recording, overlapping by up to half in a short one, where each counts."""
    return max(1, width // 2, min(width, (total - width) // _WINDOWS_WANTED))


def _window_starts(total: int, width: int, hop: int, settings: SyncSettings) -> range:
    """First samples of the windows: one every hop, farther apart in recordings so long that there would be too many."""
    positions = total - width + 1
    return range(0, positions, max(hop, -(-positions // settings.windows_at_most)))


class _Collector:
    """Gathers the peaks of window after window."""

    __slots__ = ("lags", "middles", "windows", "zs")

    def __init__(self) -> None:
        self.windows: list[int] = []
        self.middles: list[float] = []
        self.lags: list[float] = []
        self.zs: list[float] = []

    def add(self, window: int, middle_s: float, lags_s: list[float], zs: list[float]) -> None:
        self.windows += [window] * len(zs)
        self.middles += [middle_s] * len(zs)
        self.lags += lags_s
        self.zs += zs

    def peaks(self, window_s: float) -> WindowPeaks:
        return WindowPeaks(
            window=np.asarray(self.windows, np.int64),
            query_s=np.asarray(self.middles, np.float64),
            lag_s=np.asarray(self.lags, np.float64),
            z=np.asarray(self.zs, np.float64),
            window_length_s=window_s,
        )


def _target_blocks(
    wave: NDArray[np.float32], n: int, reach: int, width: int, settings: SyncSettings
) -> Iterator[tuple[int, NDArray[np.complex64], NDArray[np.float32]]]:
    """Whitened spectra of blocks that start every `reach` samples, some at a time, so that memory stays bounded.

    Yields the place of the first position (negative: half a window may hang over the start), the spectra, and the
    share of a window that lies on the target at each position.
    """
    lead = width // 2
    count = max(1, -(-(len(wave) + lead) // reach))
    share = _overlap_share(len(wave), width, count * reach).reshape(count, reach)
    for first in range(0, count, _BLOCKS_AT_ONCE):
        last = min(count, first + _BLOCKS_AT_ONCE)
        stretch = np.zeros((last - first - 1) * reach + n, np.float32)
        start = first * reach - lead
        part = wave[max(0, start) : start + len(stretch)]
        stretch[max(0, -start) : max(0, -start) + len(part)] = part
        blocks = np.lib.stride_tricks.sliding_window_view(stretch, n)[::reach]
        yield start, _whitened(rfft(blocks, axis=1), settings.whitening), share[first:last]


def _overlap_share(total: int, width: int, positions: int) -> NDArray[np.float32]:
    """Share of a window that lies on the target, for a window starting width // 2 before it and onwards."""
    start = np.arange(positions) - width // 2
    inside = np.minimum(start + width, total) - np.maximum(start, 0)
    return np.clip(inside / width, 0.0, 1.0).astype(np.float32)


def _in_sigmas(r: NDArray[np.float32], share: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation over its own scatter in each block; windows less than half on the target do not count.

    The scatter of a correlation grows with the root of the overlap, so positions at the ends are compared with what
    is to be expected there. A block with little sound takes the scatter of all.
    """
    expected = np.sqrt(share)
    total = expected.sum(axis=1, keepdims=True)
    everywhere = r.sum() / max(float(total.sum()), 1e-9)
    enough = total > 0.3 * r.shape[1]
    level = np.where(enough, r.sum(axis=1, keepdims=True) / np.maximum(total, 1e-9), everywhere)
    sigma = _SIGMA_PER_MEAN_ABS * np.maximum(level, 1e-12) * np.maximum(expected, 0.5)
    return np.where(share >= 0.5, r / sigma, 0.0).reshape(-1).astype(np.float32)


def _whitened(spectrum: NDArray[np.complex64], exponent: float) -> NDArray[np.complex64]:
    """Divide by the magnitude to a power; a product of two such spectra is a cross-spectrum so whitened."""
    magnitude = np.abs(spectrum)
    floor = 1e-3 * magnitude.mean(axis=-1, keepdims=True) + 1e-9
    return np.asarray(spectrum / np.maximum(magnitude, floor) ** np.float32(exponent), dtype=np.complex64)


def _highest(z: NDArray[np.floating], *, keep: int, guard: int, least: float) -> NDArray[np.int64]:
    """Places of the highest values, at least `guard` apart and above `least`, highest first."""
    cells = -(-len(z) // guard)
    padded = np.full(cells * guard, -np.inf, dtype=z.dtype)
    padded[: len(z)] = z
    grid = padded.reshape(cells, guard)
    tops = grid.max(axis=1)
    picked: list[int] = []
    for cell in np.argsort(-tops, kind="stable")[: 3 * keep]:
        if tops[cell] < least or len(picked) == keep:
            break
        place = int(cell) * guard + int(np.argmax(grid[cell]))
        if all(abs(place - other) > guard for other in picked):
            picked.append(place)
    return np.asarray(picked, np.int64)


def _parabola(z: NDArray[np.floating], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Fraction of a step by which each peak lies beside its highest sample."""
    left, right = np.maximum(at - 1, 0), np.minimum(at + 1, len(z) - 1)
    lo, mid, hi = z[left].astype(float), z[at].astype(float), z[right].astype(float)
    bend = lo - 2 * mid + hi
    step = np.divide(0.5 * (lo - hi), bend, out=np.zeros_like(mid), where=np.abs(bend) > 1e-12)
    return np.asarray(np.clip(step, -0.5, 0.5), dtype=np.float64)
