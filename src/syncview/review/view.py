"""What the page says, worked out before it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.review.event_view import EventView, arrival_group_s, event_view
from syncview.review.external_view import ExternalView, external_views
from syncview.review.group_tables import (
    ClockRow,
    LinkedRow,
    PlaceRow,
    basis_text,
    clock_rows,
    linked_rows,
    place_rows,
    start_text,
    zero_text,
)
from syncview.review.lanes import (
    AircraftBand,
    Band,
    Scale,
    Tick,
    aircraft_bands,
    bands_of,
    blind_bands,
    deaf_bands,
    scale_of,
    shot_cuts,
    soft_edges,
    ticks_of,
)
from syncview.review.movement_view import MovementLane, movement_lane
from syncview.timeline.aircraft_words import aircraft_note
from syncview.timeline.clock_words import (
    clock_notes,
    finding_words,
    proposal_text,
    sound_note,
    witnesses_of_document,
)
from syncview.timeline.movement_words import arrival_lines, is_seen_movement, movement_notes
from syncview.timeline.place_words import cluster_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry
    from syncview.timeline.findings import DistanceEntry
    from syncview.timeline.recordings import RecordingEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["AttentionView", "GroupView", "LaneView", "PageView", "page_view"]

_MARK_WIDTH = 2.2  # per cent of the drawing: 20 px of 900
_EXPLOSIONS = ("strike", "shot")
_COPY_WORDS = {"same_file": "copy of", "same_recording": "the same recording as"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionView:
    """Something that a person must look at, and what such a thing means where that is not plain."""

    text: str
    meaning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """A recording on the drawing, and its tile. `marks` are the places of what it heard, `cuts` those of its shots.

    `aircraft` is what is known of aircraft sound in it.
    `notes` say in words where its clock is in pieces, its picture exchanged, or its sound not to be assessed.
    """

    id: str
    name: str
    kind: str
    href: str | None
    place_text: str
    basis_text: str
    copy_of: str | None
    bands: tuple[Band, ...]
    soft: tuple[Band, ...]
    deaf: tuple[Band, ...]
    blind: tuple[Band, ...]
    aircraft: tuple[AircraftBand, ...]
    cuts: tuple[float, ...]
    notes: tuple[str, ...]
    marks: tuple[float, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Recordings on one clock. `alone` says that no evidence ties its only recording to another, `reasons` why.

    `proposals` are places for it that a person may look at.
    """

    id: str
    title: str
    alone: bool
    reasons: tuple[str, ...]
    proposals: tuple[str, ...]
    zero_text: str
    scale: Scale
    ticks: tuple[Tick, ...]
    lanes: tuple[LaneView, ...]
    events: tuple[EventView, ...]
    candidates: tuple[EventView, ...]
    aircraft: tuple[EventView, ...]
    stated: tuple[EventView, ...]
    aircraft_note: str | None
    clocks: tuple[ClockRow, ...]
    places: tuple[PlaceRow, ...]
    linked: tuple[LinkedRow, ...]
    movement_lanes: tuple[MovementLane, ...]
    movements: tuple[EventView, ...]
    weak_movements: tuple[EventView, ...]
    movement_notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The whole page: groups together, and recordings that stand apart. `shown` are all recordings with a tile.

    `externals` is what no file shows. `proposals` are hints by recording id where one that is not placed may belong.
    """

    title: str
    summary: tuple[str, ...]
    attention: tuple[AttentionView, ...]
    externals: tuple[ExternalView, ...]
    groups: tuple[GroupView, ...]
    apart: tuple[GroupView, ...]
    names: Mapping[str, str]
    shown: frozenset[str]
    proposals: Mapping[str, tuple[str, ...]]


def page_view(document: TimelineDocument, media_hrefs: Mapping[str, str]) -> PageView:
    """Work out everything that the page says.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    media_hrefs : mapping of str to str
        Link to each recording's copy, by recording id.

    Returns
    -------
    PageView
        Texts and places.
    """
    builder = _Builder(document, media_hrefs)
    groups = [builder.group(group) for group in document.groups]
    return PageView(
        title=document.case.title or "Review of one incident",
        summary=_summary(document, [group for group in groups if not group.alone]),
        attention=_attention(document),
        externals=builder.externals(),
        groups=tuple(group for group in groups if not group.alone),
        apart=tuple(group for group in groups if group.alone),
        names=builder.names,
        shown=frozenset(lane.id for group in groups for lane in group.lanes),
        proposals=builder.proposals,
    )


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _summary(document: TimelineDocument, together: list[GroupView]) -> tuple[str, ...]:
    count = document.analysis.strike_count
    placed = sum(len(group.lanes) for group in together)
    lines = [
        f"{placed} of {_count(len(document.recordings), 'recording')} on {_count(len(together), 'shared clock')}",
        f"At least {_count(count.at_least, 'explosion (candidate)', 'explosions (candidates)')}",
    ]
    if count.single_camera:
        lines.append(f"{count.single_camera} of them heard by one witness only")
    filmed = sum(strike.group_id is not None for strike in document.analysis.strikes)
    if (more := filmed - count.at_least) > 0:
        lines.append(f"{more} more listed below may be the same ones, on a clock that is out")
    if count.possible_echo:
        lines.append(f"{_count(count.possible_echo, 'sound')} left out as possible echo")
    if count.replay:
        lines.append(f"{_count(count.replay, 'sound')} left out as replay")
    cluster = document.analysis.cluster
    if cluster is not None and cluster.located:
        lines.append(cluster_text(cluster))
    lines += arrival_lines(document.analysis.arrivals)
    return tuple(lines)


def _attention(document: TimelineDocument) -> tuple[AttentionView, ...]:
    """What a person must look at; what a kind of finding means stands at the first of them."""
    names = {recording.id: recording.name_display for recording in document.recordings}
    views, explained = [], set()
    for found in document.findings:
        words = finding_words(found.kind)
        about = ", ".join(names[name] for name in found.recording_ids)
        meaning = None if found.kind in explained else words.meaning
        views.append(AttentionView(text=f"{words.title}: {about}: {found.message.replace('+-', '±')}", meaning=meaning))
        explained.add(found.kind)
    return (*views, *(AttentionView(text=line) for line in _further(document)))


def _further(document: TimelineDocument) -> list[str]:
    lines = []
    if document.unplaced:
        lines.append(f"{_count(len(document.unplaced), 'recording')} could not be placed; see “Not placed” for why")
    warned = sum(bool(recording.warnings) for recording in document.recordings)
    if warned:
        lines.append(f"{_count(warned, 'file has', 'files have')} warnings; see “All files”")
    return lines


class _Builder:
    """Look-ups that all groups share."""

    def __init__(self, document: TimelineDocument, media_hrefs: Mapping[str, str]) -> None:
        self._document, self._hrefs = document, media_hrefs
        self._recordings = {recording.id: recording for recording in document.recordings}
        self.names = {recording.id: recording.name_display for recording in document.recordings}
        self._reasons = {left.recording_id: left.reasons for left in document.unplaced}
        self.proposals = {
            left.recording_id: tuple(proposal_text(proposal, self.names) for proposal in left.proposals)
            + tuple(
                row.text
                for group in document.groups
                for row in linked_rows(group, self.names)
                if row.recording_id == left.recording_id
            )
            for left in document.unplaced
        }
        self._pictures = {recording.id: recording for recording in document.recordings if recording.video is not None}
        self._people = {entry.recording_id: entry for entry in document.people}
        self._witness = witnesses_of_document(document)
        self._since = {strike.id: strike.intervals[0] for strike in document.analysis.strikes if strike.intervals}
        self._distances: dict[str, list[DistanceEntry]] = {}
        for entry in document.analysis.distances:
            self._distances.setdefault(entry.strike_id, []).append(entry)
        self._aircraft = {
            group.id: [entry for entry in document.analysis.aircraft_sound if entry.group_id == group.id]
            for group in document.groups
        }
        self._coverage = {entry.recording_id: entry for entry in document.analysis.coverage}
        self._copy_of = {
            name: f"{_COPY_WORDS[same.kind]} {self.names[same.recording_ids[0]]}"
            for same in document.duplicates
            for name in same.recording_ids[1:]
        }

    def externals(self) -> tuple[ExternalView, ...]:
        """What no file shows, in order of UTC."""
        return external_views(self._document, self._since, self.names)

    def group(self, group: GroupEntry) -> GroupView:
        """Everything about one group."""
        scale = scale_of(group)
        every = [event for event in self._document.events if event.group_id == group.id]
        events = [event for event in every if event.kind in _EXPLOSIONS]
        possible = [event for event in self._document.candidates if event.group_id == group.id]
        candidates = [event for event in possible if not is_seen_movement(event)]
        moving = [event for event in every if is_seen_movement(event)]
        other = [e for e in every if e.kind not in (*_EXPLOSIONS, "aircraft") and not is_seen_movement(e)]
        only = group.clocks[0].recording_id if len(group.clocks) == 1 else None
        lanes = [self._lane(group, clock, scale, events) for clock in group.clocks]
        return GroupView(
            id=group.id,
            title=self.names[only] if only else f"Clock {group.id}: {len(lanes)} recordings",
            alone=only in self._reasons,
            reasons=self._reasons.get(only, ()) if only else (),
            proposals=self.proposals.get(only, ()) if only else (),
            zero_text=zero_text(group),
            scale=scale,
            ticks=ticks_of(scale),
            lanes=tuple(sorted(lanes, key=lambda lane: lane.bands[0].x if lane.bands else 0.0)),
            events=self._events(events, group, scale),
            candidates=self._events(candidates, group, scale),
            aircraft=self._events([event for event in every if event.kind == "aircraft"], group, scale),
            stated=self._events(other, group, scale),
            aircraft_note=aircraft_note(self._document, group.id),
            clocks=clock_rows(group, self.names),
            places=place_rows(events, self.names),
            linked=linked_rows(group, self.names),
            movement_lanes=self._movement_lanes(group, [e for e in every if e.kind == "movement"], scale),
            movements=self._events(moving, group, scale),
            weak_movements=self._events([event for event in possible if is_seen_movement(event)], group, scale),
            movement_notes=movement_notes(self._document, group.id),
        )

    def _movement_lanes(self, group: GroupEntry, moves: list[EventEntry], scale: Scale) -> tuple[MovementLane, ...]:
        names = [clock.recording_id for clock in group.clocks if clock.recording_id in self._pictures]
        lanes = (
            movement_lane(self._pictures[name], self._people.get(name), self._coverage.get(name), moves, scale)
            for name in names
        )
        return tuple(lane for lane in lanes if lane is not None)

    def _events(self, events: list[EventEntry], group: GroupEntry, scale: Scale) -> tuple[EventView, ...]:
        """In order of time; a mark that would cover the one before it goes to the lower row."""
        views: list[EventView] = []
        for event in events:
            before = views[-1] if views else None
            beside = (
                before is not None
                and not before.lowered
                and scale.x(event.on_group_clock()[0]) - before.x < _MARK_WIDTH
            )
            views.append(
                event_view(
                    event,
                    group=group,
                    scale=scale,
                    names=self.names,
                    witness=self._witness,
                    since=self._since.get(event.id),
                    distances=self._distances.get(event.id, ()),
                    pictures=self._pictures,
                    lowered=beside,
                )
            )
        return tuple(views)

    def _lane(self, group: GroupEntry, clock: ClockEntry, scale: Scale, events: list[EventEntry]) -> LaneView:
        recording = self._recordings[clock.recording_id]
        arrivals = [arrival_group_s(event, clock) for event in events]
        coverage = self._coverage.get(clock.recording_id)
        return LaneView(
            id=clock.recording_id,
            name=recording.name_display,
            kind=recording.kind,
            href=self._hrefs.get(clock.recording_id),
            place_text=start_text(group, clock),
            basis_text=basis_text(group, clock),
            copy_of=self._copy_of.get(clock.recording_id),
            bands=bands_of(clock, scale),
            soft=soft_edges(clock, scale),
            deaf=() if coverage is None else deaf_bands(coverage, scale),
            blind=() if recording.video is None else blind_bands(clock, scale),
            aircraft=aircraft_bands(self._aircraft[group.id], clock.recording_id, scale),
            cuts=shot_cuts(clock, recording, scale),
            notes=_notes(clock, recording),
            marks=tuple(scale.x(at_s) for at_s in arrivals if at_s is not None),
            warnings=recording.warnings,
        )


def _notes(clock: ClockEntry, recording: RecordingEntry) -> tuple[str, ...]:
    """What is odd about a file, in words beside its player."""
    shots = sum(part.kind == "shot" for part in recording.intervals)
    notes = list(clock_notes(clock, recording))
    if shots > 1:
        notes.append(f"edited: the picture is made of {shots} shots")
    if (unheard := sound_note(recording)) is not None:
        notes.append(unheard)
    return tuple(notes)
