"""A plume that grows and stays is found from its first frames on, and told from what passes, stops or brightens all."""

import numpy as np
import pytest

from syncview.detect.flash_motion import Shifts
from syncview.detect.flash_rises import find_rises
from syncview.detect.plume_canvas import canvas_of
from syncview.detect.plume_search import measured_growths, search_lights, search_plumes
from syncview.model import LumaWindow
from syncview.settings import FlashSettings, PlumeSettings

FLASH, PLUME = FlashSettings(), PlumeSettings()
RATE_HZ = 25.0
BEGIN = 70
PLACE = 50, 70


def _window(n=170, *, seed=3, shake_px=2.0):
    """A textured scene that shakes, with the noise of a codec; and where its content lies in each frame."""
    rng = np.random.default_rng(seed)
    scene = np.repeat(np.repeat(rng.uniform(40, 150, (24, 32)), 8, axis=0), 8, axis=1)
    way = np.cumsum(rng.normal(0, 0.5, (n, 2)), axis=0)
    way = np.clip(np.round(shake_px * (way - way.mean(axis=0))), -15, 15).astype(int)
    frames = np.stack([scene[40 + y : 130 + y, 40 + x : 200 + x] for y, x in way])
    return frames + rng.normal(0, 1.0, frames.shape), way


def _luma(frames, *, start_s=1.0, end_s=5.4):
    return LumaWindow(
        start_s=start_s,
        end_s=end_s,
        times_s=np.arange(len(frames)) / RATE_HZ,
        frames=np.clip(frames, 0, 255).astype(np.uint8),
        key_frames=np.arange(len(frames)) % 50 == 0,
        shown_px=(1280, 720),
    )


def _smoked(frames, way, *, begin=BEGIN, size_px=12.0, level=190.0):
    """Smoke that grows from a place of the scene: fast at first, soft-edged, lumpy, rising."""
    rng = np.random.default_rng(8)
    lumps = rng.normal(0, 12, (8, 8)).repeat(5, axis=0).repeat(5, axis=1)
    yy, xx = np.mgrid[0:90, 0:160]
    for k in range(begin, len(frames)):
        since_s = (k - begin + 0.5) / RATE_HZ
        size = size_px * (1 - np.exp(-since_s / 0.5)) + 1.5 * since_s
        dy, dx = yy - (PLACE[0] - way[k][0] - 3 * since_s), xx - (PLACE[1] - way[k][1])
        cover = 0.85 * np.exp(-((np.hypot(dy, dx) / size) ** 3))
        grain = lumps[(dy * 15 / size).astype(int) % 40, (dx * 15 / size).astype(int) % 40]
        frames[k] += cover * (level + grain - frames[k])
    return frames


def _passing(frames, way, *, begin=50, speed_px=1.2, stop=10**6):
    """A dark van from the left, which may stop."""
    for k in range(begin, len(frames)):
        left = round(-20 + speed_px * (min(k, stop) - begin)) - way[k][1]
        top = 55 - way[k][0]
        frames[k][max(0, top) : top + 12, max(0, left) : max(0, left + 22)] = 25.0
    return frames


def test_a_plume_is_found_from_its_first_frames_on():
    frames, way = _window()
    found = search_plumes(_luma(_smoked(frames, way)), flash=FLASH, settings=PLUME)
    best = found[0]
    assert best.kind == "first plume"
    assert 0 <= round((best.time_s - BEGIN / RATE_HZ) * RATE_HZ) <= 5
    assert best.before_s == pytest.approx(best.time_s - 1 / RATE_HZ)
    left, top, wide, tall = best.box_px
    y, x = (8 * (at - by) for at, by in zip(PLACE, way[BEGIN], strict=True))
    assert left <= x <= left + wide
    assert top - 16 <= y <= top + tall + 16
    assert best.score > 0.5
    assert any("at least" in reason for reason in best.reasons)


def test_dark_smoke_is_found_as_bright_smoke_is():
    frames, way = _window(seed=5)
    found = search_plumes(_luma(_smoked(frames, way, level=5.0)), flash=FLASH, settings=PLUME)
    assert 0 <= round((found[0].time_s - BEGIN / RATE_HZ) * RATE_HZ) <= 5
    assert any("darker" in reason for reason in found[0].reasons)


def test_vehicles_and_exposures_stay_below_a_plume():
    frames, way = _window()
    plume = search_plumes(_luma(_smoked(frames.copy(), way)), flash=FLASH, settings=PLUME)[0].score
    passing = search_plumes(_luma(_passing(frames.copy(), way)), flash=FLASH, settings=PLUME)
    stopping = search_plumes(_luma(_passing(frames.copy(), way, stop=110)), flash=FLASH, settings=PLUME)
    brighter = frames.copy()
    brighter[BEGIN:] *= 1.3
    jump = search_plumes(_luma(brighter), flash=FLASH, settings=PLUME)
    for others in (passing, stopping, jump):
        assert max((found.score for found in others), default=0.0) < 0.4 * plume


def test_nothing_is_found_where_only_the_hand_shakes():
    frames, _ = _window(seed=11)
    assert measured_growths(_luma(frames), flash=FLASH, settings=PLUME) == ()


def test_a_flash_outranks_the_plume_that_follows_it():
    frames, way = _window()
    smoked = _smoked(frames, way)
    yy, xx = np.mgrid[0:90, 0:160]
    for k in range(BEGIN - 2, BEGIN + 8):
        disc = np.hypot(yy - PLACE[0] + way[k][0], xx - PLACE[1] + way[k][1]) <= 4
        smoked[k] += 180 * np.exp(-(k - BEGIN + 2) / 2) * disc
    found = search_lights(_luma(smoked), flash=FLASH, settings=PLUME)
    assert found[0].kind == "flash"
    assert found[0].time_s == pytest.approx((BEGIN - 2) / RATE_HZ)
    assert not any(each.kind == "first plume" and each.score > 0.3 for each in found)


def test_a_slow_turn_is_followed_to_a_fraction_of_a_pixel():
    rng = np.random.default_rng(4)
    scene = np.repeat(np.repeat(rng.uniform(40, 150, (40, 60)), 4, axis=0), 4, axis=1)
    at = np.arange(100) * 0.3
    whole = np.floor(at).astype(int)
    frames = np.stack(
        [
            (1 - (a - w)) * scene[20:110, 20 + w : 180 + w] + (a - w) * scene[20:110, 21 + w : 181 + w]
            for a, w in zip(at, whole, strict=True)
        ]
    ).astype(np.uint8)
    down, right = Shifts(frames.astype(np.float32), reach_px=24).finely_between(0, 5)
    assert abs(down) < 0.3
    assert right == pytest.approx(-1.5, abs=0.4)
    canvas = canvas_of(find_rises(frames, settings=FLASH), np.arange(100) / RATE_HZ)
    assert canvas is not None
    assert canvas.ways_px[-1] == pytest.approx([0.0, -at[-1]], abs=1.5)
    assert canvas.levels.shape[1:] == pytest.approx((90, 190), abs=3)


def test_short_stretches_tell_nothing():
    frames, _ = _window(40)
    assert measured_growths(_luma(frames, start_s=0.0, end_s=1.6), flash=FLASH, settings=PLUME) == ()
