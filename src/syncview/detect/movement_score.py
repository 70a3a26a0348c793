"""How likely what tracks suggest has happened within a second of when it is said to: fitted logistic models.

The coefficients lie beside this file in ``movement_score.json``, written by ``benchmarks/fit_movements.py`` from
simulated incidents; the numbers say how the measures compare with those scenes, not how often the field is like them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.model.movement import Movement

__all__ = ["Found", "MovementModel", "movement_models", "movement_probability", "scored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementModel:
    """A logistic model: each measure held within what the fit has seen, centred and scaled, then weighed and added.

    `weights` begin with the constant. `fitted_on` says on what.
    """

    measures: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    fitted_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A movement as a family of rules found it, not scored yet.

    `model` names the model that scores it, `side` the border of the picture that it crosses, empty if none; `share` is
    what is left of its score where people are not assessable.
    """

    movement: Movement
    model: str
    side: str = ""
    share: float = 1.0


@cache
def movement_models() -> Mapping[str, MovementModel]:
    """Return the models that come with the package, by name."""
    text = resources.files("syncview.detect").joinpath("movement_score.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return {name: _model(entry, document["fitted_on"]) for name, entry in document["models"].items()}


def _model(entry: Mapping[str, Any], fitted_on: str) -> MovementModel:
    rows = entry["measures"]

    def column(key: str) -> tuple[float, ...]:
        return tuple(float(row[key]) for row in rows)

    return MovementModel(
        measures=tuple(str(row["name"]) for row in rows),
        low=column("low"),
        high=column("high"),
        mean=column("mean"),
        scale=column("scale"),
        weights=(float(entry["constant"]), *column("weight")),
        fitted_on=fitted_on,
    )


def movement_probability(measures: Mapping[str, float], model: MovementModel) -> float:
    """Probability that a movement has happened within a second of its time.

    A measure that is missing takes its mean, and so says nothing either way.

    Parameters
    ----------
    measures : mapping of str to float
        Of the movement.
    model : MovementModel
        One of `movement_models()`.

    Returns
    -------
    float
    """
    given = np.array([measures.get(name, mean) for name, mean in zip(model.measures, model.mean, strict=True)])
    inputs = (np.clip(given, model.low, model.high) - np.array(model.mean)) / np.array(model.scale)
    height = model.weights[0] + float(inputs @ np.array(model.weights[1:]))
    return float(1.0 / (1.0 + np.exp(-np.clip(height, -30.0, 30.0))))


def scored(found: Found) -> Found:
    """Give a movement its score.

    Parameters
    ----------
    found : Found
        As a family of rules gives it.

    Returns
    -------
    Found
    """
    score = movement_probability(dict(found.movement.measures), movement_models()[found.model])
    return replace(found, movement=replace(found.movement, score=round(found.share * score, 4)))
