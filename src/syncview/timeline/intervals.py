"""Strikes in order, and the times between them.

Like is compared with like: two explosion moments, or two arrivals at one camera. Arrivals tell the time between the
explosions only to within the travel of sound between their places; arrivals at different cameras also to within that
between the cameras. Strikes of different groups meet only through UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncview.timebase import group_time_s, pace_of, segment_at
from syncview.timeline.findings import StrikeEntry, StrikeIntervalEntry
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from syncview.model import Clock, Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["arrivals_of", "in_order", "ordered_strikes", "surely_two"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXPLOSION = "explosion"


@dataclass(frozen=True, slots=True)
class _Interval:
    """Seconds between two strikes, 95 % half-width, what was compared, and what must hold for the half-width."""

    interval_s: float
    uncertainty_s: float
    basis: str
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Recording time at which a sound arrives, and its 95 % half-width."""

    sound_s: float
    uncertainty_s: float


def ordered_strikes(parts: TimelineParts) -> tuple[StrikeEntry, ...]:
    """Put the strikes in order, each with the time from the one before it and from the first.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    tuple of StrikeEntry
        By UTC when every group with strikes has one, else group by group.
    """
    strikes = in_order(parts)
    entries = []
    for k, strike in enumerate(strikes):
        earlier = [strikes[j] for j in dict.fromkeys((k - 1, 0)) if 0 <= j < k]
        intervals = tuple(_entry(parts, before, strike) for before in earlier)
        entries.append(StrikeEntry(id=strike.id, group_id=strike.group_id, intervals=intervals))
    return tuple(entries)


def in_order(parts: TimelineParts) -> list[Event]:
    """Strikes by UTC when every group with strikes has one, else group by group."""
    strikes = [event for event in parts.events if event.kind == "strike"]
    moments = {strike.id: moment for strike in strikes if (moment := _utc(parts, strike)) is not None}
    if len(moments) < len(strikes):  # without UTC for all, the groups stand one after the other
        moments = {}
    return sorted(strikes, key=lambda s: (moments.get(s.id, _EPOCH), natural_key(s.group_id), s.time_s, s.id))


def _utc(parts: TimelineParts, event: Event) -> datetime | None:
    zero = parts.utc.get(event.group_id)
    return None if zero is None else zero.utc + timedelta(seconds=event.time_s)


def _entry(parts: TimelineParts, before: Event, after: Event) -> StrikeIntervalEntry:
    found = _interval(parts, before, after)
    if isinstance(found, str):
        return StrikeIntervalEntry(
            from_id=before.id, to_id=after.id, interval_s=None, uncertainty_s=None, basis=None, reason=found
        )
    return StrikeIntervalEntry(
        from_id=before.id,
        to_id=after.id,
        interval_s=found.interval_s,
        uncertainty_s=found.uncertainty_s,
        basis=found.basis,
        reason=None,
        assumptions=found.assumptions,
    )


def _interval(parts: TimelineParts, before: Event, after: Event) -> _Interval | str:
    """The time between two strikes, or why it cannot be told."""
    if before.group_id != after.group_id:
        return _across_groups(parts, before, after)
    explosions = [event.time_basis == _EXPLOSION for event in (before, after)]
    width_s = math.hypot(before.uncertainty_s, after.uncertainty_s)
    if all(explosions):
        return _Interval(after.time_s - before.time_s, width_s, "explosions")
    common = _at_common_recording(parts, before, after)
    if common is not None:
        return common
    if any(explosions):
        return "one is known by its explosion, the other only by a sound's arrival, and no recording heard both"
    interval_s = after.time_s - before.time_s
    return _Interval(interval_s, width_s + _travel_s(parts, before, after), "arrivals", _apart(parts, before, after))


def _across_groups(parts: TimelineParts, before: Event, after: Event) -> _Interval | str:
    first, second = _utc(parts, before), _utc(parts, after)
    if first is None or second is None:
        unknown = [e.group_id for e, moment in ((before, first), (after, second)) if moment is None]
        return f"they are on different clocks, and the UTC of {' and of '.join(unknown)} is not known"
    explosions = [event.time_basis == _EXPLOSION for event in (before, after)]
    if any(explosions) and not all(explosions):
        return "one is known by its explosion, the other only by a sound's arrival on another clock"
    widths = [event.uncertainty_s for event in (before, after)]
    widths += [parts.utc[event.group_id].uncertainty_s for event in (before, after)]
    interval_s, width_s = (second - first).total_seconds(), math.hypot(*widths)
    if all(explosions):
        return _Interval(interval_s, width_s, "utc")
    return _Interval(interval_s, width_s + _travel_s(parts, before, after), "utc", _apart(parts, before, after))


def _travel_s(parts: TimelineParts, before: Event, after: Event) -> float:
    """Most that the ways of two sounds to two cameras can differ, in time: (|a - b| + |s1 - s2|) / c."""
    return (_cameras_m(parts, before, after) + parts.strike_spread_m) / parts.sound_speed_mps


def _cameras_m(parts: TimelineParts, before: Event, after: Event) -> float:
    """Most that lies between the cameras that the times are taken at."""
    if parts.geometry is None:
        return parts.max_camera_distance_m
    names = [event.time_basis.partition(":")[2] for event in (before, after)]
    return max(parts.max_camera_distance_m, parts.geometry.most_m(names[0], names[1]))


def _apart(parts: TimelineParts, before: Event, after: Event) -> tuple[str, ...]:
    return f"the cameras stand within {_cameras_m(parts, before, after):.0f} m of each other", _within(
        parts.strike_spread_m
    )


def _within(spread_m: float) -> str:
    return f"the strikes fell within {spread_m:.0f} m of each other"


def _at_common_recording(parts: TimelineParts, before: Event, after: Event) -> _Interval | None:
    """Arrivals of both at one recording: the one that heard most strikes of the group, then the most precise.

    From one camera the strikes lie at distances that differ by up to |s1 - s2|, so the time between the explosions
    differs by up to |s1 - s2| / c from that between their sounds. Cameras on different sides show this by intervals
    that disagree; that they agree shows nothing.
    """
    group = next(group for group in parts.groups if group.id == before.group_id)
    heard: dict[str, int] = {}
    for event in parts.events:
        if event.kind == "strike" and event.group_id == before.group_id:
            for name in arrivals_of(event):
                heard[name] = heard.get(name, 0) + 1
    first, second = arrivals_of(before), arrivals_of(after)
    options: list[tuple[int, float, tuple[tuple[int, str], ...], _Interval]] = []
    for clock in group.clocks:
        name = clock.recording_id
        if name not in first or name not in second:
            continue
        found = _between_arrivals(clock, first[name], second[name])
        if found is not None:
            options.append((-heard[name], found.uncertainty_s, natural_key(name), found))
    if not options:
        return None
    best, heard_s = min(options, key=lambda option: option[:3])[3], [option[3].interval_s for option in options]
    spread_m = max(parts.strike_spread_m, (max(heard_s) - min(heard_s)) * parts.sound_speed_mps)
    uncertainty_s = best.uncertainty_s + spread_m / parts.sound_speed_mps
    return replace(best, uncertainty_s=uncertainty_s, assumptions=(_within(spread_m),))


def arrivals_of(event: Event) -> dict[str, _Arrival]:
    """When each recording heard an event."""
    return {
        seen.recording_id: _Arrival(seen.sound_s, seen.sound_uncertainty_s)
        for seen in event.observations
        if seen.sound_s is not None and seen.sound_uncertainty_s is not None
    }


def _between_arrivals(clock: Clock, first: _Arrival, second: _Arrival) -> _Interval | None:
    """Between the sounds: within one segment the clock's own error cancels but for its drift, across a cut it stays.

    None where the clock of one of them is not known.
    """
    one, other = (segment_at(clock.segments, arrival.sound_s, of="audio") for arrival in (first, second))
    if one is None or other is None:
        return None
    width_s = math.hypot(first.uncertainty_s * pace_of(one), second.uncertainty_s * pace_of(other))
    interval_s = group_time_s(other, second.sound_s) - group_time_s(one, first.sound_s)
    if one == other:
        width_s += one.drift_uncertainty_ppm * 1e-6 * abs(second.sound_s - first.sound_s)
    else:
        width_s += 2.0 * clock.sound_uncertainty_s
    return _Interval(interval_s, width_s, f"arrivals_at:{clock.recording_id}")


def surely_two(parts: TimelineParts, one: Event, other: Event) -> bool:
    """Whether two strikes of different groups cannot be the same one."""
    found = _across_groups(parts, one, other)
    return isinstance(found, _Interval) and abs(found.interval_s) > found.uncertainty_s
