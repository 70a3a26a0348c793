"""Recordings that run at another speed: editors' and broadcasters' fixed speeds, tried when nothing else fits.

Convention: ``r_a = lag_s + speed * r_b``. A second of b is `speed` seconds of a; 2 means that b is a time lapse of
twice the speed, 25/24 that b is film shown as video. Swapping the two inverts the speed, and the lag becomes
``-lag_s / speed``.

Worked numbers: b shows at twice the speed what a recorded from its second 10 on: speed 2, lag_s = 10; what is heard
at 4 s of b is heard at 18 s of a. Swapped: speed 1/2, lag_s = -5; 0.5 * 18 - 5 = 4.

A speed change either shifts the pitch (the samples are played faster) or keeps it (an editor's time stretch). For the
first the frames, windows and bands of b are all scaled; for the second only the distance of its frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, rfft

from syncview.sync.features import SoundFeatures, against_surroundings
from syncview.sync.matching import pattern_peaks, waveform_peaks, window_length_s
from syncview.sync.mel import mel_filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.matching import WindowPeaks

__all__ = ["SPEEDS", "SpeedEvidence", "SpeedHypothesis", "speed_evidence", "speed_hypotheses"]

SPEEDS = (
    Fraction(24, 25),
    Fraction(25, 24),
    Fraction(2),
    Fraction(1, 2),
    Fraction(4),
    Fraction(1, 4),
)
_SLOW_STEP = Fraction(1001, 1000)  # 30 against 29.97 frames a second
_SLOW_WINDOW_S = 2.0  # sources that walk stay coherent
_SLOW_WIDTH_S = 0.1  # sources on different sides of cameras 17 m apart
_QUARTZ_PPM = 40.0  # of two cameras against each other
_SLIDING_PPM = 2500.0  # 24 for 25 frames a second is sixteen times as much
_MOVING_PPM = 5000.0  # 1.7 m/s towards one of two cameras and away from the other
_FRAMES_AT_ONCE = 2000
_LEAST_SCATTER_S = 0.003
_LEAST_FOR_SLOPE = 6
_INDEPENDENT_SHARE = 0.25  # windows overlap to three quarters


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedHypothesis:
    """One speed of b against a that their sound supports: ``r_a = lag_s + speed * r_b``.

    `pitch_kept` tells a time stretch from a change of playing speed; None where the speed is too near to 1 to tell.
    `supports` counts windows that agree without overlapping; `measured_ppm` is how far the speed that the windows
    themselves give lies from the one stated, with its 95 % half-width.
    """

    speed: Fraction
    pitch_kept: bool | None
    lag_s: float
    probability: float
    supports: int
    measured_ppm: float
    measured_uncertainty_ppm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedEvidence:
    """What the windows say of one speed: evidence summed over windows, their lag, and the slope that is left."""

    speed: Fraction
    pitch_kept: bool
    score: float
    lag_s: float
    supports: int
    slope_ppm: float
    slope_sigma_ppm: float


def speed_hypotheses(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[SpeedHypothesis, ...]:
    """Find the fixed speeds at which two sounds fit that do not fit at the same speed, likeliest first.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them inverts the speeds and changes nothing else.
    settings : SyncSettings
        Window lengths and the coefficients of the probability.

    Returns
    -------
    tuple of SpeedHypothesis
        Empty when nothing fits, or when speed 1 explains as much. Speeds compete with each other and with "nothing in
        common".

    Notes
    -----
    A speed of 1001/1000 smears a lag by a millisecond each second and is found at speed 1, as a cluster that slides:
    there the slope of the window lags decides, which must be nearer to 1000 ppm than to what quartz does.
    """
    if a.recording_id > b.recording_id:
        return tuple(_swapped(each) for each in speed_hypotheses(b, a, settings=settings))
    same = speed_evidence(a, b, speed=Fraction(1), pitch_kept=False, settings=settings)
    if same is not None and _settled(same, settings):
        slow = _slow_step(a, b, same, settings)
        return () if slow is None else (slow,)
    # The two ways of changing a speed near 1 sound alike: they are one answer, the better of the two.
    tried = [best for speed in SPEEDS if (best := _better_pitch(a, b, speed, settings)) is not None]
    known = 0.0 if same is None else same.score
    strengths = [math.exp(min(_log_odds(each, settings), 50.0)) for each in tried]
    total = 1.0 + sum(strengths)
    found = [
        SpeedHypothesis(
            speed=each.speed,
            pitch_kept=each.pitch_kept,
            lag_s=each.lag_s,
            probability=strength / total,
            supports=each.supports,
            measured_ppm=each.slope_ppm,
            measured_uncertainty_ppm=2.0 * each.slope_sigma_ppm,
        )
        for each, strength in zip(tried, strengths, strict=True)
        if each.score > settings.speed_lead * known and each.supports >= settings.speed_least_supports
    ]
    found.sort(key=lambda each: (-each.probability, each.speed))
    return tuple(each for each in found if each.probability >= settings.least_probability)


def _settled(same: SpeedEvidence, settings: SyncSettings) -> bool:
    """Whether the sounds fit at speed 1, with a lag that slides by no more than drift and 1001/1000 explain."""
    slides = abs(same.slope_ppm) > _SLIDING_PPM or same.slope_sigma_ppm > _SLIDING_PPM / 3
    return same.score >= settings.speed_same_score and not slides


def _better_pitch(a: SoundFeatures, b: SoundFeatures, speed: Fraction, settings: SyncSettings) -> SpeedEvidence | None:
    both = [speed_evidence(a, b, speed=speed, pitch_kept=kept, settings=settings) for kept in (False, True)]
    return max((each for each in both if each is not None), key=lambda each: each.score, default=None)


def _swapped(each: SpeedHypothesis) -> SpeedHypothesis:
    return SpeedHypothesis(
        speed=1 / each.speed,
        pitch_kept=each.pitch_kept,
        lag_s=-each.lag_s / float(each.speed),
        probability=each.probability,
        supports=each.supports,
        measured_ppm=-each.measured_ppm,
        measured_uncertainty_ppm=each.measured_uncertainty_ppm,
    )


def _log_odds(each: SpeedEvidence, settings: SyncSettings) -> float:
    return settings.speed_log_odds_constant + settings.speed_log_odds_per_log_score * math.log1p(each.score)


def speed_evidence(
    a: SoundFeatures, b: SoundFeatures, *, speed: Fraction, pitch_kept: bool, settings: SyncSettings
) -> SpeedEvidence | None:
    """Match the patterns of two sounds with b at another speed.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    speed : Fraction
        Seconds of a for a second of b.
    pitch_kept : bool
        Whether b was stretched in time only.
    settings : SyncSettings
        Window lengths and evidence limits.

    Returns
    -------
    SpeedEvidence or None
        The lag that gathers most evidence; None when no window stands out.
    """
    coarse = _coarse(settings)
    # The band that both hear: played at twice the speed, 150 to 1700 Hz of a are 300 to 3400 Hz of b.
    scale = 1.0 if pitch_kept else float(speed)
    low_hz = settings.waveform_low_hz * max(1.0, 1.0 / scale)
    high_hz = settings.waveform_high_hz * min(1.0, 1.0 / scale)
    x = _at_speed(a, Fraction(1), pitch_kept=True, band_hz=(low_hz, high_hz), settings=coarse)
    y = _at_speed(b, speed, pitch_kept=pitch_kept, band_hz=(low_hz, high_hz), settings=coarse)
    forwards = x.pattern.shape[1] <= y.pattern.shape[1]
    query, target = (x, y) if forwards else (y, x)
    shortest_s = 2 * settings.window_shortest_s
    if query.duration_s < 2 * shortest_s:
        return None
    window_s = window_length_s(query.duration_s, longest_s=settings.pattern_window_longest_s, shortest_s=shortest_s)
    peaks = pattern_peaks(query, target, window_s=window_s, settings=coarse)
    evidence = np.clip(peaks.z - settings.pattern_zero_z, 0.0, settings.evidence_cap)
    if not evidence.any():
        return None
    members, score = _strongest(peaks, evidence, settings.cluster_width_s)
    at_s, lags_s = peaks.query_s[members], peaks.lag_s[members]
    slope, sigma, middle_s = _slope(at_s, lags_s, evidence[members], share=_INDEPENDENT_SHARE)
    sign = 1.0 if forwards else -1.0
    return SpeedEvidence(
        speed=speed,
        pitch_kept=pitch_kept,
        score=score,
        lag_s=sign * middle_s,
        supports=_separate(at_s, window_s),
        slope_ppm=1e6 * sign * slope,
        slope_sigma_ppm=1e6 * sigma,
    )


def _slow_step(
    a: SoundFeatures, b: SoundFeatures, same: SpeedEvidence, settings: SyncSettings
) -> SpeedHypothesis | None:
    """Tell 1001/1000 from drift where two sounds fit at speed 1 and their lag slides."""
    near = min((_SLOW_STEP, 1 / _SLOW_STEP), key=lambda speed: abs(_ppm(speed) - same.slope_ppm))
    if abs(same.slope_ppm - _ppm(near)) > max(3.0 * same.slope_sigma_ppm, 250.0) or same.slope_sigma_ppm > 400.0:
        return None
    slope_ppm, sigma_ppm, lag_s = _slope_at(a, b, near, same, settings)
    if sigma_ppm > settings.speed_slope_sigma_ppm:
        return None
    # How likely such a slope is at the exact speed, from quartz, and from sources or cameras that move.
    exact = settings.speed_slow_share * _normal(slope_ppm - _ppm(near), math.hypot(sigma_ppm, _QUARTZ_PPM))
    drift = _normal(slope_ppm, math.hypot(sigma_ppm, settings.speed_drift_ppm))
    moving = settings.speed_moving_share / (2 * _MOVING_PPM)
    probability = exact / max(exact + drift + moving, 1e-300)
    if probability < settings.least_probability:
        return None
    return SpeedHypothesis(
        speed=near,
        pitch_kept=None,
        lag_s=lag_s,
        probability=probability,
        supports=same.supports,
        measured_ppm=slope_ppm - _ppm(near),
        measured_uncertainty_ppm=2.0 * sigma_ppm,
    )


def _ppm(speed: Fraction) -> float:
    return 1e6 * (float(speed) - 1.0)


def _normal(x: float, sigma: float) -> float:
    return math.exp(-0.5 * (x / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))


def _slope_at(
    a: SoundFeatures, b: SoundFeatures, speed: Fraction, same: SpeedEvidence, settings: SyncSettings
) -> tuple[float, float, float]:
    """Slope against speed 1 in ppm, its sigma, and the lag, from the waveforms with b brought to a speed."""
    stretched = replace(
        b,
        waveform=_resampled(b.waveform, speed),
        start_s=b.start_s * float(speed),
        duration_s=b.duration_s * float(speed),
    )
    forwards = len(a.waveform) <= len(stretched.waveform)
    query, target = (a, stretched) if forwards else (stretched, a)
    sign = 1.0 if forwards else -1.0
    window_s = window_length_s(query.duration_s, longest_s=_SLOW_WINDOW_S, shortest_s=settings.window_shortest_s)
    peaks = waveform_peaks(query, target, window_s=window_s, settings=settings)
    evidence = np.clip(peaks.z - settings.waveform_zero_z, 0.0, settings.evidence_cap)
    evidence[np.abs(sign * peaks.lag_s - same.lag_s) > settings.cluster_width_s] = 0.0
    if np.count_nonzero(evidence) < _LEAST_FOR_SLOPE:
        return same.slope_ppm, same.slope_sigma_ppm, same.lag_s
    members, _ = _strongest(peaks, evidence, _SLOW_WIDTH_S)
    slope, sigma, lag_s = _slope(peaks.query_s[members], peaks.lag_s[members], evidence[members], share=0.5)
    return _ppm(speed) + 1e6 * sign * slope, 1e6 * sigma, sign * lag_s


def _resampled(wave: NDArray[np.float32], speed: Fraction) -> NDArray[np.float32]:
    """The waveform as it lasts at another speed: as many samples, times the speed."""
    count = len(wave)
    wanted = round(count * float(speed))
    spectrum = rfft(wave)[: wanted // 2 + 1]
    return np.asarray(irfft(spectrum, wanted) * (wanted / count), dtype=np.float32)


def _coarse(settings: SyncSettings) -> SyncSettings:
    return replace(settings, pattern_rate_hz=settings.speed_pattern_rate_hz)


def _at_speed(
    sound: SoundFeatures, speed: Fraction, *, pitch_kept: bool, band_hz: tuple[float, float], settings: SyncSettings
) -> SoundFeatures:
    """The same sound with the pattern that it would have in the other recording's time."""
    rate, scale = sound.waveform_rate_hz, float(speed)
    frame_rate = rate if pitch_kept else rate / scale
    size = round(frame_rate * settings.pattern_window_s)
    hop = rate / scale / settings.pattern_rate_hz
    filters = mel_filters(round(frame_rate), size, bands=settings.pattern_bands, low_hz=band_hz[0], high_hz=band_hz[1])
    levels = _log_mel(sound.waveform, filters, size, hop)
    return replace(
        sound,
        start_s=sound.start_s * scale,
        duration_s=sound.duration_s * scale,
        pattern=against_surroundings(levels, settings),
        pattern_rate_hz=settings.pattern_rate_hz,
    )


def _log_mel(wave: NDArray[np.float32], filters: NDArray[np.float32], size: int, hop: float) -> NDArray[np.float32]:
    """Log-mel levels of frames `hop` samples apart, which need not be a whole number: shape (bands, frames)."""
    starts = np.round(np.arange(max(1, int(len(wave) / hop))) * hop).astype(np.intp)
    views = np.lib.stride_tricks.sliding_window_view(np.pad(wave, size // 2 + 1), size)
    window = np.hanning(size).astype(np.float32)
    parts = []
    for first in range(0, len(starts), _FRAMES_AT_ONCE):
        spectrum = rfft(views[starts[first : first + _FRAMES_AT_ONCE]] * window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        parts.append(np.log(filters @ power.T + np.float32(1e-7)))
    return np.asarray(np.concatenate(parts, axis=1), dtype=np.float32)


def _strongest(peaks: WindowPeaks, evidence: NDArray[np.float64], width_s: float) -> tuple[NDArray[np.intp], float]:
    """Peaks, one of each window, within the interval of lags that gathers the most evidence, and their sum."""
    best: tuple[NDArray[np.intp], float] = (np.zeros(0, np.intp), -1.0)
    order = np.argsort(-evidence, kind="stable")
    for shift in (0.0, 0.5):
        cell = np.floor(peaks.lag_s / width_s + shift).astype(np.int64)
        keys = np.stack([cell, peaks.window])[:, order]
        _, first = np.unique(keys, axis=1, return_index=True)
        chosen = order[first]
        sums = np.bincount(cell[chosen] - cell.min(), weights=evidence[chosen])
        top = int(np.argmax(sums))
        if sums[top] > best[1] + 1e-9:
            inside = (cell[chosen] - cell.min() == top) & (evidence[chosen] > 0)
            best = np.sort(chosen[inside]), float(sums[top])
    return best


def _slope(
    at_s: NDArray[np.float64], lags_s: NDArray[np.float64], weights: NDArray[np.float64], *, share: float
) -> tuple[float, float, float]:
    """Slope of the window lags, its sigma, and the lag in their middle; outliers weigh little.

    `share` is that of the windows which are independent of each other.
    """
    middle_s = float(np.average(at_s, weights=weights))
    slope, level, scatter = 0.0, float(np.median(lags_s)), 0.02
    robust = weights
    for _ in range(8):
        residual = lags_s - level - slope * (at_s - middle_s)
        scatter = max(1.4826 * float(np.median(np.abs(residual))), _LEAST_SCATTER_S)
        robust = weights / np.maximum(1.0, (np.abs(residual) / (2 * scatter)) ** 2)
        centred = at_s - np.average(at_s, weights=robust)
        spread = float(np.sum(robust * centred**2))
        if len(at_s) < _LEAST_FOR_SLOPE or spread <= 0:
            return 0.0, math.inf, level
        slope = float(np.sum(robust * centred * lags_s)) / spread
        level = float(np.average(lags_s - slope * (at_s - middle_s), weights=robust))
    independent = max(np.count_nonzero(robust > 0.3 * weights) * share, 1.0)
    deviation_s = math.sqrt(float(np.average((at_s - middle_s) ** 2, weights=robust)))
    return slope, scatter / (deviation_s * math.sqrt(independent)), level


def _separate(at_s: NDArray[np.float64], window_s: float) -> int:
    """Largest number of windows that do not overlap."""
    count, free_from_s = 0, -math.inf
    for middle_s in np.sort(at_s).tolist():
        if middle_s - window_s / 2 >= free_from_s:
            count += 1
            free_from_s = middle_s + window_s / 2
    return count
