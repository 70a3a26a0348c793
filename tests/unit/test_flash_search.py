"""Flashes are found where a bang says that they must be, to the frame, and what only looks like one is told from it."""

import numpy as np
import pytest

from syncview.detect.flash_motion import Shifts, laid_over
from syncview.detect.flash_rises import find_rises
from syncview.detect.flash_search import measured_rises, search_flashes
from syncview.errors import InputError
from syncview.model import LumaWindow
from syncview.settings import FlashSettings

SETTINGS = FlashSettings()
RATE_HZ = 25.0


def _window(n=150, *, seed=3, shake_px=2.0):
    """A textured scene that shakes, with the noise of a codec; and where its content lies in each frame."""
    rng = np.random.default_rng(seed)
    scene = np.repeat(np.repeat(rng.uniform(40, 150, (24, 32)), 8, axis=0), 8, axis=1)
    way = np.cumsum(rng.normal(0, 0.5, (n, 2)), axis=0)
    way = np.clip(np.round(shake_px * (way - way.mean(axis=0))), -15, 15).astype(int)
    frames = np.stack([scene[40 + y : 130 + y, 40 + x : 200 + x] for y, x in way])
    return frames + rng.normal(0, 1.0, frames.shape), way


def _luma(frames, *, start_s=0.5, end_s=5.0):
    return LumaWindow(
        start_s=start_s,
        end_s=end_s,
        times_s=np.arange(len(frames)) / RATE_HZ,
        frames=np.clip(frames, 0, 255).astype(np.uint8),
        key_frames=np.arange(len(frames)) % 50 == 0,
        shown_px=(1280, 720),
    )


def _lit(frames, way, first, levels, *, radius=4, speed=0.0):
    """Frames with a disc of light at one place of the scene, from `first` on."""
    yy, xx = np.mgrid[0:90, 0:160]
    for k, level in enumerate(levels):
        if first + k < len(frames):
            y, x = np.array([45, 80]) - way[first + k] + way[first]
            frames[first + k] += level * (np.hypot(yy - y, xx - x - speed * k) < radius)
    return frames


def test_a_flash_is_first_to_the_frame_with_its_box_and_its_middle():
    frames, way = _window()
    found = search_flashes(_luma(_lit(frames, way, 60, 180 * np.exp(-np.arange(12) / 2))), settings=SETTINGS)
    best = found[0]
    assert best.time_s == pytest.approx(60 / RATE_HZ)
    assert best.before_s == pytest.approx(59 / RATE_HZ)
    assert best.light_s == pytest.approx(59.5 / RATE_HZ)
    assert 0.04 <= best.uncertainty_s <= 0.08
    left, top, wide, tall = best.box_px
    assert left <= 640 <= left + wide
    assert top <= 360 <= top + tall
    assert wide * tall < 0.02 * 1280 * 720
    assert best.score > 0.6
    assert all(other.score < 0.5 * best.score for other in found[1:])
    assert any("% of the picture brightens" in reason for reason in best.reasons)


def test_a_weak_first_frame_is_the_first():
    frames, way = _window()
    found = search_flashes(_luma(_lit(frames, way, 60, [70, 180, 90, 50, 30, 10])), settings=SETTINGS)
    assert found[0].time_s == pytest.approx(60 / RATE_HZ)


def test_lamps_and_exposures_stay_below_a_flash():
    frames, way = _window()
    flash = search_flashes(_luma(_lit(frames.copy(), way, 60, 180 * np.exp(-np.arange(12) / 2))), settings=SETTINGS)
    lamp = search_flashes(_luma(_lit(frames.copy(), way, 60, [180] * 60, speed=1.5)), settings=SETTINGS)
    assert max((found.score for found in lamp), default=0.0) < 0.5 * flash[0].score
    brighter = frames.copy()
    brighter[60:] *= 1.3
    jump = search_flashes(_luma(brighter), settings=SETTINGS)
    assert max((found.score for found in jump), default=0.0) < 0.3 * flash[0].score


def test_what_lies_outside_the_stretch_is_not_taken():
    frames, way = _window()
    lit = _lit(frames, way, 60, 180 * np.exp(-np.arange(12) / 2))
    found = measured_rises(_luma(lit, start_s=3.0), settings=SETTINGS)
    assert all(3.0 <= each.time_s <= 5.0 for each in found)
    assert measured_rises(_luma(lit[:3]), settings=SETTINGS) == ()


def test_shake_is_found_and_brightens_nothing():
    frames, way = _window(40)
    shifts = Shifts(frames.astype(np.float32), reach_px=24)
    for k in range(1, 40):
        assert shifts.between(k - 1, k) == tuple(way[k - 1] - way[k])
    rises = find_rises(np.clip(frames, 0, 255).astype(np.uint8), settings=SETTINGS)
    assert rises.levels.max() < 5.0
    moved = laid_over(frames[0], (2, -3))
    assert np.array_equal(moved[2:, :-3], frames[0][:-2, 3:])


def test_times_and_frames_must_belong_together():
    window = _luma(np.zeros((5, 90, 160)))
    bad = LumaWindow(**{name: getattr(window, name) for name in window.__dataclass_fields__} | {"times_s": np.zeros(4)})
    with pytest.raises(InputError, match="4 times"):
        search_flashes(bad, settings=SETTINGS)
