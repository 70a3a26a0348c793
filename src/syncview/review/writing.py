"""Writing CASE/review: the page first, then the copies that it plays, as they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.media.proxy import write_proxy
from syncview.media.workers import WorkerPool
from syncview.review.page import render_page
from syncview.review.proxies import proxy_hrefs, proxy_target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.pipeline import Progress
    from syncview.settings import MediaSettings
    from syncview.store import CaseFolder
    from syncview.timeline.schema import TimelineDocument

__all__ = ["write_review"]

_PAGE = "review/index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProxyJob:
    source: Path
    target: Path
    limit_s: float


def _make(job: _ProxyJob) -> None:
    write_proxy(job.source, job.target)


def write_review(
    folder: CaseFolder,
    document: TimelineDocument,
    sources: Mapping[str, Path],
    *,
    settings: MediaSettings,
    workers: int,
    progress: Progress,
) -> tuple[str, ...]:
    """Write the page and the small copies that it plays.

    Parameters
    ----------
    folder : CaseFolder
        The case, locked by this run.
    document : TimelineDocument
        The timeline.
    sources : mapping of str to Path
        The original of each recording, by id; only read.
    settings : MediaSettings
        Limits of the workers.
    workers : int
        Processes that make copies.
    progress : Progress
        Told of every copy.

    Returns
    -------
    tuple of str
        One line for each recording that the page cannot play, with the reason.
    """
    (folder.review / "media").mkdir(parents=True, exist_ok=True)
    there = proxy_hrefs(folder.review, document)
    folder.write(_PAGE, render_page(document, media_hrefs=there))
    wanted = {r.sha256: r for r in reversed(document.recordings) if r.kind != "unreadable" and r.id not in there}
    jobs = [
        _ProxyJob(
            source=sources[recording.id],
            target=proxy_target(folder.review, recording),
            limit_s=max(
                settings.decode_timeout_floor_s, settings.proxy_timeout_per_media_s * (recording.duration_s or 0.0)
            ),
        )
        for _, recording in sorted(wanted.items())
        if recording.id in sources
    ]
    troubles = []
    with WorkerPool(workers=workers, memory_limit_mib=settings.memory_limit_mib) as pool:
        for done, outcome in enumerate(pool.run(_make, jobs, timeout_s=lambda job: job.limit_s), start=1):
            progress("making copies", done, len(jobs))
            if outcome.error is not None:
                troubles.append(f"the page cannot play this file: {outcome.error}")
    if jobs:
        folder.write(_PAGE, render_page(document, media_hrefs=proxy_hrefs(folder.review, document)))
    return tuple(troubles)
