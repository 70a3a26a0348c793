"""Fit the probability that a lasting change is the first plume of a bang, and write it beside the detector.

Simulated plumes over real footage (`benchmarks.plume_scenes`); clips and seeds apart from those that
`benchmarks.plumes` judges on. ``--keep FOLDER`` keeps the small frames, so that another fit need not render again;
``--check`` leaves out a fifth of the scenes in turn and says how well scores mean what they say.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import syncview.detect
from benchmarks.fit_flash_score import fit, write
from benchmarks.flash_rows import SETTINGS
from benchmarks.plume_rows import PLUMES, is_plume, plume_window
from benchmarks.plume_scenes import PLUME_FIT_CLIPS
from syncview.detect.flash_score import FlashModel, flash_probability
from syncview.detect.plume_search import measured_growths

FIT_SEEDS = range(300)
PENALTY = 4.0  # chosen by leaving out a fifth of the fitting scenes in turn
PRODUCTS_PENALTY = 30.0
INPUTS = (
    "strength",
    "rival_strength",
    "rivals_count",
    "contrast_levels",
    "top_levels",
    "region_log_share",
    "solid_share",
    "upright_log",
    "seconds_left",
    "area_early_log",
    "area_late_log",
    "growth_first_log",
    "growth_then_log",
    "falls_share",
    "filled_share",
    "outside_share",
    "nested_share",
    "stays_share",
    "stays_all_share",
    "down_sizes",
    "sideways_sizes",
    "moved_first_sizes",
    "moved_then_sizes",
    "texture_log",
    "texture_levels",
    "edge_share",
    "brighter_levels",
    "uneven_share",
    "elsewhere_first_log",
    "elsewhere_then_log",
    "turned_px",
    "at_edge_share",
    "sudden_share",
    "half_s",
    "noise_share",
    "volume_log",
    "volume_falls_share",
)
TARGET = Path(syncview.detect.__file__).with_name("plume_score.json")


def rows_of(seeds: range, keep: Path | None) -> tuple[list[dict[str, float]], list[bool], list[int]]:
    """Measures of all lasting changes in some scenes, which are the plume, and whose."""
    measures, right, owner = [], [], []
    for seed in seeds:
        scene, window = plume_window(seed, PLUME_FIT_CLIPS, keep)
        for found in measured_growths(window, flash=SETTINGS, settings=PLUMES):
            measures.append(dict(found.measures))
            right.append(is_plume(found, scene))
            owner.append(seed)
    return measures, right, owner


def fitted(measures: list[dict[str, float]], right: list[bool], scenes: int) -> FlashModel:
    """Fit the model; deterministic."""
    fitted_on = (
        f"simulated plumes over real footage: {scenes} scenes (seeds from {FIT_SEEDS.start}), "
        f"{len(right)} lasting changes, {sum(right)} of them plumes"
    )
    return fit(measures, right, fitted_on, inputs=INPUTS, penalty=PENALTY, products_penalty=PRODUCTS_PENALTY)


def check(measures: list[dict[str, float]], right: list[bool], owner: list[int]) -> None:
    """Score each fifth of the scenes by a fit on the others."""
    wanted, scenes = np.array(right, float), np.array(owner)
    scores = np.zeros(len(right))
    for fold in range(5):
        out = scenes % 5 == fold
        model = fitted([m for m, o in zip(measures, out, strict=True) if not o], list(wanted[~out] > 0), len(scenes))
        scores[out] = [flash_probability(m, model) for m, o in zip(measures, out, strict=True) if o]
    p = np.clip(scores, 1e-6, 1 - 1e-6)
    print(f"log loss {-np.mean(wanted * np.log(p) + (1 - wanted) * np.log(1 - p)):.4f}")
    firsts = {s: np.flatnonzero(scenes == s)[np.argsort(-scores[scenes == s])] for s in set(owner)}
    has = [s for s in firsts if wanted[firsts[s]].any()]
    print(f"of {len(has)} scenes with the plume among what is measured:")
    for most in (1, 3):
        print(f"  in the first {most}: {np.mean([wanted[firsts[s][:most]].any() for s in has]):.3f}")
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = (scores >= low) & (scores < high)
        if inside.any():
            print(f"  {scores[inside].mean():.2f} -> {wanted[inside].mean():.2f} (n={inside.sum()})")


def main(arguments: list[str] | None = None) -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder for the small frames of the scenes")
    parser.add_argument("--scenes", type=int, default=len(FIT_SEEDS), help="fit on fewer")
    parser.add_argument("--check", action="store_true", help="leave out a fifth in turn instead of writing")
    given = parser.parse_args(arguments)
    seeds = FIT_SEEDS[: given.scenes]
    measures, right, owner = rows_of(seeds, given.keep)
    if given.check:
        check(measures, right, owner)
        return
    model = fitted(measures, right, len(seeds))
    what = "logistic model of a lasting change being the first plume of a bang, by benchmarks/fit_plume_score.py"
    write(model, TARGET, what, "a plume in the picture before 6 of 10 bangs")
    print(model.fitted_on)


if __name__ == "__main__":
    main()
