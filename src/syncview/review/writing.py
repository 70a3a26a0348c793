"""The page and the small copies that it plays, written into a case folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError
from syncview.media.proxy import ProxyJob, do_proxy_job
from syncview.review.page import render_page
from syncview.review.proxies import proxy_hrefs, proxy_target, stale_proxies

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.media.workers import WorkerPool
    from syncview.pipeline import Progress
    from syncview.settings import MediaSettings
    from syncview.store import CaseFolder
    from syncview.timeline.schema import TimelineDocument

__all__ = ["write_review"]

_PAGE = "review/index.html"
_STAGE = "small copies"


def write_review(
    folder: CaseFolder,
    document: TimelineDocument,
    sources: Mapping[str, Path],
    *,
    settings: MediaSettings,
    pool: WorkerPool,
    progress: Progress,
) -> tuple[str, ...]:
    """Write CASE/review: the page first, so that it can be opened while the copies are made, and again at the end.

    Parameters
    ----------
    folder : CaseFolder
        The case, locked by this run.
    document : TimelineDocument
        The timeline.
    sources : mapping of str to Path
        The original of each recording, by id; only read.
    settings : MediaSettings
        Limits of the processes.
    pool : WorkerPool
        Processes that make copies.
    progress : Progress
        Told of every copy.

    Returns
    -------
    tuple of str
        What went wrong, one line per recording that the page shows without a preview. Copies that are there already
        are not made again; those of files that are no longer in the case are removed.

    Raises
    ------
    CaseFolderError
        If the folder cannot be written.
    """
    _write_page(folder, document)
    _remove_stale(folder.review, document)
    troubles = _make_copies(folder.review, document, sources, settings, pool, progress)
    _write_page(folder, document)
    return troubles


def _write_page(folder: CaseFolder, document: TimelineDocument) -> None:
    folder.write(_PAGE, render_page(document, media_hrefs=proxy_hrefs(folder.review, document)))


def _remove_stale(review: Path, document: TimelineDocument) -> None:
    for path in stale_proxies(review, document):
        try:
            path.unlink()
        except OSError as error:
            msg = f"{path} cannot be removed: {error.strerror}"
            raise CaseFolderError(msg, hint="close the program that plays it, and run again") from error


def _make_copies(
    review: Path,
    document: TimelineDocument,
    sources: Mapping[str, Path],
    settings: MediaSettings,
    pool: WorkerPool,
    progress: Progress,
) -> tuple[str, ...]:
    present = proxy_hrefs(review, document)
    wanted = {
        proxy_target(review, recording): recording
        for recording in document.recordings
        if recording.kind != "unreadable" and recording.id not in present and recording.id in sources
    }
    if not wanted:
        return ()
    next(iter(wanted)).parent.mkdir(parents=True, exist_ok=True)
    jobs = [ProxyJob(source=sources[recording.id], target=target) for target, recording in wanted.items()]

    def limit_s(job: ProxyJob) -> float:
        length_s = wanted[job.target].duration_s or 0.0
        return settings.decode_timeout_floor_s + settings.proxy_timeout_per_media_s * length_s

    troubles = []
    for done, outcome in enumerate(pool.run(do_proxy_job, jobs, timeout_s=limit_s), start=1):
        progress(_STAGE, done, len(jobs))
        if outcome.error is not None:
            name = wanted[outcome.item.target].name_display
            troubles.append(f"{name} has no preview on the page: {outcome.error}")
    return tuple(troubles)
