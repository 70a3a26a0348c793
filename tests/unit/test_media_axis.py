"""Where samples go on the recording-time axis, from arrays of stamps."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.media.axis import AxisPlan, plan_axis

RATE_HZ = 16_000
FRAME = 320


def stamps(count: int, start_s: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    first = FRAME * np.arange(count, dtype=float)
    return first, start_s + first / RATE_HZ


def planned(first: np.ndarray, time_s: np.ndarray, max_gap_s: float = 600.0) -> AxisPlan:
    return plan_axis(first, time_s, total=FRAME * len(first), rate_hz=RATE_HZ, max_gap_s=max_gap_s)


def test_even_stamps_make_one_piece() -> None:
    plan = planned(*stamps(100, start_s=0.5))
    assert (plan.start_s, plan.sample_count, len(plan.pieces), plan.warnings) == (0.5, 100 * FRAME, 1, ())
    assert plan.time_of_s(RATE_HZ) == pytest.approx(1.5)


def test_no_frames_make_no_piece() -> None:
    plan = planned(np.zeros(0), np.zeros(0))
    assert (plan.pieces, plan.sample_count, plan.gaps_s) == ((), 0, ())


def test_stamps_rounded_to_milliseconds_make_no_gap_and_average_out() -> None:
    first = stamps(500)[0] * 1.07  # frames of 21.4 ms
    plan = plan_axis(first, np.round(first / RATE_HZ, 3), total=171_200, rate_hz=RATE_HZ, max_gap_s=600.0)
    assert len(plan.pieces) == 1
    assert plan.start_s == pytest.approx(0.0, abs=1e-4)


def test_a_gap_is_left_open_where_the_stamps_put_it() -> None:
    first, time_s = stamps(100)
    time_s[40:] += 0.25
    plan = planned(first, time_s)
    assert plan.gaps_s == ((pytest.approx(0.8), pytest.approx(1.05)),)
    assert plan.time_of_s(39 * FRAME) == pytest.approx(0.78)
    assert plan.time_of_s(41 * FRAME) == pytest.approx(1.07)
    assert plan.warnings == ("1 gap in the sound, 0.250 s in all, filled with zeros; the first at 0.800 s",)


def test_two_gaps_close_together_are_two() -> None:
    first, time_s = stamps(100)
    time_s[40:] += 0.05
    time_s[44:] += 0.05
    plan = planned(first, time_s)
    assert [round(end - start, 6) for start, end in plan.gaps_s] == [0.05, 0.05]


def test_a_lone_wrong_stamp_moves_nothing() -> None:
    first, time_s = stamps(100)
    time_s[50] += 3.0
    plan = planned(first, time_s)
    assert (len(plan.pieces), plan.warnings) == (1, ())
    assert plan.time_of_s(60 * FRAME) == pytest.approx(1.2)


def test_the_earlier_keeps_time_that_two_stretches_claim() -> None:
    first, time_s = stamps(100)
    time_s[50:] -= 0.01
    plan = planned(first, time_s)
    one, two = plan.pieces
    assert (one.out_stop, two.out_start, two.source_start) == (50 * FRAME, 50 * FRAME, 50 * FRAME + 160)
    assert plan.time_of_s(60 * FRAME) == pytest.approx(1.19)
    assert plan.gaps_s == ()


def test_a_stretched_first_frame_goes_to_the_others() -> None:
    first, time_s = stamps(100)
    time_s[1:] += 0.155
    plan = planned(first, time_s)
    assert (plan.start_s, len(plan.pieces), plan.warnings) == (pytest.approx(0.155), 1, ())


@pytest.mark.parametrize("jump_s", [5000.0, -1.5])
def test_an_impossible_jump_is_joined_and_said(jump_s: float) -> None:
    first, time_s = stamps(200)
    time_s[100:] += jump_s
    plan = planned(first, time_s)
    assert plan.sample_count == 200 * FRAME
    assert "joined files?" in plan.warnings[0]
    assert f"{abs(jump_s):.1f} s at 2.000 s" in plan.warnings[0]


@pytest.mark.parametrize("ppm", [-300.0, 80.0])
def test_drift_is_followed(ppm: float) -> None:
    first, _ = stamps(3000)
    time_s = first / RATE_HZ * (1 + ppm * 1e-6)
    plan = planned(first, time_s)
    for index in (0, 700, 1500, 2999):
        assert plan.time_of_s(first[index]) == pytest.approx(time_s[index], abs=2e-4)
    assert plan.sample_count == pytest.approx(3000 * FRAME * (1 + ppm * 1e-6), abs=3)
    assert f"{ppm:+.0f} ppm" in plan.warnings[0]


def test_frames_without_stamps_run_on() -> None:
    first, time_s = stamps(100, start_s=2.0)
    time_s[1::2] = np.nan
    plan = planned(first, time_s)
    assert (plan.start_s, len(plan.pieces)) == (pytest.approx(2.0), 1)
    assert planned(first, np.full(100, np.nan)).start_s == 0.0
