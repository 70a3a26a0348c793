"""Log odds of a lag by itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from syncview.settings import SyncSettings
from syncview.sync.candidates import Agreement, LagCandidate
from syncview.sync.odds import lag_log_odds, short_overlap_log_odds

SETTINGS = SyncSettings()


def _candidate(tones: float, pattern: float = 0.0, white: float = 0.0, *, overlap_s: float = 60.0) -> LagCandidate:
    kinds = (Agreement(lag_s=0.0, z=z, rest_z=z, course=np.ones(8)) for z in (tones, pattern, white))
    tone, shape, wave = kinds
    return LagCandidate(
        lag_s=0.0, tones=tone, pattern=shape, white=wave, first_s=0.0, step_s=overlap_s / 8, overlap_s=overlap_s
    )


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_more_agreement_never_speaks_against_a_lag(kind: int) -> None:
    heights = [[0.0, 0.0, 0.0] for _ in range(40)]
    for step, each in enumerate(heights):
        each[kind] = float(step)
    odds = [lag_log_odds(_candidate(*each, overlap_s=6.0), SETTINGS) for each in heights]
    assert all(later >= earlier for earlier, later in itertools.pairwise(odds))
    assert odds[-1] > odds[0] + 3.0


def test_without_agreement_a_lag_is_as_likely_as_one_that_chance_lists() -> None:
    odds = lag_log_odds(_candidate(0.0), SETTINGS)
    assert odds == pytest.approx(SETTINGS.least_log_odds, abs=0.05)


def test_few_seconds_do_not_settle_a_lag_that_a_minute_would() -> None:
    minute, seconds = (lag_log_odds(_candidate(6.5, 2.0, 3.0, overlap_s=s), SETTINGS) for s in (60.0, 3.0))
    assert minute > SETTINGS.merge_log_odds > seconds


def test_bangs_alone_settle_a_lag_where_their_waveforms_agree_as_no_wrong_ones_do() -> None:
    shared, chance = (lag_log_odds(_candidate(0.5, 2.0, white, overlap_s=36.0), SETTINGS) for white in (13.0, 6.0))
    assert chance < 0.0
    assert shared > SETTINGS.merge_log_odds


def test_the_discount_of_short_overlaps_keeps_the_order() -> None:
    values = np.linspace(-10.0, 40.0, 400)
    worth = [short_overlap_log_odds(float(v), 3.0, SETTINGS) for v in values]
    assert np.all(np.diff(worth) >= 0.0)
    assert worth[-1] == pytest.approx(40.0 - SETTINGS.short_overlap_discount)


def test_one_pair_does_not_overrule_several() -> None:
    assert lag_log_odds(_candidate(40.0, 40.0, 14.0), SETTINGS) < 3 * lag_log_odds(_candidate(14.0), SETTINGS)
