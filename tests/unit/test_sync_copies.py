"""Copies of one recording: also the noise repeats. Two microphones, however near, each have their own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfilt

from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.cells import agreement_cells
from syncview.sync.copies import exact_lag, same_recording
from syncview.sync.features import SoundFeatures, sound_features

RATE_HZ = 16_000
SETTINGS = SyncSettings()


def bursts(seed: int, seconds: float) -> np.ndarray:
    """Sounds of 0.1 to 0.4 s in a band each, with pauses: unit level."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE_HZ))
    at = 0
    while at < len(out):
        n = int(rng.uniform(0.1, 0.4) * RATE_HZ)
        low_hz = rng.uniform(200, 1500)
        band = butter(2, [low_hz, 2 * low_hz], "bandpass", fs=RATE_HZ, output="sos")
        sound = sosfilt(band, rng.standard_normal(n)) * np.hanning(n) * rng.uniform(0.3, 1.5)
        out[at : at + n] += sound[: len(out) - at]
        at += n + int(rng.exponential(0.25) * RATE_HZ)
    return out / np.std(out)


def noise(seed: int, samples: int) -> np.ndarray:
    band = butter(1, [100, 4000], "bandpass", fs=RATE_HZ, output="sos")
    wave = sosfilt(band, np.random.default_rng(seed).standard_normal(samples))
    return wave / np.std(wave)


def features(samples: np.ndarray, name: str = "a", start_s: float = 0.0) -> SoundFeatures:
    clip = AudioClip(recording_id=name, samples=(0.1 * samples).astype(np.float32), rate_hz=RATE_HZ, start_s=start_s)
    return sound_features(clip, settings=SETTINGS)


def recording(seed: int, seconds: float = 20.0) -> np.ndarray:
    """Sounds 20 dB over a microphone's own noise."""
    scene = bursts(seed, seconds)
    return scene + 0.1 * noise(seed + 1, len(scene))


def requantized(samples: np.ndarray, seed: int, ratio_db: float = 10.0) -> np.ndarray:
    """What a codec does: noise that follows the sound's own level in each band."""
    out = samples.copy()
    for low_hz in (200, 400, 800, 1600, 3200):
        band = butter(2, [low_hz, 1.9 * low_hz], "bandpass", fs=RATE_HZ, output="sos")
        part = sosfilt(band, samples)
        level = np.sqrt(uniform_filter1d(part**2, 320))
        own = sosfilt(band, np.random.default_rng([seed, low_hz]).standard_normal(len(samples)))
        out += own / np.std(own) * level * 10 ** (-ratio_db / 20)
    return out


def test_a_cut_louder_requantized_copy_is_found() -> None:
    original = recording(1)
    copy = np.clip(3.0 * requantized(original[round(4.5 * RATE_HZ) : 17 * RATE_HZ], 2), -6, 6)
    found = same_recording(features(original), features(copy, "b"), 4.5, settings=SETTINGS)
    assert found is not None
    assert found.lag_s == pytest.approx(4.5, abs=1e-3)
    assert found.start_s == pytest.approx(4.5, abs=0.2)
    assert found.end_s == pytest.approx(17.0, abs=0.5)
    assert found.quiet_share > 0.9
    assert "same recording" in found.words


def test_the_lag_is_right_to_a_fraction_of_a_sample() -> None:
    original = recording(3)
    spectrum = np.fft.rfft(original)
    later = np.fft.irfft(spectrum * np.exp(-2j * np.pi * np.fft.rfftfreq(len(original), 1 / RATE_HZ) * 3e-5))
    found = same_recording(features(original), features(later, "b"), 0.0, settings=SETTINGS)
    assert found is not None
    assert found.lag_s == pytest.approx(-3e-5, abs=2e-6)


def test_swapping_negates_the_lag() -> None:
    original = recording(4)
    a, b = features(original), features(original[5 * RATE_HZ :], "b", start_s=2.0)
    forth, back = (same_recording(x, y, lag, settings=SETTINGS) for x, y, lag in ((a, b, 3.0), (b, a, -3.0)))
    assert forth is not None
    assert back is not None
    assert forth.lag_s == pytest.approx(3.0, abs=1e-4)
    assert back.lag_s == pytest.approx(-forth.lag_s, abs=1e-4)


def test_a_cut_copy_agrees_up_to_the_cut() -> None:
    original = recording(5, 30.0)
    copy = np.concatenate([original[: 12 * RATE_HZ], original[18 * RATE_HZ :]])
    a, b = features(original), features(copy, "b")
    first, second = (same_recording(a, b, lag, settings=SETTINGS) for lag in (0.0, 6.0))
    assert first is not None
    assert second is not None
    assert first.end_s == pytest.approx(12.0, abs=1.1)
    assert second.start_s == pytest.approx(18.0, abs=1.1)


@pytest.mark.parametrize("own_db", [-25.0, -15.0, -5.0, 0.0])
def test_two_microphones_side_by_side_are_no_copies(own_db: float) -> None:
    scene = bursts(6, 20.0)
    a, b = (scene + 10 ** (own_db / 20) * noise(seed, len(scene)) for seed in (7, 8))
    assert same_recording(features(a), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_one_song_over_two_clips_is_no_copy() -> None:
    song = 1.5 * bursts(9, 20.0)
    a, b = song + recording(10), song + recording(20)
    assert same_recording(features(a), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_a_steady_sound_at_two_clocks_is_no_copy() -> None:
    hum = noise(11, 20 * RATE_HZ)
    at = np.arange(len(hum)) * (1 + 20e-6)
    b = np.interp(at, np.arange(len(hum)), hum)
    assert same_recording(features(hum), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_little_or_nothing_in_common_gives_nothing() -> None:
    a = features(recording(12))
    assert same_recording(a, features(recording(30), "b"), 0.0, settings=SETTINGS) is None
    assert same_recording(a, features(recording(12), "b"), 19.99, settings=SETTINGS) is None
    assert same_recording(a, features(np.zeros(RATE_HZ * 10), "b"), 0.0, settings=SETTINGS) is None
    assert exact_lag(a, features(recording(12), "b"), 25.0, settings=SETTINGS) is None
    assert agreement_cells(a, features(recording(12), "b"), 25.0, settings=SETTINGS) is None
