"""What goes to people and programs: results on stdout, everything else on stderr.

File names come from strangers. Shown as they are, one could move the cursor, forge a line or turn the writing round;
so everything but JSON is made safe first.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import unicodedata

import click

__all__ = ["result", "result_json", "safe_text", "say", "set_up_logging", "set_up_streams"]

_STEERING = frozenset(("Cc", "Cs", "Zl", "Zp"))  # controls, lone surrogates, line and paragraph separators
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def safe_text(text: str) -> str:
    r"""Text in one line in which nothing steers a terminal.

    Parameters
    ----------
    text : str
        Anything, such as a file name as the system gave it.

    Returns
    -------
    str
        The same with control characters, line breaks, direction marks and bytes that are no text as escapes.

    Examples
    --------
    >>> safe_text("a\nb\x1b[2J\udcff.mp4")
    'a\\nb\\x1b[2J\\xff.mp4'
    """
    return "".join(_escaped(character) if _steers(character) else character for character in text)


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _STEERING or character in _DIRECTION


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # how Python carries a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def result(line: str = "") -> None:
    """Print one line of the result on stdout."""
    click.echo(safe_text(line))


def result_json(document: object) -> None:
    """Print the result as JSON on stdout; in ASCII where stdout is not UTF-8."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    click.echo(json.dumps(document, ensure_ascii=encoding != "utf8", allow_nan=False, indent=2))


def say(line: str) -> None:
    """Tell the person something on stderr, in one line."""
    click.echo(safe_text(line), err=True)


def set_up_streams() -> None:
    """Let no character that the terminal cannot show stop a run: it is printed as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _StderrHandler(logging.Handler):
    """Log records as lines on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        say(f"syncview: {self.format(record)}")


def set_up_logging(*, debug: bool = False) -> None:
    """Print what the rooms log: warnings, with `debug` everything."""
    logger = logging.getLogger("syncview")
    logger.handlers = [_StderrHandler()]
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
