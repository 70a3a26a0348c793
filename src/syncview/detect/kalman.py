"""Where figures are believed to be, and how surely: a constant-velocity Kalman filter over many at once.

As in SORT (Bewley et al. 2016) and ByteTrack (Zhang et al. 2022) the state is the box's middle, aspect (width over
height) and height, with their speeds; here per second, so that frames may come at any interval. The camera's motion is
applied to the state and to its covariance as in BoT-SORT (Aharon et al. 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Belief",
    "Physics",
    "begun",
    "carried",
    "corrected",
    "foretold",
    "joined",
    "measures_of",
    "sizes_of",
    "taken",
]

_ASPECT_OFF = 0.1  # legs and arms open and close: the aspect says little


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """What figures of a kind do. Sizes are heights of a person, roots of the box's area of a vehicle.

    `speed_s` (sizes a second) is the standard deviation of a speed about which nothing is known, `change_s2` (sizes a
    second squared) that of its change, `box_off` (sizes) and `box_off_px` of a detector's box: the greater counts.
    """

    speed_s: float
    change_s2: float
    box_off: float
    box_off_px: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belief:
    """Mean (shape (n, 8)) and covariance (shape (n, 8, 8)) of n figures: x, y, aspect, height, then their speeds."""

    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]


def measures_of(boxes_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Middle, aspect and height of boxes.

    Parameters
    ----------
    boxes_px : ndarray, shape (n, 4)
        Left, top, right, bottom.

    Returns
    -------
    ndarray of float64, shape (n, 4)

    Examples
    --------
    >>> measures_of(np.array([[0.0, 0.0, 10.0, 20.0]])).tolist()
    [[5.0, 10.0, 0.5, 20.0]]
    """
    boxes = np.asarray(boxes_px, np.float64).reshape(-1, 4)
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0)
    middle = 0.5 * (boxes[:, :2] + boxes[:, 2:])
    return np.column_stack([middle, size[:, 0] / size[:, 1], size[:, 1]])


def sizes_of(measures: NDArray[np.float64], *, vehicle: bool) -> NDArray[np.float64]:
    """Height of persons, root of the area of vehicles, shape (n,)."""
    height = np.maximum(measures[:, 3], 1.0)
    return np.asarray(height * np.sqrt(np.maximum(measures[:, 2], 0.05)) if vehicle else height)


def begun(boxes_px: NDArray[np.floating], physics: Physics, *, vehicle: bool) -> Belief:
    """What one believes of figures that are seen for the first time, boxes of shape (n, 4)."""
    measures = measures_of(boxes_px)
    size = sizes_of(measures, vehicle=vehicle)
    off = _box_off(size, physics)
    spread = np.zeros((len(size), 8))
    spread[:, :4] = np.column_stack([off, off, np.full(len(size), _ASPECT_OFF), off])
    spread[:, 4:] = np.column_stack([size * physics.speed_s] * 2 + [np.full(len(size), 0.1), 0.2 * size])
    mean = np.concatenate([measures, np.zeros_like(measures)], axis=1)
    return Belief(mean=mean, covariance=_diagonal(spread**2))


def carried(belief: Belief, motion: NDArray[np.float64]) -> Belief:
    """The same in the picture after the camera moved by `motion`, a similarity of shape (2, 3)."""
    turn, scale = motion[:, :2], float(np.hypot(motion[0, 0], motion[1, 0]))
    step = np.eye(8)
    step[:2, :2] = step[4:6, 4:6] = turn
    step[3, 3] = step[7, 7] = scale
    mean = belief.mean @ step.T
    mean[:, :2] += motion[:, 2]
    return Belief(mean=mean, covariance=step @ belief.covariance @ step.T)


def foretold(belief: Belief, elapsed_s: float, physics: Physics, *, vehicle: bool) -> Belief:
    """The same `elapsed_s` later, if nothing but chance changes the speeds."""
    size = sizes_of(belief.mean, vehicle=vehicle)
    step = np.eye(8)
    step[range(4), range(4, 8)] = elapsed_s
    change = np.column_stack([size * physics.change_s2] * 2 + [np.full(len(size), 0.1), 0.2 * size])
    gain = np.array([0.5 * elapsed_s**2, elapsed_s])
    noise = np.zeros((len(size), 8, 8))
    for axis in range(4):
        pair = np.ix_(range(len(size)), [axis, axis + 4], [axis, axis + 4])
        noise[pair] = change[:, axis, None, None] ** 2 * np.outer(gain, gain)
    return Belief(mean=belief.mean @ step.T, covariance=step @ belief.covariance @ step.T + noise)


def expected(belief: Belief, physics: Physics, *, vehicle: bool) -> NDArray[np.float64]:
    """Covariance of what the detector would say of each, shape (n, 4, 4)."""
    off = _box_off(sizes_of(belief.mean, vehicle=vehicle), physics)
    noise = np.column_stack([off, off, np.full(len(off), _ASPECT_OFF), off])
    return belief.covariance[:, :4, :4] + _diagonal(noise**2)


def corrected(belief: Belief, boxes_px: NDArray[np.floating], physics: Physics, *, vehicle: bool) -> Belief:
    """The same after a box was seen of each, in the same order, shape (n, 4)."""
    innovation = expected(belief, physics, vehicle=vehicle)
    gain = np.linalg.solve(innovation, belief.covariance[:, :4, :]).transpose(0, 2, 1)
    off = measures_of(boxes_px) - belief.mean[:, :4]
    mean = belief.mean + np.einsum("nab,nb->na", gain, off)
    covariance = belief.covariance - gain @ innovation @ gain.transpose(0, 2, 1)
    return Belief(mean=mean, covariance=0.5 * (covariance + covariance.transpose(0, 2, 1)))


def taken(belief: Belief, rows: NDArray[np.int64]) -> Belief:
    """Some of them."""
    return Belief(mean=belief.mean[rows], covariance=belief.covariance[rows])


def joined(first: Belief, second: Belief) -> Belief:
    """One after the other."""
    return Belief(
        mean=np.concatenate([first.mean, second.mean]),
        covariance=np.concatenate([first.covariance, second.covariance]),
    )


def _box_off(size: NDArray[np.float64], physics: Physics) -> NDArray[np.float64]:
    return np.maximum(physics.box_off * size, physics.box_off_px)


def _diagonal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[:, :, None] * np.eye(values.shape[1])
