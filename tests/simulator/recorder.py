"""From pressure at the microphone to samples in a file: own noise, colour, clipping, gain control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from .scene import rng_of
from .sounds import shaped_noise

if TYPE_CHECKING:
    from .scene import Agc, Camera, LocalSound, Microphone

__all__ = ["ambience_and_wind", "colour", "gain_curve", "hiss", "local_sounds", "own_noise"]

_CONTROL_HZ = 400  # how often the gain control looks at the level


def own_noise(rng: np.random.Generator, camera: Camera, samples: int, rate_hz: int, shared_rms_pa: float) -> np.ndarray:
    """Noise of one camera's surroundings, wind and electronics, in pascal."""
    if camera.noise is None:
        return np.zeros(samples, dtype=np.float32)
    level_pa = max(shared_rms_pa, 2e-3) * 10 ** (-camera.noise.snr_db / 20)
    surroundings = ambience_and_wind(rng, samples, rate_hz, camera.noise.wind_share)
    return (level_pa * surroundings + hiss(rng, samples)).astype(np.float32)


def ambience_and_wind(rng: np.random.Generator, samples: int, rate_hz: int, share: float) -> np.ndarray:
    """A place's hum and wind in gusts, of about unit RMS together; `share` of the power is wind."""
    ambience = shaped_noise(rng, samples, rate_hz, lambda f: 1 / np.sqrt(f + 100) / (1 + f / 4000))
    wind = shaped_noise(rng, samples, rate_hz, lambda f: 1 / (1 + (f / 60) ** 1.5))
    knots = np.exp(0.8 * rng.standard_normal(int(samples / rate_hz / 0.6) + 3))
    wind *= np.interp(np.arange(samples) / rate_hz / 0.6, np.arange(len(knots)), knots / np.sqrt(np.mean(knots**2)))
    return np.sqrt(1 - share) * ambience + np.sqrt(share) * wind


def hiss(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A phone's own noise, about 28 dB, in pascal."""
    return 5e-4 * rng.standard_normal(samples, dtype=np.float32)


def _door(rng: np.random.Generator, time_s: np.ndarray) -> np.ndarray:
    """A slam: a few panel modes that die within 0.1 s, and a click of the lock 30 ms before."""
    modes = rng.uniform(90, 900, 9)
    body = sum(np.sin(2 * np.pi * f * time_s) * np.exp(-time_s * rng.uniform(25, 60)) for f in modes)
    return np.asarray(body) / 4 + 0.3 * rng.standard_normal(len(time_s)) * np.exp(-time_s / 0.008)


def _bump(rng: np.random.Generator, time_s: np.ndarray) -> np.ndarray:
    """The hand on the phone: a low thump, then rubbing."""
    thump = np.sin(2 * np.pi * rng.uniform(35, 90) * time_s) * np.exp(-time_s / 0.04)
    rub = rng.standard_normal(len(time_s)) * np.exp(-(((time_s - 0.15) / 0.1) ** 2))
    return thump + 0.25 * signal.lfilter([0.2], [1, -0.8], rub)


def _gust(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """Wind that swells and goes within a second or two."""
    noise = shaped_noise(rng, len(time_s), rate_hz, lambda f: 1 / (1 + (f / 80) ** 1.5))
    return 0.4 * noise * np.hanning(len(time_s))


def local_sounds(camera: Camera, samples: int, rate_hz: int) -> np.ndarray:
    """Doors, bumps and gusts of this camera alone, in pascal."""
    out = np.zeros(samples, dtype=np.float32)
    for i, sound in enumerate(camera.local_sounds):
        first = round(sound.time_s * rate_hz)
        wave = _local_sound(sound, rng_of("local", camera.name, sound.time_s, i), rate_hz)[: max(0, samples - first)]
        out[first : first + len(wave)] += wave
    return out


def _local_sound(sound: LocalSound, rng: np.random.Generator, rate_hz: int) -> np.ndarray:
    length_s = {"door": 0.3, "bump": 0.5, "gust": rng.uniform(0.8, 2.5)}[sound.kind]
    time_s = np.arange(int(length_s * rate_hz)) / rate_hz
    if sound.kind == "gust":
        wave = _gust(rng, time_s, rate_hz)
    else:
        wave = {"door": _door, "bump": _bump}[sound.kind](rng, time_s)
    return (sound.peak_pa * wave / np.abs(wave).max()).astype(np.float32)


def _peaking(centre_hz: float, quality: float, gain_db: float, rate_hz: int) -> np.ndarray:
    """A resonance of the case (peaking equaliser of Bristow-Johnson's cookbook) as a second-order section."""
    gain, omega = 10 ** (gain_db / 40), 2 * np.pi * centre_hz / rate_hz
    alpha, cosine = np.sin(omega) / (2 * quality), -2 * np.cos(omega)
    section = np.array([1 + alpha * gain, cosine, 1 - alpha * gain, 1 + alpha / gain, cosine, 1 - alpha / gain])
    return section / section[3]


def colour(pressure: np.ndarray, microphone: Microphone, rate_hz: int) -> np.ndarray:
    """What the microphone and its case make of the pressure: causal, so a front stays where it is."""
    sections = [_peaking(*resonance, rate_hz) for resonance in microphone.resonances]
    if microphone.high_pass_hz is not None:
        sections.extend(signal.butter(2, microphone.high_pass_hz, "highpass", fs=rate_hz, output="sos"))
    if microphone.low_pass_hz is not None and microphone.low_pass_hz < 0.49 * rate_hz:
        sections.extend(signal.butter(2, microphone.low_pass_hz, fs=rate_hz, output="sos"))
    return signal.sosfilt(np.array(sections), pressure).astype(np.float32) if sections else pressure


def gain_curve(level: np.ndarray, agc: Agc | None, rate_hz: int) -> np.ndarray:
    """Gain per sample for a signal in full scales: falls within the attack, comes back within the release."""
    if agc is None:
        return np.ones(len(level), dtype=np.float32)
    hop = rate_hz // _CONTROL_HZ
    blocks = np.abs(np.pad(level, (0, -len(level) % hop))).reshape(-1, hop).max(axis=1)
    blocks_db = 20 * np.log10(blocks + 1e-9)
    down, up = np.exp(-1 / (_CONTROL_HZ * agc.attack_s)), np.exp(-1 / (_CONTROL_HZ * agc.release_s))
    followed_db, state_db = np.empty(len(blocks)), float(np.median(blocks_db))
    for i, block_db in enumerate(blocks_db.tolist()):
        state_db = block_db + (state_db - block_db) * (down if block_db > state_db else up)
        followed_db[i] = state_db
    gain_db = np.minimum(agc.target_db - followed_db, agc.max_gain_db)
    # The gain of a block takes effect in the next one: a limiter of a phone does not look ahead.
    at = (np.arange(len(blocks)) + 1) * hop
    return 10 ** (np.interp(np.arange(len(level)), at, gain_db).astype(np.float32) / 20)
