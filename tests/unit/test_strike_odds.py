"""What levels add to a strike's log-odds."""

from __future__ import annotations

import pytest

from syncview.model import Detection
from syncview.reconstruct.arrivals import Arrival
from syncview.reconstruct.strike_odds import StrikeOdds, level_evidence, strike_odds, with_levels


def arrival(name: str, rise_db: float | None, *, looked: bool = False) -> Arrival:
    measures = {} if rise_db is None else {"rise_low_db": rise_db - 4.0, "rise_mid_db": rise_db}
    if looked:
        measures["chance_share"] = 0.05
    detection = Detection(
        recording_id=name,
        kind="blast",
        time_s=10.0,
        uncertainty_s=0.005,
        score=0.8,
        label="explosion",
        measures=tuple(measures.items()),
        reasons=(),
        possible_echo_of_s=None,
    )
    return Arrival(detection=detection, time_s=10.0, uncertainty_s=0.005, rate_hz=0.1, witness=name)


def test_levels_that_differ_by_what_distance_explains_say_nothing():
    same = level_evidence([arrival("a", 30.0), arrival("b", 21.0)], 0)
    assert (same.levels_apart, same.loud_missed) == (0.0, 0.0)
    unlike = level_evidence([arrival("a", 45.0), arrival("b", 15.0, looked=True)], 0)
    assert unlike.levels_apart == pytest.approx(2.0)


def test_missing_what_was_loud_counts_and_missing_what_was_faint_does_not():
    assert level_evidence([arrival("a", 12.0)], 2).loud_missed == 0.0
    assert level_evidence([arrival("a", 45.0), arrival("b", 35.0)], 1).loud_missed == pytest.approx(2.5)
    # A faint rise that only a second look has found does not make the sound a faint one.
    assert level_evidence([arrival("a", 35.0), arrival("b", 5.0, looked=True)], 1).loud_missed == pytest.approx(2.0)
    assert level_evidence([arrival("a", None)], 3).loud_missed == 0.0


def test_the_weights_move_a_confidence_as_log_odds():
    odds = StrikeOdds(constant=0.0, log_odds=1.0, levels_apart=-1.0, loud_missed=-2.0, fitted_on="nothing")
    quiet = level_evidence([arrival("a", 20.0)], 0)
    assert with_levels(0.8, quiet, odds) == pytest.approx(0.8)
    loud = level_evidence([arrival("a", 25.0)], 1)
    assert with_levels(0.8, loud, odds) == pytest.approx(1 / (1 + 2.718281828**2 / 4))
    assert 0.0 < with_levels(0.0, loud, odds) < with_levels(1.0, quiet, odds) < 1.0


def test_the_fitted_weights_have_the_signs_of_physics():
    odds = strike_odds()
    assert odds.log_odds > 0.0
    assert odds.levels_apart <= 0.0
    assert odds.loud_missed <= 0.0
    assert "simulated" in odds.fitted_on
