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


def fit(measures: list[dict[str, float]], right: list[bool], scenes: int) -> FlashModel:
    """Fit the model; deterministic."""
    table = np.array([[row[name] for name in INPUTS] for row in measures])
    low, high = np.quantile(table, 0.02, axis=0), np.quantile(table, 0.98, axis=0)
    table = np.clip(table, low, high)
    frame = FlashModel(
        measures=INPUTS,
        low=_rounded(low),
        high=_rounded(high),
        mean=_rounded(table.mean(axis=0)),
        scale=_rounded(table.std(axis=0) + 1e-3),
        weights=(),
        fitted_on=(
            f"simulated flashes over real footage: {scenes} scenes (seeds from {FIT_SEEDS.start}), "
            f"{len(right)} rises, {sum(right)} of them flashes"
        ),
    )
    inputs, wanted = model_inputs(measures, frame), np.array(right, float)
    products = inputs.shape[1] - 1 - len(INPUTS)
    penalty = PENALTY * np.array([0.0] + [1.0] * len(INPUTS) + [PRODUCTS_PENALTY] * products)

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        height = inputs @ weights
        lost = np.logaddexp(0.0, height) - wanted * height
        slope = inputs.T @ (special.expit(height) - wanted) + 2 * penalty * weights
        return float(lost.sum() + (penalty * np.square(weights)).sum()), slope

    found = optimize.minimize(cost, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    return replace(frame, weights=_rounded(found))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in values)


def write(model: FlashModel) -> None:
    """Write the coefficients, one measure or term to a line."""
    rows = [
        {"name": name, "low": low, "high": high, "mean": mean, "scale": scale}
        for name, low, high, mean, scale in zip(
            model.measures, model.low, model.high, model.mean, model.scale, strict=True
        )
    ]
    terms = zip(model_terms(model.measures), model.weights, strict=True)
    lines = [
        ' "what": "logistic model of a rise being the flash of a bang, by benchmarks/fit_flash_score.py",',
        f' "fitted_on": {json.dumps(model.fitted_on)},',
        ' "shares_assumed": "a flash in the picture before 6 of 10 bangs",',
        ' "measures": [',
        ",\n".join(f"  {json.dumps(row)}" for row in rows),
        " ],",
        ' "weights": {',
        ",\n".join(f"  {json.dumps(term)}: {weight}" for term, weight in terms),
        " }",
    ]
    TARGET.write_text("\n".join(["{", *lines, "}"]) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder for the small frames of the scenes")
    parser.add_argument("--scenes", type=int, default=len(FIT_SEEDS), help="fit on fewer")
    given = parser.parse_args(arguments)
    seeds = FIT_SEEDS[: given.scenes]
    measures, right, _ = rows_of(seeds, given.keep)
    model = fit(measures, right, len(seeds))
    write(model)
    print(model.fitted_on)


if __name__ == "__main__":
    main()
