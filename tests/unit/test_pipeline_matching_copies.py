"""A copy that runs on with its original across a cut is cut at the same moment."""

from __future__ import annotations

import pytest

from placed_example import piece
from syncview.model import CopyMatch, PairMatch
from syncview.pipeline.matching import Matched, cuts_of_copies
from syncview.sync.pieces import Cut


def matched(span_a_s: tuple[float, float]) -> Matched:
    span_b_s = (span_a_s[0] - 4.0, span_a_s[1] - 4.0)
    copy = CopyMatch(lag_s=4.0, uncertainty_s=0.001, span_a_s=span_a_s, span_b_s=span_b_s, evidence="")
    pairs = {("a", "b"): PairMatch(copies=(copy,))}
    wholes = {name: piece(name) for name in "ab"}
    pieces = {name: (wholes[name],) for name in wholes}
    return Matched(pairs=pairs, found=pairs, pieces=pieces, wholes=wholes, cuts=(), failed={})


def cut_of(name: str, at_s: float) -> Cut:
    return Cut(recording_id=name, end_s=at_s - 1, start_s=at_s + 1, jump_s=6.0, seen_by=("c",), only_here=True)


@pytest.mark.parametrize(("name", "at_s", "other", "other_s"), [("a", 30.0, "b", 26.0), ("b", 26.0, "a", 30.0)])
def test_either_is_cut_with_the_other(name: str, at_s: float, other: str, other_s: float) -> None:
    (cut,) = cuts_of_copies(matched((4.0, 50.0)), [cut_of(name, at_s)])
    assert (cut.recording_id, cut.jump_s, cut.only_here) == (other, 6.0, False)
    assert (cut.end_s, cut.start_s) == pytest.approx((other_s - 1, other_s + 1))


def test_a_copy_of_one_side_only_is_not_cut() -> None:
    assert cuts_of_copies(matched((4.0, 29.5)), [cut_of("a", 30.0)]) == ()


def test_what_is_known_is_not_found_again() -> None:
    assert cuts_of_copies(matched((4.0, 50.0)), [cut_of("a", 30.0), cut_of("b", 26.5)]) == ()
