"""How likely a sound's measures are those of an explosion, of a shot, of thunder, of a door: a fitted logistic model.

The coefficients lie beside this file in ``blast_score.json``, written by ``benchmarks/fit_blast_score.py`` from
simulated scenes; the numbers say how the measures compare with those scenes, not how often the field is like them.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "KINDS",
    "BlastModel",
    "blast_model",
    "kind_probabilities",
    "label_in_words",
    "local_share",
    "model_inputs",
    "model_terms",
    "with_score",
]

KINDS = (
    "explosion",
    "gunshot",
    "firework",
    "backfire",
    "thunder",
    "door",
    "handling",
    "drop",
    "wind",
    "music",
    "other",
)
_LOCAL = ("door", "handling", "drop", "wind")  # sounds of one camera's own surroundings
_WORDS = {
    "explosion": "explosion",
    "gunshot": "gunshot",
    "firework": "firework",
    "backfire": "backfire",
    "thunder": "thunder",
    "door": "slammed door",
    "handling": "bump or handling of this camera",
    "drop": "dropped microphone",
    "wind": "wind gust",
    "music": "music beat",
    "other": "voice, engine or other sound",
}
_LOCAL_WORDS = "noise at this camera (door, bump, fall or wind)"
_RIVAL_SHARE = 1.0 / 3.0  # a kind that is a third as likely as the first cannot be told from it
_BANGS = ("explosion", "gunshot", "firework", "backfire", "thunder")
# Real shots and shells resemble explosions more than simulated ones do: at this share, 98 of 100 simulated shots that
# are called explosions are said to be perhaps shots, and 35 of 100 explosions.
_RIVAL_BANG_SHARE = 1.0 / 20.0


class ScaledMeasures(Protocol):
    """What a model does with its measures before it weighs them: bounds, middles and widths of each."""

    @property
    def measures(self) -> tuple[str, ...]: ...
    @property
    def low(self) -> tuple[float, ...]: ...
    @property
    def high(self) -> tuple[float, ...]: ...
    @property
    def mean(self) -> tuple[float, ...]: ...
    @property
    def scale(self) -> tuple[float, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastModel:
    """A multinomial logistic model on measures and on their products two by two.

    Each of `measures` is held within `low` and `high` (what the fit has seen), then centred by `mean` and divided by
    `scale`. `weights` has shape (kinds, terms); the terms are those of `model_terms`. `fitted_on` says on what.
    Products are needed because what a tail says depends on how loud the beginning was and how far the gain fell.
    """

    measures: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    fitted_on: str


def model_terms(names: Sequence[str]) -> tuple[str, ...]:
    """Names of the terms of a model: the constant, each measure, each product of two (squares among them).

    Examples
    --------
    >>> model_terms(("a", "b"))
    ('1', 'a', 'b', 'a * a', 'a * b', 'b * b')
    """
    products = (f"{a} * {b}" for a, b in itertools.combinations_with_replacement(names, 2))
    return ("1", *names, *products)


def model_inputs(measures: Sequence[Mapping[str, float]], model: ScaledMeasures) -> NDArray[np.float64]:
    """Values of the terms for some onsets, or rises of light.

    A measure that is missing (a recording too short to show it) takes its mean, and so says nothing either way.

    Parameters
    ----------
    measures : sequence of mapping of str to float
        One per onset or rise.
    model : ScaledMeasures
        A `BlastModel` or a `syncview.detect.flash_score.FlashModel`; its weights are not used.

    Returns
    -------
    ndarray of float64, shape (onsets, terms)
    """
    middle = dict(zip(model.measures, model.mean, strict=True))
    given = np.array([[one.get(name, middle[name]) for name in model.measures] for one in measures])
    given = given.reshape(len(measures), len(model.measures))
    single = (np.clip(given, model.low, model.high) - np.array(model.mean)) / np.array(model.scale)
    first, second = np.triu_indices(len(model.measures))
    return np.column_stack([np.ones(len(measures)), single, single[:, first] * single[:, second]])


@cache
def blast_model() -> BlastModel:
    """Return the model that comes with the package."""
    text = resources.files("syncview.detect").joinpath("blast_score.json").read_text(encoding="utf-8")
    document = json.loads(text)
    rows = document["measures"]
    names, weights = tuple(row["name"] for row in rows), document["weights"]
    return BlastModel(
        measures=names,
        low=tuple(row["low"] for row in rows),
        high=tuple(row["high"] for row in rows),
        mean=tuple(row["mean"] for row in rows),
        scale=tuple(row["scale"] for row in rows),
        weights=tuple(
            tuple(weights[term][column] if term in weights else 0.0 for term in model_terms(names))
            for column in (document["kinds"].index(kind) for kind in KINDS)
        ),
        fitted_on=document["fitted_on"],
    )


def kind_probabilities(measures: Mapping[str, float], model: BlastModel) -> dict[str, float]:
    """Probability of each of `KINDS`; they add up to 1.

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
    heights = np.array(model.weights) @ model_inputs([measures], model)[0]
    chances = np.exp(heights - heights.max())
    chances /= chances.sum()
    return dict(zip(KINDS, (float(p) for p in chances), strict=True))


def with_score(probabilities: Mapping[str, float], score: float) -> dict[str, float]:
    """Probabilities in which an explosion has another one, and the rest keep their proportions.

    Examples
    --------
    >>> with_score({"explosion": 0.2, "gunshot": 0.6, "wind": 0.2}, 0.6)
    {'explosion': 0.6, 'gunshot': 0.3, 'wind': 0.1}
    """
    rest = 1.0 - probabilities["explosion"]
    share = (1.0 - score) / rest if rest > 0 else 0.0
    return {kind: score if kind == "explosion" else p * share for kind, p in probabilities.items()}


def local_share(probabilities: Mapping[str, float]) -> float:
    """Probability that a sound is one of the camera's own surroundings: a door, handling, a fall, wind.

    Examples
    --------
    >>> local_share({"explosion": 0.5, "door": 0.25, "wind": 0.25})
    0.5
    """
    return sum(probabilities.get(kind, 0.0) for kind in _LOCAL)


def _rival_share(first: str, other: str) -> float:
    return _RIVAL_BANG_SHARE if first in _BANGS and other in _BANGS else _RIVAL_SHARE


def label_in_words(probabilities: Mapping[str, float]) -> str:
    """Say what a sound may be, and what it cannot be told from.

    Parameters
    ----------
    probabilities : mapping of str to float
        From `kind_probabilities`.

    Returns
    -------
    str
        The kinds that are a third as likely as the likeliest, at most three; of two bangs (explosion, gunshot,
        firework, backfire, thunder) a twentieth is enough. Noise of the camera's own surroundings is one where that
        is likely and which noise is not.

    Examples
    --------
    >>> label_in_words({"explosion": 0.6, "gunshot": 0.3, "wind": 0.1})
    'explosion, cannot be told from heavy gunshot'
    >>> label_in_words({"explosion": 0.98, "gunshot": 0.02})
    'explosion'
    >>> label_in_words({"door": 0.4, "handling": 0.4, "gunshot": 0.2})
    'noise at this camera (door, bump, fall or wind)'
    """
    together, words = dict(probabilities), dict(_WORDS)
    ranked = sorted(_LOCAL, key=lambda kind: -together.get(kind, 0.0))
    if together.get(ranked[1], 0.0) >= _RIVAL_SHARE * together.get(ranked[0], 0.0) > 0.0:
        together[ranked[0]] = local_share(together)
        words[ranked[0]] = _LOCAL_WORDS
        for kind in ranked[1:]:
            together.pop(kind, None)
    ranked = sorted(together, key=lambda kind: (-together[kind], KINDS.index(kind)))
    likely = [kind for kind in ranked if together[kind] >= _rival_share(ranked[0], kind) * together[ranked[0]]][:3]
    if {"explosion", "gunshot"} <= set(likely):
        words["gunshot"] = "heavy gunshot"
    first, *others = (words[kind] for kind in likely)
    return f"{first}, cannot be told from {' or '.join(others)}" if others else first
