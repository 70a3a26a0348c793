"""How likely a sound's measures are those of an explosion, of a shot, of thunder, of a door: a fitted logistic model.

The coefficients lie beside this file in ``blast_score.json``, written by ``benchmarks/fit_blast_score.py`` from
simulated scenes; the numbers say how the measures compare with those scenes, not how often the field is like them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "BlastModel", "blast_model", "kind_probabilities", "label_in_words"]

KINDS = ("explosion", "gunshot", "thunder", "contact", "wind", "other")
_WORDS = {
    "explosion": "explosion",
    "gunshot": "gunshot",
    "thunder": "thunder",
    "contact": "door, bump or handling",
    "wind": "wind gust",
    "other": "voice, engine, music or other sound",
}
_RIVAL_SHARE = 1.0 / 3.0  # a kind that is a third as likely as the first cannot be told from it


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastModel:
    """A multinomial logistic model on measures.

    `measures` names the inputs; each is held within `low` and `high` (what the fit has seen), then centred and scaled.
    `weights` has shape (kinds, measures), `intercepts` (kinds,). `fitted_on` says on what.
    """

    measures: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    intercepts: tuple[float, ...]
    fitted_on: str


@cache
def blast_model() -> BlastModel:
    """Return the model that comes with the package."""
    text = resources.files("syncview.detect").joinpath("blast_score.json").read_text(encoding="utf-8")
    document = json.loads(text)
    rows = document["measures"]
    return BlastModel(
        measures=tuple(row["name"] for row in rows),
        low=tuple(row["low"] for row in rows),
        high=tuple(row["high"] for row in rows),
        mean=tuple(row["mean"] for row in rows),
        scale=tuple(row["scale"] for row in rows),
        weights=tuple(tuple(row["weights"][kind] for row in rows) for kind in KINDS),
        intercepts=tuple(document["intercepts"][kind] for kind in KINDS),
        fitted_on=document["fitted_on"],
    )


def kind_probabilities(measures: Mapping[str, float], model: BlastModel) -> dict[str, float]:
    """Probability of each of `KINDS`; they add up to 1.

    A measure that is missing (a recording too short to show it) says nothing either way.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.measures.onset_measures`.
    model : BlastModel
        Usually `blast_model()`.

    Returns
    -------
    dict of str to float
    """
    mean = np.asarray(model.mean)
    given = np.array([measures.get(name, middle) for name, middle in zip(model.measures, model.mean, strict=True)])
    inputs = (np.clip(given, model.low, model.high) - mean) / np.asarray(model.scale)
    chances = special.softmax(np.asarray(model.intercepts) + np.asarray(model.weights) @ inputs)
    return dict(zip(KINDS, (float(p) for p in chances), strict=True))


def label_in_words(probabilities: Mapping[str, float]) -> str:
    """Say what a sound may be, and what it cannot be told from.

    Parameters
    ----------
    probabilities : mapping of str to float
        From `kind_probabilities`.

    Returns
    -------
    str

    Examples
    --------
    >>> label_in_words({"explosion": 0.6, "gunshot": 0.3, "thunder": 0.1})
    'explosion or heavy gunshot'
    >>> label_in_words({"explosion": 0.95, "gunshot": 0.05})
    'explosion'
    """
    ranked = sorted(probabilities, key=lambda kind: (-probabilities[kind], KINDS.index(kind)))
    least = _RIVAL_SHARE * probabilities[ranked[0]]
    likely = [kind for kind in ranked if probabilities[kind] >= least][:3]
    heavy = {"explosion", "gunshot"} <= set(likely)
    return " or ".join("heavy gunshot" if heavy and kind == "gunshot" else _WORDS[kind] for kind in likely)
