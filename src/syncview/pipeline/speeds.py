"""Recordings that fit no other at the same speed: try the fixed speeds of editors, place them, and say so."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import Finding
from syncview.pipeline.failures import Failure, reasons_of_failures
from syncview.pipeline.listen import cached_features
from syncview.pipeline.speed_ties import tie_by_speed, with_reasons
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json
from syncview.timebase import group_time_of, round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.media.workers import WorkerPool
    from syncview.model import Duplicate, Group, Recording
    from syncview.pipeline.copies import Copies
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.matching import Matched
    from syncview.pipeline.run import Progress
    from syncview.pipeline.speed_ties import SpeedTie
    from syncview.settings import Settings, SyncSettings
    from syncview.sync.speeds import SpeedHypothesis

__all__ = ["SpeedJob", "fit_speed", "speed_findings", "with_speeds"]

_SPEED = "speed-2"  # raised when the same settings give another result than before

Fits = dict[tuple[str, str], tuple["SpeedHypothesis", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedJob:
    """Two recordings to be tried at other speeds, whose features are in the cache."""

    a_id: str
    b_id: str
    a_sha256: str
    b_sha256: str
    a_key: str
    b_key: str
    cache_root: Path
    sync: SyncSettings


def fit_speed(job: SpeedJob) -> tuple[SpeedHypothesis, ...]:
    """Try two recordings at other speeds, or read what is known of them.

    Parameters
    ----------
    job : SpeedJob
        The pair.

    Returns
    -------
    tuple of SpeedHypothesis
        Of b against a, likeliest first.
    """
    from syncview.sync.speeds import SpeedHypothesis, speed_hypotheses

    cache = Cache(job.cache_root)
    of = {"of": [job.a_key, job.b_key], "ids": job.a_id < job.b_id}
    key = cache_key(_SPEED, [job.a_sha256, job.b_sha256], {"sync": asdict(job.sync), **of})
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[SpeedHypothesis, ...], document)
        except DocumentError:
            pass  # written by something else: try again
    a, b = (
        cached_features(job.cache_root, name, key, job.sync)
        for name, key in ((job.a_id, job.a_key), (job.b_id, job.b_key))
    )
    found = speed_hypotheses(a, b, settings=job.sync)
    cache.store_json(key, to_json(found))
    return found


def with_speeds(
    joint: Joint,
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    *,
    recordings: Sequence[Recording],
    matched: Matched,
    same_files: Sequence[Duplicate],
    copies: Copies,
    knowledge: Knowledge,
    settings: Settings,
    progress: Progress,
) -> Joint:
    """Try recordings that stayed alone at other speeds, against members of every group and against each other.

    Parameters
    ----------
    joint : Joint
        What the sounds and people placed.
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    heard : mapping of str to Heard
        Their lengths.
    recordings : sequence of Recording
        Their names.
    matched : Matched
        Pairs whose common sound is carried are not tried.
    same_files : sequence of Duplicate
        Files of the same content.
    copies : Copies
        Recordings whose sound is another's.
    knowledge : Knowledge
        Skews, distances, and pairs that people rejected.
    settings : Settings
        Limits.
    progress : Progress
        Told of every pair.

    Returns
    -------
    Joint
        With the recordings that fit at another speed on their clocks; `failures` names the pairs not tried to the end.
    """
    twins = {copy for same in same_files for copy in same.recording_ids[1:]}
    least_s = 4 * settings.sync.window_shortest_s
    usable = {name for name in jobs if heard[name].usable_s >= least_s and name not in copies.muted}
    members = [[c.recording_id for c in group.clocks if c.recording_id not in twins] for group in joint.groups]
    alone = [names[0] for names in members if len(names) == 1 and names[0] in usable]
    if len(alone) > settings.sync.speed_alone_at_most:
        why = f"not tried at other speeds: {len(alone)} recordings stand alone"
        return with_reasons(joint, {name: [why] for name in alone})
    together = [[name for name in names if name in usable] for names in members if len(names) > 1]
    unfit = _unfit(matched, knowledge, settings)
    pairs = _pairs_to_try(alone, together, heard, unfit, settings)
    todo = [_job(jobs[a], jobs[b], settings) for a, b in pairs]
    fits: Fits = {}
    failures: list[Failure] = []
    for done, outcome in enumerate(pool.run(fit_speed, todo, timeout_s=settings.media.match_timeout_s), start=1):
        progress("trying speeds", done, len(todo))
        if outcome.value:
            fits[outcome.item.a_id, outcome.item.b_id] = outcome.value
        if outcome.error is not None:
            item, why = outcome.item, outcome.error.message
            failures.append(Failure(a_id=item.a_id, b_id=item.b_id, step="speed", why=why))
    tied = tie_by_speed(joint, fits, alone=alone, recordings=recordings, knowledge=knowledge, settings=settings)
    told = with_reasons(tied, reasons_of_failures(tied.unplaced, failures))
    return replace(told, failures=(*told.failures, *failures))


def _unfit(matched: Matched, knowledge: Knowledge, settings: Settings) -> set[frozenset[str]]:
    """Pairs that must not be tied: people rejected them, or what they share was carried from place to place."""
    carried = {
        frozenset(key)
        for key, found in matched.pairs.items()
        for h in found.hypotheses
        if h.sound == "carried" and h.probability >= settings.sync.carried_named_probability
    }
    return carried | set(knowledge.rejects)


def _pairs_to_try(
    alone: Sequence[str],
    together: Sequence[Sequence[str]],
    heard: Mapping[str, Heard],
    unfit: set[frozenset[str]],
    settings: Settings,
) -> list[tuple[str, str]]:
    """For every lone recording the longest of every group in turn, then the other lone ones; each pair once."""

    def longest(names: Sequence[str]) -> list[str]:
        return sorted(names, key=lambda name: (-heard[name].usable_s, name))

    turns = itertools.zip_longest(*(longest(names) for names in sorted(together, key=lambda n: (-len(n), n))))
    members = [name for turn in turns for name in turn if name is not None]
    pairs = set()
    for name in alone:
        others = [*members, *(other for other in longest(alone) if other != name)]
        fitting = [other for other in others if frozenset((name, other)) not in unfit]
        chosen = fitting[: settings.sync.speed_partners_at_most]
        pairs |= {(min(name, other), max(name, other)) for other in chosen}
    return sorted(pairs)


def _job(a: ListenJob, b: ListenJob, settings: Settings) -> SpeedJob:
    return SpeedJob(
        a_id=a.recording_id,
        b_id=b.recording_id,
        a_sha256=a.sha256,
        b_sha256=b.sha256,
        a_key=a.key,
        b_key=b.key,
        cache_root=a.cache_root,
        sync=settings.sync,
    )


def speed_findings(
    groups: Sequence[Group], ties: Sequence[SpeedTie], recordings: Sequence[Recording]
) -> tuple[Finding, ...]:
    """Say which recordings run at another speed.

    Parameters
    ----------
    groups : sequence of Group
        Clocks, with their lasting ids.
    ties : sequence of SpeedTie
        What was placed by its speed.
    recordings : sequence of Recording
        Their names.

    Returns
    -------
    tuple of Finding
        Their `value` is how many seconds of the other one second of the recording is.
    """
    names = {recording.id: recording.name_display for recording in recordings}
    clocks = {clock.recording_id: (group, clock) for group in groups for clock in group.clocks}
    found = []
    for tie in ties:
        group, clock = clocks[tie.recording_id]
        pitch = {True: ", its pitch kept", False: ", its pitch with it", None: ""}[tie.fit.pitch_kept]
        other = names.get(tie.other_id, tie.other_id)
        start_s = group_time_of(clock, clock.segments[0].start_s, of="audio")
        found.append(
            Finding(
                kind="speed",
                recording_ids=(tie.recording_id, tie.other_id),
                group_id=group.id,
                time_s=None if start_s is None else round_s(start_s),
                value=round_s(float(tie.fit.speed)),
                unit="times the speed",
                message=f"it runs at {tie.fit.speed} times the speed of {other}{pitch}: "
                f"a second of it is {float(tie.fit.speed):.4g} s there; "
                f"{tie.fit.supports} separate windows agree, probability {tie.fit.probability:.3f}",
            )
        )
    return tuple(found)
