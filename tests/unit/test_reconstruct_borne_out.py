"""How far along a file its clock holds: ends where nothing agrees, though it should, are on no clock."""

from __future__ import annotations

import pytest

from agreement_example import agreeing, always, pair_lags
from placed_example import placed
from syncview.reconstruct.borne_out import borne_out
from syncview.settings import Settings
from syncview.sync.positions import Link

SETTINGS = Settings()


def taken_from(group, lags, **more):
    shorter, taken = borne_out(
        group, pair_lags(lags, **more), settings=SETTINGS.reconstruct, sync=SETTINGS.sync
    )  # fmt: skip
    return shorter, {lost.recording_id: (lost.start_s, lost.end_s) for lost in taken}


def pair_of(holds, *, seed: int, strength: float = 1.6):
    lags = {("a", "x"): (agreeing(0.0, (0.0, 60.0), holds, seed=seed, strength=strength),)}
    return placed({"a": 0.0, "x": 0.0}), lags


@pytest.mark.parametrize("seed", range(5))
def test_a_beginning_in_which_nothing_agrees_is_on_no_clock_in_either_file(seed: int) -> None:
    shorter, taken = taken_from(*pair_of(lambda t: t > 24.0, seed=seed))
    assert set(taken) == {"a", "x"}
    assert taken["x"][0] == 0.0
    assert 24.0 <= taken["x"][1] <= 36.0
    assert shorter.pieces["x"].start_s == taken["x"][1]
    assert shorter.offsets_s == {"a": 0.0, "x": 0.0}


@pytest.mark.parametrize("seed", range(5))
def test_where_only_the_last_seconds_agree_the_rest_is_on_no_clock_all_the_same(seed: int) -> None:
    shorter, taken = taken_from(*pair_of(lambda t: t > 53.0, seed=seed, strength=3.0))
    assert taken["x"] == (0.0, pytest.approx(55.0, abs=2.0))
    assert shorter.pieces["x"].end_s == 60.0


@pytest.mark.parametrize("seed", range(5))
def test_an_end_is_as_a_beginning(seed: int) -> None:
    _, taken = taken_from(*pair_of(lambda t: t < 36.0, seed=seed))
    assert taken["x"][1] == 60.0
    assert 24.0 <= taken["x"][0] <= 36.0


@pytest.mark.parametrize("seed", range(20))
def test_a_clock_that_is_borne_out_all_along_stays(seed: int) -> None:
    group, lags = pair_of(always, seed=seed, strength=0.6)
    assert taken_from(group, lags) == (group, {})


def test_a_third_file_that_agrees_meanwhile_is_enough() -> None:
    group, lags = pair_of(lambda t: t > 24.0, seed=1)
    group = placed({**group.offsets_s, "b": 0.0})
    lags |= {("b", "x"): (agreeing(0.0, (0.0, 60.0), always, seed=9),)}
    assert "x" not in taken_from(group, lags)[1]


def test_a_copy_is_no_such_third_file() -> None:
    group, lags = pair_of(lambda t: t > 24.0, seed=1)
    group = placed({**group.offsets_s, "b": 0.0})
    lags |= {("b", "x"): (agreeing(0.0, (0.0, 60.0), always, seed=9, strength=3.0),)}
    assert "x" in taken_from(group, lags, witness_of={"b": "x", "x": "x"})[1]


def test_a_short_silence_refutes_nothing() -> None:
    group, lags = pair_of(lambda t: t > 5.0, seed=1)
    assert taken_from(group, lags) == (group, {})


def test_beside_a_known_cut_silence_is_enough() -> None:
    group = placed({"a": 0.0, "x#1": 0.0, "x#2": 9.0}, spans_s={"x#1": (0.0, 30.0), "x#2": (30.0, 50.0)})
    lags = {
        ("a", "x#1"): (agreeing(0.0, (0.0, 30.0), lambda t: t < 26.0, seed=2),),
        ("a", "x#2"): (agreeing(9.0, (39.0, 59.0), always, seed=3),),
    }
    shorter, _ = taken_from(group, lags)
    assert 20.0 <= shorter.pieces["x#1"].end_s <= 26.0
    assert shorter.pieces["x#1"].start_s == 0.0
    assert shorter.pieces["x#2"].end_s == 50.0


def test_a_likely_lag_that_contradicts_the_clock_takes_the_part_in_which_it_agrees() -> None:
    """x agrees with a to 15 s; after that with b only, 38 s off its clock."""
    group = placed({"a": 0.0, "b": 0.0, "x": 0.0}, spans_s={"a": (-60.0, 16.0), "b": (-60.0, 90.0)})
    lags = {
        ("a", "x"): (agreeing(0.0, (0.0, 16.0), always, seed=4, strength=1.5),),
        ("a", "b"): (agreeing(0.0, (-60.0, 16.0), always, seed=5),),
        ("b", "x"): (agreeing(30.0, (30.0, 90.0), lambda t: t > 45.0, seed=6, probability=0.6),),
    }
    shorter, taken = taken_from(group, lags)
    assert 5.0 <= shorter.pieces["x"].end_s <= 16.0
    assert taken["b"][1] == 90.0
    assert taken["b"][0] <= 46.0
    _, why = borne_out(group, pair_lags(lags), settings=SETTINGS.reconstruct, sync=SETTINGS.sync)
    assert {(lost.why, lost.others) for lost in why if lost.recording_id == "x"} == {("denied", ("b",))}


def test_what_a_person_pinned_is_left_alone() -> None:
    group, lags = pair_of(lambda t: t > 24.0, seed=1)
    pin = Link(a_id="a", b_id="x", lag_s=0.0, sigma_s=0.1, pinned=True)
    group = placed(group.offsets_s, [pin])
    assert taken_from(group, lags) == (group, {})
