"""Speeds: each fixed one is found with its lag, speed 1 and unrelated sounds give nothing, 1000 ppm is no drift."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import lfilter, resample_poly

from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.features import SoundFeatures, sound_features
from syncview.sync.speeds import SpeedHypothesis, speed_evidence, speed_hypotheses

RATE_HZ = 16_000
SETTINGS = SyncSettings()


def voices(seed: int, seconds: float) -> np.ndarray:
    """Syllables: noise and pitch through moving formants, with pauses."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE_HZ))
    at = 0
    while at < len(out):
        n = int(rng.uniform(0.08, 0.3) * RATE_HZ)
        source = rng.standard_normal(n) * 0.3
        source[:: int(RATE_HZ / rng.uniform(90, 250))] += 4.0
        angle = 2 * np.pi * rng.uniform(300, 3000) / RATE_HZ
        tone = lfilter([1.0], [1.0, -2 * 0.97 * np.cos(angle), 0.97**2], source) * np.hanning(n)
        stop = min(len(out), at + n)
        out[at:stop] += tone[: stop - at] * rng.uniform(0.2, 1.0)
        at += n + int(rng.exponential(0.12) * RATE_HZ)
    return out / np.std(out)


def heard(name: str, samples: np.ndarray, *, seed: int, start_s: float = 0.0) -> SoundFeatures:
    own = 0.2 * np.random.default_rng(seed).standard_normal(len(samples))
    mono = (0.1 * (samples + own)).astype(np.float32)
    clip = AudioClip(recording_id=name, samples=mono, rate_hz=RATE_HZ, start_s=start_s)
    return sound_features(clip, settings=SETTINGS)


def played_at(samples: np.ndarray, speed: Fraction) -> np.ndarray:
    return resample_poly(samples, speed.denominator, speed.numerator)


def at_speed(speed: Fraction, *, from_s: float, to_s: float, start_s: float = 0.0) -> tuple[SpeedHypothesis, ...]:
    scene = voices(1, 40)
    a = heard("a", scene, seed=2)
    part = played_at(scene[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)], speed)
    return speed_hypotheses(a, heard("b", part, seed=3, start_s=start_s), settings=SETTINGS)


@pytest.mark.parametrize(
    ("speed", "to_s"),
    [
        (Fraction(24, 25), 35.0),
        (Fraction(25, 24), 35.0),
        (Fraction(2), 35.0),
        (Fraction(1, 2), 30.0),
        (Fraction(4), 35.0),
        (Fraction(1, 4), 25.0),
    ],
)
def test_each_speed_is_found_with_its_lag(speed: Fraction, to_s: float) -> None:
    best = at_speed(speed, from_s=5.0, to_s=to_s)[0]
    assert best.speed == speed
    assert best.lag_s == pytest.approx(5.0, abs=0.01)
    assert best.probability > 0.9
    assert abs(best.measured_ppm) <= 3 * best.measured_uncertainty_ppm + 300


def test_a_start_that_is_not_zero_moves_the_lag() -> None:
    best = at_speed(Fraction(2), from_s=5.0, to_s=35.0, start_s=1.0)[0]
    assert best.lag_s == pytest.approx(3.0, abs=0.01)  # what is heard at 1 s of b is heard at 5 s of a


def test_swapping_inverts_the_speed() -> None:
    scene = voices(1, 40)
    a, b = heard("a", scene, seed=2), heard("b", played_at(scene[5 * RATE_HZ :], Fraction(2)), seed=3)
    there, back = (speed_hypotheses(*pair, settings=SETTINGS)[0] for pair in ((a, b), (b, a)))
    assert back.speed == 1 / there.speed
    assert back.lag_s == pytest.approx(-there.lag_s / 2)
    assert back.probability == there.probability


def test_a_time_stretch_keeps_the_pitch() -> None:
    scene = voices(1, 40)
    # Every second grain of 40 ms left out: twice the speed, the pitch as it was.
    grains = scene[: len(scene) // 1280 * 1280].reshape(-1, 2, 640)[:, 0].ravel()
    best = speed_hypotheses(heard("a", scene, seed=2), heard("b", grains, seed=3), settings=SETTINGS)[0]
    assert (best.speed, best.pitch_kept) == (Fraction(2), True)
    assert best.lag_s == pytest.approx(0.0, abs=0.04)


def test_the_same_speed_is_no_finding() -> None:
    assert at_speed(Fraction(1), from_s=5.0, to_s=35.0) == ()


@pytest.mark.parametrize("seed", range(3))
def test_unrelated_sounds_are_refused(seed: int) -> None:
    a, b = heard("a", voices(10 + seed, 30), seed=2), heard("b", voices(20 + seed, 30), seed=3)
    assert all(each.probability < 0.5 for each in speed_hypotheses(a, b, settings=SETTINGS))


@pytest.mark.parametrize("speed", [Fraction(1001, 1000), Fraction(1000, 1001)])
def test_video_at_30_for_29_97_is_told_from_drift(speed: Fraction) -> None:
    found = at_speed(speed, from_s=5.0, to_s=40.0)
    assert [each.speed for each in found] == [speed]
    assert found[0].lag_s == pytest.approx(5.0, abs=0.01)
    assert abs(found[0].measured_ppm) < 100
    assert found[0].pitch_kept is None


def test_drift_is_no_speed() -> None:
    scene = voices(1, 40)
    a = heard("a", scene, seed=2)
    stretched = np.interp(np.arange(35 * RATE_HZ) * 1.0003 + 5 * RATE_HZ, np.arange(len(scene)), scene)
    found = speed_hypotheses(a, heard("b", stretched, seed=3), settings=SETTINGS)
    assert all(each.probability < 0.1 for each in found)


def test_sound_too_short_gives_nothing() -> None:
    scene = voices(1, 5)
    assert (
        speed_evidence(
            heard("a", scene, seed=2),
            heard("b", scene[:RATE_HZ], seed=3),
            speed=Fraction(2),
            pitch_kept=False,
            settings=SETTINGS,
        )
        is None
    )
