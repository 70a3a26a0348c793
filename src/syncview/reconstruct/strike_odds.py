"""What levels add to a strike's log-odds: one source is heard about as well by cameras near each other.

A sound that stands far over the background of one camera and hardly over another's is likelier two sounds; one that
is loud where it was heard and is missing at a camera that was listening is likelier that camera's own. The weights lie
beside this file in ``strike_odds.json``, written by ``benchmarks/fit_strikes.py`` from simulated scenes.
"""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.reconstruct.arrivals import Arrival

__all__ = ["LevelEvidence", "StrikeOdds", "level_evidence", "strike_odds", "with_levels"]

_ALIKE_DB = 10.0  # backgrounds and distances of cameras within a few hundred metres differ by as much
_SURELY_HEARD_DB = 15.0  # what stands so far over one background stands over another's
_LEAST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeOdds:
    """Weights: of the log-odds without levels, of levels that differ, of cameras that missed what was loud."""

    constant: float
    log_odds: float
    levels_apart: float
    loud_missed: float
    fitted_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEvidence:
    """What levels say of one sound.

    `levels_apart` is how many tens of decibels more than 10 dB the cameras' rises differ by; `loud_missed` the number
    of cameras that missed it, times the tens of decibels over 15 dB by which it rose where it was heard.
    """

    levels_apart: float
    loud_missed: float


@cache
def strike_odds() -> StrikeOdds:
    """Return the weights that come with the package."""
    text = resources.files("syncview.reconstruct").joinpath("strike_odds.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return StrikeOdds(**{name: document[name] for name in StrikeOdds.__slots__})


def level_evidence(heard: Sequence[Arrival], missed: int) -> LevelEvidence:
    """Compare how far a sound rose at its cameras.

    Parameters
    ----------
    heard : sequence of Arrival
        One of each witness.
    missed : int
        Witnesses that were listening and reported nothing.

    Returns
    -------
    LevelEvidence
        Zeros where no levels are known.
    """
    rises_db = [rise for arrival in heard if (rise := _rise_db(arrival)) is not None]
    clear_db = [rise for a in heard if not a.by_second_look and (rise := _rise_db(a)) is not None]
    apart_db = max(rises_db) - min(rises_db) if rises_db else 0.0
    over_db = statistics.median(clear_db) - _SURELY_HEARD_DB if clear_db else 0.0
    return LevelEvidence(
        levels_apart=max(0.0, apart_db - _ALIKE_DB) / 10.0, loud_missed=missed * max(0.0, over_db) / 10.0
    )


def with_levels(confidence: float, evidence: LevelEvidence, odds: StrikeOdds) -> float:
    """Confidence after the levels are known.

    Parameters
    ----------
    confidence : float
        Without them.
    evidence : LevelEvidence
        From `level_evidence`.
    odds : StrikeOdds
        Usually `strike_odds()`.

    Returns
    -------
    float
    """
    held = min(max(confidence, _LEAST), 1.0 - _LEAST)
    height = (
        odds.constant
        + odds.log_odds * math.log(held / (1.0 - held))
        + odds.levels_apart * evidence.levels_apart
        + odds.loud_missed * evidence.loud_missed
    )
    return 1.0 / (1.0 + math.exp(-min(max(height, -30.0), 30.0)))


def _rise_db(arrival: Arrival) -> float | None:
    """How far the low bands rose over the moments before."""
    measures = dict(arrival.detection.measures)
    known = [measures[name] for name in ("rise_low_db", "rise_mid_db") if name in measures]
    return max(known) if known else None
