"""Lags of pairs with their agreement along the overlap, as sounds of a scene over noise give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.model import LagHypothesis
from syncview.sync.support import PairLags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STEP_S = 0.5


def agreeing(
    lag_s: float,
    overlap_s: tuple[float, float],
    holds: Callable[[float], bool],
    *,
    seed: int,
    strength: float = 1.2,
    probability: float = 0.99,
) -> LagHypothesis:
    """A lag over a stretch of a's time: unit noise, and `strength` sigmas a step more where it holds."""
    rng = np.random.default_rng(seed)
    at_s = np.arange(overlap_s[0], overlap_s[1], STEP_S) + STEP_S / 2
    values = rng.normal(0.0, 1.0, len(at_s)) + strength * np.array([holds(t) for t in at_s.tolist()])
    return LagHypothesis(
        lag_s=lag_s,
        lag_spread_s=0.0,
        probability=probability,
        supports=6,
        agreement=tuple(values.tolist()),
        agreement_from_s=overlap_s[0],
        agreement_step_s=STEP_S,
    )


def pair_lags(
    lags: Mapping[tuple[str, str], Sequence[LagHypothesis]],
    *,
    travel_s: float = 0.5,
    witness_of: Mapping[str, str] | None = None,
) -> PairLags:
    return PairLags(lags=lags, travel_s=lambda _a, _b: travel_s, witness_of=witness_of or {})


def always(_time_s: float) -> bool:
    return True
