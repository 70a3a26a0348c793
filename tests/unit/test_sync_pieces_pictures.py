"""Cuts that explain the jumps of pairs, and which of two recordings was edited."""

from __future__ import annotations

import pytest

from syncview.model import Jump
from syncview.settings import SyncSettings
from syncview.sync.pieces import find_cuts, pieces_of

SETTINGS = SyncSettings()


OWNERS = {name: name for name in "abc"}


def near(_a: str, _b: str) -> float:
    return 0.1


def inserted(at_s: float = 22.0, length_s: float = 6.0, lag_s: float = 5.0) -> Jump:
    """Something stands in `a` from `at_s` on that `b`, `lag_s` later, has not."""
    return Jump(
        before_s=lag_s,
        after_s=lag_s + length_s,
        end_s=(at_s, at_s - lag_s),
        start_s=(at_s + length_s, at_s - lag_s),
    )


def test_a_jump_of_one_pair_is_taken_for_something_missing_and_the_other_explanation_named() -> None:
    (cut,) = find_cuts({("a", "b"): [inserted()]}, OWNERS, travel_s=near, settings=SETTINGS)
    assert (cut.recording_id, cut.only_here) == ("b", True)
    assert cut.jump_s == pytest.approx(6.0)


@pytest.mark.parametrize("cut_s", [21.95, 22.0, 28.0])
def test_the_recording_whose_picture_is_cut_there_was_edited(cut_s: float) -> None:
    pictures = {"a": [3.0, cut_s], "b": [3.0]}
    (cut,) = find_cuts({("a", "b"): [inserted()]}, OWNERS, travel_s=near, picture_cuts_s=pictures, settings=SETTINGS)
    assert (cut.recording_id, cut.only_here, cut.seen_by) == ("a", False, ("b",))
    assert (cut.end_s, cut.start_s, cut.jump_s) == pytest.approx((22.0, 28.0, -6.0))
    parts = pieces_of("a", (0.0, 56.0), [cut], settings=SETTINGS)
    assert [(part.start_s, part.end_s) for part in parts] == [(0.0, 22.0), (28.0, 56.0)]


def test_a_picture_that_is_cut_elsewhere_decides_nothing() -> None:
    pictures = {"a": [20.0, 31.0], "b": []}
    (cut,) = find_cuts({("a", "b"): [inserted()]}, OWNERS, travel_s=near, picture_cuts_s=pictures, settings=SETTINGS)
    assert (cut.recording_id, cut.only_here) == ("b", True)


def test_pictures_that_are_both_cut_there_decide_nothing() -> None:
    pictures = {"a": [22.0], "b": [17.0]}
    (cut,) = find_cuts({("a", "b"): [inserted()]}, OWNERS, travel_s=near, picture_cuts_s=pictures, settings=SETTINGS)
    assert (cut.recording_id, cut.only_here) == ("b", True)


def test_two_pairs_that_say_the_same_outweigh_a_picture() -> None:
    jumps = {("a", "c"): [inserted()], ("b", "c"): [inserted(at_s=24.0, lag_s=7.0)]}
    (cut,) = find_cuts(jumps, OWNERS, travel_s=near, picture_cuts_s={"a": [22.0]}, settings=SETTINGS)
    assert (cut.recording_id, cut.only_here, cut.seen_by) == ("c", False, ("a", "b"))
