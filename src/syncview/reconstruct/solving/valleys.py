"""How far the flat valleys around a minimum reach: the profile of the cost along its weakest directions.

Draws that begin at the minimum may miss the far end of a long bent valley. So each of the weakest directions is walked
along, everything else solved again at each step, until the cost has risen by what a 95 % region allows (profile
likelihood; Venzon and Moolgavkar 1988). In a linear problem this adds nothing to the covariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import Pull, descend

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.minima import Minimum
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.settings.solving import SolvingSettings

__all__ = ["Valley", "walk"]

_RISE_OF_ONE = 1.92  # half the 95 % point of chi-square with one degree of freedom: a clock
_RISE_OF_TWO = 3.0  # with two: a place
_SIGMAS = (1.0, 2.0, 3.2, 5.0, 8.0, 12.0)
_HOLD = 0.02  # how firmly a step is held where it is, in sigmas


@dataclass(frozen=True, slots=True, kw_only=True)
class Valley:
    """Unknowns (n, count) at the ends of the 95 % region of single numbers, and of places."""

    of_one: Floats
    of_two: Floats


def walk(system: System, minimum: Minimum, *, settings: SolvingSettings) -> Valley:
    """Walk along the weakest directions of the clocks and places, both ways.

    Parameters
    ----------
    system : System
        The equations.
    minimum : Minimum
        Where to begin.
    settings : SolvingSettings
        How many directions, and the steps of each descent.

    Returns
    -------
    Valley
    """
    directions, sigmas = _weakest(system, minimum, settings.valleys)
    if not len(directions):  # one clock, and its strikes at no place: nothing bends
        nowhere = np.zeros((0, len(minimum.z)))
        return Valley(of_one=nowhere, of_two=nowhere)
    functional = np.concatenate([directions, -directions])
    sigma = np.concatenate([sigmas, sigmas])
    here = np.repeat(minimum.z[None], len(functional), axis=0)
    weights = np.repeat(minimum.weights[None], len(functional), axis=0)
    base = descend(system, here[:1], scale=None, steps=0, weights=weights[:1]).cost
    ahead = functional @ minimum.covariance / sigma[:, None]  # one sigma along, all else following
    path, rises = [here], [np.zeros(len(here))]
    for k, reach in enumerate(_SIGMAS):
        gap = reach - (_SIGMAS[k - 1] if k else 0.0)
        slope = ahead if k < 2 else (path[-1] - path[-2]) / (_SIGMAS[k - 1] - _SIGMAS[k - 2])
        pull = Pull(
            functional=functional / sigma[:, None],
            target=(functional * minimum.z).sum(axis=1) / sigma + reach,
            weight=_HOLD**-2,
        )
        down = descend(
            system, path[-1] + gap * slope, scale=None, steps=settings.sample_steps, weights=weights, pull=pull
        )
        path.append(down.z)
        rises.append(down.cost - base)
        if rises[-1].min() > _RISE_OF_TWO:
            break
    return Valley(
        of_one=_ends(np.array(path), np.array(rises), _RISE_OF_ONE),
        of_two=_ends(np.array(path), np.array(rises), _RISE_OF_TWO),
    )


def _weakest(system: System, minimum: Minimum, n: int) -> tuple[Floats, Floats]:
    """Functionals (n, count) of the clocks and places that are known worst, beside their own widths, and sigmas."""
    u = system.equations.unknowns
    columns = np.unique([*u.clock, *u.place.ravel()])
    columns = columns[columns < u.count]
    width = np.sqrt(np.diag(minimum.covariance)[columns])
    shape = minimum.covariance[np.ix_(columns, columns)] / width[:, None] / width
    values, axes = np.linalg.eigh(shape)
    n = min(n, len(columns))
    functional = np.zeros((n, u.count))
    functional[:, columns] = axes[:, ::-1][:, :n].T / width
    return functional, np.sqrt(values[::-1][:n])


def _ends(path: Floats, rises: Floats, most: float) -> Floats:
    """Where each walk (n_steps, n_walks, count) has risen by `most`; its last step where it never does."""
    roots = np.sqrt(np.maximum(rises, 0.0))
    found = []
    for k in range(path.shape[1]):
        above = np.flatnonzero(rises[:, k] > most)
        if not len(above):
            found.append(path[-1, k])
            continue
        end = int(above[0])
        share = (np.sqrt(most) - roots[end - 1, k]) / max(roots[end, k] - roots[end - 1, k], 1e-9)
        found.append(path[end - 1, k] + share * (path[end, k] - path[end - 1, k]))
    return np.array(found).reshape(-1, path.shape[2])
