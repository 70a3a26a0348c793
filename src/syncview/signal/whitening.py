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
    magnitude = np.abs(spectrum)
    floor = 1e-3 * magnitude.mean(axis=-1, keepdims=True) + 1e-9
    return np.asarray(spectrum / np.maximum(magnitude, floor) ** np.float32(exponent), dtype=np.complex64)
