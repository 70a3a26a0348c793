"""Which of two recordings was cut, where both hold the same two parts of a group together.

One bridge says that the two parts differ by so much, the other that they differ by more: either of them was cut between
its parts. Where a third recording ties the two parts as well, it tells; else that something is missing from the one is
more likely than that as much was put into the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from syncview.sync.groups import Placed

__all__ = ["Bridge", "bridges_between", "other_bridges", "parts_without"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """A piece that alone ties two parts of a group besides the one in question; the names of the pieces in each."""

    name: str
    before: frozenset[str]
    after: frozenset[str]


def other_bridges(name: str, group: Placed, *, before: Collection[str], after: Collection[str]) -> Iterator[Bridge]:
    """Find the pieces that could be cut instead of one: without both, what bears out its two clocks falls apart.

    Parameters
    ----------
    name : str
        A piece that seems to be cut.
    group : Placed
        Its group.
    before, after : collection of str
        The other pieces that bear out its earlier clock, and its later one.

    Yields
    ------
    Bridge
        By name.
    """
    own = group.recording_of(name)
    for other in sorted(group.pieces):
        if group.recording_of(other) == own:
            continue
        out = {n for n in group.pieces if group.recording_of(n) in (own, group.recording_of(other))}
        sides = [_reached(set(part) - out, group, out) for part in (before, after)]
        if all(sides) and not sides[0] & sides[1]:
            yield Bridge(name=other, before=sides[0], after=sides[1])


def bridges_between(a: str, b: str, group: Placed) -> Iterator[Bridge]:
    """Find the pieces without whose recordings nothing ties two others: their clocks are those of the bridge.

    Parameters
    ----------
    a, b : str
        Two pieces.
    group : Placed
        Their group.

    Yields
    ------
    Bridge
        By name; `before` are the pieces that stay with `a`, `after` those with `b`.
    """
    for name in sorted(group.pieces):
        out = {n for n in group.pieces if group.recording_of(n) == group.recording_of(name)}
        if a in out or b in out:
            continue
        sides = [_reached({end}, group, out) for end in (a, b)]
        if b not in sides[0]:
            yield Bridge(name=name, before=sides[0], after=sides[1])


def parts_without(out: Collection[str], group: Placed) -> tuple[frozenset[str], ...]:
    """Find the parts into which a group falls without some of its pieces.

    Parameters
    ----------
    out : collection of str
        The pieces that are left out.
    group : Placed
        Their group.

    Returns
    -------
    tuple of frozenset of str
        Names of pieces that links tie, by the first of each.
    """
    left, parts = set(group.pieces) - set(out), []
    while left:
        part = _reached({min(left)}, group, set(out))
        parts.append(part)
        left -= part
    return tuple(parts)


def _reached(start: set[str], group: Placed, out: set[str]) -> frozenset[str]:
    """All pieces that links tie to some of them, those left out not asked."""
    ends = [(link.a_id, link.b_id) for link in group.links if not {link.a_id, link.b_id} & out]
    names, more = set(), start
    while more:
        names |= more
        more = {end for pair in ends if names & set(pair) for end in pair} - names
    return frozenset(names)
