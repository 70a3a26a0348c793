"""Energies of frequency bands in short frames, taken block by block so that memory does not grow with the sound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError
from syncview.signal.routines import irfft, next_fast_len, rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BandFrames", "band_frames", "bandpass_response"]

_BLOCK_S = 20.0  # long enough that the transforms' overhead vanishes, small enough to stay in the processor's cache
_BANDS_AT_ONCE = 4  # the transform takes as many lines side by side in the time of two
_BINS_AT_ONCE = 8192  # in double precision: what stays in the cache of a core
_LEAD_S = 1.0  # the lowest band has forgotten by then what was before
_TOP_OF_BAND = 0.45  # of the rate: above it a resampler's own slope begins


@dataclass(frozen=True, slots=True, kw_only=True)
class BandFrames:
    """Short-time energies of one sound.

    `energy` is the mean square per frame and band, shape (frames, bands), float32; `peak` the largest ``|x|`` per
    frame, shape (frames,). Frame i covers samples ``i * hop_samples`` to ``(i + 1) * hop_samples``.
    """

    energy: NDArray[np.float32]
    peak: NDArray[np.float32]
    hop_samples: int
    rate_hz: int

    @property
    def hop_s(self) -> float:
        """Length of one frame in seconds."""
        return self.hop_samples / self.rate_hz


def bandpass_response(
    hz: NDArray[np.float64], *, low_hz: float, high_hz: float, rate_hz: int, order: int = 3
) -> NDArray[np.complex128]:
    """Frequency response of a digital Butterworth band-pass; the upper edge is kept below the end of the spectrum.

    Parameters
    ----------
    hz : ndarray of float64, shape (n,)
        Frequencies from 0 up to half the rate.
    low_hz, high_hz : float
        Edges of the band.
    rate_hz : int
        Sampling rate.
    order : int
        Order of each slope.

    Returns
    -------
    ndarray of complex128, shape (n,)
        Gain and phase. Multiplied with a spectrum it acts as the causal recursive filter does.

    Raises
    ------
    InputError
        When the rate is too low to hold any of the band.

    Notes
    -----
    Analogue prototype and bilinear transform (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.1). The same
    as ``scipy.signal.butter`` with ``sosfilt``, which the tests compare it with; importing those costs a run more than
    listening to a clip.
    """
    top_hz = min(high_hz, _TOP_OF_BAND * rate_hz)
    if top_hz <= low_hz:
        message = f"a rate of {rate_hz} Hz holds nothing of the band {low_hz:g} to {high_hz:g} Hz"
        raise InputError(message)
    low, top = np.tan(np.pi * low_hz / rate_hz), np.tan(np.pi * top_hz / rate_hz)
    warped = np.tan(np.pi * np.asarray(hz, np.float64) / rate_hz)
    width = (top - low) * warped
    poles = np.exp(1j * np.pi * (2 * np.arange(order) + order + 1) / (2 * order))
    response = np.ones(len(warped), np.complex128)
    for pole in poles:
        response *= width / (1j * (warped**2 - low * top) - pole * width)
    return response


def band_frames(
    samples: NDArray[np.float32], rate_hz: int, *, bands_hz: tuple[tuple[float, float], ...], frame_s: float
) -> BandFrames:
    """Energy per frame and band, by causal Butterworth filters.

    Causal, so that nothing of an onset leaks to before it. The last frame that is not full is left out.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        Mono sound, full scale +-1; may be memory-mapped, it is read once, in blocks.
    rate_hz : int
        Sampling rate.
    bands_hz : tuple of (float, float)
        Lower and upper edge of each band.
    frame_s : float
        Wished length of a frame in seconds; rounded to whole samples.

    Returns
    -------
    BandFrames

    Raises
    ------
    InputError
        When the samples are not one-dimensional or not finite, or a band lies above the spectrum.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 100 * np.arange(16000) / 16000).astype(np.float32)
    >>> frames = band_frames(tone, 16000, bands_hz=((50, 200), (500, 2000)), frame_s=0.005)
    >>> frames.energy.shape, [round(float(e), 2) for e in frames.energy[100:].mean(axis=0)]
    ((200, 2), [0.5, 0.0])
    """
    if samples.ndim != 1:
        message = f"mono sound of shape (n,) expected, got shape {samples.shape}"
        raise InputError(message)
    hop = max(1, round(frame_s * rate_hz))
    frames = len(samples) // hop
    energy = np.empty((frames, len(bands_hz)), np.float32)
    peak = np.empty(frames, np.float32)
    # A constant offset of the microphone must not look like an onset at the first sample.
    first = np.float32(samples[0]) if len(samples) else np.float32(0.0)
    step = max(1, round(_BLOCK_S * rate_hz / hop))
    lead, settle = max(1, round(_LEAD_S * rate_hz / hop)) * hop, round(_LEAD_S * rate_hz)
    # One length for all blocks, so that the filters are made once for all sounds of a rate.
    n = next_fast_len(step * hop + lead + settle, real=True)
    filters = _filters(n, rate_hz, bands_hz)
    for begin in range(0, frames, step):
        end = min(begin + step, frames)
        start = max(0, begin * hop - lead)
        stretch = np.asarray(samples[start : end * hop], np.float32)
        block = stretch[begin * hop - start :]
        if not np.isfinite(block).all():
            message = f"the sound holds values that are no numbers, near sample {begin * hop}"
            raise InputError(message)
        peak[begin:end] = np.abs(block).reshape(-1, hop).max(axis=1)
        spectrum = rfft(stretch - first, n)
        for first_band in range(0, len(filters), _BANDS_AT_ONCE):
            own = slice(first_band, first_band + _BANDS_AT_ONCE)
            filtered = irfft(spectrum * filters[own], n, axis=1)[:, begin * hop - start : len(stretch)]
            energy[begin:end, own] = np.square(filtered).reshape(len(filtered), -1, hop).mean(axis=2).T
    return BandFrames(energy=energy, peak=peak, hop_samples=hop, rate_hz=rate_hz)


@lru_cache(maxsize=4)
def _filters(n: int, rate_hz: int, bands_hz: tuple[tuple[float, float], ...]) -> NDArray[np.complex64]:
    """Responses of all bands at the bins of a transform of n samples: shape (bands, bins)."""
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz).astype(np.float64)
    responses = np.empty((len(bands_hz), len(hz)), np.complex64)
    for first in range(0, len(hz), _BINS_AT_ONCE):
        part = slice(first, first + _BINS_AT_ONCE)
        for own, (low_hz, high_hz) in zip(responses, bands_hz, strict=True):
            own[part] = bandpass_response(hz[part], low_hz=low_hz, high_hz=high_hz, rate_hz=rate_hz)
    return responses
