"""The comb that a sound and its reflection from the ground draw in the spectrum, and how it moves.

Beside the sound of a source in the air its reflection arrives some milliseconds late: twice the microphone's height
over the ground times the sine of the source's elevation, up to 10 ms for a telephone in the hand. The two make dips at
equal distances over the spectrum (Lloyd's mirror; for aircraft Lo, Perry and Ferguson, doi:10.1109/ISSPA.1999.815720;
measured by the cepstrum as Xie, Guan, Bao and Li do, doi:10.1121/1.4708964). As the source passes, the delay rises and
falls again within tens of seconds. Walls and the telephone itself draw combs that stay, and voices and engines draw
combs that jump or stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import rfft, uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["COMB_HZ", "comb_path", "spectrum_combs"]

COMB_HZ = (200.0, 3000.0)  # what telephones keep of a distant sound
_DELAYS_S = (0.0008, 0.0105)
_FADE_IN_HZ = 200.0
_AROUND_HZ = 500.0  # two dips of the shortest delay that is told from the spectrum's own shape
_CLIP_DB = 10.0  # lines and the holes of codecs beyond count as this
_STAYS_STEPS = 121  # a comb that stays for two minutes is the place's or the telephone's
_SMOOTH_STEPS = 3
_STRIDE = 4  # delays that a path may cross in a second: 1.2 ms, a helicopter 100 m above
_TURN_DB = 0.6  # cost of each


def spectrum_combs(level_db: NDArray[np.float32], bin_hz: float) -> NDArray[np.complex64]:
    """Strength and phase of the ripple of spectra, by its delay.

    Parameters
    ----------
    level_db : ndarray of float32, shape (n, bins)
        Spectra within `COMB_HZ`.
    bin_hz : float
        Width of a bin.

    Returns
    -------
    ndarray of complex64, shape (n, delays)
        From 0.8 to 10.5 ms in steps of about a quarter of a millisecond.

    Examples
    --------
    >>> hz = np.arange(200, 3000, dtype=np.float32)[None]
    >>> combs = spectrum_combs(3 * np.cos(2 * np.pi * hz * 0.005), 1.0)
    >>> round((3 + int(np.abs(combs[0]).argmax())) / 4.096, 1)  # in ms
    4.9
    """
    ripple = level_db - uniform_filter1d(level_db, round(_AROUND_HZ / bin_hz), axis=1, mode="nearest")
    np.clip(ripple, -_CLIP_DB, _CLIP_DB, out=ripple)
    ripple *= _taper(ripple.shape[1], bin_hz)
    first, last = _delay_range(ripple.shape[1], bin_hz)
    length = _length(ripple.shape[1])
    return np.asarray(rfft(ripple, n=length, axis=1)[:, first:last], np.complex64)


def comb_path(
    combs: NDArray[np.complex64], bins: int, bin_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Follow the strongest comb that does not stay.

    Parameters
    ----------
    combs : ndarray of complex64, shape (steps, delays)
        From `spectrum_combs`, one per second.
    bins : int
        Of the spectra.
    bin_hz : float
        Width of a bin.

    Returns
    -------
    strength_db : ndarray of float64, shape (steps,)
        Over the typical strength of all delays at that time.
    delay_ms : ndarray of float64, shape (steps,)
        Delay of the reflection.
    """
    if not len(combs):
        return np.zeros(0), np.zeros(0)
    stays = uniform_filter1d(combs.real, _STAYS_STEPS, axis=0, mode="nearest") + 1j * uniform_filter1d(
        combs.imag, _STAYS_STEPS, axis=0, mode="nearest"
    )
    power = np.square(np.abs(combs - stays)).astype(np.float64)
    power = uniform_filter1d(power, _SMOOTH_STEPS, axis=0, mode="nearest")
    over_db = 10 * np.log10((power + 1e-9) / (np.median(power, axis=1, keepdims=True) + 1e-9))
    path = _best_path(np.clip(over_db, -3.0, 20.0))
    first, _ = _delay_range(bins, bin_hz)
    strength_db = np.asarray(over_db[np.arange(len(path)), path], np.float64)
    return strength_db, np.asarray(1000.0 * (first + path) / (_length(bins) * bin_hz), np.float64)


def _taper(bins: int, bin_hz: float) -> NDArray[np.float32]:
    """Weights that fall with frequency, since rough ground gives back the deep tones best."""
    share = np.arange(bins) / bins
    return np.asarray(np.clip(share * bins * bin_hz / _FADE_IN_HZ, 0.0, 1.0) * (1.0 - share), np.float32)


def _length(bins: int) -> int:
    return int(2 ** np.ceil(np.log2(bins)))


def _delay_range(bins: int, bin_hz: float) -> tuple[int, int]:
    first, last = (round(delay_s * _length(bins) * bin_hz) for delay_s in _DELAYS_S)
    return first, last


def _best_path(gain_db: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index of each row along the path of the greatest sum (Viterbi) whose steps are short and cost a little."""
    steps, places = gain_db.shape
    moves = np.arange(-_STRIDE, _STRIDE + 1)
    cost = _TURN_DB * np.abs(moves)[:, None]
    total = gain_db[0].copy()
    came = np.zeros((steps, places), np.intp)
    for step in range(1, steps):
        padded = np.pad(total, _STRIDE, constant_values=-np.inf)
        reached = np.lib.stride_tricks.sliding_window_view(padded, places) - cost
        best = reached.argmax(axis=0)
        came[step] = np.arange(places) + moves[best]
        total = reached[best, np.arange(places)] + gain_db[step]
    path = np.zeros(steps, np.intp)
    path[-1] = int(total.argmax())
    for step in range(steps - 1, 0, -1):
        path[step - 1] = came[step, path[step]]
    return path
