"""How likely a lag is by itself, against "nothing in common".

The log odds are linear in how far each kind of evidence stands above what other lags reach, as far as they were
measured: benchmarks/fit_lag_probability.py fits them on simulated incidents and strangers and prints how often the
stated probability was right.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncview.settings import SyncSettings
    from syncview.sync.candidates import LagCandidate

__all__ = ["candidate_terms", "clear_waveform_log_odds", "lag_log_odds", "short_overlap_log_odds"]

_WAVEFORM_CHANCE_Z = 2.5  # what the waveform reaches near any lag
_OVERLAP_S = (2.0, 60.0)  # a few seconds of a tone agree with a few seconds of another
_PLENTY = 20.0  # log odds; beyond, more of the same sound adds a quarter, so that one pair does not overrule several
_PLENTY_SHARE = 0.25


def candidate_terms(candidate: LagCandidate) -> tuple[float, ...]:
    """What the log odds of a candidate are linear in, the constant first.

    Parameters
    ----------
    candidate : LagCandidate
        A lag and what speaks for it.

    Returns
    -------
    tuple of float
        1, the agreement of tones, pattern and waveform above chance in sigmas, and the logarithm of the overlap in
        seconds.
    """
    tones, pattern, white = (min(k.rest_z, k.z) for k in (candidate.tones, candidate.pattern, candidate.white))
    return (
        1.0,
        max(0.0, tones),
        max(0.0, pattern),
        max(0.0, white - _WAVEFORM_CHANCE_Z),
        math.log(min(max(candidate.overlap_s, _OVERLAP_S[0]), _OVERLAP_S[1])),
    )


def clear_waveform_log_odds(candidate: LagCandidate, settings: SyncSettings) -> float:
    """What a waveform adds that agrees as none did at a wrong lag: cameras that share only bangs have nothing else.

    Parameters
    ----------
    candidate : LagCandidate
        A lag and what speaks for it.
    settings : SyncSettings
        Where it begins, and the log odds of each sigma beyond. Not fitted: no wrong lag of those measured lay there.
        A normal deviate is e to the 7 rarer one sigma above 7.

    Returns
    -------
    float
        0 below.
    """
    beyond_z = min(candidate.white.rest_z, candidate.white.z) - settings.waveform_clear_z
    return settings.waveform_clear_log_odds * max(0.0, beyond_z)


def short_overlap_log_odds(log_odds: float, overlap_s: float, settings: SyncSettings) -> float:
    """What log odds are worth over a short overlap: a few seconds of two places may be alike by themselves.

    Parameters
    ----------
    log_odds : float
        Of a lag, by its agreement.
    overlap_s : float
        Seconds in common at that lag.
    settings : SyncSettings
        How likely a lag of few seconds may be, and how much of what goes beyond is taken off.

    Returns
    -------
    float
        The same for long overlaps.
    """
    base, per_s = settings.short_overlap_log_odds
    beyond = log_odds - (base + per_s * overlap_s)
    return log_odds - min(max(0.0, beyond), settings.short_overlap_discount)


def lag_log_odds(candidate: LagCandidate, settings: SyncSettings) -> float:
    """Log odds of a lag against "nothing in common".

    Parameters
    ----------
    candidate : LagCandidate
        A lag and what speaks for it.
    settings : SyncSettings
        The fitted coefficients.

    Returns
    -------
    float
        At least `settings.least_log_odds`: of the lags that stand highest by chance, a few are right.
    """
    linear = sum(c * x for c, x in zip(settings.log_odds, candidate_terms(candidate), strict=True))
    linear += clear_waveform_log_odds(candidate, settings)
    worth = short_overlap_log_odds(linear, candidate.overlap_s, settings)
    if worth > _PLENTY:
        worth = _PLENTY + _PLENTY_SHARE * (worth - _PLENTY)
    return max(worth, settings.least_log_odds) + math.log1p(math.exp(-abs(worth - settings.least_log_odds)))
