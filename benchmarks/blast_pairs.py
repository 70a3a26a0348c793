"""Pairs of cameras that share nothing but a few bangs: are they matched, are others refused, is the probability right.

Simulated: two to five strikes within 0 to 150 m of each other, three cameras within 125 m of a centre 100 to 500 m
away, no voice that two of them hear (in one incident of five voices 20 dB below the own noise), doors and bumps at
each camera, gain control, AAC. Related pairs come from one incident, impossible ones from two that both have strikes.
In one incident of eight the strikes fall at equal intervals. Real: three explosions laid into two real ambiences.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av
import numpy as np
from scipy.optimize import minimize

from benchmarks.blast_scenes import aac_round_trip
from benchmarks.running import DATA, table
from simulator import OwnNoise, random_incident, render
from syncview.detect.blasts import detect_blasts
from syncview.model import AudioClip
from syncview.settings import Settings
from syncview.sync.blast_patterns import blast_evidence, blast_lags
from syncview.sync.features import sound_features

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from simulator import Camera, Incident
    from syncview.model import Detection
    from syncview.sync.blast_patterns import BlastEvidence, BlastLag
    from syncview.sync.features import SoundFeatures

FIT_SEEDS = range(70_001, 70_046)
CHECK_SEEDS = range(71_001, 71_051)
IMPOSSIBLE = 350
RIGHT_S = 0.02  # of the lag of a strike that both recorded
PICKED_S = 0.05
TIGHT_S = 0.01
SPREADS_M = (0.0, 0.0, 40.0, 100.0, 150.0)
BINS = (0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0001)
LEVELS = (0.5, 0.9, 0.99)
REAL_SCENES = 40
RATE_HZ = 16_000
AMBIENCES = ("city/blanket_city.ogg", "crowd/blanket_coffee-shop.ogg", "rain/blanket_rain.ogg")


@dataclass(frozen=True)
class Ear:
    """What one camera of an incident heard; `arrivals_s` are the true recording times of its strikes, if recorded."""

    seed: int
    sound: SoundFeatures
    onsets: tuple[Detection, ...]
    arrivals_s: tuple[float | None, ...]


@dataclass(frozen=True)
class Case:
    """Two ears, the true lags of the strikes that both recorded, and how many of them both picked."""

    a: Ear
    b: Ear
    truths_s: tuple[float, ...]
    common: int

    def right(self, lag_s: float) -> bool:
        """Whether a lag is that of a strike that both recorded."""
        return any(abs(lag_s - truth_s) <= RIGHT_S for truth_s in self.truths_s)


def blast_incident(seed: int) -> Incident:
    """Make up an incident whose cameras share strikes only."""
    rng = np.random.default_rng([23, seed])
    count = int(rng.integers(2, 6))
    base = random_incident(seed, cameras=3, blasts=count, decoy=False)
    radius_m, angle, spread_m = rng.uniform(100, 500), rng.uniform(0, 2 * np.pi), float(rng.choice(SPREADS_M))
    centre = radius_m * np.array([np.cos(angle), np.sin(angle)])
    times = np.array([blast.time_s for blast in base.blasts])
    if seed % 8 == 0:
        times = times[0] + np.arange(count) * rng.uniform(3.0, 9.0)
    blasts = []
    for blast, at_s in zip(base.blasts, times.tolist(), strict=True):
        way = spread_m * math.sqrt(rng.uniform()) * np.exp(1j * rng.uniform(0, 2 * np.pi))
        place = (float(centre[0] + way.real), float(centre[1] + way.imag))
        bare = replace(blast, time_s=at_s, position_m=place, shield_db=0.0)
        aim_pa = 10 ** (rng.uniform(95, 138) / 20) * 2e-5
        shield_db = max(0.0, 20 * math.log10(bare.peak_pa(math.hypot(*place)) / aim_pa))
        blasts.append(replace(bare, shield_db=shield_db))
    voices = seed % 5 == 1
    cameras = tuple(_listening_long(c, rng, -20.0 if voices else rng.uniform(-25, 6)) for c in base.cameras)
    return replace(
        base,
        blasts=tuple(blasts),
        cameras=cameras,
        sources=tuple(base.sources[:2]) if voices else (),
        facades=base.facades,
    )


def _listening_long(camera: Camera, rng: np.random.Generator, snr_db: float) -> Camera:
    """The same camera, switched on earlier, so that it often records two strikes; a door or bump every 25 s."""
    start_s = camera.start_s * rng.uniform(0, 1)
    longer_s = camera.start_s - start_s
    noise = OwnNoise(snr_db=snr_db, wind_share=rng.uniform(0, 0.7))
    return replace(camera, start_s=start_s, duration_s=camera.duration_s + longer_s, noise=noise)


def ears_of(seeds: range, settings: Settings) -> list[Ear]:
    """Render, listen and detect."""
    found = []
    for seed in seeds:
        incident = blast_incident(seed)
        for camera in incident.cameras:
            sound = render(incident, camera).astype(np.float32)
            samples = aac_round_trip(sound, bit_rate=1000 * (32, 48, 64, 96)[seed % 4])
            arrivals_s = tuple(incident.arrival_s(blast, camera) for blast in incident.blasts)
            found.append(heard(seed, f"{seed}-{camera.name}", samples, arrivals_s, settings))
    return found


def heard(
    seed: int, name: str, samples: NDArray[np.float32], arrivals_s: tuple[float | None, ...], settings: Settings
) -> Ear:
    """Features and onsets of one sound."""
    clip = AudioClip(recording_id=name, samples=samples, rate_hz=RATE_HZ, start_s=0.0)
    onsets = detect_blasts(clip, settings=settings.detect)
    return Ear(seed, sound_features(clip, settings=settings.sync), onsets, arrivals_s)


def cases_of(ears: list[Ear], *, impossible: int) -> list[Case]:
    """All pairs of one incident, and as many of two incidents as wished."""
    pairs = list(itertools.combinations(ears, 2))
    strangers = [pair for pair in pairs if pair[0].seed != pair[1].seed]
    chosen = np.random.default_rng(5).choice(len(strangers), min(impossible, len(strangers)), replace=False)
    return [
        *(case_of(*pair) for pair in pairs if pair[0].seed == pair[1].seed),
        *(Case(*strangers[k], (), 0) for k in chosen),
    ]


def case_of(a: Ear, b: Ear) -> Case:
    """A pair of one incident."""
    both = [(x, y) for x, y in zip(a.arrivals_s, b.arrivals_s, strict=True) if x is not None and y is not None]
    picked = sum(_picked(x, a) and _picked(y, b) for x, y in both)
    return Case(a, b, tuple(x - y for x, y in both), picked)


def _picked(arrival_s: float, ear: Ear) -> bool:
    return any(abs(onset.time_s - arrival_s) < PICKED_S for onset in ear.onsets)


def real_cases(settings: Settings, *, scenes: int) -> list[Case]:
    """s13 of the peers' cases, with explosions drawn at random, and impossible pairs of two such scenes each."""
    bangs = [_decoded(path) for path in sorted((DATA / "events" / "explosion").glob("*.ogg"))]
    places = [_decoded(DATA / "events" / name) for name in AMBIENCES]
    pairs = [_real_pair(seed, bangs, places, settings) for seed in range(scenes)]
    # The places go round in threes, so that these never share an ambience.
    strangers = [(pairs[i][0], pairs[j][1]) for i, j in itertools.permutations(range(scenes), 2) if (j - i) % 3 == 0]
    return [*(case_of(a, b) for a, b in pairs), *(Case(a, b, (), 0) for a, b in strangers[: 3 * scenes])]


def _real_pair(
    seed: int, bangs: list[NDArray[np.float32]], places: list[NDArray[np.float32]], settings: Settings
) -> tuple[Ear, Ear]:
    rng = np.random.default_rng([31, seed])
    chosen, times_s = rng.choice(len(bangs), 3).tolist(), np.sort(rng.uniform(10, 38, 3)).tolist()
    ears = []
    for index, place in enumerate((seed % 3, (seed + 1) % 3)):
        start_s, begin = rng.uniform(0, 8), int(rng.integers(len(places[place])))
        sound = 0.03 * np.take(places[place], np.arange(begin, begin + 45 * RATE_HZ), mode="wrap")
        for number, time_s in zip(chosen, times_s, strict=True):
            first = round((time_s - start_s) * RATE_HZ)
            part = bangs[number][: len(sound) - first]
            sound[first : first + len(part)] += 0.06 * part
        samples = np.clip(sound, -1, 1).astype(np.float32)
        samples = aac_round_trip(samples, bit_rate=64_000) if index else samples
        arrivals_s = tuple(round((t - start_s) * RATE_HZ) / RATE_HZ for t in times_s)
        ears.append(heard(-1 - seed, f"real{seed}-{index}", samples, arrivals_s, settings))
    return ears[0], ears[1]


def _decoded(path: Path) -> NDArray[np.float32]:
    """Mono at `RATE_HZ`, of RMS 1."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
    with av.open(str(path)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate([part.to_ndarray()[0] for part in [*frames, *resampler.resample(None)]])
    return (samples / np.sqrt(np.mean(samples**2))).astype(np.float32)


def evidence_of(case: Case, settings: Settings) -> tuple[BlastEvidence, ...]:
    """What speaks for each lag of a pair."""
    return blast_evidence(case.a.onsets, case.b.onsets, case.a.sound, case.b.sound, settings=settings.sync)


def terms_of(each: BlastEvidence) -> list[float]:
    """What the log odds are linear in."""
    return [1.0, each.pattern, each.trials, each.missing, each.likeness]


def fit(cases: list[Case], settings: Settings) -> NDArray[np.float64]:
    """Maximum likelihood of "one of the lags, or nothing in common" (a conditional logit), lightly regularised."""
    tables = [
        (np.array([terms_of(each) for each in found]), np.array([case.right(each.lag_s) for each in found]))
        for case in cases
        if (found := evidence_of(case, settings))
    ]

    def loss(weights: NDArray[np.float64]) -> float:
        total = 0.05 * float(((weights - [0, 1, -1, 1, 0]) ** 2).sum())
        for terms, right in tables:
            odds = terms @ weights
            top = max(0.0, float(odds.max()))
            everything = math.exp(-top) + float(np.exp(odds - top).sum())
            true = float(np.exp(odds[right] - top).sum()) if right.any() else math.exp(-top)
            total -= math.log(true / everything)
        return total

    # What every simulated pair shares must not be leant on: bounds.
    bounds = [(None, None), (0.1, 1.0), (None, -1.0), (0, 1.5), (0, 2.0)]
    return np.asarray(minimize(loss, np.array([-3.0, 1.0, -1.0, 1.0, 0.0]), bounds=bounds).x)


def stated(cases: list[Case], settings: Settings) -> list[tuple[Case, BlastLag, bool]]:
    """Every lag as it is stated, and whether it is right."""
    return [
        (case, lag, case.right(lag.lag_s))
        for case in cases
        for lag in blast_lags(case.a.onsets, case.b.onsets, case.a.sound, case.b.sound, settings=settings.sync)
    ]


def reliability(lags: list[tuple[Case, BlastLag, bool]]) -> list[dict[str, object]]:
    """Stated probability against how often it was right."""
    rows: list[dict[str, object]] = []
    for low, high in itertools.pairwise(BINS):
        inside = [(lag.probability, right) for _, lag, right in lags if low <= lag.probability < high]
        said, right = zip(*inside, strict=True) if inside else ((), ())
        rows.append(
            {
                "from": low,
                "to": min(high, 1.0),
                "lags": len(inside),
                "stated": float(np.mean(said)) if inside else None,
                "right": float(np.mean(right)) if inside else None,
            }
        )
    return rows


def recall(cases: list[Case], lags: list[tuple[Case, BlastLag, bool]]) -> list[dict[str, object]]:
    """Of pairs whose cameras both picked two or more strikes: how likely the right lag was called."""
    best = {id(case): 0.0 for case in cases}
    for case, lag, right in lags:
        best[id(case)] = max(best[id(case)], lag.probability if right else 0.0)
    rows: list[dict[str, object]] = []
    for name, counts in (("2", (2,)), ("3 to 5", (3, 4, 5))):
        for tight in (True, False):
            inside = [
                best[id(case)]
                for case in cases
                if case.common in counts and (float(np.ptp(case.truths_s)) < TIGHT_S) == tight
            ]
            shares = {
                f"p > {level}": float(np.mean([p > level for p in inside])) if inside else None for level in LEVELS
            }
            lags_lie = "within 10 ms" if tight else "apart"
            rows.append({"strikes both picked": name, "their lags": lags_lie, "pairs": len(inside), **shares})
    return rows


def report(name: str, cases: list[Case], settings: Settings) -> None:
    """Print how one set of pairs went."""
    lags = stated(cases, settings)
    wrong = sum(not right and lag.probability >= LEVELS[-1] for _, lag, right in lags)
    impossible = sum(not case.truths_s for case in cases)
    print(f"{name}: {len(cases)} pairs, {impossible} without a common strike; {wrong} wrong lags at p >= {LEVELS[-1]}")
    table(reliability(lags))
    table(recall(cases, lags))
    right = [(min(abs(lag.lag_s - t) for t in case.truths_s), lag.uncertainty_s) for case, lag, ok in lags if ok]
    if right:
        error_s, half_s = np.array(right).T
        middle_ms, most_ms = 1e3 * np.quantile(error_s, (0.5, 0.95))
        print(f"error of right lags: median {middle_ms:.2f} ms, 95 % below {most_ms:.2f} ms")
        share, wide_ms = np.mean(error_s <= half_s), 1e3 * np.median(half_s)
        print(f"truth within the stated 95 %: {share:.3f}, median half-width {wide_ms:.1f} ms\n")


def main() -> None:
    """Print coefficients, and how often the stated probability was right on pairs that were not used for them."""
    settings = Settings()
    weights = fit(cases_of(ears_of(FIT_SEEDS, settings), impossible=IMPOSSIBLE), settings)
    print("fitted (constant, per pattern, trials, missing, likeness):", np.round(weights, 2))
    report("simulated", cases_of(ears_of(CHECK_SEEDS, settings), impossible=IMPOSSIBLE), settings)
    if DATA.is_dir():
        report("real explosions in real places", real_cases(settings, scenes=REAL_SCENES), settings)


if __name__ == "__main__":
    main()
