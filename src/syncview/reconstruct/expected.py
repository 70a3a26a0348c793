"""Where a strike that some cameras heard should have arrived at the others: what a second look is aimed at."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.reconstruct.confidence import strike_confidence
from syncview.reconstruct.echoes import can_be_told, echoes_or_strikes
from syncview.reconstruct.partition import ONE_STRIKE
from syncview.reconstruct.second_sounds import ANSWER_S
from syncview.reconstruct.strikes import sounds_of_groups
from syncview.timebase import recording_time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncview.model import Detection, Duplicate, Group, Recording
    from syncview.reconstruct.arrivals import Arrival
    from syncview.reconstruct.geometry import Geometry
    from syncview.reconstruct.second_sounds import SecondSound
    from syncview.reconstruct.strikes import Sounds
    from syncview.settings import Settings

__all__ = ["ExpectedArrival", "expected_arrivals"]

_SIGMAS = 2.0  # in a 95 % half-width


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedArrival:
    """A stretch of a recording in which a sound that others heard should arrive, in recording time.

    `most_chance` is the largest share of other stretches that may rise as much, where it is not the usual one.
    """

    recording_id: str
    time_s: float
    half_s: float
    most_chance: float | None = None


def expected_arrivals(
    detections: Iterable[Detection],
    groups: Sequence[Group],
    *,
    geometry: Geometry,
    settings: Settings,
    recordings: Sequence[Recording] = (),
    duplicates: Sequence[Duplicate] = (),
) -> tuple[ExpectedArrival, ...]:
    """Say where to listen again.

    Where other strikes confirm the delay between two cameras, the stretch is as wide as strikes within one radius
    make it; else as wide as clocks and sound's travel leave it.

    Parameters
    ----------
    detections, groups, geometry, settings, recordings, duplicates
        As `syncview.reconstruct.strikes.join_strikes` takes them.

    Returns
    -------
    tuple of ExpectedArrival
        For each sound that may be a strike, the cameras that could have heard it and reported nothing.
    """
    found = []
    for sounds in sounds_of_groups(
        detections, groups, geometry=geometry, settings=settings, recordings=recordings, duplicates=duplicates
    ):
        echoes = echoes_or_strikes(sounds.parts, sounds.listeners, settings=settings.reconstruct)
        for part, echo in zip(sounds.parts, echoes, strict=True):
            if echo.second is not None:
                found += _after_first(part, echo.second, sounds, settings)
            if echo.possible_echo or echo.second is not None:
                continue
            # What one camera heard clearly is what the others are asked for: that they did not hear it must not count.
            confidence = strike_confidence(part, sounds.pattern, sounds.listeners, settings=settings.reconstruct)
            worth = max(confidence, *(arrival.score_by_itself for arrival in part))
            if worth < settings.reconstruct.second_look_score:
                continue
            found += _of_part(part, sounds, settings)
    return tuple(sorted(found, key=lambda each: (each.recording_id, each.time_s)))


def _of_part(part: Sequence[Arrival], sounds: Sounds, settings: Settings) -> list[ExpectedArrival]:
    listeners = sounds.listeners
    witnesses = {arrival.witness for arrival in part}
    found = []
    for name, clock in listeners.clocks.items():
        if listeners.witness_of[name] in witnesses:
            continue
        time_s, half_s = _place_s(name, part, sounds, settings)
        at_s = recording_time_of(clock, time_s, of="audio")
        if at_s is not None and listeners.could_hear(name, time_s):
            found.append(ExpectedArrival(recording_id=name, time_s=at_s, half_s=half_s))
    return found


def _after_first(
    part: Sequence[Arrival], second: SecondSound, sounds: Sounds, settings: Settings
) -> list[ExpectedArrival]:
    """Where what may be an echo or a second strike should follow the first at cameras that lack it.

    And where a wall that makes this echo should have made another one, of another strike from there.
    """
    weights, listeners = settings.reconstruct, sounds.listeners
    if max(arrival.score for arrival in part) < weights.echo_look_score:
        return []
    heard = {arrival.witness for arrival in part}
    lacking = [(a.recording_id, a.time_s + second.delay_s) for a in second.first if a.witness not in heard]
    places: list[tuple[str, float, float, float | None]] = [
        (name, time_s, weights.echo_look_s, weights.echo_look_chance) for name, time_s in lacking
    ]
    if can_be_told(second, settings=weights):
        places += [(name, time_s, ANSWER_S, None) for name, time_s in second.unanswered]
    found = []
    for name, time_s, half_s, most_chance in places:
        at_s = recording_time_of(listeners.clocks[name], time_s, of="audio")
        if at_s is not None and listeners.could_hear(name, time_s):
            found.append(ExpectedArrival(recording_id=name, time_s=at_s, half_s=half_s, most_chance=most_chance))
    return found


def _place_s(name: str, part: Sequence[Arrival], sounds: Sounds, settings: Settings) -> tuple[float, float]:
    """Group time at which a recording should hear a sound, and the half-width of that."""
    pattern, weights = sounds.pattern, settings.reconstruct
    best = max(part, key=lambda a: (pattern.support(a.recording_id, name), a.score, a.recording_id))
    if pattern.support(best.recording_id, name) >= ONE_STRIKE:
        return (
            pattern.adjusted_s(best) + pattern.delay_s[name],
            _SIGMAS * weights.pattern_spread_s + best.uncertainty_s,
        )
    time_s = statistics.median(a.time_s for a in part)
    windows_s = [sounds.listeners.window_s(a.recording_id, name) + a.uncertainty_s for a in part]
    return time_s, min(*windows_s, _SIGMAS * weights.pattern_prior_s, math.inf)
