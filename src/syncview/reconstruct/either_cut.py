"""A jump that one pair of recordings shows, and nobody else: either of the two was cut, maybe both.

That one of them was cut is likelier than that both were, at nearly the same moment. But where third recordings, which
agree with the uncut one on the one side of the jump, are silent on the other side, it is not: then nothing says by how
much the clocks of both differ from those of the others, and what lies on that side is put on no clock, in both files.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.reconstruct.borne_out import Unsupported, silent_s
from syncview.sync.bridges import parts_without
from syncview.sync.pieces import only_pieces
from syncview.sync.support import support_of, supports_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from syncview.settings import ReconstructSettings, SyncSettings
    from syncview.sync.groups import Placed
    from syncview.sync.likelihood import Piece
    from syncview.sync.pieces import Cut
    from syncview.sync.support import PairLags

__all__ = ["without_either_cut"]


@dataclass(frozen=True, slots=True)
class _Jump:
    """A cut in a group: the pieces before and after it, and the pieces of the others that show it, as one piece."""

    cut: Cut
    sides: tuple[str, str]
    others: tuple[str, ...]
    group: Placed
    known: PairLags
    settings: ReconstructSettings
    sync: SyncSettings

    def seen_s(self, name: str) -> tuple[float, float]:
        """When the jump ends and begins in the time of another piece: meanwhile it recorded what the cut one lacks."""
        offsets_s = self.group.offsets_s
        end_s = self.cut.end_s + offsets_s[self.sides[0]] - offsets_s[name]
        start_s = self.cut.start_s + offsets_s[self.sides[1]] - offsets_s[name]
        return min(end_s, start_s), max(end_s, start_s)


def without_either_cut(
    groups: Sequence[Placed],
    cuts: Sequence[Cut],
    known: PairLags,
    *,
    settings: ReconstructSettings,
    sync: SyncSettings,
) -> tuple[tuple[Placed, ...], tuple[Unsupported, ...]]:
    """Take off the clock what only a jump ties that lies in one of two files, where nobody can say in which.

    Parameters
    ----------
    groups : sequence of Placed
        Pieces on their clocks.
    cuts : sequence of Cut
        Where recordings were taken apart; those that another recording explains as well (`only_here`) are asked.
    known : PairLags
        What every pair of pieces says.
    settings : ReconstructSettings
        What silence of third recordings is.
    sync : SyncSettings
        Steps along a recording, what a part must show, the shortest piece worth placing.

    Returns
    -------
    tuple of Placed and tuple of Unsupported
        The groups without the smaller side of such jumps, and what was taken off, in both files.
    """
    found = tuple(groups)
    lost: list[Unsupported] = []
    for cut in (cut for cut in cuts if cut.only_here):
        jumps = [(group, _jump(cut, group, known, settings, sync)) for group in found]
        told = [((group,), ()) if jump is None else _without_smaller_side(jump) for group, jump in jumps]
        found = tuple(itertools.chain.from_iterable(parts for parts, _ in told))
        lost += itertools.chain.from_iterable(taken for _, taken in told)
    return found, tuple(lost)


def _jump(cut: Cut, group: Placed, known: PairLags, settings: ReconstructSettings, sync: SyncSettings) -> _Jump | None:
    """A cut whose both sides are in a group."""
    own = {name: piece for name, piece in group.pieces.items() if piece.recording_id == cut.recording_id}
    before = max((n for n in own if own[n].end_s <= cut.end_s + 1e-6), key=lambda n: own[n].end_s, default=None)
    after = min((n for n in own if own[n].start_s >= cut.start_s - 1e-6), key=lambda n: own[n].start_s, default=None)
    pinned = {end for link in group.links if link.pinned and not link.copy for end in (link.a_id, link.b_id)}
    if before is None or after is None or pinned & {before, after}:
        return None
    others = tuple(
        name
        for name in sorted(set(group.pieces) - set(own) - pinned)
        if any(known.same_witness(group.recording_of(name), seen) for seen in cut.seen_by)
    )
    return _Jump(cut, (before, after), others, group, known, settings, sync)


def _without_smaller_side(jump: _Jump) -> tuple[tuple[Placed, ...], tuple[Unsupported, ...]]:
    """The group without what lies on one side of a jump, which is a group of its own where it ties more than the two.

    The whole group where a third recording ties both sides.
    """
    group, cut = jump.group, jump.cut
    tied = [{n for part in _thirds(jump) if _tied(jump, part, last=last) for n in part} for last in (False, True)]
    if tied[0] & tied[1] or not (tied[0] or tied[1]):
        return (group,), ()
    # The smaller side goes: of as many others that of the shorter piece.
    weights = [(len(tied[k]), _length_s(group.pieces[jump.sides[k]]), k) for k in (0, 1)]
    last = weights[1] < weights[0]
    gone = jump.sides[last]
    pieces, lost = dict(group.pieces), [_lost(group.pieces[gone], cut.seen_by)]
    for name in jump.others:
        piece, silent = pieces[name], _silent_s(jump, name, tied[not last], last=last)
        kept = replace(piece, end_s=piece.end_s - silent) if last else replace(piece, start_s=piece.start_s + silent)
        if silent and _length_s(kept) >= jump.sync.part_least_s:
            pieces[name] = kept
            beyond = replace(piece, start_s=kept.end_s) if last else replace(piece, end_s=kept.start_s)
            lost.append(_lost(beyond, (cut.recording_id,)))
    if len(lost) == 1:
        return (group,), ()
    away = tied[last] | {gone} if tied[last] else set()
    parts = (only_pieces(replace(group, pieces=pieces), set(pieces) - away - {gone}), only_pieces(group, away))
    return tuple(part for part in parts if part.pieces), tuple(lost)


def _length_s(piece: Piece) -> float:
    return piece.end_s - piece.start_s


def _lost(piece: Piece, others: tuple[str, ...]) -> Unsupported:
    return Unsupported(
        recording_id=piece.recording_id, start_s=piece.start_s, end_s=piece.end_s, others=others, why="either_cut"
    )


def _thirds(jump: _Jump) -> tuple[frozenset[str], ...]:
    """What is left of a group without the two recordings, in the parts that its links tie."""
    both = (jump.cut.recording_id, *jump.cut.seen_by)
    group, known = jump.group, jump.known
    out = {n for n in group.pieces if any(known.same_witness(group.recording_of(n), each) for each in both)}
    return parts_without(out, group)


def _tied(jump: _Jump, part: Collection[str], *, last: bool) -> bool:
    """Whether a part of a group bears out a clock on one side of a jump, in either of the two recordings."""
    if _shown(jump, jump.sides[last], part, slice(None)):
        return True
    for name in jump.others:
        end_s, start_s = jump.seen_s(name)
        piece, step_s = jump.group.pieces[name], jump.sync.support_step_s
        edge = round(((start_s if last else end_s) - piece.start_s) / step_s)
        side = slice(max(edge, 0), None) if last else slice(0, max(edge, 0))
        if _shown(jump, name, part, side):
            return True
    return False


def _shown(jump: _Jump, name: str, part: Collection[str], stretch: slice) -> bool:
    piece, sync = jump.group.pieces[name], jump.sync
    count = max(1, round(_length_s(piece) / sync.support_step_s))
    pairs = supports_of(name, jump.group, jump.known, among=part, settings=sync)
    return support_of(pairs, count).z(stretch) >= sync.part_least_z


def _silent_s(jump: _Jump, name: str, thirds: Collection[str], *, last: bool) -> float:
    """How long third recordings are silent at an end of a piece; 0 where that says nothing of that side of the jump."""
    piece, (end_s, start_s) = jump.group.pieces[name], jump.seen_s(name)
    pairs = supports_of(name, jump.group, jump.known, among=thirds, settings=jump.sync)
    silent = silent_s(pairs, last=last, cut="suspected", settings=jump.settings, sync=jump.sync)
    side_s = piece.end_s - start_s if last else end_s - piece.start_s
    # They must have been silent beyond the jump, or in what the cut recording lacks: before it they tell nothing of it.
    meant_s = (
        (max(end_s, piece.end_s - silent), piece.end_s)
        if last
        else (piece.start_s, min(start_s, piece.start_s + silent))
    )
    first, until, end = (round((at_s - piece.start_s) / jump.sync.support_step_s) for at_s in (*meant_s, piece.end_s))
    kept = slice(0, first) if last else slice(until, end)
    against = sum(
        0.5 * min(max(pair.rate(kept), 0.0), jump.settings.usual_most) ** 2 * float(pair.covered[first:until].sum())
        for pair in pairs
    )
    return silent if silent >= side_s and against >= jump.settings.lost_log_likelihood else 0.0
