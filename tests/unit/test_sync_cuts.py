"""Jumps of a pair's lag: removed, put in, only repeated; and a doubtful zone that holds the cut."""

from __future__ import annotations

import math

import numpy as np
import pytest

from feature_example import features
from syncview.model import Jump
from syncview.settings import SyncSettings
from syncview.sync.candidates import Agreement, LagCandidate, common_s
from syncview.sync.cuts import find_jumps

SETTINGS = SyncSettings()
STEP_S = SETTINGS.course_step_s
A = features("a", np.zeros(60 * 8000))


def candidate(b, lag_s: float, holds_s: list[tuple[float, float]], *, seed: int, height: float = 2.0) -> LagCandidate:
    """A lag that holds in stretches of a's time: its steps are Gaussian about `height` there, about 0 elsewhere."""
    first_s, last_s = common_s(A, b, lag_s)
    count = round((last_s - first_s) / STEP_S)
    at_s = first_s + (np.arange(count) + 0.5) * STEP_S
    rng = np.random.default_rng(seed)
    inside = np.zeros(count, bool)
    for start_s, end_s in holds_s:
        inside |= (at_s >= start_s) & (at_s < end_s)
    kinds = []
    for _ in range(3):
        course = rng.standard_normal(count) + height / math.sqrt(3) * inside
        z = float(course.sum() / math.sqrt(count))
        kinds.append(Agreement(lag_s=lag_s, z=z, rest_z=z, course=course))
    return LagCandidate(
        lag_s=lag_s,
        tones=kinds[0],
        pattern=kinds[1],
        white=kinds[2],
        first_s=first_s,
        step_s=STEP_S,
        overlap_s=last_s - first_s,
    )


def holds(jump: Jump, *, a_s: tuple[float, float], b_s: tuple[float, float]) -> bool:
    """Whether the true ends of both parts lie in the doubtful zone."""
    return (
        jump.end_s[0] <= a_s[0] + STEP_S
        and jump.start_s[0] >= a_s[1] - STEP_S
        and jump.end_s[1] <= b_s[0] + STEP_S
        and jump.start_s[1] >= b_s[1] - STEP_S
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_stretch_removed_from_b(seed: int) -> None:
    b = features("b", np.zeros(50 * 8000))
    # b lacks a's 22 to 26 s: it starts with a, and runs 4 s ahead after the cut.
    before = candidate(b, 0.0, [(0.0, 22.0)], seed=seed)
    after = candidate(b, 4.0, [(26.0, 54.0)], seed=100 + seed)
    (jump,) = find_jumps(b, (before, after), settings=SETTINGS)
    assert (jump.before_s, jump.after_s) == (0.0, 4.0)
    assert holds(jump, a_s=(22.0, 26.0), b_s=(22.0, 22.0))
    assert jump.start_s[1] - jump.end_s[1] < 2.0


@pytest.mark.parametrize("seed", range(8))
def test_a_stretch_put_into_b(seed: int) -> None:
    b = features("b", np.zeros(56 * 8000))
    # b's 20 to 26 s are of another place.
    before = candidate(b, 0.0, [(0.0, 20.0)], seed=200 + seed)
    after = candidate(b, -6.0, [(20.0, 50.0)], seed=300 + seed)
    (jump,) = find_jumps(b, (before, after), settings=SETTINGS)
    assert jump.after_s - jump.before_s == -6.0
    assert holds(jump, a_s=(20.0, 20.0), b_s=(20.0, 26.0))
    assert jump.start_s[1] - jump.end_s[1] < 8.0


def test_the_order_of_the_lags_does_not_matter() -> None:
    b = features("b", np.zeros(50 * 8000))
    before, after = candidate(b, 0.0, [(0.0, 22.0)], seed=1), candidate(b, 4.0, [(26.0, 54.0)], seed=2)
    assert find_jumps(b, (after, before), settings=SETTINGS) == find_jumps(b, (before, after), settings=SETTINGS)


@pytest.mark.parametrize("seed", range(4))
def test_sounds_that_repeat_are_no_jump(seed: int) -> None:
    b = features("b", np.zeros(50 * 8000))
    true = candidate(b, 0.0, [(0.0, 50.0)], seed=400 + seed)
    again = candidate(b, 4.0, [(10.0, 30.0)], seed=500 + seed, height=1.5)
    assert find_jumps(b, (true, again), settings=SETTINGS) == ()


def test_a_part_too_short_or_too_weak_is_no_jump() -> None:
    b = features("b", np.zeros(50 * 8000))
    long = candidate(b, 0.0, [(0.0, 47.0)], seed=3)
    assert find_jumps(b, (long, candidate(b, 4.0, [(52.0, 54.0)], seed=4)), settings=SETTINGS) == ()
    half = candidate(b, 0.0, [(0.0, 22.0)], seed=5)
    assert find_jumps(b, (half, candidate(b, 4.0, [(26.0, 54.0)], seed=6, height=0.1)), settings=SETTINGS) == ()


def test_weak_agreement_leaves_a_wide_zone_of_doubt() -> None:
    b = features("b", np.zeros(50 * 8000))

    def doubt_s(height: float) -> float:
        widths = []
        for seed in range(6):
            lags = (
                candidate(b, 0.0, [(0.0, 22.0)], seed=600 + seed, height=height),
                candidate(b, 4.0, [(26.0, 54.0)], seed=700 + seed, height=height),
            )
            widths += [jump.start_s[1] - jump.end_s[1] for jump in find_jumps(b, lags, settings=SETTINGS)]
        return float(np.median(widths))

    assert doubt_s(2.0) < doubt_s(0.8)


def test_one_lag_has_no_jump() -> None:
    b = features("b", np.zeros(50 * 8000))
    assert find_jumps(b, (candidate(b, 0.0, [(0.0, 50.0)], seed=7),), settings=SETTINGS) == ()
