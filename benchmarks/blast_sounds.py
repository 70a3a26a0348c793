"""Labelled sounds for the scenes of `blast_scenes`: blasts, shots, fireworks and what is none of them.

Every sound is made from physics where there is a simple one (blast wave, N-wave of a shot, modes of a door and of an
exhaust, bounces of a falling phone, turbulence of wind) and drawn from wide ranges where there is not, so that a fit
cannot lean on one recipe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from simulator.sounds import friedlander

__all__ = ["RATE_HZ", "Made", "band", "blast", "gust", "make", "music", "noise", "speech"]

RATE_HZ = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One sound of peak 1: its wave, where in it the named moment lies, and how many bangs at what spacing."""

    wave: np.ndarray
    detail: str
    onset_s: float = 0.0
    count: int = 1
    every_s: float | None = None


def make(rng: np.random.Generator, kind: str, *, farthest_m: float = 800.0) -> Made:
    """One sound.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws everything.
    kind : str
        A kind of `blast_scenes.KINDS`, or "burst" or "shots".
    farthest_m : float
        Of an explosion.

    Returns
    -------
    Made
    """
    if kind == "explosion":
        distance_m = float(np.exp(rng.uniform(np.log(20), np.log(farthest_m))))
        made = Made(wave=blast(rng, distance_m), detail=f"{distance_m:.0f} m")
    elif kind in ("gunshot", "burst", "shots"):
        made = _gunshots(rng, kind)
    elif kind in ("door", "handling"):
        wave, detail = _contact(rng, kind)
        made = Made(wave=wave, detail=detail)
    elif kind == "other":
        wave, detail = _onset(rng)
        made = Made(wave=wave, detail=detail)
    else:
        plain = {
            "firework": _firework,
            "backfire": _backfire,
            "thunder": _thunder,
            "drop": _drop,
            "wind": gust,
            "music": _song,
        }
        found = plain[kind](rng)
        wave, onset_s = found if isinstance(found, tuple) else (found, 0.0)
        made = Made(wave=wave, detail=kind, onset_s=onset_s)
    return Made(
        wave=made.wave / np.abs(made.wave).max(),
        detail=made.detail,
        onset_s=made.onset_s,
        count=made.count,
        every_s=made.every_s,
    )


def band(wave: np.ndarray, low_hz: float, high_hz: float, order: int = 2) -> np.ndarray:
    """What lies between two frequencies, by a causal Butterworth filter."""
    edges = [low_hz, min(high_hz, 0.49 * RATE_HZ)]
    return signal.sosfilt(signal.butter(order, edges, "band", fs=RATE_HZ, output="sos"), wave)


def lowpass(wave: np.ndarray, corner_hz: float) -> np.ndarray:
    return signal.sosfilt(signal.butter(1, min(corner_hz, 7800), fs=RATE_HZ, output="sos"), wave)


def noise(rng: np.random.Generator, count: int, slope_db_per_octave: float = 0.0) -> np.ndarray:
    """Noise of unit RMS whose spectrum falls or rises steadily."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20)
    wave = np.fft.irfft(spectrum * (hz / 1000) ** (slope_db_per_octave / 6.02), count)
    return wave / (wave.std() + 1e-12)


def _time(duration_s: float) -> np.ndarray:
    return np.arange(int(duration_s * RATE_HZ)) / RATE_HZ


def _surroundings(rng: np.random.Generator, reverb_s: float, corner_hz: float, length_s: float) -> np.ndarray:
    """Response of a street: a few to many walls, and a diffuse rest; the direct sound is left out."""
    time_s = _time(length_s)
    walls_s = 0.01 + rng.exponential(reverb_s / 2.5, rng.poisson(np.exp(rng.uniform(np.log(3), np.log(80))) * length_s))
    walls_s = walls_s[walls_s < length_s - 0.01]
    response = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / reverb_s) * rng.uniform(0.005, 0.03)
    response[: int(0.01 * RATE_HZ)] = 0
    sizes = 10 ** (-3 * walls_s / reverb_s) * rng.uniform(0.1, 1, len(walls_s)) * rng.choice([-1, 1], len(walls_s))
    np.add.at(response, (walls_s * RATE_HZ).astype(int), sizes)
    return lowpass(response, corner_hz)


def blast(rng: np.random.Generator, distance_m: float) -> np.ndarray:
    """A blast wave with its ground reflection, walls, rumble and debris; far ones often round a corner first."""
    root_kg = np.exp(rng.uniform(np.log(1), np.log(300))) ** (1 / 3)
    time_s = _time(4.5)
    phase_s = 1e-3 * root_kg * np.clip(1.5 + 1.2 * np.log10(max(distance_m / root_kg, 1.1)), 1.2, 5)
    wave = friedlander(time_s, phase_s, decay=1.0)
    wave += rng.uniform(0.05, 0.5) * noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.01, 0.12))
    ground = int(rng.uniform(0.0005, 0.006) * RATE_HZ)
    wave[ground:] += rng.uniform(0.3, 0.9) * wave[: len(wave) - ground]
    around = _surroundings(rng, rng.uniform(0.6, 3.5), rng.uniform(300, 3000), 4.0)
    around *= np.exp(rng.uniform(np.log(0.15), np.log(2.0)))
    # Behind houses the direct path is the weaker one: what comes over roofs and by walls within 0.3 s is louder.
    hidden = distance_m > 150 and rng.random() < 0.35
    if hidden:
        over_s = rng.exponential(0.08, 12)
        np.add.at(around, (over_s[over_s < 0.4] * RATE_HZ).astype(int), rng.uniform(-1, 1, (over_s < 0.4).sum()))
    around[0] += rng.uniform(0.1, 0.7) if hidden else 1.0
    wave = signal.fftconvolve(wave, around)[: len(time_s)]
    if rng.random() < 0.5:  # debris that falls, fire that starts
        debris = band(noise(rng, len(time_s)), 200, 5000, 1) * (1 - np.exp(-time_s / 0.2))
        wave += debris * np.exp(-time_s / rng.uniform(0.2, 1.5)) * rng.uniform(0.005, 0.06) * np.abs(wave).max()
    wave = _air(rng, wave, distance_m)
    if distance_m > 800:
        wave = _scattered(rng, wave, distance_m)
    return lowpass(wave, rng.uniform(80, 400)) if distance_m > 300 and rng.random() < 0.4 else wave


def _scattered(rng: np.random.Generator, wave: np.ndarray, distance_m: float) -> np.ndarray:
    """Kilometres of turbulent air and of hills: many paths, spread over 10 ms per kilometre and more."""
    spread_s = 0.01 * distance_m / 1000 * np.exp(rng.uniform(0, 1.8))
    later_s = rng.exponential(spread_s, rng.integers(3, 15))
    paths = np.zeros(round(0.6 * RATE_HZ))
    inside = later_s < 0.55
    np.add.at(paths, (later_s[inside] * RATE_HZ).astype(int), rng.uniform(-0.3, 1, inside.sum()))
    paths[0] = rng.uniform(0.3, 1.5)
    return signal.fftconvolve(wave, paths)[: len(wave)]


def _air(rng: np.random.Generator, wave: np.ndarray, distance_m: float) -> np.ndarray:
    """Loss of high sound with distance, by air and scattering."""
    return lowpass(wave, np.clip(6000 * (100 / max(distance_m, 20)) ** 0.9, 250, 7500) * rng.uniform(0.7, 1.4))


def _thunder(rng: np.random.Generator) -> np.ndarray:
    """Claps that swell and roll for seconds; a near one cracks first."""
    time_s = _time(rng.uniform(4, 9))
    wave = np.zeros(len(time_s))
    for _ in range(rng.integers(3, 14)):
        since = np.maximum(time_s - rng.uniform(0, 0.6 * time_s[-1]), 0)
        swell_s = np.exp(rng.uniform(np.log(0.02), np.log(0.8)))
        clap = (1 - np.exp(-since / swell_s)) * np.exp(-since / rng.uniform(0.2, 1.5))
        wave += rng.uniform(0.2, 1) * clap * noise(rng, len(time_s), rng.uniform(-10, -4))
    wave = band(wave, 20, np.exp(rng.uniform(np.log(150), np.log(3000))), 1)
    if rng.random() < 0.3:  # within a kilometre: the nearest stretches of the channel tear one by one
        begins = np.sort(rng.exponential(rng.uniform(0.02, 0.3), rng.integers(2, 60)))
        begins = (begins[begins < 1.5] * RATE_HZ).astype(int)
        tear = np.zeros(len(time_s))
        for begin in begins - begins[:1]:
            pulse = friedlander(_time(0.05), rng.uniform(0.0003, 0.003), decay=1.0)
            tear[begin : begin + len(pulse)] += rng.uniform(0.1, 1) * pulse
        wave += _air(rng, tear, float(rng.uniform(50, 1000))) * rng.uniform(0.3, 3) * np.abs(wave).max()
    return wave


def gust(rng: np.random.Generator) -> np.ndarray:
    """Turbulence at the microphone that swells and goes."""
    length_s = rng.uniform(0.4, 3)
    time_s = _time(length_s)
    swell = np.minimum(time_s / rng.uniform(0.03, 0.5), 1) * np.minimum((length_s - time_s) / (0.4 * length_s), 1)
    flutter = np.abs(lowpass(noise(rng, len(time_s)), 8))
    wave = noise(rng, len(time_s), rng.uniform(-12, -5)) * swell * (0.3 + flutter / flutter.max())
    return band(wave, 15, rng.uniform(150, 900), 1)


def _voiced(rng: np.random.Generator, length_s: float, pitch_hz: float) -> np.ndarray:
    """A vowel, a horn, a note: harmonics through three resonances, with a beginning of 8 to 60 ms."""
    time_s = _time(length_s)
    glide = 1 + 0.15 * np.sin(2 * np.pi * rng.uniform(0.5, 3) * time_s) + rng.uniform(-0.2, 0.2) * time_s / length_s
    phase = 2 * np.pi * np.cumsum(pitch_hz * glide) / RATE_HZ
    slope = rng.uniform(0.4, 1)
    wave = np.sum([np.sin(k * phase) / k**slope for k in range(1, 25) if 1.4 * k * pitch_hz < 7500], axis=0)
    for _ in range(3):
        wave = wave + 2 * signal.lfilter(*signal.iirpeak(rng.uniform(300, 3200), rng.uniform(3, 10), fs=RATE_HZ), wave)
    wave *= np.minimum(time_s / rng.uniform(0.008, 0.06), 1) * np.minimum((length_s - time_s) / 0.08, 1)
    return wave / np.abs(wave).max()


def _onset(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Sounds that begin without being impacts of anything large."""
    detail = str(rng.choice(["siren", "engine", "horn", "voice", "glass", "clap"]))
    time_s = _time(rng.uniform(1, 4))
    if detail == "siren":
        hz = rng.uniform(600, 1000) + rng.uniform(100, 400) * np.sin(2 * np.pi * rng.uniform(0.3, 3) * time_s)
        wave = band(np.sign(np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)), 300, 4000)
        wave *= np.minimum(time_s / rng.uniform(0.01, 0.4), 1)
    elif detail == "engine":
        hz = rng.uniform(25, 80) * (1 + rng.uniform(0, 0.8) * time_s / time_s[-1])
        phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
        wave = np.sum(
            [np.sin(k * phase + rng.uniform(0, 6)) * rng.uniform(0.1, 1) / k**0.5 for k in range(1, 20)], axis=0
        )
        wave += noise(rng, len(time_s), -6) * rng.uniform(0.2, 1.5)
        wave *= np.minimum(time_s / rng.uniform(0.03, 1), 1)
    elif detail == "glass":
        wave = noise(rng, len(time_s)) * np.exp(-time_s / 0.03)
        for hz in rng.uniform(1500, 7000, 12):
            wave += rng.uniform(0.2, 1) * np.sin(2 * np.pi * hz * time_s) * np.exp(-time_s / rng.uniform(0.02, 0.2))
    elif detail == "clap":
        wave = band(noise(rng, len(time_s)), 600, 4000) * np.exp(-time_s / rng.uniform(0.005, 0.03))
    else:
        length_s, pitch_hz = (rng.uniform(0.3, 1.5), rng.uniform(200, 450)) if detail == "horn" else (0.4, 160.0)
        wave = _voiced(rng, length_s * rng.uniform(0.5, 1.5), pitch_hz * rng.uniform(0.6, 2.0))
    return wave, detail


def speech(rng: np.random.Generator, duration_s: float) -> np.ndarray:
    """One talker, with pauses."""
    out = np.zeros(int((duration_s + 2) * RATE_HZ))
    pitch_hz, at_s = rng.uniform(90, 300), 0.0
    while at_s < duration_s - 0.5:
        vowel = _voiced(rng, rng.uniform(0.08, 0.3), pitch_hz * rng.uniform(0.8, 1.3))
        begin = int(at_s * RATE_HZ)
        out[begin : begin + len(vowel)] += vowel * rng.uniform(0.2, 1)
        at_s += len(vowel) / RATE_HZ + rng.uniform(0, 0.12) + (rng.uniform(0.3, 2) if rng.random() < 0.12 else 0)
    return out[: int(duration_s * RATE_HZ)]


def _gunshots(rng: np.random.Generator, kind: str) -> Made:
    """One shot, an automatic's burst at a steady rate, or single shots as fast as a finger pulls."""
    count = {"gunshot": 1, "burst": int(rng.integers(3, 14)), "shots": int(rng.integers(2, 7))}[kind]
    every_s = rng.uniform(0.06, 0.17) if kind == "burst" else rng.uniform(0.25, 1.2)
    shot = _gunshot(rng)
    jitter_s = rng.uniform(0, 0.02 * every_s if kind == "burst" else 0.35 * every_s, count)
    begins = ((np.arange(count) * every_s + jitter_s - jitter_s[0]) * RATE_HZ).astype(int)
    out = np.zeros(begins[-1] + len(shot))
    for begin in begins:
        out[begin : begin + len(shot)] += shot * rng.uniform(0.8, 1)
    return Made(wave=out, detail=kind, count=count, every_s=every_s if kind == "burst" else None)


def _gunshot(rng: np.random.Generator) -> np.ndarray:
    """Muzzle blast of 0.3-4 ms, often after the crack of the bullet; a street, a field or a hall answers.

    Small arms are at the short end, heavy machine guns at the long one (Maher 2007: muzzle blasts last 3 to 5 ms with
    their negative phase, cracks 0.2 to 0.5 ms). The crack leads by what the bullet gains on the sound.
    """
    time_s = _time(3.0)
    distance_m = float(np.exp(rng.uniform(np.log(5), np.log(1500))))
    phase_s = np.exp(rng.uniform(np.log(0.0003), np.log(0.0025))) * (1 + 0.3 * np.log10(max(distance_m / 10, 1)))
    shot = friedlander(time_s, phase_s, decay=1.0)
    shot += rng.uniform(0.1, 0.6) * noise(rng, len(time_s)) * np.exp(-time_s / np.exp(rng.uniform(-6.2, -3.9)))
    if rng.random() < 0.1:  # a silencer lets the low part through
        shot = lowpass(shot, rng.uniform(300, 1500))
    ground = max(1, int(rng.uniform(0.0003, 0.006) * RATE_HZ))
    shot[ground:] += rng.uniform(0.2, 0.9) * shot[: len(shot) - ground]
    shot = _air(rng, shot, distance_m)
    if rng.random() < 0.4:
        ahead_s = min(distance_m * (1 / 343 - 1 / rng.uniform(450, 900)) * rng.uniform(0.2, 1), 0.8)
        shot = np.append(np.zeros(int(ahead_s * RATE_HZ)), shot)[: len(time_s)]
        length = int(rng.integers(4, 9))  # 0.25 to 0.5 ms
        crack = lowpass(np.append(np.linspace(1, -1, length), np.zeros(400)), rng.uniform(2000, 7500))
        shot[: len(crack)] += crack * np.abs(shot).max() * np.exp(rng.uniform(-1.5, 1.2))
    # In the open little comes back; between houses and in halls the rest may be louder than what came straight.
    around = _surroundings(rng, np.exp(rng.uniform(np.log(0.2), np.log(3.0))), rng.uniform(500, 6000), 2.5)
    around *= np.exp(rng.uniform(np.log(0.03), np.log(1.5)))
    around[0] += rng.uniform(0.1, 0.7) if rng.random() < 0.2 else 1.0
    return signal.fftconvolve(shot, around)[: len(time_s)]


def _firework(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """A rocket or shell (thump or whistle, burst in the air, crackling stars), or a string of bangers."""
    time_s = _time(5.0)
    out = np.zeros(len(time_s))
    if rng.random() < 0.25:
        bang = _report(rng, rng.uniform(0.0003, 0.0008), height_m=1.0)
        begins = np.cumsum(rng.exponential(rng.uniform(0.03, 0.12), rng.integers(6, 40)))
        _repeat(rng, out, bang, begins - begins[0], (0.3, 1.0))
        return _air(rng, out, float(rng.uniform(10, 150))), 0.0
    rise_s = 0.0
    burst = _report(rng, np.exp(rng.uniform(np.log(0.0005), np.log(0.008))), height_m=rng.uniform(20, 200))
    if rng.random() < 0.6:
        rise_s = float(rng.uniform(0.6, 2.0))
        _whistle(rng, out, rise_s)
    if rng.random() < 0.3:  # the mortar's thump
        _repeat(rng, out, lowpass(burst, 300), np.zeros(1), (0.1, 0.6))
        rise_s = max(rise_s, float(rng.uniform(1.0, 2.0)))
    series = 1 if rng.random() < 0.5 else int(rng.integers(2, 7))
    later_s = np.cumsum(np.concatenate([[0.0], rng.uniform(0.15, 1.0, series - 1)]))
    _repeat(rng, out, burst, rise_s + later_s, (0.5, 1.0))
    if rng.random() < 0.6:
        crack = _report(rng, rng.uniform(0.0002, 0.0005), height_m=100.0)
        begins = rise_s + rng.uniform(0.1, 0.6) + np.sort(rng.uniform(0, rng.uniform(0.4, 2.0), rng.integers(10, 80)))
        _repeat(rng, out, crack, begins, (0.03, 0.3))
    return _air(rng, out, float(np.exp(rng.uniform(np.log(40), np.log(1500))))), rise_s


def _report(rng: np.random.Generator, phase_s: float, *, height_m: float) -> np.ndarray:
    """A small charge in open air: its wave, the ground's answer, and few walls."""
    time_s = _time(2.0)
    wave = friedlander(time_s, phase_s, decay=1.0)
    wave += rng.uniform(0.05, 0.4) * noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.002, 0.02))
    ground = max(1, int(2 * height_m / 343 * rng.uniform(0.05, 0.9) * RATE_HZ))
    wave[ground:] += rng.uniform(0.2, 0.8) * wave[: len(wave) - ground]
    around = _surroundings(rng, rng.uniform(0.3, 2.5), rng.uniform(600, 5000), 2.0) * rng.uniform(0.02, 0.4)
    around[0] += 1
    return signal.fftconvolve(wave, around)[: len(time_s)]


def _whistle(rng: np.random.Generator, out: np.ndarray, length_s: float) -> None:
    """A rising charge that whistles or hisses."""
    time_s = _time(length_s)
    hz = rng.uniform(1500, 4000) * (1 + rng.uniform(-0.4, 0.6) * time_s / length_s)
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.01 * np.sin(2 * np.pi * rng.uniform(5, 30) * time_s))) / RATE_HZ
    wave = np.sin(phase) + 0.4 * np.sin(2 * phase) + rng.uniform(0.1, 3) * band(noise(rng, len(time_s)), 1000, 6000)
    out[: len(wave)] += wave * np.minimum(time_s / 0.1, 1) * rng.uniform(0.01, 0.15)


def _repeat(
    rng: np.random.Generator, out: np.ndarray, wave: np.ndarray, begins_s: np.ndarray, sizes: tuple[float, float]
) -> None:
    for begin in (begins_s * RATE_HZ).astype(int):
        part = wave[: max(0, len(out) - begin)]
        out[begin : begin + len(part)] += part * rng.uniform(*sizes)


def _backfire(rng: np.random.Generator) -> np.ndarray:
    """Fuel that burns in an exhaust: a pulse through a pipe open at one end, once or a few times, on an engine."""
    time_s = _time(2.5)
    pulse_s = _time(0.4)
    pipe_hz = 343 / (4 * rng.uniform(0.6, 3.0))
    pop = friedlander(pulse_s, rng.uniform(0.001, 0.004), decay=1.0)
    for odd in (1, 3, 5, 7):
        mode = np.sin(2 * np.pi * odd * pipe_hz * pulse_s) * np.exp(-pulse_s / rng.uniform(0.008, 0.04))
        pop += rng.uniform(0.1, 1) / odd**0.5 * mode
    pop += rng.uniform(0.05, 0.5) * noise(rng, len(pulse_s)) * np.exp(-pulse_s / rng.uniform(0.003, 0.02))
    out = np.zeros(len(time_s))
    count = 1 if rng.random() < 0.4 else int(rng.integers(2, 6))
    _repeat(rng, out, pop, np.cumsum(rng.uniform(0.08, 0.6, count)) * np.r_[0, np.ones(count - 1)], (0.4, 1.0))
    around = _surroundings(rng, rng.uniform(0.2, 1.2), rng.uniform(800, 4000), 1.5) * rng.uniform(0.03, 0.4)
    around[0] += 1
    out = signal.fftconvolve(out, around)[: len(time_s)]
    turning = 2 * np.pi * np.cumsum(rng.uniform(25, 110) * (1 - 0.3 * time_s / time_s[-1])) / RATE_HZ
    engine = np.sum(
        [np.sin(k * turning + rng.uniform(0, 6)) * rng.uniform(0, 1) / k**0.5 for k in range(1, 16)], axis=0
    )
    out += engine / np.abs(engine).max() * np.abs(out).max() * 10 ** (rng.uniform(-45, -12) / 20)
    return _air(rng, out, float(np.exp(rng.uniform(np.log(5), np.log(150)))))


def _drop(rng: np.random.Generator) -> np.ndarray:
    """A phone or microphone that falls: the grip's last rub, an impact, bounces ever faster, a slide."""
    out = np.zeros(int(3.0 * RATE_HZ))
    hits_s, size, back = [0.0], [1.0], rng.uniform(0.25, 0.75)
    flight_s = rng.uniform(0.1, 0.45)
    for _ in range(rng.integers(1, 7)):
        hits_s.append(hits_s[-1] + flight_s)
        size.append(size[-1] * back * rng.uniform(0.6, 1.2))
        flight_s *= back
    for at_s, strength in zip(hits_s, size, strict=True):
        wave, _ = _contact(rng, "drop")
        begin = int(at_s * RATE_HZ)
        part = (wave / np.abs(wave).max())[: len(out) - begin]
        out[begin : begin + len(part)] += strength * part
    if rng.random() < 0.6:
        time_s = np.arange(len(out)) / RATE_HZ
        slide = noise(rng, len(out), rng.uniform(-9, 0)) * np.exp(-time_s / rng.uniform(0.2, 1.0))
        out += slide * rng.uniform(0.01, 0.15)
    return out


def _contact(rng: np.random.Generator, kind: str) -> tuple[np.ndarray, str]:
    """What touches the phone or shuts beside it: damped modes, a click, rubbing, bounces, a small room."""
    detail = str(rng.choice(["bump", "knock"])) if kind == "handling" else kind
    low_hz, high_hz, decay_s = {
        "door": (50, 900, 0.04),
        "bump": (25, 200, 0.05),
        "knock": (150, 1500, 0.02),
        "drop": (80, 3000, 0.03),
    }[detail]
    time_s = _time(1.2)
    wave = np.zeros(len(time_s))
    for _ in range(rng.integers(1, 10)):
        hz = np.exp(rng.uniform(np.log(low_hz), np.log(high_hz)))
        tone = np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6.28))
        wave += rng.uniform(0.2, 1) * tone * np.exp(-time_s / (decay_s * rng.uniform(0.4, 2)))
    wave += rng.uniform(0.05, 1) * noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.001, 0.02))
    if detail != "door" and rng.random() < 0.6:  # the hand slides on
        centre_s, width_s = rng.uniform(0.05, 0.4), rng.uniform(0.03, 0.15)
        rub = noise(rng, len(time_s), rng.uniform(-9, 0)) * np.exp(-(((time_s - centre_s) / width_s) ** 2))
        wave += rng.uniform(0.02, 0.4) * rub
    if detail != "drop" and rng.random() < 0.4:  # the lock before, or a bounce after
        late = int(rng.uniform(0.02, 0.4) * RATE_HZ)
        echo = np.append(np.zeros(late), wave)[: len(wave)]
        wave = rng.uniform(0.1, 0.7) * wave + echo if rng.random() < 0.4 else wave + rng.uniform(0.1, 0.7) * echo
    if detail == "door" and rng.random() < 0.3:  # of sheet metal: a car, a shutter, a container
        for hz in np.exp(rng.uniform(np.log(60), np.log(3000), 10)):
            ring = np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6.28))
            wave += rng.uniform(0.1, 0.8) * ring * np.exp(-time_s / rng.uniform(0.03, 0.3))
    if detail == "door" and rng.random() < 0.7:
        room = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / rng.uniform(0.2, 0.8)) * rng.uniform(0.01, 0.06)
        room[0] += 1
        wave = signal.fftconvolve(wave, room)[: len(time_s)]
    return wave, detail


def _song(rng: np.random.Generator) -> np.ndarray:
    """Music that begins: a loudspeaker in a room or a car."""
    length_s = rng.uniform(3.0, 8.0)
    wave = np.append(music(rng, length_s, first_s=0.0)[0], np.zeros(RATE_HZ // 2))
    around = _surroundings(rng, rng.uniform(0.1, 1.0), rng.uniform(1000, 6000), 1.0) * rng.uniform(0, 0.2)
    around[0] += 1
    return band(signal.fftconvolve(wave, around)[: len(wave)], rng.uniform(30, 90), 7500, 1)


def music(
    rng: np.random.Generator, duration_s: float, *, first_s: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Kick, snare and a held note, on the beat; the wave and the times of its beats."""
    out = np.zeros(int((duration_s + 4) * RATE_HZ))
    time_s, beat_s = _time(0.4), 60 / rng.uniform(70, 170)
    sweep_hz = rng.uniform(45, 65) + rng.uniform(40, 120) * np.exp(-time_s / 0.03)
    kick = np.sin(2 * np.pi * np.cumsum(sweep_hz) / RATE_HZ) * np.exp(-time_s / rng.uniform(0.06, 0.2))
    snare = band(noise(rng, len(time_s)), 200, 5000, 1) * np.exp(-time_s / rng.uniform(0.03, 0.1))
    snare *= rng.uniform(0.2, 0.8) / np.abs(snare).max()
    note_size, every_beat = rng.uniform(0, 0.8), rng.random() < 0.4
    first_s = rng.uniform(0, 1) if first_s is None else first_s
    beats_s = np.arange(first_s, duration_s - 0.5, beat_s / 2)
    for index, at_s in enumerate(beats_s):
        begin = int(at_s * RATE_HZ)
        if index % 2 == 0:
            out[begin : begin + len(kick)] += kick if index % 4 == 0 or every_beat else snare
        if index % 4 == 0:
            note = _voiced(rng, 1.8 * beat_s, rng.choice([110, 130.8, 146.8, 164.8, 196]))
            out[begin : begin + len(note)] += note_size * note
    return out[: int(duration_s * RATE_HZ)], beats_s[::2]
