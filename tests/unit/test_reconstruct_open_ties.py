"""What one file alone ties that may be cut meanwhile: long silence, a sure lag that denies it, known cuts."""

from __future__ import annotations

import pytest

from agreement_example import agreeing, always, pair_lags
from placed_example import placed
from syncview.reconstruct.open_ties import borne_span_s, without_open_ties
from syncview.settings import Settings
from syncview.sync.pieces import Cut
from syncview.sync.positions import Link

SETTINGS = Settings()


def untied_of(group, lags, cuts=(), **more):
    return without_open_ties(
        [group], cuts, pair_lags(lags, **more), settings=SETTINGS.reconstruct, sync=SETTINGS.sync
    )  # fmt: skip


def link(a: str, b: str, lag_s: float = 0.0, *, pinned: bool = False) -> Link:
    return Link(a_id=a, b_id=b, lag_s=lag_s, sigma_s=0.01, pinned=pinned)


def chain(from_s: float, links=()):
    """x runs for 140 s; a and c were heard in its first 40 s, b from `from_s` on."""
    spans_s = {"a": (0.0, 40.0), "b": (0.0, 140.0 - from_s), "c": (0.0, 40.0), "x": (0.0, 140.0)}
    ties = links or (link("a", "x"), link("a", "c"), link("c", "x"), link("b", "x", -from_s))
    group = placed({"a": 0.0, "b": from_s, "c": 0.0, "x": 0.0}, ties, spans_s)
    lags = {
        ("a", "c"): (agreeing(0.0, (0.0, 40.0), always, seed=1),),
        ("a", "x"): (agreeing(0.0, (0.0, 40.0), always, seed=2),),
        ("c", "x"): (agreeing(0.0, (0.0, 40.0), always, seed=3),),
        ("b", "x"): (agreeing(-from_s, (0.0, 140.0 - from_s), always, seed=4),),
    }
    return group, lags


def test_from_when_to_when_a_clock_is_borne_out() -> None:
    group = placed({"a": 0.0, "x": 0.0})
    lags = {("a", "x"): (agreeing(0.0, (0.0, 60.0), lambda t: 20.0 < t < 45.0, seed=1, strength=2.0),)}
    span_s = borne_span_s("x", {"a"}, group, pair_lags(lags), SETTINGS.sync)
    assert span_s == (pytest.approx(20.0, abs=1.5), pytest.approx(45.0, abs=1.5))
    assert borne_span_s("x", set(), group, pair_lags(lags), SETTINGS.sync) is None


def test_what_lies_beyond_a_minute_without_others_has_a_clock_of_its_own() -> None:
    parts, (untied,), (lost,) = untied_of(*chain(110.0))
    assert [sorted(part.pieces) for part in parts] == [["a", "c", "x"], ["b"]]
    assert (untied.names, untied.by_id, untied.denied_by) == (("b",), "x", ())
    assert untied.between_s == (pytest.approx(40.0, abs=1.5), pytest.approx(110.0, abs=1.5))
    assert parts[0].pieces["x"].end_s == untied.between_s[0] == lost.start_s
    assert (lost.recording_id, lost.end_s, lost.others, lost.why) == ("x", 140.0, ("b",), "open_tie")


@pytest.mark.parametrize("from_s", [20.0, 60.0])
def test_a_chain_with_a_short_stretch_between_holds(from_s: float) -> None:
    group, lags = chain(from_s)
    assert untied_of(group, lags) == ((group,), (), ())


def test_beside_a_known_cut_a_short_stretch_is_too_long() -> None:
    known = Cut(recording_id="x", end_s=150.0, start_s=151.0, jump_s=8.0, seen_by=("b",), only_here=False)
    other = Cut(recording_id="a", end_s=50.0, start_s=51.0, jump_s=8.0, seen_by=("x",), only_here=False)
    assert len(untied_of(*chain(60.0), [known])[0]) == 2
    assert len(untied_of(*chain(60.0), [other])[0]) == 1


def test_what_lacks_the_sound_that_its_clock_promises_is_tied_too_weakly() -> None:
    lacking = Cut(recording_id="b", end_s=5.0, start_s=8.0, jump_s=None, seen_by=("a", "c"), only_here=False)
    assert len(untied_of(*chain(60.0), [lacking])[0]) == 2


def test_a_sure_lag_that_denies_a_tie_breaks_it() -> None:
    group, lags = chain(45.0)
    lags |= {("a", "b"): (agreeing(30.0, (30.0, 40.0), always, seed=5),)}
    parts, (untied,), _ = untied_of(group, lags)
    assert [sorted(part.pieces) for part in parts] == [["a", "c", "x"], ["b"]]
    assert untied.denied_by == ("b", "a")
    lags |= {("a", "b"): (agreeing(30.0, (30.0, 40.0), always, seed=5, probability=0.8),)}
    assert untied_of(group, lags)[1] == ()


def test_sound_that_travels_denies_nothing() -> None:
    group, lags = chain(45.0)
    lags |= {("a", "b"): (agreeing(44.2, (30.0, 40.0), always, seed=5),)}
    assert untied_of(group, lags)[1] == ()


def test_two_files_that_tie_the_same_parts_hold_them() -> None:
    group, lags = chain(110.0)
    group = placed(
        group.offsets_s,
        (*group.links, link("b", "c", -110.0)),
        {n: (p.start_s, p.end_s) for n, p in group.pieces.items()},
    )
    assert untied_of(group, lags)[1] == ()


def test_a_copy_of_the_file_that_ties_is_no_second_one() -> None:
    group, lags = chain(110.0)
    spans_s = {n: (p.start_s, p.end_s) for n, p in group.pieces.items()} | {"y": (0.0, 130.0)}
    ties = (*group.links, link("y", "x"), link("a", "y"), link("b", "y", -100.0))
    group = placed({**group.offsets_s, "y": 10.0}, ties, spans_s)
    parts, _, lost = untied_of(group, lags, witness_of={"x": "x", "y": "x"})
    assert [sorted(part.pieces) for part in parts] == [["a", "c", "x", "y"], ["b"]]
    assert parts[0].pieces["y"].end_s == pytest.approx(parts[0].pieces["x"].end_s - 10.0)
    assert {each.recording_id for each in lost} == {"x", "y"}


def test_what_a_person_pinned_stays_tied() -> None:
    group, lags = chain(110.0)
    pinned = (*group.links[:3], link("b", "x", -110.0, pinned=True))
    group = placed(group.offsets_s, pinned, {n: (p.start_s, p.end_s) for n, p in group.pieces.items()})
    assert untied_of(group, lags)[1] == ()
