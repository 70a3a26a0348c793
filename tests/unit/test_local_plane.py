"""Degrees to metres and back, at ordinary places, the poles and the date line."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from syncview.errors import InputError
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.local_plane import LocalPlane, middle_of, plane_of


def at(lat: float, lon: float) -> Position:
    return Position(lat=lat, lon=lon, uncertainty_m=0.0)


ORIGINS = ((35.55, 36.6), (0.0, 0.0), (10.0, 179.999), (60.0, -180.0), (89.9995, 10.0), (-90.0, 0.0))


@pytest.mark.parametrize("origin", ORIGINS)
def test_distances_within_kilometres_are_right_to_a_millimetre(origin):
    plane = LocalPlane(lat=origin[0], lon=origin[1])
    ring_m = [(3000 * math.cos(turn), 3000 * math.sin(turn)) for turn in (0.1, 1.3, 2.2, 3.0, 4.4, 5.9)]
    places = [at(*plane.degrees(*point_m)) for point_m in ring_m]
    for one, other in combinations(range(len(ring_m)), 2):
        flat_m = math.dist(
            plane.metres(places[one].lat, places[one].lon), plane.metres(places[other].lat, places[other].lon)
        )
        assert flat_m == pytest.approx(distance_m(places[one], places[other]), abs=1e-3)
    for point_m, place in zip(ring_m, places, strict=True):
        assert plane.metres(place.lat, place.lon) == pytest.approx(point_m, abs=1e-6)


def test_east_is_east_and_north_is_north():
    plane = LocalPlane(lat=35.55, lon=36.6)
    assert plane.metres(35.55, 36.601) == pytest.approx((90.67, 0.0), abs=0.01)
    assert plane.metres(35.551, 36.6) == pytest.approx((0.0, 110.95), abs=0.01)
    across = LocalPlane(lat=10.0, lon=179.9999).metres(10.0, -179.9999)
    assert across == pytest.approx((21.93, 0.0), abs=0.01)


def test_the_middle_has_no_seam():
    assert middle_of([at(0.0, 179.0), at(0.0, -177.0)]) == pytest.approx((0.0, -179.0))
    lat, _ = middle_of([at(89.99, 0.0), at(89.99, 180.0)])
    assert lat == pytest.approx(90.0)
    assert plane_of({}) is None
    plane = plane_of({"a": at(35.0, 36.0), "b": at(35.002, 36.0)})
    assert (plane.lat, plane.lon) == pytest.approx((35.001, 36.0), abs=1e-9)


def test_places_far_apart_are_named():
    places = {"cam1.mp4": at(35.55, 36.6), "cam2.mp4": at(35.56, 36.6), "cam3.mp4": at(36.6, 35.55)}
    with pytest.raises(
        InputError, match=r"the places of cam1.mp4 and of cam3.mp4 are 150 km apart \(one of them is wrong"
    ):
        plane_of(places)


@pytest.mark.parametrize(("lat", "lon"), [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0)])
def test_what_is_no_place_is_refused(lat, lon):
    with pytest.raises(InputError, match="expected a latitude within"):
        LocalPlane(lat=35.0, lon=36.0).metres(lat, lon)
    with pytest.raises(InputError):
        LocalPlane(lat=35.0, lon=36.0).degrees(math.inf, 0.0)
    with pytest.raises(InputError, match="one place at least"):
        middle_of([])
