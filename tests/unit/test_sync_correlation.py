"""Correlation at every lag: shift d gives d, swap gives -d, gain and noise leave d, loud moments do not decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feature_example import features, noise
from syncview.settings import SyncSettings
from syncview.sync.correlation import LagCurve, level_curve, waveform_curve

SETTINGS = SyncSettings()
RATE_HZ = 100.0


def levels(seed: int, frames: int, *, bands: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((bands, frames)).astype(np.float32)


def curve_of(a: np.ndarray, b: np.ndarray, *, start_difference_s: float = 0.0, least_s: float = 1.0) -> LagCurve:
    return level_curve(a, b, rate_hz=RATE_HZ, start_difference_s=start_difference_s, least_overlap_s=least_s)


def highest(curve: LagCurve) -> tuple[float, float]:
    place = int(np.argmax(curve.z))
    return curve.lag_s(place), float(curve.z[place])


@given(st.integers(-700, 700), st.floats(0.01, 100.0), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_levels_shift_gives_lag_whatever_gain_and_noise(shift: int, gain: float, seed: int) -> None:
    scene = levels(seed, 2400)
    a, b = scene[:, 800:1800], scene[:, 800 + shift : 1600 + shift]
    own = 0.7 * levels(seed + 1, b.shape[1])
    curve = curve_of(a, (gain * (b + own)).astype(np.float32))
    assert highest(curve)[0] == pytest.approx(shift / RATE_HZ, abs=1e-9)
    assert highest(curve)[1] > 8


def test_levels_swap_mirrors_the_curve() -> None:
    scene = levels(1, 1500)
    a, b = scene[:, :1000], scene[:, 400:1300]
    forth, back = curve_of(a, b, start_difference_s=2.0), curve_of(b, a, start_difference_s=-2.0)
    np.testing.assert_allclose(forth.z, back.z[::-1], atol=1e-3)
    assert highest(forth)[0] == pytest.approx(4.0 + 2.0)
    assert highest(back)[0] == pytest.approx(-6.0)


def test_unrelated_levels_reach_what_chance_reaches() -> None:
    tops = [highest(curve_of(levels(seed, 3000), levels(seed + 50, 3000)))[1] for seed in range(8)]
    assert max(tops) < 5.5
    assert np.median(tops) == pytest.approx(3.8, abs=0.5)


def test_lags_that_leave_too_little_in_common_have_no_height() -> None:
    scene = levels(2, 1000)
    curve = curve_of(scene[:, :500], scene[:, 470:], least_s=1.0)  # only 0.3 s in common at the true lag
    assert not curve.z[-99:].any()
    assert not curve.z[:99].any()
    assert curve.z[100] != 0.0
    assert highest(curve)[1] < 5


def test_silence_has_no_height() -> None:
    assert not curve_of(np.zeros((3, 500), np.float32), levels(3, 500, bands=3)).z.any()


@pytest.mark.parametrize("shift_s", [-7.0, -0.25, 0.0, 3.0005, 9.5])
def test_waveform_shift_gives_lag_and_swap_gives_its_negative(shift_s: float) -> None:
    scene = noise(4, 40, rate_hz=4000)
    first, shift = 12 * 4000, round(shift_s * 4000)
    a = features("a", np.zeros(12 * 8000), white=scene[first : first + 12 * 4000].astype(np.float32))
    own = noise(5, 10, rate_hz=4000)
    part = scene[first + shift : first + shift + 10 * 4000] + 2.0 * own
    b = features("b", np.zeros(10 * 8000), start_s=1.5, white=part.astype(np.float32))
    there, back = (waveform_curve(*p, least_overlap_s=1.0, settings=SETTINGS) for p in ((a, b), (b, a)))
    assert highest(there)[0] == pytest.approx(shift / 4000 - 1.5, abs=1e-6)
    assert highest(back)[0] == pytest.approx(-highest(there)[0], abs=1e-6)
    assert highest(there)[1] > 10
    np.testing.assert_allclose(there.z, back.z[::-1], atol=1e-4)


def test_waveform_of_a_drifting_clock_is_found_in_stretches() -> None:
    scene = noise(6, 122, rate_hz=4000)
    scene = np.convolve(scene, np.ones(8) / 8, "same")  # below 250 Hz: 12 ms of drift are many periods
    moved = np.interp(np.arange(120 * 4000) * (1 + 1e-4), np.arange(len(scene)), scene)
    a = features("a", np.zeros(122 * 8000), white=scene.astype(np.float32))
    b = features("b", np.zeros(120 * 8000), white=moved.astype(np.float32))
    lag_s, z = highest(waveform_curve(a, b, least_overlap_s=2.0, settings=SETTINGS))
    assert 0.0 <= lag_s <= 0.012
    assert z > 20


def test_peaks_are_apart_and_in_order_of_height() -> None:
    z = np.zeros(1000, np.float32)
    for place, height in ((200, 9.0), (203, 8.0), (500, 7.0), (700, 6.0), (900, 3.0)):
        z[place] = height
    curve = LagCurve(first_s=-5.0, step_s=0.01, z=z)
    found = curve.peaks(keep=3, guard_s=0.1, least=3.5)
    assert [height for _, height in found] == [9.0, 7.0, 6.0]
    assert [lag_s for lag_s, _ in found] == pytest.approx([-3.0, 0.0, 2.0], abs=0.005)
    assert len(curve.peaks(keep=9, guard_s=0.1, least=3.5)) == 3


def test_a_peak_lies_between_places() -> None:
    at = 5.3
    z = np.maximum(0.0, 10.0 - (np.arange(12) - at) ** 2).astype(np.float32)
    (lag_s, _), *_ = LagCurve(first_s=0.0, step_s=1.0, z=z).peaks(keep=1, guard_s=5.0, least=1.0)
    assert lag_s == pytest.approx(at, abs=0.01)


def test_around_looks_near_a_lag_and_finds_nothing_outside() -> None:
    curve = LagCurve(first_s=-1.0, step_s=0.1, z=np.arange(21, dtype=np.float32))
    assert curve.around(0.0, 0.2) == 12.0
    assert curve.around(5.0, 0.2) == 0.0
    assert curve.around(-5.0, 0.2) == 0.0
