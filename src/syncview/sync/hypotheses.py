"""From window peaks to the few lags that a pair's sound supports, each with a probability.

Evidence of a lag is summed over windows, capped and counted once per window, so that one bang or one loud voice
cannot out-vote a minute of quiet agreement. Lags compete with each other and with "nothing in common".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.model import LagHypothesis
from syncview.signal.robust import weighted_mode
from syncview.sync.matching import pattern_peaks, waveform_peaks, window_length_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.features import SoundFeatures
    from syncview.sync.matching import WindowPeaks

__all__ = ["LagCluster", "lag_clusters", "lag_hypotheses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LagCluster:
    """Window lags that lie close together.

    `pattern_score` and `waveform_score` are sums of capped evidence over windows; `tight_score` is the part of the
    waveform's that agrees to milliseconds, as sources at rest do, without its strongest coincidence: one
    bang agrees with any other; `supports` counts agreeing windows with a gap between each two.
    """

    lag_s: float
    lag_spread_s: float
    pattern_score: float
    waveform_score: float
    tight_score: float
    supports: int


@dataclass(frozen=True, slots=True)
class _Votes:
    """All peaks of a pair in one table; `kind` is 0 for pattern and 1 for waveform."""

    lag_s: NDArray[np.float64]
    evidence: NDArray[np.float64]
    z: NDArray[np.float64]
    query_s: NDArray[np.float64]
    window: NDArray[np.int64]
    kind: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> _Votes:
        return _Votes(
            self.lag_s[chosen],
            self.evidence[chosen],
            self.z[chosen],
            self.query_s[chosen],
            self.window[chosen],
            self.kind[chosen],
        )


def lag_hypotheses(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[LagHypothesis, ...]:
    """Find the lags of b against a that their sound supports, likeliest first.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings. Swapping them negates the lags and changes nothing else.
    settings : SyncSettings
        Window lengths, evidence limits and the coefficients of the probability.

    Returns
    -------
    tuple of LagHypothesis
        At most `settings.hypotheses_per_pair`; empty when nothing stands out.
    """
    clusters = lag_clusters(a, b, settings=settings)
    support = [_log_odds(cluster, settings) for cluster in clusters]
    strengths = np.exp(np.minimum(np.asarray(support), 50.0))
    total = 1.0 + float(strengths.sum())
    found = [
        LagHypothesis(
            lag_s=cluster.lag_s,
            lag_spread_s=cluster.lag_spread_s,
            probability=float(strength) / total,
            supports=cluster.supports,
        )
        for cluster, strength in zip(clusters, strengths, strict=True)
    ]
    found.sort(key=lambda h: (-h.probability, h.lag_s))
    return tuple(h for h in found if h.probability >= settings.least_probability)


def lag_clusters(a: SoundFeatures, b: SoundFeatures, *, settings: SyncSettings) -> tuple[LagCluster, ...]:
    """Collect the window peaks of a pair and find where they gather, strongest first.

    The shorter recording is cut into windows (at equal length the one whose id sorts first), so that the answer does
    not depend on the order of the two.

    Parameters
    ----------
    a, b : SoundFeatures
        Two recordings.
    settings : SyncSettings
        Window lengths and evidence limits.

    Returns
    -------
    tuple of LagCluster
        Lags are those of b against a.
    """
    forwards = (len(a.waveform), a.recording_id) <= (len(b.waveform), b.recording_id)
    query, target = (a, b) if forwards else (b, a)
    shorter_s = query.duration_s
    least = settings.window_shortest_s
    if shorter_s < 2 * least:
        return ()
    pattern = pattern_peaks(
        query,
        target,
        window_s=window_length_s(shorter_s, longest_s=settings.pattern_window_longest_s, shortest_s=2 * least),
        settings=settings,
    )
    waveform = waveform_peaks(
        query,
        target,
        window_s=window_length_s(shorter_s, longest_s=settings.waveform_window_longest_s, shortest_s=least),
        settings=settings,
    )
    votes = _votes(pattern, waveform, settings)
    clusters: list[LagCluster] = []
    while len(votes.lag_s) and len(clusters) < settings.hypotheses_per_pair:
        inside = _strongest(votes, settings.cluster_width_s)
        members = votes.where(inside)
        cluster = _describe(members, (pattern.window_length_s, waveform.window_length_s), settings)
        if cluster.pattern_score + cluster.waveform_score <= 0:
            break
        clusters.append(cluster if forwards else replace(cluster, lag_s=-cluster.lag_s))
        margin = settings.cluster_margin_s
        lowest, highest = members.lag_s.min() - margin, members.lag_s.max() + margin
        votes = votes.where((votes.lag_s < lowest) | (votes.lag_s > highest))
    return tuple(clusters)


def _votes(pattern: WindowPeaks, waveform: WindowPeaks, settings: SyncSettings) -> _Votes:
    evidence = np.concatenate(
        [
            np.clip(pattern.z - settings.pattern_zero_z, 0.0, settings.evidence_cap),
            np.clip(waveform.z - settings.waveform_zero_z, 0.0, settings.evidence_cap),
        ]
    )
    votes = _Votes(
        np.concatenate([pattern.lag_s, waveform.lag_s]),
        evidence,
        np.concatenate([pattern.z, waveform.z]),
        np.concatenate([pattern.query_s, waveform.query_s]),
        np.concatenate([pattern.window, waveform.window]),
        np.concatenate([np.zeros(len(pattern.z), np.int64), np.ones(len(waveform.z), np.int64)]),
    )
    return votes.where(votes.evidence > 0)


def _strongest(votes: _Votes, width_s: float) -> NDArray[np.bool_]:
    """Mark the votes within the interval of lags that gathers the most evidence, each window counted once per kind."""
    half = width_s / 2
    best, best_mark = -1.0, np.zeros(len(votes.lag_s), bool)
    cell = np.floor(votes.lag_s / half).astype(np.int64)
    for shift in (0, 1):
        group = (cell + shift) // 2
        order = np.lexsort((-votes.evidence, votes.kind, votes.window, group))
        keys = np.stack([group[order], votes.window[order], votes.kind[order]])
        first = np.concatenate([[True], np.any(keys[:, 1:] != keys[:, :-1], axis=0)])
        groups, places = np.unique(group[order][first], return_inverse=True)
        sums = np.bincount(places, weights=votes.evidence[order][first])
        top = int(np.argmax(sums))
        if sums[top] > best + 1e-9:
            best, best_mark = float(sums[top]), group == groups[top]
    return np.asarray(best_mark, dtype=bool)


def _describe(members: _Votes, windows_s: tuple[float, float], settings: SyncSettings) -> LagCluster:
    pattern, waveform = members.where(members.kind == 0), members.where(members.kind == 1)
    fine = waveform if len(waveform.lag_s) else pattern
    # The direct path stands highest above its echoes where no cap levels them.
    densest = weighted_mode(fine.lag_s, fine.z**2, width=settings.lag_kernel_s)
    low, high = _weighted_range(fine.lag_s, fine.evidence)
    tight = _without_strongest(waveform.where(np.abs(waveform.lag_s - densest) <= settings.lag_kernel_s), windows_s[1])
    # Sources on different sides: the true clocks lie about the middle of what they say.
    one_path = tight >= settings.one_path_tight_score
    lag = densest if one_path else float(np.average(fine.lag_s, weights=fine.evidence))
    return LagCluster(
        lag_s=lag,
        lag_spread_s=high - low,
        pattern_score=_once_per_window(pattern),
        waveform_score=_once_per_window(waveform),
        tight_score=tight,
        supports=_separate_windows(members, windows_s, settings),
    )


def _separate_windows(members: _Votes, windows_s: tuple[float, float], settings: SyncSettings) -> int:
    """Largest number of agreeing windows with a gap between each two, so that no single sound reaches into both."""
    half_s = 0.5 * np.asarray(windows_s)[members.kind]
    ends = members.query_s + half_s
    supports, free_from_s = 0, -np.inf
    for k in np.argsort(ends, kind="stable"):
        if members.query_s[k] - half_s[k] >= free_from_s:
            supports += 1
            free_from_s = float(ends[k] + settings.support_gap_share * 2 * half_s[k])
    return supports


def _once_per_window(votes: _Votes) -> float:
    """Sum of each window's best evidence."""
    if not len(votes.lag_s):
        return 0.0
    best = np.zeros(int(votes.window.max()) + 1)
    np.maximum.at(best, votes.window, votes.evidence)
    return float(best.sum())


def _without_strongest(votes: _Votes, window_s: float) -> float:
    """Sum of each window's best evidence, leaving out the strongest window and those that overlap it."""
    if not len(votes.lag_s):
        return 0.0
    strongest_s = votes.query_s[int(np.argmax(votes.z))]
    return _once_per_window(votes.where(np.abs(votes.query_s - strongest_s) >= window_s))


def _weighted_range(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Values between which the middle 90 % of the weight lies."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    low = values[order][np.searchsorted(share, 0.05)]
    high = values[order][min(int(np.searchsorted(share, 0.95)), len(values) - 1)]
    return float(low), float(high)


def _log_odds(cluster: LagCluster, settings: SyncSettings) -> float:
    return (
        settings.log_odds_constant
        + settings.log_odds_per_log_pattern * math.log1p(cluster.pattern_score)
        + settings.log_odds_per_log_waveform * math.log1p(cluster.waveform_score)
        + settings.log_odds_per_tight * cluster.tight_score
    )
