"""The folder with everything about one incident."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.case import parse_case, read_case_text
from syncview.errors import CaseFolderError
from syncview.store.cache import Cache
from syncview.store.custody import Custody
from syncview.store.files import leftovers, write_file, writing_fault
from syncview.store.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["CaseFolder"]

_LOCK = ".lock"
_EDIT_LOCK = ".case-file.lock"
_MARKS = (_LOCK, "case.toml", "ids.json", "custody.jsonl", "timeline.json")  # any of these makes a folder a case
_OURS = ("cache", "review", "decisions", "timeline.schema.json", "custody.head")  # what a run would write over
_EDIT_WAIT_S = 10.0  # an edit takes milliseconds; who waits longer has met something broken


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """Where the files of a case are, and how they are written.

    Made by `create` (to write) or `open` (to read). `path` is the folder as it was named.
    """

    path: Path

    @classmethod
    def create(cls, path: Path) -> CaseFolder:
        """Open a case folder to write to; made when absent.

        Parameters
        ----------
        path : Path
            The folder.

        Returns
        -------
        CaseFolder
            The folder, known to be writable.

        Raises
        ------
        CaseFolderError
            It cannot be made or written to, a file is in the way, or it holds another program's files under names
            that a run would write over.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            message = f"{path} cannot be a case folder: a file is in the way"
            raise CaseFolderError(message, hint="name another folder with -o") from error
        except OSError as error:
            raise writing_fault(path, error) from error
        folder = cls(path)
        folder._refuse_foreign()
        try:
            with tempfile.TemporaryFile(dir=path):  # permissions alone do not tell: disks are full or read-only
                return folder
        except OSError as error:
            raise writing_fault(path, error) from error

    @classmethod
    def open(cls, path: Path) -> CaseFolder:
        """Open an existing case folder to read from.

        Parameters
        ----------
        path : Path
            The folder.

        Returns
        -------
        CaseFolder
            The folder. Nothing was written.

        Raises
        ------
        CaseFolderError
            There is none, or it is no case folder.
        """
        if not path.is_dir():
            message = f"there is no case folder {path}"
            raise CaseFolderError(message, hint=f"make one: syncview run FILES... -o {path}")
        if not any((path / name).exists() for name in _MARKS):
            message = f"{path} is not a case folder"
            raise CaseFolderError(message, hint="name the folder that was given to syncview run with -o")
        return cls(path)

    @property
    def case_file(self) -> Path:
        """What people know."""
        return self.path / "case.toml"

    @property
    def ids_file(self) -> Path:
        """What must not change from run to run."""
        return self.path / "ids.json"

    @property
    def timeline_file(self) -> Path:
        """The result."""
        return self.path / "timeline.json"

    @property
    def schema_file(self) -> Path:
        """The published schema of the result."""
        return self.path / "timeline.schema.json"

    @property
    def review(self) -> Path:
        """Folder of the page."""
        return self.path / "review"

    @property
    def decisions(self) -> Path:
        """Folder of people's decisions, one file per reviewer."""
        return self.path / "decisions"

    @property
    def cache(self) -> Cache:
        """What a later run need not compute again."""
        return Cache(self.path / "cache")

    @property
    def custody(self) -> Custody:
        """Record of what came in."""
        return Custody(self.path)

    @contextlib.contextmanager
    def lock(self, *, wait_s: float = 0.0) -> Iterator[None]:
        """Keep other runs out for the length of a block. Pins and rejects can still be written meanwhile.

        Parameters
        ----------
        wait_s : float
            How long to wait for another run, in seconds; by default it is refused at once, since a run takes minutes.

        Raises
        ------
        CaseFolderError
            Another run holds the case.
        """
        with exclusive(self.path / _LOCK, wait_s=wait_s, what=f"case {self.path}"):
            for part in leftovers(self.cache.root):
                with contextlib.suppress(OSError):
                    part.unlink()
            yield

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file of the folder whole or not at all.

        Parameters
        ----------
        name : str
            Its name, with ``/`` for folders.
        content : str or bytes
            What it shall hold; text as UTF-8.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        CaseFolderError
            It cannot be written.
        """
        path = self.path / name
        write_file(path, content)
        return path

    def edit_case_file(self, change: Callable[[str], str]) -> bool:
        """Change the text of case.toml; two edits at once follow each other.

        Parameters
        ----------
        change : callable
            Takes the text (empty without a file), gives the new one, which is checked before it is written.

        Returns
        -------
        bool
            Whether anything changed.

        Raises
        ------
        CaseFileError
            The text has a mistake, before or after. Nothing is written.
        CaseFolderError
            It cannot be written.
        """
        with exclusive(self.path / _EDIT_LOCK, wait_s=_EDIT_WAIT_S, what=str(self.case_file)):
            before = read_case_text(self.case_file)
            after = change(before)
            if after == before and self.case_file.exists():
                return False
            parse_case(after, name=str(self.case_file))
            write_file(self.case_file, after)
            return True

    def replace_case_file(self, text: str) -> Path | None:
        """Put another text in the place of case.toml; what it said before is kept beside it.

        Parameters
        ----------
        text : str
            The new text.

        Returns
        -------
        Path or None
            Where the old text is now: ``case.toml.bak``, or with a number when there is one. None when nothing was
            lost.

        Raises
        ------
        CaseFileError
            The text has a mistake, or the old one cannot be read. Nothing is written.
        CaseFolderError
            It cannot be written.
        """
        parse_case(text, name=str(self.case_file))
        with exclusive(self.path / _EDIT_LOCK, wait_s=_EDIT_WAIT_S, what=str(self.case_file)):
            before = read_case_text(self.case_file)
            if before == text and self.case_file.exists():
                return None
            kept = None
            if before.strip():
                kept = next(path for path in self._backups() if not path.exists())
                write_file(kept, before)
            write_file(self.case_file, text)
            return kept

    def _backups(self) -> Iterator[Path]:
        yield self.path / "case.toml.bak"
        for number in itertools.count(2):
            yield self.path / f"case.toml.bak{number}"

    def _refuse_foreign(self) -> None:
        """Stop before a run writes over files that are not a case's: a web page in review/, another program's cache."""
        if any((self.path / name).exists() for name in (*_MARKS, _EDIT_LOCK)):
            return
        for name in _OURS:
            if (self.path / name).exists():
                message = f"{self.path} is no case folder, but holds {name!r}, which a case would write over"
                raise CaseFolderError(message, hint="name a new folder with -o")
