"""What bears a clock out: each pair once, copies not each other, no agreement that cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agreement_example import agreeing, always, pair_lags
from placed_example import placed
from syncview.settings import SyncSettings
from syncview.sync.support import support_of, supports_of, supports_of_others

SETTINGS = SyncSettings()
TOGETHER = placed({"a": 0.0, "b": 0.0, "c": 0.0})


def test_of_the_lags_of_a_pair_that_fit_a_clock_the_likeliest_counts() -> None:
    sure, other = (agreeing(lag_s, (0.0, 60.0), always, seed=k) for k, lag_s in enumerate((0.0, 0.3)))
    lags = {("a", "b"): (sure, replace(other, probability=0.2))}
    (pair,) = supports_of("b", TOGETHER, pair_lags(lags), settings=SETTINGS)
    assert pair.other == "a"
    assert pair.covered.tolist() == [1.0] * 120
    assert pair.agreement == pytest.approx(np.clip(sure.agreement, -3.0, 3.0))


def test_a_lag_is_laid_along_either_of_the_two() -> None:
    apart = placed({"a": 0.0, "b": 20.0})
    lags = pair_lags({("a", "b"): (agreeing(20.0, (20.0, 60.0), always, seed=3),)})
    (along_b,) = supports_of("b", apart, lags, settings=SETTINGS)
    (along_a,) = supports_of("a", apart, lags, settings=SETTINGS)
    assert along_b.covered.nonzero()[0].tolist() == list(range(80))
    assert along_a.covered.nonzero()[0].tolist() == list(range(40, 120))
    assert along_a.agreement[40:] == pytest.approx(along_b.agreement[:80])


def test_copies_of_one_recording_do_not_bear_each_other_out() -> None:
    lags = {("a", "b"): (agreeing(0.0, (0.0, 60.0), always, seed=4),)}
    known = pair_lags(lags, witness_of={"a": "a", "b": "a"})
    assert supports_of("b", TOGETHER, known, settings=SETTINGS) == ()
    assert support_of((), 4).z(slice(None)) == 0.0
    assert support_of((), 4).rate(slice(None)) == 0.0


def test_an_agreement_that_no_noise_gives_tells_nothing() -> None:
    lag = agreeing(0.0, (0.0, 60.0), always, seed=5)
    wild = replace(lag, agreement=(-40.0, 45.0, *lag.agreement[2:]))
    assert supports_of("b", TOGETHER, pair_lags({("a", "b"): (wild,)}), settings=SETTINGS) == ()


def test_others_are_heard_along_the_time_of_one() -> None:
    lags = {("a", "b"): (agreeing(0.0, (0.0, 60.0), lambda t: t < 30.0, seed=6),)}
    others = supports_of_others("c", TOGETHER, pair_lags(lags), settings=SETTINGS)
    assert others.z(slice(0, 60)) > 6.0
    assert abs(others.z(slice(60, 120))) < 3.0
