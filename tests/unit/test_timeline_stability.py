"""What leaving out a recording, or another assumption, changes of what is stated."""

import pytest

from located_example import located, place, placed_incident
from syncview.timeline.analysis import analyse
from syncview.timeline.stability import (
    Stated,
    assumption_finding,
    changed,
    findings_of,
    leave_one_out,
    ranges_of,
    stated_of,
    with_leave_one_out,
)


def _analysis(second_m=(60.0, 0.0), strikes=2):
    events = [located("e1", 18.2, (0.0, 0.0), 10.0), located("e2", 24.2, second_m, 10.0)]
    return analyse(placed_incident(events[:strikes], places=(place("school", (0.0, 300.0)),)))


def test_every_stated_number_has_a_name_in_words():
    found = stated_of(_analysis())
    assert list(found) == [
        "strike count",
        "interval e1-e2",
        "distance e1 to school (alternative object)",
        "distance e2 to school (alternative object)",
        "distance e2 to e1 (strike before)",
        "cluster radius",
    ]
    assert found["interval e1-e2"].value == pytest.approx(6.0)
    assert found["distance e2 to e1 (strike before)"].value == pytest.approx(60.0, abs=0.01)
    assert found["cluster radius"].lowest < 30.0 < found["cluster radius"].highest
    assert findings_of(_analysis())["cluster radius"] == pytest.approx(30.0, abs=0.01)


def test_each_finding_has_its_range_over_the_recordings_left_out():
    found = with_leave_one_out(_analysis(), {"rec-2": _analysis((80.0, 0.0)), "rec-10": _analysis(strikes=1)})
    radius = [entry for entry in found.leave_one_out if entry.finding == "cluster radius"]
    assert [(entry.without_id, entry.value) for entry in radius] == [
        ("rec-2", pytest.approx(40.0, abs=0.01)),
        ("rec-10", None),
    ]
    ranges = {entry.finding: entry for entry in found.finding_ranges}
    assert (ranges["strike count"].lowest, ranges["strike count"].highest) == (1.0, 2.0)
    assert ranges["cluster radius"].highest == pytest.approx(40.0, abs=0.01)
    assert ranges["cluster radius"].lost_without == ("rec-10",)
    assert len(found.leave_one_out) == 2 * len(ranges)
    assert ranges_of({}, leave_one_out({}, {"rec-2": {}})) == ()


def test_an_alternative_changes_what_leaves_its_interval():
    stated = {"a": Stated(10.0, 8.0, 12.0), "b": Stated(100.0, 90.0, None), "c": Stated(3.0, 3.0, 3.0)}
    assert changed(stated, {"a": 12.0, "b": 500.0, "c": 3.0}) == ()
    assert changed(stated, {"a": 12.1, "b": 89.0, "d": 1.0}) == ("a", "b", "c", "d")


def test_an_assumption_is_a_finding_only_where_it_changes_something():
    assert assumption_finding("cameras within 500 m", "within 3000 m", ()) is None
    found = assumption_finding("cameras within 500 m", "within 3000 m", ["strike count"], ("rec-1",))
    assert (found.kind, found.value, found.recording_ids) == ("assumption", 1.0, ("rec-1",))
    assert found.message.startswith("strike count would change")
    many = assumption_finding("a", "b", [f"interval {k}" for k in range(9)])
    assert "interval 4 and 4 more would change" in many.message
