"""Cuts are found to the frame, and nothing that happens in front of a camera is taken for one."""

import numpy as np
import pytest

from moving_pictures import flashed, footage, panned, small
from syncview.detect.shots import ShotBoundary, find_boundaries, shot_intervals
from syncview.errors import InputError
from syncview.settings import PictureSettings

SETTINGS = PictureSettings()
RATE_HZ = 25.0


def _cuts_s(*parts):
    pictures = small(np.concatenate(parts))
    return _found_s(zip(np.arange(len(pictures)) / RATE_HZ, pictures, strict=True))


def _found_s(frames):
    return [cut.time_s for cut in find_boundaries(frames, settings=SETTINGS)]


def _shot(seed, length_s=2.0, **kwargs):
    return footage(seed, length_s=length_s, rate_hz=RATE_HZ, **kwargs)[1]


@pytest.mark.parametrize("shake_px", [0.0, 2.0, 6.0])
def test_cuts_are_found_to_the_frame(shake_px):
    shots = [_shot(seed, length_s, shake_px=shake_px) for seed, length_s in ((1, 2.0), (2, 3.2), (3, 2.4))]
    pictures = small(np.concatenate(shots))
    frames = zip(np.arange(len(pictures)) / RATE_HZ, pictures, strict=True)
    found = find_boundaries(frames, settings=SETTINGS)
    assert [cut.time_s for cut in found] == pytest.approx([2.0, 5.2], abs=1e-6)
    assert all(cut.uncertainty_s == pytest.approx(1 / RATE_HZ) and cut.score > 0.3 for cut in found)


def test_two_still_shots_of_places_that_look_a_little_alike_have_a_cut():
    one, other = _shot(14, 2.0), _shot(15, 2.0)
    skyline = 0.38 * (one[-1] - one[-1].mean())
    assert _cuts_s(one, other + skyline) == pytest.approx([2.0], abs=1e-6)


def test_an_insert_between_two_views_of_one_place_has_two_cuts():
    whole = _shot(4, 6.0)
    assert _cuts_s(whole[:50], _shot(5, 1.2), whole[60:]) == pytest.approx([2.0, 3.2], abs=1e-6)


def test_of_many_edits_most_cuts_are_found_and_none_invented():
    found = missed = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        lengths_s = np.round(rng.uniform(1.0, 2.0, 3) * RATE_HZ) / RATE_HZ
        shots = [
            _shot(100 + 10 * seed + k, length_s, shake_px=rng.uniform(0, 5)) for k, length_s in enumerate(lengths_s)
        ]
        shots[1] = flashed(shots[1], len(shots[1]) // 2, level=rng.uniform(40, 300), decay_frames=rng.uniform(0.5, 5))
        light = rng.uniform(0.7, 1.2, 3)
        cuts = _cuts_s(*(gain * shot for gain, shot in zip(light, shots, strict=True)))
        truth = np.cumsum(lengths_s)[:-1]
        assert all(np.min(np.abs(truth - cut)) < 1e-6 for cut in cuts)
        found += len(cuts)
        missed += len(truth) - len(cuts)
    assert found >= 15
    assert missed <= 1


@pytest.mark.parametrize("level", [60.0, 150.0, 500.0])
@pytest.mark.parametrize("decay_frames", [0.3, 2.0, 8.0])
def test_the_flash_of_an_explosion_is_no_cut(level, decay_frames):
    assert _cuts_s(flashed(_shot(6, 3.0), 30, level=level, decay_frames=decay_frames)) == []


def test_smoke_shock_and_a_lower_exposure_after_the_flash_are_no_cut():
    frames = flashed(_shot(7, 4.0, shake_px=1.0), 40, level=300.0, decay_frames=2.0)
    frames[41:] *= 0.6
    frames[43:, 30:, 70:] = 0.25 * frames[43:, 30:, 70:] + 0.75 * 90.0
    rng = np.random.default_rng(0)
    for k in range(40, 60):
        frames[k] = np.roll(frames[k], rng.integers(-9, 10, 2), axis=(0, 1))
    assert _cuts_s(frames) == []


def test_exposure_jumps_freezes_and_stills_are_no_cuts():
    frames = _shot(8, 4.0, shake_px=4.0)
    jumped = frames.copy()
    jumped[50:] = 1.6 * jumped[50:] - 20
    frozen = frames.copy()
    frozen[30:45] = frozen[30]
    assert _cuts_s(jumped) == []
    assert _cuts_s(frozen) == []
    assert _cuts_s(np.repeat(frames[:1], 80, axis=0)) == []


@pytest.mark.parametrize("count", [5, 8, 15])
def test_a_fast_pan_to_another_view_is_no_cut(count):
    one, other = _shot(9, 2.0, shake_px=1.0), _shot(10, 2.0, shake_px=1.0)
    assert _cuts_s(one, panned(one[-1], other[0], count), other) == []


def test_a_hand_before_the_lens_is_no_cut():
    frames = _shot(11, 4.0)
    frames[40:60] = 30.0 + np.random.default_rng(1).normal(0, 2, (20, *frames.shape[1:]))
    assert _cuts_s(frames) == []


def test_a_fade_through_black_is_one_cut_where_the_new_shot_shows():
    one, other = _shot(12, 2.0), _shot(13, 2.0)
    fall = np.linspace(1, 0, 10)[:, None, None]
    one[-10:] *= fall
    other[:10] *= fall[::-1]
    found = _cuts_s(one, np.zeros((12, *one.shape[1:]), np.float32), other)
    assert len(found) == 1
    assert 2.4 <= found[0] <= 2.7


def test_black_and_empty_pictures_have_no_cuts():
    black = np.zeros((60, *_shot(14, 1.0).shape[1:]), np.float32)
    assert _cuts_s(black) == []
    assert _cuts_s(black, _shot(14, 2.0), black) == []
    assert _cuts_s(black, black + 250) == []
    assert _found_s([]) == []
    assert _found_s([(0.0, np.zeros((36, 64), np.uint8))]) == []


def test_true_times_of_a_variable_rate_are_kept():
    pictures = small(np.concatenate([_shot(15, 2.0), _shot(16, 2.0)]))
    times_s = np.cumsum(np.random.default_rng(2).choice([0.02, 0.034, 0.08], len(pictures)))
    assert _found_s(zip(times_s, pictures, strict=True)) == [times_s[50]]


def test_shots_lie_between_cuts_and_one_shot_is_not_listed():
    cuts = [ShotBoundary(time_s=time_s, uncertainty_s=0.04, score=0.5) for time_s in (1.5, 4.0)]
    shots = shot_intervals(cuts, start_s=0.25, end_s=6.0)
    assert [(shot.start_s, shot.end_s, shot.kind) for shot in shots] == [
        (0.25, 1.5, "shot"),
        (1.5, 4.0, "shot"),
        (4.0, 6.0, "shot"),
    ]
    assert shot_intervals([], start_s=0.0, end_s=6.0) == ()


def test_pictures_of_another_size_are_refused():
    with pytest.raises(InputError, match=r"\(36, 64\).*\(10, 10\)"):
        find_boundaries([(0.0, np.zeros((10, 10), np.uint8))], settings=SETTINGS)
