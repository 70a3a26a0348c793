"""A second look where other cameras' arrivals point to, on noise with a known weak rise in it."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.blasts import clip_levels, detect_blasts
from syncview.detect.second_look import Expected, second_look
from syncview.model import AudioClip
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()


def noisy(seed: int, *, bang_s: float | None = None, size: float = 1.6, length_s: float = 40.0) -> AudioClip:
    """Noise whose level wanders, and a bang about as strong as it."""
    rng = np.random.default_rng(seed)
    count = round(length_s * RATE_HZ)
    level = np.interp(np.arange(count), np.linspace(0, count, 200), 10 ** (rng.normal(0, 1.5, 200) / 20))
    samples = 0.01 * level * rng.standard_normal(count)
    if bang_s is not None:
        time_s = np.arange(RATE_HZ) / RATE_HZ
        begin = round(bang_s * RATE_HZ)
        samples[begin : begin + RATE_HZ] += 0.01 * size * np.exp(-time_s / 0.15) * rng.standard_normal(RATE_HZ)
    return AudioClip(recording_id="a", samples=samples.astype(np.float32), rate_hz=RATE_HZ, start_s=3.0)


def look(clip: AudioClip, *expected: Expected, known_s: tuple[float, ...] = ()):
    levels = clip_levels(clip.samples, clip.rate_hz, settings=SETTINGS)
    return second_look(clip, expected, known_s=known_s, levels=levels, settings=SETTINGS)


def test_a_bang_that_the_first_pass_misses_is_found_where_it_should_be():
    found, first = 0, 0
    for seed in range(12):
        clip = noisy(seed, bang_s=20.0, size=1.1)
        first += any(abs(d.time_s - 23.0) < 0.1 for d in detect_blasts(clip, settings=SETTINGS))
        for detection in look(clip, Expected(time_s=23.04, half_s=0.1)):
            assert detection.time_s == pytest.approx(23.0, abs=0.02)
            measures = dict(detection.measures)
            assert measures["chance_share"] <= SETTINGS.second_look_chance
            assert measures["searched_s"] == pytest.approx(0.2)
            assert "second look" in detection.reasons[0]
            found += 1
    assert first <= 1
    assert found >= 5


def test_where_nothing_is_little_is_found():
    false = sum(len(look(noisy(seed), Expected(time_s=t, half_s=0.1))) for seed in range(10) for t in range(8, 38, 3))
    assert false <= 18  # of 100 stretches: 10 are expected


def test_what_is_known_already_is_not_found_again():
    clip = noisy(1, bang_s=20.0, size=4.0)
    assert look(clip, Expected(time_s=23.0, half_s=0.1))
    assert look(clip, Expected(time_s=23.0, half_s=0.1), known_s=(23.001,)) == ()
    twice = look(clip, Expected(time_s=23.0, half_s=0.1), Expected(time_s=23.05, half_s=0.1))
    assert len(twice) == 1


def test_beyond_the_recording_and_in_silence_nothing_is_said():
    clip = noisy(1, bang_s=20.0, size=4.0)
    assert look(clip, Expected(time_s=2.9, half_s=0.1), Expected(time_s=99.0, half_s=0.1)) == ()
    muted = np.array(clip.samples)
    muted[19 * RATE_HZ : 20 * RATE_HZ] = 0.0
    quiet = AudioClip(recording_id="a", samples=muted, rate_hz=RATE_HZ, start_s=3.0)
    assert look(quiet, Expected(time_s=23.0, half_s=0.1)) == ()


def test_a_short_recording_says_nothing_of_chance():
    assert look(noisy(1, bang_s=1.0, size=4.0, length_s=2.0), Expected(time_s=4.0, half_s=0.1)) == ()
