"""Distances of strikes, how tight they lie, and arrivals between them."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from incident_example import heard, incident, strike
from located_example import degrees, error_m, located, place, placed_incident, way, waypoint
from syncview.model import LightCandidate, Sight, SightedLight
from syncview.reconstruct.geometry import Geometry, Position
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.analysis import analyse
from syncview.timeline.arrivals import UnfilmedStrike, arrivals_between_strikes
from syncview.timeline.build import build_timeline
from syncview.timeline.cluster import cluster_of_strikes
from syncview.timeline.schema import dumps, parse_document

ALONG = 1.959964 / 2.447747
PLACES = (
    place("school", (0.0, 300.0), 10.0),
    place("first house", (100.0, 0.0), kind="initial impact"),
)


def _movement(name, time_s, action="arrives", **changes):
    seen = replace(heard("rec-1", None, uncertainty_s=None), stated_s=time_s)
    known = {
        "kind": "movement",
        "time_basis": "seen_at:rec-1",
        "action": action,
        "subject": "vehicle",
        "label": f"ambulance {action}",
        "calibration": "stated by Rami",
        "confidence": 1.0,
        "uncertainty_s": 0.5,
        "min_separable_s": None,
    }
    return strike(name, "group-1", time_s, [seen], **known | changes)


def _flash(distance_m, interval_m):
    light = LightCandidate(
        time_s=9.0,
        before_s=8.97,
        light_s=8.985,
        uncertainty_s=0.017,
        kind="flash" if distance_m else "first plume",
        index=270,
        box_px=(1, 2, 3, 4),
        score=0.9,
        measures=(),
        reasons=(),
    )
    shown = SightedLight(
        candidate=light,
        probability=0.97,
        with_ids=(),
        distance_m=distance_m,
        distance_interval_m=interval_m,
        distance_budget=(),
    )
    return Sight(lights=(shown,), picked=shown, reasons=())


def test_every_place_and_team_has_its_distance():
    known = way(waypoint(5.0, (0.0, -50.0), 10.0), waypoint(12.0, (0.0, -40.0), 10.0), waypoint(40.0, (60.0, 0.0)))
    parts = placed_incident([located("s-1", 40.0, (0.0, 0.0), 30.0)], places=PLACES, ways=(known,))
    found = analyse(parts).distances
    assert [(entry.to, entry.kind) for entry in found] == [
        ("first house", "initial impact"),
        ("school", "alternative object"),
        ("team-A", "team now"),
        ("team-A", "team before"),
    ]
    assert [entry.distance_m for entry in found] == pytest.approx([100.0, 300.0, 60.0, 40.0], abs=0.02)
    assert found[0].interval_m[0] == pytest.approx(100.0 - 30.0 * ALONG, abs=0.02)
    assert found[1].interval_m[0] == pytest.approx(300.0 - 1000.0**0.5 * ALONG, abs=0.02)
    assert found[2].interval_m[0] == pytest.approx(60.0 - 30.0 * ALONG - 3.0 * 0.012, abs=0.02)  # the strike's +- 12 ms
    assert [entry.at_s for entry in found] == [None, None, 40.0, 12.0]
    assert found[2].assumptions == ("team-A, on foot, moved at 3 m/s at most",)
    assert found[3].recording_ids == ("rec-1",)


def test_a_mirror_place_widens_the_interval_and_is_listed():
    mirrored = located("s-1", 18.0, (0.0, 0.0), 10.0, alternatives=[(0.0, 200.0)], assumptions=("20 °C ± 15 °C",))
    school = analyse(placed_incident([mirrored], places=PLACES)).distances[1]
    assert school.distance_m == pytest.approx(300.0, abs=0.02)
    assert school.alternatives_m == pytest.approx((100.0,), abs=0.02)
    assert school.interval_m[0] == pytest.approx(100.0 - 200.0**0.5 * ALONG, abs=0.02)
    assert school.interval_m[1] > 300.0
    assert school.assumptions == ("20 °C ± 15 °C",)


def test_cameras_that_filmed_and_the_strike_before():
    stood = {
        "rec-1": Position(**degrees((120.0, 0.0)), uncertainty_m=5.0),
        "rec-4": Position(**degrees((0.0, 90.0)), uncertainty_m=5.0),  # films from 12 s on
    }
    geometry = Geometry(positions=stood, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    strikes = [located("s-1", 5.0, (0.0, 0.0)), strike("s-2", "group-1", 20.0, [heard("rec-2", 12.0)])]
    strikes.append(located("s-3", 30.0, (0.0, 40.0)))
    found = analyse(placed_incident(strikes, geometry=geometry)).distances
    assert [(entry.strike_id, entry.to, entry.kind) for entry in found] == [
        ("s-1", "rec-1", "camera"),
        ("s-3", "rec-1", "camera"),
        ("s-3", "rec-4", "camera"),
        ("s-3", "s-1", "strike before"),
    ]
    assert [entry.distance_m for entry in found] == pytest.approx([120.0, 126.49, 50.0, 40.0], abs=0.02)


def test_a_camera_that_was_placed_at_two_moments_moved():
    stood = {"rec-1": Position(**degrees((120.0, 0.0)), uncertainty_m=60.0)}
    geometry = Geometry(positions=stood, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    spots = waypoint(10.0, (100.0, 0.0), 5.0), waypoint(30.0, (140.0, 0.0), 5.0)
    event = located("s-1", 30.0, (0.0, 0.0))
    moving = analyse(placed_incident([event], geometry=geometry, ways=(way(*spots, of="rec-1"),))).distances
    assert [(entry.to, entry.kind) for entry in moving] == [("rec-1", "team now"), ("rec-1", "team before")]
    assert [entry.distance_m for entry in moving] == pytest.approx([140.0, 100.0], abs=0.02)
    once = analyse(placed_incident([event], geometry=geometry, ways=(way(spots[0], of="rec-1"),))).distances
    assert [(entry.to, entry.kind) for entry in once] == [("rec-1", "camera")]
    assert once[0].distance_m == pytest.approx(120.0, abs=0.02)


def test_mirror_places_of_both_strikes_count_between_them():
    strikes = located("s-1", 5.0, (0.0, 0.0), alternatives=[(0.0, 50.0)]), located("s-2", 9.0, (30.0, 0.0))
    (found,) = analyse(placed_incident(strikes)).distances
    assert (found.distance_m, *found.interval_m) == pytest.approx((30.0, 30.0, 58.31), abs=0.02)
    assert found.alternatives_m == pytest.approx((58.31,), abs=0.02)
    centre = analyse(placed_incident(strikes)).cluster.centre
    assert centre.uncertainty_m == pytest.approx(25.0, abs=0.02)  # 50 m of one, nothing of the other


def test_a_strike_that_is_not_located_says_why_or_what_its_ring_leaves():
    why = "three cameras with unknown clocks do not carry a place"
    lost = strike("s-1", "group-1", 20.0, [heard("rec-1", 20.0)], location_abstained=why)
    (first, _) = analyse(placed_incident([lost], places=PLACES)).distances
    assert (first.distance_m, first.interval_m, first.reason) == (None, None, why)
    seen = replace(lost, observations=(replace(lost.observations[0], sight=_flash(300.0, (280.0, 330.0))),))
    stood = {"rec-1": Position(**degrees((0.0, 0.0)), uncertainty_m=0.0)}
    geometry = Geometry(positions=stood, max_camera_distance_m=500.0, sound_speed_mps=343.0)
    said = {"rec-1": ("its sound is within 40 ms of its picture",)}
    found = analyse(placed_incident([seen], places=PLACES, geometry=geometry, ranging_assumptions=said)).distances
    assert (found[0].to, found[0].kind, found[0].interval_m) == ("rec-1", "flash and bang", (280.0, 330.0))
    assert found[0].assumptions == said["rec-1"]
    assert found[1].distance_m is None
    assert found[1].interval_m == pytest.approx((180.0, 430.0), abs=0.02)  # 100 m from the camera: 280 - 100, 330 + 100
    assert found[1].reason == f"only its distance from rec-1 is known: {why}"
    plume = replace(lost, observations=(replace(lost.observations[0], sight=_flash(None, (280.0, None))),))
    found = analyse(placed_incident([plume], places=PLACES, geometry=geometry)).distances
    assert [entry.interval_m for entry in found[:2]] == [(280.0, None), (pytest.approx(180.0, abs=0.02), None)]


def test_the_cluster_holds_of_the_located_strikes_only():
    none = analyse(incident()).cluster
    assert (none.radius_m, none.statement) == (None, "of the strikes that could be located: 0 of 4")
    unlocated = strike("s-3", "group-1", 20.0, [heard("rec-1", 20.0)])
    strikes = [located("s-1", 5.0, (-30.0, 0.0), 5.0), located("s-2", 9.0, (30.0, 0.0), 15.0)]
    one = analyse(placed_incident([strikes[0], unlocated])).cluster
    assert (one.radius_m, one.reason) == (None, "only one strike could be located")
    both = analyse(placed_incident([*strikes, unlocated])).cluster
    assert both.radius_m == pytest.approx(30.0, abs=0.01)
    half_m = 1.959964 / 2.447747 * 250.0**0.5 / 2.0  # of half the distance between two places known to 5 and 15 m
    assert both.interval_m == pytest.approx((30.0 - half_m, 30.0 + half_m), abs=0.5)
    assert (both.centre.lat, both.centre.lon) == pytest.approx((35.55, 36.6), abs=1e-7)
    assert (both.centre.uncertainty_m, both.located, both.strikes) == (10.0, 2, 3)
    assert both == analyse(placed_incident([*strikes, unlocated])).cluster


@pytest.mark.parametrize("true_radius_m", [0.0, 15.0, 60.0])
def test_95_of_100_intervals_hold_the_radius(true_radius_m):
    rng = np.random.default_rng(41)
    held = []
    for _ in range(60):
        pattern_m = rng.standard_normal((4, 2))
        pattern_m -= pattern_m.mean(axis=0)
        pattern_m *= true_radius_m / np.linalg.norm(pattern_m, axis=1).max()
        oval = rng.uniform(20, 40), rng.uniform(5, 20), rng.uniform(0, 180)
        strikes = [
            located(f"s-{k}", 10.0 + k, spot_m + error_m(rng, *oval), oval[0], ellipse=oval)
            for k, spot_m in enumerate(pattern_m)
        ]
        parts = placed_incident(strikes)
        found = cluster_of_strikes(replace(parts, place_settings=replace(parts.place_settings, cluster_draws=800)))
        held.append(found.interval_m[0] - 1e-9 <= true_radius_m <= found.interval_m[1])
    assert np.mean(held) >= 0.88


def test_arrivals_stand_between_the_strikes():
    strikes = [located("s-1", 10.0, (0, 0)), strike("s-2", "group-1", 40.0, [heard("rec-1", 40.0)])]
    found = analyse(
        placed_incident(
            [*strikes, _movement("m-1", 25.0), _movement("m-2", 9.8, "departs"), _movement("m-3", 5, "runs")]
        )
    ).arrivals
    assert [(entry.event_id, entry.action) for entry in found] == [("m-2", "departs"), ("m-1", "arrives")]
    before, between = found
    assert before.since_strike is None
    assert not before.until_strike.order_sure  # 0.2 s before it, known to 0.5 s
    assert (between.since_strike.strike_id, between.since_strike.interval_s) == ("s-1", 15.0)
    assert between.since_strike.uncertainty_s == pytest.approx((0.5**2 + 0.012**2) ** 0.5)
    way_s = 500.0 / 343.0  # the second is known by its sound's arrival, from up to 500 m
    assert between.until_strike.interval_s == pytest.approx(15.0 - way_s / 2)
    assert between.until_strike.uncertainty_s == pytest.approx(np.hypot(0.5, 0.012 + way_s / 2))
    assert between.until_strike.assumptions == ("its sound came from within 500 m of the camera",)


def test_an_arrival_on_another_clock_says_why_there_is_no_interval():
    (found,) = analyse(
        placed_incident([located("s-1", 10.0, (0, 0)), replace(_movement("m-1", 5.0), group_id="group-2")])
    ).arrivals
    assert (found.since_strike, found.until_strike) == (None, None)
    assert found.reason == "s-1 on another clock, and the UTC of both is not known"


def test_the_first_strike_counts_too_also_when_nobody_filmed_it():
    zero = UtcZero(utc=datetime(2018, 5, 1, 9, 10, tzinfo=UTC), uncertainty_s=1.0, basis="log", conflict_s=0.0)
    strikes = [located("s-1", 10.0, (0, 0)), located("s-2", 20.0, (0, 0))]
    parts = placed_incident([*strikes, _movement("m-1", 25.0)])
    (found,) = analyse(parts).arrivals
    assert (found.since_first.strike_id, found.since_first.interval_s) == ("s-1", 15.0)
    assert (found.since_strike.strike_id, found.since_strike.interval_s) == ("s-2", 5.0)
    moments = {"early": datetime(2018, 5, 1, 9, 2, tzinfo=UTC), "late": datetime(2018, 5, 1, 9, 6, tzinfo=UTC)}
    first = UnfilmedStrike(id="x-1", earliest=moments["early"], latest=moments["late"])
    (found,) = arrivals_between_strikes(parts, [first])
    assert found.since_first.strike_id == "s-1"
    assert found.reason == "x-1 on another clock, and the UTC of both is not known"
    parts = replace(parts, utc={"group-1": zero})
    (found,) = arrivals_between_strikes(parts, [first])
    assert (found.since_first.strike_id, found.since_first.interval_s) == ("x-1", 6 * 60 + 25.0)
    assert found.since_first.uncertainty_s == pytest.approx(120.0 + 1.0 + 0.5)  # anywhere in four minutes
    (found,) = arrivals_between_strikes(parts, [replace(first, earliest=None)])
    assert (found.since_first.interval_s, found.since_first.at_least_s) == (None, 4 * 60 + 25.0 - 1.0 - 0.5)
    (found,) = arrivals_between_strikes(parts, [replace(first, latest=None)])
    assert found.since_first.strike_id == "s-1"
    assert found.reason == "x-1 may have fallen before or after"


def test_places_survive_writing_and_reading():
    event = located(
        "s-1", 18.0, (0, 0), 40.0, ellipse=(40.0, 12.0, 30.0), alternatives=[(9.0, 9.0)], assumptions=("x",)
    )
    document = build_timeline(placed_incident([event, _movement("m-1", 20.0)], places=PLACES))
    again = parse_document(dumps(document), name="timeline.json")
    where = again.events[0].location
    assert (where.lat, where.lon, where.uncertainty_m) == (35.55, 36.6, 40.0)
    assert (where.ellipse.minor_m, where.method, len(where.alternatives)) == (12.0, "arrivals at 4 cameras", 1)
    assert (again.events[1].action, again.events[1].subject) == ("arrives", "vehicle")
    assert again.events[1].observations[0].stated_s == 20.0
