"""Clipped and masked stretches on sound made here."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.intervals import sound_intervals
from syncview.model import AudioClip, Detection
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()


def clip(samples: np.ndarray, start_s: float = 0.0) -> AudioClip:
    return AudioClip(recording_id="r", samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=start_s)


def blast_at(time_s: float) -> Detection:
    return Detection(
        recording_id="r",
        kind="blast",
        time_s=time_s,
        uncertainty_s=0.004,
        score=0.9,
        label="explosion",
        measures=(),
        reasons=(),
    )


def noise(seconds: float, seed: int = 1) -> np.ndarray:
    return 0.01 * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))


def test_clipped_stretches_are_joined_and_on_recording_time():
    wave = noise(4.0)
    tone = np.sin(2 * np.pi * 200 * np.arange(RATE_HZ // 2) / RATE_HZ)
    wave[2 * RATE_HZ : 2 * RATE_HZ + len(tone)] = np.clip(5 * tone, -1, 1)
    (found,) = sound_intervals(clip(wave, start_s=0.5), (), settings=SETTINGS)
    assert found.kind == "clipped"
    assert found.start_s == pytest.approx(2.5, abs=0.005)
    assert found.end_s == pytest.approx(3.0, abs=0.005)


def test_a_pumped_gain_masks_until_it_is_back():
    wave = noise(8.0)
    onset = 3 * RATE_HZ
    since_s = np.arange(len(wave) - onset) / RATE_HZ
    wave[onset:] *= 10 ** (-18 * np.exp(-since_s / 0.6) / 20)  # 6 dB left after 0.66 s
    wave[onset : onset + 800] += 0.5 * np.exp(-np.arange(800) / 200)
    (found,) = sound_intervals(clip(wave), (blast_at(3.0),), settings=SETTINGS)
    assert found.kind == "masked"
    assert found.start_s == pytest.approx(3.0, abs=0.01)
    assert found.end_s == pytest.approx(3.66, abs=0.15)


def test_a_blast_that_leaves_the_gain_alone_masks_nothing():
    wave = noise(8.0)
    wave[3 * RATE_HZ : 3 * RATE_HZ + 800] += 0.5 * np.exp(-np.arange(800) / 200)
    assert sound_intervals(clip(wave), (blast_at(3.0),), settings=SETTINGS) == ()


def test_two_masked_stretches_that_touch_are_one():
    wave = noise(8.0)
    wave[3 * RATE_HZ : 5 * RATE_HZ] *= 0.1
    found = sound_intervals(clip(wave), (blast_at(3.0), blast_at(3.5)), settings=SETTINGS)
    assert [(i.kind, i.start_s) for i in found] == [("masked", 3.0)]
    assert found[0].end_s == pytest.approx(5.0, abs=0.11)


def test_too_little_before_a_blast_to_know_its_background():
    assert sound_intervals(clip(noise(2.0)), (blast_at(0.1),), settings=SETTINGS) == ()
    assert sound_intervals(clip(noise(0.0)), (), settings=SETTINGS) == ()
