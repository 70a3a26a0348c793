"""A copy that runs on with its original across a cut is cut at the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joint_example import NO_COPIES, knowledge_of, lag, matched_of, recording
from placed_example import piece
from syncview.case import parse_case
from syncview.model import CopyMatch, PairMatch
from syncview.pipeline.matching import Matched, cuts_of_copies, lags_in_use
from syncview.settings import SyncSettings
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
    (cut,) = cuts_of_copies(matched((4.0, 50.0)), [cut_of(name, at_s)], settings=SyncSettings())
    assert (cut.recording_id, cut.jump_s, cut.only_here) == (other, 6.0, False)
    assert (cut.end_s, cut.start_s) == pytest.approx((other_s - 1, other_s + 1))


def test_a_copy_of_one_side_only_is_not_cut() -> None:
    assert cuts_of_copies(matched((4.0, 29.5)), [cut_of("a", 30.0)], settings=SyncSettings()) == ()


def test_what_is_known_is_not_found_again() -> None:
    assert cuts_of_copies(matched((4.0, 50.0)), [cut_of("a", 30.0), cut_of("b", 26.5)], settings=SyncSettings()) == ()


def test_two_that_lie_just_beside_each_other_are_one() -> None:
    near = replace(cut_of("a", 30.0), end_s=29.0, start_s=29.5), replace(cut_of("b", 26.0), end_s=26.0, start_s=26.5)
    assert cuts_of_copies(matched((4.0, 50.0)), near, settings=SyncSettings()) == ()


def test_what_a_person_rejected_or_is_another_files_sound_says_nothing() -> None:
    files = tuple(recording(name) for name in "abc")
    known = matched_of({("r-a", "r-b"): lag(3.0), ("r-a", "r-c"): lag(4.0), ("r-b", "r-c"): lag(1.0)})
    case = parse_case('[[reject]]\na = "a.mp4"\nb = "b.mp4"\n')
    left = lags_in_use(known, replace(NO_COPIES, muted=frozenset({"r-c"})), knowledge_of(*files))
    assert set(left.lags) == {("r-a", "r-b")}
    left = lags_in_use(known, NO_COPIES, knowledge_of(*files, case=case))
    assert set(left.lags) == {("r-a", "r-c"), ("r-b", "r-c")}
