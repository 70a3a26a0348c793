"""What a worker process finds of the passages that a recording shows again, and what they say of its bangs.

A step of its own, since nothing before the strikes asks for it: it is done while pairs are compared.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import Replay
from syncview.pipeline.listen import cached_features
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Detection
    from syncview.pipeline.listen import Heard, ListenJob

__all__ = ["search_replays", "with_replays"]

_REPLAYS = "replays-1"  # raised when the same settings give another result than before


def search_replays(job: ListenJob) -> tuple[Replay, ...]:
    """Look for passages that a recording repeats, or read what is known of them.

    Parameters
    ----------
    job : ListenJob
        A recording that was listened to.

    Returns
    -------
    tuple of Replay
        In order of time.

    Raises
    ------
    CaseFolderError
        If its features are not in the cache any more.
    """
    cache = Cache(job.cache_root)
    key = cache_key(_REPLAYS, [job.sha256], {"of": job.key, "sync": asdict(job.sync)})
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[Replay, ...], document)
        except DocumentError:
            pass  # written by something else: look again
    from syncview.sync.replays import replays

    features = cached_features(job.cache_root, job.recording_id, job.key, job.sync, alone=True)
    found = replays(features, settings=job.sync)
    cache.store_json(key, to_json(found))
    return found


def with_replays(heard: Heard, shown_again: Sequence[Replay]) -> Heard:
    """Add the passages that are shown again, and say of each sound in one where it was first.

    Parameters
    ----------
    heard : Heard
        What was heard in a recording.
    shown_again : sequence of Replay
        From `search_replays`.

    Returns
    -------
    Heard
    """
    detections = tuple(_with_replay(found, shown_again) for found in heard.detections)
    return replace(heard, detections=detections, replays=tuple(shown_again))


def _with_replay(found: Detection, shown_again: Sequence[Replay]) -> Detection:
    for replay in shown_again:
        if replay.start_s - replay.uncertainty_s <= found.time_s <= replay.end_s + replay.uncertainty_s:
            return replace(found, replay_of_s=replay.original_start_s + (found.time_s - replay.start_s) * replay.speed)
    return found
