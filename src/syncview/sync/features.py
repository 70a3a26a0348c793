"""What synchronization keeps of a recording's sound: a pattern for the place, a waveform for the milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError
from syncview.signal.blocks import Block, padded_blocks
from syncview.signal.routines import irfft, next_fast_len, rfft, uniform_filter1d
from syncview.signal.whitening import whitened
from syncview.sync.mel import mel_filters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model import AudioClip
    from syncview.settings import SyncSettings

__all__ = [
    "SoundFeatures",
    "part_of",
    "sound_features",
    "waveform_levels_db",
]

_BLOCK_S = 30.0
_MARGIN_S = 1.0
_WHITE_DOWN = 2  # the lower half finds as much as the whole in half the time
_MEL_REFERENCE_HZ = 16_000  # the rate at which levels are counted
_VALUES_AT_ONCE = 250_000  # of frames: what fits into the cache of a core
_LEVELS_SEEN = 32  # of a level that changes within the time of one
_EDGE_HZ = 100.0  # width of the band's edges: they ring for some 10 ms


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFeatures:
    """A recording's sound, ready to be compared with others.

    `pattern` and `tones` are float32, shape (bands, frames): log-mel levels, each band against its own surroundings in
    time. The pattern is fast and finds the place to 10 ms; the tones are slow and so fine in frequency that they
    follow the harmonics of a voice far below the noise.
    `waveform` is float32, shape (samples,): the speech band, brought to one level; `white` its lower half, partly
    whitened, in which all lags are searched. `levels_db` is float32, shape
    (bands, frames): the levels themselves, coarser in time, which tell sound from noise. All start at recording time
    `start_s`. `usable_s` is the length of sound above digital silence.
    """

    recording_id: str
    start_s: float
    duration_s: float
    usable_s: float
    pattern: NDArray[np.float32]
    pattern_rate_hz: float
    tones: NDArray[np.float32]
    tones_rate_hz: float
    waveform: NDArray[np.float32]
    waveform_rate_hz: int
    white: NDArray[np.float32]
    white_rate_hz: float
    levels_db: NDArray[np.float32]
    levels_rate_hz: float


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
    levels, slow, waves, usable = [], [], [], 0
    fast_mel, slow_mel = _fast_mel(settings), _slow_mel(settings)
    hop = round(clip.rate_hz / settings.pattern_rate_hz)
    block = round(_BLOCK_S * settings.tones_rate_hz) * round(clip.rate_hz / settings.tones_rate_hz)
    margin = round(_MARGIN_S * settings.tones_rate_hz) * round(clip.rate_hz / settings.tones_rate_hz)
    for part in padded_blocks(samples, block_samples=block, margin_samples=margin):
        inside = slice(part.lead_samples, part.lead_samples + part.length_samples)
        usable += int(np.count_nonzero(part.samples[inside]))
        down = clip.rate_hz // settings.waveform_rate_hz
        lower, speech = _at_lower_rate(part, down, settings)
        levels.append(_own_frames(lower, settings.waveform_rate_hz, fast_mel))
        slow.append(_own_frames(lower, settings.waveform_rate_hz, slow_mel))
        waves.append(speech[lower.lead_samples : lower.lead_samples + lower.length_samples])
    speech_band = np.concatenate(waves) if waves else np.zeros(0, np.float32)
    waves.clear()
    waveform = _one_level(speech_band, settings)
    whole, tones = _joined(levels, fast_mel), _joined(slow, slow_mel)
    return SoundFeatures(
        recording_id=clip.recording_id,
        start_s=clip.start_s,
        duration_s=clip.duration_s,
        usable_s=usable / clip.rate_hz,
        pattern=_against_surroundings(whole, fast_mel, settings.pattern_clip),
        pattern_rate_hz=settings.pattern_rate_hz,
        tones=_against_surroundings(tones, slow_mel, settings.pattern_clip),
        tones_rate_hz=settings.tones_rate_hz,
        waveform=waveform,
        waveform_rate_hz=settings.waveform_rate_hz,
        white=_white(waveform, settings),
        white_rate_hz=settings.waveform_rate_hz / _WHITE_DOWN,
        levels_db=_coarser(whole, settings.levels_pooling),
        levels_rate_hz=clip.rate_hz / hop / settings.levels_pooling,
    )


def part_of(whole: SoundFeatures, first_s: float, last_s: float, *, recording_id: str) -> SoundFeatures:
    """Cut a stretch out of a recording's features, on the same recording-time axis.

    Parameters
    ----------
    whole : SoundFeatures
        A recording.
    first_s, last_s : float
        Recording times; what lies outside the sound is left away.
    recording_id : str
        Name of the stretch.

    Returns
    -------
    SoundFeatures
        Views, not copies. Starts up to a frame of `levels_db` before `first_s`, where all arrays have a frame.
    """
    step_s = 1.0 / whole.levels_rate_hz
    first = max(0, int((first_s - whole.start_s) / step_s + 1e-6))
    last_s = min(last_s, whole.start_s + whole.duration_s)

    def part(values: NDArray[np.float32], rate_hz: float) -> NDArray[np.float32]:
        return values[..., round(first * step_s * rate_hz) : max(0, round((last_s - whole.start_s) * rate_hz))]

    start_s = whole.start_s + first * step_s
    length_s = max(0.0, last_s - start_s)
    return replace(
        whole,
        recording_id=recording_id,
        start_s=start_s,
        duration_s=length_s,
        usable_s=min(whole.usable_s, length_s),
        pattern=part(whole.pattern, whole.pattern_rate_hz),
        tones=part(whole.tones, whole.tones_rate_hz),
        waveform=part(whole.waveform, whole.waveform_rate_hz),
        white=part(whole.white, whole.white_rate_hz),
        levels_db=part(whole.levels_db, whole.levels_rate_hz),
    )


def waveform_levels_db(wave: NDArray[np.float32], rate_hz: int, settings: SyncSettings) -> NDArray[np.float32]:
    """Band levels of a waveform, as `SoundFeatures.levels_db` holds those of the sound.

    Parameters
    ----------
    wave : ndarray of float32, shape (n,)
        A waveform.
    rate_hz : int
        Its rate.
    settings : SyncSettings
        Bands and rates.

    Returns
    -------
    ndarray of float32, shape (bands, frames)
        In dB, at the rate of the levels.
    """
    levels = _log_mel(wave, rate_hz, round(rate_hz / settings.pattern_rate_hz), _fast_mel(settings))
    return _coarser(levels, settings.levels_pooling)


def _coarser(levels: NDArray[np.float32], pooling: int) -> NDArray[np.float32]:
    """Levels in dB, the power of every `pooling` frames averaged; a rest at the end is dropped."""
    frames = levels.shape[1] // pooling
    power = np.exp(levels[:, : frames * pooling]).reshape(len(levels), frames, pooling).mean(axis=2)
    return np.asarray(10.0 * np.log10(power), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mel:
    """One way to look at a sound: frames, bands, and what a level is compared with."""

    rate_hz: float
    window_s: float
    bands: int
    low_hz: float
    high_hz: float
    surroundings_s: float
    floor: float
    common_share: float


def _fast_mel(settings: SyncSettings) -> _Mel:
    return _Mel(
        rate_hz=settings.pattern_rate_hz,
        window_s=settings.pattern_window_s,
        bands=settings.pattern_bands,
        low_hz=settings.pattern_low_hz,
        high_hz=settings.pattern_high_hz,
        surroundings_s=settings.pattern_surroundings_s,
        floor=settings.pattern_floor,
        common_share=settings.pattern_common_share,
    )


def _slow_mel(settings: SyncSettings) -> _Mel:
    return _Mel(
        rate_hz=settings.tones_rate_hz,
        window_s=settings.tones_window_s,
        bands=settings.tones_bands,
        low_hz=settings.pattern_low_hz,
        high_hz=settings.pattern_high_hz,
        surroundings_s=settings.tones_surroundings_s,
        floor=settings.tones_floor,
        common_share=settings.tones_common_share,
    )


def _own_frames(part: Block, rate_hz: int, mel: _Mel) -> NDArray[np.float32]:
    """Levels of a block without its margins."""
    hop = round(rate_hz / mel.rate_hz)
    first, frames = part.lead_samples // hop, -(-part.length_samples // hop)
    return _log_mel(part.samples, rate_hz, hop, mel)[:, first : first + frames]


def _joined(blocks: list[NDArray[np.float32]], mel: _Mel) -> NDArray[np.float32]:
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((mel.bands, 0), np.float32)


def _log_mel(x: NDArray[np.float32], rate_hz: int, hop: int, mel: _Mel) -> NDArray[np.float32]:
    """Log-mel levels, frame i centred on sample i * hop: shape (bands, frames)."""
    size = round(rate_hz * mel.window_s)
    high_hz = min(mel.high_hz, rate_hz / 2)
    filters = mel_filters(rate_hz, size, bands=mel.bands, low_hz=mel.low_hz, high_hz=high_hz)
    used = int(np.flatnonzero(filters.any(axis=0)).max()) + 1
    padded = np.pad(x, size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    # At half the rate, half as many samples add up.
    window = (np.hanning(size) * (_MEL_REFERENCE_HZ / rate_hz)).astype(np.float32)
    at_once = max(1, _VALUES_AT_ONCE // size)
    parts = []
    for first in range(0, len(frames), at_once):
        squares = rfft(frames[first : first + at_once] * window, axis=1).view(np.float32)[:, : 2 * used]
        np.square(squares, out=squares)
        parts.append(filters[:, :used] @ (squares[:, ::2] + squares[:, 1::2]).T)
    return np.log(np.concatenate(parts, axis=1) + np.float32(1e-7))


def _against_surroundings(levels: NDArray[np.float32], mel: _Mel, clip: float) -> NDArray[np.float32]:
    """Each band minus its local mean, over its local deviation, minus a share of what all bands have in common.

    The level of a phone's gain control and of steady noise drops out; what changes within the surroundings stays.
    Levels below `mel.floor` deviations are noise for the most part and count as equal.
    """
    if not levels.shape[1]:
        return levels
    frames = round(mel.surroundings_s * mel.rate_hz)
    pattern = np.empty(levels.shape, np.float32)
    for row, band in zip(pattern, levels, strict=True):  # one by one, so that long sound takes little more memory
        v = band - uniform_filter1d(band, frames, mode="nearest")
        v /= np.sqrt(np.maximum(uniform_filter1d(v**2, frames, mode="nearest"), 1e-4))
        np.clip(v, mel.floor, clip, out=v)
        np.subtract(v, uniform_filter1d(v, frames, mode="nearest"), out=row)
    pattern -= np.float32(mel.common_share) * pattern.mean(axis=0)
    return pattern


def _at_lower_rate(part: Block, down: int, settings: SyncSettings) -> tuple[Block, NDArray[np.float32]]:
    """A block at the waveform's rate, and the speech band of it: bins outside are dropped, so that no phase is touched.

    All bands of the patterns lie below half that rate; to look at them costs half as much there.
    """
    x = part.samples
    wanted = -(-len(x) // down)
    n = down * next_fast_len(wanted, real=True)
    n += -n % (2 * down)
    spectrum = rfft(x, n)[: n // down // 2 + 1]
    spectrum /= np.float32(down)
    hz = np.arange(len(spectrum)) * (settings.waveform_rate_hz * down / n)
    rise = np.clip((hz - settings.waveform_low_hz) / _EDGE_HZ + 0.5, 0.0, 1.0)
    fall = np.clip((settings.waveform_high_hz - hz) / _EDGE_HZ + 0.5, 0.0, 1.0)
    gain = (np.sin(0.5 * np.pi * np.minimum(rise, fall)) ** 2).astype(np.float32)
    lower, speech = (np.asarray(irfft(s, n // down)[:wanted], np.float32) for s in (spectrum, spectrum * gain))
    length = -(-part.length_samples // down)
    return Block(lower, part.start_samples // down, part.lead_samples // down, length), speech


def _one_level(y: NDArray[np.float32], settings: SyncSettings) -> NDArray[np.float32]:
    """Divide by the level of the surrounding 0.4 s, so that a bang weighs as much as a word."""
    size = max(1, round(settings.waveform_level_s * settings.waveform_rate_hz))
    block, level = round(_BLOCK_S * settings.waveform_rate_hz), np.empty(len(y), np.float32)
    for first in range(0, len(y), block):  # SciPy's filter would take the whole to double precision
        begin = max(0, first - size)
        power = uniform_filter1d(np.square(y[begin : first + block + size]), size, mode="nearest")
        level[first : first + block] = np.sqrt(np.maximum(power[first - begin :][:block], 1e-12))
    floor = np.percentile(level[:: max(1, size // _LEVELS_SEEN)], 20) if len(level) else 0.0
    np.maximum(level, max(float(floor), 1e-6), out=level)
    return np.divide(y, level, out=level)


def _white(wave: NDArray[np.float32], settings: SyncSettings) -> NDArray[np.float32]:
    """Halve the rate and divide each block's spectrum by a power of its magnitude, bin by bin."""
    block = round(_BLOCK_S * settings.waveform_rate_hz)
    parts = []
    for start in range(0, len(wave), block):
        part = wave[start : start + block]
        n = _WHITE_DOWN * next_fast_len(-(-len(part) // _WHITE_DOWN), real=True)
        n += -n % (2 * _WHITE_DOWN)
        spectrum = whitened(rfft(part, n)[: n // _WHITE_DOWN // 2 + 1], settings.whitening)
        parts.append(irfft(spectrum, n // _WHITE_DOWN)[: -(-len(part) // _WHITE_DOWN)])
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
