"""One sound as it would be at another speed, ready to be compared with another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import AudioClip
from syncview.signal.routines import irfft, next_fast_len, rfft, uniform_filter1d
from syncview.sync.features import sound_features

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["at_pace", "thinned"]


def thinned(sound: SoundFeatures, settings: SyncSettings) -> SoundFeatures:
    """Every `settings.speed_thinning`-th frame of a sound, which is enough to find a speed."""
    step = settings.speed_thinning
    return replace(
        sound,
        pattern=sound.pattern[:, ::step],
        pattern_rate_hz=sound.pattern_rate_hz / step,
        tones=sound.tones[:, ::step],
        tones_rate_hz=sound.tones_rate_hz / step,
    )


def at_pace(sound: SoundFeatures, speed: Fraction, *, pitch_kept: bool, settings: SyncSettings) -> SoundFeatures:
    """Bring a sound to the time of another, whose frames are thinned.

    Parameters
    ----------
    sound : SoundFeatures
        A recording.
    speed : Fraction
        Seconds of the other for a second of this one.
    pitch_kept : bool
        True: it was stretched in time only, so that the distance of its frames changes and its waveform tells nothing.
        False: it is played at the other speed. What lies above the band that it then fills has no level and no part.
    settings : SyncSettings
        Bands and rates.

    Returns
    -------
    SoundFeatures
        On the other's time, its start times the speed.
    """
    if pitch_kept:
        return _stretched(sound, float(speed), settings.speed_thinning)
    step = settings.speed_thinning
    clip = AudioClip(
        recording_id=sound.recording_id,
        samples=_resampled(sound.waveform, float(speed)),
        rate_hz=sound.waveform_rate_hz,
        start_s=sound.start_s * float(speed),
    )
    thin = replace(
        settings, pattern_rate_hz=settings.pattern_rate_hz / step, tones_rate_hz=settings.tones_rate_hz / step
    )
    return sound_features(clip, settings=thin)


def _stretched(sound: SoundFeatures, speed: float, step: int) -> SoundFeatures:
    return replace(
        sound,
        start_s=sound.start_s * speed,
        duration_s=sound.duration_s * speed,
        usable_s=sound.usable_s * speed,
        pattern=_frames_at(sound.pattern, step / speed),
        pattern_rate_hz=sound.pattern_rate_hz / step,
        tones=_frames_at(sound.tones, step / speed),
        tones_rate_hz=sound.tones_rate_hz / step,
        waveform=np.zeros(1, np.float32),
        white=np.zeros(max(1, round(sound.duration_s * speed * sound.white_rate_hz)), np.float32),
    )


def _frames_at(values: NDArray[np.float32], step: float) -> NDArray[np.float32]:
    """Every `step`-th frame, between two where it falls there; the mean of those that are skipped."""
    if not values.shape[1]:
        return values
    smooth = uniform_filter1d(values, max(1, round(step)), axis=1, mode="nearest")
    place = np.minimum(np.arange(int(values.shape[1] / step)) * step, values.shape[1] - 1)
    before = place.astype(int)
    after = np.minimum(before + 1, values.shape[1] - 1)
    share = (place - before).astype(np.float32)
    return np.asarray(smooth[:, before] * (1 - share) + smooth[:, after] * share, dtype=np.float32)


def _resampled(wave: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """The waveform as it lasts at another speed: as many samples, times the speed."""
    wanted = round(len(wave) * speed)
    padded = next_fast_len(len(wave), real=True)
    count = max(1, round(padded * speed))
    spectrum = rfft(wave, padded)[: count // 2 + 1]
    return np.asarray(irfft(spectrum, count)[:wanted] * (count / padded), dtype=np.float32)
