"""How far off the truth may be: draws of the posterior, which may be bent like a banana.

Each draw shifts every measurement and every prior by what chance may have added to it and solves again from the
minimum (randomized maximum likelihood; Oliver, He and Reynolds 1996; Bardsley et al. 2014 call it
randomize-then-optimize). For linear problems the draws are exactly the posterior; where ways bend, they bend too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import descend
from syncview.reconstruct.solving.starts import draws
from syncview.reconstruct.solving.unknowns import NORMAL_95

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.minima import Minimum
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.settings.solving import SolvingSettings

__all__ = ["ellipse_of", "excess", "half_width", "sample", "scatter"]

_LEAST_DEGREES = 4.0  # fewer residuals say nothing of their scatter
_LEAST_SCATTERED = 8.0  # nor fewer of their median
_LEAST_FREE = 0.05
_MEDIAN_SIGMA = 0.6745  # of the absolute values of a normal distribution


def sample(system: System, minimum: Minimum, n: int, *, settings: SolvingSettings) -> Floats:
    """Draw unknowns around a minimum.

    Parameters
    ----------
    system : System
        The equations.
    minimum : Minimum
        Where to begin, and the weights of the rows there.
    n : int
        How many.
    settings : SolvingSettings
        Most steps of each.

    Returns
    -------
    ndarray
        (n, count) unknowns.
    """
    shifts = draws(system.equations, n, seed=2) / np.sqrt(np.maximum(minimum.weights, 1e-6))
    shifts[:, : len(system.equations.arrivals)] *= excess(system, minimum)
    weights = np.repeat(minimum.weights[None], n, axis=0)
    z = np.repeat(minimum.z[None], n, axis=0)
    return descend(system, z, scale=None, steps=settings.sample_steps, weights=weights, shifts=shifts).z


def excess(system: System, minimum: Minimum) -> float:
    """By how much arrivals scatter more than they were stated to: 1 where chance explains it.

    The root of their squared residuals over their degrees of freedom, which are 1 less the leverage of each.
    """
    n = len(system.equations.arrivals)
    used = minimum.weights[:n]
    residuals, free = _arrivals(system, minimum)
    degrees = float(free[used > 0].sum())
    if degrees < _LEAST_DEGREES:
        return 1.0
    square = float((used * residuals**2).sum()) / degrees
    by_chance = 1.0 + NORMAL_95 * np.sqrt(2.0 / degrees)
    return float(np.sqrt(square)) if square > by_chance else 1.0


def scatter(system: System, minimum: Minimum) -> float:
    """The same from the middle of the arrivals' residuals, so that wrong ones do not count: 1 unless clearly more."""
    residuals, free = _arrivals(system, minimum)
    loose = free > _LEAST_FREE
    if free[loose].sum() < _LEAST_SCATTERED:
        return 1.0
    middle = float(np.median(np.abs(residuals[loose]) / np.sqrt(free[loose]))) / _MEDIAN_SIGMA
    return middle if middle > 1.0 + NORMAL_95 * 1.17 / np.sqrt(free[loose].sum()) else 1.0


def _arrivals(system: System, minimum: Minimum) -> tuple[Floats, Floats]:
    """Residuals of the arrivals, and how much of each is not taken up by the unknowns: 1 less its leverage."""
    n = len(system.equations.arrivals)
    at = system.evaluate(minimum.z[None])
    slopes = system.jacobian(at)[:n]
    leverage = minimum.weights[:n] * np.asarray(slopes.multiply(slopes @ minimum.covariance).sum(axis=1)).ravel()
    return at.residuals[0, :n], np.clip(1.0 - leverage, 0.0, 1.0)


def half_width(value: float, drawn: Floats, ends: Floats) -> float:
    """95 % half-width about a value: the widest of what the draws hold, a normal curve of their width, and the ends."""
    off = np.abs(drawn - value)
    reach = float(np.abs(ends - value).max(initial=0.0))
    return max(float(np.quantile(off, 0.95)), 1.96 * float(np.sqrt((off**2).mean())), reach)


def ellipse_of(place_m: Floats, drawn_m: Floats, ends_m: Floats) -> tuple[float, float, float, float]:
    """95 % ellipse about a place: half-axes, direction of the larger clockwise from north in degrees; and the radius.

    Parameters
    ----------
    place_m : ndarray
        (2,) east and north.
    drawn_m : ndarray
        (n, 2) draws.
    ends_m : ndarray
        (n_ends, 2) that the ellipse must reach.

    Returns
    -------
    tuple of float
        Major and minor half-axis and the azimuth (0 to 180), then the radius of the circle that holds 95 %.
    """
    off = drawn_m - place_m
    values, axes = np.linalg.eigh(off.T @ off / len(off))
    sigmas = np.sqrt(np.maximum(values, 1e-6))
    reach = float(np.quantile(np.hypot(*(off @ axes / sigmas).T), 0.95))
    ends = ends_m - place_m
    scale = max(reach, 2.4477, float(np.hypot(*(ends @ axes / sigmas).T).max(initial=0.0)))
    east, north = axes[:, 1]
    radius_m = max(float(np.quantile(np.hypot(*off.T), 0.95)), float(np.hypot(*ends.T).max(initial=0.0)))
    return (
        scale * float(sigmas[1]),
        scale * float(sigmas[0]),
        float(np.degrees(np.arctan2(east, north))) % 180.0,
        radius_m,
    )
