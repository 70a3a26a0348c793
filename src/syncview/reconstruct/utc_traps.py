"""How a file's claim of its time differs from its group's UTC, and by which of the known traps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from syncview.reconstruct.utc_claims import HALF_HOUR_S, HOUR_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.reconstruct.utc_claims import Claim
    from syncview.settings import UtcSettings

__all__ = ["Trap", "Verdict", "judge"]

Trap = Literal["none", "end", "local", "hour", "zone", "saved", "clock", "unclear"]
_MOST_ZONE_S = 14.0 * HOUR_S
_CLEARLY = 1.5  # half-widths beyond which a difference is called wrong
_TELLING_S = 300.0  # a UTC known to no better does not tell a wrong zone from a wrong clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a claim shows: by how much it is later than the start of the recording, to +- `uncertainty_s`, and why.

    `shift_s` is the part of it that is a zone; `ends` whether it is the end that the claim means. A trap "none" agrees;
    "unclear" could be as it should or not, so well is the group's UTC known.
    """

    claim: Claim
    off_s: float
    uncertainty_s: float
    trap: Trap
    shift_s: float = 0.0
    ends: bool = False


def judge(claims: Sequence[Claim], zero_s: float, uncertainty_s: float, settings: UtcSettings) -> tuple[Verdict, ...]:
    """Compare claims with the UTC of their group.

    Parameters
    ----------
    claims : sequence of Claim
        Of files on the group's clock.
    zero_s, uncertainty_s : float
        Seconds since 1970 of group time 0, and its 95 % half-width.
    settings : UtcSettings
        How far clocks are off as a rule.

    Returns
    -------
    tuple of Verdict
        One for each claim, in their order.
    """
    return tuple(_judged(claim, zero_s, uncertainty_s, settings) for claim in claims)


def _judged(claim: Claim, zero_s: float, uncertainty_s: float, settings: UtcSettings) -> Verdict:
    off_s = claim.claimed_s + 0.5 * settings.whole_s - (zero_s + claim.start_s)
    # The clock of a camera in order may be off by the first tier.
    width_s = uncertainty_s + claim.uncertainty_s + settings.clock_tiers[0][0] + 0.5 * settings.whole_s
    said = partial(Verdict, claim=claim, off_s=off_s, uncertainty_s=width_s)
    length_s = claim.end_s - claim.start_s
    if claim.saved:
        return said(trap="saved" if off_s > length_s + width_s else "none")
    fitting = [
        (trap, shift_s, ends)
        for trap, shift_s in _shifts(claim, width_s)
        for ends in _ends(claim, length_s, width_s)
        if -width_s <= off_s - shift_s - (length_s if ends else 0.0) <= width_s + (settings.saving_s if ends else 0.0)
    ]
    if ("none", 0.0, False) in fitting:
        return said(trap="none")
    if fitting:
        trap, shift_s, ends = fitting[0]
        if claim.local and claim.zone_s is None:  # its zone is not known: to be off by one is no fault
            trap = "none"
        if trap == "none" and ends:
            trap = "end"
        return said(trap=trap, shift_s=shift_s, ends=ends)
    if width_s > _TELLING_S or abs(off_s) <= _CLEARLY * width_s:
        return said(trap="unclear")
    if off_s > length_s + width_s and not claim.original and claim.of != "start":
        return said(trap="saved")
    return said(trap="clock")


def _shifts(claim: Claim, width_s: float) -> Iterator[tuple[Trap, float]]:
    """Zones that a claim may be off by, the likeliest first; what is not known well enough shows none."""
    yield "none", 0.0
    if width_s > _TELLING_S or claim.source == "gps":
        return
    if claim.zone_s:
        yield "local", -claim.zone_s if claim.local else claim.zone_s
    yield "hour", HOUR_S
    yield "hour", -HOUR_S
    for k in range(1, round(_MOST_ZONE_S / HALF_HOUR_S) + 1):
        yield "zone", k * HALF_HOUR_S
        yield "zone", -k * HALF_HOUR_S


def _ends(claim: Claim, length_s: float, width_s: float) -> tuple[bool, ...]:
    """Whether a claim may mean the start, or the end: of a short file nobody can tell."""
    if length_s <= _CLEARLY * width_s:
        return (False,)
    return (True, False) if claim.of == "end" else (False, True)
