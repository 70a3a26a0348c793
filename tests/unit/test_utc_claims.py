"""What traces of time in files say together, which of them are wrong and by which trap, at array level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncview.reconstruct.device_clock import ties_of
from syncview.reconstruct.utc import UtcAnchor, UtcBound, epoch_s, from_epoch
from syncview.reconstruct.utc_claims import Claim
from syncview.reconstruct.utc_consensus import Bound, consensus
from syncview.reconstruct.utc_groups import GroupStatements, times_of_day
from syncview.reconstruct.utc_traps import judge
from syncview.settings import UtcSettings

SETTINGS = UtcSettings()
ZERO_S = 1_525_165_200.0
HOUR_S = 3600.0


def claim(name: str, off_s: float = 0.0, **changes: object) -> Claim:
    """A file from group time 20 s on, by a camera of its own, whose claim is `off_s` late; "a" is a minute long."""
    known: dict[str, object] = {
        "recording_id": name,
        "witness": name,
        "source": "creation_time",
        "claimed_s": ZERO_S + 20.0 + off_s,
        "zone_s": 3 * HOUR_S,
        "local": False,
        "of": "unknown",
        "saved": False,
        "original": True,
        "start_s": 20.0,
        "end_s": 80.0 + 23.0 * (ord(name[0]) - ord("a")),
        "uncertainty_s": 0.0,
    }
    return Claim(**known | changes)


def test_clocks_that_agree_give_utc_to_two_seconds_at_best():
    found = consensus([claim(name) for name in "abcd"], (), SETTINGS)
    assert found.zero_s == pytest.approx(ZERO_S, abs=1.0)
    assert 2.0 <= found.uncertainty_s <= 4.0
    assert found.witnesses == ("a", "b", "c", "d")


def test_one_clock_alone_may_show_local_time_and_is_not_believed():
    found = consensus([claim("a")], (), SETTINGS)
    assert (found.zero_s, found.uncertainty_s) == (None, None)
    middles = [0.5 * (low + high) for low, high in found.regions_s]
    assert min(abs(middle - (ZERO_S - 3 * HOUR_S)) for middle in middles) < 60.0


def test_one_device_that_says_it_twice_is_believed_to_within_what_a_clock_is_off():
    name = claim("a", source="file_name", local=True, of="start")
    found = consensus([claim("a"), name], (), SETTINGS)
    assert found.zero_s == pytest.approx(ZERO_S, abs=3.0)
    assert 60.0 <= found.uncertainty_s <= 150.0


def test_ten_files_of_one_device_are_one_witness():
    same = [claim(f"f{k}", witness="phone", start_s=20.0 + k, claimed_s=ZERO_S + 20.0 + k) for k in range(10)]
    assert consensus(same, (), SETTINGS).zero_s is None


def test_two_devices_three_hours_apart_where_the_zone_is_three_hours_are_resolved():
    found = consensus([claim("a"), claim("b", 3 * HOUR_S)], (), SETTINGS)
    assert found.zero_s == pytest.approx(ZERO_S, abs=5.0)
    apart = consensus([claim("a"), claim("b", HOUR_S)], (), SETTINGS)
    assert apart.zero_s is None
    assert len(apart.regions_s) > 1


def test_clocks_a_minute_apart_widen_it():
    found = consensus(
        [claim("a"), claim("b", 70.0), claim("a2", witness="a", source="file_name", local=True)], (), SETTINGS
    )
    assert found.uncertainty_s > 30.0
    assert abs(found.zero_s - ZERO_S) <= found.uncertainty_s


def test_a_bound_decides_between_readings():
    found = consensus([claim("a"), claim("b", HOUR_S)], [Bound(zero_s=ZERO_S + 60.0, is_upper=True)], SETTINGS)
    assert found.zero_s is None or abs(found.zero_s - ZERO_S) < 60.0
    three = [claim("a"), claim("b", 3 * HOUR_S), claim("c", 3 * HOUR_S)]
    assert consensus(three, (), SETTINGS).zero_s is None
    early = consensus(three, [Bound(zero_s=ZERO_S + 600.0, is_upper=True)], SETTINGS)
    assert early.zero_s == pytest.approx(ZERO_S, abs=5.0)


def test_copies_bound_only_and_nothing_gives_nothing():
    copies = [claim(name, 7000.0 + 100.0 * k, saved=True, original=False) for k, name in enumerate("abc")]
    assert consensus(copies, (), SETTINGS).regions_s == ()
    assert consensus((), (), SETTINGS).zero_s is None
    unknown = consensus([claim("a", original=False)], (), SETTINGS)
    assert unknown.zero_s is None
    assert unknown.open_ended


@pytest.mark.parametrize(
    ("off_s", "changes", "trap", "shift_s", "ends"),
    [
        (0.0, {}, "none", 0.0, False),
        (60.0, {}, "end", 0.0, True),
        (61.5, {}, "end", 0.0, True),
        (60.0, {"of": "end"}, "end", 0.0, True),
        (3 * HOUR_S, {}, "local", 3 * HOUR_S, False),
        (3 * HOUR_S + 60.0, {}, "local", 3 * HOUR_S, True),
        (-3 * HOUR_S, {"local": True}, "local", -3 * HOUR_S, False),
        (HOUR_S, {}, "hour", HOUR_S, False),
        (-HOUR_S, {}, "hour", -HOUR_S, False),
        (5.5 * HOUR_S, {}, "zone", 5.5 * HOUR_S, False),
        (3 * HOUR_S, {"zone_s": None}, "zone", 3 * HOUR_S, False),
        (3 * HOUR_S, {"zone_s": None, "local": True}, "none", 3 * HOUR_S, False),
        (754.0, {}, "clock", 0.0, False),
        (-40.0, {}, "clock", 0.0, False),
        (754.0, {"original": False}, "saved", 0.0, False),
        (754.0, {"saved": True}, "saved", 0.0, False),
        (3.6, {}, "unclear", 0.0, False),
    ],
)
def test_each_trap_is_named_with_its_value(off_s, changes, trap, shift_s, ends):
    (found,) = judge([claim("a", off_s, **changes)], ZERO_S, 0.5, SETTINGS)
    assert (found.trap, found.shift_s, found.ends) == (trap, shift_s, ends)
    assert found.off_s == pytest.approx(off_s + 0.5)


def test_an_end_that_the_source_means_is_no_fault_of_a_short_file():
    (short,) = judge([claim("a", 4.0, end_s=24.0)], ZERO_S, 1.0, SETTINGS)
    assert short.trap in ("none", "unclear")
    (vague,) = judge([claim("a", 754.0)], ZERO_S, 400.0, SETTINGS)
    assert vague.trap == "unclear"


def test_two_files_of_one_device_tell_the_time_between_their_groups():
    ours = claim("a", 5000.0, witness="phone")
    theirs = replace(ours, recording_id="b", start_s=0.0, end_s=30.0, claimed_s=ours.claimed_s + 600.0)
    claims, devices = {"g1": [ours], "g2": [theirs]}, {"a": "phone", "b": "phone"}
    (tie,) = ties_of(claims, devices, {("phone", "creation_time"): False}, SETTINGS)
    assert tie.difference_s == pytest.approx(600.0 - (0.0 - 20.0))
    assert tie.uncertainty_s == pytest.approx(2.0)
    (ends,) = ties_of(claims, devices, {("phone", "creation_time"): True}, SETTINGS)
    assert ends.difference_s == pytest.approx(600.0 - (30.0 - 80.0))
    (either,) = ties_of(claims, devices, {}, SETTINGS)
    assert either.difference_s - either.uncertainty_s < 620.0 < 650.0 < either.difference_s + either.uncertainty_s
    assert ties_of(claims, {}, {}, SETTINGS) == ()
    copies = {"g1": [ours], "g2": [replace(theirs, saved=True)]}
    assert ties_of(copies, devices, {}, SETTINGS) == ()


def anchor(utc_s: float, uncertainty_s: float = 1.0) -> UtcAnchor:
    return UtcAnchor(group_s=0.0, utc=from_epoch(utc_s), uncertainty_s=uncertainty_s, basis="overlay", source="a")


def test_a_person_outranks_the_files_and_a_device_carries_on_what_he_says():
    wrong = [claim(name, 3 * HOUR_S, witness="phone") for name in "a"]
    other = GroupStatements(
        group_id="g2",
        claims=(claim("b", 3 * HOUR_S, witness="phone", claimed_s=ZERO_S + 3 * HOUR_S + 1020.0),),
    )
    first = GroupStatements(group_id="g1", anchors=(anchor(ZERO_S),), claims=tuple(wrong))
    found = times_of_day([first, other], {"a": "phone", "b": "phone"}, SETTINGS)
    assert epoch_s(found.zeros["g1"].utc) == pytest.approx(ZERO_S)
    assert found.zeros["g1"].uncertainty_s == pytest.approx(1.0)
    assert epoch_s(found.zeros["g2"].utc) == pytest.approx(ZERO_S + 1000.0)
    assert found.zeros["g2"].basis == "device_clock"
    assert 2.0 <= found.zeros["g2"].uncertainty_s <= 4.0
    assert [v.trap for v in found.verdicts["g1"]] == ["local"]


def test_several_devices_together_may_doubt_a_person():
    claims = tuple(claim(name) for name in "abc")
    group = GroupStatements(group_id="g1", anchors=(anchor(ZERO_S + 3 * HOUR_S),), claims=claims)
    found = times_of_day([group], {}, SETTINGS)
    (doubt,) = found.disagreements
    assert doubt.off_s == pytest.approx(3 * HOUR_S, abs=2.0)
    assert doubt.witnesses == ("a", "b", "c")
    assert found.verdicts == {}
    assert epoch_s(found.zeros["g1"].utc) == pytest.approx(ZERO_S + 3 * HOUR_S)


def bound(zero_s: float, *, is_upper: bool) -> UtcBound:
    return UtcBound(group_s=10.0, utc=from_epoch(zero_s + 10.0), is_upper=is_upper, uncertainty_s=0.0, basis="post")


def test_bounds_cut_what_is_stated_and_alone_give_a_window():
    def zero_of(*bounds: UtcBound, anchors: tuple[UtcAnchor, ...] = ()):
        group = GroupStatements(group_id="g1", anchors=anchors, bounds=bounds)
        return times_of_day([group], {}, SETTINGS).zeros.get("g1")

    assert zero_of(bound(ZERO_S, is_upper=True)) is None
    both = zero_of(bound(ZERO_S, is_upper=False), bound(ZERO_S + 100.0, is_upper=True))
    assert (epoch_s(both.utc), both.uncertainty_s, both.basis) == (ZERO_S + 50.0, 50.0, "post")
    cut = zero_of(bound(ZERO_S, is_upper=True), anchors=(anchor(ZERO_S, 10.0),))
    assert (epoch_s(cut.utc), cut.uncertainty_s, cut.basis) == (ZERO_S - 5.0, 5.0, "overlay, post")
    denied = zero_of(bound(ZERO_S - 30.0, is_upper=True), anchors=(anchor(ZERO_S, 10.0),))
    assert (epoch_s(denied.utc), denied.conflict_s) == (ZERO_S, 20.0)
    within = zero_of(bound(ZERO_S + 30.0, is_upper=True), anchors=(anchor(ZERO_S, 10.0),))
    assert (within.uncertainty_s, within.basis, within.conflict_s) == (10.0, "overlay", 0.0)
    crossed = (bound(ZERO_S + 2.0, is_upper=False), bound(ZERO_S - 2.0, is_upper=True))
    torn = zero_of(*crossed, anchors=(anchor(ZERO_S, 10.0),))
    assert (torn.uncertainty_s, torn.conflict_s) == (10.0, 4.0)


def test_a_device_carries_no_utc_beyond_a_persons_bound():
    ours, theirs = claim("a", witness="p"), claim("b", witness="p", claimed_s=ZERO_S + 1020.0)
    limit = bound(ZERO_S + 500.0, is_upper=True)
    groups = [
        GroupStatements(group_id="g1", anchors=(anchor(ZERO_S),), claims=(ours,)),
        GroupStatements(group_id="g2", bounds=(limit,), claims=(theirs,)),
    ]
    assert times_of_day(groups, {"a": "p", "b": "p"}, SETTINGS).zeros.keys() == {"g1"}


def test_two_stated_groups_that_their_device_denies_are_named():
    ours, theirs = claim("a", witness="p"), claim("b", witness="p", claimed_s=ZERO_S + 1020.0)
    groups = [
        GroupStatements(group_id="g1", anchors=(anchor(ZERO_S),), claims=(ours,)),
        GroupStatements(group_id="g2", anchors=(anchor(ZERO_S + 1060.0),), claims=(theirs,)),
    ]
    found = times_of_day(groups, {"a": "p", "b": "p"}, SETTINGS)
    ((tie, off_s),) = found.broken_ties
    assert (tie.device, off_s) == ("p", pytest.approx(60.0))


def test_groups_that_two_devices_tie_over_a_third_have_the_sum_of_both():
    groups = [
        GroupStatements(group_id="g1", claims=(claim("a", witness="p"),)),
        GroupStatements(group_id="g2", claims=(claim("b", 700.0, witness="p"), claim("c", witness="q", of="start"))),
        GroupStatements(group_id="g3", claims=(claim("d", 900.0, witness="q", of="start"),)),
    ]
    ties = times_of_day(groups, {"a": "p", "b": "p", "c": "q", "d": "q"}, SETTINGS).ties
    found = {(tie.a_group, tie.b_group): tie for tie in ties}
    over = found["g1", "g3"]
    assert over.difference_s == pytest.approx(found["g1", "g2"].difference_s + 900.0)
    assert over.uncertainty_s == pytest.approx(found["g1", "g2"].uncertainty_s + found["g2", "g3"].uncertainty_s)
    assert over.device == "p, q"
