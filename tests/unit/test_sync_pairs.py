"""Lag hypotheses of pairs: shift d gives d, swap gives -d, gain and noise leave d, unrelated sounds give nothing."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.errors import InputError
from syncview.model import AudioClip
from syncview.settings import SyncSettings
from syncview.signal.blocks import Block
from syncview.sync.features import _at_lower_rate, sound_features
from syncview.sync.hypotheses import match_pair
from syncview.sync.mel import mel_filters
from voices_example import RATE_HZ, clip, heard, voices

SETTINGS = SyncSettings()


def hypotheses(a: AudioClip, b: AudioClip):
    return match_pair(*(sound_features(c, settings=SETTINGS) for c in (a, b)), settings=SETTINGS).hypotheses


@pytest.mark.parametrize("shift_s", [0.0, 3.0, 7.123, 11.5])
def test_shift_gives_lag(shift_s: float) -> None:
    scene = voices(1, 40)
    a = clip("a", heard(scene, 0.0, 28.0, seed=2))
    b = clip("b", heard(scene, shift_s, 28.0, seed=3))
    best = hypotheses(a, b)[0]
    assert best.lag_s == pytest.approx(shift_s, abs=2e-3)
    assert best.probability > 0.9
    assert best.supports >= 2


def test_swap_negates() -> None:
    scene = voices(4, 40)
    a = clip("a", heard(scene, 0.0, 25.0, seed=5))
    b = clip("b", heard(scene, 9.25, 20.0, seed=6))
    forth, back = hypotheses(a, b), hypotheses(b, a)
    assert [h.lag_s for h in forth] == [-h.lag_s for h in back]
    assert [h.probability for h in forth] == [h.probability for h in back]


def test_lag_is_on_the_recording_time_axis() -> None:
    scene = voices(7, 40)
    a = clip("a", heard(scene, 0.0, 20.0, seed=8), start_s=0.5)
    b = clip("b", heard(scene, 4.0, 20.0, seed=9), start_s=10.0)
    assert hypotheses(a, b)[0].lag_s == pytest.approx(4.0 + 0.5 - 10.0, abs=2e-3)


@pytest.mark.parametrize("gain", [0.001, 30.0])
def test_gain_changes_nothing(gain: float) -> None:
    scene = voices(10, 40)
    a, b = heard(scene, 0.0, 20.0, seed=11), heard(scene, 5.0, 20.0, seed=12)
    plain = hypotheses(clip("a", a), clip("b", b))[0]
    scaled = hypotheses(clip("a", a), clip("b", b * gain))[0]
    assert scaled.lag_s == pytest.approx(plain.lag_s, abs=2e-4)
    assert scaled.probability > 0.99


def test_one_bang_does_not_outvote_a_minute_of_voices() -> None:
    scene = voices(13, 60)
    rng = np.random.default_rng(14)
    bang = rng.standard_normal(8000) * np.exp(-np.arange(8000) / 1500) * 40
    a, b = heard(scene, 0.0, 40.0, seed=15), heard(scene, 8.0, 40.0, seed=16)
    a[30 * RATE_HZ : 30 * RATE_HZ + 8000] += bang  # one blast in a, quite another in b
    b[5 * RATE_HZ : 5 * RATE_HZ + 8000] += bang
    assert hypotheses(clip("a", a), clip("b", b))[0].lag_s == pytest.approx(8.0, abs=2e-3)


@pytest.mark.parametrize("seed", range(6))
def test_unrelated_sounds_give_no_likely_lag(seed: int) -> None:
    a = clip("a", heard(voices(100 + seed, 20), 0.0, 20.0, seed=200 + seed))
    b = clip("b", heard(voices(300 + seed, 20), 0.0, 20.0, seed=400 + seed))
    assert all(h.probability < 0.5 for h in hypotheses(a, b))


def test_silence_and_very_short_clips_give_nothing() -> None:
    scene = voices(17, 20)
    sound = clip("a", heard(scene, 0.0, 20.0, seed=18))
    assert hypotheses(sound, clip("b", np.zeros(20 * RATE_HZ))) == ()
    assert hypotheses(sound, clip("b", heard(scene, 1.0, 0.9, seed=19))) == ()
    assert hypotheses(sound, clip("b", np.zeros(0))) == ()


def test_blocks_do_not_show() -> None:
    samples = heard(voices(20, 70), 0.0, 70.0, seed=21)
    whole = sound_features(clip("a", samples), settings=SETTINGS)
    part = sound_features(clip("a", samples[: 29 * RATE_HZ]), settings=SETTINGS)
    frames, step = 28 * 100, 28 * 8000
    assert np.median(np.abs(whole.pattern[:, 100:frames] - part.pattern[:, 100:frames])) < 1e-3
    correlation = np.corrcoef(whole.waveform[8000:step], part.waveform[8000:step])[0, 1]
    assert correlation > 0.999
    assert whole.pattern.shape == (24, 7000)
    assert whole.waveform.shape == (70 * 8000,)


def test_wrong_arrays_are_refused() -> None:
    double = AudioClip(recording_id="a", samples=np.zeros(10), rate_hz=RATE_HZ, start_s=0.0)
    with pytest.raises(InputError, match=r"expected float32 of shape \(n,\), got float64"):
        sound_features(double, settings=SETTINGS)
    odd = AudioClip(recording_id="a", samples=np.zeros(10, np.float32), rate_hz=11_025, start_s=0.0)
    with pytest.raises(InputError, match="11025 Hz is no multiple of 8000 Hz"):
        sound_features(odd, settings=SETTINGS)


def test_mel_filters_are_librosas() -> None:
    from librosa.filters import mel

    ours = mel_filters(16_000, 1024, bands=24, low_hz=150.0, high_hz=3600.0)
    theirs = mel(sr=16_000, n_fft=1024, n_mels=24, fmin=150.0, fmax=3600.0)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(("tone_hz", "gain"), [(60.0, 0.0), (440.0, 1.0), (3000.0, 1.0), (3900.0, 0.0), (5000.0, 0.0)])
def test_speech_band_passes_speech_alone(tone_hz: float, gain: float) -> None:
    time_s = np.arange(2 * RATE_HZ + 1) / RATE_HZ
    tone = np.sin(2 * np.pi * tone_hz * time_s).astype(np.float32)
    wanted = gain * np.sin(2 * np.pi * tone_hz * time_s[::2])
    _, got = _at_lower_rate(Block(tone, 0, 0, len(tone)), 2, SETTINGS)
    assert len(got) == len(wanted)
    assert np.max(np.abs(got - wanted)[2000:-2000]) < 0.02
