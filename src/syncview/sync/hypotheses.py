"""The few lags that a pair's sound supports, each with a probability.

Lags compete with each other and with "nothing in common" (a conditional logit, McFadden 1974). The evidence of a lag
is what is left of its agreement without the strongest two seconds, so that one bang or one loud voice cannot out-vote
a minute of quiet agreement.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import LagHypothesis, PairMatch
from syncview.sync.alignment import align, local_correlation
from syncview.sync.candidates import lag_candidates
from syncview.sync.cuts import find_jumps

if TYPE_CHECKING:
    from syncview.settings import SyncSettings
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.features import SoundFeatures

__all__ = ["candidate_terms", "match_pair"]


def match_pair(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> PairMatch:
    """Find the lags of b against a that their sound supports, and where one lag ends and another begins.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them turns the answer round and changes nothing else: it is always computed from the
        shorter one's side.
    settings : SyncSettings
        Limits and the coefficients of the probability.

    Returns
    -------
    PairMatch
        At most `settings.hypotheses_per_pair` lags, likeliest first; none when nothing stands out.
    """
    if (a.duration_s, a.recording_id) > (b.duration_s, b.recording_id):
        return match_pair(b, a, settings=settings).flipped()
    candidates = lag_candidates(a, b, settings=settings)
    odds = [_log_odds(candidate, settings) for candidate in candidates]
    strengths = np.exp(np.minimum(odds, 50.0))
    total = 1.0 + float(strengths.sum())
    found = [
        _hypothesis(a, b, candidate, float(strength) / total, settings)
        for candidate, strength in zip(candidates, strengths, strict=True)
        if strength / total >= settings.least_probability
    ]
    likely = [c for c, log_odds in zip(candidates, odds, strict=True) if log_odds >= settings.jump_log_odds]
    return PairMatch(
        hypotheses=tuple(sorted(found, key=lambda h: (-h.probability, h.lag_s))),
        jumps=find_jumps(b, likely, settings=settings),
    )


def candidate_terms(candidate: LagCandidate) -> tuple[float, ...]:
    """What the log odds of a candidate are linear in, the constant first.

    Parameters
    ----------
    candidate : LagCandidate
        A lag and what speaks for it.

    Returns
    -------
    tuple of float
        1 and the logarithms of the agreement above chance of tones, pattern and waveform.
    """
    kinds = (candidate.tones, candidate.pattern, candidate.white)
    return (1.0, *(math.log1p(max(0.0, min(kind.rest_z, kind.z) - _CHANCE_Z)) for kind in kinds))


_CHANCE_Z = 3.0


def _log_odds(candidate: LagCandidate, settings: SyncSettings) -> float:
    return sum(c * x for c, x in zip(settings.log_odds, candidate_terms(candidate), strict=True))


def _hypothesis(
    a: SoundFeatures, b: SoundFeatures, candidate: LagCandidate, probability: float, settings: SyncSettings
) -> LagHypothesis:
    """A candidate with its lag to the millisecond, where it is likely enough to be looked at closely."""
    supports = _separate_blocks(candidate, settings)
    if probability < settings.align_least_probability:
        return LagHypothesis(lag_s=candidate.lag_s, lag_spread_s=0.0, probability=probability, supports=supports)
    near = local_correlation(a, b, candidate.lag_s, reach_s=settings.align_reach_s, settings=settings)
    aligned = align(near, fallback_s=candidate.lag_s, settings=settings)
    return LagHypothesis(
        lag_s=aligned.lag_s,
        lag_spread_s=aligned.spread_s,
        probability=probability,
        supports=supports,
        sigma_s=aligned.sigma_s,
        middle_s=(aligned.middle_s, aligned.middle_s - aligned.lag_s),
        drift_ppm=aligned.drift_ppm,
        drift_uncertainty_ppm=aligned.drift_uncertainty_ppm,
    )


def _separate_blocks(candidate: LagCandidate, settings: SyncSettings) -> int:
    """Number of stretches of a second that agree by themselves, no two of them next to each other."""
    supports = 0
    per_block = max(1, round(settings.block_longest_s / candidate.step_s))
    for kind in (candidate.tones, candidate.pattern, candidate.white):
        edges = np.arange(0, len(kind.course), per_block)
        heights = np.add.reduceat(kind.course, edges) / math.sqrt(per_block)
        count, last = 0, -2
        for k in np.flatnonzero(heights >= settings.support_z).tolist():
            if k - last > 1:
                count, last = count + 1, k
        supports = max(supports, count)
    return supports
