"""Lags that only bangs carry, beside those that other sounds support."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import LagHypothesis
from syncview.sync.blast_patterns import blast_lags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Detection
    from syncview.settings import SyncSettings
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.features import SoundFeatures

__all__ = ["bangs_alone", "with_blasts"]

_SIGMAS = 2.0  # in a 95 % half-width
_TOP = 50.0  # log odds beyond doubt


def with_blasts(
    found: tuple[LagHypothesis, ...],
    onsets_a: Sequence[Detection],
    onsets_b: Sequence[Detection],
    a: SoundFeatures,
    b: SoundFeatures,
    *,
    settings: SyncSettings,
) -> tuple[LagHypothesis, ...]:
    """Add the lags at which the pattern of bangs fits, where no other sound settles the pair.

    Parameters
    ----------
    found : tuple of LagHypothesis
        What other sounds support.
    onsets_a, onsets_b : sequence of Detection
        Bangs of both recordings.
    a, b : SoundFeatures
        Their sounds.
    settings : SyncSettings
        Coefficients.

    Returns
    -------
    tuple of LagHypothesis
        Both kinds compete with each other and with "nothing in common"; where they name one lag, the likelier of the
        two speaks. The same as `found` where that is settled or no bangs fit.
    """
    if any(h.sound == "acoustic" and h.probability >= settings.settled_probability for h in found):
        return found
    bangs = [
        LagHypothesis(
            lag_s=lag.lag_s,
            lag_spread_s=lag.lag_spread_s,
            probability=lag.probability,
            supports=lag.coincidences,
            sigma_s=lag.uncertainty_s / _SIGMAS,
            basis="blast",
            reasons=lag.reasons,
        )
        for lag in blast_lags(onsets_a, onsets_b, a, b, settings=settings)
    ]
    near = 0.5 * settings.cluster_width_s
    apart = [h for h in found if all(abs(h.lag_s - g.lag_s) > near or g.probability < h.probability for g in bangs)]
    bangs = [g for g in bangs if all(abs(h.lag_s - g.lag_s) > near for h in apart)]
    return _competing([*apart, *bangs]) if bangs else found


def bangs_alone(candidate: LagCandidate, *, settings: SyncSettings) -> bool:
    """Whether the agreement at a lag lies in a few short bursts: cameras far apart share bangs and nothing else.

    Parameters
    ----------
    candidate : LagCandidate
        A lag, with its agreement along the overlap.
    settings : SyncSettings
        How long and how many bursts may be, and which share of the agreement they must hold.

    Returns
    -------
    bool
        False where the bursts cover much of the overlap, as a song or a voice does.
    """
    course = candidate.white.course
    per_second = max(1, round(1.0 / candidate.step_s))
    seconds = np.add.reduceat(course, np.arange(0, len(course), per_second)) / math.sqrt(per_second)
    loud = seconds >= settings.burst_z
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int)))
    lengths = edges[1::2] - edges[::2]
    if not settings.least_supports <= len(lengths) <= settings.bursts_at_most:
        return False
    if lengths.max() > settings.burst_longest_s:
        return False
    held = float(seconds[loud].sum()) >= settings.burst_least_share * float(np.maximum(seconds, 0.0).sum())
    return held and bool(loud.mean() <= settings.burst_most_share)


def _competing(found: Sequence[LagHypothesis]) -> tuple[LagHypothesis, ...]:
    """Let lags of both kinds contradict each other, each by its odds against nothing in common."""
    odds = [math.exp(min(_log_odds(h, found), _TOP)) for h in found]
    total = 1.0 + sum(o for o, h in zip(odds, found, strict=True) if h.sound == "acoustic")
    return tuple(
        replace(h, probability=min(h.probability, o / total), log_odds=math.log(max(o, 1e-12)))
        if h.sound == "acoustic"
        else h
        for o, h in zip(odds, found, strict=True)
    )


def _log_odds(hypothesis: LagHypothesis, found: Sequence[LagHypothesis]) -> float:
    if hypothesis.log_odds is not None:
        return hypothesis.log_odds
    nothing = max(1.0 - sum(h.probability for h in found if h.basis == hypothesis.basis), 1e-12)
    return math.log(hypothesis.probability / nothing)
