"""Strikes that no file shows: their entries, and the times between them and strikes of tied groups."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from incident_example import clock, heard, incident, strike
from syncview.case import parse_case
from syncview.model import External, Group, GroupTie
from syncview.pipeline.externals import settled_externals
from syncview.reconstruct.utc import UtcZero
from syncview.store.ids import Ids
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps, parse_document

NINE = datetime(2018, 5, 1, 9, 0, tzinfo=UTC)
WAY_S = 500.0 / 343.0


def zero(seconds: float, uncertainty_s: float) -> UtcZero:
    return UtcZero(utc=NINE + timedelta(seconds=seconds), uncertainty_s=uncertainty_s, basis="overlay", conflict_s=0.0)


def external(name: str = "e9", **changes: object) -> External:
    known = {
        "id": name, "of": "strike", "label": "strike (spotter log)", "utc": None, "uncertainty_s": None,
        "not_before": None, "not_after": None, "basis": "spotter log",
    }  # fmt: skip
    return External(**known | changes)


def three_groups(*, utc, ties=(), externals=(), basis="explosion"):
    """A strike 10 s after the zero of each of three groups; each is heard by one file."""
    groups = tuple(
        Group(id=f"g{k}", reference_id=f"rec-{k}", clocks=(clock(f"rec-{k}", 0.0, 60.0),)) for k in (1, 2, 3)
    )
    events = tuple(
        strike(
            f"e{k}", f"g{k}", 10.0, [heard(f"rec-{k}", 10.0)], uncertainty_s=0.3,
            time_basis="explosion" if basis == "explosion" else f"arrival_at:rec-{k}",
        )
        for k in (1, 2, 3)
    )  # fmt: skip
    return incident(
        groups=groups, events=events, candidates=(), unplaced=(), duplicates=(), findings=(), utc=utc, ties=ties,
        externals=externals,
    )  # fmt: skip


def intervals(parts):
    """What is said between each two strikes, by their ids."""
    strikes = build_timeline(parts).analysis.strikes
    return {(each.from_id, each.to_id): each for entry in strikes for each in entry.intervals}


def test_an_external_strike_has_an_entry_without_a_group_that_survives_writing():
    parts = three_groups(
        utc={}, externals=(external(utc=NINE, uncertainty_s=60.0), external("e10", not_after=NINE, label="first"))
    )
    document = parse_document(dumps(build_timeline(parts)), name="x")
    known, bounded = document.events[0], document.events[1]
    assert (known.kind, known.external_kind, known.group_id, known.time_s, known.uncertainty_s) == (
        "external", "strike", None, None, None,
    )  # fmt: skip
    assert (known.utc, known.utc_uncertainty_s, known.time_basis) == ("2018-05-01T09:00:00.000000Z", 60.0, "utc")
    assert known.local == "2018-05-01T12:00:00.000000+03:00"
    assert (bounded.utc, bounded.not_after, bounded.label) == (None, "2018-05-01T09:00:00.000000Z", "first")
    assert [entry.id for entry in document.analysis.strikes] == ["e9", "e10", "e1", "e2", "e3"]
    assert document.analysis.strike_count.at_least == 1  # groups without UTC may hold the same one; externals count not


def test_three_groups_tied_by_one_device_and_two_anchors():
    """Strike 1 is unfilmed; g1 and g3 are anchored; g2 rests on a device with files in all three."""
    truth_s = {"g1": 0.0, "g2": 700.0, "g3": 1900.0}
    utc = {"g1": zero(0.4, 1.0), "g2": zero(701.0, 3.0), "g3": zero(1899.5, 1.0)}
    ties = (
        GroupTie(a_group="g1", b_group="g2", difference_s=700.8, uncertainty_s=2.0, device="p"),
        GroupTie(a_group="g1", b_group="g3", difference_s=1901.0, uncertainty_s=2.0, device="p"),
        GroupTie(a_group="g2", b_group="g3", difference_s=1199.2, uncertainty_s=2.0, device="p"),
    )
    first = external(not_before=NINE - timedelta(minutes=20), not_after=NINE - timedelta(minutes=10))
    parts = three_groups(utc=utc, ties=ties, externals=(first,))
    assert [entry.id for entry in build_timeline(parts).analysis.strikes] == ["e9", "e1", "e2", "e3"]
    found = intervals(parts)
    for (before, after), said in found.items():
        if before == "e9":
            continue
        true_s = truth_s[f"g{after[1]}"] - truth_s[f"g{before[1]}"]
        assert abs(said.interval_s - true_s) <= said.uncertainty_s
    assert (found["e1", "e2"].basis, found["e2", "e3"].basis) == ("device_clock", "device_clock")
    assert found["e1", "e2"].uncertainty_s == pytest.approx((2.0**2 + 2 * 0.3**2) ** 0.5)
    unfilmed = found["e9", "e1"]
    assert unfilmed.interval_s == pytest.approx(900.0 + 10.4)  # from the middle of the window
    assert unfilmed.uncertainty_s == pytest.approx(300.0 + (1.0 + 0.09) ** 0.5)
    assert (unfilmed.basis, unfilmed.reason, unfilmed.at_least_s) == ("utc", None, None)
    assert found["e9", "e2"].interval_s == pytest.approx(900.0 + 711.0)


def test_anchors_are_taken_where_they_are_surer_than_the_device():
    utc = {"g1": zero(0.0, 0.5), "g2": zero(700.0, 0.5), "g3": zero(900.0, 0.5)}
    ties = (GroupTie(a_group="g1", b_group="g2", difference_s=703.0, uncertainty_s=4.0, device="p"),)
    assert intervals(three_groups(utc=utc, ties=ties))["e1", "e2"].basis == "utc"


def test_a_device_ties_groups_whose_utc_nobody_knows():
    ties = (
        GroupTie(a_group="g2", b_group="g3", difference_s=-50.0, uncertainty_s=2.0, device="p"),
        GroupTie(a_group="g1", b_group="g3", difference_s=100.0, uncertainty_s=2.0, device="q"),
    )
    parts = three_groups(utc={}, ties=ties)
    found = intervals(parts)
    assert [entry.id for entry in build_timeline(parts).analysis.strikes] == ["e1", "e3", "e2"]
    assert (found["e1", "e3"].interval_s, found["e3", "e2"].interval_s) == (100.0, 50.0)
    assert found["e1", "e2"].interval_s is None
    assert "the UTC of g1 and of g2 is not known" in found["e1", "e2"].reason


def test_one_sided_bounds_give_one_sided_intervals():
    utc = {f"g{k}": zero(1000.0 * k, 2.0) for k in (1, 2, 3)}
    before = intervals(three_groups(utc=utc, externals=(external(not_after=NINE),)))["e9", "e1"]
    assert (before.interval_s, before.uncertainty_s, before.at_most_s) == (None, None, None)
    assert before.at_least_s == pytest.approx(1010.0 - (4.0 + 0.09) ** 0.5)
    assert (before.basis, before.reason) == ("utc", "only a bound is stated")
    later = intervals(three_groups(utc=utc, externals=(external(not_before=NINE),)))["e9", "e1"]
    assert later.at_most_s == pytest.approx(1010.0 + (4.0 + 0.09) ** 0.5)
    assert later.at_least_s is None
    heard_only = intervals(three_groups(utc=utc, externals=(external(not_after=NINE),), basis="arrival"))["e9", "e1"]
    assert heard_only.at_least_s == pytest.approx(1010.0 - (4.0 + 0.09) ** 0.5 - WAY_S)
    assert heard_only.assumptions == ("its sound came from within 500 m",)
    two = intervals(three_groups(utc=utc, externals=(external(not_after=NINE), external("e8", not_after=NINE))))
    assert two["e8", "e9"].reason == "what is stated of the two bounds the time between them from neither side"


def test_without_utc_the_reason_is_given():
    found = intervals(three_groups(utc={}, externals=(external(utc=NINE, uncertainty_s=60.0),)))["e9", "e1"]
    assert (found.interval_s, found.basis) == (None, None)
    assert found.reason == "no file shows the one, and the UTC of g1 is not known"


def test_two_times_of_day_combine_both_half_widths():
    utc = {f"g{k}": zero(1000.0 * k, 2.0) for k in (1, 2, 3)}
    found = intervals(three_groups(utc=utc, externals=(external(utc=NINE, uncertainty_s=60.0),)))["e9", "e1"]
    assert found.interval_s == pytest.approx(1010.0)
    assert found.uncertainty_s == pytest.approx((60.0**2 + 2.0**2 + 0.3**2) ** 0.5)


def test_externals_keep_their_ids_while_they_say_the_same():
    text = '[[external]]\nkind = "strike"\nutc = 2018-05-01T09:02:00Z\nuncertainty_s = 60.0\nbasis = "spotter log"\n'
    more = '[[external]]\nkind = "note"\nlabel = "call"\nnot_after = 2018-05-01T08:00:00Z\n'
    (first,), ids = settled_externals(parse_case(text).externals, Ids())
    assert (first.id, first.label) == ("e1", "strike (spotter log)")
    (call, again), ids = settled_externals(parse_case(more + text).externals, ids)
    assert (again.id, call.id, call.label, call.of) == ("e1", "e2", "call", "note")
    assert settled_externals((), ids) == ((), ids)
    assert json.loads(ids.model_dump_json())["events"][0]["label"] == "strike: strike (spotter log)"
