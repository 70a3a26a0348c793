"""Strikes from other sides than the everyday sounds move the clocks to the middle of all lags."""

from __future__ import annotations

import math

import pytest

from placed_example import placed as together
from syncview.model import Event, Observation
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.refining import with_strike_lags
from syncview.settings import Settings
from syncview.sync.groups import Placed
from syncview.sync.positions import Link

NOWHERE = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=343.0)
SPEED_MPS = 343.0


def strike(arrivals: dict[str, float], confidence: float = 0.99) -> Event:
    seen = tuple(
        Observation(recording_id=name, sound_s=at, sound_uncertainty_s=0.005, score=0.9, measures=(), reasons=())
        for name, at in arrivals.items()
    )
    return Event(
        id="",
        kind="strike",
        group_id="g1",
        time_s=0.0,
        time_basis="arrival_at:a",
        uncertainty_s=0.01,
        end_s=None,
        confidence=confidence,
        calibration="test",
        label="explosion",
        min_separable_s=None,
        observations=seen,
    )


def pair(lag_s: float, *, pinned: bool = False) -> Placed:
    link = Link(a_id="a", b_id="b", lag_s=lag_s, sigma_s=0.02, pinned=pinned)
    return together({"a": 0.0, "b": lag_s}, (link,))


def heard(source_m: tuple[float, float], time_s: float) -> dict[str, float]:
    """Recording times at a = (0, 0), started at 0, and at b = (200, 0), started at 3 s."""
    return {
        "a": time_s + math.hypot(*source_m) / SPEED_MPS,
        "b": time_s + math.hypot(source_m[0] - 200.0, source_m[1]) / SPEED_MPS - 3.0,
    }


def test_voices_on_one_side_and_a_strike_on_the_other_give_the_true_clock() -> None:
    beside_a, beside_b = heard((-50.0, 0.0), 5.0), heard((260.0, 0.0), 20.0)
    voices_s = beside_a["a"] - beside_a["b"]
    assert voices_s == pytest.approx(3.0 - 200 / SPEED_MPS)
    moved = with_strike_lags(pair(voices_s), [strike(beside_b)], geometry=NOWHERE, settings=Settings())
    assert moved.offsets_s["b"] == pytest.approx(3.0, abs=0.012)  # to what onsets and echoes are off by
    assert moved.links[0].strikes == 1


def test_doubtful_single_and_impossible_strikes_move_nothing() -> None:
    placed, far = pair(3.0), heard((260.0, 0.0), 20.0)
    unsure = [
        strike(far, confidence=0.6),
        strike({"a": far["a"]}),
        strike({"a": far["a"], "b": far["b"] + 20.0}),
        strike({"a": far["a"], "c": 4.0}),
    ]
    assert with_strike_lags(placed, unsure, geometry=NOWHERE, settings=Settings()) == placed


def test_a_pin_stays_as_it_is() -> None:
    placed = pair(3.0, pinned=True)
    moved = with_strike_lags(placed, [strike(heard((260.0, 0.0), 20.0))], geometry=NOWHERE, settings=Settings())
    assert moved == placed


def test_a_strike_after_a_cut_moves_the_piece_that_heard_it() -> None:
    late = heard((260.0, 0.0), 20.0)
    links = tuple(
        Link(a_id="a", b_id=b, lag_s=at, sigma_s=0.02, pinned=False) for b, at in (("b#1", 2.4), ("b#2", 8.4))
    )
    cut = together({"a": 0.0, "b#1": 2.4, "b#2": 8.4}, links, {"b#1": (0.0, 10.0), "b#2": (10.0, 60.0)})
    moved = with_strike_lags(
        cut, [strike({"a": late["a"], "b": late["b"] - 6.0})], geometry=NOWHERE, settings=Settings()
    )
    whole = with_strike_lags(pair(2.4), [strike(late)], geometry=NOWHERE, settings=Settings())
    assert moved.offsets_s["b#2"] - 6.0 == pytest.approx(whole.offsets_s["b"], abs=1e-6)
    assert moved.offsets_s["b#1"] == pytest.approx(2.4, abs=1e-6)
