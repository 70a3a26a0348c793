"""Work and memory of matching long recordings: they must grow with the length, not with its square."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np

from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.signal.whitening import whitened
from syncview.sync.carried import _slope
from syncview.sync.correlation import _correlation, _Spectra, waveform_curve
from syncview.sync.features import SoundFeatures, sound_features

SETTINGS = SyncSettings()
WHITE_HZ = 4000


def recording(name: str, white: np.ndarray) -> SoundFeatures:
    """A recording of which only the waveform for all lags is looked at."""
    silence = AudioClip(recording_id=name, samples=np.zeros(16_000, np.float32), rate_hz=16_000, start_s=0.0)
    features = sound_features(silence, settings=SETTINGS)
    return replace(features, white=white, duration_s=len(white) / WHITE_HZ)


def noise(seed: int, seconds: float) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(round(seconds * WHITE_HZ), dtype=np.float32)


def test_blocks_give_the_correlation_of_the_whole() -> None:
    for query_s, target_s in ((0.5, 0.5), (7.0, 20.0), (8.0, 6.1), (10.0, 31.0)):
        query, target = noise(1, query_s), noise(2, target_s)
        n = 2 ** int(np.ceil(np.log2(len(query) + len(target))))
        r = np.fft.irfft(np.fft.rfft(query, n) * np.conj(np.fft.rfft(target, n)), n)
        whole = np.concatenate([r[n - len(target) + 1 :], r[: len(query)]])
        np.testing.assert_allclose(_correlation(query, target, WHITE_HZ), whole, atol=1e-3 * np.abs(whole).max())


def test_memory_of_a_long_pair_is_that_of_its_curve() -> None:
    long = noise(3, 1200.0)
    a, b = recording("a", long), recording("b", long[100 * WHITE_HZ :].copy())
    tracemalloc.start()
    curve = waveform_curve(a, b, least_overlap_s=2.0, settings=SETTINGS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert curve.lag_s(float(np.argmax(curve.z))) == 100.0
    # The curve, one stretch's share of it, and spectra, whose number is limited.
    assert peak <= 2 * curve.z.nbytes + 150 * 2**20


def test_spectra_are_kept_up_to_a_limit() -> None:
    kept = _Spectra(most_bytes=3 * 8 * 513)
    waves = [noise(k, 0.2) for k in range(4)]
    first = [kept.of(wave, 1024) for wave in waves[:3]]
    assert kept.of(waves[0], 1024) is first[0]
    kept.of(waves[3], 1024)  # takes the place of the one that was used longest ago
    assert kept.of(waves[0], 1024) is first[0]
    again = kept.of(waves[1], 1024)
    assert again is not first[1]
    np.testing.assert_array_equal(again, first[1])


def test_slope_of_many_blocks_is_that_of_a_sample() -> None:
    at_s = np.arange(3600) * 2.0
    departure_s = 20e-6 * at_s + np.random.default_rng(0).normal(0, 1e-4, len(at_s))
    assert abs(_slope(at_s, departure_s) - 20e-6) < 1e-8


def test_whitening_is_a_power_of_the_magnitude() -> None:
    rng = np.random.default_rng(0)
    spectrum = (rng.standard_normal((3, 50)) + 1j * rng.standard_normal((3, 50))).astype(np.complex64)
    np.testing.assert_allclose(whitened(spectrum, 0.6), spectrum / np.abs(spectrum) ** 0.6, rtol=1e-5)
