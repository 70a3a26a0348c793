"""Which recordings fit on one clock: the lags of all pairs chosen jointly.

Groups grow by merging: of all ways to put two groups on one clock the one that all their pairs together support best
is taken, if it is likely enough, leads clearly over the next, and rests on more than one coincidence. A lag too weak
alone is taken when others confirm it; a strong one that contradicts its group is named and left out.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncview.sync.likelihood import Evidence, PairEvidence, implied_overlap_s
from syncview.sync.positions import Link, solve_positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.settings import SyncSettings
    from syncview.sync.likelihood import Piece

__all__ = ["Drift", "Placed", "Placement", "place"]


_ROUNDS = 5
_STILL_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Pieces of recordings on one clock: group offset of each, the links that carry them, and what they are.

    `drifts` holds the drift of recordings against the group's reference, where it was measured.
    """

    offsets_s: Mapping[str, float]
    links: tuple[Link, ...]
    pieces: Mapping[str, Piece]
    drifts: Mapping[str, Drift] = field(default_factory=dict)

    def recording_of(self, name: str) -> str:
        """The recording that a piece is of."""
        return self.pieces[name].recording_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Drift of a recording's clock against the reference's, with its 95 % half-width; 0 where it is not significant."""

    ppm: float
    uncertainty_ppm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The outcome for all recordings. Every recording is in exactly one group, maybe alone.

    `refusals` says for each recording that stayed alone why no pair could carry it.
    """

    groups: tuple[Placed, ...]
    refusals: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Merge:
    score: float  # log odds against nothing in common
    odds: float  # and against all other shifts as well
    lead: float  # over the next shift
    shift_s: float
    supports: int
    strongest: float


def place(evidence: Evidence, *, settings: SyncSettings) -> Placement:
    """Put recordings into groups that share a clock.

    Parameters
    ----------
    evidence : Evidence
        The recordings' extents and what each pair's sound and people say.
    settings : SyncSettings
        Thresholds.

    Returns
    -------
    Placement
        Groups sorted by size and id; the answer does not depend on the order of the recordings.
    """
    clusters: list[dict[str, float]] = [{name: 0.0} for name in sorted(evidence.pieces)]
    clusters = _grow(clusters, evidence, settings, least_log_odds=settings.tentative_log_odds)
    clusters = [part for cluster in clusters for part in _without_doubtful(cluster, evidence, settings)]
    clusters = _grow(clusters, evidence, settings, least_log_odds=settings.merge_log_odds)
    groups = sorted(
        (
            Placed(
                offsets_s=dict(sorted(c.items())),
                links=_links(c, evidence, settings),
                pieces={name: evidence.pieces[name] for name in sorted(c)},
            )
            for c in clusters
        ),
        key=lambda g: (-len(g.offsets_s), min(g.offsets_s)),
    )
    alone = [next(iter(g.offsets_s)) for g in groups if len(g.offsets_s) == 1]
    return Placement(
        groups=tuple(groups), refusals={name: _why_alone(name, clusters, evidence, settings) for name in alone}
    )


def _grow(
    clusters: Sequence[dict[str, float]], evidence: Evidence, settings: SyncSettings, *, least_log_odds: float
) -> list[dict[str, float]]:
    """Merge the best supported two again and again, until no merge is likely enough."""
    clusters = sorted(clusters, key=_name)
    merges: dict[tuple[str, str], _Merge | None] = {}
    while True:
        best: tuple[_Merge, int, int] | None = None
        for i, j in itertools.combinations(range(len(clusters)), 2):
            key = (_name(clusters[i]), _name(clusters[j]))
            if key not in merges:
                merges[key] = _best_merge(clusters[i], clusters[j], evidence, settings)
            merge = merges[key]
            if merge is None or not _acceptable(merge, settings, least_log_odds):
                continue
            if best is None or merge.score > best[0].score:
                best = (merge, i, j)
        if best is None:
            return clusters
        merge, i, j = best
        joined = clusters[i] | {name: at + merge.shift_s for name, at in clusters[j].items()}
        solved = _settled(joined, evidence, settings)
        clusters = sorted([*(c for k, c in enumerate(clusters) if k not in (i, j)), solved], key=_name)


def _settled(cluster: dict[str, float], evidence: Evidence, settings: SyncSettings) -> dict[str, float]:
    """Move one recording after another to where all its lags together want it, then solve for all of them.

    Each pair may choose another of its lags as the offsets move; without the moves, a pair whose likelier lag came
    from an echo would hold its group where it first fell.
    """
    solved = dict(cluster)
    for _ in range(_ROUNDS):
        before = dict(solved)
        for name in sorted(solved):
            solved[name] = _best_place(name, solved, evidence, settings)
        solved = solve_positions(solved, _links(solved, evidence, settings), geometry_scale_s=settings.geometry_scale_s)
        if all(abs(solved[name] - before[name]) < _STILL_S for name in solved):
            break
    return solved


def _best_place(name: str, cluster: Mapping[str, float], evidence: Evidence, settings: SyncSettings) -> float:
    """Of the offsets that some pair suggests for a recording, the one that all its pairs together fit best."""
    ties = [
        (at, pair)
        for other, at in sorted(cluster.items())
        if other != name and (pair := evidence.pairs.get((other, name))) is not None and pair.usable
    ]
    places = {cluster[name], *(at + lag_s for at, pair in ties for lag_s in pair.lags_s())}

    def fit(place: float) -> float:
        return sum(max(0.0, pair.confirming_log_odds_at(place - at, settings) or 0.0) for at, pair in ties)

    return max(places, key=lambda place: (fit(place), -abs(place - cluster[name]), place))


def _without_doubtful(cluster: dict[str, float], evidence: Evidence, settings: SyncSettings) -> list[dict[str, float]]:
    """Take out, worst first, whoever the rest of the group does not support strongly enough."""
    kept, out = dict(cluster), []
    while len(kept) > 1:
        doubtful = {}
        for name in sorted(kept):
            rest = {other: at for other, at in kept.items() if other != name}
            merge = _best_merge(rest, {name: 0.0}, evidence, settings)
            if merge is None or not _acceptable(merge, settings, settings.merge_log_odds):
                doubtful[name] = -math.inf if merge is None else merge.score
        if not doubtful:
            break
        weakest = min(doubtful, key=lambda name: (doubtful[name], name))
        out.append({weakest: 0.0})
        del kept[weakest]
    return [kept, *out]


def _name(cluster: Mapping[str, float]) -> str:
    return "\n".join(sorted(cluster))


def _acceptable(merge: _Merge, settings: SyncSettings, least_log_odds: float) -> bool:
    return (
        merge.odds >= least_log_odds
        and merge.lead >= settings.merge_lead_log_odds
        and merge.supports >= settings.least_supports
        and merge.strongest >= settings.strongest_log_odds
    )


def _best_merge(
    first: Mapping[str, float], second: Mapping[str, float], evidence: Evidence, settings: SyncSettings
) -> _Merge | None:
    """Of all shifts that some pair suggests, the one that all pairs together support best, and its lead."""
    cross = [
        (a, b, pair)
        for a in sorted(first)
        for b in sorted(second)
        if (pair := evidence.pairs.get((a, b))) is not None and pair.usable
    ]
    shifts = sorted({first[a] + lag_s - second[b] for a, b, pair in cross for lag_s in pair.lags_s()})
    if not shifts:
        return None
    scored = [(_score(first, second, shift, cross, evidence, settings), shift) for shift in shifts]
    score, shift = max(scored, key=lambda s: (s[0], -abs(s[1]), s[1]))
    apart = max((pair.tolerance_s for _, _, pair in cross), default=0.0)
    rivals = _apart([each for each in scored if abs(each[1] - shift) > apart], apart)
    supports = max(pair.supports_at(second[b] + shift - first[a], settings) for a, b, pair in cross)
    own = (pair.log_odds_at(second[b] + shift - first[a]) for a, b, pair in cross)
    strongest = max((odds for odds in own if odds is not None), default=-math.inf)
    against = _log_sum([0.0, *rivals])
    return _Merge(score, score - against, score - max(rivals, default=-math.inf), shift, supports, strongest)


def _apart(scored: Sequence[tuple[float, float]], apart_s: float) -> list[float]:
    """Scores of shifts; of those that sound's travel may make of one, the best."""
    kept: list[tuple[float, float]] = []
    for score, shift_s in sorted(scored, key=lambda s: (-s[0], s[1])):
        if all(abs(shift_s - other_s) > apart_s for _, other_s in kept):
            kept.append((score, shift_s))
    return [score for score, _ in kept]


def _log_sum(log_odds: Sequence[float]) -> float:
    """Logarithm of the sum of odds."""
    top = max(log_odds)
    return top + math.log(sum(math.exp(each - top) for each in log_odds))


def _score(
    first: Mapping[str, float],
    second: Mapping[str, float],
    shift_s: float,
    cross: Sequence[tuple[str, str, PairEvidence]],
    evidence: Evidence,
    settings: SyncSettings,
) -> float:
    """Log odds of the shift against "nothing in common".

    Each pair's own odds pay for the choice of one lag out of many. Once one pair has chosen the shift, another that
    agrees has done so against the odds, which is worth as much; the strongest pair pays. Silence over a long overlap
    speaks against, mildly: far cameras often share nothing that stands out.
    """
    gains: dict[tuple[str, str], tuple[float, float]] = {}
    for a, b, pair in cross:
        lag_s = second[b] + shift_s - first[a]
        overlap_s = implied_overlap_s(evidence.extent_s(a), evidence.extent_s(b), lag_s)
        silence = -settings.silence_log_odds * min(1.0, overlap_s / settings.silence_overlap_s)
        first_odds, later_odds = pair.log_odds_at(lag_s), pair.confirming_log_odds_at(lag_s, settings)
        agreed = silence if later_odds is None else max(silence, later_odds)
        paid = 0.0 if first_odds is None else agreed - max(silence, first_odds)
        key = (evidence.witness_of.get(a, a), evidence.witness_of.get(b, b))
        gains[key] = max(gains.get(key, (-math.inf, 0.0)), (agreed, paid))
    return sum(agreed for agreed, _ in gains.values()) - max((paid for _, paid in gains.values()), default=0.0)


def _links(cluster: Mapping[str, float], evidence: Evidence, settings: SyncSettings) -> tuple[Link, ...]:
    """The pairs of a cluster that agree with its positions, each with the lag that does."""
    links = []
    for a, b in itertools.combinations(sorted(cluster), 2):
        pair = evidence.pairs.get((a, b))
        if pair is None or not pair.usable:
            continue
        link = pair.link_at(cluster[b] - cluster[a], settings)
        if link is not None:
            links.append(link)
    return tuple(links)


def _why_alone(
    name: str, clusters: Sequence[Mapping[str, float]], evidence: Evidence, settings: SyncSettings
) -> tuple[str, ...]:
    """Say what the best chance of a lone recording was and what it lacked."""
    best: tuple[float, _Merge, str] | None = None
    for other in clusters:
        if name in other:
            continue
        merge = _best_merge({name: 0.0}, other, evidence, settings)
        if merge is None:
            continue
        # Hardly any overlap speaks hardly against a shift: that is no reason to name it.
        likely = min(merge.score, merge.strongest)
        if best is None or likely > best[0]:
            best = (likely, merge, min(other))
    if best is None:
        return ("no sound in it stands out in any other recording",)
    likely, merge, other_name = best
    probability = 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, likely))))
    reasons = []
    if merge.score < settings.merge_log_odds:
        reasons.append(f"the best lag (against {other_name}) is too weak: probability {probability:.2f}")
    if merge.score >= settings.merge_log_odds > merge.odds or merge.lead < settings.merge_lead_log_odds <= merge.score:
        reasons.append(f"another lag against {other_name} is nearly as likely, as repeated sounds make it")
    if merge.strongest < settings.strongest_log_odds <= settings.merge_log_odds <= merge.score:
        reasons.append(f"several weak lags against {other_name} and its group agree, but none is likely by itself")
    if merge.supports < settings.least_supports:
        reasons.append(f"only one coincidence ties it to {other_name}: a single bang proves no common time")
    return tuple(reasons)
