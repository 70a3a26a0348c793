"""The UTC of every group: from what people state, else through a device with files in two groups, else from metadata.

Nothing here moves clocks within a group. A statement of a person outranks all traces in files; a device whose clock can
be read off in one group tells the time in another; what files claim by themselves is believed only where several
devices agree, or one in more than one way (see `syncview.reconstruct.utc_consensus`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncview.reconstruct.device_clock import joined_ties, moments_of_sources, ties_of
from syncview.reconstruct.utc import UtcAnchor, UtcZero, allowed_zeros_s, bounded_zero, epoch_s, from_epoch, utc_zero
from syncview.reconstruct.utc_consensus import Bound, consensus
from syncview.reconstruct.utc_traps import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.model import GroupTie
    from syncview.reconstruct.utc import UtcBound
    from syncview.reconstruct.utc_claims import Claim
    from syncview.reconstruct.utc_consensus import Consensus
    from syncview.reconstruct.utc_traps import Verdict
    from syncview.settings import UtcSettings

__all__ = ["DEVICE_BASIS", "METADATA_BASIS", "Disagreement", "GroupStatements", "TimesOfDay", "times_of_day"]

DEVICE_BASIS = "device_clock"
METADATA_BASIS = "metadata"
_FEW = 2  # devices that agree by chance are rare
_GRID_S = 0.5  # regions of what files agree on are half a step of their grid wider


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStatements:
    """What is stated of the UTC of one group, by people and by its files."""

    group_id: str
    anchors: tuple[UtcAnchor, ...] = ()
    bounds: tuple[UtcBound, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """The UTC that people state is `off_s` later than what the files of `witnesses` agree on, beyond both +-."""

    group_id: str
    off_s: float
    uncertainty_s: float
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesOfDay:
    """The UTC of groups by group id, what ties them, and how each claim compares.

    `agreed` has, for groups whose UTC metadata was asked for, what was found, also where it does not carry a UTC.
    `denied` has, by group, the seconds by which this leaves what people state of one side: then it is not used.
    """

    zeros: Mapping[str, UtcZero]
    ties: tuple[GroupTie, ...]
    verdicts: Mapping[str, tuple[Verdict, ...]]
    agreed: Mapping[str, Consensus]
    disagreements: tuple[Disagreement, ...]
    broken_ties: tuple[tuple[GroupTie, float], ...] = field(default=())
    denied: Mapping[str, float] = field(default_factory=dict)


def times_of_day(groups: Sequence[GroupStatements], devices: Mapping[str, str], settings: UtcSettings) -> TimesOfDay:
    """Find the UTC of all groups of an incident.

    Parameters
    ----------
    groups : sequence of GroupStatements
        By group, in the order of the groups.
    devices : mapping of str to str
        Device by recording id, where a person says so.
    settings : UtcSettings
        Costs and limits.

    Returns
    -------
    TimesOfDay
    """
    stated = {g.group_id: zero for g in groups if (zero := _stated(g, settings)) is not None}
    agreed = {g.group_id: _agreed(g, settings) for g in groups}
    denied = {g.group_id: beyond_s for g in groups if (beyond_s := _beyond_s(g, agreed[g.group_id])) > 0.0}
    disagreements = tuple(
        found
        for group in groups
        if group.group_id in stated
        and (found := _disagreement(group.group_id, stated[group.group_id], agreed[group.group_id])) is not None
    )
    doubted = {found.group_id for found in disagreements}
    zeros, claims = dict(stated), {g.group_id: g.claims for g in groups}
    ties = ties_of(claims, devices, _ends(groups, zeros, doubted, settings), settings)
    _carry(zeros, ties, groups)
    for group in groups:
        said = agreed[group.group_id]
        known = group.group_id in zeros or group.group_id in denied
        if not known and said.zero_s is not None and said.uncertainty_s is not None:
            zeros[group.group_id] = _zero(said.zero_s, said.uncertainty_s, METADATA_BASIS)
    ties = ties_of(claims, devices, _ends(groups, zeros, doubted, settings), settings)
    _carry(zeros, ties, groups)
    return TimesOfDay(
        zeros=zeros,
        ties=joined_ties(ties),
        verdicts={
            g.group_id: judge(g.claims, epoch_s(zero.utc), zero.uncertainty_s, settings)
            for g in groups
            if (zero := zeros.get(g.group_id)) is not None and g.group_id not in doubted
        },
        agreed=agreed,
        disagreements=disagreements,
        broken_ties=tuple(_broken(ties, stated)),
        denied=denied,
    )


def _stated(group: GroupStatements, settings: UtcSettings) -> UtcZero | None:
    return bounded_zero(utc_zero(group.anchors), group.bounds, most_s=settings.most_uncertainty_s)


def _agreed(group: GroupStatements, settings: UtcSettings) -> Consensus:
    bounds = [Bound(zero_s=bound.zero_s, is_upper=bound.is_upper) for bound in group.bounds]
    return consensus(group.claims, bounds, settings)


def _beyond_s(group: GroupStatements, agreed: Consensus) -> float:
    """By how much what the files agree on leaves what people state; 0 where it does not, or they may be old copies."""
    if not agreed.regions_s or agreed.open_ended:
        return 0.0
    least_s, most_s = allowed_zeros_s(group.bounds)
    beyond_s = max(agreed.regions_s[-1][1] - most_s, least_s - agreed.regions_s[0][0])
    return beyond_s if beyond_s > _GRID_S else 0.0


def _zero(zero_s: float, uncertainty_s: float, basis: str) -> UtcZero:
    return UtcZero(utc=from_epoch(zero_s), uncertainty_s=uncertainty_s, basis=basis, conflict_s=0.0)


def _disagreement(group_id: str, zero: UtcZero, agreed: Consensus) -> Disagreement | None:
    """A person's statement that several devices contradict together: then it is not they that are accused."""
    if agreed.zero_s is None or agreed.uncertainty_s is None or len(agreed.witnesses) < _FEW:
        return None
    off_s, width_s = epoch_s(zero.utc) - agreed.zero_s, zero.uncertainty_s + agreed.uncertainty_s
    if abs(off_s) <= width_s:
        return None
    return Disagreement(group_id=group_id, off_s=off_s, uncertainty_s=width_s, witnesses=agreed.witnesses)


def _ends(
    groups: Sequence[GroupStatements], zeros: Mapping[str, UtcZero], doubted: set[str], settings: UtcSettings
) -> dict[tuple[str, str], bool]:
    """Which sources write the end of a recording, from files long enough to tell in groups whose UTC is known."""
    told: list[tuple[Claim, bool | None]] = []
    for group in groups:
        zero = zeros.get(group.group_id)
        if zero is None or group.group_id in doubted:
            continue
        for verdict in judge(group.claims, epoch_s(zero.utc), zero.uncertainty_s, settings):
            claim = verdict.claim
            tells = claim.end_s - claim.start_s > 2.0 * verdict.uncertainty_s + settings.saving_s
            if tells and verdict.trap in ("none", "end", "local", "hour", "zone"):
                told.append((claim, verdict.ends))
    return moments_of_sources(told)


def _carry(zeros: dict[str, UtcZero], ties: Sequence[GroupTie], groups: Iterable[GroupStatements]) -> None:
    """Give groups without a UTC that of the group that a device ties them to best, the surest first.

    None that lies wholly beyond what people state of one side.
    """
    allowed_s = {group.group_id: allowed_zeros_s(group.bounds) for group in groups}
    while True:
        options = [
            (zeros[at].uncertainty_s + tie.uncertainty_s, to, epoch_s(zeros[at].utc) + sign * tie.difference_s)
            for tie in ties
            for at, to, sign in ((tie.a_group, tie.b_group, 1.0), (tie.b_group, tie.a_group, -1.0))
            if at in zeros and to in allowed_s and to not in zeros
        ]
        options = [
            (pm_s, to, zero_s)
            for pm_s, to, zero_s in options
            if allowed_s[to][0] - pm_s <= zero_s <= allowed_s[to][1] + pm_s
        ]
        if not options:
            return
        uncertainty_s, to, zero_s = min(options)
        zeros[to] = _zero(zero_s, uncertainty_s, DEVICE_BASIS)


def _broken(ties: Sequence[GroupTie], stated: Mapping[str, UtcZero]) -> Iterable[tuple[GroupTie, float]]:
    """Ties between two groups whose stated UTC they contradict, and by how much beyond all +-."""
    for tie in ties:
        if tie.a_group in stated and tie.b_group in stated:
            a, b = stated[tie.a_group], stated[tie.b_group]
            off_s = epoch_s(b.utc) - epoch_s(a.utc) - tie.difference_s
            beyond_s = abs(off_s) - (a.uncertainty_s + b.uncertainty_s + tie.uncertainty_s)
            if beyond_s > 0.0:
                yield tie, off_s
