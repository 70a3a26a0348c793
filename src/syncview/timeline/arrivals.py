"""Stated arrivals and departures in their order among the strikes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

from syncview.timeline.findings import ArrivalEntry, GapEntry
from syncview.timeline.intervals import in_order
from syncview.timeline.moments import Moment, moment_of_event, on_clock
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["arrivals_between_strikes"]

Coming = Literal["arrives", "enters", "departs", "leaves"]
_COMINGS: tuple[Coming, ...] = get_args(Coming)


def arrivals_between_strikes(parts: TimelineParts) -> tuple[ArrivalEntry, ...]:
    """Tell how long after a strike somebody came or went, and how long after that the next strike fell.

    Parameters
    ----------
    parts : TimelineParts
        With the events that people stated.

    Returns
    -------
    tuple of ArrivalEntry
        By group and time. A strike that only a sound's arrival times fell before it by the sound's way, which is in the
        uncertainty. Strikes on another clock count where both have a UTC; else they are named in `reason`.
    """
    strikes = in_order(parts)
    seen = [
        (event, action)
        for event in parts.events
        if event.kind == "movement"
        for action in _COMINGS
        if event.action == action
    ]
    seen.sort(key=lambda each: (natural_key(each[0].group_id), each[0].time_s, natural_key(each[0].id)))
    return tuple(_entry(event, action, strikes, parts) for event, action in seen)


def _entry(event: Event, action: Coming, strikes: Sequence[Event], parts: TimelineParts) -> ArrivalEntry:
    own = moment_of_event(event, parts)
    before: list[tuple[str, Moment]] = []
    after: list[tuple[str, Moment]] = []
    apart: list[str] = []
    for strike in strikes:
        moment = on_clock(moment_of_event(strike, parts), strike.group_id, event.group_id, parts)
        if moment is None:
            apart.append(strike.id)
        elif moment.time_s <= own.time_s:
            before.append((strike.id, moment))
        else:
            after.append((strike.id, moment))
    reason = f"{', '.join(apart)} on another clock, and the UTC of both is not known" if apart else None
    return ArrivalEntry(
        event_id=event.id,
        group_id=event.group_id,
        action=action,
        subject=event.subject,
        label=event.label,
        since_strike=_gap(max(before, key=_when), own) if before else None,
        until_strike=_gap(min(after, key=_when), own) if after else None,
        reason=reason,
    )


def _when(strike: tuple[str, Moment]) -> tuple[float, tuple[tuple[int, str], ...]]:
    return strike[1].time_s, natural_key(strike[0])


def _gap(strike: tuple[str, Moment], own: Moment) -> GapEntry:
    name, moment = strike
    interval_s, width_s = abs(own.time_s - moment.time_s), math.hypot(own.uncertainty_s, moment.uncertainty_s)
    return GapEntry(
        strike_id=name,
        interval_s=interval_s,
        uncertainty_s=width_s,
        order_sure=interval_s > width_s,
        assumptions=tuple(dict.fromkeys((*moment.assumptions, *own.assumptions))),
    )
