"""The joint choice: chains, triangles, weak links that others confirm, repeated sounds, pins and rejections."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from placed_example import piece
from syncview.model import LagHypothesis
from syncview.settings import SyncSettings
from syncview.sync.groups import place
from syncview.sync.likelihood import PairEvidence, PinnedLag, gather

SETTINGS = SyncSettings()
TRAVEL_S = 1.46


def lag(lag_s: float, probability: float = 0.999, supports: int = 4) -> LagHypothesis:
    return LagHypothesis(lag_s=lag_s, lag_spread_s=0.002, probability=probability, supports=supports)


def pair(a: str, b: str, *hypotheses: LagHypothesis, **more) -> PairEvidence:
    return PairEvidence(a_id=a, b_id=b, hypotheses=hypotheses, tolerance_s=TRAVEL_S, range_s=120.0, **more)


def placed(pairs: list[PairEvidence], names: str = "abcd"):
    return place(gather([piece(name) for name in names], pairs), settings=SETTINGS)


def differences(offsets: dict[str, float], to: str) -> dict[str, float]:
    return {name: pytest.approx(at - offsets[to], abs=1e-6) for name, at in offsets.items()}


def test_chain_without_direct_overlap() -> None:
    result = placed([pair("a", "b", lag(40.0)), pair("b", "c", lag(41.0))])
    assert dict(result.groups[0].offsets_s) == differences({"a": 0.0, "b": 40.0, "c": 81.0}, "a")
    assert list(result.refusals) == ["d"]


def test_order_of_recordings_and_of_pairs_does_not_matter() -> None:
    pairs = [pair("a", "b", lag(4.0)), pair("c", "b", lag(-3.0)), pair("a", "c", lag(7.01))]
    answers = {
        str(placed([p.flipped() if flip else p for p in order]).groups)
        for order in itertools.permutations(pairs)
        for flip in (False, True)
    }
    assert len(answers) == 1


def test_weak_lag_is_taken_when_others_confirm_it() -> None:
    strong = [pair("a", "b", lag(5.0)), pair("a", "c", lag(9.0)), pair("b", "c", lag(4.0))]
    weak = [pair("a", "d", lag(20.0, 0.6)), pair("b", "d", lag(15.02, 0.2)), pair("c", "d", lag(10.99, 0.2))]
    assert placed([*strong, *weak]).groups[0].offsets_s["d"] == pytest.approx(20.0, abs=0.03)
    assert "d" in placed([*strong, weak[0]]).refusals


def test_many_unlikely_lags_that_agree_are_not_enough() -> None:
    strong = [pair("a", "b", lag(5.0)), pair("a", "c", lag(9.0)), pair("b", "c", lag(4.0))]
    weak = [pair("a", "d", lag(20.0, 0.2)), pair("b", "d", lag(15.02, 0.2)), pair("c", "d", lag(10.99, 0.2))]
    reasons = placed([*strong, *weak]).refusals["d"]
    assert reasons == ("several weak lags against a and its group agree, but none is likely by itself",)


def test_bangs_do_not_confirm_each_other() -> None:
    strong = [pair("a", "b", lag(5.0)), pair("a", "c", lag(9.0)), pair("b", "c", lag(4.0))]
    bangs = [pair(x, "d", replace(lag(at, 0.6), basis="blast")) for x, at in (("a", 20.0), ("b", 15.02), ("c", 10.99))]
    assert "d" in placed([*strong, *bangs]).refusals


def test_strong_lag_that_contradicts_its_group_is_not_a_link() -> None:
    pairs = [
        pair("a", "b", lag(5.0)),
        pair("a", "c", lag(9.0)),
        pair("b", "c", lag(4.0)),
        pair("a", "d", lag(30.0, 0.97)),
        pair("b", "d", lag(12.0)),
        pair("c", "d", lag(8.0)),
    ]
    group = placed(pairs).groups[0]
    assert group.offsets_s["d"] - group.offsets_s["a"] == pytest.approx(17.0, abs=1e-3)
    assert ("a", "d") not in {(link.a_id, link.b_id) for link in group.links}


def test_repeated_sound_is_refused_and_says_so() -> None:
    result = placed([pair("a", "b", lag(5.0, 0.497), lag(25.0, 0.497))], "ab")
    assert [len(g.offsets_s) for g in result.groups] == [1, 1]
    assert "nearly as likely" in " ".join(result.refusals["a"])


@pytest.mark.parametrize("height", [6.0, 25.0])
def test_many_rivals_together_outweigh_a_lead_however_high_all_stand(height: float) -> None:
    strong = [pair("a", "b", lag(5.0)), pair("a", "c", lag(9.0)), pair("b", "c", lag(4.0))]
    lags_s = [20.0 + 6.0 * k for k in range(11)]

    def repeats(at_s: float, lead: float) -> list[LagHypothesis]:
        odds = [height + (lead if k == 0 else 0.0) for k in range(11)]
        return [replace(lag(x - at_s, 0.09), log_odds=o) for x, o in zip(lags_s, odds, strict=True)]

    def with_lead(lead: float) -> list[PairEvidence]:
        return [*strong, *(pair(x, "d", *repeats(at_s, lead)) for x, at_s in (("a", 0.0), ("b", 5.0), ("c", 9.0)))]

    assert "nearly as likely" in " ".join(placed(with_lead(1.05)).refusals["d"])
    assert "d" not in placed(with_lead(3.0)).refusals


def test_the_reason_states_the_probability_of_the_lag_and_not_what_silence_leaves() -> None:
    """Ends that hardly overlap owe no agreement; that makes no lag there likely."""
    weak = LagHypothesis(lag_s=59.5, lag_spread_s=0.002, probability=0.03, supports=4, log_odds=-3.5)
    assert placed([pair("a", "b", weak)], "ab").refusals["a"] == (
        "the best lag (against b) is too weak: probability 0.03",
    )


def test_one_coincidence_is_not_enough() -> None:
    result = placed([pair("a", "b", lag(5.0, 0.999, supports=1))], "ab")
    assert "single bang" in " ".join(result.refusals["b"])


def test_two_incidents_stay_two_groups() -> None:
    result = placed([pair("a", "b", lag(5.0)), pair("c", "d", lag(2.0))])
    assert [sorted(g.offsets_s) for g in result.groups] == [["a", "b"], ["c", "d"]]
    assert not result.refusals


def test_pin_decides_and_outranks_sound() -> None:
    pinned = pair("a", "b", lag(5.0), pin=PinnedLag(lag_s=-12.34, uncertainty_s=0.04, middle_s=(10.0, 22.34)))
    group = placed([pinned], "ab").groups[0]
    assert group.offsets_s["b"] - group.offsets_s["a"] == pytest.approx(-12.34, abs=1e-6)
    assert group.links[0].pinned


def test_rejected_pair_ties_nothing() -> None:
    result = placed([pair("a", "b", lag(5.0), rejected=True)], "ab")
    assert len(result.groups) == 2


def test_far_camera_does_not_bend_the_near_ones() -> None:
    """A blast on another side gives a far camera lags that do not close: the near ones move by millimetres of sound."""
    pairs = [
        pair("a", "b", lag(5.0)),
        pair("a", "c", lag(9.0)),
        pair("b", "c", lag(4.0)),
        pair("a", "d", lag(20.6)),
        pair("b", "d", lag(15.2)),
        pair("c", "d", lag(11.1)),
    ]
    offsets = placed(pairs).groups[0].offsets_s
    assert offsets["b"] - offsets["a"] == pytest.approx(5.0, abs=0.05)
    assert offsets["c"] - offsets["a"] == pytest.approx(9.0, abs=0.05)


def test_a_weak_start_without_a_rival_grows_into_a_sure_group() -> None:
    weak = [pair("a", "b", lag(5.0, 0.6)), pair("a", "c", lag(9.0, 0.6)), pair("b", "c", lag(4.0, 0.6))]
    assert sorted(placed(weak, "abc").groups[0].offsets_s) == ["a", "b", "c"]
    assert sorted(placed(weak[:1], "ab").refusals) == ["a", "b"]
