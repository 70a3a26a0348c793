"""Residuals, their derivatives, and the normal equations, for many sets of unknowns at once.

A sound's arrival at a camera follows the source's moment by ``|r| / (c + wind . r / |r|)``, r the way from source to
camera, less what the lead of its shock grows by on the way. Each arrival touches at most twelve unknowns, each other
row four, so that the derivatives are kept as twelve and four numbers a row and only the sums of their products are
spread out: the cost grows with the number of measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.equations import LINEAR_WIDTH
from syncview.reconstruct.solving.unknowns import padded

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from syncview.reconstruct.solving.equations import Equations
    from syncview.reconstruct.solving.unknowns import Floats, Index

__all__ = ["ARRIVAL_WIDTH", "Evaluated", "System", "travel"]

ARRIVAL_WIDTH = 12
_NEAR_M = 1.0  # rounds off the tip of the cone of distances, where its slope jumps
_LEAD_AT_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """`residuals` (n_sets, n_rows) in sigmas and `slopes` (12, n_arrivals, n_sets) of the arrivals.

    `active` (n_sets, n_linear) is 0 where a flat row has nothing to say, else 1.
    """

    residuals: Floats
    slopes: Floats
    active: Floats


class System:
    """The equations, ready to be evaluated.

    Parameters
    ----------
    equations : Equations
        All rows.
    """

    def __init__(self, equations: Equations) -> None:
        self.equations = equations
        self.count = equations.unknowns.count
        self.columns = _arrival_columns(equations)
        self._spread_arrivals = _products(self.columns.T, self.count)
        self._pairs = list(zip(*np.triu_indices(ARRIVAL_WIDTH), strict=True))
        i, j = np.triu_indices(LINEAR_WIDTH)
        products = equations.coefficients[:, i] * equations.coefficients[:, j]
        self._spread_linear = _products(equations.columns.T, self.count) @ _block_column(products.T)
        self._gather_arrivals = _selection(self.columns.T, self.count)
        self._gather_linear = _selection(equations.columns.T, self.count) @ _block_column(equations.coefficients.T)

    def evaluate(self, z: Floats, shifts: Floats | float = 0.0) -> Evaluated:
        """Residuals and slopes.

        Parameters
        ----------
        z : ndarray
            (n_sets, count) unknowns.
        shifts : ndarray or 0
            (n_sets, n_rows) taken off each row's value, in its sigmas.

        Returns
        -------
        Evaluated
        """
        e = self.equations
        full = padded(z)
        values, slopes = _arrivals(e, full)
        linear = e.constant + (full[:, e.columns] * e.coefficients).sum(axis=-1)
        values = np.concatenate([values, linear], axis=1) - shifts
        n = len(e.arrivals)
        inside = (values[:, n:] > e.low) & (values[:, n:] < e.high)
        values[:, n:] -= np.clip(values[:, n:], e.low, e.high)
        return Evaluated(residuals=values, slopes=slopes, active=(~inside).astype(np.float64))

    def normal(self, at: Evaluated, weights: Floats) -> tuple[Floats, Floats]:
        """Sums over rows of ``w J^T J`` (n_sets, count, count) and ``w J^T r`` (n_sets, count)."""
        n = len(self.equations.arrivals)
        n_sets = len(at.residuals)
        weighted = at.slopes * weights[:, :n].T
        products = np.empty((len(self._pairs), n, n_sets))
        for k, (i, j) in enumerate(self._pairs):
            np.multiply(weighted[i], at.slopes[j], out=products[k])
        linear = at.active * weights[:, n:]
        matrix = self._spread_arrivals @ products.reshape(-1, n_sets) + self._spread_linear @ linear.T
        weighted *= at.residuals[:, :n].T
        vector = self._gather_arrivals @ weighted.reshape(-1, n_sets)
        vector += self._gather_linear @ (linear * at.residuals[:, n:]).T
        return matrix.T.reshape(-1, self.count, self.count), vector.T

    def jacobian(self, at: Evaluated) -> Any:
        """Sparse derivatives (n_rows, count) of the first set, as `scipy.sparse.csr_matrix`."""
        from scipy.sparse import csr_matrix

        e = self.equations
        n = len(e.arrivals)
        linear = e.coefficients * at.active[0][:, None]
        rows = np.concatenate(
            [np.repeat(np.arange(n), ARRIVAL_WIDTH), np.repeat(n + np.arange(len(linear)), LINEAR_WIDTH)]
        )
        columns = np.concatenate([self.columns.ravel(), e.columns.ravel()])
        values = np.concatenate([at.slopes[:, :, 0].T.ravel(), linear.ravel()])
        keep = columns < self.count
        return csr_matrix((values[keep], (rows[keep], columns[keep])), shape=(e.n_rows, self.count))


def travel(way_m: Floats, speed_mps: Floats, wind_mps: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Time of sound along ways (..., 2), the ways' directions and lengths, and the speed along each."""
    length_m = np.sqrt((way_m**2).sum(axis=-1) + _NEAR_M**2)
    direction = way_m / length_m[..., None]
    along_mps = speed_mps + (wind_mps * direction).sum(axis=-1)
    return length_m / along_mps, direction, length_m, along_mps


def _arrivals(e: Equations, full: Floats) -> tuple[Floats, Floats]:
    u = e.unknowns
    camera_m = u.camera_m[e.piece] + full[:, u.camera[e.piece]]
    place_m = u.place_m[e.source] + full[:, u.place[e.source]]
    wind_mps = full[:, None, u.wind]
    speed_mps = e.sound_speed_mps + full[:, u.sound_speed][:, None]
    travel_s, direction, length_m, along_mps = travel(camera_m - place_m, speed_mps, wind_mps)
    growth = e.most_growth_s * np.log2(length_m / _LEAD_AT_M)
    charge = full[:, u.charge[e.source]]
    own_s = e.time_s + full[:, u.clock[e.piece]] + full[:, u.drift[e.piece]] * e.after_middle_s
    heard_s = own_s - full[:, u.skew[e.piece]]
    values = heard_s - (u.moment_s[e.source] + full[:, u.moment[e.source]] + travel_s - charge * growth)

    slopes = np.empty((ARRIVAL_WIDTH, *values.shape[::-1]))
    across = wind_mps - (wind_mps * direction).sum(axis=-1)[..., None] * direction
    grown = (charge * e.most_growth_s / np.log(2.0) / length_m)[..., None] * direction
    by_way = direction / along_mps[..., None] - across / along_mps[..., None] ** 2 - grown
    by_speed = travel_s / along_mps
    slopes[0] = 1.0
    slopes[1] = e.after_middle_s[:, None]
    slopes[2] = -1.0
    slopes[3:5] = -by_way.T
    slopes[5] = by_speed.T
    slopes[6:8] = (by_speed[..., None] * direction).T
    slopes[8:10] = by_way.T
    slopes[10] = -1.0
    slopes[11] = growth.T
    slopes /= e.sigma_s[:, None]
    return values / e.sigma_s, slopes


def _arrival_columns(e: Equations) -> Index:
    u = e.unknowns
    n = len(e.arrivals)
    air = np.tile([u.sound_speed, *u.wind], (n, 1))
    parts = [
        u.clock[e.piece][:, None],
        u.drift[e.piece][:, None],
        u.skew[e.piece][:, None],
        u.camera[e.piece],
        air,
        u.place[e.source],
        u.moment[e.source][:, None],
        u.charge[e.source][:, None],
    ]
    return np.concatenate(parts, axis=1).astype(np.intp).reshape(n, ARRIVAL_WIDTH)


def _products(columns: Index, count: int) -> Any:
    """Where products of two numbers of a row belong in a matrix of all unknowns: (count^2, n_pairs x n_rows)."""
    from scipy.sparse import csr_matrix

    i, j = np.triu_indices(len(columns))
    one, two = columns[i].ravel(), columns[j].ravel()
    number = np.arange(one.size)
    off = np.repeat(i != j, columns.shape[1])
    targets = np.concatenate([one * count + two, (two * count + one)[off]])
    numbers = np.concatenate([number, number[off]])
    known = np.concatenate([(one < count) & (two < count), ((one < count) & (two < count))[off]])
    values = np.ones(int(known.sum()))
    return csr_matrix((values, (targets[known], numbers[known])), shape=(count * count, one.size))


def _selection(columns: Index, count: int) -> Any:
    """Where the numbers of a row belong in the vector of all unknowns: (count, width x n_rows)."""
    from scipy.sparse import csr_matrix

    flat = columns.ravel()
    known = np.flatnonzero(flat < count)
    return csr_matrix((np.ones(known.size), (flat[known], known)), shape=(count, flat.size))


def _block_column(values: NDArray[np.float64]) -> Any:
    """(width x n_rows, n_rows): spreads one number a row to its `width` numbers, times `values` (width, n_rows)."""
    from scipy.sparse import csr_matrix

    width, n = values.shape
    return csr_matrix((values.ravel(), (np.arange(n * width), np.tile(np.arange(n), width))), shape=(n * width, n))
