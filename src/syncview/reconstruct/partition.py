"""Which arrivals are one sound: a partition with at most one arrival per recording in each part.

Agglomerative with complete linkage: the two parts that agree best in their pattern of delays and in strength are
joined first, so that of two blasts 0.8 s apart each takes its own although both lie inside what sound's travel allows.
A join must be possible for every pair of recordings, and likelier than chance.
"""

from __future__ import annotations

import heapq
import itertools
import math
from typing import TYPE_CHECKING

from syncview.reconstruct.echoes import mostly_marked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.reconstruct.pattern import Pattern
    from syncview.settings import ReconstructSettings

__all__ = ["ONE_STRIKE", "coincidence_density_hz", "is_confirmed", "partition"]

_ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
ONE_STRIKE = 0.7  # votes that one other clear strike gives a pair's delay


def partition(
    arrivals: Sequence[Arrival], pattern: Pattern, listeners: Listeners, *, settings: ReconstructSettings
) -> tuple[tuple[Arrival, ...], ...]:
    """Group the arrivals of one group of recordings into sounds.

    Parameters
    ----------
    arrivals : sequence of Arrival
        Sorted by time.
    pattern : Pattern
        Delays of the recordings.
    listeners : Listeners
        What sound's travel allows.
    settings : ReconstructSettings
        Spread within a pattern, and how often strikes happen.

    Returns
    -------
    tuple of tuple of Arrival
        Every arrival in exactly one part; at most one arrival of a recording in each.
    """
    parts: dict[int, tuple[Arrival, ...]] = {index: (arrival,) for index, arrival in enumerate(arrivals)}
    reach_s = _widest_s(arrivals, listeners)
    queue: list[tuple[float, int, int]] = []

    def offer(i: int, j: int) -> None:
        affinity = _affinity(parts[i], parts[j], pattern, listeners, settings)
        if affinity is not None:
            heapq.heappush(queue, (-affinity, i, j))

    for i, j in _neighbours(arrivals, reach_s):
        offer(i, j)
    fresh = len(arrivals)
    while queue:
        _, i, j = heapq.heappop(queue)
        if i not in parts or j not in parts:
            continue
        joined = tuple(sorted(parts.pop(i) + parts.pop(j), key=lambda a: (a.time_s, a.recording_id)))
        near = [
            other
            for other, members in parts.items()
            if joined[0].time_s - reach_s <= members[-1].time_s and members[0].time_s <= joined[-1].time_s + reach_s
        ]
        parts[fresh] = joined
        for other in near:
            offer(other, fresh)
        fresh += 1
    whole = _reunited(sorted(parts.values(), key=_first), reach_s, pattern, listeners, settings)
    return tuple(sorted(whole, key=_first))


def _first(part: tuple[Arrival, ...]) -> tuple[float, str]:
    return part[0].time_s, part[0].recording_id


def _reunited(
    parts: Sequence[tuple[Arrival, ...]],
    reach_s: float,
    pattern: Pattern,
    listeners: Listeners,
    settings: ReconstructSettings,
) -> list[tuple[Arrival, ...]]:
    """Join parts that only a weak arrival keeps apart, those first that fit best.

    A strike from another side does not fit the others' pattern; an echo in one recording may, and then takes the
    place of that recording's own clear arrival. Two strikes of which each camera hears just one are unlikelier than
    one strike that all of them hear.
    """
    alive = dict(enumerate(parts))
    queue: list[tuple[float, int, int]] = []

    def offer(i: int, j: int) -> None:
        if abs(alive[i][0].time_s - alive[j][0].time_s) <= reach_s:
            kept = _without_weak(alive[i], alive[j], settings)
            density_hz = _least_density_hz(kept, alive[j], pattern, listeners, settings) if kept else 0.0
            if density_hz > 0.0:
                heapq.heappush(queue, (-density_hz, i, j))

    for i, j in itertools.permutations(alive, 2):
        offer(i, j)
    fresh = len(parts)
    while queue:
        _, i, j = heapq.heappop(queue)
        if i not in alive or j not in alive:
            continue
        ours, theirs = alive.pop(i), alive.pop(j)
        kept = _without_weak(ours, theirs, settings)
        joined = tuple(sorted(kept + theirs, key=lambda a: (a.time_s, a.recording_id)))
        for part in (joined, *((a,) for a in ours if a not in kept)):
            alive[fresh] = part
            for other in [k for k in alive if k != fresh]:
                offer(other, fresh)
                offer(fresh, other)
            fresh += 1
    return list(alive.values())


def _without_weak(
    ours: tuple[Arrival, ...], theirs: tuple[Arrival, ...], settings: ReconstructSettings
) -> tuple[Arrival, ...]:
    """Return what is left of one part without the weak arrivals that keep it from another; empty when it may not."""
    least = settings.intruder_score
    if max(a.score_by_itself for a in theirs) < least:
        return ()
    heard = {a.recording_id for a in theirs}
    given_up = [a for a in ours if a.recording_id in heard]
    kept = tuple(a for a in ours if a.recording_id not in heard)
    if not kept or not given_up or max(a.score_by_itself for a in kept) < least:
        return ()
    return kept if all(a.score_by_itself < least for a in given_up) else ()


def coincidence_density_hz(
    ours: Arrival, theirs: Arrival, pattern: Pattern, listeners: Listeners, *, settings: ReconstructSettings
) -> float:
    """Probability density of the difference of two arrivals, if they are one sound.

    Where other strikes confirm the two recordings' delays, most of it lies near the pattern; else, and for sounds from
    elsewhere, it is as wide as sound's travel makes it.

    Parameters
    ----------
    ours, theirs : Arrival
        Arrivals at two recordings.
    pattern : Pattern
        Delays and their support.
    listeners : Listeners
        Gives the window.
    settings : ReconstructSettings
        Spreads.

    Returns
    -------
    float
        Per second of difference; 0 beyond the window.
    """
    apart_s = theirs.time_s - ours.time_s
    slack_s = math.hypot(ours.uncertainty_s, theirs.uncertainty_s)
    if abs(apart_s) > listeners.window_s(ours.recording_id, theirs.recording_id) + slack_s:
        return 0.0
    wide = _normal(apart_s, settings.pattern_prior_s)
    if not is_confirmed(ours, theirs, pattern):
        return wide
    residual_s = pattern.adjusted_s(theirs) - pattern.adjusted_s(ours)
    near = _normal(residual_s, math.hypot(settings.pattern_spread_s, slack_s))
    return (1.0 - settings.outlier_share) * near + settings.outlier_share * wide


def is_confirmed(ours: Arrival, theirs: Arrival, pattern: Pattern) -> bool:
    """Whether another strike than this speaks for the delay between two arrivals' recordings."""
    own_vote = math.sqrt(ours.score * theirs.score)
    return pattern.support(ours.recording_id, theirs.recording_id) - own_vote >= ONE_STRIKE


def _widest_s(arrivals: Sequence[Arrival], listeners: Listeners) -> float:
    """Farthest that two arrivals of one sound can lie apart."""
    names = {arrival.recording_id for arrival in arrivals}
    window_s = max((listeners.window_s(a, b) for a in names for b in names), default=0.0)
    return window_s + 2.0 * max((arrival.uncertainty_s for arrival in arrivals), default=0.0)


def _neighbours(arrivals: Sequence[Arrival], reach_s: float) -> Iterator[tuple[int, int]]:
    """Pairs of arrivals of different recordings within reach of each other."""
    for i, first in enumerate(arrivals):
        for j in range(i + 1, len(arrivals)):
            if arrivals[j].time_s - first.time_s > reach_s:
                break
            if arrivals[j].recording_id != first.recording_id:
                yield i, j


def _affinity(
    ours: Sequence[Arrival],
    theirs: Sequence[Arrival],
    pattern: Pattern,
    listeners: Listeners,
    settings: ReconstructSettings,
) -> float | None:
    """Log-odds by which two parts are drawn together; None when they cannot be one sound, or likelier are not.

    For the part that scores less, one sound must explain its nearness better than a chance onset of its own
    recording, or another strike that the other part's cameras missed. Strong arrivals are drawn to strong ones, and
    what may be an echo to what may be one: the first arrival of one camera must not take another's echo.
    """
    if not {a.recording_id for a in ours}.isdisjoint(a.recording_id for a in theirs):
        return None
    density_hz = _least_density_hz(ours, theirs, pattern, listeners, settings)
    scores = [max(a.score for a in part) for part in (ours, theirs)]
    weaker = min(ours, theirs, key=lambda part: max(a.score for a in part))
    rate_hz = max(weaker, key=lambda a: a.score).rate_hz
    score = min(scores)
    if density_hz <= 0.0 or score * density_hz <= (1.0 - score) * rate_hz + score * settings.strike_rate_hz:
        return None
    unlike = mostly_marked(ours) != mostly_marked(theirs)
    return math.log(density_hz) + 0.5 * math.log(scores[0] * scores[1]) - settings.unlike_log_odds * unlike


def _least_density_hz(
    ours: Sequence[Arrival],
    theirs: Sequence[Arrival],
    pattern: Pattern,
    listeners: Listeners,
    settings: ReconstructSettings,
) -> float:
    return min(coincidence_density_hz(a, b, pattern, listeners, settings=settings) for a in ours for b in theirs)


def _normal(value_s: float, sigma_s: float) -> float:
    return math.exp(-0.5 * (value_s / sigma_s) ** 2) / (sigma_s * _ROOT_TWO_PI)
