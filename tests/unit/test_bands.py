"""Band energies: the same as scipy's causal filters give, across blocks, and nothing of an onset before it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from syncview.errors import InputError
from syncview.signal.bands import band_frames, bandpass_response

BANDS_HZ = ((25.0, 120.0), (120.0, 500.0), (500.0, 2000.0), (2000.0, 7000.0))


@pytest.mark.parametrize(("low_hz", "high_hz"), BANDS_HZ)
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_response_is_that_of_scipys_filter(low_hz: float, high_hz: float, rate_hz: int) -> None:
    hz = np.linspace(0.0, rate_hz / 2, 500)
    top_hz = min(high_hz, 0.45 * rate_hz)
    sos = signal.butter(3, [low_hz, top_hz], "bandpass", fs=rate_hz, output="sos")
    wanted = signal.sosfreqz(sos, hz[1:-1], fs=rate_hz)[1]
    ours = bandpass_response(hz, low_hz=low_hz, high_hz=high_hz, rate_hz=rate_hz)
    np.testing.assert_allclose(ours[1:-1], wanted, atol=1e-6)
    assert ours[0] == 0.0
    assert abs(ours[-1]) < 1e-6


def test_energies_are_those_of_the_causal_filter_across_blocks() -> None:
    rng = np.random.default_rng(5)
    sound = (rng.standard_normal(45 * 16_000) * 0.05 + 0.3).astype(np.float32)  # with a constant offset
    frames = band_frames(sound, 16_000, bands_hz=BANDS_HZ, frame_s=0.005)
    for band, (low_hz, high_hz) in enumerate(BANDS_HZ):
        sos = signal.butter(3, [low_hz, high_hz], "bandpass", fs=16_000, output="sos")
        filtered = signal.sosfilt(sos, sound.astype(float), zi=signal.sosfilt_zi(sos) * sound[0])[0]
        wanted = np.square(filtered).reshape(-1, 80).mean(axis=1)
        np.testing.assert_allclose(frames.energy[:, band], wanted, rtol=2e-2, atol=1e-4 * wanted.mean())


def test_nothing_of_an_onset_leaks_before_it() -> None:
    sound = np.zeros(3 * 16_000, np.float32)
    sound[20_000:] = np.random.default_rng(6).standard_normal(28_000) * 0.5
    frames = band_frames(sound, 16_000, bands_hz=BANDS_HZ, frame_s=0.005)
    loud = frames.energy[260:300].mean(axis=0)
    assert np.all(frames.energy[:249] < 1e-10 * loud)


def test_a_rate_that_cannot_hold_the_band_is_refused() -> None:
    with pytest.raises(InputError, match="a rate of 4000 Hz holds nothing of the band 2000 to 7000 Hz"):
        bandpass_response(np.zeros(3), low_hz=2000.0, high_hz=7000.0, rate_hz=4000)
