"""Fit the probability of a lag on simulated incidents, and check it on others.

The coefficients stand in `SyncSettings`; this prints what they should be, and how often the stated probability of a
hypothesis was right on scenes that were not used for fitting. Whole recordings and cuts of 2 to 20 s, pairs of one
incident and of two.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from benchmarks.running import table
from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.features import SoundFeatures, sound_features
from syncview.sync.hypotheses import LagCluster, lag_clusters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator import Incident

FIT_SEEDS = range(50_001, 50_013)
CHECK_SEEDS = range(51_001, 51_013)
UNRELATED_SHARE = 1.5  # pairs of two incidents for every pair of one: folders hold strangers
SLACK_S = 0.05
BINS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0001)


@dataclass(frozen=True)
class Case:
    """The clusters of one pair, and which of them are right."""

    terms: NDArray[np.float64]
    right: NDArray[np.bool_]


def terms_of(cluster: LagCluster) -> list[float]:
    """What the log odds are linear in."""
    return [
        1.0,
        math.log1p(cluster.pattern_score),
        math.log1p(cluster.waveform_score),
        cluster.tight_score,
    ]


def cases_of(seeds: range, settings: SyncSettings) -> list[Case]:
    """Simulate, listen, match: pairs of the same incident and of different ones."""
    from simulator import random_incident

    rng = np.random.default_rng(seeds.start)
    heard = {seed: _features(random_incident(seed), settings) for seed in seeds}
    cases = []
    for seed in seeds:
        incident = random_incident(seed)
        for a, b in itertools.combinations(incident.cameras, 2):
            truth_s = incident.true_offset_s(b) - incident.true_offset_s(a)
            slack_s = math.dist(a.position_m, b.position_m) / incident.sound_speed_mps + SLACK_S
            for cut in (False, True):
                x, y = heard[seed][a.name], heard[seed][b.name]
                found = lag_clusters(_cut(x, rng, cut), _cut(y, rng, cut), settings=settings)
                cases.append(_case(found, [abs(c.lag_s - truth_s) <= slack_s for c in found]))
    everyone = [(seed, name) for seed in seeds for name in heard[seed]]
    strangers = [(x, y) for x, y in itertools.combinations(everyone, 2) if x[0] != y[0]]
    for k in rng.choice(len(strangers), round(UNRELATED_SHARE * len(cases) / 2), replace=False):
        (s, x), (t, y) = strangers[k]
        for cut in (False, True):
            found = lag_clusters(_cut(heard[s][x], rng, cut), _cut(heard[t][y], rng, cut), settings=settings)
            cases.append(_case(found, [False] * len(found)))
    return cases


def _features(incident: Incident, settings: SyncSettings) -> dict[str, SoundFeatures]:
    from simulator import render

    return {
        camera.name: sound_features(
            AudioClip(
                recording_id=camera.name,
                samples=render(incident, camera, rate_hz=16_000).astype(np.float32),
                rate_hz=16_000,
                start_s=0.0,
            ),
            settings=settings,
        )
        for camera in incident.cameras
    }


def _cut(whole: SoundFeatures, rng: np.random.Generator, wanted: bool) -> SoundFeatures:
    """A random stretch of 2 to 20 s."""
    if not wanted:
        return whole
    length_s = min(whole.duration_s, float(np.exp(rng.uniform(math.log(2), math.log(20)))))
    start_s = round(float(rng.uniform(0, whole.duration_s - length_s)), 2)

    def part(values: NDArray[np.float32], rate_hz: float) -> NDArray[np.float32]:
        return values[..., round(start_s * rate_hz) : round((start_s + length_s) * rate_hz)]

    return replace(
        whole,
        start_s=whole.start_s + start_s,
        duration_s=length_s,
        usable_s=length_s,
        pattern=part(whole.pattern, whole.pattern_rate_hz),
        waveform=part(whole.waveform, whole.waveform_rate_hz),
    )


def _case(found: tuple[LagCluster, ...], right: list[bool]) -> Case:
    terms = np.array([terms_of(c) for c in found], dtype=float).reshape(-1, 4)
    return Case(terms, np.array(right, dtype=bool))


def fit(cases: list[Case]) -> NDArray[np.float64]:
    """Maximum likelihood of "one of the lags, or nothing in common" (a conditional logit), lightly regularised."""

    def loss(weights: NDArray[np.float64]) -> float:
        total = 0.01 * float((weights**2).sum())
        for case in cases:
            odds = case.terms @ weights
            top = max(0.0, float(odds.max(initial=0.0)))
            everything = math.exp(-top) + float(np.exp(odds - top).sum())
            true = float(np.exp(odds[case.right] - top).sum()) if case.right.any() else math.exp(-top)
            total -= math.log(true / everything)
        return total

    # Bounds keep what is rare in simulation (sources at rest, close) from being unlearnt.
    bounds = [(None, None), (0, None), (0, None), (0.3, 1.5)]
    return np.asarray(minimize(loss, np.zeros(4), bounds=bounds).x)


def reliability(cases: list[Case], weights: NDArray[np.float64]) -> list[dict[str, object]]:
    """Stated probability against how often it was right."""
    stated: list[float] = []
    right: list[bool] = []
    for case in cases:
        strength = np.exp(case.terms @ weights)
        stated += (strength / (1.0 + strength.sum())).tolist()
        right += case.right.tolist()
    p, y = np.array(stated), np.array(right)
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = (p >= low) & (p < high)
        rows.append(
            {
                "from": low,
                "to": min(high, 1.0),
                "hypotheses": int(inside.sum()),
                "stated": float(p[inside].mean()) if inside.any() else None,
                "right": float(y[inside].mean()) if inside.any() else None,
            }
        )
    return rows


def main() -> None:
    """Print coefficients and the reliability of the ones in use."""
    settings = SyncSettings()
    weights = fit(cases_of(FIT_SEEDS, settings))
    used = np.array(
        [
            settings.log_odds_constant,
            settings.log_odds_per_log_pattern,
            settings.log_odds_per_log_waveform,
            settings.log_odds_per_tight,
        ]
    )
    print("fitted (constant, per log pattern, per log waveform, per tight):", np.round(weights, 2))
    print("in use:", used)
    table(reliability(cases_of(CHECK_SEEDS, settings), used))
