"""What happened on the clocks: strikes and sounds first, and, once the clocks are true, all that follows from them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.model import TrackSaid
from syncview.pipeline.aircraft import settled_aircraft
from syncview.pipeline.assumed import assumed_of_ranging
from syncview.pipeline.corrections import corrected_movements
from syncview.pipeline.day_times import day_times
from syncview.pipeline.externals import settled_externals
from syncview.pipeline.failures import failure_findings
from syncview.pipeline.figure_notes import unplaced_findings, with_followed
from syncview.pipeline.findings import off_clock_findings, pin_findings, stated_moment_s
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.known_places import ways_on_clocks
from syncview.pipeline.material import material_findings
from syncview.pipeline.movements import followed_in, movement_events
from syncview.pipeline.solution_places import placed_strike_findings
from syncview.pipeline.speeds import speed_findings
from syncview.pipeline.stated_events import stated_events
from syncview.pipeline.triage import first_of_twins
from syncview.reconstruct.strikes import join_strikes, with_time_basis
from syncview.store.event_ids import settle_events, time_basis_ids
from syncview.store.group_ids import settle_groups
from syncview.timebase import round_s
from syncview.timeline.parts import TimelineParts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import CaseFile
    from syncview.model import Detection, Event, Followed, Group, Recording
    from syncview.pipeline.corrections import Corrected
    from syncview.pipeline.figure_notes import FigureNote
    from syncview.pipeline.gathered import Gathered
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.tagging import Tagger
    from syncview.settings import Settings
    from syncview.store.ids import Ids

__all__ = ["on_the_picture_clock", "parts_of_strikes", "with_what_follows"]


def parts_of_strikes(
    joint: Joint, gathered: Gathered, ids: Ids, case: CaseFile, settings: Settings, *, tagger: Tagger | None = None
) -> tuple[TimelineParts, Ids]:
    """Give groups and strikes their lasting names.

    Parameters
    ----------
    joint : Joint
        Everything on the clocks that sound gives.
    gathered : Gathered
        What was heard, and what people know.
    ids : Ids
        What earlier runs have named.
    case : CaseFile
        What people say of the incident as a whole.
    settings : Settings
        Every default.
    tagger : Tagger, optional
        The user's own, for the record.

    Returns
    -------
    parts : TimelineParts
        Groups, strikes and sounds; what follows from the clocks is still empty.
    ids : Ids
        With the new groups and events.
    """
    knowledge = gathered.knowledge
    groups, ids = settle_groups(joint.groups, gathered.recordings, ids)
    clocks = sound_clocks(groups, knowledge)
    events, candidates = join_strikes(
        _detections(gathered.heard),
        clocks,
        geometry=knowledge.geometry,
        settings=settings,
        recordings=gathered.recordings,
        duplicates=gathered.duplicates,
    )
    named, ids = _named((*events, *candidates), gathered.recordings, groups, clocks, knowledge, ids)
    parts = TimelineParts(
        settings=settings.as_dict() | ({} if tagger is None else {"tagger": tagger.as_dict()}),
        title=case.info.title,
        time_zone=case.info.time_zone,
        max_camera_distance_m=case.info.max_camera_distance_m,
        sound_speed_mps=knowledge.geometry.sound_speed_mps,
        recordings=tuple(gathered.recordings),
        groups=groups,
        unplaced=joint.unplaced,
        duplicates=gathered.duplicates,
        pairs=joint.pairs,
        events=tuple(event for event in named if event.kind == "strike"),
        candidates=tuple(event for event in named if event.kind != "strike"),
        devices=knowledge.devices,
        geometry=knowledge.geometry,
        strike_spread_m=settings.reconstruct.strike_spread_m,
    )
    return parts, ids


def with_what_follows(
    parts: TimelineParts, joint: Joint, gathered: Gathered, ids: Ids, case: CaseFile, settings: Settings
) -> tuple[TimelineParts, Ids]:
    """Add what follows from the clocks: UTC, aircraft sound, what people state, and findings.

    Parameters
    ----------
    parts : TimelineParts
        Groups on their true clocks.
    joint : Joint
        With the findings of placing.
    gathered : Gathered
        What was heard, and what people know.
    ids : Ids
        With the groups and strikes of this run.
    case : CaseFile
        What people state.
    settings : Settings
        Every default.

    Returns
    -------
    parts : TimelineParts
        Complete but for the files that were ignored.
    ids : Ids
        With the events of aircraft and of people.
    """
    groups, recordings, knowledge = parts.groups, parts.recordings, gathered.knowledge
    clocks = sound_clocks(groups, knowledge)
    aircraft, ids = settled_aircraft(gathered.air, clocks, recordings, parts.duplicates, knowledge, ids, settings)
    heard = (*parts.events, *parts.candidates)
    stated = stated_events(case, recordings, groups, heard, knowledge=knowledge, settings=settings.places)
    followed = followed_in(gathered.films, first_of_twins(gathered.twins), recordings)
    moved = _movements(stated.events, followed, gathered, parts, case, settings)
    grounds = {name: way.points for name, way in gathered.films.ground.items()}
    named, ids = settle_events(
        (*(event for event in stated.events if event.kind != "movement"), *moved.events, *moved.candidates),
        recordings,
        ids,
    )
    count = len(named) - len(moved.candidates)
    externals, ids = settled_externals(knowledge.externals, ids)
    day = day_times(
        groups, recordings, parts.duplicates, knowledge, time_zone=case.info.time_zone, settings=settings.utc
    )
    whole = replace(
        parts,
        utc=day.utc,
        ties=day.ties,
        linked=day.linked,
        externals=externals,
        events=(*stated.heard[: len(parts.events)], *aircraft.events, *named[:count]),
        candidates=(*stated.heard[len(parts.events) :], *aircraft.candidates, *named[count:]),
        ground_ways=gathered.films.ground,
        track_notes={name: _said(note) for name, note in moved.notes.items()},
        followed=followed,
        findings=(
            *pin_findings(groups, knowledge),
            *parts.findings,
            *placed_strike_findings(heard, knowledge),
            *day.findings,
            *off_clock_findings(_detections(gathered.heard), clocks),
            *material_findings(groups, clocks, recordings, gathered.heard, gathered.matched, settings=settings),
            *speed_findings(groups, joint.speeds, recordings),
            *(
                *stated.findings,
                *moved.findings,
                *unplaced_findings(moved.notes, grounds),
                *joint.findings,
                *failure_findings(joint.failures),
            ),
        ),
        aircraft=aircraft.track,
        places=knowledge.places,
        ways=ways_on_clocks(
            with_followed(knowledge.ways, moved.notes, grounds),
            groups,
            lambda clock, time_s: stated_moment_s(clock, time_s, knowledge),
        ),
        ranging_assumptions=assumed_of_ranging(case, knowledge, settings.reconstruct),
        place_settings=settings.places,
    )
    return whole, ids


def _said(note: FigureNote) -> TrackSaid:
    return TrackSaid(label=note.label, tags=note.tags, same=note.same, said=note.said)


def _movements(
    stated: Sequence[Event],
    followed: Sequence[Followed],
    gathered: Gathered,
    parts: TimelineParts,
    case: CaseFile,
    settings: Settings,
) -> Corrected:
    """Movements as people leave them."""
    told = movement_events(
        gathered.films,
        parts.groups,
        parts.events,
        duplicates=parts.duplicates,
        settings=settings.movement,
    )
    return corrected_movements(
        [event for event in told if event.confidence >= settings.movement.threshold],
        [event for event in told if event.confidence < settings.movement.threshold],
        [event for event in stated if event.kind == "movement"],
        [track for each in followed for track in each.tracks],
        case,
        parts.recordings,
        parts.groups,
        knowledge=gathered.knowledge,
        places=settings.places,
        settings=settings.movement,
        unwatched={each.recording_id: each.unwatched for each in followed if each.unwatched is not None},
    )


def _detections(heard: Mapping[str, Heard]) -> list[Detection]:
    return [detection for name in sorted(heard) for detection in heard[name].detections]


def _named(
    events: Sequence[Event],
    recordings: Sequence[Recording],
    groups: Sequence[Group],
    clocks: Sequence[Group],
    knowledge: Knowledge,
    ids: Ids,
) -> tuple[tuple[Event, ...], Ids]:
    """Events with their lasting ids, timed by the cameras that timed them before."""
    named, ids = settle_events(events, recordings, ids)
    cameras = time_basis_ids(named, recordings, ids)
    timed = (
        event if camera is None else with_time_basis(event, camera, clocks)
        for event, camera in zip(named, cameras, strict=True)
    )
    return tuple(on_the_picture_clock(event, groups, knowledge) for event in timed), ids


def on_the_picture_clock(event: Event, groups: Sequence[Group], knowledge: Knowledge) -> Event:
    """Widen the time of what the reference heard by its own skew: the group's clock is that of its picture.

    Parameters
    ----------
    event : Event
        Timed by a camera.
    groups : sequence of Group
        With their references.
    knowledge : Knowledge
        Skews.

    Returns
    -------
    Event
    """
    camera = event.time_basis.removeprefix("arrival_at:")
    if camera not in {group.reference_id for group in groups}:
        return event
    return replace(event, uncertainty_s=round_s(math.hypot(event.uncertainty_s, knowledge.skews[camera].uncertainty_s)))
