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
from scipy.sparse import block_diag, csr_array, eye_array

from benchmarks.lag_scenes import Scene, draw_pairs, pair_scenes, plain_scenes, rendered_scenes
from benchmarks.running import table
from syncview.settings import SyncSettings
from syncview.sync.candidates import lag_candidates
from syncview.sync.odds import candidate_terms, clear_waveform_log_odds, short_overlap_log_odds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
FIT_SEEDS = range(50_001, 50_013)
CHECK_SEEDS = range(51_001, 51_013)
START = (-7.0, 2.0, 0.5, 0.8, -0.5, -4.6)  # near what was fitted before
BINS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0001)


@dataclass(frozen=True)
class Case:
    """The candidates of one pair, and which of them are right.

    What tells nothing of a lag against "nothing in common" is left out of `counted`: lags beside a right one, which is
    the rivalry of two sounds of one place; and pairs with two right lags that contradict each other, whose recordings
    are cut and which the program matches again in pieces.
    """

    terms: NDArray[np.float64]
    beside: NDArray[np.float64]  # log odds that are not fitted
    overlaps_s: NDArray[np.float64]
    right: NDArray[np.bool_]
    rivals: NDArray[np.bool_]  # which lags contradict which: shape (n, n)
    counted: NDArray[np.bool_]


def cases_of(scenes: Sequence[Scene], seed: int, settings: SyncSettings) -> list[Case]:
    """Match pairs of one incident and strangers."""
    cases = []
    for pair in draw_pairs(scenes, np.random.default_rng(seed)):
        found = lag_candidates(pair.a, pair.b, settings=settings)
        if not found:
            continue
        lags_s = np.array([c.lag_s for c in found])
        rivals = np.abs(lags_s[:, None] - lags_s[None, :]) > settings.rival_apart_s
        right = np.array([pair.right(c.lag_s) for c in found], dtype=bool)
        beside = ~right & (~rivals & right[None, :]).any(axis=1)
        cut = bool((rivals & right[:, None] & right[None, :]).any())
        cases.append(
            Case(
                terms=np.array([candidate_terms(c) for c in found], dtype=float),
                beside=np.array([clear_waveform_log_odds(c, settings) for c in found]),
                overlaps_s=np.array([c.overlap_s for c in found]),
                right=right,
                rivals=rivals,
                counted=~beside & (not cut),
            )
        )
    return cases


def stated_probability(
    case: Case, weights: NDArray[np.float64], least_log_odds: float, settings: SyncSettings
) -> NDArray[np.float64]:
    """What the program states for each lag of a pair."""
    linear = case.terms @ weights + case.beside
    worth = [short_overlap_log_odds(v, s, settings) for v, s in zip(linear.tolist(), case.overlaps_s, strict=True)]
    odds = np.exp(np.minimum(worth, 50.0)) + np.exp(least_log_odds)
    return np.asarray(odds / (1.0 + odds + case.rivals @ odds))


@dataclass(frozen=True)
class _Together:
    """All cases as one, for speed: rows of lags, and blocks of rivals."""

    terms: NDArray[np.float64]
    beside: NDArray[np.float64]
    right: NDArray[np.bool_]
    counted: NDArray[np.float64]
    rivals: csr_array
    all_of_pair: csr_array

    def loss(self, free: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Negative log likelihood of each lag being right or wrong, and its slope."""
        linear = np.minimum(self.terms @ free[:-1] + self.beside, 50.0)
        odds = np.exp(linear) + np.exp(free[-1])
        others = 1.0 + self.rivals @ odds
        everything = others + odds
        likelihood = np.where(self.right, np.log(odds), np.log(others)) - np.log(everything)
        slope = self.counted * self.right / odds - self.all_of_pair.T @ (self.counted / everything)
        slope += self.rivals.T @ (self.counted * ~self.right / others)
        towards = np.append(self.terms.T @ (slope * np.exp(linear)), slope.sum() * np.exp(free[-1]))
        return 0.02 * float(free @ free) - float(self.counted @ likelihood), 0.04 * free - towards


def fit(cases: list[Case]) -> tuple[NDArray[np.float64], float]:
    """Maximum likelihood, lightly regularised: the weights of the terms, and the log odds of what chance lists."""
    rivals = csr_array(block_diag([case.rivals.astype(float) for case in cases]))
    together = _Together(
        terms=np.concatenate([case.terms for case in cases]),
        beside=np.concatenate([case.beside for case in cases]),
        right=np.concatenate([case.right for case in cases]),
        counted=np.concatenate([case.counted for case in cases]).astype(float),
        rivals=rivals,
        all_of_pair=csr_array(rivals + eye_array(rivals.shape[0])),
    )
    found = minimize(together.loss, np.array(START), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return np.asarray(found[:-1]), float(found[-1])


def reliability(cases: list[Case], settings: SyncSettings, *, all_lags: bool) -> list[dict[str, object]]:
    """Stated probability against how often it was right."""
    weights, least = np.array(settings.log_odds), settings.least_log_odds
    p = np.concatenate([stated_probability(case, weights, least, settings) for case in cases])
    y = np.concatenate([case.right for case in cases])
    counted = np.concatenate([case.counted | all_lags for case in cases])
    p, y = p[counted], y[counted]
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
    weights, least = fit(cases)
    print(
        "fitted (constant, tones, pattern, waveform, log of seconds; what chance lists):", np.round(weights, 2), least
    )
    print("in use:", np.array(settings.log_odds), settings.least_log_odds)
    if not chosen.fit_only:
        others = cases_of(
            _scenes(CHECK_SEEDS, chosen.check, chosen.check_pairs, chosen.cache, chosen.limit, settings),
            CHECK_SEEDS.start,
            settings,
        )
        for all_lags in (False, True):
            print("all lags" if all_lags else "without lags beside a right one and recordings that are cut")
            table(reliability(others, settings, all_lags=all_lags))


if __name__ == "__main__":
    main(sys.argv[1:])
