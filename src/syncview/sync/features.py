"""What synchronization keeps of a recording's sound: a pattern for the place, a waveform for the milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import rfft
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, resample_poly, sosfiltfilt

from syncview.errors import InputError
from syncview.signal.blocks import padded_blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model import AudioClip
    from syncview.settings import SyncSettings

__all__ = ["SoundFeatures", "sound_features"]

_BLOCK_S = 30.0
_MARGIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFeatures:
    """A recording's sound, ready to be compared with others.

    `pattern` is float32, shape (bands, frames): log-mel levels, each band against its own surroundings in time.
    `waveform` is float32, shape (samples,): the speech band, brought to one level. Both start at recording time
    `start_s`. `usable_s` is the length of sound above digital silence.
    """

    recording_id: str
    start_s: float
    duration_s: float
    usable_s: float
    pattern: NDArray[np.float32]
    pattern_rate_hz: float
    waveform: NDArray[np.float32]
    waveform_rate_hz: int


def sound_features(clip: AudioClip, *, settings: SyncSettings) -> SoundFeatures:
    """Compute the features of one recording.

    Parameters
    ----------
    clip : AudioClip
        Mono sound; read in blocks, so it may be memory-mapped and long.
    settings : SyncSettings
        Bands, rates and window lengths.

    Returns
    -------
    SoundFeatures
        Pattern and waveform on the recording-time axis.

    Raises
    ------
    InputError
        If the samples are not one-dimensional float32 or the rate is no multiple of the waveform's.
    """
    samples = clip.samples
    if samples.ndim != 1 or samples.dtype != np.float32:
        msg = f"sound of {clip.recording_id}: expected float32 of shape (n,), got {samples.dtype} {samples.shape}"
        raise InputError(msg)
    if clip.rate_hz % settings.waveform_rate_hz:
        msg = f"sound at {clip.rate_hz} Hz is no multiple of {settings.waveform_rate_hz} Hz"
        raise InputError(msg)
    levels, waves, usable = [], [], 0
    hop = round(clip.rate_hz / settings.pattern_rate_hz)
    block = round(_BLOCK_S * settings.pattern_rate_hz) * hop
    margin = round(_MARGIN_S * settings.pattern_rate_hz) * hop
    for part in padded_blocks(samples, block_samples=block, margin_samples=margin):
        inside = slice(part.lead_samples, part.lead_samples + part.length_samples)
        usable += int(np.count_nonzero(part.samples[inside]))
        first = part.lead_samples // hop
        frames = -(-part.length_samples // hop)
        levels.append(_log_mel(part.samples, clip.rate_hz, hop, settings)[:, first : first + frames])
        down = clip.rate_hz // settings.waveform_rate_hz
        start = part.lead_samples // down
        waves.append(_speech_band(part.samples, down, settings)[start : start + -(-part.length_samples // down)])
    return SoundFeatures(
        recording_id=clip.recording_id,
        start_s=clip.start_s,
        duration_s=clip.duration_s,
        usable_s=usable / clip.rate_hz,
        pattern=_against_surroundings(np.concatenate(levels, axis=1), settings) if levels else _no_pattern(settings),
        pattern_rate_hz=clip.rate_hz / hop,
        waveform=_one_level(np.concatenate(waves), settings) if waves else np.zeros(0, np.float32),
        waveform_rate_hz=settings.waveform_rate_hz,
    )


def _no_pattern(settings: SyncSettings) -> NDArray[np.float32]:
    return np.zeros((settings.pattern_bands, 0), np.float32)


@lru_cache(maxsize=4)
def _mel_filters(rate_hz: int, fft_samples: int, bands: int, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    from librosa.filters import mel  # numba stands behind it: paid only where sound is compared

    return np.asarray(mel(sr=rate_hz, n_fft=fft_samples, n_mels=bands, fmin=low_hz, fmax=high_hz), dtype=np.float32)


def _log_mel(x: NDArray[np.float32], rate_hz: int, hop: int, settings: SyncSettings) -> NDArray[np.float32]:
    """Log-mel levels, frame i centred on sample i * hop: shape (bands, frames)."""
    size = round(rate_hz * settings.pattern_window_s)
    filters = _mel_filters(
        rate_hz, size, settings.pattern_bands, settings.pattern_low_hz, min(settings.pattern_high_hz, rate_hz / 2)
    )
    padded = np.pad(x, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectrum = rfft(frames * np.hanning(size).astype(np.float32), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(np.log(filters @ power.T + np.float32(1e-7)), dtype=np.float32)


def _against_surroundings(levels: NDArray[np.float32], settings: SyncSettings) -> NDArray[np.float32]:
    """Each band minus its local mean, over its local deviation, minus half of what all bands share.

    The level of a phone's gain control and of steady noise drops out; what changes within a second stays.
    """
    frames = round(settings.pattern_surroundings_s * settings.pattern_rate_hz)
    v = levels - uniform_filter1d(levels, frames, axis=1, mode="nearest")
    v /= np.sqrt(np.maximum(uniform_filter1d(v**2, frames, axis=1, mode="nearest"), 1e-4))
    np.clip(v, -settings.pattern_clip, settings.pattern_clip, out=v)
    return np.asarray(v - 0.5 * v.mean(axis=0, keepdims=True), dtype=np.float32)


def _speech_band(x: NDArray[np.float32], down: int, settings: SyncSettings) -> NDArray[np.float32]:
    y = np.asarray(resample_poly(x, 1, down), dtype=np.float32)
    band = butter(
        4, [settings.waveform_low_hz, settings.waveform_high_hz], "bandpass", fs=settings.waveform_rate_hz, output="sos"
    )
    if len(y) < 64:
        return np.zeros_like(y)
    return np.asarray(sosfiltfilt(band, y, padlen=min(len(y) - 1, 400)), dtype=np.float32)


def _one_level(y: NDArray[np.float32], settings: SyncSettings) -> NDArray[np.float32]:
    """Divide by the level of the surrounding 0.4 s, so that a bang weighs as much as a word."""
    size = max(1, round(settings.waveform_level_s * settings.waveform_rate_hz))
    level = np.sqrt(np.maximum(uniform_filter1d(y**2, size, mode="nearest"), 1e-12))
    floor = np.percentile(level, 20) if len(level) else 0.0
    return (y / np.maximum(level, max(float(floor), 1e-6))).astype(np.float32)
