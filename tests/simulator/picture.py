"""What a camera sees: a still street, people and vehicles that move, flash and smoke at light time, a hand that shakes.

A pinhole camera 1.6 m above flat ground. Nothing is burned in. Light has no delay: a frame shows the incident at
``camera.incident_s(recording_s)``, while the bang reaches the sound track later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from .scene import Blast, Camera, Incident, Source, rng_of

__all__ = ["Painter", "sees"]

_EYE_M = 1.6
_BORDER_PX = 24  # the still picture is larger than the frame, so that shake finds something
_FLASH_S = 0.06
_SMOKE_S = 45.0  # a column this old has thinned out


def _bearing_and_distance(camera: Camera, place: tuple[float, float]) -> tuple[float, float]:
    """Angle right of the picture's centre, in degrees within +-180, and distance in metres."""
    east, north = place[0] - camera.position_m[0], place[1] - camera.position_m[1]
    bearing_deg = math.degrees(math.atan2(east, north)) - camera.heading_deg
    return (bearing_deg + 180) % 360 - 180, math.hypot(east, north)


def sees(camera: Camera, place: tuple[float, float]) -> bool:
    """Whether a place lies in the picture, two degrees off its edge or more."""
    return abs(_bearing_and_distance(camera, place)[0]) <= camera.field_of_view_deg / 2 - 2


@dataclass(frozen=True, slots=True)
class _Lens:
    """Where places of the world lie in the still picture, which is larger than the frame by its border."""

    camera: Camera
    width: int
    height: int

    @property
    def focal_px(self) -> float:
        return self.camera.file.width_px / 2 / math.tan(math.radians(self.camera.field_of_view_deg / 2))

    @property
    def horizon(self) -> float:
        return 0.48 * self.height

    def project(self, place: tuple[float, float], *, up_m: float = 0.0) -> tuple[float, float, float] | None:
        """Column, row and pixels per metre of a place; None when behind the camera."""
        bearing_deg, distance_m = _bearing_and_distance(self.camera, place)
        if abs(bearing_deg) > 75 or distance_m < 1.5:
            return None
        ahead_m = distance_m * math.cos(math.radians(bearing_deg))
        scale = self.focal_px / ahead_m
        return (
            self.width / 2 + self.focal_px * math.tan(math.radians(bearing_deg)),
            (self.horizon + scale * (_EYE_M - up_m)),
            scale,
        )


def _street(rng: np.random.Generator, lens: _Lens) -> np.ndarray:
    """The still picture: sky, two rows of houses with windows, ground with a road and stones."""
    height, width, horizon = lens.height, lens.width, int(lens.horizon)
    rows = np.linspace(0, 1, horizon)[:, None, None]
    picture = np.empty((height, width, 3), np.uint8)
    picture[:horizon] = np.array([214, 190, 150]) * (1 - rows) + np.array([226, 222, 214]) * rows
    soil = rng.uniform(0.85, 1.1) * np.array([120, 140, 155])
    picture[horizon:] = np.clip(soil * np.linspace(1.15, 0.8, height - horizon)[:, None, None], 0, 255)
    stones = cv2.GaussianBlur(rng.normal(0, 22, (height - horizon, width)).astype(np.float32), (0, 0), 1.6)
    picture[horizon:] = np.clip(picture[horizon:] + stones[..., None], 0, 255)
    middle = int(rng.uniform(0.35, 0.65) * width)
    road = np.array([(middle - 4, horizon), (middle + 4, horizon), (width, height), (int(0.1 * width), height)])
    cv2.fillPoly(picture, [road], (105, 108, 110))
    for row, haze in ((0.9, 0.55), (1.0, 0.15)):
        _houses(rng, picture, int(horizon * row + 0.03 * height), haze)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


def _houses(rng: np.random.Generator, picture: np.ndarray, foot: int, haze: float) -> None:
    """One row of houses that stand on row `foot`."""
    height, width = picture.shape[:2]
    left = -int(rng.uniform(0, 30))
    while left < width:
        wide, tall = int(rng.uniform(0.08, 0.2) * width), int(rng.uniform(0.1, 0.3) * height)
        wall = np.array([150, 170, 185]) * rng.uniform(0.6, 1.15) * (1 - haze) + haze * np.array([222, 216, 208])
        cv2.rectangle(picture, (left, foot - tall), (left + wide, foot), wall.tolist(), -1)
        for x in range(left + 4, left + wide - 5, 11):
            for y in range(foot - tall + 5, foot - 6, 13):
                cv2.rectangle(picture, (x, y), (x + 4, y + 6), (0.55 * wall).tolist(), -1)
        left += wide + int(rng.uniform(0, 0.06) * width)


def _person(picture: np.ndarray, foot: tuple[float, float], scale: float, colour: list[float], stride: float) -> None:
    """A figure of 1.7 m with legs that swing."""
    x, y = foot
    tall = 1.7 * scale
    hip, step = y - 0.48 * tall, 0.16 * tall * math.sin(stride)
    thick = max(1, round(0.1 * tall))
    for side in (-1, 1):
        ankle = round(x + side * step), round(y)
        cv2.line(picture, (round(x), round(hip)), ankle, (45, 40, 40), thick, cv2.LINE_AA)
    cv2.line(picture, (round(x), round(hip)), (round(x), round(y - 0.8 * tall)), colour, 2 * thick, cv2.LINE_AA)
    cv2.circle(
        picture, (round(x), round(y - 0.92 * tall)), max(1, round(0.075 * tall)), (90, 120, 170), -1, cv2.LINE_AA
    )


def _vehicle(picture: np.ndarray, foot: tuple[float, float], scale: float, colour: list[float]) -> None:
    """A van of 4.5 m by 2 m, seen from its side."""
    x, y = foot
    box = (round(x - 2.2 * scale), round(y - 2.1 * scale)), (round(x + 2.2 * scale), round(y - 0.4 * scale))
    cv2.rectangle(picture, *box, colour, -1)
    cv2.rectangle(picture, (round(x), box[0][1]), (box[1][0], round(y - 1.3 * scale)), (80, 70, 60), -1)
    for side in (-1.4, 1.4):
        centre = round(x + side * scale), round(y - 0.35 * scale)
        cv2.circle(picture, centre, max(1, round(0.38 * scale)), (25, 25, 25), -1)


class Painter:
    """Draws the frames of one camera of an incident.

    Parameters
    ----------
    incident : Incident
    camera : Camera
        One of the incident's; its `file` gives the size.
    """

    def __init__(self, incident: Incident, camera: Camera) -> None:
        self._incident, self._camera = incident, camera
        rng = rng_of("picture", incident.seed, camera.name)
        size = camera.file.width_px + 2 * _BORDER_PX, camera.file.height_px + 2 * _BORDER_PX
        self._lens = _Lens(camera, *size)
        self._still = _street(rng, self._lens)
        self._shake = rng.standard_normal((3, int(camera.duration_s * 5) + 4))
        self._colours = {
            s.name: rng_of("colour", s.name, s.seed).uniform(30, 220, 3).tolist() for s in incident.sources
        }
        self._columns, self._rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
        self._heard_s = [incident.sound_arrival_s(blast, camera) for blast in incident.blasts]

    def frame(self, recording_s: float) -> np.ndarray:
        """One frame, BGR, uint8, shape (height_px, width_px, 3)."""
        time_s = self._camera.incident_s(recording_s)
        picture = self._still.copy()
        for blast in self._incident.blasts:
            if time_s >= blast.time_s:
                self._smoke(picture, blast, time_s - blast.time_s)
        by_distance = sorted(
            self._incident.sources,
            key=lambda s: -math.dist(s.position_m(np.array([time_s]))[0], self._camera.position_m),
        )
        for source in by_distance:
            self._figure(picture, source, time_s)
        for blast in self._incident.blasts:
            if time_s >= blast.time_s and sees(self._camera, blast.position_m):
                picture = self._flash(picture, blast, time_s - blast.time_s)
        return self._shaken(picture, recording_s)

    def _figure(self, picture: np.ndarray, source: Source, time_s: float) -> None:
        place = source.position_m(np.array([time_s]))[0]
        found = self._lens.project((float(place[0]), float(place[1])))
        if found is None or source.kind == "generator":
            return
        x, y, scale = found
        if source.kind == "voice":
            _person(picture, (x, y), scale, self._colours[source.name], 6.0 * time_s)
        else:
            _vehicle(picture, (x, y), scale, self._colours[source.name])

    def _smoke(self, picture: np.ndarray, blast: Blast, age_s: float) -> None:
        """A column that swells, rises and thins out; drawn on a mask that is blended in."""
        found = self._lens.project(blast.position_m)
        if found is None or age_s > _SMOKE_S:
            return
        x, y, scale = found
        size_m = blast.yield_kg ** (1 / 3) * (1.5 + 3.5 * (1 - math.exp(-age_s / 1.5))) + 0.4 * age_s
        mask = np.zeros(picture.shape[:2], np.uint8)
        rng = rng_of("smoke", blast.name)
        for i in range(7):
            up, aside = size_m * (0.25 + 0.35 * i) * min(1.0, 0.3 + age_s / 3), rng.uniform(-0.4, 0.4) * size_m
            centre = round(x + scale * (aside + 0.5 * age_s)), round(y - scale * up)
            cv2.circle(mask, centre, max(1, round(scale * size_m * rng.uniform(0.45, 0.7))), 255, -1, cv2.LINE_AA)
        left, top, wide, tall = cv2.boundingRect(mask)
        edge = max(1.0, 0.12 * scale * size_m)
        part = (
            slice(max(0, top - round(3 * edge)), top + tall + round(3 * edge)),
            slice(max(0, left - round(3 * edge)), left + wide + round(3 * edge)),
        )
        if wide:
            weight = cv2.blur(cv2.blur(mask[part], (2 * round(edge) + 1,) * 2), (2 * round(edge) + 1,) * 2)
            weight = weight[..., None] * np.float32(0.8 * math.exp(-age_s / 20) / 255)
            under = picture[part]
            picture[part] = under + weight * (np.array([88, 92, 98], np.float32) - under)

    def _flash(self, picture: np.ndarray, blast: Blast, age_s: float) -> np.ndarray:
        """A glow that dies within two or three frames, and the brighter surroundings."""
        found = self._lens.project(blast.position_m, up_m=2.0)
        strength = math.exp(-age_s / _FLASH_S)
        if found is None or strength < 0.02:
            return picture
        x, y, scale = found
        radius = max(0.03 * picture.shape[1], 2.2 * blast.yield_kg ** (1 / 3) * scale)
        glow = np.exp(-((self._columns - x) ** 2 + (self._rows - y) ** 2) / (2 * radius**2))
        light = strength * (35.0 + 330.0 * glow[..., None] * np.array([0.75, 0.92, 1.0]))
        return np.clip(picture + light, 0, 255).astype(np.uint8)

    def _shaken(self, picture: np.ndarray, recording_s: float) -> np.ndarray:
        """The frame that the hand happens to point at; who holds the phone starts at a bang."""
        knots = np.arange(self._shake.shape[1])
        dx, dy, turn = (float(np.interp(5 * recording_s, knots, axis)) for axis in self._shake)
        start = sum(math.exp(-(recording_s - t - 0.2) / 0.25) for t in self._heard_s if recording_s > t + 0.2)
        size_px = min(self._camera.shake_px * (1 + 4 * start), _BORDER_PX / 3)
        width, height = self._camera.file.width_px, self._camera.file.height_px
        matrix = cv2.getRotationMatrix2D((self._lens.width / 2, self._lens.height / 2), 0.25 * size_px * turn, 1.0)
        matrix[:, 2] += np.clip([size_px * dx, size_px * dy], -_BORDER_PX, _BORDER_PX) - _BORDER_PX
        return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
