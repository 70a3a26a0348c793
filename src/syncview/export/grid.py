"""What the grid shows when: every tile's frame, every event and lamp, for every frame of the film. Nothing is opened.

A tile shows, at output frame k, the frame of its camera that is on screen at group time ``start + k / rate`` by the
camera's clock and the file's own time stamps; so the middle of that frame's time is within half of it of group time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from syncview.errors import DocumentError, SettingError
from syncview.export.grid_shaping import isolated
from syncview.timebase import group_extent_s, group_spans_s, group_time_of, group_time_s, pace_of, segments_of
from syncview.timeline.words import event_title, is_stated, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.timebase import SegmentLike
    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry
    from syncview.timeline.recordings import RecordingEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["GridEvent", "GridPlan", "Mark", "State", "TilePlan", "chosen_group", "plan_grid", "plan_nothing"]

_SLACK_S = 1e-6  # results carry microseconds
_NOTHING_S = 5  # how long a film is that says there is nothing
_UNSAID = ("camera original", "unknown")


class State(IntEnum):
    """What a tile shows at a moment, or why it shows nothing."""

    PICTURE = 0
    BEFORE = 1
    AFTER = 2
    BETWEEN = 3
    OF_ANOTHER_MOMENT = 4
    SOUND_ONLY = 5
    NOT_FOUND = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment, in group time, at which one camera hears or sees an event."""

    at_s: float
    kind: Literal["hears", "sees"]
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePlan:
    """One camera: what is said of it, and what it shows when.

    `state` and `wanted_s` have one entry per output frame: a `State`, and the recording time of the frame to show, NaN
    where none is. `frame_times_s` are the times of all its frames. `spans_s` are the stretches of group time it films.
    """

    recording_id: str
    name: str
    clock: str
    generation: str | None
    state: NDArray[np.int8]
    wanted_s: NDArray[np.float64]
    frame_times_s: NDArray[np.float64]
    spans_s: tuple[tuple[float, float], ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridEvent:
    """An event of the group, as the margin shows it."""

    id: str
    kind: str
    title: str
    basis: str
    time_s: float
    uncertainty_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPlan:
    """The whole film. `utc` is that of group time 0 with its 95 % half-width in seconds."""

    title: str
    rate: Fraction
    start_s: Fraction
    frame_count: int
    tiles: tuple[TilePlan, ...]
    events: tuple[GridEvent, ...]
    unreviewed: bool
    utc: tuple[datetime, float] | None
    time_zone: str | None
    sound: str
    message: str | None = None

    def time_s(self, number: int) -> float:
        """Group time of an output frame."""
        return float(self.start_s + number / self.rate)


def chosen_group(document: TimelineDocument, group_id: str | None) -> GroupEntry | None:
    """The group of that name, or the largest; None when the timeline has none.

    Raises
    ------
    DocumentError
        If there is no group of that name.
    """
    if group_id is None:
        return max(document.groups, key=lambda group: len(group.clocks), default=None)
    found = next((group for group in document.groups if group.id == group_id), None)
    if found is None:
        known = ", ".join(group.id for group in document.groups) or "none"
        msg = f"there is no group {group_id} in the timeline"
        raise DocumentError(msg, hint=f"groups: {known}")
    return found


def plan_nothing(document: TimelineDocument, *, rate: Fraction) -> GridPlan:
    """Plan a short film that says that the timeline has no group."""
    return GridPlan(
        title=document.case.title or "",
        rate=rate,
        start_s=Fraction(0),
        frame_count=math.ceil(_NOTHING_S * rate),
        tiles=(),
        events=(),
        unreviewed=False,
        utc=None,
        time_zone=None,
        sound="no sound",
        message="nothing to show: the timeline has no group of recordings",
    )


def plan_grid(
    document: TimelineDocument,
    group: GroupEntry,
    *,
    frame_times_s: Mapping[str, NDArray[np.float64]],
    found: frozenset[str],
    rate: Fraction,
    start_s: float | None,
    end_s: float | None,
    sound: str,
    include_unreviewed: bool = False,
) -> GridPlan:
    """Plan the film of a group.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    group : GroupEntry
        One of its groups.
    frame_times_s : mapping of str to ndarray of float64
        Recording times of all frames, by recording id; absent where they could not be read.
    found : frozenset of str
        Ids of the recordings whose original is there.
    rate : Fraction
        Frames a second of the film.
    start_s, end_s : float or None
        Group time; None is the start or the end of all that the group holds.
    sound : str
        What is heard, in words.
    include_unreviewed : bool
        Also candidates below the strike threshold.

    Returns
    -------
    GridPlan
        Tiles in the order of the document's recordings.

    Raises
    ------
    SettingError
        If the end is not after the start.
    """
    extents = [group_extent_s(clock) for clock in group.clocks]
    first_s = min(low for low, _ in extents) if start_s is None else start_s
    last_s = max(high for _, high in extents) if end_s is None else end_s
    if not last_s > first_s:
        msg = f"the end should be after the start, got {first_s:g} to {last_s:g} s of group time"
        raise SettingError(msg, hint=f"{group.id} lasts from {min(extents)[0]:g} to {max(e for _, e in extents):g} s")
    start = Fraction(first_s).limit_denominator(1_000_000)
    count = max(1, math.ceil((Fraction(last_s).limit_denominator(1_000_000) - start) * rate))
    moments_s = np.array([float(start + k / rate) for k in range(count)])
    names = {recording.id: recording.name_display for recording in document.recordings}
    events = document.events + (document.candidates if include_unreviewed else ())
    events = tuple(sorted((e for e in events if e.group_id == group.id), key=lambda e: (e.on_group_clock(), e.id)))
    copies = _copies(document)
    clocks = {clock.recording_id: clock for clock in group.clocks}
    tiles = [
        _tile(
            recording,
            clocks[recording.id],
            is_reference=recording.id == group.reference_id,
            times_s=frame_times_s.get(recording.id) if recording.id in found else None,
            moments_s=moments_s,
            events=events,
            copy_of=copies.get(recording.id),
        )
        for recording in document.recordings
        if recording.id in clocks
    ]
    utc = None if group.utc is None else (datetime.fromisoformat(group.utc.offset), group.utc.uncertainty_s)
    return GridPlan(
        title=" ".join(part for part in (document.case.title, group.id) if part),
        rate=rate,
        start_s=start,
        frame_count=count,
        tiles=tuple(tiles),
        events=tuple(_event(event, names) for event in events),
        unreviewed=any(not is_stated(event) for event in events),
        utc=utc,
        time_zone=document.case.time_zone,
        sound=sound,
    )


def _copies(document: TimelineDocument) -> dict[str, str]:
    """Id of the recording that each further copy is one of."""
    return {other: same.recording_ids[0] for same in document.duplicates for other in same.recording_ids[1:]}


def _tile(
    recording: RecordingEntry,
    clock: ClockEntry,
    *,
    is_reference: bool,
    times_s: NDArray[np.float64] | None,
    moments_s: NDArray[np.float64],
    events: Sequence[EventEntry],
    copy_of: str | None,
) -> TilePlan:
    has_picture = recording.video is not None
    state, wanted_s = _shown(clock, times_s if has_picture else None, moments_s)
    if has_picture and times_s is None:
        state[state == State.PICTURE] = State.NOT_FOUND
    elif not has_picture:
        state[(state == State.PICTURE) | (state == State.OF_ANOTHER_MOMENT)] = State.SOUND_ONLY
    said = [] if copy_of is None else [f"same recording as {copy_of}"]
    if recording.generation is not None and recording.generation.value not in _UNSAID:
        said.append(recording.generation.value)
    words = f"clock ± {uncertainty_text(clock.uncertainty_s)} s by {', '.join(clock.basis)}"
    return TilePlan(
        recording_id=recording.id,
        name=recording.name_display,
        clock="reference clock" if is_reference else words,
        generation="; ".join(said) or None,
        state=state,
        wanted_s=wanted_s,
        frame_times_s=np.zeros(0) if times_s is None else times_s,
        spans_s=tuple(sorted(group_spans_s(clock, of="video") or group_spans_s(clock))),
        marks=tuple(sorted(_marks(events, clock), key=lambda mark: mark.at_s)),
    )


def _shown(
    clock: ClockEntry, times_s: NDArray[np.float64] | None, moments_s: NDArray[np.float64]
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """State and recording time of the frame to show, for every moment of group time."""
    start_s, end_s = group_extent_s(clock)
    state = np.full(len(moments_s), State.BETWEEN, dtype=np.int8)
    state[moments_s < start_s] = State.BEFORE
    state[moments_s >= end_s] = State.AFTER
    for segment in segments_of(clock.segments, of="audio"):
        state[_within(segment, moments_s)] = State.OF_ANOTHER_MOMENT
    wanted_s = np.full(len(moments_s), np.nan)
    taken = np.zeros(len(moments_s), dtype=bool)
    for segment in segments_of(clock.segments, of="video"):
        here = np.flatnonzero(_within(segment, moments_s) & ~taken)
        taken[here] = True
        state[here] = State.PICTURE
        if times_s is None or not len(here):
            continue
        recording_s = (moments_s[here] - segment.offset_s) / pace_of(segment)
        index = _covering(times_s, recording_s, segment.start_s, segment.end_s)
        state[here[index < 0]] = State.BETWEEN
        wanted_s[here] = np.where(index >= 0, times_s[np.maximum(index, 0)] if len(times_s) else np.nan, np.nan)
    if times_s is not None:
        _say_ends(state, wanted_s)
    return state, wanted_s


def _within(segment: SegmentLike, moments_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    low_s, high_s = group_time_s(segment, segment.start_s), group_time_s(segment, segment.end_s)
    return (moments_s >= low_s - _SLACK_S) & (moments_s < high_s - _SLACK_S)


def _covering(
    times_s: NDArray[np.float64], recording_s: NDArray[np.float64], start_s: float, end_s: float
) -> NDArray[np.int64]:
    """Number of the frame on screen at moments of one segment, -1 where there is none.

    No frame from before the segment is shown, nor one that follows it: they are of another moment. Where a cut falls
    between two frames, the first frame after it is shown from the cut on. The last frame of a file is shown for as long
    as the one before it.
    """
    if not len(times_s):
        return np.full(len(recording_s), -1, dtype=np.int64)
    index = np.searchsorted(times_s, recording_s + _SLACK_S, side="right") - 1
    low = int(np.searchsorted(times_s, start_s - _SLACK_S))
    high = int(np.searchsorted(times_s, end_s - _SLACK_S)) - 1
    last_s = times_s[-1] + (times_s[-1] - times_s[-2] if len(times_s) > 1 else math.inf)
    none = (index < 0) | (recording_s >= last_s - _SLACK_S) | (high < low)
    return np.where(none, -1, np.clip(index, low, max(low, high))).astype(np.int64)


def _say_ends(state: NDArray[np.int8], wanted_s: NDArray[np.float64]) -> None:
    """Before the first picture nothing is filmed yet, after the last one no more, whatever the sound does."""
    seen = np.flatnonzero(~np.isnan(wanted_s))
    if len(seen):
        head, tail = state[: seen[0]], state[seen[-1] + 1 :]
        head[head == State.BETWEEN] = State.BEFORE
        tail[tail == State.BETWEEN] = State.AFTER


def _marks(events: Sequence[EventEntry], clock: ClockEntry) -> list[Mark]:
    """When a recording hears and sees the events."""
    marks = []
    for event in events:
        for seen in event.observations:
            if seen.recording_id != clock.recording_id:
                continue
            if seen.sound_s is not None:
                heard_s = group_time_of(clock, seen.sound_s, of="audio")
                marks += [] if heard_s is None else [Mark(at_s=heard_s, kind="hears", what=event.id)]
            if seen.light is not None:
                light_s = group_time_of(clock, seen.light.time_s, of="video")
                what = f"{seen.light.kind} of {event.id}"
                marks += [] if light_s is None else [Mark(at_s=light_s, kind="sees", what=what)]
    return marks


def _event(event: EventEntry, names: Mapping[str, str]) -> GridEvent:
    time_s, uncertainty_s = event.on_group_clock()
    what, _, recording_id = event.time_basis.partition(":")
    name = names.get(recording_id, recording_id)
    basis = {"arrival_at": f"as heard at {isolated(name)}", "seen_at": f"as seen in {isolated(name)}"}.get(what, "")
    return GridEvent(
        id=event.id,
        kind=event.kind,
        title=event_title(event),
        basis=basis,
        time_s=time_s,
        uncertainty_s=uncertainty_s,
        end_s=time_s if event.end_s is None else max(time_s, event.end_s),
    )
