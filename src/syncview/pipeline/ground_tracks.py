"""Tracks on the map, where people know four points of a view, or its camera's place and heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.pipeline.references import References
from syncview.timeline.moving import track_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.case import CaseFile
    from syncview.model import Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.movements import Filmed, Films
    from syncview.reconstruct.ground_places import CameraView, GroundWay, PicturePoint
    from syncview.settings import MovementSettings

__all__ = ["ways_on_the_ground"]


def ways_on_the_ground(
    films: Films, case: CaseFile, recordings: Sequence[Recording], knowledge: Knowledge, *, settings: MovementSettings
) -> dict[str, GroundWay]:
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
    dict of str to GroundWay
        By track id; without those of recordings of whose view nothing is known.
    """
    references = References(recordings)
    points = _points(case, references)
    headings = {
        name: info.heading_deg
        for k, info in enumerate(case.recordings)
        if info.heading_deg is not None and (name := references.find(info.file, case.where("recording", k))) is not None
    }
    found: dict[str, GroundWay] = {}
    for name, film in films.films.items():
        camera = _camera(name, headings.get(name), knowledge)
        if points.get(name) or camera is not None:
            found |= _ways(film, points.get(name, ()), camera, settings)
    return found


def _ways(
    film: Filmed, points: Sequence[PicturePoint], camera: CameraView | None, settings: MovementSettings
) -> dict[str, GroundWay]:
    from syncview.reconstruct.ground_plane import PicturePoint, tracks_on_ground

    looked_at = [
        PicturePoint(
            time_s=point.time_s,
            x_px=point.x_px / film.shown_px,
            y_px=point.y_px / film.shown_px,
            lat=point.lat,
            lon=point.lon,
            uncertainty_m=point.uncertainty_m,
        )
        for point in points
    ]
    ways = tracks_on_ground(film.tracks, film.watched, map_points=looked_at, camera=camera, settings=settings)
    return {track_id(film.recording_id, name): way for name, way in ways.items()}


def _points(case: CaseFile, references: References) -> dict[str, list[PicturePoint]]:
    if not case.map_points:
        return {}
    from syncview.reconstruct.ground_places import PicturePoint

    found: dict[str, list[PicturePoint]] = {}
    for k, point in enumerate(case.map_points):
        name = references.find(point.file, case.where("map_point", k))
        if name is not None:
            place = PicturePoint(time_s=point.time_s, x_px=point.x_px, y_px=point.y_px, lat=point.lat, lon=point.lon)
            found.setdefault(name, []).append(place)
    return found


def _camera(name: str, heading_deg: float | None, knowledge: Knowledge) -> CameraView | None:
    position = knowledge.geometry.positions.get(name)
    if heading_deg is None or position is None:
        return None
    from syncview.reconstruct.ground_places import CameraView

    return CameraView(position=position, heading_deg=heading_deg)
