"""The few lags that a pair's sound supports, each with a probability.

Lags compete with "nothing in common" and with each other, as far as they contradict each other (a logit). The
evidence of a lag is what is left of its agreement without the strongest two seconds, so that one bang or one loud
voice cannot out-vote a minute of quiet agreement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import CopyMatch, LagHypothesis, PairMatch
from syncview.sync.alignment import align, local_correlation
from syncview.sync.blast_hypotheses import bangs_alone, with_blasts
from syncview.sync.candidates import lag_candidates
from syncview.sync.carried import carried
from syncview.sync.copies import same_recording
from syncview.sync.cuts import find_jumps
from syncview.sync.odds import lag_log_odds
from syncview.sync.repeats import levelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Detection
    from syncview.settings import SyncSettings
    from syncview.sync.alignment import Alignment
    from syncview.sync.candidates import LagCandidate
    from syncview.sync.carried import CarriedEvidence
    from syncview.sync.features import SoundFeatures

__all__ = ["match_pair", "separate_blocks"]


def match_pair(
    a: SoundFeatures,
    b: SoundFeatures,
    *,
    onsets_a: Sequence[Detection] = (),
    onsets_b: Sequence[Detection] = (),
    settings: SyncSettings,
) -> PairMatch:
    """Find the lags of b against a that their sound supports, and where one lag ends and another begins.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them turns the answer round and changes nothing else: it is always computed from the
        shorter one's side.
    onsets_a, onsets_b : sequence of Detection
        Bangs heard in both: where nothing else is common, their intervals may tell the lag.
    settings : SyncSettings
        Limits and the coefficients of the probability.

    Returns
    -------
    PairMatch
        Likeliest first, none when nothing stands out; more than `settings.hypotheses_per_pair` where a sound repeats,
        and where no lag is settled, all that anything speaks for.
    """
    if (a.duration_s, a.recording_id) > (b.duration_s, b.recording_id):
        return match_pair(b, a, onsets_a=onsets_b, onsets_b=onsets_a, settings=settings).flipped()
    candidates = lag_candidates(a, b, settings=settings)
    odds = [lag_log_odds(candidate, settings) for candidate in candidates]
    likely = [c for c, log_odds in zip(candidates, odds, strict=True) if log_odds >= settings.jump_log_odds]
    jumps = find_jumps(b, likely, settings=settings)
    # Pieces are matched again by themselves: what the other piece holds must not make this one's sound look carried.
    in_pieces = {
        lag_s
        for jump in jumps
        if abs(jump.after_s - jump.before_s) > settings.rival_apart_s
        for lag_s in (jump.before_s, jump.after_s)
    }
    looked_at = [
        _look_closely(
            a,
            b,
            candidate,
            log_odds,
            settings,
            may_be_carried=candidate.lag_s not in in_pieces,
        )
        for candidate, log_odds in zip(candidates, odds, strict=True)
    ]
    looked_at = _with_repeats(looked_at, b, settings)
    found = [_hypothesis(each, _probability(each, looked_at, settings), settings) for each in looked_at]
    return PairMatch(
        hypotheses=_in_order(with_blasts(tuple(found), onsets_a, onsets_b, a, b, settings=settings), settings),
        jumps=jumps,
        copies=tuple(each.copy for each in looked_at if each.copy is not None),
    )


_TOP = 50.0  # log odds beyond doubt


def _probability(each: _LookedAt, everyone: Sequence[_LookedAt], settings: SyncSettings) -> float:
    """Odds against nothing in common and against all lags that cannot be right at the same time.

    Sources on two sides of the cameras have two lags that are both right. A carried sound contradicts nothing.
    """
    own = math.exp(min(each.log_odds, _TOP))
    rivals = (
        math.exp(min(other.log_odds, _TOP))
        for other in everyone
        if (each.carried is not None or other.carried is None)
        and abs(other.candidate.lag_s - each.candidate.lag_s) > settings.rival_apart_s
    )
    return own / (1.0 + own + sum(rivals))


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """A candidate with its lag to the millisecond, where it is likely enough, and what kind of sound gives it."""

    candidate: LagCandidate
    log_odds: float
    supports: int
    aligned: Alignment | None
    copy: CopyMatch | None
    carried: CarriedEvidence | None


def _look_closely(
    a: SoundFeatures,
    b: SoundFeatures,
    candidate: LagCandidate,
    log_odds: float,
    settings: SyncSettings,
    *,
    may_be_carried: bool,
) -> _LookedAt:
    supports = separate_blocks(candidate, settings)
    if log_odds < settings.align_least_log_odds:
        return _LookedAt(candidate, log_odds, supports, None, None, None)
    near = local_correlation(a, b, candidate.lag_s, reach_s=settings.align_reach_s, settings=settings)
    aligned = align(near, fallback_s=candidate.lag_s, settings=settings)
    if not aligned.tight and candidate.white.rest_z < settings.copy_least_white_z:
        return _LookedAt(candidate, log_odds, supports, aligned, None, None)
    copy = _copy(a, b, aligned.lag_s, settings)
    sure = carried(a, b, aligned.lag_s, settings=settings) if copy is None and may_be_carried else None
    # Bangs fall here and there, so that few share a lag to the millisecond; what a loudspeaker plays, all of it does.
    if sure is not None and bangs_alone(candidate, settings=settings):
        sure = None
    return _LookedAt(candidate, log_odds, supports, aligned, copy, sure)


def _copy(a: SoundFeatures, b: SoundFeatures, lag_s: float, settings: SyncSettings) -> CopyMatch | None:
    found = same_recording(a, b, lag_s, settings=settings)
    if found is None:
        return None
    return CopyMatch(
        lag_s=found.lag_s,
        uncertainty_s=found.lag_uncertainty_s,
        span_a_s=(found.start_s, found.end_s),
        span_b_s=(found.start_s - found.lag_s, found.end_s - found.lag_s),
        evidence=found.words,
    )


def _with_repeats(looked_at: Sequence[_LookedAt], longer: SoundFeatures, settings: SyncSettings) -> list[_LookedAt]:
    """Lags with the odds that repeats of one sound have; repeats of a carried sound are carried as well."""
    best = max(looked_at, key=lambda each: each.log_odds, default=None)
    if best is not None and best.carried is not None:
        return [
            replace(each, carried=best.carried) if _repeats(longer, each, best, settings) else each
            for each in looked_at[: settings.hypotheses_per_pair]
        ]
    air = [each for each in looked_at if each.carried is None]
    odds = levelled([each.candidate for each in air], [each.log_odds for each in air], settings=settings)
    levels = {each.candidate.lag_s: log_odds for each, log_odds in zip(air, odds, strict=True)}
    return [replace(each, log_odds=levels.get(each.candidate.lag_s, each.log_odds)) for each in looked_at]


def _repeats(sound: SoundFeatures, each: _LookedAt, best: _LookedAt, settings: SyncSettings) -> bool:
    """Whether a sound repeats itself at the distance of two lags: what it has in common at one, it has at the other."""
    apart_s = each.candidate.lag_s - best.candidate.lag_s
    if each.carried is not None or each.log_odds < settings.repeat_log_odds or abs(apart_s) <= settings.rival_apart_s:
        return False
    near = local_correlation(sound, sound, apart_s, reach_s=settings.align_reach_s, settings=settings)
    return align(near, fallback_s=apart_s, settings=settings).tight


def _hypothesis(each: _LookedAt, probability: float, settings: SyncSettings) -> LagHypothesis:
    aligned, candidate = each.aligned, each.candidate
    agreement, step_s = _coarsely(candidate, settings)
    plain = LagHypothesis(
        lag_s=candidate.lag_s,
        lag_spread_s=0.0,
        probability=probability,
        supports=each.supports,
        log_odds=each.log_odds,
        agreement=agreement,
        agreement_from_s=candidate.first_s,
        agreement_step_s=step_s,
    )
    if aligned is None:
        return plain
    return replace(
        plain,
        lag_s=aligned.lag_s,
        lag_spread_s=aligned.spread_s,
        sound="acoustic" if each.carried is None else "carried",
        sigma_s=aligned.sigma_s,
        middle_s=(aligned.middle_s, aligned.middle_s - aligned.lag_s),
        drift_ppm=aligned.drift_ppm,
        drift_uncertainty_ppm=aligned.drift_uncertainty_ppm,
        reasons=() if each.carried is None else (each.carried.words,),
    )


def _coarsely(candidate: LagCandidate, settings: SyncSettings) -> tuple[tuple[float, ...], float]:
    """Agreement along the overlap in steps that a result can carry, and the length of a step."""
    course = candidate.course()
    per_step = max(
        1, round(settings.support_step_s / candidate.step_s), -(-len(course) // settings.support_steps_at_most)
    )
    edges = np.arange(0, len(course), per_step)
    values = np.add.reduceat(course, edges) / math.sqrt(per_step)
    return tuple(round(v, 2) for v in values.tolist()), per_step * candidate.step_s


def _in_order(found: Sequence[LagHypothesis], settings: SyncSettings) -> tuple[LagHypothesis, ...]:
    """Likeliest first, without those that nothing speaks for.

    Where none is settled, rivals take each other's probability, and not their place in the list.
    """
    listed = sorted(found, key=lambda h: (-h.probability, h.lag_s))
    settled = any(h.probability >= settings.settled_probability for h in listed)
    return tuple(h for h in listed if (h.probability if settled else _by_itself(h)) >= settings.least_probability)[
        : settings.repeats_at_most
    ]


def _by_itself(hypothesis: LagHypothesis) -> float:
    """Probability against "nothing in common" alone."""
    if hypothesis.log_odds is None:
        return hypothesis.probability
    return max(hypothesis.probability, 1.0 / (1.0 + math.exp(-max(-_TOP, min(_TOP, hypothesis.log_odds)))))


_BLOCKS_WANTED = 8


def separate_blocks(candidate: LagCandidate, settings: SyncSettings) -> int:
    """Number of stretches, of a second or an eighth of the overlap, that agree by themselves with a gap between."""
    supports = 0
    block_s = min(settings.block_longest_s, max(settings.block_shortest_s, candidate.overlap_s / _BLOCKS_WANTED))
    per_block = max(1, round(block_s / candidate.step_s))
    for kind in (candidate.tones, candidate.pattern, candidate.white):
        edges = np.arange(0, len(kind.course), per_block)
        heights = np.add.reduceat(kind.course, edges) / math.sqrt(per_block)
        count, last = 0, -2
        for k in np.flatnonzero(heights >= settings.support_z).tolist():
            if k - last > 1:
                count, last = count + 1, k
        supports = max(supports, count)
    return supports
