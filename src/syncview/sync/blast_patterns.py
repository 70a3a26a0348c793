"""Lags of pairs that share nothing but a few bangs: the pattern of intervals, checked on the waveforms.

One common bang says nothing: any bang fits any other. What counts is how unlikely it is that further onsets fit by
chance: onsets of a rate r per second fit within +-d with probability 2 d r, for each of the lags that were tried.
Strikes at one place fit to milliseconds; strikes on different sides of two cameras D apart by up to 2 D / c, with
evidence that shrinks accordingly. Equal intervals (bursts, a battery's rhythm) repeat themselves at every shift: they
count once, and every shift is listed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import irfft, next_fast_len, rfft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.model import Detection
    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = ["BlastLag", "blast_evidence", "blast_lags"]

_SHARES = (0.5, 0.3, 0.2)  # of common blasts: at one place; within tens of metres; on different sides
_SCALES_S = (0.05, 0.3)  # of the latter two, exponential
_REACH_S = 0.6  # onsets farther apart than this are told from chance by nothing
_LEAST_SIGMA_S = 0.002
_HEARD_SHARE = 0.6  # of one camera's onsets that sound like blasts, those that the other picks as well
_ECHO_WEIGHT = 0.3  # what one camera hears as an echo may be the next one's second blast
_LOCAL_RATE_S = 10.0  # within bursts onsets fit more easily than the mean rate says
_BEFORE_S, _AFTER_S = 0.01, 0.12  # of the waveform around an onset: later, rooms differ
_SHIFT_S = 0.005  # pickers and codecs move an onset by less
_LIKENESS_BY_CHANCE = 0.3  # any bang is as like any other
_CLEAR = 0.4  # of correlation: below, rooms and noise have made the two waveforms unlike
_CLEAR_SIGMA_S = 0.001
_SAME_INTERVAL_S, _SAME_INTERVAL_SHARE = 0.03, 0.004  # what a crew's rhythm keeps
_MULTIPLES = 5
_EDGE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastLag:
    """One lag of b against a that the pattern of their bangs supports. For the sign see `syncview.timebase`.

    `lag_s` is that of the blast which the others fit best, `uncertainty_s` its 95 % half-width, `lag_spread_s` how far
    the blasts' lags lie apart. `coincidences` counts blasts whose intervals are independent of each other; `matches`
    are the recording times in a and in b of all that fit; `reasons` say it in words.
    """

    lag_s: float
    uncertainty_s: float
    lag_spread_s: float
    probability: float
    coincidences: int
    matches: tuple[tuple[float, float], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastEvidence:
    """What speaks for one lag, before it is made a probability.

    `pattern` is the log likelihood ratio of the intervals against chance, `trials` the log of the lags that were
    tried, `missing` (at most 0) what blasts say that only one camera heard, `likeness` how alike the waveforms are.
    """

    lag_s: float
    uncertainty_s: float
    lag_spread_s: float
    pattern: float
    trials: float
    missing: float
    likeness: float
    coincidences: int
    matches: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class _Onsets:
    """Onsets of one recording as arrays, in order of time; `weight` is how surely others hear the like."""

    time_s: NDArray[np.float64]
    sigma_s: NDArray[np.float64]
    weight: NDArray[np.float64]
    score: NDArray[np.float64]
    echo: NDArray[np.bool_]
    start_s: float
    end_s: float

    def rate_hz(self, at_s: float) -> float:
        """First arrivals per second: overall, or around a moment where that is more."""
        length_s = max(self.end_s - self.start_s, 1.0)
        first = self.time_s[~self.echo]
        near = np.count_nonzero(np.abs(first - at_s) < _LOCAL_RATE_S / 2) - 1
        return float(max(len(first), 1)) / length_s if near < 1 else max(len(first) / length_s, near / _LOCAL_RATE_S)


def blast_lags(
    onsets_a: Sequence[Detection],
    onsets_b: Sequence[Detection],
    a: SoundFeatures,
    b: SoundFeatures,
    *,
    settings: SyncSettings,
) -> tuple[BlastLag, ...]:
    """Find the lags of b against a at which their bangs fit, likeliest first.

    Parameters
    ----------
    onsets_a, onsets_b : sequence of Detection
        Onsets of both recordings, in recording time; doors and bumps among them do little harm.
    a, b : SoundFeatures
        The sounds of both. Swapping the two negates the lags and changes nothing else.
    settings : SyncSettings
        Coefficients of the probability.

    Returns
    -------
    tuple of BlastLag
        Empty unless two bangs fit; alternatives are listed, and share the probability.

    Notes
    -----
    Poisson chance of coincidences as for patterns of arrivals in general; the coefficients that make the terms a
    probability are fitted on simulated pairs by ``benchmarks/blast_pairs.py``.
    """
    found = blast_evidence(onsets_a, onsets_b, a, b, settings=settings)
    strengths = np.exp([min(_log_odds(each, settings), 50.0) for each in found])
    total = 1.0 + float(np.sum(strengths))
    lags = [
        BlastLag(
            lag_s=each.lag_s,
            uncertainty_s=each.uncertainty_s,
            lag_spread_s=each.lag_spread_s,
            probability=float(strength) / total,
            coincidences=each.coincidences,
            matches=each.matches,
            reasons=_in_words(each, len(found)),
        )
        for each, strength in zip(found, strengths, strict=True)
    ]
    return tuple(sorted(lags, key=lambda lag: (-lag.probability, lag.lag_s)))


def blast_evidence(
    onsets_a: Sequence[Detection],
    onsets_b: Sequence[Detection],
    a: SoundFeatures,
    b: SoundFeatures,
    *,
    settings: SyncSettings,
) -> tuple[BlastEvidence, ...]:
    """Collect what speaks for each lag at which at least two bangs fit; see `blast_lags`.

    Parameters
    ----------
    onsets_a, onsets_b : sequence of Detection
        Onsets of both recordings.
    a, b : SoundFeatures
        The sounds of both.
    settings : SyncSettings
        How many onsets are looked at.

    Returns
    -------
    tuple of BlastEvidence
        In no particular order.
    """
    forwards = a.recording_id <= b.recording_id
    first, second = (a, b) if forwards else (b, a)
    x = _onsets(onsets_a if forwards else onsets_b, first, settings)
    y = _onsets(onsets_b if forwards else onsets_a, second, settings)
    if np.count_nonzero(~x.echo) < 2 or np.count_nonzero(~y.echo) < 2:
        return ()
    found: list[BlastEvidence] = []
    for lag_s in _candidate_lags(x, y, settings):
        one = _evidence_at(lag_s, x, y, first, second)
        if one is not None and all(abs(one.lag_s - other.lag_s) > settings.blast_lags_apart_s for other in found):
            found.append(one)
    return tuple(found if forwards else [_flipped(each) for each in found])


def _flipped(each: BlastEvidence) -> BlastEvidence:
    return replace(each, lag_s=-each.lag_s, matches=tuple((at_a, at_b) for at_b, at_a in each.matches))


def _onsets(detections: Sequence[Detection], sound: SoundFeatures, settings: SyncSettings) -> _Onsets:
    """The onsets that others are likeliest to have heard, in order of time."""
    weights = [_weight(each) for each in detections]
    order = np.argsort([-w for w in weights], kind="stable")[: settings.blast_onsets_at_most]
    chosen = sorted((detections[i].time_s, i) for i in order.tolist())
    return _Onsets(
        np.array([time_s for time_s, _ in chosen]),
        np.array([max(detections[i].uncertainty_s / 2, _LEAST_SIGMA_S) for _, i in chosen]),
        np.array([weights[i] for _, i in chosen]),
        np.array([detections[i].score for _, i in chosen]),
        np.array([detections[i].possible_echo_of_s is not None for _, i in chosen], bool),
        sound.start_s,
        sound.start_s + sound.duration_s,
    )


def _weight(each: Detection) -> float:
    """How surely others hear the like: doors and bumps are a camera's own, and echoes may be."""
    shared = 1.0 - dict(each.measures).get("local_share", 1.0 - each.score)
    return shared * (_ECHO_WEIGHT if each.possible_echo_of_s is not None else 1.0)


def _candidate_lags(x: _Onsets, y: _Onsets, settings: SyncSettings) -> list[float]:
    """Lags at which one first arrival meets another, best fitting first, each once."""
    first_x, first_y = x.time_s[~x.echo], y.time_s[~y.echo]
    lags = (first_x[:, None] - first_y[None, :]).ravel()
    rate = max(len(first_x) / max(x.end_s - x.start_s, 1.0), len(first_y) / max(y.end_s - y.start_s, 1.0))
    fit = np.zeros(len(lags))
    for at_s, weight in zip(first_x, x.weight[~x.echo], strict=True):
        apart = np.abs(at_s - first_y[None, :] - lags[:, None])
        fit += np.log1p(_HEARD_SHARE * weight * (y.weight[~y.echo] * _density(apart, 0.004) / rate).max(axis=1))
    kept: list[float] = []
    for place in np.argsort(-fit, kind="stable").tolist():
        if all(abs(lags[place] - other) > settings.blast_lags_apart_s for other in kept):
            kept.append(float(lags[place]))
            if len(kept) == settings.blast_lags_at_most:
                break
    return kept


def _density(apart_s: NDArray[np.float64], sigma_s: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Density, per second, of how far the lags of two common blasts lie apart."""
    near = np.exp(-0.5 * (apart_s / sigma_s) ** 2) / (sigma_s * math.sqrt(2 * math.pi))
    wide = [np.exp(-np.abs(apart_s) / scale) / (2 * scale) for scale in _SCALES_S]
    return np.asarray(_SHARES[0] * near + _SHARES[1] * wide[0] + _SHARES[2] * wide[1], dtype=np.float64)


def _evidence_at(
    lag_s: float, x: _Onsets, y: _Onsets, first: SoundFeatures, second: SoundFeatures
) -> BlastEvidence | None:
    """Match onsets one to one near a lag and weigh them; None when fewer than two fit."""
    pairs = _matched(x, y, lag_s)
    if len(pairs) < 2:
        return None
    refined = [_refined(x, y, i, j, first, second) for i, j in pairs]
    lags = np.array([each[0] for each in refined])
    sigma = np.array([each[1] for each in refined])
    likeness = np.array([each[2] for each in refined])
    rows, columns = np.array(pairs).T
    heard = _HEARD_SHARE * np.sqrt(x.weight[rows] * y.weight[columns])
    rate = np.array([max(x.rate_hz(x.time_s[i]), y.rate_hz(y.time_s[j])) for i, j in pairs])
    density = _density(lags[:, None] - lags[None, :], np.hypot(sigma[:, None], sigma[None, :]))
    ratios = np.log(
        1.0 - heard[None, :] + heard[None, :] * density / rate[None, :]
    )  # row: the blast others are held to
    np.fill_diagonal(ratios, 0.0)
    anchor = int(np.argmax(ratios.sum(axis=1)))
    fits = ratios[anchor] > 0
    fits[anchor] = True
    distinct = _distinct_intervals(x.time_s[rows[fits]], y.time_s[columns[fits]])
    if distinct < 1:
        return None
    share = distinct / (np.count_nonzero(fits) - 1)  # a rhythm fits at every shift: all it says counts once
    tight = fits & (np.abs(lags - lags[anchor]) <= 0.005)
    best_s = float(np.average(lags[tight], weights=1.0 / sigma[tight] ** 2))
    rest_x, rest_y = np.ones(len(x.time_s), bool), np.ones(len(y.time_s), bool)
    rest_x[rows[fits]], rest_y[columns[fits]] = False, False
    return BlastEvidence(
        lag_s=best_s,
        uncertainty_s=float(max(2.0 * sigma[tight].min(), np.ptp(lags[tight]), 2 * _LEAST_SIGMA_S)),
        lag_spread_s=float(np.ptp(lags[fits])),
        pattern=share * float(ratios[anchor].sum()),
        trials=math.log(np.count_nonzero(~x.echo) * np.count_nonzero(~y.echo)),
        missing=share * (_missing(x, rest_x, y, best_s) + _missing(y, rest_y, x, -best_s)),
        likeness=share * float(np.sum(likeness[fits] - _LIKENESS_BY_CHANCE)),
        coincidences=distinct + 1,
        matches=tuple((float(x.time_s[i]), float(y.time_s[j])) for (i, j), fit in zip(pairs, fits, strict=True) if fit),
    )


def _matched(x: _Onsets, y: _Onsets, lag_s: float) -> list[tuple[int, int]]:
    """Pairs of onsets within reach of a lag, nearest first chosen, in order of time."""
    apart = np.abs(x.time_s[:, None] - y.time_s[None, :] - lag_s)
    apart[np.logical_and.outer(x.echo, y.echo)] = np.inf  # walls return the same blasts at the same delays
    free_x, free_y, pairs = set(range(len(x.time_s))), set(range(len(y.time_s))), []
    for place in np.argsort(apart, axis=None, kind="stable").tolist():
        i, j = divmod(place, apart.shape[1])
        if apart[i, j] > _REACH_S:
            break
        if i in free_x and j in free_y:
            pairs.append((i, j))
            free_x.remove(i)
            free_y.remove(j)
    return sorted(pairs)


def _refined(
    x: _Onsets, y: _Onsets, i: int, j: int, first: SoundFeatures, second: SoundFeatures
) -> tuple[float, float, float]:
    """Lag of one blast, its sigma, and how alike its waveforms are, which refine the lag where they are clear."""
    by_onset = float(x.time_s[i] - y.time_s[j])
    sigma_s = math.hypot(x.sigma_s[i], y.sigma_s[j])
    shift_s, height = _waveform_shift(first, float(x.time_s[i]), second, float(y.time_s[j]))
    if height < _CLEAR:
        return by_onset, sigma_s, height
    return by_onset + shift_s, _CLEAR_SIGMA_S, height


def _waveform_shift(
    first: SoundFeatures, at_first_s: float, second: SoundFeatures, at_second_s: float
) -> tuple[float, float]:
    """By how much the lag of two onsets is more than their times say, and the correlation there."""
    rate = first.waveform_rate_hz
    u = _around(first, at_first_s, _BEFORE_S, _AFTER_S)
    v = _around(second, at_second_s, _BEFORE_S + _SHIFT_S, _AFTER_S + _SHIFT_S)
    if u is None or v is None:
        return 0.0, 0.0
    n = next_fast_len(len(u) + len(v), real=True)
    r = irfft(rfft(v, n) * np.conj(rfft(u, n)), n)[: len(v) - len(u) + 1]
    energy = np.concatenate([[0.0], np.cumsum(v.astype(np.float64) ** 2)])
    r = r / np.sqrt(np.maximum(energy[len(u) :] - energy[: -len(u)], 1e-9) * max(float((u**2).sum()), 1e-9))
    top = int(np.argmax(r))
    return _SHIFT_S - top / rate, float(r[top])


def _around(sound: SoundFeatures, at_s: float, before_s: float, after_s: float) -> NDArray[np.float32] | None:
    rate = sound.waveform_rate_hz
    begin, end = round((at_s - sound.start_s - before_s) * rate), round((at_s - sound.start_s + after_s) * rate)
    if begin < 0 or end > len(sound.waveform):
        return None
    return sound.waveform[begin:end]


def _distinct_intervals(times_x: NDArray[np.float64], times_y: NDArray[np.float64]) -> int:
    """Intervals that no other one foretells: of equal ones, and of multiples, one counts; short ones are echoes."""
    known: list[float] = []
    for interval in np.minimum(np.diff(times_x), np.diff(times_y)).tolist():
        if interval >= _EDGE_S and not any(_foretold(interval, other) for other in known):
            known.append(interval)
    return len(known)


def _foretold(interval_s: float, other_s: float) -> bool:
    longer, shorter = max(interval_s, other_s), min(interval_s, other_s)
    times = round(longer / shorter)
    return times <= _MULTIPLES and abs(longer - times * shorter) <= _SAME_INTERVAL_S + _SAME_INTERVAL_SHARE * longer


def _missing(own: _Onsets, unmatched: NDArray[np.bool_], other: _Onsets, lag_s: float) -> float:
    """Log likelihood of blasts that only one camera picked while both recorded."""
    there_s = own.time_s - lag_s
    both = unmatched & ~own.echo & (there_s > other.start_s + _EDGE_S) & (there_s < other.end_s - _EDGE_S)
    return float(np.log1p(-_HEARD_SHARE * own.score[both]).sum())


def _log_odds(each: BlastEvidence, settings: SyncSettings) -> float:
    return (
        settings.blast_log_odds_constant
        + settings.blast_log_odds_per_pattern * each.pattern
        + settings.blast_log_odds_per_trials * each.trials
        + settings.blast_log_odds_per_missing * each.missing
        + settings.blast_log_odds_per_likeness * each.likeness
    )


def _in_words(each: BlastEvidence, alternatives: int) -> tuple[str, ...]:
    words = [f"{len(each.matches)} bangs fit, {each.coincidences} of them by intervals that do not repeat"]
    words.append(f"their lags lie within {1000 * each.lag_spread_s:.0f} ms")
    if alternatives > 1:
        words.append(f"{alternatives - 1} other lags at which two or more bangs fit")
    return tuple(words)
