"""Which recordings are taken apart: votes of several pairs, jumps that geometry makes, and where the pieces belong."""

from __future__ import annotations

import pytest

from placed_example import piece, placed
from syncview.model import Jump
from syncview.settings import SyncSettings
from syncview.sync.pieces import Cut, at_home, find_cuts, pieces_of
from syncview.sync.positions import Link

SETTINGS = SyncSettings()
TRAVEL_S = 0.2


def missing(lag_s: float, jump_s: float, at_s: float, *, doubt_s: float = 0.4) -> Jump:
    """b lacks `jump_s` of a from b's time `at_s` on: its later part lies so much later in a."""
    return Jump(
        before_s=lag_s,
        after_s=lag_s + jump_s,
        end_s=(at_s - doubt_s + lag_s, at_s - doubt_s),
        start_s=(at_s + doubt_s + lag_s + jump_s, at_s + doubt_s),
        gain=10.0,
    )


def cuts_of(jumps, *, travel_s: float = TRAVEL_S, owners=None) -> tuple[Cut, ...]:
    names = {name: name.split("#")[0] for key in jumps for name in key}
    return find_cuts(jumps, owners or names, travel_s=lambda _a, _b: travel_s, settings=SETTINGS)


def test_what_two_others_show_is_a_cut_of_the_third() -> None:
    jumps = {("a", "c"): [missing(3.0, 4.0, 20.0)], ("b", "c"): [missing(-1.0, 4.05, 20.1)]}
    (cut,) = cuts_of(jumps)
    assert (cut.recording_id, cut.seen_by, cut.only_here) == ("c", ("a", "b"), False)
    assert cut.jump_s == pytest.approx(4.025)
    assert cut.end_s <= 20.0 - 0.3
    assert cut.start_s >= 20.1 + 0.3


def test_it_does_not_matter_which_side_a_pair_is_told_from() -> None:
    one, other = missing(3.0, 4.0, 20.0), missing(-1.0, 4.0, 20.0)
    straight = cuts_of({("a", "c"): [one], ("b", "c"): [other]})
    turned = cuts_of({("c", "a"): [one.flipped()], ("b", "c"): [other]})
    assert straight == turned


def test_of_two_explanations_of_one_pair_something_is_missing_and_the_other_is_said() -> None:
    (cut,) = cuts_of({("a", "b"): [missing(3.0, 4.0, 20.0)]})
    assert (cut.recording_id, cut.jump_s, cut.only_here) == ("b", 4.0, True)
    (cut,) = cuts_of({("a", "b"): [missing(3.0, 4.0, 20.0).flipped()]})
    assert (cut.recording_id, cut.jump_s, cut.only_here) == ("a", 4.0, True)


def test_what_was_put_into_one_is_shown_by_all_the_others() -> None:
    inserted = [missing(lag_s, -6.0, 20.0) for lag_s in (3.0, -2.0)]
    (cut,) = cuts_of({("a", "c"): [inserted[0]], ("b", "c"): [inserted[1]]})
    assert (cut.recording_id, cut.jump_s, cut.only_here) == ("c", -6.0, False)


def test_jumps_as_small_as_sounds_on_two_sides_make_are_geometry() -> None:
    jumps = {("a", "c"): [missing(3.0, 0.35, 20.0)], ("b", "c"): [missing(-1.0, 0.35, 20.0)]}
    assert cuts_of(jumps, travel_s=0.2) == ()
    assert len(cuts_of(jumps, travel_s=0.1)) == 1


def test_each_recording_is_taken_apart_at_one_place_at_a_time() -> None:
    jumps = {
        ("a", "c"): [missing(3.0, 4.0, 20.0), missing(7.0, 9.0, 40.0)],
        ("b", "c"): [missing(-1.0, 4.0, 20.0)],
    }
    cuts = cuts_of(jumps)
    assert [(cut.recording_id, round(cut.jump_s, 3)) for cut in cuts] == [("c", 4.0)]


def test_without_jumps_there_are_no_cuts() -> None:
    assert cuts_of({("a", "b"): []}) == ()


def cut_at(end_s: float, start_s: float, jump_s: float = 4.0, name: str = "c") -> Cut:
    return Cut(recording_id=name, end_s=end_s, start_s=start_s, jump_s=jump_s, seen_by=("a",), only_here=False)


def test_pieces_leave_the_doubtful_stretch_out() -> None:
    cuts = (cut_at(40.0, 41.0), cut_at(20.0, 20.5), cut_at(5.0, 6.0, name="other"))
    pieces = pieces_of("c", (0.5, 60.0), cuts, settings=SETTINGS)
    assert [(p.name, p.start_s, p.end_s) for p in pieces] == [
        ("c#1", 0.5, 20.0),
        ("c#2", 20.5, 40.0),
        ("c#3", 41.0, 60.0),
    ]
    assert {p.recording_id for p in pieces} == {"c"}


def test_a_whole_recording_keeps_its_name_and_a_short_piece_is_left_out() -> None:
    (whole,) = pieces_of("c", (0.0, 60.0), (), settings=SETTINGS)
    assert (whole.name, whole.start_s, whole.end_s) == ("c", 0.0, 60.0)
    pieces = pieces_of("c", (0.0, 60.0), (cut_at(20.0, 21.0), cut_at(22.0, 23.0)), settings=SETTINGS)
    assert [p.name for p in pieces] == ["c#1", "c#3"]


def tie(a: str, b: str, lag_s: float) -> Link:
    return Link(a_id=a, b_id=b, lag_s=lag_s, sigma_s=0.01, pinned=False)


def test_a_recording_is_at_home_where_most_of_it_lies_with_others() -> None:
    spans = {"c#1": (0.0, 20.0), "c#2": (21.0, 60.0)}
    first = placed({"a": 0.0, "c#1": 3.0}, [tie("a", "c#1", 3.0)], spans)
    second = placed({"b": 0.0, "c#2": 5.0}, [tie("b", "c#2", 5.0)], spans)
    homes = at_home((first, second), {"c": piece("c")})
    assert [sorted(group.offsets_s) for group in homes] == [["a"], ["b", "c#2"]]
    assert homes[0].links == ()
    assert homes[1].links == second.links


def test_pieces_that_found_nobody_are_one_recording_again() -> None:
    spans = {"c#1": (0.0, 20.0), "c#2": (21.0, 60.0)}
    groups = [placed({"a": 0.0, "b": 1.0}, [tie("a", "b", 1.0)]), placed({"c#1": 0.0}, (), spans)]
    groups.append(placed({"c#2": 0.0}, (), spans))
    homes = at_home(groups, {"c": piece("c")})
    assert [sorted(group.offsets_s) for group in homes] == [["a", "b"], ["c"]]
    assert homes[1].pieces["c"].end_s == 60.0


def test_whole_recordings_are_left_where_they_are() -> None:
    groups = (placed({"a": 0.0, "b": 1.0}, [tie("a", "b", 1.0)]), placed({"c": 0.0}))
    assert at_home(groups, {}) == groups


def test_a_group_that_loses_its_bridge_falls_apart() -> None:
    """Two recordings that only a piece of a third tied are on no common clock when it goes elsewhere."""
    bridge = (tie("y", "x#1", 1.0), tie("x#1", "z", 2.0))
    small = placed({"y": 0.0, "x#1": 1.0, "z": 3.0}, bridge, {"x#1": (0.0, 10.0)})
    large = placed({"x#2": 0.0, "w": 4.0}, (tie("w", "x#2", -4.0),), {"x#2": (20.0, 60.0)})
    homes = at_home((small, large), {})
    assert sorted(sorted(home.pieces) for home in homes) == [["w", "x#2"], ["y"], ["z"]]


def test_a_pinned_recording_without_length_does_not_take_the_others_away() -> None:
    group = placed({"a": 0.0, "b": 5.0, "c": 9.0}, (tie("a", "b", 5.0), tie("a", "c", 9.0)), {"c": (0.0, 0.0)})
    homes = at_home((group,), {name: group.pieces[name] for name in "abc"})
    assert [sorted(home.pieces) for home in homes] == [["a", "b", "c"]]
