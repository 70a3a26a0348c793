"""Suppressed sound: what a gate took away is marked; quiet, rooms, gain control, gusts and blasts are not."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.blasts import clip_levels, detect_blasts
from syncview.detect.intervals import sound_intervals
from syncview.detect.suppression import suppressed_spans
from syncview.model import AudioClip
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()
SHOUTS_S = (2.0, 5.5, 8.0, 11.0, 14.5, 17.0)


def scene(seed: int, *, tail_s: float = 0.0, length_s: float = 20.0) -> np.ndarray:
    """Shouts of 0.8 s over steady noise 30 dB below, in the open or in a room that rings for `tail_s` (60 dB)."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    loud = np.zeros(len(time_s))
    for at_s in SHOUTS_S:
        loud = np.maximum(loud, ((time_s >= at_s) & (time_s < at_s + 0.8)).astype(float))
        if tail_s:
            since_s = np.maximum(time_s - at_s - 0.8, 0.0)
            loud = np.maximum(loud, np.where(time_s >= at_s + 0.8, 10.0 ** (-3.0 * since_s / tail_s), 0.0))
    return 0.1 * rng.standard_normal(len(time_s)) * np.maximum(loud, 10 ** (-30 / 20))


def through_gate(samples: np.ndarray, *, depth_db: float, hangover_s: float = 0.2) -> np.ndarray:
    """Shut a hangover after each shout, within 5 ms."""
    time_s = np.arange(len(samples)) / RATE_HZ
    gain = np.full(len(samples), 10 ** (-depth_db / 20))
    for at_s in SHOUTS_S:
        gain[(time_s >= at_s) & (time_s < at_s + 0.8 + hangover_s)] = 1.0
    return samples * np.convolve(gain, np.ones(80) / 80, mode="same")


def spans_s(samples: np.ndarray) -> list[tuple[float, float]]:
    levels = clip_levels(samples.astype(np.float32), RATE_HZ, settings=SETTINGS)
    return [(a * levels.hop_s, b * levels.hop_s) for a, b in suppressed_spans(levels, settings=SETTINGS)]


@pytest.mark.parametrize("depth_db", [15.0, 25.0, 40.0])
def test_a_gate_is_known_and_its_shut_times_marked(depth_db: float) -> None:
    found = spans_s(through_gate(scene(1), depth_db=depth_db))
    assert len(found) == len(SHOUTS_S) + 1
    assert found[0][1] == pytest.approx(2.0, abs=0.02)
    for (start_s, end_s), before_s, after_s in zip(found[1:], SHOUTS_S, (*SHOUTS_S[1:], 20.0), strict=True):
        assert start_s == pytest.approx(before_s + 1.0, abs=0.02)
        assert end_s == pytest.approx(after_s, abs=0.02)


@pytest.mark.parametrize("tail_s", [0.2, 0.4, 1.0])
def test_sound_that_dies_away_is_no_gate(tail_s: float) -> None:
    assert spans_s(scene(2, tail_s=tail_s)) == []


def test_steady_noise_and_silence_are_no_gate() -> None:
    rng = np.random.default_rng(3)
    assert spans_s(1e-3 * rng.standard_normal(10 * RATE_HZ)) == []
    assert spans_s(np.zeros(10 * RATE_HZ)) == []
    assert spans_s(np.zeros(10)) == []


def test_gain_control_is_no_gate() -> None:
    sound = scene(4, tail_s=0.4)
    level = np.sqrt(np.convolve(sound**2, np.ones(800) / 800, mode="same"))
    gain = np.empty(len(sound))
    state = level[0]
    for k in range(0, len(sound), 80):  # down within 10 ms, up within a second
        state += (level[k] - state) * (0.5 if level[k] > state else 0.005)
        gain[k : k + 80] = 0.05 / max(state, 1e-3)
    assert spans_s(np.clip(sound * gain, -1, 1)) == []


def test_a_gust_is_no_gate() -> None:
    rng = np.random.default_rng(5)
    sound = 1e-3 * rng.standard_normal(20 * RATE_HZ)
    for at_s in (3, 7, 11, 15):
        gust = np.hanning(RATE_HZ) * np.cumsum(rng.standard_normal(RATE_HZ)) * 0.01
        sound[at_s * RATE_HZ : (at_s + 1) * RATE_HZ] += gust - gust.mean() * np.hanning(RATE_HZ) * 2
    assert spans_s(sound) == []


def test_a_single_fall_shows_no_habit() -> None:
    rng = np.random.default_rng(6)
    sound = 0.1 * rng.standard_normal(10 * RATE_HZ)
    sound[5 * RATE_HZ :] *= 0.01
    assert spans_s(sound) == []


def test_intervals_carry_the_kind_and_recording_time() -> None:
    samples = through_gate(scene(7), depth_db=25.0).astype(np.float32)
    clip = AudioClip(recording_id="a", samples=samples, rate_hz=RATE_HZ, start_s=3.0)
    found = sound_intervals(clip, detect_blasts(clip, settings=SETTINGS), settings=SETTINGS)
    shut = [each for each in found if each.kind == "suppressed"]
    assert shut[1].start_s == pytest.approx(6.0, abs=0.02)
    assert shut[-1].end_s == pytest.approx(23.0, abs=0.02)
