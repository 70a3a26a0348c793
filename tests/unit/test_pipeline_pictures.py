"""Clocks of pictures under sound that goes on: withdrawn from a cut on, kept where both are cut, named where copied."""

from __future__ import annotations

import itertools

import pytest

from joint_example import SETTINGS
from syncview.model import Clock, ClockSegment, Group, Interval
from syncview.pipeline.look import Seen
from syncview.pipeline.pictures import with_picture_clocks


def segment(start_s: float, end_s: float, *, applies_to="both", offset_s: float = 0.0) -> ClockSegment:
    return ClockSegment(
        start_s=start_s,
        end_s=end_s,
        offset_s=offset_s,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to=applies_to,
        picture_check="unverified",
    )


def seen(*cuts_s: float, end_s: float = 60.0) -> Seen:
    edges = [0.0, *cuts_s, end_s]
    shots = tuple(Interval(start_s=x, end_s=y, kind="shot") for x, y in itertools.pairwise(edges))
    return Seen(
        start_s=0.0,
        end_s=end_s,
        frame_count=1800,
        shots=shots if cuts_s else (),
        cut_uncertainty_s=0.04 if cuts_s else None,
        warnings=(),
    )


def checked(*segments: ClockSegment, cuts_s=(), contradicted=(), verified=(), looked=True) -> list[tuple]:
    clock = Clock(
        recording_id="a",
        segments=segments,
        uncertainty_s=0.0,
        sound_uncertainty_s=0.0,
        basis=(),
        assumptions=(),
    )
    (group,) = with_picture_clocks(
        (Group(id="g1", reference_id="a", clocks=(clock,)),),
        {"a": seen(*cuts_s)} if looked else {},
        contradicted=frozenset(contradicted),
        verified=frozenset(verified),
        settings=SETTINGS,
    )
    return [(s.start_s, s.end_s, s.applies_to, s.picture_check) for s in group.clocks[0].segments]


def test_one_shot_keeps_its_clock() -> None:
    assert checked(segment(0, 60)) == [(0, 60, "both", "unverified")]
    assert checked(segment(0, 60), looked=False) == [(0, 60, "both", "unverified")]


def test_from_the_first_cut_under_sound_that_goes_on_only_the_sound_has_a_clock() -> None:
    assert checked(segment(0, 60), cuts_s=(20.0, 32.0)) == [
        (0, 20.0, "both", "unverified"),
        (20.0, 60, "audio", "unverified"),
    ]


def test_where_both_are_cut_the_picture_is_in_step_again() -> None:
    found = checked(segment(0, 30), segment(30.2, 60, offset_s=4.0), cuts_s=(20.0, 30.0))
    assert found == [
        (0, 20.0, "both", "unverified"),
        (20.0, 30, "audio", "unverified"),
        (30.2, 60, "both", "unverified"),
    ]


def test_a_cut_of_the_sound_alone_leaves_the_picture_as_it_was() -> None:
    found = checked(segment(0, 30), segment(31, 60, offset_s=4.0), cuts_s=(20.0,))
    assert [each[2] for each in found] == ["both", "audio", "audio"]


@pytest.mark.parametrize("off_s", [-0.3, 0.3])
def test_a_cut_near_an_edge_is_that_edge(off_s: float) -> None:
    found = checked(segment(0, 30), segment(30, 60, offset_s=4.0), cuts_s=(30.0 + off_s,))
    assert found == [(0, 30, "both", "unverified"), (30, 60, "both", "unverified")]


def test_a_verified_picture_is_verified_until_it_leaves_its_sound() -> None:
    assert checked(segment(0, 60), cuts_s=(40.0,), verified={"a"}) == [
        (0, 40.0, "both", "verified"),
        (40.0, 60, "audio", "unverified"),
    ]


def test_a_contradicted_picture_has_no_clock_anywhere() -> None:
    found = checked(segment(0, 30), segment(31, 60), cuts_s=(20.0,), contradicted={"a"}, verified={"a"})
    assert found == [(0, 30, "audio", "contradicted"), (31, 60, "audio", "contradicted")]


def test_without_sound_the_picture_keeps_what_clock_there_is() -> None:
    silent = segment(0, 60, applies_to="video")
    assert checked(silent, contradicted={"a"}) == [(0, 60, "video", "contradicted")]
    assert checked(silent, cuts_s=(20.0,))[1] == (20.0, 60, "video", "unverified")


def test_times_and_offsets_are_left_as_they_are() -> None:
    clock = Clock(
        recording_id="a",
        segments=(segment(0, 60, offset_s=7.5),),
        uncertainty_s=0.3,
        sound_uncertainty_s=0.01,
        basis=("sound",),
        assumptions=("x",),
    )
    group = Group(id="g1", reference_id="a", clocks=(clock,))
    (found,) = with_picture_clocks(
        (group,), {"a": seen(20.0)}, contradicted=frozenset(), verified=frozenset(), settings=SETTINGS
    )
    assert [s.offset_s for s in found.clocks[0].segments] == [7.5, 7.5]
    assert (found.clocks[0].uncertainty_s, found.clocks[0].assumptions) == (0.3, ("x",))
