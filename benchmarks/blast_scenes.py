"""One-camera scenes of labelled sounds, wider than the incidents of the simulator, to fit and judge blast scores on.

The sounds are in `blast_sounds`; here they are laid over a background and recorded by a phone. Simulated: what comes
out ranks methods and guards against regressions, it is not the field.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
from scipy import signal

from benchmarks.blast_sounds import RATE_HZ, Made, band, blast, gust, make, music, noise, speech
from benchmarks.blast_surroundings import busy, sudden
from simulator import Agc, Microphone
from simulator.recorder import colour, gain_curve
from simulator.sounds import SOURCE_RATE_HZ, chatter

__all__ = [
    "CODECS",
    "KINDS",
    "RATE_HZ",
    "Scene",
    "Sound",
    "aac_file",
    "aac_round_trip",
    "background",
    "coded",
    "lay_blast",
    "lay_distractor",
    "lay_wave",
    "make_busy",
    "make_scene",
    "make_talk",
    "phone",
]

KINDS = (
    "explosion",
    "gunshot",
    "firework",
    "backfire",
    "thunder",
    "door",
    "handling",
    "drop",
    "wind",
    "music",
    "other",
)
_CONFUSERS = (
    *("gunshot", "gunshot", "burst", "burst", "shots", "firework", "firework", "firework", "backfire", "backfire"),
    *("thunder", "thunder", "door", "door", "handling", "handling", "drop", "drop", "wind", "music", "other", "sudden"),
)
CODECS = {
    **{f"AAC {rate}": ("aac", "mp4", rate * 1000, 48_000) for rate in (24, 32, 48, 64, 96)},
    **{f"Opus {rate}": ("libopus", "ogg", rate * 1000, 48_000) for rate in (12, 24, 48)},
    "AMR 12": ("libopencore_amrnb", "amr", 12_200, 8_000),
}
_DELAY_SAMPLES = {"libopencore_amrnb": 39}  # the coder looks 5 ms ahead and no file says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One labelled sound: when it begins, in recording time, and its peak over the background's RMS (30-400 Hz).

    `count` bangs follow each other, at a steady `every_s` when they do. Gusts and beats of the background have no
    strength of their own (nan).
    """

    time_s: float
    kind: str
    detail: str
    snr_db: float
    count: int = 1
    every_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Samples at `RATE_HZ`, full scale +-1, and what is in them."""

    samples: np.ndarray
    sounds: tuple[Sound, ...]


def make_scene(
    seed: int,
    *,
    duration_s: float = 60.0,
    blasts: int = 2,
    snr_db: float | None = None,
    second_after_s: float | None = None,
    codec: str | None = None,
    confusers: bool = True,
    wide: bool = False,
    plain: bool = False,
) -> Scene:
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
    second_after_s : float, optional
        Each blast is followed by another one so much later, within 6 dB.
    codec : str, optional
        One of `CODECS`, or "none"; drawn from AAC, a telephone's band and none when not given.
    confusers : bool
        Whether other sounds are laid in; without them and without blasts it is a background.
    wide : bool
        Half of the scenes lie in the surroundings of `blast_surroundings`; explosions up to 5 km away, sounds through
        a window, microphones of any colour. Widened for the fit, so that it leans on less.
    plain : bool
        A recorder that neither clips nor turns its gain, in a format that loses nothing.

    Returns
    -------
    Scene
    """
    rng = np.random.default_rng([23, seed])
    heard, sounds = _busy(rng, duration_s) if wide and rng.random() < 0.5 else background(rng, duration_s)
    rms = _background_rms(heard)
    plan = ["explosion"] * blasts
    if confusers:
        plan += list(rng.choice(_CONFUSERS, rng.integers(3, 8)))
    rng.shuffle(plan)
    gap_s = (duration_s - 9.0) / max(len(plan), 1)
    for index, kind in enumerate(plan):
        begin_s = 3.0 + index * gap_s + rng.uniform(0, max(gap_s - 3.5, 0.5))
        over_db = snr_db if snr_db is not None and kind == "explosion" else rng.uniform(12, 60)
        sounds.append(_lay(rng, heard, kind, begin_s, over_db, rms, wide=wide))
        if kind == "explosion" and second_after_s is not None:
            sounds.append(_lay(rng, heard, kind, begin_s + second_after_s, over_db + rng.uniform(-6, 6), rms))
    heard = _tilted(rng, heard) if wide else heard
    if plain:
        wave = signal.sosfilt(signal.butter(1, rng.uniform(20, 80), "high", fs=RATE_HZ, output="sos"), heard)
        return Scene(samples=(0.9 * wave / np.abs(wave).max()).astype(np.float32), sounds=tuple(sounds))
    return Scene(samples=phone(rng, heard, codec), sounds=tuple(sounds))


def make_busy(seed: int, *, duration_s: float = 60.0, codec: str | None = None) -> Scene:
    """Make one minute of surroundings full of sudden sounds, none a blast or a shot; `sounds` are bumps and gusts."""
    rng = np.random.default_rng([37, seed])
    heard, sounds = _busy(rng, duration_s)
    return Scene(samples=phone(rng, _tilted(rng, heard), codec), sounds=tuple(sounds))


def make_talk(seed: int, *, duration_s: float = 60.0) -> Scene:
    """Make one minute of people who talk near the phone, over ambience or an idling engine, and no sudden sound.

    Close talkers' breath hits the microphone at some consonants.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    duration_s : float
        Length.

    Returns
    -------
    Scene
        Without sounds.
    """
    rng = np.random.default_rng([29, seed])
    count = round(duration_s * RATE_HZ)
    heard = noise(rng, count, rng.uniform(-8, -1)) * 10 ** (rng.uniform(-30, 0) / 20)
    for _ in range(rng.integers(1, 4)):
        voice = signal.resample_poly(chatter(rng, round(duration_s * SOURCE_RATE_HZ)), RATE_HZ, SOURCE_RATE_HZ)[:count]
        heard[: len(voice)] += voice / (voice.std() + 1e-9) * 10 ** (rng.uniform(-15, 10) / 20)
    if rng.random() < 0.4:
        for begin in (rng.uniform(0, duration_s - 1, rng.integers(3, 40)) * RATE_HZ).astype(int):
            puff = noise(rng, 1600, rng.uniform(-12, -6)) * np.exp(-np.arange(1600) / RATE_HZ / rng.uniform(0.01, 0.05))
            heard[begin : begin + 1600] += puff / np.abs(puff).max() * rng.uniform(0.5, 8)
    if rng.random() < 0.3:
        turning = 2 * np.pi * np.cumsum(rng.uniform(25, 90) * (1 + 0.05 * noise(rng, count, -9))) / RATE_HZ
        motor = np.sum([np.sin(k * turning) * rng.uniform(0, 1) / k**0.5 for k in range(1, 16)], axis=0)
        heard += motor * rng.uniform(0.02, 0.5)
    return Scene(samples=phone(rng, heard, None), sounds=())


def _busy(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list[Sound]]:
    heard, known = busy(rng, duration_s)
    return heard, [Sound(time_s=at_s, kind=kind, detail="background", snr_db=float("nan")) for at_s, kind in known]


def _tilted(rng: np.random.Generator, heard: np.ndarray) -> np.ndarray:
    """A microphone, its cover and its maker's filters: up to 5 dB per octave either way, some without lows.

    Of minimum phase, as such things are, so that nothing is heard before it comes (Oppenheim and Schafer: the fold of
    the cepstrum).
    """
    size = 4096
    octaves = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / RATE_HZ), 30) / 500)
    gain_db = np.clip(rng.normal(0, 2) * octaves, -18, 18)
    cepstrum = np.fft.irfft(gain_db / 20 * np.log(10), size)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)), size)
    wave = signal.oaconvolve(heard, response)[: len(heard)]
    if rng.random() < 0.25:
        wave = signal.sosfilt(signal.butter(2, rng.uniform(100, 350), "high", fs=RATE_HZ, output="sos"), wave)
    return wave


def _behind_window(rng: np.random.Generator, wave: np.ndarray) -> np.ndarray:
    """What a closed window lets through, in the room behind it."""
    wave = signal.sosfilt(
        signal.butter(int(rng.integers(1, 3)), rng.uniform(150, 1200), fs=RATE_HZ, output="sos"), wave
    )
    time_s = np.arange(round(0.6 * RATE_HZ)) / RATE_HZ
    room = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / rng.uniform(0.2, 0.8)) * rng.uniform(0.01, 0.08)
    room[0] += 1
    return signal.fftconvolve(np.append(wave, np.zeros(len(room))), room)[: len(wave) + len(room)]


def _made(rng: np.random.Generator, kind: str, *, wide: bool) -> Made:
    if kind == "sudden":
        wave, detail = sudden(rng)
        return Made(wave=wave / np.abs(wave).max(), detail=detail)
    if not wide:
        return make(rng, kind)
    made = make(rng, kind, farthest_m=5000.0)
    if kind not in ("door", "handling", "drop", "wind", "music", "other") and rng.random() < 0.15:
        return replace(made, wave=_behind_window(rng, made.wave))
    return made


def _lay(
    rng: np.random.Generator,
    heard: np.ndarray,
    kind: str,
    begin_s: float,
    over_db: float,
    rms: float,
    *,
    wide: bool = False,
) -> Sound:
    """Add one sound to what is heard."""
    begin = round(begin_s * RATE_HZ)
    made = _made(rng, kind, wide=wide)
    if kind == "drop" and rng.random() < 0.6:
        _muffle(rng, heard[begin : begin + round(rng.uniform(0.8, 3.0) * RATE_HZ)])
    _add(heard, made.wave, begin, over_db, rms)
    return Sound(
        time_s=begin / RATE_HZ + made.onset_s,
        kind={"burst": "gunshot", "shots": "gunshot", "sudden": "other"}.get(kind, kind),
        detail=made.detail,
        snr_db=float(over_db),
        count=made.count,
        every_s=made.every_s,
    )


def _add(heard: np.ndarray, wave: np.ndarray, begin: int, over_db: float, rms: float) -> None:
    """Add a sound with a peak over the background, from a sample on."""
    peak = np.abs(band(np.append(wave, np.zeros(100)), 30, 400, 3)).max()
    wave = wave * rms * 10 ** (over_db / 20) / max(float(peak), 0.05 * float(np.abs(wave).max()))
    heard[begin : begin + len(wave)] += wave[: len(heard) - begin]


def _background_rms(heard: np.ndarray) -> float:
    """What levels of sounds are stated over: the median RMS of 5 ms, 30 to 400 Hz."""
    low = band(heard, 30, 400, 3)
    return float(np.sqrt(np.median(low[: len(low) // 80 * 80].reshape(-1, 80).var(axis=1)) + 1e-9))


def lay_distractor(rng: np.random.Generator, heard: np.ndarray, begin_s: float) -> str:
    """Add to what one camera hears a sound that is no explosion, 12 to 60 dB over the background; its kind."""
    kind = str(rng.choice(_CONFUSERS))
    _lay(rng, heard, kind, begin_s, rng.uniform(12, 60), _background_rms(heard))
    return kind


def lay_blast(rng: np.random.Generator, heard: np.ndarray, at_s: float, distance_m: float, over_db: float) -> None:
    """Add to what one camera hears an explosion that arrives at `at_s` of its recording."""
    _add(heard, blast(rng, distance_m), round(at_s * RATE_HZ), over_db, _background_rms(heard))


def lay_wave(heard: np.ndarray, wave: np.ndarray, at_s: float, over_db: float, *, as_loud_as: np.ndarray) -> None:
    """Add a wave as it is, so loud that another one would stand `over_db` over the background."""
    low = np.abs(band(np.append(as_loud_as, np.zeros(100)), 30, 400, 3)).max()
    loud = max(float(low), 0.05 * float(np.abs(as_loud_as).max()))
    begin = round(at_s * RATE_HZ)
    heard[begin : begin + len(wave)] += (
        _background_rms(heard) * 10 ** (over_db / 20) / loud * wave[: len(heard) - begin]
    )


def _muffle(rng: np.random.Generator, stretch: np.ndarray) -> None:
    """A phone that lies on its face hears less, and little of it high."""
    sections = signal.butter(1, rng.uniform(200, 1500), fs=RATE_HZ, output="sos")
    stretch[:] = signal.sosfilt(sections, stretch) * 10 ** (rng.uniform(-12, 0) / 20)


def aac_round_trip(samples: np.ndarray, *, bit_rate: int, rate_hz: int = 48_000) -> np.ndarray:
    """Encode and decode as phones and messengers do, in memory; sample i stays at sample i."""
    return _round_trip(samples, "aac", "mp4", bit_rate, rate_hz)


def coded(samples: np.ndarray, codec: str) -> np.ndarray:
    """The same through one of `CODECS`."""
    return _round_trip(samples, *CODECS[codec])


def aac_file(samples: np.ndarray, *, bit_rate: int, rate_hz: int) -> io.BytesIO:
    """The sound as an MP4 file in memory."""
    up, down = Fraction(rate_hz, RATE_HZ).as_integer_ratio()
    return _encode(signal.resample_poly(samples, up, down).astype(np.float32), "aac", "mp4", bit_rate, rate_hz)


def _encode(wave: np.ndarray, encoder: str, container_name: str, bit_rate: int, rate_hz: int) -> io.BytesIO:
    buffer = io.BytesIO()
    fmt, size = ("fltp", 1024) if encoder == "aac" else ("s16", rate_hz // 50)
    given = wave if fmt == "fltp" else np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16)
    with av.open(buffer, "w", format=container_name) as container:
        stream = container.add_stream(encoder, rate=rate_hz, layout="mono")
        stream.bit_rate = bit_rate
        for begin in range(0, len(wave) - size + 1, size):
            frame = av.AudioFrame.from_ndarray(given[None, begin : begin + size], format=fmt, layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, begin, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    buffer.seek(0)
    return buffer


def _round_trip(samples: np.ndarray, encoder: str, container_name: str, bit_rate: int, rate_hz: int) -> np.ndarray:
    up, down = Fraction(rate_hz, RATE_HZ).as_integer_ratio()
    wave = signal.resample_poly(samples, up, down).astype(np.float32)
    out = np.zeros(len(wave) + 8192, np.float32)
    with av.open(_encode(wave, encoder, container_name, bit_rate, rate_hz)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
        at = None
        for frame in container.decode(audio=0):
            at = round(frame.pts * frame.time_base * rate_hz) if at is None or frame.pts is not None else at
            for made in resampler.resample(frame):
                part = made.to_ndarray()[0][max(0, -at) :]
                first = max(at, 0)
                out[first : first + len(part)] = part[: max(0, len(out) - first)]
                at += made.samples
    late = _DELAY_SAMPLES.get(encoder, 0)
    return signal.resample_poly(out[late : late + len(wave)], down, up)[: len(samples)].astype(np.float32)


def background(rng: np.random.Generator, duration_s: float) -> tuple[np.ndarray, list[Sound]]:
    """Ambience whose level wanders, and by chance speech, a motor, gusts, music; where gusts and beats begin."""
    count = int(duration_s * RATE_HZ)
    time_s = np.arange(count) / RATE_HZ
    level_db = np.interp(time_s, np.linspace(0, duration_s, 31), rng.normal(0, 2.5, 31))
    out = noise(rng, count, rng.uniform(-8, -2)) * 10 ** (level_db / 20)
    known = []
    if rng.random() < 0.6:
        out += 0.3 * speech(rng, duration_s) * 10 ** (rng.uniform(-5, 25) / 20)
    if rng.random() < 0.35:
        load = np.interp(time_s, np.linspace(0, duration_s, 13), rng.normal(0, 1, 13))
        phase = 2 * np.pi * np.cumsum(rng.uniform(25, 90) * (1 + 0.2 * load)) / RATE_HZ
        out += rng.uniform(0.1, 2) * np.sum(
            [np.sin(k * phase) * rng.uniform(0, 1) / k**0.5 for k in range(1, 16)], axis=0
        )
    if rng.random() < 0.3:
        for _ in range(rng.integers(2, 12)):
            wave = gust(rng)
            begin = rng.integers(0, count - len(wave))
            out[begin : begin + len(wave)] += wave / np.abs(wave).max() * 10 ** (rng.uniform(0, 25) / 20)
            known.append(Sound(time_s=begin / RATE_HZ, kind="wind", detail="background", snr_db=float("nan")))
    if rng.random() < 0.15:
        wave, beats_s = music(rng, duration_s)
        out += wave * 10 ** (rng.uniform(0, 20) / 20)
        known += [Sound(time_s=float(b), kind="music", detail="background", snr_db=float("nan")) for b in beats_s]
    return out, known


def phone(rng: np.random.Generator, heard: np.ndarray, codec: str | None = None) -> np.ndarray:
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
    if codec is not None:
        wave = wave if codec == "none" else coded(wave, codec)
    elif drawn < 0.6:
        wave = aac_round_trip(wave, bit_rate=int(rng.choice([32_000, 48_000, 64_000, 96_000])))
    elif drawn < 0.7:
        wave = aac_round_trip(wave, bit_rate=int(rng.choice([16_000, 24_000, 32_000])), rate_hz=RATE_HZ)
    elif drawn < 0.8:
        wave = signal.sosfilt(signal.butter(4, 3400, fs=RATE_HZ, output="sos"), wave)
    return (np.round(np.clip(wave, -1, 1) * 32767) / 32767).astype(np.float32)
