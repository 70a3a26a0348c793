"""Which box is whose: the assignment that makes a frame's boxes likeliest.

At 5 frames a second a walker's box hardly overlaps his last one, so what counts is not their overlap but how far a
box lies from where the figure is believed to be, measured by how surely that is known (Mahalanobis, as in DeepSORT,
Wojke et al. 2017), and how alike the sizes are. The whole is assigned at once (Kuhn 1955, by SciPy).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.kalman import expected, measures_of, sizes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.detect.kalman import Belief, Physics

__all__ = ["assigned", "covered", "nearness", "unlikeness"]

_FAR = 9.21  # of chi squared with two degrees of freedom, 1 % lie beyond
_MOST_RATIO = 1.8  # of heights: legs hidden behind a car
_RATIO_OFF = 0.15  # standard deviation of the log of a height's ratio
_WIDTH_OFF = 0.4  # and of a width's: arms, legs, turning
_FASTEST_S = 4.0  # sizes a second: a sprinter, or a car at 36 km/h
_NEAR_RATIO = 1.3  # of heights, where nothing else tells that it is the same
_REACH = 1.5  # sizes: nobody goes further between two looks, however unsure his place


def unlikeness(
    belief: Belief, boxes_px: NDArray[np.floating], physics: Physics, *, vehicle: bool
) -> NDArray[np.float64]:
    """How unlike each box is what is believed of each figure.

    Parameters
    ----------
    belief : Belief
        Of n figures, in this frame.
    boxes_px : ndarray, shape (m, 4)
        Left, top, right, bottom.
    physics : Physics
        What such figures do.
    vehicle : bool
        Whether they are vehicles.

    Returns
    -------
    ndarray of float64, shape (n, m)
        Twice the negative logarithm of the likelihood, but for a constant; infinite where it cannot be that figure.
    """
    measures = measures_of(boxes_px)
    size = sizes_of(belief.mean, vehicle=vehicle)
    covariance = expected(belief, physics, vehicle=vehicle)[:, :2, :2]
    off = measures[None, :, :2] - belief.mean[:, None, :2]
    distance = np.einsum("nma,nab,nmb->nm", off, np.linalg.inv(covariance), off)
    heights = np.log(measures[None, :, 3] / np.maximum(belief.mean[:, None, 3], 1.0))
    widths = heights + np.log(measures[None, :, 2] / np.maximum(belief.mean[:, None, 2], 0.05))
    vague = np.log(np.linalg.det(covariance) / size**4)[:, None]
    cost = distance + (heights / _RATIO_OFF) ** 2 + (widths / _WIDTH_OFF) ** 2 + vague
    can_be = (distance < _FAR) & (np.hypot(off[..., 0], off[..., 1]) < _REACH * size[:, None])
    can_be &= np.abs(heights) < np.log(_MOST_RATIO)
    return np.where(can_be, cost, np.inf)


def nearness(
    belief: Belief, boxes_px: NDArray[np.floating], waited_s: NDArray[np.float64], *, vehicle: bool
) -> NDArray[np.float64]:
    """How far each box lies from each figure, in sizes, whatever is believed of its speed: for who starts suddenly.

    Parameters
    ----------
    belief : Belief
        Of n figures, in this frame.
    boxes_px : ndarray, shape (m, 4)
        Left, top, right, bottom.
    waited_s : ndarray of float64, shape (n,)
        Since each figure was seen.
    vehicle : bool
        Whether they are vehicles.

    Returns
    -------
    ndarray of float64, shape (n, m)
        Infinite where nobody could have gone so far in that time, or where the heights differ.
    """
    measures = measures_of(boxes_px)
    size = sizes_of(belief.mean, vehicle=vehicle)[:, None]
    distance = np.hypot(*(measures[None, :, axis] - belief.mean[:, axis, None] for axis in range(2))) / size
    heights = np.abs(np.log(measures[None, :, 3] / np.maximum(belief.mean[:, None, 3], 1.0)))
    can_be = (distance < np.minimum(_FASTEST_S * waited_s[:, None], _REACH)) & (heights < np.log(_NEAR_RATIO))
    return np.where(can_be, distance, np.inf)


def assigned(cost: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns that go together so that as many as can do, at the least cost; infinite ones never.

    Examples
    --------
    >>> rows, columns = assigned(np.array([[1.0, np.inf], [0.5, 2.0], [np.inf, np.inf]]))
    >>> rows.tolist(), columns.tolist()
    ([0, 1], [0, 1])
    """
    none = np.zeros(0, np.int64)
    possible = np.isfinite(cost)
    if not possible.any():
        return none, none
    from scipy.optimize import linear_sum_assignment

    beyond = 1e3 + 2 * float(np.abs(cost[possible]).max()) * min(cost.shape)
    rows, columns = linear_sum_assignment(np.where(possible, cost, beyond))
    good = possible[rows, columns]
    return np.asarray(rows[good], np.int64), np.asarray(columns[good], np.int64)


def covered(boxes_px: NDArray[np.floating], by_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Greatest share of each box's area that lies in any one of the others, shape (n,); 0 if there are none.

    Examples
    --------
    >>> covered(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 0.0, 3.0, 2.0]])).tolist()
    [0.5]
    """
    if not len(by_px):
        return np.zeros(len(boxes_px))
    one, other = boxes_px[:, None, :].astype(np.float64), by_px[None, :, :].astype(np.float64)
    common = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    area = np.maximum((one[..., 2:] - one[..., :2]).prod(axis=-1), 1e-9)
    return np.asarray((np.maximum(common, 0).prod(axis=-1) / area).max(axis=1))
