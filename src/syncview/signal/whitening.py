"""Partial whitening of spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["whitened"]


def whitened(spectrum: NDArray[np.complex64], exponent: float) -> NDArray[np.complex64]:
    """Divide by the magnitude to a power; a product of two such spectra is a cross-spectrum so whitened.

    Parameters
    ----------
    spectrum : ndarray of complex64, shape (..., n)
        Spectra along the last axis.
    exponent : float
        0 keeps the magnitudes, 1 makes them all equal.

    Returns
    -------
    ndarray of complex64, shape (..., n)
        The phases are untouched; magnitudes near zero are not raised.
    """
    gain = np.abs(spectrum)
    floor = 1e-3 * gain.mean(axis=-1, keepdims=True) + 1e-9
    # A power by way of the logarithm: in one step NumPy takes twice as long.
    np.maximum(gain, floor, out=gain)
    np.log(gain, out=gain)
    gain *= np.float32(-exponent)
    np.exp(gain, out=gain)
    return np.asarray(spectrum * gain, dtype=np.complex64)
