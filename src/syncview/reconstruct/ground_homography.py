"""From the picture to flat ground by points that are known in both: a homography, checked by leaving points out.

The direct linear transform (Hartley and Zisserman, Multiple View Geometry, 2004, section 4.1) with each equation
divided by its depth and by the point's uncertainty in metres, so that it comes near to the most likely solution. The
spread of places is that of draws: points moved by their uncertainties, everything solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import MovementSettings

__all__ = ["GroundFit", "fit_ground"]

_ROUNDS = 4
# Of the square about the points, flatter triangles are lines; a picture shows the ground as a flat strip.
_LEAST_AREA_M, _LEAST_AREA_PX = 0.01, 0.003
_SIGMAS_OF_95_PLANE = 2.4477  # radius in the plane that holds 95 % of a normal distribution
_SIGMAS_OF_95 = 1.96
_DRAWS_OF_CHECK = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroundFit:
    """How places of one frame lie on the ground.

    `matrix` (3, 3) takes pixels to metres, `drawn` (n, 3, 3) are draws of it; `hull_px` (k, 2) the points in the
    picture; `left_out_m` is the root mean square of their errors when each is left out, None where there are only four.
    `widened` is by how much more than stated the points were taken to be uncertain, since they fit no better.
    """

    matrix: NDArray[np.float64]
    drawn: NDArray[np.float64]
    hull_px: NDArray[np.float64]
    left_out_m: float | None
    widened: float


def fit_ground(
    pixels: NDArray[np.float64],
    metres: NDArray[np.float64],
    pixel_sigmas: NDArray[np.float64],
    metre_sigmas: NDArray[np.float64],
    *,
    settings: MovementSettings,
) -> GroundFit | str:
    """Fit the ground to points known in the picture and on the map.

    Parameters
    ----------
    pixels, metres : ndarray of float64, shape (n, 2)
        The points, in one frame and on the plane.
    pixel_sigmas, metre_sigmas : ndarray of float64, shape (n,)
        Standard deviations along each axis.
    settings : MovementSettings
        `least_map_points`, `most_left_out_m`, `ground_draws`.

    Returns
    -------
    GroundFit or str
        The reason where it is refused.
    """
    count = len(pixels)
    if count < settings.least_map_points:
        return f"{count} map points of this view; {settings.least_map_points} at least, 6 better"
    if not (_in_general(pixels, _LEAST_AREA_PX) and _in_general(metres, _LEAST_AREA_M)):
        return "the map points lie along a line, in the picture or on the map"
    sigmas = _sigmas_m(pixels, metres, pixel_sigmas, metre_sigmas)
    if sigmas is None:
        return "the map points do not fit a flat ground before the camera"
    left_out_m, widened = None, settings.unchecked_widening
    if count > settings.least_map_points:
        checked = _left_out(pixels, metres, (pixel_sigmas, metre_sigmas), sigmas)
        if checked is None or checked[0] > settings.most_left_out_m:
            return (
                "each map point left out in turn comes to lie "
                f"{'nowhere' if checked is None else f'{checked[0]:.0f} m off'} by the others: one may be mistaken, "
                "the ground not flat, or the points too near to each other"
            )
        left_out_m, widened = checked
    drawn = _draws(pixels, metres, (widened * pixel_sigmas, widened * metre_sigmas), sigmas, settings.ground_draws)
    matrix = solved(pixels[None], metres[None], sigmas)[0]
    return GroundFit(matrix=matrix, drawn=drawn, hull_px=pixels, left_out_m=left_out_m, widened=widened)


def _in_general(places: NDArray[np.float64], least: float) -> bool:
    """Whether four of the points lie so that no three of them are on a line."""
    size = float(np.ptp(places, axis=0).max())
    if size <= 0.0:
        return False

    def area(a: int, b: int, c: int) -> float:
        one, other = places[b] - places[a], places[c] - places[a]
        return 0.5 * abs(float(one[0] * other[1] - one[1] * other[0])) / size**2

    return any(
        all(area(*three) > least for three in combinations(four, 3)) for four in combinations(range(len(places)), 4)
    )


def solved(
    pixels: NDArray[np.float64], metres: NDArray[np.float64], sigmas: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Homographies of several sets of points at once.

    Parameters
    ----------
    pixels, metres : ndarray of float64, shape (m, n, 2)
        m sets of n points.
    sigmas : ndarray of float64, shape (n,)
        In metres: what each weighs.

    Returns
    -------
    ndarray of float64, shape (m, 3, 3)
        Of which a place times the last row is positive at the points.
    """
    from_pixels, from_metres = _normalising(pixels), _normalising(metres)
    x = _homogeneous(pixels) @ np.swapaxes(from_pixels, 1, 2)
    u = (_homogeneous(metres) @ np.swapaxes(from_metres, 1, 2))[..., :2]
    depth = np.ones(pixels.shape[:2])
    for _ in range(_ROUNDS):
        weight = (sigmas.min() / sigmas / depth)[..., None]
        none = np.zeros_like(x)
        across = np.concatenate([x, none, -u[..., :1] * x], axis=2) * weight
        along = np.concatenate([none, x, -u[..., 1:] * x], axis=2) * weight
        rows = np.concatenate([across, along], axis=1)
        last = np.linalg.eigh(np.swapaxes(rows, 1, 2) @ rows)[1][..., 0]
        matrix = last.reshape(-1, 3, 3)
        depths = np.einsum("mk,mnk->mn", matrix[:, 2], x)
        matrix = matrix * np.where(np.median(depths, axis=1) < 0.0, -1.0, 1.0)[:, None, None]
        depth = np.maximum(np.abs(depths), 1e-3 * np.abs(depths).max(axis=1, keepdims=True))
    return np.asarray(np.linalg.inv(from_metres) @ matrix @ from_pixels)


def _homogeneous(places: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([places, np.ones((*places.shape[:-1], 1))], axis=-1)


def _normalising(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Matrices that bring points about zero and to the size of one (Hartley 1997), shape (m, 3, 3)."""
    middle = places.mean(axis=1)
    size = np.sqrt(np.square(places - middle[:, None]).sum(axis=2).mean(axis=1) / 2.0)
    matrix = np.zeros((len(places), 3, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = 1.0 / size
    matrix[:, :2, 2] = -middle / size[:, None]
    matrix[:, 2, 2] = 1.0
    return matrix


def placed(matrices: NDArray[np.float64], pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of one pixel place by each of some homographies, shape (m, 2); NaN beyond the horizon.

    `pixels` has shape (2,), or (m, 2) for a place of its own by each.
    """
    there = np.einsum("mab,mb->ma", matrices, _homogeneous(np.broadcast_to(pixels, (len(matrices), 2))))
    ahead = there[:, 2] > 1e-9 * np.abs(matrices[:, 2]).max(axis=1)
    metres = np.full((len(matrices), 2), np.nan)
    metres[ahead] = there[ahead, :2] / there[ahead, 2:]
    return metres


def _sigmas_m(
    pixels: NDArray[np.float64],
    metres: NDArray[np.float64],
    pixel_sigmas: NDArray[np.float64],
    metre_sigmas: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """What each point is uncertain by on the ground, its pixels among it: far ones by more. None where it is folded."""
    sigmas = np.asarray(metre_sigmas, float)
    for _ in range(2):
        matrix = solved(pixels[None], metres[None], sigmas)
        depth = _homogeneous(pixels) @ matrix[0, 2]
        if (depth <= 0.0).any():
            return None
        steps = [np.array([1.0, 0.0]), np.array([0.0, 1.0])]
        spread = np.array([[placed(matrix, p + s)[0] - placed(matrix, p - s)[0] for s in steps] for p in pixels])
        if not np.isfinite(spread).all():
            return None
        size_m = np.sqrt(np.square(spread / 2.0).sum(axis=(1, 2)) / 2.0)
        sigmas = np.sqrt(np.square(metre_sigmas) + np.square(size_m * pixel_sigmas))
    return sigmas


def _left_out(
    pixels: NDArray[np.float64],
    metres: NDArray[np.float64],
    given: tuple[NDArray[np.float64], NDArray[np.float64]],
    sigmas: NDArray[np.float64],
) -> tuple[float, float] | None:
    """Root mean square in metres of points left out, and how much larger their errors are than was to be expected."""
    errors, expected = [], []
    for k in range(len(pixels)):
        rest = np.arange(len(pixels)) != k
        if not (_in_general(pixels[rest], _LEAST_AREA_PX) and _in_general(metres[rest], _LEAST_AREA_M)):
            continue
        sets = (pixels[rest], metres[rest], (given[0][rest], given[1][rest]), sigmas[rest])
        there = placed(solved(pixels[rest][None], metres[rest][None], sigmas[rest]), pixels[k])[0]
        drawn = placed(_draws(*sets, _DRAWS_OF_CHECK), pixels[k])
        if not np.isfinite(there).all() or np.isfinite(drawn).all(axis=1).mean() < 0.9:
            return None
        middle = np.nanmedian(np.linalg.norm(drawn - there, axis=1)) / 1.1774  # of a Rayleigh distribution
        errors.append(float(np.linalg.norm(there - metres[k])))
        expected.append(float(np.hypot(middle, sigmas[k])))
    if not errors:
        return None
    ratios = np.square(np.array(errors) / np.array(expected)) / 2.0
    return float(np.sqrt(np.mean(np.square(errors)))), float(np.sqrt(max(1.0, ratios.mean())))


def _draws(
    pixels: NDArray[np.float64],
    metres: NDArray[np.float64],
    given: tuple[NDArray[np.float64], NDArray[np.float64]],
    sigmas: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Homographies of the points moved by their uncertainties; the same for the same points."""
    rng = np.random.default_rng(len(pixels))
    moved_px = pixels + rng.standard_normal((count, *pixels.shape)) * given[0][:, None]
    moved_m = metres + rng.standard_normal((count, *metres.shape)) * given[1][:, None]
    return solved(moved_px, moved_m, sigmas)
