"""Copies, carried sound and replays: what is found of each, and what is called so wrongly.

PYTHONPATH=src:tests python -m benchmarks.sound_copies
"""

from __future__ import annotations

import io
import itertools
from fractions import Fraction

import av
import numpy as np
from scipy.signal import butter, oaconvolve, resample_poly, sosfilt

from benchmarks.running import table
from simulator import random_incident
from simulator.acoustics import render
from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.carried import carried
from syncview.sync.copies import same_recording
from syncview.sync.features import SoundFeatures, sound_features
from syncview.sync.hypotheses import match_pair
from syncview.sync.replays import replays

RATE_HZ = 16_000
Rows = dict[str, list[bool]]  # of each kind: what was called so


def through_codec(samples: np.ndarray, codec: str, bit_rate: int, *, rate_hz: int = 48_000) -> np.ndarray:
    """What a codec leaves of sound, at its true time (priming taken off by the time stamps)."""
    muxer = {"aac": "mp4", "libopus": "ogg", "libopencore_amrnb": "3gp", "libmp3lame": "mp3"}[codec]
    if codec == "libopencore_amrnb":
        rate_hz = 8_000
    coded = io.BytesIO()
    with av.open(coded, "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout, stream.bit_rate = "mono", bit_rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate_hz)
        whole = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
        for first in range(0, len(whole), RATE_HZ // 4):
            frame = av.AudioFrame.from_ndarray(whole[None, first : first + RATE_HZ // 4], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, first, Fraction(1, RATE_HZ)
            for converted in resampler.resample(frame):
                container.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    coded.seek(0)
    out = np.zeros(len(samples) + 4 * RATE_HZ, np.float32)
    with av.open(coded) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
        at: int | None = None
        frames = [f for d in container.decode(audio=0) for f in resampler.resample(d)] + list(resampler.resample(None))
        for frame in frames:
            if at is None:
                at = 0 if frame.pts is None else round(float(frame.pts * frame.time_base) * RATE_HZ)
            part = frame.to_ndarray()[0]
            skip = max(0, -at)
            out[at + skip : at + len(part)] = part[skip : max(skip, len(out) - at)]
            at += len(part)
    return out[: len(samples)]


CODECS = (("aac", 24_000), ("aac", 48_000), ("aac", 96_000), ("libopus", 24_000), ("libopus", 48_000),
          ("libmp3lame", 32_000), ("libopencore_amrnb", 12_200))  # fmt: skip
SEEDS = range(95_001, 95_013)
SETTINGS = SyncSettings()


def features(samples: np.ndarray, name: str) -> SoundFeatures:
    """The features of 16 kHz sound."""
    clip = AudioClip(recording_id=name, samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    return sound_features(clip, settings=SETTINGS)


def coded(samples: np.ndarray, rng: np.random.Generator, *, amr: bool = False) -> np.ndarray:
    """Sound after one of the codecs."""
    codec, bit_rate = CODECS[rng.integers(len(CODECS) - (not amr))]
    return through_codec(samples, codec, bit_rate)


def music(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Notes with overtones and drums at some tempo, unit level."""
    out, at, beat = np.zeros(samples + 2 * RATE_HZ), 0, int(RATE_HZ * rng.uniform(0.2, 0.4))
    while at < samples:
        time_s = np.arange(2 * beat) / RATE_HZ
        pitch_hz = 110 * 2 ** (rng.integers(0, 30) / 12)
        out[at : at + 2 * beat] += sum(np.sin(2 * np.pi * pitch_hz * k * time_s) / k for k in range(1, 7)) * np.exp(
            -4 * time_s
        )
        out[at : at + beat] += rng.uniform(0, 1) * rng.standard_normal(beat) * np.exp(-30 * time_s[:beat])
        at += beat
    return out[:samples] / np.std(out[:samples])


def heard_radio(voice: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A voice through a small loudspeaker in a room."""
    band = butter(2, [rng.uniform(200, 500), rng.uniform(2500, 4000)], "bandpass", fs=RATE_HZ, output="sos")
    reverb_s = rng.uniform(0.2, 0.8)
    time_s = np.arange(int(reverb_s * RATE_HZ)) / RATE_HZ
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / reverb_s)
    tail *= 10 ** (rng.uniform(-8, 2) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    return oaconvolve(sosfilt(band, np.tanh(voice / np.std(voice))), tail)[: len(voice)]


def laid(scene: np.ndarray, sound: np.ndarray, level_db: float) -> np.ndarray:
    """A sound over a scene, at a level against it, below full scale."""
    mixed = scene + sound[: len(scene)] / np.std(sound) * np.std(scene) * 10 ** (level_db / 20)
    return mixed / max(1.0, float(np.abs(mixed).max()))


def copies_rows(recordings: list[np.ndarray], rng: np.random.Generator) -> Rows:
    """Copies: trimmed, with gain, with music over."""
    rows: Rows = {}
    for wave in recordings:
        cut = int(rng.uniform(0, 0.3) * len(wave))
        copy = wave[cut : int(rng.uniform(0.7, 1) * len(wave))]
        a = features(coded(wave, rng, amr=True), "a")
        versions = {
            "copy": copy,
            "copy, louder and limited": np.clip(copy * rng.uniform(1, 4) / np.abs(copy).max(), -1, 1),
            "copy, music over -10 to -5 dB": laid(copy, music(rng, len(copy)), rng.uniform(-10, -5)),
            "copy, music over -5 to 0 dB": laid(copy, music(rng, len(copy)), rng.uniform(-5, 0)),
        }
        for kind, version in versions.items():
            b = features(coded(version, rng, amr=True), "b")
            rows.setdefault(kind, []).append(same_recording(a, b, cut / RATE_HZ, settings=SETTINGS) is not None)
    return rows


def incident_rows(seed: int) -> tuple[Rows, list[np.ndarray]]:
    """Pairs of one incident: neither copies nor carried."""
    incident, rows = random_incident(seed, decoy=False), Rows()
    waves = {camera.name: render(incident, camera) for camera in incident.cameras}
    heard = {name: features(wave, name) for name, wave in waves.items()}
    for a, b in itertools.combinations(sorted(waves), 2):
        lags = match_pair(heard[a], heard[b], settings=SETTINGS).hypotheses
        if incident.overlap_s(a, b) < 10 or not lags:
            continue
        pair, lag_s = (heard[a], heard[b]), lags[0].lag_s
        rows.setdefault("one incident: copies", []).append(same_recording(*pair, lag_s, settings=SETTINGS) is not None)
        rows.setdefault("one incident: carried", []).append(carried(*pair, lag_s, settings=SETTINGS) is not None)
    return rows, list(waves.values())


def carried_rows(recordings: list[np.ndarray], rng: np.random.Generator) -> Rows:
    """One song, and one radio voice, in two places."""
    rows: Rows = {}
    for a, b in zip(recordings, recordings[1:] + recordings[:1], strict=True):
        samples = min(len(a), len(b))
        song, voice = music(rng, samples), recordings[int(rng.integers(len(recordings)))]
        voice = np.resize(voice, samples)
        for kind, (x, y) in {
            "song over two clips": (song, song),
            "radio in two places": (heard_radio(voice, rng), heard_radio(voice, rng)),
        }.items():
            pair = [
                features(coded(laid(scene[:samples], sound, rng.uniform(-6, 10)), rng), name)
                for scene, sound, name in ((a, x, "a"), (b, y, "b"))
            ]
            lags = match_pair(*pair, settings=SETTINGS).hypotheses
            lag_s = lags[0].lag_s if lags else 0.0
            refused = not lags or carried(*pair, lag_s, settings=SETTINGS) is not None
            rows.setdefault(f"{kind}: carried or no lag", []).append(refused)
            rows.setdefault(f"{kind}: copies", []).append(same_recording(*pair, lag_s, settings=SETTINGS) is not None)
    return rows


def replay_rows(recordings: list[np.ndarray], rng: np.random.Generator) -> Rows:
    """A passage shown again at three speeds, and recordings without any."""
    rows: Rows = {}
    for wave in recordings:
        rows.setdefault("no replay", []).append(bool(replays(features(wave, "a"), settings=SETTINGS)))
        for slower in (1, 2, 4):
            length = int(rng.uniform(1.5, 5) * RATE_HZ)
            at = int(rng.uniform(0, len(wave) - length))
            shown = resample_poly(wave[at : at + length], slower, 1)
            found = replays(
                features(coded(np.concatenate([wave, shown, wave[: RATE_HZ // 2]]), rng), "a"), settings=SETTINGS
            )
            begin_s, end_s = len(wave) / RATE_HZ, (len(wave) + len(shown)) / RATE_HZ
            hit = [
                r
                for r in found
                if r.speed == 1 / slower and min(r.end_s, end_s) - max(r.start_s, begin_s) > 0.5 * (end_s - begin_s)
            ]
            rows.setdefault(f"replay at 1/{slower} speed", []).append(bool(hit))
    return rows


def main() -> None:
    """Print, for each kind, how many of how many were called so."""
    rng, rows, recordings = np.random.default_rng(SEEDS.start), Rows(), []
    for seed in SEEDS:
        more, waves = incident_rows(seed)
        for kind, calls in more.items():
            rows.setdefault(kind, []).extend(calls)
        recordings += waves[:: max(1, len(waves) - 1)]  # the first and the last camera: two recordings an incident
    scattered = recordings[::2] + recordings[1::2]  # neighbours are of different incidents
    for part in (copies_rows, carried_rows, replay_rows):
        rows |= part(scattered, rng)
    table([{"kind": kind, "called so": sum(calls), "of": len(calls)} for kind, calls in rows.items()])


if __name__ == "__main__":
    main()
