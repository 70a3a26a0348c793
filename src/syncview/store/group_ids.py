"""Lasting ids and zeros of groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.store.ids import KnownGroup, next_number
from syncview.timebase import group_extent_s, round_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.model import Clock, ClockSegment, Group, Recording
    from syncview.store.ids import Ids

__all__ = ["preferred_references", "settle_groups"]


def preferred_references(ids: Ids) -> tuple[str, ...]:
    """Recordings that a group's clock should be stated against, because it was so before.

    Parameters
    ----------
    ids : Ids
        What earlier runs found.

    Returns
    -------
    tuple of str
        SHA-256 of the references. Those of the largest groups come first: when groups grow together, the fewest
        published times move; of equal ones, the oldest.
    """
    known = sorted(ids.groups, key=_rank)
    return tuple(dict.fromkeys(group.reference_sha256 for group in known))


def settle_groups(groups: Sequence[Group], recordings: Sequence[Recording], ids: Ids) -> tuple[tuple[Group, ...], Ids]:
    """Give groups their lasting ids and zeros.

    A group that holds the reference of a known group is that group: the reference gets the offset it had, whatever is
    placed before it. With the references of several, it is the one that the solver chose (see
    `preferred_references`). Any other group is new, also one that most members of a known group are in: its clock was
    stated against a recording that is not there, so nothing ties its zero to the old one. Group time 0 of a new group
    is the start of its earliest recording.

    Parameters
    ----------
    groups : sequence of Group
        As solved: without ids.
    recordings : sequence of Recording
        All recordings that the groups name.
    ids : Ids
        What earlier runs found.

    Returns
    -------
    groups : tuple of Group
        In the order of their ids, every segment on the group's lasting clock.
    ids : Ids
        With the new groups, and the members as they are now.
    """
    sha256_of = {recording.id: recording.sha256 for recording in recordings}
    free = {group.id: group for group in ids.groups}
    settled: list[tuple[Group, KnownGroup]] = []
    number = next_number(ids.groups)
    for group in sorted(groups, key=lambda group: _order(group, sha256_of)):
        members = tuple(sorted({sha256_of[clock.recording_id] for clock in group.clocks}))
        known = _known(group, members, free.values(), sha256_of)
        if known is None:
            known = _new(f"g{number}", group, sha256_of)
            number += 1
        else:
            del free[known.id]
        known = known.model_copy(update={"members": members})
        settled.append((_placed(group, known, sha256_of), known))
    every = sorted((*free.values(), *(known for _, known in settled)), key=_number)
    settled.sort(key=lambda pair: _number(pair[1]))
    return tuple(group for group, _ in settled), ids.model_copy(update={"groups": tuple(every)})


def _order(group: Group, sha256_of: Mapping[str, str]) -> tuple[int, list[str]]:
    """Largest first; of equal ones by content, so that names and the order of files do not matter."""
    return -len(group.clocks), sorted(sha256_of[clock.recording_id] for clock in group.clocks)


def _known(
    group: Group, members: Sequence[str], known: Iterable[KnownGroup], sha256_of: Mapping[str, str]
) -> KnownGroup | None:
    """Return the known group that this is: the one of the solver's reference, else of any reference it holds."""
    candidates = [candidate for candidate in known if candidate.reference_sha256 in members]
    reference = sha256_of[group.reference_id]
    return min(candidates, key=lambda each: (each.reference_sha256 != reference, *_rank(each)), default=None)


def _new(name: str, group: Group, sha256_of: Mapping[str, str]) -> KnownGroup:
    reference = next(clock for clock in group.clocks if clock.recording_id == group.reference_id)
    start_s = min(group_extent_s(clock)[0] for clock in group.clocks)
    return KnownGroup(
        id=name,
        reference_sha256=sha256_of[group.reference_id],
        reference_offset_s=round_s(_first(reference).offset_s - start_s),
        members=(),
    )


def _placed(group: Group, known: KnownGroup, sha256_of: Mapping[str, str]) -> Group:
    """Return the group with the known group's id and its reference where it was."""
    holders = [clock for clock in group.clocks if sha256_of[clock.recording_id] == known.reference_sha256]
    reference = min(holders, key=lambda clock: (clock.recording_id != group.reference_id, clock.recording_id))
    shift_s = known.reference_offset_s - _first(reference).offset_s
    clocks = tuple(
        replace(
            clock,
            segments=tuple(replace(segment, offset_s=segment.offset_s + shift_s) for segment in clock.segments),
        )
        for clock in group.clocks
    )
    return replace(group, id=known.id, clocks=clocks)


def _first(clock: Clock) -> ClockSegment:
    return min(clock.segments, key=lambda segment: segment.start_s)


def _number(known: KnownGroup) -> int:
    return int(known.id[1:])


def _rank(known: KnownGroup) -> tuple[int, int]:
    return -len(known.members), _number(known)
