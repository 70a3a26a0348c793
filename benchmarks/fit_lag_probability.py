"""Fit the probability of a lag on simulated incidents, and check it on others.

The coefficients stand in `SyncSettings`; this prints what they should be, and how often the stated probability of a
hypothesis was right on scenes that were not used for fitting. Whole recordings and stretches of 2 to 20 s, pairs of
one incident and strangers::

    python -m benchmarks.fit_lag_probability [--folder RENDERED] [--check RENDERED] [--cache FOLDER] [--limit N]

Without `--folder` and `--check` the scenes are `random_incident` alone; with them, those that
`benchmarks.sync_incidents --render` wrote are added. With `--cache`, features are computed once.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from benchmarks.lag_scenes import Scene, draw_pairs, plain_scenes, rendered_scenes
from benchmarks.running import table
from syncview.settings import SyncSettings
from syncview.sync.hypotheses import LagCluster, lag_clusters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
FIT_SEEDS = range(50_001, 50_013)
CHECK_SEEDS = range(51_001, 51_013)
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


# Bounds keep what is rare in simulation (sources at rest, close) from being unlearnt.
BOUNDS = ((None, None), (0.0, None), (0.0, None), (0.3, 1.5))


def in_use(settings: SyncSettings) -> NDArray[np.float64]:
    """The coefficients of `terms_of` that the program has."""
    return np.array(
        [
            settings.log_odds_constant,
            settings.log_odds_per_log_pattern,
            settings.log_odds_per_log_waveform,
            settings.log_odds_per_tight,
        ]
    )


def cases_of(scenes: Sequence[Scene], seed: int, settings: SyncSettings) -> list[Case]:
    """Match pairs of one incident and strangers."""
    cases = []
    for pair in draw_pairs(scenes, np.random.default_rng(seed)):
        found = lag_clusters(pair.a, pair.b, settings=settings)
        terms = np.array([terms_of(c) for c in found], dtype=float).reshape(-1, len(BOUNDS))
        cases.append(Case(terms, np.array([pair.right(c.lag_s) for c in found], dtype=bool)))
    return cases


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

    return np.asarray(minimize(loss, np.zeros(len(BOUNDS)), bounds=BOUNDS).x)


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


def _scenes(
    seeds: Sequence[int], folder: Path | None, cache: Path | None, limit: int | None, settings: SyncSettings
) -> list[Scene]:
    rendered = rendered_scenes(folder, cache, settings, limit=limit) if folder is not None else []
    return [*plain_scenes(list(seeds)[:limit], cache, settings), *rendered]


def main(arguments: Sequence[str] = ()) -> None:
    """Print coefficients and the reliability of the ones in use."""
    sys.path.insert(0, str(ROOT / "tests"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_lag_probability")
    parser.add_argument("--folder", type=Path, metavar="RENDERED", help="incidents to fit on")
    parser.add_argument("--check", type=Path, metavar="RENDERED", help="incidents to check on, others than those")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep features there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N incidents of each kind")
    parser.add_argument("--fit-only", action="store_true", help="no reliability table")
    chosen = parser.parse_args(arguments)
    settings = SyncSettings()
    cases = cases_of(_scenes(FIT_SEEDS, chosen.folder, chosen.cache, chosen.limit, settings), FIT_SEEDS.start, settings)
    print(
        f"{len(cases)} pairs, {sum(len(c.right) for c in cases)} lags, {sum(int(c.right.sum()) for c in cases)} right"
    )
    print("fitted (constant, per log pattern, per log waveform, per tight):", np.round(fit(cases), 2))
    print("in use:", in_use(settings))
    if not chosen.fit_only:
        others = _scenes(CHECK_SEEDS, chosen.check, chosen.cache, chosen.limit, settings)
        table(reliability(cases_of(others, CHECK_SEEDS.start, settings), in_use(settings)))


if __name__ == "__main__":
    main(sys.argv[1:])
