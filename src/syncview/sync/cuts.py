"""Where the lag of two recordings jumps: cuts, pauses, inserted material.

A recording with a cut agrees with another one at two lags, each in its own part. Sounds that repeat agree at two lags
too, but in the same part: the two are told apart by what each lag shows on the other side.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import Jump

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.features import SoundFeatures

__all__ = ["find_jumps"]


def find_jumps(b: SoundFeatures, candidates: Sequence[LagCandidate], *, settings: SyncSettings) -> tuple[Jump, ...]:
    """Find where one lag of a pair ends and another begins.

    Parameters
    ----------
    b : SoundFeatures
        The second recording of the pair.
    candidates : sequence of LagCandidate
        Lags at which the two agree.
    settings : SyncSettings
        What each side of a jump must show.

    Returns
    -------
    tuple of Jump
        In order of time; every two lags give one at most.
    """
    found = []
    for before, after in itertools.permutations(candidates, 2):
        jump = _jump(b, before, after, settings)
        if jump is not None:
            found.append(jump)
    return tuple(sorted(found, key=lambda j: (j.end_s, j.start_s)))


def _jump(b: SoundFeatures, before: LagCandidate, after: LagCandidate, settings: SyncSettings) -> Jump | None:
    """The jump from one lag to another, if each holds on its own side and nowhere else."""
    step_s = settings.course_step_s
    count = math.ceil(b.duration_s / step_s)
    first, second = (_level(_along(b, c, count, step_s), settings) for c in (before, after))
    # What b has and a has not lies between the two parts of b; what a has and b has not takes no time in b.
    skipped = min(count, max(0, round((before.lag_s - after.lag_s) / step_s)))
    so_far, from_here = (np.concatenate([[0.0], np.cumsum(course)]) for course in (first, second))
    gain = so_far[: count + 1 - skipped] + from_here[-1] - from_here[skipped:]
    at = int(np.argmax(gain))
    parts = (slice(0, at), slice(at + skipped, count))
    if not (_holds(first, *parts, settings) and _holds(second, *parts[::-1], settings)):
        return None
    until, since = _doubtful(gain, at, _mean(first[parts[0]]), _mean(second[parts[1]]), settings)
    end_s, start_s = b.start_s + until * step_s, b.start_s + (since + skipped) * step_s
    return Jump(
        before_s=before.lag_s,
        after_s=after.lag_s,
        end_s=(end_s + before.lag_s, end_s),
        start_s=(start_s + after.lag_s, start_s),
        gain=float(gain[at]),
    )


def _level(course: NDArray[np.float64], settings: SyncSettings) -> NDArray[np.float64]:
    """Bring loud moments down to others: one bang agrees with any other, and must not move a cut."""
    return np.clip(course, -settings.course_cap, settings.course_cap)


def _mean(course: NDArray[np.float64]) -> float:
    seen = course[course != 0.0]
    return float(seen.mean()) if len(seen) else 0.0


def _doubtful(
    gain: NDArray[np.float64], at: int, before: float, after: float, settings: SyncSettings
) -> tuple[int, int]:
    """Steps between which the change lies: where the likelihood has not yet fallen by e to the 4th.

    Each step of a course is Gaussian with unit deviation, about its mean where the lag holds and about 0 elsewhere.
    """
    fall = settings.cut_log_likelihood / max(0.5 * (before + after), 1e-3)
    doubtful = gain >= gain[at] - fall
    until = at - int(np.argmin(doubtful[at::-1])) if not doubtful[: at + 1].all() else 0
    since = at + int(np.argmin(doubtful[at:])) if not doubtful[at:].all() else len(gain) - 1
    return until, since


def _along(b: SoundFeatures, candidate: LagCandidate, count: int, step_s: float) -> NDArray[np.float64]:
    """Agreement at a lag along b, zero where the two have nothing in common."""
    course = candidate.course()
    first_s = candidate.first_s - candidate.lag_s - b.start_s
    step = np.floor(((np.arange(count) + 0.5) * step_s - first_s) / candidate.step_s).astype(int)
    inside = (step >= 0) & (step < len(course))
    return np.asarray(np.where(inside, course[np.clip(step, 0, len(course) - 1)], 0.0))


def _holds(course: NDArray[np.float64], inside: slice, outside: slice, settings: SyncSettings) -> bool:
    """Whether a lag is strong on one side of a cut and, as far as it could show, next to nothing on the other."""
    here, there = course[inside][course[inside] != 0.0], course[outside][course[outside] != 0.0]
    if len(here) * settings.course_step_s < settings.part_least_s:
        return False
    if here.sum() / math.sqrt(len(here)) < settings.part_least_z:
        return False
    return not len(there) or bool(there.mean() < settings.part_elsewhere_share * here.mean())
