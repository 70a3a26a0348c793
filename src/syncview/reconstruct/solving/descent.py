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
    from syncview.reconstruct.solving.unknowns import Floats, Index

__all__ = ["Descended", "Pull", "covariance", "descend", "polish", "robust_weights"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Draws each set to where its `functional` (n_sets, count) has the value `target` (n_sets,)."""

    functional: Floats
    target: Floats
    weight: float


def descend(
    system: System,
    z: Floats,
    *,
    scale: float | None,
    steps: int,
    weights: Floats | None = None,
    shifts: Floats | None = None,
    pull: Pull | None = None,
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
    pull : Pull, optional
        One more term for each set; the costs handed back do not hold it.

    Returns
    -------
    Descended
    """
    n_rows = system.equations.n_rows
    weights = np.ones((len(z), n_rows)) if weights is None else weights
    shifts = np.zeros((len(z), n_rows)) if shifts is None else shifts
    pull = Pull(functional=np.zeros_like(z), target=np.zeros(len(z)), weight=0.0) if pull is None else pull
    parts = []
    for k in range(0, max(len(z), 1), _AT_ONCE):
        some = slice(k, k + _AT_ONCE)
        term = Pull(functional=pull.functional[some], target=pull.target[some], weight=pull.weight)
        parts.append(_Descent(system, weights[some], shifts[some], term, scale).run(z[some], steps))
    return Descended(
        z=np.concatenate([p.z for p in parts]),
        cost=np.concatenate([p.cost for p in parts]),
        settled=np.concatenate([p.settled for p in parts]),
    )


@dataclass(frozen=True, slots=True)
class _Descent:
    """What is minimised for some sets of unknowns."""

    system: System
    weights: Floats
    shifts: Floats
    pull: Pull
    scale: float | None

    def run(self, z: Floats, steps: int) -> Descended:
        z = z.copy()
        going = np.arange(len(z))
        damping = np.full(len(z), _FIRST_DAMPING)
        at = self.system.evaluate(z, self.shifts)
        cost = self.cost(at, z, going)
        for _ in range(steps if len(z) else 0):
            trial = z[going] + self.step(at, z[going], going, damping[going])
            there = self.system.evaluate(trial, self.shifts[going])
            new = self.cost(there, trial, going)
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
        return Descended(z=z, cost=cost - 0.5 * self.pull.weight * self.off(z, np.arange(len(z))) ** 2, settled=settled)

    def off(self, z: Floats, which: Index) -> Floats:
        return np.asarray((self.pull.functional[which] * z).sum(axis=1) - self.pull.target[which])

    def cost(self, at: Evaluated, z: Floats, which: Index) -> Floats:
        squares = at.residuals**2
        if self.scale is not None:
            soft = 2.0 * self.scale**2 * (np.sqrt(1.0 + squares / self.scale**2) - 1.0)
            squares = np.where(self.system.equations.robust, soft, squares)
        held = self.pull.weight * self.off(z, which) ** 2
        return np.asarray(0.5 * ((self.weights[which] * squares).sum(axis=1) + held))

    def step(self, at: Evaluated, z: Floats, which: Index, damping: Floats) -> Floats:
        weights = self.weights[which] * robust_weights(self.system, at.residuals, self.scale)
        matrix, vector = self.system.normal(at, weights)
        if self.pull.weight:
            functional = self.pull.functional[which]
            matrix = matrix + self.pull.weight * functional[:, :, None] * functional[:, None, :]
            vector = vector + self.pull.weight * functional * self.off(z, which)[:, None]
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
