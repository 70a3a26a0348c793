"""Aircraft in simulated recordings: passages are suggested, engines on the ground are not, and deafness is measured."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.aircraft import RATE_HZ, place, scene
from syncview.detect.aircraft import aircraft_sound
from syncview.detect.aircraft_curves import sound_curves
from syncview.detect.aircraft_score import aircraft_models, reasons_of, score_of
from syncview.detect.aircraft_stretches import find_stretches
from syncview.errors import InputError
from syncview.model import AudioClip, Interval
from syncview.settings import AircraftSettings

SETTINGS = AircraftSettings()


def found_in(samples, *, intervals=(), start_s=0.0):
    clip = AudioClip(recording_id="r1", samples=np.asarray(samples, np.float32), rate_hz=RATE_HZ, start_s=start_s)
    return aircraft_sound(clip, intervals, settings=SETTINGS)


def suggested(stretches):
    return [each for each in stretches if each.state == "possible" and each.score >= SETTINGS.least_score]


def noise(seed, seconds, *, level=0.02):
    return level * np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ))


@pytest.mark.parametrize(("kind", "seed"), [("helicopter", 1), ("propeller", 1)])
def test_a_passage_is_suggested_where_it_is_audible(kind, seed):
    samples, audible = scene(seed, kind, snr_db=20.0, duration_s=60.0)
    best = max(suggested(found_in(samples)), key=lambda each: each.score)
    seconds = np.arange(len(audible)) + 0.5
    inside = (seconds > best.start_s) & (seconds < best.end_s)
    assert audible[inside].mean() > 0.8
    assert dict(best.measures)["pitch_fall_percent"] > 2.0


@pytest.mark.parametrize("kind", ["idling engine", "generator", "speech", "rain", "silence"])
def test_what_stays_on_the_ground_is_not_suggested(kind):
    samples, _ = scene(2, kind, snr_db=20.0, duration_s=45.0)
    assert suggested(found_in(samples)) == []


def test_the_pitch_of_a_line_that_falls_is_followed():
    time_s = np.arange(20 * RATE_HZ) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(90 * np.exp(-0.01 * time_s)) / RATE_HZ
    tones = sum(np.sin(k * phase) / k for k in range(1, 9))
    curves = sound_curves((0.05 * tones + noise(3, 20, level=0.005)).astype(np.float32), RATE_HZ)
    assert np.median(curves.glide[3:-2]) == pytest.approx(-0.01, abs=0.001)
    assert np.median(curves.agreement[3:-2]) > 0.5
    assert np.median(curves.lines[3:-2]) >= 5


def test_a_beat_is_measured_at_its_rate():
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ
    wave = noise(4, 12) * (1 + 0.8 * np.cos(2 * np.pi * 21.0 * time_s))
    curves = sound_curves(wave.astype(np.float32), RATE_HZ)
    assert np.median(curves.beat_hz) == pytest.approx(21.0, abs=0.4)
    assert np.median(curves.beat_db) > 8.0
    assert np.median(sound_curves(noise(4, 12).astype(np.float32), RATE_HZ).beat_db) < 6.5


def reflected(seed, seconds, delay_s):
    """Noise and, after a delay that may move, half of it again."""
    wave = noise(seed, seconds)
    at = np.arange(len(wave))
    return wave + 0.5 * np.interp(at - np.broadcast_to(delay_s, len(wave)) * RATE_HZ, at, wave)


def test_the_delay_of_a_reflection_that_moves_is_followed_and_one_that_stays_is_the_places():
    seconds = np.arange(60 * RATE_HZ) / RATE_HZ
    moving_s = 0.002 + 0.005 * np.sin(np.pi * seconds / 60)  # a source that passes overhead
    curves = sound_curves(reflected(12, 60, moving_s).astype(np.float32), RATE_HZ)
    true_ms = 1000 * moving_s[RATE_HZ // 2 :: RATE_HZ]
    clear = curves.comb_db > 8.0
    assert clear.mean() > 0.7
    assert np.abs(curves.comb_ms - true_ms)[clear].max() < 0.8
    staying = sound_curves(reflected(13, 60, 0.004).astype(np.float32), RATE_HZ)
    assert np.mean(staying.comb_db > 8.0) < 0.3


def test_a_moving_comb_is_a_stretch_whose_measures_say_how_it_moves():
    seconds = np.arange(40 * RATE_HZ) / RATE_HZ
    wave = reflected(14, 40, 0.002 + 0.005 * np.sin(np.pi * seconds / 40))
    (sweeping,) = [
        each
        for each in find_stretches(sound_curves(wave.astype(np.float32), RATE_HZ), settings=SETTINGS)
        if each.kind == "sweeping"
    ]
    assert sweeping.end - sweeping.begin > 25
    assert sweeping.measures["comb_reach_ms"] == pytest.approx(4.7, abs=0.8)
    assert sweeping.measures["comb_arch_ms"] > 1.0
    assert any("wanders by" in words for words in reasons_of(sweeping))


def test_measures_do_not_depend_on_where_blocks_end():
    wave = noise(5, 40).astype(np.float32)
    whole, part = sound_curves(wave, RATE_HZ), sound_curves(wave[8 * RATE_HZ :], RATE_HZ)
    assert np.allclose(whole.level_db[10:38], part.level_db[2:30], atol=1e-6)
    assert np.allclose(whole.agreement[12:37], part.agreement[4:29], atol=1e-3)


def test_digital_silence_is_no_audio_and_everything_else_is_outside():
    wave = noise(6, 30)
    wave[10 * RATE_HZ : 14 * RATE_HZ] = 0.0
    silence = Interval(start_s=15.0, end_s=19.0, kind="digital_silence")
    found = found_in(wave, intervals=[silence], start_s=5.0)
    assert [(each.start_s, each.end_s, each.state) for each in found] == [(15.0, 19.0, "no audio")]


@pytest.mark.parametrize(("kind", "words"), [("clipped", "clipped"), ("masked", "gain"), ("suppressed", "suppression")])
def test_intervals_in_which_the_sound_cannot_be_trusted_are_masked(kind, words):
    found = found_in(noise(7, 30), intervals=[Interval(start_s=8.0, end_s=12.0, kind=kind)])
    assert [(each.start_s, each.end_s, each.state) for each in found] == [(8.0, 12.0, "masked")]
    assert words in found[0].reasons[0]


def test_loud_noise_without_a_pause_masks_and_words_with_pauses_do_not():
    steady, words = noise(8, 40), noise(8, 40)
    steady[15 * RATE_HZ : 25 * RATE_HZ] *= 10
    at = np.arange(len(words)) / RATE_HZ
    words *= np.where((at > 15) & (at < 25) & (at % 1.0 < 0.5), 10.0, 1.0)
    (masked,) = [each for each in found_in(steady) if each.state == "masked"]
    assert suggested(found_in(steady)) == []
    assert (masked.state, masked.start_s, masked.end_s) == (
        "masked",
        pytest.approx(15, abs=1),
        pytest.approx(25, abs=1),
    )
    assert "steady" in masked.reasons[0]
    assert [each for each in found_in(words) if each.state == "masked"] == []


def test_a_stretch_too_weak_to_suggest_does_not_unmask_what_covers_it():
    time_s = np.arange(40 * RATE_HZ) / RATE_HZ
    engine = sum(np.sin(2 * np.pi * 50 * k * time_s) / k for k in range(1, 12))  # a generator, from end to end
    found = found_in(0.05 * engine + noise(15, 40, level=0.005))
    assert suggested(found) == []
    (masked,) = [each for each in found if each.state == "masked"]
    assert masked.end_s - masked.start_s > 30
    assert "an aircraft could not be told from it" in masked.reasons[0]


def test_the_model_weighs_measures_that_stretches_have():
    wave = reflected(16, 40, 0.002 + 0.005 * np.sin(np.pi * np.arange(40 * RATE_HZ) / RATE_HZ / 40))
    stretch = find_stretches(sound_curves(wave.astype(np.float32), RATE_HZ), settings=SETTINGS)[0]
    for kind, model in aircraft_models().items():
        assert set(model.measures) <= set(stretch.measures)
        assert 0.0 < score_of(replace(stretch, kind=kind)) < 1.0
    assert set(aircraft_models()) == {"droning", "swelling", "sweeping"}


def test_wind_in_the_microphone_masks_whatever_the_floor():
    rng = np.random.default_rng(9)
    spectrum = np.fft.rfft(rng.standard_normal(30 * RATE_HZ))
    hz = np.fft.rfftfreq(30 * RATE_HZ, 1 / RATE_HZ)
    rumble = np.fft.irfft(spectrum / (1 + (hz / 60) ** 2))
    gusts = np.exp(np.interp(np.arange(len(rumble)) / RATE_HZ, np.arange(0, 31, 0.4), rng.normal(0, 0.8, 78)))
    found = found_in(0.2 * rumble * gusts / np.abs(rumble).max())
    masked_s = sum(each.end_s - each.start_s for each in found if each.state == "masked")
    assert masked_s > 20.0
    assert any("wind" in reason for each in found for reason in each.reasons)


def test_a_short_recording_says_nothing():
    (short,) = found_in(noise(10, 4))
    assert short.state == "masked"
    assert "too short" in short.reasons[0]
    assert found_in(np.zeros(0)) == ()


def test_the_sound_of_a_place_alone_is_assessable_and_silent_about_the_sky():
    found = found_in(place(np.random.default_rng(11), 40 * RATE_HZ) * 0.05)
    assert suggested(found) == []
    assert {each.state for each in found} <= {"possible", "masked"}


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="mono"):
        sound_curves(np.zeros((2, 100), np.float32), RATE_HZ)
    with pytest.raises(InputError, match="rate"):
        sound_curves(np.zeros(100, np.float32), 4_000)
