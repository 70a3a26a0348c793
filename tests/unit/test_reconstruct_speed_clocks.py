"""Clocks at another speed: the fit of the sounds holds on them, for pictures the skews too, and the +- cover both."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncview.model import Clock, ClockSegment
from syncview.reconstruct.clocks import Skew
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.speed_clocks import clock_at_speed
from syncview.settings import ReconstructSettings
from syncview.sync.speeds import SpeedHypothesis
from syncview.timebase import group_time_of, pace_of

SETTINGS = ReconstructSettings(drift_uncertainty_ppm=100.0, lag_noise_s=0.02)
NEAR = Geometry(positions={}, max_camera_distance_m=34.3, sound_speed_mps=343.0)
EXACT = {name: Skew(skew_s=0.0, uncertainty_s=0.0) for name in "ab"}
SLOW = SpeedHypothesis(
    speed=Fraction(1, 4),
    pitch_kept=False,
    lag_s=8.0,
    lag_uncertainty_s=0.002,
    probability=0.999,
    supports=9,
    measured_ppm=5.0,
    measured_uncertainty_ppm=20.0,
)


def clock(name: str, *, offset_s: float = 0.0, drift_ppm: float = 0.0, end_s: float = 60.0, **changes) -> Clock:
    segment = ClockSegment(
        start_s=0.0,
        end_s=end_s,
        offset_s=offset_s,
        drift_ppm=drift_ppm,
        drift_uncertainty_ppm=0.0,
        applies_to="both",
        picture_check="unverified",
    )
    known = {
        "recording_id": name,
        "segments": (segment,),
        "uncertainty_s": 0.0,
        "sound_uncertainty_s": 0.0,
        "basis": (),
        "assumptions": (),
    }
    return Clock(**known | changes)


def placed(fit: SpeedHypothesis = SLOW, *, anchor: Clock | None = None, skews=None, geometry=NEAR) -> Clock | None:
    return clock_at_speed(
        clock("b"),
        anchor or clock("a"),
        fit,
        reference_id="a",
        skews=skews or EXACT,
        geometry=geometry,
        settings=SETTINGS,
    )


@given(
    st.sampled_from([Fraction(1, 4), Fraction(24, 25), Fraction(1001, 1000), Fraction(2)]),
    st.floats(-50, 50),
    st.floats(-400, 400),
    st.floats(-100, 100),
    st.floats(0, 60),
)
def test_what_both_hear_falls_on_one_moment(speed, lag_s, drift_ppm, offset_s, heard_s) -> None:
    anchor = clock("a", offset_s=offset_s, drift_ppm=drift_ppm)
    b = placed(replace(SLOW, speed=speed, lag_s=lag_s), anchor=anchor)
    in_a_s = lag_s + float(speed) * heard_s
    there = anchor.segments[0]
    assert group_time_of(b, heard_s, of="audio") == pytest.approx(there.offset_s + pace_of(there) * in_a_s, abs=1e-9)
    assert b.segments[0].drift_ppm == pytest.approx((float(speed) * (1 + drift_ppm * 1e-6) - 1) * 1e6)


def test_the_worked_numbers() -> None:
    b = placed()
    assert b.segments[0].drift_ppm == -750_000
    assert group_time_of(b, 40.0, of="audio") == 18.0  # 8 s + 40 s at a quarter


def test_skews_move_the_picture_and_not_the_sound() -> None:
    skews = {"a": Skew(skew_s=0.1, uncertainty_s=0.03), "b": Skew(skew_s=-0.2, uncertainty_s=0.04)}
    b = placed(skews=skews)
    # The sound at 40 s of b is that at 18 s of a, whose picture lies at 17.9 s; b's own at 40.2 s.
    assert group_time_of(b, 40.2, of="video") == pytest.approx(17.9)
    assert b.uncertainty_s > placed().uncertainty_s


def test_the_uncertainty_has_travel_lag_and_speed_in_it() -> None:
    b = placed()
    # 100 ppm of quartz outweigh the 25 ppm that were measured: of a quarter of 60 s.
    drift_s = 60 * 0.25 * 100e-6
    assert b.segments[0].drift_uncertainty_ppm == pytest.approx(25.0)
    assert b.uncertainty_s == pytest.approx(0.1 + (0.002**2 + 0.02**2 + drift_s**2) ** 0.5)
    assert b.sound_uncertainty_s == pytest.approx((0.002**2 + drift_s**2 + SETTINGS.sound_floor_s**2) ** 0.5)
    loose = placed(replace(SLOW, measured_ppm=-2000.0, measured_uncertainty_ppm=1000.0))
    unknown = placed(replace(SLOW, measured_ppm=None, measured_uncertainty_ppm=None))
    assert loose.segments[0].drift_uncertainty_ppm == pytest.approx(0.25 * 1100.0)  # 23.976 for 24, and quartz
    assert loose == unknown
    assert loose.uncertainty_s == pytest.approx(0.1 + (0.002**2 + 0.02**2 + (60 * 275e-6) ** 2) ** 0.5)


def test_what_the_anchor_is_off_adds() -> None:
    off = clock("a", uncertainty_s=0.3, sound_uncertainty_s=0.01, basis=("pin",))
    b = placed(anchor=off)
    assert b.uncertainty_s == pytest.approx(0.3 + placed().uncertainty_s)
    assert b.basis == ("pin", "sound")


def test_it_says_what_it_takes_for_granted() -> None:
    said = placed().assumptions
    assert said[0] == "runs at 1/4 times the speed throughout, to 100 ppm"
    assert "common sound taken as acoustic" in said
    assert "cameras within 34.3 m of each other" in said


def test_an_anchor_in_pieces_gives_no_clock() -> None:
    whole = clock("a").segments[0]
    pieces = clock("a", segments=(replace(whole, end_s=20.0), replace(whole, start_s=20.0, offset_s=3.0)))
    assert placed(anchor=pieces) is None
