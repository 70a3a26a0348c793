"""Voices whose truth is known, and what a camera hears of them."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from syncview.model import AudioClip

RATE_HZ = 16_000


def voices(seed: int, seconds: float) -> np.ndarray:
    """Syllables: noise and pitch through moving formants, with pauses; shape (n,), unit deviation."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE_HZ))
    at = 0
    while at < len(out):
        n = int(rng.uniform(0.08, 0.3) * RATE_HZ)
        source = rng.standard_normal(n) * 0.3
        source[:: int(RATE_HZ / rng.uniform(90, 250))] += 4.0
        angle = 2 * np.pi * rng.uniform(300, 3000) / RATE_HZ
        tone = lfilter([1.0], [1.0, -2 * 0.97 * np.cos(angle), 0.97**2], source) * np.hanning(n)
        stop = min(len(out), at + n)
        out[at:stop] += tone[: stop - at] * rng.uniform(0.2, 1.0)
        at += n + int(rng.exponential(0.12) * RATE_HZ)
    return out / np.std(out)


def heard(scene: np.ndarray, start_s: float, seconds: float, *, seed: int, snr_db: float = 10.0) -> np.ndarray:
    """A stretch of the scene with a room and noise of this camera's own."""
    rng = np.random.default_rng(seed)
    room = np.concatenate([[1.0], np.zeros(79), rng.standard_normal(2400) * 0.1 * np.exp(-np.arange(2400) / 600)])
    part = scene[round(start_s * RATE_HZ) : round((start_s + seconds) * RATE_HZ)]
    wet = np.convolve(part, room)[: len(part)]
    own = sosfilt(butter(2, [100, 5000], "bandpass", fs=RATE_HZ, output="sos"), rng.standard_normal(len(part)))
    return 0.1 * (wet / wet.std() + own / own.std() * 10 ** (-snr_db / 20))


def clip(name: str, samples: np.ndarray, start_s: float = 0.0) -> AudioClip:
    """Samples as a recording's sound."""
    return AudioClip(recording_id=name, samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=start_s)
