"""The few lags that a pair's sound supports, each with a probability.

Lags compete with each other and with "nothing in common" (a conditional logit, McFadden 1974). The evidence of a lag
is what is left of its agreement without the strongest two seconds, so that one bang or one loud voice cannot out-vote
a minute of quiet agreement.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import LagHypothesis
from syncview.sync.alignment import align, local_correlation
from syncview.sync.candidates import lag_candidates

if TYPE_CHECKING:
    from syncview.settings import SyncSettings
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.features import SoundFeatures

__all__ = ["candidate_terms", "flipped", "lag_hypotheses"]


def lag_hypotheses(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[LagHypothesis, ...]:
    """Find the lags of b against a that their sound supports, likeliest first.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them negates the lags and changes nothing else.
    settings : SyncSettings
        Limits and the coefficients of the probability.

    Returns
    -------
    tuple of LagHypothesis
        At most `settings.hypotheses_per_pair`; empty when nothing stands out.
    """
    if (a.duration_s, a.recording_id) > (b.duration_s, b.recording_id):
        return tuple(flipped(h) for h in _in_order(b, a, settings))
    return _in_order(a, b, settings)


def flipped(hypothesis: LagHypothesis) -> LagHypothesis:
    """Turn a hypothesis of b against a into one of a against b.

    Parameters
    ----------
    hypothesis : LagHypothesis
        Of b against a.

    Returns
    -------
    LagHypothesis
        The same, seen from b.
    """
    return replace(hypothesis, lag_s=-hypothesis.lag_s)


def _in_order(a: SoundFeatures, b: SoundFeatures, settings: SyncSettings) -> tuple[LagHypothesis, ...]:
    """Hypotheses of b against a, always computed from the shorter's side, so that swapping changes no digit."""
    candidates = lag_candidates(a, b, settings=settings)
    strengths = np.exp([min(_log_odds(candidate, settings), 50.0) for candidate in candidates])
    total = 1.0 + float(strengths.sum())
    found = [
        _hypothesis(a, b, candidate, float(strength) / total, settings)
        for candidate, strength in zip(candidates, strengths, strict=True)
        if strength / total >= settings.least_probability
    ]
    return tuple(sorted(found, key=lambda h: (-h.probability, h.lag_s)))


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
    return LagHypothesis(lag_s=aligned.lag_s, lag_spread_s=aligned.spread_s, probability=probability, supports=supports)


def _separate_blocks(candidate: LagCandidate, settings: SyncSettings) -> int:
    """Number of blocks that agree by themselves, no two of them next to each other."""
    heights = np.max([candidate.tones.block_z, candidate.pattern.block_z, candidate.white.block_z], axis=0)
    supports, last = 0, -2
    for k in np.flatnonzero(heights >= settings.support_z).tolist():
        if k - last > 1:
            supports, last = supports + 1, k
    return supports
