"""analyze(): from files to a timeline document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from syncview.model import Generation, IgnoredFile
from syncview.pipeline.aircraft import search_all_aircraft
from syncview.pipeline.assumed import assumed_of_air
from syncview.pipeline.common_sounds import carried_into, find_common_sounds, helped_groups
from syncview.pipeline.copies import find_copies
from syncview.pipeline.failures import failures_in_words, failures_of_groups, failures_of_sounds
from syncview.pipeline.gathered import Gathered, placed, with_checked_pictures
from syncview.pipeline.ground_tracks import ways_on_the_ground
from syncview.pipeline.happenings import parts_of_strikes, with_what_follows
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.left_out import Told, analyses_without, assumption_findings, untried_findings
from syncview.pipeline.lights import with_lights
from syncview.pipeline.listen import listen_job, listen_to_all
from syncview.pipeline.matching import match_all
from syncview.pipeline.movements import film_all
from syncview.pipeline.pictures import (
    compare_pictures,
    look_at_all,
    look_job,
    with_proposals,
)
from syncview.pipeline.second_pass import listen_again
from syncview.pipeline.solution import with_solutions
from syncview.pipeline.speeds import with_speeds
from syncview.pipeline.tagging import open_tagger, tag_all
from syncview.pipeline.taking_apart import in_pieces
from syncview.pipeline.triage import and_twins, first_of_twins, ignored_files, same_files, survey
from syncview.store.group_ids import preferred_references
from syncview.timeline.build import build_timeline
from syncview.timeline.stability import with_leave_one_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.case import CaseFile
    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import AircraftStretch, Recording
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.look import LookJob, Seen
    from syncview.pipeline.matching import Matched
    from syncview.pipeline.tagging import Tagger
    from syncview.pipeline.triage import Survey
    from syncview.settings import Settings
    from syncview.store.ids import Ids
    from syncview.timeline.parts import TimelineParts
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
    gathered = Gathered(
        recordings=used,
        heard=heard,
        shown=shown,
        matched=in_pieces(matched, pool, jobs, used, heard, twins, copies, knowledge, settings, progress),
        pictures=pictures,
        copies=copies,
        twins=twins,
        air=air,
        knowledge=knowledge,
        preferred=_ids_of(preferred_references(ids), used),
    )
    joint = _placed(gathered, pool, jobs, looks, settings, progress)
    joint = replace(joint, failures=(*failures_of_sounds(gathered.matched.failed), *unseen, *joint.failures))
    heard = listen_again(pool, jobs, heard, joint.groups, used, gathered.duplicates, knowledge, settings, progress)
    gathered = replace(gathered, heard=tag_all(pool, tagger, jobs, heard, recordings, settings, progress))
    films = film_all(pool, looks, seen, blind, recordings, settings, progress)
    ways = ways_on_the_ground(films, case, recordings, knowledge, settings=settings.movement)
    films = replace(films, ground=ways.by_track)
    joint = replace(joint, findings=(*joint.findings, *ways.findings))
    gathered = replace(gathered, films=films, recordings=_warned(gathered.recordings, films.warnings))
    parts, ids, told = _told(gathered, joint, pool, jobs, looks, ids, case, tagger, settings, progress)
    parts = replace(parts, ignored=ignored_files(met, used, knowledge.left_out))
    return Analysis(
        document=_document(parts, joint, told, progress),
        ids=ids,
        recordings=recordings,
        sources=met.sources,
        unreadable=met.unreadable,
        troubles=(*knowledge.troubles, *failures_in_words(joint.failures, used)),
        remarks=(*knowledge.remarks, *films.remarks),
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
    gathered: Gathered,
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    looks: Mapping[str, LookJob],
    settings: Settings,
    progress: Progress,
) -> Joint:
    """Everything on clocks: by sound, by sound at another speed, and as far as pictures run with their sound."""
    joint = with_speeds(
        placed(gathered, settings),
        pool,
        jobs,
        gathered.heard,
        recordings=gathered.recordings,
        matched=gathered.matched,
        same_files=gathered.twins,
        copies=gathered.copies,
        knowledge=gathered.knowledge,
        settings=settings,
        progress=progress,
    )
    joint = with_checked_pictures(joint, gathered, settings)
    return with_proposals(joint, pool, looks, gathered.heard, settings, progress)


def _told(
    gathered: Gathered,
    joint: Joint,
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    looks: Mapping[str, LookJob],
    ids: Ids,
    case: CaseFile,
    tagger: Tagger | None,
    settings: Settings,
    progress: Progress,
) -> tuple[TimelineParts, Ids, Told]:
    """What happened, on true clocks as far as anything carries them, and all that telling it again needs."""
    knowledge, like = gathered.knowledge, first_of_twins(gathered.twins)
    parts, ids = parts_of_strikes(joint, gathered, ids, case, settings, tagger=tagger)
    parts = with_lights(parts, pool, looks, like, knowledge, settings=settings, progress=progress)
    nominal = parts.groups
    sounds, unsearched = find_common_sounds(
        pool,
        jobs,
        gathered.heard,
        sound_clocks(helped_groups(nominal, knowledge), knowledge),
        events=(*parts.events, *parts.candidates),
        duplicates=gathered.duplicates,
        left_out=carried_into(parts.pairs) | gathered.copies.muted,
        knowledge=knowledge,
        settings=settings,
        progress=progress,
    )
    joint = replace(joint, failures=(*joint.failures, *failures_of_groups(unsearched, nominal)))
    solved = with_solutions(parts, sounds, knowledge, assumptions=assumed_of_air(case), settings=settings)
    parts, ids = with_what_follows(solved, joint, gathered, ids, case, settings)
    told = Told(
        gathered=gathered,
        parts=parts,
        nominal=nominal,
        sounds=[sound for group in nominal for sound in sounds.get(group.id, ())],
        ids=ids,
        case=case,
        settings=settings,
    )
    return parts, ids, told


def _document(parts: TimelineParts, joint: Joint, told: Told, progress: Progress) -> TimelineDocument:
    """The document, with what becomes of its numbers without each file and under other assumptions."""
    document, at_speeds = build_timeline(parts), bool(joint.speeds)
    findings = untried_findings(told, at_speeds=at_speeds)
    findings += () if at_speeds else assumption_findings(told, document.analysis)
    if findings:
        document = build_timeline(replace(parts, findings=(*parts.findings, *findings)))
    if at_speeds:
        return document
    without = analyses_without(told, progress)
    return document.model_copy(update={"analysis": with_leave_one_out(document.analysis, without)})


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


def _warned(recordings: Sequence[Recording], warnings: Mapping[str, tuple[str, ...]]) -> list[Recording]:
    return [replace(r, warnings=(*r.warnings, *warnings[r.id])) if r.id in warnings else r for r in recordings]


def _ids_of(sha256s: Sequence[str], recordings: Sequence[Recording]) -> tuple[str, ...]:
    first = {r.sha256: r.id for r in sorted(recordings, key=lambda r: (r.path, r.id), reverse=True)}
    return tuple(first[digest] for digest in sha256s if digest in first)
