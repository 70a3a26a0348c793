"""Fit the score of possible aircraft sound on simulated recordings, and write ``detect/aircraft_score.json``.

    python -m benchmarks aircraft-fit                         # fit, write the file, judge on other seeds
    python -m benchmarks aircraft-fit -- --check              # judge the file that is there
    python -m benchmarks aircraft-fit -- --keep FOLDER        # keep the sounds, so that the next fit need not render

A logistic model for each kind of stretch, on its measures and their products, by penalised maximum likelihood. The
scores that a suggestion and a candidate need are told too: the least at which recordings without aircraft give no more
than `FALSE_PER_H` and `LISTED_PER_H` stretches an hour, by models that did not see the recording. Simulated only.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats

import syncview.detect
from benchmarks.aircraft_scenes import SHARE_FLYING, is_aircraft, kept_scene, rate_text
from benchmarks.running import table
from simulator.aircraft import AIRCRAFT, RATE_HZ
from syncview.detect.aircraft_curves import sound_curves
from syncview.detect.aircraft_score import AircraftModel, aircraft_models
from syncview.detect.aircraft_stretches import find_stretches
from syncview.detect.score import model_inputs, model_terms
from syncview.settings import AircraftSettings

FIT_SEEDS, JUDGE_SEEDS = range(200_000, 200_600), range(300_000, 300_250)
# Listening to one takes half a minute: of an hour of footage, one minute and ten.
FALSE_PER_H, LISTED_PER_H = 2.0, 20.0
PENALTY, PRODUCTS_PENALTY = 2.0, 20.0
_COMMON = ("length_s", "rise_db", "fall_db", "level_over_db", "roughness_db", "steepest_db_per_s", "spread_db")
_COMB = ("comb_db", "comb_delay_ms", "comb_reach_ms", "comb_steadiness", "comb_arch_ms")
_LINES = ("pitch_fall_percent", "pitch_steadiness", "line_agreement", "lines_count", "beat_db", "beat_hz")
_TILT = ("tilt_change_db", "tilt_top_db", "wind_db")
INPUTS = {
    "droning": (*_LINES, "fastest_fall_percent_per_s", *_COMMON, *_COMB, *_TILT),
    "swelling": (*_COMMON, *_COMB, *_TILT, "line_agreement", "beat_db"),
    "sweeping": (*_COMMON, *_COMB, *_TILT, "line_agreement", "lines_count", "beat_db", "pitch_fall_percent"),
}
TARGET = Path(syncview.detect.__file__).with_name("aircraft_score.json")
EDGES = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 1.01)
LEVELS_DB = (-5, 3, 10, 17, 30)
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One stretch of one scene; `flies` is None beside an aircraft that is fainter than the place: neither counts."""

    seed: int
    scene_kind: str
    snr_db: float
    begin: int
    end: int
    kind: str
    measures: dict[str, float]
    flies: bool | None


def rows_of(seeds: range, keep: Path | None) -> tuple[list[Row], float]:
    """Stretches of some scenes, and how many hours of them hold no aircraft."""
    rows, ground_s = [], 0.0
    for seed in seeds:
        drawn = kept_scene(seed, keep)
        ground_s += 0.0 if drawn.kind in AIRCRAFT else drawn.length_s
        rows += [
            Row(
                seed=seed,
                scene_kind=drawn.kind,
                snr_db=drawn.snr_db,
                begin=each.begin,
                end=each.end,
                kind=each.kind,
                measures=dict(each.measures),
                flies=is_aircraft(each.begin, each.end, drawn.audible) or (None if drawn.kind in AIRCRAFT else False),
            )
            for each in find_stretches(sound_curves(drawn.samples, RATE_HZ), settings=AircraftSettings())
        ]
    return rows, ground_s / 3600


def fit(rows: list[Row], kind: str) -> AircraftModel:
    """Fit the model of one kind of stretch; deterministic."""
    names = INPUTS[kind]
    values = np.array([[row.measures[name] for name in names] for row in rows])
    low, high = np.quantile(values, 0.01, axis=0), np.quantile(values, 0.99, axis=0)
    values = np.clip(values, low, high)
    frame = AircraftModel(
        measures=names,
        low=_rounded(low),
        high=_rounded(high),
        mean=_rounded(values.mean(axis=0)),
        scale=_rounded(values.std(axis=0) + 1e-3),
        weights=(),
    )
    inputs = model_inputs([row.measures for row in rows], frame)
    wanted = np.array([row.flies for row in rows], float)
    products = inputs.shape[1] - 1 - len(names)
    penalty = np.array([0.0] + [PENALTY] * len(names) + [PRODUCTS_PENALTY] * products)

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        height = inputs @ weights
        value = np.sum(np.logaddexp(0.0, height) - wanted * height) + (penalty * np.square(weights)).sum()
        return float(value), inputs.T @ (special.expit(height) - wanted) + 2 * penalty * weights

    found = optimize.minimize(cost, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 3000}).x
    return replace(frame, weights=_rounded(found))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(x), 4) for x in values)


def scores_of(rows: list[Row], models: dict[str, AircraftModel]) -> np.ndarray:
    """Scores of stretches, shape (rows,)."""
    height = np.zeros(len(rows))
    for kind, model in models.items():
        own = [i for i, row in enumerate(rows) if row.kind == kind]
        if own:
            height[own] = model_inputs([rows[i].measures for i in own], model) @ np.array(model.weights)
    return np.asarray(special.expit(height))


def unseen_scores(rows: list[Row]) -> np.ndarray:
    """Scores by models that were fitted without a fifth of the scenes, those of the stretch among them."""
    scores = np.zeros(len(rows))
    for fold in range(_FOLDS):
        inside = [i for i, row in enumerate(rows) if row.seed % _FOLDS == fold]
        rest = [row for row in rows if row.seed % _FOLDS != fold and row.flies is not None]
        models = {kind: fit([row for row in rest if row.kind == kind], kind) for kind in INPUTS}
        scores[inside] = scores_of([rows[i] for i in inside], models)
    return scores


def told(rows: list[Row], scores: np.ndarray) -> np.ndarray:
    """Which stretches remain where others overlap them: the best first, as the detector takes them."""
    stays = np.zeros(len(rows), bool)
    taken: dict[int, list[tuple[int, int]]] = {}
    for i in np.argsort(-scores, kind="stable"):
        row, others = rows[i], taken.setdefault(rows[i].seed, [])
        if all(row.end <= begin or end <= row.begin for begin, end in others):
            others.append((row.begin, row.end))
            stays[i] = True
    return stays


def least_score(rows: list[Row], scores: np.ndarray, hours: float, per_h: float) -> float:
    """Least score at which recordings without aircraft give no more stretches an hour than told."""
    stays = told(rows, scores)
    false = sorted(
        (s for s, row, stay in zip(scores, rows, stays, strict=True) if stay and _on_ground(row)), reverse=True
    )
    allowed = int(per_h * hours)
    return float(np.ceil(100 * false[allowed]) / 100) if allowed < len(false) else 0.0


def _on_ground(row: Row) -> bool:
    return row.scene_kind not in AIRCRAFT


def write(models: dict[str, AircraftModel], fitted_on: str, counts: dict[str, str]) -> None:
    """Write the coefficients, one measure or term to a line."""
    head = {
        "what": "logistic models of a stretch being aircraft sound, by benchmarks/fit_aircraft.py",
        "fitted_on": fitted_on,
        "shares_assumed": f"{SHARE_FLYING:.0%} of recordings hold an aircraft, from inaudible to loud",
    }
    lines = ["{", *(f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()), ' "kinds": {']
    for kind, model in models.items():
        columns = zip(model.measures, model.low, model.high, model.mean, model.scale, strict=True)
        rows = [dict(zip(("name", "low", "high", "mean", "scale"), column, strict=True)) for column in columns]
        terms = zip(model_terms(model.measures), model.weights, strict=True)
        lines += [f'  "{kind}": {{', f'   "stretches": {json.dumps(counts[kind])},', '   "measures": [']
        lines += [",\n".join(f"    {json.dumps(row)}" for row in rows), "   ],", '   "weights": {']
        lines += [",\n".join(f"    {json.dumps(term)}: {json.dumps(weight)}" for term, weight in terms), "   }"]
        lines += ["  }," if kind != list(models)[-1] else "  }"]
    TARGET.write_text("\n".join([*lines, " }", "}"]) + "\n", encoding="utf-8")


def refit(keep: Path | None) -> None:
    """Fit, write, and tell which scores the two rates ask for."""
    rows, hours = rows_of(FIT_SEEDS, keep)
    models, counts = {}, {}
    for kind in INPUTS:
        own = [row for row in rows if row.kind == kind and row.flies is not None]
        models[kind] = fit(own, kind)
        counts[kind] = f"{len(own)}, {sum(row.flies for row in own)} of them aircraft"
    scores = unseen_scores(rows)
    known = np.array([row.flies is not None for row in rows])
    wanted = np.array([bool(row.flies) for row in rows])
    loss = -np.mean(np.log(np.where(wanted, scores, 1 - scores)[known] + 1e-9))
    print(f"fit (simulated): {len(rows)} stretches, {counts}; loss of stretches not seen {loss:.4f}")
    suggestion = least_score(rows, scores, hours, FALSE_PER_H)
    listed = least_score(rows, scores, hours, LISTED_PER_H)
    print(f"  {hours:.1f} h without aircraft: {FALSE_PER_H:g} false an hour from a score of {suggestion}, ")
    print(f"  {LISTED_PER_H:g} from {listed}")
    fitted_on = (
        f"simulated recordings only: {len(FIT_SEEDS)} (seeds from {FIT_SEEDS.start}), {hours:.1f} h of them without "
        f"aircraft; {FALSE_PER_H:g} false suggestions an hour there from a score of {suggestion}, "
        f"{LISTED_PER_H:g} from {listed}"
    )
    write(models, fitted_on, counts)
    aircraft_models.cache_clear()


def judge(keep: Path | None) -> None:
    """Print the reliability of the scores on recordings that were not fitted."""
    rows, hours = rows_of(JUDGE_SEEDS, keep)
    scores = scores_of(rows, aircraft_models())
    stays = told(rows, scores) & np.array([row.flies is not None for row in rows])
    wanted = np.array([bool(row.flies) for row in rows])
    print(
        f"reliability (simulated), {len(JUDGE_SEEDS)} recordings from seed {JUDGE_SEEDS.start}: score -> share aircraft"
    )
    _reliability("all kinds", scores[stays], wanted[stays])
    for kind in INPUTS:
        own = stays & np.array([row.kind == kind for row in rows])
        _reliability(kind, scores[own], wanted[own])
    false = np.array([_on_ground(row) for row in rows]) & told(rows, scores)
    settings = AircraftSettings()
    for name, least in (("suggested", settings.least_score), ("listed", settings.least_candidate_score)):
        rate = rate_text(int((scores[false] >= least).sum()), hours)
        print(f"  {name} without an aircraft, in {hours:.1f} h: {rate}")
    _by_level(rows, scores, keep)


def _reliability(name: str, scores: np.ndarray, wanted: np.ndarray) -> None:
    print(f"  {name}: {len(scores)} stretches, {wanted.sum()} aircraft, Brier {np.mean((scores - wanted) ** 2):.3f}")
    for low, high in itertools.pairwise(EDGES):
        own = (scores >= low) & (scores < high)
        if own.any():
            hits, total = int(wanted[own].sum()), int(own.sum())
            least = stats.beta.ppf(0.025, hits, total - hits + 1) if hits else 0.0
            most = stats.beta.ppf(0.975, hits + 1, total - hits) if hits < total else 1.0
            print(f"    {scores[own].mean():.2f} -> {hits / total:.2f} ({least:.2f} to {most:.2f}), of {total}")


def _by_level(rows: list[Row], scores: np.ndarray, keep: Path | None) -> None:
    """How many of the passages are suggested, by kind and level over the place."""
    drawn = [(seed, kept_scene(seed, keep)) for seed in JUDGE_SEEDS]
    hits = {
        row.seed
        for row, score in zip(rows, scores, strict=True)
        if row.flies and score >= AircraftSettings().least_score
    }
    lines: list[dict[str, object]] = []
    for kind in AIRCRAFT:
        line: dict[str, object] = {"simulated": kind}
        for low, high in itertools.pairwise(LEVELS_DB):
            own = [seed for seed, scene in drawn if scene.kind == kind and low <= scene.snr_db < high]
            line[f"{low} to {high} dB"] = f"{len(hits & set(own))} of {len(own)}"
        lines.append(line)
    table(lines)


def main(words: list[str] | None = None) -> None:
    """Fit, write and judge; or only judge the file that is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks aircraft-fit", description=__doc__)
    parser.add_argument("--check", action="store_true", help="judge the file that is there; write nothing")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of the sounds")
    asked = parser.parse_args(words)
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    if not asked.check:
        refit(asked.keep)
    judge(asked.keep)


if __name__ == "__main__":
    main()
