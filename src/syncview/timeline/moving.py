"""From what was followed in pictures to the tracks and counts of the document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol, TypeVar

from syncview.model import TrackSaid
from syncview.timebase import group_time_s, segments_of
from syncview.timeline.parts import natural_key
from syncview.timeline.people import GroundEntry, PeopleEntry, PeopleStretchEntry, TrackEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Clock, FigureCount, Track
    from syncview.reconstruct.ground_places import GroundWay
    from syncview.timeline.parts import TimelineParts

__all__ = ["people_entries", "track_entries", "track_id"]


class _Timed(Protocol):
    @property
    def time_s(self) -> float: ...


PointT = TypeVar("PointT", bound=_Timed)

_APART_S = 1.0  # boxes of a track in the document: the page draws them, and events hold their own


def track_id(recording_id: str, name: str) -> str:
    """Id of a track in the document.

    Examples
    --------
    >>> track_id("rec-2", "person-12")
    'rec-2/person-12'
    """
    return f"{recording_id}/{name}"


def track_entries(parts: TimelineParts) -> tuple[TrackEntry, ...]:
    """Write down every track.

    Parameters
    ----------
    parts : TimelineParts
        With what was followed, and its ways on the ground.

    Returns
    -------
    tuple of TrackEntry
        By recording, time and name.
    """
    tracks = [track for each in parts.followed for track in each.tracks]
    tracks.sort(key=lambda t: (natural_key(t.recording_id), t.points[0].time_s, natural_key(t.name)))
    return tuple(_track(track, parts) for track in tracks)


def _track(track: Track, parts: TimelineParts) -> TrackEntry:
    name = track_id(track.recording_id, track.name)
    ground, said = parts.ground_ways.get(name), parts.track_notes.get(name, TrackSaid())
    return TrackEntry(
        id=name,
        recording_id=track.recording_id,
        kind=track.kind,
        start_s=track.points[0].time_s,
        end_s=track.points[-1].time_s,
        starts_cut_off=track.starts_cut_off,
        ends_cut_off=track.ends_cut_off,
        frames_seen=sum(point.seen for point in track.points),
        score=track.score,
        colours=dict(track.colours),
        boxes=_boxes(track),
        label=said.label,
        tags=said.tags,
        same_ids=said.same,
        said=said.said,
        ground=None if ground is None or not ground.points else _on_the_map(ground),
        ground_method=None if ground is None else ground.method,
        ground_reasons=() if ground is None else ground.reasons,
    )


def _on_the_map(way: GroundWay) -> tuple[GroundEntry, ...]:
    return tuple(
        GroundEntry(time_s=spot.time_s, lat=spot.lat, lon=spot.lon, uncertainty_m=spot.uncertainty_m)
        for spot in _thinned(way.points)
    )


def _thinned(points: Sequence[PointT]) -> list[PointT]:
    """The first and the last one, and between them the first of every second."""
    kept, due_s = [], -math.inf
    for point in points:
        if point.time_s >= due_s or point is points[-1]:
            due_s = point.time_s + _APART_S
            kept.append(point)
    return kept


def _boxes(track: Track) -> tuple[tuple[float, float, float, float, float], ...]:
    found = []
    for point in _thinned(track.points):
        left, top, right, bottom = point.box_px
        found.append((point.time_s, round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)))
    return tuple(found)


def people_entries(parts: TimelineParts) -> tuple[PeopleEntry, ...]:
    """Write down how many each recording shows over time, on its group's clock.

    Parameters
    ----------
    parts : TimelineParts
        With what was followed.

    Returns
    -------
    tuple of PeopleEntry
        By group and recording. Stretches are cut where the picture's clock is; off it, there are none.
    """
    counts = {each.recording_id: each.counts for each in parts.followed}
    entries = [
        PeopleEntry(recording_id=clock.recording_id, group_id=group.id, stretches=_stretches(clock, found))
        for group in parts.groups
        for clock in group.clocks
        if (found := counts.get(clock.recording_id))
    ]
    return tuple(sorted(entries, key=lambda e: (natural_key(e.group_id), natural_key(e.recording_id))))


def _stretches(clock: Clock, counts: Sequence[FigureCount]) -> tuple[PeopleStretchEntry, ...]:
    found = []
    for segment in segments_of(clock.segments, of="video"):
        for count in counts:
            start_s, end_s = max(count.start_s, segment.start_s), min(count.end_s, segment.end_s)
            if start_s < end_s:
                found.append(
                    PeopleStretchEntry(
                        start_s=group_time_s(segment, start_s),
                        end_s=group_time_s(segment, end_s),
                        persons=count.persons,
                        persons_most=count.persons_most,
                        vehicles=count.vehicles,
                        vehicles_most=count.vehicles_most,
                    )
                )
    return tuple(sorted(found, key=lambda each: each.start_s))
