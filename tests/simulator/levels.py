"""Levels in a band: how far what every camera hears stands over what only one does.

The own noise of a camera is scaled here so that the stated level is met exactly, and the energy of each sound is kept
per second, so that a pair's truth can say what was audible while both recorded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from .recorder import ambience_and_wind, hiss
from .sounds import SOURCE_RATE_HZ, chatter

if TYPE_CHECKING:
    from .scene import Camera, OwnNoise

__all__ = ["BLOCK_S", "BandLevels", "banded_noise", "energy_per_block", "in_band"]

BLOCK_S = 1.0
Band = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BandLevels:
    """Energy in a band at one microphone, in Pa² s, per block of `BLOCK_S` of the uncut recording.

    All arrays have shape (blocks,). `shared` is what reaches every camera, blasts excepted; `own` the own noise;
    `sources` the parts of `shared`; `blasts` each blast's whole energy.
    """

    own: np.ndarray
    shared: np.ndarray
    sources: dict[str, np.ndarray]
    blasts: dict[str, float]

    def snr_db(self, kept: np.ndarray | None = None) -> float | None:
        """Shared sound over own noise, in dB, over the blocks with these weights (all of them by default)."""
        weights = np.ones(len(self.own)) if kept is None else kept
        own, shared = float(weights @ self.own), float(weights @ self.shared)
        return 10 * math.log10(shared / own) if own > 0 and shared > 0 else None


def in_band(x: np.ndarray, band_hz: Band, rate_hz: int = SOURCE_RATE_HZ) -> np.ndarray:
    """Only the bins of a band, of the transform of the whole: shape (n,)."""
    size = next_fast_len(len(x), real=True)
    spectrum, hz = rfft(x, size), rfftfreq(size, 1 / rate_hz)
    spectrum[(hz < band_hz[0]) | (hz > band_hz[1])] = 0
    return irfft(spectrum, size)[: len(x)]


def energy_per_block(x: np.ndarray, band_hz: Band | None = None) -> np.ndarray:
    """Sum of squares over the sampling rate per block, shape (blocks,); of the bins of a band when there is one.

    By block, a band is taken with a Hann window (and its loss given back): quicker than `in_band`, and good for sounds
    that are not all below the band.
    """
    block = round(BLOCK_S * SOURCE_RATE_HZ)
    rows = np.pad(x, (0, -len(x) % block)).reshape(-1, block)
    if band_hz is None:
        return np.asarray((rows.astype(np.float64) ** 2).sum(axis=1) / SOURCE_RATE_HZ)
    spectrum, hz = rfft(rows * np.hanning(block).astype(np.float32), axis=1), rfftfreq(block, 1 / SOURCE_RATE_HZ)
    power = np.abs(spectrum[:, (hz >= band_hz[0]) & (hz <= band_hz[1])]) ** 2
    return np.asarray(power.sum(axis=1, dtype=np.float64) * (2 / block) / 0.375 / SOURCE_RATE_HZ)


def banded_noise(
    rng: np.random.Generator, camera: Camera, noise: OwnNoise, shared_in_band: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Own noise whose level in the band lies `snr_db` under that of the shared sound, in pascal; and its band alone.

    Both have shape (n,). A phone's hiss is a floor: under the quietest scenes it may be louder than asked for.
    """
    band_hz, samples = noise.band_hz, len(shared_in_band)
    if band_hz is None:
        message = f"the noise of {camera.name} names no band"
        raise ValueError(message)
    mix, mix_in_band = np.zeros(samples), np.zeros(samples)
    surroundings = ambience_and_wind(rng, samples, SOURCE_RATE_HZ, noise.wind_share)
    parts = [(1 - noise.talk_share, surroundings)]
    if noise.talk_share:
        parts.append((noise.talk_share, chatter(rng, samples)))
    for share, sound in parts:
        filtered = in_band(sound, band_hz)
        gain = math.sqrt(share) / np.sqrt(np.mean(filtered**2))
        mix, mix_in_band = mix + gain * sound, mix_in_band + gain * filtered
    floor = hiss(rng, samples)
    floor_in_band = in_band(floor, band_hz)
    # |s mix + floor|^2 = wanted: the larger root.
    wanted = float(np.mean(shared_in_band**2)) * 10 ** (-noise.snr_db / 10)
    a, b = float(np.mean(mix_in_band**2)), float(np.mean(mix_in_band * floor_in_band))
    c = float(np.mean(floor_in_band**2)) - wanted
    scale = max(0.0, (-b + math.sqrt(max(0.0, b * b - a * c))) / a)
    return (scale * mix + floor).astype(np.float32), scale * mix_in_band + floor_in_band
