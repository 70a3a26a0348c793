"""Recordings that hold nothing but bangs, and what a detector says of them."""

from __future__ import annotations

import numpy as np

from syncview.model import AudioClip, Detection
from syncview.settings import SyncSettings
from syncview.sync.features import SoundFeatures, sound_features

RATE_HZ = 16_000
SETTINGS = SyncSettings()


def bang(seed: int) -> np.ndarray:
    """A front, its decay, and the street around it, of peak 1."""
    rng = np.random.default_rng([7, seed])
    time_s = np.arange(RATE_HZ // 2) / RATE_HZ
    wave = rng.standard_normal(len(time_s)) * np.exp(-time_s / 0.04)
    wave[: RATE_HZ // 100] += 3.0 * np.exp(-time_s[: RATE_HZ // 100] / 0.003)
    return wave / np.abs(wave).max()


def heard(name: str, times_s: list[float], *, length_s: float = 60.0, seed: int = 0, kinds: int = 99) -> SoundFeatures:
    """Bangs over this camera's own noise; the n-th bang of every recording is the same, of so many kinds in turn."""
    rng = np.random.default_rng([11, seed])
    samples = 0.01 * rng.standard_normal(round(length_s * RATE_HZ))
    for number, at_s in enumerate(times_s):
        first = round(at_s * RATE_HZ)
        wave = bang(number % kinds)[: max(0, len(samples) - first)]
        samples[first : first + len(wave)] += 0.5 * wave
    clip = AudioClip(recording_id=name, samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    return sound_features(clip, settings=SETTINGS)


def onsets(name: str, times_s: list[float], *, local: float = 0.05, echo_of_s: float | None = None) -> tuple:
    return tuple(
        Detection(
            recording_id=name,
            kind="blast",
            time_s=at_s,
            uncertainty_s=0.004,
            score=0.9,
            label="explosion (candidate)",
            measures=(("local_share", local),),
            reasons=(),
            possible_echo_of_s=echo_of_s,
        )
        for at_s in times_s
    )
