"""Originals as they are now, against the custody chain."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import track

from syncview.cli.output import safe_text
from syncview.errors import MediaError
from syncview.media.hashing import hash_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.store import CustodyFile, CustodyLine

__all__ = ["Original", "check_originals"]


OriginalState = Literal["unchanged", "changed", "replaced", "not found", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An original and what became of it; `path` is safe to show.

    "replaced": the file is as the last intake found it, but an earlier intake found another one of that name.
    """

    path: str
    state: OriginalState
    sha256_at_intake: str
    sha256_now: str | None


def check_originals(lines: Sequence[CustodyLine]) -> tuple[Original, ...]:
    """Hash every original again.

    Parameters
    ----------
    lines : sequence of CustodyLine
        The whole chain, the oldest first.

    Returns
    -------
    tuple of Original
        In the order of their paths.
    """
    intakes: dict[str, list[CustodyFile]] = {}
    for line in lines:
        for file in line.files if line.kind == "intake" else ():
            intakes.setdefault(file.path, []).append(file)
    shown = Console(stderr=True)
    work = track(sorted(intakes), description="Hashing originals", console=shown, disable=not sys.stderr.isatty())
    return tuple(_checked(path, intakes[path]) for path in work)


def _checked(path: str, intakes: Sequence[CustodyFile]) -> Original:
    expected = intakes[-1].sha256
    now: str | None
    state: OriginalState
    file = Path(path)
    try:
        now = hash_file(file) if file.is_file() else None  # what has become a pipe would never end
    except MediaError:
        now = None
    if now is None:
        state = "unreadable" if file.exists() else "not found"
    else:
        replaced = len({file.sha256 for file in intakes}) > 1
        state = "changed" if now != expected else "replaced" if replaced else "unchanged"
    return Original(path=safe_text(path), state=state, sha256_at_intake=expected, sha256_now=now)
