"""File names as they are, and as they can be shown: names are evidence, and they come in every encoding."""

from __future__ import annotations

import base64
import os
import unicodedata
from pathlib import Path

__all__ = ["name_bytes_b64", "path_from_record", "shown_name", "shown_path"]

# Controls that turn the direction of writing around: a name with them can pretend another suffix.
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shown_path(path: Path) -> str:
    r"""Path as text that any document can carry: undecodable bytes become ``\xff``.

    Parameters
    ----------
    path : Path
        As the user gave it; it is not resolved.

    Returns
    -------
    str
        Valid Unicode. A line break in a name stays a line break.

    Examples
    --------
    >>> shown_path(Path(os.fsdecode(b"cam\xff.mp4")))
    'cam\\xff.mp4'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shown_name(path: Path) -> str:
    r"""Last part of a path for people: one line, nothing that steers a terminal or turns the writing around.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        The name, control characters escaped.

    Examples
    --------
    >>> shown_name(Path("a/two\nlines.mp4"))
    'two\\nlines.mp4'
    """
    name = path.name or str(path)
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(_escaped(char) if _steers(char) else char for char in text)


def _steers(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _DIRECTION_CONTROLS


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def name_bytes_b64(path: Path) -> str | None:
    """Raw bytes of a path in base64, when its text alone could not lead back to the file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str or None
        None where the path is plain UTF-8.

    Examples
    --------
    >>> name_bytes_b64(Path("cam1.mp4")) is None
    True
    """
    raw = os.fsencode(path)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode("ascii")
    return None


def path_from_record(path: str, path_bytes_b64: str | None) -> Path:
    """Lead back from what a `Recording` carries to the file on disk.

    Parameters
    ----------
    path : str
        `Recording.path`.
    path_bytes_b64 : str or None
        `Recording.path_bytes_b64`.

    Returns
    -------
    Path
        The path as the user gave it.

    Examples
    --------
    >>> path_from_record("cam1.mp4", None).name
    'cam1.mp4'
    """
    return Path(path) if path_bytes_b64 is None else Path(os.fsdecode(base64.b64decode(path_bytes_b64)))
