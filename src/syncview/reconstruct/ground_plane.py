"""Tracks on the map: by points known in picture and map where there are four, else by the camera's place and heading.

The foot of a figure is the middle of its box's lower edge; a box that the picture's border cuts has none. A view is
carried from frame to frame by the camera's motion, for two seconds or a fifth of the picture at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import ConvexHull

from syncview.detect.track_ways import Camera, way_of
from syncview.reconstruct.geometry import Position
from syncview.reconstruct.ground_homography import GroundFit, fit_ground, placed
from syncview.reconstruct.ground_places import CameraView, GroundPoint, GroundWay, PicturePoint, place_of_draws
from syncview.reconstruct.ground_sight import Sights
from syncview.reconstruct.local_plane import LocalPlane, far_apart, plane_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Way
    from syncview.model.movement import Track, Watched
    from syncview.reconstruct.ground_places import GroundMethod
    from syncview.settings import MovementSettings

__all__ = ["CameraView", "GroundPoint", "GroundWay", "PicturePoint", "tracks_on_ground", "why_no_ground"]

_SIGMAS_OF_95 = 1.96
_SIGMAS_OF_95_PLANE = 2.4477


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """How to get from a frame to the one that a view is stated in: the matrix, and what it adds to a place's error."""

    matrix: NDArray[np.float64]
    sigma_px: float


def tracks_on_ground(
    tracks: Sequence[Track],
    watched: Watched,
    *,
    map_points: Sequence[PicturePoint],
    camera: CameraView | None,
    settings: MovementSettings,
) -> Mapping[str, GroundWay]:
    """Put the tracks of one recording on the map, as far as what people know of its view carries that.

    Parameters
    ----------
    tracks : sequence of Track
        Of one recording.
    watched : Watched
        Of the same.
    map_points : sequence of PicturePoint
        Points of the ground known in the picture and on the map.
    camera : CameraView or None
        Used where the points are not enough.
    settings : MovementSettings
        How uncertain all is.

    Returns
    -------
    mapping of str to GroundWay
        One for each track, by its name; without points, and with the reasons, where that is refused. Empty where
        neither points nor a camera's place and heading are given.
    """
    given = _places(map_points)
    if camera is not None:
        given["the camera"] = camera.position
    apart = far_apart(given)
    if apart is not None:
        why_none = f"{apart[0]} and {apart[1]} are {apart[2] / 1000:.0f} km apart: one is mistaken"
        return {t.name: GroundWay(track_name=t.name, method=None, points=(), reasons=(why_none,)) for t in tracks}
    plane = plane_of(given)
    if plane is None or not tracks:
        return {}
    moves = Camera(watched)
    why: list[str] = []
    placing: Callable[[Way, int], GroundPoint | str] | None = None
    method: GroundMethod | None = None
    if map_points:
        by_points = _by_points(map_points, moves, plane, settings)
        if isinstance(by_points, str):
            why.append(by_points)
        else:
            placing, method = by_points, "map points"
            why += by_points.reasons()
    if placing is None and camera is not None:
        placing, method = _BySight(camera, moves, plane, settings), "camera and heading"
        why.append(_sight_words(settings))
    ways = [way_of(track, moves, border_share=settings.border_share) for track in tracks if track.points]
    return {way.track.name: _ground_way(way, placing, method, tuple(why)) for way in ways}


def why_no_ground(watched: Watched, *, map_points: Sequence[PicturePoint], settings: MovementSettings) -> str | None:
    """Say why map points alone put nothing of a recording on the map, whether or not anything was followed in it.

    Parameters
    ----------
    watched : Watched
        Of the recording.
    map_points : sequence of PicturePoint
        One at least, none far from the others.
    settings : MovementSettings
        How uncertain all is.

    Returns
    -------
    str or None
        None where they do.
    """
    plane = plane_of(_places(map_points))
    if plane is None or not len(watched.times_s):
        return None
    found = _by_points(map_points, Camera(watched), plane, settings)
    return found if isinstance(found, str) else None


def _places(map_points: Sequence[PicturePoint]) -> dict[str, Position]:
    return {f"map point {k}": Position(lat=p.lat, lon=p.lon, uncertainty_m=0.0) for k, p in enumerate(map_points, 1)}


def _sight_words(settings: MovementSettings) -> str:
    """What a place by heading rests on, and for which lenses it is wrong."""
    least_deg, most_deg = settings.lens_deg
    low_m, high_m = settings.vehicle_m
    return (
        f"by the camera's place and heading, and a lens taken to show {least_deg:g} to {most_deg:g} degrees across the "
        "picture's longer side, as phones do without zoom: whoever is filmed zoomed in stands farther off than placed, "
        "whoever is filmed by a wide lens (dashcam, body camera, much CCTV) nearer; the distance is that at which "
        f"somebody {settings.person_m:g} m tall, or a vehicle {low_m:g} to {high_m:g} m tall, looks as tall"
    )


def _ground_way(
    way: Way,
    placing: Callable[[Way, int], GroundPoint | str] | None,
    method: GroundMethod | None,
    why: tuple[str, ...],
) -> GroundWay:
    if placing is None:
        return GroundWay(track_name=way.track.name, method=None, points=(), reasons=why)
    points, refused = [], dict[str, int]()
    for k in np.flatnonzero(way.seen).tolist():
        told = placing(way, k)
        if isinstance(told, str):
            refused[told] = refused.get(told, 0) + 1
        else:
            points.append(told)
    of = int(way.seen.sum())
    left = tuple(f"{reason} ({count} of {of} frames)" for reason, count in refused.items())
    return GroundWay(
        track_name=way.track.name, method=method if points else None, points=tuple(points), reasons=(*why, *left)
    )


def _carried(camera: Camera, start: int, end: int, settings: MovementSettings) -> _Carried | str:
    """Carry a view, or say why that cannot be done."""
    matrix = camera.carrying(start, end)
    if matrix is None:
        return "the camera's motion since the view was stated is not known"
    wide, tall = camera.size_px
    corners = np.array([[0, 0], [wide, 0], [0, tall], [wide, tall]], float)
    shift_px = float(np.linalg.norm(corners @ matrix[:, :2].T + matrix[:, 2] - corners, axis=1).max())
    if shift_px > settings.fixed_share * wide:
        apart_s = abs(float(camera.times_s[end] - camera.times_s[start]))
        if apart_s > settings.carried_s or shift_px > settings.carried_share * wide:
            return "the camera has moved since the view was stated"
    return _Carried(matrix=matrix, sigma_px=settings.carried_error_share / _SIGMAS_OF_95 * shift_px)


def _row(camera: Camera, time_s: float) -> int:
    return int(np.argmin(np.abs(camera.times_s - time_s)))


class _ByPoints:
    """Places by a ground fitted to points."""

    def __init__(self, fit: GroundFit, row: int, camera: Camera, plane: LocalPlane, settings: MovementSettings) -> None:
        self.fit, self.row, self.camera, self.plane, self.settings = fit, row, camera, plane, settings
        self.hull = ConvexHull(fit.hull_px).equations
        self.middle = fit.hull_px[ConvexHull(fit.hull_px).vertices].mean(axis=0)
        self.noise = np.random.default_rng(11).standard_normal((len(fit.drawn), 2))

    def reasons(self) -> list[str]:
        count = len(self.fit.hull_px)
        if self.fit.left_out_m is None:
            return [f"by {count} map points, which nothing checks: a fifth would"]
        said = f"by {count} map points; each left out comes to lie {self.fit.left_out_m:.1f} m off by the others"
        if self.fit.widened > 1.05:
            said += f": taken as {self.fit.widened:.1f} times as uncertain as stated"
        return [said]

    def __call__(self, way: Way, k: int) -> GroundPoint | str:
        if way.cut[k, [0, 2, 3]].any():
            return "cut by the border of the picture"
        carried = _carried(self.camera, int(way.rows[k]), self.row, self.settings)
        if isinstance(carried, str):
            return carried
        left, top, right, bottom = way.boxes_px[k]
        foot = carried.matrix[:, :2] @ np.array([0.5 * (left + right), bottom]) + carried.matrix[:, 2]
        inner = self.middle + (foot - self.middle) / self.settings.hull_reach
        if (self.hull[:, :2] @ inner + self.hull[:, 2] > 0.0).any():
            return "outside of what the map points surround"
        settings = self.settings
        foot_px = max(settings.picture_point_px, settings.foot_share * (bottom - top)) / _SIGMAS_OF_95
        sigma_px = float(np.hypot(foot_px, carried.sigma_px))
        drawn_m = placed(self.fit.drawn, foot + sigma_px * self.noise)
        place_m = placed(self.fit.matrix[None], foot)[0]
        known = np.isfinite(drawn_m).all(axis=1)
        if not np.isfinite(place_m).all() or known.mean() < 0.99:
            return "too near to the horizon"
        return place_of_draws(float(way.times_s[k]), place_m, drawn_m[known], self.plane)


def _by_points(
    map_points: Sequence[PicturePoint], camera: Camera, plane: LocalPlane, settings: MovementSettings
) -> _ByPoints | str:
    """Fit the ground in the frame in the middle of those that the points were read in."""
    row = _row(camera, float(np.median([point.time_s for point in map_points])))
    pixels, metres, pixel_sigmas, metre_sigmas = [], [], [], []
    lost = 0
    for point in map_points:
        carried = _carried(camera, _row(camera, point.time_s), row, settings)
        if isinstance(carried, str):
            lost += 1
            continue
        pixels.append(carried.matrix[:, :2] @ np.array([point.x_px, point.y_px]) + carried.matrix[:, 2])
        metres.append(plane.metres(point.lat, point.lon))
        pixel_sigmas.append(np.hypot(settings.picture_point_px / _SIGMAS_OF_95, carried.sigma_px))
        radius_m = settings.map_point_m if point.uncertainty_m is None else point.uncertainty_m
        metre_sigmas.append(max(radius_m, 0.1) / _SIGMAS_OF_95_PLANE)
    fit = fit_ground(
        np.reshape(pixels, (-1, 2)).astype(float),
        np.reshape(metres, (-1, 2)).astype(float),
        np.array(pixel_sigmas, float),
        np.array(metre_sigmas, float),
        settings=settings,
    )
    if isinstance(fit, str):
        more = f"; {lost} more are of a view that the camera has left" if lost else ""
        return fit + more
    return _ByPoints(fit, row, camera, plane, settings)


class _BySight:
    """Places by the camera's place and heading."""

    def __init__(self, view: CameraView, camera: Camera, plane: LocalPlane, settings: MovementSettings) -> None:
        self.camera, self.settings = camera, settings
        self.row = 0 if view.heading_time_s is None else _row(camera, view.heading_time_s)
        self.sights = Sights(view, size_px=camera.size_px, plane=plane, settings=settings)

    def __call__(self, way: Way, k: int) -> GroundPoint | str:
        if way.cut[k].any():
            return "cut by the border of the picture"
        left, top, right, bottom = way.boxes_px[k]
        if way.track.kind == "person":
            if bottom - top < self.settings.smallest_px:
                return "too small in the picture to tell its distance"
            if bottom - top < self.settings.least_upright * (right - left):
                return "not upright in the picture: it lies or crouches, or the picture is tilted"
        carried = _carried(self.camera, int(way.rows[k]), self.row, self.settings)
        if isinstance(carried, str):
            return carried
        foot = carried.matrix[:, :2] @ np.array([0.5 * (left + right), bottom]) + carried.matrix[:, 2]
        wide_px = self.settings.foot_share * (bottom - top) / _SIGMAS_OF_95
        return self.sights.place(
            float(way.times_s[k]),
            foot,
            float(way.height_px[k] * way.scale[k]),
            way.track.kind,
            float(np.hypot(wide_px, carried.sigma_px)),
        )
