"""Distances between uncertain places, against numbers by hand and against draws."""

import numpy as np
import pytest

from located_example import degrees, error_m
from syncview.model import Ellipse
from syncview.timeline.ground import Spot, Stretch, between, widest

ALONG = 1.959964 / 2.447747  # half-width along a line over the radius, both 95 %


def _spot(place_m, uncertainty_m=0.0, ellipse=None, reach_m=0.0):
    oval = None if ellipse is None else Ellipse(major_m=ellipse[0], minor_m=ellipse[1], azimuth_deg=ellipse[2])
    return Spot(**degrees(place_m), uncertainty_m=uncertainty_m, ellipse=oval, reach_m=reach_m)


def test_both_errors_count_along_the_line_between_the_places():
    found = between(_spot((0.0, 0.0), 30.0), _spot((500.0, 0.0), 40.0))
    assert found.distance_m == pytest.approx(500.0, abs=0.01)
    assert found.least_m == pytest.approx(500.0 - 50.0 * ALONG, abs=0.01)  # 3-4-5
    assert found.most_m == pytest.approx(500.0 + 50.0 * ALONG + (50.0 * ALONG) ** 2 / 1000.0, abs=0.01)


@pytest.mark.parametrize(("azimuth_deg", "along_m"), [(90.0, 80.0), (0.0, 10.0), (45.0, (80.0**2 / 2 + 50.0) ** 0.5)])
def test_an_ellipse_counts_in_the_direction_of_the_other_place(azimuth_deg, along_m):
    found = between(_spot((0.0, 0.0), 80.0, (80.0, 10.0, azimuth_deg)), _spot((400.0, 0.0)))
    assert found.least_m == pytest.approx(400.0 - along_m * ALONG, abs=0.05)


def test_places_closer_than_their_errors_may_be_one_and_a_reach_widens_both_ways():
    near = between(_spot((0.0, 0.0), 30.0), _spot((20.0, 0.0), reach_m=10.0))
    assert (near.least_m, near.most_m) == pytest.approx((0.0, 60.0), abs=0.01)
    far = between(_spot((0.0, 0.0)), _spot((200.0, 0.0), reach_m=15.0))
    assert (far.least_m, far.most_m) == pytest.approx((185.0, 215.0), abs=0.01)


def test_every_place_that_fits_is_inside_the_interval():
    assert widest([Stretch(100.0, 90.0, 110.0), Stretch(40.0, 30.0, 50.0)]) == Stretch(100.0, 30.0, 110.0)


@pytest.mark.parametrize(("least_m", "most_m"), [(0.0, 5.0), (5.0, 30.0), (30.0, 100.0), (100.0, 400.0)])
def test_95_of_100_intervals_hold_the_distance(least_m, most_m):
    rng = np.random.default_rng(31)
    held = []
    for _ in range(400):
        truth_m, turn = rng.uniform(least_m, most_m), rng.uniform(0.0, 2 * np.pi)
        oval = major_m, minor_m, azimuth_deg = rng.uniform(20, 60), rng.uniform(5, 20), rng.uniform(0, 180)
        radius_m = rng.uniform(2, 30)
        here = error_m(rng, major_m, minor_m, azimuth_deg)
        there = truth_m * np.array([np.cos(turn), np.sin(turn)]) + error_m(rng, radius_m, radius_m, 0.0)
        found = between(_spot(here, major_m, oval), _spot(there, radius_m))
        held.append(found.least_m <= truth_m <= found.most_m)
    assert 0.92 <= np.mean(held) <= 0.995
