"""Aircraft at one microphone of 16 kHz, in a place, through a telephone.

Rotors and propellers are harmonics of the blade rate (propellers: Ferguson & Quinn, JASA 96(2), 1994: 60 to 90 Hz),
drones those of several small rotors whose rates a controller keeps changing, jets are noise that is shriller ahead and
rumbles behind. Levels are set against the ambience, in 150-2000 Hz.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from .ground import CONFUSERS, confuser
from .motion import C_MPS, RATE_HZ, Flight, at_rate, band_noise, heard, periodic, travelled, wander
from .recorder import ambience_and_wind, colour, gain_curve
from .scene import Agc, Microphone

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

AIRCRAFT = ("helicopter", "propeller", "jet", "drone")


def _helicopter(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Main rotor of 10 to 30 blades a second, tail rotor some five times as fast, noise in the blades' rhythm."""
    flight = _flight(rng, samples, speed_mps=(15, 75), closest_m=(100, 900))
    made_s, away_m, _ = heard(flight, samples)
    rate_hz = rng.uniform(10, 30)
    phase = rate_hz * made_s
    order = np.arange(1, 50)
    slap = order ** -rng.uniform(0.3, 1.2) * np.exp(-order / rng.uniform(12, 40))
    tail_hz = rate_hz * rng.uniform(3.5, 6.5)
    tail = np.arange(1, 12) ** -rng.uniform(0.5, 1.2)
    beat = 1 + rng.uniform(0.4, 0.95) * periodic(phase + rng.uniform(), rng, slap[:4], pulse=True)
    wave = rng.uniform(0.5, 2.0) * periodic(phase, rng, slap, pulse=True)
    wave += rng.uniform(0.2, 1.2) * periodic(tail_hz * made_s, rng, tail)
    wave += rng.uniform(0.3, 1.0) * np.maximum(beat, 0) * band_noise(rng, samples, rng.uniform(200, 600), 2.5)
    return travelled(wave, flight, away_m, rng), flight


def _propeller(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Blade rate of 55 to 110 Hz, the engine's half orders, some noise; one or two engines out of step."""
    flight = _flight(rng, samples, speed_mps=(45, 130), closest_m=(150, 1200))
    made_s, away_m, _ = heard(flight, samples)
    rate_hz = rng.uniform(55, 110)
    wave = np.zeros(samples)
    for engine in range(rng.integers(1, 3)):
        phase = rate_hz * (1 + 0.004 * engine * rng.uniform()) * made_s
        order = np.arange(1, 21)
        wave += periodic(phase, rng, order ** -rng.uniform(0.4, 1.2) * rng.uniform(0.4, 1.0, 20))
        wave += rng.uniform(0.1, 0.5) * periodic(0.5 * phase, rng, np.arange(1, 25) ** -0.6)
    wave += rng.uniform(0.1, 0.6) * band_noise(rng, samples, 300, 2.0)
    return travelled(wave, flight, away_m, rng), flight


def _jet(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Noise: shrill ahead (fans), a rumble 10 dB stronger behind (jet mixing), with Doppler."""
    flight = _flight(rng, samples, speed_mps=(90, 270), closest_m=(300, 6000))
    _, away_m, nose = heard(flight, samples)
    ahead = band_noise(rng, samples, rng.uniform(1200, 2500), 3.0) * (0.5 + 0.5 * nose)
    behind = band_noise(rng, samples, rng.uniform(150, 400), rng.uniform(1.8, 2.4)) * 10 ** (
        rng.uniform(3, 8) * (0.3 - nose) / 20
    )
    convected = (1 - flight.speed_mps / C_MPS * nose) ** -1.0
    return travelled((rng.uniform(0.2, 0.8) * ahead + behind) * convected, flight, away_m, rng), flight


def _drone(rng: np.random.Generator, samples: int) -> tuple[np.ndarray, Flight]:
    """Four or six rotors of 100 to 300 blades a second, each rate wobbling on its own; passing or hovering."""
    hovers = rng.random() < 0.4
    flight = _flight(rng, samples, speed_mps=(0.2, 2.0) if hovers else (4, 20), closest_m=(8, 120))
    made_s, away_m, _ = heard(flight, samples)
    together = 1 + 0.04 * wander(rng, samples, rng.uniform(2.0, 6.0)) + 0.01 * wander(rng, samples, 0.3)
    rate_hz = rng.uniform(100, 300)
    levels = np.arange(1, 25) ** -rng.uniform(0.3, 1.0) * rng.uniform(0.4, 1.0, 24)
    wave = rng.uniform(0.1, 0.8) * band_noise(rng, samples, rng.uniform(1500, 3500), 3.0)
    for _ in range(rng.choice([4, 6])):
        own = together * (1 + 0.03 * rng.uniform(-1, 1) + 0.012 * wander(rng, samples, rng.uniform(0.2, 1.0)))
        wave += 0.5 * periodic(np.cumsum(rate_hz * own * np.gradient(made_s)), rng, levels)
    return travelled(wave, flight, away_m, rng), flight


def _flight(
    rng: np.random.Generator, samples: int, *, speed_mps: tuple[float, float], closest_m: tuple[float, float]
) -> Flight:
    closest = float(np.exp(rng.uniform(*np.log(closest_m))))
    length_s = samples / RATE_HZ
    return Flight(
        speed_mps=float(rng.uniform(*speed_mps)),
        closest_m=closest,
        closest_s=float(rng.uniform(0.25, 0.7) * length_s - closest / C_MPS),
        height_m=closest * float(rng.uniform(0.15, 0.95)),
    )


def aircraft(rng: np.random.Generator, kind: str, samples: int) -> tuple[np.ndarray, Flight]:
    """One passage of an aircraft, shape (samples,), in units of its own; and its path."""
    return {"helicopter": _helicopter, "propeller": _propeller, "jet": _jet, "drone": _drone}[kind](rng, samples)


def place(rng: np.random.Generator, samples: int) -> np.ndarray:
    """The hum of a place, its level wandering a little, now and then somebody who talks."""
    out = ambience_and_wind(rng, samples, RATE_HZ, rng.uniform(0.0, 0.4)) * 10 ** (wander(rng, samples, 5.0) / 20)
    if rng.random() < 0.5:
        out += at_rate("voice", rng, samples) * 10 ** (rng.uniform(-12, 12) / 20)
    return out


def band_level_db(wave: np.ndarray, *, pauses: bool = False) -> np.ndarray:
    """Level in 150-2000 Hz of each second, shape (seconds,); `pauses`: of the quietest quarter of three."""
    band = signal.sosfilt(signal.butter(3, [150, 2000], "bandpass", fs=RATE_HZ, output="sos"), wave)
    whole = band[: len(band) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    tenths = np.mean((whole**2).reshape(len(whole), 10, -1), axis=2)
    if pauses:
        padded = np.pad(tenths, ((1, 1), (0, 0)), mode="edge")
        level = np.quantile(np.concatenate([padded[:-2], padded[1:-1], padded[2:]], axis=1), 0.25, axis=1)
    else:
        level = tenths.mean(axis=1)
    return 10 * np.log10(level + 1e-20)


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


def scene(
    seed: int, kind: str, *, snr_db: float = 15.0, duration_s: float = 90.0, beside: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One recording with one sound over a place's own, and where an aircraft is at least as loud as the place.

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
    beside : str, optional
        One of `CONFUSERS` that sounds too, its loudest second from 0 to 20 dB over the place.

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
    around_db = float(np.median(band_level_db(around)))
    flies = kind in AIRCRAFT
    sound = aircraft(rng, kind, samples)[0] if flies else confuser(rng, kind, samples)
    sound_db = band_level_db(sound)
    gain_db = 0.0 if kind == "silence" else around_db + snr_db - float(sound_db.max())
    audible = (sound_db + gain_db > around_db) & flies
    wave = around + sound * 10 ** (gain_db / 20)
    if beside is not None and beside != "silence":
        other = confuser(rng, beside, samples)
        wave += other * 10 ** ((around_db + rng.uniform(0, 20) - float(band_level_db(other).max())) / 20)
    return phone(rng, wave), audible
