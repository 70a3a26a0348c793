"""Music that repeats, whose truth is known: a loop of notes and drums, and a voice that sings on and on."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from voices_example import RATE_HZ, voices

_SCALE_HZ = 110.0 * 2.0 ** (np.array([0, 2, 3, 5, 7, 8, 10, 12, 14, 15, 17, 19]) / 12)


def music(seed: int, seconds: float, *, period_s: float, voice_db: float | None = None) -> np.ndarray:
    """A loop of `period_s`, and over it a voice of so many dB against it; shape (n,), unit deviation."""
    rng = np.random.default_rng(seed)
    n = round(period_s * RATE_HZ)
    loop = np.zeros(n)
    beat = n / max(4, round(period_s / 0.25))
    for at in np.arange(0.0, n - beat / 2, beat):
        if rng.random() < 0.75:
            _add(loop, _note(rng, float(rng.choice(_SCALE_HZ)), float(rng.uniform(0.2, 0.6))), round(at))
        if rng.random() < 0.5:
            _add(loop, _drum(rng), round(at))
    loop /= loop.std()
    sound = np.resize(loop, round(seconds * RATE_HZ))
    if voice_db is not None:
        sound = sound + 10 ** (voice_db / 20) * voices(seed + 1, seconds)[: len(sound)]
    return sound / sound.std()


def _note(rng: np.random.Generator, pitch_hz: float, seconds: float) -> np.ndarray:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = sum(rng.uniform(0.2, 1.0) / k * np.sin(2 * np.pi * k * pitch_hz * time_s) for k in range(1, 9))
    return np.asarray(tone * np.minimum(1.0, time_s / 0.01) * np.exp(-4.0 * time_s / seconds))


def _drum(rng: np.random.Generator) -> np.ndarray:
    time_s = np.arange(round(0.12 * RATE_HZ)) / RATE_HZ
    band = butter(2, [300, 3000], "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(1.5 * sosfilt(band, rng.standard_normal(len(time_s))) * np.exp(-time_s / 0.03))


def _add(loop: np.ndarray, part: np.ndarray, at: int) -> None:
    """Add a sound that goes on from the loop's end into its start."""
    places = (at + np.arange(len(part))) % len(loop)
    np.add.at(loop, places, part)
