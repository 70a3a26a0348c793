"""Made-up courses of tones that cameras hear at known times."""

from __future__ import annotations

import numpy as np

RATE_HZ, BANDS, LENGTH_S = 50.0, 32, 14.0


def course(rng: np.random.Generator, length_s: float = LENGTH_S + 8.0) -> np.ndarray:
    """Spectra of tones whose levels change up to 6 times a second; sample 0 lies 4 s before time 0."""
    n = round(length_s * RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal((BANDS, n)), axis=1)
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    return spectrum * np.exp(-0.5 * (hz / 3.0) ** 2)


def heard(spectrum: np.ndarray, arrivals_s: float | np.ndarray) -> np.ndarray:
    """The course as heard `arrivals_s` later, constant or one for each frame; shape (bands, frames)."""
    n = 2 * (spectrum.shape[1] - 1)
    at_s = np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ - arrivals_s + 4.0
    waves = np.exp(2j * np.pi * np.outer(np.fft.rfftfreq(n, 1 / RATE_HZ), at_s))
    tones = (spectrum[:, 1:-1] @ waves[1:-1]).real * (2 / n)
    return (tones / tones.std()).astype(np.float32)
