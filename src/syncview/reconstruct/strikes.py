"""From detections in single recordings to strikes: one explosion that four cameras hear is one strike.

Detections go to group time by their clocks, are parted into sounds, and each sound becomes an event: a strike, or a
candidate that says what else it may be (a possible echo, a replay, a sound of one camera's own surroundings, too weak).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncview.errors import InputError
from syncview.model import Event, Observation
from syncview.reconstruct.arrivals import arrivals_of_group, group_of_detections, listeners_of_group, on_group_time
from syncview.reconstruct.confidence import CALIBRATION, strike_confidence, tied_by_this_alone
from syncview.reconstruct.echoes import echo_in_words, echoes_or_strikes
from syncview.reconstruct.partition import partition
from syncview.reconstruct.pattern import arrival_pattern
from syncview.reconstruct.replays import REPLAY_LABEL, without_replays
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from syncview.model import Clock, Detection, Duplicate, Group, Recording
    from syncview.reconstruct.arrivals import Arrival, Listeners
    from syncview.reconstruct.echoes import EchoOrStrike
    from syncview.reconstruct.geometry import Geometry
    from syncview.reconstruct.pattern import Pattern
    from syncview.settings import Settings

__all__ = ["ECHO_LABEL", "Sounds", "join_strikes", "sounds_of_groups", "with_time_basis"]

ECHO_LABEL = "possible echo"
_ARRIVAL = "arrival_at:"


def join_strikes(
    detections: Iterable[Detection],
    groups: Sequence[Group],
    *,
    geometry: Geometry,
    settings: Settings,
    recordings: Sequence[Recording] = (),
    duplicates: Sequence[Duplicate] = (),
) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """Join the detections of all recordings into events; every detection that is on a clock ends in exactly one.

    Arrivals of one sound at two cameras may differ by what sound's travel and the clocks allow, which can be more than
    the time between two strikes. So which detections belong together is decided jointly: strikes within a small radius
    reach the cameras in one pattern of delays, which all of them together show.

    Parameters
    ----------
    detections : iterable of Detection
        In any order; the result does not depend on it.
    groups : sequence of Group
        Clocks; every detection's recording is in one of them.
    geometry : Geometry
        Distances between the cameras as far as they are known, and the speed of sound.
    settings : Settings
        The parts `reconstruct` and `detect`, and `strike_threshold`.
    recordings : sequence of Recording, optional
        Tell where a recording could not hear: no sound, silence, masked.
    duplicates : sequence of Duplicate, optional
        Copies of one recording are one witness.

    Returns
    -------
    events : tuple of Event
        Strikes, by group and time, with empty ids.
    candidates : tuple of Event
        All other sounds, of kind "shot" where that is likeliest, else "note", with the reason in `label` and in the
        observations.

    Raises
    ------
    InputError
        When a detection's recording is in no group.
    """
    events: list[Event] = []
    candidates: list[Event] = []
    for sounds in sounds_of_groups(
        detections, groups, geometry=geometry, settings=settings, recordings=recordings, duplicates=duplicates
    ):
        group, listeners = sounds.group, sounds.listeners
        candidates += _replay_events(sounds.replays, group, listeners.clocks)
        echoes = echoes_or_strikes(sounds.parts, listeners, settings=settings.reconstruct)
        for part, echo in zip(sounds.parts, echoes, strict=True):
            if all(arrival.by_second_look for arrival in part):
                continue
            confidence = strike_confidence(part, sounds.pattern, listeners, settings=settings.reconstruct)
            event = _event(part, confidence, echo, sounds, settings)
            (events if event.kind == "strike" else candidates).append(event)

    def order(event: Event) -> tuple[str, float, str]:
        return event.group_id, event.time_s, event.time_basis

    return tuple(sorted(events, key=order)), tuple(sorted(candidates, key=order))


class Sounds(NamedTuple):
    """The sounds of one group: their parts, what parts them, and what files show again."""

    group: Group
    listeners: Listeners
    pattern: Pattern
    parts: tuple[tuple[Arrival, ...], ...]
    replays: list[tuple[Detection, Detection]]


def sounds_of_groups(
    detections: Iterable[Detection],
    groups: Sequence[Group],
    *,
    geometry: Geometry,
    settings: Settings,
    recordings: Sequence[Recording] = (),
    duplicates: Sequence[Duplicate] = (),
) -> Iterator[Sounds]:
    """Part the detections of each group into sounds, before anything is said of them.

    Parameters
    ----------
    detections, groups, geometry, settings, recordings, duplicates
        As `join_strikes` takes them.

    Yields
    ------
    Sounds
        For each group in which something was detected, by group id.

    Raises
    ------
    InputError
        When a detection's recording is in no group.
    """
    by_group = group_of_detections(detections, groups)
    for group in sorted(groups, key=lambda group: group.id):
        if not by_group[group.id]:
            continue
        listeners = listeners_of_group(group, geometry=geometry, recordings=recordings, duplicates=duplicates)
        counting, replays = _showings(by_group[group.id], listeners.clocks)
        arrivals = arrivals_of_group(counting, listeners)
        pattern = arrival_pattern(arrivals, listeners, settings=settings.reconstruct)
        parts = partition(arrivals, pattern, listeners, settings=settings.reconstruct)
        yield Sounds(group=group, listeners=listeners, pattern=pattern, parts=parts, replays=replays)


def with_time_basis(event: Event, recording_id: str, groups: Sequence[Group]) -> Event:
    """The same event, timed by its arrival at another of its cameras.

    For events that had their time named by a camera in an earlier run: a camera that is added must not change it.

    Parameters
    ----------
    event : Event
        An event of `join_strikes`. A replay keeps the time of what it repeats.
    recording_id : str
        A recording that heard it.
    groups : sequence of Group
        The clocks.

    Returns
    -------
    Event

    Raises
    ------
    InputError
        When the recording did not hear the event, or not where its clock is known.
    """
    if event.label == REPLAY_LABEL:
        return event
    clocks = {clock.recording_id: clock for group in groups for clock in group.clocks}
    for seen in event.observations:
        if seen.recording_id == recording_id and seen.sound_s is not None:
            clock = clocks[recording_id]
            placed = on_group_time(clock, seen.sound_s, seen.sound_uncertainty_s or 0.0)
            if placed is not None:
                return replace(
                    event,
                    time_s=round_s(placed[0]),
                    time_basis=f"{_ARRIVAL}{recording_id}",
                    uncertainty_s=round_s(math.hypot(placed[1], clock.uncertainty_s)),
                )
    message = f"{recording_id} did not hear the event at {event.time_s:.3f} s"
    raise InputError(message)


def _showings(
    detections: Sequence[Detection], clocks: Mapping[str, Clock]
) -> tuple[list[Detection], list[tuple[Detection, Detection]]]:
    """Detections of a group that count, and those that show one of them again in the same file."""
    by_name: dict[str, list[Detection]] = {}
    for detection in detections:
        by_name.setdefault(detection.recording_id, []).append(detection)
    counting: list[Detection] = []
    replays: list[tuple[Detection, Detection]] = []
    for name, own in by_name.items():
        kept, again = without_replays(own, clocks[name])
        counting += kept
        replays += again
    return counting, replays


def _replay_events(
    replays: Iterable[tuple[Detection, Detection]], group: Group, clocks: Mapping[str, Clock]
) -> list[Event]:
    """Candidates for what a file shows again, at the group time of what it repeats, or else at its own."""
    events = []
    for shown, first in replays:
        clock = clocks[shown.recording_id]
        placed = on_group_time(clock, first.time_s, first.uncertainty_s) or on_group_time(
            clock, shown.time_s, shown.uncertainty_s
        )
        if placed is None:
            continue
        said = f"the file shows the sound of its {first.time_s:.3f} s again: no further strike"
        events.append(
            Event(
                id="",
                kind="note",
                group_id=group.id,
                time_s=round_s(placed[0]),
                time_basis=f"{_ARRIVAL}{shown.recording_id}",
                uncertainty_s=round_s(math.hypot(placed[1], clock.uncertainty_s)),
                end_s=None,
                confidence=round(shown.score, 6),
                calibration=CALIBRATION,
                label=REPLAY_LABEL,
                min_separable_s=None,
                observations=(_observation(shown, (said,)),),
            )
        )
    return events


def _event(
    part: Sequence[Arrival],
    confidence: float,
    echo: EchoOrStrike,
    sounds: Sounds,
    settings: Settings,
) -> Event:
    """One sound as an event, timed by the camera whose arrival is known best."""
    group, listeners = sounds.group, sounds.listeners
    confidence *= 1.0 if echo.probability is None else echo.probability
    strike = confidence >= settings.strike_threshold and not echo.possible_echo
    clearest = max(part, key=lambda a: (a.score, -a.time_s, a.recording_id)).detection
    remarks = _remarks(part, echo, sounds)
    event = Event(
        id="",
        kind="strike" if strike else ("shot" if clearest.kind == "shot" and not echo.possible_echo else "note"),
        group_id=group.id,
        time_s=0.0,
        time_basis="",
        uncertainty_s=0.0,
        end_s=None,
        confidence=round(confidence, 6),
        calibration=CALIBRATION,
        label=ECHO_LABEL if echo.possible_echo else clearest.label,
        min_separable_s=_min_separable_s(part, settings) if strike else None,
        observations=tuple(
            _observation(arrival.detection, remarks) for arrival in sorted(part, key=lambda a: a.recording_id)
        ),
    )
    return with_time_basis(event, _basis(part, listeners.clocks), (group,))


def _basis(part: Sequence[Arrival], clocks: Mapping[str, Clock]) -> str:
    """Recording whose arrival is known best on group time."""

    def doubt(arrival: Arrival) -> tuple[float, float, str]:
        clock_s = clocks[arrival.recording_id].uncertainty_s
        return round(math.hypot(arrival.uncertainty_s, clock_s), 3), -arrival.score, arrival.recording_id

    return min(part, key=doubt).recording_id


def _min_separable_s(part: Sequence[Arrival], settings: Settings) -> float:
    """How far apart two strikes must lie to be told apart by every camera that heard this one."""
    apart_s = [dict(a.detection.measures).get("separable_after_s", settings.detect.wake_s) for a in part]
    return round_s(max(apart_s))


def _remarks(part: Sequence[Arrival], echo: EchoOrStrike, sounds: Sounds) -> tuple[str, ...]:
    """What all cameras together say, in words."""
    said, listeners = [], sounds.listeners
    if any(tied_by_this_alone(a, b, sounds.pattern, listeners) for a, b in itertools.combinations(part, 2)):
        said.append("two of the clocks rest on this bang alone: that both files hold the same one is assumed")
    said += echo_in_words(echo)
    if len({arrival.witness for arrival in part}) == 1 and len(set(listeners.witness_of.values())) > 1:
        said.append("heard by one camera only")
    return tuple(said)


def _observation(detection: Detection, remarks: tuple[str, ...]) -> Observation:
    return Observation(
        recording_id=detection.recording_id,
        sound_s=detection.time_s,
        sound_uncertainty_s=detection.uncertainty_s,
        score=detection.score,
        measures=detection.measures,
        reasons=(*detection.reasons, *remarks),
    )
