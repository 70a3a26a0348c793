"""Where two sounds agree at one lag: coherence in cells of time and frequency, beside the level of each.

Two microphones agree where a common sound drowns each one's own noise; a copy agrees in the noise as well. Which of the
two it is shows in the quiet cells, so coherence alone is not enough: each cell carries its levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import irfft, next_fast_len, rfft
from syncview.signal.whitening import whitened
from syncview.sync.mel import band_edges_hz

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["Cells", "Overlap", "agreement_cells", "block_lags", "overlap"]

_FRAME = 256  # samples of a spectrum: 32 ms at 8 kHz, shorter than most gaps between words
_HOP = _FRAME // 2
_BANDS_PER_CELL = 2
_VALUES_AT_ONCE = 200_000  # of an overlap: what fits into the cache of a core, however long it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """The common stretch of two waveforms at a lag: samples of each, aligned to within half a sample.

    `start_s` is recording time of a; `lag_s` is a whole number of samples, so the lag asked for differs by up to half.
    """

    a: NDArray[np.float32]
    b: NDArray[np.float32]
    start_s: float
    lag_s: float
    rate_hz: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Agreement and levels of two sounds at one lag, shape (bands, blocks) each.

    `agreement` is the real part of the coherence, 1 where one sound is a filtered copy of the other. `level_a_db` and
    `level_b_db` are levels over full scale. `phase_rad`, shape (bands,), is what is left of phase in each band on the
    average: 0 for a copy, and what the two microphones do differently for others. `coherence` is the same as
    `agreement` whatever the phase. Block k covers recording time of a from ``start_s + k * block_s``.
    """

    agreement: NDArray[np.float32]
    coherence: NDArray[np.float32]
    phase_rad: NDArray[np.float64]
    centre_hz: NDArray[np.float64]
    level_a_db: NDArray[np.float32]
    level_b_db: NDArray[np.float32]
    start_s: float
    block_s: float


def overlap(a: SoundFeatures, b: SoundFeatures, lag_s: float) -> Overlap | None:
    """Cut out what both recordings hold when `b` is moved by `lag_s`.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings with waveforms of one rate.
    lag_s : float
        ``r_a - r_b`` in seconds.

    Returns
    -------
    Overlap or None
        None when next to nothing is common. The lag of the result is the nearest whole number of samples.
    """
    rate = a.waveform_rate_hz
    steps = round((lag_s + b.start_s - a.start_s) * rate)  # sample k of b lies at sample k + steps of a
    first, last = max(0, steps), min(len(a.waveform), len(b.waveform) + steps)
    if last - first < _FRAME:
        return None
    return Overlap(
        a=a.waveform[first:last],
        b=b.waveform[first - steps : last - steps],
        start_s=a.start_s + first / rate,
        lag_s=steps / rate + a.start_s - b.start_s,
        rate_hz=rate,
    )


def agreement_cells(
    a: SoundFeatures, b: SoundFeatures, lag_s: float, *, settings: SyncSettings, frames_per_block: int = 10
) -> Cells | None:
    """Measure in which cells of time and frequency two sounds agree at a lag.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    lag_s : float
        ``r_a - r_b`` in seconds, right to a fraction of a sample.
    settings : SyncSettings
        The bands of the features.
    frames_per_block : int
        Length of a block in steps of 16 ms: 10 (a cell has some 50 independent values, so that noise agrees to 0.14 by
        chance) or 20.

    Returns
    -------
    Cells or None
        None when less than one block is common.

    Notes
    -----
    Magnitude-squared coherence over short blocks (Carter, Knapp and Nuttall 1973); here the signed real part, after
    the phase that a band has on the average, so that a lag which wanders by half a period counts as disagreement.
    """
    common = overlap(a, b, lag_s)
    blocks = 0 if common is None else (len(common.a) - _HOP) // (_HOP * frames_per_block)
    if common is None or blocks < 1:
        return None
    cross, power_a, power_b = _spectra(common, lag_s - common.lag_s, blocks, frames_per_block)
    all_hz = band_edges_hz(settings)
    edges_hz = 0.5 * (all_hz[::_BANDS_PER_CELL] + all_hz[1::_BANDS_PER_CELL])
    bins = np.searchsorted(np.fft.rfftfreq(_FRAME, 1 / common.rate_hz), edges_hz)
    sums = [np.add.reduceat(part, bins, axis=1)[:, :-1].T for part in (cross, power_a, power_b)]
    coherence = sums[0] / np.sqrt(np.maximum(sums[1] * sums[2], 1e-20))
    phase_rad = np.angle(coherence.sum(axis=1))
    block_s = _HOP * frames_per_block / common.rate_hz
    middles_s = common.start_s + (np.arange(coherence.shape[1]) + 0.5) * block_s
    return Cells(
        agreement=np.asarray((coherence * np.exp(-1j * phase_rad)[:, None]).real, np.float32),
        coherence=np.abs(coherence).astype(np.float32),
        phase_rad=np.asarray(phase_rad, np.float64),
        centre_hz=0.5 * (edges_hz[1:] + edges_hz[:-1]),
        level_a_db=_levels(a, middles_s, block_s),
        level_b_db=_levels(b, middles_s - lag_s, block_s),
        start_s=common.start_s,
        block_s=block_s,
    )


def _spectra(
    common: Overlap, rest_s: float, blocks: int, frames_per_block: int
) -> tuple[NDArray[np.complex64], NDArray[np.float32], NDArray[np.float32]]:
    """Cross-spectrum and both power spectra per block and bin, the rest of the lag taken out."""
    window = np.hanning(_FRAME).astype(np.float32)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(_FRAME, 1 / common.rate_hz) * rest_s).astype(np.complex64)
    view = np.lib.stride_tricks.sliding_window_view
    bins, at_once = _FRAME // 2 + 1, max(1, _VALUES_AT_ONCE // (_FRAME * frames_per_block))
    cross = np.empty((blocks, bins), np.complex64)
    power_a, power_b = np.empty((blocks, bins), np.float32), np.empty((blocks, bins), np.float32)
    for first in range(0, blocks, at_once):
        last = min(blocks, first + at_once)
        inside = slice(first * frames_per_block * _HOP, last * frames_per_block * _HOP + _HOP)
        x = rfft(view(common.a[inside], _FRAME)[::_HOP] * window, axis=1)
        y = rfft(view(common.b[inside], _FRAME)[::_HOP] * window, axis=1)
        shape = (last - first, frames_per_block, -1)
        cross[first:last] = (x * np.conj(y * turn)).reshape(shape).sum(axis=1)
        power_a[first:last] = (x.real**2 + x.imag**2).reshape(shape).sum(axis=1)
        power_b[first:last] = (y.real**2 + y.imag**2).reshape(shape).sum(axis=1)
    return cross, power_a, power_b


def _levels(features: SoundFeatures, middles_s: NDArray[np.float64], block_s: float) -> NDArray[np.float32]:
    """Mean level of each pair of bands in each block, in dB: shape (bands / 2, blocks)."""
    levels, rate = features.levels_db, features.levels_rate_hz
    bands = levels.shape[0] // _BANDS_PER_CELL
    if levels.shape[1] == 0:
        return np.full((bands, len(middles_s)), -100.0, np.float32)
    first = np.round((middles_s - block_s / 2 - features.start_s) * rate).astype(np.int64)
    at = np.clip(first[:, None] + np.arange(max(1, round(block_s * rate))), 0, levels.shape[1] - 1)
    picked = 10.0 * np.log10((10.0 ** (levels / 10.0))[:, at].mean(axis=2))
    return np.asarray(picked.reshape(bands, _BANDS_PER_CELL, -1).mean(axis=1), np.float32)


def block_lags(
    common: Overlap, *, block_s: float, reach_s: float, exponent: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Lag of each block of an overlap, by partly whitened cross-correlation.

    Parameters
    ----------
    common : Overlap
        The aligned waveforms.
    block_s : float
        Length of the blocks, in seconds; each is compared with the same stretch of the other and `reach_s` around.
    reach_s : float
        Largest departure from the overlap's lag.
    exponent : float
        Whitening: 0 plain correlation, 1 phase only.

    Returns
    -------
    middle_s, departure_s, z : ndarray of float64, shape (n,)
        Recording time of a, lag less the overlap's, and height in robust sigmas.
    """
    rate = common.rate_hz
    size, reach = round(block_s * rate), round(reach_s * rate)
    size = min(size, len(common.a))
    count = len(common.a) // size
    n = next_fast_len(size + 2 * reach, real=True)
    taper = np.hanning(size).astype(np.float32)
    at_once = max(1, _VALUES_AT_ONCE // n)
    found = [np.zeros((3, 0))]
    for first in range(0, count, at_once):
        last = min(count, first + at_once)
        x = whitened(rfft(common.a[first * size : last * size].reshape(-1, size) * taper, n), exponent)
        y = whitened(rfft(_around(common.b, size, reach, first, last), n), exponent)
        found.append(_tops(irfft(y * np.conj(x), n, axis=1)[:, : 2 * reach + 1]))
    top, part, z = np.concatenate(found, axis=1)
    # b's stretch lies `top - reach` samples later than a's: the lag is smaller by that.
    departure_s = -(top - reach + np.clip(part, -0.5, 0.5)) / rate
    middle_s = common.start_s + (np.arange(count) + 0.5) * size / rate
    return middle_s, np.asarray(departure_s, np.float64), np.asarray(z, np.float64)


def _around(wave: NDArray[np.float32], size: int, reach: int, first: int, last: int) -> NDArray[np.float32]:
    """Blocks of a waveform with their surroundings, zeros beyond its ends: shape (blocks, size + 2 * reach)."""
    begin, end = first * size - reach, last * size + reach
    part = np.pad(wave[max(0, begin) : end], (max(0, -begin), max(0, end - len(wave))))
    return np.lib.stride_tricks.sliding_window_view(part, size + 2 * reach)[::size]


def _tops(r: NDArray[np.float32]) -> NDArray[np.float64]:
    """Highest place of each row, by how much the top lies beside it, and its height in sigmas: shape (3, rows)."""
    size = np.abs(r)
    sigma = 1.2533 * np.maximum(size.mean(axis=1), 1e-12)
    top, rows = np.argmax(size, axis=1), np.arange(len(r))
    lo, mid, hi = (size[rows, np.clip(top + d, 0, r.shape[1] - 1)].astype(float) for d in (-1, 0, 1))
    bend = lo - 2 * mid + hi
    part = np.where(bend < 0, 0.5 * (lo - hi) / np.where(bend < 0, bend, 1.0), 0.0)
    return np.stack([top.astype(float), part, mid / sigma])
