"""Ties that one recording alone carries: where it may be cut meanwhile, what lies beyond stays on a clock of its own.

A recording that met one part of a group before it met the other carries the one clock over to the other, which is right
unless it was cut in between. Three things make that too doubtful: a sure lag between the two parts that says otherwise,
a long stretch in which the recording agrees with nothing, and known cuts in it or in what lies beyond.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.borne_out import Unsupported
from syncview.sync.bridges import parts_without
from syncview.sync.pieces import only_pieces
from syncview.sync.support import lags_of, support_of, supports_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from syncview.settings import ReconstructSettings, SyncSettings
    from syncview.sync.groups import Placed
    from syncview.sync.pieces import Cut
    from syncview.sync.support import PairLags

__all__ = ["Untied", "borne_span_s", "without_open_ties"]

_Part = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Untied:
    """Pieces that only one recording ties to their group, and the stretch of it in which it may be cut.

    `kept_s` is what of it stays. `denied_by` are two recordings whose sure lag says that it is cut, if any.
    """

    names: tuple[str, ...]
    by_id: str
    between_s: tuple[float, float]
    kept_s: tuple[float, float]
    denied_by: tuple[str, ...] = ()


def without_open_ties(
    groups: Sequence[Placed],
    cuts: Sequence[Cut],
    known: PairLags,
    *,
    settings: ReconstructSettings,
    sync: SyncSettings,
) -> tuple[tuple[Placed, ...], tuple[Untied, ...], tuple[Unsupported, ...]]:
    """Take groups apart where one recording alone ties them, and may be cut between what it meets.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    cuts : sequence of Cut
        Where recordings were taken apart.
    known : PairLags
        What every pair of pieces says.
    settings : ReconstructSettings
        How long a recording may meet nothing.
    sync : SyncSettings
        How sure a lag is to be heeded, steps along a recording.

    Returns
    -------
    tuple of Placed, tuple of Untied and tuple of Unsupported
        The parts, what was taken off, and the ends of recordings that lie beyond. Of two parts the larger keeps the
        recording that tied them. What a person pinned stays tied.
    """
    left, kept = list(groups), []
    untied: list[Untied] = []
    lost: list[Unsupported] = []
    while left:
        group = left.pop()
        found = next(_open_ties(group, cuts, known, settings, sync), None)
        if found is None:
            kept.append(group)
            continue
        near, taken = _shortened(group, found, known, sync)
        left += [only_pieces(near, set(group.pieces) - set(found.names)), only_pieces(group, set(found.names))]
        untied.append(found)
        lost += taken
    return tuple(sorted(kept, key=lambda g: (-len(g.pieces), min(g.pieces)))), tuple(untied), tuple(lost)


def _open_ties(
    group: Placed, cuts: Sequence[Cut], known: PairLags, settings: ReconstructSettings, sync: SyncSettings
) -> Iterator[Untied]:
    """What one piece alone ties to its group too doubtfully."""
    pinned = {end for link in group.links if link.pinned and not link.copy for end in (link.a_id, link.b_id)}
    for name in sorted(set(group.pieces) - pinned):
        parts = parts_without(_with_copies(name, group, known), group)
        spans_s = {
            part: span_s
            for part in (parts if len(parts) > 1 else ())
            if (span_s := borne_span_s(name, part, group, known, sync)) is not None
        }
        if len(spans_s) < 2:
            continue

        def holds(near: Collection[_Part], part: _Part, gap_s: float, owner: str = group.recording_of(name)) -> bool:
            here = frozenset().union(*near)
            suspect = _suspect(owner, here, part, group, cuts)
            return gap_s <= (settings.suspect_tie_s if suspect else settings.open_tie_s) and not _denied(
                here, part, group, known, sync
            )

        near, far = _told_apart(spans_s, max(spans_s, key=lambda part: _size(part, group)), holds)
        if far:
            names = frozenset().union(*far)
            denied = _denied(frozenset().union(*near), names, group, known, sync)
            yield _untied(name, names, [spans_s[p] for p in near], [spans_s[p] for p in far], denied, group)


def _told_apart(
    spans_s: Mapping[_Part, tuple[float, float]],
    largest: _Part,
    holds: Callable[[Collection[_Part], _Part, float], bool],
) -> tuple[list[_Part], list[_Part]]:
    """The parts that a piece ties well enough, from the largest on, and what lies beyond the first that it does not."""
    near, left = [largest], [part for part in spans_s if part != largest]
    while left:
        gaps_s = {part: min((_gap_s(spans_s[part], spans_s[n]), spans_s[n]) for n in near) for part in left}
        nearest = min(left, key=lambda part: (gaps_s[part], min(part)))
        if not holds(near, nearest, gaps_s[nearest][0]):
            # What lies further on is tied through the same stretch.
            edge_s, later = spans_s[nearest], sum(spans_s[nearest]) > sum(gaps_s[nearest][1])
            return near, [part for part in left if (spans_s[part] >= edge_s if later else spans_s[part] <= edge_s)]
        near.append(nearest)
        left.remove(nearest)
    return near, []


def _with_copies(name: str, group: Placed, known: PairLags) -> set[str]:
    """A piece and those of the copies of its recording: they hold together what it does."""
    own = group.recording_of(name)
    owners = {n: piece.recording_id for n, piece in group.pieces.items()}
    return {name} | {n for n, owner in owners.items() if owner != own and known.same_witness(owner, own)}


def _untied(
    name: str,
    names: Collection[str],
    near_s: Sequence[tuple[float, float]],
    far_s: Sequence[tuple[float, float]],
    denied: tuple[str, ...],
    group: Placed,
) -> Untied:
    piece = group.pieces[name]
    here_s, beyond_s = min(itertools.product(near_s, far_s), key=lambda pair: (_gap_s(*pair), pair))
    later = sum(beyond_s) > sum(here_s)
    between_s = sorted((here_s[1], beyond_s[0]) if later else (beyond_s[1], here_s[0]))
    kept_s = (piece.start_s, here_s[1]) if later else (here_s[0], piece.end_s)
    if any(not kept_s[0] <= sum(span_s) / 2 <= kept_s[1] for span_s in near_s):
        kept_s = (piece.start_s, piece.end_s)  # others bear its clock out on both sides of what is taken off
    return Untied(
        names=tuple(sorted(names)),
        by_id=name,
        between_s=(between_s[0], between_s[1]),
        kept_s=kept_s,
        denied_by=denied,
    )


def _size(part: Collection[str], group: Placed) -> tuple[int, float, str]:
    """Recordings and seconds of a part; the name decides between equals."""
    own = [group.pieces[name] for name in part]
    return len({piece.recording_id for piece in own}), sum(p.end_s - p.start_s for p in own), min(part)


def _gap_s(one_s: tuple[float, float], other_s: tuple[float, float]) -> float:
    """Seconds between two stretches, negative where they meet."""
    return max(one_s[0], other_s[0]) - min(one_s[1], other_s[1])


def _suspect(owner: str, near: Collection[str], far: Collection[str], group: Placed, cuts: Sequence[Cut]) -> bool:
    """Whether what ties two parts is known to be cut, or one part lacks what it should hear of the other."""
    beyond, here = ({group.recording_of(name) for name in part} for part in (far, near))
    return any(
        cut.recording_id == owner
        or (cut.jump_s is None and cut.recording_id in beyond and here & set(cut.seen_by))
        or (cut.jump_s is None and cut.recording_id in here and beyond & set(cut.seen_by))
        for cut in cuts
    )


def _denied(
    near: Collection[str], far: Collection[str], group: Placed, known: PairLags, sync: SyncSettings
) -> tuple[str, ...]:
    """Two recordings, one of each part, whose sure lag contradicts their clocks by more than sound's travel."""
    for name in sorted(far):
        owner = group.recording_of(name)
        for other, lag in lags_of(name, group, known):
            off_s = group.offsets_s[other] + lag.lag_s - group.offsets_s[name]
            if (
                other in near
                and lag.probability >= sync.settled_probability
                and lag.supports >= sync.least_supports
                and abs(off_s) > 2 * known.travel_s(owner, group.recording_of(other))
            ):
                return owner, group.recording_of(other)
    return ()


def borne_span_s(
    name: str, part: Collection[str], group: Placed, known: PairLags, sync: SyncSettings
) -> tuple[float, float] | None:
    """From when to when, along a piece, others bear out its clock.

    Parameters
    ----------
    name : str
        The piece.
    part : collection of str
        The others that are asked.
    group : Placed
        Their group.
    known : PairLags
        What every pair says.
    sync : SyncSettings
        Steps along the piece.

    Returns
    -------
    tuple of float or None
        Recording times: the run of steps for which the likelihood of their usual agreement over none is greatest.
        None where there is none.
    """
    piece = group.pieces[name]
    count = max(1, round((piece.end_s - piece.start_s) / sync.support_step_s))
    support = support_of(supports_of(name, group, known, among=part, settings=sync), count)
    usual = max(support.rate(slice(0, count)), 0.0)
    if usual == 0.0:
        return None
    gain = np.concatenate([[0.0], np.cumsum(support.agreement - 0.5 * usual * support.covered)])
    # The run with the greatest sum ends where the sum so far is furthest above its lowest before.
    last = int(np.argmax(gain - np.minimum.accumulate(gain)))
    first = int(np.argmin(gain[: last + 1]))
    return piece.start_s + first * sync.support_step_s, piece.start_s + last * sync.support_step_s


def _shortened(
    group: Placed, found: Untied, known: PairLags, sync: SyncSettings
) -> tuple[Placed, tuple[Unsupported, ...]]:
    """The group whose tying piece, with its copies, ends where it may be cut; and what of them lies beyond."""
    pieces = dict(group.pieces)
    others = tuple(sorted({group.recording_of(name) for name in found.names}))
    taken = []
    for name in sorted(_with_copies(found.by_id, group, known)):
        piece = pieces[name]
        shift_s = group.offsets_s[found.by_id] - group.offsets_s[name]
        start_s, end_s = (max(piece.start_s, found.kept_s[0] + shift_s), min(piece.end_s, found.kept_s[1] + shift_s))
        if end_s - start_s < sync.part_least_s:
            continue
        pieces[name] = replace(piece, start_s=start_s, end_s=end_s)
        taken += [
            Unsupported(recording_id=piece.recording_id, start_s=low_s, end_s=high_s, others=others, why="open_tie")
            for low_s, high_s in ((piece.start_s, start_s), (end_s, piece.end_s))
            if high_s > low_s
        ]
    return replace(group, pieces=pieces), tuple(taken)
