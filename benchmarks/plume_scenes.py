"""Simulated plumes by day over real shaking footage: what fits and judges the search for a first plume.

A cloud of dust or smoke grows from one place: tens of metres a second at first, then slower; it rises, billows and
drifts, soft-edged, lighter or darker than what it hides. Its size in the picture follows from the distance that its
bang's delay stands for. It begins up to 0.3 s after the detonation, and often behind a roof, so that it is seen later.
Other things that change a picture for long are put in as well: people and vehicles that pass or stop, birds, flags, a
vehicle's dust, smoke of an earlier strike, shadows of clouds, exposures, a camera that pans. In 4 of 10 scenes one
frame of the footage stands still but for the hand's shake, as a street does before a strike. Then H.264 at 0.3 to
2 Mbit/s, and decoded as any file is. Nothing of the search itself is used here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.flash_scenes import (
    FIT_CLIPS,
    MOST_DELAY_S,
    Explosion,
    Footage,
    Optics,
    OtherLight,
    around,
    encode,
    footage_of,
    moved,
)

if TYPE_CHECKING:
    from pathlib import Path

PLUME_FIT_CLIPS = (
    *FIT_CLIPS,
    ("containers/uuid540_nosound.mp4", 1.5),
    ("containers/media3_sample_edit_list.mp4", 0.5),
    ("containers/iphone_rotated_gps.mov", 0.5),
)
STILL_SHARE = 0.4
SOUND_MPS = 343.2
FOCAL_PX = 430.0  # of a phone's main camera, for a picture 480 pixels along
SEEN_LEVELS = 8.0  # by which a pixel must differ to be seen
SEEN_SHARE = 2e-4  # of the picture: three pixels of the small one, the first that anything can show
DISTRACTORS = (
    "walker",
    "vehicle",
    "bird",
    "flag",
    "dust",
    "old smoke",
    "stopper",
    "appears",
    "shadow",
    "exposure",
    "pan",
    "glint",
)


@dataclass(frozen=True, kw_only=True)
class PlumeTruth:
    """What was put in. `seen_s` is the first frame that shows it at all, None when none does.

    `place_px` is the middle of what it changes in that frame, across and down; `late_share`
    how much of the picture it changes 2 s after that, or where the file ends.
    """

    burst_s: float
    seen_s: float | None
    late_share: float
    hidden: bool
    place_px: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class PlumeScene:
    """One file, its bang, and what lies before it. `flash_s` is the first frame with a flash, where there is one."""

    path: Path
    bang_s: float
    delay_s: float
    clip: str
    still: bool
    plume: PlumeTruth | None
    flash_s: float | None
    others: tuple[str, ...]


class Plume:
    """Dust or smoke that grows from a place."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], distance_m: float, *, hidden: bool) -> None:
        self.shape = shape
        self.px_per_m = FOCAL_PX * np.exp(rng.uniform(np.log(0.8), np.log(3.0))) / distance_m
        self.late_s = rng.uniform(0.0, 0.3) if rng.random() < 0.7 else 0.0
        self.size_m = float(np.exp(rng.uniform(np.log(8.0), np.log(45.0))))
        self.speed_mps = rng.uniform(20.0, 70.0)
        self.creep_mps = rng.uniform(0.5, 2.5)
        self.rise_m, self.rise_s = self.size_m * rng.uniform(0.4, 3.0), rng.uniform(0.8, 3.0)
        self.wind_mps = rng.normal(0.0, 4.0)
        height, width = shape
        self.place = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.3, 0.8) * height])
        self.level, self.tint = rng.uniform(30, 215), rng.uniform(5.0, 30.0)
        self.opaque = rng.uniform(0.35, 0.97)
        self.puffs = np.column_stack(
            [rng.normal(0, 0.45, 14), rng.uniform(0, 1, 14), rng.uniform(0.35, 0.8, 14), rng.uniform(0.7, 1, 14)]
        )
        self.puffs[0] = 0.0, 0.0, 0.8, 1.0
        self.roof_px = rng.uniform(0.3, 1.3) * self.size_m * self.px_per_m if hidden else -1.0
        self.slope = rng.normal(0.0, 0.08)
        self.noise = _noise(rng)

    def cover(self, since_s: float, offset: np.ndarray) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
        """Part of the picture, how much of it is hidden there, and by which level."""
        age_s = since_s - self.late_s
        size = self.size_m * (1 - np.exp(-age_s * self.speed_mps / self.size_m)) + self.creep_mps * age_s
        size = max(1e-3, size * self.px_per_m)
        rise = self.rise_m * (1 - np.exp(-age_s / self.rise_s)) * self.px_per_m
        drift = self.wind_mps * age_s * self.px_per_m
        x, y = self.place + offset
        part, dx, dy = around(self.shape, x, y, 2.6 * size + rise + abs(drift) + 2)
        if not dx.size:
            return part, np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32)
        shape = dy.shape[0], dx.shape[1]
        step = max(1, min(4, int(size / 4)))  # what is large is soft
        dx, dy = dx[:, ::step], dy[::step]
        cover = np.zeros((dy.shape[0], dx.shape[1]), np.float32)
        for along, up, wide, dense in self.puffs:
            reach = np.float32(1.0 / (wide * size + 0.3))
            across, down = (dx - np.float32(along * size + drift * up)) * reach, (dy + np.float32(up * rise)) * reach
            far = across * across + down * down
            np.maximum(cover, np.float32(dense) * np.exp(-np.minimum(far * np.sqrt(far), 30.0)), out=cover)
        scale = 40.0 / size
        u = ((dx * scale + 7 * age_s) % 128).astype(np.float32)
        v = ((dy * scale + 25 * age_s) % 128).astype(np.float32)
        u, v = np.broadcast_arrays(u, v)
        lumps = cv2.remap(self.noise, np.ascontiguousarray(u), np.ascontiguousarray(v), cv2.INTER_LINEAR)
        cover *= np.clip(0.95 + 0.2 * lumps, 0, 1) * self.opaque * (1 - np.exp(-max(age_s, 0) / 0.05))
        cover *= 1.0 / (1.0 + np.exp(np.clip(dy - 0.25 * size, -20, 20)))  # not below the ground
        if self.roof_px >= 0:
            cover *= dy < -self.roof_px + self.slope * dx
        level = np.float32(self.level) + np.float32(self.tint) * lumps
        cover, level = (cv2.resize(v.astype(np.float32), shape[::-1]) for v in (cover, level))
        return part, cover, level

    def onto(
        self, luma: np.ndarray, since_s: float, offset: np.ndarray
    ) -> tuple[np.ndarray, float, tuple[float, float] | None]:
        """A frame with it, which share of the picture it changes visibly, and the middle of that."""
        if since_s <= self.late_s:
            return luma, 0.0, None
        part, cover, level = self.cover(since_s, offset)
        if not cover.size:
            return luma, 0.0, None
        more = cover * (level - luma[part])
        luma[part] += more
        rows, columns = np.nonzero(np.abs(more) >= SEEN_LEVELS)
        if not len(rows):
            return luma, 0.0, None
        middle = part[1].start + float(columns.mean()), part[0].start + float(rows.mean())
        return luma, len(rows) / luma.size, middle


def _noise(rng: np.random.Generator) -> np.ndarray:
    """Turbulence: noise of four octaves that repeats after 128 pixels."""
    total = np.zeros((128, 128), np.float32)
    for octave in range(4):
        cells = rng.standard_normal((4 << octave, 4 << octave)).astype(np.float32)
        cells = np.pad(cells, ((0, 1), (0, 1)), mode="wrap")
        total += cv2.resize(cells, (128, 128), interpolation=cv2.INTER_CUBIC) / (1.4**octave)
    return np.ascontiguousarray((total - total.mean()) / total.std())


class Thing:
    """Something solid, with a texture of its own, that moves from `at_s` on; it may stop, or stir up dust."""

    def __init__(self, rng: np.random.Generator, kind: str, at_s: float, shape: tuple[int, int]) -> None:
        self.kind, self.at_s, self.shape = kind, at_s, shape
        tall, long, speed = {
            "walker": ((10, 45), 0.4, (8, 45)),
            "bird": ((2, 5), 1.6, (40, 200)),
            "flag": ((10, 40), 1.5, (0, 0)),
            "appears": ((8, 40), rng.uniform(0.5, 2.0), (0, 0)),
        }.get(kind, ((10, 45), 2.2, (40, 220)))
        height = rng.uniform(*tall)
        self.size = max(2, int(height)), max(2, int(height * long))
        self.speed = rng.uniform(*speed) * rng.choice([-1, 1])
        self.texture = self._texture(rng)
        y = rng.uniform(0.3, 0.9) * shape[0] if kind != "bird" else rng.uniform(0.05, 0.6) * shape[0]
        side = -self.size[1] if self.speed > 0 else shape[1]
        if kind in ("flag", "appears"):
            x = rng.uniform(0.05, 0.9) * shape[1]
        elif rng.random() < 0.6:
            x = float(side)
        else:
            x = rng.uniform(0, 1) * shape[1] - self.speed * 1.0
        self.place = np.array([x, y])
        self.stop_s = rng.uniform(0.5, 2.5) if kind == "stopper" else np.inf
        self.wave = rng.uniform(4, 12), rng.uniform(0.15, 0.5)
        self.dust = Plume(rng, shape, 300.0, hidden=False) if kind == "dust" else None
        if self.dust is not None:
            self.dust.size_m, self.dust.speed_mps, self.dust.opaque = 5.0, 4.0, 0.5
            self.dust.px_per_m, self.dust.late_s = self.size[0] / 6.0, 0.0

    def _texture(self, rng: np.random.Generator) -> np.ndarray:
        cells = rng.uniform(-1, 1, (max(1, self.size[0] // 6), max(1, self.size[1] // 6))).astype(np.float32)
        rough = cv2.resize(cells, self.size[::-1], interpolation=cv2.INTER_LINEAR)
        return np.clip(rng.uniform(25, 215) + rng.uniform(5, 45) * rough, 16, 235)

    def onto(self, luma: np.ndarray, time_s: float, offset: np.ndarray) -> np.ndarray:
        """A frame with it."""
        since_s = time_s - self.at_s
        if since_s < 0 and self.kind != "flag":
            return luma
        x, y = self.place + offset + np.array([self.speed * min(since_s, self.stop_s), 0.0])
        if self.dust is not None:
            for lag_s in (0.2, 0.6, 1.1, 1.7):  # the cloud hangs where the vehicle was
                if since_s > lag_s:
                    behind = np.array([x - self.speed * lag_s, y + 0.8 * self.size[0]])
                    luma, _, _ = self.dust.onto(luma, lag_s, behind - self.dust.place)
        texture = self.texture
        if self.kind == "flag":
            columns = np.arange(self.size[1], dtype=np.float32)
            bend = 0.12 * self.size[1] * np.sin(self.wave[0] * time_s + self.wave[1] * columns)
            grid = np.arange(self.size[0], dtype=np.float32)[:, None]
            texture = cv2.remap(
                texture,
                np.ascontiguousarray(np.broadcast_to(columns + bend, self.size).astype(np.float32)),
                np.ascontiguousarray(np.broadcast_to(grid + 0.3 * bend, self.size).astype(np.float32)),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
        left, top = round(x), round(y)
        rows, columns = (
            slice(min(max(0, start), most), min(max(0, start + length), most))
            for start, length, most in zip((top, left), self.size, self.shape, strict=True)
        )
        own = texture[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        if own.size:
            luma[rows, columns] = own
        return luma


class _Smoke:
    """Smoke of an earlier strike, which still stands in the picture."""

    def __init__(self, rng: np.random.Generator, at_s: float, shape: tuple[int, int]) -> None:
        self.plume = Plume(rng, shape, rng.uniform(100, 1500), hidden=False)
        self.at_s = at_s - rng.uniform(4.0, 40.0)

    def onto(self, luma: np.ndarray, time_s: float, offset: np.ndarray) -> np.ndarray:
        return self.plume.onto(luma, time_s - self.at_s, offset)[0]


class _Shadow:
    """The shadow of a cloud that goes over the scene."""

    def __init__(self, rng: np.random.Generator, at_s: float, shape: tuple[int, int]) -> None:
        self.at_s, self.depth = at_s, rng.uniform(-0.25, 0.35)
        self.speed, self.soft = rng.uniform(60, 400) * rng.choice([-1, 1]), rng.uniform(15, 80)
        self.width = shape[1]

    def onto(self, luma: np.ndarray, time_s: float, offset: np.ndarray) -> np.ndarray:
        edge = (0 if self.speed > 0 else self.width) + self.speed * (time_s - self.at_s) + offset[0]
        x = np.arange(luma.shape[1], dtype=np.float32)
        inside = 1 / (1 + np.exp(np.clip(np.sign(self.speed) * (x - edge) / self.soft * 4, -20, 20)))
        return 16 + (luma - 16) * (1 - self.depth * inside[None])


class _Light:
    """What the scenes of flashes brighten a picture by."""

    def __init__(self, light: OtherLight, optics: Optics) -> None:
        self.light, self.optics = light, optics

    def onto(self, luma: np.ndarray, time_s: float, offset: np.ndarray) -> np.ndarray:
        return self.light.onto(luma, time_s, self.optics, offset) if time_s >= self.light.at_s - 0.1 else luma


def _source(rng: np.random.Generator, kind: str, at_s: float, shape: tuple[int, int], optics: Optics):
    if kind == "old smoke":
        return _Smoke(rng, at_s, shape)
    if kind == "shadow":
        return _Shadow(rng, at_s, shape)
    if kind in ("exposure", "glint"):
        return _Light(OtherLight(rng, kind, at_s, shape, False), optics)
    return Thing(rng, kind, at_s, shape)


def _pan(rng: np.random.Generator, footage: Footage, at_s: float) -> None:
    """The camera turns, and perhaps back."""
    t = np.arange(len(footage.planes)) / float(footage.rate) - at_s
    length_s = rng.uniform(0.4, 2.5)
    part = np.clip(t / length_s, 0, 1)
    way = rng.uniform(-70, 70, 2)[None] * np.array([1.0, 0.3]) * (3 * part**2 - 2 * part**3)[:, None]
    footage.planes = [moved(p, by) if np.any(by) else p for p, by in zip(footage.planes, way, strict=True)]
    footage.way_px = footage.way_px + way


def _stand_still(rng: np.random.Generator, footage: Footage) -> None:
    """A scene in which nothing moves but the hand that films it: one real frame, shaken, with grain."""
    plane, count = footage.planes[0], len(footage.planes)
    knots = rng.standard_normal((2, count)) * rng.uniform(0.5, 2.5)
    places = np.arange(count) / float(footage.rate) * 5
    footage.way_px = np.column_stack([np.interp(places, np.arange(count), axis) for axis in knots])
    grain = rng.uniform(0.5, 2.5)
    for k in range(count):
        footage.planes[k] = moved(plane, footage.way_px[k])
        luma = footage.planes[k][: plane.shape[0] * 2 // 3]
        noisy = luma + rng.standard_normal(luma.shape, dtype=np.float32) * np.float32(grain)
        luma[:] = np.clip(noisy, 16, 235)


def make_plume_scene(
    seed: int, folder: Path, *, clips: tuple[tuple[str, float], ...], visible: bool | None = None
) -> PlumeScene:
    """Write one file with a bang's picture, with or without a plume before it.

    `visible` is drawn where it is None: a plume in 6 of 10 scenes, of which 4 in 10 rise from behind a roof and 1 in 8
    has a flash as well.
    """
    rng = np.random.default_rng([20261, seed])
    visible = bool(rng.random() < 0.6) if visible is None else visible
    delay_s = float(rng.uniform(0.15, MOST_DELAY_S - 0.1))
    name, shake = clips[int(rng.integers(len(clips)))]
    bang_s = MOST_DELAY_S + 1.2 + rng.uniform(0, 0.5)
    footage = footage_of(rng, name, bang_s + 1.7, shake)
    still = bool(rng.random() < STILL_SHARE)
    if still:
        _stand_still(rng, footage)
    rate = float(footage.rate)
    optics = Optics(1 / rate, min(0.95 / rate, float(np.exp(rng.uniform(np.log(0.001), np.log(0.012))))), 0.01)
    shape = footage.planes[0].shape[0] * 2 // 3, footage.planes[0].shape[1]
    hidden = bool(rng.random() < 0.4)
    plume = Plume(rng, shape, max(60.0, delay_s * SOUND_MPS), hidden=hidden) if visible else None
    flash = None
    if plume is not None and rng.random() < 0.125:
        flash = Explosion(rng, shape, night=False, share=float(np.exp(rng.uniform(np.log(1e-3), np.log(0.02)))))
        flash.place, flash.smoke = plume.place, 0.0
    kinds = rng.choice(DISTRACTORS, int(rng.choice([0, 1, 2, 3], p=[0.15, 0.35, 0.3, 0.2])))
    sources = []
    for kind in kinds:
        at_s = float(rng.uniform(bang_s - MOST_DELAY_S - 1.0, bang_s - 0.1))
        if kind == "pan":
            _pan(rng, footage, at_s)
        else:
            sources.append(_source(rng, str(kind), at_s, shape, optics))
    truth, flash_s = _paint(footage, optics, plume, flash, bang_s - delay_s, sources)
    path = folder / f"plume-{seed}.mp4"
    bitrate = int(np.exp(rng.uniform(np.log(300_000), np.log(2_000_000))))
    encode(path, footage, bitrate, gop_s=float(rng.choice([0.5, 1.0, 2.0, 8.0])))
    return PlumeScene(
        path=path,
        bang_s=bang_s,
        delay_s=delay_s,
        clip=name,
        still=still,
        plume=truth,
        flash_s=flash_s,
        others=tuple(str(kind) for kind in kinds),
    )


def _paint(footage, optics, plume, flash, burst_s, sources) -> tuple[PlumeTruth | None, float | None]:
    seen_s = flash_s = place = None
    late_share = 0.0
    times_s = np.arange(len(footage.planes)) * optics.frame_s
    at = int(np.clip(np.searchsorted(times_s, burst_s), 0, len(times_s) - 1))
    for k, plane in enumerate(footage.planes):
        time_s = float(times_s[k])
        height = plane.shape[0] * 2 // 3
        luma = plane[:height].astype(np.float32)
        offset = footage.way_px[k] - footage.way_px[at]
        for source in sources:
            luma = np.clip(source.onto(luma, time_s, offset), 16, 235)
        if plume is not None:
            luma, share, middle = plume.onto(luma, time_s - burst_s, offset)
            if seen_s is None and share >= SEEN_SHARE:
                seen_s, place = time_s, middle
            if seen_s is not None and time_s <= seen_s + 2.0:
                late_share = share
        if flash is not None and -0.2 < time_s - burst_s < 3:
            luma, rise = flash.onto(np.clip(luma, 16, 235), time_s - burst_s, optics, offset)
            flash_s = time_s if flash_s is None and rise >= 15.0 else flash_s
        plane[:height] = np.clip(luma, 16, 235)
    if plume is None:
        return None, None
    hidden = plume.roof_px >= 0
    return (
        PlumeTruth(burst_s=burst_s, seen_s=seen_s, late_share=late_share, hidden=hidden, place_px=place),
        flash_s,
    )


def plume_counts(scene: PlumeScene, *, least_share: float = 0.002) -> bool:
    """Whether a plume counts in the figures: it becomes large enough, and is seen 0.3 s before its bang."""
    truth = scene.plume
    return (
        truth is not None
        and truth.seen_s is not None
        and truth.late_share >= least_share
        and truth.seen_s <= scene.bang_s - 0.3
    )


__all__ = ["PLUME_FIT_CLIPS", "Plume", "PlumeScene", "PlumeTruth", "make_plume_scene", "plume_counts"]
