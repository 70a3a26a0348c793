"""Tracks on the map, where people know four points of a view, or its camera's place and heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.pipeline.map_points import map_point_finding, points_of_recordings, why_mistaken
from syncview.pipeline.references import References
from syncview.timeline.moving import track_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import CaseFile
    from syncview.model import Finding, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.map_points import GivenPoint
    from syncview.pipeline.movements import Filmed, Films
    from syncview.reconstruct.ground_places import CameraView, GroundWay, PicturePoint
    from syncview.settings import MovementSettings

__all__ = ["Grounded", "ways_on_the_ground"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """Ways of tracks on the map, and for each recording whose map points carry none the reason."""

    by_track: Mapping[str, GroundWay]
    findings: tuple[Finding, ...]


def ways_on_the_ground(
    films: Films, case: CaseFile, recordings: Sequence[Recording], knowledge: Knowledge, *, settings: MovementSettings
) -> Grounded:
    """Put the tracks of every recording on the map, as far as people know its view.

    Parameters
    ----------
    films : Films
        What was followed.
    case : CaseFile
        With its ``[[map_point]]`` and ``[[recording]]`` tables.
    recordings : sequence of Recording
        Of this run.
    knowledge : Knowledge
        Where the cameras stood.
    settings : MovementSettings
        How uncertain all is.

    Returns
    -------
    Grounded
        Without ways of recordings of whose view nothing is known. Map points are checked whether or not anything was
        followed that they could place.
    """
    references = References(recordings)
    points = points_of_recordings(case, references)
    headings = {
        name: info.heading_deg
        for k, info in enumerate(case.recordings)
        if info.heading_deg is not None and (name := references.find(info.file, case.where("recording", k))) is not None
    }
    found: dict[str, GroundWay] = {}
    findings = []
    for recording in sorted(recordings, key=lambda each: each.id):
        name = recording.id
        film, given, camera = films.films.get(name), points.get(name, ()), _camera(name, headings.get(name), knowledge)
        why = why_mistaken(given, recording, camera) if given else None
        if film is not None and why is not None:
            found |= _refused(film, why)
        elif film is not None and (given or camera is not None):
            placed, why = _ways(film, given, camera, settings)
            found |= placed
        if why is not None and name not in knowledge.left_out:
            findings.append(map_point_finding(given, recording, why))
    return Grounded(by_track=found, findings=tuple(findings))


def _refused(film: Filmed, why: str) -> dict[str, GroundWay]:
    from syncview.reconstruct.ground_places import GroundWay

    return {
        track_id(film.recording_id, track.name): GroundWay(
            track_name=track.name, method=None, points=(), reasons=(why,)
        )
        for track in film.tracks
    }


def _ways(
    film: Filmed, given: Sequence[GivenPoint], camera: CameraView | None, settings: MovementSettings
) -> tuple[dict[str, GroundWay], str | None]:
    """Ways by track id, and why points that were given carry none."""
    from syncview.reconstruct.ground_plane import tracks_on_ground, why_no_ground

    points = [_looked_at(each, film.shown_px) for each in given]
    ways = tracks_on_ground(film.tracks, film.watched, map_points=points, camera=camera, settings=settings)
    why = why_no_ground(film.watched, map_points=points, settings=settings) if points else None
    return {track_id(film.recording_id, name): way for name, way in ways.items()}, why


def _looked_at(given: GivenPoint, shown_px: float) -> PicturePoint:
    """A point in pixels of the picture as it was looked at."""
    from syncview.reconstruct.ground_places import PicturePoint

    point = given.point
    return PicturePoint(
        time_s=point.time_s, x_px=point.x_px / shown_px, y_px=point.y_px / shown_px, lat=point.lat, lon=point.lon
    )


def _camera(name: str, heading_deg: float | None, knowledge: Knowledge) -> CameraView | None:
    position = knowledge.geometry.positions.get(name)
    if heading_deg is None or position is None:
        return None
    from syncview.reconstruct.ground_places import CameraView

    return CameraView(position=position, heading_deg=heading_deg)
