"""What sounds like an aircraft and is none: engines, vehicles, weather, people, fans, a telephone that is carried."""

from __future__ import annotations

import numpy as np

from .motion import C_MPS, RATE_HZ, Flight, at_rate, band_noise, heard, periodic, travelled, wander
from .sounds import shaped_noise

__all__ = ["CONFUSERS", "confuser"]

CONFUSERS = (
    "idling engine", "generator", "car", "truck", "traffic", "motorcycle", "wind", "crowd", "siren", "speech", "music",
    "rain", "train", "thunder", "silence", "fan", "small engine", "carried telephone",
)  # fmt: skip


def _engine_wave(rng: np.random.Generator, phase: np.ndarray, *, roughness: float) -> np.ndarray:
    """Firing harmonics with half orders, and combustion noise in their rhythm; `phase` counts firings."""
    wave = periodic(phase, rng, np.arange(1, 25) ** -rng.uniform(0.5, 1.2) * rng.uniform(0.3, 1, 24))
    wave += rng.uniform(0.2, 0.7) * periodic(phase / rng.choice([2, 4]), rng, np.arange(1, 30) ** -0.8)
    noise = band_noise(rng, len(phase), rng.uniform(300, 900), 2.2)
    return wave + roughness * noise * (1 + 0.8 * np.cos(2 * np.pi * phase))


def _standing(rng: np.random.Generator, samples: int, rate_hz: float, jitter: float) -> np.ndarray:
    phase = np.cumsum(rate_hz * (1 + jitter * wander(rng, samples, 1.0))) / RATE_HZ
    wave = _engine_wave(rng, phase, roughness=rng.uniform(0.3, 1.2))
    first, last = sorted(rng.uniform(-0.5, 1.5, 2) * samples)  # most run all the time, some start or stop
    at = np.arange(samples)
    return wave * np.clip(np.minimum(at - first, last - at) / RATE_HZ, 0, 1)


def _passing(rng: np.random.Generator, samples: int, kind: str, *, at_s: float | None = None) -> np.ndarray:
    """A vehicle that drives by: tyres, and an engine whose speed stays or climbs through gears."""
    speed_mps, closest_m = rng.uniform(6, 30), float(np.exp(rng.uniform(np.log(4), np.log(80))))
    moment_s = rng.uniform(0.1, 0.9) * samples / RATE_HZ if at_s is None else at_s
    reach_s = 12 * closest_m / speed_mps + 3.0  # beyond, 20 dB down and more, it is left out
    begin = max(0, round((moment_s - reach_s) * RATE_HZ))
    count = min(samples, round((moment_s + reach_s) * RATE_HZ)) - begin
    out = np.zeros(samples)
    if count < RATE_HZ:
        return out
    flight = Flight(
        speed_mps=speed_mps,
        closest_m=closest_m,
        closest_s=moment_s - begin / RATE_HZ,
        height_m=min(float(rng.uniform(0.4, 3.0)), closest_m / 2),
    )
    made_s, away_m, _ = heard(flight, count)
    firing_hz = rng.uniform(40, 110) * {"truck": 1.2, "car": 1.0, "motorcycle": 0.9}[kind]
    if kind == "motorcycle" or rng.random() < 0.3:
        firing_hz = firing_hz * (1 + 0.35 * np.mod(made_s / rng.uniform(2, 5) + rng.uniform(), 1.0))
        phase = np.cumsum(firing_hz * np.gradient(made_s))
    else:
        phase = firing_hz * made_s
    tyres = {"truck": 1.5, "car": 2.5, "motorcycle": 0.3}[kind] * band_noise(rng, count, rng.uniform(600, 1200), 3.0)
    wave = travelled(_engine_wave(rng, phase, roughness=0.6) + tyres, flight, away_m, rng)
    at = np.arange(count) / RATE_HZ
    out[begin : begin + count] = wave * np.clip(np.minimum(at, at[-1] - at) / 2.0, 0, 1)
    return out


def _music(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Chords over a beat; every fourth piece is drones that change every few seconds."""
    out = np.zeros(samples)
    beat_s = rng.uniform(0.25, 0.7) * (rng.choice([1, 1, 1, 8]))
    at = 0
    while at < samples:
        count = min(int(beat_s * rng.choice([1, 1, 2, 4]) * RATE_HZ), samples - at)
        time_s = np.arange(count) / RATE_HZ
        note = np.zeros(count)
        for step in rng.choice([0, 3, 4, 5, 7, 9, 12], rng.integers(1, 4), replace=False):
            note += periodic(110 * 2 ** ((step + rng.integers(0, 24)) / 12) * time_s, rng, np.arange(1, 12) ** -1.2)
        out[at : at + count] += note * np.exp(-time_s / (beat_s * rng.uniform(0.5, 3))) * np.clip(time_s / 0.01, 0, 1)
        if rng.random() < 0.6:
            hit = min(count, RATE_HZ // 5)
            out[at : at + hit] += 2 * rng.standard_normal(hit) * np.exp(-np.arange(hit) / (0.03 * RATE_HZ))
        at += max(count, 1)
    return out


def _crowd(rng: np.random.Generator, samples: int) -> np.ndarray:
    out = np.zeros(samples)
    for _ in range(4):
        voice = at_rate("voice", rng, samples)
        for _ in range(4):
            out += rng.uniform(0.2, 1) * np.roll(voice, int(rng.integers(0, samples)))
    return out * 10 ** (wander(rng, samples, 6.0) * 2 / 20)


def _rain(rng: np.random.Generator, samples: int) -> np.ndarray:
    slow_db = 4 * wander(rng, samples, rng.uniform(8, 40))
    return band_noise(rng, samples, rng.uniform(1500, 4000), 2.0) * 10 ** (slow_db / 20)


def _wind(rng: np.random.Generator, samples: int) -> np.ndarray:
    wave = shaped_noise(rng, samples, RATE_HZ, lambda f: 1 / (1 + (f / rng.uniform(50, 150)) ** 1.6))
    return wave * np.exp(rng.uniform(0.5, 1.1) * wander(rng, samples, 0.5) + 0.5 * wander(rng, samples, 6.0))


def _train(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Carriages one after the other: a rolling noise that comes, stays and goes, with joints of the rails."""
    length_s = rng.uniform(6, 25)
    middle_s = rng.uniform(0.2, 0.8) * samples / RATE_HZ
    carriages = np.arange(middle_s - length_s / 2, middle_s + length_s / 2, 1.0)
    return np.sum(
        [_passing(rng, samples, "truck", at_s=at) for at in carriages[:: max(1, len(carriages) // 5)]], axis=0
    )


def _thunder(rng: np.random.Generator, samples: int) -> np.ndarray:
    out = np.zeros(samples)
    for _ in range(rng.integers(1, 5)):
        first, count = rng.integers(0, samples), int(rng.uniform(4, 15) * RATE_HZ)
        time_s = np.arange(count) / RATE_HZ
        roll = shaped_noise(rng, count, RATE_HZ, lambda f: 1 / (1 + (f / 120) ** 1.5))
        roll *= (
            np.exp(0.8 * wander(rng, count, 0.4)) * np.exp(-time_s / rng.uniform(1.5, 5)) * np.clip(time_s / 0.3, 0, 1)
        )
        out[first : first + count] += roll[: samples - first]
    return out


def _fan(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Ventilation: noise and a few blade tones that stay, or swing when it turns its head."""
    tone = periodic(rng.uniform(40, 200) * np.arange(samples) / RATE_HZ, rng, np.arange(1, 6) ** -1.0)
    wave = band_noise(rng, samples, rng.uniform(200, 800), rng.uniform(1.8, 2.6)) + rng.uniform(0.0, 0.7) * tone
    swing_db = rng.uniform(0, 4) * np.sin(2 * np.pi * np.arange(samples) / RATE_HZ / rng.uniform(6, 20))
    return wave * 10 ** (swing_db / 20)


def _small_engine(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Chainsaw, strimmer, moped: 60 to 220 firings a second that follow a hand's throttle, with pauses."""
    throttle = np.clip(0.6 + 0.4 * wander(rng, samples, rng.uniform(1.0, 6.0)), 0.25, 1.2)
    jitter = 1 + 0.015 * wander(rng, samples, 0.15)
    phase = np.cumsum(rng.uniform(90, 220) * throttle * jitter) / RATE_HZ
    return _engine_wave(rng, phase, roughness=rng.uniform(0.3, 1.0)) * throttle


def _carried(rng: np.random.Generator, samples: int) -> np.ndarray:
    """A steady noise (water, a fan, a crowd far off) beside a wall, while the telephone moves: a comb that wanders."""
    wave = band_noise(rng, samples, rng.uniform(300, 1500), rng.uniform(1.8, 2.6))
    detour_m = np.abs(rng.uniform(0.5, 3.0) + rng.uniform(0.2, 1.5) * wander(rng, samples, rng.uniform(2.0, 10.0)))
    at = np.arange(samples)
    late = np.interp(at - detour_m / C_MPS * RATE_HZ, at, wave)
    level_db = rng.uniform(0.5, 3.0) * wander(rng, samples, rng.uniform(2.0, 10.0))
    return (wave + rng.uniform(0.2, 0.8) * late) * 10 ** (level_db / 20)


def confuser(rng: np.random.Generator, kind: str, samples: int) -> np.ndarray:
    """A sound that is no aircraft, shape (samples,), in units of its own."""
    if kind == "idling engine":
        return _standing(rng, samples, rng.uniform(10, 40), rng.uniform(0.002, 0.03))
    if kind == "generator":
        return _standing(rng, samples, float(rng.choice([12.5, 25.0, 30.0, 50.0, 60.0])), rng.uniform(0.0, 0.005))
    if kind in ("car", "truck", "motorcycle"):
        return np.sum([_passing(rng, samples, kind) for _ in range(rng.integers(1, 4))], axis=0)
    if kind == "traffic":
        return np.sum([_passing(rng, samples, str(rng.choice(["car", "car", "truck"]))) for _ in range(5)], axis=0)
    if kind == "siren":
        return at_rate("siren", rng, samples) * np.exp(1.5 * wander(rng, samples, 15.0))
    if kind == "speech":
        return at_rate("voice", rng, samples)
    if kind == "silence":
        return np.zeros(samples)
    makers = {
        "wind": _wind,
        "crowd": _crowd,
        "music": _music,
        "rain": _rain,
        "train": _train,
        "thunder": _thunder,
        "fan": _fan,
        "small engine": _small_engine,
        "carried telephone": _carried,
    }
    return makers[kind](rng, samples)
