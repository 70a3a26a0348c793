"""Carried sound: one exact lag while other sounds disagree. Noise disagrees with nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, oaconvolve, sosfilt

from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.sync.carried import carried, same_sound_at_other_lags
from syncview.sync.features import SoundFeatures, sound_features
from syncview.sync.hypotheses import match_pair

RATE_HZ = 16_000
SETTINGS = SyncSettings()
SECONDS = 24.0


def bursts(seed: int, *, pause_s: float = 0.3) -> np.ndarray:
    """Sounds of 0.2 to 0.6 s in a narrow band each, with pauses: unit level."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(SECONDS * RATE_HZ))
    at = 0
    while at < len(out):
        n = int(rng.uniform(0.2, 0.6) * RATE_HZ)
        low_hz = rng.uniform(400, 2200)
        band = butter(2, [low_hz, 1.4 * low_hz], "bandpass", fs=RATE_HZ, output="sos")
        sound = sosfilt(band, rng.standard_normal(n)) * np.hanning(n) * rng.uniform(0.5, 1.5)
        out[at : at + n] += sound[: len(out) - at]
        at += n + int(rng.exponential(pause_s) * RATE_HZ)
    return out / np.std(out)


def hiss(seed: int) -> np.ndarray:
    band = butter(1, [100, 4000], "bandpass", fs=RATE_HZ, output="sos")
    wave = sosfilt(band, np.random.default_rng(seed).standard_normal(round(SECONDS * RATE_HZ)))
    return wave / np.std(wave)


def room(samples: np.ndarray, seed: int, *, tail_level: float = 0.06) -> np.ndarray:
    rng = np.random.default_rng(seed)
    tail = tail_level * rng.standard_normal(4000) * np.exp(-np.arange(4000) / 900)
    tail[0] = 1.0
    wet = oaconvolve(samples, tail)[: len(samples)]
    return wet / np.std(wet)


def features(samples: np.ndarray, name: str = "a") -> SoundFeatures:
    clip = AudioClip(recording_id=name, samples=(0.1 * samples).astype(np.float32), rate_hz=RATE_HZ, start_s=0.0)
    return sound_features(clip, settings=SETTINGS)


def later(samples: np.ndarray, delay_s: float) -> np.ndarray:
    steps = round(delay_s * RATE_HZ)
    return np.concatenate([np.zeros(steps), samples])[: len(samples)]


@pytest.mark.parametrize("level_db", [-4.0, 0.0, 4.0])
def test_a_song_over_two_scenes_is_inserted(level_db: float) -> None:
    song = 10 ** (level_db / 20) * bursts(1, pause_s=0.05)
    a, b = (song + bursts(seed) + 0.1 * hiss(seed) for seed in (2, 3))
    found = carried(features(a), features(b, "b"), 0.0, settings=SETTINGS)
    assert found is not None
    assert found.inserted
    assert found.lag_s == pytest.approx(0.0, abs=1e-4)
    assert min(found.own_a, found.own_b) >= 1
    assert "edited-in" in found.words


def test_a_radio_in_two_places_is_carried_but_not_inserted() -> None:
    voice = bursts(4)
    a = 1.2 * room(voice, 5) + bursts(6) + 0.1 * hiss(6)
    b = 1.2 * room(later(voice, 2.0), 7) + bursts(8) + 0.1 * hiss(8)
    found = carried(features(a), features(b, "b"), -2.0, settings=SETTINGS)
    assert found is not None
    assert not found.inserted
    assert found.lag_s == pytest.approx(-2.0, abs=2e-3)
    assert "radio" in found.words


@pytest.mark.parametrize("snr_db", [0.0, 5.0, 15.0])
def test_a_lone_voice_over_noise_stays_acoustic(snr_db: float) -> None:
    voice = bursts(9)
    a, b = (room(voice, seed) + 10 ** (-snr_db / 20) * hiss(seed) for seed in (10, 11))
    assert carried(features(a), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_a_companion_beside_one_camera_stays_acoustic() -> None:
    voice = bursts(12)
    a = room(voice, 13, tail_level=0.03) + bursts(14) + 0.1 * hiss(14)
    b = room(voice, 15, tail_level=0.03) + 0.1 * hiss(16)
    assert carried(features(a), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_companions_beside_both_cameras_stay_acoustic_when_a_second_source_agrees_elsewhere() -> None:
    left, right = bursts(17, pause_s=1.5), bursts(18, pause_s=1.5)
    a = 1.5 * room(left, 19) + 1.5 * room(later(right, 0.2), 20) + 0.5 * bursts(21, pause_s=2.0) + 0.1 * hiss(21)
    b = 1.5 * room(later(left, 0.2), 22) + 1.5 * room(right, 23) + 0.5 * bursts(24, pause_s=2.0) + 0.1 * hiss(24)
    assert carried(features(a), features(b, "b"), 0.0, settings=SETTINGS) is None


def test_nothing_in_common_or_too_short_gives_nothing() -> None:
    a = features(bursts(25) + 0.1 * hiss(25))
    assert carried(a, features(bursts(26) + 0.1 * hiss(26), "b"), 0.0, settings=SETTINGS) is None
    assert carried(a, features(bursts(25), "b"), 22.0, settings=SETTINGS) is None
    assert carried(a, features(bursts(25), "b"), 30.0, settings=SETTINGS) is None


def test_lags_that_no_geometry_allows_are_named() -> None:
    lags_s = {("a", "b"): 30.0, ("b", "c"): 1.0, ("a", "c"): 4.0}
    assert same_sound_at_other_lags(lags_s, {"a": 0.0, "b": 3.0, "c": 4.1}, tolerance_s=1.5) == (
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    )
    assert same_sound_at_other_lags({("a", "b"): 3.4}, {"a": 0.0, "b": 3.0}, tolerance_s=1.5) == ()
    assert same_sound_at_other_lags({("a", "b"): 30.0}, {"a": 0.0}, tolerance_s=1.5) == ()


def test_the_first_echo_of_a_room_is_no_other_source() -> None:
    voice = bursts(27)
    echo = 0.3 * voice + 1.5 * later(voice, 0.0015)
    a = 1.5 * voice + bursts(28) + 0.1 * hiss(28)
    b = np.where(np.arange(len(voice)) // RATE_HZ % 6 < 2, echo, 1.5 * voice) + bursts(29) + 0.1 * hiss(29)
    found = carried(features(a), features(b, "b"), 0.0, settings=SETTINGS)
    assert found is not None
    assert found.elsewhere == 0


def short_sounds(times_s: list[float]) -> np.ndarray:
    """Loud sounds of half a second."""
    out = np.zeros(round(SECONDS * RATE_HZ))
    rng = np.random.default_rng(30)
    for time_s in times_s:
        at, n = round(time_s * RATE_HZ), RATE_HZ // 2
        out[at : at + n] += 4.0 * hiss(int(rng.integers(1000)))[:n] * np.exp(-np.arange(n) / (0.1 * RATE_HZ))
    return out


def crowd(seed: int) -> np.ndarray:
    """Sounds in several bands at once."""
    return sum((bursts(seed + 100 * k) for k in range(4)), np.zeros(round(SECONDS * RATE_HZ))) / 2.0


@pytest.mark.parametrize(("times_s", "sound"), [([3.0, 11.0, 17.0], "acoustic"), (list(range(1, 24, 4)), "carried")])
def test_a_few_short_sounds_are_bangs_and_many_at_one_exact_lag_a_loudspeaker(times_s: list[float], sound: str) -> None:
    common = short_sounds(times_s)
    a, b = (common + 0.7 * crowd(seed) + 0.05 * hiss(seed) for seed in (31, 32))
    best = match_pair(features(a), features(b, "b"), settings=SETTINGS).hypotheses[0]
    assert best.lag_s == pytest.approx(0.0, abs=2e-3)
    assert best.sound == sound
