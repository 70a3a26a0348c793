"""The lag to the millisecond: a source at rest, drift, sources on several sides, echoes, and what shows nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from feature_example import WAVE_HZ, features, noise
from syncview.settings import SyncSettings
from syncview.sync.alignment import Alignment, align, local_correlation

SETTINGS = SyncSettings()


def aligned(a: np.ndarray, b: np.ndarray, near_s: float, *, start_s: float = 0.0) -> Alignment:
    x, y = features("a", a), features("b", b, start_s=start_s)
    near = local_correlation(x, y, near_s, reach_s=SETTINGS.align_reach_s, settings=SETTINGS)
    return align(near, fallback_s=near_s, settings=SETTINGS)


def later(wave: np.ndarray, delay_s: float) -> np.ndarray:
    """The same sound, arriving later by any fraction of a sample."""
    spectrum = np.fft.rfft(wave)
    hz = np.fft.rfftfreq(len(wave), 1 / WAVE_HZ)
    return np.fft.irfft(spectrum * np.exp(-2j * np.pi * hz * delay_s), len(wave))


def with_noise(wave: np.ndarray, seed: int, *, deviations: float = 1.0) -> np.ndarray:
    return wave + deviations * noise(seed, len(wave) / WAVE_HZ)[: len(wave)]


@pytest.mark.parametrize("lag_s", [-3.0, 2.0, 4.00008])
def test_a_source_at_rest_is_found_to_a_fraction_of_a_sample(lag_s: float) -> None:
    scene = noise(1, 40)
    begin = 10 * WAVE_HZ
    heard = later(scene, -lag_s)[begin : begin + 20 * WAVE_HZ]
    found = aligned(with_noise(scene[begin : begin + 20 * WAVE_HZ], 2), with_noise(heard, 3), lag_s + 0.06)
    assert found.lag_s == pytest.approx(lag_s, abs=0.5 / WAVE_HZ)
    assert found.tight
    assert found.sigma_s < 0.001
    assert found.spread_s < 0.001


def test_swapping_negates_the_lag_and_its_drift() -> None:
    scene = noise(4, 40)
    a, b = with_noise(scene[: 30 * WAVE_HZ], 5), with_noise(scene[2 * WAVE_HZ : 36 * WAVE_HZ], 6)
    forth, back = aligned(a, b, 2.0), aligned(b, a, -2.0)
    assert back.lag_s == pytest.approx(-forth.lag_s, abs=1e-5)
    assert back.drift_ppm == pytest.approx(-forth.drift_ppm, abs=1.0)


def test_start_times_are_part_of_the_lag() -> None:
    scene = noise(7, 20)
    found = aligned(scene, scene[4 * WAVE_HZ :], 4.0 - 1.5, start_s=1.5)
    assert found.lag_s == pytest.approx(2.5, abs=1e-4)


@pytest.mark.parametrize("drift_ppm", [100.0, -250.0, 0.0])
def test_drift_over_four_minutes_is_measured_to_ten_ppm(drift_ppm: float) -> None:
    rate, seconds = 4, 240
    scene = noise(8, seconds + 1)
    fine = resample_poly(scene, rate, 1)
    # One second of b is 1 + drift seconds of a: where b's clock has run r, a's has run r (1 + drift).
    moments = np.arange(seconds * WAVE_HZ) * (1 + drift_ppm * 1e-6) * rate
    b = np.interp(moments, np.arange(len(fine)), fine)
    found = aligned(with_noise(scene, 9), with_noise(b, 10), drift_ppm * 1e-6 * seconds / 2)
    assert found.drift_ppm == pytest.approx(drift_ppm, abs=10.0)
    assert abs(found.drift_ppm - drift_ppm) <= found.drift_uncertainty_ppm + 1.0
    assert found.lag_s == pytest.approx(found.middle_s * drift_ppm * 1e-6, abs=0.001)


def test_a_short_overlap_tells_no_drift() -> None:
    scene = noise(11, 8)
    found = aligned(scene, scene[WAVE_HZ:], 1.0)
    assert found.drift_ppm is None
    assert found.drift_uncertainty_ppm is None
    assert found.lag_s == pytest.approx(1.0, abs=1e-4)


def test_sources_on_two_sides_give_a_middle_and_its_spread() -> None:
    # Voices take turns of 2 s; one reaches b 40 ms earlier than the other.
    turns, parts_a, parts_b = 20, [], []
    for k in range(turns):
        voice = noise(20 + k, 2.3)
        parts_a.append(voice[800 : 800 + 2 * WAVE_HZ])
        shift = 160 if k % 2 else -160
        parts_b.append(voice[800 + shift : 800 + shift + 2 * WAVE_HZ])
    found = aligned(with_noise(np.concatenate(parts_a), 12), with_noise(np.concatenate(parts_b), 13), 0.0)
    assert not found.tight
    assert found.spread_s == pytest.approx(0.04, abs=0.003)
    assert abs(found.lag_s) < 0.01
    assert found.sigma_s >= 0.009
    assert found.drift_ppm is None


@pytest.mark.parametrize("seed", range(3))
def test_echoes_do_not_move_a_source_at_rest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scene = noise(100 + seed, 30)

    def room() -> np.ndarray:
        tail = 0.05 * rng.standard_normal(800) * np.exp(-np.arange(800) / 300)
        return np.concatenate([[1.0], np.zeros(23), tail])

    a = np.convolve(scene, room())[: len(scene)]
    b = np.convolve(scene[WAVE_HZ:], room())[: len(scene) - WAVE_HZ]
    found = aligned(with_noise(a, 200 + seed), with_noise(b, 300 + seed), 1.0)
    assert found.tight
    assert found.lag_s == pytest.approx(1.0, abs=1 / WAVE_HZ)


def test_where_nothing_is_common_the_lag_that_led_there_stands() -> None:
    found = aligned(noise(14, 20), noise(15, 20), 0.3)
    assert found == Alignment(
        lag_s=0.3,
        sigma_s=SETTINGS.pattern_lag_sigma_s,
        spread_s=0.0,
        middle_s=found.middle_s,
        drift_ppm=None,
        drift_uncertainty_ppm=None,
        tight=False,
    )


def test_no_overlap_gives_no_windows() -> None:
    near = local_correlation(
        features("a", noise(16, 5)), features("b", noise(17, 5)), 20.0, reach_s=0.15, settings=SETTINGS
    )
    assert near.r.shape[0] == 0
    assert align(near, fallback_s=20.0, settings=SETTINGS).lag_s == 20.0
