"""Recordings that run at another speed: editors' and broadcasters' fixed speeds, tried when nothing else fits.

Convention: ``r_a = lag_s + speed * r_b``. A second of b is `speed` seconds of a; 2 means that b is a time lapse of
twice the speed, 25/24 that b is film shown as video. Swapping the two inverts the speed, and the lag becomes
``-lag_s / speed``.

Worked numbers: b shows at twice the speed what a recorded from its second 10 on: speed 2, lag_s = 10; what is heard
at 4 s of b is heard at 18 s of a. Swapped: speed 1/2, lag_s = -5; 0.5 * 18 - 5 = 4.

A speed change either shifts the pitch (the samples are played faster) or keeps it (an editor's time stretch). For the
first b is played at the other speed and compared as any sound is; for the second only the distance of its frames
changes, and its waveform tells nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from syncview.sync.alignment import align, local_correlation
from syncview.sync.candidates import lag_candidates
from syncview.sync.hypotheses import separate_blocks
from syncview.sync.odds import lag_log_odds
from syncview.sync.pace import at_pace, thinned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.settings import SyncSettings
    from syncview.sync.alignment import Alignment
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.features import SoundFeatures

__all__ = [
    "SPEEDS",
    "SpeedHypothesis",
    "SpeedTrial",
    "speed_hypotheses",
    "speed_probabilities",
    "try_speed",
    "try_speeds",
]

SLOW_STEPS = (Fraction(1001, 1000), Fraction(1000, 1001))  # 30 against 29.97 frames a second
SPEEDS = (
    Fraction(24, 25),
    Fraction(25, 24),
    Fraction(2),
    Fraction(1, 2),
    Fraction(4),
    Fraction(1, 4),
)
_QUARTZ_PPM = 40.0  # of two cameras against each other
_MOVING_PPM = 5000.0  # 1.7 m/s towards one of two cameras and away from the other
_GRAIN_S = 0.04  # of which a time stretch is made
_TOP = 50.0  # log odds beyond doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedHypothesis:
    """One speed of b against a that their sound supports: ``r_a = lag_s + speed * r_b``.

    `pitch_kept` tells a time stretch from a change of playing speed; None where the speed is too near to 1 to tell.
    `supports` counts seconds that agree by themselves, none next to another. `lag_s` holds in the middle of what they
    share, with the 95 % half-width `lag_uncertainty_s`, sound's travel apart; `measured_ppm` is how far the speed that
    the waveforms give lies from the one stated, with its 95 % half-width; None where they do not tell.
    """

    speed: Fraction
    pitch_kept: bool | None
    lag_s: float
    lag_uncertainty_s: float
    probability: float
    supports: int
    measured_ppm: float | None
    measured_uncertainty_ppm: float | None

    def flipped(self) -> SpeedHypothesis:
        """The same seen from the other recording."""
        return replace(
            self,
            speed=1 / self.speed,
            lag_s=-self.lag_s / float(self.speed),
            lag_uncertainty_s=self.lag_uncertainty_s / float(self.speed),
            measured_ppm=None if self.measured_ppm is None else -self.measured_ppm,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedTrial:
    """The best lag at one speed: both sounds in a's time, and what speaks for the lag."""

    speed: Fraction
    pitch_kept: bool
    a: SoundFeatures
    b: SoundFeatures
    candidate: LagCandidate
    log_odds: float
    supports: int


def speed_hypotheses(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[SpeedHypothesis, ...]:
    """Find the fixed speeds at which two sounds fit that do not fit at the same speed, likeliest first.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them inverts the speeds and changes nothing else.
    settings : SyncSettings
        What of the matching is used here, and the coefficients of the probability.

    Returns
    -------
    tuple of SpeedHypothesis
        Empty when nothing fits, or when speed 1 explains as much. Speeds compete with each other, with speed 1, and
        with "nothing in common".

    Notes
    -----
    A speed of 1001/1000 smears a lag by a millisecond each second, and most sounds still fit at speed 1. There the
    drift decides that the waveforms show at the exact speed: it must be nearer to none than to what quartz does.
    """
    if a.recording_id > b.recording_id:
        return tuple(each.flipped() for each in speed_hypotheses(b, a, settings=settings))
    same, tried = try_speeds(a, b, settings=settings)
    if not tried and same is not None and same.log_odds >= settings.speed_same_log_odds:
        slow = _slow_step(a, b, settings)
        return () if slow is None else (slow,)
    stated = speed_probabilities(same, tried, settings=settings)
    found = [
        _hypothesis(trial, probability, settings)
        for trial, probability in zip(tried, stated, strict=True)
        if probability >= settings.least_probability and trial.supports >= settings.speed_least_supports
    ]
    return tuple(sorted(found, key=lambda each: (-each.probability, each.speed)))


def try_speeds(
    a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings
) -> tuple[SpeedTrial | None, tuple[SpeedTrial, ...]]:
    """Match two sounds at every speed.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    settings : SyncSettings
        As for the matching at one speed.

    Returns
    -------
    tuple of SpeedTrial and tuple
        What speaks for speed 1, None when nothing does, and the best lag at each other speed where something does; no
        other is tried when speed 1 is beyond doubt.
    """
    same = try_speed(a, b, speed=Fraction(1), pitch_kept=False, settings=settings)
    if same is not None and same.log_odds >= settings.speed_same_log_odds:
        return same, ()
    # The two ways of changing a speed near 1 sound alike: they are one answer, the better of the two.
    tried = (_better_pitch(a, b, speed, settings) for speed in (*SPEEDS, *SLOW_STEPS))
    return same, tuple(trial for trial in tried if trial is not None)


def speed_probabilities(
    same: SpeedTrial | None, tried: Sequence[SpeedTrial], *, settings: SyncSettings
) -> tuple[float, ...]:
    """How likely each speed is, against the others, speed 1 and "nothing in common".

    Parameters
    ----------
    same : SpeedTrial or None
        What speaks for speed 1.
    tried : sequence of SpeedTrial
        What speaks for others.
    settings : SyncSettings
        How rare other speeds are. Fitted by benchmarks/speeds.py.

    Returns
    -------
    tuple of float
        One for each that was tried.
    """
    odds = [math.exp(min(trial.log_odds - settings.speed_rarity, _TOP)) for trial in tried]
    total = 1.0 + sum(odds) + (0.0 if same is None else math.exp(min(same.log_odds, _TOP)))
    return tuple(strength / total for strength in odds)


def _better_pitch(a: SoundFeatures, b: SoundFeatures, speed: Fraction, settings: SyncSettings) -> SpeedTrial | None:
    kinds = (False,) if speed in SLOW_STEPS else (False, True)
    both = [try_speed(a, b, speed=speed, pitch_kept=kept, settings=settings) for kept in kinds]
    return max((each for each in both if each is not None), key=lambda each: each.log_odds, default=None)


def try_speed(
    a: SoundFeatures, b: SoundFeatures, *, speed: Fraction, pitch_kept: bool, settings: SyncSettings
) -> SpeedTrial | None:
    """Match two sounds with b at another speed.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    speed : Fraction
        Seconds of a for a second of b.
    pitch_kept : bool
        Whether b was stretched in time only.
    settings : SyncSettings
        As for the matching at one speed.

    Returns
    -------
    SpeedTrial or None
        The likeliest lag, as if no other speed were tried; None when nothing stands out.
    """
    x, y = thinned(a, settings), at_pace(b, speed, pitch_kept=pitch_kept, settings=settings)
    candidates = lag_candidates(x, y, settings=settings)
    if not candidates:
        return None
    best = max(candidates, key=lambda each: (lag_log_odds(each, settings), -abs(each.lag_s)))
    return SpeedTrial(
        speed=speed,
        pitch_kept=pitch_kept,
        a=x,
        b=y,
        candidate=best,
        log_odds=lag_log_odds(best, settings),
        supports=separate_blocks(best, settings),
    )


def _hypothesis(trial: SpeedTrial, probability: float, settings: SyncSettings) -> SpeedHypothesis:
    lag_s, lag_uncertainty_s = trial.candidate.lag_s, math.hypot(_GRAIN_S, 1.0 / trial.a.tones_rate_hz)
    drift_ppm = drift_uncertainty_ppm = None
    if not trial.pitch_kept:
        aligned = _aligned(trial, settings)
        lag_s, lag_uncertainty_s = aligned.lag_s, 2.0 * aligned.sigma_s
        drift_ppm, drift_uncertainty_ppm = aligned.drift_ppm, aligned.drift_uncertainty_ppm
    return SpeedHypothesis(
        speed=trial.speed,
        pitch_kept=None if trial.speed in SLOW_STEPS else trial.pitch_kept,
        lag_s=lag_s,
        lag_uncertainty_s=lag_uncertainty_s,
        probability=probability,
        supports=trial.supports,
        measured_ppm=drift_ppm,
        measured_uncertainty_ppm=drift_uncertainty_ppm,
    )


def _aligned(trial: SpeedTrial, settings: SyncSettings) -> Alignment:
    lag_s = trial.candidate.lag_s
    near = local_correlation(trial.a, trial.b, lag_s, reach_s=settings.align_reach_s, settings=settings)
    return align(near, fallback_s=lag_s, settings=settings)


def _slow_step(a: SoundFeatures, b: SoundFeatures, settings: SyncSettings) -> SpeedHypothesis | None:
    """Tell 1001/1000 from drift where the waveforms show a line."""
    found = []
    for speed in SLOW_STEPS:
        trial = try_speed(a, b, speed=speed, pitch_kept=False, settings=settings)
        if trial is None or trial.log_odds < settings.speed_same_log_odds:
            continue
        aligned = _aligned(trial, settings)
        if aligned.drift_ppm is None or aligned.drift_uncertainty_ppm is None:
            continue
        sigma_ppm = 0.5 * aligned.drift_uncertainty_ppm
        if sigma_ppm > settings.speed_slope_sigma_ppm:
            continue
        found.append(
            SpeedHypothesis(
                speed=speed,
                pitch_kept=None,
                lag_s=aligned.lag_s,
                lag_uncertainty_s=2.0 * aligned.sigma_s,
                probability=_exactness(aligned.drift_ppm, _ppm(speed), sigma_ppm, settings),
                supports=trial.supports,
                measured_ppm=aligned.drift_ppm,
                measured_uncertainty_ppm=2.0 * sigma_ppm,
            )
        )
    best = max(found, key=lambda each: (each.probability, each.speed), default=None)
    return best if best is not None and best.probability >= settings.least_probability else None


def _exactness(off_ppm: float, speed_ppm: float, sigma_ppm: float, settings: SyncSettings) -> float:
    """How likely a slope is at an exact speed, against quartz, and against sources or cameras that move."""
    exact = settings.speed_slow_share * _normal(off_ppm, math.hypot(sigma_ppm, _QUARTZ_PPM))
    drift = _normal(off_ppm + speed_ppm, math.hypot(sigma_ppm, settings.speed_drift_ppm))
    moving = settings.speed_moving_share / (2 * _MOVING_PPM)
    return exact / max(exact + drift + moving, 1e-300)


def _ppm(speed: Fraction) -> float:
    return 1e6 * (float(speed) - 1.0)


def _normal(x: float, sigma: float) -> float:
    return math.exp(-0.5 * (x / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
