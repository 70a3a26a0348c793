"""How many people and vehicles were recognised at once, by the second: at least so many, None where nobody can say."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from syncview.model.movement import FigureCount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.model.movement import FigureKind, Track, Unassessable, Watched
    from syncview.settings import MovementSettings

__all__ = ["count_figures"]

_BIN_S = 1.0
_MOST_UNKNOWN_SHARE = 0.5  # of a second: then it is not assessable as a whole


def count_figures(
    tracks: Sequence[Track], watched: Watched, unassessable: Sequence[Unassessable], *, settings: MovementSettings
) -> tuple[FigureCount, ...]:
    """Count the figures of each second; seconds that are alike are joined.

    Parameters
    ----------
    tracks : sequence of Track
        Of one recording.
    watched : Watched
        Of the same.
    unassessable : sequence of Unassessable
        Where more than half of a second's frames lie in them, nobody is counted, nor are vehicles if it holds for them.
    settings : MovementSettings
        `rate_hz`: how often the picture was looked at.

    Returns
    -------
    tuple of FigureCount
        From the first looked-at frame to the last, without gaps.
    """
    times = watched.times_s
    if len(times) == 0:
        return ()
    persons, vehicles = _at_once(tracks, "person", times), _at_once(tracks, "vehicle", times)
    hidden = _hidden(unassessable, times)
    hidden_vehicles = _hidden([one for one in unassessable if one.vehicles], times)
    start_s, end_s = float(times[0]), float(times[-1]) + 1.0 / settings.rate_hz
    edges = [*np.arange(start_s, end_s - 1e-6, _BIN_S).tolist(), end_s]
    bins = []
    for begin, end in pairwise(edges):
        inside = (times >= begin - 1e-9) & (times < end - 1e-9)
        told = [inside.any() and one[inside].mean() <= _MOST_UNKNOWN_SHARE for one in (hidden, hidden_vehicles)]
        counted = [counts[inside] if ok else None for counts, ok in zip((persons, vehicles), told, strict=True)]
        bins.append(_counted(begin, end, *counted))
    return tuple(_joined(list(alike)) for _, alike in groupby(bins, key=_what))


def _at_once(tracks: Sequence[Track], kind: FigureKind, times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many tracks of a kind have a point in each looked-at frame."""
    counts = np.zeros(len(times_s), np.int64)
    for track in tracks:
        if track.kind == kind:
            given = np.array([point.time_s for point in track.points])
            counts[np.unique(np.clip(np.searchsorted(times_s, given - 1e-6), 0, len(times_s) - 1))] += 1
    return counts


def _hidden(unassessable: Sequence[Unassessable], times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    hidden = np.zeros(len(times_s), bool)
    for one in unassessable:
        hidden |= (times_s >= one.start_s - 1e-9) & (times_s <= one.end_s + 1e-9)
    return hidden


def _counted(
    start_s: float, end_s: float, persons: NDArray[np.int64] | None, vehicles: NDArray[np.int64] | None
) -> FigureCount:
    return FigureCount(
        start_s=start_s,
        end_s=end_s,
        persons=None if persons is None else int(np.median(persons)),
        persons_most=None if persons is None else int(persons.max()),
        vehicles=None if vehicles is None else int(np.median(vehicles)),
        vehicles_most=None if vehicles is None else int(vehicles.max()),
    )


def _what(count: FigureCount) -> tuple[int | None, ...]:
    return count.persons, count.persons_most, count.vehicles, count.vehicles_most


def _joined(counts: list[FigureCount]) -> FigureCount:
    first, last = counts[0], counts[-1]
    return FigureCount(
        start_s=first.start_s,
        end_s=last.end_s,
        persons=first.persons,
        persons_most=first.persons_most,
        vehicles=first.vehicles,
        vehicles_most=first.vehicles_most,
    )
