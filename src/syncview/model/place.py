"""Places on the map: where events happened, what they are measured against, and ways of teams and vehicles.

Degrees are WGS84; an uncertainty in metres is a 95 % radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Ellipse", "KnownPlace", "Location", "MapPlace", "Mover", "PlaceKind", "Way", "Waypoint"]

PlaceKind = Literal["initial impact", "alternative object", "place"]
Mover = Literal["person", "vehicle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """95 % ellipse: half-axes in metres, direction of the larger one in degrees clockwise from north."""

    major_m: float
    minor_m: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPlace:
    """A place with its 95 % radius, and its ellipse where the error has a direction."""

    lat: float
    lon: float
    uncertainty_m: float
    ellipse: Ellipse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location(MapPlace):
    """Where an event happened, how that was found, and what else fits as well.

    `residuals_s` gives by recording id the picked minus the predicted arrival in seconds; `assumptions` what must hold
    for the place and its uncertainty to hold.
    """

    method: str
    alternatives: tuple[MapPlace, ...] = ()
    residuals_s: tuple[tuple[str, float], ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlace(MapPlace):
    """What strikes are measured against, as a person states it. `label` names it to people."""

    label: str
    kind: PlaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint(MapPlace):
    """Where something was at a moment of one group's time; `recording_id` shows it.

    `time_uncertainty_s` is a 95 % half-width; `basis` says how a person knows.
    """

    group_id: str
    time_s: float
    time_uncertainty_s: float
    recording_id: str
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The waypoints of one team, vehicle or camera, in any order.

    `of` is its name, or the recording id of a camera. `mover` says how fast it can have been; None when nobody says.
    """

    of: str
    mover: Mover | None
    waypoints: tuple[Waypoint, ...]
