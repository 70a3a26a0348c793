"""Strikes in order, the times between them, and how many there are at least.

Like is compared with like: two explosion moments, or two arrivals at one camera. Arrivals at different cameras carry
the travel of sound in their uncertainty; strikes of different groups meet only through UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncview.timebase import group_time_s
from syncview.timeline.findings import StrikeCountEntry, StrikeEntry, StrikeIntervalEntry
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from syncview.model import Clock, ClockSegment, Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["count_strikes", "ordered_strikes"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXPLOSION = "explosion"
_ECHO_LABEL = "possible echo"
_REPLAY_LABEL = "replay"


@dataclass(frozen=True, slots=True)
class _Interval:
    """Seconds between two strikes, 95 % half-width, and what was compared."""

    interval_s: float
    uncertainty_s: float
    basis: str


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
    strikes = _in_order(parts)
    entries = []
    for k, strike in enumerate(strikes):
        earlier = [strikes[j] for j in dict.fromkeys((k - 1, 0)) if 0 <= j < k]
        intervals = tuple(_entry(parts, before, strike) for before in earlier)
        entries.append(StrikeEntry(id=strike.id, group_id=strike.group_id, intervals=intervals))
    return tuple(entries)


def count_strikes(parts: TimelineParts) -> StrikeCountEntry:
    """Count the strikes that cannot be one another, from the group with the most of them on.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    StrikeCountEntry
        Strikes of a group without UTC may be those of another group, so only the larger number counts.
    """
    by_group: dict[str, list[Event]] = {}
    for strike in _in_order(parts):
        by_group.setdefault(strike.group_id, []).append(strike)
    counted: list[Event] = []
    for group_id in sorted(by_group, key=lambda name: (-len(by_group[name]), natural_key(name))):
        others = tuple(counted)
        counted.extend(s for s in by_group[group_id] if all(_surely_two(parts, o, s) for o in others))
    labels = [candidate.label for candidate in parts.candidates]
    return StrikeCountEntry(
        at_least=len(counted),
        single_camera=sum(len(_witnesses(parts, strike)) == 1 for strike in counted),
        possible_echo=labels.count(_ECHO_LABEL),
        replay=labels.count(_REPLAY_LABEL),
    )


def _in_order(parts: TimelineParts) -> list[Event]:
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
    return _Interval(after.time_s - before.time_s, width_s + _travel_s(parts), "arrivals")


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
    travel_s = 0.0 if all(explosions) else _travel_s(parts)
    return _Interval((second - first).total_seconds(), math.hypot(*widths) + travel_s, "utc")


def _travel_s(parts: TimelineParts) -> float:
    """Most that the travel of sound to two cameras can differ: D/c."""
    return parts.max_camera_distance_m / parts.sound_speed_mps


def _at_common_recording(parts: TimelineParts, before: Event, after: Event) -> _Interval | None:
    """Arrivals of both at one recording: the one that heard most strikes of the group, then the most precise."""
    group = next(group for group in parts.groups if group.id == before.group_id)
    heard: dict[str, int] = {}
    for event in parts.events:
        if event.kind == "strike" and event.group_id == before.group_id:
            for name in _heard_by(event):
                heard[name] = heard.get(name, 0) + 1
    first, second = _heard_by(before), _heard_by(after)
    options = []
    for clock in group.clocks:
        name = clock.recording_id
        if name in first and name in second:
            found = _between_arrivals(clock, first[name], second[name])
            options.append((-heard[name], found.uncertainty_s, natural_key(name), found))
    return min(options, key=lambda option: option[:3])[3] if options else None


def _heard_by(event: Event) -> dict[str, _Arrival]:
    """When each recording heard an event."""
    return {
        seen.recording_id: _Arrival(seen.sound_s, seen.sound_uncertainty_s)
        for seen in event.observations
        if seen.sound_s is not None and seen.sound_uncertainty_s is not None
    }


def _between_arrivals(clock: Clock, first: _Arrival, second: _Arrival) -> _Interval:
    """Within one segment the clock's own error cancels, except for its drift; across a cut it does not."""
    width_s = math.hypot(first.uncertainty_s, second.uncertainty_s)
    one, other = _segment_at(clock, first.sound_s), _segment_at(clock, second.sound_s)
    interval_s = group_time_s(other, second.sound_s) - group_time_s(one, first.sound_s)
    if one == other:
        width_s += one.drift_uncertainty_ppm * 1e-6 * abs(second.sound_s - first.sound_s)
    else:
        width_s += 2.0 * clock.sound_uncertainty_s
    return _Interval(interval_s, width_s, f"arrivals_at:{clock.recording_id}")


def _segment_at(clock: Clock, recording_s: float) -> ClockSegment:
    """The segment of the sound that holds a moment, or the nearest one."""
    fitting = [segment for segment in clock.segments if segment.applies_to != "video"] or list(clock.segments)
    return min(fitting, key=lambda s: max(s.start_s - recording_s, recording_s - s.end_s, 0.0))


def _surely_two(parts: TimelineParts, one: Event, other: Event) -> bool:
    """Whether two strikes of different groups cannot be the same one."""
    found = _across_groups(parts, one, other)
    return isinstance(found, _Interval) and abs(found.interval_s) > found.uncertainty_s


def _witnesses(parts: TimelineParts, event: Event) -> set[str]:
    """Independent witnesses that heard an event: duplicates and files of one device count once."""
    stands_for = {name: f"device {device}" for name, device in parts.devices.items()}
    for duplicate in parts.duplicates:
        first = min(duplicate.recording_ids)
        for name in duplicate.recording_ids:
            stands_for[name] = stands_for.get(first, first)
    return {stands_for.get(name, name) for name in _heard_by(event)}
