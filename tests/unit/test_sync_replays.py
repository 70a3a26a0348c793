"""Replays inside one file: the noise repeats as well. What only sounds alike is none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, resample_poly, sosfilt

from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.features import sound_features
from syncview.sync.replays import Replay, replays

RATE_HZ = 16_000
SETTINGS = SyncSettings()


def noise(seed: int, seconds: float) -> np.ndarray:
    band = butter(1, [100, 6000], "bandpass", fs=RATE_HZ, output="sos")
    wave = sosfilt(band, np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)))
    return wave / np.std(wave)


def scene(seed: int, seconds: float) -> np.ndarray:
    """Noise with bursts of sound."""
    rng = np.random.default_rng(seed)
    out = 0.2 * noise(seed, seconds)
    for _ in range(int(seconds * 1.5)):
        n = int(rng.uniform(0.1, 0.5) * RATE_HZ)
        at = int(rng.uniform(0, len(out) - n))
        low_hz = rng.uniform(200, 1500)
        band = butter(2, [low_hz, 2 * low_hz], "bandpass", fs=RATE_HZ, output="sos")
        out[at : at + n] += 2 * sosfilt(band, rng.standard_normal(n)) * np.hanning(n)
    return out


def blast() -> np.ndarray:
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    return 8 * np.exp(-time_s / 0.3) * noise(99, 2.0)


def found(samples: np.ndarray, start_s: float = 0.0) -> tuple[Replay, ...]:
    clip = AudioClip(recording_id="a", samples=(0.05 * samples).astype(np.float32), rate_hz=RATE_HZ, start_s=start_s)
    return replays(sound_features(clip, settings=SETTINGS), settings=SETTINGS)


def part(samples: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    return samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)]


@pytest.mark.parametrize("speed", [1.0, 0.5, 0.25])
def test_a_passage_is_found_at_its_speed(speed: float) -> None:
    original = scene(1, 30.0)
    shown = resample_poly(part(original, 6.0, 9.0), round(1 / speed), 1)
    edited = np.concatenate([original, shown, scene(2, 5.0)])
    edited = edited + 0.01 * noise(3, len(edited) / RATE_HZ)
    (replay,) = found(edited, start_s=1.0)
    assert replay.speed == speed
    assert replay.start_s == pytest.approx(31.0, abs=0.3 / speed)
    assert replay.end_s == pytest.approx(31.0 + 3.0 / speed, abs=0.3 / speed)
    assert replay.original_start_s - (replay.start_s - 31.0) * speed == pytest.approx(7.0, abs=1e-3)
    assert replay.score > 0.9


def test_one_blast_shown_three_times_is_two_replays() -> None:
    original = scene(4, 20.0)
    original[5 * RATE_HZ : 7 * RATE_HZ] += blast()
    shown = part(original, 4.5, 7.5)
    edited = np.concatenate([original, shown, scene(5, 4.0), resample_poly(shown, 2, 1)])
    first, second = found(edited)
    assert (first.speed, second.speed) == (1.0, 0.5)
    assert first.start_s == pytest.approx(20.0, abs=0.3)
    assert second.start_s == pytest.approx(27.0, abs=0.6)
    assert first.original_start_s == pytest.approx(4.5, abs=0.3)


def test_a_short_passage_is_found() -> None:
    original = scene(6, 40.0)
    (replay,) = found(np.concatenate([original, part(original, 12.0, 13.6)]))
    assert replay.start_s == pytest.approx(40.0, abs=0.2)


def test_two_blasts_of_one_kind_in_other_noise_are_none() -> None:
    wave = scene(7, 30.0)
    for at_s in (8, 20):
        wave[at_s * RATE_HZ : (at_s + 2) * RATE_HZ] += 0.5 * blast() + 0.5 * np.roll(blast(), 37 * at_s)
        wave[at_s * RATE_HZ : (at_s + 2) * RATE_HZ] += 2 * noise(at_s, 2.0)
    assert found(wave) == ()


def test_music_that_repeats_over_a_scene_is_none() -> None:
    bar = scene(8, 2.0)
    assert found(np.tile(bar, 10) + scene(9, 20.0)) == ()
    assert found(np.tile(bar, 10)) == ()


@pytest.mark.parametrize("seed", [10, 11])
def test_plain_sound_has_none(seed: int) -> None:
    assert found(scene(seed, 60.0)) == ()


def test_short_or_silent_sound_has_none() -> None:
    assert found(np.zeros(0)) == ()
    assert found(np.zeros(20 * RATE_HZ)) == ()
    assert found(scene(12, 0.8)) == ()
