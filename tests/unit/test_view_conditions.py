"""Light, contrast, sharpness and strange motion of made pictures."""

import cv2
import numpy as np

from moving_pictures import footage, scene
from syncview.detect.view_conditions import ViewFinder
from syncview.settings.movement import MovementSettings

NONE = np.zeros((0, 4), np.float32)
STILL = np.eye(3)[:2]
WIDE, TALL = 640, 360


def picture(seed: int = 1) -> np.ndarray:
    return cv2.resize(scene(seed), (WIDE, TALL), interpolation=cv2.INTER_CUBIC)


def shown(levels: np.ndarray, seed: int = 0) -> np.ndarray:
    noise = 2 * np.random.default_rng(seed).standard_normal(levels.shape)
    return cv2.merge([np.clip(levels + noise, 0, 255).astype(np.uint8)] * 3)


def strange(one, other, motion=STILL, boxes=NONE):
    finder = ViewFinder(MovementSettings())
    assert np.isnan(finder.step(shown(one, 1), boxes, np.full((2, 3), np.nan)).strange_motion)
    return finder.step(shown(other, 2), boxes, motion).strange_motion


def conditions(levels):
    return ViewFinder(MovementSettings()).step(shown(levels), NONE, STILL)


def test_night_is_dark_and_fog_has_no_contrast():
    day, settings = conditions(picture()), MovementSettings()
    assert day.brightness > 90
    assert day.contrast > 2 * settings.view_haze
    assert conditions(0.1 * picture()).brightness < settings.view_dark
    assert conditions(0.12 * picture() + 150).contrast < settings.view_haze


def test_blur_takes_the_sharpness():
    sharp = np.abs(picture() - cv2.GaussianBlur(picture(), (0, 0), 4)) * 6
    assert conditions(sharp).sharpness > 0.5
    values = [conditions(cv2.GaussianBlur(picture(), (0, 0), sigma)).sharpness for sigma in (1, 3, 6, 12)]
    assert values[0] > values[1] > values[2]


def thing(levels, left, top, wide=40, tall=24):
    levels = levels.copy()
    part = levels[top : top + tall, left : left + wide]
    part[:] = np.where(part.mean() > 128, part - 90, part + 90)
    return levels


def test_what_moves_is_found_unless_it_was_recognised():
    still, moved = thing(picture(), 200, 150), thing(picture(), 240, 150)
    share = strange(still, moved)
    assert 0.002 < share < 2 * 2 * 40 * 24 / (WIDE * TALL)
    assert strange(still, still) == 0.0
    assert strange(still, moved, boxes=np.array([[195, 145, 285, 180]], np.float32)) < 0.0005


def test_a_turning_camera_is_no_strange_motion():
    wide = thing(picture(), 200, 150)
    motion = np.array([[1.0, 0.0, -24.0], [0.0, 1.0, 6.0]])
    moved = cv2.warpAffine(wide, motion, (WIDE, TALL), borderMode=cv2.BORDER_REPLICATE)
    assert strange(wide, moved, motion) < 0.002


def test_a_flash_tells_nothing():
    assert np.isnan(strange(picture(), picture() + 40))


def test_unknown_motion_tells_nothing():
    assert np.isnan(strange(picture(), picture(), np.full((2, 3), np.nan)))


def test_footage_of_passing_things_has_more_of_it_than_that_of_none():
    shares = []
    for passing in (0, 4):
        _, frames = footage(2, length_s=2.0, rate_hz=5.0, shake_px=0.0, passing=passing)
        finder = ViewFinder(MovementSettings())
        steps = [finder.step(np.clip(frame, 0, 255).astype(np.uint8), NONE, STILL) for frame in frames]
        shares.append(np.nanmean([step.strange_motion for step in steps]))
    assert shares[0] == 0.0
    assert shares[1] > 0.005
