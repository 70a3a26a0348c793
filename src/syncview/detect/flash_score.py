"""How likely a rise's measures are those of an explosion's flash: a fitted logistic model.

The coefficients lie beside this file in ``flash_score.json``, written by ``benchmarks/fit_flash_score.py`` from
simulated flashes over real footage; the numbers say how the measures compare with those scenes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.score import model_inputs, model_terms

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["FlashModel", "flash_model", "flash_probability", "model_in", "reasons_in_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashModel:
    """A logistic model on measures and on their products two by two.

    Each of `measures` is held within `low` and `high` (what the fit has seen), centred by `mean` and divided by
    `scale`; `weights` belong to the terms of `syncview.detect.score.model_terms`. `fitted_on` says on what.
    """

    measures: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    fitted_on: str


@cache
def flash_model() -> FlashModel:
    """Return the model that comes with the package."""
    return model_in("flash_score.json")


def model_in(name: str) -> FlashModel:
    """Read a model that lies beside this file.

    Parameters
    ----------
    name : str
        The file's.

    Returns
    -------
    FlashModel
    """
    text = resources.files("syncview.detect").joinpath(name).read_text(encoding="utf-8")
    document = json.loads(text)
    rows = document["measures"]
    names = tuple(row["name"] for row in rows)
    return FlashModel(
        measures=names,
        low=tuple(row["low"] for row in rows),
        high=tuple(row["high"] for row in rows),
        mean=tuple(row["mean"] for row in rows),
        scale=tuple(row["scale"] for row in rows),
        weights=tuple(document["weights"][term] for term in model_terms(names)),
        fitted_on=document["fitted_on"],
    )


def flash_probability(measures: Mapping[str, float], model: FlashModel) -> float:
    """Probability that a rise is the flash of the bang that it was looked for.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.flash_measures.rise_measures`.
    model : FlashModel
        Usually `flash_model()`.

    Returns
    -------
    float
    """
    height = float(model_inputs([measures], model)[0] @ np.array(model.weights))
    return float(1.0 / (1.0 + np.exp(-np.clip(height, -30.0, 30.0))))


def reasons_in_words(measures: Mapping[str, float]) -> tuple[str, ...]:
    """Say what speaks for and against a flash, with the numbers.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.flash_measures.rise_measures`.

    Returns
    -------
    tuple of str
    """
    m = measures
    area = 100 * float(np.exp(m["area_log_share"]))
    said = [f"{area:.2g} % of the picture brightens by {m['rise_levels']:.0f} of 255 levels from one frame to the next"]
    if m["saturated_share"] >= 0.3:
        said.append(f"{100 * m['saturated_share']:.0f} % of it is as bright as the camera can show")
    left = max(0.0, m["left_later_share"])
    if left < 0.5:
        said.append(f"{100 * left:.0f} % of the rise is left after 0.3 s")
    else:
        said.append("it does not fade within 0.3 s, as a lamp, a cut or an exposure would not")
    if m["changed_log"] >= 0.5:
        said.append("the place has changed a second later, as by smoke or dust")
    if m["moved_px"] >= 4.0:
        said.append("what is lit moves on, as headlights and torches do")
    if m["spread_share"] >= 0.1 or abs(m["whole_rise_levels"]) >= 6.0:
        said.append("the rest of the picture brightens as well: a strong light at night, lightning or an exposure")
    if m["again_count"] >= 1.0:
        said.append("the same place lights up at other moments, too")
    if m["bright_before_share"] >= 0.95:
        said.append("something as bright was near the place before")
    return tuple(said)
