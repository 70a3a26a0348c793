"""Ordinary sounds that three cameras or more of a group heard, from what listening has left in the cache."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.pipeline.listen import cached_features
from syncview.reconstruct.solving.problem import Arrival, Source
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json
from syncview.timebase import group_spans_s, group_time_of, hears_as_usual, segments_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from syncview.media.workers import WorkerPool
    from syncview.model import Clock, ClockSegment, Duplicate, Event, Group, Pair
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.run import Progress
    from syncview.settings import CommonSoundSettings, Settings, SyncSettings
    from syncview.sync.common_sounds import CommonSound
    from syncview.sync.common_windows import Listener

__all__ = [
    "CommonSoundsJob",
    "as_sources",
    "carried_into",
    "find_common_sounds",
    "helped_groups",
    "search_common_sounds",
]

_COMMON = "common-sounds-1"  # raised when the same settings give another result than before
_LEAST = 3  # independent recordings
_LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A recording of the group: its name in the cache, and the stretches of its sound's clock with their places."""

    recording_id: str
    sha256: str
    key: str
    segments: tuple[tuple[int, ClockSegment], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSoundsJob:
    """One group. `reaches_s` says of each pair of recordings how far their sounds may lie from their clocks."""

    group_id: str
    cache_root: Path
    parts: tuple[_Part, ...]
    reaches_s: tuple[tuple[str, str, float], ...]
    strikes_s: tuple[float, ...]
    sync: SyncSettings
    settings: CommonSoundSettings


def find_common_sounds(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    clocks: Sequence[Group],
    *,
    events: Sequence[Event],
    duplicates: Sequence[Duplicate],
    left_out: Collection[str],
    knowledge: Knowledge,
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, tuple[CommonSound, ...]], dict[str, str]]:
    """Find what three independent cameras or more of each group heard besides strikes.

    Parameters
    ----------
    pool : WorkerPool
        Processes that compare.
    jobs : mapping of str to ListenJob
        The recordings that were heard, by id.
    heard : mapping of str to Heard
        Their lengths.
    clocks : sequence of Group
        Groups with their ids and the clocks of their sounds (`syncview.pipeline.joint.sound_clocks`). Give only those
        that common sounds can help: without a place or a flash of any camera they move no clock.
    events : sequence of Event
        Strikes and shots: their moments are left out.
    duplicates : sequence of Duplicate
        Recordings that are one witness: the longest counts.
    left_out : collection of str
        Recordings whose sound was carried there, or is another's.
    knowledge : Knowledge
        Distances, and pairs that people rejected.
    settings : Settings
        Lengths and limits.
    progress : Progress
        Told of every group.

    Returns
    -------
    found : dict of str to tuple of CommonSound
        By group id, only groups with three independent recordings. Times are on the clocks given.
    failed : dict of str to str
        Why groups could not be searched.
    """
    todo = [
        job
        for group in clocks
        if (job := _job(group, jobs, heard, events, duplicates, left_out, knowledge, settings)) is not None
    ]
    found: dict[str, tuple[CommonSound, ...]] = {}
    failed: dict[str, str] = {}
    for done, outcome in enumerate(
        pool.run(search_common_sounds, todo, timeout_s=settings.media.match_timeout_s), start=1
    ):
        progress("common sounds", done, len(todo))
        found[outcome.item.group_id] = outcome.value or ()
        if outcome.error is not None:
            failed[outcome.item.group_id] = outcome.error.message
    return found, failed


def as_sources(
    sounds: Sequence[CommonSound], piece_of: Callable[[str, int], str]
) -> tuple[tuple[Source, ...], tuple[Arrival, ...]]:
    """State sounds as the joint solution takes them.

    Parameters
    ----------
    sounds : sequence of CommonSound
        Of one group.
    piece_of : callable
        Name of the clock piece of a recording's stretch, by recording id and place of the segment in its clock.

    Returns
    -------
    sources : tuple of Source
    arrivals : tuple of Arrival
    """
    sources = tuple(Source(id=sound.id, kind="sound") for sound in sounds)
    arrivals = tuple(
        Arrival(
            piece=piece_of(each.recording_id, each.segment_index),
            source_id=sound.id,
            time_s=each.time_s,
            uncertainty_s=each.uncertainty_s,
        )
        for sound in sounds
        for each in sound.arrivals
    )
    return sources, arrivals


def search_common_sounds(job: CommonSoundsJob) -> tuple[CommonSound, ...]:
    """Find the common sounds of a group whose features are in the cache, or read what is known of them.

    Parameters
    ----------
    job : CommonSoundsJob
        The group.

    Returns
    -------
    tuple of CommonSound
        In order of time.

    Raises
    ------
    CaseFolderError
        If features are not in the cache any more.
    """
    from syncview.sync.common_sounds import CommonSound, common_sounds
    from syncview.sync.common_windows import Listener

    cache = Cache(job.cache_root)
    said = {
        "parts": to_json(job.parts),
        "reaches_s": job.reaches_s,
        "strikes_s": job.strikes_s,
        "settings": asdict(job.settings),
    }
    key = cache_key(_COMMON, [part.sha256 for part in job.parts], said)
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[CommonSound, ...], document)
        except DocumentError:
            pass  # written by something else: find them again
    listeners = []
    for part in job.parts:
        # Only the tones are kept: all the features of many long recordings would not fit into memory.
        features = cached_features(job.cache_root, part.recording_id, part.key, job.sync, alone=True)
        listeners += [
            Listener(
                recording_id=part.recording_id,
                segment_index=index,
                segment=segment,
                tones=features.tones,
                rate_hz=features.tones_rate_hz,
                start_s=features.start_s,
            )
            for index, segment in part.segments
        ]
    reaches = {frozenset((a, b)): reach_s for a, b, reach_s in job.reaches_s}

    def reach_s(a: Listener, b: Listener) -> float | None:
        return reaches.get(frozenset((a.recording_id, b.recording_id)))

    found = common_sounds(listeners, reach_s=reach_s, strikes_s=job.strikes_s, settings=job.settings)
    cache.store_json(key, to_json(found))
    return found


def _job(
    group: Group,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    events: Sequence[Event],
    duplicates: Sequence[Duplicate],
    left_out: Collection[str],
    knowledge: Knowledge,
    settings: Settings,
) -> CommonSoundsJob | None:
    """What a worker needs of a group; None when too few of its cameras can have heard one sound."""
    clocks = {clock.recording_id: clock for clock in group.clocks}
    usable = [name for name in clocks if name in jobs and name not in left_out]
    names = _independent(usable, duplicates, heard)
    parts = tuple(part for name in names if (part := _part(jobs[name], clocks[name])) is not None)
    if len(parts) < _LEAST:
        return None
    kept = [clocks[part.recording_id] for part in parts]
    return CommonSoundsJob(
        group_id=group.id,
        cache_root=jobs[names[0]].cache_root,
        parts=parts,
        reaches_s=_reaches_s(kept, knowledge, settings.common_sounds),
        strikes_s=_strikes_s(group, clocks, events),
        sync=settings.sync,
        settings=settings.common_sounds,
    )


def _independent(names: Sequence[str], duplicates: Sequence[Duplicate], heard: Mapping[str, Heard]) -> list[str]:
    """One recording of each witness, the longest; by id."""
    kept = set(names)
    for same in duplicates:
        own = sorted((n for n in same.recording_ids if n in kept), key=lambda n: (-heard[n].duration_s, n))
        kept -= set(own[1:])
    return sorted(kept)


def _part(job: ListenJob, clock: Clock) -> _Part | None:
    heard_by = segments_of(clock.segments, of="audio")
    segments = tuple(
        (index, segment)
        for index, segment in enumerate(clock.segments)
        if segment in heard_by and hears_as_usual(segment)
    )
    if not segments:
        return None
    return _Part(recording_id=job.recording_id, sha256=job.sha256, key=job.key, segments=segments)


def _reaches_s(
    clocks: Sequence[Clock], knowledge: Knowledge, settings: CommonSoundSettings
) -> tuple[tuple[str, str, float], ...]:
    """Of every pair that recorded at once: sound's way between the cameras, and what their clocks may be off.

    Sound has set the clocks, so that those are apart by no more than its way once again.
    """
    found = []
    for k, a in enumerate(clocks):
        for b in clocks[k + 1 :]:
            x, y = a.recording_id, b.recording_id
            if frozenset((x, y)) in knowledge.rejects or not _overlap(a, b):
                continue
            travel_s = knowledge.geometry.travel_s(x, y)
            off_s = min(a.uncertainty_s + b.uncertainty_s, travel_s + settings.clock_slack_s)
            found.append((x, y, round(travel_s + off_s, 6)))
    return tuple(found)


def _overlap(a: Clock, b: Clock) -> bool:
    spans = group_spans_s(b, of="audio")
    return any(
        start_s < other_end_s and other_s < end_s
        for start_s, end_s in group_spans_s(a, of="audio")
        for other_s, other_end_s in spans
    )


def _strikes_s(group: Group, clocks: Mapping[str, Clock], events: Sequence[Event]) -> tuple[float, ...]:
    """Group times at which any camera heard an event of the group."""
    times = {
        round(at_s, 6)
        for event in events
        if event.group_id == group.id
        for seen in event.observations
        if seen.sound_s is not None and seen.recording_id in clocks
        for at_s in (group_time_of(clocks[seen.recording_id], seen.sound_s, of="audio"),)
        if at_s is not None
    }
    return tuple(sorted(times))


def helped_groups(groups: Sequence[Group], knowledge: Knowledge) -> tuple[Group, ...]:
    """Groups whose clocks common sounds can narrow: the places of three of its cameras are known.

    Parameters
    ----------
    groups : sequence of Group
        With their recordings.
    knowledge : Knowledge
        Places.

    Returns
    -------
    tuple of Group
    """
    known = knowledge.geometry.positions.keys()
    return tuple(group for group in groups if len(known & {clock.recording_id for clock in group.clocks}) >= _LEAST)


def carried_into(pairs: Sequence[Pair]) -> frozenset[str]:
    """Recordings whose sound, in some pair, was carried there: it says nothing of where they stood.

    Parameters
    ----------
    pairs : sequence of Pair
        Of the run.

    Returns
    -------
    frozenset of str
    """
    return frozenset(
        name
        for pair in pairs
        if any(lag.sound == "carried" and lag.probability >= _LIKELY for lag in pair.hypotheses)
        for name in (pair.a_id, pair.b_id)
    )
