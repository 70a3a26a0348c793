"""Measures of the first hundredths of a second, on waves whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.onset_wave import onset_centre_octaves, soon_drop_db, sudden_db

RATE_HZ = 16_000
TIME_S = np.arange(1600) / RATE_HZ
SILENCE = np.zeros(800)


@pytest.mark.parametrize("hz", [100.0, 400.0, 1600.0])
def test_the_centre_of_a_tone_is_its_octave(hz: float):
    found = onset_centre_octaves(np.sin(2 * np.pi * hz * TIME_S), SILENCE, RATE_HZ)
    assert found == pytest.approx(np.log2(hz / 100.0), abs=0.25)


def test_a_background_is_taken_off_the_centre():
    hum = np.sin(2 * np.pi * 100.0 * np.arange(-1600, 1600) / RATE_HZ)
    crack = 3.0 * np.sin(2 * np.pi * 3200.0 * TIME_S)
    with_hum = onset_centre_octaves(hum[1600:] + crack, SILENCE, RATE_HZ)
    without = onset_centre_octaves(hum[1600:] + crack, hum[:1600], RATE_HZ)
    assert with_hum is not None
    assert without is not None
    assert without > max(4.0, with_hum + 0.5)


def test_a_short_pulse_lies_higher_than_a_long_one():
    short, long = (np.where(5 * s > TIME_S, (1 - TIME_S / s) * np.exp(-TIME_S / s), 0.0) for s in (0.0005, 0.005))
    low, high = (onset_centre_octaves(wave, SILENCE, RATE_HZ) for wave in (long, short))
    assert low is not None
    assert high is not None
    assert high - low > 1.5


def test_a_pulse_is_sudden_and_a_swell_is_not():
    pulse = np.exp(-TIME_S / 0.005)
    swell = np.clip(TIME_S / 0.05, 0, 1) * np.sin(2 * np.pi * 500 * TIME_S)
    assert sudden_db(pulse, SILENCE, RATE_HZ) == pytest.approx(0.0)
    assert sudden_db(swell, SILENCE, RATE_HZ) == pytest.approx(-30.3, abs=1.0)


def test_how_fast_a_decay_falls():
    rng = np.random.default_rng(1)
    decay = rng.standard_normal(1600) * 10 ** (-TIME_S * 400.0 / 20)
    expected_db = 20 * np.log10(
        np.sqrt(np.mean(10 ** (-TIME_S[:240] * 40.0))) / np.sqrt(np.mean(10 ** (-TIME_S[400:960] * 40.0)))
    )
    assert soon_drop_db(decay, RATE_HZ) == pytest.approx(expected_db, abs=1.5)


def test_too_short_and_silent_sound_has_no_measure():
    assert onset_centre_octaves(np.ones(100), SILENCE, RATE_HZ) is None
    assert onset_centre_octaves(np.zeros(400), SILENCE, RATE_HZ) is None
    assert sudden_db(np.ones(100), SILENCE, RATE_HZ) is None
    assert sudden_db(np.zeros(1600), SILENCE, RATE_HZ) is None
    assert soon_drop_db(np.ones(100), RATE_HZ) is None
