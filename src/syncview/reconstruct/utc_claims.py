"""What a file's traces of time say of the UTC of a group, with everything that is known to go wrong with them.

A trace ("claim") is a time of day without a promise of what it means. Cameras write the start of a recording or its
end; UTC, or local time where UTC belongs; programs that copy a file write the time of copying; and the clock behind it
all may be off. Each way of reading a claim has a cost, the negative logarithm of how rare it is against the usual one.
What several files of one device and source show, they read the same way: the device is one witness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from syncview.settings import UtcSettings

__all__ = ["Claim", "ClaimOf", "Reading", "readings_of", "witness_cost"]

ClaimOf = Literal["start", "end", "saved"]
HALF_HOUR_S = 1800.0
HOUR_S = 3600.0
_BEYOND_S = 14.5 * HOUR_S  # no zone is farther from UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One trace of the time of a recording that lies on a group's clock.

    `claimed_s` are seconds since 1970 as it reads; local times are read in the case's zone, which is `zone_s` ahead of
    UTC then, or as UTC where the zone is None. `start_s` and `end_s` are group times of the recording, known to
    `uncertainty_s`. Claims of one `witness` share its clock. `of` says which moment its kind of source means; a `saved`
    one can only be later than the recording. `original`: the file looks as the camera wrote it.
    """

    recording_id: str
    witness: str
    source: str
    claimed_s: float
    zone_s: float | None
    local: bool
    of: Literal["start", "end", "unknown"]
    saved: bool
    original: bool
    start_s: float
    end_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way of reading all claims of a source: so much later than UTC (None: any whole or half hour), of a moment."""

    shift_s: float | None
    of: ClaimOf
    cost: float


def readings_of(claim: Claim, settings: UtcSettings) -> tuple[Reading, ...]:
    """List the ways of reading a claim.

    Parameters
    ----------
    claim : Claim
        One of its witness and source.
    settings : UtcSettings
        How rare each way is.

    Returns
    -------
    tuple of Reading
    """
    return tuple(
        Reading(shift_s=shift_s, of=of, cost=cost + more)
        for shift_s, cost in _shifts(claim, settings)
        for of, more in _moments(claim, settings)
    )


def witness_cost(claims: Sequence[Claim], zeros_s: NDArray[np.float64], settings: UtcSettings) -> NDArray[np.float64]:
    """How badly all claims of one witness go with a UTC of group time 0.

    Parameters
    ----------
    claims : sequence of Claim
        Of one witness.
    zeros_s : ndarray of float64, shape (n,)
        Seconds since 1970 of group time 0, to be judged.
    settings : UtcSettings
        Costs.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where everything is as usual; at most `clock_wrong_cost`.
    """
    by_source: dict[str, list[Claim]] = {}
    for claim in claims:
        by_source.setdefault(claim.source, []).append(claim)
    best = np.full(zeros_s.shape, settings.clock_wrong_cost)
    for tier_s, tier_cost in settings.clock_tiers:
        total = np.full(zeros_s.shape, tier_cost)
        for same in by_source.values():
            total += _source_cost(same, zeros_s, tier_s, settings)
        np.minimum(best, total, out=best)
    return best


def _source_cost(
    claims: Sequence[Claim], zeros_s: NDArray[np.float64], tier_s: float, settings: UtcSettings
) -> NDArray[np.float64]:
    """The cheapest way of reading claims of one source alike, for a clock that is off by up to `tier_s`."""
    best = np.full(zeros_s.shape, settings.source_cost)
    for reading in readings_of(claims[0], settings):
        fitting = np.zeros(zeros_s.shape)
        for claim in claims:
            fitting += _fits(claim, reading, zeros_s, tier_s, settings)
        total = reading.cost + settings.file_cost * (len(claims) - fitting)
        np.minimum(best, total, out=best, where=fitting > 0)
    return best


def _fits(
    claim: Claim, reading: Reading, zeros_s: NDArray[np.float64], tier_s: float, settings: UtcSettings
) -> NDArray[np.bool_]:
    """Where a claim, read so, is within what a clock off by `tier_s` would write."""
    least_s, most_s = -tier_s - claim.uncertainty_s - settings.whole_s, tier_s + claim.uncertainty_s
    if reading.of == "start":
        off_s = claim.claimed_s - (zeros_s + claim.start_s)
    else:
        off_s = claim.claimed_s - (zeros_s + claim.end_s)
        most_s += settings.saving_s
    if reading.shift_s is None:
        shift_s = HALF_HOUR_S * np.round((off_s - 0.5 * (least_s + most_s)) / HALF_HOUR_S)
        shift_s = np.clip(shift_s, -_BEYOND_S, _BEYOND_S)
        off_s = off_s - shift_s
    else:
        off_s = off_s - reading.shift_s
    if reading.of == "saved":
        return off_s >= least_s
    return (off_s >= least_s) & (off_s <= most_s)


def _shifts(claim: Claim, settings: UtcSettings) -> Iterable[tuple[float | None, float]]:
    """How much later than UTC a claim may read, None for any half hour."""
    if claim.source == "gps":
        return ((0.0, 0.0),)
    if claim.zone_s is None:
        if claim.local:
            return ((None, settings.unknown_zone_cost),)
        return (
            (0.0, 0.0),
            (HOUR_S, settings.hour_cost),
            (-HOUR_S, settings.hour_cost),
            (None, settings.local_as_utc_cost + settings.unknown_zone_cost),
        )
    if claim.zone_s == 0.0:
        mistaken: tuple[tuple[float | None, float], ...] = ()
    elif claim.local:
        mistaken = ((-claim.zone_s, settings.utc_as_local_cost),)
    else:
        mistaken = ((claim.zone_s, settings.local_as_utc_cost),)
    return (
        (0.0, 0.0),
        *mistaken,
        (HOUR_S, settings.hour_cost),
        (-HOUR_S, settings.hour_cost),
        (None, settings.zone_cost),
    )


def _moments(claim: Claim, settings: UtcSettings) -> Iterable[tuple[ClaimOf, float]]:
    """Which moment a claim may mean."""
    if claim.saved:
        return (("saved", 0.0),)
    saved = settings.saved_original_cost if claim.original else settings.saved_cost
    if claim.of == "start":  # such a name or tag was given when the recording began, and copies keep it
        return (("start", 0.0), ("end", settings.other_moment_cost))
    if claim.of == "end":
        return (("end", 0.0), ("start", settings.other_moment_cost), ("saved", saved))
    return (("start", 0.0), ("end", settings.end_cost), ("saved", saved))
