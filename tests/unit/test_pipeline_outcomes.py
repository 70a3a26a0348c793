"""What is said of every pair, and of everyone who stayed alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from joint_example import NO_COPIES, SOUND, lag, placed, recording
from syncview.case import parse_case
from syncview.model import Duplicate, LagHypothesis
from syncview.pipeline.copies import SameRecording

A, B, C = (recording(name) for name in "abc")
NOTHING = parse_case("")


def weak(lag_s: float, probability: float, **changes: object) -> tuple[LagHypothesis, ...]:
    return lag(lag_s, **{"probability": probability} | changes)


def pair_of(joint, a: str, b: str):
    return next(pair for pair in joint.pairs if (pair.a_id, pair.b_id) == (f"r-{a}", f"r-{b}"))


def reasons_of(joint) -> dict[str, tuple[str, ...]]:
    return {each.recording_id: each.reasons for each in joint.unplaced}


def test_an_accepted_pair_says_its_lag_and_what_agrees() -> None:
    pair = pair_of(placed(NOTHING, A, B, lags={("r-a", "r-b"): lag(12.5)}), "a", "b")
    assert (pair.lag_s, pair.accepted, pair.probability, pair.lag_spread_s) == (12.5, True, 0.999, 0.01)
    assert pair.overlap_s == pytest.approx(47.5)
    assert pair.reasons == ("5 separate windows agree",)


def test_a_weak_pair_says_what_it_lacks() -> None:
    joint = placed(NOTHING, A, B, lags={("r-a", "r-b"): weak(3.0, 0.6, supports=1)})
    pair = pair_of(joint, "a", "b")
    assert not pair.accepted
    assert pair.reasons == (
        "not strong enough to tie the two: probability 0.60",
        "only one coincidence supports it",
    )
    why = reasons_of(joint)
    assert "the best lag (against b.mp4) is too weak" in why["r-a"][0]
    assert "a single bang proves no common time" in why["r-b"][1]


def test_no_common_sound_is_a_reason_of_its_own() -> None:
    joint = placed(NOTHING, A, B, lags={("r-a", "r-b"): ()})
    pair = pair_of(joint, "a", "b")
    assert (pair.lag_s, pair.overlap_s, pair.probability) == (None, None, None)
    assert pair.reasons == ("no common sound stands out",)
    assert reasons_of(joint)["r-a"] == ("no sound in it stands out in any other recording",)


def test_a_lag_that_contradicts_its_group_says_by_how_much() -> None:
    lags = {("r-a", "r-b"): lag(3.0), ("r-b", "r-c"): lag(4.0), ("r-a", "r-c"): weak(20.0, 0.4)}
    pair = pair_of(placed(NOTHING, A, B, C, lags=lags), "a", "c")
    assert not pair.accepted
    assert pair.reasons == ("its best lag contradicts the group by 13.0 s",)


def test_a_lag_that_agrees_and_is_weak_does_not_count() -> None:
    lags = {("r-a", "r-b"): lag(3.0), ("r-b", "r-c"): lag(4.0), ("r-a", "r-c"): weak(7.0, 0.03)}
    pair = pair_of(placed(NOTHING, A, B, C, lags=lags), "a", "c")
    assert pair.reasons == ("too weak to count: probability 0.03",)


@pytest.mark.parametrize(
    ("case", "accepted", "reason"),
    [
        ('[[reject]]\na = "a.mp4"\nb = "b.mp4"\n', False, "rejected by a person"),
        (
            (
                '[[pin]]\na = { file = "a.mp4", time_s = 9.0 }\nb = { file = "b.mp4", time_s = 4.0 }\n'
                "uncertainty_s = 0.04\n"
            ),
            True,
            "pinned by a person",
        ),
    ],
)
def test_what_a_person_says_of_a_pair_is_its_reason(case: str, accepted: bool, reason: str) -> None:
    pair = pair_of(placed(parse_case(case), A, B, lags={("r-a", "r-b"): lag(3.0)}), "a", "b")
    assert (pair.accepted, pair.reasons) == (accepted, (reason,))
    assert pair.lag_s == (5.0 if accepted else 3.0)
    assert (pair.probability is None) == accepted


def test_copies_are_no_second_witness() -> None:
    same = SameRecording(
        a_id="r-a",
        b_id="r-b",
        sound_lag_s=2.0,
        picture_lag_s=None,
        uncertainty_s=0.001,
        moment_s=(30.0, 28.0),
        evidence="x",
    )
    copies = replace(NO_COPIES, pairs=(same,), witness_of={"r-a": "r-a", "r-b": "r-a"})
    pair = pair_of(placed(NOTHING, A, B, lags={("r-a", "r-b"): lag(2.0)}, copies=copies), "a", "b")
    assert pair.reasons == ("both are copies of one recording: no second witness",)
    assert (pair.accepted, pair.lag_s) == (True, 2.0)


def test_carried_sound_ties_nothing_and_says_why() -> None:
    carried = weak(3.0, 0.99, sound="carried", reasons=("the same song lies over both",))
    joint = placed(NOTHING, A, B, lags={("r-a", "r-b"): carried})
    pair = pair_of(joint, "a", "b")
    assert not pair.accepted
    assert pair.reasons == ("its common sound proves no common place", "the same song lies over both")
    assert len(joint.groups) == 2


def test_reasons_that_lie_in_the_recording_itself_come_first() -> None:
    silent = recording("s", audio=None)
    still = recording("t", kind="still", audio=None)
    broken = recording("u", kind="unreadable", audio=None, duration_s=None, warnings=("it ends in its header",))
    zeros, short, empty = recording("v"), recording("w"), recording("x")
    heard = {
        "r-a": SOUND,
        "r-b": SOUND,
        "r-v": replace(SOUND, usable_s=0.0),
        "r-w": replace(SOUND, duration_s=0.6, usable_s=0.6),
        "r-x": replace(SOUND, duration_s=0.0, usable_s=0.0),
    }
    every = (A, B, C, silent, still, broken, zeros, short, empty)
    why = reasons_of(placed(NOTHING, *every, lags={("r-a", "r-b"): lag(3.0)}, heard=heard))
    assert set(why) == {"r-c", "r-s", "r-t", "r-u", "r-v", "r-w", "r-x"}
    for name, words in {
        "r-c": "could not be decoded",
        "r-s": "no sound track",
        "r-t": "a still picture",
        "r-u": "it ends in its header",
        "r-v": "digital silence throughout",
        "r-w": "only 0.60 s of sound",
        "r-x": "its sound track is empty",
    }.items():
        assert words in why[name][0]


def test_one_recording_alone_needs_no_reason() -> None:
    assert placed(NOTHING, A).unplaced == ()


def test_a_copy_of_a_lone_file_is_told_the_same() -> None:
    copy = replace(C, id="r-c-2", path="in/z.mp4", name_display="z.mp4")
    same = Duplicate(recording_ids=("r-c", "r-c-2"), kind="same_file", evidence="x")
    heard = {"r-a": SOUND, "r-b": SOUND, "r-c": SOUND}
    why = reasons_of(placed(NOTHING, A, B, C, copy, lags={("r-a", "r-b"): lag(3.0)}, duplicates=(same,), heard=heard))
    assert why["r-c"] == why["r-c-2"]


def test_pairs_that_could_not_be_compared_are_counted() -> None:
    joint = placed(
        NOTHING,
        A,
        B,
        C,
        lags={("r-a", "r-b"): lag(3.0), ("r-a", "r-c"): (), ("r-b", "r-c"): ()},
        failed={("r-a", "r-c"): "took too long", ("r-b", "r-c"): "took too long"},
    )
    assert reasons_of(joint)["r-c"][-1] == "it could not be compared with 2 of the others (see pairs)"
    assert pair_of(joint, "b", "c").reasons == ("could not be compared: took too long",)


def test_pairs_are_told_from_the_first_by_name() -> None:
    joint = placed(NOTHING, A, B, C, lags={("r-a", "r-b"): lag(3.0), ("r-a", "r-c"): lag(-2.0)})
    assert [(p.a_id, p.b_id) for p in joint.pairs] == [("r-a", "r-b"), ("r-a", "r-c")]
    assert pair_of(joint, "a", "c").lag_s == -2.0


def test_lengths_bound_the_overlap() -> None:
    short = recording("b", duration_s=Fraction(10))
    heard = {"r-a": SOUND, "r-b": replace(SOUND, duration_s=10.0, usable_s=10.0)}
    pair = pair_of(placed(NOTHING, A, short, lags={("r-a", "r-b"): lag(55.0)}, heard=heard), "a", "b")
    assert pair.overlap_s == pytest.approx(5.0)
