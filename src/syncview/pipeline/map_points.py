"""Points of the ground that people know in a picture and on the map: which there are, and what speaks against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.pipeline.watching import shown_size_px
from syncview.reconstruct.geometry import Position, distance_m
from syncview.reconstruct.local_plane import MOST_APART_M, far_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.case import CaseFile, MapPoint
    from syncview.model import Recording
    from syncview.pipeline.references import References
    from syncview.reconstruct.ground_places import CameraView

__all__ = ["GivenPoint", "map_point_finding", "points_of_recordings", "why_mistaken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPoint:
    """One ``[[map_point]]``, and where it stands in the case file."""

    point: MapPoint
    where: str


def points_of_recordings(case: CaseFile, references: References) -> dict[str, list[GivenPoint]]:
    """Sort the map points by the recording that shows them.

    Parameters
    ----------
    case : CaseFile
        With its ``[[map_point]]`` tables.
    references : References
        Looks their files up.

    Returns
    -------
    dict of str to list of GivenPoint
        By recording id, in the file's order.
    """
    found: dict[str, list[GivenPoint]] = {}
    for k, point in enumerate(case.map_points):
        where = case.where("map_point", k)
        if (name := references.find(point.file, where)) is not None:
            found.setdefault(name, []).append(GivenPoint(point=point, where=where))
    return found


def why_mistaken(given: Sequence[GivenPoint], recording: Recording, camera: CameraView | None) -> str | None:
    """Say what shows, before any ground is fitted, that a point is mistyped.

    Parameters
    ----------
    given : sequence of GivenPoint
        Of one recording.
    recording : Recording
        That recording.
    camera : CameraView or None
        Where it stood, if that is to be used too.

    Returns
    -------
    str or None
        With the lines of the case file; None where nothing does.
    """
    if recording.video is None:
        return f"{given[0].where}: {recording.name_display} has no picture"
    mistakes = [f"{each.where}: {wrong}" for each in given if (wrong := _outside(each.point, recording)) is not None]
    places = {each.where: Position(lat=each.point.lat, lon=each.point.lon, uncertainty_m=0.0) for each in given}
    if camera is not None:
        places["the place of the camera"] = camera.position
    if (apart := far_apart(places)) is not None:
        one, other, apart_m = apart
        hint = "; are lat and lon swapped?" if _swapped(places[one], places[other]) else ""
        mistakes.append(f"{one} and {other} are {apart_m / 1000:.0f} km apart, so one is mistaken{hint}")
    return "; ".join(mistakes) or None


def _outside(point: MapPoint, recording: Recording) -> str | None:
    wide_px, tall_px = shown_size_px(recording)
    if point.x_px > wide_px or point.y_px > tall_px:
        at = f"x_px = {point.x_px:g}, y_px = {point.y_px:g}"
        return f"{at} lies outside of the picture of {wide_px} x {tall_px} pixels"
    end_s = recording.duration_s
    if end_s is not None and point.time_s > end_s:
        return f"time_s = {point.time_s:g} lies after the end of the file at {float(end_s):.1f} s"
    return None


def _swapped(one: Position, other: Position) -> bool:
    """Whether two places are near to each other once latitude and longitude of one change their places."""
    if abs(one.lon) > 90.0:
        return False
    return distance_m(Position(lat=one.lon, lon=one.lat, uncertainty_m=0.0), other) <= MOST_APART_M


def map_point_finding(given: Sequence[GivenPoint], recording: Recording, why: str) -> Finding:
    """Say that the map points of a recording are not used.

    Parameters
    ----------
    given : sequence of GivenPoint
        Of one recording.
    recording : Recording
        That recording.
    why : str
        The reason.

    Returns
    -------
    Finding
    """
    named = any(each.where in why for each in given)
    return Finding(
        kind="unused_map_points",
        recording_ids=(recording.id,),
        group_id=None,
        time_s=None,
        value=float(len(given)),
        unit="points",
        message=why if named else f"{given[0].where}: {why}",
    )
