"""Drifts of a group from the slopes of its lags: triangles, what is not significant, a slope that lies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placed_example import placed
from syncview.settings import SyncSettings
from syncview.sync.drift import with_drifts
from syncview.sync.positions import Link

SETTINGS = SyncSettings()
OFFSETS_S = {"a": 0.0, "b": 5.0, "c": 9.0}


def link(a: str, b: str, drifts_ppm, *, sigma_ppm: float = 2.0, middle_s: float = 100.0, off_ppm: float = 0.0) -> Link:
    """The lag that two drifting clocks have at a moment of group time, and its slope."""
    at_s = {name: (middle_s - OFFSETS_S[name]) / (1 + drifts_ppm[name] * 1e-6) for name in (a, b)}
    return Link(
        a_id=a,
        b_id=b,
        lag_s=at_s[a] - at_s[b],
        sigma_s=0.001,
        pinned=False,
        middle_s=(at_s[a], at_s[b]),
        drift_ppm=drifts_ppm[b] - drifts_ppm[a] + off_ppm,
        drift_sigma_ppm=sigma_ppm,
    )


def triangle(drifts_ppm, **changes: float):
    links = [link(a, b, drifts_ppm, **changes) for a, b in itertools.combinations("abc", 2)]
    return placed(OFFSETS_S, links)


@given(st.floats(-300, 300), st.floats(-300, 300))
@settings(max_examples=40, deadline=None)
def test_a_triangle_gives_every_drift_against_the_reference(b_ppm: float, c_ppm: float) -> None:
    found = with_drifts(triangle({"a": 0.0, "b": b_ppm, "c": c_ppm}), reference_id="a", settings=SETTINGS)
    assert set(found.drifts) == {"b", "c"}
    for name, ppm in (("b", b_ppm), ("c", c_ppm)):
        drift = found.drifts[name]
        assert abs(drift.ppm - ppm) <= drift.uncertainty_ppm + 0.5
        if abs(ppm) > 10:
            assert drift.ppm == pytest.approx(ppm, abs=1.0)


def test_offsets_hold_at_recording_time_zero() -> None:
    drifts = {"a": 0.0, "b": 120.0, "c": -80.0}
    found = with_drifts(triangle(drifts, middle_s=200.0), reference_id="a", settings=SETTINGS)
    for name, offset_s in OFFSETS_S.items():
        assert found.offsets_s[name] - found.offsets_s["a"] == pytest.approx(offset_s, abs=0.0005)
    assert {(li.a_id, li.b_id): round(li.lag_s, 3) for li in found.links} == {
        ("a", "b"): 5.0,
        ("a", "c"): 9.0,
        ("b", "c"): 4.0,
    }


def test_another_reference_turns_the_drifts_round() -> None:
    drifts = {"a": 0.0, "b": 100.0, "c": -50.0}
    found = with_drifts(triangle(drifts), reference_id="b", settings=SETTINGS).drifts
    assert found["a"].ppm == pytest.approx(-100.0, abs=1.0)
    assert found["c"].ppm == pytest.approx(-150.0, abs=1.0)


def test_a_drift_that_does_not_stand_out_is_none_with_room_for_it() -> None:
    found = with_drifts(triangle({"a": 0.0, "b": 6.0, "c": 200.0}, sigma_ppm=10.0), reference_id="a", settings=SETTINGS)
    assert found.drifts["b"].ppm == 0.0
    assert found.drifts["b"].uncertainty_ppm > 12.0
    assert found.drifts["c"].ppm == pytest.approx(200.0, abs=5.0)


def test_one_slope_that_lies_is_outvoted() -> None:
    drifts = dict.fromkeys("abc", 0.0) | {"b": 100.0, "c": 40.0}
    true = [link(a, b, drifts) for a, b in itertools.combinations("abc", 2)]
    lie = link("a", "b", drifts, off_ppm=300.0)
    found = with_drifts(placed(OFFSETS_S, [*true, *true, lie]), reference_id="a", settings=SETTINGS).drifts
    assert found["b"].ppm == pytest.approx(100.0, abs=3.0)
    assert found["c"].ppm == pytest.approx(40.0, abs=3.0)


def test_the_prior_holds_a_slope_that_says_little() -> None:
    found = with_drifts(
        placed({"a": 0.0, "b": 5.0}, [link("a", "b", {"a": 0.0, "b": 300.0}, sigma_ppm=100.0)]),
        reference_id="a",
        settings=SETTINGS,
    )
    # Half way between the slope and none, 100 ppm each; not significant, so that all of it is uncertainty.
    assert found.drifts["b"].ppm == 0.0
    assert found.drifts["b"].uncertainty_ppm == pytest.approx(150.0 + 2 * 100 / np.sqrt(2), rel=0.01)


def test_without_slopes_nothing_changes() -> None:
    plain = Link(a_id="a", b_id="b", lag_s=5.0, sigma_s=0.01, pinned=False)
    still = placed({"a": 0.0, "b": 5.0}, [plain])
    assert with_drifts(still, reference_id="a", settings=SETTINGS) is still


def test_pieces_of_one_recording_share_its_drift() -> None:
    drifts = {"a": 0.0, "b": 90.0}
    first, second = (link("a", "b", drifts, middle_s=at_s) for at_s in (20.0, 150.0))
    cut = placed(
        {"a": 0.0, "b#1": 5.0, "b#2": 8.0},
        [
            Link(**{f: getattr(first, f) for f in Link.__slots__} | {"b_id": "b#1"}),
            Link(**{f: getattr(second, f) for f in Link.__slots__} | {"b_id": "b#2", "lag_s": second.lag_s + 3.0}),
        ],
        {"b#1": (0.0, 60.0), "b#2": (60.0, 200.0)},
    )
    found = with_drifts(cut, reference_id="a", settings=SETTINGS)
    assert set(found.drifts) == {"b"}
    assert found.drifts["b"].ppm == pytest.approx(90.0, abs=1.0)
    assert found.offsets_s["b#2"] - found.offsets_s["b#1"] == pytest.approx(3.0, abs=0.001)
