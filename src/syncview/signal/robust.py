"""Statistics that a few loud values cannot move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["gaussian_sigma_from_mean_abs", "weighted_mode"]

_MEAN_ABS_OF_UNIT_GAUSSIAN = 0.7978845608028654  # sqrt(2 / pi)


def gaussian_sigma_from_mean_abs(values: NDArray[np.float32]) -> float:
    """Standard deviation of a zero-mean Gaussian with this mean absolute value.

    A single peak among many values hardly moves it, and unlike the median it costs one pass.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Zero-mean values, for example a correlation function.

    Returns
    -------
    float
        Sigma in the unit of `values`; 0 for an empty array.
    """
    if values.size == 0:
        return 0.0
    return float(np.mean(np.abs(values))) / _MEAN_ABS_OF_UNIT_GAUSSIAN


def weighted_mode(values: NDArray[np.float64], weights: NDArray[np.float64], *, width: float) -> float:
    """Value around which the most weight gathers.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n,)
        Values and their non-negative weights, n >= 1.
    width : float
        Values within this distance of each other count together, in the unit of `values`.

    Returns
    -------
    float
        Weighted mean of the values within `width` of the densest place (a triangular kernel decides).

    Examples
    --------
    >>> weighted_mode(np.array([1.0, 5.0, 5.25, 9.0]), np.array([3.0, 2.0, 2.0, 3.0]), width=1.0)
    5.125
    """
    order = np.argsort(values, kind="stable")
    v, w = values[order], weights[order]
    first, last = np.searchsorted(v, v - width, "left"), np.searchsorted(v, v + width, "right")
    density = [float(np.sum(w[i:j] * (width - np.abs(v[i:j] - at)))) for at, i, j in zip(v, first, last, strict=True)]
    top = int(np.argmax(density))
    near = slice(first[top], last[top])
    return float(np.average(v[near], weights=w[near]))
