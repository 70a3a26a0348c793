"""Waveforms of the sources at 1 m, in pascal, on the incident clock.

They are made at one rate for all cameras: two cameras must hear the same sound, whatever rates their files have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from .scene import rng_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scene import Source

__all__ = ["SOURCE_RATE_HZ", "chatter", "emit", "friedlander", "shaped_noise"]

SOURCE_RATE_HZ = 24_000
P0_PA = 2e-5  # 0 dB sound pressure level

# First four formants (Hz) of some vowels of men (Peterson & Barney 1952, rounded); talkers scale them.
_VOWELS = np.array(
    [
        (270, 2290, 3010, 3700),
        (390, 1990, 2550, 3600),
        (530, 1840, 2480, 3500),
        (660, 1720, 2410, 3500),
        (730, 1090, 2440, 3400),
        (570, 840, 2410, 3300),
        (440, 1020, 2240, 3300),
        (300, 870, 2240, 3200),
        (640, 1190, 2390, 3400),
    ],
    dtype=float,
)
_FORMANT_WIDTHS_HZ = np.array([70.0, 100.0, 160.0, 250.0])


def shaped_noise(
    rng: np.random.Generator, samples: int, rate_hz: float, gain_of_hz: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Gaussian noise of unit RMS whose amplitude spectrum follows ``gain_of_hz(frequencies)``."""
    size = next_fast_len(samples, real=True)
    spectrum = rfft(rng.standard_normal(size, dtype=np.float32))
    frequencies = np.maximum(rfftfreq(size, 1 / rate_hz), 1.0).astype(np.float32)
    noise = irfft(spectrum * gain_of_hz(frequencies), size)[:samples]
    return noise / (np.sqrt(np.mean(noise**2)) + 1e-20)


def friedlander(time_s: np.ndarray, phase_s: float, *, decay: float = 1.2) -> np.ndarray:
    """Blast wave of peak 1 with its front at time 0 (Friedlander 1946)."""
    u = np.maximum(time_s, 0.0) / phase_s
    return np.where(time_s >= 0, (1 - u) * np.exp(-decay * u), 0.0)


def _resonators(formants_hz: np.ndarray) -> np.ndarray:
    """Second-order sections of a cascade of formants, unit gain at 0 Hz."""
    radius = np.exp(-np.pi * _FORMANT_WIDTHS_HZ / SOURCE_RATE_HZ)
    a1, a2 = -2 * radius * np.cos(2 * np.pi * formants_hz / SOURCE_RATE_HZ), radius**2
    zeros, ones = np.zeros_like(a1), np.ones_like(a1)
    return np.stack([1 + a1 + a2, zeros, zeros, ones, a1, a2], axis=-1)


def _syllable(rng: np.random.Generator, pitch_hz: float, tract: float, stress: float) -> np.ndarray:
    """One syllable: a consonant's noise, then a voiced vowel."""
    voiced = int(rng.uniform(0.09, 0.26) * SOURCE_RATE_HZ)
    onset = int(rng.choice([0.0, 0.025, 0.06, 0.09]) * SOURCE_RATE_HZ)
    glide = np.linspace(1.0, rng.uniform(0.8, 1.2), voiced)
    wobble = 1 + 0.01 * np.repeat(rng.standard_normal(voiced // 240 + 1), 240)[:voiced]
    phase = rng.uniform() + np.cumsum(pitch_hz * stress * glide * wobble) / SOURCE_RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0) + 0.02 * rng.standard_normal(voiced)
    pulses = signal.lfilter([0.08], [1, -0.92], pulses)  # the slope of the glottis
    vowel = signal.sosfilt(_resonators(rng.choice(_VOWELS) * tract * rng.uniform(0.95, 1.05, 4)), pulses)
    edge = np.minimum(1, np.minimum(np.arange(voiced) / 300, (voiced - np.arange(voiced)) / 900))
    vowel = vowel * edge / (np.sqrt(np.mean(vowel**2)) + 1e-12)
    if not onset:
        return vowel
    corner_hz = rng.uniform(1200, 5000)
    sections = signal.butter(2, [corner_hz, min(2.2 * corner_hz, 11_000)], "bandpass", fs=SOURCE_RATE_HZ, output="sos")
    hiss = signal.sosfilt(sections, rng.standard_normal(onset)) * np.hanning(onset)
    hiss *= rng.uniform(0.1, 0.5) / (np.sqrt(np.mean(hiss**2)) + 1e-12)
    return np.concatenate([hiss, vowel])


def _voice(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Speech-like sound: phrases of syllables with a pitch that falls, and pauses."""
    out = np.zeros(samples + SOURCE_RATE_HZ, dtype=np.float32)
    pitch_hz, tract = (rng.uniform(110, 160), 1.0) if rng.uniform() < 0.6 else (rng.uniform(190, 260), 1.15)
    at = int(rng.uniform(0, 1.5) * SOURCE_RATE_HZ)
    while at < samples:
        syllables = int(rng.integers(2, 10))
        loud = rng.uniform(0.5, 1.4)
        for i in range(syllables):
            sound = _syllable(rng, pitch_hz, tract, rng.uniform(0.9, 1.25) * (1.1 - 0.25 * i / syllables))
            if at + len(sound) > len(out) or at >= samples:
                break
            out[at : at + len(sound)] += loud * rng.uniform(0.5, 1.2) * sound
            at += len(sound) + int(rng.exponential(0.02) * SOURCE_RATE_HZ)
        at += int((0.2 + rng.exponential(0.7)) * SOURCE_RATE_HZ)
    return out[:samples]


def chatter(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Somebody who talks during a third to all of the time, shape (n,)."""
    share, smooth = rng.uniform(0.33, 1.0), int(0.3 * SOURCE_RATE_HZ)
    first = int(rng.uniform(0, 1 - share) * samples)
    at = np.arange(samples)
    edge = np.clip(np.minimum(at - first, first + share * samples - at) / smooth, 0, 1)
    return _voice(rng, samples) * edge.astype(np.float32)


def _slow(rng: np.random.Generator, samples: int, period_s: float) -> np.ndarray:
    """A smooth random curve of about unit spread that changes within `period_s`."""
    knots = rng.standard_normal(int(samples / SOURCE_RATE_HZ / period_s) + 3)
    return np.interp(np.arange(samples) / SOURCE_RATE_HZ / period_s, np.arange(len(knots)), knots)


def _cycle(rng: np.random.Generator, phase: np.ndarray, harmonics: int, slope: float) -> np.ndarray:
    """A periodic wave from a table of one cycle with random harmonics."""
    order = np.arange(1, harmonics + 1)
    size = 4096
    angles = 2 * np.pi * (np.outer(order, np.arange(size) / size) + rng.uniform(size=(harmonics, 1)))
    table = (order**-slope * rng.uniform(0.4, 1.0, harmonics)) @ np.cos(angles)
    return table[(np.mod(phase, 1.0) * size).astype(np.int32)]


def _engine(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A motor under changing load: firing harmonics and combustion noise in their rhythm."""
    rpm = rng.uniform(900, 1500) * np.exp(0.25 * _slow(rng, samples, 1.5))
    phase = np.cumsum(rpm / 60) / SOURCE_RATE_HZ  # four cylinders fire twice a turn
    load = np.exp(0.35 * _slow(rng, samples, 0.8))
    noise = shaped_noise(rng, samples, SOURCE_RATE_HZ, lambda f: (f / 300) / (1 + (f / 300) ** 2))
    return load * (_cycle(rng, phase, 30, 0.8) + 2.0 * noise * (1 + 0.8 * np.cos(4 * np.pi * phase)))


def _generator(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A small generator: an even hum with little noise, the kind of sound that carries almost no time."""
    phase = np.cumsum(25.0 * (1 + 0.002 * _slow(rng, samples, 2.0))) / SOURCE_RATE_HZ
    noise = shaped_noise(rng, samples, SOURCE_RATE_HZ, lambda f: 1 / (1 + (f / 500) ** 2))
    return _cycle(rng, phase, 60, 0.6) + 0.8 * noise


def _siren(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A wailing siren worked by hand: no two rises are alike."""
    sweep = np.cumsum(0.2 * np.exp(0.4 * _slow(rng, samples, 2.5))) / SOURCE_RATE_HZ
    top = 2.0 + 0.25 * _slow(rng, samples, 4.0)
    pitch_hz = rng.uniform(500, 650) * np.maximum(top, 1.2) ** (0.5 - 0.5 * np.cos(2 * np.pi * sweep))
    return _cycle(rng, np.cumsum(pitch_hz) / SOURCE_RATE_HZ, 6, 1.2)


_MAKERS = {"voice": _voice, "engine": _engine, "generator": _generator, "siren": _siren}


@lru_cache(maxsize=16)
def emit(source: Source, start_s: float, duration_s: float) -> np.ndarray:
    """Pressure of a source at 1 m, in pascal, float32; sample 0 lies at incident time `start_s`.

    It sounds from `Source.start_s` to `Source.end_s` with ramps of 0.3 s. Cached and read-only: every camera of an
    incident asks for the same.
    """
    samples = int(duration_s * SOURCE_RATE_HZ)
    wave = _MAKERS[source.kind](rng_of("source", source.seed, source.name), samples)
    time_s = start_s + np.arange(samples) / SOURCE_RATE_HZ
    wave *= np.clip(np.minimum(time_s - source.start_s, source.end_s - time_s) / 0.3, 0, 1)
    sounding = wave[np.abs(wave) > 1e-6]
    rms = np.sqrt(np.mean(sounding**2)) if sounding.size else 1.0
    wave = (wave * (P0_PA * 10 ** (source.level_db / 20) / rms)).astype(np.float32)
    wave.flags.writeable = False
    return wave
