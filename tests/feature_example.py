"""Features of sounds made of arrays alone."""

from __future__ import annotations

import numpy as np

from syncview.sync.features import SoundFeatures

WAVE_HZ = 8_000


def features(name: str, waveform: np.ndarray, *, start_s: float = 0.0, **changes: object) -> SoundFeatures:
    """A sound of 8 kHz; pattern, tones and levels are empty unless given."""
    seconds = len(waveform) / WAVE_HZ
    known: dict[str, object] = {
        "recording_id": name,
        "start_s": start_s,
        "duration_s": seconds,
        "usable_s": seconds,
        "pattern": np.zeros((1, round(seconds * 100)), np.float32),
        "pattern_rate_hz": 100.0,
        "tones": np.zeros((1, round(seconds * 50)), np.float32),
        "tones_rate_hz": 50.0,
        "waveform": waveform.astype(np.float32),
        "waveform_rate_hz": WAVE_HZ,
        "white": waveform[::2].astype(np.float32),
        "white_rate_hz": WAVE_HZ / 2,
        "levels_db": np.zeros((1, round(seconds * 25)), np.float32),
        "levels_rate_hz": 25.0,
    }
    return SoundFeatures(**known | changes)


def noise(seed: int, seconds: float, *, rate_hz: int = WAVE_HZ) -> np.ndarray:
    """White noise of unit deviation."""
    return np.random.default_rng(seed).standard_normal(round(seconds * rate_hz))
