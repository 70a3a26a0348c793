"""Onset picks on arrays with a known onset."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.pick import aic_onset, pick_onset, walk_back_onset
from syncview.errors import InputError
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()


def burst(seed: int, *, onset: int, count: int = 3200, over: float = 100.0, rise: int = 1) -> np.ndarray:
    """Noise, and from `onset` on a stronger noise that rises within `rise` samples."""
    rng = np.random.default_rng(seed)
    envelope = np.clip((np.arange(count) - onset + 1) / rise, 0, 1)
    return rng.standard_normal(count) * (1.0 + over * envelope)


@pytest.mark.parametrize("seed", range(5))
def test_aic_finds_a_sharp_onset_to_the_sample(seed: int):
    assert aic_onset(burst(seed, onset=1920)) == pytest.approx(1920, abs=3)


@pytest.mark.parametrize("seed", range(5))
def test_walk_back_finds_a_sharp_onset_to_its_cell(seed: int):
    found = walk_back_onset(burst(seed, onset=1920), RATE_HZ, noise_samples=1200)
    assert found == pytest.approx(1920, abs=16)


def test_all_agree_on_a_sharp_onset():
    pick = pick_onset(burst(1, onset=1920), RATE_HZ, trigger_sample=1950, settings=SETTINGS)
    assert pick.sample == pytest.approx(1920, abs=3)
    assert not pick.emergent
    assert pick.uncertainty_s == SETTINGS.pick_floor_s


def test_a_swelling_onset_is_found_although_the_walk_back_is_late_and_the_interval_says_so():
    rise = 1600  # 0.1 s
    pick = pick_onset(burst(2, onset=1000, rise=rise, over=300.0), RATE_HZ, trigger_sample=1900, settings=SETTINGS)
    assert (pick.walk_sample - 1000) / RATE_HZ > SETTINGS.pick_agree_s
    assert abs(pick.sample - 1000) / RATE_HZ <= pick.uncertainty_s
    assert pick.uncertainty_s == pytest.approx(SETTINGS.pick_apart_factor * pick.apart_s)
    assert SETTINGS.pick_floor_s < pick.uncertainty_s < 0.02


def test_of_pickers_that_disagree_the_one_with_the_largest_rise_is_taken():
    # A voice's syllable before a faint crack: to Akaike's criterion the loud part begins with the syllable.
    errors_ms = []
    for seed in range(8):
        rng = np.random.default_rng([8, seed])
        wave = rng.standard_normal(3520)
        syllable = np.sin(2 * np.pi * 180.0 * np.arange(1100) / RATE_HZ) * np.hanning(1100)
        wave[500:1600] += 6.0 * syllable
        wave[1920:] += 8.0 * rng.standard_normal(1600) * np.exp(-np.arange(1600) / 800.0)
        pick = pick_onset(wave, RATE_HZ, trigger_sample=1940, settings=SETTINGS)
        errors_ms.append(abs(pick.sample - 1920) / RATE_HZ * 1e3)
    assert np.median(errors_ms) <= 1.0
    assert max(errors_ms) <= 10.0


def test_a_rumbling_background_does_not_hide_a_faint_crack():
    rng = np.random.default_rng(7)
    rumble = 30.0 * np.cumsum(rng.standard_normal(3200)) / 40.0
    wave = rumble + np.where(np.arange(3200) >= 1920, 12.0, 0.3) * rng.standard_normal(3200)
    pick = pick_onset(wave, RATE_HZ, trigger_sample=1950, settings=SETTINGS)
    assert abs(pick.sample - 1920) / RATE_HZ <= pick.uncertainty_s


def test_an_offset_of_the_microphone_changes_nothing():
    wave = burst(3, onset=1920)
    plain = pick_onset(wave, RATE_HZ, trigger_sample=1950, settings=SETTINGS)
    moved = pick_onset(wave + 50.0, RATE_HZ, trigger_sample=1950, settings=SETTINGS)
    assert moved.sample == plain.sample


def test_too_short_a_stretch_is_refused():
    with pytest.raises(InputError, match="24 samples"):
        aic_onset(np.zeros(20))


def test_silence_before_the_onset_is_no_trouble():
    wave = burst(4, onset=1920)
    wave[:1920] = 0.0
    pick = pick_onset(wave, RATE_HZ, trigger_sample=1950, settings=SETTINGS)
    assert pick.sample == pytest.approx(1920, abs=3)
