"""The lag of a pair to the millisecond, near a lag that is known: windows, then what they agree on.

Short windows of waveform are correlated near the lag (partly whitened cross-correlation, Knapp and Carter 1976). Where
they agree on a straight line it is a source at rest, and the line's slope is the drift between the two clocks; where
they scatter, sources lie on different sides or move, and the scatter is geometry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.robust import weighted_mode
from syncview.signal.routines import irfft, next_fast_len, rfft
from syncview.signal.whitening import whitened
from syncview.sync.candidates import common_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["Alignment", "LocalCorrelation", "WindowLags", "align", "local_correlation"]

_SIGMA_PER_MEAN_ABS = 1.2533141373155001  # of a zero-mean Gaussian: sqrt(pi / 2)
_LEAST_WINDOWS = 3
_WINDOWS_AT_ONCE = 16  # what fits into the cache of a core


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLags:
    """The lag of every window that shows one: arrays of shape (n,).

    `middle_s` is a's recording time of a window's middle, `lag_s` is ``r_a - r_b`` there, `z` the peak's height over
    the window's scatter.
    """

    middle_s: NDArray[np.float64]
    lag_s: NDArray[np.float64]
    z: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """What the windows of a pair agree on.

    `lag_s` holds at a's recording time `middle_s` and `sigma_s` is its standard error; `spread_s` is the width of the
    middle 90 % of the windows' lags. `drift_ppm`, the slope of the lag, is b's drift minus a's, and
    `drift_uncertainty_ppm` its 95 % half-width; both None where sources move or the overlap is too short. `tight` says
    that windows agree on one line to milliseconds.
    """

    lag_s: float
    sigma_s: float
    spread_s: float
    middle_s: float
    drift_ppm: float | None
    drift_uncertainty_ppm: float | None
    tight: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCorrelation:
    """Correlation of windows of the overlap near one lag.

    `r` has shape (windows, lags), each row over its own scatter; column k stands for the lag
    ``first_lag_s - k * step_s``. `middle_s` is a's recording time of each window's middle.
    """

    r: NDArray[np.float32]
    first_lag_s: float
    step_s: float
    middle_s: NDArray[np.float64]
    window_s: float

    def window_lags(self, *, together: int, least_z: float) -> WindowLags:
        """Lags of sums over so many windows each, which overlap by half; sums that show none are left out.

        Summing is coherent: a source at rest stands out more the more windows are together, one that moves less.
        """
        hop = max(1, together // 2)
        starts = np.arange(0, max(0, len(self.r) - together) + 1, hop)
        if len(self.r) < together or not len(self.r):
            return WindowLags(middle_s=np.zeros(0), lag_s=np.zeros(0), z=np.zeros(0))
        z, place = _peaks(np.abs(self._summed(starts, together)))
        shown = z >= least_z
        middle_s = 0.5 * (self.middle_s[starts] + self.middle_s[starts + together - 1])
        return WindowLags(middle_s=middle_s[shown], lag_s=(self.first_lag_s - place * self.step_s)[shown], z=z[shown])

    def _summed(self, starts: NDArray[np.int64], together: int) -> NDArray[np.floating]:
        """Sums of so many rows from each start on."""
        if together == 1:
            return np.asarray(self.r[starts])
        if len(starts) == 1:
            return np.asarray(self.r[:together].sum(axis=0, keepdims=True))
        running = np.concatenate([np.zeros((1, self.r.shape[1])), np.cumsum(self.r, axis=0, dtype=np.float64)])
        return np.asarray(running[starts + together] - running[starts])


def local_correlation(
    a: SoundFeatures, b: SoundFeatures, lag_s: float, *, reach_s: float, settings: SyncSettings
) -> LocalCorrelation:
    """Correlate windows of the overlap of two recordings within `reach_s` of a known lag.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        Where to look, ``r_a - r_b``.
    reach_s : float
        How far to look to both sides, in seconds.
    settings : SyncSettings
        Window length and number, whitening.

    Returns
    -------
    LocalCorrelation
        Without rows where the overlap is too short.
    """
    rate = a.waveform_rate_hz
    first_s, last_s = common_s(a, b, lag_s)
    window_s = min(settings.align_window_s, max(settings.window_shortest_s, (last_s - first_s) / 4))
    width, reach = round(window_s * rate), max(1, round(reach_s * rate))
    in_a = np.round((_starts(first_s, last_s, window_s, settings) - a.start_s) * rate).astype(int)
    shift = round((lag_s - a.start_s + b.start_s) * rate)
    n = next_fast_len(width + 2 * reach, real=True)
    taper = np.hanning(width).astype(np.float32)
    rows = [np.zeros((0, 2 * reach + 1), np.float32)]
    for k in range(0, len(in_a), _WINDOWS_AT_ONCE):
        part = in_a[k : k + _WINDOWS_AT_ONCE]
        x = whitened(rfft(_cut(a.waveform, part, width) * taper, n, axis=1), settings.whitening)
        y = whitened(rfft(_cut(b.waveform, part - shift - reach, width + 2 * reach), n, axis=1), settings.whitening)
        r = irfft(y * np.conj(x), n, axis=1)[:, : 2 * reach + 1]
        rows.append(r / (_SIGMA_PER_MEAN_ABS * np.maximum(np.abs(r).mean(axis=1, keepdims=True), 1e-12)))
    return LocalCorrelation(
        r=np.concatenate(rows),
        first_lag_s=(shift + reach) / rate + a.start_s - b.start_s,
        step_s=1.0 / rate,
        middle_s=a.start_s + in_a / rate + window_s / 2,
        window_s=window_s,
    )


def _starts(first_s: float, last_s: float, window_s: float, settings: SyncSettings) -> NDArray[np.float64]:
    """Recording times of a at which windows start, overlapping by half; fewer in long overlaps."""
    room_s = last_s - first_s - window_s
    if room_s < 0:
        return np.zeros(0)
    count = min(settings.windows_at_most, 1 + int(room_s / (0.5 * window_s)))
    return first_s + np.linspace(0.0, room_s, count)


def _cut(wave: NDArray[np.float32], starts: NDArray[np.int64], width: int) -> NDArray[np.float32]:
    """Windows of a waveform, zeros where it does not reach: shape (n, width)."""
    windows = np.zeros((len(starts), width), np.float32)
    for window, start in zip(windows, starts.tolist(), strict=True):
        first, last = max(0, start), min(len(wave), start + width)
        if first < last:
            window[first - start : last - start] = wave[first:last]
    return windows


def _peaks(r: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Height of each row's highest place in sigmas, and that place to a fraction of a sample."""
    rows = np.arange(len(r))
    sigma = _SIGMA_PER_MEAN_ABS * np.maximum(r.mean(axis=1), 1e-12)  # of magnitudes: all are positive
    place = np.clip(np.argmax(r, axis=1), 1, r.shape[1] - 2)
    left, middle, right = (r[rows, place + k].astype(float) for k in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    beside = np.divide(0.5 * (left - right), bend, out=np.zeros_like(middle), where=bend < -1e-12)
    return r.max(axis=1).astype(float) / sigma, place + np.clip(beside, -0.5, 0.5)


def align(near: LocalCorrelation, *, fallback_s: float, settings: SyncSettings) -> Alignment:
    """Find what the windows agree on: a line, or a middle with its spread.

    Parameters
    ----------
    near : LocalCorrelation
        Windows near the lag.
    fallback_s : float
        The lag that led here, which stands where too few windows show one.
    settings : SyncSettings
        How closely windows agree, the greatest drift.

    Returns
    -------
    Alignment
        The lag, its standard error, its spread and, where it is certain, its drift.
    """
    least_z = settings.align_least_z
    long = near.window_lags(together=settings.align_together, least_z=least_z)
    short = near.window_lags(together=1, least_z=least_z)
    for votes in (long, short):
        if (line := _agreed_line(votes, settings)) is not None:
            return line
    whole = near.window_lags(together=max(1, len(near.r)), least_z=settings.still_least_z)
    if len(whole.z) and len(long.z) < _LEAST_WINDOWS:
        return _one(float(whole.lag_s[0]), settings.least_window_sigma_s, 0.0, float(whole.middle_s[0]), tight=True)
    if len(long.z) + len(short.z) < _LEAST_WINDOWS:
        middle_s = float(near.middle_s.mean()) if len(near.middle_s) else 0.0
        return _one(fallback_s, settings.pattern_lag_sigma_s, 0.0, middle_s, tight=False)
    t, lag, weight = (
        np.concatenate(values)
        for values in zip(*((v.middle_s, v.lag_s, _weights(v, settings)) for v in (long, short)), strict=True)
    )
    low, high = _weighted_range(lag, weight)
    return _one(
        float(np.average(lag, weights=weight)),
        max(settings.least_lag_sigma_s, (high - low) / 4),
        high - low,
        float(np.average(t, weights=weight)),
        tight=False,
    )


def _one(lag_s: float, sigma_s: float, spread_s: float, middle_s: float, *, tight: bool) -> Alignment:
    return Alignment(
        lag_s=lag_s,
        sigma_s=sigma_s,
        spread_s=spread_s,
        middle_s=middle_s,
        drift_ppm=None,
        drift_uncertainty_ppm=None,
        tight=tight,
    )


def _weights(votes: WindowLags, settings: SyncSettings) -> NDArray[np.float64]:
    """No window counts for many, however loud its bang."""
    return np.asarray(np.minimum(votes.z - settings.align_least_z + 1.0, settings.evidence_cap))


def _agreed_line(votes: WindowLags, settings: SyncSettings) -> Alignment | None:
    """The line on which most of the windows agree, if most do."""
    if len(votes.z) < _LEAST_WINDOWS:
        return None
    weight = _weights(votes, settings)
    middle_s = float(np.average(votes.middle_s, weights=weight))
    t = votes.middle_s - middle_s
    agree = _line(t, votes.lag_s, weight, settings)
    if agree.sum() < _LEAST_WINDOWS or weight[agree].sum() < settings.one_path_share * weight.sum():
        return None
    return _on_a_line(t, votes.lag_s, weight, agree, middle_s, settings)


def _line(
    t: NDArray[np.float64], lag: NDArray[np.float64], weight: NDArray[np.float64], settings: SyncSettings
) -> NDArray[np.bool_]:
    """The windows that agree on one line: of all slopes the one on which the most weight does."""
    span_s = float(t.max() - t.min())
    step = settings.lag_kernel_s / max(span_s, 1.0)
    count = int(min(200, math.ceil(settings.greatest_drift_ppm * 1e-6 / step)))
    best, most = np.zeros(len(t), bool), -1.0
    for k in sorted(range(-count, count + 1), key=abs):
        slope = k * settings.greatest_drift_ppm * 1e-6 / max(count, 1)
        rest = lag - slope * t
        agree = np.abs(rest - weighted_mode(rest, weight, width=settings.lag_kernel_s)) <= settings.lag_kernel_s
        total = float(weight[agree].sum())
        if total > most + 1e-9:
            best, most = agree, total
    return best


def _on_a_line(
    t: NDArray[np.float64],
    lag: NDArray[np.float64],
    weight: NDArray[np.float64],
    agree: NDArray[np.bool_],
    middle_s: float,
    settings: SyncSettings,
) -> Alignment:
    """Weighted least squares through the windows that agree."""
    x, y, w = t[agree], lag[agree], weight[agree]
    design = np.stack([np.ones_like(x), x], axis=1) * np.sqrt(w)[:, None]
    normal = design.T @ design
    spans = float(x.max() - x.min()) > settings.drift_least_span_s and len(x) >= settings.drift_least_windows
    inverse = np.linalg.inv(normal) if spans else np.diag([1.0 / normal[0, 0], 0.0])
    level, slope = inverse @ (design.T @ (np.sqrt(w) * y))
    rest = y - level - slope * x
    scatter_s = max(math.sqrt(float(np.average(rest**2, weights=w))), settings.least_window_sigma_s)
    sigma_s, sigma_slope = scatter_s * np.sqrt(np.diag(inverse) * w.mean())
    low, high = _weighted_range(lag - slope * t, weight)
    return Alignment(
        lag_s=float(level),
        sigma_s=float(max(sigma_s, settings.least_window_sigma_s)),
        spread_s=high - low,
        middle_s=middle_s,
        drift_ppm=1e6 * float(slope) if spans else None,
        drift_uncertainty_ppm=2e6 * float(sigma_slope) if spans else None,
        tight=True,
    )


def _weighted_range(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Values between which the middle 90 % of the weight lies."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    low = values[order][np.searchsorted(share, 0.05)]
    high = values[order][min(int(np.searchsorted(share, 0.95)), len(values) - 1)]
    return float(low), float(high)
