"""How far each strike was from teams, places, cameras and the strike before it: each with its interval, none ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.model import MapPlace
from syncview.timebase import group_extent_s
from syncview.timeline.findings import DistanceEntry
from syncview.timeline.ground import Spot, Stretch, between, spot_of, widest
from syncview.timeline.intervals import in_order
from syncview.timeline.moments import moment_of_event
from syncview.timeline.parts import natural_key
from syncview.timeline.rings import Ring, ring_distance, rings_of
from syncview.timeline.ways import Whereabouts, place_before, whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.model import Event
    from syncview.timeline.moments import Moment
    from syncview.timeline.parts import TimelineParts

__all__ = ["distances_of_strikes"]

Kind = Literal["initial impact", "alternative object", "place", "team now", "team before", "camera", "strike before"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What a strike is measured against: where it was, with other places that fit, or why that is not known."""

    to: str
    kind: Kind
    where: tuple[Spot, ...] | str
    at_s: float | None = None
    recording_ids: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


def distances_of_strikes(parts: TimelineParts) -> tuple[DistanceEntry, ...]:
    """Measure every strike against everything that is known to be somewhere.

    Parameters
    ----------
    parts : TimelineParts
        The run's results, with places and ways.

    Returns
    -------
    tuple of DistanceEntry
        By strike in their order, then what people named, teams, cameras, and the strike before. A strike that is not
        located has what its distances from cameras leave, or null with the reason. With no place known at all, only
        distances from flash and bang.
    """
    strikes = in_order(parts)
    located: list[Event] = []
    entries: list[DistanceEntry] = []
    for strike in strikes:
        rings = rings_of(strike, parts)
        entries += (_from_ring(strike, ring) for ring in rings)
        entries += (_entry(strike, target, rings) for target in _targets(strike, parts, located[-1:]))
        if strike.location is not None:
            located.append(strike)
    return tuple(entries)


def _targets(strike: Event, parts: TimelineParts, before: Sequence[Event]) -> Iterator[_Target]:
    kinds = ("initial impact", "alternative object", "place")
    for place in sorted(parts.places, key=lambda p: (kinds.index(p.kind), natural_key(p.label), p.lat, p.lon)):
        yield _Target(to=place.label, kind=place.kind, where=(spot_of(place),))
    moment = moment_of_event(strike, parts)
    standing = _standing(parts)
    for way in sorted((way for way in parts.ways if way.of not in standing), key=lambda way: natural_key(way.of)):
        yield _seen(way.of, "team now", whereabouts(way, moment, strike.group_id, parts), moment)
        yield _seen(way.of, "team before", place_before(way, moment, strike.group_id, parts), moment)
    if strike.location is None:
        return  # a place that nobody named needs no line of nulls
    yield from _cameras(strike, moment, parts)
    for other in before:
        if other.location is not None:
            where = tuple(spot_of(place) for place in (other.location, *other.location.alternatives))
            yield _Target(to=other.id, kind="strike before", where=where, assumptions=other.location.assumptions)


def _seen(name: str, kind: Kind, found: Whereabouts | str, moment: Moment) -> _Target:
    if isinstance(found, str):
        return _Target(to=name, kind=kind, where=found)
    said = dict.fromkeys((*moment.assumptions, *found.assumptions))
    return _Target(
        to=name,
        kind=kind,
        where=(found.spot,),
        at_s=found.at_s,
        recording_ids=found.recording_ids,
        assumptions=tuple(said) if kind == "team now" else found.assumptions,
    )


def _cameras(strike: Event, moment: Moment, parts: TimelineParts) -> Iterator[_Target]:
    """Cameras that stood somewhere and filmed at that moment; those that moved are among the ways."""
    standing = _standing(parts)
    group = next(group for group in parts.groups if group.id == strike.group_id)
    for clock in sorted(group.clocks, key=lambda clock: natural_key(clock.recording_id)):
        name = clock.recording_id
        start_s, end_s = group_extent_s(clock)
        if name in standing and start_s <= moment.time_s <= end_s:
            yield _Target(to=name, kind="camera", where=(standing[name],), recording_ids=(name,))


def _standing(parts: TimelineParts) -> dict[str, Spot]:
    """Where the cameras stood that were placed once; one that was placed at several moments moved."""
    positions = {} if parts.geometry is None else parts.geometry.positions
    moved = {way.of for way in parts.ways if len(way.waypoints) > 1}
    return {
        name: spot_of(MapPlace(lat=stood.lat, lon=stood.lon, uncertainty_m=stood.uncertainty_m))
        for name, stood in positions.items()
        if name not in moved
    }


def _entry(strike: Event, target: _Target, rings: Sequence[Ring]) -> DistanceEntry:
    if isinstance(target.where, str):
        return _written(strike, target, reason=target.where)
    if strike.location is None:
        return _unlocated(strike, target, target.where[0], rings)
    others = target.where
    places = strike.location, *strike.location.alternatives
    spans = [between(spot_of(place), other) for other in others for place in places]
    return _written(
        strike,
        target,
        span=widest(spans),
        alternatives_m=tuple(span.distance_m for span in spans[1:]),
        assumptions=(*strike.location.assumptions, *target.assumptions),
    )


def _unlocated(strike: Event, target: _Target, where: Spot, rings: Sequence[Ring]) -> DistanceEntry:
    """What distances from cameras alone leave of the distance from a place."""
    why = strike.location_abstained or "the place of the strike is not known"
    found = ring_distance(where, rings)
    if found is None:
        return _written(strike, target, reason=why)
    placed = [ring for ring in rings if ring.spot is not None]
    cameras = ", ".join(ring.recording_id for ring in placed)
    said = (*(text for ring in placed for text in ring.assumptions), *target.assumptions)
    why = f"only its distance from {cameras} is known: {why}"
    return _written(strike, target, interval_m=found, reason=why, assumptions=said)


def _written(
    strike: Event,
    target: _Target,
    *,
    span: Stretch | None = None,
    interval_m: tuple[float, float | None] | None = None,
    reason: str | None = None,
    alternatives_m: tuple[float, ...] = (),
    assumptions: tuple[str, ...] = (),
) -> DistanceEntry:
    return DistanceEntry(
        strike_id=strike.id,
        to=target.to,
        distance_m=None if span is None else span.distance_m,
        interval_m=interval_m if span is None else (span.least_m, span.most_m),
        kind=target.kind,
        at_s=target.at_s,
        reason=reason,
        recording_ids=target.recording_ids,
        alternatives_m=alternatives_m,
        assumptions=tuple(dict.fromkeys(assumptions)),
    )


def _from_ring(strike: Event, ring: Ring) -> DistanceEntry:
    return DistanceEntry(
        strike_id=strike.id,
        to=ring.recording_id,
        kind="flash and bang",
        distance_m=ring.distance_m,
        interval_m=(ring.least_m, ring.most_m),
        reason=None if ring.distance_m is not None else "its light shows only that it was at least so far",
        recording_ids=(ring.recording_id,),
        assumptions=ring.assumptions,
    )
