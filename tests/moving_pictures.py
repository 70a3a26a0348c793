"""Moving pictures with known truth, made of arrays: scenes of many scales, a hand that shakes, things that pass."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter1d

__all__ = ["HEIGHT", "WIDTH", "flashed", "footage", "panned", "scene", "small"]

WIDTH, HEIGHT = 192, 108
_BORDER = 40


def scene(seed: int) -> np.ndarray:
    """A still picture, larger than the frame: sky above ground, with houses and stones."""
    rng = np.random.default_rng(seed)
    shape = HEIGHT + 2 * _BORDER, WIDTH + 2 * _BORDER
    picture = np.linspace(190, 90, shape[0])[:, None] + np.zeros(shape)
    for scale, level in ((30, 35), (10, 25), (4, 18), (1.5, 10)):
        noise = gaussian_filter(rng.standard_normal(shape), scale)
        picture += level * noise / noise.std()
    for _ in range(14):
        top, left = rng.integers(0, shape[0] - 30), rng.integers(0, shape[1] - 40)
        picture[top : top + rng.integers(8, 30), left : left + rng.integers(8, 40)] += rng.uniform(-70, 70)
    return picture.astype(np.float32)


def footage(
    seed: int,
    *,
    length_s: float,
    rate_hz: float = 25.0,
    shake_px: float = 2.0,
    passing: int = 4,
    of: int | None = None,
    shake_seed: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Times, and frames of float32, shape (n, HEIGHT, WIDTH), of things that pass through a scene.

    `of` names the scene and what passes, `shake_seed` the hand, where they are not the same as `seed`.
    """
    still = scene(seed if of is None else of)
    rng = np.random.default_rng((seed if of is None else of, 1))
    hand = np.random.default_rng((seed if shake_seed is None else shake_seed, 2))
    times_s = np.arange(round(length_s * rate_hz)) / rate_hz
    knots_s = np.arange(-1.0, length_s + 1.0, 0.18)
    sway = [np.interp(times_s, knots_s, shake_px * hand.standard_normal(len(knots_s))) for _ in range(2)]
    things = [(rng.uniform(15, 60), rng.uniform(8, 30), rng.uniform(0, WIDTH)) for _ in range(passing)]
    looks = rng.uniform((0, 6, -90), (HEIGHT, 16, 90), (passing, 64, 3))  # each passes again as another
    frames = []
    for time_s, dy, dx in zip(times_s, *sway, strict=True):
        moved = still.copy()
        for (speed, wide, start), look in zip(things, looks, strict=True):
            turn, place = divmod(start + speed * time_s, WIDTH + 2 * wide)
            top, tall, level = look[int(turn)]
            y, x = int(_BORDER / 2 + top), int(_BORDER + place - wide)
            moved[y : y + int(tall), max(0, x) : x + int(wide)] += level
        frames.append(_window(moved, _BORDER + dy, _BORDER + dx))
    noise = np.random.default_rng((seed, 3)).standard_normal((len(times_s), HEIGHT, WIDTH), np.float32)
    return times_s, np.stack(frames) + 2 * noise


def _window(picture: np.ndarray, top: float, left: float) -> np.ndarray:
    """What the frame shows of a picture, moved by parts of a pixel."""
    y, x = int(top), int(left)
    part = picture[y : y + HEIGHT + 1, x : x + WIDTH + 1]
    across = part[:, :-1] + np.float32(left - x) * (part[:, 1:] - part[:, :-1])
    return across[:-1] + np.float32(top - y) * (across[1:] - across[:-1])


def flashed(frames: np.ndarray, at: int, *, level: float, decay_frames: float) -> np.ndarray:
    """The same with a flash: light over all of the picture, and more of it in one place."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    glow = 0.4 + np.exp(-((rows - 50) ** 2 + (columns - 120) ** 2) / (2 * 40.0**2))
    age = np.arange(len(frames)) - at
    light = np.where(age >= 0, level * np.exp(-np.maximum(age, 0) / decay_frames), 0.0).astype(np.float32)
    return frames + light[:, None, None] * glow


def small(frames: np.ndarray) -> np.ndarray:
    """Frames as `media.frames` gives them: uint8, shape (n, 36, 64)."""
    count = len(frames)
    shown = np.clip(frames, 0, 255).reshape(count, 36, HEIGHT // 36, 64, WIDTH // 64).mean(axis=(2, 4))
    return np.clip(np.rint(shown), 0, 255).astype(np.uint8)


def panned(one: np.ndarray, other: np.ndarray, count: int) -> np.ndarray:
    """Frames that a fast turn of the camera from one view to the other blurs."""
    wide = np.concatenate([one, other], axis=1)
    edges = WIDTH * (0.5 - 0.5 * np.cos(np.pi * np.arange(count + 1) / count))
    frames = []
    for start, stop in pairwise(edges):
        size = max(1, round(stop - start))
        blurred = uniform_filter1d(wide, size, axis=1)
        left = int(0.5 * (start + stop))
        frames.append(blurred[:, left : left + WIDTH])
    return np.stack(frames)
