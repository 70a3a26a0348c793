"""Detections on group time, and what sound's travel allows between two of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.errors import InputError
from syncview.reconstruct.witnesses import witness_of
from syncview.timebase import (
    group_spans_s,
    group_time_s,
    hears_as_usual,
    pace_of,
    recording_time_s,
    segment_at,
    segments_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.model import Clock, Detection, Duplicate, Group, Recording
    from syncview.reconstruct.geometry import Geometry

__all__ = ["Arrival", "Listeners", "arrivals_of_group", "group_of_detections", "listeners_of_group", "on_group_time"]

_LEAST_RATE_HZ = 0.03  # two chance onsets a minute: no recording is so quiet that a coincidence proves all
_ECHO_RATE_HZ = 0.5  # within the 2 s after a blast, one onset is an echo in most streets
_DEAF = ("digital_silence", "suppressed", "masked")
_LEAST_CHANCE = 0.05  # below it a second look tells no finer: one simulated arrival in three is no rarer
_COPY_S = 0.05  # a re-encoded copy's own gain and noise move the picked onset by less
_EDGE_S = 0.5  # nearer to its start or end a recording may miss a bang


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One detection on group time.

    `uncertainty_s` is the 95 % half-width of the pick; `rate_hz` says how often its recording has other detections, so
    how easily one falls together with another camera's; `witness` is shared by recordings that are copies of one.
    """

    detection: Detection
    time_s: float
    uncertainty_s: float
    rate_hz: float
    witness: str

    @property
    def recording_id(self) -> str:
        """The recording that heard it."""
        return self.detection.recording_id

    @property
    def score(self) -> float:
        """How likely it is an explosion, by its own recording."""
        return self.detection.score

    @property
    def score_by_itself(self) -> float:
        """The same without what a blast just before it lends it."""
        return dict(self.detection.measures).get("score_by_itself", self.detection.score)

    @property
    def by_second_look(self) -> bool:
        """Whether it was found only because others heard a sound: by itself it is none."""
        return "chance_share" in dict(self.detection.measures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """The recordings of one group: their clocks, when each could hear, and how far apart one sound may arrive."""

    clocks: Mapping[str, Clock]
    witness_of: Mapping[str, str]
    deaf_s: Mapping[str, tuple[tuple[float, float], ...]]
    windows_s: Mapping[tuple[str, str], float]

    def window_s(self, a_id: str, b_id: str) -> float:
        """Largest difference of group time between arrivals of one sound at two recordings."""
        return self.windows_s[min(a_id, b_id), max(a_id, b_id)]

    def could_hear(self, recording_id: str, time_s: float) -> bool:
        """Whether a recording had usable sound at a group time."""
        for segment in segments_of(self.clocks[recording_id].segments, of="audio"):
            at_s = recording_time_s(segment, time_s)
            inside = hears_as_usual(segment) and segment.start_s + _EDGE_S <= at_s <= segment.end_s - _EDGE_S
            if inside and not any(start_s <= at_s <= end_s for start_s, end_s in self.deaf_s[recording_id]):
                return True
        return False


def group_of_detections(detections: Iterable[Detection], groups: Sequence[Group]) -> dict[str, list[Detection]]:
    """Sort detections by the group of their recording.

    Parameters
    ----------
    detections : iterable of Detection
        In any order.
    groups : sequence of Group
        Each recording in one of them.

    Returns
    -------
    dict of str to list of Detection
        By group id, in an order that does not depend on the input's.

    Raises
    ------
    InputError
        When a detection's recording is in no group.
    """
    group_of = {clock.recording_id: group.id for group in groups for clock in group.clocks}
    found: dict[str, list[Detection]] = {group.id: [] for group in groups}
    for detection in sorted(detections, key=lambda d: (d.recording_id, d.time_s, -d.score)):
        if detection.recording_id not in group_of:
            message = f"a sound was detected in {detection.recording_id}, which is on no group's clock"
            raise InputError(message)
        found[group_of[detection.recording_id]].append(detection)
    return found


def listeners_of_group(
    group: Group, *, geometry: Geometry, recordings: Sequence[Recording], duplicates: Sequence[Duplicate]
) -> Listeners:
    """Gather what is known of a group's recordings as listeners.

    Parameters
    ----------
    group : Group
        The clocks.
    geometry : Geometry
        Distances between the cameras.
    recordings : sequence of Recording
        For silence, masked stretches and files without sound; what is not in it counts as hearing all the time.
    duplicates : sequence of Duplicate
        Recordings that are one witness.

    Returns
    -------
    Listeners
    """
    clocks = {clock.recording_id: clock for clock in group.clocks}
    witness = witness_of(clocks, (duplicate.recording_ids for duplicate in duplicates))
    deaf_s: dict[str, tuple[tuple[float, float], ...]] = dict.fromkeys(clocks, ())
    for recording in recordings:
        if recording.audio is None:
            deaf_s[recording.id] = ((float("-inf"), float("inf")),)
        else:
            deaf_s[recording.id] = tuple((i.start_s, i.end_s) for i in recording.intervals if i.kind in _DEAF)
    windows_s = {
        (a, b): _window_s(clocks[a], clocks[b], None if witness[a] == witness[b] else geometry.travel_s(a, b))
        for a, b in itertools.combinations_with_replacement(sorted(clocks), 2)
    }
    return Listeners(clocks=clocks, witness_of=witness, deaf_s=deaf_s, windows_s=windows_s)


def arrivals_of_group(detections: Sequence[Detection], listeners: Listeners) -> tuple[Arrival, ...]:
    """Put detections on group time.

    Parameters
    ----------
    detections : sequence of Detection
        Of recordings of one group.
    listeners : Listeners
        The group's clocks.

    Returns
    -------
    tuple of Arrival
        Sorted by time, then by recording. What lies where its recording's clock is not known is left out: nobody can
        say which sound of the others it is.
    """
    by_name: dict[str, list[tuple[Detection, float, float]]] = {}
    for detection in detections:
        placed = on_group_time(listeners.clocks[detection.recording_id], detection.time_s, detection.uncertainty_s)
        if placed is not None:
            by_name.setdefault(detection.recording_id, []).append((detection, *placed))
    arrivals = []
    for name, own in by_name.items():
        spans_s = group_spans_s(listeners.clocks[name], of="audio")
        heard_s = sum(end_s - start_s for start_s, end_s in spans_s)
        first = sum("chance_share" not in dict(detection.measures) for detection, _, _ in own)
        for detection, time_s, uncertainty_s in own:
            arrivals.append(
                Arrival(
                    detection=detection,
                    time_s=time_s,
                    uncertainty_s=uncertainty_s,
                    rate_hz=_rate_hz(detection, (first - 1) / max(heard_s, 1.0)),
                    witness=listeners.witness_of[name],
                )
            )
    return tuple(sorted(arrivals, key=lambda a: (a.time_s, a.recording_id, a.detection.time_s)))


def _rate_hz(detection: Detection, others_hz: float) -> float:
    """How often such an onset comes by chance: as others of the recording do, or as a second look has measured."""
    least_hz = _LEAST_RATE_HZ if detection.possible_echo_of_s is None else _ECHO_RATE_HZ
    measures = dict(detection.measures)
    if "chance_share" in measures:
        return max(least_hz, max(measures["chance_share"], _LEAST_CHANCE) / measures["searched_s"])
    return max(least_hz, others_hz)


def on_group_time(clock: Clock, sound_s: float, uncertainty_s: float) -> tuple[float, float] | None:
    """Group time of a sound and the half-width of its pick there; None where the clock is not known."""
    segment = segment_at(clock.segments, sound_s, of="audio")
    return None if segment is None else (group_time_s(segment, sound_s), uncertainty_s * pace_of(segment))


def _window_s(a: Clock, b: Clock, travel_s: float | None) -> float:
    """Largest difference of one sound's arrivals on two clocks.

    The arrivals differ by D/c at most, and the clocks by what they state; clocks that come from sound are off by D/c
    at most themselves, whatever chain of recordings they rest on. Between copies of one recording nothing travels.
    """
    if a.recording_id == b.recording_id:
        return 0.0
    if travel_s is None:
        return max(a.sound_uncertainty_s + b.sound_uncertainty_s, _COPY_S)
    stated_s = a.uncertainty_s + b.uncertainty_s
    lined_up_s = travel_s + a.sound_uncertainty_s + b.sound_uncertainty_s
    return travel_s + min(stated_s, lined_up_s)
