"""Measures of the first hundredths of a second of an onset, read from its samples.

Frames of 5 ms and bands of two octaves cannot tell a pulse of 1 ms from one of 10 ms; these can. A shot's wave lasts
1 to 5 ms and begins with its peak, an explosion's lasts several times as long, a voice or a gust takes many periods to
swell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["onset_centre_octaves", "soon_drop_db", "sudden_db"]

_FIRST_S = 0.02
_LOWEST_HZ, _HIGHEST_HZ, _OCTAVES_OVER_HZ = 30.0, 7000.0, 100.0
_SUDDEN_S, _SWELL_S = 0.002, 0.06
_AHEAD_S = 0.001  # codecs smear that much ahead of what a pick takes for the onset
_CORE_S, _SOON_S = 0.015, (0.025, 0.06)
_LEAST_LEVEL = 1e-5  # of full scale, below the rounding of 16 bits


def onset_centre_octaves(samples: NDArray[np.float64], before: NDArray[np.float64], rate_hz: int) -> float | None:
    """Middle of the spectrum of the first 20 ms, in octaves over 100 Hz.

    The power of the background, as it is in the tenth of a second before, is taken off first.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Sound from the onset on.
    before : ndarray of float64, shape (m,)
        Sound up to the onset.
    rate_hz : int
        Sampling rate.

    Returns
    -------
    float or None
        None when there are less than 20 ms, or nothing rises above the background.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 800.0 * np.arange(1600) / 16_000)
    >>> round(onset_centre_octaves(tone, np.zeros(0), 16_000))
    3
    """
    size = round(_FIRST_S * rate_hz)
    if len(samples) < size:
        return None
    hz = np.fft.rfftfreq(4 * size, 1.0 / rate_hz)
    inside = (hz >= _LOWEST_HZ) & (hz <= min(_HIGHEST_HZ, 0.45 * rate_hz))
    window = np.cos(np.pi / 2 * np.arange(size) / size)  # whole at the onset, where a short pulse is all there is
    power = _power(samples[:size], window)[inside]
    parts = [before[end - size : end] for end in range(len(before), max(size - 1, len(before) - 5 * size), -size)]
    if parts:
        power = np.maximum(power - np.mean([_power(part, window)[inside] for part in parts], axis=0), 0.0)
    # Power per octave: lines of a Fourier transform lie closer together the higher they are.
    weight = power / hz[inside]
    total = float(weight.sum())
    if total <= 0.0:
        return None
    return float((weight * np.log2(hz[inside] / _OCTAVES_OVER_HZ)).sum()) / total


def _power(part: NDArray[np.float64], window: NDArray[np.float64]) -> NDArray[np.float64]:
    spectrum = rfft(part * window, 4 * len(part))
    power: NDArray[np.float64] = np.square(np.abs(spectrum))
    return power


def sudden_db(samples: NDArray[np.float64], before: NDArray[np.float64], rate_hz: int) -> float | None:
    """How far the largest value of the first 2 ms lies below that of the first 60 ms: 0 when the peak comes at once.

    Parameters
    ----------
    samples, before : ndarray of float64
        Sound from the onset on, and up to it.
    rate_hz : int
        Sampling rate.

    Returns
    -------
    float or None
        At most 0; None when there are less than 60 ms, or silence.
    """
    swell = round(_SWELL_S * rate_hz)
    if len(samples) < swell:
        return None
    ahead = before[len(before) - min(len(before), round(_AHEAD_S * rate_hz)) :]
    size = np.abs(np.concatenate([ahead, samples[:swell]]))
    top = float(size.max())
    if top < _LEAST_LEVEL:
        return None
    first = float(size[: len(ahead) + round(_SUDDEN_S * rate_hz)].max())
    return 20.0 * float(np.log10(max(first, _LEAST_LEVEL) / top))


def soon_drop_db(samples: NDArray[np.float64], rate_hz: int) -> float | None:
    """How far the level falls from the first 15 ms to 25-60 ms after the onset, over all frequencies.

    Parameters
    ----------
    samples : ndarray of float64
        Sound from the onset on.
    rate_hz : int
        Sampling rate.

    Returns
    -------
    float or None
        None when there are less than 60 ms.
    """
    begin, end = (round(x * rate_hz) for x in _SOON_S)
    if len(samples) < end:
        return None
    first, soon = samples[: round(_CORE_S * rate_hz)], samples[begin:end]
    levels = [max(float(np.sqrt(np.mean(np.square(part)))), _LEAST_LEVEL) for part in (first, soon)]
    return 20.0 * float(np.log10(levels[0] / levels[1]))
