"""Cuts that only a group shows: evidence on both sides, and which of two recordings it was."""

from __future__ import annotations

import pytest

from agreement_example import agreeing, always, pair_lags
from placed_example import placed
from syncview.settings import SyncSettings
from syncview.sync.continuity import hidden_cuts
from syncview.sync.positions import Link

SETTINGS = SyncSettings()


def cuts_of(group, lags, **more):
    return hidden_cuts([group], pair_lags(lags, **more), settings=SETTINGS)


def cut_file(at_s: float, jump_s: float):
    """x lies with a on one clock; from `at_s` on it agrees with b at a lag that is `jump_s` off."""
    group = placed({"a": 0.0, "b": 0.0, "x": 0.0})
    lags = {
        ("a", "b"): (agreeing(0.0, (0.0, 60.0), always, seed=1),),
        ("a", "x"): (agreeing(0.0, (0.0, 60.0), lambda t: t < at_s, seed=2),),
        ("b", "x"): (agreeing(jump_s, (jump_s, 60.0), lambda t: t - jump_s > at_s, seed=3, probability=0.6),),
    }
    return group, lags


def test_a_part_that_agrees_with_the_group_at_another_lag_is_a_cut() -> None:
    (cut,) = cuts_of(*cut_file(25.0, 8.0))
    assert (cut.recording_id, cut.jump_s) == ("x", pytest.approx(8.0))
    assert cut.end_s <= 25.5
    assert cut.start_s >= 24.5


def test_a_copy_that_was_cut_with_its_original_does_not_hide_the_cut() -> None:
    group, lags = cut_file(25.0, 8.0)
    group = placed({**group.offsets_s, "y": 0.0})
    lags |= {("x", "y"): (agreeing(0.0, (0.0, 60.0), always, seed=4, strength=3.0),)}
    found = {cut.recording_id for cut in cuts_of(group, lags, witness_of={"x": "x", "y": "x"})}
    assert "x" in found


@pytest.mark.parametrize("at_s", [2.0, 4.5, 48.0])
def test_a_part_too_short_to_show_its_clock_is_no_cut(at_s: float) -> None:
    assert cuts_of(*cut_file(at_s, 8.0)) == ()


def test_one_clock_has_no_cuts() -> None:
    group = placed({"a": 0.0, "b": 0.0, "x": 0.0})
    pairs = [("a", "b"), ("a", "x"), ("b", "x")]
    lags = {pair: (agreeing(0.0, (0.0, 60.0), always, seed=k),) for k, pair in enumerate(pairs, start=7)}
    assert cuts_of(group, lags) == ()


def test_of_two_bridges_the_one_that_lacks_something_was_cut() -> None:
    """y lost 6 s at 30 s of its time; placed as one, it seems that 6 s were put into x."""
    spans_s = {"a": (0.0, 40.0), "b": (0.0, 60.0), "x": (0.0, 100.0), "y": (0.0, 94.0)}
    links = [
        Link(a_id=p, b_id=q, lag_s=0.0, sigma_s=0.01, pinned=False)
        for p, q in (("a", "y"), ("b", "x"), ("b", "y"), ("x", "y"))
    ]
    # y's clock is that of its later part: 6 s ahead of what a and its earlier part would have.
    group = placed({"a": 6.0, "b": 40.0, "x": 0.0, "y": 6.0}, links, spans_s)
    lags = {
        ("a", "x"): (agreeing(0.0, (0.0, 40.0), always, seed=21, probability=0.8),),
        ("a", "y"): (agreeing(0.0, (0.0, 40.0), lambda t: t < 30.0, seed=22),),
        ("b", "x"): (agreeing(-40.0, (0.0, 60.0), always, seed=23),),
        ("b", "y"): (agreeing(-34.0, (0.0, 60.0), always, seed=24),),
        ("x", "y"): (agreeing(6.0, (6.0, 100.0), lambda t: t > 36.0, seed=25),),
    }
    (cut,) = cuts_of(group, lags)
    assert (cut.recording_id, cut.jump_s, cut.only_here) == ("y", pytest.approx(6.0), True)
    assert cut.seen_by == ("x",)
    assert cut.end_s <= 30.5
    assert cut.start_s >= 29.5


def test_a_sure_lag_between_two_parts_denies_the_one_file_that_ties_them() -> None:
    """x lost 20 s at 40 s; a was heard before, b after, and a and b share 8 s at the lag that is true."""
    spans_s = {"a": (0.0, 70.0), "b": (0.0, 60.0), "x": (0.0, 90.0)}
    links = [Link(a_id=p, b_id="x", lag_s=0.0, sigma_s=0.01, pinned=False) for p in "ab"]
    group = placed({"a": 0.0, "b": 42.0, "x": 0.0}, links, spans_s)
    lags = {
        ("a", "x"): (agreeing(0.0, (0.0, 70.0), lambda t: t < 40.0, seed=31),),
        ("b", "x"): (agreeing(-42.0, (0.0, 48.0), always, seed=32),),
        ("a", "b"): (agreeing(62.0, (62.0, 70.0), always, seed=33),),
    }
    (cut,) = cuts_of(group, lags)
    assert (cut.recording_id, cut.jump_s) == ("x", pytest.approx(20.0))
    assert cut.end_s <= 40.5
    assert cut.start_s >= 39.5
    assert cuts_of(group, {key: lags[key] for key in lags if key != ("a", "b")}) == ()


def test_where_a_sure_lag_denies_a_tie_repeated_sounds_do_not_hide_the_cut() -> None:
    """As above, but the sounds of b repeat: at the later clock x agrees a little before the cut as well."""
    spans_s = {"a": (0.0, 70.0), "b": (0.0, 80.0), "x": (0.0, 90.0)}
    links = [Link(a_id=p, b_id="x", lag_s=0.0, sigma_s=0.01, pinned=False) for p in "ab"]
    group = placed({"a": 0.0, "b": 22.0, "x": 0.0}, links, spans_s)
    later = agreeing(-22.0, (0.0, 68.0), always, seed=32, strength=0.8)
    lags = {
        ("a", "x"): (agreeing(0.0, (0.0, 70.0), lambda t: t < 40.0, seed=31, strength=2.2),),
        ("b", "x"): (later,),
        ("a", "b"): (agreeing(42.0, (42.0, 70.0), always, seed=33),),
    }
    cut = {found.recording_id: found for found in cuts_of(group, lags)}["x"]
    assert cut.jump_s == pytest.approx(20.0)
    assert cut.end_s <= 40.5
    assert cut.start_s >= 39.5
