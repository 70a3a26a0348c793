"""Strikes of which only the distance from cameras is known: rings around them, from flash to bang."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import MapPlace
from syncview.timeline.ground import Spot, between, spot_of
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["Ring", "ring_distance", "rings_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """How far a strike was from a camera, in metres; `most_m` None: at least. `spot` is where the camera stood."""

    recording_id: str
    distance_m: float | None
    least_m: float
    most_m: float | None
    spot: Spot | None
    assumptions: tuple[str, ...]


def rings_of(strike: Event, parts: TimelineParts) -> tuple[Ring, ...]:
    """Distances of a strike from the cameras that show its flash.

    Parameters
    ----------
    strike : Event
        With what its recordings show.
    parts : TimelineParts
        Places of the cameras.

    Returns
    -------
    tuple of Ring
        By recording.
    """
    positions = {} if parts.geometry is None else parts.geometry.positions
    rings = []
    for seen in sorted(strike.observations, key=lambda seen: natural_key(seen.recording_id)):
        picked = None if seen.sight is None else seen.sight.picked
        if picked is None or picked.distance_interval_m == (0.0, None):  # a flash that tells no distance
            continue
        stood = positions.get(seen.recording_id)
        place = None if stood is None else MapPlace(lat=stood.lat, lon=stood.lon, uncertainty_m=stood.uncertainty_m)
        rings.append(
            Ring(
                recording_id=seen.recording_id,
                distance_m=picked.distance_m,
                least_m=picked.distance_interval_m[0],
                most_m=picked.distance_interval_m[1],
                spot=None if place is None else spot_of(place),
                assumptions=parts.ranging_assumptions.get(seen.recording_id, ()),
            )
        )
    return tuple(rings)


def ring_distance(where: Spot, rings: Sequence[Ring]) -> tuple[float, float | None] | None:
    """Interval of the distance between a place and a strike that lies somewhere on rings around cameras.

    Parameters
    ----------
    where : Spot
        The place.
    rings : sequence of Ring
        Those without a place of the camera tell nothing.

    Returns
    -------
    tuple of float and (float or None), or None
        Least and most metres, by the triangle of camera, place and strike; None where no ring tells anything, or where
        the rings contradict each other.

    Examples
    --------
    >>> camera = Spot(lat=0.0, lon=0.0, uncertainty_m=0.0)
    >>> ring = Ring(recording_id="a", distance_m=300, least_m=290, most_m=310, spot=camera, assumptions=())
    >>> least_m, most_m = ring_distance(Spot(lat=0.0, lon=0.001, uncertainty_m=0.0), [ring])
    >>> round(least_m), round(most_m)
    (179, 421)
    """
    least_m, most_m = 0.0, float("inf")
    for ring in rings:
        if ring.spot is None:
            continue
        apart = between(ring.spot, where)
        least_m = max(least_m, ring.least_m - apart.most_m)
        if ring.most_m is not None:
            least_m = max(least_m, apart.least_m - ring.most_m)
            most_m = min(most_m, apart.most_m + ring.most_m)
    if least_m > most_m or (least_m == 0.0 and most_m == float("inf")):
        return None
    return least_m, None if most_m == float("inf") else most_m
