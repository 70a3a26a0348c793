"""How likely the measures of a stretch are those of an aircraft, and what they say in words.

A logistic model for each kind of stretch. The coefficients lie beside this file in ``aircraft_score.json``, written by
``benchmarks/fit_aircraft.py`` from simulated passages and simulated engines, vehicles, weather and people; the numbers
say how the measures compare with those scenes, not how often the field is like them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.score import model_inputs, model_terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.detect.aircraft_stretches import Stretch

__all__ = ["CALIBRATION", "AircraftModel", "aircraft_models", "height_of", "reasons_of", "score_of"]

CALIBRATION = "simulated passages and confusers (benchmarks/fit_aircraft.py); no field accuracy is claimed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftModel:
    """A logistic model on measures and on their products two by two.

    Each of `measures` is held within `low` and `high` (what the fit has seen), centred by `mean` and divided by
    `scale`; `weights` belong to the terms of `syncview.detect.score.model_terms`.
    """

    measures: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]


@cache
def aircraft_models() -> dict[str, AircraftModel]:
    """Return the models that come with the package, by kind of stretch."""
    text = resources.files("syncview.detect").joinpath("aircraft_score.json").read_text(encoding="utf-8")
    models = {}
    for kind, part in json.loads(text)["kinds"].items():
        rows = part["measures"]
        names = tuple(row["name"] for row in rows)
        models[kind] = AircraftModel(
            measures=names,
            low=tuple(row["low"] for row in rows),
            high=tuple(row["high"] for row in rows),
            mean=tuple(row["mean"] for row in rows),
            scale=tuple(row["scale"] for row in rows),
            weights=tuple(part["weights"][term] for term in model_terms(names)),
        )
    return models


def height_of(measures: Mapping[str, float], model: AircraftModel) -> float:
    """Logarithm of the odds that measures are those of an aircraft."""
    return float(model_inputs([measures], model)[0] @ np.array(model.weights))


def score_of(stretch: Stretch) -> float:
    """Score of a stretch, 0 to 1: how many of such stretches are aircraft in the scenes of the fit."""
    height = height_of(stretch.measures, aircraft_models()[stretch.kind])
    return 1.0 / (1.0 + math.exp(-min(max(height, -30.0), 30.0)))


def reasons_of(stretch: Stretch) -> tuple[str, ...]:
    """What speaks for an aircraft and what against, in words."""
    m = stretch.measures
    words = {"droning": _droning, "swelling": _swelling, "sweeping": _sweeping}[stretch.kind](m)
    return (*words, _level_words(m))


def _droning(m: Mapping[str, float]) -> list[str]:
    words = []
    if m["lines_count"] >= 3:
        words.append(f"{m['lines_count']:.0f} steady tones for {m['length_s']:.0f} s")
    if m["beat_db"] >= 8.0:
        words.append(f"a beat of {m['beat_hz']:.0f} a second, as of a rotor or an engine that idles")
    falls = _falling(m)
    return [*words, *(falls or ["the pitch does not fall steadily: an engine on the ground sounds so too"])]


def _falling(m: Mapping[str, float]) -> list[str]:
    if m["pitch_fall_percent"] < 2.0 or m["pitch_steadiness"] < 0.7:
        return []
    return [f"the pitch falls steadily by {m['pitch_fall_percent']:.0f} %, as when a source passes"]


def _swelling(m: Mapping[str, float]) -> list[str]:
    words = [f"a noise that comes and goes within {m['length_s']:.0f} s"]
    if m["tilt_change_db"] >= 2.0:
        words.append(f"shrill at first, rumbling later ({m['tilt_change_db']:.0f} dB)")
    words.append("lorries and surf can sound so too")
    return words


def _sweeping(m: Mapping[str, float]) -> list[str]:
    words = [f"for {m['length_s']:.0f} s the spectrum has dips at equal distances, as from a reflection"]
    if m["comb_reach_ms"] >= 1.0:
        words.append(f"its delay wanders by {m['comb_reach_ms']:.1f} ms, as when a source passes overhead")
    words += _falling(m) if m["lines_count"] >= 3 else []
    words.append("drones, sirens and a telephone carried past a wall sound so too")
    return words


def _level_words(m: Mapping[str, float]) -> str:
    return f"the level rises by {m['rise_db']:.0f} dB and falls by {m['fall_db']:.0f} dB within half a minute"
