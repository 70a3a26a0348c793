"""Sounds that stand elsewhere than the clocks of their recordings allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from placed_example import piece
from syncview.model import LagHypothesis
from syncview.pipeline.outcomes import misplaced_sounds
from syncview.settings import Settings
from syncview.sync.groups import place
from syncview.sync.likelihood import PairEvidence, PinnedLag, gather

SETTINGS = Settings()
CLOSED = {("a", "b"): 5.0, ("a", "c"): 9.0, ("b", "c"): 4.0, ("b", "d"): 12.0, ("c", "d"): 8.0}


def pair(a: str, b: str, lag_s: float, probability: float = 0.999, **more) -> PairEvidence:
    lag = LagHypothesis(lag_s=lag_s, lag_spread_s=0.002, probability=probability, supports=4)
    return PairEvidence(a_id=a, b_id=b, hypotheses=(lag,), tolerance_s=1.46, range_s=120.0, **more)


def named(odd: PairEvidence) -> list[tuple[tuple[str, ...], float | None]]:
    pairs = [*(pair(a, b, lag_s) for (a, b), lag_s in CLOSED.items()), odd]
    evidence = gather([piece(name) for name in "abcd"], pairs)
    placement = place(evidence, settings=SETTINGS.sync)
    assert len(placement.groups[0].offsets_s) == 4
    return [(f.recording_ids, f.value) for f in misplaced_sounds(placement, evidence, SETTINGS)]


def test_a_sure_lag_that_the_clocks_of_the_others_deny_is_named() -> None:
    assert named(pair("a", "d", 30.0, 0.97)) == [(("a", "d"), 30.0)]
    assert named(pair("d", "a", -30.0, 0.97)) == [(("a", "d"), 30.0)]


@pytest.mark.parametrize(("lag_s", "probability"), [(17.0, 0.99), (19.5, 0.99), (30.0, 0.8)])
def test_what_travel_allows_and_what_is_doubtful_is_not_named(lag_s: float, probability: float) -> None:
    assert named(pair("a", "d", lag_s, probability)) == []


def test_what_is_known_as_carried_or_pinned_or_a_coincidence_is_not_named_again() -> None:
    odd = pair("a", "d", 30.0, 0.97)
    (lag,) = odd.hypotheses
    assert named(replace(odd, hypotheses=(replace(lag, sound="carried"),))) == []
    assert named(replace(odd, hypotheses=(replace(lag, supports=1),))) == []
    assert named(replace(odd, pin=PinnedLag(lag_s=17.0, uncertainty_s=0.1, middle_s=(30.0, 13.0)))) == []
    assert named(replace(odd, rejected=True)) == []


def test_recordings_in_different_groups_have_no_clocks_to_deny_a_lag() -> None:
    pairs = [pair("a", "b", 5.0), pair("a", "c", 9.0, 0.5)]
    evidence = gather([piece(name) for name in "abc"], pairs)
    assert misplaced_sounds(place(evidence, settings=SETTINGS.sync), evidence, SETTINGS) == ()
