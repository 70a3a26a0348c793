"""Copies are found to the frame in spite of what re-uploads do to them; other cameras and stills are never copies."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.ndimage import zoom

from moving_pictures import HEIGHT, WIDTH, flashed, footage, small
from syncview.errors import InputError
from syncview.settings import PictureSettings
from syncview.sync.motion import motion_proposals
from syncview.sync.picture import same_picture
from syncview.sync.picture_features import PictureFeatures, picture_features

SETTINGS = PictureSettings()
FRAME_S = 1 / 25


def _features(name, times_s, frames):
    return picture_features(zip(times_s.tolist(), small(frames), strict=True), name, settings=SETTINGS)


@lru_cache(maxsize=8)
def _footage(seed, length_s=16.0, **kwargs):
    return footage(seed, length_s=length_s, **kwargs)


@lru_cache(maxsize=8)
def _original(seed, **kwargs):
    return _features("a", *_footage(seed, **kwargs))


def _noise(seed, frames, level=3.0):
    return frames + level * np.random.default_rng(seed).standard_normal(frames.shape, np.float32)


def _cropped(frames, share=0.15):
    top, left = int(0.7 * share * HEIGHT), int(0.3 * share * WIDTH)
    part = frames[:, top : top + round((1 - share) * HEIGHT), left : left + round((1 - share) * WIDTH)]
    return np.stack([zoom(p, (HEIGHT / p.shape[0], WIDTH / p.shape[1]), order=1) for p in part])


def _barred(frames):
    whole = np.zeros_like(frames)
    whole[:, 14:-14] = np.stack([zoom(p, ((HEIGHT - 28) / HEIGHT, 1.0), order=1) for p in frames])
    return whole


def _marked(frames):
    marked = frames.copy()
    marked[:, 8:20, 140:180] = 250.0
    marked[:, -18:-8, 20:120] = 20.0
    return marked


REUPLOADS = {
    "re-encoded": lambda frames: frames,
    "cropped": _cropped,
    "mirrored": lambda frames: frames[:, :, ::-1],
    "brightened": lambda frames: 1.25 * frames - 40,
    "letterboxed": _barred,
    "marked": _marked,
    "cropped, mirrored and marked": lambda frames: _marked(_cropped(frames, 0.1)[:, :, ::-1]),
}


@pytest.mark.parametrize("what", REUPLOADS)
def test_a_copy_is_found_to_half_a_frame(what):
    times_s, frames = _footage(21)
    part = slice(75, 350)
    copy = _noise(1, REUPLOADS[what](frames[part]))
    found = same_picture(_original(21), _features("b", times_s[part] - times_s[75], copy), settings=SETTINGS)
    assert found is not None
    assert found.lag_s == pytest.approx(3.0, abs=FRAME_S / 2)
    assert found.uncertainty_s < 1.2 * FRAME_S
    assert found.mirrored == ("mirrored" in what)
    assert found.share > 0.9
    assert len(found.segments) == 1
    assert "the same pictures" in found.evidence


def test_swapping_the_files_changes_the_sign():
    times_s, frames = _footage(22)
    a, b = _original(22), _features("b", times_s[:300], frames[100:])
    one, other = same_picture(a, b, settings=SETTINGS), same_picture(b, a, settings=SETTINGS)
    assert one.lag_s == pytest.approx(4.0, abs=0.005)
    assert (other.a_id, other.b_id, other.lag_s) == ("b", "a", -one.lag_s)
    assert other.segments[0].b_start_s == pytest.approx(one.segments[0].b_start_s + one.lag_s)


def test_another_frame_rate_does_not_move_a_copy():
    _, frames = _footage(23, rate_hz=30.0)
    slower_s = np.arange(0.0, 10.0, 1 / 25)
    nearest = np.rint((2.0 + slower_s) * 30.0).astype(int)
    found = same_picture(_original(23, rate_hz=30.0), _features("b", slower_s, frames[nearest]), settings=SETTINGS)
    assert found.lag_s == pytest.approx(2.0, abs=FRAME_S / 2)


def test_footage_with_a_piece_cut_out_has_two_lags():
    times_s, frames = _footage(24, length_s=24.0)
    edited = np.concatenate([frames[50:275], frames[350:575]])
    found = same_picture(_original(24, length_s=24.0), _features("b", times_s[:450], edited), settings=SETTINGS)
    assert [segment.lag_s for segment in found.segments] == pytest.approx([2.0, 5.0], abs=FRAME_S / 2)
    assert found.segments[0].b_end_s == pytest.approx(9.0, abs=1.0)
    assert found.segments[1].b_start_s == pytest.approx(9.0, abs=1.0)


@pytest.mark.parametrize("seed", range(4))
def test_another_scene_is_no_copy(seed):
    assert same_picture(_original(25), _features("b", *_footage(60 + seed)), settings=SETTINGS) is None


@pytest.mark.parametrize("seed", range(4))
def test_another_hand_beside_it_is_no_copy(seed):
    neighbour = footage(70 + seed, length_s=16.0, of=26)
    assert same_picture(_original(26), _features("b", *neighbour), settings=SETTINGS) is None


def test_two_parts_of_one_still_camera_are_no_copies():
    times_s, frames = _footage(27, length_s=24.0, shake_px=0.0)
    a, b = _features("a", times_s[:300], frames[:300]), _features("b", times_s[:300], frames[300:])
    assert same_picture(a, b, settings=SETTINGS) is None


def test_walls_titles_and_short_files_are_no_copies():
    times_s, frames = _footage(28, shake_px=0.0, passing=0)
    black = np.zeros_like(frames)
    for still in (frames, black, _noise(3, black + 120)):
        a, b = _features("a", times_s, still), _features("b", times_s, _noise(4, still))
        assert same_picture(a, b, settings=SETTINGS) is None
    fading = frames * np.linspace(0, 1, len(frames), dtype=np.float32)[:, None, None]
    a, b = _features("a", times_s, fading), _features("b", times_s, _noise(4, fading))
    assert same_picture(a, b, settings=SETTINGS) is None
    times_s, frames = _footage(21)
    assert same_picture(_original(21), _features("b", times_s[:40], frames[:40]), settings=SETTINGS) is None
    assert same_picture(_original(21), _features("b", times_s[:1], frames[:1]), settings=SETTINGS) is None


def test_features_are_small_and_know_every_frame():
    features = _original(21)
    arrays = [getattr(features, name) for name in PictureFeatures.__dataclass_fields__ if name != "recording_id"]
    assert sum(array.nbytes for array in arrays) * 60 / 16.0 < 400_000
    assert features.times_s == pytest.approx(np.arange(400) / 25)
    assert features.regions.shape == (400, 12)
    assert features.thumbs.shape == (128, 18, 32)
    assert features.frame_s == pytest.approx(FRAME_S)
    empty = picture_features([], "c", settings=SETTINGS)
    assert (empty.duration_s, empty.frame_s, empty.thumbs.shape) == (0.0, 0.0, (0, 18, 32))
    assert same_picture(features, empty, settings=SETTINGS) is None
    with pytest.raises(InputError, match=r"\(36, 64\)"):
        picture_features([(0.0, np.zeros((9, 9), np.uint8))], "d", settings=SETTINGS)


def _lit(seed, starts_s, flashes_s):
    times_s, frames = footage(seed, length_s=20.0, shake_px=1.0)
    for flash_s in flashes_s:
        frames = flashed(frames, round((flash_s - starts_s) * 25), level=60.0, decay_frames=3.0)
    return _features(f"cam{seed}", times_s, frames)


def test_flashes_that_two_cameras_saw_propose_a_lag():
    flashes_s = (7.0, 9.4, 14.6)
    a, b = _lit(80, 0.0, flashes_s), _lit(81, 2.0, flashes_s)
    light = next(found for found in motion_proposals(a, b, settings=SETTINGS) if found.basis == "light")
    assert light.lag_s == pytest.approx(2.0, abs=light.uncertainty_s)
    assert 0 < light.score < 1
    back = next(found for found in motion_proposals(b, a, settings=SETTINGS) if found.basis == "light")
    assert (back.a_id, back.b_id, back.lag_s) == (b.recording_id, a.recording_id, -light.lag_s)
    longer = replace(SETTINGS, motion_least_overlap_s=19.0)
    assert motion_proposals(a, b, settings=longer) == ()


def test_cameras_that_saw_nothing_in_common_get_no_proposal():
    features = [_lit(90 + k, 0.0, ()) for k in range(5)]
    pairs = [(a, b) for k, a in enumerate(features) for b in features[k + 1 :]]
    assert sum(len(motion_proposals(a, b, settings=SETTINGS)) for a, b in pairs) == 0
