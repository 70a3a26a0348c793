"""Fit the probability that a rise in the picture is the flash of a bang, and write it beside the detector.

Simulated flashes over real footage (`benchmarks.flash_scenes`); clips and seeds apart from those that
`benchmarks.flashes` judges on. ``--keep FOLDER`` keeps the small frames, so that another fit need not render again.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import optimize, special

import syncview.detect
from benchmarks.flash_rows import SETTINGS, is_right, scene_window
from benchmarks.flash_scenes import FIT_CLIPS
from syncview.detect.flash_score import FlashModel
from syncview.detect.flash_search import measured_rises
from syncview.detect.score import model_inputs, model_terms

FIT_SEEDS = range(150)
PENALTY = 0.5  # chosen by leaving out a fifth of the fitting scenes in turn
PRODUCTS_PENALTY = 20.0
INPUTS = (
    "strength_log",
    "rise_levels",
    "area_log_share",
    "saturated_share",
    "contrast_levels",
    "bright_before_share",
    "other_share",
    "spread_share",
    "whole_rise_levels",
    "outstanding_log",
    "rival_share",
    "again_count",
    "left_next_share",
    "left_soon_share",
    "left_later_share",
    "left_after_share",
    "moved_px",
    "left_near_share",
    "changed_log",
    "changed_all_levels",
    "key_frame",
)
TARGET = Path(syncview.detect.__file__).with_name("flash_score.json")


def rows_of(seeds: range, keep: Path | None) -> tuple[list[dict[str, float]], list[bool], list[int]]:
    """Measures of all rises in some scenes, which are the flash, and whose."""
    measures, right, owner = [], [], []
    for seed in seeds:
        scene, window = scene_window(seed, FIT_CLIPS, keep)
        for found in measured_rises(window, settings=SETTINGS):
            measures.append(dict(found.measures))
            right.append(is_right(found, scene))
            owner.append(seed)
    return measures, right, owner


def fit(
    measures: list[dict[str, float]],
    right: list[bool],
    fitted_on: str,
    *,
    inputs: tuple[str, ...] = INPUTS,
    penalty: float = PENALTY,
    products_penalty: float = PRODUCTS_PENALTY,
) -> FlashModel:
    """Fit the model; deterministic."""
    table = np.array([[row[name] for name in inputs] for row in measures])
    low, high = np.quantile(table, 0.02, axis=0), np.quantile(table, 0.98, axis=0)
    table = np.clip(table, low, high)
    frame = FlashModel(
        measures=inputs,
        low=_rounded(low),
        high=_rounded(high),
        mean=_rounded(table.mean(axis=0)),
        scale=_rounded(table.std(axis=0) + 1e-3),
        weights=(),
        fitted_on=fitted_on,
    )
    terms, wanted = model_inputs(measures, frame), np.array(right, float)
    products = terms.shape[1] - 1 - len(inputs)
    held = penalty * np.array([0.0] + [1.0] * len(inputs) + [products_penalty] * products)

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        height = terms @ weights
        lost = np.logaddexp(0.0, height) - wanted * height
        slope = terms.T @ (special.expit(height) - wanted) + 2 * held * weights
        return float(lost.sum() + (held * np.square(weights)).sum()), slope

    found = optimize.minimize(cost, np.zeros(terms.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    return replace(frame, weights=_rounded(found))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in values)


def write(model: FlashModel, target: Path, what: str, shares: str) -> None:
    """Write the coefficients, one measure or term to a line."""
    rows = [
        {"name": name, "low": low, "high": high, "mean": mean, "scale": scale}
        for name, low, high, mean, scale in zip(
            model.measures, model.low, model.high, model.mean, model.scale, strict=True
        )
    ]
    terms = zip(model_terms(model.measures), model.weights, strict=True)
    lines = [
        f' "what": {json.dumps(what)},',
        f' "fitted_on": {json.dumps(model.fitted_on)},',
        f' "shares_assumed": {json.dumps(shares)},',
        ' "measures": [',
        ",\n".join(f"  {json.dumps(row)}" for row in rows),
        " ],",
        ' "weights": {',
        ",\n".join(f"  {json.dumps(term)}: {weight}" for term, weight in terms),
        " }",
    ]
    target.write_text("\n".join(["{", *lines, "}"]) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder for the small frames of the scenes")
    parser.add_argument("--scenes", type=int, default=len(FIT_SEEDS), help="fit on fewer")
    given = parser.parse_args(arguments)
    seeds = FIT_SEEDS[: given.scenes]
    measures, right, _ = rows_of(seeds, given.keep)
    fitted_on = (
        f"simulated flashes over real footage: {len(seeds)} scenes (seeds from {FIT_SEEDS.start}), "
        f"{len(right)} rises, {sum(right)} of them flashes"
    )
    model = fit(measures, right, fitted_on)
    what = "logistic model of a rise being the flash of a bang, by benchmarks/fit_flash_score.py"
    write(model, TARGET, what, "a flash in the picture before 6 of 10 bangs")
    print(model.fitted_on)


if __name__ == "__main__":
    main()
