"""SHA-256 of a file, read in blocks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from syncview.errors import MediaError
from syncview.media.names import shown_path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["hash_file"]


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits.

    Parameters
    ----------
    path : Path
        The file; it is read in blocks, so its size does not matter for memory.

    Returns
    -------
    str
        Lower-case hexadecimal digest.

    Raises
    ------
    MediaError
        When the file cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "a.bin")
    ...     _ = file.write_bytes(b"abc")
    ...     hash_file(file)[:16]
    'ba7816bf8f01cfea'
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        message = f"{shown_path(path)}: cannot be read ({error.strerror})"
        raise MediaError(message, hint="check that the file is there and that you may read it") from error
