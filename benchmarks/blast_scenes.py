"""One-camera scenes of labelled sounds, wider than the incidents of the simulator, to fit and judge blast scores on.

Every sound is made from physics where there is a simple one (blast wave, N-wave of a shot, modes of a door, turbulence
of wind) and drawn from wide ranges where there is not, so that a fit cannot lean on one recipe. Simulated: what comes
out ranks methods and guards against regressions, it is not the field.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from scipy import signal

from simulator import Agc, Microphone
from simulator.recorder import colour, gain_curve
from simulator.sounds import friedlander

__all__ = [
    "KINDS",
    "RATE_HZ",
    "Scene",
    "Sound",
    "aac_round_trip",
    "background",
    "lay_blast",
    "lay_distractor",
    "make_scene",
    "phone",
]

RATE_HZ = 16_000
KINDS = ("explosion", "gunshot", "thunder", "contact", "wind", "other")
_CONFUSERS = ("gunshot", "burst", "thunder", "contact", "contact", "contact", "wind", "other", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One labelled sound: when it begins, in recording time, and its peak over the background's RMS (30-400 Hz)."""

    time_s: float
    kind: str
    detail: str
    snr_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Samples at `RATE_HZ`, full scale +-1, and what is in them."""

    samples: np.ndarray
    sounds: tuple[Sound, ...]


def make_scene(seed: int, *, duration_s: float = 60.0, blasts: int = 2, snr_db: float | None = None) -> Scene:
    """Make one minute of one camera.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    duration_s : float
        Length.
    blasts : int
        How many; 3 to 7 other sounds come with them.
    snr_db : float, optional
        Peak over background of every blast; drawn from 12 to 60 dB when not given.

    Returns
    -------
    Scene
    """
    rng = np.random.default_rng([19, seed])
    heard = background(rng, duration_s)
    rms = _background_rms(heard)
    plan = ["explosion"] * blasts + list(rng.choice(_CONFUSERS, rng.integers(3, 8)))
    rng.shuffle(plan)
    gap_s = (duration_s - 9.0) / len(plan)
    sounds = []
    for index, kind in enumerate(plan):
        begin_s = 3.0 + index * gap_s + rng.uniform(0, max(gap_s - 3.5, 0.5))
        over_db = snr_db if snr_db is not None and kind == "explosion" else rng.uniform(12, 60)
        sounds.append(_lay(rng, heard, kind, begin_s, over_db, rms))
    return Scene(samples=phone(rng, heard), sounds=tuple(sounds))


def _lay(rng: np.random.Generator, heard: np.ndarray, kind: str, begin_s: float, over_db: float, rms: float) -> Sound:
    """Add one sound to what is heard."""
    wave, detail = _make(rng, kind)
    begin = _add(heard, wave, begin_s, over_db, rms)
    label = "gunshot" if kind == "burst" else kind
    return Sound(time_s=begin / RATE_HZ, kind=label, detail=detail, snr_db=float(over_db))


def _add(heard: np.ndarray, wave: np.ndarray, begin_s: float, over_db: float, rms: float) -> int:
    """Add a sound with a peak over the background; the sample at which it begins."""
    begin = round(begin_s * RATE_HZ)
    peak = np.abs(_band(np.append(wave, np.zeros(100)), 30, 400, 3)).max()
    wave = wave * rms * 10 ** (over_db / 20) / max(float(peak), 0.05 * float(np.abs(wave).max()))
    heard[begin : begin + len(wave)] += wave[: len(heard) - begin]
    return begin


def _background_rms(heard: np.ndarray) -> float:
    """What levels of sounds are stated over: the median RMS of 5 ms, 30 to 400 Hz."""
    low = _band(heard, 30, 400, 3)
    return float(np.sqrt(np.median(low[: len(low) // 80 * 80].reshape(-1, 80).var(axis=1)) + 1e-9))


def lay_distractor(rng: np.random.Generator, heard: np.ndarray, begin_s: float) -> str:
    """Add to what one camera hears a sound that is no explosion, 12 to 60 dB over the background; its kind."""
    kind = str(rng.choice(_CONFUSERS))
    _lay(rng, heard, kind, begin_s, rng.uniform(12, 60), _background_rms(heard))
    return kind


def lay_blast(rng: np.random.Generator, heard: np.ndarray, at_s: float, distance_m: float, over_db: float) -> None:
    """Add to what one camera hears an explosion that arrives at `at_s` of its recording."""
    _add(heard, _blast(rng, distance_m), at_s, over_db, _background_rms(heard))


def aac_round_trip(samples: np.ndarray, *, bit_rate: int, rate_hz: int = 48_000) -> np.ndarray:
    """Encode and decode as phones and messengers do, in memory; sample i stays at sample i."""
    up, down = Fraction(rate_hz, RATE_HZ).as_integer_ratio()
    wave = signal.resample_poly(samples, up, down).astype(np.float32)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=rate_hz, layout="mono")
        stream.bit_rate = bit_rate
        for begin in range(0, len(wave), 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, begin : begin + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, begin, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    buffer.seek(0)
    out = np.zeros(len(wave) + 8192, np.float32)
    with av.open(buffer) as container:
        for frame in container.decode(audio=0):
            first = round(frame.pts * frame.time_base * rate_hz)
            part = frame.to_ndarray()[0][max(0, -first) :]
            first = max(first, 0)
            out[first : first + len(part)] = part[: len(out) - first]
    return signal.resample_poly(out[: len(wave)], down, up)[: len(samples)].astype(np.float32)


def _make(rng: np.random.Generator, kind: str) -> tuple[np.ndarray, str]:
    """One sound of peak 1 that begins at its first sample, and what it is."""
    if kind == "explosion":
        distance_m = float(np.exp(rng.uniform(np.log(20), np.log(800))))
        wave, detail = _blast(rng, distance_m), f"{distance_m:.0f} m"
    elif kind in ("gunshot", "burst"):
        wave, detail = _gunshot(rng, shots=int(rng.integers(2, 12)) if kind == "burst" else 1), kind
    elif kind == "thunder":
        wave, detail = _thunder(rng), kind
    elif kind == "contact":
        wave, detail = _contact(rng)
    elif kind == "wind":
        wave, detail = _gust(rng), kind
    else:
        wave, detail = _onset(rng)
    return wave / np.abs(wave).max(), detail


def _band(wave: np.ndarray, low_hz: float, high_hz: float, order: int = 2) -> np.ndarray:
    edges = [low_hz, min(high_hz, 0.49 * RATE_HZ)]
    return signal.sosfilt(signal.butter(order, edges, "band", fs=RATE_HZ, output="sos"), wave)


def _lowpass(wave: np.ndarray, corner_hz: float) -> np.ndarray:
    return signal.sosfilt(signal.butter(1, min(corner_hz, 7800), fs=RATE_HZ, output="sos"), wave)


def _noise(rng: np.random.Generator, count: int, slope_db_per_octave: float = 0.0) -> np.ndarray:
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
    return _lowpass(response, corner_hz)


def _blast(rng: np.random.Generator, distance_m: float) -> np.ndarray:
    """A blast wave with its ground reflection, walls, rumble and debris; far ones often round a corner first."""
    root_kg = np.exp(rng.uniform(np.log(1), np.log(300))) ** (1 / 3)
    time_s = _time(4.5)
    phase_s = 1e-3 * root_kg * np.clip(1.5 + 1.2 * np.log10(max(distance_m / root_kg, 1.1)), 1.2, 5)
    wave = friedlander(time_s, phase_s, decay=1.0)
    wave += rng.uniform(0.05, 0.5) * _noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.01, 0.12))
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
        debris = _band(_noise(rng, len(time_s)), 200, 5000, 1) * (1 - np.exp(-time_s / 0.2))
        wave += debris * np.exp(-time_s / rng.uniform(0.2, 1.5)) * rng.uniform(0.005, 0.06) * np.abs(wave).max()
    wave = _air(rng, wave, distance_m)
    return _lowpass(wave, rng.uniform(80, 400)) if distance_m > 300 and rng.random() < 0.4 else wave


def _air(rng: np.random.Generator, wave: np.ndarray, distance_m: float) -> np.ndarray:
    """Loss of high sound with distance, by air and scattering."""
    return _lowpass(wave, np.clip(6000 * (100 / max(distance_m, 20)) ** 0.9, 250, 7500) * rng.uniform(0.7, 1.4))


def _gunshot(rng: np.random.Generator, *, shots: int) -> np.ndarray:
    """Muzzle blast of 0.4-1.5 ms, often after the crack of the bullet."""
    time_s = _time(2.5)
    shot = friedlander(time_s, rng.uniform(0.0004, 0.0015), decay=1.0)
    shot += rng.uniform(0.1, 0.6) * _noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.002, 0.008))
    if rng.random() < 0.4:
        shot = np.append(np.zeros(int(rng.uniform(0.01, 0.25) * RATE_HZ)), shot)[: len(time_s)]
        shot[:4] += np.linspace(1, -1, 4) * rng.uniform(0.3, 1.5)
    around = _surroundings(rng, rng.uniform(0.2, 1.6), rng.uniform(1000, 6000), 2.0) * rng.uniform(0.05, 0.5)
    around[0] += 1
    shot = _air(
        rng, signal.fftconvolve(shot, around)[: len(time_s)], float(np.exp(rng.uniform(np.log(10), np.log(600))))
    )
    every = rng.uniform(0.07, 0.16)
    out = np.zeros(len(shot) + int((shots - 1) * every * RATE_HZ))
    for index in range(shots):
        begin = int(index * every * RATE_HZ)
        out[begin : begin + len(shot)] += shot * rng.uniform(0.8, 1)
    return out


def _thunder(rng: np.random.Generator) -> np.ndarray:
    """Claps that swell and roll for seconds; a near one cracks first."""
    time_s = _time(rng.uniform(4, 9))
    wave = np.zeros(len(time_s))
    for _ in range(rng.integers(3, 14)):
        since = np.maximum(time_s - rng.uniform(0, 0.6 * time_s[-1]), 0)
        swell_s = np.exp(rng.uniform(np.log(0.02), np.log(0.8)))
        clap = (1 - np.exp(-since / swell_s)) * np.exp(-since / rng.uniform(0.2, 1.5))
        wave += rng.uniform(0.2, 1) * clap * _noise(rng, len(time_s), rng.uniform(-9, -5))
    return _band(wave, 20, rng.uniform(200, 1500), 1)


def _contact(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """What touches the phone or shuts beside it: damped modes, a click, rubbing, bounces, a small room."""
    detail = str(rng.choice(["door", "bump", "knock", "drop"]))
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
    wave += rng.uniform(0.05, 1) * _noise(rng, len(time_s)) * np.exp(-time_s / rng.uniform(0.001, 0.02))
    if detail != "door" and rng.random() < 0.6:  # the hand slides on
        centre_s, width_s = rng.uniform(0.05, 0.4), rng.uniform(0.03, 0.15)
        rub = _noise(rng, len(time_s), rng.uniform(-9, 0)) * np.exp(-(((time_s - centre_s) / width_s) ** 2))
        wave += rng.uniform(0.02, 0.4) * rub
    if rng.random() < 0.4:  # the lock before, or a bounce after
        late = int(rng.uniform(0.02, 0.4) * RATE_HZ)
        echo = np.append(np.zeros(late), wave)[: len(wave)]
        wave = rng.uniform(0.1, 0.7) * wave + echo if rng.random() < 0.4 else wave + rng.uniform(0.1, 0.7) * echo
    if detail == "door" and rng.random() < 0.7:
        room = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / rng.uniform(0.2, 0.8)) * rng.uniform(0.01, 0.06)
        room[0] += 1
        wave = signal.fftconvolve(wave, room)[: len(time_s)]
    return wave, detail


def _gust(rng: np.random.Generator) -> np.ndarray:
    """Turbulence at the microphone that swells and goes."""
    length_s = rng.uniform(0.4, 3)
    time_s = _time(length_s)
    swell = np.minimum(time_s / rng.uniform(0.03, 0.5), 1) * np.minimum((length_s - time_s) / (0.4 * length_s), 1)
    flutter = np.abs(_lowpass(_noise(rng, len(time_s)), 8))
    wave = _noise(rng, len(time_s), rng.uniform(-12, -5)) * swell * (0.3 + flutter / flutter.max())
    return _band(wave, 15, rng.uniform(150, 900), 1)


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
        wave = _band(np.sign(np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ)), 300, 4000)
        wave *= np.minimum(time_s / rng.uniform(0.01, 0.4), 1)
    elif detail == "engine":
        hz = rng.uniform(25, 80) * (1 + rng.uniform(0, 0.8) * time_s / time_s[-1])
        phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
        wave = np.sum(
            [np.sin(k * phase + rng.uniform(0, 6)) * rng.uniform(0.1, 1) / k**0.5 for k in range(1, 20)], axis=0
        )
        wave += _noise(rng, len(time_s), -6) * rng.uniform(0.2, 1.5)
        wave *= np.minimum(time_s / rng.uniform(0.03, 1), 1)
    elif detail == "glass":
        wave = _noise(rng, len(time_s)) * np.exp(-time_s / 0.03)
        for hz in rng.uniform(1500, 7000, 12):
            wave += rng.uniform(0.2, 1) * np.sin(2 * np.pi * hz * time_s) * np.exp(-time_s / rng.uniform(0.02, 0.2))
    elif detail == "clap":
        wave = _band(_noise(rng, len(time_s)), 600, 4000) * np.exp(-time_s / rng.uniform(0.005, 0.03))
    else:
        length_s, pitch_hz = (rng.uniform(0.3, 1.5), rng.uniform(200, 450)) if detail == "horn" else (0.4, 160.0)
        wave = _voiced(rng, length_s * rng.uniform(0.5, 1.5), pitch_hz * rng.uniform(0.6, 2.0))
    return wave, detail


def _speech(rng: np.random.Generator, duration_s: float) -> np.ndarray:
    out = np.zeros(int((duration_s + 2) * RATE_HZ))
    pitch_hz, at_s = rng.uniform(90, 300), 0.0
    while at_s < duration_s - 0.5:
        vowel = _voiced(rng, rng.uniform(0.08, 0.3), pitch_hz * rng.uniform(0.8, 1.3))
        begin = int(at_s * RATE_HZ)
        out[begin : begin + len(vowel)] += vowel * rng.uniform(0.2, 1)
        at_s += len(vowel) / RATE_HZ + rng.uniform(0, 0.12) + (rng.uniform(0.3, 2) if rng.random() < 0.12 else 0)
    return out[: int(duration_s * RATE_HZ)]


def _music(rng: np.random.Generator, duration_s: float) -> np.ndarray:
    """Kick, snare and a held note, on the beat."""
    out = np.zeros(int((duration_s + 4) * RATE_HZ))
    time_s, beat_s = _time(0.4), 60 / rng.uniform(80, 150)
    sweep_hz = rng.uniform(45, 65) + rng.uniform(40, 120) * np.exp(-time_s / 0.03)
    kick = np.sin(2 * np.pi * np.cumsum(sweep_hz) / RATE_HZ) * np.exp(-time_s / rng.uniform(0.06, 0.2))
    snare = _band(_noise(rng, len(time_s)), 200, 5000, 1) * np.exp(-time_s / 0.08)
    for index, at_s in enumerate(np.arange(rng.uniform(0, 1), duration_s - 0.5, beat_s / 2)):
        begin = int(at_s * RATE_HZ)
        if index % 2 == 0:
            out[begin : begin + len(kick)] += kick if index % 4 == 0 else snare / np.abs(snare).max() * 0.6
        if index % 4 == 0:
            note = _voiced(rng, 1.8 * beat_s, rng.choice([110, 130.8, 146.8, 164.8, 196]))
            out[begin : begin + len(note)] += 0.4 * note
    return out[: int(duration_s * RATE_HZ)]


def background(rng: np.random.Generator, duration_s: float) -> np.ndarray:
    """Ambience whose level wanders, and by chance speech, a motor, gusts, music."""
    count = int(duration_s * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    level_db = np.interp(time_s, np.linspace(0, duration_s, 31), rng.normal(0, 2.5, 31))
    out = _noise(rng, count, rng.uniform(-8, -2)) * 10 ** (level_db / 20)
    if rng.random() < 0.6:
        out += 0.3 * _speech(rng, duration_s) * 10 ** (rng.uniform(-5, 25) / 20)
    if rng.random() < 0.35:
        load = np.interp(time_s, np.linspace(0, duration_s, 13), rng.normal(0, 1, 13))
        phase = 2 * np.pi * np.cumsum(rng.uniform(25, 90) * (1 + 0.2 * load)) / RATE_HZ
        out += rng.uniform(0.1, 2) * np.sum(
            [np.sin(k * phase) * rng.uniform(0, 1) / k**0.5 for k in range(1, 16)], axis=0
        )
    if rng.random() < 0.3:
        for _ in range(rng.integers(2, 12)):
            gust = _gust(rng)
            begin = rng.integers(0, count - len(gust))
            out[begin : begin + len(gust)] += gust / np.abs(gust).max() * 10 ** (rng.uniform(0, 25) / 20)
    if rng.random() < 0.15:
        out += _music(rng, duration_s) * 10 ** (rng.uniform(0, 20) / 20)
    return out


def phone(rng: np.random.Generator, heard: np.ndarray) -> np.ndarray:
    """A microphone, its limits, its gain control, and in most cases a codec."""
    colours = tuple(
        (np.exp(rng.uniform(np.log(200), np.log(6000))), rng.uniform(0.7, 3), rng.uniform(-6, 8)) for _ in "abc"
    )
    wave = colour(heard, Microphone(high_pass_hz=rng.uniform(40, 150), low_pass_hz=None, resonances=colours), RATE_HZ)
    # A near blast has 150 dB and a phone's microphone ends at 120: what is left is a flat top and the tail after it.
    over_db = rng.uniform(0, 30) if rng.random() < 0.6 else -0.5
    full = np.abs(wave).max() * 10 ** (-over_db / 20)
    wave = np.clip(wave / full, -1, 1)
    if rng.random() < 0.75:
        agc = Agc(
            target_db=rng.uniform(-18, -6),
            max_gain_db=rng.uniform(10, 40),
            attack_s=rng.uniform(0.003, 0.03),
            release_s=np.exp(rng.uniform(np.log(0.1), np.log(2))),
        )
        wave = np.clip(wave * gain_curve(wave, agc, RATE_HZ), -1, 1)
    drawn = rng.random()
    if drawn < 0.6:
        wave = aac_round_trip(wave, bit_rate=int(rng.choice([32_000, 48_000, 64_000, 96_000])))
    elif drawn < 0.7:
        wave = aac_round_trip(wave, bit_rate=int(rng.choice([16_000, 24_000, 32_000])), rate_hz=RATE_HZ)
    elif drawn < 0.8:
        wave = signal.sosfilt(signal.butter(4, 3400, fs=RATE_HZ, output="sos"), wave)
    return (np.round(np.clip(wave, -1, 1) * 32767) / 32767).astype(np.float32)
