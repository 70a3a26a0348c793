"""Simulated people and vehicles before a hand-held camera: what a detector would see of them, and the truth.

A pinhole camera stands at `Lens.height_m` over flat ground and turns about its place. Ground places are metres: x to
the right and z ahead of the camera as it looks at first. People walk along `Path`s; their boxes are what the camera
would show, with a detector's misses, jitter, low scores and false boxes. Everything follows from the seed.

    scene = simulate(3, length_s=20.0, tremor_deg=1.0, turn=((5.0, 0.0), (8.0, 60.0)))
    scene.watched           # as a worker would give it
    scene.truths[0].feet_m  # where the first figure stood on the ground, frame by frame
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from syncview.model.movement import Figures, Watched

__all__ = ["Lens", "Path", "Scene", "Truth", "figures_of", "simulate", "walks", "watched_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where a figure stands when: straight between `places_m` (x, z), at `times_s`; absent before and after them."""

    times_s: tuple[float, ...]
    places_m: tuple[tuple[float, float], ...]
    kind: Literal["person", "vehicle"] = "person"
    height_m: float = 1.75
    width_m: float = 0.65  # of the box: shoulders, swinging arms and legs; a car from the side 4.3, from ahead 1.8

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """Places at times, shape (m, 2), NaN where it is not there."""
        knots = np.asarray(self.places_m, float)
        places = np.stack([np.interp(times_s, self.times_s, knots[:, axis]) for axis in range(2)], axis=1)
        places[(times_s < self.times_s[0]) | (times_s > self.times_s[-1])] = np.nan
        return places


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What the camera sees: `wide_deg` across the picture, from `height_m` over the ground, `down_deg` below level."""

    size_px: tuple[int, int] = (1280, 720)
    wide_deg: float = 60.0
    height_m: float = 3.0
    down_deg: float = 8.0

    @property
    def matrix(self) -> np.ndarray:
        """Pinhole matrix."""
        wide, tall = self.size_px
        focal = 0.5 * wide / np.tan(np.radians(self.wide_deg) / 2)
        return np.array([[focal, 0, wide / 2], [0, focal, tall / 2], [0, 0, 1]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """A figure as it is: `frames` (int, shape (k,)) in which it stands in the picture, its whole box in each
    (float, shape (k, 4)), its place on the ground (shape (k, 2)), and whether nothing nearer hides it (shape (k,)).
    """

    name: str
    kind: str
    frames: np.ndarray
    boxes_px: np.ndarray
    feet_m: np.ndarray
    clear: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What was seen, the truth, whose truth each recognised figure is (-1 for a false one), and how the camera turned.

    `turns` (float, shape (m, 3, 3)) takes directions of the world to those of the camera.
    """

    watched: Watched
    truths: tuple[Truth, ...]
    of_truth: np.ndarray
    turns: np.ndarray
    paths: tuple[Path, ...] = field(default=())


def simulate(
    seed: int,
    *,
    length_s: float = 30.0,
    rate_hz: float = 5.0,
    paths: tuple[Path, ...] | None = None,
    persons: int = 6,
    vehicles: int = 0,
    lens: Lens | None = None,
    tremor_deg: float = 0.0,
    turn: tuple[tuple[float, float], ...] = (),
    misses: float = 0.25,
    jitter: float = 0.04,
    false_each_frame: float = 0.1,
    motion_noise_px: float = 0.3,
    motion_known: bool = True,
) -> Scene:
    """Simulate what is seen of figures.

    Parameters
    ----------
    seed : int
        Of everything random; same seed, same scene. The figures' paths depend on nothing but it and their number, so
        that a scene can be had with and without shake.
    paths : tuple of Path, optional
        Who walks where; `persons` and `vehicles` random ones (`walks`) if left out.
    tremor_deg : float
        Root mean square of the hand's shake, in yaw and pitch each (half of that in roll), 0.3-4 Hz.
    turn : tuple of (time_s, yaw_deg)
        Knots of a pan, to the right where positive; straight between.
    misses : float
        Share of figures in frames that the detector misses: half at random, half in runs of a second.
    jitter : float
        Standard deviation of a box's edges, in box heights.
    motion_noise_px : float
        Standard deviation of the shift that `Watched.motion` is off by, each frame.
    motion_known : bool
        False gives the identity: what one has who does not compensate.
    """
    lens = lens or Lens()
    times_s = np.arange(round(length_s * rate_hz)) / rate_hz
    if paths is None:
        paths = walks(seed, length_s=length_s, persons=persons, vehicles=vehicles)
    turns = _turns(np.random.default_rng((seed, 1)), times_s, lens, tremor_deg, turn)
    truths = _hidden(tuple(_truth(path, str(k), times_s, lens, turns) for k, path in enumerate(paths)))
    figures, of_truth = _recognised(
        np.random.default_rng((seed, 2)), truths, times_s, lens, misses, jitter, false_each_frame
    )
    motion = _motion(np.random.default_rng((seed, 3)), turns, lens, motion_noise_px)
    if not motion_known:
        motion[1:] = np.eye(3)[:2]
    watched = watched_of(times_s, figures, size_px=lens.size_px, motion=motion)
    return Scene(watched=watched, truths=truths, of_truth=of_truth, turns=turns, paths=paths)


def walks(seed: int, *, length_s: float, persons: int = 6, vehicles: int = 0) -> tuple[Path, ...]:
    """Random paths: people who cross at 1.4 +- 0.2 m/s, one in four who stands, one in six who runs, cars at 8 m/s."""
    rng = np.random.default_rng((seed, 0))
    paths = []
    for number in range(persons):
        z = rng.uniform(7.0, 22.0)
        start_s = rng.uniform(-4.0, 0.7 * length_s)
        height_m = rng.normal(1.72, 0.08)
        if number % 4 == 3:
            x = rng.uniform(-0.4, 0.4) * z
            paths.append(Path(times_s=(0.0, length_s), places_m=((x, z), (x, z)), height_m=height_m))
            continue
        speed_m_s = rng.normal(3.5, 0.4) if number % 6 == 5 else rng.normal(1.4, 0.2)
        side = rng.choice((-1.0, 1.0))
        first, last = (-0.65 * side * z, z), (0.65 * side * z, float(np.clip(z + rng.normal(0, 4), 6, 24)))
        end_s = start_s + float(np.hypot(last[0] - first[0], last[1] - first[1])) / speed_m_s
        paths.append(Path(times_s=(start_s, end_s), places_m=(first, last), height_m=height_m))
    for _ in range(vehicles):
        z, start_s = rng.uniform(16.0, 26.0), rng.uniform(0, 0.8 * length_s)
        side = rng.choice((-1.0, 1.0))
        reach = 0.75 * z
        ends = (-reach * side, z), (reach * side, z)
        times = start_s, start_s + 2 * reach / rng.normal(8.0, 1.0)
        paths.append(Path(times_s=times, places_m=ends, kind="vehicle", height_m=1.5, width_m=4.3))
    return tuple(paths)


def watched_of(
    times_s: np.ndarray, figures: Figures, *, size_px: tuple[int, int] = (1280, 720), motion: np.ndarray | None = None
) -> Watched:
    """Wrap figures in a `Watched` by daylight; the camera stands still if no `motion` is given."""
    count = len(times_s)
    if motion is None:
        motion = np.tile(np.eye(3)[:2], (count, 1, 1))
        motion[:1] = np.nan
    level = np.ones(count, np.float32)
    return Watched(
        size_px=size_px,
        times_s=np.asarray(times_s, float),
        indices=np.arange(count, dtype=np.int64) * 5,
        motion=motion,
        brightness=110 * level,
        contrast=50 * level,
        sharpness=np.float32(0.5) * level,
        strange_motion=0 * level,
        figures=figures,
    )


def figures_of(
    frame: np.ndarray, boxes_px: np.ndarray, scores: np.ndarray, vehicle: np.ndarray | None = None
) -> Figures:
    """Make `Figures` of arrays in any order, ordered as a detector gives them; colours are not known."""
    frame, scores = np.asarray(frame, np.int64), np.asarray(scores, np.float32)
    order = np.lexsort((-scores, frame))
    count = len(order)
    return Figures(
        frame=frame[order],
        boxes_px=np.asarray(boxes_px, np.float32).reshape(count, 4)[order],
        scores=scores[order],
        vehicle=np.zeros(count, bool) if vehicle is None else np.asarray(vehicle, bool)[order],
        **{name: np.full(count, np.nan, np.float32) for name in ("light_head", "vivid_head", "vivid_body")},
    )


def _turns(
    rng: np.random.Generator, times_s: np.ndarray, lens: Lens, tremor_deg: float, turn: tuple[tuple[float, float], ...]
) -> np.ndarray:
    """Take directions of the world to the camera's: yaw, then pitch, then roll."""
    hertz = rng.uniform(0.3, 4.0, (3, 24))
    phase = rng.uniform(0, 2 * np.pi, (3, 24))
    shake = np.sin(2 * np.pi * hertz[..., None] * times_s + phase[..., None]).sum(axis=1) / np.sqrt(12.0)
    yaw, pitch, roll = np.radians(tremor_deg) * shake * np.array([1.0, 1.0, 0.5])[:, None]
    if turn:
        yaw = yaw + np.radians(np.interp(times_s, *np.transpose(turn)))
    pitch = pitch - np.radians(lens.down_deg)
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)
    about_y = np.array([[np.cos(yaw), zero, -np.sin(yaw)], [zero, one, zero], [np.sin(yaw), zero, np.cos(yaw)]])
    about_x = np.array([[one, zero, zero], [zero, np.cos(pitch), np.sin(pitch)], [zero, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), zero], [np.sin(roll), np.cos(roll), zero], [zero, zero, one]])
    return np.einsum("abn,bcn,cdn->nad", about_z, about_x, about_y)


def _truth(path: Path, name: str, times_s: np.ndarray, lens: Lens, turns: np.ndarray) -> Truth:
    """The box about the corners of an upright card that faces the camera."""
    places = path.at(times_s)
    corners = [(side * path.width_m / 2, lens.height_m - up) for side in (-1, 1) for up in (0.0, path.height_m)]
    points = np.stack([np.stack([places[:, 0] + x, 0 * places[:, 0] + y, places[:, 1]], 1) for x, y in corners], 1)
    seen = np.einsum("ab,nbc,nkc->nka", lens.matrix, turns, points)
    ahead = seen[..., 2].min(axis=1) > 0.5
    pixels = seen[..., :2] / np.where(ahead[:, None], seen[..., 2], 1.0)[..., None]
    boxes = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
    shown = _within(boxes, lens.size_px)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    there = ahead & ((shown[:, 2:] - shown[:, :2]).clip(0).prod(axis=1) > 0.4 * area)
    frames = np.flatnonzero(there)
    kept = {"frames": frames, "boxes_px": boxes[frames], "feet_m": places[frames], "clear": np.ones(len(frames), bool)}
    return Truth(name=name, kind=path.kind, **kept)


def _within(boxes: np.ndarray, size_px: tuple[int, int]) -> np.ndarray:
    wide, tall = size_px
    return np.clip(boxes, 0, [wide, tall, wide, tall])


def _hidden(truths: tuple[Truth, ...]) -> tuple[Truth, ...]:
    """Mark where more than half of a figure's box lies behind the box of a nearer one."""
    for one in truths:
        for other in truths:
            _, here, there = np.intersect1d(one.frames, other.frames, return_indices=True)
            a, b = one.boxes_px[here], other.boxes_px[there]
            common = (np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])).clip(0).prod(axis=1)
            nearer = other.feet_m[there, 1] < one.feet_m[here, 1]
            one.clear[here] &= ~(nearer & (common > 0.5 * (a[:, 2:] - a[:, :2]).prod(axis=1)))
    return truths


def _recognised(
    rng: np.random.Generator,
    truths: tuple[Truth, ...],
    times_s: np.ndarray,
    lens: Lens,
    misses: float,
    jitter: float,
    false_each_frame: float,
) -> tuple[Figures, np.ndarray]:
    """What the detector gives: rows of frame, box, score, vehicle, whose."""
    rows = []
    for number, truth in enumerate(truths):
        seconds = np.floor(times_s[truth.frames] + rng.uniform()).astype(int)
        in_runs = rng.uniform(size=int(times_s[-1]) + 3)[seconds] < misses / 2
        missed = in_runs | (rng.uniform(size=len(seconds)) < misses / 2) | ~truth.clear
        tall = truth.boxes_px[:, 3] - truth.boxes_px[:, 1]
        boxes = truth.boxes_px + rng.standard_normal((len(seconds), 4)) * jitter * tall[:, None]
        scores = np.clip(rng.normal(0.58, 0.13, len(seconds)), 0.25, 0.95)
        rows.extend(
            (truth.frames[k], *_within(boxes[k], lens.size_px), scores[k], truth.kind == "vehicle", number)
            for k in np.flatnonzero(~missed)
        )
    for frame in np.repeat(np.arange(len(times_s)), rng.poisson(false_each_frame, len(times_s))):
        tall = rng.uniform(30, 150)
        left, top = rng.uniform(0, lens.size_px[0] - 60), rng.uniform(0.3, 0.7) * lens.size_px[1]
        rows.append((frame, left, top, left + 0.4 * tall, top + tall, rng.uniform(0.25, 0.55), False, -1))
    table = np.array(rows, float).reshape(-1, 8)
    order = np.lexsort((-table[:, 5].astype(np.float32), table[:, 0]))
    table = table[order]
    figures = figures_of(table[:, 0], table[:, 1:5], table[:, 5], table[:, 6] > 0)
    return figures, table[:, 7].astype(int)


def _motion(rng: np.random.Generator, turns: np.ndarray, lens: Lens, noise_px: float) -> np.ndarray:
    """The similarity that fits the turn from frame to frame best over the picture."""
    wide, tall = lens.size_px
    grid = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 9) * wide, np.linspace(0.1, 0.9, 6) * tall), -1).reshape(-1, 2)
    rays = np.column_stack([grid, np.ones(len(grid))]) @ np.linalg.inv(lens.matrix).T
    motion = np.full((len(turns), 2, 3), np.nan)
    x, y = grid.T
    zero, one = np.zeros_like(x), np.ones_like(x)
    design = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    for k in range(1, len(turns)):
        seen = rays @ (lens.matrix @ turns[k] @ turns[k - 1].T).T
        target = seen[:, :2] / seen[:, 2:]
        a, b, right, down = np.linalg.lstsq(design, target.T.ravel(), rcond=None)[0]
        right, down = np.array([right, down]) + noise_px * rng.standard_normal(2)
        motion[k] = [[a, -b, right], [b, a, down]]
    return motion
