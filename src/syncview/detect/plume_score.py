"""How likely a lasting change is an explosion's first plume: a fitted logistic model, as for flashes.

The coefficients lie beside this file in ``plume_score.json``, written by ``benchmarks/fit_plume_score.py`` from
simulated plumes over real footage; the numbers say how the measures compare with those scenes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.flash_score import FlashModel, flash_probability, model_in

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["plume_model", "plume_probability", "plume_reasons"]


@cache
def plume_model() -> FlashModel:
    """Return the model that comes with the package."""
    return model_in("plume_score.json")


def plume_probability(measures: Mapping[str, float], model: FlashModel) -> float:
    """Probability that a lasting change is the first plume of the bang that it was looked for.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.plume_measures.growth_measures`.
    model : FlashModel
        Usually `plume_model()`.

    Returns
    -------
    float
    """
    return flash_probability(measures, model)


def plume_reasons(measures: Mapping[str, float]) -> tuple[str, ...]:
    """Say what speaks for and against a plume, with the numbers.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.plume_measures.growth_measures`.

    Returns
    -------
    tuple of str
    """
    m = measures
    share, way = 100 * float(np.exp(m["region_log_share"])), "brighter" if m["brighter_levels"] > 0 else "darker"
    said = [f"a place as large as {share:.2g} % of the picture comes to look {way} and stays so"]
    if m["growth_first_log"] >= 0.4:
        said.append(f"it grows {float(np.exp(m['growth_first_log'])):.1f}-fold within a second, as dust and smoke do")
    else:
        said.append("it hardly grows: something that has stopped there, a shadow or a turn of the camera looks so, too")
    if m["texture_log"] <= -0.15:
        said.append("what lies behind it loses its structure")
    if m["moved_then_sizes"] >= 0.5 or m["stays_share"] < 0.6:
        said.append("it moves on, as people and vehicles do")
    if m["elsewhere_then_log"] >= np.log(0.08):
        said.append("much of the picture changes at the same time: the camera or the light may do it")
    if m["at_edge_share"] >= 0.2:
        said.append("it lies at the edge of the picture, where things come in")
    said.append("a plume is seen after its explosion, so the distance is at least so much")
    return tuple(said)
