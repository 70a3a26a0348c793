"""Look at every picture, compare those of all pairs, and say where a picture's clock holds."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from syncview.model import Finding, Proposal
from syncview.pipeline.failures import Failure, reasons_of_failures
from syncview.pipeline.look import CompareJob, LookJob, compare, look, seen_before
from syncview.pipeline.per_file import for_each_file
from syncview.pipeline.speed_ties import with_reasons
from syncview.reconstruct.flashes import pictures_out_of_step
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Clock, ClockSegment, Event, Group, PictureMatch, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard
    from syncview.pipeline.look import Compared, Seen
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.flashes import OutOfStep
    from syncview.settings import Settings

__all__ = ["check_pictures", "compare_pictures", "look_at_all", "look_job", "with_picture_clocks", "with_proposals"]


def look_job(recording: Recording, path: Path, cache_root: Path, settings: Settings) -> LookJob:
    """Name what a worker needs to look at one recording.

    Parameters
    ----------
    recording : Recording
        One with a picture.
    path : Path
        Its file.
    cache_root : Path
        Folder of the cache.
    settings : Settings
        The part `picture`.

    Returns
    -------
    LookJob
        To be given to `look`.
    """
    return LookJob(
        recording_id=recording.id,
        path=path,
        sha256=recording.sha256,
        cache_root=cache_root,
        picture=settings.picture,
    )


def look_at_all(
    pool: WorkerPool,
    jobs: Mapping[str, LookJob],
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, Seen], dict[str, SyncViewError]]:
    """See every picture, from the cache where it is there.

    Parameters
    ----------
    pool : WorkerPool
        Processes that open media.
    jobs : mapping of str to LookJob
        What to look at, by recording id.
    recordings : sequence of Recording
        Their lengths bound the time that a file may take.
    settings : Settings
        Limits.
    progress : Progress
        Told of every file.

    Returns
    -------
    tuple of dict
        What was seen, and what could not be, by recording id.
    """
    return for_each_file(
        pool,
        look,
        jobs,
        {name: known for name, job in jobs.items() if (known := seen_before(job)) is not None},
        stage="looking",
        recordings=recordings,
        seconds_per_media_s=settings.media.look_timeout_per_media_s,
        media=settings.media,
        progress=progress,
    )


def compare_pictures(
    pool: WorkerPool, jobs: Mapping[str, LookJob], settings: Settings, progress: Progress
) -> tuple[dict[tuple[str, str], PictureMatch], tuple[Failure, ...]]:
    """Find the pairs that show the same footage.

    Parameters
    ----------
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to LookJob
        The recordings that were seen, by id.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    tuple of dict and tuple
        The pairs that do, by the two ids, and those that could not be compared.
    """
    todo = [_compare_job(jobs[a], jobs[b], settings) for a, b in itertools.combinations(sorted(jobs), 2)]
    found, failures = _compare(pool, todo, settings, progress)
    return {key: match for key in sorted(found) if (match := found[key].match) is not None}, failures


def with_proposals(
    joint: Joint,
    pool: WorkerPool,
    jobs: Mapping[str, LookJob],
    heard: Mapping[str, Heard],
    settings: Settings,
    progress: Progress,
) -> Joint:
    """Look for light and motion that recordings which no sound can place have in common with others.

    Parameters
    ----------
    joint : Joint
        What was placed, and what not.
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to LookJob
        The recordings that were seen, by id.
    heard : mapping of str to Heard
        Which of them have sound that can be used.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    Joint
        With proposals, best first, which place nothing; `failures` names the pairs that could not be compared.
    """
    names = [each.recording_id for each in joint.unplaced]
    silent = [name for name in names if name not in heard or not heard[name].usable_s]
    pairs = sorted({(min(a, b), max(a, b)) for a in silent if a in jobs for b in jobs if a != b})
    todo = [replace(_compare_job(jobs[a], jobs[b], settings), propose=True) for a, b in pairs]
    compared, failures = _compare(pool, todo, settings, progress)
    found = _proposals(compared, silent)
    unplaced = tuple(replace(left, proposals=found.get(left.recording_id, ())) for left in joint.unplaced)
    told = with_reasons(replace(joint, unplaced=unplaced), reasons_of_failures(unplaced, failures))
    return replace(told, failures=(*joint.failures, *failures))


def _proposals(compared: Mapping[tuple[str, str], Compared], silent: Sequence[str]) -> dict[str, tuple[Proposal, ...]]:
    """Proposals for each silent recording, best first."""
    proposals: dict[str, list[Proposal]] = {}
    for (a, b), found in compared.items():
        for each in found.proposals:
            for name, other, lag_s in ((b, a, each.lag_s), (a, b, -each.lag_s)):
                if name in silent:
                    proposal = Proposal(other_id=other, lag_s=lag_s, basis=each.basis, score=each.score)
                    proposals.setdefault(name, []).append(proposal)
    return {name: tuple(sorted(found, key=lambda p: (-p.score, p.other_id))) for name, found in proposals.items()}


def _compare_job(a: LookJob, b: LookJob, settings: Settings) -> CompareJob:
    return CompareJob(
        a_id=a.recording_id,
        b_id=b.recording_id,
        a_sha256=a.sha256,
        b_sha256=b.sha256,
        a_key=a.key,
        b_key=b.key,
        cache_root=a.cache_root,
        picture=settings.picture,
    )


def _compare(
    pool: WorkerPool, todo: Sequence[CompareJob], settings: Settings, progress: Progress
) -> tuple[dict[tuple[str, str], Compared], tuple[Failure, ...]]:
    found, failures = {}, []
    for done, outcome in enumerate(pool.run(compare, todo, timeout_s=settings.media.match_timeout_s), start=1):
        progress("comparing pictures", done, len(todo))
        if outcome.value is not None:
            found[outcome.item.a_id, outcome.item.b_id] = outcome.value
        if outcome.error is not None:
            step: Literal["motion", "picture"] = "motion" if outcome.item.propose else "picture"
            failures.append(_failure(outcome.item, step, outcome.error))
    return {key: found[key] for key in sorted(found)}, tuple(failures)


def _failure(job: CompareJob, step: Literal["motion", "picture"], error: SyncViewError) -> Failure:
    return Failure(a_id=job.a_id, b_id=job.b_id, step=step, why=error.message)


def check_pictures(
    groups: Sequence[Group],
    strikes: Sequence[Event],
    seen: Mapping[str, Seen],
    copies: Copies,
    recordings: Sequence[Recording],
    knowledge: Knowledge,
    *,
    settings: Settings,
) -> tuple[tuple[Group, ...], tuple[Finding, ...]]:
    """Withdraw the clock of every picture that copies, flashes or its own cuts show not to run with its sound.

    Parameters
    ----------
    groups : sequence of Group
        Clocks of recordings.
    strikes : sequence of Event
        On the clocks that sound gives.
    seen : mapping of str to Seen
        Shots and flashes of the pictures; flashes of those with cuts tell nothing.
    copies : Copies
        What copies show of each other's pictures.
    recordings : sequence of Recording
        Their names.
    knowledge : Knowledge
        Distances, and what is known of the cameras' own skew.
    settings : Settings
        The part `picture`.

    Returns
    -------
    groups : tuple of Group
        The same; segments say `applies_to` and `picture_check`.
    findings : tuple of Finding
        What flashes show, for every pair.
    """
    found = pictures_out_of_step(
        strikes,
        {name: each.flashes_s for name, each in seen.items() if not each.shots},
        skews_s={name: skew.skew_s for name, skew in knowledge.skews.items()},
        travel_s=knowledge.geometry.travel_s,
        settings=settings.picture,
    )
    contradicted, doubtful = (
        frozenset(name for each in found if each.possible == possible for name in each.withdrawn)
        for possible in (False, True)
    )
    checked = with_picture_clocks(
        groups,
        seen,
        contradicted=copies.contradicted | contradicted,
        doubtful=doubtful,
        verified=copies.verified - contradicted,
        settings=settings,
    )
    names = {recording.id: recording.name_display for recording in recordings}
    return checked, tuple(_out_of_step(each, names) for each in found)


def _out_of_step(each: OutOfStep, names: Mapping[str, str]) -> Finding:
    told = " and ".join(
        f"{names[name]} hears the strike {abs(delay_s):.2f} s {'after' if delay_s >= 0 else 'before'} it sees the flash"
        for name, delay_s in zip(each.recording_ids, each.delays_s, strict=True)
    )
    wrong = "one of them" if len(each.withdrawn) > 1 else names[each.withdrawn[0]]
    why = f"in {wrong} the sound was moved against the picture, or a stated place is wrong"
    if each.possible:
        why = "the sound of one was moved against its picture, or they stand far apart in line with the strike"
    return Finding(
        kind="picture_clock",
        recording_ids=each.withdrawn if len(each.withdrawn) == 1 else each.recording_ids,
        group_id=None,
        time_s=None,
        value=round_s(each.delays_s[1] - each.delays_s[0]),
        unit="s",
        message=f"{told}: {why}; only the sound is on the clock",
    )


def with_picture_clocks(
    groups: Sequence[Group],
    seen: Mapping[str, Seen],
    *,
    contradicted: frozenset[str],
    doubtful: frozenset[str] = frozenset(),
    verified: frozenset[str],
    settings: Settings,
) -> tuple[Group, ...]:
    """Withdraw the clock of pictures that need not belong to their sound.

    Under sound that goes on, a cut in the picture may lead anywhere: from there on the clock is of the sound alone,
    until picture and sound are cut together.

    Parameters
    ----------
    groups : sequence of Group
        Clocks of recordings.
    seen : mapping of str to Seen
        Shots of their pictures.
    contradicted, doubtful, verified : frozenset of str
        Recordings whose picture a copy or a flash shows not, or perhaps not, to run with the sound, or to do so.
    settings : Settings
        How near cuts of picture and sound are one.

    Returns
    -------
    tuple of Group
        The same groups; segments say `applies_to` and `picture_check`.
    """
    return tuple(
        replace(
            group,
            clocks=tuple(
                replace(clock, segments=_checked(clock, seen, contradicted, doubtful, verified, settings))
                for clock in group.clocks
            ),
        )
        for group in groups
    )


def _checked(
    clock: Clock,
    seen: Mapping[str, Seen],
    contradicted: frozenset[str],
    doubtful: frozenset[str],
    verified: frozenset[str],
    settings: Settings,
) -> tuple[ClockSegment, ...]:
    """The segments of a clock, parted where the picture leaves the sound."""
    name = clock.recording_id
    if name in contradicted:
        return tuple(_of_sound_alone(segment, "contradicted") for segment in clock.segments)
    if name in doubtful and name not in verified:
        return tuple(_of_sound_alone(segment, "unverified") for segment in clock.segments)
    cuts_s = [shot.start_s for shot in seen[name].shots[1:]] if name in seen else []
    near_s = settings.picture.same_cut_s
    found: list[ClockSegment] = []
    in_step, before_s = True, None
    for segment in clock.segments:
        if before_s is not None:  # where the sound was cut: one cut of the picture goes with it, more lead anywhere
            meanwhile = sum(before_s - near_s <= cut_s <= segment.start_s + near_s for cut_s in cuts_s)
            in_step = meanwhile == 1 or (in_step and meanwhile == 0)
        before_s = segment.end_s
        inside = [cut_s for cut_s in cuts_s if segment.start_s + near_s < cut_s < segment.end_s - near_s]
        edges = [segment.start_s, *inside[:1], segment.end_s]
        for start_s, end_s in itertools.pairwise(edges):
            part = replace(segment, start_s=start_s, end_s=end_s)
            if start_s in inside:
                in_step = False
            if not in_step:
                found.append(_of_sound_alone(part, "unverified"))
            elif name in verified:
                found.append(replace(part, picture_check="verified"))
            else:
                found.append(part)
    return tuple(found)


def _of_sound_alone(segment: ClockSegment, check: Literal["verified", "unverified", "contradicted"]) -> ClockSegment:
    """Withdraw the picture's clock, where there is sound to keep one."""
    if segment.applies_to == "video":
        return replace(segment, picture_check=check)
    return replace(segment, applies_to="audio", picture_check=check)
