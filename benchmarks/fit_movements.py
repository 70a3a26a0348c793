"""Fit how likely movements of people and vehicles have happened within a second, and write it beside the detector.

Simulated incidents (`tests/incident_figures_example.py`), and for crowds also those of `tests/crowds_example.py`,
followed by the program's own tracker; the seeds are apart from those that are judged. `--check` judges what lies beside
the detector instead: reliability, precision and recall with and without shake, and how far moments are off.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

import syncview.detect
from benchmarks.movement_rows import CROWDS, SETTINGS, WITHIN_S, Row, matched, rows_of, watched_incident
from benchmarks.running import table
from crowds_example import crowd_scene
from incident_figures_example import incident
from syncview.detect.movements import find_movements

if TYPE_CHECKING:
    from collections.abc import Callable

    from incident_figures_example import Incident

FIT_SEEDS = range(300)
JUDGE_SEEDS = range(10_000, 10_120)
CROWD_FIT_SEEDS = range(20_000, 20_240)
CROWD_JUDGE_SEEDS = range(30_000, 30_120)
PENALTY = 2.0
INPUTS = {
    "border": (
        "own_speed_heights_per_s",
        "own_share",
        "beyond_s",
        "recognised_s",
        "recognised_share",
        "height_px",
        "detector_score",
    ),
    "amid": ("own_speed_heights_per_s", "recognised_s", "recognised_share", "height_px", "detector_score"),
    "stops": (
        "stands_s",
        "way_heights",
        "speed_heights_per_s",
        "wavers_heights",
        "camera_heights_per_s",
        "height_px",
        "detector_score",
    ),
    "fast": (
        "speed_heights_per_s",
        "fast_s",
        "straight_share",
        "jump_share",
        "faster_than_before",
        "camera_heights_per_s",
        "shared_share",
        "recognised_share",
        "height_px",
    ),
    "sudden": (
        "after_bang_s",
        "people_changing",
        "changing_share",
        "speed_change_share",
        "turn_share",
        "drop_share",
        "jump_share",
    ),
    "crowd": (
        "together_s",
        "people_before",
        "enough_share",
        "enough_before_share",
        "walked",
        "appeared",
        "drift_heights_per_s",
        "off_s",
        "height_px",
    ),
}
TARGET = Path(syncview.detect.__file__).with_name("movement_score.json")


def fitted(rows: list[Row], inputs: tuple[str, ...]) -> dict[str, object]:
    """Fit one model; deterministic."""
    measures = [dict(row.movement.measures) for row in rows]
    wanted = np.array([row.right for row in rows], float)
    given = np.array([[one[name] for name in inputs] for one in measures])
    low, high = np.quantile(given, 0.02, axis=0), np.quantile(given, 0.98, axis=0)
    given = np.clip(given, low, high)
    mean, scale = given.mean(axis=0).round(4), (given.std(axis=0) + 1e-3).round(4)
    terms = np.column_stack([np.ones(len(given)), (given - mean) / scale])
    held = PENALTY * np.array([0.0] + [1.0] * len(inputs))

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        height = terms @ weights
        lost = np.logaddexp(0.0, height) - wanted * height
        slope = terms.T @ (special.expit(height) - wanted) + 2 * held * weights
        return float(lost.sum() + (held * np.square(weights)).sum()), slope

    weights = optimize.minimize(cost, np.zeros(terms.shape[1]), jac=True, method="L-BFGS-B").x
    columns = zip(inputs, low, high, mean, scale, weights[1:], strict=True)
    keys = ("low", "high", "mean", "scale", "weight")
    return {
        "candidates": len(rows),
        "right": int(wanted.sum()),
        "constant": round(float(weights[0]), 4),
        "measures": [
            {"name": name, **{key: round(float(x), 4) for key, x in zip(keys, values, strict=True)}}
            for name, *values in columns
        ],
    }


def write(models: dict[str, dict[str, object]], count: int) -> None:
    """Write the models, one measure to a line."""
    entries = []
    for name, model in models.items():
        head = {key: value for key, value in model.items() if key != "measures"}
        lines = ",\n".join(f"   {json.dumps(row)}" for row in model["measures"])
        entries.append(f'  {json.dumps(name)}: {json.dumps(head)[:-1]}, "measures": [\n{lines}\n  ]}}')
    what = "logistic models of movements having happened within a second, by benchmarks/fit_movements.py"
    fitted_on = (
        f"simulated incidents: {count} scenes (seeds from {FIT_SEEDS.start}), "
        f"crowds also on {len(CROWD_FIT_SEEDS)} of their own (seeds from {CROWD_FIT_SEEDS.start})"
    )
    text = ",\n".join(entries)
    TARGET.write_text(
        f'{{\n "what": {json.dumps(what)},\n "fitted_on": {json.dumps(fitted_on)},\n "models": {{\n{text}\n }}\n}}\n',
        encoding="utf-8",
    )


def check(seeds: range, make: Callable[..., Incident] = incident, **kinds: float | bool) -> None:
    """Judge what the program tells of scenes that it was not fitted on; of crowds' own scenes only what crowds do."""
    told: list[tuple[str, float, bool]] = []
    late, off, counts = defaultdict(list), defaultdict(list), defaultdict(Counter)
    for seed in seeds:
        one, tracks = watched_incident(seed, make, **kinds)
        movements = find_movements(
            tracks, one.scene.watched, (), recording_id="r", bangs_s=one.bangs_s, settings=SETTINGS
        )
        if make is crowd_scene:
            movements = tuple(each for each in movements if each.action in CROWDS)
        single = [each for each in movements for _ in range(len(each.track_names) if _is_group(each) else 1)]
        truths = matched(single, one.happened)
        for truth in one.happened:
            counts[truth.action]["happened"] += 1
        for each, truth in zip(single, truths, strict=True):
            told.append((each.action, each.score, truth is not None))
            sure = each.score >= 0.5
            counts[each.action]["told"] += sure
            counts[each.action]["right"] += sure and truth is not None
            counts[each.action]["found at all"] += truth is not None
            if truth is not None and not _is_group(each):
                late[each.action].append(abs(each.time_s - truth.time_s))
                off[each.action].append(abs(each.time_s - truth.time_s) <= each.uncertainty_s)
    _tell(told, late, off, counts)


def _is_group(movement: object) -> bool:
    return movement.subject == "group" and movement.action in ("enters", "leaves", "runs")


def _tell(told: list, late: dict, off: dict, counts: dict) -> None:
    scores, right = np.array([score for _, score, _ in told]), np.array([is_right for *_, is_right in told])
    print("score told -> share that happened within a second")
    for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        inside = (scores >= low) & (scores < high)
        if inside.any():
            print(f"  {scores[inside].mean():.2f} -> {right[inside].mean():.2f} (n={inside.sum()})")
    rows = []
    for action, count in sorted(counts.items()):
        lates = late[action] or [np.nan]
        rows.append(
            {
                "action": action,
                "happened": count["happened"],
                "precision (score >= 0.5)": count["right"] / max(count["told"], 1),
                "recall": count["right"] / max(count["happened"], 1),
                "recall at any score": count["found at all"] / max(count["happened"], 1),
                "off median s": float(np.median(lates)),
                "off 95 % s": float(np.quantile(lates, 0.95)),
                "+- holds": float(np.mean(off[action])) if off[action] else None,
            }
        )
    table(rows)


def main(arguments: list[str] | None = None) -> None:
    """Fit and write, or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=len(FIT_SEEDS), help="fit on fewer")
    parser.add_argument("--check", action="store_true", help="judge instead of fitting")
    parser.add_argument("--judged", type=int, default=len(JUDGE_SEEDS), help="judge on fewer")
    given = parser.parse_args(arguments)
    if given.check:
        seeds = JUDGE_SEEDS[: given.judged]
        print(f"seeds {seeds.start} to {seeds.stop - 1}; right within {WITHIN_S:g} s")
        for what, kinds in (
            ("as they come", {}),
            ("still", {"tremor_deg": 0.0, "pans": False}),
            ("shaken by 1 degree", {"tremor_deg": 1.0, "pans": False}),
        ):
            print(f"-- {what}")
            check(seeds, **kinds)
        crowds = CROWD_JUDGE_SEEDS[: given.judged]
        print(f"-- crowds, seeds {crowds.start} to {crowds.stop - 1}; right within what they are told to be off")
        check(crowds, crowd_scene)
        return
    rows = rows_of(FIT_SEEDS[: given.scenes])
    rows += [row for row in rows_of(CROWD_FIT_SEEDS, crowd_scene) if row.model == "crowd"]
    models = {name: fitted([row for row in rows if row.model == name], inputs) for name, inputs in INPUTS.items()}
    write(models, given.scenes)
    for name, model in models.items():
        print(name, model["candidates"], "candidates,", model["right"], "right")


if __name__ == "__main__":
    main()
