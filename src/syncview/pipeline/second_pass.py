"""Listen again to the recordings that should have heard a strike and reported nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import Detection
from syncview.pipeline.cached_sound import cached_sound
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.per_file import for_each_file
from syncview.reconstruct.expected import expected_arrivals
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.media.workers import WorkerPool
    from syncview.model import Duplicate, Group, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.run import Progress
    from syncview.reconstruct.expected import ExpectedArrival
    from syncview.settings import Settings

__all__ = ["listen_again"]

_AGAIN = "again-2"  # raised when the same settings give another result than before


@dataclass(frozen=True, slots=True, kw_only=True)
class _AgainJob:
    """Stretches of one recording to look at again, and what the first pass found there."""

    recording_id: str
    listen: ListenJob
    start_s: float
    expected: tuple[ExpectedArrival, ...]
    known_s: tuple[float, ...]


def listen_again(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    groups: Sequence[Group],
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate],
    knowledge: Knowledge,
    settings: Settings,
    progress: Progress,
) -> dict[str, Heard]:
    """Add the weaker sounds that lie where a strike heard by others should have arrived.

    Parameters
    ----------
    pool : WorkerPool
        Processes that listen.
    jobs : mapping of str to ListenJob
        The recordings that were heard.
    heard : mapping of str to Heard
        What was heard in them.
    groups : sequence of Group
        Clocks of the pictures; their ids may still be empty.
    recordings : sequence of Recording
        Where they could not hear.
    duplicates : sequence of Duplicate
        Recordings that are one witness.
    knowledge : Knowledge
        Places and skews.
    settings : Settings
        Thresholds and limits.
    progress : Progress
        Told of every recording.

    Returns
    -------
    dict of str to Heard
        Where the sound could not be read again, with a warning.
    """
    told = dict(heard)
    expected = expected_arrivals(
        [d for name in sorted(heard) for d in heard[name].detections],
        sound_clocks([replace(group, id=f"g{n}") for n, group in enumerate(groups, start=1)], knowledge),
        geometry=knowledge.geometry,
        settings=settings,
        recordings=recordings,
        duplicates=duplicates,
    )
    todo = {
        name: _AgainJob(
            recording_id=name,
            listen=jobs[name],
            start_s=heard[name].start_s,
            expected=tuple(each for each in expected if each.recording_id == name),
            known_s=tuple(found.time_s for found in heard[name].detections),
        )
        for name in sorted({each.recording_id for each in expected} & jobs.keys())
    }
    if not todo:
        return told
    found, failed = for_each_file(
        pool,
        _look_again,
        todo,
        {},
        stage="listening again",
        recordings=recordings,
        seconds_per_media_s=settings.media.decode_timeout_per_media_s,
        media=settings.media,
        progress=progress,
    )
    for name, more in found.items():
        both = sorted((*told[name].detections, *more), key=lambda d: d.time_s)
        told[name] = replace(told[name], detections=tuple(both))
    for name, error in failed.items():
        warning = f"it could not be listened to again where others heard a strike ({error})"
        told[name] = replace(told[name], warnings=(*told[name].warnings, warning))
    return told


def _look_again(job: _AgainJob) -> tuple[Detection, ...]:
    """What one recording holds in its stretches, from the cache where it is known."""
    cache = Cache(job.listen.cache_root)
    said = {"of": job.listen.key, "known_s": list(job.known_s), "expected": [asdict(each) for each in job.expected]}
    key = cache_key(_AGAIN, [job.listen.sha256], said)
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[Detection, ...], document)
        except DocumentError:
            pass  # written by something else: look again
    from syncview.detect.blasts import clip_levels
    from syncview.detect.second_look import Expected, second_look

    detect = job.listen.detect
    clip = cached_sound(job.listen, job.start_s)
    found = second_look(
        clip,
        [Expected(time_s=e.time_s, half_s=e.half_s, most_chance=e.most_chance) for e in job.expected],
        known_s=job.known_s,
        levels=clip_levels(clip.samples, clip.rate_hz, settings=detect),
        settings=detect,
    )
    cache.store_json(key, to_json(found))
    return found
