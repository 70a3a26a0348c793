"""Simulated flashes over real shaking footage: what fits and judges the search for flashes.

Real frames are decoded, made brighter by an explosion's light (a fireball that rises in milliseconds and decays, its
glow, the light that it throws on the scene, smoke or dust after it; saturation, exposure time, rolling shutter, the
camera's gain), encoded again with H.264 at 0.3 to 2 Mbit/s, and decoded as any file is. Other things that brighten a
picture are put in as well: headlights, torches, lightning, exposure jumps, cuts, glints. The light moves with the scene
as the camera shakes. Nothing of the search itself is used here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np

DATA = Path(os.environ.get("SYNCVIEW_DATA", Path(__file__).parents[2] / "shared/data"))
FIT_CLIPS = (
    ("video/gopro_karma.mp4", 0.0),
    ("containers/moviepy_failing_audio.mp4", 0.0),
    ("video/car-detection.mp4", 1.0),
    ("multidevice/pose2sim_SinglePerson/cam01.mp4", 1.5),
    ("containers/phone_vfr_rotated180_gps_fire2.mp4", 1.0),
)  # and how much more a hand shakes them, in pixels of 480
JUDGE_CLIPS = (
    ("video/gopro_hero7.mp4", 0.0),
    ("video/mapillary_sample-5s.mp4", 1.0),
    ("video/nasa_13013.mp4", 1.5),
    ("video/vtest.avi", 1.5),
    ("multidevice/pose2sim_MultiPerson/cam03.mp4", 1.5),
)
SIZE_PX = (480, 270)
MOST_DELAY_S = 2000.0 / 343.2
LEAST_DELAY_S = 0.05
DISTRACTORS = ("headlights", "torch", "lightning", "exposure", "cut", "glint")
_FASTEST_HZ = 40  # footage at 60 Hz is taken at 30, to make more scenes in the time
VISIBLE_LEVELS = 15.0  # what the fireball's place must rise by in a frame, before encoding, to count as visible


@dataclass(frozen=True, kw_only=True)
class FlashTruth:
    """What was put in. `frame_s` is the first frame that shows light, None when no frame does."""

    light_s: float
    frame_s: float | None
    area_share: float
    rise_levels: float
    place_px: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class FlashScene:
    """One file, its bang, and what lies before it."""

    path: Path
    bang_s: float
    delay_s: float
    night: bool
    bitrate: int
    clip: str
    flash: FlashTruth | None
    others: tuple[tuple[str, float], ...]


@dataclass
class Footage:
    """Luma, chroma and motion of a piece of real footage, one row for each frame."""

    planes: list[np.ndarray]
    rate: Fraction
    way_px: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))


@lru_cache(maxsize=8)
def _decoded(name: str) -> tuple[tuple[np.ndarray, ...], np.ndarray, Fraction]:
    """Frames of a clip, 480 pixels along, at most 12 s, and how far the scene moved from the frame before."""
    with av.open(str(DATA / name)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = Fraction(stream.average_rate or 25).limit_denominator(1001)
        most = int(12 * rate)
        frames = []
        for frame in container.decode(stream):
            size = SIZE_PX if frame.width >= frame.height else SIZE_PX[::-1]
            frames.append(frame.reformat(width=size[0], height=size[1], format="yuv420p").to_ndarray())
            if len(frames) >= most:
                break
    if rate > _FASTEST_HZ:
        frames, rate = frames[::2], rate / 2
    small = [cv2.resize(p[: p.shape[0] * 2 // 3], None, fx=0.25, fy=0.25).astype(np.float32) for p in frames]
    window = cv2.createHanningWindow(small[0].shape[::-1], cv2.CV_32F)
    steps = np.zeros((len(frames), 2))
    for k in range(1, len(frames)):
        step = 4 * np.array(cv2.phaseCorrelate(small[k - 1], small[k], window)[0])
        steps[k] = step * (np.hypot(*step) < 30)
    return tuple(frames), steps, rate


def footage_of(rng: np.random.Generator, name: str, length_s: float, shake_px: float) -> Footage:
    """A piece of a clip that runs to and fro, with a hand's shake added, and the way of its scene in pixels."""
    frames, steps, rate = _decoded(name)
    count, start = int(length_s * rate) + 1, int(rng.integers(len(frames)))
    period = max(1, 2 * len(frames) - 2)
    order = [(start + k) % period for k in range(count)]
    places = [k if k < len(frames) else period - k for k in order]
    planes = [frames[k] for k in places]
    way = np.zeros((count, 2))
    for k in range(1, count):
        way[k] = way[k - 1] + (steps[places[k]] if places[k] > places[k - 1] else -steps[places[k - 1]])
    if shake_px:
        knots = rng.standard_normal((2, int(length_s * 5) + 3)) * shake_px
        t = np.arange(count) / float(rate) * 5
        shake = np.column_stack([np.interp(t, np.arange(knots.shape[1]), axis) for axis in knots])
        planes = [moved(p, s) for p, s in zip(planes, shake, strict=True)]
        way += shake
    return Footage(planes=[p.copy() for p in planes], rate=rate, way_px=way)


def moved(plane: np.ndarray, by: np.ndarray) -> np.ndarray:
    """A frame whose luma is moved by so many pixels, across and down."""
    height = plane.shape[0] * 2 // 3
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float32)
    luma = cv2.warpAffine(plane[:height], matrix, (plane.shape[1], height), borderMode=cv2.BORDER_REFLECT)
    return np.concatenate([luma, plane[height:]])


@dataclass(frozen=True)
class Optics:
    """How a camera exposes: seconds from one frame to the next, of a row, from the first row to the last."""

    frame_s: float
    exposure_s: float
    readout_s: float


def _light_curve(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Parts of a fireball's light (weights, decay times): the detonation, and what burns and glows on."""
    fast = rng.uniform(0.012, 0.06)
    glow = rng.uniform(0.1, 0.35)
    return np.array([1.0, glow]), np.array([fast, rng.uniform(0.12, 0.4)])


def _exposed(curve: tuple[np.ndarray, np.ndarray], since_s: np.ndarray, exposure_s: float) -> np.ndarray:
    """Mean light over an exposure that begins `since_s` after the light does, for each row."""
    begin, end = np.maximum(since_s, 0.0), np.maximum(since_s + exposure_s, 0.0)
    total = sum(w * tau * (np.exp(-begin / tau) - np.exp(-end / tau)) for w, tau in zip(*curve, strict=True))
    return np.asarray(total / exposure_s)


class Explosion:
    """The light and the smoke of one explosion, added to frames."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], night: bool, share: float) -> None:
        self.shape, self.night, self.share = shape, night, share
        height, width = shape
        self.radius = np.sqrt(share * height * width / np.pi)
        self.squash = rng.uniform(0.75, 1.3)
        self.place = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.2, 0.75) * height])
        self.curve = _light_curve(rng)
        self.core = rng.uniform(400, 2500) if night else rng.uniform(150, 900)
        self.ambient = rng.uniform(0.0, 2.5) * min(1.0, share / 0.01) if night else rng.uniform(0.0, 0.04)
        self.smoke = rng.uniform(0.35, 0.9) * (0.35 if night else 1.0)
        self.smoke_level = rng.uniform(16, 40) if night else rng.uniform(55, 190)
        self.lumps = rng.normal(0, 0.6, (7, 2))
        self.swell = rng.uniform(1.2, 3.0)
        self.gain_drop = rng.uniform(0.0, 0.2) if night or share > 0.01 else 0.0

    def onto(self, luma: np.ndarray, since_s: float, optics: Optics, offset: np.ndarray) -> tuple[np.ndarray, float]:
        """A frame whose exposure begins `since_s` after the light does; and what the light's place rises by."""
        height = self.shape[0]
        rows = np.float32(since_s) + np.float32(optics.readout_s) * np.arange(height, dtype=np.float32) / height
        light = _exposed(self.curve, rows, optics.exposure_s).astype(np.float32)[:, None]
        x, y = self.place + offset
        if since_s > 0:
            luma = self._smoked(luma, since_s, x, y)
        if light.max() < 1e-3:
            return luma, 0.0
        grown = self.radius * (0.6 + 0.4 * min(1.0, max(0.0, since_s + optics.exposure_s) / 0.02))
        part, dx, dy = around(self.shape, x, y, 10 * grown)
        lit = luma + self.ambient * (luma - 16) * light
        rise = 0.0
        if dx.size:
            far = np.hypot(dx / self.squash, dy * self.squash)
            core = 1.0 / (1.0 + np.exp(np.minimum((far - grown) / max(0.8, 0.12 * grown), 30.0)))
            before = luma[part]
            lit[part] += self.core * (core + 0.12 * np.exp(-far / (2.5 * grown))) * light[part[0]]
            inside = far <= grown
            rise = float((np.clip(lit[part], 16, 235) - before)[inside].mean()) if inside.any() else 0.0
        if since_s > 0:
            lit *= 1.0 - self.gain_drop * np.exp(-since_s / 0.4) * (1 - np.exp(-since_s / 0.08))
        return np.clip(lit, 16, 235), rise

    def _smoked(self, luma: np.ndarray, since_s: float, x: float, y: float) -> np.ndarray:
        size = self.radius * (0.7 + self.swell * (1 - np.exp(-since_s / 1.2)))
        y -= self.radius * self.swell * 0.6 * since_s
        part, dx, dy = around(self.shape, x, y, 4 * size)
        if not dx.size:
            return luma
        dx, dy = dx[:, ::2], dy[::2]
        cover = np.zeros((dy.shape[0], dx.shape[1]), np.float32)
        for lx, ly in self.lumps:
            near = ((dx - lx * size) ** 2 + (dy - ly * size) ** 2) / (0.5 * size**2)
            cover = np.maximum(cover, np.exp(-np.minimum(near**2, 30.0)))
        under = luma[part]
        cover = cv2.resize(cover, under.shape[::-1], interpolation=cv2.INTER_LINEAR)
        cover *= self.smoke * (1 - np.exp(-since_s / 0.15)) * np.exp(-since_s / 12.0)
        luma = luma.copy()
        luma[part] = under + cover * (self.smoke_level - under)
        return luma


def around(
    shape: tuple[int, int], x: float, y: float, reach: float
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """Part of a picture around a place, and the distances there from it: a row of dx and a column of dy."""
    rows = slice(max(0, int(y - reach)), max(0, min(shape[0], int(y + reach) + 1)))
    columns = slice(max(0, int(x - reach)), max(0, min(shape[1], int(x + reach) + 1)))
    dx = np.arange(columns.start, columns.stop, dtype=np.float32)[None] - np.float32(x)
    dy = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - np.float32(y)
    if not dx.size or not dy.size:
        return (slice(0, 0), slice(0, 0)), np.zeros((1, 0), np.float32), np.zeros((0, 1), np.float32)
    return (rows, columns), dx, dy


class OtherLight:
    """Something else that brightens the picture, from `at_s` on."""

    def __init__(self, rng: np.random.Generator, kind: str, at_s: float, shape: tuple[int, int], night: bool) -> None:
        self.kind, self.at_s, self.shape, self.night = kind, at_s, shape, night
        height, width = shape
        self.place = np.array([rng.uniform(0.05, 0.95) * width, rng.uniform(0.3, 0.85) * height])
        self.speed = rng.uniform(-90, 90, 2) * (1.0, 0.3)
        self.radius = rng.uniform(2, 12 if kind != "torch" else 30)
        self.level = rng.uniform(60, 400)
        self.length_s = {
            "headlights": rng.uniform(0.6, 3),
            "torch": rng.uniform(0.2, 1.5),
            "glint": rng.uniform(0.02, 0.12),
        }.get(kind, 1.0)
        self.rise_s = {"headlights": rng.uniform(0.0, 0.3), "torch": rng.uniform(0.0, 0.1)}.get(kind, 0.0)
        self.gain = rng.uniform(1.12, 1.7)
        self.settle_s = rng.choice([0.0, 0.1, 0.3])
        self.flickers = np.cumsum(np.r_[0.0, rng.uniform(0.04, 0.35, int(rng.integers(0, 4)))])
        self.strength = rng.uniform(0.15, 1.5)
        self.repeats = rng.uniform(0.15, 1.0, 3).cumsum() if kind == "glint" and rng.random() < 0.6 else np.zeros(0)

    def onto(self, luma: np.ndarray, time_s: float, optics: Optics, offset: np.ndarray) -> np.ndarray:
        """A frame with it."""
        since_s = time_s - self.at_s
        if since_s < -0.1:
            return luma
        if self.kind == "exposure":
            part = 1.0 if self.settle_s == 0 else min(1.0, max(0.0, since_s) / self.settle_s)
            return 16 + (luma - 16) * (1 + (self.gain - 1) * part) if since_s >= 0 else luma
        if self.kind == "lightning":
            light = sum(
                float(_exposed((np.ones(1), np.array([0.05])), np.array([since_s - f]), optics.exposure_s)[0])
                for f in self.flickers
            )
            sky = np.linspace(1.0, 0.3, luma.shape[0])[:, None]
            return luma + light * self.strength * sky * (0.6 * (luma - 16) + 40)
        if self.kind in ("headlights", "torch", "glint"):
            begins = [0.0, *self.repeats]
            on = max(
                (
                    min(1.0, (since_s - b) / self.rise_s if self.rise_s else 1.0)
                    for b in begins
                    if 0 <= since_s - b < self.length_s
                ),
                default=0.0,
            )
            if on:
                speed = self.speed if self.kind != "glint" else 0.2 * self.speed
                x, y = self.place + offset + speed * since_s
                for apart in (0.0, 3.2 * self.radius) if self.kind == "headlights" else (0.0,):
                    part, dx, dy = around(self.shape, x + apart, y, 12 * self.radius)
                    far = np.hypot(dx, dy)
                    glow = np.exp(-((far / self.radius) ** 2)) + 0.1 * np.exp(-far / (3 * self.radius))
                    luma[part] += on * self.level * glow
        return luma


def make_scene(
    seed: int,
    folder: Path,
    *,
    clips: tuple[tuple[str, float], ...],
    visible: bool | None = None,
    delay_s: float | None = None,
    share: float | None = None,
    night: bool | None = None,
) -> FlashScene:
    """Write one file with a bang's picture, with or without a flash in it.

    `visible`, `delay_s`, `share` and `night` are drawn where they are None: a flash in 6 of 10, from 50 ms to 5.8 s
    before the bang, over 0.05 to 5 % of the picture; a third by night.
    """
    rng = np.random.default_rng([20260, seed])
    visible = bool(rng.random() < 0.6) if visible is None else visible
    drawn = (
        rng.uniform(0.15, MOST_DELAY_S - 0.1),
        float(np.exp(rng.uniform(np.log(5e-4), np.log(0.05)))),
        rng.random() < 1 / 3,
    )
    delay_s, share, night = (d if g is None else g for d, g in zip(drawn, (delay_s, share, night), strict=True))
    name, shake = clips[int(rng.integers(len(clips)))]
    bang_s = MOST_DELAY_S + 1.2 + rng.uniform(0, 0.5)
    footage = footage_of(rng, name, bang_s + 1.7, shake)
    rate = float(footage.rate)
    optics = Optics(
        1 / rate,
        min(
            0.95 / rate, rng.uniform(0.01, 0.033) if night else float(np.exp(rng.uniform(np.log(0.001), np.log(0.012))))
        ),
        rng.uniform(0.005, 0.95 * min(0.03, 1 / rate)),
    )
    shape = footage.planes[0].shape[0] * 2 // 3, footage.planes[0].shape[1]
    explosion = Explosion(rng, shape, night, share) if visible else None
    light_s = bang_s - delay_s
    others = tuple(
        (str(rng.choice(DISTRACTORS)), float(rng.uniform(bang_s - MOST_DELAY_S, bang_s - 0.1)))
        for _ in range(int(rng.choice([0, 1, 2], p=[0.45, 0.4, 0.15])))
    )
    if night:
        darken(rng, footage)
    sources = [OtherLight(rng, kind, at_s, shape, night) for kind, at_s in others]
    _apply_cuts(rng, footage, others, clips, night)
    truth = _paint(footage, optics, explosion, light_s, sources)
    bitrate = int(np.exp(rng.uniform(np.log(300_000), np.log(2_000_000))))
    path = folder / f"flash-{seed}.mp4"
    encode(path, footage, bitrate, gop_s=float(rng.choice([0.5, 1.0, 2.0, 8.0])))
    return FlashScene(
        path=path,
        bang_s=bang_s,
        delay_s=float(delay_s),
        night=bool(night),
        bitrate=bitrate,
        clip=name,
        flash=truth,
        others=others,
    )


def darken(rng: np.random.Generator, footage: Footage) -> None:
    """Night: little light, much noise."""
    level, noise = rng.uniform(0.08, 0.3), rng.uniform(1.0, 4.0)
    for k, plane in enumerate(footage.planes):
        height = plane.shape[0] * 2 // 3
        dark = 16 + level * (plane[:height].astype(np.float32) - 16)
        grain = rng.standard_normal(dark.shape, dtype=np.float32) * np.float32(noise)
        plane[:height] = np.clip(dark + grain, 16, 235)
        footage.planes[k] = plane


def _apply_cuts(
    rng: np.random.Generator,
    footage: Footage,
    others: tuple[tuple[str, float], ...],
    clips: tuple[tuple[str, float], ...],
    night: bool,
) -> None:
    """After a cut, another clip is shown."""
    for kind, at_s in others:
        if kind != "cut":
            continue
        shape = footage.planes[0].shape
        for _ in range(10):
            name, shake = clips[int(rng.integers(len(clips)))]
            if _decoded(name)[0][0].shape == shape:
                break
        else:
            return
        first = int(np.ceil(at_s * footage.rate))
        other = footage_of(rng, name, (len(footage.planes) - first) / float(footage.rate) + 0.1, shake)
        if night:
            darken(rng, other)
        for k in range(first, len(footage.planes)):
            footage.planes[k] = other.planes[min(k - first, len(other.planes) - 1)]
            footage.way_px[k] = footage.way_px[first - 1] + other.way_px[min(k - first, len(other.planes) - 1)]


def _paint(
    footage: Footage, optics: Optics, explosion: Explosion | None, light_s: float, sources: list[OtherLight]
) -> FlashTruth | None:
    first_s, most = None, 0.0
    at = int(
        np.clip(np.searchsorted(np.arange(len(footage.planes)) * optics.frame_s, light_s), 0, len(footage.planes) - 1)
    )
    for k, plane in enumerate(footage.planes):
        time_s = k * optics.frame_s
        height = plane.shape[0] * 2 // 3
        luma = plane[:height].astype(np.float32)
        offset = footage.way_px[k] - footage.way_px[at]
        touched = False
        for source in sources:
            if time_s >= source.at_s - 0.1:
                luma, touched = source.onto(luma, time_s, optics, offset), True
        if explosion is not None and time_s - light_s > -0.2:
            luma, rise = explosion.onto(np.clip(luma, 16, 235), time_s - light_s, optics, offset)
            touched = True
            if time_s - light_s < 0.25:
                most = max(most, rise)
                if first_s is None and rise >= 3.0:
                    first_s = time_s
        if touched:
            plane[:height] = np.clip(luma, 16, 235)
    if explosion is None:
        return None
    place = explosion.place
    return FlashTruth(
        light_s=light_s,
        frame_s=first_s,
        area_share=explosion.share,
        rise_levels=most,
        place_px=(float(place[0]), float(place[1])),
    )


def encode(path: Path, footage: Footage, bitrate: int, *, gop_s: float) -> None:
    """Write footage with H.264."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264",
            rate=footage.rate,
            options={"preset": "ultrafast", "g": str(max(5, int(gop_s * footage.rate))), "threads": "1"},
        )
        stream.height, stream.width = footage.planes[0].shape[0] * 2 // 3, footage.planes[0].shape[1]
        stream.pix_fmt, stream.bit_rate = "yuv420p", bitrate
        for k, plane in enumerate(footage.planes):
            frame = av.VideoFrame.from_ndarray(plane, format="yuv420p")
            frame.pts, frame.time_base = k, 1 / footage.rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def is_visible(truth: FlashTruth | None, *, least_share: float = 0.002) -> bool:
    """Whether a flash counts in the figures: large enough, and a frame shows it."""
    return (
        truth is not None
        and truth.frame_s is not None
        and truth.area_share >= least_share
        and truth.rise_levels >= VISIBLE_LEVELS
    )
