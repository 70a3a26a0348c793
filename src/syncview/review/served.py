"""The files of a case that its local server shows: the page, and the small copies of recordings.

What a request names is looked up in a table made from the timeline, and is never part of a path.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError
from syncview.review.proxies import proxy_target
from syncview.timeline.schema import load_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.store import CaseFolder

__all__ = ["MEDIA_TYPES", "PageFiles", "ServedFile"]

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".webm": "video/webm",
    ".weba": "audio/webm",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """A file that may be sent, as it was when it was asked for."""

    path: Path
    media_type: str
    state: os.stat_result


class PageFiles:
    """What may be asked for. A run in another process may add copies and change the timeline meanwhile.

    `sha256s` are those of the case's recordings.

    Parameters
    ----------
    folder : CaseFolder
        The case.

    Raises
    ------
    CaseFolderError
        It has no result or no page yet, or its page lies outside it.
    DocumentError
        Its timeline is damaged.
    """

    def __init__(self, folder: CaseFolder) -> None:
        self._folder = folder
        self._review = folder.path.resolve() / folder.review.name
        self._seen: tuple[int, int, int] | None = None
        self._names: Mapping[str, tuple[Path, str]] = {}
        self.sha256s: frozenset[str] = frozenset()
        self.refresh()
        self.page()

    def refresh(self) -> None:
        """Read the names of the recordings again, if a run has written another timeline since."""
        try:
            now = self._folder.timeline_file.stat()
        except FileNotFoundError as error:
            message = f"nothing was run in {self._folder.path} yet"
            raise CaseFolderError(message, hint=f"syncview run FILES... -o {self._folder.path}") from error
        seen = (now.st_mtime_ns, now.st_size, now.st_ino)
        if seen != self._seen:
            document = load_document(self._folder.timeline_file)
            targets = [proxy_target(self._review, recording) for recording in document.recordings]
            self._names = {
                f"{target.parent.name}/{target.name}{suffix}": (target.with_name(target.name + suffix), kind)
                for target in targets
                for suffix, kind in MEDIA_TYPES.items()
            }
            self.sha256s = frozenset(recording.sha256 for recording in document.recordings)
            self._seen = seen

    def page(self) -> str:
        """Read the page.

        Returns
        -------
        str
            Its HTML, as a run wrote it last.

        Raises
        ------
        CaseFolderError
            There is none, it cannot be read, or it is a link to elsewhere.
        """
        path = self._review / "index.html"
        if _state(path) is None:
            outside = os.path.lexists(path)
            message = f"{path} leads out of the case" if outside else f"{self._folder.path} has no page yet"
            hint = "put a copy there in place of the link" if outside else "run it again, without --no-page"
            raise CaseFolderError(message, hint=f"{hint}: syncview run -o {self._folder.path}")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path} cannot be read: {error}"
            raise CaseFolderError(message, hint=f"run it again: syncview run -o {self._folder.path}") from error

    def media(self, name: str) -> ServedFile | None:
        """Find a copy of a recording.

        Parameters
        ----------
        name : str
            As the page links to it.

        Returns
        -------
        ServedFile or None
            None for any other name, for a copy that is not made yet, and for a link to elsewhere.
        """
        if name not in self._names:
            return None
        path, kind = self._names[name]
        state = _state(path)
        return None if state is None else ServedFile(path=path, media_type=kind, state=state)


def _state(path: Path) -> os.stat_result | None:
    """State of a plain file; None when there is none, or when a link below the case leads to it."""
    try:
        if path.resolve(strict=True) != path:
            return None
        state = path.stat()
    except OSError:
        return None
    return state if stat.S_ISREG(state.st_mode) else None
