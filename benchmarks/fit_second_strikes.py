"""Fit how likely a sound after an earlier one is a second strike and no echo; part of `benchmarks.fit_strikes`.

Scenes of `benchmarks.echo_scenes`: as many with a second strike as without, echoes from walls and hills at places. The
wake of a lone strike gives the echoes; a second strike's own wake gives more of them.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from benchmarks.echo_scenes import echo_scene, record
from benchmarks.running import table
from benchmarks.strikes import clocks
from benchmarks.strikes_across import GEOMETRY, NEAR_S, SETTINGS, again, detect, run
from syncview.reconstruct import echoes
from syncview.reconstruct.echoes import SecondStrikeModel, can_be_told, mostly_marked, second_strike_probability
from syncview.reconstruct.second_sounds import MEASURES, second_sound
from syncview.reconstruct.strikes import sounds_of_groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from simulator import Incident
    from syncview.model import Detection
    from syncview.reconstruct.arrivals import Arrival

FIT = 51_000  # of three cameras; more cameras have seeds of their own
TARGET = Path(echoes.__file__).with_name("second_strike.json")
PENALTY = 1.0
FOR_A_STRIKE = {"unanswered_share", "log_odds"}  # all other measures speak against one
LEAST_SCORE = 0.15  # what is hardly a bang is no strike whatever it follows


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondCase:
    """A sound after another one, in a scene: its measures, and whether it is the second strike."""

    scene: tuple[int, int, bool]
    measures: Mapping[str, float]
    strike: bool


def cases_of(incident: Incident, found: Sequence[Detection], scene: tuple[int, int, bool]) -> list[SecondCase]:
    """Each sound of a scene that two cameras or more may take for an echo."""
    made = []
    weights = SETTINGS.reconstruct
    for sounds in sounds_of_groups(found, (clocks(incident, by_sound=True),), geometry=GEOMETRY, settings=SETTINGS):
        # As the program has it once it knows the second strike, whose echoes must be laid to it.
        firsts = [p for p in sounds.parts if not mostly_marked(p) or (scene[2] and _blast(p, incident) == "blast1")]
        for part in sounds.parts:
            second = second_sound(part, sounds.parts, firsts, sounds.listeners, settings=weights)
            if second is None or not mostly_marked(part) or not can_be_told(second, settings=weights):
                continue
            if max(a.score for a in part) < LEAST_SCORE or all(a.by_second_look for a in second.agreeing):
                continue
            blast = _blast(part, incident)
            strike = scene[2] and blast == "blast1"
            if strike or blast is None:
                made.append(SecondCase(scene=scene, measures=dict(second.measures), strike=strike))
    return made


def _blast(part: Sequence[Arrival], incident: Incident) -> str | None:
    """The blast that at least half of a sound's arrivals are of."""
    for blast in incident.blasts:
        at_s = {camera.name: incident.arrival_s(blast, camera) for camera in incident.cameras}
        if 2 * sum(abs(a.detection.time_s - (at_s[a.recording_id] or -9.0)) <= NEAR_S / 2 for a in part) >= len(part):
            return blast.name
    return None


def scene_cases(seed: int, *, cameras: int) -> list[SecondCase]:
    """Cases of a scene with a second strike and of one without."""
    made = []
    for second in (True, False):
        scene = echo_scene(seed, cameras=cameras, second=second)
        clips = record(scene)
        found = detect(clips)
        made += cases_of(scene.incident, [*found, *again(scene.incident, clips, found)], (cameras, seed, second))
    return made


def fit(cases: Sequence[SecondCase], fitted_on: str) -> SecondStrikeModel:
    """Logistic regression with a ridge; each weight has the sign that physics gives it."""
    x = np.array([[case.measures[name] for name in MEASURES] for case in cases], float)
    y = np.array([case.strike for case in cases], float)
    low, high = np.quantile(x, [0.01, 0.99], axis=0)
    x = np.clip(x, low, high)
    middle, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - middle) / scale])
    penalty = PENALTY * np.array([0.0] + [1.0] * len(MEASURES))

    def cost(weights: np.ndarray) -> tuple[float, np.ndarray]:
        height = z @ weights
        lost = np.logaddexp(0.0, height) - y * height
        slope = z.T @ (special.expit(height) - y) + penalty * weights
        return float(lost.sum() + 0.5 * (penalty * np.square(weights)).sum()), slope

    # What physics says the sign of is held to it: a few hundred scenes would turn it round by chance.
    bounds = [(None, None), *((0.0, None) if name in FOR_A_STRIKE else (None, 0.0) for name in MEASURES)]
    w = optimize.minimize(cost, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x

    def named(values: Iterable[float]) -> dict[str, float]:
        return {name: round(float(v), 4) for name, v in zip(MEASURES, values, strict=True)}

    return SecondStrikeModel(
        constant=round(float(w[0]), 4),
        middle=named(middle),
        low=named(low),
        high=named(high),
        weights=named(w[1:] / scale),
        fitted_on=fitted_on,
    )


def write(model: SecondStrikeModel) -> None:
    """Write the weights, one measure to a line."""
    rows = [
        {"name": n, "low": model.low[n], "high": model.high[n], "middle": model.middle[n], "weight": model.weights[n]}
        for n in MEASURES
    ]
    lines = [
        ' "what": "logistic model of a sound being a second strike and no echo, by benchmarks/fit_strikes.py",',
        f' "fitted_on": {json.dumps(model.fitted_on)},',
        ' "shares_assumed": "as many scenes with a second strike as without",',
        f' "constant": {model.constant},',
        ' "measures": [',
        ",\n".join(f"  {json.dumps(row)}" for row in rows),
        " ]",
    ]
    TARGET.write_text("\n".join(["{", *lines, "}"]) + "\n", encoding="utf-8")


def left_out(cases: Sequence[SecondCase], folds: int = 5) -> np.ndarray:
    """Probability of each case by models that saw neither its scene nor its twin without a second strike."""
    fold = np.array([case.scene[1] % folds for case in cases])
    said = np.zeros(len(cases))
    for k in range(folds):
        model = fit([case for case, f in zip(cases, fold, strict=True) if f != k], "")
        for index in np.flatnonzero(fold == k):
            said[index] = second_strike_probability(cases[index].measures, model)
    return said


def report(cases: Sequence[SecondCase], said: np.ndarray) -> None:
    """What a least probability keeps and lets through, and how far the probability holds."""
    strike = np.array([case.strike for case in cases])
    rows: list[dict[str, object]] = [
        {
            "second strike from": least,
            "kept": np.mean(said[strike] >= least),
            "of": strike.sum(),
            "echoes taken": int((said[~strike] >= least).sum()),
            "of echoes": int((~strike).sum()),
        }
        for least in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
    ]
    table(rows)
    rows = []
    for low, high in itertools.pairwise((0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)):
        inside = (said >= low) & (said < high)
        if inside.any():
            rows.append({"said": said[inside].mean(), "is so": strike[inside].mean(), "n": int(inside.sum())})
    table(rows)


def main(scenes: Mapping[int, int]) -> None:
    """Make the scenes, fit, write, and show what models that did not see a scene say of it."""
    cases: list[SecondCase] = []
    for cameras, count in scenes.items():
        first = FIT + (0 if cameras == 3 else 1000)
        made = run(partial(scene_cases, cameras=cameras), range(first, first + count))
        cases += itertools.chain(*made)
    told = ", ".join(f"{2 * count} of {cameras} cameras" for cameras, count in scenes.items())
    write(fit(cases, f"simulated scenes only: {told} (seeds from {FIT}), {len(cases)} sounds"))
    report(cases, left_out(cases))
