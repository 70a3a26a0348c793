"""Sound that a device took away: are gated files known, and are ordinary ones left alone.

Half minutes of simulated cameras and of recordings made of a few shouts in steady noise, each as it is and through a
suppressor by spectral subtraction, a gate with hangover, and the voice codecs with discontinuous transmission. What
was taken away is measured by comparing with the same sound unprocessed.
"""

from __future__ import annotations

import io
import time
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
from scipy import ndimage, signal

from benchmarks.running import table
from simulator import random_incident, render
from syncview.detect.blasts import clip_levels
from syncview.detect.suppression import suppressed_spans
from syncview.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 16_000
CUT_S = 30
SEEDS = range(73_001, 73_021)
TAKEN_DB = 8.0
LEAST_CLOSINGS = 3  # a gate that shut less often has shown no habit


def gated(samples: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Open above a threshold, closed a hangover after the last sound above it."""
    frame = 160
    level = 10 * np.log10(np.square(samples[: len(samples) // frame * frame]).reshape(-1, frame).mean(axis=1) + 1e-12)
    floor = np.percentile(level, 20)
    opened = level > floor + rng.uniform(4, 9)
    hang = int(rng.uniform(10, 40))
    held = ndimage.maximum_filter1d(opened.astype(np.uint8), hang, origin=(hang - 1) // 2) > 0
    down = 10 ** (-rng.uniform(15, 40) / 20)
    gain = np.repeat(np.where(held, 1.0, down), frame)
    fade = int(rng.uniform(0.002, 0.02) * RATE_HZ)
    gain = np.convolve(np.pad(gain, (0, len(samples) - len(gain)), mode="edge"), np.ones(fade) / fade, mode="same")
    return (samples * gain).astype(np.float32)


def subtracted(samples: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Spectral subtraction with over-subtraction and a floor (Berouti, Schwartz and Makhoul 1979)."""
    _, _, spectrum = signal.stft(samples, RATE_HZ, nperseg=512, noverlap=384)
    power = np.abs(spectrum) ** 2
    smooth = ndimage.uniform_filter1d(power, 12, axis=1)
    noise = np.percentile(smooth, 15, axis=1, keepdims=True) * 1.3
    over, floor = rng.uniform(2.0, 5.0), 10 ** (-rng.uniform(15, 35) / 10)
    snr = ndimage.uniform_filter1d(power, 3, axis=1) / (noise + 1e-15)
    gain = np.sqrt(np.maximum(1.0 - over / np.maximum(snr, 1e-6), floor))
    _, out = signal.istft(spectrum * gain, RATE_HZ, nperseg=512, noverlap=384)
    return out[: len(samples)].astype(np.float32)


def coded(samples: NDArray[np.float32], codec: str, *, dtx: bool) -> tuple[NDArray[np.float32], list[int]]:
    """Encoded and decoded by a voice codec; and the sizes of its packets in bytes."""
    rate = 8_000 if codec == "libopencore_amrnb" else 16_000
    wave = signal.resample_poly(samples, 1, RATE_HZ // rate).astype(np.float32)
    form, name = ("3gp", "amr") if codec == "libopencore_amrnb" else ("ogg", "opus")
    options = {"dtx": "1" if dtx else "0"} | ({"application": "voip"} if name == "opus" else {})
    buffer, step = io.BytesIO(), rate // 50
    with av.open(buffer, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono", options=options)
        stream.bit_rate = 12_200 if name == "amr" else 16_000
        kind = "s16" if name == "amr" else "flt"
        pcm = np.round(np.clip(wave, -1, 1) * 32767).astype(np.int16) if name == "amr" else wave
        for begin in range(0, len(pcm) - step + 1, step):
            frame = av.AudioFrame.from_ndarray(pcm[None, begin : begin + step], format=kind, layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer) as container:
        sizes = [packet.size for packet in container.demux(audio=0) if packet.size]
    buffer.seek(0)
    return _decoded(buffer, len(samples)), sizes


def _decoded(buffer: io.BytesIO, count: int) -> NDArray[np.float32]:
    """The sound of a file in memory, on its time axis; what the decoder cannot read (AMR comfort noise) is silence."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    out = np.zeros(count + RATE_HZ, np.float32)
    with av.open(buffer) as container:
        for packet in container.demux(audio=0):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                first = max(0, round(frame.pts * frame.time_base * RATE_HZ))
                part = np.concatenate([each.to_ndarray()[0] for each in resampler.resample(frame)] or [np.zeros(0)])
                out[first : first + len(part)] = part[: len(out) - first]
    return out[:count]


def cuts(seeds: range) -> list[NDArray[np.float32]]:
    """Half minutes of simulated cameras: voices, engines, strikes, doors, gusts, gain control."""
    found = []
    for seed in seeds:
        incident = random_incident(seed, decoy=False)
        for camera in incident.cameras[:2]:
            sound = render(incident, camera).astype(np.float32)
            found += [sound[k * CUT_S * RATE_HZ :][: CUT_S * RATE_HZ] for k in range(len(sound) // (CUT_S * RATE_HZ))]
    return found


def closings(before: NDArray[np.float32], after: NDArray[np.float32]) -> int:
    """How often sound was taken away, by comparing with what went in."""
    taken_db = 10 * np.log10((before**2 + 1e-12) / (after**2 + 1e-12))
    shut = np.median(taken_db[: len(taken_db) // 160 * 160].reshape(-1, 160), axis=1) > TAKEN_DB
    return int(np.count_nonzero(np.diff(shut.astype(np.int8)) == 1))


def main() -> None:
    """Print how many files of each kind were called suppressed, and what it cost."""
    settings = Settings().detect
    rng = np.random.default_rng(1)
    sounds = cuts(SEEDS)
    rows: list[dict[str, object]] = []
    makers = {
        "as it is": lambda x: x,
        "gate with hangover": lambda x: gated(x, rng),
        "spectral subtraction": lambda x: subtracted(x, rng),
        "Opus 16 kbit/s, DTX": lambda x: coded(x, "libopus", dtx=True)[0],
        "AMR 12.2 kbit/s": lambda x: coded(x, "libopencore_amrnb", dtx=False)[0],
        "AMR 12.2 kbit/s, DTX": lambda x: coded(x, "libopencore_amrnb", dtx=True)[0],
    }
    for name, make in makers.items():
        told, habit, spent_s = [], [], 0.0
        for sound in sounds:
            after = make(sound)
            levels = clip_levels(after, RATE_HZ, settings=settings)
            began = time.perf_counter()
            told.append(bool(suppressed_spans(levels, settings=settings)))
            spent_s += time.perf_counter() - began
            habit.append(closings(sound, after) >= LEAST_CLOSINGS)
        rows.append(
            {
                "sound": name,
                "files": len(sounds),
                "with 3 closings": sum(habit),
                "called, of these": sum(t and h for t, h in zip(told, habit, strict=True)),
                "called, of the rest": sum(t and not h for t, h in zip(told, habit, strict=True)),
                "ms per minute": 1e3 * spent_s / len(sounds) * 60 / CUT_S,
            }
        )
    table(rows)


if __name__ == "__main__":
    main()
