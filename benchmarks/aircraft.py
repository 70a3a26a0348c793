"""Possible aircraft sound: recall by kind and level, false suggestions an hour, real sounds, cost; and the fit.

    python -m benchmarks aircraft -- --passages 8 --hours 5
    python -m benchmarks.aircraft --fit 120        # prints the weights of detect/aircraft_score.py

Simulated unless a line says "real"; nothing here is the field. The fit uses scenes below `JUDGE`, judging those above.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from benchmarks.running import table

__all__ = ["drawn_scene", "main"]

JUDGE = 100_000
SNRS_DB = (5.0, 10.0, 15.0, 20.0, 30.0)
_RATE_HZ = 16_000
_REAL = {"helicopter": "helicopter", "aircraft": "aircraft"}
_BEDS = ("city", "crowd", "rain", "boat", "train")


def drawn_scene(seed: int, *, ground_only: bool = False) -> tuple[str, np.ndarray, np.ndarray]:
    """Kind, samples and audible seconds of one scene of 30 to 90 s; two in five hold a passage."""
    from simulator.aircraft import AIRCRAFT, CONFUSERS, scene

    rng = np.random.default_rng([29, seed])
    flies = rng.random() < 0.4 and not ground_only
    kind = str(rng.choice(AIRCRAFT if flies else CONFUSERS))
    snr_db, duration_s = float(rng.uniform(3, 30)), float(rng.uniform(30, 90))
    samples, audible = scene(seed, kind, snr_db=snr_db, duration_s=duration_s)
    return kind, samples, audible


def _suggestions(samples: np.ndarray) -> list[tuple[float, float, float]]:
    """Start, end and score of everything possible, as one camera gives it."""
    from syncview.detect.aircraft import aircraft_sound
    from syncview.model import AudioClip
    from syncview.settings import AircraftSettings

    clip = AudioClip(recording_id="r", samples=samples.astype(np.float32), rate_hz=_RATE_HZ, start_s=0.0)
    found = aircraft_sound(clip, (), settings=AircraftSettings())
    return [(each.start_s, each.end_s, each.score) for each in found if each.score is not None]


def _meets(found: tuple[float, float, float], audible: np.ndarray) -> bool:
    """Whether at least half of a stretch lies where the passage is audible."""
    own = audible[int(found[0]) : max(int(found[1]), int(found[0]) + 1)]
    return bool(len(own)) and own.mean() >= 0.5


def recall(passages: int, least_score: float) -> None:
    """Passages suggested, and those listed at all, by kind and level over the place."""
    from simulator.aircraft import AIRCRAFT, scene

    rows: list[dict[str, object]] = []
    for kind in AIRCRAFT:
        for snr_db in SNRS_DB:
            scores = []
            for k in range(passages):
                samples, audible = scene(JUDGE + 1000 * AIRCRAFT.index(kind) + k, kind, snr_db=snr_db, duration_s=60.0)
                hits = [each[2] for each in _suggestions(samples) if _meets(each, audible)]
                scores.append(max(hits, default=0.0))
            suggested = sum(score >= least_score for score in scores)
            listed = sum(score > 0 for score in scores)
            rows.append({"simulated": kind, "snr_db": snr_db, "of": passages, "suggested": suggested, "listed": listed})
    table(rows)


def false_alarms(hours: float, least_score: float, *, first: int = JUDGE + 50_000) -> None:
    """Suggestions in recordings without aircraft, by what is in them, and how many an hour."""
    length_s: dict[str, float] = defaultdict(float)
    false: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    seed = first
    while sum(length_s.values()) < 3600 * hours:
        kind, samples, _ = drawn_scene(seed, ground_only=True)
        length_s[kind] += len(samples) / _RATE_HZ
        scores = [score for _, _, score in _suggestions(samples)]
        false[kind] += sum(score >= least_score for score in scores)
        listed[kind] += len(scores)
        seed += 1
        if (seed - first) % 20 == 0:
            total_h = sum(length_s.values()) / 3600
            print(f"  {total_h:.2f} h, {sum(false.values())} false, {sum(listed.values())} listed", flush=True)
    rows: list[dict[str, object]] = [
        {"simulated": kind, "minutes": length_s[kind] / 60, "false": false[kind], "listed": listed[kind]}
        for kind in sorted(length_s)
    ]
    table(rows)
    total_h = sum(length_s.values()) / 3600
    print(
        f"simulated: {sum(false.values())} false suggestions in {total_h:.2f} h = {sum(false.values()) / total_h:.2f}/h"
    )


def real_sounds(least_score: float) -> None:
    """Real clips of aircraft laid into real ambiences, and all other real sounds as they are. Never tuned on."""
    from benchmarks.running import need_data

    rng = np.random.default_rng(JUDGE)
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
                "minutes": sum(map(len, cases)) / _RATE_HZ / 60,
                "suggested": sum(score >= least_score for score in scores),
                "listed": sum(score > 0 for score in scores),
                "best": max(scores),
            }
        )
    table(rows)


def _mono(path: Path) -> np.ndarray:
    """Sound of a file at 16 kHz, unit level."""
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE_HZ)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0] for part in resampler.resample(frame)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    wave = np.concatenate(parts).astype(np.float64)
    return wave / (np.sqrt(np.mean(wave**2)) + 1e-12)


def _laid(sound: np.ndarray, bed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clip, repeated with cross-fades to 30 s and louder in the middle by 15 dB, 15 dB over 60 s of ambience."""
    edge = min(_RATE_HZ // 2, len(sound) // 4)
    ramp = np.clip(np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / edge, 0, 1)
    long = np.zeros(30 * _RATE_HZ + len(sound))
    for at in range(0, 30 * _RATE_HZ, len(sound) - edge):
        long[at : at + len(sound)] += (sound * np.sqrt(ramp))[: len(long) - at]
    long = long[: 30 * _RATE_HZ] * 10 ** (
        np.interp(np.arange(30 * _RATE_HZ) / _RATE_HZ, (0, 15, 30), (-15, 0, -15)) / 20
    )
    around = np.tile(bed, 60 * _RATE_HZ // len(bed) + 1)[: 60 * _RATE_HZ]
    begin = int(rng.integers(5, 25)) * _RATE_HZ
    around[begin : begin + len(long)] += long * 10 ** (15 / 20)
    return around / np.abs(around).max()


def cost(repeats: int = 5) -> None:
    """Processor time beside that of decoding the same ten minutes of AAC."""
    import tempfile

    import av

    from simulator.aircraft import scene

    samples = np.tile(scene(JUDGE, "helicopter", duration_s=60.0)[0], 10)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.m4a"
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=_RATE_HZ, layout="mono")
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate = _RATE_HZ
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
    length_s = len(samples) / _RATE_HZ
    print(
        f"cost: {length_s / min(ours):.0f} x real time; {min(ours) / min(decoding):.2f} of decoding 16 kHz AAC "
        f"({length_s / min(decoding):.0f} x)"
    )


def fit(scenes: int) -> None:
    """Print weights for both kinds of stretch: logistic, passages and the rest weighed alike, ridge 0.5."""
    from scipy.optimize import minimize

    from syncview.detect.aircraft_curves import sound_curves
    from syncview.detect.aircraft_score import FEATURES, features_of
    from syncview.detect.aircraft_stretches import find_stretches
    from syncview.settings import AircraftSettings

    rows: dict[str, list[tuple[np.ndarray, bool]]] = {kind: [] for kind in FEATURES}
    for seed in range(scenes):
        _, samples, audible = drawn_scene(seed)
        for each in find_stretches(sound_curves(samples, _RATE_HZ), settings=AircraftSettings()):
            share = float(audible[each.begin : each.end].mean())
            if share == 0 or share >= 0.4:
                rows[each.kind].append((features_of(each), share >= 0.4))
    for kind, found in rows.items():
        x, y = np.array([row for row, _ in found]), np.array([float(label) for _, label in found])
        weight = np.where(y > 0, 0.5 / y.sum(), 0.5 / (1 - y).sum()) * len(y)

        def loss(w: np.ndarray, x: np.ndarray = x, y: np.ndarray = y, weight: np.ndarray = weight) -> float:
            z = w[0] + x @ w[1:]
            return float(np.sum(weight * (np.logaddexp(0, z) - y * z)) + 0.5 * np.sum(w[1:] ** 2))

        w = minimize(loss, np.zeros(x.shape[1] + 1)).x
        print(f"{kind}: {len(y)} stretches, {y.sum():.0f} passages: {tuple(round(float(v), 2) for v in w)}")


def main(words: list[str] | None = None) -> None:
    """Run what is asked for."""
    from syncview.settings import AircraftSettings

    parser = argparse.ArgumentParser(prog="python -m benchmarks.aircraft", description=__doc__)
    parser.add_argument("--passages", type=int, default=8, help="of each kind and level; 0 for none")
    parser.add_argument("--hours", type=float, default=5.0, help="of recordings without aircraft; 0 for none")
    parser.add_argument("--no-real", action="store_true")
    parser.add_argument("--fit", type=int, metavar="SCENES", help="fit instead")
    asked = parser.parse_args(words)
    if asked.fit:
        fit(asked.fit)
        return
    least_score = AircraftSettings().least_score
    cost()
    if not asked.no_real:
        real_sounds(least_score)
    if asked.passages:
        recall(asked.passages, least_score)
    if asked.hours:
        false_alarms(asked.hours, least_score)


if __name__ == "__main__":
    main(sys.argv[1:])
