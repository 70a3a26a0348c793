"""analyze(): from files to a timeline document."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from syncview.model import Generation, IgnoredFile
from syncview.pipeline.aircraft import search_all_aircraft, settled_aircraft
from syncview.pipeline.copies import find_copies
from syncview.pipeline.day_times import day_times
from syncview.pipeline.externals import settled_externals
from syncview.pipeline.failures import failure_findings, failures_in_words, failures_of_sounds
from syncview.pipeline.findings import off_clock_findings, pin_findings
from syncview.pipeline.joint import place_recordings, sound_clocks
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.lights import with_lights
from syncview.pipeline.listen import listen_job, listen_to_all
from syncview.pipeline.matching import match_all
from syncview.pipeline.material import material_findings
from syncview.pipeline.pictures import (
    check_pictures,
    compare_pictures,
    look_at_all,
    look_job,
    with_proposals,
)
from syncview.pipeline.second_pass import listen_again
from syncview.pipeline.speeds import speed_findings, with_speeds
from syncview.pipeline.tagging import open_tagger, tag_all
from syncview.pipeline.taking_apart import in_pieces
from syncview.pipeline.triage import and_twins, first_of_twins, ignored_files, same_files, survey
from syncview.reconstruct.strikes import join_strikes, with_time_basis
from syncview.store.event_ids import settle_events, time_basis_ids
from syncview.store.group_ids import preferred_references, settle_groups
from syncview.timebase import round_s
from syncview.timeline.build import build_timeline
from syncview.timeline.parts import TimelineParts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.case import CaseFile
    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import AircraftStretch, Duplicate, Event, Group, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.look import LookJob, Seen
    from syncview.pipeline.matching import Matched
    from syncview.pipeline.tagging import Tagger
    from syncview.pipeline.triage import Survey
    from syncview.settings import Settings
    from syncview.store.ids import Ids
    from syncview.timeline.schema import TimelineDocument

__all__ = ["Analysis", "Progress", "analyze"]


class Progress(Protocol):
    """Told of every step that is done. May raise to end the run; nothing half-done is left behind."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` pieces of a stage are finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The outcome of a run: the document, what must last, and what to tell the user.

    `sources` are the files that became recordings, by recording id; `unreadable` could not be read although they were
    named or look like media; `troubles` are references in case.toml that mean nothing.
    """

    document: TimelineDocument
    ids: Ids
    recordings: tuple[Recording, ...]
    sources: Mapping[str, Path]
    unreadable: tuple[IgnoredFile, ...]
    troubles: tuple[str, ...]
    remarks: tuple[str, ...]


def analyze(
    inputs: Sequence[Path],
    *,
    case: CaseFile,
    ids: Ids,
    cache_root: Path,
    skip: Sequence[Path] = (),
    settings: Settings,
    pool: WorkerPool,
    progress: Progress,
) -> Analysis:
    """Put footage on clocks, find the strikes, and write down both.

    Parameters
    ----------
    inputs : sequence of Path
        Files and folders as the user named them.
    case : CaseFile
        What people know.
    ids : Ids
        What earlier runs of the case have named.
    cache_root : Path
        Folder of the cache; what is in it is not computed again.
    skip : sequence of Path
        Folders to pass by, such as the case folder itself.
    settings : Settings
        Every default.
    pool : WorkerPool
        Processes that open media. The result does not depend on their number.
    progress : Progress
        Told of every step.

    Returns
    -------
    Analysis
        Same inputs, settings, case and ids give the same document.
    """
    tagger = open_tagger(case)
    met = survey(inputs, skip=skip, settings=settings, pool=pool, progress=progress)
    recordings = met.recordings
    knowledge = gather_knowledge(case, recordings, settings=settings.reconstruct)
    used = [r for r in recordings if r.id not in knowledge.left_out]
    like = first_of_twins(twins := same_files(used))
    first = [r for r in used if r.id not in like]
    jobs, heard, deaf, air = _listened(first, met, cache_root, pool, recordings, settings, progress)
    looks, seen, blind = _looked(first, met, cache_root, pool, recordings, settings, progress)
    matched, heard = _matched(pool, jobs, heard, seen, knowledge, settings, progress)
    pictures, unseen = compare_pictures(pool, looks, settings, progress)
    shown = and_twins(seen, like)
    used = [_with_what_is_known(r, and_twins(heard, like), deaf, shown, blind, knowledge) for r in used]
    copies = find_copies(matched, pictures, used, settings=settings)
    matched = in_pieces(matched, pool, jobs, used, heard, twins, copies, knowledge, settings, progress)
    joint = _placed(
        used,
        heard,
        matched,
        pool,
        jobs,
        looks,
        shown,
        twins=twins,
        copies=copies,
        knowledge=knowledge,
        preferred=_ids_of(preferred_references(ids), used),
        settings=settings,
        progress=progress,
    )
    joint = replace(joint, failures=(*failures_of_sounds(matched.failed), *unseen, *joint.failures))
    duplicates = (*twins, *copies.duplicates)
    heard = listen_again(pool, jobs, heard, joint.groups, used, duplicates, knowledge, settings, progress)
    heard = tag_all(pool, tagger, jobs, heard, recordings, settings, progress)
    parts, ids = _parts(joint, used, heard, duplicates, matched, air, knowledge, ids, case, settings, tagger)
    parts = with_lights(parts, pool, looks, like, knowledge, settings=settings, progress=progress)
    return Analysis(
        document=build_timeline(replace(parts, ignored=ignored_files(met, used, knowledge.left_out))),
        ids=ids,
        recordings=recordings,
        sources=met.sources,
        unreadable=met.unreadable,
        troubles=(*knowledge.troubles, *failures_in_words(joint.failures, used)),
        remarks=knowledge.remarks,
    )


def _listened(
    first: Sequence[Recording],
    met: Survey,
    cache_root: Path,
    pool: WorkerPool,
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, ListenJob], dict[str, Heard], dict[str, SyncViewError], dict[str, tuple[AircraftStretch, ...]]]:
    """What is heard in every file with sound, the jobs of those that could be, why others could not, and aircraft."""
    jobs = {r.id: listen_job(r, met.sources[r.id], cache_root, settings) for r in first if r.audio}
    heard, deaf = listen_to_all(pool, jobs, recordings, settings, progress)
    jobs = {name: jobs[name] for name in heard}
    return jobs, heard, deaf, search_all_aircraft(pool, jobs, heard, settings, progress)


def _looked(
    first: Sequence[Recording],
    met: Survey,
    cache_root: Path,
    pool: WorkerPool,
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, LookJob], dict[str, Seen], dict[str, SyncViewError]]:
    """What is seen in every file with a picture that moves, the jobs of those, and why others could not be."""
    pictured = [r for r in first if r.video and r.kind == "video"]
    looks = {r.id: look_job(r, met.sources[r.id], cache_root, settings) for r in pictured}
    seen, blind = look_at_all(pool, looks, recordings, settings, progress)
    return {name: looks[name] for name in seen}, seen, blind


def _matched(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    seen: Mapping[str, Seen],
    knowledge: Knowledge,
    settings: Settings,
    progress: Progress,
) -> tuple[Matched, dict[str, Heard]]:
    """What the sound of every pair says, and what every file shows again."""
    return match_all(
        pool,
        jobs,
        heard,
        picture_cuts_s={name: [shot.start_s for shot in each.shots[1:]] for name, each in seen.items()},
        geometry=knowledge.geometry,
        settings=settings,
        progress=progress,
    )


def _placed(
    recordings: Sequence[Recording],
    heard: Mapping[str, Heard],
    matched: Matched,
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    looks: Mapping[str, LookJob],
    shown: Mapping[str, Seen],
    *,
    twins: tuple[Duplicate, ...],
    copies: Copies,
    knowledge: Knowledge,
    preferred: Sequence[str],
    settings: Settings,
    progress: Progress,
) -> Joint:
    """Everything on clocks: by sound, by sound at another speed, and as far as pictures run with their sound."""
    joint = place_recordings(
        recordings,
        heard=heard,
        matched=matched,
        same_files=twins,
        copies=copies,
        knowledge=knowledge,
        preferred=preferred,
        settings=settings,
    )
    joint = with_speeds(
        joint,
        pool,
        jobs,
        heard,
        recordings=recordings,
        matched=matched,
        same_files=twins,
        copies=copies,
        knowledge=knowledge,
        settings=settings,
        progress=progress,
    )
    copies = copies.with_twins(first_of_twins(twins))
    groups, out_of_step = check_pictures(
        joint.groups, joint.strikes, shown, copies, recordings, knowledge, settings=settings
    )
    joint = replace(joint, groups=groups, findings=(*copies.findings, *joint.findings, *out_of_step))
    return with_proposals(joint, pool, looks, heard, settings, progress)


def _with_what_is_known(
    recording: Recording,
    heard: Mapping[str, Heard],
    deaf: Mapping[str, SyncViewError],
    seen: Mapping[str, Seen],
    blind: Mapping[str, SyncViewError],
    knowledge: Knowledge,
) -> Recording:
    """A recording with what listening and people add to it."""
    if (stated := knowledge.generations.get(recording.id)) is not None:
        recording = replace(recording, generation=Generation(value=stated, basis="a person stated it"))
    sound, sight = heard.get(recording.id), seen.get(recording.id)
    errors = [str(each[recording.id]) for each in (deaf, blind) if recording.id in each]
    told = [warning for each in (sound, sight) if each is not None for warning in each.warnings]
    intervals = [*(() if sound is None else sound.intervals), *(() if sight is None else sight.shots)]
    return replace(
        recording,
        intervals=tuple(sorted(intervals, key=lambda interval: (interval.start_s, interval.kind))),
        warnings=tuple(dict.fromkeys((*recording.warnings, *errors, *told))),
    )


def _ids_of(sha256s: Sequence[str], recordings: Sequence[Recording]) -> tuple[str, ...]:
    first = {r.sha256: r.id for r in sorted(recordings, key=lambda r: (r.path, r.id), reverse=True)}
    return tuple(first[digest] for digest in sha256s if digest in first)


def _parts(
    joint: Joint,
    recordings: Sequence[Recording],
    heard: Mapping[str, Heard],
    duplicates: tuple[Duplicate, ...],
    matched: Matched,
    air: Mapping[str, tuple[AircraftStretch, ...]],
    knowledge: Knowledge,
    ids: Ids,
    case: CaseFile,
    settings: Settings,
    tagger: Tagger | None,
) -> tuple[TimelineParts, Ids]:
    groups, ids = settle_groups(joint.groups, recordings, ids)
    detections, clocks = [d for name in sorted(heard) for d in heard[name].detections], sound_clocks(groups, knowledge)
    events, candidates = join_strikes(
        detections,
        clocks,
        geometry=knowledge.geometry,
        settings=settings,
        recordings=recordings,
        duplicates=duplicates,
    )
    named, ids = _named((*events, *candidates), recordings, groups, clocks, knowledge, ids)
    aircraft, ids = settled_aircraft(air, clocks, recordings, duplicates, knowledge, ids, settings)
    externals, ids = settled_externals(knowledge.externals, ids)
    day = day_times(groups, recordings, duplicates, knowledge, time_zone=case.info.time_zone, settings=settings.utc)
    return (
        TimelineParts(
            settings=settings.as_dict() | ({} if tagger is None else {"tagger": tagger.as_dict()}),
            title=case.info.title,
            time_zone=case.info.time_zone,
            max_camera_distance_m=case.info.max_camera_distance_m,
            sound_speed_mps=knowledge.geometry.sound_speed_mps,
            recordings=tuple(recordings),
            groups=groups,
            utc=day.utc,
            ties=day.ties,
            linked=day.linked,
            unplaced=joint.unplaced,
            duplicates=duplicates,
            pairs=joint.pairs,
            events=(*(event for event in named if event.kind == "strike"), *aircraft.events),
            candidates=(*(event for event in named if event.kind != "strike"), *aircraft.candidates),
            externals=externals,
            findings=(
                *pin_findings(groups, knowledge),
                *day.findings,
                *off_clock_findings(detections, clocks),
                *material_findings(groups, clocks, recordings, heard, matched, settings=settings),
                *speed_findings(groups, joint.speeds, recordings),
                *(*joint.findings, *failure_findings(joint.failures)),
            ),
            aircraft=aircraft.track,
            devices=knowledge.devices,
            geometry=knowledge.geometry,
            strike_spread_m=settings.reconstruct.strike_spread_m,
        ),
        ids,
    )


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
    return tuple(_on_the_picture_clock(event, groups, knowledge) for event in timed), ids


def _on_the_picture_clock(event: Event, groups: Sequence[Group], knowledge: Knowledge) -> Event:
    """Widen the time of what the reference heard by its own skew: the group's clock is that of its picture."""
    camera = event.time_basis.removeprefix("arrival_at:")
    if camera not in {group.reference_id for group in groups}:
        return event
    return replace(event, uncertainty_s=round_s(math.hypot(event.uncertainty_s, knowledge.skews[camera].uncertainty_s)))
