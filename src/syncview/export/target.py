"""Files that an export must not take the place of: originals, whatever lies beside them, and the case itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.errors import IntegrityError
from syncview.media.names import path_from_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.store import CaseFolder, CustodyLine
    from syncview.timeline.recordings import RecordingEntry

__all__ = ["reason_to_refuse"]


def reason_to_refuse(folder: CaseFolder, recordings: Sequence[RecordingEntry], target: Path) -> str | None:
    """Say why a file must not be written over.

    Parameters
    ----------
    folder : CaseFolder
        The case. All its intakes count, not only the last.
    recordings : sequence of RecordingEntry
        Recordings of its timeline.
    target : Path
        Where an export shall go.

    Returns
    -------
    str or None
        What the file is; None when there is no such file, or it may be replaced. Files in a folder that was given to
        a run are kept whatever their content: copies and files that a person left out are evidence too.
    """
    if not os.path.lexists(target):
        return None
    places = (target.resolve(), target.parent.resolve() / target.name)  # a link counts where it lies and where it leads
    if any(_inside(place, folder.path) for place in places):
        return "a file of the case"
    try:
        lines = [line for line in folder.custody.verify() if line.kind == "intake"]
    except IntegrityError:
        return "there already, and the damaged custody.jsonl does not tell whether it is an original"
    originals = {Path(file.path) for line in lines for file in line.files}
    originals |= {path_from_record(recording.path, recording.path_bytes_b64) for recording in recordings}
    inputs = {path for line in lines for path in _inputs(line)}
    if any(_same(target, path) for path in originals | inputs):
        return "an original"
    inside = next((path for path in sorted(inputs) if any(_inside(place, path) for place in places)), None)
    return None if inside is None else f"in {inside}, a folder of originals, and there already"


def _inputs(line: CustodyLine) -> Iterator[Path]:
    """Files and folders that a run was given. What folder it ran in, its originals show."""
    given = (
        [Path(argument) for argument in line.command[line.command.index("--") + 1 :]] if "--" in line.command else []
    )
    taken = [Path(file.path) for file in line.files]
    bases = {Path.cwd(), *(base for argument in given for base in _bases(argument, taken))}
    for base in bases:
        yield from (base / argument for argument in given)


def _bases(argument: Path, taken: Sequence[Path]) -> Iterator[Path]:
    """Folders from which a relative argument leads to originals; for the folder itself, the one that holds them."""
    length = len(argument.parts)
    if argument.is_absolute() or not taken:
        return
    if length == 0:
        yield Path(os.path.commonpath([path.parent for path in taken]))
        return
    for path in taken:
        for place in (path, *path.parents):
            if place.parts[-length:] == argument.parts:
                yield Path(*place.parts[:-length])


def _inside(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder.resolve())


def _same(target: Path, path: Path) -> bool:
    """Whether two names lead to one file on the disk; hard links do."""
    try:
        return target.resolve() == path.resolve() or target.samefile(path)
    except OSError:  # a name that leads nowhere (any more) is no file to be harmed
        return False
