"""What two files of one device say of the time between them: its clock may be wrong, but it is the same clock.

The difference of two claims of one source is free of the clock's error, of the zone, and of what the camera makes of
summer time. What is left is that both are cut to whole seconds, that the clock may have been set between the two
files, and, where it is not known, whether the source writes the start or the end of a recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.model import GroupTie

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.reconstruct.utc_claims import Claim
    from syncview.settings import UtcSettings

__all__ = ["joined_ties", "moments_of_sources", "ties_of"]

_APART_S = 60.0  # sources of one device that disagree by more about the same two files say nothing
_END_JITTER_S = 1.5  # how differently long two files take to be closed


def ties_of(
    claims: Mapping[str, Sequence[Claim]],
    devices: Mapping[str, str],
    means_end: Mapping[tuple[str, str], bool],
    settings: UtcSettings,
) -> tuple[GroupTie, ...]:
    """Tie groups by the devices that have files in several.

    Parameters
    ----------
    claims : mapping of str to sequence of Claim
        By group id.
    devices : mapping of str to str
        Device by recording id, where a person says so; nothing else is sure to be one clock.
    means_end : mapping of (str, str) to bool
        Whether a witness's source writes the end, where that is known.
    settings : UtcSettings
        Limits.

    Returns
    -------
    tuple of GroupTie
        For each two groups and device at most one, by group ids; the first group comes first in `claims`.
    """
    groups = list(claims)
    found = []
    for k, a_group in enumerate(groups):
        for b_group in groups[k + 1 :]:
            shared = {devices[c.recording_id] for c in claims[a_group] if c.recording_id in devices}
            shared &= {devices[c.recording_id] for c in claims[b_group] if c.recording_id in devices}
            for device in sorted(shared):
                own = [
                    [c for c in claims[group] if devices.get(c.recording_id) == device] for group in (a_group, b_group)
                ]
                tie = _tie(own[0], own[1], means_end, settings)
                if tie is not None:
                    found.append(
                        GroupTie(
                            a_group=a_group, b_group=b_group, device=device, difference_s=tie[0], uncertainty_s=tie[1]
                        )
                    )
    return tuple(found)


def joined_ties(ties: Sequence[GroupTie]) -> tuple[GroupTie, ...]:
    """Add the ties between groups that only several devices together tie.

    Parameters
    ----------
    ties : sequence of GroupTie
        By one device each.

    Returns
    -------
    tuple of GroupTie
        These, and for each two groups that none of them ties the surest way over others, its half-widths added up.

    Examples
    --------
    >>> first = GroupTie(a_group="g1", b_group="g2", difference_s=10.0, uncertainty_s=2.0, device="p")
    >>> second = GroupTie(a_group="g3", b_group="g2", difference_s=4.0, uncertainty_s=3.0, device="q")
    >>> joined_ties([first, second])[2]
    GroupTie(a_group='g1', b_group='g3', difference_s=6.0, uncertainty_s=5.0, device='p, q')
    """
    steps: dict[str, list[GroupTie]] = {}
    for tie in ties:
        back = GroupTie(
            a_group=tie.b_group,
            b_group=tie.a_group,
            difference_s=-tie.difference_s,
            uncertainty_s=tie.uncertainty_s,
            device=tie.device,
        )
        steps.setdefault(tie.a_group, []).append(tie)
        steps.setdefault(tie.b_group, []).append(back)
    tied = {frozenset((tie.a_group, tie.b_group)) for tie in ties}
    names = list(dict.fromkeys(name for tie in ties for name in (tie.a_group, tie.b_group)))
    joined = [
        way
        for k, start in enumerate(names)
        for end, way in _ways(start, steps).items()
        if end in names[k + 1 :] and frozenset((start, end)) not in tied
    ]
    return (*ties, *joined)


def _ways(start: str, steps: Mapping[str, Sequence[GroupTie]]) -> dict[str, GroupTie]:
    """The surest way from a group to each other one (Dijkstra 1959, on half-widths)."""
    found: dict[str, GroupTie] = {}
    here = GroupTie(a_group=start, b_group=start, difference_s=0.0, uncertainty_s=0.0, device="")
    while True:
        options = [
            GroupTie(
                a_group=start,
                b_group=step.b_group,
                difference_s=way.difference_s + step.difference_s,
                uncertainty_s=way.uncertainty_s + step.uncertainty_s,
                device=", ".join(dict.fromkeys([*filter(None, way.device.split(", ")), step.device])),
            )
            for way in (here, *found.values())
            for step in steps.get(way.b_group, ())
            if step.b_group != start and step.b_group not in found
        ]
        if not options:
            return found
        best = min(options, key=lambda way: (way.uncertainty_s, way.b_group, way.device))
        found[best.b_group] = best


def moments_of_sources(verdicts: Iterable[tuple[Claim, bool | None]]) -> dict[tuple[str, str], bool]:
    """Whether each witness's source writes the end, from files of which it is known.

    Parameters
    ----------
    verdicts : iterable of (Claim, bool or None)
        A claim, and whether it means the end; None where that is not known.

    Returns
    -------
    dict of (str, str) to bool
        By witness and source; what files contradict each other about is left out.
    """
    said: dict[tuple[str, str], set[bool]] = {}
    for claim, ends in verdicts:
        if ends is not None:
            said.setdefault((claim.witness, claim.source), set()).add(ends)
    return {key: next(iter(every)) for key, every in said.items() if len(every) == 1}


def _tie(
    ours: Sequence[Claim],
    theirs: Sequence[Claim],
    means_end: Mapping[tuple[str, str], bool],
    settings: UtcSettings,
) -> tuple[float, float] | None:
    """Difference and half-width; None where nothing tells, or the sources disagree widely."""
    every = [
        _between(a, b, means_end, settings)
        for a in ours
        for b in theirs
        if a.source == b.source and not a.saved and not b.saved and a.local == b.local
    ]
    if not every:
        return None
    least_s, most_s = max(low for low, _ in every), min(high for _, high in every)
    if least_s > most_s:  # they do not agree: all of what they say
        least_s, most_s = min(low for low, _ in every), max(high for _, high in every)
        if most_s - least_s > 2.0 * _APART_S:
            return None
    # Files of one device share how its clock was set, so their agreement does not narrow it below one resetting.
    half_s = max(0.5 * (most_s - least_s), settings.resync_s + 0.5 * settings.whole_s)
    return 0.5 * (least_s + most_s), half_s


def _between(
    a: Claim, b: Claim, means_end: Mapping[tuple[str, str], bool], settings: UtcSettings
) -> tuple[float, float]:
    """Least and most of the difference that two claims of one source allow."""
    claimed_s = b.claimed_s - a.claimed_s
    width_s = settings.whole_s + settings.resync_s + a.uncertainty_s + b.uncertainty_s
    from_start_s, from_end_s = claimed_s - (b.start_s - a.start_s), claimed_s - (b.end_s - a.end_s)
    ends = means_end.get((a.witness, a.source))
    if ends is None and a.of == b.of != "unknown":
        ends = a.of == "end"
    if ends is None:
        low_s, high_s = sorted((from_start_s, from_end_s))
        return low_s - width_s - _END_JITTER_S, high_s + width_s + _END_JITTER_S
    if ends:
        return from_end_s - width_s - _END_JITTER_S, from_end_s + width_s + _END_JITTER_S
    return from_start_s - width_s, from_start_s + width_s
