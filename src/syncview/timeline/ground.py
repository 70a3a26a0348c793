"""Distances on the ground between places that are known to within something."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from syncview.model import MapPlace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import Geod

__all__ = ["Spot", "Stretch", "between", "east_north_m", "from_east_north", "moved", "spot_of", "widest"]

# Half-width along one direction that holds 95 % of a normal error, over the radius that holds 95 % of it in the plane.
_ALONG = 1.959964 / 2.447747


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot(MapPlace):
    """A place, and how far at most what is there may have moved from it (`reach_m`, no error but a bound)."""

    reach_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A distance in metres and its 95 % interval."""

    distance_m: float
    least_m: float
    most_m: float


def spot_of(place: MapPlace) -> Spot:
    """Where something is that does not move."""
    return Spot(lat=place.lat, lon=place.lon, uncertainty_m=place.uncertainty_m, ellipse=place.ellipse)


def between(a: Spot, b: Spot) -> Stretch:
    """Distance of two places, with both their uncertainties.

    Parameters
    ----------
    a, b : Spot
        The places; errors of the two are taken as independent.

    Returns
    -------
    Stretch
        Places far apart: their errors along the line between them, an ellipse in that direction. Places closer than
        their errors: those errors in any direction, for the line between them means nothing then.

    Notes
    -----
    The projection of an ellipse with half-axes p, q onto a direction at angle f from p has the half-width
    ``sqrt(p^2 cos^2 f + q^2 sin^2 f)``. An error y across the line lengthens a distance d by ``y^2 / 2 d``.

    Examples
    --------
    >>> here = Spot(lat=0.0, lon=0.0, uncertainty_m=30.0)
    >>> there = Spot(lat=0.0, lon=0.01, uncertainty_m=0.0, reach_m=5.0)
    >>> found = between(here, there)
    >>> round(found.distance_m), round(found.least_m), round(found.most_m)
    (1113, 1084, 1142)
    """
    azimuth_deg, _, distance_m = _geod().inv(a.lon, a.lat, b.lon, b.lat)
    any_m = math.hypot(_largest_m(a), _largest_m(b))
    if distance_m <= any_m:
        least_m, most_m = distance_m - any_m, distance_m + any_m
    else:
        along_m = _ALONG * math.hypot(_extent_m(a, azimuth_deg), _extent_m(b, azimuth_deg))
        across_m = _ALONG * math.hypot(_extent_m(a, azimuth_deg + 90.0), _extent_m(b, azimuth_deg + 90.0))
        least_m, most_m = distance_m - along_m, distance_m + along_m + across_m**2 / (2.0 * distance_m)
    reach_m = a.reach_m + b.reach_m
    return Stretch(float(distance_m), max(0.0, float(least_m - reach_m)), float(most_m + reach_m))


def widest(stretches: Sequence[Stretch]) -> Stretch:
    """Distance of the first, with an interval that holds all.

    Examples
    --------
    >>> widest([Stretch(50.0, 40.0, 60.0), Stretch(90.0, 85.0, 95.0)])
    Stretch(distance_m=50.0, least_m=40.0, most_m=95.0)
    """
    return Stretch(
        stretches[0].distance_m, min(each.least_m for each in stretches), max(each.most_m for each in stretches)
    )


def moved(a: MapPlace, b: MapPlace, share: float) -> tuple[float, float]:
    """Latitude and longitude of the point at a share of the way from one place to another.

    Examples
    --------
    >>> moved(MapPlace(lat=0, lon=1, uncertainty_m=0), MapPlace(lat=0, lon=3, uncertainty_m=0), 0.5)
    (0.0, 2.0)
    """
    azimuth_deg, _, distance_m = _geod().inv(a.lon, a.lat, b.lon, b.lat)
    lon, lat, _ = _geod().fwd(a.lon, a.lat, azimuth_deg, share * distance_m)
    return round(lat, 9) + 0.0, round(lon, 9) + 0.0


def east_north_m(origin: MapPlace, place: MapPlace) -> tuple[float, float]:
    """Metres east and north of an origin, exact in distance and direction from it (azimuthal equidistant).

    Examples
    --------
    >>> east, north = east_north_m(MapPlace(lat=0, lon=0, uncertainty_m=0), MapPlace(lat=0, lon=0.01, uncertainty_m=0))
    >>> round(east, 1), round(north, 1)
    (1113.2, 0.0)
    """
    azimuth_deg, _, distance_m = _geod().inv(origin.lon, origin.lat, place.lon, place.lat)
    turn = math.radians(azimuth_deg)
    return float(distance_m * math.sin(turn)), float(distance_m * math.cos(turn))


def from_east_north(origin: MapPlace, place_m: tuple[float, float]) -> tuple[float, float]:
    """Latitude and longitude of what lies so many metres east and north of an origin; inverse of `east_north_m`.

    Examples
    --------
    >>> origin = MapPlace(lat=35.0, lon=36.0, uncertainty_m=0)
    >>> lat, lon = from_east_north(origin, (300.0, 400.0))
    >>> tuple(round(m, 6) for m in east_north_m(origin, MapPlace(lat=lat, lon=lon, uncertainty_m=0)))
    (300.0, 400.0)
    """
    east_m, north_m = place_m
    azimuth_deg = math.degrees(math.atan2(east_m, north_m))
    lon, lat, _ = _geod().fwd(origin.lon, origin.lat, azimuth_deg, math.hypot(east_m, north_m))
    return float(lat), float(lon)


def _extent_m(place: MapPlace, azimuth_deg: float) -> float:
    ellipse = place.ellipse
    if ellipse is None:
        return place.uncertainty_m
    turn = math.radians(azimuth_deg - ellipse.azimuth_deg)
    return math.hypot(ellipse.major_m * math.cos(turn), ellipse.minor_m * math.sin(turn))


def _largest_m(place: MapPlace) -> float:
    return place.uncertainty_m if place.ellipse is None else place.ellipse.major_m


@cache
def _geod() -> Geod:
    from pyproj import Geod  # paid only where places are known

    return Geod(ellps="WGS84")
