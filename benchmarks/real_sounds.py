"""Scenes made of real sounds, rooms and phones: what the benchmarks of row 1 and 2 listen to.

A `Bank` cuts the recordings in pieces and gives each of them out once, at speeds so far apart that two pieces of one
recording have nothing in common to match; a scene lays them at random moments over beds of real ambience, so that it
never repeats and two scenes of one bank share nothing. A `Phone` is a room, a tone, a gain control and its own noise.
Sample 0 of a room is the direct sound, which is its strongest, so lags are true to a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import av
import numpy as np
from scipy import fft, signal

from benchmarks.running import need_data
from simulator import Agc, Microphone
from simulator.recorder import colour, gain_curve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Wave = NDArray[np.float64]

__all__ = [
    "BEDS", "KINDS", "RATE_HZ", "Bank", "Phone", "add_noise", "band_rms", "explosions", "load", "random_phone",
    "record", "resample", "scene", "song", "sound_frames", "write_aac", "write_wav",
]  # fmt: skip

RATE_HZ = 48_000
SPEEDS = (
    1.0,
    0.8,
    0.89,
    1.125,
    1.26,
)  # no two pieces of one recording at one speed and direction; steps of 2 semitones
BEDS = ("city", "crowd", "boat", "rain", "train", "thunder/blanket_storm", "waves", "helicopter/sar")
KINDS = {
    "street": ("speech", "horn", "siren", "engine", "dog", "door", "crowd/blanket", "speech"),
    "people": ("speech", "speech", "crowd/blanket", "baby", "sneeze", "dog", "glass"),
    "yard": ("speech", "dog", "rooster", "chainsaw", "engine", "fire", "baby", "clock_tick"),
    "war": ("speech", "gunshot", "helicopter/esc10", "aircraft", "siren", "explosion_0", "speech", "thunder/thunder"),
}
_IMPULSES = ("audiomentations_rir48000.wav", "seminar_room_clap_mono.wav", "street2-L.wav", "street2-R.wav")
_ACTIVE = 0.05  # of a piece's peak level: quieter stretches are gaps that editors left
_LOW_HZ, _HIGH_HZ = 150.0, 3400.0  # where levels are compared, as messengers carry it


@lru_cache(maxsize=128)
def load(name: str) -> Wave:
    """Sound of a file of the collection: mono, 48 kHz, peak 1."""
    path = need_data() / name
    mono = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in mono.resample(frame)]
        parts += [part.to_ndarray()[0] for part in mono.resample(None)]
    wave = np.concatenate(parts).astype(np.float64)
    wave -= wave.mean()
    return wave / np.abs(wave).max()


@lru_cache(maxsize=32)
def _files(kind: str) -> tuple[str, ...]:
    """Files of the collection whose path below events/ begins so."""
    root = need_data()
    folder, _, begin = kind.partition("/")
    places = [root / "events" / folder] if (root / "events" / folder).is_dir() else sorted((root / "events").iterdir())
    wanted = begin or ("" if len(places) == 1 else folder)
    found = [f for place in places if place.is_dir() for f in sorted(place.iterdir()) if f.name.startswith(wanted)]
    if not found:
        message = f"the collection has no sound of the kind {kind!r}"
        raise SystemExit(message)
    return tuple(f.relative_to(root).as_posix() for f in found)


def resample(wave: Wave, ratio: float) -> Wave:
    """`wave` with time stretched by `ratio` (1.25: longer and lower), by band-limited interpolation.

    Eight times oversampled cubic interpolation is right to -90 dB below 8 kHz.
    """
    count = int(len(wave) * ratio)
    dense = signal.resample_poly(wave, 4, 1)
    at = np.arange(count) / ratio * 4
    first = np.clip(at.astype(int), 1, len(dense) - 3)
    part = at - first
    before, here, after, late = (dense[first + k] for k in (-1, 0, 1, 2))
    # Catmull-Rom
    return here + 0.5 * part * (
        after - before + part * (2 * before - 5 * here + 4 * after - late + part * (3 * (here - after) + late - before))
    )


def band_rms(wave: Wave) -> float:
    """Root mean square of what lies between 150 and 3400 Hz."""
    count = fft.next_fast_len(len(wave), real=True)
    spectrum = np.abs(fft.rfft(wave, count)) ** 2
    hz = fft.rfftfreq(count, 1 / RATE_HZ)
    energy = 2 * spectrum[(hz >= _LOW_HZ) & (hz <= _HIGH_HZ)].sum() / count
    return float(np.sqrt(energy / len(wave))) + 1e-12


class Bank:
    """Gives out pieces of real sounds, each once.

    Parameters
    ----------
    rng : numpy.random.Generator
        Decides where the recordings are cut and in which order the pieces come.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._left: dict[tuple[str, bool], list[tuple[str, float, bool, float, float]]] = {}

    def piece(self, kind: str, *, bed: bool = False) -> Wave:
        """The next piece of a kind: 1 to 5 s, of a bed 6 to 12 s, at unit level (150-3400 Hz)."""
        left = self._left.setdefault((kind, bed), [])
        for _ in range(200):
            if not left:
                left += self._cut(kind, bed=bed)
            name, speed, backwards, begin_s, end_s = left.pop()
            wave = load(name)[round(begin_s * RATE_HZ) : round(end_s * RATE_HZ)]
            level = np.abs(wave)
            if level.max(initial=0.0) > 1e-3 and np.mean(level > _ACTIVE * level.max()) > 0.1:
                return self._faded(resample(wave[::-1] if backwards else wave, speed))
        message = f"the sounds of the kind {kind!r} are silent"
        raise SystemExit(message)

    def _cut(self, kind: str, *, bed: bool) -> list[tuple[str, float, bool, float, float]]:
        """Every recording of a kind, at every speed and both ways round, in pieces, shuffled."""
        pieces = []
        for name in _files(kind):
            length_s = len(load(name)) / RATE_HZ
            for speed in SPEEDS:
                for backwards in (False, True):
                    at_s = 0.0
                    while at_s < length_s - 0.15:
                        end_s = min(length_s, at_s + self._rng.uniform(*((6, 12) if bed else (1, 5))))
                        pieces.append((name, speed, backwards, at_s, end_s))
                        at_s = end_s
        return [pieces[k] for k in self._rng.permutation(len(pieces))]

    @staticmethod
    def _faded(wave: Wave) -> Wave:
        edge = min(len(wave) // 4, RATE_HZ // 50)
        ramp = np.sin(np.linspace(0, np.pi / 2, edge))
        wave = wave.copy()
        wave[:edge] *= ramp
        wave[len(wave) - edge :] *= ramp[::-1]
        return wave / band_rms(wave)


def scene(bank: Bank, rng: np.random.Generator, duration_s: float, kind: str, *, bed_db: float = -9.0) -> Wave:
    """A scene that does not repeat, shape (n,), at unit level.

    Parameters
    ----------
    bank : Bank
        Where the pieces come from: scenes of one bank share none.
    rng : numpy.random.Generator
        Moments and levels.
    duration_s : float
        Length.
    kind : str
        One of `KINDS`.
    bed_db : float
        Level of the ambience below the sounds that stand out.
    """
    count = round(duration_s * RATE_HZ)
    wave = np.zeros(count)
    bed = str(rng.choice(BEDS[:4]))
    at = 0
    while at < count:  # pieces of ambience that follow each other, half a second of the one over the next
        piece = bank.piece(bed, bed=True) * 10 ** (bed_db / 20)
        _lay(wave, piece, at)
        at += max(len(piece) - RATE_HZ // 2, RATE_HZ)
    at = -rng.uniform(0, 2) * RATE_HZ
    while at < count:  # sounds that stand out, one every 1.6 s, often over each other
        piece = bank.piece(str(rng.choice(KINDS[kind])))
        _lay(wave, piece * 10 ** (rng.uniform(-8, 6) / 20), round(at))
        at += rng.exponential(1.6) * RATE_HZ
    return wave / band_rms(wave)


def _lay(wave: Wave, piece: Wave, at: int) -> None:
    """Add a piece at a sample, as far as it lies inside."""
    skip = max(0, -at)
    part = piece[skip : skip + max(0, len(wave) - at - skip)]
    wave[at + skip : at + skip + len(part)] += part


def song(duration_s: float, *, begin_s: float = 0.0, speed: float = 1.0) -> Wave:
    """Music of the collection at unit level; asked for more than there is, it goes on at another speed."""
    whole = np.concatenate([resample(load("multidevice/olaf_over_the_air/ota_852601.mp3"), s * speed) for s in SPEEDS])
    whole = np.concatenate([whole, whole[::-1]])
    begin = round(begin_s * RATE_HZ)
    wave = whole[begin : begin + round(duration_s * RATE_HZ)]
    if len(wave) < round(duration_s * RATE_HZ):
        message = f"there are only {len(whole) / RATE_HZ:.0f} s of music"
        raise ValueError(message)
    return wave / band_rms(wave)


def explosions() -> tuple[str, ...]:
    """Names of the real explosions."""
    return _files("explosion/explosion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """How one device hears: a room (impulse response, direct sound first), tone, gain control and own noise."""

    room: Wave
    microphone: Microphone
    noise: Wave
    snr_db: float


def random_phone(rng: np.random.Generator, duration_s: float, *, snr_db: float | None = None) -> Phone:
    """Draw a phone in a room; half of the rooms have a measured tail, half a simulated one."""
    resonances = tuple(
        (float(np.exp(rng.uniform(np.log(250), np.log(5000)))), rng.uniform(0.7, 2.5), rng.uniform(-8, 8)) for _ in "ab"
    )
    agc = Agc(
        target_db=rng.uniform(-16, -6),
        max_gain_db=30.0,
        attack_s=rng.uniform(0.005, 0.03),
        release_s=float(np.exp(rng.uniform(np.log(0.15), np.log(2.0)))),
    )
    microphone = Microphone(
        high_pass_hz=rng.uniform(60, 250), low_pass_hz=rng.uniform(4000, 14_000), resonances=resonances, agc=agc
    )
    return Phone(
        room=_room(rng),
        microphone=microphone,
        noise=_noise(rng, round(duration_s * RATE_HZ)),
        snr_db=rng.uniform(0, 10) if snr_db is None else snr_db,
    )


def _room(rng: np.random.Generator) -> Wave:
    """Direct sound and a tail from 2 dB above to 8 below it, no peak of it above 0.6 of the direct (150-3400 Hz)."""
    if rng.random() < 0.5:
        tail = _measured_tail(str(rng.choice(_IMPULSES)))
    else:
        reverb_s = rng.uniform(0.2, 1.2)
        time_s = np.arange(int(reverb_s * RATE_HZ)) / RATE_HZ
        tail = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / reverb_s) * 0.1
        tail[: int(rng.uniform(0.003, 0.02) * RATE_HZ)] = 0
        walls = rng.uniform(0.002, 0.09, rng.integers(4, 20))
        walls = walls[walls < 0.9 * reverb_s]
        np.add.at(tail, (walls * RATE_HZ).astype(int), 10 ** (-3 * walls / reverb_s) * rng.uniform(-1, 1, len(walls)))
        tail = signal.sosfilt(signal.butter(1, rng.uniform(2000, 8000), fs=RATE_HZ, output="sos"), tail)
    direct, audible = _audible(np.eye(1, len(tail))[0]), _audible(tail)
    tail = tail * 10 ** (rng.uniform(-8, 2) / 20) * np.sqrt((direct**2).sum() / (audible**2).sum())
    tail *= min(1.0, 0.6 * direct.max() / np.abs(_audible(tail)).max())
    tail[0] = 1.0
    return np.asarray(tail)


def _audible(wave: Wave) -> Wave:
    """What lies between 150 and 3400 Hz."""
    spectrum = fft.rfft(wave)
    hz = fft.rfftfreq(len(wave), 1 / RATE_HZ)
    spectrum[(hz < _LOW_HZ) | (hz > _HIGH_HZ)] = 0
    return np.asarray(fft.irfft(spectrum, len(wave)))


def _measured_tail(name: str) -> Wave:
    """A measured response from 1 ms after its strongest arrival on."""
    wave = load(f"ir/{name}")
    return wave[int(np.abs(wave).argmax()) + RATE_HZ // 1000 :].copy()


def _noise(rng: np.random.Generator, count: int) -> Wave:
    """Hiss and hum of a device and the wind at it: coloured, unsteady by some decibels, at unit level."""
    padded = fft.next_fast_len(count, real=True)
    hz = np.maximum(fft.rfftfreq(padded, 1 / RATE_HZ), 40)
    spectrum = fft.rfft(rng.standard_normal(padded)) * (hz / 1000) ** rng.uniform(-1.0, 0.0)
    wave = fft.irfft(spectrum, padded)[:count]
    knots = np.arange(0, count + RATE_HZ, RATE_HZ // 2)
    swell_db = np.interp(np.arange(count), knots, rng.normal(0, 2.0, len(knots)))
    wave = wave * 10 ** (swell_db / 20)
    return np.asarray(wave / band_rms(wave))


def add_noise(wave: Wave, rng: np.random.Generator, snr_db: float) -> Wave:
    """`wave` and independent noise `snr_db` below it (150-3400 Hz)."""
    return wave + _noise(rng, len(wave)) * band_rms(wave) * 10 ** (-snr_db / 20)


def record(wave: Wave, phone: Phone) -> Wave:
    """What a phone makes of a sound: room, own noise, tone, gain control; within +-1."""
    heard = signal.fftconvolve(wave, phone.room)[: len(wave)]
    heard = heard + phone.noise[: len(heard)] * band_rms(heard) * 10 ** (-phone.snr_db / 20)
    heard = colour(heard, phone.microphone, RATE_HZ).astype(np.float64)
    heard *= 0.3 / np.abs(heard).max()
    return np.clip(heard * gain_curve(heard, phone.microphone.agc, RATE_HZ), -1, 1)


def write_aac(path: Path, wave: Wave, *, bit_rate: int = 48_000, options: dict[str, str] | None = None) -> None:
    """Write sound as mono AAC; sample i lies at recording time i / 48000, whatever the priming of the encoder."""
    with av.open(str(path), "w", options={"fflags": "+bitexact", **(options or {})}) as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        stream.bit_rate = bit_rate
        for frame in sound_frames(wave):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def sound_frames(wave: Wave, *, begin: int = 0) -> Sequence[av.AudioFrame]:
    """Frames of 1024 samples with their stamps; the first lies at sample `begin` of the time axis."""
    samples = np.clip(wave, -1, 1).astype(np.float32)
    frames = []
    for first in range(0, len(samples), 1024):
        frame = av.AudioFrame.from_ndarray(samples[None, first : first + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, begin + first, Fraction(1, RATE_HZ)
        frames.append(frame)
    return frames


def write_wav(path: Path, wave: Wave) -> None:
    """Write sound as 16 bit PCM."""
    from scipy.io import wavfile

    wavfile.write(path, RATE_HZ, np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16))
