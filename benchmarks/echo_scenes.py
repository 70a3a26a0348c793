"""Scenes of one bang, or of two near each other, with echoes whose delays come from places of walls and hills.

Each reflector stands somewhere, and every camera hears its echo after the way by it: walls throw sound back like
mirrors as far as they reach and weakly from their ends, hills smear it. In half of the scenes a wall stands behind the
bang as the cameras see it, the worst case: its echo comes after nearly the same delay everywhere. Some cameras hear the
direct sound only round a corner, so that an echo is louder. Strikes of one scene share walls and often the wave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import signal

from benchmarks.blast_scenes import RATE_HZ, background, lay_wave, phone
from benchmarks.blast_sounds import blast, lowpass
from simulator import Blast, Camera, Incident
from syncview.model import AudioClip

__all__ = ["EchoScene", "Reflector", "echo_scene", "record"]

_LENGTH_S = 22.0
_FIRST_S = 9.0
_C_MPS = 343.0
_LONGEST_S = 3.0  # of an echo
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflector:
    """A wall (with a normal and a length) or a hill (smeared over a time), and what share of the sound it returns."""

    place_m: Point
    share: float
    normal: Point | None = None
    length_m: float = 0.0
    smear_s: float = 0.0

    def path(self, source: Point, camera: Point) -> tuple[float, float] | None:
        """Length of the way by it, and the share of pressure it returns; None where it throws nothing back."""
        if self.normal is None:
            return math.dist(source, self.place_m) + math.dist(self.place_m, camera), self.share
        normal, place = np.array(self.normal), np.array(self.place_m)
        before = [float(np.dot(np.array(p) - place, normal)) for p in (source, camera)]
        if before[0] * before[1] <= 0:
            return None
        image = np.array(source) - 2 * before[0] * normal
        hit = image + (np.array(camera) - image) * abs(before[0]) / (abs(before[0]) + abs(before[1]))
        along = np.array([-normal[1], normal[0]])
        off_m = float(np.dot(hit - place, along))
        if abs(off_m) <= self.length_m / 2:
            return float(np.hypot(*(image - np.array(camera)))), self.share
        end = tuple((place + along * math.copysign(self.length_m / 2, off_m)).tolist())
        return math.dist(source, end) + math.dist(end, camera), 0.25 * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoScene:
    """An incident, its reflectors, and whether its second bang is a strike or there is none."""

    incident: Incident
    reflectors: tuple[Reflector, ...]
    levels_db: dict[str, float]
    shaded_db: dict[str, float]
    same_wave: bool
    second: bool


def echo_scene(seed: int, *, cameras: int, second: bool, gap_s: float | None = None) -> EchoScene:
    """Draw a scene.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    cameras : int
        How many.
    second : bool
        Whether a second strike follows the first.
    gap_s : float, optional
        Between the two; drawn from 0.2 to 1.5 s when not given.

    Returns
    -------
    EchoScene
    """
    rng = np.random.default_rng([37, seed, cameras, second])
    side = rng.uniform(0, 2 * np.pi)
    source = rng.uniform(100, 400) * np.array([np.cos(side), np.sin(side)])
    around = rng.random() < 0.3
    places = [_camera(rng, source if around else None) for _ in range(cameras)]
    gap_s = rng.uniform(0.2, 1.5) if gap_s is None else gap_s
    reach_m = 15.0 if rng.random() < 0.8 else 50.0
    times_s = [_FIRST_S]
    if second:
        times_s.append(_FIRST_S + gap_s)
    if rng.random() < 0.5:
        times_s.append(_FIRST_S + rng.uniform(4.5, 7))
    blasts = tuple(
        Blast(
            name=f"blast{k}",
            time_s=float(t),
            position_m=tuple((source + (rng.uniform(-reach_m, reach_m, 2) if k else 0.0)).tolist()),
        )
        for k, t in enumerate(times_s)
    )
    level_db = rng.uniform(28, 50)
    return EchoScene(
        incident=Incident(
            seed=seed,
            sources=(),
            blasts=blasts,
            cameras=tuple(
                Camera(name=f"cam{k}", position_m=p, start_s=float(rng.uniform(-1, 1)), duration_s=_LENGTH_S)
                for k, p in enumerate(places)
            ),
        ),
        reflectors=_reflectors(rng, source, np.mean(places, axis=0)),
        levels_db={b.name: level_db + rng.uniform(-3, 3) for b in blasts},
        shaded_db={f"cam{k}": float(rng.uniform(3, 10)) if rng.random() < 0.25 else 0.0 for k in range(cameras)},
        same_wave=rng.random() < 0.7,
        second=second,
    )


def _camera(rng: np.random.Generator, middle: np.ndarray | None) -> Point:
    if middle is None:
        return tuple(rng.uniform(-90, 90, 2).tolist())
    angle = rng.uniform(0, 2 * np.pi)
    return tuple((middle + rng.uniform(80, 300) * np.array([np.cos(angle), np.sin(angle)])).tolist())


def _reflectors(rng: np.random.Generator, source: np.ndarray, cameras: np.ndarray) -> tuple[Reflector, ...]:
    found = []
    away = (source - cameras) / np.hypot(*(source - cameras))
    if rng.random() < 0.5:
        turned = rng.normal(0, 0.15)
        facing = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]]) @ away
        found.append(_wall(rng, source + away * rng.uniform(20, 150), facing, rng.uniform(20, 100)))
    for _ in range(rng.poisson(3)):
        angle = rng.uniform(0, 2 * np.pi)
        place = 0.5 * (source + cameras) + rng.uniform(-300, 300, 2)
        found.append(_wall(rng, place, np.array([np.cos(angle), np.sin(angle)]), rng.uniform(10, 80)))
    for _ in range(rng.poisson(0.7)):
        angle, far_m = rng.uniform(0, 2 * np.pi), rng.uniform(150, 500)
        place = 0.5 * (source + cameras) + far_m * np.array([np.cos(angle), np.sin(angle)])
        found.append(
            Reflector(place_m=tuple(place.tolist()), share=rng.uniform(0.2, 1.0), smear_s=rng.uniform(0.02, 0.2))
        )
    return tuple(found)


def _wall(rng: np.random.Generator, place: np.ndarray, normal: np.ndarray, length_m: float) -> Reflector:
    return Reflector(
        place_m=tuple(place.tolist()),
        share=rng.uniform(0.3, 0.9),
        normal=tuple(normal.tolist()),
        length_m=length_m,
        smear_s=rng.uniform(0.001, 0.02) if rng.random() < 0.4 else 0.0,
    )


def record(scene: EchoScene) -> tuple[AudioClip, ...]:
    """What the cameras of a scene record."""
    clips = []
    incident = scene.incident
    for index, camera in enumerate(incident.cameras):
        rng = np.random.default_rng([41, incident.seed, index, scene.second])
        heard, _ = background(rng, _LENGTH_S)
        of_wave = int(rng.integers(2**31))
        corners_hz = [float(np.exp(rng.uniform(np.log(800), np.log(6000)))) for _ in scene.reflectors]
        for number, each in enumerate(incident.blasts):
            own_m = math.dist(each.position_m, camera.position_m)
            wave = blast(np.random.default_rng([of_wave, 0 if scene.same_wave else number]), own_m)
            # Loudness is that of the direct sound: a wall makes nothing quieter.
            whole = _with_echoes(wave, each, camera, scene, corners_hz)
            far_db = 20 * math.log10(own_m / math.dist(each.position_m, (0.0, 0.0)))
            over_db = scene.levels_db[each.name] - far_db
            lay_wave(heard, whole, incident.arrival_s(each, camera) or 0.0, over_db, as_loud_as=wave)
        clips.append(AudioClip(recording_id=camera.name, samples=phone(rng, heard), rate_hz=RATE_HZ, start_s=0.0))
    return tuple(clips)


def _with_echoes(
    wave: np.ndarray, each: Blast, camera: Camera, scene: EchoScene, corners_hz: list[float]
) -> np.ndarray:
    direct_m = math.dist(each.position_m, camera.position_m)
    out = np.append(wave, np.zeros(round((_LONGEST_S + 0.5) * RATE_HZ)))
    shade = 10 ** (-scene.shaded_db[camera.name] / 20)
    out *= shade
    for number, (reflector, corner_hz) in enumerate(zip(scene.reflectors, corners_hz, strict=True)):
        path = reflector.path(each.position_m, camera.position_m)
        if path is None or (path[0] - direct_m) / _C_MPS > _LONGEST_S:
            continue
        begin = round((path[0] - direct_m) / _C_MPS * RATE_HZ)
        echo = path[1] * direct_m / path[0] * lowpass(wave, corner_hz)
        if reflector.smear_s:
            count = round(3 * reflector.smear_s * RATE_HZ)
            rng = np.random.default_rng([43, scene.incident.seed, number])
            grain = rng.standard_normal(count) * np.exp(-np.arange(count) / RATE_HZ / reflector.smear_s)
            echo = signal.fftconvolve(echo, grain / np.sqrt(np.sum(grain**2)))[: len(echo)]
        out[begin : begin + len(echo)] += echo[: len(out) - begin]
    return out
