"""The lags of a pair that anything speaks for: found by each kind alone, one bang left out, triangles that close."""

from __future__ import annotations

import math

import numpy as np
import pytest

from feature_example import features
from syncview.settings import SyncSettings
from syncview.sync.candidates import common_s, lag_candidates
from syncview.sync.features import sound_features
from voices_example import RATE_HZ, clip, heard, voices

SETTINGS = SyncSettings()


def sound(name: str, samples: np.ndarray, start_s: float = 0.0):
    return sound_features(clip(name, samples, start_s), settings=SETTINGS)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    return voices(1, 26)


@pytest.fixture(scope="module")
def cameras(scene):
    """Three cameras, the later ones 4 and 7.5 s after the first."""
    return [
        sound(name, heard(scene, at, 16.0, seed=k)) for k, (name, at) in enumerate((("a", 0.0), ("b", 4.0), ("c", 7.5)))
    ]


def test_triangles_close(cameras) -> None:
    a, b, c = cameras
    ab, bc, ac = (lag_candidates(x, y, settings=SETTINGS)[0].lag_s for x, y in ((a, b), (b, c), (a, c)))
    assert ab == pytest.approx(4.0, abs=0.011)
    assert ab + bc - ac == pytest.approx(0.0, abs=0.02)


def test_swapping_negates_the_lags(cameras) -> None:
    a, b, _ = cameras
    forth, back = lag_candidates(a, b, settings=SETTINGS), lag_candidates(b, a, settings=SETTINGS)
    assert forth[0].lag_s == pytest.approx(-back[0].lag_s, abs=1e-6)
    assert forth[0].white.rest_z == pytest.approx(back[0].white.rest_z, rel=1e-2)
    assert forth[0].first_s == pytest.approx(back[0].first_s + forth[0].lag_s, abs=1e-6)


def test_each_kind_of_evidence_names_the_lag(cameras) -> None:
    a, b, _ = cameras
    best = lag_candidates(a, b, settings=SETTINGS)[0]
    for kind, step_s in ((best.tones, 0.02), (best.pattern, 0.01), (best.white, 0.00025)):
        assert kind.lag_s == pytest.approx(4.0, abs=step_s)
        assert kind.z > 6
        assert kind.rest_z > 4


def test_the_course_adds_up_to_the_height(cameras) -> None:
    a, b, _ = cameras
    best = lag_candidates(a, b, settings=SETTINGS)[0]
    assert best.overlap_s == pytest.approx(12.0, abs=SETTINGS.same_lag_s)
    assert (best.first_s, len(best.white.course) * best.step_s) == pytest.approx((4.0, best.overlap_s), abs=0.15)
    for kind in (best.tones, best.pattern, best.white):
        assert kind.course.sum() / math.sqrt(len(kind.course)) == pytest.approx(kind.z, rel=1e-3)
    together = (best.tones.course + best.pattern.course + best.white.course) / math.sqrt(3)
    np.testing.assert_allclose(best.course(), together)


def test_one_bang_has_height_and_nothing_is_left_without_it() -> None:
    n = round(1.2 * RATE_HZ)
    bang = 5.0 * np.random.default_rng(5).standard_normal(n)
    a, b = (heard(voices(k, 16), 0.0, 16.0, seed=k) for k in (10, 11))
    a[10 * RATE_HZ : 10 * RATE_HZ + n] += bang
    b[3 * RATE_HZ : 3 * RATE_HZ + n] += bang
    found = lag_candidates(sound("a", a), sound("b", b), settings=SETTINGS)
    bangs = [each for each in found if abs(each.lag_s - 7.0) < 0.05]
    assert bangs
    assert bangs[0].white.z > 8
    assert bangs[0].white.rest_z < 3


def test_lags_of_unrelated_sounds_are_weak_and_few() -> None:
    for seed in range(3):
        a, b = (sound(n, heard(voices(k, 14), 0.0, 14.0, seed=k)) for n, k in (("a", 30 + seed), ("b", 60 + seed)))
        found = lag_candidates(a, b, settings=SETTINGS)
        assert len(found) <= SETTINGS.hypotheses_per_pair
        assert all(each.tones.rest_z < 5.5 for each in found)


def test_candidates_are_no_parts_of_each_other(cameras) -> None:
    lags_s = [each.lag_s for each in lag_candidates(cameras[0], cameras[1], settings=SETTINGS)]
    apart = [abs(x - y) for k, x in enumerate(lags_s) for y in lags_s[:k]]
    assert all(gap_s > 0.5 * SETTINGS.cluster_width_s for gap_s in apart)


def test_sound_too_short_gives_none(cameras, scene) -> None:
    assert lag_candidates(cameras[0], sound("b", heard(scene, 2.0, 0.9, seed=9)), settings=SETTINGS) == ()


def test_common_time_is_on_the_clock_of_a() -> None:
    a, b = features("a", np.zeros(80_000), start_s=1.0), features("b", np.zeros(40_000), start_s=0.5)
    assert common_s(a, b, 3.0) == (3.5, 8.5)
    assert common_s(a, b, -1.0) == (1.0, 4.5)
    first_s, last_s = common_s(a, b, 20.0)
    assert last_s < first_s
