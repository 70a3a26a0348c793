"""Fit the probability of a lag on simulated incidents, and check it on others.

The coefficients stand in `SyncSettings`; this prints what they should be, and how often the stated probability of a
hypothesis was right on scenes that were not used for fitting. Whole recordings and stretches of 2 to 20 s, pairs of
one incident and strangers::

    python -m benchmarks.fit_lag_probability [--folder RENDERED] [--check RENDERED] [--pairs P]
                                             [--check-pairs P] [--cache FOLDER] [--limit N]

Without `--folder` and `--check` the scenes are `random_incident` alone; with them, those that
`benchmarks.sync_incidents --render` wrote are added. With `--cache`, features are computed once.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from benchmarks.lag_scenes import Scene, draw_pairs, pair_scenes, plain_scenes, rendered_scenes
from benchmarks.running import table
from syncview.settings import SyncSettings
from syncview.sync.candidates import lag_candidates
from syncview.sync.hypotheses import candidate_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
FIT_SEEDS = range(50_001, 50_013)
CHECK_SEEDS = range(51_001, 51_013)
BINS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0001)


@dataclass(frozen=True)
class Case:
    """The candidates of one pair, and which of them are right."""

    terms: NDArray[np.float64]
    right: NDArray[np.bool_]
    rivals: NDArray[np.bool_]  # which lags contradict which: shape (n, n)


# More agreement never speaks against a lag.
BOUNDS = ((None, None), (0.0, None), (0.0, None), (0.0, None), (None, 0.0))


def cases_of(scenes: Sequence[Scene], seed: int, settings: SyncSettings) -> list[Case]:
    """Match pairs of one incident and strangers."""
    cases = []
    for pair in draw_pairs(scenes, np.random.default_rng(seed)):
        found = lag_candidates(pair.a, pair.b, settings=settings)
        terms = np.array([candidate_terms(c) for c in found], dtype=float).reshape(-1, len(BOUNDS))
        lags_s = np.array([c.lag_s for c in found])
        rivals = np.abs(lags_s[:, None] - lags_s[None, :]) > settings.rival_apart_s
        cases.append(Case(terms, np.array([pair.right(c.lag_s) for c in found], dtype=bool), rivals))
    return cases


def stated_probability(case: Case, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the program states for each lag of a pair."""
    odds = np.exp(np.minimum(case.terms @ weights, 50.0))
    return np.asarray(odds / (1.0 + odds + case.rivals @ odds))


def fit(cases: list[Case]) -> NDArray[np.float64]:
    """Maximum likelihood of each lag being right or wrong, lightly regularised."""

    def loss(weights: NDArray[np.float64]) -> float:
        p = np.clip(np.concatenate([stated_probability(case, weights) for case in cases]), 1e-9, 1 - 1e-9)
        return 0.02 * float((weights**2).sum()) - float(np.log(np.where(right, p, 1.0 - p)).sum())

    right = np.concatenate([case.right for case in cases])
    return np.asarray(minimize(loss, np.array([-4.0, 3.0, 0.5, 1.0, -0.5]), bounds=BOUNDS).x)


def reliability(cases: list[Case], weights: NDArray[np.float64]) -> list[dict[str, object]]:
    """Stated probability against how often it was right."""
    stated: list[float] = []
    right: list[bool] = []
    for case in cases:
        stated += stated_probability(case, weights).tolist()
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
    seeds: Sequence[int],
    folder: Path | None,
    pairs: Path | None,
    cache: Path | None,
    limit: int | None,
    settings: SyncSettings,
) -> list[Scene]:
    rendered = rendered_scenes(folder, cache, settings, limit=limit) if folder is not None else []
    real = pair_scenes(pairs, cache, settings) if pairs is not None else []
    return [*plain_scenes(list(seeds)[:limit], cache, settings), *rendered, *real]


def main(arguments: Sequence[str] = ()) -> None:
    """Print coefficients and the reliability of the ones in use."""
    sys.path.insert(0, str(ROOT / "tests"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_lag_probability")
    parser.add_argument("--folder", type=Path, metavar="RENDERED", help="incidents to fit on")
    parser.add_argument("--check", type=Path, metavar="RENDERED", help="incidents to check on, others than those")
    parser.add_argument("--pairs", type=Path, metavar="PAIRS", help="pairs of real sounds to fit on")
    parser.add_argument("--check-pairs", type=Path, metavar="PAIRS", help="pairs of real sounds to check on")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep features there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N incidents of each kind")
    parser.add_argument("--fit-only", action="store_true", help="no reliability table")
    chosen = parser.parse_args(arguments)
    settings = SyncSettings()
    cases = cases_of(
        _scenes(FIT_SEEDS, chosen.folder, chosen.pairs, chosen.cache, chosen.limit, settings), FIT_SEEDS.start, settings
    )
    print(
        f"{len(cases)} pairs, {sum(len(c.right) for c in cases)} lags, {sum(int(c.right.sum()) for c in cases)} right"
    )
    print("fitted (constant, tones, pattern, waveform, log of seconds):", np.round(fit(cases), 2))
    print("in use:", np.array(settings.log_odds))
    if not chosen.fit_only:
        others = _scenes(CHECK_SEEDS, chosen.check, chosen.check_pairs, chosen.cache, chosen.limit, settings)
        table(reliability(cases_of(others, CHECK_SEEDS.start, settings), np.array(settings.log_odds)))


if __name__ == "__main__":
    main(sys.argv[1:])
