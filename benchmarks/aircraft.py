"""Possible aircraft sound: recall by kind and level, false suggestions an hour, masking, real sounds, cost.

    python -m benchmarks aircraft -- --passages 8 --hours 5

Simulated unless a line says "real"; nothing here is the field. The score is fitted by `benchmarks.fit_aircraft`, on
other seeds, which also tells its reliability.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from benchmarks.aircraft_scenes import drawn_scene, is_aircraft, rate_text
from benchmarks.running import table
from simulator.aircraft import AIRCRAFT, aircraft, band_level_db, confuser, phone, place, scene
from simulator.motion import RATE_HZ
from syncview.detect.aircraft import aircraft_sound
from syncview.model import AircraftStretch, AudioClip
from syncview.settings import AircraftSettings

__all__ = ["main"]

PASSAGES, GROUND, MASKS = 310_000, 330_000, 350_000  # first seeds; the fit uses others
SNRS_DB = (-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 30.0)
_REAL = {"helicopter": "helicopter", "aircraft": "aircraft"}
_BEDS = ("city", "crowd", "rain", "boat", "train")
_MASKERS = ("wind", "speech", "crowd", "music", "rain", "generator", "traffic")
_FLYING_DB, _MASKER_DB, _BELOW_DB = 15.0, 35.0, 10.0


def _stretches(samples: np.ndarray) -> tuple[AircraftStretch, ...]:
    """What one camera gives."""
    clip = AudioClip(recording_id="r", samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    return aircraft_sound(clip, (), settings=AircraftSettings())


def _suggestions(samples: np.ndarray) -> list[tuple[float, float, float]]:
    """Start, end and score of everything possible."""
    return [(each.start_s, each.end_s, each.score) for each in _stretches(samples) if each.score is not None]


def recall(passages: int, least_score: float) -> None:
    """Passages suggested, and those listed at all, by kind and level over the place."""
    rows: list[dict[str, object]] = []
    for kind in AIRCRAFT:
        for level, snr_db in enumerate(SNRS_DB):
            first = PASSAGES + 2000 * AIRCRAFT.index(kind) + 200 * level
            scores = []
            for seed in range(first, first + passages):
                samples, audible = scene(seed, kind, snr_db=snr_db, duration_s=60.0)
                found = _suggestions(samples)
                hits = [score for a, b, score in found if is_aircraft(int(a), int(b), audible)]
                scores.append(max(hits, default=0.0))
            suggested = sum(score >= least_score for score in scores)
            listed = sum(score > 0 for score in scores)
            rows.append({"simulated": kind, "snr_db": snr_db, "of": passages, "suggested": suggested, "listed": listed})
    table(rows)


def false_alarms(hours: float, least_score: float) -> None:
    """Suggestions in recordings without aircraft, by what is in them, and how many an hour."""
    length_s: dict[str, float] = defaultdict(float)
    false: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    seed = GROUND
    while sum(length_s.values()) < 3600 * hours:
        drawn = drawn_scene(seed, ground_only=True)
        length_s[drawn.kind] += drawn.length_s
        scores = [score for _, _, score in _suggestions(drawn.samples)]
        false[drawn.kind] += sum(score >= least_score for score in scores)
        listed[drawn.kind] += len(scores)
        seed += 1
    rows: list[dict[str, object]] = [
        {"simulated": kind, "minutes": length_s[kind] / 60, "false": false[kind], "listed": listed[kind]}
        for kind in sorted(length_s)
    ]
    table(rows)
    total_h = sum(length_s.values()) / 3600
    print(f"simulated: suggestions without an aircraft in {total_h:.2f} h: {rate_text(sum(false.values()), total_h)}")
    print(f"simulated: stretches listed without one: {rate_text(sum(listed.values()), total_h)}")


def masking(recordings: int) -> None:
    """Seconds in which an aircraft lies `_BELOW_DB` and more under another sound, also in its pauses: what is said.

    The aircraft is `_FLYING_DB` over the place and audible without that sound, which lasts for a part of the recording
    or for all of it. Where the track says neither "masked" nor suggests one, a reader takes the second for assessed.
    """
    rows: list[dict[str, object]] = []
    for lasts in (0.4, 1.0):
        for masker in _MASKERS:
            said = Counter[str]()
            for k in range(recordings):
                said += _masked_seconds(MASKS + 1000 * _MASKERS.index(masker) + k, masker, lasts)
            total = sum(said.values())
            shares: dict[str, object] = {
                word: round(said[word] / max(1, total), 2) for word in ("masked", "suggested", "assessed")
            }
            rows.append({"simulated": masker, "of the recording": lasts, "seconds": total, **shares})
    table(rows)


def _masked_seconds(seed: int, masker: str, lasts: float) -> Counter[str]:
    rng = np.random.default_rng([37, seed])
    samples = 60 * RATE_HZ
    around = place(rng, samples)
    flying = aircraft(rng, AIRCRAFT[seed % len(AIRCRAFT)], samples)[0]
    other = confuser(rng, masker, samples)
    begin = int(rng.uniform(0.0, 1.0 - lasts) * samples) // RATE_HZ * RATE_HZ
    gate = np.zeros(samples)
    gate[begin : begin + int(lasts * samples)] = 1.0
    other *= gate
    around_db = float(np.median(band_level_db(around)))
    flying *= 10 ** ((around_db + _FLYING_DB - float(band_level_db(flying).max())) / 20)
    other *= 10 ** ((around_db + _MASKER_DB - float(band_level_db(other).max())) / 20)
    hidden = band_level_db(other, pauses=True) >= band_level_db(flying) + _BELOW_DB
    hidden &= band_level_db(flying) >= around_db + 3.0
    states = np.full(len(hidden), "assessed", dtype=object)
    for each in _stretches(phone(rng, around + flying + other)):
        own = slice(round(each.start_s), round(each.end_s))
        if each.state != "possible":
            states[own] = "masked"
        elif each.score >= AircraftSettings().least_score:  # weaker ones are listed, and not on the track
            states[own] = "suggested"
    return Counter(states[hidden].tolist())


def real_sounds(least_score: float) -> None:
    """Real clips of aircraft laid into real ambiences, and all other real sounds as they are. Never tuned on."""
    from benchmarks.running import need_data

    rng = np.random.default_rng(PASSAGES)
    root = need_data() / "events"
    rows: list[dict[str, object]] = []
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        files = sorted(folder.iterdir())
        if folder.name in _REAL:
            cases = [_laid(_mono(f), _mono(sorted((root / bed).iterdir())[0]), rng) for f in files for bed in _BEDS]
        else:
            # Clips of 5 s say nothing alone: those of a folder in a row.
            cases = [np.concatenate([_mono(f) for f in files])]
        scores = [max((score for *_, score in _suggestions(case)), default=0.0) for case in cases]
        rows.append(
            {
                "real": folder.name,
                "recordings": len(cases),
                "minutes": sum(map(len, cases)) / RATE_HZ / 60,
                "suggested": sum(score >= least_score for score in scores),
                "listed": sum(score > 0 for score in scores),
                "best": max(scores),
            }
        )
    table(rows)


def _mono(path: Path) -> np.ndarray:
    """Sound of a file at 16 kHz, unit level."""
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    wave = np.concatenate(parts).astype(np.float64)
    return wave / (np.sqrt(np.mean(wave**2)) + 1e-12)


def _laid(sound: np.ndarray, bed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clip, repeated with cross-fades to 30 s and louder in the middle by 15 dB, 15 dB over 60 s of ambience."""
    edge = min(RATE_HZ // 2, len(sound) // 4)
    ramp = np.clip(np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / edge, 0, 1)
    long = np.zeros(30 * RATE_HZ + len(sound))
    for at in range(0, 30 * RATE_HZ, len(sound) - edge):
        long[at : at + len(sound)] += (sound * np.sqrt(ramp))[: len(long) - at]
    long = long[: 30 * RATE_HZ] * 10 ** (np.interp(np.arange(30 * RATE_HZ) / RATE_HZ, (0, 15, 30), (-15, 0, -15)) / 20)
    around = np.tile(bed, 60 * RATE_HZ // len(bed) + 1)[: 60 * RATE_HZ]
    begin = int(rng.integers(5, 25)) * RATE_HZ
    around[begin : begin + len(long)] += long * 10 ** (15 / 20)
    return around / np.abs(around).max()


def cost(repeats: int = 5) -> None:
    """Processor time beside that of decoding the same ten minutes of AAC."""
    import tempfile

    import av

    samples = np.tile(scene(PASSAGES, "helicopter", duration_s=60.0)[0], 10)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.m4a"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate = RATE_HZ
            fifo = av.AudioFifo()
            fifo.write(frame)
            while (part := fifo.read(1024)) is not None:
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
        ours, decoding = [], []
        for _ in range(repeats):
            begin_s = time.process_time()
            with av.open(str(path)) as container:
                container.streams.audio[0].thread_type = "NONE"
                for _frame in container.decode(audio=0):
                    pass
            decoding.append(time.process_time() - begin_s)
            begin_s = time.process_time()
            _suggestions(samples)
            ours.append(time.process_time() - begin_s)
    length_s = len(samples) / RATE_HZ
    print(
        f"cost: {length_s / min(ours):.0f} x real time; {min(ours) / min(decoding):.2f} of decoding 16 kHz AAC "
        f"({length_s / min(decoding):.0f} x)"
    )


def main(words: list[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aircraft", description=__doc__)
    parser.add_argument("--passages", type=int, default=8, help="of each kind and level; 0 for none")
    parser.add_argument("--hours", type=float, default=5.0, help="of recordings without aircraft; 0 for none")
    parser.add_argument("--no-real", action="store_true")
    parser.add_argument("--masks", type=int, default=6, help="recordings with each masking sound; 0 for none")
    asked = parser.parse_args(words)
    least_score = AircraftSettings().least_score
    cost()
    if not asked.no_real:
        real_sounds(least_score)
    if asked.passages:
        recall(asked.passages, least_score)
    if asked.masks:
        masking(asked.masks)
    if asked.hours:
        false_alarms(asked.hours, least_score)


if __name__ == "__main__":
    main(sys.argv[1:])
