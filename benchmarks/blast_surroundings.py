"""Surroundings in which nothing explodes, for `blast_scenes`: people, machines, crowds, weather, a phone in a hand.

What they have in common is that sudden sounds come again and again, at levels that a detector must not be impressed
by. All is made from simple physics (pulse trains of engines, damped modes of what is struck, turbulence, voices of the
simulator) with wide ranges.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from benchmarks.blast_sounds import RATE_HZ, _contact, band, gust, lowpass, noise
from simulator.sounds import SOURCE_RATE_HZ, chatter

__all__ = ["busy", "sudden"]


def busy(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list[tuple[float, str]]]:
    """One to three of the surroundings over a floor of noise; where a bump or a gust begins, and which it is."""
    count = round(duration_s * RATE_HZ)
    heard = noise(rng, count, rng.uniform(-9, -1)) * 10 ** (rng.uniform(-35, 0) / 20)
    known: list[tuple[float, str]] = []
    for _ in range(rng.integers(1, 4)):
        which = rng.choice(len(_ALL), p=_CHANCES)
        wave, moments = _ALL[which](rng, duration_s)
        wave = wave[:count]
        heard[: len(wave)] += wave / (wave.std() + 1e-9) * 10 ** (rng.uniform(-12, 8) / 20)
        known += moments
    return heard, known


def _people(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """One to three talkers, some right at the microphone: breath of their plosives, bass of their nearness, a room."""
    out = np.zeros(round(duration_s * RATE_HZ))
    for _ in range(rng.integers(1, 4)):
        voice = signal.resample_poly(chatter(rng, round(duration_s * SOURCE_RATE_HZ)), RATE_HZ, SOURCE_RATE_HZ)
        voice = voice[: len(out)] / (voice.std() + 1e-9)
        # A phrase is louder or softer than the one before by as much as its speaker cares.
        loud_db = np.repeat(rng.normal(0, rng.uniform(1, 7), 200), RATE_HZ)[: len(voice)]
        voice = voice * 10 ** (signal.sosfilt(signal.butter(1, 3, fs=RATE_HZ, output="sos"), loud_db) / 20)
        if rng.random() < 0.4:  # near: up to 12 dB more below 250 Hz
            voice = voice + rng.uniform(0.3, 3) * lowpass(voice, rng.uniform(150, 300))
        if rng.random() < 0.4:
            voice = voice + _puffs(rng, len(voice))
        if rng.random() < 0.5:
            voice = _room(rng, voice)
        out[: len(voice)] += voice * 10 ** (rng.uniform(-18, 0) / 20)
    return out, []


def _puffs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Breath that hits the microphone at p, b and t: a thump of turbulence of 20 to 150 ms."""
    out = np.zeros(count)
    for begin in rng.integers(0, max(1, count - 4800), rng.integers(3, 60)):
        time_s = np.arange(4800) / RATE_HZ
        puff = noise(rng, 4800, rng.uniform(-14, -5)) * np.exp(-time_s / np.exp(rng.uniform(-4.6, -2.5)))
        puff *= 1 - np.exp(-time_s / rng.uniform(0.0005, 0.01))
        out[begin : begin + 4800] += puff / np.abs(puff).max() * np.exp(rng.uniform(0, 2.8))
    return out


def _room(rng: np.random.Generator, wave: np.ndarray) -> np.ndarray:
    time_s = np.arange(round(0.8 * RATE_HZ)) / RATE_HZ
    rest = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / rng.uniform(0.15, 1.0)) * rng.uniform(0.005, 0.06)
    rest = lowpass(rest, rng.uniform(1500, 7000))
    rest[0] += 1
    return signal.fftconvolve(wave, rest)[: len(wave)]


def _crowd(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """Many voices, cheers that swell, applause, whistles."""
    count = round(duration_s * RATE_HZ)
    voice = signal.resample_poly(chatter(rng, round(duration_s * SOURCE_RATE_HZ)), RATE_HZ, SOURCE_RATE_HZ)[:count]
    out = np.zeros(count)
    for shift in rng.integers(0, len(voice), rng.integers(6, 20)):
        out[: len(voice)] += np.roll(voice, shift) * rng.uniform(0.1, 1)
    out /= out.std() + 1e-9
    for begin in rng.integers(0, count, rng.integers(0, 8)):
        length = min(count - begin, round(rng.uniform(0.5, 4) * RATE_HZ))
        time = np.arange(length) / max(length, 1)
        cheer = band(noise(rng, max(length, 64)), rng.uniform(200, 700), rng.uniform(1500, 5000), 1)[:length]
        out[begin : begin + length] += cheer * np.sin(np.pi * time ** rng.uniform(0.2, 1)) * rng.uniform(0.3, 4)
    for begin in rng.integers(0, max(1, count - 2000), rng.integers(0, 300)):
        time_s = np.arange(2000) / RATE_HZ
        clap = band(noise(rng, 2000), 500, 5000, 1) * np.exp(-time_s / rng.uniform(0.003, 0.03))
        out[begin : begin + 2000] += clap * rng.uniform(0.1, 4)
    return _room(rng, out), []


def _engine(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """A motor from an idling diesel to a chainsaw: pulses of its firing through resonances, and a throttle."""
    count = round(duration_s * RATE_HZ)
    idle_hz = np.exp(rng.uniform(np.log(12), np.log(90)))
    knots = np.sort(np.concatenate([[0, duration_s], rng.uniform(0, duration_s, rng.integers(0, 40))]))
    throttle = np.clip(rng.normal(0.2, 0.5, len(knots)), 0, 1)
    # Held, then pulled within 30 to 500 ms: what a hand does with a throttle.
    pull_s = np.exp(rng.uniform(np.log(0.03), np.log(0.5)))
    course = np.interp(np.arange(0, duration_s, 0.01), *_steps(knots, throttle, pull_s))
    course = np.interp(np.arange(count) / RATE_HZ, np.arange(len(course)) * 0.01, course)
    phase = np.cumsum(idle_hz * (1 + rng.uniform(0.3, 4) * course) * (1 + 0.01 * noise(rng, count, -8))) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0) * (1 + 0.25 * rng.standard_normal(count))
    if rng.random() < 0.3:  # a misfire now and then
        pulses *= rng.random(count) < rng.uniform(0.5, 0.95)
    wave = np.zeros(count)
    for _ in range(rng.integers(2, 6)):
        hz = np.exp(rng.uniform(np.log(60), np.log(4000)))
        wave += rng.uniform(0.2, 1) * signal.lfilter(*signal.iirpeak(hz, rng.uniform(1, 8), fs=RATE_HZ), pulses)
    wave = wave / (wave.std() + 1e-9) + rng.uniform(0.02, 0.8) * noise(rng, count, rng.uniform(-6, 0)) * (0.3 + course)
    wave *= 0.1 + course ** rng.uniform(0.5, 2) + rng.uniform(0, 0.5)
    for _ in range(rng.integers(0, 4)):  # switched off and on, or started late
        begin, length = rng.uniform(0, duration_s), rng.uniform(0.3, 6)
        wave[int(begin * RATE_HZ) : int((begin + length) * RATE_HZ)] *= 10 ** (-rng.uniform(10, 50) / 20)
    return wave, []


def _steps(knots: np.ndarray, values: np.ndarray, pull_s: float) -> tuple[np.ndarray, np.ndarray]:
    at_s = np.ravel(np.column_stack([knots, knots + pull_s]))
    held = np.ravel(np.column_stack([np.concatenate([values[:1], values[:-1]]), values]))
    order = np.argsort(at_s, kind="stable")
    return at_s[order], held[order]


def _struck(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """Hammers, pile drivers, jackhammers, a loose shutter, dishes: damped modes, struck steadily or now and then."""
    count = round(duration_s * RATE_HZ)
    out = np.zeros(count + 2 * RATE_HZ)
    time_s = np.arange(round(rng.uniform(0.1, 1.2) * RATE_HZ)) / RATE_HZ
    low_hz = np.exp(rng.uniform(np.log(40), np.log(800)))
    modes_hz = low_hz * np.exp(rng.uniform(0, 3.0, rng.integers(3, 15)))
    decay_s = np.exp(rng.uniform(np.log(0.005), np.log(0.15)))
    body = np.zeros(len(time_s))
    for hz in modes_hz[modes_hz < 7500]:
        tone = np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6.28))
        body += rng.uniform(0.2, 1) * tone * np.exp(-time_s / (decay_s * rng.uniform(0.3, 2)))
    body += rng.uniform(0, 1) * noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.001, 0.02))
    per_s = np.exp(rng.uniform(np.log(0.15), np.log(25)))
    gaps_s = np.where(rng.random(2000) < 0.06, rng.uniform(1, 5), 1 / per_s * (1 + rng.normal(0, 0.08, 2000)))
    if rng.random() < 0.5:
        gaps_s = rng.exponential(1 / min(per_s, 3.0), 2000)
    at_s = np.cumsum(np.maximum(gaps_s, 0.02))
    for begin in (at_s[at_s < duration_s] * RATE_HZ).astype(int):
        out[begin : begin + len(body)] += body * np.exp(rng.normal(0, 0.4))
    out = _room(rng, out[:count]) if rng.random() < 0.6 else out[:count]
    return out, []


def _held(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """A phone in a hand that moves, rubs and taps, or in the hand of one who walks or runs."""
    count = round(duration_s * RATE_HZ)
    out, known = np.zeros(count + 2 * RATE_HZ), []
    if rng.random() < 0.5:
        step_s = rng.uniform(0.3, 0.7)
        at_s = np.arange(rng.uniform(0.1, 2), duration_s - 0.1, step_s)
        at_s = at_s + rng.uniform(-0.05, 0.05, len(at_s))
        stride = _contact(rng, "handling")[0]
        for moment_s in at_s:
            begin = int(moment_s * RATE_HZ)
            wave = stride * np.exp(rng.normal(0, 0.4))
            out[begin : begin + len(wave)] += wave[: len(out) - begin] / (np.abs(stride).max() + 1e-9)
            known.append((float(moment_s), "handling"))
    for moment_s in rng.uniform(0, duration_s, rng.integers(2, 25)):
        wave, begin = _contact(rng, "handling")[0], int(moment_s * RATE_HZ)
        out[begin : begin + len(wave)] += wave[: len(out) - begin] / np.abs(wave).max() * rng.uniform(0.1, 1.5)
        known.append((float(moment_s), "handling"))
    out = out[:count]
    rub = noise(rng, count, rng.uniform(-9, 0)) * np.maximum(lowpass(noise(rng, count), 4) * 8, 0)
    return out + rub * rng.uniform(0, 0.05), known


def _windy(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """Gust upon gust; a wind screen takes the high part."""
    count = round(duration_s * RATE_HZ)
    out, known = np.zeros(count + 4 * RATE_HZ), []
    for moment_s in rng.uniform(0, duration_s, rng.integers(5, 40)):
        wave, begin = gust(rng), int(moment_s * RATE_HZ)
        out[begin : begin + len(wave)] += wave / np.abs(wave).max() * np.exp(rng.normal(0, 0.7))
        known.append((float(moment_s), "wind"))
    out = out[:count] + noise(rng, count, rng.uniform(-12, -6)) * rng.uniform(0.01, 0.3)
    return (lowpass(out, rng.uniform(60, 400)) if rng.random() < 0.3 else out), known


def _water(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """Surf, rain and drips, a fire that crackles."""
    count = round(duration_s * RATE_HZ)
    out = noise(rng, count, rng.uniform(-5, 2)) * np.exp(lowpass(noise(rng, count), rng.uniform(0.2, 2)) * 8)
    clicks = np.zeros(count)
    where = rng.integers(0, count, int(np.exp(rng.uniform(0, np.log(60))) * duration_s))
    clicks[where] = rng.standard_normal(len(where)) * np.exp(rng.normal(0, 1, len(where)))
    hz = np.exp(rng.uniform(np.log(300), np.log(6000)))
    drops = signal.lfilter(*signal.iirpeak(hz, rng.uniform(0.5, 4), fs=RATE_HZ), clicks)
    return out / (out.std() + 1e-9) + rng.uniform(0, 3) * drops / (drops.std() + 1e-9), []


def _outbursts(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list]:
    """Barks, coughs, cries, hoots and slaps, alone and in rows."""
    count = round(duration_s * RATE_HZ)
    out, at_s = np.zeros(count + 4 * RATE_HZ), rng.uniform(0, 5)
    while at_s < duration_s:
        again, every_s = rng.integers(1, 7), rng.uniform(0.25, 1.2)
        wave, _ = sudden(rng)
        for k in range(again):
            begin = int((at_s + k * every_s * rng.uniform(0.9, 1.1)) * RATE_HZ)
            part = wave[: max(0, len(out) - begin)]
            out[begin : begin + len(part)] += part / np.abs(wave).max() * np.exp(rng.normal(0, 0.4))
        at_s += again * every_s + rng.uniform(0.3, 10)
    return out[:count] + 1e-3 * noise(rng, count), []


_ALL = (_people, _crowd, _engine, _struck, _held, _windy, _water, _outbursts)
_CHANCES = (0.3, 0.08, 0.17, 0.12, 0.1, 0.08, 0.05, 0.1)


def sudden(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A bark, a cough or sneeze, a cry, a blow on metal, a splash: sudden, and of no account."""
    detail = str(rng.choice(["bark", "cough", "cry", "clang", "splash", "tick"]))
    time_s = np.arange(round(1.5 * RATE_HZ)) / RATE_HZ
    attack = 1 - np.exp(-time_s / np.exp(rng.uniform(np.log(0.001), np.log(0.03))))
    if detail in ("bark", "cry"):
        length_s, pitch_hz = (
            (rng.uniform(0.08, 0.3), rng.uniform(120, 900))
            if detail == "bark"
            else (rng.uniform(0.3, 1.3), rng.uniform(250, 700))
        )
        bend = 1 + rng.uniform(-0.4, 0.6) * np.sin(np.pi * np.minimum(time_s / length_s, 1))
        pulses = np.diff(np.floor(np.cumsum(pitch_hz * bend) / RATE_HZ), prepend=0.0)
        pulses = pulses + rng.uniform(0.02, 0.3) * rng.standard_normal(len(time_s))
        wave = sum(
            signal.lfilter(*signal.iirpeak(rng.uniform(300, 3500), rng.uniform(1, 6), fs=RATE_HZ), pulses)
            for _ in range(4)
        )
        wave = wave * np.clip((length_s - time_s) / (0.5 * length_s), 0, 1) * attack
    elif detail == "cough":
        wave = noise(rng, len(time_s), rng.uniform(-5, 1))
        for _ in range(3):
            hz = rng.uniform(300, 3500)
            wave = wave + 2 * signal.lfilter(*signal.iirpeak(hz, rng.uniform(1, 6), fs=RATE_HZ), wave)
        wave = wave * attack * np.exp(-time_s / rng.uniform(0.03, 0.2))
    elif detail == "splash":
        wave = noise(rng, len(time_s), rng.uniform(-6, 2)) * attack * np.exp(-time_s / rng.uniform(0.05, 0.5))
    else:
        decay_s = rng.uniform(0.05, 0.5) if detail == "clang" else rng.uniform(0.002, 0.02)
        wave = noise(rng, len(time_s)) * np.exp(-time_s / 0.004) * rng.uniform(0.1, 1)
        for hz in np.exp(rng.uniform(np.log(200), np.log(7000), 12)):
            wave = wave + rng.uniform(0.1, 1) * np.sin(2 * np.pi * hz * time_s) * np.exp(
                -time_s / (decay_s * rng.uniform(0.2, 1.5))
            )
    return wave, detail
