"""Two recordings that hold the same two parts of a group together."""

from __future__ import annotations

from placed_example import placed
from syncview.sync.bridges import other_bridges
from syncview.sync.positions import Link


def linked(*pairs: str):
    links = [Link(a_id=a, b_id=b, lag_s=0.0, sigma_s=0.01, pinned=False) for a, b in pairs]
    return placed(dict.fromkeys("xyabcd", 0.0), links)


def test_the_other_bridge_is_found_with_what_it_ties() -> None:
    group = linked("xa", "xc", "ya", "yc", "ab", "cd")
    (bridge,) = other_bridges("x", group, before={"a"}, after={"c"})
    assert (bridge.name, bridge.before, bridge.after) == ("y", frozenset("ab"), frozenset("cd"))


def test_a_third_recording_that_ties_both_parts_tells() -> None:
    group = linked("xa", "xc", "ya", "yc", "ab", "cd", "bd")
    assert [bridge.name for bridge in other_bridges("x", group, before={"a"}, after={"c"})] == []


def test_what_nothing_else_bears_out_has_no_other_bridge() -> None:
    assert list(other_bridges("x", linked("xy"), before={"y"}, after={"y"})) == []
