"""A simulated pinhole camera over flat ground: figures, map points, and what people would state of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from figures_example import figures_of, watched_of
from syncview.model.movement import Track, TrackPoint, Watched
from syncview.reconstruct.geometry import Position
from syncview.reconstruct.ground_plane import CameraView, PicturePoint
from syncview.reconstruct.local_plane import LocalPlane

PLANE = LocalPlane(lat=35.55, lon=36.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is given, and the truth: where the figures stand, metres east and north, shape (n, 2)."""

    tracks: tuple[Track, ...]
    watched: Watched
    points: tuple[PicturePoint, ...]
    camera: CameraView
    feet_m: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinhole:
    """A camera at `place_m`, `up_m` over the ground, that looks to `heading_deg`, `down_deg` below level."""

    size_px: tuple[int, int]
    wide_deg: float
    place_m: np.ndarray
    up_m: float
    heading_deg: float
    down_deg: float
    roll_deg: float

    def seen(self, places_m: np.ndarray, up_m: np.ndarray | float = 0.0) -> np.ndarray:
        """Pixels of places on the ground, or over it; NaN behind the camera."""
        heading, down, roll = np.radians([self.heading_deg, self.down_deg, self.roll_deg])
        off = places_m - self.place_m
        ahead = off @ [np.sin(heading), np.cos(heading)]
        right = off @ [np.cos(heading), -np.sin(heading)]
        below = self.up_m - np.broadcast_to(up_m, ahead.shape)
        depth = ahead * np.cos(down) + below * np.sin(down)
        below = below * np.cos(down) - ahead * np.sin(down)
        x, y = right * np.cos(roll) - below * np.sin(roll), right * np.sin(roll) + below * np.cos(roll)
        focal = 0.5 * max(self.size_px) / np.tan(np.radians(self.wide_deg) / 2)
        depth = np.where(depth > 0.5, depth, np.nan)
        return np.stack([focal * x / depth, focal * y / depth], axis=-1) + np.array(self.size_px) / 2


def ground(
    seed: int,
    *,
    points: int = 8,
    figures: int = 6,
    pixel_sigma_px: float = 2.0,
    map_sigma_m: float = 1.2,
    wrong_m: float = 0.0,
    up_m: float | None = None,
) -> Ground:
    """Simulate a view: lens, height, tilt and noise at random; one map point is mistaken by `wrong_m`."""
    rng = np.random.default_rng((seed, 5))
    size = (1280, 720) if rng.uniform() < 0.7 else (720, 1280)
    high_m = rng.uniform(1.5, 12.0) if up_m is None else up_m
    camera = Pinhole(
        size_px=size,
        wide_deg=rng.uniform(55, 75),
        place_m=rng.uniform(-20, 20, 2),
        up_m=high_m,
        heading_deg=rng.uniform(0, 360),
        down_deg=float(np.degrees(np.arctan(0.6 * high_m / 20.0)) + np.clip(rng.normal(0, 4), -6, 6)),
        roll_deg=rng.normal(0, 2.5),
    )
    feet_m = _in_view(camera, rng, figures, margin_px=60, far_m=45.0)
    places_m = _in_view(camera, rng, points, margin_px=5, far_m=60.0)
    clicked = camera.seen(places_m) + pixel_sigma_px * rng.standard_normal((points, 2))
    read = places_m + map_sigma_m * rng.standard_normal((points, 2))
    read[:1] += wrong_m * np.array([0.6, 0.8])
    stated = tuple(
        PicturePoint(
            time_s=0.0,
            x_px=float(x),
            y_px=float(y),
            lat=PLANE.degrees(*map(float, metres))[0],
            lon=PLANE.degrees(*map(float, metres))[1],
            uncertainty_m=map_sigma_m * 2.4477,
        )
        for (x, y), metres in zip(clicked, read, strict=True)
    )
    told_m = camera.place_m + 4.0 * rng.standard_normal(2)
    lat, lon = PLANE.degrees(*map(float, told_m))
    heading = (camera.heading_deg + rng.normal(0, 2.5)) % 360
    return Ground(
        tracks=tuple(_track(camera, k, foot, rng) for k, foot in enumerate(feet_m)),
        watched=watched_of(np.arange(5) / 5, figures_of([], [], []), size_px=size),
        points=stated,
        camera=CameraView(position=Position(lat=lat, lon=lon, uncertainty_m=9.8), heading_deg=heading),
        feet_m=feet_m,
    )


def _in_view(camera: Pinhole, rng: np.random.Generator, count: int, *, margin_px: float, far_m: float) -> np.ndarray:
    """Places of the ground that the picture shows, with somebody who stands there."""
    found = []
    for _ in range(4000):
        if len(found) == count:
            break
        away_m = rng.uniform(5.0, far_m)
        bearing = np.radians(camera.heading_deg + rng.uniform(-40, 40))
        place = camera.place_m + away_m * np.array([np.sin(bearing), np.cos(bearing)])
        seen = np.concatenate([camera.seen(place[None]), camera.seen(place[None], 1.8)])
        if np.isfinite(seen).all() and (seen > margin_px).all() and (seen < np.array(camera.size_px) - margin_px).all():
            found.append(place)
    return np.array(found)


def _track(camera: Pinhole, number: int, foot_m: np.ndarray, rng: np.random.Generator) -> Track:
    """Somebody who stands for a second, in a detector's boxes."""
    tall_m = rng.normal(1.7, 0.077)
    foot, head = camera.seen(foot_m[None])[0], camera.seen(foot_m[None], tall_m)[0]
    tall_px = float(foot[1] - head[1]) * (1 + 0.04 * rng.standard_normal())
    points = []
    for k in range(5):
        off = 0.04 * tall_px * rng.standard_normal(4)
        middle = 0.5 * (foot[0] + head[0])
        box = middle - 0.2 * tall_px + off[0], head[1] + off[1], middle + 0.2 * tall_px + off[2], foot[1] + off[3]
        box = tuple(map(float, box))
        still = (0.5 * (box[0] + box[2]), box[3])
        points.append(TrackPoint(time_s=k / 5, index=k, box_px=box, score=0.6, seen=True, still_px=still))
    return Track(recording_id="r", name=f"person-{number}", kind="person", points=tuple(points), score=0.6)
