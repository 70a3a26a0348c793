"""What a worker process finds of aircraft sound in a recording that was listened to, and what its groups make of it.

A step of its own, since nothing before the timeline asks for it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import AircraftStretch
from syncview.pipeline.cached_sound import cached_sound, lost_sound
from syncview.pipeline.listen import heard_before
from syncview.pipeline.triage import and_twins, first_of_twins
from syncview.reconstruct.aircraft import join_aircraft
from syncview.store.cache import Cache, cache_key
from syncview.store.event_ids import settle_events
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.media.workers import WorkerPool
    from syncview.model import Duplicate, Group, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.aircraft import AircraftSounds
    from syncview.settings import AircraftSettings, Settings
    from syncview.store.ids import Ids

__all__ = ["AircraftJob", "search_aircraft", "search_all_aircraft", "settled_aircraft"]

_AIRCRAFT = "aircraft-2"  # raised when the same settings give another result than before


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftJob:
    """One recording that was listened to, in which aircraft are looked for."""

    heard: ListenJob
    settings: AircraftSettings


def search_aircraft(job: AircraftJob) -> tuple[AircraftStretch, ...]:
    """Look for aircraft sound, or read what is known of it.

    Parameters
    ----------
    job : AircraftJob
        A recording that was listened to.

    Returns
    -------
    tuple of AircraftStretch
        In order of time.

    Raises
    ------
    CaseFolderError
        If its sound is not in the cache any more.
    """
    cache = Cache(job.heard.cache_root)
    key = cache_key(_AIRCRAFT, [job.heard.sha256], {"of": job.heard.key, "aircraft": asdict(job.settings)})
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[AircraftStretch, ...], document)
        except DocumentError:
            pass  # written by something else: look again
    found = _look(job)
    cache.store_json(key, to_json(found))
    return found


def _look(job: AircraftJob) -> tuple[AircraftStretch, ...]:
    from syncview.detect.aircraft import aircraft_sound

    heard = heard_before(job.heard)
    if heard is None:
        raise lost_sound(job.heard.recording_id)
    if not heard.duration_s:
        return ()
    return aircraft_sound(cached_sound(job.heard, heard.start_s), heard.intervals, settings=job.settings)


def search_all_aircraft(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    settings: Settings,
    progress: Progress,
) -> dict[str, tuple[AircraftStretch, ...]]:
    """Look for aircraft sound in every recording that was heard.

    Parameters
    ----------
    pool : WorkerPool
        Processes that look.
    jobs : mapping of str to ListenJob
        The recordings, by id.
    heard : mapping of str to Heard
        Their lengths bound the time that one may take.
    settings : Settings
        Thresholds and limits.
    progress : Progress
        Told of every recording.

    Returns
    -------
    dict
        Stretches by recording id. Where the search failed, all of the recording is masked, with the reason.
    """
    todo = [AircraftJob(heard=job, settings=settings.aircraft) for _, job in sorted(jobs.items())]

    def timeout_s(job: AircraftJob) -> float:
        length_s = heard[job.heard.recording_id].duration_s
        return max(settings.media.match_timeout_s, settings.media.decode_timeout_per_media_s * length_s)

    found: dict[str, tuple[AircraftStretch, ...]] = {}
    for done, outcome in enumerate(pool.run(search_aircraft, todo, timeout_s=timeout_s), start=1):
        progress("aircraft", done, len(todo))
        name = outcome.item.heard.recording_id
        found[name] = _failed(name, heard[name], str(outcome.error)) if outcome.value is None else outcome.value
    return {name: found[name] for name in sorted(found)}


def _failed(name: str, heard: Heard, error: str) -> tuple[AircraftStretch, ...]:
    return (
        AircraftStretch(
            recording_id=name,
            start_s=heard.start_s,
            end_s=heard.start_s + heard.duration_s,
            state="masked",
            reasons=(f"aircraft could not be looked for ({error})",),
        ),
    )


def settled_aircraft(
    found: Mapping[str, tuple[AircraftStretch, ...]],
    groups: Sequence[Group],
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate],
    knowledge: Knowledge,
    ids: Ids,
    settings: Settings,
) -> tuple[AircraftSounds, Ids]:
    """Put what was found and what people state on the clocks, and give events their lasting ids.

    Parameters
    ----------
    found : mapping
        Stretches of every recording that was heard; those of a file hold for its copies of the same bytes.
    groups : sequence of Group
        Clocks of the sounds, with their lasting ids.
    recordings : sequence of Recording
        All of them.
    duplicates : sequence of Duplicate
        Recordings that are one witness.
    knowledge : Knowledge
        What people state, and whose device is whose.
    ids : Ids
        What earlier runs have named.
    settings : Settings
        Thresholds.

    Returns
    -------
    aircraft : AircraftSounds
        With ids.
    ids : Ids
        With the new events.
    """
    from syncview.detect.aircraft_score import CALIBRATION

    twins = first_of_twins([same for same in duplicates if same.kind == "same_file"])
    joined = join_aircraft(
        and_twins(found, twins),
        knowledge.aircraft,
        groups,
        recordings=recordings,
        duplicates=duplicates,
        devices=knowledge.devices,
        geometry=knowledge.geometry,
        settings=settings.aircraft,
        calibration=CALIBRATION,
    )
    named, ids = settle_events((*joined.events, *joined.candidates), recordings, ids)
    count = len(joined.events)
    return replace(joined, events=named[:count], candidates=named[count:]), ids
