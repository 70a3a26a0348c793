"""When each recording of a group filmed, when its sound could have told a strike, and when it did not record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syncview.model import Unassessable
from syncview.timebase import group_spans_s, group_time_s, hears_as_usual, segments_of
from syncview.timeline.findings import CoverageEntry, SpanEntry
from syncview.timeline.parts import natural_key
from syncview.timeline.people import UnassessableEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncview.model import Clock, Followed, Group, Recording
    from syncview.reconstruct.aircraft import PlacedStretch

__all__ = ["coverage_of_group"]

Span = tuple[float, float]

_DEAF = frozenset({"digital_silence", "suppressed", "masked"})  # a clipped bang is still heard

_UNTOLD = frozenset({"masked", "no audio"})


def coverage_of_group(
    group: Group,
    recordings: Sequence[Recording],
    aircraft: Sequence[PlacedStretch] | None = None,
    followed: Sequence[Followed] = (),
) -> tuple[CoverageEntry, ...]:
    """Coverage of every recording of a group, in group time.

    Parameters
    ----------
    group : Group
        Clocks of the recordings.
    recordings : sequence of Recording
        At least those of the group.
    aircraft : sequence of PlacedStretch, optional
        Where aircraft could not be told; without it, nothing is called assessable for them.
    followed : sequence of Followed
        What was looked at for people; of others nothing is said.

    Returns
    -------
    tuple of CoverageEntry
        By recording id. The gaps lie between the first and the last moment that anybody of the group filmed; what was
        cut out of a file is one, and so is what nobody can place.
    """
    by_id = {recording.id: recording for recording in recordings}
    clocks = sorted(group.clocks, key=lambda clock: natural_key(clock.recording_id))
    filmed = {clock.recording_id: _merged(group_spans_s(clock)) for clock in clocks}
    edges = [edge for spans in filmed.values() for span in spans for edge in span]
    deaf = {name: [] if aircraft is not None else filmed[name] for name in filmed}
    for each in aircraft or ():
        if each.group_id == group.id and each.said.state in _UNTOLD:
            deaf[each.said.recording_id].append((each.start_s, each.end_s))
    extent = (min(edges), max(edges))
    watched = {each.recording_id: each for each in followed}
    return tuple(
        _with_people(_entry(clock, group, by_id[name], filmed[name], extent, deaf[name]), clock, watched.get(name))
        for clock in clocks
        for name in (clock.recording_id,)
    )


def _entry(
    clock: Clock, group: Group, recording: Recording, filmed: list[Span], extent: Span, deaf: list[Span]
) -> CoverageEntry:
    usable = _merged(_usable(clock, recording))
    seen = _merged(group_spans_s(clock, of="video")) if recording.video is not None else []
    return CoverageEntry(
        recording_id=clock.recording_id,
        group_id=group.id,
        filmed=_entries(filmed),
        usable_sound=_entries(usable),
        not_assessable=_entries(free for span in filmed for free in _gaps(usable, *span)),
        known_picture=_entries(seen),
        gaps=_entries(_gaps(filmed, *extent)),
        aircraft_assessable=_entries(free for span in usable for free in _gaps(_merged(deaf), *span)),
    )


def _with_people(entry: CoverageEntry, clock: Clock, followed: Followed | None) -> CoverageEntry:
    """The same with when people could have been recognised, as far as its picture is on the clock."""
    if followed is None:
        return entry
    blind = [
        UnassessableEntry(start_s=span[0], end_s=span[1], reasons=part.reasons)
        for segment in segments_of(clock.segments, of="video")
        for part in _blind(followed)
        for span in [(max(part.start_s, segment.start_s), min(part.end_s, segment.end_s))]
        if span[0] < span[1]
        for span in [(group_time_s(segment, span[0]), group_time_s(segment, span[1]))]
    ]
    spans = _merged((each.start_s, each.end_s) for each in blind)
    seeing = (free for span in entry.known_picture for free in _gaps(spans, span.start_s, span.end_s))
    ordered = sorted(blind, key=lambda each: (each.start_s, each.end_s))
    return entry.model_copy(
        update={"people_assessable": _entries(seeing), "people_not_assessable": tuple(ordered)},
    )


def _blind(followed: Followed) -> tuple[Unassessable, ...]:
    if followed.unwatched is None:
        return followed.unassessable
    return (Unassessable(start_s=-math.inf, end_s=math.inf, reasons=(followed.unwatched,)),)


def _usable(clock: Clock, recording: Recording) -> list[Span]:
    """Segments of the sound without the stretches in which nothing can be heard, and without slowed or hurried ones."""
    if recording.audio is None:
        return []
    deaf = _merged((part.start_s, part.end_s) for part in recording.intervals if part.kind in _DEAF)
    return [
        (group_time_s(segment, start_s), group_time_s(segment, end_s))
        for segment in segments_of(clock.segments, of="audio")
        if hears_as_usual(segment)
        for start_s, end_s in _gaps(deaf, segment.start_s, segment.end_s)
    ]


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch made one."""
    merged: list[Span] = []
    for start_s, end_s in sorted(spans):
        if merged and start_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end_s, merged[-1][1]))
        else:
            merged.append((start_s, end_s))
    return merged


def _gaps(spans: Sequence[Span], start_s: float, end_s: float) -> list[Span]:
    """What the merged spans leave free between two moments."""
    gaps, at_s = [], start_s
    for span in [*spans, (end_s, end_s)]:
        if min(span[0], end_s) > at_s:
            gaps.append((at_s, min(span[0], end_s)))
        at_s = max(at_s, span[1])
    return gaps


def _entries(spans: Iterable[Span]) -> tuple[SpanEntry, ...]:
    return tuple(SpanEntry(start_s=start_s, end_s=end_s) for start_s, end_s in spans)
