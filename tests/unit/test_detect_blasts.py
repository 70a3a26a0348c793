"""Blast detection on sound made here, with the onset known to the sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from syncview.detect.blasts import detect_blasts, find_onsets
from syncview.errors import InputError
from syncview.model import AudioClip, Detection
from syncview.settings import DetectSettings

RATE_HZ = 16_000
SETTINGS = DetectSettings()


def ambience(seed: int, seconds: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Street-like noise, RMS 0.003 of full scale."""
    rng = np.random.default_rng([1, seed])
    noise = signal.lfilter([1.0], [1.0, -0.9], rng.standard_normal(round(seconds * rate_hz)))
    return 0.003 * noise / noise.std()


def bang(seed: int, peak: float = 0.4, rate_hz: int = RATE_HZ, seconds: float = 3.0) -> np.ndarray:
    """A blast wave of 15 ms rounded by the air, a ground reflection, and a rumble that dies over two seconds."""
    rng = np.random.default_rng([2, seed])
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = np.where(time_s < 0.15, (1 - time_s / 0.015) * np.exp(-time_s / 0.015), 0.0)
    late = round(0.003 * rate_hz)
    wave[late:] += 0.5 * wave[:-late]
    rumble = signal.sosfilt(
        signal.butter(2, [40, 400], "band", fs=rate_hz, output="sos"), rng.standard_normal(len(wave))
    )
    wave += 0.08 * rumble / rumble.std() * np.exp(-time_s / 0.35) * (1 - np.exp(-time_s / 0.02))
    wave = signal.sosfilt(signal.butter(2, 70, "high", fs=rate_hz, output="sos"), wave)
    wave = signal.sosfilt(signal.butter(1, 1500, fs=rate_hz, output="sos"), wave)
    return peak * wave / np.abs(wave).max()


def scene(seed: int, *at_s: float, seconds: float = 12.0, peak: float = 0.4, rate_hz: int = RATE_HZ) -> np.ndarray:
    out = ambience(seed, seconds, rate_hz)
    for k, time_s in enumerate(at_s):
        begin = round(time_s * rate_hz)
        wave = bang(seed + 100 * k, peak, rate_hz)
        out[begin : begin + len(wave)] += wave[: len(out) - begin]
    return out


def detected(samples: np.ndarray, *, rate_hz: int = RATE_HZ, start_s: float = 0.0) -> tuple[Detection, ...]:
    clip = AudioClip(recording_id="r", samples=samples.astype(np.float32), rate_hz=rate_hz, start_s=start_s)
    return detect_blasts(clip, settings=SETTINGS)


def near(found: tuple[Detection, ...], time_s: float, within_s: float = 0.05) -> Detection:
    matches = [d for d in found if abs(d.time_s - time_s) <= within_s]
    assert len(matches) == 1, f"{len(matches)} detections near {time_s} s, of {[d.time_s for d in found]}"
    return matches[0]


def coded(samples: np.ndarray, keep_db: float = 40.0) -> np.ndarray:
    """Degrade as AAC does at 48 kHz: overlapping frames, and noise 40 dB below the loudest line all over each."""
    size = 768
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    padded = np.concatenate([np.zeros(size), samples, np.zeros(size)])
    out = np.zeros(len(padded))
    for begin in range(0, len(padded) - size + 1, size // 2):
        spectrum = np.fft.rfft(window * padded[begin : begin + size])
        step = np.abs(spectrum).max() * 10 ** (-keep_db / 20) + 1e-12
        rounded = step * (np.round(spectrum.real / step) + 1j * np.round(spectrum.imag / step))
        out[begin : begin + size] += window * np.fft.irfft(rounded, size)
    return out[size : size + len(samples)]


def test_onsets_are_found_to_the_millisecond():
    errors_ms, scores = [], []
    for seed in range(12):
        at_s = 4.0 + seed / 7
        found = near(detected(scene(seed, at_s)), at_s)
        errors_ms.append(abs(found.time_s - at_s) * 1e3)
        assert abs(found.time_s - at_s) <= found.uncertainty_s
        scores.append(found.score)
        assert "explosion" in found.label
    assert min(scores) > 0.3
    assert np.median(scores) > 0.5
    assert np.median(errors_ms) <= 0.5
    assert max(errors_ms) <= 4.0


def test_a_codec_moves_onsets_by_less_than_15_ms():
    errors_ms = [abs(near(detected(coded(scene(seed, 5.0))), 5.0).time_s - 5.0) * 1e3 for seed in range(6)]
    assert np.median(errors_ms) <= 5.0
    assert max(errors_ms) <= 15.0


@pytest.mark.parametrize("gain", [0.05, 0.3, 2.0])
def test_gain_changes_nothing(gain: float):
    plain = near(detected(scene(3, 5.0)), 5.0)
    louder = near(detected(gain * scene(3, 5.0)), 5.0)
    assert louder.time_s == pytest.approx(plain.time_s, abs=1e-4)
    assert louder.score == pytest.approx(plain.score, abs=0.02)


def test_a_shift_moves_the_detections_by_as_much():
    wave = scene(4, 5.0)
    shifted = np.concatenate([ambience(99, 0.73), wave])
    plain, moved = near(detected(wave), 5.0), near(detected(shifted), 5.73)
    assert moved.time_s - plain.time_s == pytest.approx(0.73, abs=1e-3)
    late = near(detected(wave, start_s=-1.25), 3.75)
    assert late.time_s == pytest.approx(plain.time_s - 1.25, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 48_000])
def test_other_rates_give_the_same_moment(rate_hz: int):
    found = near(detected(scene(5, 5.0, rate_hz=rate_hz), rate_hz=rate_hz), 5.0)
    assert found.time_s == pytest.approx(5.0, abs=0.004)
    assert found.score > 0.2


def test_a_rate_too_low_is_refused():
    with pytest.raises(InputError, match="8 kHz"):
        detected(np.zeros(4000), rate_hz=4_000)


def test_noise_alone_gives_nothing_likely():
    assert [d for seed in range(5) for d in detected(ambience(seed, 20.0)) if d.score > 0.3] == []


@pytest.mark.parametrize("apart_s", [0.3, 0.8])
def test_two_blasts_stay_two_and_the_weaker_may_be_an_echo(apart_s: float):
    for seed in range(4):
        wave = scene(seed, 5.0)
        begin = round((5.0 + apart_s) * RATE_HZ)
        wave[begin : begin + 3 * RATE_HZ] += 0.6 * bang(seed + 50)[: len(wave) - begin]
        found = detected(wave)
        first, second = near(found, 5.0), near(found, 5.0 + apart_s)
        assert first.possible_echo_of_s is None
        assert second.possible_echo_of_s == first.time_s
        assert any("echo" in reason for reason in second.reasons)
        assert second.time_s - first.time_s == pytest.approx(apart_s, abs=0.01)


def test_a_clip_that_starts_inside_a_bang_claims_no_onset():
    wave = scene(6, 5.0)[round(5.02 * RATE_HZ) :]
    assert [d for d in detected(wave) if d.time_s < 0.5] == []


def test_a_short_clip_with_little_before_the_bang():
    wave = scene(7, 5.0)[round(4.7 * RATE_HZ) : round(5.66 * RATE_HZ)]
    found = near(detected(wave), 0.3)
    assert found.time_s == pytest.approx(0.3, abs=0.004)
    assert "tail_s" in dict(found.measures)


@pytest.mark.parametrize("samples", [0, 1, 20, 400])
def test_hardly_any_sound_gives_nothing(samples: int):
    assert detected(np.full(samples, 0.1)) == ()


@pytest.mark.parametrize("cut", range(0, 80, 13))
def test_a_bang_in_the_last_samples_is_no_trouble(cut: int):
    wave = scene(12, 5.0)[: round(5.0 * RATE_HZ) + 90 + cut]
    wave[-8:] = 0.9
    assert all(found.time_s <= len(wave) / RATE_HZ for found in detected(wave))


def test_digital_silence_gives_nothing():
    assert detected(np.zeros(5 * RATE_HZ)) == ()


def test_sound_that_begins_after_silence_is_no_blast():
    wave = scene(8, 9.0)
    wave[: 5 * RATE_HZ] = 0.0
    assert [d for d in detected(wave) if abs(d.time_s - 5.0) < 0.2] == []
    assert near(detected(wave), 9.0).time_s == pytest.approx(9.0, abs=0.004)


def test_an_onset_inside_a_gap_says_so():
    wave = scene(9, 5.0)
    wave[round(4.95 * RATE_HZ) : round(5.03 * RATE_HZ)] = 0.0
    found = near(detected(wave), 5.03)
    assert found.uncertainty_s >= 0.075


def test_clipped_sound_keeps_its_onset():
    found = near(detected(np.clip(20 * scene(10, 5.0), -1, 1)), 5.0)
    assert found.time_s == pytest.approx(5.0, abs=0.004)
    assert dict(found.measures)["clipped_s"] > 0.01
    assert any("clipped" in reason for reason in found.reasons)


def test_values_that_are_no_numbers_are_refused():
    wave = scene(1, 5.0)
    wave[1000] = np.nan
    with pytest.raises(InputError, match="no numbers"):
        detected(wave)


def test_a_memory_mapped_file_gives_the_same(tmp_path: Path):
    wave = np.tile(scene(11, 5.0), 3).astype(np.float32)  # longer than one block
    np.save(tmp_path / "sound.npy", wave)
    mapped = np.load(tmp_path / "sound.npy", mmap_mode="r")
    clip = AudioClip(recording_id="r", samples=mapped, rate_hz=RATE_HZ, start_s=0.0)
    assert detect_blasts(clip, settings=SETTINGS) == detected(wave)
    assert [round(d.time_s, 2) for d in detected(wave) if d.score > 0.5] == [5.0, 17.0, 29.0]


def test_only_scores_worth_listing_are_listed():
    wave = np.concatenate([ambience(seed, 10.0) for seed in range(6)])
    lenient = replace(SETTINGS, least_score=0.0)
    clip = AudioClip(recording_id="r", samples=wave.astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    assert len(detect_blasts(clip, settings=lenient)) == len(find_onsets(clip.samples, RATE_HZ, settings=SETTINGS))
    assert all(d.score >= SETTINGS.least_score for d in detect_blasts(clip, settings=SETTINGS))


def test_a_burst_of_shots_is_one_label_with_its_count_and_rate():
    wave = ambience(21, 14.0)
    rng = np.random.default_rng(22)
    time_s = np.arange(round(0.8 * RATE_HZ)) / RATE_HZ
    for k in range(8):
        shot = np.exp(-time_s / 0.0008) * (1 - time_s / 0.0008) + 0.3 * rng.standard_normal(len(time_s)) * np.exp(
            -time_s / 0.005
        )
        shot += 0.03 * rng.standard_normal(len(time_s)) * np.exp(-time_s / 0.15)
        begin = round((6.0 + 0.1 * k) * RATE_HZ)
        wave[begin : begin + len(shot)] += 0.5 * shot
    wave = signal.sosfilt(signal.butter(2, 80, "high", fs=RATE_HZ, output="sos"), wave)
    found = [d for d in detected(np.clip(wave, -1, 1)) if d.time_s < 7.0]
    assert found[0].label.startswith("burst of gunshots: at least ")
    assert found[0].time_s == pytest.approx(6.0, abs=0.005)
    measures = dict(found[0].measures)
    assert 6 <= measures["burst_shots_at_least"] <= 8
    assert measures["burst_shots_per_s"] == pytest.approx(10.0, rel=0.05)
    assert all("of the burst at 6.0" in d.label for d in found[1:])
    assert {d.kind for d in found} <= {"shot", "blast"}
