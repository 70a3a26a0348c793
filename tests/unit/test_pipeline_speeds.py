"""Recordings at another speed: which pairs are tried, who is placed by what, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from joint_example import NO_COPIES, SETTINGS, SOUND, knowledge_of, lag, matched_of, placed, recording
from syncview.case import parse_case
from syncview.model import Duplicate, LagHypothesis
from syncview.pipeline.listen import ListenJob
from syncview.pipeline.speed_ties import tie_by_speed
from syncview.pipeline.speeds import speed_findings, with_speeds
from syncview.sync.speeds import SpeedHypothesis

A, B, C, D = (recording(name) for name in "abcd")
TOGETHER = {("r-a", "r-b"): lag(3.0)}
FIT = SpeedHypothesis(
    speed=Fraction(1, 4),
    pitch_kept=False,
    lag_s=8.0,
    lag_uncertainty_s=0.002,
    probability=0.999,
    supports=9,
    measured_ppm=0.0,
    measured_uncertainty_ppm=20.0,
)


def tied(recordings, fits, *, lags=None, alone=("r-c",), duplicates=()):
    joint = placed(parse_case(""), *recordings, lags=lags, duplicates=duplicates)
    return tie_by_speed(
        joint, fits, alone=alone, recordings=recordings, knowledge=knowledge_of(*recordings), settings=SETTINGS
    )


def clocks_of(joint) -> dict:
    return {clock.recording_id: clock.segments[0] for group in joint.groups for clock in group.clocks}


def reasons_of(joint) -> dict[str, str]:
    return {each.recording_id: " ".join(each.reasons) for each in joint.unplaced}


def test_a_slow_copy_joins_the_group_of_the_one_that_it_fits() -> None:
    joint = tied((A, B, C), {("r-b", "r-c"): (FIT,)}, lags=TOGETHER)
    assert [len(group.clocks) for group in joint.groups] == [3]
    clocks = clocks_of(joint)
    assert clocks["r-c"].offset_s - clocks["r-b"].offset_s == pytest.approx(8.0)
    assert clocks["r-c"].drift_ppm == pytest.approx(-750_000)
    assert joint.unplaced == ()
    assert [(tie.recording_id, tie.other_id) for tie in joint.speeds] == [("r-c", "r-b")]


def test_a_fit_counts_from_both_sides() -> None:
    joint = tied((A, B, C), {("r-c", "r-b"): (FIT.flipped(),)}, lags=TOGETHER)
    clocks = clocks_of(joint)
    assert clocks["r-c"].offset_s - clocks["r-b"].offset_s == pytest.approx(8.0)
    assert clocks["r-c"].drift_ppm == pytest.approx(-750_000)


def test_a_fit_that_is_not_sure_enough_is_said_and_places_nothing() -> None:
    joint = tied((A, B, C), {("r-b", "r-c"): (replace(FIT, probability=0.9),)}, lags=TOGETHER)
    assert len(joint.groups) == 2
    assert "may run at 1/4 times the speed of b.mp4: probability 0.90" in reasons_of(joint)["r-c"]


def test_fits_that_exclude_each_other_place_nothing() -> None:
    fits = {("r-a", "r-c"): (replace(FIT, lag_s=31.0),), ("r-b", "r-c"): (FIT,)}
    joint = tied((A, B, C), fits, lags=TOGETHER)
    assert len(joint.groups) == 2
    assert "exclude each other" in reasons_of(joint)["r-c"]
    # The same two in harmony: a is 3 s before b.
    joint = tied((A, B, C), fits | {("r-a", "r-c"): (replace(FIT, lag_s=11.0),)}, lags=TOGETHER)
    assert len(joint.groups) == 1


def test_fits_of_two_groups_exclude_each_other_too() -> None:
    e = recording("e")
    lags = TOGETHER | {("r-d", "r-e"): lag(1.0)}
    fits = {("r-b", "r-c"): (FIT,), ("r-c", "r-d"): (FIT.flipped(),)}
    joint = tied((A, B, C, D, e), fits, lags=lags)
    assert sorted(len(group.clocks) for group in joint.groups) == [1, 2, 2]
    assert "exclude each other" in reasons_of(joint)["r-c"]


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_alone_the_faster_keeps_its_clock(swapped: bool) -> None:
    fits = {("r-a", "r-b"): (FIT.flipped() if swapped else FIT,)}
    joint = tied((A, B), fits, alone=("r-a", "r-b"))
    (group,) = joint.groups
    assert group.reference_id == ("r-b" if swapped else "r-a")
    slow = next(c for c in group.clocks if c.recording_id != group.reference_id)
    assert slow.segments[0].drift_ppm == pytest.approx(-750_000)
    assert "the other file runs at true speed" in slow.assumptions
    assert joint.unplaced == ()


def test_a_third_joins_two_that_found_each_other() -> None:
    fits = {("r-a", "r-b"): (FIT,), ("r-a", "r-c"): (replace(FIT, speed=Fraction(24, 25), lag_s=2.0),)}
    joint = tied((A, B, C), fits, alone=("r-a", "r-b", "r-c"))
    assert [len(group.clocks) for group in joint.groups] == [3]


def test_files_of_the_same_content_go_along() -> None:
    copy = replace(C, id="r-c-2", path="in/z.mp4", name_display="z.mp4")
    same = Duplicate(recording_ids=("r-c", "r-c-2"), kind="same_file", evidence="x")
    joint = tied((A, B, C, copy), {("r-b", "r-c"): (FIT,)}, lags=TOGETHER, duplicates=(same,))
    clocks = clocks_of(joint)
    assert clocks["r-c-2"] == clocks["r-c"]
    assert joint.unplaced == ()


def test_the_finding_says_the_speed() -> None:
    joint = tied((A, B, C), {("r-b", "r-c"): (FIT,)}, lags=TOGETHER)
    groups = tuple(replace(group, id="g1") for group in joint.groups)
    (finding,) = speed_findings(groups, joint.speeds, (A, B, C))
    assert (finding.kind, finding.value, finding.unit) == ("speed", 0.25, "times the speed")
    assert finding.recording_ids == ("r-c", "r-b")
    assert finding.time_s == pytest.approx(groups[0].clocks[2].segments[0].offset_s)
    assert "1/4 times the speed of b.mp4, its pitch with it" in finding.message


class Watched:
    """A pool that answers nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def run(self, _function, items, **_limits):
        self.asked = [(item.a_id, item.b_id) for item in items]
        return iter(())


def tried(recordings, *, lags=None, hypotheses=None, case: str = "", heard=None, copies=NO_COPIES):
    pool = Watched()
    jobs = {
        r.id: ListenJob(
            recording_id=r.id,
            path=Path(r.path),
            sha256=r.sha256,
            cache_root=Path("cache"),
            audio=SETTINGS.audio,
            sync=SETTINGS.sync,
            detect=SETTINGS.detect,
        )
        for r in recordings
    }
    joint = with_speeds(
        placed(parse_case(case), *recordings, lags=lags),
        pool,
        jobs,
        {r.id: SOUND for r in recordings} | (heard or {}),
        recordings=recordings,
        matched=matched_of(hypotheses or lags),
        same_files=(),
        copies=copies,
        knowledge=knowledge_of(*recordings, case=parse_case(case)),
        settings=SETTINGS,
        progress=lambda *_: None,
    )
    return pool.asked, joint


def test_lone_recordings_are_tried_against_groups_and_each_other() -> None:
    asked, _ = tried((A, B, C, D), lags=TOGETHER)
    assert asked == [("r-a", "r-c"), ("r-a", "r-d"), ("r-b", "r-c"), ("r-b", "r-d"), ("r-c", "r-d")]
    assert tried((A, B), lags=TOGETHER)[0] == []


def test_rejected_carried_silent_and_muted_are_not_tried() -> None:
    carried = LagHypothesis(lag_s=1.0, lag_spread_s=0.0, probability=0.9, supports=5, sound="carried")
    hypotheses = TOGETHER | {("r-a", "r-c"): (carried,)}
    reject = '[[reject]]\na = "b.mp4"\nb = "d.mp4"\n'
    asked, _ = tried((A, B, C, D), lags=TOGETHER, hypotheses=hypotheses, case=reject)
    assert asked == [("r-a", "r-d"), ("r-b", "r-c"), ("r-c", "r-d")]
    silent = {"r-c": replace(SOUND, usable_s=0.5)}
    assert tried((A, B, C), lags=TOGETHER, heard=silent)[0] == []
    muted = replace(NO_COPIES, muted=frozenset({"r-b"}))
    assert tried((A, B, C), lags=TOGETHER, copies=muted)[0] == [("r-a", "r-c")]


def test_each_has_a_few_partners_and_too_many_are_not_tried_at_all() -> None:
    many = [recording(f"{chr(97 + k)}", sha=f"{k:x}") for k in range(12)]
    asked, _ = tried(many)
    assert 36 <= len(asked) <= 72
    assert all(sum(r.id in pair for pair in asked) >= SETTINGS.sync.speed_partners_at_most for r in many)
    asked, joint = tried([*many, recording("z", sha="f")])
    assert asked == []
    assert all("13 recordings stand alone" in why for why in reasons_of(joint).values())


def test_of_several_that_it_fits_the_surest_clock_is_its_anchor() -> None:
    joint = tied((A, B, C), {("r-a", "r-c"): (replace(FIT, lag_s=11.0),), ("r-b", "r-c"): (FIT,)}, lags=TOGETHER)
    (group,) = joint.groups
    (tie,) = joint.speeds
    assert tie.other_id == group.reference_id
