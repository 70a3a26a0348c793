"""What all cameras together show of a sound that follows an earlier one: how far its delays agree, and what is missing.

A second strike near the first follows it after nearly one delay at every camera, up to the distance of the two impacts
over the speed of sound. An echo takes another way to each camera, but one from behind the first strike comes after
nearly one delay too. It is weaker, and it follows every strike from there: a later one that nothing follows after the
same delay speaks against a wall.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.settings import ReconstructSettings

__all__ = ["ANSWER_S", "MEASURES", "SecondSound", "second_sound"]

_SAME_S = 0.05  # the picks of one onset
ANSWER_S = 0.1  # a wall's delay after a strike 17 m beside the first
_OVER_BACKGROUND_DB = 10.0  # an echo as weak as this over the background may go unnoticed
_LEAST_SPREAD_S = 0.004  # picks
_UNHEARD_LOG_ODDS = -3.0  # of what only second looks have found
_LEAST_SCORE = 0.01

MEASURES = (
    "silent_share",  # of the first's cameras that were listening, those without it
    "log_spread",  # of the delays' standard deviation in seconds
    "weaker_db",  # than the first, as recorded, on average
    "duller_db",  # how much more it lacks above 2 kHz, over 120 to 500 Hz, than the first did
    "answered_share",  # of its cameras, those where another strike from there has a like sound after it
    "unanswered_share",  # those where another strike has none
    "log_odds",  # of being an explosion, by each camera's own measures
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondSound:
    """A sound after an earlier one: the earlier one's arrivals, the cameras that agree on the delay, and measures.

    `measures` are by name those of `MEASURES`; `unanswered` are recordings and group times at which an echo of
    another strike from there should have come, and nothing is known.
    """

    first: tuple[Arrival, ...]
    agreeing: tuple[Arrival, ...]
    unanswered: tuple[tuple[str, float], ...]
    delays_s: tuple[float, ...]
    measures: Mapping[str, float]

    @property
    def delay_s(self) -> float:
        """The middle of the delays of the agreeing cameras."""
        return statistics.median(self.delays_s)


def second_sound(
    part: Sequence[Arrival],
    parts: Sequence[Sequence[Arrival]],
    firsts: Sequence[Sequence[Arrival]],
    listeners: Listeners,
    *,
    settings: ReconstructSettings,
) -> SecondSound | None:
    """Measure a sound against the earlier one that most cameras heard it after, and whose echo it is most like.

    Parameters
    ----------
    part : sequence of Arrival
        The sound.
    parts : sequence of sequence of Arrival
        All sounds.
    firsts : sequence of sequence of Arrival
        Those that may be what it follows.
    listeners : Listeners
        Who could have heard it.
    settings : ReconstructSettings
        The longest delay and how far delays of one second strike may differ.

    Returns
    -------
    SecondSound or None
        None when it follows none of them.
    """
    found = [
        _Pair(first=_by_witness(first), second=agreeing)
        for first in firsts
        if first is not part and (agreeing := _agreeing(part, first, settings))
    ]
    if not found:
        return None
    by_name: dict[str, list[float]] = {}
    for arrival in (arrival for part in parts for arrival in part):
        by_name.setdefault(arrival.recording_id, []).append(arrival.time_s)
    told = [(pair, _answers(pair, firsts, by_name, listeners)) for pair in found]

    def explains(each: tuple[_Pair, list[_Answer]]) -> tuple[int, int, float]:
        pair, answers = each
        return len(pair.second), sum(a.heard for a in answers), sum(a.score for a in pair.first.values())

    pair, answers = max(told, key=explains)
    return SecondSound(
        first=tuple(pair.first.values()),
        agreeing=tuple(pair.second.values()),
        delays_s=tuple(pair.delays_s),
        unanswered=tuple((each.recording_id, each.time_s) for each in answers if not each.heard),
        measures=_measures(pair, answers, listeners),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """The first sound and what agrees after it, by witness."""

    first: Mapping[str, Arrival]
    second: Mapping[str, Arrival]

    @property
    def delays_s(self) -> list[float]:
        """At each camera that heard both."""
        return [a.time_s - self.first[witness].time_s for witness, a in self.second.items()]

    @property
    def delay_s(self) -> float:
        """Their middle."""
        return statistics.median(self.delays_s)


def _by_witness(part: Sequence[Arrival]) -> dict[str, Arrival]:
    """The arrivals of a sound, one of each witness: found at first sight, of the best score."""
    ordered = sorted(part, key=lambda a: (a.by_second_look, -a.score, a.recording_id), reverse=True)
    return {a.witness: a for a in ordered}


def _agreeing(part: Sequence[Arrival], first: Sequence[Arrival], settings: ReconstructSettings) -> dict[str, Arrival]:
    """The most arrivals whose delays after the first's lie together, by witness; empty when they do not follow it."""
    before = _by_witness(first)
    delays = sorted(
        (
            (arrival.time_s - before[witness].time_s, arrival)
            for witness, arrival in _by_witness(part).items()
            if witness in before
        ),
        key=lambda each: (each[0], each[1].recording_id),
    )
    runs = [
        [each for each in delays[k:] if each[0] - delays[k][0] <= settings.echo_spread_s] for k in range(len(delays))
    ]
    inside = [run for run in runs if _SAME_S < statistics.median(d for d, _ in run) <= settings.echo_reach_s]
    best = max(inside, key=lambda run: (len(run), run[0][0] - run[-1][0]), default=[])
    return {arrival.witness: arrival for _, arrival in best}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """Where another strike's echo should have come at one camera, and whether anything was heard there."""

    witness: str
    recording_id: str
    time_s: float
    heard: bool


def _measures(pair: _Pair, answers: Sequence[_Answer], listeners: Listeners) -> dict[str, float]:
    heard = [a for a in pair.second.values() if not a.by_second_look]
    answering = {each.witness for each in answers if each.heard}
    asked = {each.witness for each in answers}
    scores = [min(max(a.score_by_itself, _LEAST_SCORE), 1.0 - _LEAST_SCORE) for a in heard]
    count, silent = len(pair.second), _silent(pair, listeners)
    return {
        "silent_share": silent / (silent + count),
        "log_spread": math.log(math.hypot(statistics.pstdev(pair.delays_s), _LEAST_SPREAD_S)),
        "weaker_db": statistics.fmean(_weaker_db(a) for a in pair.second.values()),
        "duller_db": _duller_db(pair),
        "answered_share": len(answering) / count,
        "unanswered_share": len(asked - answering) / count,
        "log_odds": statistics.fmean(math.log(p / (1.0 - p)) for p in scores) if scores else _UNHEARD_LOG_ODDS,
    }


def _duller_db(pair: _Pair) -> float:
    """How much of its high sound the second has lost against the first."""
    bright_db = [(_bright_db(pair.first[witness]), _bright_db(second)) for witness, second in pair.second.items()]
    lost_db = [first - second for first, second in bright_db if first is not None and second is not None]
    return statistics.median(lost_db) if lost_db else 0.0


def _bright_db(arrival: Arrival) -> float | None:
    measures = dict(arrival.detection.measures)
    parts = [measures.get("high_over_mid_db"), measures.get("top_over_high_db")]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _weaker_db(second: Arrival) -> float:
    """How much weaker than the first it was recorded; 0 where it is about as loud or louder."""
    return dict(second.detection.measures).get("weaker_than_first_db", 0.0)


def _silent(pair: _Pair, listeners: Listeners) -> int:
    """Cameras that heard the first, could hear the second and have nothing after its delay."""
    return sum(
        witness not in pair.second and listeners.could_hear(arrival.recording_id, arrival.time_s + pair.delay_s)
        for witness, arrival in pair.first.items()
    )


def _answers(
    pair: _Pair, firsts: Sequence[Sequence[Arrival]], by_name: Mapping[str, Sequence[float]], listeners: Listeners
) -> list[_Answer]:
    """For each camera that heard another strike from there, whether anything follows that after the same delay."""
    found = []
    for other in map(_by_witness, firsts):
        if not _from_there(pair, other):
            continue
        for witness in pair.second.keys() & other.keys():
            arrival, second = other[witness], pair.second[witness]
            expected_s = arrival.time_s + second.time_s - pair.first[witness].time_s
            would_show = _rise_db(arrival) - _weaker_db(second) >= _OVER_BACKGROUND_DB
            if would_show and listeners.could_hear(arrival.recording_id, expected_s):
                known_s = by_name[arrival.recording_id]
                found.append(
                    _Answer(
                        witness=witness,
                        recording_id=arrival.recording_id,
                        time_s=expected_s,
                        heard=any(abs(time_s - expected_s) <= ANSWER_S for time_s in known_s),
                    )
                )
    return sorted(found, key=lambda each: (each.recording_id, each.time_s))


def _from_there(pair: _Pair, other: Mapping[str, Arrival]) -> bool:
    """Whether another sound reached two cameras or more with the first one's differences."""
    later_s = [other[w].time_s - a.time_s for w, a in pair.first.items() if w in other]
    if len(later_s) < 2 or max(later_s) - min(later_s) > ANSWER_S:
        return False
    return abs(statistics.median(later_s)) > _SAME_S and abs(statistics.median(later_s) - pair.delay_s) > ANSWER_S


def _rise_db(arrival: Arrival) -> float:
    measures = dict(arrival.detection.measures)
    return max(measures.get("rise_low_db", 0.0), measures.get("rise_mid_db", 0.0))
