"""A sound at another speed: as long as it then lasts, its pitch gone along or kept, its patterns where they belong."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from feature_example import WAVE_HZ
from syncview.settings import SyncSettings
from syncview.sync.features import sound_features
from syncview.sync.pace import at_pace, thinned
from voices_example import RATE_HZ, clip, voices

SETTINGS = SyncSettings()
SECONDS = 8.0
TONE_HZ = 800.0
SPEEDS = [Fraction(1, 4), Fraction(24, 25), Fraction(1), Fraction(2)]


@pytest.fixture(scope="module")
def tone():
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    return sound_features(clip("b", np.sin(2 * np.pi * TONE_HZ * time_s), start_s=1.0), settings=SETTINGS)


@pytest.fixture(scope="module")
def speech():
    return sound_features(clip("b", 0.1 * voices(1, SECONDS)), settings=SETTINGS)


def pitch_hz(wave: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.argmax(spectrum)) * WAVE_HZ / len(wave)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("pitch_kept", [False, True])
def test_it_lasts_as_long_as_it_then_does(tone, speed: Fraction, pitch_kept: bool) -> None:
    there = at_pace(tone, speed, pitch_kept=pitch_kept, settings=SETTINGS)
    assert there.start_s == pytest.approx(float(speed))
    assert there.duration_s == pytest.approx(SECONDS * float(speed), abs=0.001)
    assert there.pattern_rate_hz == 50.0
    assert there.pattern.shape[1] == pytest.approx(there.duration_s * 50, abs=1)
    assert there.tones.shape[1] == pytest.approx(there.duration_s * 25, abs=1)
    assert len(there.white) == pytest.approx(there.duration_s * tone.white_rate_hz, abs=1)


@pytest.mark.parametrize("speed", SPEEDS)
def test_played_at_another_speed_the_pitch_goes_along(tone, speed: Fraction) -> None:
    # A second of b is `speed` seconds there: at a quarter, four periods fall where one was.
    there = at_pace(tone, speed, pitch_kept=False, settings=SETTINGS)
    assert pitch_hz(there.waveform) == pytest.approx(TONE_HZ / float(speed), rel=0.005)


def test_stretched_it_has_no_waveform_to_compare(tone) -> None:
    there = at_pace(tone, Fraction(2), pitch_kept=True, settings=SETTINGS)
    assert not there.white.any()


@pytest.mark.parametrize("speed", [Fraction(24, 25), Fraction(2), Fraction(1, 2)])
def test_stretched_patterns_lie_at_their_times_the_speed(speech, speed: Fraction) -> None:
    there = at_pace(speech, speed, pitch_kept=True, settings=SETTINGS)
    own_s = np.arange(speech.pattern.shape[1]) / speech.pattern_rate_hz
    wanted_s = np.arange(there.pattern.shape[1]) / there.pattern_rate_hz / float(speed)
    for band in (3, 12):
        wanted = np.interp(wanted_s, own_s, speech.pattern[band])
        assert np.corrcoef(wanted, there.pattern[band])[0, 1] > 0.9


def test_at_speed_one_both_ways_are_what_thinning_gives(speech) -> None:
    thin = thinned(speech, SETTINGS)
    assert thin.pattern.shape[1] * 2 == pytest.approx(speech.pattern.shape[1], abs=1)
    kept = at_pace(speech, Fraction(1), pitch_kept=True, settings=SETTINGS)
    played = at_pace(speech, Fraction(1), pitch_kept=False, settings=SETTINGS)
    count = min(kept.pattern.shape[1], thin.pattern.shape[1])
    assert np.corrcoef(kept.pattern[:, :count].ravel(), thin.pattern[:, :count].ravel())[0, 1] > 0.9
    assert np.corrcoef(played.pattern[:, :count].ravel(), thin.pattern[:, :count].ravel())[0, 1] > 0.9
