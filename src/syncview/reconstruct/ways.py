"""Where a camera was at a moment, from the moments at which people have placed it; and ways on the groups' clocks.

Between two statements a camera is taken to have gone straight and evenly. It need not have: it may have stood and run,
or gone round a corner, and farther from the line the longer ago the nearest statement is, by `stray_mps` or by its own
mean speed, whichever is faster. Before the first statement and after the last it may have gone anywhere at that pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from syncview.model import Way, Waypoint
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.local_plane import LocalPlane, middle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from syncview.model import Clock, Group, Mover

__all__ = ["StatedWay", "StatedWaypoint", "enclosing", "on_clocks", "place_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedWaypoint:
    """A statement of where something was at a moment of a recording. `basis` is how the person knows."""

    recording_id: str
    time_s: float
    position: Position
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedWay:
    """The statements about one camera, team or vehicle. `camera_id` is the recording, where it is a camera.

    `mover` says how fast it can have been; None when nobody says.
    """

    of: str
    camera_id: str | None
    mover: Mover | None
    waypoints: tuple[StatedWaypoint, ...]


def on_clocks(way: StatedWay, groups: Iterable[Group], moment_s: Callable[[Clock, float], float | None]) -> Way:
    """Put the statements about a way on the groups' clocks.

    Parameters
    ----------
    way : StatedWay
        What was stated.
    groups : iterable of Group
        With their lasting ids.
    moment_s : callable
        Group time of a moment of a recording, or None; see `syncview.pipeline.findings.stated_moment_s`.

    Returns
    -------
    Way
        By group and time; without the statements at moments that are on no clock. A camera is called by its recording.
    """
    clocks = {clock.recording_id: (group.id, clock) for group in groups for clock in group.clocks}
    found = []
    for point in way.waypoints:
        if point.recording_id not in clocks:
            continue
        group_id, clock = clocks[point.recording_id]
        time_s = moment_s(clock, point.time_s)
        if time_s is not None:
            found.append(_waypoint(point, group_id, time_s, clock.uncertainty_s))
    found.sort(key=lambda point: (point.group_id, point.time_s, point.recording_id))
    return Way(of=way.camera_id or way.of, mover=way.mover, waypoints=tuple(found))


def place_at(way: Way, group_id: str, time_s: float, *, stray_mps: float, most_m: float) -> Position | None:
    """Where something was at a moment.

    Parameters
    ----------
    way : Way
        Its waypoints, as `on_clocks` gives them.
    group_id : str
        The group whose clock the time is on.
    time_s : float
        Group time in seconds.
    stray_mps : float
        How fast it may leave the straight line, in metres per second.
    most_m : float
        Largest uncertainty that still says something, in metres.

    Returns
    -------
    Position or None
        With its 95 % radius. None without statements, or where the nearest of them is too long ago.

    Examples
    --------
    >>> way = Way(of="a", mover=None, waypoints=tuple(Waypoint(
    ...     lat=lat, lon=36.0, uncertainty_m=5.0, group_id="g", time_s=time_s, time_uncertainty_s=0.0, recording_id="a")
    ...     for lat, time_s in ((35.0, 10.0), (35.001, 90.0))))
    >>> found = place_at(way, "g", 30.0, stray_mps=1.5, most_m=300.0)
    >>> round(found.lat, 5), round(found.uncertainty_m)
    (35.00025, 35)
    """
    places = sorted((p for p in way.waypoints if p.group_id == group_id), key=lambda place: place.time_s)
    before = [place for place in places if place.time_s <= time_s]
    after = [place for place in places if place.time_s > time_s]
    if not places:
        return None
    if before and after:
        found = _between(before[-1], after[0], time_s, stray_mps)
    else:
        near = before[-1] if before else after[0]
        away_s = abs(time_s - near.time_s) + near.time_uncertainty_s
        found = _grown(_position(near), _pace_mps(places, stray_mps) * away_s)
    return found if found.uncertainty_m <= most_m else None


def enclosing(positions: Iterable[Position]) -> Position:
    """One place that holds all of several: their middle, with a radius that reaches to each and its uncertainty.

    Parameters
    ----------
    positions : iterable of Position
        One at least.

    Returns
    -------
    Position

    Raises
    ------
    InputError
        Without positions.

    Examples
    --------
    >>> enclosing([Position(lat=0.0, lon=lon, uncertainty_m=5.0) for lon in (0.0, 0.001)]).uncertainty_m > 60
    True
    """
    every = tuple(positions)
    lat, lon = middle_of(every)
    middle = Position(lat=lat, lon=lon, uncertainty_m=0.0)
    return _grown(middle, max(distance_m(middle, each) + each.uncertainty_m for each in every))


def _waypoint(point: StatedWaypoint, group_id: str, time_s: float, uncertainty_s: float) -> Waypoint:
    return Waypoint(
        lat=point.position.lat,
        lon=point.position.lon,
        uncertainty_m=point.position.uncertainty_m,
        group_id=group_id,
        time_s=time_s,
        time_uncertainty_s=uncertainty_s,
        recording_id=point.recording_id,
        basis=point.basis,
    )


def _position(point: Waypoint) -> Position:
    return Position(lat=point.lat, lon=point.lon, uncertainty_m=point.uncertainty_m)


def _between(one: Waypoint, other: Waypoint, time_s: float, stray_mps: float) -> Position:
    """On the straight line between two statements."""
    share = (time_s - one.time_s) / (other.time_s - one.time_s)
    plane = LocalPlane(lat=one.lat, lon=one.lon)
    east_m, north_m = plane.metres(other.lat, other.lon)
    lat, lon = plane.degrees(share * east_m, share * north_m)
    away_s = min(time_s - one.time_s, other.time_s - time_s)
    stated_m = (1.0 - share) * one.uncertainty_m + share * other.uncertainty_m
    # A clock that is off moves the place along the way.
    late_s = max(one.time_uncertainty_s, other.time_uncertainty_s)
    return Position(lat=lat, lon=lon, uncertainty_m=stated_m + _pace_mps((one, other), stray_mps) * (away_s + late_s))


def _pace_mps(places: Sequence[Waypoint], stray_mps: float) -> float:
    """The fastest mean speed between two statements, `stray_mps` at least."""
    return max([stray_mps, *(_speed_mps(a, b) for a, b in pairwise(places))])


def _speed_mps(one: Waypoint, other: Waypoint) -> float:
    """Mean speed between two statements; what lies within their uncertainties may be no movement at all."""
    apart_s = other.time_s - one.time_s
    moved_m = distance_m(_position(one), _position(other))
    if apart_s <= 0.0 or moved_m <= one.uncertainty_m + other.uncertainty_m:
        return 0.0
    return moved_m / apart_s


def _grown(position: Position, by_m: float) -> Position:
    return Position(lat=position.lat, lon=position.lon, uncertainty_m=position.uncertainty_m + by_m)
