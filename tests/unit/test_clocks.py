"""Clocks of a group: reference, uncertainty along the tightest chain, what it rests on; and UTC from anchors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from placed_example import placed as together
from syncview.errors import InputError
from syncview.reconstruct.clocks import Extent, Skew, clocks_of_group, reference_of
from syncview.reconstruct.geometry import Geometry, Position, distance_m, speed_of_sound_mps
from syncview.reconstruct.utc import UtcAnchor, utc_zero
from syncview.settings import ReconstructSettings
from syncview.sync.groups import Drift
from syncview.sync.positions import Link, solve_positions

SETTINGS = ReconstructSettings(drift_uncertainty_ppm=0.0, lag_noise_s=0.01)
NOWHERE = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=343.0)
NO_SKEW = Skew(skew_s=0.0, uncertainty_s=0.0)


def extent(duration_s: float) -> Extent:
    return Extent(duration_s=duration_s, has_audio=True, has_video=True, sound_s=(0.0, duration_s))


def link(a: str, b: str, lag_s: float, *, sigma_s: float = 0.005, pinned: bool = False) -> Link:
    return Link(a_id=a, b_id=b, lag_s=lag_s, sigma_s=sigma_s, pinned=pinned)


def clocks(placed, *, reference: str = "a", geometry: Geometry = NOWHERE, skews=None, settings=SETTINGS):
    names = {placed.recording_of(name) for name in placed.offsets_s}
    group = clocks_of_group(
        placed,
        reference_id=reference,
        extents={n: extent(60.0) for n in names},
        skews=skews or dict.fromkeys(names, NO_SKEW),
        geometry=geometry,
        settings=settings,
    )
    return group, {clock.recording_id: clock for clock in group.clocks}


CHAIN = together({"a": 0.0, "b": 40.0, "c": 81.0}, (link("a", "b", 40.0), link("b", "c", 41.0)))
TRIANGLE = together({"a": 0.0, "b": 5.0, "c": 9.0}, (link("a", "b", 5.0), link("a", "c", 9.02), link("b", "c", 4.0)))


def test_sound_alone_is_good_to_the_travel_time_between_the_cameras() -> None:
    _, by_name = clocks(CHAIN)
    assert by_name["a"].uncertainty_s == 0.0
    assert by_name["b"].uncertainty_s == pytest.approx(500 / 343 + 0.01, abs=1e-6)
    assert by_name["b"].sound_uncertainty_s == pytest.approx(0.01, abs=1e-6)
    assert by_name["b"].assumptions == (
        "no cut where no other recording overlaps",
        "clocks run true to 0 ppm",
        "cameras within 500 m of each other",
        "common sound taken as acoustic",
    )


def test_a_chain_adds_its_parts_and_a_direct_link_does_not() -> None:
    _, by_name = clocks(CHAIN)
    assert by_name["c"].uncertainty_s == pytest.approx(2 * 500 / 343 + 0.01 * 2**0.5, abs=1e-6)
    _, by_name = clocks(TRIANGLE)
    assert by_name["c"].uncertainty_s == pytest.approx(500 / 343 + 0.01 + 0.02, abs=1e-6)  # its lag missed by 20 ms


def test_positions_narrow_it() -> None:
    here = Position(lat=35.55, lon=36.6, uncertainty_m=5.0)
    there = Position(lat=35.55, lon=36.601, uncertainty_m=5.0)
    geometry = Geometry(positions={"a": here, "b": there}, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    _, by_name = clocks(CHAIN, geometry=geometry)
    assert by_name["b"].uncertainty_s == pytest.approx((distance_m(here, there) + 10) / 343 + 0.01, abs=1e-6)
    assert "cameras within 500 m of each other" not in by_name["b"].assumptions
    assert by_name["b"].basis == ("geometry", "sound")


def test_a_pin_says_the_true_clock() -> None:
    pinned = together({"a": 0.0, "b": 5.0}, (link("a", "b", 5.0, sigma_s=0.02, pinned=True),))
    _, by_name = clocks(pinned)
    assert by_name["b"].uncertainty_s == pytest.approx(0.04, abs=1e-9)
    assert by_name["b"].basis == by_name["a"].basis == ("pin",)


def test_skew_moves_the_picture_and_widens_the_clock() -> None:
    skews = {"a": Skew(skew_s=0.0, uncertainty_s=0.03), "b": Skew(skew_s=0.1, uncertainty_s=0.04), "c": NO_SKEW}
    _, by_name = clocks(CHAIN, skews=skews)
    assert by_name["b"].segments[0].offset_s == pytest.approx(40.1, abs=1e-9)
    assert by_name["b"].uncertainty_s == pytest.approx(500 / 343 + (0.01**2 + 0.05**2) ** 0.5, abs=1e-6)
    assert "picture and sound of a file within 40 ms of each other" in by_name["b"].assumptions


def test_drift_not_measured_is_in_the_uncertainty() -> None:
    _, by_name = clocks(CHAIN, settings=ReconstructSettings(drift_uncertainty_ppm=100.0, lag_noise_s=0.01))
    assert by_name["b"].sound_uncertainty_s == pytest.approx((0.01**2 + 0.006**2) ** 0.5, abs=1e-9)
    assert by_name["b"].segments[0].drift_uncertainty_ppm == 100.0
    assert by_name["a"].segments[0].drift_uncertainty_ppm == 0.0


def test_drift_of_a_recording_on_the_way_counts() -> None:
    _, by_name = clocks(CHAIN, settings=ReconstructSettings(drift_uncertainty_ppm=100.0, lag_noise_s=0.01))
    assert by_name["c"].sound_uncertainty_s == pytest.approx((2 * 0.01**2 + 2 * 0.006**2) ** 0.5, abs=1e-9)


def test_a_cut_gives_two_segments_and_nothing_is_known_between_them() -> None:
    pieces = together(
        {"a": 0.0, "b#1": 5.0, "b#2": 15.0},
        (link("a", "b#1", 5.0), link("a", "b#2", 15.0)),
        {"b#1": (0.02, 20.0), "b#2": (20.5, 60.0)},
    )
    _, by_name = clocks(pieces)
    spans = [(s.start_s, s.end_s, s.offset_s) for s in by_name["b"].segments]
    assert spans == [(0.0, 20.0, pytest.approx(5.0)), (20.5, 60.0, pytest.approx(15.0))]
    assert by_name["b"].uncertainty_s == pytest.approx(500 / 343 + 0.01, abs=1e-6)


def test_a_measured_drift_is_stated_and_its_uncertainty_counts() -> None:
    measured = replace(CHAIN, drifts={"b": Drift(ppm=80.0, uncertainty_ppm=10.0)})
    _, by_name = clocks(measured, settings=ReconstructSettings(drift_uncertainty_ppm=100.0, lag_noise_s=0.01))
    segment = by_name["b"].segments[0]
    assert (segment.drift_ppm, segment.drift_uncertainty_ppm) == (80.0, 10.0)
    assert by_name["b"].sound_uncertainty_s == pytest.approx((0.01**2 + 0.0006**2) ** 0.5, abs=1e-9)


def test_loops_say_by_how_much_they_do_not_close() -> None:
    group, _ = clocks(TRIANGLE)
    assert [(loop.recording_ids, loop.closure_s) for loop in group.loops] == [(("a", "b", "c"), -0.02)]


def test_a_lone_recording_is_a_group_that_claims_nothing() -> None:
    group, by_name = clocks(together({"a": 0.0}, ()))
    assert (group.reference_id, by_name["a"].basis, by_name["a"].assumptions) == ("a", (), ())
    assert by_name["a"].uncertainty_s == 0.0


def test_reference_is_kept_else_best_tied_then_longest() -> None:
    extents = {n: extent(d) for n, d in zip("abc", (10, 20, 30), strict=True)}
    assert reference_of(CHAIN, extents, ["z", "c"]) == "c"
    assert reference_of(CHAIN, extents, []) == "b"
    assert reference_of(TRIANGLE, extents, []) == "c"


def test_positions_follow_the_agreeing_majority() -> None:
    links = [link("a", "b", 5.0), link("b", "c", 4.0), link("a", "c", 9.0), link("a", "d", 7.0), link("b", "d", 2.0)]
    links.append(link("c", "d", -1.4))  # heard a sound from another side
    offsets = solve_positions(dict.fromkeys("abcd", 0.0), links)
    assert offsets == {
        "a": 0.0,
        "b": pytest.approx(5, abs=0.01),
        "c": pytest.approx(9, abs=0.01),
        "d": pytest.approx(7, abs=0.02),
    }


def test_speed_of_sound() -> None:
    assert speed_of_sound_mps(0.0) == pytest.approx(331.3)
    with pytest.raises(InputError, match="not one of air"):
        speed_of_sound_mps(300.0)


NOON = datetime(2018, 5, 1, 12, 0, tzinfo=UTC)


def anchor(
    group_s: float, seconds: float, uncertainty_s: float, basis: str = "overlay", source: str = "cam"
) -> UtcAnchor:
    return UtcAnchor(
        group_s=group_s, utc=NOON + timedelta(seconds=seconds), uncertainty_s=uncertainty_s, basis=basis, source=source
    )


def test_utc_of_zero_is_the_weighted_mean() -> None:
    zero = utc_zero([anchor(10.0, 11.0, 1.0), anchor(20.0, 20.0, 0.5, "log")])
    assert zero is not None
    assert (zero.utc - NOON).total_seconds() == pytest.approx(0.2, abs=1e-6)
    assert zero.uncertainty_s == pytest.approx(1 / (1 + 4) ** 0.5, abs=1e-9)
    assert (zero.basis, zero.conflict_s) == ("log, overlay", 0.0)


def test_contradicting_anchors_are_both_covered() -> None:
    zero = utc_zero([anchor(0.0, 0.0, 1.0), anchor(0.0, 3600.0, 1.0)])
    assert zero is not None
    assert zero.conflict_s == pytest.approx(1799.0)
    assert zero.uncertainty_s == pytest.approx(1801.0)


def test_one_clock_read_many_times_is_no_better_than_once() -> None:
    zero = utc_zero([anchor(float(k), float(k), 1.0) for k in range(25)])
    assert zero is not None
    assert zero.uncertainty_s == pytest.approx(1.0)


def test_no_anchor_no_utc_and_no_zone_no_anchor() -> None:
    assert utc_zero([]) is None
    naive = UtcAnchor(group_s=0.0, utc=datetime(2018, 5, 1, 12), uncertainty_s=1.0, basis="log", source="cam")  # noqa: DTZ001
    with pytest.raises(InputError, match="no zone"):
        utc_zero([naive])
