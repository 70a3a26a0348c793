"""Aircraft, and what sounds like them, at one microphone of 16 kHz.

A source moves on a line; each moment is heard when its sound arrives (Doppler and delay are exact), with 1/r, air
absorption (ISO 9613-1) and the ground's reflection, which draws the moving comb of a fly-over (Lloyd's mirror).
Rotors and propellers are harmonics of the blade rate (propellers: Ferguson & Quinn, JASA 96(2), 1994: 60 to 90 Hz),
jets are noise that is shriller ahead and rumbles behind. Levels are set against the ambience, in 150-2000 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from .acoustics import air_absorption_db_per_m
from .recorder import ambience_and_wind, colour, gain_curve
from .scene import Agc, Microphone
from .sounds import _MAKERS, shaped_noise

__all__ = [
    "AIRCRAFT",
    "CONFUSERS",
    "RATE_HZ",
    "Flight",
    "aircraft",
    "band_level_db",
    "confuser",
    "phone",
    "place",
    "scene",
]

RATE_HZ = 16_000
AIRCRAFT = ("helicopter", "propeller", "jet")
CONFUSERS = (
    "idling engine", "generator", "car", "truck", "traffic", "motorcycle", "wind", "crowd", "siren", "speech", "music",
    "rain", "train", "thunder", "silence",
)  # fmt: skip
_C_MPS = 343.0
_KNOT_S = 0.01
_WINDOW = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """A straight path: `closest_m` away at `closest_s` (when it is there, not when it is heard), `height_m` up."""

    speed_mps: float
    closest_m: float
    closest_s: float
    height_m: float


def _heard(flight: Flight, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per sample: when its sound was made, how far away, and the cosine of the angle off the nose."""
    at_s = np.arange(-60.0 - samples / RATE_HZ, samples / RATE_HZ + 60.0, _KNOT_S)
    along_m = flight.speed_mps * (at_s - flight.closest_s)
    away_m = np.hypot(along_m, flight.closest_m)
    heard_s = np.arange(samples) / RATE_HZ
    made_s = np.interp(heard_s, at_s + away_m / _C_MPS, at_s)
    along_m = flight.speed_mps * (made_s - flight.closest_s)
    away_m = np.hypot(along_m, flight.closest_m)
    return made_s, away_m, -along_m / away_m


def _travelled(wave: np.ndarray, flight: Flight, away_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """1/r, air, and the ground's reflection at a microphone held by hand."""
    hop = _WINDOW // 2
    _, _, cells = signal.stft(wave.astype(np.float32), RATE_HZ, nperseg=_WINDOW, noverlap=hop)
    hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)
    path_m = away_m[np.minimum(np.arange(cells.shape[1]) * hop, len(away_m) - 1)].astype(np.float32)
    air_db = air_absorption_db_per_m(hz, temperature_c=rng.uniform(5, 35), humidity=rng.uniform(20, 80))
    detour_m = 2 * rng.uniform(1.2, 1.8) * np.clip(flight.height_m / path_m, 0.0, 1.0)
    ground = (rng.uniform(0.3, 0.8) * np.exp(-hz / rng.uniform(1500, 4000)))[:, None].astype(np.float32)  # rough ground
    turn = np.outer(2 * np.pi * hz / _C_MPS, detour_m).astype(np.float32)
    mirror = np.sqrt(1 + ground**2 + 2 * ground * np.cos(turn))
    cells *= np.exp(np.outer(-air_db * np.log(10) / 20, path_m).astype(np.float32)) * mirror / path_m
    _, out = signal.istft(cells, RATE_HZ, nperseg=_WINDOW, noverlap=hop)
    out = out[: len(wave)]
    # Turbulence lets a far sound fade in and out by a few decibels.
    knots = rng.normal(0, 1.5, int(len(wave) / RATE_HZ / 0.8) + 3)
    fading_db = np.interp(np.arange(len(wave)) / RATE_HZ / 0.8, np.arange(len(knots)), knots)
    return out * 10 ** (fading_db * np.clip(away_m / 1000, 0, 1) / 20)


def _table(phase: np.ndarray, rng: np.random.Generator, levels: np.ndarray, *, pulse: bool = False) -> np.ndarray:
    """A periodic wave of harmonics; `pulse`: their phases are aligned, as blade slap is."""
    order = np.arange(1, len(levels) + 1)
    turn = np.arange(8192) / 8192
    angle = rng.uniform(0, 2 * np.pi, len(levels)) * (0.15 if pulse else 1.0)
    table = levels @ np.cos(2 * np.pi * np.outer(order, turn) + angle[:, None])
    table /= np.sqrt(np.mean(table**2))
    return table[(np.mod(phase, 1.0) * len(table)).astype(np.int32)]


def _noise(rng: np.random.Generator, samples: int, peak_hz: float, slope: float) -> np.ndarray:
    return shaped_noise(rng, samples, RATE_HZ, lambda f: (f / peak_hz) / (1 + (f / peak_hz) ** slope))


def _helicopter(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Main rotor of 10 to 30 blades a second, tail rotor some five times as fast, noise in the blades' rhythm."""
    flight = _flight(rng, samples, speed_mps=(15, 75), closest_m=(100, 900))
    made_s, away_m, _ = _heard(flight, samples)
    rate_hz = rng.uniform(10, 30)
    phase = rate_hz * made_s
    order = np.arange(1, 50)
    slap = order ** -rng.uniform(0.3, 1.2) * np.exp(-order / rng.uniform(12, 40))
    tail_hz = rate_hz * rng.uniform(3.5, 6.5)
    tail = np.arange(1, 12) ** -rng.uniform(0.5, 1.2)
    beat = 1 + rng.uniform(0.4, 0.95) * _table(phase + rng.uniform(), rng, slap[:4], pulse=True)
    wave = rng.uniform(0.5, 2.0) * _table(phase, rng, slap, pulse=True)
    wave += rng.uniform(0.2, 1.2) * _table(tail_hz * made_s, rng, tail)
    wave += rng.uniform(0.3, 1.0) * np.maximum(beat, 0) * _noise(rng, samples, rng.uniform(200, 600), 2.5)
    return _travelled(wave, flight, away_m, rng), flight


def _propeller(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Blade rate of 55 to 110 Hz, the engine's half orders, some noise; one or two engines out of step."""
    flight = _flight(rng, samples, speed_mps=(45, 130), closest_m=(150, 1200))
    made_s, away_m, _ = _heard(flight, samples)
    rate_hz = rng.uniform(55, 110)
    wave = np.zeros(samples)
    for engine in range(rng.integers(1, 3)):
        phase = rate_hz * (1 + 0.004 * engine * rng.uniform()) * made_s
        order = np.arange(1, 21)
        wave += _table(phase, rng, order ** -rng.uniform(0.4, 1.2) * rng.uniform(0.4, 1.0, 20))
        wave += rng.uniform(0.1, 0.5) * _table(0.5 * phase, rng, np.arange(1, 25) ** -0.6)
    wave += rng.uniform(0.1, 0.6) * _noise(rng, samples, 300, 2.0)
    return _travelled(wave, flight, away_m, rng), flight


def _jet(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Noise: shrill ahead (fans), a rumble 10 dB stronger behind (jet mixing), with Doppler."""
    flight = _flight(rng, samples, speed_mps=(90, 270), closest_m=(300, 3000))
    _, away_m, nose = _heard(flight, samples)
    ahead = _noise(rng, samples, rng.uniform(1200, 2500), 3.0) * (0.5 + 0.5 * nose)
    behind = _noise(rng, samples, rng.uniform(150, 400), rng.uniform(1.8, 2.4)) * 10 ** (
        rng.uniform(3, 8) * (0.3 - nose) / 20
    )
    convected = (1 - flight.speed_mps / _C_MPS * nose) ** -1.0
    return _travelled((rng.uniform(0.2, 0.8) * ahead + behind) * convected, flight, away_m, rng), flight


def _flight(
    rng: np.random.Generator, samples: int, *, speed_mps: tuple[float, float], closest_m: tuple[float, float]
) -> Flight:
    closest = float(np.exp(rng.uniform(*np.log(closest_m))))
    length_s = samples / RATE_HZ
    return Flight(
        speed_mps=float(rng.uniform(*speed_mps)),
        closest_m=closest,
        closest_s=float(rng.uniform(0.25, 0.7) * length_s - closest / _C_MPS),
        height_m=closest * float(rng.uniform(0.4, 0.95)),
    )


def aircraft(rng: np.random.Generator, kind: str, samples: int) -> tuple[np.ndarray, Flight]:
    """One passage of an aircraft, shape (samples,), in units of its own; and its path."""
    return {"helicopter": _helicopter, "propeller": _propeller, "jet": _jet}[kind](rng, samples)


def _at_rate(kind: str, rng: np.random.Generator, samples: int) -> np.ndarray:
    """A lasting sound of the incident simulator at this module's rate."""
    wave = _MAKERS[kind](rng, samples * 3 // 2 + 3)
    return signal.resample_poly(wave, 2, 3)[:samples]


def _engine_wave(rng: np.random.Generator, phase: np.ndarray, *, roughness: float) -> np.ndarray:
    """Firing harmonics with half orders, and combustion noise in their rhythm; `phase` counts firings."""
    wave = _table(phase, rng, np.arange(1, 25) ** -rng.uniform(0.5, 1.2) * rng.uniform(0.3, 1, 24))
    wave += rng.uniform(0.2, 0.7) * _table(phase / rng.choice([2, 4]), rng, np.arange(1, 30) ** -0.8)
    noise = _noise(rng, len(phase), rng.uniform(300, 900), 2.2)
    return wave + roughness * noise * (1 + 0.8 * np.cos(2 * np.pi * phase))


def _wander(rng: np.random.Generator, samples: int, period_s: float) -> np.ndarray:
    knots = rng.standard_normal(int(samples / RATE_HZ / period_s) + 3)
    return np.interp(np.arange(samples) / RATE_HZ / period_s, np.arange(len(knots)), knots)


def _standing(rng: np.random.Generator, samples: int, rate_hz: float, jitter: float) -> np.ndarray:
    phase = np.cumsum(rate_hz * (1 + jitter * _wander(rng, samples, 1.0))) / RATE_HZ
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
        height_m=min(1.0, closest_m / 2),
    )
    made_s, away_m, _ = _heard(flight, count)
    firing_hz = rng.uniform(40, 110) * {"truck": 1.2, "car": 1.0, "motorcycle": 0.9}[kind]
    if kind == "motorcycle" or rng.random() < 0.3:
        firing_hz = firing_hz * (1 + 0.35 * np.mod(made_s / rng.uniform(2, 5) + rng.uniform(), 1.0))
        phase = np.cumsum(firing_hz * np.gradient(made_s))
    else:
        phase = firing_hz * made_s
    tyres = {"truck": 1.5, "car": 2.5, "motorcycle": 0.3}[kind] * _noise(rng, count, rng.uniform(600, 1200), 3.0)
    wave = _travelled(_engine_wave(rng, phase, roughness=0.6) + tyres, flight, away_m, rng)
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
            note += _table(110 * 2 ** ((step + rng.integers(0, 24)) / 12) * time_s, rng, np.arange(1, 12) ** -1.2)
        out[at : at + count] += note * np.exp(-time_s / (beat_s * rng.uniform(0.5, 3))) * np.clip(time_s / 0.01, 0, 1)
        if rng.random() < 0.6:
            hit = min(count, RATE_HZ // 5)
            out[at : at + hit] += 2 * rng.standard_normal(hit) * np.exp(-np.arange(hit) / (0.03 * RATE_HZ))
        at += max(count, 1)
    return out


def _crowd(rng: np.random.Generator, samples: int) -> np.ndarray:
    out = np.zeros(samples)
    for _ in range(4):
        voice = _at_rate("voice", rng, samples)
        for _ in range(4):
            out += rng.uniform(0.2, 1) * np.roll(voice, int(rng.integers(0, samples)))
    return out * 10 ** (_wander(rng, samples, 6.0) * 2 / 20)


def _rain(rng: np.random.Generator, samples: int) -> np.ndarray:
    slow_db = 4 * _wander(rng, samples, rng.uniform(8, 40))
    return _noise(rng, samples, rng.uniform(1500, 4000), 2.0) * 10 ** (slow_db / 20)


def _wind(rng: np.random.Generator, samples: int) -> np.ndarray:
    wave = shaped_noise(rng, samples, RATE_HZ, lambda f: 1 / (1 + (f / rng.uniform(50, 150)) ** 1.6))
    return wave * np.exp(rng.uniform(0.5, 1.1) * _wander(rng, samples, 0.5) + 0.5 * _wander(rng, samples, 6.0))


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
            np.exp(0.8 * _wander(rng, count, 0.4)) * np.exp(-time_s / rng.uniform(1.5, 5)) * np.clip(time_s / 0.3, 0, 1)
        )
        out[first : first + count] += roll[: samples - first]
    return out


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
        return _at_rate("siren", rng, samples) * np.exp(1.5 * _wander(rng, samples, 15.0))
    if kind == "speech":
        return _at_rate("voice", rng, samples)
    if kind == "silence":
        return np.zeros(samples)
    makers = {"wind": _wind, "crowd": _crowd, "music": _music, "rain": _rain, "train": _train, "thunder": _thunder}
    return makers[kind](rng, samples)


def place(rng: np.random.Generator, samples: int) -> np.ndarray:
    """The hum of a place, its level wandering a little, now and then somebody who talks."""
    out = ambience_and_wind(rng, samples, RATE_HZ, rng.uniform(0.0, 0.4)) * 10 ** (_wander(rng, samples, 5.0) / 20)
    if rng.random() < 0.5:
        out += _at_rate("voice", rng, samples) * 10 ** (rng.uniform(-12, 12) / 20)
    return out


def band_level_db(wave: np.ndarray) -> np.ndarray:
    """Level in 150-2000 Hz of each second, shape (seconds,)."""
    band = signal.sosfilt(signal.butter(3, [150, 2000], "bandpass", fs=RATE_HZ, output="sos"), wave)
    whole = band[: len(band) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    return 10 * np.log10(np.mean(whole**2, axis=1) + 1e-20)


def phone(rng: np.random.Generator, wave: np.ndarray) -> np.ndarray:
    """A microphone, its limits and, in most phones, a gain control; float32, full scale +-1."""
    colours = tuple((float(np.exp(rng.uniform(5.3, 8.3))), rng.uniform(0.7, 3), rng.uniform(-6, 8)) for _ in "abc")
    microphone = Microphone(high_pass_hz=rng.uniform(40, 150), low_pass_hz=None, resonances=colours)
    wave = colour(wave, microphone, RATE_HZ)
    wave = wave / np.abs(wave).max() * 10 ** (-rng.uniform(0.5, 12) / 20)
    if rng.random() < 0.6:
        agc = Agc(
            target_db=rng.uniform(-18, -8),
            max_gain_db=rng.uniform(6, 25),
            attack_s=rng.uniform(0.003, 0.03),
            release_s=float(np.exp(rng.uniform(np.log(0.3), np.log(3)))),
        )
        wave = wave * gain_curve(wave, agc, RATE_HZ)
    return (np.clip(wave, -1, 1) + 10 ** (-75 / 20) * rng.standard_normal(len(wave))).astype(np.float32)


def scene(seed: int, kind: str, *, snr_db: float = 15.0, duration_s: float = 90.0) -> tuple[np.ndarray, np.ndarray]:
    """One recording with one sound over a place's own, and where an aircraft stands 3 dB over it.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    kind : str
        Of `AIRCRAFT` or `CONFUSERS`.
    snr_db : float
        Loudest second of the sound over the median second of the place, in 150-2000 Hz.
    duration_s : float
        Length.

    Returns
    -------
    samples : ndarray of float32
        At `RATE_HZ`.
    audible : ndarray of bool, shape (seconds,)
        Where the aircraft is; all False for a confuser.
    """
    rng = np.random.default_rng([23, seed])
    samples = round(duration_s * RATE_HZ)
    around = place(rng, samples)
    flies = kind in AIRCRAFT
    sound = aircraft(rng, kind, samples)[0] if flies else confuser(rng, kind, samples)
    around_db, sound_db = band_level_db(around), band_level_db(sound)
    gain_db = float(np.median(around_db)) + snr_db - float(sound_db.max())
    audible = (sound_db + gain_db > np.median(around_db) + 3.0) & flies
    if kind == "silence":
        gain_db = 0.0
    return phone(rng, around + sound * 10 ** (gain_db / 20)), audible
