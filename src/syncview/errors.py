"""Every error that syncview raises on purpose.

::

    SyncViewError
      MediaError            a media file cannot be opened or decoded
      CaseFileError         case.toml or a reference in it is wrong; names the line
      CaseFolderError       the case folder cannot be used (not writable, locked, damaged)
      IntegrityError        something changed that must not change
      DocumentError         a timeline.json that does not fit its schema
      SettingError          a setting outside its range
      InputError            arrays of the wrong shape, type or content

The message says what is wrong, with which file, and what to try. Only ``cli`` prints them.
"""

from __future__ import annotations

__all__ = [
    "CaseFileError",
    "CaseFolderError",
    "DocumentError",
    "InputError",
    "IntegrityError",
    "MediaError",
    "SettingError",
    "SyncViewError",
]


class SyncViewError(Exception):
    """Root of all errors raised on purpose.

    Parameters
    ----------
    message : str
        What is wrong, with which file.
    hint : str, optional
        What the reader can try.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} ({self.hint})"


class MediaError(SyncViewError):
    """A media file cannot be opened or decoded."""


class CaseFileError(SyncViewError):
    """case.toml is wrong, or names a recording that is not there."""


class CaseFolderError(SyncViewError):
    """The case folder cannot be used."""


class IntegrityError(SyncViewError):
    """Something changed that must not change."""


class DocumentError(SyncViewError):
    """A document does not fit its schema."""


class SettingError(SyncViewError):
    """A setting lies outside its range."""


class InputError(SyncViewError):
    """An array has the wrong shape, type or content."""
