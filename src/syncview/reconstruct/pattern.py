"""The pattern of arrivals that strikes within a small radius share.

Strikes near each other reach the cameras with nearly the same delays, so the differences between two cameras' arrivals
pile up at one value, while differences between unlike strikes scatter. One delay per camera is chosen jointly from all
pairs, with a mild preference for none, because clocks that come from sound hold most of it already.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.settings import ReconstructSettings

__all__ = ["Pattern", "arrival_pattern"]

_BIN_S = 0.005
_SWEEPS = 5  # of the refinement; it settles in two or three
_ECHO_WEIGHT = 0.3  # an echo's delay has another pattern


class Pattern:
    """Delay of each recording's arrivals, in seconds, and the votes of each pair for theirs."""

    def __init__(self, delay_s: Mapping[str, float], votes: Mapping[tuple[str, str], NDArray[np.float64]]) -> None:
        self.delay_s = dict(delay_s)
        self._support = {
            (a, b): float(
                curve[np.clip(round((delay_s[b] - delay_s[a]) / _BIN_S) + len(curve) // 2, 0, len(curve) - 1)]
            )
            for (a, b), curve in votes.items()
        }

    def adjusted_s(self, arrival: Arrival) -> float:
        """Arrival time less its recording's delay: one strike's arrivals agree."""
        return arrival.time_s - self.delay_s[arrival.recording_id]

    def support(self, a_id: str, b_id: str) -> float:
        """How many strikes (weighted by their scores) speak for the two recordings' delays."""
        return self._support.get((a_id, b_id), self._support.get((b_id, a_id), 0.0))


def arrival_pattern(arrivals: Sequence[Arrival], listeners: Listeners, *, settings: ReconstructSettings) -> Pattern:
    """Choose one delay per recording so that the arrivals of most strikes agree.

    Coordinate ascent from two starts (no delays; a tree grown from the recording with the most evidence) on the sum of
    the pairs' votes, each a kernel over all differences of arrivals that sound's travel allows.

    Parameters
    ----------
    arrivals : sequence of Arrival
        Of one group, sorted.
    listeners : Listeners
        What travel allows.
    settings : ReconstructSettings
        Widths and weights.

    Returns
    -------
    Pattern
        The recording with the most evidence has delay 0.
    """
    by_name: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        by_name.setdefault(arrival.recording_id, []).append(arrival)
    names = sorted(by_name, key=lambda name: (-sum(_weight(a) for a in by_name[name]), name))
    windows = {(a, b): listeners.window_s(a, b) for a, b in itertools.combinations(names, 2)}
    kernel = _kernel(settings.pattern_kernel_s)
    half = max(math.ceil(max(windows.values(), default=0.0) / _BIN_S) + 1, len(kernel))
    votes = {pair: _vote(by_name[pair[0]], by_name[pair[1]], windows[pair], half, kernel) for pair in windows}
    prior = -0.5 * np.square(np.arange(-half, half + 1) * _BIN_S / settings.pattern_prior_s)
    table = _Table(
        names=names, votes=_shared(votes, names, listeners), prior=prior, weight=settings.pattern_vote_log_odds
    )
    starts = [table.refined([0] * len(names)), table.refined(table.grown())]
    best = max(starts, key=table.worth)
    return Pattern({name: shift * _BIN_S for name, shift in zip(names, best, strict=True)}, votes)


def _shared(
    votes: Mapping[tuple[str, str], NDArray[np.float64]], names: Sequence[str], listeners: Listeners
) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Votes of which copies of one recording have one together: they heard nothing that the first did not."""
    witness = listeners.witness_of
    copies = Counter(witness[name] for name in names)
    return {
        (a, b): curve if witness[a] == witness[b] else curve / (copies[witness[a]] * copies[witness[b]])
        for (a, b), curve in votes.items()
    }


class _Table:
    """Votes of all pairs over delays in bins; index 0 of `names` stays at delay 0."""

    def __init__(
        self,
        *,
        names: Sequence[str],
        votes: Mapping[tuple[str, str], NDArray[np.float64]],
        prior: NDArray[np.float64],
        weight: float,
    ) -> None:
        self.prior = prior
        self.size = len(prior)
        self.count = len(names)
        self.curve = {}
        for (a, b), vote in votes.items():
            i, j = names.index(a), names.index(b)
            self.curve[i, j], self.curve[j, i] = weight * vote, weight * vote[::-1]

    def seen_from(self, camera: int, others: Sequence[int], shifts: Sequence[int]) -> NDArray[np.float64]:
        """Worth of each delay of one camera, given those of others."""
        total = self.prior.copy()
        for other in others:
            if other != camera:
                total += _shifted(self.curve[other, camera], shifts[other])
        return total

    def grown(self) -> list[int]:
        """Add cameras one by one, each time the one whose delay is clearest."""
        shifts, placed = [0] * self.count, [0]
        while len(placed) < self.count:
            rest = [camera for camera in range(self.count) if camera not in placed]
            curves = {camera: self.seen_from(camera, placed, shifts) for camera in rest}
            clearest = max(rest, key=lambda camera: (float(curves[camera].max()), -camera))
            shifts[clearest] = self._best(curves[clearest])
            placed.append(clearest)
        return shifts

    def refined(self, shifts: Sequence[int]) -> list[int]:
        """Move one camera after the other to its best delay until nothing moves."""
        current = list(shifts)
        for _ in range(_SWEEPS):
            before = list(current)
            for camera in range(1, self.count):
                current[camera] = self._best(self.seen_from(camera, range(self.count), current))
            if current == before:
                break
        return current

    def worth(self, shifts: Sequence[int]) -> float:
        """Sum of all pairs' votes and of the preference for small delays."""
        middle = self.size // 2
        total = sum(float(self.prior[np.clip(shift + middle, 0, self.size - 1)]) for shift in shifts)
        for (i, j), curve in self.curve.items():
            at = shifts[j] - shifts[i] + middle
            if i < j and 0 <= at < self.size:
                total += float(curve[at])
        return total

    def _best(self, curve: NDArray[np.float64]) -> int:
        return int(np.argmax(curve)) - self.size // 2


def _weight(arrival: Arrival) -> float:
    return arrival.score * (1.0 if arrival.detection.possible_echo_of_s is None else _ECHO_WEIGHT)


def _vote(
    ours: Sequence[Arrival], theirs: Sequence[Arrival], window_s: float, half: int, kernel: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Kernel density of all differences of two recordings' arrivals, weighted by the scores; 1 per sure strike."""
    apart_s = np.subtract.outer([b.time_s for b in theirs], [a.time_s for a in ours]).ravel()
    weight = np.sqrt(np.multiply.outer([_weight(b) for b in theirs], [_weight(a) for a in ours])).ravel()
    inside = np.abs(apart_s) <= window_s
    bins = np.rint(apart_s[inside] / _BIN_S).astype(int) + half
    counts = np.bincount(bins, weights=weight[inside], minlength=2 * half + 1)
    smooth: NDArray[np.float64] = np.convolve(counts, kernel, mode="same")
    return smooth


def _kernel(sigma_s: float) -> NDArray[np.float64]:
    reach = math.ceil(3.0 * sigma_s / _BIN_S)
    values: NDArray[np.float64] = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) * _BIN_S / sigma_s))
    return values


def _shifted(curve: NDArray[np.float64], shift: int) -> NDArray[np.float64]:
    """Return the curve moved to later delays by a number of bins, zeros moving in."""
    result = np.zeros_like(curve)
    if shift >= 0:
        result[shift:] = curve[: len(curve) - shift]
    else:
        result[:shift] = curve[-shift:]
    return result
