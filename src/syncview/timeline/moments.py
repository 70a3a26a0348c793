"""When a strike fell, as far as its time basis tells, and one group's time on another's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import MapPlace
from syncview.timeline.ground import between, spot_of

if TYPE_CHECKING:
    from syncview.model import Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["Moment", "moment_of_event", "on_clock"]

_ARRIVAL = "arrival_at:"


@dataclass(frozen=True, slots=True)
class Moment:
    """Group time in seconds, its 95 % half-width, and what must hold for it."""

    time_s: float
    uncertainty_s: float
    assumptions: tuple[str, ...] = ()


def moment_of_event(event: Event, parts: TimelineParts) -> Moment:
    """When something happened: the arrival of its sound, less the sound's way.

    Parameters
    ----------
    event : Event
        A strike, or what a person saw.
    parts : TimelineParts
        What is known of places.

    Returns
    -------
    Moment
        Its own time where `time_basis` names the explosion or a picture. From an arrival, the way is that from flash
        and bang, else that between known places, else anything up to `max_camera_distance_m`.
    """
    if not event.time_basis.startswith(_ARRIVAL):
        return Moment(event.time_s, event.uncertainty_s)
    name = event.time_basis.removeprefix(_ARRIVAL)
    way_m = _way_m(event, name, parts)
    if way_m is None:
        most_m = parts.max_camera_distance_m
        half_s = 0.5 * most_m / _slowest_mps(parts)
        said = f"its sound came from within {most_m:.0f} m of the camera"
        return Moment(event.time_s - half_s, event.uncertainty_s + half_s, (said,))
    least_s, most_s = way_m[0] / parts.sound_speed_mps, way_m[1] / _slowest_mps(parts)
    width_s = math.hypot(event.uncertainty_s, 0.5 * (most_s - least_s))
    return Moment(event.time_s - 0.5 * (least_s + most_s), width_s)


def on_clock(moment: Moment, of_group: str, group_id: str, parts: TimelineParts) -> Moment | None:
    """State a moment of one group on another group's clock.

    Parameters
    ----------
    moment : Moment
        On the clock of `of_group`.
    of_group, group_id : str
        From which, and to which.
    parts : TimelineParts
        With the groups' UTC.

    Returns
    -------
    Moment or None
        With the uncertainties of both UTC; None where one of them is not known.
    """
    if of_group == group_id:
        return moment
    first, second = parts.utc.get(of_group), parts.utc.get(group_id)
    if first is None or second is None:
        return None
    shift_s = (first.utc - second.utc).total_seconds()
    width_s = math.hypot(moment.uncertainty_s, first.uncertainty_s, second.uncertainty_s)
    return Moment(moment.time_s + shift_s, width_s, moment.assumptions)


def _slowest_mps(parts: TimelineParts) -> float:
    slowest = None if parts.geometry is None else parts.geometry.slowest_sound_mps
    return slowest or parts.sound_speed_mps


def _way_m(event: Event, name: str, parts: TimelineParts) -> tuple[float, float] | None:
    """95 % interval of the way from an event to a camera, in metres; None where it is not known."""
    for seen in event.observations:
        picked = None if seen.recording_id != name or seen.sight is None else seen.sight.picked
        if picked is not None and picked.distance_interval_m[1] is not None:
            return picked.distance_interval_m[0], picked.distance_interval_m[1]
    position = None if parts.geometry is None else parts.geometry.positions.get(name)
    if event.location is None or position is None:
        return None
    camera = MapPlace(lat=position.lat, lon=position.lon, uncertainty_m=position.uncertainty_m)
    ways = [between(spot_of(place), spot_of(camera)) for place in (event.location, *event.location.alternatives)]
    return min(way.least_m for way in ways), max(way.most_m for way in ways)
