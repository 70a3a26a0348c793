"""Do one piece of work for every file in worker processes, where the cache does not hold its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Recording
    from syncview.pipeline.run import Progress
    from syncview.settings import MediaSettings

__all__ = ["FileJob", "for_each_file"]


class FileJob(Protocol):
    """What a worker is given: at least the recording that it is about."""

    @property
    def recording_id(self) -> str:
        """The recording."""


JobT = TypeVar("JobT", bound=FileJob)
FoundT = TypeVar("FoundT")


def for_each_file(
    pool: WorkerPool,
    work: Callable[[JobT], FoundT],
    jobs: Mapping[str, JobT],
    known: Mapping[str, FoundT],
    *,
    stage: str,
    recordings: Sequence[Recording],
    seconds_per_media_s: float,
    media: MediaSettings,
    progress: Progress,
) -> tuple[dict[str, FoundT], dict[str, SyncViewError]]:
    """Work through the jobs whose outcome is not known.

    Parameters
    ----------
    pool : WorkerPool
        Processes that open media.
    work : callable
        What a worker does with a job.
    jobs : mapping
        Jobs by recording id.
    known : mapping
        Outcomes that the cache holds, by recording id.
    stage : str
        Name of the stage, for the progress.
    recordings : sequence of Recording
        Their lengths bound the time that a file may take.
    seconds_per_media_s : float
        Seconds allowed per second of media.
    media : MediaSettings
        The least time allowed.
    progress : Progress
        Told of every file.

    Returns
    -------
    tuple of dict
        Outcomes and errors, by recording id; a file that fails costs no other its outcome.
    """
    length_s = {r.id: float(r.duration_s or 0) for r in recordings}

    def timeout_s(job: JobT) -> float:
        return max(media.decode_timeout_floor_s, seconds_per_media_s * length_s[job.recording_id])

    found, failed = dict(known), {}
    todo = [job for name, job in jobs.items() if name not in known]
    progress(stage, len(found), len(jobs))
    for done, outcome in enumerate(pool.run(work, todo, timeout_s=timeout_s), start=len(found) + 1):
        progress(stage, done, len(jobs))
        if outcome.error is not None:
            failed[outcome.item.recording_id] = outcome.error
        elif outcome.value is not None:
            found[outcome.item.recording_id] = outcome.value
    return {name: found[name] for name in sorted(found)}, failed
