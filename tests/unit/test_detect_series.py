"""Series of onsets, on sound made here: bursts, crackle and beats."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.blasts import clip_levels
from syncview.detect.gunfire import bursts_of
from syncview.detect.series import beat_share, crackles_count, regular_series
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()


def bangs(at_s: list[float], *, seconds: float = 10.0, decay_s: float = 0.015, seed: int = 1) -> np.ndarray:
    """Short noises over a quiet background."""
    rng = np.random.default_rng([5, seed])
    wave = 0.002 * rng.standard_normal(round(seconds * RATE_HZ))
    time_s = np.arange(round(0.3 * RATE_HZ)) / RATE_HZ
    for begin in (round(t * RATE_HZ) for t in at_s):
        bang = 0.3 * rng.standard_normal(len(time_s)) * np.exp(-time_s / decay_s)
        wave[begin : begin + len(bang)] += bang[: len(wave) - begin]
    return wave.astype(np.float32)


def levels_of(wave: np.ndarray):
    return clip_levels(wave, RATE_HZ, settings=SETTINGS)


@pytest.mark.parametrize(("count", "every_s"), [(3, 0.06), (7, 0.1), (12, 0.15)])
def test_a_burst_is_counted_at_least_and_its_rate_is_right(count: int, every_s: float):
    levels = levels_of(bangs([4.0 + k * every_s for k in range(count)]))
    for shot in (0, count - 1):
        series = regular_series(levels, round((4.0 + shot * every_s) / levels.hop_s))
        assert series is not None
        assert count - 1 <= series.bangs <= count
        assert series.every_s == pytest.approx(every_s, rel=0.05)


@pytest.mark.parametrize("at_s", [[4.0], [4.0, 4.1], [4.0, 4.07, 4.31, 4.5, 4.53]])
def test_single_and_irregular_bangs_are_no_burst(at_s: list[float]):
    levels = levels_of(bangs(at_s))
    assert regular_series(levels, round(4.0 / levels.hop_s)) is None


def test_a_burst_needs_one_bang_that_resembles_a_shot():
    at_s = [4.0 + 0.1 * k for k in range(6)]
    levels = levels_of(bangs(at_s))
    frames = [round(t / levels.hop_s) for t in at_s]
    shots = bursts_of(levels, frames, [{"gunshot": 0.1}, {"gunshot": 0.6}] * 3, least_gunshot=0.2)
    assert {burst.first for burst in shots if burst} == {0}
    assert all(burst is not None and burst.per_s == pytest.approx(10.0, rel=0.05) for burst in shots)
    assert bursts_of(levels, frames, [{"gunshot": 0.1}] * 6, least_gunshot=0.2) == (None,) * 6


def test_crackle_is_counted():
    rng = np.random.default_rng(3)
    stars = [4.0, *(4.3 + np.cumsum(rng.uniform(0.05, 0.12, 15))).tolist()]
    assert crackles_count(levels_of(bangs(stars, decay_s=0.004)), 800) >= 12
    assert crackles_count(levels_of(bangs([4.0])), 800) <= 1


def test_a_beat_is_regular_and_a_bang_is_not():
    beat = levels_of(bangs([0.5 * k for k in range(1, 19)]))
    alone = levels_of(bangs([5.0, 6.3]))
    assert (beat_share(beat, 1000) or 0.0) > 0.6
    assert (beat_share(alone, 1000) or 0.0) < 0.35
    assert beat_share(levels_of(bangs([1.0], seconds=2.0)), 200) is None
