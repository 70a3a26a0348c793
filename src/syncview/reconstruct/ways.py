"""Moments at which people have placed cameras, teams and vehicles, and ways of these on the groups' clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Way, Waypoint
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.local_plane import middle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from syncview.model import Clock, Group, Mover

__all__ = ["StatedWay", "StatedWaypoint", "enclosing", "on_clocks"]


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


def _grown(position: Position, by_m: float) -> Position:
    return Position(lat=position.lat, lon=position.lon, uncertainty_m=position.uncertainty_m + by_m)
