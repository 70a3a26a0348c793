"""Ordinary sounds heard by three cameras or more, from made-up courses of tones with known arrivals."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from common_sound_example import LENGTH_S, RATE_HZ, course, heard
from syncview.model import ClockSegment
from syncview.settings import CommonSoundSettings
from syncview.sync.common_sounds import common_sounds
from syncview.sync.common_windows import Listener

SETTINGS = CommonSoundSettings()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def listener(name: str, tones: np.ndarray, *, offset_s: float = 0.0, start_s: float = 0.0) -> Listener:
    length_s = tones.shape[1] / RATE_HZ
    segment = ClockSegment(
        start_s=start_s,
        end_s=start_s + length_s,
        offset_s=offset_s,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to="both",
        picture_check="unverified",
    )
    return Listener(recording_id=name, segment_index=0, segment=segment, tones=tones, rate_hz=RATE_HZ, start_s=start_s)


def cameras(rng: np.random.Generator, arrivals_s: dict[str, float], *, noise: float = 1.0) -> list[Listener]:
    """Cameras that hear one source, each with noise of its own."""
    source = course(rng)
    return [
        listener(name, heard(source, after_s) + np.float32(noise) * heard(course(rng), 0.0))
        for name, after_s in arrivals_s.items()
    ]


def found(listeners: list[Listener], *, strikes_s: tuple[float, ...] = (), reach_s: float | None = 0.8):
    return common_sounds(listeners, reach_s=lambda _a, _b: reach_s, strikes_s=strikes_s, settings=SETTINGS)


def differences_s(sound) -> dict[tuple[str, str], float]:
    times = {each.recording_id: each.time_s for each in sound.arrivals}
    return {(a, b): times[b] - times[a] for a, b in combinations(sorted(times), 2)}


ARRIVALS_S = {"a": 0.0, "b": 0.213, "c": -0.118, "d": 0.0523}


def test_arrivals_of_a_source_are_found_at_all_cameras(rng):
    (sound,) = found(cameras(rng, ARRIVALS_S))
    assert [each.recording_id for each in sound.arrivals] == ["a", "b", "c", "d"]
    for (a, b), apart_s in differences_s(sound).items():
        assert apart_s == pytest.approx(ARRIVALS_S[b] - ARRIVALS_S[a], abs=0.006)
    assert sound.id == "s1"
    assert {each.uncertainty_s for each in sound.arrivals} == {SETTINGS.arrival_uncertainty_s}


def test_clocks_and_the_first_frame_count(rng):
    listeners = cameras(rng, ARRIVALS_S)
    tones = listeners[1].tones
    moved = listener("b", tones[:, 31:], offset_s=-100.0 + 31 / RATE_HZ - 2.0, start_s=102.0)
    (sound,) = found([listeners[0], moved, *listeners[2:]])
    assert differences_s(sound)["a", "b"] == pytest.approx(ARRIVALS_S["b"], abs=0.006)


def test_somebody_who_walks_is_heard_at_the_middle_of_the_window(rng):
    source, frames_s = course(rng), np.arange(round(LENGTH_S * RATE_HZ)) / RATE_HZ
    slopes = {"a": 0.0, "b": 0.006, "c": -0.003}
    listeners = [
        listener(name, heard(source, 0.1 + slope * frames_s) + heard(course(rng), 0.0))
        for name, slope in slopes.items()
    ]
    for sound in found(listeners):
        at_s = sound.arrivals[0].time_s
        assert differences_s(sound)["a", "b"] == pytest.approx(0.006 * at_s, abs=0.008)
        assert differences_s(sound)["a", "c"] == pytest.approx(-0.003 * at_s, abs=0.008)


def test_strangers_share_nothing():
    for seed in range(3):
        rng = np.random.default_rng(seed)
        assert found([listener(name, heard(course(rng), 0.0)) for name in "abcd"]) == ()


def test_a_stranger_among_others_is_left_out(rng):
    listeners = [*cameras(rng, ARRIVALS_S), listener("e", heard(course(rng), 0.0))]
    (sound,) = found(listeners)
    assert [each.recording_id for each in sound.arrivals] == ["a", "b", "c", "d"]


def test_a_source_at_rest_counts_once_and_one_of_another_side_again(rng):
    first, second = course(rng), course(rng)
    other_s = {"a": 0.0, "b": -0.15, "c": 0.3, "d": 0.1}
    half = round(7.0 * RATE_HZ)
    listeners = [
        listener(
            name,
            np.concatenate([heard(first, ARRIVALS_S[name])[:, :half], heard(second, other_s[name])[:, half:]], axis=1)
            + 0.7 * heard(course(rng), 0.0),
        )
        for name in ARRIVALS_S
    ]
    sounds = found(listeners)
    assert [each.id for each in sounds] == ["s1", "s2"]
    assert differences_s(sounds[0])["a", "b"] == pytest.approx(0.213, abs=0.01)
    assert differences_s(sounds[1])["a", "b"] == pytest.approx(-0.15, abs=0.01)


def test_the_order_of_recordings_changes_nothing(rng):
    listeners = cameras(rng, ARRIVALS_S)
    assert found(listeners) == found(listeners[::-1])


def test_moments_of_strikes_are_left_out(rng):
    listeners = cameras(rng, ARRIVALS_S)
    assert found(listeners, strikes_s=tuple(np.arange(0.0, 15.0, 1.5).tolist())) == ()


def test_lags_beyond_reach_are_not_heard(rng):
    listeners = cameras(rng, {"a": 0.0, "b": 0.4, "c": 0.8, "d": -0.4})
    assert found(listeners, reach_s=0.2) == ()
    assert found(listeners, reach_s=None) == ()


def test_two_cameras_are_too_few(rng):
    assert found(cameras(rng, {"a": 0.0, "b": 0.2})) == ()
    assert found([]) == ()


def test_long_groups_cost_no_more_than_a_sample(rng):
    few = replace(SETTINGS, windows_at_most=1)
    listeners = cameras(rng, ARRIVALS_S)
    assert len(common_sounds(listeners, reach_s=lambda _a, _b: 0.8, settings=few)) == 1
