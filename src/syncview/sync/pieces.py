"""Which recordings must be taken apart: the jumps that pairs show, and the cuts that explain them.

A jump of one pair has two explanations: something is missing from the one recording, or something was put into the
other. What explains the most pairs is taken, of as many the clearest ones first; of two explanations of the same pairs,
the recording whose picture is cut there, else that something is missing: a pause, or a cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.sync.likelihood import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from syncview.model import Jump
    from syncview.settings import SyncSettings
    from syncview.sync.groups import Placed

__all__ = ["Cut", "at_home", "find_cuts", "only_pieces", "pieces_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A place where a recording's clock changes.

    Until recording time `end_s` one clock holds, from `start_s` on another. `jump_s` is what the later clock is ahead:
    positive where so much is missing, negative where so much was put in, None where one side is on no known clock.
    `seen_by` are the recordings that show it;
    `only_here` says that the explanation by a change in one of those is as good.
    """

    recording_id: str
    end_s: float
    start_s: float
    jump_s: float | None
    seen_by: tuple[str, ...]
    only_here: bool


@dataclass(frozen=True, slots=True)
class _Claim:
    """One explanation of one pair's jump."""

    recording_id: str
    end_s: float
    start_s: float
    jump_s: float
    seen_by: str
    pair: int
    gain: float
    in_picture: bool


def find_cuts(
    jumps: Mapping[tuple[str, str], Sequence[Jump]],
    owners: Mapping[str, str],
    *,
    travel_s: Callable[[str, str], float],
    picture_cuts_s: Mapping[str, Sequence[float]] | None = None,
    settings: SyncSettings,
) -> tuple[Cut, ...]:
    """Explain the jumps of all pairs by as few cuts as possible, at most one for each recording.

    Sounds on two sides of the cameras have lags that differ too, by up to twice the time that sound needs between
    them: so small a jump is no cut. Where two recordings are cut, a third jump seems to lie between them; so pairs of a
    recording that was just taken apart are not asked again before its pieces have been matched.

    Parameters
    ----------
    jumps : mapping
        Jumps of every pair of pieces, by their names.
    owners : mapping of str to str
        The recording that each piece is of.
    travel_s : callable
        The time that sound needs between two recordings' cameras at most, in seconds.
    picture_cuts_s : mapping of str to sequence of float, optional
        Recording times at which the pictures are cut.
    settings : SyncSettings
        How near claims of several pairs are one.

    Returns
    -------
    tuple of Cut
        By recording.
    """
    shown_s = picture_cuts_s or {}
    claims, number = [], 0
    for (a, b), found in sorted(jumps.items()):
        x, y = owners[a], owners[b]
        for jump in found:
            ahead_s = jump.after_s - jump.before_s
            if abs(ahead_s) <= 2.0 * travel_s(x, y):
                continue
            claims += [
                _Claim(
                    name,
                    jump.end_s[k],
                    jump.start_s[k],
                    moved_s,
                    other,
                    number,
                    jump.gain,
                    _in_picture(name, jump, k, shown_s),
                )
                for name, k, moved_s, other in ((x, 0, -ahead_s, y), (y, 1, ahead_s, x))
            ]
            number += 1
    cuts: list[Cut] = []
    while claims:
        best = max((_alike(claim, claims, settings) for claim in claims), key=_weight)
        first, pairs = best[0], {claim.pair for claim in best}
        others = (c for c in claims if c.pair in pairs and c.recording_id != first.recording_id)
        rival = max((_shown(_alike(o, claims, settings)) for o in others), default=(0, False))
        cuts.append(
            Cut(
                recording_id=first.recording_id,
                end_s=min(claim.end_s for claim in best),
                start_s=max(claim.start_s for claim in best),
                jump_s=_middle([claim.jump_s for claim in best]),
                seen_by=tuple(sorted({claim.seen_by for claim in best})),
                only_here=rival >= _shown(best),
            )
        )
        done = {c.pair for c in claims if first.recording_id in (c.recording_id, c.seen_by)}
        claims = [claim for claim in claims if claim.pair not in done]
    return tuple(sorted(cuts, key=lambda cut: (cut.recording_id, cut.end_s)))


def _weight(alike: Sequence[_Claim]) -> tuple[int, float, bool, bool, str, float]:
    """How many pairs a cut explains, and how clear these are; both are the same for two explanations of the same pairs.

    Of those, a cut in the picture counts, then what is missing, then the first by name.
    """
    first, (pairs, in_picture) = alike[0], _shown(alike)
    gain = sum({c.pair: c.gain for c in alike}.values())
    return pairs, round(gain, 6), in_picture, first.jump_s > 0, first.recording_id, first.end_s


def _shown(alike: Sequence[_Claim]) -> tuple[int, bool]:
    """How many pairs show a cut, and whether the picture does."""
    return len({claim.pair for claim in alike}), any(claim.in_picture for claim in alike)


def _alike(claim: _Claim, claims: Sequence[_Claim], settings: SyncSettings) -> list[_Claim]:
    """The claims that say the same of one recording, this one first."""
    return [
        claim,
        *(
            other
            for other in claims
            if other is not claim
            and other.recording_id == claim.recording_id
            and abs(other.end_s - claim.end_s) <= settings.same_cut_s
            and abs(other.jump_s - claim.jump_s) <= settings.same_jump_s
        ),
    ]


_PICTURE_CUT_S = 0.1  # what sound and picture of an edit may be apart


def _in_picture(name: str, jump: Jump, side: int, cuts_s: Mapping[str, Sequence[float]]) -> bool:
    """Whether a recording's picture is cut where its clock would change."""
    first_s, last_s = jump.end_s[side] - _PICTURE_CUT_S, jump.start_s[side] + _PICTURE_CUT_S
    return any(first_s <= cut_s <= last_s for cut_s in cuts_s.get(name, ()))


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return 0.5 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])


def pieces_of(
    recording_id: str, extent_s: tuple[float, float], cuts: Sequence[Cut], *, settings: SyncSettings
) -> tuple[Piece, ...]:
    """Take a recording apart at its cuts.

    Parameters
    ----------
    recording_id : str
        The recording.
    extent_s : tuple of float
        First and last recording time of its sound.
    cuts : sequence of Cut
        Of all recordings.
    settings : SyncSettings
        The shortest piece worth placing.

    Returns
    -------
    tuple of Piece
        In order of time; one with the recording's own name where there is no cut. Pieces too short to be placed are
        left out: nothing is known of their time.
    """
    own = sorted((cut for cut in cuts if cut.recording_id == recording_id), key=lambda cut: cut.end_s)
    if not own:
        return (Piece(name=recording_id, recording_id=recording_id, start_s=extent_s[0], end_s=extent_s[1]),)
    starts = [extent_s[0], *(cut.start_s for cut in own)]
    ends = [*(cut.end_s for cut in own), extent_s[1]]
    return tuple(
        Piece(name=f"{recording_id}#{k}", recording_id=recording_id, start_s=start_s, end_s=end_s)
        for k, (start_s, end_s) in enumerate(zip(starts, ends, strict=True), start=1)
        if end_s - start_s >= settings.part_least_s
    )


def at_home(groups: Sequence[Placed], wholes: Mapping[str, Piece]) -> tuple[Placed, ...]:
    """Give every recording one group: that in which most of it lies together with others.

    Parameters
    ----------
    groups : sequence of Placed
        Every piece in one of them.
    wholes : mapping of str to Piece
        Recordings as one piece each.

    Returns
    -------
    tuple of Placed
        Pieces that stand elsewhere are on no clock and left out. A recording none of whose pieces found others stays
        whole and alone: its cuts are then of no use.
    """
    while True:
        parts = tuple(part for group in groups for part in _tied(group))
        kept = _homes(parts, wholes)
        if kept == groups:
            return kept
        groups = kept


def _tied(group: Placed) -> tuple[Placed, ...]:
    """The parts of a group that its links hold together: without a link nothing is known of a clock."""
    left, parts = set(group.pieces), []
    while left:
        names, more = set(), {min(left)}
        while more:
            names |= more
            ends = ((link.a_id, link.b_id) for link in group.links)
            more = {end for pair in ends if names & set(pair) for end in pair} - names
        left -= names
        parts.append(only_pieces(group, names))
    return tuple(parts)


def only_pieces(group: Placed, names: Collection[str]) -> Placed:
    """Leave some pieces of a group, on their clocks.

    Parameters
    ----------
    group : Placed
        The group.
    names : collection of str
        The pieces.

    Returns
    -------
    Placed
        With the links between them.
    """
    return replace(
        group,
        offsets_s={name: at for name, at in group.offsets_s.items() if name in names},
        links=tuple(link for link in group.links if link.a_id in names and link.b_id in names),
        pieces={name: piece for name, piece in group.pieces.items() if name in names},
    )


def _homes(groups: Sequence[Placed], wholes: Mapping[str, Piece]) -> tuple[Placed, ...]:
    """One round: each recording in the group where most of it lies together with others."""
    home: dict[str, int] = {}
    for recording_id in sorted({p.recording_id for g in groups for p in g.pieces.values()}):
        together_s = {
            k: sum(p.end_s - p.start_s for p in group.pieces.values() if p.recording_id == recording_id)
            for k, group in enumerate(groups)
            if recording_id in (owners := {p.recording_id for p in group.pieces.values()}) and len(owners) > 1
        }
        if together_s:
            home[recording_id] = max(together_s, key=lambda k: (together_s[k], -k))
    found = []
    alone: set[str] = set()
    for k, group in enumerate(groups):
        names = {n for n, p in group.pieces.items() if home.get(p.recording_id, k) == k}
        owners = {group.pieces[name].recording_id for name in names}
        if not names or owners <= alone:
            continue
        if len(owners) == 1 and not owners & set(home):
            alone |= owners
            whole = wholes.get(next(iter(owners)), group.pieces[min(names)])
            found.append(replace(group, offsets_s={whole.name: 0.0}, links=(), pieces={whole.name: whole}))
        else:
            found.append(only_pieces(group, names))
    return tuple(found)
