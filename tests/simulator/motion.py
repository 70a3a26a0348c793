"""A source that moves past one microphone of 16 kHz on a straight line, and the waves that engines make.

Each moment is heard when its sound arrives (Doppler and delay are exact), with 1/r, air absorption (ISO 9613-1) and the
ground's reflection, which draws the moving comb of a fly-over (Lloyd's mirror).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from .acoustics import air_absorption_db_per_m
from .sounds import _MAKERS, shaped_noise

__all__ = ["C_MPS", "RATE_HZ", "Flight", "at_rate", "band_noise", "heard", "periodic", "travelled", "wander"]

RATE_HZ = 16_000
C_MPS = 343.0
_KNOT_S = 0.01
_WINDOW = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A straight path: `closest_m` away at `closest_s` (when it is there, not when it is heard), `height_m` up."""

    speed_mps: float
    closest_m: float
    closest_s: float
    height_m: float


def heard(flight: Flight, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per sample: when its sound was made, how far away, and the cosine of the angle off the nose."""
    at_s = np.arange(-60.0 - samples / RATE_HZ, samples / RATE_HZ + 60.0, _KNOT_S)
    along_m = flight.speed_mps * (at_s - flight.closest_s)
    away_m = np.hypot(along_m, flight.closest_m)
    heard_s = np.arange(samples) / RATE_HZ
    made_s = np.interp(heard_s, at_s + away_m / C_MPS, at_s)
    along_m = flight.speed_mps * (made_s - flight.closest_s)
    away_m = np.hypot(along_m, flight.closest_m)
    return made_s, away_m, -along_m / away_m


def travelled(wave: np.ndarray, flight: Flight, away_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """1/r, air, and the ground's reflection at a microphone held by hand."""
    hop = _WINDOW // 2
    _, _, cells = signal.stft(wave.astype(np.float32), RATE_HZ, nperseg=_WINDOW, noverlap=hop)
    hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)
    path_m = away_m[np.minimum(np.arange(cells.shape[1]) * hop, len(away_m) - 1)].astype(np.float32)
    air_db = air_absorption_db_per_m(hz, temperature_c=rng.uniform(5, 35), humidity=rng.uniform(20, 80))
    detour_m = 2 * rng.uniform(1.2, 1.8) * np.clip(flight.height_m / path_m, 0.0, 1.0)
    # Asphalt throws back most of it, grass little, a roof's edge or a crowd nothing; rough ground only what is low.
    share = rng.uniform(0.3, 0.8) if rng.random() < 0.7 else rng.uniform(0.0, 0.3)
    ground = (share * np.exp(-hz / rng.uniform(1500, 4000)))[:, None].astype(np.float32)
    turn = np.outer(2 * np.pi * hz / C_MPS, detour_m).astype(np.float32)
    mirror = np.sqrt(1 + ground**2 + 2 * ground * np.cos(turn))
    cells *= np.exp(np.outer(-air_db * np.log(10) / 20, path_m).astype(np.float32)) * mirror / path_m
    _, out = signal.istft(cells, RATE_HZ, nperseg=_WINDOW, noverlap=hop)
    out = out[: len(wave)]
    # Turbulence lets a far sound fade in and out by a few decibels.
    knots = rng.normal(0, 1.5, int(len(wave) / RATE_HZ / 0.8) + 3)
    fading_db = np.interp(np.arange(len(wave)) / RATE_HZ / 0.8, np.arange(len(knots)), knots)
    return out * 10 ** (fading_db * np.clip(away_m / 1000, 0, 1) / 20)


def periodic(phase: np.ndarray, rng: np.random.Generator, levels: np.ndarray, *, pulse: bool = False) -> np.ndarray:
    """A periodic wave of harmonics; `pulse`: their phases are aligned, as blade slap is."""
    order = np.arange(1, len(levels) + 1)
    turn = np.arange(8192) / 8192
    angle = rng.uniform(0, 2 * np.pi, len(levels)) * (0.15 if pulse else 1.0)
    table = levels @ np.cos(2 * np.pi * np.outer(order, turn) + angle[:, None])
    table /= np.sqrt(np.mean(table**2))
    return table[(np.mod(phase, 1.0) * len(table)).astype(np.int32)]


def band_noise(rng: np.random.Generator, samples: int, peak_hz: float, slope: float) -> np.ndarray:
    return shaped_noise(rng, samples, RATE_HZ, lambda f: (f / peak_hz) / (1 + (f / peak_hz) ** slope))


def wander(rng: np.random.Generator, samples: int, period_s: float) -> np.ndarray:
    knots = rng.standard_normal(int(samples / RATE_HZ / period_s) + 3)
    return np.interp(np.arange(samples) / RATE_HZ / period_s, np.arange(len(knots)), knots)


def at_rate(kind: str, rng: np.random.Generator, samples: int) -> np.ndarray:
    """A lasting sound of the incident simulator at this module's rate."""
    wave = _MAKERS[kind](rng, samples * 3 // 2 + 3)
    return signal.resample_poly(wave, 2, 3)[:samples]
