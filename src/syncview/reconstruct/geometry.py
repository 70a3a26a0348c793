"""Distances between cameras as far as people know them, and what sound's travel makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Geometry", "Position", "celsius_of", "distance_m", "speed_of_sound_mps"]

_ZERO_CELSIUS_K = 273.15
_MAY_BE_LOWER_K = 60.0  # no incident on Earth is colder than this below zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a camera stood, WGS84 degrees; `uncertainty_m` is a 95 % radius."""

    lat: float
    lon: float
    uncertainty_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """What is known of the cameras' places. `max_camera_distance_m` stands in where it is not known.

    `slowest_sound_mps` is the least that the temperature's uncertainty allows; the same as `sound_speed_mps` if None.
    """

    positions: Mapping[str, Position]
    max_camera_distance_m: float
    sound_speed_mps: float
    slowest_sound_mps: float | None = None

    def is_known(self, a_id: str, b_id: str) -> bool:
        """Whether both cameras have a position."""
        return a_id in self.positions and b_id in self.positions

    def most_m(self, a_id: str, b_id: str) -> float:
        """Largest distance that the two cameras can have, in metres."""
        if not self.is_known(a_id, b_id):
            return self.max_camera_distance_m
        a, b = self.positions[a_id], self.positions[b_id]
        return distance_m(a, b) + a.uncertainty_m + b.uncertainty_m

    def travel_s(self, a_id: str, b_id: str) -> float:
        """Longest time that sound needs from one camera to the other, in seconds: D/c."""
        return self.most_m(a_id, b_id) / (self.slowest_sound_mps or self.sound_speed_mps)


def speed_of_sound_mps(temperature_c: float) -> float:
    """Speed of sound in dry air.

    Parameters
    ----------
    temperature_c : float
        Air temperature in degrees Celsius.

    Returns
    -------
    float
        Metres per second; humidity adds at most 0.4 %.

    Raises
    ------
    InputError
        If the temperature cannot be one of air.

    Notes
    -----
    ``331.3 sqrt(1 + T / 273.15)``, the ideal gas law (for example Cramer 1993, dry-air limit).

    Examples
    --------
    >>> round(speed_of_sound_mps(20.0), 1)
    343.2
    """
    if not -_MAY_BE_LOWER_K <= temperature_c <= _MAY_BE_LOWER_K:
        msg = f"a temperature of {temperature_c} degrees Celsius is not one of air"
        raise InputError(msg)
    return 331.3 * math.sqrt(1.0 + temperature_c / _ZERO_CELSIUS_K)


def celsius_of(sound_speed_mps: float) -> float:
    """Temperature in degrees Celsius of dry air that carries sound so fast: `speed_of_sound_mps` turned round.

    Examples
    --------
    >>> round(celsius_of(343.2), 1)
    20.0
    """
    return _ZERO_CELSIUS_K * ((sound_speed_mps / 331.3) ** 2 - 1.0)


def distance_m(a: Position, b: Position) -> float:
    """Distance of two places on the WGS84 ellipsoid.

    Parameters
    ----------
    a, b : Position
        Places in WGS84 degrees.

    Returns
    -------
    float
        Metres along the geodesic.

    Examples
    --------
    >>> here, there = (Position(lat=35.55, lon=36.6 + d, uncertainty_m=0) for d in (0.0, 0.001))
    >>> round(distance_m(here, there), 1)
    90.7
    """
    from pyproj import Geod  # paid only where positions are known

    return float(Geod(ellps="WGS84").inv(a.lon, a.lat, b.lon, b.lat)[2])
