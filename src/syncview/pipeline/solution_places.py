"""Between the map and the plane on which a group is solved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.model import Ellipse, Finding, Location, MapPlace
from syncview.pipeline.known_places import placed_events, strike_conflicts
from syncview.reconstruct.local_plane import far_apart, plane_of
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Event, Group
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.geometry import Position
    from syncview.reconstruct.local_plane import LocalPlane
    from syncview.reconstruct.solving.problem import Problem
    from syncview.reconstruct.solving.solution import SolvedPlace, SolvedSource

__all__ = ["location_of", "placed_strike_findings", "plane_of_group"]


def plane_of_group(
    group: Group, positions: Mapping[str, Position], placed: Mapping[str, Position]
) -> LocalPlane | None:
    """Plane around what is known of a group's places.

    Parameters
    ----------
    group : Group
        Its recordings.
    positions, placed : mapping of str to Position
        Of cameras by recording id, and of strikes by event id.

    Returns
    -------
    LocalPlane or None
        None where nothing is known, or where places are too far apart to be of one incident.
    """
    known = _places(group, positions, placed)
    return None if far_apart(known) is not None else plane_of(known)


def _places(group: Group, positions: Mapping[str, Position], placed: Mapping[str, Position]) -> dict[str, Position]:
    names = {clock.recording_id for clock in group.clocks}
    return {**{name: place for name, place in positions.items() if name in names}, **placed}


def location_of(
    source: SolvedSource, plane: LocalPlane, problem: Problem, assumptions: tuple[str, ...]
) -> Location | None:
    """Where a strike happened, on the map.

    Parameters
    ----------
    source : SolvedSource
        As it was solved.
    plane : LocalPlane
        The plane of the group.
    problem : Problem
        Says which recording each piece belongs to.
    assumptions : tuple of str
        What is taken for granted of the air.

    Returns
    -------
    Location or None
        None where the place is not known.
    """
    if source.place is None:
        return None
    owner = {piece.name: piece.recording_id for piece in problem.pieces}
    here = _on_map(source.place, plane)
    return Location(
        lat=here.lat,
        lon=here.lon,
        uncertainty_m=here.uncertainty_m,
        ellipse=here.ellipse,
        method=source.method,
        alternatives=tuple(_on_map(other, plane) for other in source.alternatives),
        residuals_s=tuple((owner[piece], residual_s) for piece, residual_s in source.residuals_s),
        assumptions=assumptions,
    )


def _on_map(place: SolvedPlace, plane: LocalPlane) -> MapPlace:
    lat, lon = plane.degrees(*place.place_m)
    ellipse = Ellipse(
        major_m=place.ellipse.major_m, minor_m=place.ellipse.minor_m, azimuth_deg=place.ellipse.azimuth_deg
    )
    return MapPlace(lat=lat, lon=lon, uncertainty_m=place.uncertainty_m, ellipse=ellipse)


def placed_strike_findings(heard: Sequence[Event], knowledge: Knowledge) -> tuple[Finding, ...]:
    """Find the strikes that people placed near no sound or at two places, and places too far apart for one incident.

    Parameters
    ----------
    heard : sequence of Event
        What was found.
    knowledge : Knowledge
        What people placed.

    Returns
    -------
    tuple of Finding
        In the order of the statements.
    """
    placed, left = placed_events(heard, knowledge.placed_strikes)
    doubted = tuple(
        Finding(
            kind="wrong_place",
            recording_ids=(each.recording_id,),
            group_id=None,
            time_s=round_s(each.time_s),
            value=None,
            unit=None,
            message=f"{each.where}: no sound was found near {each.time_s:g} s of the file, so the place was not used",
        )
        for each in left
    )
    doubted += tuple(
        Finding(
            kind="wrong_place",
            recording_ids=tuple(sorted({unused.recording_id, used.recording_id})),
            group_id=None,
            time_s=round_s(unused.time_s),
            value=round(apart_m, 1),
            unit="m",
            message=f"{unused.where} and {used.where} place {event_id} {apart_m:.0f} m apart, beyond their +-; "
            f"{used.where}, the later, was used",
        )
        for event_id, unused, used, apart_m in strike_conflicts(heard, knowledge.placed_strikes)
    )
    named = {**knowledge.geometry.positions, **{name: each.position for name, each in placed.items()}}
    apart = far_apart(named)
    if apart is None:
        return doubted
    one, other, metres = apart
    said = (
        f"the places of {one} and of {other} are {metres / 1000:.0f} km apart: of a group that has both, none is used"
    )
    ids = tuple(name for name in (one, other) if name in knowledge.geometry.positions)
    far = Finding(
        kind="wrong_position", recording_ids=ids, group_id=None, time_s=None, value=metres, unit="m", message=said
    )
    return (*doubted, far)
