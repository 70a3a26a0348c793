"""Which places the measurements leave free to slide, whatever is only likely beforehand.

The rows of arrivals, flashes and pins that are used, in the unknown places, moments and clocks: a place is free where
a direction of their null space moves it (Strang, "Linear Algebra and Learning from Data", I.8). So a clock that
nothing else ties gives nothing, whoever saw or was pinned with it; pins among clocks apart from the rest neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.reconstruct.solving.unknowns import Index
    from syncview.reconstruct.solving.verdicts import Found

__all__ = ["Freedom", "freedom_of"]

_KNOWN_CLOCK_S = 0.15  # 50 m of sound: such a clock tells of places by itself
_OWN = 3  # a place and a moment: a source of fewer measurements does not give itself, and takes nothing from others
_NULL = 1e-6  # of the largest singular value; cameras 100 m apart tell a place 10 km away by 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Freedom:
    """`slides` (n_sources,) where nothing measured holds a place; `missing`, how many measurements would hold all."""

    slides: NDArray[np.bool_]
    missing: int


def freedom_of(found: Found) -> Freedom:
    """Find what slides at the best minimum.

    Parameters
    ----------
    found : Found
        A solved system. Statements that were left out count as nothing: such a place is unknown again.

    Returns
    -------
    Freedom
    """
    e = found.system.equations
    u = e.unknowns
    rows = _measured(found)
    slopes = found.system.jacobian(found.system.evaluate(found.minima[0].z[None])).toarray()
    places = [
        [] if _is_stated(found, "place", s.id, s.place_m) else u.place[k].tolist() for k, s in enumerate(u.sources)
    ]
    columns = np.array([*_timing(found), *_cameras(found), *(c for pair in places for c in pair)], np.intp)
    matrix = slopes[np.ix_(rows, columns)]
    matrix[:, len(_timing(found)) :] *= e.sound_speed_mps  # metres as seconds
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
    free = np.zeros((u.count + 1, 0))
    if len(columns):
        _, sizes, axes = np.linalg.svd(matrix, full_matrices=True)
        rank = int((sizes > _NULL * sizes.max(initial=0.0)).sum())
        free = np.zeros((u.count + 1, len(columns) - rank))
        free[columns] = axes[rank:].T
    own = _own(found, rows)
    slides = np.array([bool(np.abs(free[pair]).max(initial=0.0) > _NULL) for pair in places], bool)
    held = [c for k, pair in enumerate(places) if own[k] >= _OWN for c in pair]
    missing = int(np.linalg.matrix_rank(free[held], tol=_NULL)) if held and free.shape[1] else 0
    return Freedom(slides=slides, missing=missing)


def _measured(found: Found) -> Index:
    """Rows of arrivals, flashes and pins that are used."""
    e = found.system.equations
    lights = found.problem.lights
    is_measured = [True] * len(e.arrivals) + [
        name == "tie" or (name == "light" and lights[int(n)].kind == "flash") for name, n in e.names
    ]
    return np.flatnonzero(np.array(is_measured, bool) & (found.weights > 0))


def _own(found: Found, rows: Index) -> list[int]:
    """How many arrivals and flashes each source has."""
    e = found.system.equations
    number = e.unknowns.source_index()
    n = len(e.arrivals)
    mine = [int(e.source[row]) for row in rows if row < n]
    for row in rows[rows >= n]:
        name, which = e.names[row - n]
        if name == "light":
            mine.append(number[found.problem.lights[int(which)].source_id])
    return [mine.count(k) for k in range(len(e.unknowns.sources))]


def _timing(found: Found) -> list[int]:
    """Columns of moments, and of clocks that are not known beforehand."""
    u = found.system.equations.unknowns
    limited = {name for limit in found.problem.limits for name in (limit.a, limit.b)}
    known = {
        int(u.clock[p]) for p, x in enumerate(u.pieces) if x.uncertainty_s < _KNOWN_CLOCK_S and x.name not in limited
    }
    return [*u.moment.tolist(), *sorted(set(u.clock.tolist()) - known - {u.count})]


def _cameras(found: Found) -> list[int]:
    """Columns of cameras whose places nobody stated, or are contested."""
    u = found.system.equations.unknowns
    unknown = [
        p
        for p, camera in enumerate(u.cameras)
        if not _is_stated(found, "position", camera.recording_id, camera.position_m)
    ]
    return sorted({int(c) for p in unknown for c in u.camera[p]} - {u.count})


def _is_stated(found: Found, kind: str, name: str, place_m: tuple[float, float] | None) -> bool:
    contested = any(s.kind == kind and s.about == (name,) for s in found.contested)
    return place_m is not None and not contested
