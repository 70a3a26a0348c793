"""What people say of the figures that the program followed: names, tags, teams, and which of them are the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from syncview.model import Finding
from syncview.pipeline.findings import by_whom
from syncview.pipeline.movement_matching import from_box_px
from syncview.pipeline.references import References
from syncview.reconstruct.geometry import Position
from syncview.reconstruct.ways import StatedWay, StatedWaypoint
from syncview.timebase import round_s
from syncview.timeline.moving import track_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from syncview.case import CaseFile, Spot, TrackNote
    from syncview.model import FigureKind, Recording, Track
    from syncview.settings import MovementSettings

__all__ = ["FigureNote", "GroundMoment", "figure_notes", "unplaced_findings", "with_followed"]

_EVERY_S = 1.0  # between places of a followed figure that are kept: on the way between, it is 1 m off at most


class GroundMoment(Protocol):
    """Where a figure stood at a moment of recording time; `uncertainty_m` is a 95 % radius."""

    @property
    def time_s(self) -> float:
        """Recording time."""

    @property
    def lat(self) -> float:
        """Latitude, WGS84 degrees."""

    @property
    def lon(self) -> float:
        """Longitude, WGS84 degrees."""

    @property
    def uncertainty_m(self) -> float:
        """95 % radius."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureNote:
    """What people say of one followed figure, or of another that is the same, as a person confirms.

    `track_id` is such as ``"rec-2/person-12"``, `of` the team whose places on the ground its own are, `same` the ids of
    its other tracks, `said` the same in words, with who says so.
    """

    track_id: str
    kind: FigureKind
    label: str | None = None
    tags: tuple[str, ...] = ()
    of: str | None = None
    same: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def figure_notes(
    case: CaseFile,
    recordings: Sequence[Recording],
    tracks: Sequence[Track],
    *,
    left_out: Collection[str] = (),
    settings: MovementSettings,
) -> tuple[dict[str, FigureNote], tuple[Finding, ...]]:
    """Tie ``[[track]]`` tables to the figures that were followed.

    Parameters
    ----------
    case : CaseFile
        What people say.
    recordings : sequence of Recording
        Of this run.
    tracks : sequence of Track
        Of all recordings.
    left_out : collection of str
        Recordings that people leave out: what is said of them waits.
    settings : MovementSettings
        How near to a figure's box a place must be.

    Returns
    -------
    notes : dict of str to FigureNote
        By track id. Of two labels or teams of one figure the later in the file counts; tags add up.
    findings : tuple of Finding
        Statements for which no figure was followed there.
    """
    references, findings = References(recordings), []
    said: list[tuple[TrackNote, tuple[Track, ...]]] = []
    for k, table in enumerate(case.tracks):
        where, found = case.where("track", k), []
        for spot in (table.near, *(() if table.same_as is None else (table.same_as,))):
            name = references.find(spot.file, where)
            if name is None or name in left_out:
                break
            track = _track_at(spot, name, tracks, settings)
            if track is None:
                findings.append(_no_figure(spot, name, where, tracks))
                break
            found.append(track)
        if found:
            said.append((table, tuple(found)))
    return _noted(said), tuple(findings)


def with_followed(
    ways: Sequence[StatedWay],
    notes: Mapping[str, FigureNote],
    grounds: Mapping[str, Sequence[GroundMoment]],
) -> tuple[StatedWay, ...]:
    """Let the places of followed figures count as those of the teams that people say they are of.

    Parameters
    ----------
    ways : sequence of StatedWay
        What people placed themselves.
    notes : mapping of str to FigureNote
        As `figure_notes` gives them.
    grounds : mapping of str to sequence of GroundMoment
        By track id, where the figure was on the ground, as far as that is known; ascending.

    Returns
    -------
    tuple of StatedWay
        The ways in their order, with a waypoint more for each second, then those of teams that nobody placed.
    """
    every = {(way.of, way.camera_id): way for way in ways}
    for name, note in sorted(notes.items()):
        points = grounds.get(name, ())
        if note.of is None or not points:
            continue
        added = tuple(
            StatedWaypoint(
                recording_id=name.partition("/")[0],
                time_s=point.time_s,
                position=Position(lat=point.lat, lon=point.lon, uncertainty_m=point.uncertainty_m),
                basis=f"followed as {name}",
            )
            for point in _each_second(points)
        )
        key = (note.of, None)
        way = every.get(key) or StatedWay(of=note.of, camera_id=None, mover=note.kind, waypoints=())
        every[key] = replace(way, mover=way.mover or note.kind, waypoints=(*way.waypoints, *added))
    return tuple(every.values())


def unplaced_findings(
    notes: Mapping[str, FigureNote], grounds: Mapping[str, Sequence[GroundMoment]]
) -> tuple[Finding, ...]:
    """Find the figures that people say are of a team although nobody knows where on the ground they are.

    Parameters
    ----------
    notes, grounds
        As `with_followed` takes them.

    Returns
    -------
    tuple of Finding
    """
    return tuple(
        Finding(
            kind="unplaced_figure",
            recording_ids=(name.partition("/")[0],),
            group_id=None,
            time_s=None,
            value=None,
            unit=None,
            message=f"{note.said[-1]}; where {name} is on the ground is not known, so it gives {note.of} no place: "
            "state four [[map_point]] of that view, or place and heading of the camera",
        )
        for name, note in sorted(notes.items())
        if note.of is not None and not any(grounds.get(each) for each in (name, *note.same))
    )


def _each_second(points: Sequence[GroundMoment]) -> list[GroundMoment]:
    kept = [points[0]]
    for point in points[1:]:
        if point.time_s - kept[-1].time_s >= _EVERY_S or point is points[-1]:
            kept.append(point)
    return kept


def _track_at(spot: Spot, recording_id: str, tracks: Sequence[Track], settings: MovementSettings) -> Track | None:
    """The figure whose box holds a place then: the smallest of several, else the nearest within its own height."""
    options = []
    for k, track in enumerate(tracks):
        near = [point for point in track.points if abs(point.time_s - spot.time_s) <= settings.figure_reach_s]
        if track.recording_id != recording_id or not near:
            continue
        point = min(near, key=lambda point: abs(point.time_s - spot.time_s))
        left, top, right, bottom = point.box_px
        off_px = from_box_px(point, spot.x_px, spot.y_px)
        if off_px <= settings.figure_reach_heights * (bottom - top):
            options.append((off_px, (right - left) * (bottom - top), k))
    return tracks[min(options)[2]] if options else None


def _no_figure(spot: Spot, recording_id: str, where: str, tracks: Sequence[Track]) -> Finding:
    own = [
        (abs(point.time_s - spot.time_s), from_box_px(point, spot.x_px, spot.y_px), point, track.name)
        for track in tracks
        if track.recording_id == recording_id
        for point in track.points
    ]
    words = "no figure was followed in that file"
    if own:
        _, _, point, name = min(own, key=lambda each: each[:2])
        x_px, y_px = (point.box_px[0] + point.box_px[2]) / 2, (point.box_px[1] + point.box_px[3]) / 2
        words = f"the nearest then is {name} around x_px = {x_px:.0f}, y_px = {y_px:.0f} at {point.time_s:.2f} s"
    return Finding(
        kind="unmatched_correction",
        recording_ids=(recording_id,),
        group_id=None,
        time_s=round_s(spot.time_s),
        value=None,
        unit=None,
        message=f"{where}: no figure was followed at x_px = {spot.x_px:g}, y_px = {spot.y_px:g} at {spot.time_s:g} s "
        f"of {spot.file}; {words}",
    )


def _noted(said: Sequence[tuple[TrackNote, tuple[Track, ...]]]) -> dict[str, FigureNote]:
    """Notes by track; what is said of a figure holds for all its tracks."""
    figures: list[set[str]] = []
    kinds: dict[str, FigureKind] = {}
    for _, found in said:
        ids = [track_id(track.recording_id, track.name) for track in found]
        kinds |= {name: track.kind for name, track in zip(ids, found, strict=True)}
        own = set(ids)
        touched = [each for each in figures if each & own]
        figures = [each for each in figures if not each & own] + [own.union(*touched)]
    notes = {}
    for figure in figures:
        tables = [table for table, found in said if track_id(found[0].recording_id, found[0].name) in figure]
        labels = [table.label for table in tables if table.label is not None]
        teams = [table.of for table in tables if table.of is not None]
        for name in figure:
            notes[name] = FigureNote(
                track_id=name,
                kind=kinds[name],
                label=labels[-1] if labels else None,
                tags=tuple(dict.fromkeys(tag for table in tables for tag in table.tags)),
                of=teams[-1] if teams else None,
                same=tuple(sorted(figure - {name})),
                said=tuple(dict.fromkeys(_words(table) for table in tables)),
            )
    return dict(sorted(notes.items()))


def _words(table: TrackNote) -> str:
    parts = [
        *(() if table.label is None else (f"'{table.label}'",)),
        *(() if not table.tags else (f"tagged {', '.join(table.tags)}",)),
        *(() if table.of is None else (f"of {table.of}",)),
        *(() if table.same_as is None else (f"the same as at {table.same_as.time_s:g} s of {table.same_as.file}",)),
        *(() if table.note is None else (table.note,)),
    ]
    return f"{by_whom(table)}: the figure at {table.near.time_s:g} s of {table.near.file}: {'; '.join(parts)}"
