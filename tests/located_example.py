"""Strikes, teams and places on a map in metres east and north of one street corner, for tests."""

import numpy as np

from incident_example import heard, incident, strike
from syncview.model import Ellipse, KnownPlace, Location, MapPlace, Way, Waypoint
from syncview.timeline.ground import from_east_north

ORIGIN = MapPlace(lat=35.55, lon=36.6, uncertainty_m=0.0)
RADIUS_TO_SIGMA = 2.447747  # radius that holds 95 % of a normal error in the plane


def degrees(place_m):
    """Latitude and longitude by name."""
    lat, lon = from_east_north(ORIGIN, place_m)
    return {"lat": lat, "lon": lon}


def located(name, time_s, place_m, uncertainty_m=0.0, *, ellipse=None, alternatives=(), assumptions=(), **changes):
    """A strike whose moment and place are known."""
    location = Location(
        **degrees(place_m),
        uncertainty_m=uncertainty_m,
        ellipse=None if ellipse is None else Ellipse(major_m=ellipse[0], minor_m=ellipse[1], azimuth_deg=ellipse[2]),
        method="arrivals at 4 cameras",
        alternatives=tuple(MapPlace(**degrees(other), uncertainty_m=uncertainty_m) for other in alternatives),
        assumptions=assumptions,
    )
    known = {"time_basis": "explosion", "location": location}
    return strike(name, "group-1", time_s, [heard("rec-1", time_s + 0.2)], **known | changes)


def waypoint(time_s, place_m, uncertainty_m=0.0, *, group_id="group-1", time_uncertainty_s=0.0, recording_id="rec-1"):
    """Where a team was seen."""
    return Waypoint(
        **degrees(place_m),
        uncertainty_m=uncertainty_m,
        group_id=group_id,
        time_s=time_s,
        time_uncertainty_s=time_uncertainty_s,
        recording_id=recording_id,
    )


def way(*waypoints, of="team-A", mover="person"):
    """A team's way."""
    return Way(of=of, mover=mover, waypoints=waypoints)


def place(label, place_m, uncertainty_m=0.0, *, kind="alternative object"):
    """What strikes are measured against."""
    return KnownPlace(**degrees(place_m), uncertainty_m=uncertainty_m, label=label, kind=kind)


def placed_incident(events, **changes):
    """The worked incident with other events."""
    return incident(events=tuple(events), candidates=(), **changes)


def error_m(rng, major_m, minor_m, azimuth_deg):
    """A normal error east and north, of which 95 % lie in the ellipse."""
    turn = np.radians(azimuth_deg)
    along, across = rng.standard_normal(2) * (major_m, minor_m) / RADIUS_TO_SIGMA
    return np.array([along * np.sin(turn) + across * np.cos(turn), along * np.cos(turn) - across * np.sin(turn)])
