"""Pairs that share only bangs: intervals that fit to milliseconds give the lag, one bang or a rhythm gives none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bangs_example import SETTINGS, heard, onsets
from syncview.sync.blast_patterns import BlastLag, blast_lags


def lags(a_s: list[float], b_s: list[float], *, kinds: int = 99) -> tuple[BlastLag, ...]:
    a, b = heard("a", a_s, seed=1, kinds=kinds), heard("b", b_s, seed=2, kinds=kinds)
    return blast_lags(onsets("a", a_s), onsets("b", b_s), a, b, settings=SETTINGS)


def test_three_bangs_at_one_place_give_the_lag() -> None:
    best = lags([12.0, 19.3, 41.0], [5.0, 12.3, 34.0])[0]
    assert best.lag_s == pytest.approx(7.0, abs=0.002)
    assert best.probability > 0.99
    assert best.coincidences == 3
    assert best.uncertainty_s <= 0.005
    assert best.matches == ((12.0, 5.0), (19.3, 12.3), (41.0, 34.0))


def test_the_waveform_corrects_a_late_onset() -> None:
    a, b = heard("a", [12.0, 19.3, 41.0], seed=1), heard("b", [5.0, 12.3, 34.0], seed=2)
    late = onsets("b", [5.003, 12.302, 34.003])
    best = blast_lags(onsets("a", [12.0, 19.3, 41.0]), late, a, b, settings=SETTINGS)[0]
    assert best.lag_s == pytest.approx(7.0, abs=0.0005)


def test_two_bangs_that_fit_and_sound_alike_are_likely() -> None:
    best = lags([12.0, 31.7], [5.0, 24.7])[0]
    assert best.lag_s == pytest.approx(7.0, abs=0.002)
    assert best.probability > 0.9


def test_one_bang_fits_any_other_and_gives_nothing() -> None:
    assert lags([12.0], [5.0]) == ()
    assert all(lag.probability < 0.5 for lag in lags([12.0, 50.0], [5.0]))


def test_intervals_that_differ_give_nothing() -> None:
    assert all(lag.probability < 0.1 for lag in lags([12.0, 19.3, 41.0], [5.0, 14.9, 30.2]))


def test_strikes_on_different_sides_fit_less_surely_but_fit() -> None:
    best = lags([12.0, 19.3, 28.1, 41.0], [5.0, 12.36, 21.13, 34.03])[0]
    assert best.lag_s == pytest.approx(6.97, abs=0.05)
    assert best.lag_spread_s == pytest.approx(0.06, abs=0.01)
    assert best.probability > 0.5


def test_a_rhythm_lists_its_shifts_and_decides_for_none() -> None:
    found = lags([10.0, 14.0, 18.0, 22.0], [5.0, 9.0, 13.0, 17.0], kinds=1)
    assert len(found) >= 3
    assert all(lag.probability < 0.9 for lag in found)
    shifts = [lag.lag_s for lag in found]
    for expected in (1.0, 5.0, 9.0):
        assert any(abs(shift - expected) < 0.01 for shift in shifts)


def test_swapping_negates_the_lag() -> None:
    a_s, b_s = [12.0, 19.3, 41.0], [5.0, 12.3, 34.0]
    a, b = heard("a", a_s, seed=1), heard("b", b_s, seed=2)
    there = blast_lags(onsets("a", a_s), onsets("b", b_s), a, b, settings=SETTINGS)
    back = blast_lags(onsets("b", b_s), onsets("a", a_s), b, a, settings=SETTINGS)
    assert [lag.lag_s for lag in back] == [-lag.lag_s for lag in there]
    assert [lag.probability for lag in back] == [lag.probability for lag in there]
    assert back[0].matches == tuple((at_b, at_a) for at_a, at_b in there[0].matches)


def test_doors_of_one_camera_do_little_harm() -> None:
    a_s, b_s = [12.0, 19.3, 41.0], [5.0, 12.3, 34.0]
    a, b = heard("a", a_s, seed=1), heard("b", b_s, seed=2)
    doors = onsets("a", [3.3, 15.1, 27.7, 33.2, 51.9], local=0.9)
    with_doors = tuple(sorted((*onsets("a", a_s), *(replace(d, score=0.05) for d in doors)), key=lambda d: d.time_s))
    best = blast_lags(with_doors, onsets("b", b_s), a, b, settings=SETTINGS)[0]
    assert best.lag_s == pytest.approx(7.0, abs=0.002)
    assert best.probability > 0.95


def test_echoes_alone_are_no_coincidence() -> None:
    a_s, b_s = [12.0, 13.1], [5.0, 6.1]
    a, b = heard("a", a_s, seed=1), heard("b", b_s, seed=2)
    first_a, first_b = onsets("a", a_s[:1]), onsets("b", b_s[:1])
    echo_a, echo_b = onsets("a", a_s[1:], echo_of_s=12.0), onsets("b", b_s[1:], echo_of_s=5.0)
    assert blast_lags(first_a + echo_a, first_b + echo_b, a, b, settings=SETTINGS) == ()
