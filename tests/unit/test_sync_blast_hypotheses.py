"""Lags that only bangs carry: they speak where nothing else settles a pair, and compete with what else is heard."""

from __future__ import annotations

import pytest

from bangs_example import SETTINGS, heard, onsets
from syncview.model import LagHypothesis
from syncview.sync.blast_hypotheses import with_blasts

A_S = [5.0, 11.3, 24.9, 41.2]
LAG_S = 3.5


@pytest.fixture(scope="module")
def sounds():
    return heard("a", A_S, seed=1), heard("b", [at - LAG_S for at in A_S], seed=2)


def heard_lag(lag_s: float, probability: float, **changes: object) -> LagHypothesis:
    return LagHypothesis(lag_s=lag_s, lag_spread_s=0.0, probability=probability, supports=3, **changes)


def joined(sounds, *found: LagHypothesis, b_s=None) -> tuple[LagHypothesis, ...]:
    b_s = [at - LAG_S for at in A_S] if b_s is None else b_s
    return with_blasts(found, onsets("a", A_S), onsets("b", b_s), *sounds, settings=SETTINGS)


def test_intervals_of_bangs_give_the_lag_where_nothing_else_is_heard(sounds) -> None:
    found = joined(sounds)
    assert found[0].basis == "blast"
    assert found[0].lag_s == pytest.approx(LAG_S, abs=0.01)
    assert found[0].probability > 0.9
    assert found[0].supports >= 3
    assert sum(h.probability for h in found) <= 1.0


def test_a_settled_pair_is_left_as_it_is(sounds) -> None:
    settled = heard_lag(9.0, 0.95)
    assert joined(sounds, settled) == (settled,)


def test_without_bangs_in_common_nothing_is_added(sounds) -> None:
    weak = heard_lag(9.0, 0.3)
    assert joined(sounds, weak, b_s=[]) == (weak,)


def test_a_rival_lag_loses_what_the_bangs_gain(sounds) -> None:
    weak = heard_lag(-20.0, 0.3)
    found = {h.basis: h for h in joined(sounds, weak)}
    assert found["sound"].probability < 0.3
    assert found["blast"].probability > 0.7
    assert found["sound"].probability + found["blast"].probability <= 1.0 + 1e-9


@pytest.mark.parametrize(("probability", "speaks"), [(0.2, "blast"), (0.899, "sound")])
def test_where_both_name_one_lag_the_likelier_speaks(sounds, probability: float, speaks: str) -> None:
    own = joined(sounds)[0].probability
    near = [h for h in joined(sounds, heard_lag(LAG_S + 0.05, probability)) if abs(h.lag_s - LAG_S) < 0.2]
    assert len(near) == 1
    assert near[0].basis == ("blast" if own >= probability else speaks)


def test_carried_sound_keeps_its_probability(sounds) -> None:
    carried = heard_lag(30.0, 0.8, sound="carried")
    found = joined(sounds, carried)
    assert carried in found
    assert next(h for h in found if h.basis == "blast").probability > 0.9


def test_swapping_negates(sounds) -> None:
    b_s = [at - LAG_S for at in A_S]
    back = with_blasts((), onsets("b", b_s), onsets("a", A_S), *sounds[::-1], settings=SETTINGS)
    assert [h.lag_s for h in back] == pytest.approx([-h.lag_s for h in joined(sounds)], abs=1e-6)
