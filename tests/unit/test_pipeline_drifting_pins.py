"""Pins and copies hold at their own moments: before and after, the clocks that they tie have drifted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from joint_example import NO_COPIES, SOUND, lag, placed, recording
from syncview.case import parse_case
from syncview.model import LagHypothesis
from syncview.pipeline.copies import SameRecording
from syncview.timebase import group_time_of

DRIFT_PPM = 80.0
LENGTHS_S = {"a": 1200.0, "b": 1200.0, "c": 1300.0, "d": 60.0}
A, B, C, D = FILES = tuple(recording(name, duration_s=Fraction(s)) for name, s in LENGTHS_S.items())
HEARD = {f"r-{name}": replace(SOUND, duration_s=s, usable_s=s) for name, s in LENGTHS_S.items()}


def drifting(a_s: float, c_s: float) -> tuple[LagHypothesis, ...]:
    """The lag of c against a at these moments, a's clock gaining on c's."""
    return lag(
        a_s - c_s, sigma_s=0.001, middle_s=(a_s, c_s), drift_ppm=-DRIFT_PPM, drift_uncertainty_ppm=2.0, lag_spread_s=0.0
    )


# c, the longest, is the reference; a and c agree at 500 s of both, and a runs 80 ppm fast.
LAGS = {("r-a", "r-c"): drifting(500.0, 500.0), ("r-c", "r-d"): lag(3.0)}


def off_s(joint, a_s: float, b_s: float) -> float:
    """How far the clocks of a and b put two moments apart."""
    clocks = {clock.recording_id: clock for group in joint.groups for clock in group.clocks}
    assert joint.groups[0].reference_id == "r-c"
    assert clocks["r-a"].segments[0].drift_ppm == pytest.approx(DRIFT_PPM, abs=0.5)
    a, b = group_time_of(clocks["r-a"], a_s, of="audio"), group_time_of(clocks["r-b"], b_s, of="audio")
    assert a is not None
    assert b is not None
    return b - a


def pinned(*moments: tuple[str, float, str, float], uncertainty_s: float = 0.01):
    text = "".join(
        f'[[pin]]\na = {{ file = "{a}.mp4", time_s = {a_s} }}\nb = {{ file = "{b}.mp4", time_s = {b_s} }}\n'
        f"uncertainty_s = {uncertainty_s}\n"
        for a, a_s, b, b_s in moments
    )
    return placed(parse_case(text), *FILES, lags=LAGS, heard=HEARD)


@pytest.mark.parametrize(("at_s", "swapped"), [(1000.0, False), (1000.0, True), (150.0, False)])
def test_a_pin_is_met_at_its_own_moment(at_s: float, swapped: bool) -> None:
    ends = ("a", at_s, "b", at_s - 100.0)
    assert off_s(pinned(ends[2:] + ends[:2] if swapped else ends), at_s, at_s - 100.0) == pytest.approx(0.0, abs=1e-4)


def test_pins_at_both_ends_that_only_the_drift_keeps_apart_are_both_met() -> None:
    # b keeps the time of c: 1000 s of a are 1000.08 s of b.
    moments = [("a", 100.0, "b", 50.0), ("a", 1100.0, "b", 1050.08)]
    joint = pinned(*moments)
    assert off_s(joint, 100.0, 50.0) == pytest.approx(-off_s(joint, 1100.0, 1050.08), abs=1e-4)
    assert abs(off_s(joint, 100.0, 50.0)) < 1e-4


@pytest.mark.parametrize("swapped", [False, True])
def test_a_copy_is_met_in_the_middle_of_what_it_shares(swapped: bool) -> None:
    same = SameRecording(
        a_id="r-b" if swapped else "r-a",
        b_id="r-a" if swapped else "r-b",
        sound_lag_s=-100.0 if swapped else 100.0,
        picture_lag_s=None,
        uncertainty_s=0.001,
        moment_s=(900.0, 1000.0) if swapped else (1000.0, 900.0),
        evidence="x",
    )
    copies = replace(NO_COPIES, pairs=(same,), witness_of={"r-a": "r-a", "r-b": "r-a"})
    joint = placed(parse_case(""), *FILES, lags=LAGS, heard=HEARD, copies=copies)
    assert off_s(joint, 1000.0, 900.0) == pytest.approx(0.0, abs=1e-4)
