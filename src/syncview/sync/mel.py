"""Bands on the mel scale."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings

__all__ = ["band_edges_hz", "mel_filters"]


@lru_cache(maxsize=4)
def mel_filters(rate_hz: int, fft_samples: int, *, bands: int, low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """Triangular filters on the mel scale, each of equal area.

    Parameters
    ----------
    rate_hz : int
        Sampling rate.
    fft_samples : int
        Length of the transform whose bins are to be summed.
    bands : int
        Number of filters.
    low_hz, high_hz : float
        Edges of the lowest and the highest filter.

    Returns
    -------
    ndarray of float32, shape (bands, fft_samples // 2 + 1)
        Weights of the bins.

    Notes
    -----
    Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above. The same as ``librosa.filters.mel``, which
    the tests compare it with; importing that costs a run more than all its matching.
    """
    edges_hz = _edges_hz(bands, low_hz, high_hz)
    bins_hz = np.fft.rfftfreq(fft_samples, 1.0 / rate_hz)
    below = (bins_hz - edges_hz[:-2, None]) / np.diff(edges_hz)[:-1, None]
    above = (edges_hz[2:, None] - bins_hz) / np.diff(edges_hz)[1:, None]
    area = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    return np.asarray(np.clip(np.minimum(below, above), 0.0, None) * area[:, None], dtype=np.float32)


def band_edges_hz(settings: SyncSettings) -> NDArray[np.float64]:
    """Edges of the pattern's bands: band k rises from entry k, has its top at k + 1 and ends at k + 2.

    Returns
    -------
    ndarray of float64, shape (settings.pattern_bands + 2,)

    Examples
    --------
    >>> from syncview.settings import SyncSettings
    >>> band_edges_hz(SyncSettings())[[0, 1, -1]].round().tolist()
    [150.0, 234.0, 3600.0]
    """
    return _edges_hz(settings.pattern_bands, settings.pattern_low_hz, settings.pattern_high_hz)


def _edges_hz(bands: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    return _mel_to_hz(np.linspace(_hz_to_mel(low_hz), _hz_to_mel(high_hz), bands + 2))


_MEL_BREAK_HZ = 1000.0
_MEL_PER_HZ = 3.0 / 200.0
_MEL_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    if hz < _MEL_BREAK_HZ:
        return hz * _MEL_PER_HZ
    return float(_MEL_BREAK_HZ * _MEL_PER_HZ + np.log(hz / _MEL_BREAK_HZ) / _MEL_LOG_STEP)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _MEL_BREAK_HZ * _MEL_PER_HZ
    return np.asarray(
        np.where(mel < knee, mel / _MEL_PER_HZ, _MEL_BREAK_HZ * np.exp(_MEL_LOG_STEP * (mel - knee))), dtype=np.float64
    )
