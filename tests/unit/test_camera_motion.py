"""The camera's motion against warped pictures whose motion is known."""

from functools import lru_cache

import cv2
import numpy as np
import pytest

from syncview.detect.camera_motion import MotionFinder, small_grey
from syncview.settings.movement import MovementSettings

SIZE = 960, 540
NONE = np.zeros((0, 4), np.float32)


@lru_cache(maxsize=4)
def world(seed: int) -> np.ndarray:
    """A large picture of many scales, with houses and stones."""
    rng = np.random.default_rng(seed)
    wide, tall = 2 * SIZE[0], 2 * SIZE[1]
    picture = np.linspace(190, 90, tall, dtype=np.float32)[:, None] + np.zeros((tall, wide), np.float32)
    for scale, level in ((120, 30), (40, 25), (14, 18), (5, 12)):
        noise = rng.standard_normal((tall // scale, wide // scale)).astype(np.float32)
        picture += level * cv2.resize(noise, (wide, tall), interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        left, top = rng.integers(0, wide), rng.integers(0, tall)
        width, height = rng.integers(20, 160, 2)
        picture[top : top + height, left : left + width] += np.float32(rng.uniform(-60, 60))
    return picture


def seen(picture: np.ndarray, matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a phone's film shows of it: with noise, and coded."""
    frame = cv2.warpAffine(picture, matrix[:2], SIZE, flags=cv2.INTER_LINEAR)
    frame = frame + 3 * rng.standard_normal(SIZE[::-1], np.float32)
    grey = np.clip(frame, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", cv2.merge([grey] * 3), [cv2.IMWRITE_JPEG_QUALITY, 35])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


def view(shift_px: tuple[float, float] = (0, 0), turn_deg: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """What takes places of the world to those of the frame."""
    turn = np.radians(turn_deg)
    part = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    middle = np.array(SIZE, float)
    right = np.array(SIZE) / 2 + shift_px - part @ middle
    return np.vstack([np.column_stack([part, right]), [0, 0, 1]])


def error_px(found: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    """Mean over the picture."""
    true = other @ np.linalg.inv(one)
    x, y = np.meshgrid(np.linspace(0.1, 0.9, 9) * SIZE[0], np.linspace(0.1, 0.9, 6) * SIZE[1])
    places = np.column_stack([x.ravel(), y.ravel(), np.ones(x.size)])
    return float(np.hypot(*((places @ found.T - places @ true[:2].T).T)).mean())


def motion(one: np.ndarray, other: np.ndarray, *boxes: np.ndarray) -> np.ndarray:
    finder = MotionFinder(MovementSettings())
    before, after = boxes or (NONE, NONE)
    assert np.isnan(finder.step(one, before)).all()
    return finder.step(other, after)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.3])
def test_a_pan_with_roll_and_zoom_is_followed(share):
    errors = []
    for seed in range(4):
        rng = np.random.default_rng((seed, 1))
        shift = share * SIZE[0] * np.array([rng.choice((-1, 1)), 0.1 * rng.standard_normal()])
        one = view()
        other = view(shift, rng.normal(0, 1.5), float(np.exp(rng.normal(0, 0.01))))
        picture = world(seed)
        errors.append(error_px(motion(seen(picture, one, rng), seen(picture, other, rng)), one, other))
    assert max(errors) < 1.2
    assert np.median(errors) < 0.5


def test_backwards_is_the_inverse():
    rng = np.random.default_rng(5)
    picture, one, other = world(5), view(), view((40, -20), 2.0)
    frames = seen(picture, one, rng), seen(picture, other, rng)
    there, back = motion(*frames), motion(*frames[::-1])
    assert error_px(np.linalg.inv(np.vstack([there, [0, 0, 1]]))[:2], np.eye(3), np.vstack([back, [0, 0, 1]])) < 0.5


def test_a_flash_does_not_end_it():
    rng = np.random.default_rng(6)
    picture, one, other = world(6), view(), view((12, 5))
    light = 60 + 40 * np.exp(-(((np.mgrid[: 2 * SIZE[1], : 2 * SIZE[0]][1] - 900) / 300.0) ** 2))
    assert error_px(motion(seen(picture, one, rng), seen(0.7 * picture + light, other, rng)), one, other) < 0.7


def passing_bus(shift_px: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two frames of a still camera, before which a bus that takes half the picture passes, and its boxes."""
    rng = np.random.default_rng(7)
    frames, boxes = [], []
    bus = seen(world(8), view(), rng)[:380, :660]
    for left in (100, 100 + shift_px):
        frame = seen(world(7), view(), rng)
        frame[100:480, left : left + 660] = bus
        frames.append(frame)
        boxes.append(np.array([[left, 100, left + 660, 480]], np.float32))
    return frames[0], frames[1], np.stack(boxes)


def test_a_bus_that_is_recognised_is_not_the_surroundings():
    one, other, boxes = passing_bus(40)
    assert error_px(motion(one, other, *boxes), np.eye(3), np.eye(3)) < 0.5


def test_nothing_is_told_of_another_place_or_of_nothing():
    rng = np.random.default_rng(9)
    for seed in range(6):
        assert np.isnan(motion(seen(world(seed), view(), rng), seen(world(seed + 50), view(), rng))).all()
    grey = np.full((540, 960, 3), 120, np.uint8)
    assert np.isnan(motion(grey, grey)).all()
    noise = [np.clip(rng.normal(60, 6, (540, 960, 3)), 0, 255).astype(np.uint8) for _ in range(2)]
    assert np.isnan(motion(*noise)).all()


def test_a_frame_of_another_size_begins_anew():
    rng = np.random.default_rng(10)
    frame = seen(world(1), view(), rng)
    finder = MotionFinder(MovementSettings())
    finder.step(frame, NONE)
    assert np.isnan(finder.step(np.ascontiguousarray(frame.transpose(1, 0, 2)), NONE)).all()
    assert np.isnan(finder.step(frame, NONE)).all()
    assert np.isfinite(finder.step(frame, NONE)).all()


def test_what_was_computed_before_does_not_matter():
    rng = np.random.default_rng(11)
    frames = seen(world(2), view(), rng), seen(world(2), view((30, 10), 1.0), rng)
    first = motion(*frames)
    cv2.setRNGSeed(1234)
    noise = rng.uniform(0, 500, (2, 80, 2))
    cv2.estimateAffinePartial2D(noise[0], noise[1], method=cv2.RANSAC)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(2)
    again = motion(*frames)
    cv2.setNumThreads(threads)
    np.testing.assert_array_equal(again, first)


def test_small_pictures_stay_as_they_are():
    grey = np.arange(144 * 176, dtype=np.uint32).astype(np.uint8).reshape(144, 176)
    np.testing.assert_array_equal(small_grey(grey, longest_px=320), grey)
    assert small_grey(np.zeros((1920, 1080, 3), np.uint8), longest_px=320).shape == (320, 180)
