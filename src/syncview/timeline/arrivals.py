"""Arrivals and departures in their order among the strikes: what people stated, and the first candidates.

A street shows hundreds of comings and goings. Of what only the program saw, each recording's first since each strike is
told: the first that was recognised. Somebody may have come, or gone, before while the picture could not show it, so how
much of that time could show people stands beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from syncview.timeline.findings import ArrivalEntry, GapEntry
from syncview.timeline.intervals import in_order
from syncview.timeline.moments import Moment, moment_of_event, on_clock
from syncview.timeline.parts import natural_key
from syncview.timeline.words import REJECTED, STATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from syncview.model import Event
    from syncview.timeline.findings import CoverageEntry
    from syncview.timeline.parts import TimelineParts

__all__ = ["CANDIDATE", "UnfilmedStrike", "arrivals_between_strikes"]

Coming = Literal["arrives", "enters", "departs", "leaves"]
CANDIDATE = "candidate"
_COMES = ("arrives", "enters")
_COMINGS: tuple[Coming, ...] = get_args(Coming)
_Slot = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfilmedStrike:
    """A strike that no file shows, between two moments of UTC; None where that side is open."""

    id: str
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fell:
    """When a strike fell on the clock of what is compared with it; an end may be infinite."""

    id: str
    least_s: float
    most_s: float
    is_bound: bool
    assumptions: tuple[str, ...]

    @property
    def at_s(self) -> float:
        """Middle, or the end that is known."""
        if math.isinf(self.least_s) or math.isinf(self.most_s):
            return self.most_s if math.isinf(self.least_s) else self.least_s
        return 0.5 * (self.least_s + self.most_s)

    @property
    def half_s(self) -> float:
        return 0.5 * (self.most_s - self.least_s)


def arrivals_between_strikes(
    parts: TimelineParts, unfilmed: Sequence[UnfilmedStrike] = (), coverage: Sequence[CoverageEntry] = ()
) -> tuple[ArrivalEntry, ...]:
    """Tell how long after a strike somebody came or went, and how long after that the next strike fell.

    Parameters
    ----------
    parts : TimelineParts
        With the events.
    unfilmed : sequence of UnfilmedStrike
        Strikes that no file shows; they count where the UTC of what is compared with them is known.
    coverage : sequence of CoverageEntry
        When people could have been recognised; a recording that is not in it could show nobody.

    Returns
    -------
    tuple of ArrivalEntry
        By group and time; `by` says which are candidates. A strike that only a sound's arrival times fell before it by
        the sound's way, which is in the uncertainty. Strikes on another clock count where both have a UTC; else they
        are named in `reason`. Where the first since a strike may have come before it, the first that surely came after
        it is told as well; what people stated to come first leaves no first to a candidate.
    """
    strikes = in_order(parts)
    entries = [(event, _entry(event, action, strikes, unfilmed, parts)) for event, action in _comings(parts.events)]
    doubted = [(event, _entry(event, action, strikes, unfilmed, parts)) for event, action in _comings(parts.candidates)]
    doubted = [(event, entry) for event, entry in doubted if not event.label.startswith(REJECTED)]
    told: list[ArrivalEntry] = []
    taken: set[_Slot] = set()
    for event, entry in entries:
        slots = _slots(event, entry)
        if entry.by != CANDIDATE:
            told.append(entry)
        elif not slots <= taken:
            weaker = sum(each.time_s < event.time_s and slots == _slots(each, other) for each, other in doubted)
            told.append(_with_limits(entry, event, coverage, weaker))
        taken |= slots
    return tuple(told)


def _comings(events: Iterable[Event]) -> list[tuple[Event, Coming]]:
    """What arrives and departs, by group and time."""
    seen = [
        (event, action) for event in events if event.kind == "movement" for action in _COMINGS if event.action == action
    ]
    return sorted(seen, key=lambda each: (natural_key(each[0].group_id), each[0].time_s, natural_key(each[0].id)))


def _slots(event: Event, entry: ArrivalEntry) -> set[_Slot]:
    """What it may be the first of, at each camera: comings or goings of people or vehicles since a strike.

    What may have come before that strike is no first of those that surely came after it.
    """
    since = None if entry.since_strike is None else (entry.since_strike.strike_id, entry.since_strike.order_sure)
    what = event.group_id, event.subject == "vehicle", entry.action in _COMES, since
    return {(seen.recording_id, *what) for seen in event.observations}


def _with_limits(entry: ArrivalEntry, event: Event, coverage: Sequence[CoverageEntry], weaker: int) -> ArrivalEntry:
    """A candidate with what speaks against its being the first: a picture that shows nobody, weaker ones before it."""
    said = [] if entry.reason is None else [entry.reason]
    if (gap := entry.since_strike) is not None:
        since_s = gap.interval_s or gap.at_least_s or 0.0
        share = f"{_seeing_s(event, since_s, coverage):.1f} of the {since_s:.1f} s"
        said.append(f"people can be recognised in its picture for {share} since {gap.strike_id}")
    if weaker:
        said.append(f"{weaker} weaker {'candidate comes' if weaker == 1 else 'candidates come'} before it")
    return entry.model_copy(update={"reason": "; ".join(said) or None})


def _seeing_s(event: Event, since_s: float, coverage: Sequence[CoverageEntry]) -> float:
    """For how long of the time before an event its camera could show people."""
    cameras = {seen.recording_id for seen in event.observations}
    spans = [
        span
        for entry in coverage
        if entry.group_id == event.group_id and entry.recording_id in cameras
        for span in entry.people_assessable
    ]
    start_s = event.time_s - since_s
    return sum(max(0.0, min(span.end_s, event.time_s) - max(span.start_s, start_s)) for span in spans)


def _entry(
    event: Event, action: Coming, strikes: Sequence[Event], unfilmed: Sequence[UnfilmedStrike], parts: TimelineParts
) -> ArrivalEntry:
    own = moment_of_event(event, parts)
    heard = {strike.id: _heard(strike, event.group_id, parts) for strike in strikes}
    told = {strike.id: _told(strike, event.group_id, parts) for strike in unfilmed}
    known = sorted(
        (each for each in (*heard.values(), *told.values()) if each is not None),
        key=lambda each: (each.at_s, natural_key(each.id)),
    )
    open_ended = [each.id for each in known if _either_side(each, own)]
    known = [each for each in known if each.id not in open_ended]
    before = [each for each in known if each.at_s <= own.time_s]
    after = [each for each in known if each.at_s > own.time_s]
    apart = [name for name, each in (*heard.items(), *told.items()) if each is None]
    return ArrivalEntry(
        event_id=event.id,
        group_id=event.group_id,
        action=action,
        subject=event.subject,
        label=event.label,
        since_first=_gap(before[0], own) if len(before) > 1 else None,
        since_strike=_gap(before[-1], own) if before else None,
        until_strike=_gap(after[0], own) if after else None,
        reason=_reason(apart, open_ended),
        by=event.calibration if event.calibration.startswith(STATED) else CANDIDATE,
    )


def _heard(strike: Event, group_id: str, parts: TimelineParts) -> _Fell | None:
    moment = on_clock(moment_of_event(strike, parts), strike.group_id, group_id, parts)
    if moment is None:
        return None
    return _Fell(
        id=strike.id,
        least_s=moment.time_s - moment.uncertainty_s,
        most_s=moment.time_s + moment.uncertainty_s,
        is_bound=False,
        assumptions=moment.assumptions,
    )


def _told(strike: UnfilmedStrike, group_id: str, parts: TimelineParts) -> _Fell | None:
    zero = parts.utc.get(group_id)
    if zero is None:
        return None
    earliest_s = -math.inf if strike.earliest is None else (strike.earliest - zero.utc).total_seconds()
    latest_s = math.inf if strike.latest is None else (strike.latest - zero.utc).total_seconds()
    return _Fell(
        id=strike.id,
        least_s=earliest_s - zero.uncertainty_s,
        most_s=latest_s + zero.uncertainty_s,
        is_bound=True,
        assumptions=(),
    )


def _either_side(strike: _Fell, own: Moment) -> bool:
    """Whether a strike known on one side only may have fallen before and after."""
    if math.isinf(strike.least_s):
        return strike.most_s > own.time_s - own.uncertainty_s
    return math.isinf(strike.most_s) and strike.least_s < own.time_s + own.uncertainty_s


def _gap(strike: _Fell, own: Moment) -> GapEntry:
    said = tuple(dict.fromkeys((*strike.assumptions, *own.assumptions)))
    if math.isinf(strike.half_s):  # one end is known, and the other side of it is where the strike fell
        known_s = abs(own.time_s - strike.at_s) - own.uncertainty_s
        return GapEntry(
            strike_id=strike.id,
            interval_s=None,
            uncertainty_s=None,
            order_sure=True,
            at_least_s=known_s,
            assumptions=said,
        )
    interval_s = abs(own.time_s - strike.at_s)
    width_s = own.uncertainty_s + strike.half_s if strike.is_bound else math.hypot(own.uncertainty_s, strike.half_s)
    return GapEntry(
        strike_id=strike.id,
        interval_s=interval_s,
        uncertainty_s=width_s,
        order_sure=interval_s > width_s,
        assumptions=said,
    )


def _reason(apart: Sequence[str], open_ended: Sequence[str]) -> str | None:
    said = []
    if apart:
        said.append(f"{', '.join(apart)} on another clock, and the UTC of both is not known")
    if open_ended:
        said.append(f"{', '.join(open_ended)} may have fallen before or after")
    return "; ".join(said) or None
