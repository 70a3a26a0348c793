"""The best solution, and every other one that fits as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import covariance, descend, polish, robust_weights
from syncview.reconstruct.solving.starts import map_costs, map_places_m, mirrored_m, starts

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.settings.solving import SolvingSettings

__all__ = ["Minimum", "distinct", "minima_of", "minimum_at"]

_MOST = 6  # a list of more helps nobody
_APART_SIGMAS = 5.0  # nearer ones are one valley
_APART_M, _APART_S = 10.0, 0.01  # nearer ones are the same for every use
_SAME_M, _SAME_S = 3.0, 0.003  # nearer ones are going to one point
_UNSETTLED = 10.0  # of cost: what a start that came to no rest, or shorter sigmas, may still lose
_MAP_VALLEYS = 2  # other places of a source that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """Unknowns (count,), their cost, covariance (count, count) and the weights (n_rows,) that gave it."""

    z: Floats
    cost: float
    covariance: Floats
    weights: Floats


def minima_of(system: System, weights: Floats, *, settings: SolvingSettings) -> tuple[Minimum, ...]:
    """Distinct minima, best first, with all whose cost is within `settings.minimum_cost` of it.

    Parameters
    ----------
    system : System
        What is minimised.
    weights : ndarray
        (n_rows,) 0 for statements that are left out.
    settings : SolvingSettings
        Starts and steps.

    Returns
    -------
    tuple of Minimum
    """
    z, cost = _down(system, starts(system, weights, settings=settings), weights, settings)
    if len(system.equations.arrivals):
        for _ in range(2):
            order = np.argsort(cost, kind="stable")[:1]
            more = np.concatenate([_images(system, z[k], weights, settings) for k in order])
            new_z, new_cost = _down(system, more, weights, settings) if len(more) else (more, np.zeros(0))
            improved = len(new_cost) > 0 and new_cost.min() < cost.min() - settings.minimum_cost
            z, cost = np.concatenate([z, new_z]), np.concatenate([cost, new_cost])
            if not improved:
                break
    return distinct(system, z[cost <= cost.min() + settings.minimum_cost + _UNSETTLED], weights, settings=settings)


def distinct(system: System, z: Floats, weights: Floats, *, settings: SolvingSettings) -> tuple[Minimum, ...]:
    """The distinct minima beside sets of unknowns (n_sets, count), best first."""
    z, cost = _down(system, z, weights, settings)
    found: list[Minimum] = []
    for k in np.argsort(cost, kind="stable"):
        if cost[k] > cost.min() + settings.minimum_cost or len(found) == _MOST:
            break
        if all(_is_apart(system, z[k], other) for other in found):
            found.append(minimum_at(system, z[k], weights, settings=settings, polished=not found))
    return tuple(found)


def minimum_at(
    system: System, z: Floats, weights: Floats, *, settings: SolvingSettings, polished: bool = True
) -> Minimum:
    """The minimum beside a set of unknowns (count,), with its covariance."""
    if polished:
        z = polish(system, z, scale=settings.robust_sigmas, weights=weights)
    down = descend(system, z[None], scale=settings.robust_sigmas, steps=settings.steps, weights=weights[None])
    residuals = system.evaluate(down.z).residuals
    used = weights * robust_weights(system, residuals, settings.robust_sigmas)[0]
    spread = covariance(system, down.z, used[None])[0]
    return Minimum(z=down.z[0], cost=float(down.cost[0]), covariance=spread, weights=used)


def _down(system: System, z: Floats, weights: Floats, settings: SolvingSettings) -> tuple[Floats, Floats]:
    """Some steps from each, then the best to their minima."""
    for steps in (settings.start_steps, settings.steps):
        many = np.repeat(weights[None], len(z), axis=0)
        down = descend(system, z, scale=settings.robust_sigmas, steps=steps, weights=many)
        best = _unlike(system, down.z, down.cost, settings.followed)
        z, cost = down.z[best], down.cost[best]
    return z, cost


def _unlike(system: System, z: Floats, cost: Floats, most: int) -> list[int]:
    """The best sets of unknowns, of those that came to one point one only."""
    u = system.equations.unknowns
    clocks, places = u.clock[u.clock < u.count], u.place.ravel()
    taken: list[int] = []
    for k in np.argsort(cost, kind="stable"):
        near = [
            (np.abs(z[k, clocks] - z[n, clocks]) < _SAME_S).all()
            and (np.abs(z[k, places] - z[n, places]) < _SAME_M).all()
            for n in taken
        ]
        if not any(near):
            taken.append(int(k))
        if len(taken) == most:
            break
    return taken


def _images(system: System, z: Floats, weights: Floats, settings: SolvingSettings) -> Floats:
    """The same solution with all sources mirrored, and with one source at another place that its map likes."""
    e = system.equations
    u = e.unknowns
    places_m = u.places_m(z)
    free = [k for k, source in enumerate(u.sources) if source.place_m is None]
    found = []
    if free:
        every = z.copy()
        every[u.place[free]] = mirrored_m(e, places_m[free]) - u.place_m[free]
        found.append(every)
    map_m = map_places_m(e)
    for k in free:
        mirror = z.copy()
        mirror[u.place[k]] = mirrored_m(e, places_m[k]) - u.place_m[k]
        found.append(mirror)
        costs, moments_s = map_costs(e, z[None], k, map_m)
        for best in _valleys(map_m, costs[0], places_m[k]):
            other = z.copy()
            other[u.place[k]] = map_m[best] - u.place_m[k]
            other[u.moment[k]] = moments_s[0, best] - u.moment_s[k]
            found.append(other)
    images = np.array(found).reshape(-1, system.count)
    costs = descend(
        system, images, scale=settings.robust_sigmas, steps=0, weights=np.repeat(weights[None], len(images), axis=0)
    ).cost
    return images[np.argsort(costs, kind="stable")[: settings.starts]]


def _valleys(map_m: Floats, costs: Floats, known_m: Floats) -> list[int]:
    """The best places of a map that are not near one another nor near the known one."""
    taken: list[int] = []
    middle_m = map_m[0]
    for k in np.argsort(costs, kind="stable")[:40]:
        near_m = 0.5 * np.hypot(*(map_m[k] - middle_m)) + 10.0
        places = [known_m, *map_m[taken]]
        if all(np.hypot(*(map_m[k] - p)) > near_m for p in places):
            taken.append(int(k))
        if len(taken) == _MAP_VALLEYS:
            break
    return taken


def _is_apart(system: System, z: Floats, known: Minimum) -> bool:
    """Whether unknowns differ from a minimum's in a clock or a place by more than its width."""
    u = system.equations.unknowns
    sigmas = np.sqrt(np.maximum(np.diag(known.covariance), 0))
    off = np.abs(z - known.z)
    clocks = u.clock[u.clock < u.count]
    places = u.place.ravel()
    far = np.concatenate(
        [
            (off[clocks] > _APART_S) & (off[clocks] > _APART_SIGMAS * sigmas[clocks]),
            (off[places] > _APART_M) & (off[places] > _APART_SIGMAS * sigmas[places]),
        ]
    )
    return bool(far.any())
