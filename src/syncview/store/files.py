"""Files that are written whole or not at all, and JSON in one form."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["hash_of_settings", "leftovers", "replacing", "to_json_text", "write_file", "writing_fault"]

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def to_json_text(document: object) -> str:
    r"""Write a document in the one form of all JSON files here.

    Parameters
    ----------
    document : object
        Dicts with their keys in the order to be written, lists, text, finite numbers.

    Returns
    -------
    str
        Indented JSON with LF line ends and one at the end.

    Raises
    ------
    ValueError
        A number is not finite.

    Examples
    --------
    >>> to_json_text({"b": 1, "a": "سوق"})
    '{\n  "b": 1,\n  "a": "سوق"\n}\n'
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def hash_of_settings(settings: Mapping[str, object]) -> str:
    """SHA-256 of settings, whatever the order of their keys.

    Examples
    --------
    >>> hash_of_settings({"a": 1, "b": 2.5}) == hash_of_settings({"b": 2.5, "a": 1})
    True
    """
    text = json.dumps(settings, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `path` when the block ends without an error.

    A reader sees the old file or the new one, never a part; a run killed meanwhile leaves only a file that `leftovers`
    finds.

    Parameters
    ----------
    path : Path
        The file to make or replace. Its folder is made when absent.
    durable : bool
        Bring the new content to the disk before its name, so that even a power cut leaves one or the other.

    Yields
    ------
    Path
        A new name in the same folder, with the same suffix.

    Raises
    ------
    CaseFolderError
        The file cannot be written.
    """
    part = _part_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if durable:
            _flush_to_disk(part)
        part.replace(path)
        if durable:
            _flush_folder(path.parent)
    except OSError as error:
        raise writing_fault(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all; text as UTF-8.

    Parameters
    ----------
    path : Path
        The file to make or replace.
    content : str or bytes
        What it shall hold.
    durable : bool
        As for `replacing`.

    Raises
    ------
    CaseFolderError
        The file cannot be written.
    """
    with replacing(path, durable=durable) as part:
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def leftovers(folder: Path) -> Iterator[Path]:
    """Unfinished files that killed runs left in a folder and below."""
    for where, _, names in os.walk(folder):
        for name in names:
            if name.startswith(".") and ".part" in name:
                yield folder.__class__(where, name)


def writing_fault(path: Path, error: OSError) -> CaseFolderError:
    """Error for a file of the case folder that cannot be written."""
    if error.errno in _NO_SPACE:
        return CaseFolderError(f"{path} cannot be written: the disk is full", hint="free some space and run again")
    hint = "name a folder with -o that you may write to"
    return CaseFolderError(f"{path} cannot be written: {error.strerror or error}", hint=hint)


def _part_of(path: Path) -> Path:
    try:
        return path.with_name(f".{path.stem}.{secrets.token_hex(6)}.part{path.suffix}")
    except ValueError as error:  # such as "/" or "."
        message = f"{path} cannot be written: it is no name of a file"
        raise CaseFolderError(message, hint="name a file") from error


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)  # Windows flushes only what is open for writing
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Put the new name itself on the disk, where the system knows that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network disks refuse it; the rename itself has succeeded
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
