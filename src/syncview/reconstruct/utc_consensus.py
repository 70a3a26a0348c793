"""The UTC of a group's zero that most clocks of its files agree on, or why there is none.

Every moment is judged by what it costs to believe all claims together (see `syncview.reconstruct.utc_claims`). What is
within `lead_cost` of the best (more, where one device alone says it) is the 95 % interval: a likelihood set, so that
clocks that contradict each other widen it, and clocks that agree by different readings do too. Where it is wider than
`most_uncertainty_s` nothing is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.utc_claims import HALF_HOUR_S, HOUR_S, witness_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from syncview.reconstruct.utc_claims import Claim
    from syncview.settings import UtcSettings

    _Cost = Callable[[NDArray[np.float64]], NDArray[np.float64]]

__all__ = ["Bound", "Consensus", "consensus"]

_STEP_S = 0.5
_COARSE_SLACK = 6.0  # a centre need not be the best of its surroundings
_ZONES = range(-28, 30)  # half hours
_MARGIN_S = 20.0
_TIE = 1e-9
_LONG_AGO_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The zero's UTC is not before, or not after, `zero_s` (seconds since 1970), as a person states."""

    zero_s: float
    is_upper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """Seconds since 1970 of group time 0 and the 95 % half-width; both None where the claims do not carry it.

    `regions_s` are the stretches that are all within the 95 %; more than one where claims can be read in several ways.
    `open_ended`: the files may be copies, recorded long before what they claim.
    `witnesses` are those whose clocks show it as they should, within a few seconds.
    """

    zero_s: float | None
    uncertainty_s: float | None
    regions_s: tuple[tuple[float, float], ...]
    witnesses: tuple[str, ...]
    open_ended: bool = False


def consensus(claims: Sequence[Claim], bounds: Sequence[Bound], settings: UtcSettings) -> Consensus:
    """Find the UTC of a group's zero from the traces of time in its files.

    Parameters
    ----------
    claims : sequence of Claim
        Of all files on the group's clock.
    bounds : sequence of Bound
        What people state of one side.
    settings : UtcSettings
        Costs and limits.

    Returns
    -------
    Consensus
        Without claims that say when, no regions.
    """
    if not any(not claim.saved for claim in claims):
        return Consensus(zero_s=None, uncertainty_s=None, regions_s=(), witnesses=())
    by_witness: dict[str, list[Claim]] = {}
    for claim in claims:
        by_witness.setdefault(claim.witness, []).append(claim)
    base_s = round(min(claim.claimed_s for claim in claims))  # so that halves of a second are exact

    def cost(zeros_s: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.zeros(zeros_s.shape)
        for same in by_witness.values():
            total += witness_cost(same, zeros_s + base_s, settings)
        for bound in bounds:
            beyond = zeros_s + base_s - bound.zero_s
            total += settings.bound_cost * ((beyond > 0) if bound.is_upper else (beyond < 0))
        return total

    alone = len({claim.witness for claim in claims if not claim.saved}) == 1
    lead_cost = (settings.lead_cost_alone if alone else settings.lead_cost) - _TIE
    zeros_s = _grid(_centres(claims, base_s), cost, settings)
    costs = cost(zeros_s)
    regions = _regions(zeros_s, costs <= costs.min() + lead_cost)
    best_s = zeros_s[costs <= costs.min() + _TIE]
    agree = tuple(
        name
        for name, same in sorted(by_witness.items())
        if witness_cost(same, best_s + base_s, settings).min() <= settings.clock_tiers[1][1]
    )
    least_s, most_s = regions[0][0], regions[-1][1]
    half_s = max(0.5 * (most_s - least_s), settings.least_uncertainty_s)
    long_ago = cost(zeros_s[:1] - _LONG_AGO_S)[0] <= costs.min() + lead_cost
    known = half_s <= settings.most_uncertainty_s and not long_ago
    return Consensus(
        zero_s=base_s + 0.5 * (least_s + most_s) if known else None,
        uncertainty_s=half_s if known else None,
        regions_s=tuple((base_s + a, base_s + b) for a, b in regions),
        witnesses=agree,
        open_ended=bool(long_ago),
    )


def _centres(claims: Sequence[Claim], base_s: float) -> NDArray[np.float64]:
    """Zeros at which some claim is right, read in some way."""
    centres: list[float] = []
    for claim in claims:
        if claim.saved:
            continue
        shifts_s = {0.0, HOUR_S, -HOUR_S}
        if claim.zone_s is not None:
            shifts_s |= {claim.zone_s, -claim.zone_s}
        else:
            shifts_s |= {HALF_HOUR_S * k for k in _ZONES}
        for moment_s in (claim.start_s, claim.end_s):
            centres += [claim.claimed_s - shift_s - moment_s - base_s for shift_s in shifts_s]
    return np.unique(np.asarray(centres))


def _grid(centres_s: NDArray[np.float64], cost: _Cost, settings: UtcSettings) -> NDArray[np.float64]:
    """Halves of a second around the centres that are near the best."""
    costs = cost(centres_s)
    near = centres_s[costs <= costs.min() + _COARSE_SLACK]
    reach_s = max(tier_s for tier_s, _ in settings.clock_tiers) + _MARGIN_S
    around = np.arange(-reach_s, reach_s + _STEP_S, _STEP_S)
    return np.unique(np.round((near[:, np.newaxis] + around) / _STEP_S)) * _STEP_S


def _regions(zeros_s: NDArray[np.float64], inside: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Stretches of neighbouring grid points that are inside, half a step wider on both sides."""
    kept = zeros_s[inside]
    breaks = np.flatnonzero(np.diff(kept) > 1.5 * _STEP_S)
    starts, ends = np.r_[0, breaks + 1], np.r_[breaks, len(kept) - 1]
    return [(float(kept[a]) - 0.5 * _STEP_S, float(kept[b]) + 0.5 * _STEP_S) for a, b in zip(starts, ends, strict=True)]
