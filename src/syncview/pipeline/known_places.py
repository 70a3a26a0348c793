"""What people know of places: of cameras that move, teams, vehicles, strikes, and what strikes are measured against."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.case import SAME_ARRIVAL_S, is_named
from syncview.model import KnownPlace, Way
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.ways import StatedWay, StatedWaypoint, enclosing, on_clocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syncview.case import CaseFile, PlacedStrike, RecordingInfo
    from syncview.case import Place as PlaceTable
    from syncview.case import Position as PositionTable
    from syncview.model import Clock, Event, Group, Mover
    from syncview.pipeline.references import References
    from syncview.settings import ReconstructSettings

__all__ = [
    "StatedStrike",
    "camera_positions",
    "known_places",
    "placed_events",
    "stated_strikes",
    "stated_ways",
    "strike_conflicts",
    "ways_on_clocks",
]

_NEARLY = 0.8  # how alike a name must be to that of a file to be taken for a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedStrike:
    """A person's geolocation of the strike that a recording hears at a moment; `where` it stands in case.toml."""

    recording_id: str
    time_s: float
    position: Position
    where: str


def stated_strikes(case: CaseFile, references: References, settings: ReconstructSettings) -> tuple[StatedStrike, ...]:
    """``[[strike]]`` tables, tied to recordings.

    Parameters
    ----------
    case : CaseFile
        What people wrote.
    references : References
        Takes note of references that mean nothing.
    settings : ReconstructSettings
        How well a place is known that is stated without its uncertainty.

    Returns
    -------
    tuple of StatedStrike
        In the order of the file.
    """
    return tuple(
        StatedStrike(
            recording_id=name,
            time_s=table.near.time_s,
            position=_position(table, settings),
            where=case.where("strike", k),
        )
        for k, table in enumerate(case.strikes)
        if (name := references.find(table.near.file, case.where("strike", k))) is not None
    )


def placed_events(
    events: Sequence[Event], strikes: Sequence[StatedStrike]
) -> tuple[dict[str, StatedStrike], tuple[StatedStrike, ...]]:
    """Find the events that people have placed.

    Parameters
    ----------
    events : sequence of Event
        What was heard.
    strikes : sequence of StatedStrike
        What people placed.

    Returns
    -------
    placed : dict of str to StatedStrike
        By event id. Of two statements about one event the later in the file counts.
    left : tuple of StatedStrike
        Those near which nothing was heard.
    """
    found = _by_event(events, strikes)
    placed = {event_id: stated for event_id, stated in found if event_id is not None}
    return placed, tuple(stated for event_id, stated in found if event_id is None)


def strike_conflicts(
    events: Sequence[Event], strikes: Sequence[StatedStrike]
) -> tuple[tuple[str, StatedStrike, StatedStrike, float], ...]:
    """Find the statements about one event that differ by more than their uncertainties; see `placed_events`.

    Returns
    -------
    tuple of (str, StatedStrike, StatedStrike, float)
        The event's id, a statement that does not count, the one that does, and the metres between them.
    """
    found = _by_event(events, strikes)
    used = dict(found)
    return tuple(
        (event_id, stated, last, apart_m)
        for event_id, stated in found
        if event_id is not None
        and (apart_m := distance_m(stated.position, (last := used[event_id]).position))
        > stated.position.uncertainty_m + last.position.uncertainty_m
    )


def _by_event(events: Sequence[Event], strikes: Sequence[StatedStrike]) -> list[tuple[str | None, StatedStrike]]:
    """Each statement with the id of the event that it is about, None where nothing was heard."""
    found: list[tuple[str | None, StatedStrike]] = []
    for stated in strikes:
        near = [
            (abs(seen.sound_s - stated.time_s), event.kind != "strike", event.id)
            for event in events
            for seen in event.observations
            if seen.recording_id == stated.recording_id and seen.sound_s is not None
        ]
        off_s, _, event_id = min(near, default=(float("inf"), False, ""))
        found.append((event_id if off_s <= SAME_ARRIVAL_S else None, stated))
    return found


def known_places(case: CaseFile, settings: ReconstructSettings) -> tuple[KnownPlace, ...]:
    """``[[place]]`` tables.

    Parameters
    ----------
    case : CaseFile
        What people wrote.
    settings : ReconstructSettings
        How well a place is known that is stated without its uncertainty.

    Returns
    -------
    tuple of KnownPlace
        In the order of the file.
    """
    return tuple(
        KnownPlace(
            lat=table.lat,
            lon=table.lon,
            uncertainty_m=_uncertainty_m(table, settings),
            label=table.label,
            kind=table.kind or "place",
        )
        for table in case.places
    )


def stated_ways(
    case: CaseFile, references: References, settings: ReconstructSettings
) -> tuple[tuple[StatedWay, ...], tuple[str, ...]]:
    """``[[position]]`` tables by what they are about: a recording's camera where they name one, else a team or vehicle.

    Parameters
    ----------
    case : CaseFile
        What people wrote.
    references : References
        Takes note of references that mean nothing.
    settings : ReconstructSettings
        How well a place is known that is stated without its uncertainty.

    Returns
    -------
    ways : tuple of StatedWay
        In the order in which the file first names them.
    remarks : tuple of str
        Names that look like those of recordings and are none.
    """
    found: dict[tuple[str, str | None], list[tuple[StatedWaypoint, Mover | None]]] = {}
    remarks: dict[str, None] = {}
    for k, table in enumerate(case.positions):
        where = case.where("position", k)
        shown = references.find(table.file, where)
        camera = None
        if is_named(table.of, references.recordings):
            camera = references.find(table.of, where)
            if camera is None:
                continue
        else:
            names = [recording.name_display for recording in references.recordings]
            near = difflib.get_close_matches(table.of, names, n=1, cutoff=_NEARLY)
            if near:
                remarks[
                    f"{where}: of = {table.of!r} is no recording, so it is taken for a team (is it {near[0]!r}?)"
                ] = None
        if shown is None:
            continue
        point = StatedWaypoint(
            recording_id=shown, time_s=table.time_s, position=_position(table, settings), basis=table.basis
        )
        found.setdefault((camera or table.of, camera), []).append((point, table.mover))
    ways = tuple(
        StatedWay(
            of=of,
            camera_id=camera,
            mover=next((mover for _, mover in points if mover is not None), None),
            waypoints=tuple(point for point, _ in points),
        )
        for (of, camera), points in found.items()
    )
    return ways, tuple(remarks)


def camera_positions(
    about: Mapping[str, RecordingInfo], ways: Sequence[StatedWay], settings: ReconstructSettings
) -> dict[str, Position]:
    """Where each camera was during all of its recording.

    Parameters
    ----------
    about : mapping of str to RecordingInfo
        ``[[recording]]`` tables by recording id.
    ways : sequence of StatedWay
        Moments at which cameras were placed.
    settings : ReconstructSettings
        How well a place is known that is stated without its uncertainty.

    Returns
    -------
    dict of str to Position
        A camera that moves has the place that holds all of its statements.
    """
    stated: dict[str, list[Position]] = {}
    for name, info in sorted(about.items()):
        if info.lat is not None and info.lon is not None:
            uncertainty_m = _uncertainty_m(info, settings)
            stated.setdefault(name, []).append(Position(lat=info.lat, lon=info.lon, uncertainty_m=uncertainty_m))
    for way in ways:
        if way.camera_id is not None:
            stated.setdefault(way.camera_id, []).extend(point.position for point in way.waypoints)
    return {name: each[0] if len(each) == 1 else enclosing(each) for name, each in sorted(stated.items())}


def ways_on_clocks(
    ways: Sequence[StatedWay], groups: Sequence[Group], moment_s: Callable[[Clock, float], float | None]
) -> tuple[Way, ...]:
    """Put ways on the groups' clocks; those of which no moment is on one are left out.

    Parameters
    ----------
    ways : sequence of StatedWay
        What people stated.
    groups : sequence of Group
        With their lasting ids.
    moment_s : callable
        Group time of a moment of a recording, or None.

    Returns
    -------
    tuple of Way
    """
    every = (on_clocks(way, groups, moment_s) for way in ways)
    return tuple(way for way in every if way.waypoints)


def _position(table: PlacedStrike | PositionTable, settings: ReconstructSettings) -> Position:
    return Position(lat=table.lat, lon=table.lon, uncertainty_m=_uncertainty_m(table, settings))


def _uncertainty_m(
    table: PlacedStrike | PositionTable | PlaceTable | RecordingInfo, settings: ReconstructSettings
) -> float:
    stated_m = table.position_uncertainty_m
    return settings.position_uncertainty_m if stated_m is None else stated_m
