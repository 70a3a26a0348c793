"""Least squares: many starts or many draws at once by damped steps, and the minimum that counts by SciPy.

Both minimise half the sum of ``rho(residual^2)``, with rho that of SciPy's "soft_l1" for measurements, so that wrong
ones lose their pull, and the plain square for what is only likely beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from syncview.reconstruct.solving.evaluation import Evaluated, System
    from syncview.reconstruct.solving.unknowns import Floats

__all__ = ["Descended", "covariance", "descend", "polish", "robust_weights"]

_FIRST_DAMPING = 1e-3
_MOST_DAMPING = 1e9
_SETTLED = 1e-7  # relative fall of the cost that ends a descent
_AT_ONCE = 32  # sets evaluated together: bounds the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Descended:
    """Unknowns (n_sets, count), their costs, and which came to rest."""

    z: Floats
    cost: Floats
    settled: NDArray[np.bool_]


def descend(
    system: System,
    z: Floats,
    *,
    scale: float | None,
    steps: int,
    weights: Floats | None = None,
    shifts: Floats | None = None,
) -> Descended:
    """Go down from each set of unknowns by Levenberg-Marquardt steps.

    Parameters
    ----------
    system : System
        What is minimised.
    z : ndarray
        (n_sets, count) starts.
    scale : float or None
        Sigmas from which on a measurement loses its pull; None for plain squares.
    steps : int
        Most steps.
    weights, shifts : ndarray, optional
        (n_sets, n_rows) weight of each row, and what is taken off it in sigmas.

    Returns
    -------
    Descended
    """
    n_rows = system.equations.n_rows
    weights = np.ones((len(z), n_rows)) if weights is None else weights
    shifts = np.zeros((len(z), n_rows)) if shifts is None else shifts
    parts = [
        _descend_some(system, z[k : k + _AT_ONCE], scale, steps, weights[k : k + _AT_ONCE], shifts[k : k + _AT_ONCE])
        for k in range(0, max(len(z), 1), _AT_ONCE)
    ]
    return Descended(
        z=np.concatenate([p.z for p in parts]),
        cost=np.concatenate([p.cost for p in parts]),
        settled=np.concatenate([p.settled for p in parts]),
    )


def _descend_some(
    system: System, z: Floats, scale: float | None, steps: int, weights: Floats, shifts: Floats
) -> Descended:
    z = z.copy()
    going = np.arange(len(z))
    damping = np.full(len(z), _FIRST_DAMPING)
    at = system.evaluate(z, shifts)
    cost = _cost(system, at, weights, scale)
    for _ in range(steps if len(z) else 0):
        trial = z[going] + _step(system, at, weights[going], scale, damping[going])
        there = system.evaluate(trial, shifts[going])
        new = _cost(system, there, weights[going], scale)
        fall = cost[going] - new
        better = fall >= 0
        done = (better & (fall <= _SETTLED * (1.0 + new))) | (damping[going] > _MOST_DAMPING)
        z[going[better]], cost[going[better]] = trial[better], new[better]
        damping[going] *= np.where(better, 0.2, 6.0)
        at = _chosen(at, there, better, ~done)
        going = going[~done]
        if not len(going):
            break
    settled = np.ones(len(z), bool)
    settled[going] = False
    return Descended(z=z, cost=cost, settled=settled)


def _step(system: System, at: Evaluated, weights: Floats, scale: float | None, damping: Floats) -> Floats:
    matrix, vector = system.normal(at, weights * robust_weights(system, at.residuals, scale))
    diagonal = np.einsum("sii->si", matrix)
    diagonal += damping[:, None] * diagonal
    return np.asarray(-np.linalg.solve(matrix, vector[..., None])[..., 0], np.float64)


def _chosen(old: Evaluated, new: Evaluated, better: NDArray[np.bool_], keep: NDArray[np.bool_]) -> Evaluated:
    def pick(a: Floats, b: Floats) -> Floats:
        return np.where(better.reshape(-1, *[1] * (a.ndim - 1)), b, a)[keep]

    return type(old)(
        residuals=pick(old.residuals, new.residuals),
        slopes=np.where(better, new.slopes, old.slopes)[..., keep],
        active=pick(old.active, new.active),
    )


def robust_weights(system: System, residuals: Floats, scale: float | None) -> Floats:
    """Derivative of rho: 1 for small residuals, falling as 1 / |residual| for large ones."""
    if scale is None:
        return np.ones_like(residuals)
    return np.where(system.equations.robust, 1.0 / np.sqrt(1.0 + (residuals / scale) ** 2), 1.0)


def _cost(system: System, at: Evaluated, weights: Floats, scale: float | None) -> Floats:
    squares = at.residuals**2
    if scale is not None:
        soft = 2.0 * scale**2 * (np.sqrt(1.0 + squares / scale**2) - 1.0)
        squares = np.where(system.equations.robust, soft, squares)
    return np.asarray(0.5 * (weights * squares).sum(axis=1))


def polish(system: System, z: Floats, *, scale: float, weights: Floats) -> Floats:
    """One minimum to its bottom by `scipy.optimize.least_squares` with sparse derivatives.

    Parameters
    ----------
    system : System
        What is minimised.
    z : ndarray
        (count,) near the minimum.
    scale : float
        Sigmas from which on a measurement loses its pull.
    weights : ndarray
        (n_rows,) weight of each row.

    Returns
    -------
    ndarray
        (count,) unknowns.
    """
    from scipy.optimize import least_squares
    from scipy.sparse import diags

    root = np.sqrt(weights)
    robust = system.equations.robust

    def residuals(x: Floats) -> Floats:
        return np.asarray(root * system.evaluate(x[None]).residuals[0], np.float64)

    def slopes(x: Floats) -> Any:
        return diags(root) @ system.jacobian(system.evaluate(x[None]))

    def loss(squares: Floats) -> Any:
        soft = np.sqrt(1.0 + squares)
        shape = [2.0 * (soft - 1.0), 1.0 / soft, -0.5 / soft**3]
        plain = [squares, np.ones_like(squares), np.zeros_like(squares)]
        return np.array([np.where(robust, s, p) for s, p in zip(shape, plain, strict=True)])

    rho: Any = loss  # the stubs want an argument that SciPy does not pass
    found = least_squares(
        residuals,
        z,
        jac=slopes,
        loss=rho,
        f_scale=scale,
        x_scale="jac",
        tr_solver="lsmr",
        max_nfev=30,
    )
    return np.asarray(found.x, float)


def covariance(system: System, z: Floats, weights: Floats) -> Floats:
    """``(J^T W J)^-1`` at unknowns (n_sets, count) with weights (n_sets, n_rows): (n_sets, count, count)."""
    matrix, _ = system.normal(system.evaluate(z), weights)
    return np.asarray(np.linalg.inv(matrix))
