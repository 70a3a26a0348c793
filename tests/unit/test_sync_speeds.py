"""Speeds: each fixed one is found with its lag, speed 1 and unrelated sounds give nothing, 1000 ppm is no drift."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import resample_poly

from feature_example import features
from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.candidates import Agreement, LagCandidate
from syncview.sync.features import SoundFeatures, sound_features
from syncview.sync.speeds import SPEEDS, SpeedHypothesis, SpeedTrial, speed_hypotheses, speed_probabilities, try_speed
from voices_example import RATE_HZ, voices

SETTINGS = SyncSettings()
SCENE_S = 24


def heard(name: str, samples: np.ndarray, *, seed: int, start_s: float = 0.0) -> SoundFeatures:
    own = 0.2 * np.random.default_rng(seed).standard_normal(len(samples))
    mono = (0.1 * (samples + own)).astype(np.float32)
    clip = AudioClip(recording_id=name, samples=mono, rate_hz=RATE_HZ, start_s=start_s)
    return sound_features(clip, settings=SETTINGS)


def played_at(samples: np.ndarray, speed: Fraction) -> np.ndarray:
    return resample_poly(samples, speed.denominator, speed.numerator)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return voices(1, SCENE_S)


@pytest.fixture(scope="module")
def original(scene) -> SoundFeatures:
    return heard("a", scene, seed=2)


def excerpt(scene: np.ndarray, speed: Fraction, *, from_s: float = 4.0, to_s: float = 20.0) -> np.ndarray:
    return played_at(scene[round(from_s * RATE_HZ) : round(to_s * RATE_HZ)], speed)


@pytest.mark.parametrize(
    ("speed", "to_s"),
    [
        (Fraction(24, 25), 20.0),
        (Fraction(25, 24), 20.0),
        (Fraction(2), 23.5),
        (Fraction(1, 2), 16.0),
        (Fraction(4), 23.0),
        (Fraction(1, 4), 12.0),
    ],
)
def test_each_speed_is_found_with_its_lag(scene, original, speed: Fraction, to_s: float) -> None:
    best = speed_hypotheses(original, heard("b", excerpt(scene, speed, to_s=to_s), seed=3), settings=SETTINGS)[0]
    assert best.speed == speed
    assert best.lag_s == pytest.approx(4.0, abs=0.002)
    assert best.probability > 0.99
    assert best.pitch_kept is False
    assert best.measured_ppm is None or abs(best.measured_ppm) < 20  # 16 s are too short to measure it


def test_a_start_that_is_not_zero_moves_the_lag(scene, original) -> None:
    b = heard("b", excerpt(scene, Fraction(2)), seed=3, start_s=1.0)
    trial = try_speed(original, b, speed=Fraction(2), pitch_kept=False, settings=SETTINGS)
    assert trial.candidate.lag_s == pytest.approx(2.0, abs=0.01)  # what is heard at 1 s of b is heard at 4 s of a


def test_swapping_inverts_the_speed(scene, original) -> None:
    b = heard("b", excerpt(scene, Fraction(2)), seed=3)
    there, back = (speed_hypotheses(*pair, settings=SETTINGS)[0] for pair in ((original, b), (b, original)))
    assert back == there.flipped()
    assert back.speed == Fraction(1, 2)
    assert back.lag_s == pytest.approx(-2.0, abs=0.002)
    assert back.flipped() == there


def test_a_time_stretch_keeps_the_pitch(scene, original) -> None:
    # Every second grain of 40 ms left out: twice the speed, the pitch as it was.
    grains = scene[: len(scene) // 1280 * 1280].reshape(-1, 2, 640)[:, 0].ravel()
    best = speed_hypotheses(original, heard("b", grains, seed=3), settings=SETTINGS)[0]
    assert (best.speed, best.pitch_kept) == (Fraction(2), True)
    assert best.lag_s == pytest.approx(0.0, abs=best.lag_uncertainty_s)
    assert 0.04 <= best.lag_uncertainty_s < 0.06


def test_the_same_speed_is_no_finding(scene, original) -> None:
    assert speed_hypotheses(original, heard("b", excerpt(scene, Fraction(1)), seed=3), settings=SETTINGS) == ()


@pytest.mark.parametrize("seed", range(2))
def test_unrelated_sounds_are_refused(original, seed: int) -> None:
    other = heard("b", voices(20 + seed, 16), seed=3)
    assert all(each.probability < 0.1 for each in speed_hypotheses(original, other, settings=SETTINGS))


@pytest.mark.parametrize("speed", [Fraction(1001, 1000), Fraction(1000, 1001)])
def test_video_at_30_for_29_97_is_told_from_drift(scene, original, speed: Fraction) -> None:
    b = heard("b", excerpt(scene, speed, to_s=23.0), seed=3)
    (found,) = speed_hypotheses(original, b, settings=SETTINGS)
    assert found.speed == speed
    assert found.lag_s == pytest.approx(4.0, abs=0.002)
    assert abs(found.measured_ppm) < 20
    assert found.pitch_kept is None
    assert 0.9 < found.probability < 0.99  # drift of so much is as rare as a changed rate: a person decides


def test_drift_is_no_speed(scene, original) -> None:
    stretched = np.interp(np.arange(18 * RATE_HZ) * 1.0003 + 4 * RATE_HZ, np.arange(len(scene)), scene)
    found: tuple[SpeedHypothesis, ...] = speed_hypotheses(original, heard("b", stretched, seed=3), settings=SETTINGS)
    assert all(each.probability < 0.1 for each in found)


def test_sound_too_short_gives_nothing(scene, original) -> None:
    short = heard("b", scene[: RATE_HZ // 2], seed=3)
    assert speed_hypotheses(original, short, settings=SETTINGS) == ()


def trial(speed: Fraction, log_odds: float) -> SpeedTrial:
    nothing = Agreement(lag_s=0.0, z=0.0, rest_z=0.0, course=np.zeros(8))
    lag = LagCandidate(lag_s=0.0, tones=nothing, pattern=nothing, white=nothing, first_s=0.0, step_s=1.0, overlap_s=8.0)
    x = features("x", np.zeros(8000, np.float32))
    return SpeedTrial(speed=speed, pitch_kept=False, a=x, b=x, candidate=lag, log_odds=log_odds, supports=5)


def test_speeds_share_probability_with_each_other_speed_one_and_nothing() -> None:
    def stated(*log_odds: float, same: float | None = None) -> tuple[float, ...]:
        tried = [trial(speed, odds) for speed, odds in zip(SPEEDS, log_odds, strict=False)]
        return speed_probabilities(
            None if same is None else trial(Fraction(1), same), tried, settings=replace(SETTINGS, speed_rarity=3.0)
        )

    assert stated(3.0) == pytest.approx((0.5,))
    assert stated(3.0, 3.0) == pytest.approx((1 / 3, 1 / 3))
    assert stated(3.0, same=0.0) == pytest.approx((1 / 3,))
    assert stated(9.0, -9.0) == pytest.approx((1 / (1 + np.exp(-6)), 0.0), abs=1e-4)
    assert stated() == ()


def test_a_speed_is_as_rare_as_the_benchmark_finds_it() -> None:
    """What pairs of no common sound reach at their best speed, 1.0, is no answer; true ones reach 8 as a rule."""
    by_chance, true = (speed_probabilities(None, [trial(SPEEDS[0], odds)], settings=SETTINGS)[0] for odds in (1.0, 8.1))
    assert by_chance < 0.1
    assert true >= SETTINGS.speed_probability
