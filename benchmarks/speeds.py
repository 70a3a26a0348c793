"""Files at another speed: is the speed found, is nothing reported where there is none.

Pairs of cameras of simulated incidents, one of them brought to another speed: by resampling (pitch shifted) or by
ffmpeg's `atempo` (pitch kept). Slow motion is made of an excerpt of 25 s. Where nothing is to be found: pairs of two
incidents, one of them at any of the speeds; pairs of one incident at speed 1, with drift up to 300 ppm.

Then how often a stated probability is right, over pairs of other incidents, any two cameras that share 8 s: one in six
runs at another speed, as `SyncSettings.speed_rarity` takes it, the others have nothing in common. The rarity that fits
best is printed beside the one that is set.

    python -m benchmarks.speeds reliability
"""

from __future__ import annotations

import itertools
import math
import sys
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.filter
import numpy as np
from scipy import signal

from benchmarks.running import table
from simulator import random_incident, render
from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.features import sound_features
from syncview.sync.speeds import SPEEDS, speed_hypotheses, speed_probabilities, try_speeds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.sync.features import SoundFeatures
    from syncview.sync.speeds import SpeedTrial

RATE_HZ = 16_000
SEEDS = range(72_001, 72_061)
PAIRS = 24
UNRELATED = 120
LEAST_OVERLAP_S = 25.0
EXCERPT_S = 25.0
SLOW = (Fraction(1001, 1000), Fraction(1000, 1001))
RIGHT_S = 0.6  # half the width of a cluster, and sound's travel between cameras
LEVELS = (0.5, 0.9, 0.99)
DRIFTS_PPM = (0.0, 100.0, -300.0, 300.0)
RELIABILITY_SEEDS = range(73_001, 73_031)
RELIABILITY_SPEEDS = (Fraction(24, 25), Fraction(2), Fraction(1, 2), Fraction(1, 4))
RELIABILITY_OVERLAP_S = 8.0
EDGES = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)
CHANGED_SHARE = 1 / 6  # of the files that fit no other at its speed
RARITIES = np.arange(0.0, 8.0, 0.2)


@dataclass(frozen=True)
class Base:
    """Two recordings of one incident, and the true lag of the clocks."""

    seed: int
    a: NDArray[np.float32]
    b: NDArray[np.float32]
    lag_s: float


def base_pairs(seeds: range, count: int) -> list[Base]:
    """The pair of each incident that overlaps longest."""
    found: list[Base] = []
    for seed in seeds:
        incident = random_incident(seed, decoy=False)
        a, b = max(itertools.combinations(incident.cameras, 2), key=lambda pair: incident.overlap_s(*pair))
        if incident.overlap_s(a, b) >= LEAST_OVERLAP_S:
            lag_s = incident.true_offset_s(b) - incident.true_offset_s(a)
            found.append(Base(seed, render(incident, a), render(incident, b), lag_s))
        if len(found) == count:
            break
    return found


def played_at(samples: NDArray[np.float32], speed: Fraction, *, pitch_kept: bool) -> NDArray[np.float32]:
    """The same sound at another speed."""
    if not pitch_kept:
        return signal.resample_poly(samples, speed.denominator, speed.numerator).astype(np.float32)
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE_HZ, format="flt", layout="mono", time_base=Fraction(1, RATE_HZ))
    steps = [speed] if Fraction(1, 2) <= speed <= 2 else [Fraction(2) if speed > 1 else Fraction(1, 2)] * 2
    chain = [source, *(graph.add("atempo", f"{float(step):.9f}") for step in steps), graph.add("abuffersink")]
    graph.link_nodes(*chain).configure()
    frame = av.AudioFrame.from_ndarray(samples[None, :].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            break
    return np.concatenate(parts)


def features(name: str, samples: NDArray[np.float32], settings: SyncSettings) -> SoundFeatures:
    """Features of one sound."""
    clip = AudioClip(recording_id=name, samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    return sound_features(clip, settings=settings)


def other_speeds(bases: list[Base], settings: SyncSettings) -> list[dict[str, object]]:
    """Every pair at every speed, both ways of changing it."""
    rows: list[dict[str, object]] = []
    for speed, kept in [*itertools.product(SPEEDS, (False, True)), *itertools.product(SLOW, (False,))]:
        told: list[float] = []
        errors_s: list[float] = []
        wrong = pitch_right = 0
        for base in bases:
            part, lag_s = excerpt(base) if speed < Fraction(9, 10) else (base.b, base.lag_s)
            a = features(f"{base.seed}a", base.a, settings)
            b = features(f"{base.seed}b", played_at(part, speed, pitch_kept=kept), settings)
            found = speed_hypotheses(a, b, settings=settings)
            right = [each for each in found if each.speed == speed and abs(each.lag_s - lag_s) < RIGHT_S]
            told.append(max((each.probability for each in right), default=0.0))
            errors_s += [abs(each.lag_s - lag_s) for each in right]
            pitch_right += sum(each.pitch_kept == kept for each in right)
            wrong += sum(each.probability >= LEVELS[1] for each in found if each not in right)
        shares = {f"p > {level}": float(np.mean([p > level for p in told])) for level in LEVELS}
        rows.append(
            {
                "speed": str(speed),
                "pitch": "kept" if kept else "shifted",
                "pairs": len(bases),
                **shares,
                "pitch right": pitch_right,
                "wrong p >= 0.9": wrong,
                "median |lag error|, s": float(np.median(errors_s)) if errors_s else None,
            }
        )
    return rows


def excerpt(base: Base) -> tuple[NDArray[np.float32], float]:
    """A stretch of b from where the two begin to overlap, and its lag."""
    first = round(max(0.0, -base.lag_s) * RATE_HZ)
    return base.b[first : first + round(EXCERPT_S * RATE_HZ)], base.lag_s + first / RATE_HZ


def nothing_to_find(bases: list[Base], settings: SyncSettings) -> list[dict[str, object]]:
    """Pairs of two incidents, and pairs of one incident at speed 1 with drift."""
    rng = np.random.default_rng(9)
    cases: dict[str, list[tuple[SoundFeatures, SoundFeatures]]] = {"two incidents": []}
    for _ in range(UNRELATED):
        first, second = rng.choice(len(bases), 2, replace=False).tolist()
        speed = (Fraction(1), *SPEEDS)[int(rng.integers(7))]
        part = bases[second].b[: round((EXCERPT_S if speed < 1 else 60.0) * RATE_HZ)]
        cases["two incidents"].append(
            (
                features("a", bases[first].a, settings),
                features("b", played_at(part, speed, pitch_kept=False), settings),
            )
        )
    for ppm in DRIFTS_PPM:
        cases[f"drift {ppm:+.0f} ppm"] = [
            (features("a", base.a, settings), features("b", drifted(base.b, ppm), settings)) for base in bases
        ]
    rows: list[dict[str, object]] = []
    for name, pairs in cases.items():
        began = time.perf_counter()
        best = [max((h.probability for h in speed_hypotheses(*pair, settings=settings)), default=0.0) for pair in pairs]
        spent_s = (time.perf_counter() - began) / len(pairs)
        answers = {f"p > {level}": sum(p > level for p in best) for level in LEVELS}
        rows.append({"nothing to find": name, "pairs": len(pairs), **answers, "s per pair": spent_s})
    return rows


def drifted(samples: NDArray[np.float32], ppm: float) -> NDArray[np.float32]:
    """The same sound from a clock that is off."""
    count = round(len(samples) * (1 + ppm * 1e-6))
    return signal.resample(samples, count).astype(np.float32)


@dataclass(frozen=True)
class Tried:
    """A pair at all speeds: its true one, None where it has nothing in common, and which trials are right."""

    truth: Fraction | None
    same: SpeedTrial | None
    trials: tuple[SpeedTrial, ...]
    right: tuple[bool, ...]


def tried_pairs(seeds: range, settings: SyncSettings) -> list[Tried]:
    """Two cameras of every incident at every speed, and one of them with a camera of the incident before."""
    found: list[Tried] = []
    rng, before = np.random.default_rng(seeds[0]), None
    for seed in seeds:
        incident = random_incident(seed, decoy=False)
        pairs = itertools.combinations(incident.cameras, 2)
        near = [pair for pair in pairs if incident.overlap_s(*pair) >= RELIABILITY_OVERLAP_S]
        if not near:
            continue
        x, y = near[int(rng.integers(len(near)))]
        lag_s = incident.true_offset_s(y) - incident.true_offset_s(x)
        base = Base(seed, render(incident, x), render(incident, y), lag_s)
        a = features("a", base.a, settings)
        for speed in RELIABILITY_SPEEDS:
            found.append(_tried(a, base, speed, speed, bool(rng.integers(2)), settings))
            if before is not None:
                found.append(_tried(a, before, (Fraction(1), speed)[int(rng.integers(2))], None, False, settings))
        before = base
    return found


def _tried(
    a: SoundFeatures, base: Base, speed: Fraction, truth: Fraction | None, kept: bool, settings: SyncSettings
) -> Tried:
    part, lag_s = excerpt(base) if speed < Fraction(9, 10) else (base.b, base.lag_s)
    same, trials = try_speeds(a, features("b", played_at(part, speed, pitch_kept=kept), settings), settings=settings)
    right = tuple(trial.speed == truth and abs(trial.candidate.lag_s - lag_s) < RIGHT_S for trial in trials)
    return Tried(truth, same, trials, right)


def reliability(tried: list[Tried], settings: SyncSettings) -> list[dict[str, object]]:
    """How often what is stated is right, pairs weighted to the share of files that were changed."""
    weight = _weights(tried)
    told = [
        (probability, right, weight[pair.truth is None])
        for pair in tried
        for probability, right, trial in zip(
            speed_probabilities(pair.same, pair.trials, settings=settings), pair.right, pair.trials, strict=True
        )
        if trial.supports >= settings.speed_least_supports
    ]
    rows: list[dict[str, object]] = []
    for low, high in itertools.pairwise(EDGES):
        inside = [each for each in told if low <= each[0] < high or each[0] == high == 1.0]
        total = sum(w for _, _, w in inside)
        rows.append(
            {
                "stated": f"{low:g} to {high:g}",
                "speeds": len(inside),
                "right": sum(right for _, right, _ in inside),
                "mean stated": sum(p * w for p, _, w in inside) / total if inside else None,
                "share right": sum(right * w for _, right, w in inside) / total if inside else None,
            }
        )
    return rows


def _weights(tried: list[Tried]) -> dict[bool, float]:
    """Weight of a pair that has something in common (False) and of one that has nothing (True)."""
    nothing = sum(pair.truth is None for pair in tried)
    return {False: CHANGED_SHARE / max(1, len(tried) - nothing), True: (1.0 - CHANGED_SHARE) / max(1, nothing)}


def surprise(tried: list[Tried], settings: SyncSettings) -> float:
    """Mean logarithmic loss of what is stated, of the right answer to each pair."""
    weight, total = _weights(tried), 0.0
    for pair in tried:
        stated = speed_probabilities(pair.same, pair.trials, settings=settings)
        right = sum(p for p, ok in zip(stated, pair.right, strict=True) if ok)
        answer = right if any(pair.right) else 1.0 - sum(stated)
        total -= weight[pair.truth is None] * math.log(max(answer, 1e-9))
    return total


def slow_steps(bases: list[Base], settings: SyncSettings) -> list[dict[str, object]]:
    """What is stated of 1001/1000: of pairs that run at it, and of pairs that only drift."""
    cases = {f"at {speed}": [played_at(base.b, speed, pitch_kept=False) for base in bases] for speed in SLOW}
    cases |= {f"drift {ppm:+.0f} ppm": [drifted(base.b, ppm) for base in bases] for ppm in DRIFTS_PPM}
    rows: list[dict[str, object]] = []
    for name, sounds in cases.items():
        best = [
            max((h.probability for h in speed_hypotheses(*_pair(base, b, settings), settings=settings)), default=0.0)
            for base, b in zip(bases, sounds, strict=True)
        ]
        shares = {f"p > {level}": sum(p > level for p in best) for level in LEVELS}
        rows.append({"pairs": name, "count": len(best), **shares})
    return rows


def _pair(base: Base, b: NDArray[np.float32], settings: SyncSettings) -> tuple[SoundFeatures, SoundFeatures]:
    return features("a", base.a, settings), features("b", b, settings)


def print_reliability(settings: SyncSettings) -> None:
    """Print the reliability table, the rarity that fits best, and what is stated of 1001/1000."""
    tried = tried_pairs(RELIABILITY_SEEDS, settings)
    table(reliability(tried, settings))
    fits = [(surprise(tried, replace(settings, speed_rarity=float(r))), float(r)) for r in RARITIES]
    told = surprise(tried, settings)
    print(f"rarity {settings.speed_rarity:g}: loss {told:.4f}; best {min(fits)[1]:.1f}: loss {min(fits)[0]:.4f}")
    table(slow_steps(base_pairs(SEEDS, PAIRS), settings))


def main() -> None:
    """Print what was found at each speed, what where there is nothing to find, and how reliable it is."""
    settings = SyncSettings()
    if sys.argv[1:] == ["reliability"]:
        print_reliability(settings)
        return
    bases = base_pairs(SEEDS, PAIRS)
    table(other_speeds(bases, settings))
    table(nothing_to_find(bases, settings))
    print_reliability(settings)


if __name__ == "__main__":
    main()
