"""Cuts that no pair shows by itself: where a recording stops to agree with its group, or agrees with it elsewhere.

Two recordings show a jump only when both sides of it are in both. A group shows more: a lag that contradicts the
clocks, in a part of a recording where they are not borne out, is that of another piece of it; and a part in which
nothing agrees, while the others agree with each other, is on no known clock.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.bridges import bridges_between, other_bridges
from syncview.sync.pieces import Cut
from syncview.sync.support import lags_of, support_of, supports_of, supports_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.groups import Placed
    from syncview.sync.support import PairLags, Support

__all__ = ["hidden_cuts", "needless_cuts"]

_SURE_SHARE = 2 / 3  # of what a side of a cut must show, what is left without the stretch in which the cut may lie
_BEHIND_SHARE = 0.5  # of what the clock that holds shows there, what one that does not hold shows at most


def hidden_cuts(groups: Sequence[Placed], known: PairLags, *, settings: SyncSettings) -> tuple[Cut, ...]:
    """Find the cuts that only a group shows.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    known : PairLags
        What is known of every pair of pieces.
    settings : SyncSettings
        What a part must show, or lack.

    Returns
    -------
    tuple of Cut
        At most one for each piece; `jump_s` is None where nothing is known of the other side.
    """
    found: dict[str, Cut] = {}
    for group in groups:
        if len({piece.recording_id for piece in group.pieces.values()}) > 1:
            for sure in _denied_bridges(group, known, settings):
                found.setdefault(_piece_of(sure, group), sure)
            for name in sorted(group.pieces):
                cut = _other_clock(name, group, known, settings) or _no_clock(name, group, known, settings)
                if cut is not None:
                    found.setdefault(_piece_of(cut, group), cut)
    return tuple(found.values())


def _denied_bridges(group: Placed, known: PairLags, settings: SyncSettings) -> Iterator[Cut]:
    """The cuts of pieces that alone hold two parts of a group together, where a sure lag between the parts denies it.

    A piece that met the one part before it met the other may have been cut between; of its own it cannot show that.
    """
    for name in sorted(group.pieces):
        for other, lag in lags_of(name, group, known):
            off_s = group.offsets_s[other] + lag.lag_s - group.offsets_s[name]
            reach_s = known.travel_s(group.recording_of(name), group.recording_of(other))
            # That something is missing, not that it was put in: of that a lag between others is no proof.
            if lag.probability < settings.settled_probability or off_s <= 2 * reach_s:
                continue
            # `name` and what it is tied to lie `off_s` later than the bridge has them.
            for bridge in bridges_between(other, name, group):
                first, second = (
                    _support(bridge.name, group, known, 0.0, settings, among=part)
                    for part in (bridge.before, bridge.after)
                )
                found = _split(first, second, off_s, settings, denied=True)
                if found is not None:
                    yield _cut_of(bridge.name, group, found, off_s, group.recording_of(other), settings)


def _piece_of(cut: Cut, group: Placed) -> str:
    """The piece in which a cut lies."""
    own = (piece for piece in group.pieces.values() if piece.recording_id == cut.recording_id)
    return min(own, key=lambda piece: max(piece.start_s - cut.end_s, cut.start_s - piece.end_s)).name


def _support(
    name: str,
    group: Placed,
    known: PairLags,
    off_s: float,
    settings: SyncSettings,
    among: Collection[str] | None = None,
) -> Support:
    """What all pairs together say for a clock that is `off_s` ahead of the piece's, along the piece."""
    piece = group.pieces[name]
    count = max(1, round((piece.end_s - piece.start_s) / settings.support_step_s))
    return support_of(supports_of(name, group, known, off_s=off_s, among=among, settings=settings), count)


def _other_clock(name: str, group: Placed, known: PairLags, settings: SyncSettings) -> Cut | None:
    """The cut between the part that bears out the clock and one that agrees with the group at another lag."""
    home = _support(name, group, known, 0.0, settings)
    best: tuple[float, Cut, tuple[float, float]] | None = None
    for other, hypothesis in lags_of(name, group, known):
        off_s = group.offsets_s[other] + hypothesis.lag_s - group.offsets_s[name]
        if abs(off_s) <= 2 * known.travel_s(group.recording_of(name), group.recording_of(other)):
            continue
        away = _support(name, group, known, off_s, settings)
        for first, second, clocks_s in ((home, away, (0.0, off_s)), (away, home, (off_s, 0.0))):
            jump_s = clocks_s[1] - clocks_s[0]
            found = _split(first, second, jump_s, settings)
            if found is not None and (best is None or found[0] > best[0]):
                best = (found[0], _cut_of(name, group, found, jump_s, group.recording_of(other), settings), clocks_s)
    return None if best is None else _told_from_rivals(name, group, best[1], best[2], known, settings)


def _cut_of(
    name: str, group: Placed, found: tuple[float, int, int], jump_s: float, other_id: str, settings: SyncSettings
) -> Cut:
    piece, step_s = group.pieces[name], settings.support_step_s
    return Cut(
        recording_id=piece.recording_id,
        end_s=piece.start_s + found[1] * step_s,
        start_s=piece.start_s + found[2] * step_s,
        jump_s=jump_s,
        seen_by=(other_id,),
        only_here=False,
    )


def _told_from_rivals(
    name: str, group: Placed, cut: Cut, clocks_s: tuple[float, float], known: PairLags, settings: SyncSettings
) -> Cut:
    """The cut, or that of another recording which explains as much; of the two, that something is missing."""
    piece, step_s = group.pieces[name], settings.support_step_s
    jump_s = clocks_s[1] - clocks_s[0]
    sides = (
        slice(0, round((cut.end_s - piece.start_s) / step_s)),
        slice(round((cut.start_s - piece.start_s) / step_s), None),
    )
    before, after = (
        {p.other for p in supports_of(name, group, known, off_s=off_s, settings=settings) if p.z(side) > 0}
        for off_s, side in zip(clocks_s, sides, strict=True)
    )
    for bridge in other_bridges(name, group, before=before, after=after):
        first, second = (
            _support(bridge.name, group, known, 0.0, settings, among=part) for part in (bridge.before, bridge.after)
        )
        found = _split(first, second, -jump_s, settings)
        if found is not None and jump_s > 0:
            return replace(cut, seen_by=(group.recording_of(bridge.name),), only_here=True)
        if found is not None:
            return replace(_cut_of(bridge.name, group, found, -jump_s, cut.recording_id, settings), only_here=True)
    return cut


def _split(
    first: Support, second: Support, jump_s: float, settings: SyncSettings, *, denied: bool = False
) -> tuple[float, int, int] | None:
    """Where one clock ends and another begins: the gain, and the steps between which the change lies.

    A clock that holds in one part is next to nothing in the other. Where it is known that not both can hold all along
    (`denied`), it is enough that each stands behind the other there: repeated sounds agree a little anywhere.
    """
    skipped = max(0, round(-jump_s / settings.support_step_s))
    count = len(first.agreement)
    if skipped >= count:
        return None
    # Pairs share the recording's own noise: their mean, not their sum, says where one clock gives way to the other.
    so_far, from_here = (
        np.concatenate([[0.0], np.cumsum(s.agreement / np.maximum(s.covered, 1.0))]) for s in (first, second)
    )
    gain = so_far[: count + 1 - skipped] + from_here[-1] - from_here[skipped:]
    at = int(np.argmax(gain))
    here, there = slice(0, at), slice(at + skipped, count)
    for support, rival, inside, outside in ((first, second, here, there), (second, first, there, here)):
        if support.z(inside) < settings.part_least_z:
            return None
        if support.rate(outside) > settings.part_elsewhere_share * support.rate(inside) and not (
            denied and support.rate(outside) <= _BEHIND_SHARE * rival.rate(outside)
        ):
            return None
    doubtful = gain >= gain[at] - settings.cut_log_likelihood / max(0.5 * (first.rate(here) + second.rate(there)), 1e-3)
    until, since = _around(doubtful, at)
    least = round(settings.part_least_s / settings.support_step_s)
    sure = (first, slice(0, until)), (second, slice(since + skipped, count))
    # What is left on both sides of the doubt must be worth placing, and must still show its clock.
    if any(
        np.count_nonzero(each.covered[part]) < least or each.z(part) < _SURE_SHARE * settings.part_least_z
        for each, part in sure
    ):
        return None
    return float(gain[at]), until, since + skipped


def _around(doubtful: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """First and last place of the run of doubtful places that holds `at`."""
    before, after = np.flatnonzero(~doubtful[:at]), np.flatnonzero(~doubtful[at:])
    return int(before[-1]) + 1 if len(before) else 0, at + int(after[0]) - 1 if len(after) else len(doubtful) - 1


def _no_clock(name: str, group: Placed, known: PairLags, settings: SyncSettings) -> Cut | None:
    """The cut before or after which nothing agrees any more, while the others agree with each other."""
    home = _support(name, group, known, 0.0, settings)
    others = supports_of_others(name, group, known, settings=settings)
    count = len(home.agreement)
    least = round(settings.lost_least_s / settings.support_step_s)
    best: tuple[float, int] | None = None
    for at in range(least, count - least + 1):
        for lost, kept in ((slice(0, at), slice(at, count)), (slice(at, count), slice(0, at))):
            expected_z = home.rate(kept) * math.sqrt(float(home.covered[lost].sum()))
            if (
                expected_z < settings.lost_expected_z
                or home.z(lost) > settings.lost_most_z
                or home.rate(lost) > settings.lost_most_share * home.rate(kept)
                or others.rate(lost) < settings.lost_others_share * others.rate(slice(0, count))
                or others.z(lost) < settings.part_least_z
            ):
                continue
            if best is None or expected_z - home.z(lost) > best[0]:
                best = (expected_z - home.z(lost), at)
    if best is None:
        return None
    piece, slack = group.pieces[name], settings.lost_slack_s
    at_s = piece.start_s + best[1] * settings.support_step_s
    return Cut(
        recording_id=piece.recording_id,
        end_s=at_s - slack,
        start_s=at_s + slack,
        jump_s=None,
        seen_by=tuple(sorted({group.recording_of(other) for other, _ in lags_of(name, group, known)})),
        only_here=False,
    )


def needless_cuts(
    groups: Sequence[Placed],
    cuts: Sequence[Cut],
    *,
    travel_s: Callable[[str, str], float],
) -> tuple[Cut, ...]:
    """Find the cuts on both sides of which a recording turned out to have one clock.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    cuts : sequence of Cut
        Where recordings were taken apart.
    travel_s : callable
        The time that sound needs between two recordings' cameras at most, in seconds.

    Returns
    -------
    tuple of Cut
        Those that only sounds from two sides, or a stretch without common sound, had suggested.
    """
    everywhere = [(k, piece) for k, group in enumerate(groups) for piece in group.pieces.values()]
    found = []
    for cut in cuts:
        own = [each for each in everywhere if each[1].recording_id == cut.recording_id]
        before = max((e for e in own if e[1].end_s <= cut.end_s + 1e-6), key=lambda e: e[1].end_s, default=None)
        after = min((e for e in own if e[1].start_s >= cut.start_s - 1e-6), key=lambda e: e[1].start_s, default=None)
        if before is None or after is None or before[0] != after[0]:
            continue
        group = groups[before[0]]
        jump_s = group.offsets_s[after[1].name] - group.offsets_s[before[1].name]
        others = {piece.recording_id for piece in group.pieces.values()} - {cut.recording_id}
        if abs(jump_s) <= max((2.0 * travel_s(cut.recording_id, other) for other in others), default=0.0):
            found.append(cut)
    return tuple(found)
