"""What travels between the ways of putting tracks on the map: inputs that people give, places that come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from syncview.model.place import Ellipse, MapPlace
from syncview.reconstruct.solving.spread import ellipse_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.reconstruct.geometry import Position
    from syncview.reconstruct.local_plane import LocalPlane

__all__ = ["CameraView", "GroundMethod", "GroundPoint", "GroundWay", "PicturePoint", "place_of_draws"]

GroundMethod = Literal["map points", "camera and heading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePoint:
    """A point of the ground that a person recognised in the picture and on the map.

    `time_s` is recording time, `x_px` and `y_px` lie in the displayed picture, the right way up; `uncertainty_m` is the
    95 % radius on the map, None for the default.
    """

    time_s: float
    x_px: float
    y_px: float
    lat: float
    lon: float
    uncertainty_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraView:
    """Where a camera stood and where it looked: `heading_deg` clockwise from north, through the middle of the picture.

    The heading is that of `heading_time_s`, recording time; None for the first looked-at frame.
    """

    position: Position
    heading_deg: float
    heading_time_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundPoint(MapPlace):
    """Where a figure stood at a moment of recording time."""

    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundWay:
    """A track on the map. `method` is None, and there are no points, where that was refused; `reasons` say why.

    With points, `reasons` say what the places rest on and why some frames have none.
    """

    track_name: str
    method: GroundMethod | None
    points: tuple[GroundPoint, ...]
    reasons: tuple[str, ...]


def place_of_draws(
    time_s: float, place_m: NDArray[np.float64], drawn_m: NDArray[np.float64], plane: LocalPlane
) -> GroundPoint:
    """Give a place the radius and the ellipse that hold 95 % of its draws.

    Parameters
    ----------
    time_s : float
        Recording time.
    place_m : ndarray of float64, shape (2,)
        Metres east and north.
    drawn_m : ndarray of float64, shape (n, 2)
        What it could as well be.
    plane : LocalPlane
        That the metres are on.

    Returns
    -------
    GroundPoint
    """
    major_m, minor_m, azimuth_deg, radius_m = ellipse_of(place_m, drawn_m, np.zeros((0, 2)))
    lat, lon = plane.degrees(float(place_m[0]), float(place_m[1]))
    return GroundPoint(
        time_s=time_s,
        lat=lat,
        lon=lon,
        uncertainty_m=radius_m,
        ellipse=Ellipse(major_m=major_m, minor_m=minor_m, azimuth_deg=azimuth_deg),
    )
