"""One robust least squares over clocks, moments, places, skews and the air; see `syncview.reconstruct.solving`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError
from syncview.reconstruct.solving.equations import Equations, equations_of
from syncview.reconstruct.solving.evaluation import System, travel
from syncview.reconstruct.solving.minima import distinct, minima_of
from syncview.reconstruct.solving.naming import outliers_of
from syncview.reconstruct.solving.outliers import contested_of
from syncview.reconstruct.solving.solution import Solution
from syncview.reconstruct.solving.spread import sample, scatter
from syncview.reconstruct.solving.unknowns import padded, unknowns_of
from syncview.reconstruct.solving.valleys import walk
from syncview.reconstruct.solving.verdicts import Found, as_it_came, clocks_of, reasons_of, sources_of

if TYPE_CHECKING:
    from syncview.reconstruct.solving.problem import Arrival, Light, Limit, Problem, Tie
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.settings.solving import SolvingSettings

__all__ = ["solve"]


def solve(problem: Problem, *, settings: SolvingSettings) -> Solution:
    """True clocks, moments and places of strikes, each with its uncertainty, from all that is known of a group.

    Parameters
    ----------
    problem : Problem
        Clocks as sound leaves them, arrivals, lights, pins, places.
    settings : SolvingSettings
        Widths, starts and when to abstain.

    Returns
    -------
    Solution
        One clock for each piece, one source for each strike, both in the order given.

    Raises
    ------
    InputError
        If a statement names a piece, camera or source that is not there, or is not finite.
    """
    _check(problem)
    unknowns = unknowns_of(problem, settings=settings)
    if not unknowns.sources and not problem.ties:
        return as_it_came(problem)
    system = System(equations_of(problem, unknowns, settings=settings))
    weights = np.ones(system.equations.n_rows)
    minima = minima_of(system, weights, settings=settings)
    if len(system.equations.arrivals):
        wider = scatter(system, minima[0])
        system = System(_with_paths(system.equations, minima[0].z, wider, settings))
        minima = distinct(system, np.array([m.z for m in minima]), weights, settings=settings)
    groups, weights, z = contested_of(problem, system, minima, weights, settings=settings)
    if groups:
        z = np.concatenate([z, [m.z for m in minima_of(system, weights, settings=settings)]])
        minima = distinct(system, z, weights, settings=settings)
    each = max(settings.samples // len(minima), settings.samples // 4)
    drawn = tuple(sample(system, minimum, each, settings=settings) for minimum in minima)
    found = Found(
        problem=problem,
        system=system,
        weights=weights,
        contested=tuple(statement for group in groups for statement in group),
        minima=minima,
        drawn=drawn,
        valleys=tuple(walk(system, minimum, settings=settings) for minimum in minima),
    )
    return Solution(
        clocks=clocks_of(found, settings=settings),
        sources=sources_of(found, settings=settings),
        outliers=outliers_of(system, groups, minima[0].z),
        minima=len(minima),
        reasons=reasons_of(found),
    )


def _with_paths(equations: Equations, z: Floats, wider: float, settings: SolvingSettings) -> Equations:
    """The same with sigmas of arrivals that hold what the air does along the way, and as wide as they scatter."""
    u = equations.unknowns
    full = padded(z)
    camera_m = u.camera_m[equations.piece] + full[u.camera[equations.piece]]
    ways_m = camera_m - u.places_m(z)[equations.source]
    travel_s = travel(ways_m, np.full(len(ways_m), equations.sound_speed_mps), np.zeros(2))[0]
    return replace(equations, sigma_s=np.hypot(wider * equations.sigma_s, settings.path_share * travel_s))


def _check(problem: Problem) -> None:
    """Refuse a problem whose statements do not name one another, or hold numbers that are none.

    Raises
    ------
    InputError
        With the first fault found.
    """
    pieces = {piece.name: piece for piece in problem.pieces}
    cameras = {camera.recording_id for camera in problem.cameras}
    sources = {source.id for source in problem.sources}
    signs: list[Arrival | Light] = [*problem.arrivals, *problem.lights]
    ends: list[Tie | Limit] = [*problem.ties, *problem.limits]
    named = [sign.piece for sign in signs] + [name for end in ends for name in (end.a, end.b)]
    missing = [
        *(f"piece {name!r}" for name in (problem.reference, *named) if name not in pieces),
        *(f"camera {p.recording_id!r}" for p in problem.pieces if p.recording_id not in cameras),
        *(f"source {s.source_id!r}" for s in signs if s.source_id not in sources),
    ]
    if missing:
        msg = f"the problem names {missing[0]}, which it does not hold"
        raise InputError(msg)
    numbers = [x for sign in signs for x in (sign.time_s, sign.uncertainty_s)]
    numbers += [x for tie in problem.ties for x in (tie.difference_s, tie.uncertainty_s)]
    numbers += [x for c in problem.cameras for x in (*(c.position_m or ()), c.position_uncertainty_m or 0.0)]
    numbers += [piece.uncertainty_s for piece in problem.pieces]
    if not np.isfinite(np.array(numbers, float)).all():
        msg = "the problem holds a number that is not finite"
        raise InputError(msg)
