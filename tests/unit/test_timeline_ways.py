"""Where a team was between the moments at which it was seen."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from located_example import ORIGIN, degrees, placed_incident, way, waypoint
from syncview.model import MapPlace
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.ground import east_north_m
from syncview.timeline.moments import Moment
from syncview.timeline.ways import Whereabouts, place_before, whereabouts

PARTS = placed_incident(())


def _at(known, time_s, uncertainty_s=0.0, parts=PARTS):
    return whereabouts(known, Moment(time_s, uncertainty_s), "group-1", parts)


def _place_m(spot):
    return east_north_m(ORIGIN, spot)


def test_between_two_waypoints_it_is_on_the_straight_way():
    found = _at(way(waypoint(10.0, (0.0, 0.0), 4.0), waypoint(30.0, (40.0, 0.0), 8.0)), 15.0)
    assert _place_m(found.spot) == pytest.approx((10.0, 0.0), abs=0.01)
    assert found.spot.uncertainty_m == pytest.approx(5.0)
    assert found.recording_ids == ("rec-1",)
    assert found.assumptions == ("team-A, on foot, moved at 3 m/s at most",)


def test_how_far_off_the_way_grows_with_the_time_from_the_nearest_waypoint():
    known = way(waypoint(0.0, (0.0, 0.0)), waypoint(20.0, (40.0, 0.0)))  # 2 of at most 3 m/s
    reach_m = [_at(known, time_s).spot.reach_m for time_s in (0.0, 1.0, 10.0, 19.0)]
    assert reach_m == pytest.approx([0.0, 5.0 * 1.0, (5.0 * 100.0) ** 0.5, 5.0], abs=0.02)
    assert _at(known, 10.0, 0.5).spot.reach_m == pytest.approx(500.0**0.5 + 1.5, abs=0.02)


def test_nobody_who_keeps_to_the_limit_is_ever_farther_off():
    rng = np.random.default_rng(7)
    worst = 0.0
    for _ in range(300):
        turns, steps_m = rng.uniform(0, 2 * np.pi, 20), rng.uniform(0.0, 3.0, 20)
        turns[10:] = turns[9] if rng.random() < 0.5 else turns[10:]  # some go straight for a while
        walked = np.cumsum(np.stack([steps_m * np.cos(turns), steps_m * np.sin(turns)], axis=1), axis=0)
        known = way(waypoint(0.0, walked[0]), waypoint(19.0, walked[-1]))
        k = int(rng.integers(1, 19))
        spot = _at(known, float(k)).spot
        off_m = np.hypot(*(np.array(_place_m(spot)) - walked[k]))
        assert off_m <= spot.reach_m + 0.01
        worst = max(worst, off_m / spot.reach_m)
    assert worst > 0.6  # the bound is not idle


def test_outside_its_waypoints_it_may_have_gone_anywhere_it_could_reach():
    known = way(waypoint(10.0, (0.0, 0.0), 5.0, time_uncertainty_s=0.5))
    assert _at(known, 30.0).spot.reach_m == pytest.approx(3.0 * 20.5)
    assert _at(known, 4.0).spot.reach_m == pytest.approx(3.0 * 6.5)
    assert "may have moved 602 m meanwhile (at 3 m/s at most)" in _at(known, 210.0)
    assert _at(way(waypoint(10.0, (0, 0)), mover="vehicle"), 30.0).spot.reach_m == pytest.approx(400.0)
    unsaid = _at(way(waypoint(10.0, (0, 0)), mover=None), 11.0)
    assert unsaid.spot.reach_m == pytest.approx(20.0)
    assert unsaid.assumptions == ("team-A moved at 20 m/s at most (nobody says whether on foot)",)


def test_waypoints_too_far_apart_for_its_speed_are_refused():
    known = way(waypoint(0.0, (0.0, 0.0), 5.0), waypoint(20.0, (200.0, 0.0), 5.0))
    assert "would have had to move faster than 3 m/s" in _at(known, 10.0)
    assert isinstance(_at(way(*known.waypoints, mover="vehicle"), 10.0), Whereabouts)


def test_the_place_before_is_the_last_one_elsewhere():
    stays = waypoint(10.0, (0, 0), 5.0), waypoint(30.0, (100, 0), 5.0), waypoint(60.0, (104, 0), 5.0)
    known = way(*reversed(stays))
    for time_s, at_s in ((20.0, 10.0), (40.0, 10.0), (70.0, 10.0)):
        found = place_before(known, Moment(time_s, 0.0), "group-1", PARTS)
        assert (found.at_s, found.spot.reach_m) == (at_s, 0.0)
    under_way = way(*stays, waypoint(90.0, (300, 0), 5.0))
    assert place_before(under_way, Moment(70.0, 0.0), "group-1", PARTS).at_s == 60.0
    assert place_before(known, Moment(5.0, 0.0), "group-1", PARTS) == "team-A was not seen before it"
    assert "no other place" in place_before(way(stays[0]), Moment(20.0, 0.0), "group-1", PARTS)


def test_waypoints_on_another_clock_count_through_utc():
    zero = datetime(2018, 5, 1, 9, 0, tzinfo=UTC)
    known = way(waypoint(10.0, (0, 0), group_id="group-2"))
    assert "needs the UTC of both" in _at(known, 10.0)
    utc = {
        "group-1": UtcZero(utc=zero, uncertainty_s=0.3, basis="log", conflict_s=0.0),
        "group-2": UtcZero(utc=zero + timedelta(seconds=5), uncertainty_s=0.4, basis="log", conflict_s=0.0),
    }
    found = _at(known, 15.0, parts=placed_incident((), utc=utc))
    assert found.spot.reach_m == pytest.approx(3.0 * 0.5)  # 3-4-5
    assert MapPlace(**degrees((0, 0)), uncertainty_m=0.0).lat == pytest.approx(found.spot.lat)
