"""What a worker process sees of people and vehicles in a span of one recording, and all spans of all recordings.

A recording is cut into spans on a grid of its own time, so that the result does not depend on how many work on it, and
a run that was ended goes on where it was. The arrays stay in the cache; only their number travels.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from syncview.media.shown import shown_size
from syncview.model import Figures, Watched
from syncview.store.cache import Cache, cache_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Recording
    from syncview.pipeline.look import LookJob, Seen
    from syncview.pipeline.run import Progress
    from syncview.settings import MovementSettings, Settings

__all__ = ["LostSpan", "WatchJob", "shown_size_px", "watch", "watch_all", "watch_jobs"]

# Raised when the same settings give another result than before.
_WATCH = "watch-2"
_TIMES = "frame-times-1"

_STAGE = "movement"
_SLACK_S = 1e-6

_ROWS = ("times_s", "indices", "motion", "brightness", "contrast", "sharpness", "strange_motion")
_FIGURES = ("frame", "boxes_px", "scores", "vehicle", "light_head", "vivid_head", "vivid_body")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchJob:
    """A span of a recording. `end_s` may lie beyond the recording's end.

    `shown_px` is width and height of the displayed picture; `weights_sha256` tells with which network it is looked at.
    """

    recording_id: str
    path: Path
    sha256: str
    cache_root: Path
    start_s: float
    end_s: float
    shown_px: tuple[int, int]
    weights_sha256: str
    movement: MovementSettings

    @property
    def key(self) -> str:
        """Name of the result in the cache."""
        parts = {
            "movement": asdict(self.movement),
            "span_s": [self.start_s, self.end_s],
            "weights": self.weights_sha256,
        }
        return cache_key(_WATCH, [self.sha256], parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSpan:
    """A span that could not be looked at, and why."""

    start_s: float
    end_s: float
    error: SyncViewError


def watch_jobs(
    looks: Mapping[str, LookJob],
    seen: Mapping[str, Seen],
    recordings: Sequence[Recording],
    *,
    weights_sha256: str,
    settings: MovementSettings,
) -> tuple[WatchJob, ...]:
    """Cut recordings into spans.

    Parameters
    ----------
    looks : mapping of str to LookJob
        The recordings, by id.
    seen : mapping of str to Seen
        From when to when their pictures run.
    recordings : sequence of Recording
        Their containers: what cannot be entered in the middle is one span.
    weights_sha256 : str
        Of the network.
    settings : MovementSettings
        The part `movement`.

    Returns
    -------
    tuple of WatchJob
        By recording and time.
    """
    jobs = []
    for recording in sorted((r for r in recordings if r.id in looks), key=lambda r: r.id):
        look, shown = looks[recording.id], seen[recording.id]
        jobs += [
            WatchJob(
                recording_id=recording.id,
                path=look.path,
                sha256=look.sha256,
                cache_root=look.cache_root,
                start_s=start_s,
                end_s=end_s,
                shown_px=shown_size_px(recording),
                weights_sha256=weights_sha256,
                movement=settings,
            )
            for start_s, end_s in _spans(shown, settings.span_s, whole=not _can_be_entered(recording))
        ]
    return tuple(jobs)


def _can_be_entered(recording: Recording) -> bool:
    from syncview.media.entering import can_be_entered

    return recording.container is not None and can_be_entered(recording.container.format)


def _spans(shown: Seen, span_s: float, *, whole: bool) -> list[tuple[float, float]]:
    """On a grid of recording time; the last one ends beyond the last frame."""
    first, last = int(max(shown.start_s, 0.0) // span_s), int(max(shown.end_s, 0.0) // span_s)
    if whole:
        return [(first * span_s, (last + 1) * span_s)]
    return [(k * span_s, (k + 1) * span_s) for k in range(first, last + 1)]


def shown_size_px(recording: Recording) -> tuple[int, int]:
    """Width and height of a recording's picture as it is shown; 1 x 1 without one."""
    video = recording.video
    if video is None:
        return 1, 1
    turns = video.rotation_deg // 90
    return shown_size(video.width_px, video.height_px, pixel_aspect=video.pixel_aspect, turns=turns)


def watch(job: WatchJob) -> int:
    """Look for people and vehicles in a span; what is seen goes to the cache.

    Parameters
    ----------
    job : WatchJob
        The span.

    Returns
    -------
    int
        How many frames were looked at.

    Raises
    ------
    MediaError
        If the file cannot be opened.
    DetectorError
        If the network cannot be opened.
    """
    from syncview.media.colour import colour_frames, made_smaller
    from syncview.pipeline.watcher import Watcher

    settings = job.movement
    watcher = Watcher(settings)
    pictures = colour_frames(
        job.path,
        start_s=job.start_s,
        end_s=job.end_s,
        rate_hz=settings.rate_hz,
        long_side_px=settings.long_side_px,
    )
    size_px = made_smaller(job.shown_px, settings.long_side_px)
    for time_s, picture in pictures:
        watcher.look(time_s, _sized(picture, size_px), counts=time_s >= job.start_s - _SLACK_S)
    watched = watcher.finish(_frame_times_s(job))
    Cache(job.cache_root).store_arrays(job.key, _arrays(watched))
    return len(watched.times_s)


def _sized(picture: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture stretched to a size: all spans of a file have one, even where its pictures change theirs midway."""
    if picture.shape[1::-1] == size_px:
        return picture
    import cv2  # slow to import, and hardly ever needed

    return np.asarray(cv2.resize(picture, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def _frame_times_s(job: WatchJob) -> NDArray[np.float64]:
    """Times of all frames of the file: read once, since for that all of its packets must be."""
    from syncview.media.frame_times import frame_times_s

    cache, key = Cache(job.cache_root), cache_key(_TIMES, [job.sha256], {})
    known = cache.load_arrays(key)
    if known is not None and "times_s" in known:
        return known["times_s"]
    times_s = frame_times_s(job.path)
    cache.store_arrays(key, {"times_s": times_s})
    return times_s


def _arrays(watched: Watched) -> dict[str, NDArray[np.generic]]:
    found: dict[str, NDArray[np.generic]] = {name: getattr(watched, name) for name in _ROWS}
    found |= {f"figures_{name}": getattr(watched.figures, name) for name in _FIGURES}
    return found | {"size_px": np.array(watched.size_px, dtype=np.int64)}


def watch_all(
    pool: WorkerPool,
    jobs: Sequence[WatchJob],
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, Watched], dict[str, list[LostSpan]]]:
    """Look at every span that the cache does not hold, and join the spans of each recording.

    Parameters
    ----------
    pool : WorkerPool
        Processes that open media.
    jobs : sequence of WatchJob
        From `watch_jobs`.
    recordings : sequence of Recording
        Their lengths bound the time that a span may take.
    settings : Settings
        Limits.
    progress : Progress
        Told of every span.

    Returns
    -------
    watched : dict of str to Watched
        By recording id; without those of which no span could be looked at.
    lost : dict of str to list of LostSpan
        What could not be looked at, and why.
    """
    length_s = {r.id: float(r.duration_s or 0) for r in recordings}
    media = settings.media

    def timeout_s(job: WatchJob) -> float:
        span_s = min(job.end_s - job.start_s, length_s[job.recording_id])
        return max(media.decode_timeout_floor_s, job.movement.timeout_per_media_s * span_s)

    todo = [job for job in jobs if not Cache(job.cache_root).has(job.key, ".npz")]
    progress(_STAGE, len(jobs) - len(todo), len(jobs))
    lost: dict[str, list[LostSpan]] = {}
    for done, outcome in enumerate(pool.run(watch, todo, timeout_s=timeout_s), start=len(jobs) - len(todo) + 1):
        progress(_STAGE, done, len(jobs))
        if outcome.error is not None:
            job = outcome.item
            lost.setdefault(job.recording_id, []).append(
                LostSpan(start_s=job.start_s, end_s=job.end_s, error=outcome.error)
            )
    from syncview.detect.tracker import join_watched

    parts: dict[str, list[Watched]] = {}
    for job in jobs:
        arrays = Cache(job.cache_root).load_arrays(job.key)
        if arrays is not None and len(arrays["times_s"]):
            parts.setdefault(job.recording_id, []).append(_watched(arrays))
    return {name: join_watched(each) for name, each in parts.items()}, lost


def _watched(arrays: Mapping[str, NDArray[Any]]) -> Watched:
    width_px, height_px = (int(side) for side in arrays["size_px"])
    return Watched(
        size_px=(width_px, height_px),
        **{name: arrays[name] for name in _ROWS},
        figures=Figures(**{name: arrays[f"figures_{name}"] for name in _FIGURES}),
    )
