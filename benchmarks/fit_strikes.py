"""Fit the weights of a strike's confidence on simulated scenes, and show how reliable it is on others.

    python -m benchmarks.fit_strikes              # fit echoes, then what levels weigh, and write both
    python -m benchmarks.fit_strikes --grid       # also print the best of the weights that are in settings
    python -m benchmarks.fit_strikes --check      # reliability on the judging seeds

Two kinds of scenes weigh alike: minutes of three cameras under stress (`benchmarks.strikes_across`) and incidents of
the simulator after AAC (`benchmarks.strikes`). Least mean log loss over the sounds that are no possible echoes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

from benchmarks import fit_second_strikes
from benchmarks.blast_scenes import aac_round_trip
from benchmarks.running import table
from benchmarks.strikes import RATE_HZ, clocks, ordinary
from benchmarks.strikes_across import (
    FIT,
    GEOMETRY,
    JUDGE,
    SETTINGS,
    again,
    detect,
    judge,
    run,
    stress_sounds,
)
from simulator import render
from syncview.model import AudioClip
from syncview.reconstruct import strike_odds as module
from syncview.reconstruct.confidence import missed, strike_confidence
from syncview.reconstruct.echoes import echoes_or_strikes, second_strike_model
from syncview.reconstruct.strike_odds import StrikeOdds, level_evidence, strike_odds
from syncview.reconstruct.strikes import join_strikes, sounds_of_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator import Incident
    from syncview.model import Detection
    from syncview.reconstruct.arrivals import Arrival
    from syncview.reconstruct.strikes import Sounds
    from syncview.settings import ReconstructSettings

GRID = {
    "unheard_factor": (0.15, 0.2, 0.25, 0.35, 0.5),
    "hearing_share": (0.4, 0.5, 0.6),
    "further_camera_weight": (0.5, 0.7, 0.9),
}
WITHOUT_LEVELS = StrikeOdds(constant=0.0, log_odds=1.0, levels_apart=0.0, loud_missed=0.0, fitted_on="nothing")
TARGET = Path(module.__file__).with_name("strike_odds.json")
PENALTY = 0.2
EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One sound and whether it is a blast."""

    part: tuple[Arrival, ...]
    sounds: Sounds
    blast: bool

    def confidence(self, settings: ReconstructSettings, odds: StrikeOdds | None = None) -> float:
        """By some weights."""
        return strike_confidence(self.part, self.sounds.pattern, self.sounds.listeners, settings=settings, odds=odds)

    def evidence(self) -> tuple[float, float, float]:
        """Log-odds without levels, and what levels say."""
        without = self.confidence(SETTINGS.reconstruct, WITHOUT_LEVELS)
        by_witness = {a.witness: a for a in sorted(self.part, key=lambda a: (not a.by_second_look, a.score))}
        silent = missed(self.part, by_witness.keys(), self.sounds.pattern, self.sounds.listeners)
        levels = level_evidence(tuple(by_witness.values()), silent)
        return math.log(without / (1.0 - without)), levels.levels_apart, levels.loud_missed


def cases(incident: Incident, found: Sequence[Detection]) -> list[Case]:
    """Every sound of an incident that is no possible echo and not of the wake of a blast."""
    group = (clocks(incident, by_sound=True),)
    strikes, others = join_strikes(found, group, geometry=GEOMETRY, settings=SETTINGS)
    judged = {
        frozenset((o.recording_id, o.sound_s) for o in j.event.observations): j
        for j in judge(incident, (*strikes, *others))
    }
    made = []
    for sounds in sounds_of_groups(found, group, geometry=GEOMETRY, settings=SETTINGS):
        echoes = echoes_or_strikes(sounds.parts, sounds.listeners, settings=SETTINGS.reconstruct)
        for part, echo in zip(sounds.parts, echoes, strict=True):
            own = judged.get(frozenset((a.recording_id, a.detection.time_s) for a in part))
            if own is not None and not echo.possible_echo:
                made.append(Case(part=part, sounds=sounds, blast=own.blast is not None))
    return made


def stress_cases(seed: int) -> list[Case]:
    """Sounds of a stress scene."""
    incident, clips, _ = stress_sounds(seed)
    found = detect(clips)
    return cases(incident, [*found, *again(incident, clips, found)])


def incident_cases(seed: int) -> list[Case]:
    """Sounds of an incident of the simulator."""
    incident = ordinary(seed)
    clips = []
    for camera in incident.cameras:
        wave = aac_round_trip(render(incident, camera, rate_hz=RATE_HZ), bit_rate=48_000)
        clips.append(AudioClip(recording_id=camera.name, samples=wave, rate_hz=RATE_HZ, start_s=0.0))
    found = detect(clips)
    return cases(incident, [*found, *again(incident, clips, found)])


def loss(kinds: Sequence[Sequence[Case]], settings: ReconstructSettings) -> float:
    """Mean log loss, each kind of scene weighing alike."""
    total = []
    for own in kinds:
        chances = np.clip([case.confidence(settings) for case in own], 1e-3, 1 - 1e-3)
        truth = np.array([case.blast for case in own])
        total.append(float(-np.mean(np.where(truth, np.log(chances), np.log(1 - chances)))))
    return float(np.mean(total))


def fit(kinds: Sequence[Sequence[Case]]) -> tuple[float, dict[str, float]]:
    """Weights of the grid with the least loss."""
    found = (math.inf, dict.fromkeys(GRID, 0.0))
    for values in itertools.product(*GRID.values()):
        weights = dict(zip(GRID, values, strict=True))
        now = loss(kinds, replace(SETTINGS.reconstruct, **weights))
        if now < found[0]:
            found = (now, weights)
    return found


def fit_odds(kinds: Sequence[Sequence[Case]], fitted_on: str) -> StrikeOdds:
    """Logistic regression on the log-odds without levels and on what levels say; each kind of scene weighs alike."""
    x = np.array([(1.0, *case.evidence()) for own in kinds for case in own])
    y = np.array([case.blast for own in kinds for case in own], float)
    weight = np.concatenate([np.full(len(own), len(x) / len(kinds) / max(len(own), 1)) for own in kinds])

    def cost(w: np.ndarray) -> tuple[float, np.ndarray]:
        height = x @ w
        lost = np.logaddexp(0.0, height) - y * height
        slope = x.T @ (weight * (special.expit(height) - y)) + PENALTY * w
        return float((weight * lost).sum() + 0.5 * PENALTY * np.square(w).sum()), slope

    bounds = [(None, None), (0.0, None), (None, 0.0), (None, 0.0)]
    w = optimize.minimize(cost, np.array([0.0, 1.0, 0.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds).x
    constant, log_odds, apart, loud = (round(float(v), 4) for v in w)
    return StrikeOdds(constant=constant, log_odds=log_odds, levels_apart=apart, loud_missed=loud, fitted_on=fitted_on)


def write(odds: StrikeOdds) -> None:
    """Write the weights, one to a line."""
    said = {"what": "weights of a strike's log-odds, by benchmarks/fit_strikes.py", **asdict(odds)}
    TARGET.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def report(name: str, own: Sequence[Case], settings: ReconstructSettings) -> None:
    """Reliability: what is said, and how often it is so."""
    chances = np.array([case.confidence(settings) for case in own])
    truth = np.array([case.blast for case in own])
    rows = []
    for low, high in itertools.pairwise(EDGES):
        inside = (chances >= low) & (chances < high)
        if inside.any():
            said, is_so, n = float(chances[inside].mean()), float(truth[inside].mean()), int(inside.sum())
            spread = 1.96 * math.sqrt(max(said * (1 - said), 0.01) / n)
            rows.append(
                {name: f"{low:g}-{min(high, 1):g}", "n": n, "said": said, "is so": is_so, "+- by chance": spread}
            )
    table(rows)


def main(arguments: Sequence[str] = ()) -> None:
    """Fit, or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--scenes", type=int, default=80)
    parser.add_argument("--echo-scenes", type=int, default=80)
    parser.add_argument("--incidents", type=int, default=10)
    given = parser.parse_args(arguments)
    if not given.check:
        fit_second_strikes.main({3: given.echo_scenes})
        second_strike_model.cache_clear()
    first = JUDGE if given.check else FIT
    kinds = [
        list(itertools.chain(*run(stress_cases, range(first, first + given.scenes)))),
        list(itertools.chain(*run(incident_cases, range(first + 1001, first + 1001 + given.incidents)))),
    ]
    if not given.check:
        told = f"simulated only: {given.scenes} minutes of stress, {given.incidents} incidents (seeds from {FIT})"
        write(fit_odds(kinds, told))
        strike_odds.cache_clear()
    if given.grid:
        least, weights = fit(kinds)
        print(f"least loss {least:.4f} with {weights}")
    print(f"settings: loss {loss(kinds, SETTINGS.reconstruct):.4f}")
    for name, own in zip(("stress (simulated)", "incidents (simulated)"), kinds, strict=True):
        report(name, own, SETTINGS.reconstruct)


if __name__ == "__main__":
    main(sys.argv[1:])
