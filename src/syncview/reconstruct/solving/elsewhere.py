"""Where a camera may have stood whose stated place does not fit: everything solved without it, then a map of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import descend
from syncview.reconstruct.solving.starts import camera_places, starts

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.unknowns import Floats, Index
    from syncview.settings.solving import SolvingSettings

__all__ = ["elsewhere_of"]

_FRESH = 2  # starts that know nothing of the solution at hand
_MOST = 60  # of all cameras together: bounds the work


def elsewhere_of(
    system: System, z: Floats, weights: Floats, recordings: list[str], *, settings: SolvingSettings
) -> tuple[Floats, Index]:
    """Unknowns with each camera put where the sources that the others placed fit what it heard.

    Parameters
    ----------
    system : System
        The equations.
    z : ndarray
        (count,) solution at hand.
    weights : ndarray
        (n_cameras, n_rows) without each camera's place.
    recordings : list of str
        The cameras.
    settings : SolvingSettings
        Steps.

    Returns
    -------
    tuple of ndarray
        (n_sets, count) unknowns, and for each the number of its camera.
    """
    e = system.equations
    names = np.array([e.unknowns.pieces[p].recording_id for p in e.piece])
    without = weights.copy()
    for k, recording in enumerate(recordings):
        without[k, : len(e.arrivals)] *= names != recording
    fresh = _FRESH if len(recordings) * (1 + _FRESH) <= _MOST else 0
    sets = [np.concatenate([z[None], starts(system, w, settings=settings)[:fresh]]) for w in without]
    number = np.repeat(np.arange(len(recordings)), 1 + fresh)
    down = descend(
        system, np.concatenate(sets), scale=settings.robust_sigmas, steps=settings.steps, weights=without[number]
    )
    found, whose = [], []
    for k, recording in enumerate(recordings):
        mine = np.flatnonzero(number == k)
        best = down.z[mine[down.cost[mine].argmin()]]
        placed = camera_places(e, best, np.flatnonzero(names == recording))
        found += placed
        whose += [k] * len(placed)
    return np.array(found).reshape(-1, system.count), np.array(whose, np.intp)
