"""Where the page's copies of recordings lie: named by content, so that equal files share one and none goes stale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.timeline.recordings import RecordingEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["proxy_hrefs", "proxy_target", "stale_proxies"]

_FOLDER = "media"
_NAME_DIGITS = 16  # of SHA-256: no two files of a case share them by chance
_NAME = re.compile(f"[0-9a-f]{{{_NAME_DIGITS}}}")


def proxy_target(review: Path, recording: RecordingEntry) -> Path:
    """Where a recording's copy goes, without suffix, as `syncview.media.proxy.write_proxy` takes it.

    Parameters
    ----------
    review : Path
        CASE/review.
    recording : RecordingEntry
        The recording.

    Returns
    -------
    Path
        A name in CASE/review/media.
    """
    return review / _FOLDER / recording.sha256[:_NAME_DIGITS]


def proxy_hrefs(review: Path, document: TimelineDocument) -> dict[str, str]:
    """Links from the page to the copies that exist.

    Parameters
    ----------
    review : Path
        CASE/review.
    document : TimelineDocument
        The timeline.

    Returns
    -------
    dict of str to str
        Relative link by recording id; recordings without a copy are absent.
    """
    present = {path.stem: path.name for path in _copies(review)}
    stems = {recording.id: proxy_target(review, recording).name for recording in document.recordings}
    return {name: f"{_FOLDER}/{present[stem]}" for name, stem in stems.items() if stem in present}


def stale_proxies(review: Path, document: TimelineDocument) -> list[Path]:
    """Copies of files that are no longer in the case: a source who withdraws a file must not live on in the page.

    Parameters
    ----------
    review : Path
        CASE/review.
    document : TimelineDocument
        The timeline.

    Returns
    -------
    list of Path
        Files that may be removed; nothing but copies made here.
    """
    wanted = {proxy_target(review, recording).name for recording in document.recordings}
    return [path for path in _copies(review) if path.stem not in wanted]


def _copies(review: Path) -> list[Path]:
    return [path for path in sorted((review / _FOLDER).glob("*.*")) if _NAME.fullmatch(path.stem)]
