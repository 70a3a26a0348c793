"""Strikes in order, and the times between them.

Like is compared with like: two explosion moments, or two arrivals at one camera. Arrivals tell the time between the
explosions only to within the travel of sound between their places; arrivals at different cameras also to within that
between the cameras. Strikes of different groups meet only through UTC, or through a device with files in both, and
those that no file shows through UTC alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from syncview.model import Event, External
from syncview.timebase import group_time_s, pace_of, segment_at
from syncview.timeline.externals import key_of_external, window_of_event, window_of_external
from syncview.timeline.findings import StrikeEntry, StrikeIntervalEntry
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Clock
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
class _OneSided:
    """What bounds the time between two strikes, where only one side of it can be told."""

    at_least_s: float | None
    at_most_s: float | None
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
        By UTC when every group with strikes has one, else group by group. For a measured strike, "before" passes over
        those that only a person states, as far as there is a measured one.
    """
    strikes = _all_in_order(parts)
    entries = []
    for k, strike in enumerate(strikes):
        earlier = [strikes[j] for j in dict.fromkeys((_before(strikes, k), 0)) if 0 <= j < k]
        intervals = tuple(_entry(parts, before, strike) for before in earlier)
        group_id = None if isinstance(strike, External) else strike.group_id
        entries.append(StrikeEntry(id=strike.id, group_id=group_id, intervals=intervals))
    return tuple(entries)


def _before(strikes: Sequence[Event | External], k: int) -> int:
    """Which strike comes before: for a measured one, the measured one before, if there is one."""
    if _is_stated(strikes[k]):
        return k - 1
    return next((j for j in range(k - 1, -1, -1) if not _is_stated(strikes[j])), k - 1)


def _is_stated(strike: Event | External) -> bool:
    """Whether only a person says that a file shows it: nothing heard there was timed."""
    if isinstance(strike, External) or strike.time_basis == _EXPLOSION:
        return False
    return all(seen.sound_s is None and seen.stated_s is not None for seen in strike.observations)


def _all_in_order(parts: TimelineParts) -> list[Event | External]:
    """With those that no file shows: by UTC, or before all others where the UTC of these is not known."""
    heard = in_order(parts)
    stated = sorted(
        (each for each in parts.externals if each.of == "strike"), key=lambda e: (key_of_external(e), natural_key(e.id))
    )
    moments = [_utc(parts, strike) for strike in heard]
    if any(moment is None for moment in moments):
        return [*stated, *heard]
    keyed: list[tuple[datetime, int, Event | External]] = [(key_of_external(e), 0, e) for e in stated]
    keyed += [(moment, 1, strike) for moment, strike in zip(moments, heard, strict=True) if moment is not None]
    return [strike for _, _, strike in sorted(keyed, key=lambda each: each[:2])]


def in_order(parts: TimelineParts) -> list[Event]:
    """Strikes by time when UTC or devices tell that between all their groups, else group by group."""
    strikes = [event for event in parts.events if event.kind == "strike"]
    zeros_s = _zeros_s(parts, sorted({strike.group_id for strike in strikes}, key=natural_key))
    return sorted(
        strikes,
        key=lambda s: (zeros_s[s.group_id] + s.time_s if zeros_s else 0.0, natural_key(s.group_id), s.time_s, s.id),
    )


def _zeros_s(parts: TimelineParts, group_ids: Sequence[str]) -> dict[str, float]:
    """Zeros of groups on one axis: that of UTC, else that of the first of them; empty where one cannot be put on it."""
    if all(group_id in parts.utc for group_id in group_ids):
        return {group_id: (parts.utc[group_id].utc - _EPOCH).total_seconds() for group_id in group_ids}
    zeros_s, new = {group_ids[0]: 0.0}, True
    while new:
        new = False
        for tie in parts.ties:
            for at, to, sign in ((tie.a_group, tie.b_group, 1.0), (tie.b_group, tie.a_group, -1.0)):
                if at in zeros_s and to not in zeros_s:
                    zeros_s[to], new = zeros_s[at] + sign * tie.difference_s, True
    return zeros_s if zeros_s.keys() >= set(group_ids) else {}


def _utc(parts: TimelineParts, event: Event) -> datetime | None:
    zero = parts.utc.get(event.group_id)
    return None if zero is None else zero.utc + timedelta(seconds=event.time_s)


def _entry(parts: TimelineParts, before: Event | External, after: Event | External) -> StrikeIntervalEntry:
    found = _interval(parts, before, after)
    known = found if isinstance(found, _Interval) else None
    bound = found if isinstance(found, _OneSided) else None
    reason = found if isinstance(found, str) else "only a bound is stated" if bound is not None else None
    return StrikeIntervalEntry(
        from_id=before.id,
        to_id=after.id,
        interval_s=None if known is None else known.interval_s,
        uncertainty_s=None if known is None else known.uncertainty_s,
        basis=known.basis if known is not None else "utc" if bound is not None else None,
        reason=reason,
        at_least_s=None if bound is None else bound.at_least_s,
        at_most_s=None if bound is None else bound.at_most_s,
        assumptions=() if isinstance(found, str) else found.assumptions,
    )


def _interval(parts: TimelineParts, before: Event | External, after: Event | External) -> _Interval | _OneSided | str:
    """The time between two strikes, or why it cannot be told."""
    if isinstance(before, External) or isinstance(after, External):
        return _from_external(parts, before, after)
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


def _from_external(
    parts: TimelineParts, before: Event | External, after: Event | External
) -> _Interval | _OneSided | str:
    """Through UTC; bounds that nobody states stay open."""
    windows = []
    for strike in (before, after):
        window = window_of_external(strike) if isinstance(strike, External) else window_of_event(strike, parts)
        if window is None and isinstance(strike, Event):
            return f"no file shows the one, and the UTC of {strike.group_id} is not known"
        windows += [] if window is None else [window]
    first, second = windows
    assumptions = tuple(dict.fromkeys((*first.assumptions, *second.assumptions)))
    if math.isfinite(first.half_s) and math.isfinite(second.half_s):
        bound = first.is_bound or second.is_bound or bool(assumptions)
        half_s = first.half_s + second.half_s if bound else math.hypot(first.half_s, second.half_s)
        return _Interval(second.middle_s - first.middle_s, half_s, "utc", assumptions)
    least_s, most_s = second.least_s - first.most_s, second.most_s - first.least_s
    if not (math.isfinite(least_s) or math.isfinite(most_s)):
        return "what is stated of the two bounds the time between them from neither side"
    return _OneSided(
        at_least_s=least_s if math.isfinite(least_s) else None,
        at_most_s=most_s if math.isfinite(most_s) else None,
        assumptions=assumptions,
    )


def _across_groups(parts: TimelineParts, before: Event, after: Event) -> _Interval | str:
    """Through a device with files in both groups or through UTC, whichever is surer."""
    explosions = [event.time_basis == _EXPLOSION for event in (before, after)]
    between = _between_groups(parts, before, after)
    if between is None:
        unknown = [e.group_id for e in (before, after) if e.group_id not in parts.utc]
        return f"they are on different clocks, and the UTC of {' and of '.join(unknown)} is not known"
    if any(explosions) and not all(explosions):
        return "one is known by its explosion, the other only by a sound's arrival on another clock"
    zeros_s, zeros_pm_s, basis = between
    interval_s = after.time_s - before.time_s + zeros_s
    width_s = math.hypot(before.uncertainty_s, after.uncertainty_s, zeros_pm_s)
    if all(explosions):
        return _Interval(interval_s, width_s, basis)
    return _Interval(interval_s, width_s + _travel_s(parts, before, after), basis, _apart(parts, before, after))


def _between_groups(parts: TimelineParts, before: Event, after: Event) -> tuple[float, float, str] | None:
    """UTC of one group's zero minus the other's, its half-width, and what tells it."""
    options = [
        (tie.uncertainty_s, sign * tie.difference_s, "device_clock")
        for tie in parts.ties
        for ends, sign in (((tie.a_group, tie.b_group), 1.0), ((tie.b_group, tie.a_group), -1.0))
        if ends == (before.group_id, after.group_id)
    ]
    first, second = parts.utc.get(before.group_id), parts.utc.get(after.group_id)
    if first is not None and second is not None:
        pm_s = math.hypot(first.uncertainty_s, second.uncertainty_s)
        options.append((pm_s, (second.utc - first.utc).total_seconds(), "utc"))
    if not options:
        return None
    pm_s, seconds, basis = min(options)
    return seconds, pm_s, basis


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
