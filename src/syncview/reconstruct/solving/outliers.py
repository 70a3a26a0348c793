"""Which statements the others contradict.

Each suspect is left out in turn and everything solved again; what the cost falls by tells how much the others hold
against it (a likelihood ratio). The one whose absence helps most is named, and with it every other whose absence helps
as much: then nobody can tell which of them is wrong. None of them is used further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import Descended, descend, robust_weights
from syncview.reconstruct.solving.elsewhere import elsewhere_of
from syncview.reconstruct.solving.statements import statements_of, without

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.minima import Minimum
    from syncview.reconstruct.solving.problem import Problem
    from syncview.reconstruct.solving.statements import Statement
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.settings.solving import SolvingSettings

__all__ = ["Contested", "contested_of"]

Contested = tuple["Statement", ...]


def contested_of(
    problem: Problem, system: System, minima: tuple[Minimum, ...], weights: Floats, *, settings: SolvingSettings
) -> tuple[tuple[Contested, ...], Floats, Floats]:
    """Name the statements that do not fit, rivals together.

    Parameters
    ----------
    problem : Problem
        What was stated.
    system : System
        Its equations.
    minima : tuple of Minimum
        As they are with everything used.
    weights : ndarray
        (n_rows,) of the rows.
    settings : SolvingSettings
        From which fall of the cost on.

    Returns
    -------
    tuple
        Groups of statements, each of one (or of rivals); the weights without them; unknowns (n_sets, count) to go on
        from.
    """
    statements = statements_of(problem, system)
    z, cost = np.array([minimum.z for minimum in minima]), minima[0].cost
    groups: list[Contested] = []
    for _ in range(settings.most_outliers):
        suspects = _suspects(system, z[0], weights, statements, settings)
        if not suspects:
            break
        trials = np.array([without(weights, s) for s in suspects])
        down = _left_out(system, z[0], trials, suspects, statements, settings)
        gains = cost - down.cost - np.array([_price(s, settings) for s in suspects])
        best = int(gains.argmax())
        if gains[best] < 0:
            break
        rivals = [k for k in np.argsort(-gains, kind="stable") if gains[k] > max(gains[best] - settings.rival_cost, 0)]
        rivals = rivals[: settings.most_rivals]
        groups.append(tuple(suspects[k] for k in rivals))
        for k in rivals:
            weights = without(weights, suspects[k])
        again = descend(
            system, down.z[[best]], scale=settings.robust_sigmas, steps=settings.steps, weights=weights[None]
        )
        z, cost = np.concatenate([again.z, z[1:]]), float(again.cost[0])
        gone = {id(suspects[k]) for k in rivals}
        statements = tuple(s for s in statements if id(s) not in gone)
    return tuple(groups), weights, z


def _left_out(
    system: System,
    z: Floats,
    trials: Floats,
    suspects: list[Statement],
    statements: tuple[Statement, ...],
    settings: SolvingSettings,
) -> Descended:
    """The best solution without each suspect.

    Where no single one makes the rest fit, cameras that may have stood elsewhere are looked for all over the map.
    """
    near = np.repeat(z[None], len(suspects), axis=0)
    scale, steps = settings.robust_sigmas, settings.start_steps
    down = descend(system, near, scale=scale, steps=steps, weights=trials)
    moved = [k for k, suspect in enumerate(suspects) if suspect.kind == "position"]
    best = int(down.cost.argmin())
    rest = _pulls(system, down.z[best], trials[best], statements, settings)
    if not moved or rest.max() < settings.suspect_pull:
        return down
    cameras = [suspects[k].about[0] for k in moved]
    elsewhere, number = elsewhere_of(system, z, trials[moved], cameras, settings=settings)
    index = np.array(moved)[number]
    far = descend(system, elsewhere, scale=scale, steps=settings.steps, weights=trials[index])
    best_z, best_cost, settled = down.z.copy(), down.cost.copy(), down.settled
    for k, found_z, found_cost in zip(index, far.z, far.cost, strict=True):
        if found_cost < best_cost[k]:
            best_z[k], best_cost[k] = found_z, found_cost
    return Descended(z=best_z, cost=best_cost, settled=settled)


def _price(statement: Statement, settings: SolvingSettings) -> float:
    """What leaving a statement out must gain: more where more numbers go free."""
    return settings.outlier_cost + (len(statement.rows) - 1) * settings.outlier_cost_each


def _suspects(
    system: System, z: Floats, weights: Floats, statements: tuple[Statement, ...], settings: SolvingSettings
) -> list[Statement]:
    """Statements that may be wrong, by how far they pull; none where everything fits."""
    if not statements:
        return []
    pulls = _pulls(system, z, weights, statements, settings)
    if pulls.max() < settings.suspect_pull:
        return []
    order = np.argsort(-pulls, kind="stable")
    first = [statements[k] for k in order[: settings.most_suspects] if pulls[k] > 1.0]
    others = [s for s in statements if s.kind in ("pin", "temperature", "position", "place")]
    known = {id(s) for s in first}
    return first + [s for s in others[: settings.most_suspects] if id(s) not in known]


def _pulls(
    system: System, z: Floats, weights: Floats, statements: tuple[Statement, ...], settings: SolvingSettings
) -> Floats:
    """How far each statement pulls, in squared sigmas.

    Left out alone, a row of residual r and leverage h would be off by r / (1 - h): the cost falls by r^2 / (1 - h) / 2.
    """
    at = system.evaluate(z[None])
    used = weights * robust_weights(system, at.residuals, settings.robust_sigmas)[0]
    matrix, _ = system.normal(at, used[None])
    spread = np.linalg.inv(matrix[0])
    slopes = system.jacobian(at)
    leverage = used * np.asarray(slopes.multiply(slopes @ spread).sum(axis=1)).ravel()
    pull = used * at.residuals[0] ** 2 / np.maximum(1.0 - leverage, 1e-3)
    return np.array([pull[s.rows].sum() for s in statements])
