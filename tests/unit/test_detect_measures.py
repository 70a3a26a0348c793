"""Measures of onsets on arrays where the right number is known."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.echoes import possible_echoes, separable_after_s
from syncview.detect.measures import MEASURES, clipped_seconds, core_seconds, onset_measures, pitch_share, tonality_db
from syncview.detect.novelty import Levels, Trigger
from syncview.settings import DetectSettings

RATE_HZ = 16_000
HOP_S = 0.005
SETTINGS = DetectSettings()
TRIGGER = Trigger(frame=400, novelty_db=(20.0, 15.0, 10.0, 5.0), fresh_db=12.0, in_tail=False)

BY_SAMPLES = {
    "sudden_db": -1.0,
    "soon_drop_db": 8.0,
    "core_s": 0.02,
    "onset_centre_octaves": 1.0,
    "clipped_s": 0.0,
    "tonality_db": 3.0,
    "pitch_share": 0.2,
    "pitch_before_share": 0.3,
    "whistle_before_db": 3.0,
}


def levels(seconds: float = 6.0, level_db: float = -60.0) -> Levels:
    frames = round(seconds / HOP_S)
    return Levels(db=np.full((frames, 4), level_db, np.float32), heard=np.ones(frames, bool), hop_s=HOP_S)


def lay(over: Levels, at_s: float, peak_db: float, db_per_s: float) -> None:
    begin = round(at_s / HOP_S)
    tail = peak_db - db_per_s * HOP_S * np.arange(len(over.db) - begin)
    over.db[begin:] = np.maximum(over.db[begin:], tail[:, None])


def measured(of: Levels, frame: int = 400, others: tuple[int, ...] = ()) -> dict[str, float]:
    return onset_measures(
        of, TRIGGER, onset_frame=frame, other_frames=np.array(others, dtype=np.intp), by_samples=BY_SAMPLES
    )


def test_rise_drop_and_tail_of_a_straight_decay():
    sound = levels()
    lay(sound, 2.0, -20.0, 40.0)  # back at -60 dB after 1 s
    found = measured(sound)
    assert tuple(found) == MEASURES
    assert found["rise_low_db"] == pytest.approx(40.0)
    assert found["drop_mid_db"] == pytest.approx(40.0 * 0.1725, abs=0.3)  # mean of 0.100 to 0.245 s
    assert found["tail_high_db"] == pytest.approx(40.0 - 40.0 * 0.5975, abs=0.3)
    assert found["tail_s"] == pytest.approx(34.0 / 40.0, abs=0.01)
    assert found["attack_s"] == 0.0
    assert found["gain_drop_db"] == pytest.approx(0.0, abs=0.1)


def test_what_was_as_loud_in_the_seconds_before_is_held_against_a_sound_and_a_salvo_is_not():
    talk, salvo = levels(seconds=14.0), levels(seconds=14.0)
    for at_s in np.arange(0.3, 9.5, 0.5):
        begin = round(at_s / HOP_S)
        talk.db[begin : begin + 20] = -30.0
    for each in (talk, salvo):
        lay(each, 10.0, -20.0, 400.0)
    lay(salvo, 8.3, -20.0, 400.0)
    lay(salvo, 9.1, -20.0, 400.0)
    assert measured(talk, frame=2000)["over_peaks_low_db"] == pytest.approx(10.0)
    assert measured(salvo, frame=2000)["over_peaks_low_db"] == pytest.approx(40.0)
    assert measured(talk, frame=2000)["swing_before_db"] == pytest.approx(30.0)
    assert measured(salvo, frame=2000)["swing_before_db"] == pytest.approx(0.0, abs=1.0)


def test_a_rumble_of_seconds_is_measured_late():
    sound = levels()
    lay(sound, 2.0, -20.0, 10.0)
    assert measured(sound)["late_mid_db"] == pytest.approx(25.0, abs=0.1)


def test_a_slow_swell_has_a_long_attack():
    sound = levels()
    sound.db[400:480] = np.linspace(-60, -20, 80)[:, None]
    sound.db[480:] = -20.0
    assert measured(sound)["attack_s"] == pytest.approx(0.36, abs=0.01)


def test_a_gain_that_falls_is_seen_in_the_background():
    sound = levels()
    lay(sound, 2.0, -20.0, 200.0)
    sound.db[460:800] = -72.0
    assert measured(sound)["gain_drop_db"] == pytest.approx(12.0)


def test_others_of_the_same_strength_are_counted():
    sound = levels()
    for at_s in (2.0, 3.0, 4.0):
        lay(sound, at_s, -20.0, 100.0)
    lay(sound, 3.5, -40.0, 100.0)
    assert measured(sound, others=(600, 700, 800))["repeats_count"] == 2.0


def test_what_a_short_recording_cannot_show_is_left_out():
    sound = levels(seconds=2.2)
    lay(sound, 2.0, -20.0, 40.0)
    found = measured(sound)
    assert "tail_low_db" not in found
    assert "gain_drop_db" not in found
    assert found["rise_low_db"] == pytest.approx(40.0)


def test_clipping_at_full_scale_and_below_it():
    time_s = np.arange(RATE_HZ) / RATE_HZ
    wave = 2.0 * np.sin(2 * np.pi * 50 * time_s)
    # |2 sin| > 1 for two thirds of the time.
    assert clipped_seconds(np.clip(wave, -1, 1), RATE_HZ) == pytest.approx(2 / 3, abs=0.01)
    assert clipped_seconds(0.3 * np.clip(wave, -1, 1), RATE_HZ) == pytest.approx(2 / 3, abs=0.02)
    assert clipped_seconds(0.3 * wave, RATE_HZ) < 0.02


def test_tones_stand_out_and_noise_does_not():
    time_s = np.arange(round(0.4 * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(3).standard_normal(len(time_s))
    assert tonality_db(noise, RATE_HZ) < 5.0
    assert tonality_db(noise + 20 * np.sin(2 * np.pi * 800 * time_s), RATE_HZ) > 8.0
    assert tonality_db(noise[:500], RATE_HZ) is None


def test_a_weaker_onset_may_be_an_echo_and_a_stronger_one_not():
    sound = levels()
    lay(sound, 1.0, -20.0, 100.0)
    lay(sound, 1.5, -28.0, 100.0)
    lay(sound, 2.0, -15.0, 100.0)
    lay(sound, 5.5, -40.0, 100.0)
    first, second, third, late = possible_echoes(sound, [200, 300, 400, 1100], settings=SETTINGS)
    assert first is None
    assert second is not None
    assert second.of == 0
    assert second.weaker_db == pytest.approx(8.0)
    assert third is None
    assert late is None


def test_how_soon_a_second_blast_shows():
    sound = levels()
    lay(sound, 2.0, -20.0, 20.0)
    # At 20 dB a second it must have fallen far enough before the 0.12 s window and the 0.03 s gap.
    expected_s = (SETTINGS.fresh_trigger_db + SETTINGS.separable_weaker_db) / 20.0 + 0.15
    assert separable_after_s(sound, 400, settings=SETTINGS) == pytest.approx(expected_s, abs=0.01)
    lay(sound, 2.0, -20.0, 0.5)
    assert separable_after_s(sound, 400, settings=SETTINGS) is None


def test_a_voice_repeats_itself_and_noise_does_not():
    rng = np.random.default_rng(4)
    time_s = np.arange(round(0.4 * RATE_HZ)) / RATE_HZ
    voice = np.sign(np.sin(2 * np.pi * 140.0 * time_s)) + 0.1 * rng.standard_normal(len(time_s))
    rumble = np.cumsum(rng.standard_normal(len(time_s)))
    assert (pitch_share(voice, RATE_HZ) or 0.0) > 0.5
    assert (pitch_share(rumble, RATE_HZ) or 0.0) < 0.4
    assert pitch_share(voice[:1000], RATE_HZ) is None


def test_the_core_of_a_decay_is_short():
    time_s = np.arange(round(0.4 * RATE_HZ)) / RATE_HZ
    decay = np.random.default_rng(5).standard_normal(len(time_s)) * np.exp(-time_s / 0.02)
    assert core_seconds(decay, RATE_HZ) == pytest.approx(0.01 * np.log(1 / 0.3), abs=0.003)
    assert core_seconds(np.zeros(100), RATE_HZ) is None
