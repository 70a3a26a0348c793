"""Named measures of one onset, which a reviewer can check by ear and on a spectrogram.

All are differences of levels or durations inside one recording, so that neither its gain nor its microphone's
sensitivity matters.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.onset_wave import onset_centre_octaves, soon_drop_db, sudden_db
from syncview.detect.series import beat_share, crackles_count, regular_series
from syncview.signal.routines import irfft, rfft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from syncview.detect.novelty import Levels, Trigger

__all__ = [
    "MEASURES",
    "clipped_samples",
    "clipped_seconds",
    "core_seconds",
    "measures_by_samples",
    "onset_measures",
    "pitch_share",
    "tonality_db",
]

_BANDS = ("low", "mid", "high", "top")
MEASURES = (
    *(f"rise_{band}_db" for band in _BANDS),  # loudest 0.1 s over the median of the 2 s before
    *(f"novelty_{band}_db" for band in _BANDS),  # over the loudest 1.5 s before
    *(f"over_peaks_{band}_db" for band in _BANDS),  # over what the loudest quarter of half-seconds of 8 s before reach
    "heard_before_s",  # how much of the 8 s before there is: at a recording's start, rises mean less
    "fresh_db",  # over the last 0.12 s
    *(f"drop_{band}_db" for band in _BANDS),  # from the loudest to 0.10-0.25 s after the onset
    *(f"tail_{band}_db" for band in _BANDS),  # 0.3-0.9 s after the onset, over the 2 s before
    "late_low_db",  # 1-2 s after the onset, over the 2 s before
    "late_mid_db",
    "tail_s",  # of 2.5 s, how long the low bands stay 6 dB above the 2 s before
    "attack_s",  # until the low bands have made 90 % of their rise
    "sudden_db",  # how far the first 2 ms stay below the peak of the first 60 ms
    "soon_drop_db",  # from the first 15 ms to 25-60 ms
    "core_s",  # of the 0.4 s from the onset, until 70 % of the energy has come
    "onset_centre_octaves",  # middle of the spectrum of the first 20 ms, over 100 Hz
    "mid_over_low_db",  # of the loudest 0.1 s
    "high_over_mid_db",
    "top_over_high_db",
    "clipped_s",  # flat-topped within 0.3 s
    "tonality_db",  # strongest lines over the rest of the spectrum, 0.4 s from the onset
    "pitch_share",  # how far the 0.4 s from the onset repeat themselves at 80 to 400 Hz: 0 noise, 1 a steady voice
    "pitch_before_share",  # the same of the 0.8 s before, of its most pitched fifth
    "swing_before_db",  # 120-2000 Hz, 4 s before: from the quietest to the loudest tenth; voices swing by 20 dB
    "whistle_before_db",  # the same of 1.2-6 kHz in the 0.8 s before
    "gain_drop_db",  # how far the background sinks in the second after
    "muffled_db",  # how much farther it sinks above 2 kHz than below 500 Hz
    "burst_count",  # bangs at a steady rate of 5 to 22 a second that this is one of; 1 when alone
    "crackles_count",  # sharp rises above 500 Hz within 2.5 s after
    "beat_share",  # how regular the rises below 500 Hz are, at 60 to 200 a minute
    "repeats_count",  # other onsets within 2.5 s that are no more than 8 dB weaker
)
_TAIL_OVER_DB = 6.0
_FULL_SCALE = 0.985  # codecs round the flat tops
_FLAT_SHARE = (
    0.0003  # of full scale: neighbours nearer than this at the very top are a plateau, not the crest of a rumble
)
_TONE_BAND_HZ = (150.0, 4000.0)
_CORE_SHARE = 0.7
_PITCH_HZ = (80.0, 400.0)
_PITCH_FRAME_S = 0.06
_PEAKS_S, _PART_S, _LEAST_PARTS = 8.0, 0.5, 2
_PITCHED_SHARE = 0.8
_WHISTLE_HZ = (1200.0, 6000.0)  # of rockets


def onset_measures(
    levels: Levels,
    trigger: Trigger,
    *,
    onset_frame: int,
    other_frames: NDArray[np.intp],
    by_samples: Mapping[str, float | None],
) -> dict[str, float]:
    """Measure one onset; what the recording is too short to show is left out.

    Parameters
    ----------
    levels : Levels
        Band levels of the recording.
    trigger : Trigger
        The rise.
    onset_frame : int
        Frame of the picked onset.
    other_frames : ndarray of int
        Frames of the other triggers of this recording.
    by_samples : mapping of str to float or None
        From `measures_by_samples`.

    Returns
    -------
    dict of str to float
        Some or all of `MEASURES`, in their order.
    """
    before = _stretch(levels, onset_frame, -2.0, -0.03)
    loud = _stretch(levels, onset_frame, 0.0, 0.1)
    found: dict[str, float] = {}
    if len(loud) == 0 or len(before) == 0:
        return found
    peak = loud.max(axis=0)
    quiet = np.median(before, axis=0)
    _by_band(found, "rise", peak - quiet)
    _by_band(found, "novelty", np.asarray(trigger.novelty_db))
    found["fresh_db"] = trigger.fresh_db
    found |= {f"{b}_over_{a}_db": float(peak[k + 1] - peak[k]) for k, (a, b) in enumerate(pairwise(_BANDS))}
    found |= {name: value for name, value in by_samples.items() if value is not None}
    _measure_course(found, levels, onset_frame, peak, quiet)
    _measure_background(found, levels, onset_frame, before)
    _measure_time_before(found, levels, onset_frame, peak)
    _measure_series(found, levels, onset_frame)
    found["repeats_count"] = float(_repeats(levels, onset_frame, other_frames))
    return {name: found[name] for name in MEASURES if name in found}


def _measure_course(
    found: dict[str, float],
    levels: Levels,
    onset_frame: int,
    peak: NDArray[np.float32],
    quiet: NDArray[np.float32],
) -> None:
    """How the sound goes on."""
    hop_s = levels.hop_s
    soon = _stretch(levels, onset_frame, 0.1, 0.25)
    if len(soon) * hop_s > 0.05:
        _by_band(found, "drop", peak - soon.mean(axis=0))
    late = _stretch(levels, onset_frame, 0.3, 0.9)
    if len(late) * hop_s > 0.2:
        _by_band(found, "tail", late.mean(axis=0) - quiet)
    later = _stretch(levels, onset_frame, 1.0, 2.0)
    if len(later) * hop_s > 0.3:  # the middle, since something else may happen in it
        over = np.median(later, axis=0) - quiet
        found["late_low_db"], found["late_mid_db"] = float(over[0]), float(over[1])
    after = _stretch(levels, onset_frame, 0.0, 2.5)
    found["tail_s"] = float(((after[:, :2] - quiet[:2]).max(axis=1) > _TAIL_OVER_DB).sum()) * hop_s
    found["attack_s"] = _attack_frames(_stretch(levels, onset_frame, 0.0, 1.0)[:, :2]) * hop_s


def _measure_background(found: dict[str, float], levels: Levels, onset_frame: int, before: NDArray[np.float32]) -> None:
    """What becomes of the background: the gain falls, or the phone lies on its face."""
    second = _stretch(levels, onset_frame, 0.5, 1.5)
    if len(second) * levels.hop_s > 0.3:
        sunk = np.quantile(before, 0.2, axis=0) - np.quantile(second, 0.2, axis=0)
        found["gain_drop_db"] = float(sunk[1:].max())
        found["muffled_db"] = float(sunk[3] - sunk[1])


def _measure_time_before(found: dict[str, float], levels: Levels, onset_frame: int, peak: NDArray[np.float32]) -> None:
    """How the sound stands out from the last seconds, in which words, blows or steps may have been as loud.

    A quarter of the half-seconds may hold strikes of the same salvo: they do not count.
    """
    step = round(_PART_S / levels.hop_s)
    long = _stretch(levels, onset_frame, -_PEAKS_S, -0.03)
    found["heard_before_s"] = len(long) * levels.hop_s
    parts = len(long) // step
    if parts >= _LEAST_PARTS:
        peaks = long[len(long) - parts * step :].reshape(parts, step, -1).max(axis=1)
        _by_band(found, "over_peaks", peak - np.quantile(peaks, 0.75, axis=0))
    near = _stretch(levels, onset_frame, -4.0, -0.03)[:, 1:3]
    if len(near) * levels.hop_s > 0.5:
        found["swing_before_db"] = float(np.mean(np.quantile(near, 0.9, axis=0) - np.quantile(near, 0.1, axis=0)))


def _measure_series(found: dict[str, float], levels: Levels, onset_frame: int) -> None:
    series = regular_series(levels, onset_frame)
    found["burst_count"] = 1.0 if series is None else float(series.bangs)
    found["crackles_count"] = float(crackles_count(levels, onset_frame))
    if (beat := beat_share(levels, onset_frame)) is not None:
        found["beat_share"] = beat


def core_seconds(samples: NDArray[np.float64], rate_hz: int) -> float | None:
    """Time from the start until 70 % of the energy has come; None for silence.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        0.4 s from the onset.
    rate_hz : int
        Sampling rate.

    Returns
    -------
    float or None
    """
    energy = np.cumsum(np.square(samples - samples.mean())) if len(samples) else np.zeros(1)
    if energy[-1] <= 0.0:
        return None
    return float(np.searchsorted(energy, _CORE_SHARE * energy[-1])) / rate_hz


def measures_by_samples(samples: NDArray[np.float32], rate_hz: int, onset: int) -> dict[str, float | None]:
    """Measure one onset where band levels do not suffice.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        Mono sound of the recording, possibly memory-mapped.
    rate_hz : int
        Sampling rate.
    onset : int
        The sample of the onset.

    Returns
    -------
    dict of str to float or None
        Those of `MEASURES` that `onset_measures` takes as they are; None where the recording is too short.
    """
    after = np.asarray(samples[onset : onset + round(0.4 * rate_hz)], np.float64)
    before = np.asarray(samples[max(0, onset - round(0.8 * rate_hz)) : onset], np.float64)
    return {
        "clipped_s": clipped_seconds(after[: round(0.3 * rate_hz)], rate_hz),
        "core_s": core_seconds(after, rate_hz),
        "tonality_db": tonality_db(after, rate_hz),
        "sudden_db": sudden_db(after, before, rate_hz),
        "soon_drop_db": soon_drop_db(after, rate_hz),
        "onset_centre_octaves": onset_centre_octaves(after, before, rate_hz),
        "pitch_share": pitch_share(after, rate_hz),
        "pitch_before_share": pitch_share(before, rate_hz, quantile=_PITCHED_SHARE),
        "whistle_before_db": tonality_db(before, rate_hz, band_hz=_WHISTLE_HZ),
    }


def clipped_seconds(samples: NDArray[np.float64], rate_hz: int) -> float:
    """Seconds of sound that ran into its limits.

    Counted are samples at full scale, and runs of four neighbours that lie within 2 % of the stretch's largest value
    and do not move: a limiter below full scale, or a copy made quieter after it clipped.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        The stretch.
    rate_hz : int
        Sampling rate.

    Returns
    -------
    float
    """
    return float(clipped_samples(samples).sum()) / rate_hz


def clipped_samples(samples: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which samples ran into the limits, shape (n,); see `clipped_seconds`."""
    size = np.abs(samples)
    full = size >= _FULL_SCALE
    if len(samples) < 4:
        return full
    top = float(size.max())
    still = (np.abs(np.diff(samples)) < _FLAT_SHARE * top) & (size[1:] > 0.98 * top) & (top > 0.05)
    run = still[:-2] & still[1:-1] & still[2:]
    flat = np.zeros(len(samples), bool)
    for shift in range(4):
        flat[shift : shift + len(run)] |= run
    return full | flat


def tonality_db(
    samples: NDArray[np.float64], rate_hz: int, *, band_hz: tuple[float, float] = _TONE_BAND_HZ
) -> float | None:
    """Level of the strongest lines of the spectrum over their surroundings; None when too short.

    Noise gives about 4 dB with these windows, a single tone 20 dB and more.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        0.4 s from the onset.
    rate_hz : int
        Sampling rate.
    band_hz : tuple of float
        Where lines are looked for.

    Returns
    -------
    float or None
    """
    size = 1 << round(np.log2(0.06 * rate_hz))
    if len(samples) < 2 * size:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    power = _power(rfft(frames * np.hanning(size), axis=1)).mean(axis=0)
    hz = np.fft.rfftfreq(size, 1.0 / rate_hz)
    inside = power[(hz >= band_hz[0]) & (hz <= min(band_hz[1], 0.45 * rate_hz))]
    # Against a spectrum smoothed over an octave-like stretch, so that colour is no tone.
    level = 10.0 * np.log10(inside + 1e-20)
    smooth = np.convolve(np.pad(level, 12, mode="edge"), np.ones(25) / 25.0, mode="valid")
    return float(np.quantile(level - smooth, 0.99))


def pitch_share(samples: NDArray[np.float64], rate_hz: int, *, quantile: float = 0.5) -> float | None:
    """How far sound repeats itself at the pitch of a voice; None when too short or silent.

    Of frames of 60 ms the largest autocorrelation beyond its first zero, in the frame at the quantile of all.
    Differences of neighbouring samples are taken first, since a rumble resembles itself for longer than a voice does.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        0.4 s from the onset.
    rate_hz : int
        Sampling rate.
    quantile : float
        0.5 for the middle frame; 0.8 asks for the most pitched fifth, since voices pause.

    Returns
    -------
    float or None
    """
    size = round(_PITCH_FRAME_S * rate_hz)
    steps = np.diff(samples)
    if len(steps) < 3 * size:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(steps, size)[:: size // 2]
    alike = irfft(_power(rfft(frames, 2 * size, axis=1)), axis=1)[:, :size]
    alike /= (alike[:, :1] + 1e-20) * (1.0 - np.arange(size) / size)
    low, high = (round(rate_hz / hz) for hz in reversed(_PITCH_HZ))
    zero = np.argmax(alike < 0.0, axis=1)
    lags = np.arange(low, high)
    beyond = np.where(lags > zero[:, None], alike[:, low:high], 0.0)
    return float(np.quantile(beyond.max(axis=1), quantile))


def _power(spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
    power: NDArray[np.float64] = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


def _stretch(levels: Levels, frame: int, from_s: float, to_s: float) -> NDArray[np.float32]:
    """Return the heard levels of a stretch around a frame, as far as the recording reaches."""
    begin = max(0, frame + round(from_s / levels.hop_s))
    end = max(begin, frame + round(to_s / levels.hop_s))
    return levels.db[begin:end][levels.heard[begin:end]]


def _by_band(found: dict[str, float], name: str, values: NDArray[np.floating]) -> None:
    for band, value in zip(_BANDS, values, strict=True):
        if value > -90.0:
            found[f"{name}_{band}_db"] = float(value)


def _attack_frames(low_db: NDArray[np.float32]) -> int:
    level = low_db.max(axis=1)
    start = float(level[0])
    return int(np.argmax(level >= start + 0.9 * (float(level.max()) - start)))


def _repeats(levels: Levels, frame: int, others: NDArray[np.intp]) -> int:
    near = others[np.abs(others - frame) * levels.hop_s < 2.5]
    own = float(_stretch(levels, frame, 0.0, 0.1)[:, :2].max())
    return sum(1 for other in near if levels.db[other : other + 20, :2].max() > own - 8.0)
