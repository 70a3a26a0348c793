"""A jump that one pair shows alone: where third files are silent beyond it, both sides of neither are known."""

from __future__ import annotations

from agreement_example import agreeing, always, pair_lags
from placed_example import placed
from syncview.reconstruct.either_cut import without_either_cut
from syncview.settings import Settings
from syncview.sync.pieces import Cut
from syncview.sync.positions import Link

SETTINGS = Settings()
CUT = Cut(recording_id="x", end_s=20.0, start_s=22.0, jump_s=20.0, seen_by=("y",), only_here=True)


def scene(heard_from_s: float, *, third_from_s: float = 0.0, before: bool = False):
    """x jumps by 20 s at 20 s against y; z agrees with y from `heard_from_s` on, and ran from `third_from_s` on."""
    spans_s = {"x#1": (0.0, 20.0), "x#2": (22.0, 80.0), "y": (0.0, 100.0), "z": (0.0, 100.0 - third_from_s)}
    links = [
        Link(a_id=a, b_id=b, lag_s=0.0, sigma_s=0.01, pinned=False)
        for a, b in (("x#1", "y"), ("x#2", "y"), ("x#2", "z"), ("y", "z"), *((("x#1", "z"),) if before else ()))
    ]
    group = placed({"x#1": 0.0, "x#2": 20.0, "y": 0.0, "z": third_from_s}, links, spans_s)
    lags = {
        ("x#1", "y"): (agreeing(0.0, (0.0, 20.0), always, seed=1),),
        ("x#2", "y"): (agreeing(-20.0, (22.0, 80.0), always, seed=2),),
        ("y", "z"): (agreeing(third_from_s, (third_from_s, 100.0), lambda t: t > heard_from_s, seed=3),),
        ("x#2", "z"): (agreeing(third_from_s - 20.0, (22.0, 80.0), always, seed=4),),
    }
    if before:
        lags |= {("x#1", "z"): (agreeing(0.0, (0.0, 20.0), always, seed=5, strength=2.0),)}
    return group, lags


def told(group, lags, cut=CUT):
    return without_either_cut(
        [group], [cut], pair_lags(lags), settings=SETTINGS.reconstruct, sync=SETTINGS.sync
    )  # fmt: skip


def test_where_a_third_file_is_silent_beyond_the_jump_both_lose_their_clock() -> None:
    (left,), lost = told(*scene(30.0))
    assert sorted(left.pieces) == ["x#2", "y", "z"]
    assert {each.recording_id: each.others for each in lost} == {"x": ("y",), "y": ("x",)}
    assert {each.why for each in lost} == {"either_cut"}
    assert 28.0 <= left.pieces["y"].start_s <= 40.0
    assert left.pieces["y"].end_s == 100.0


def test_a_third_file_that_agrees_with_the_uncut_one_all_along_tells() -> None:
    group, lags = scene(0.0)
    assert told(group, lags) == ((group,), ())


def test_a_third_file_that_ties_both_sides_of_the_cut_one_tells() -> None:
    group, lags = scene(30.0, before=True)
    assert told(group, lags) == ((group,), ())


def test_a_third_file_that_came_later_says_nothing() -> None:
    group, lags = scene(45.0, third_from_s=45.0)
    assert told(group, lags) == ((group,), ())


def test_two_files_alone_keep_their_jump() -> None:
    group, lags = scene(30.0)
    pair = placed(
        {name: group.offsets_s[name] for name in ("x#1", "x#2", "y")},
        group.links[:2],
        {name: (group.pieces[name].start_s, group.pieces[name].end_s) for name in ("x#1", "x#2", "y")},
    )
    assert told(pair, lags) == ((pair,), ())


def test_a_cut_that_is_known_to_be_in_one_file_stays() -> None:
    group, lags = scene(30.0)
    known = Cut(recording_id="x", end_s=20.0, start_s=22.0, jump_s=20.0, seen_by=("y",), only_here=False)
    assert told(group, lags, known) == ((group,), ())
