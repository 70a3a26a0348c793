"""The last run of a case: what it was given, and from where, so that it can be done again."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError, IntegrityError

if TYPE_CHECKING:
    from syncview.store import CaseFolder, CustodyLine

__all__ = ["inputs_again", "next_command"]


def inputs_again(folder: CaseFolder) -> tuple[Path, ...]:
    """Files and folders of the last run, as they were typed.

    They are not made absolute: paths in the result are shown as they were typed, and equal runs give equal bytes.

    Parameters
    ----------
    folder : CaseFolder
        The case.

    Returns
    -------
    tuple of Path
        To be used from the current folder.

    Raises
    ------
    CaseFolderError
        There was no run, or from the current folder the same words lead to other files or to none.
    IntegrityError
        The custody chain is damaged.
    """
    intakes = _intakes(folder)
    if not intakes:
        message = f"{folder.path} has no earlier run to repeat"
        raise CaseFolderError(message, hint=f"name the files: syncview run FILES... -o {folder.path}")
    command, started_in = intakes[-1].command, intakes[-1].started_in
    inputs = tuple(Path(argument) for argument in command[command.index("--") + 1 :])
    if started_in is not None and _leads_elsewhere(inputs, Path(started_in)):
        message = f"the files of the last run were named from {started_in}: {shlex.join(map(str, inputs))}"
        there = f"cd {shlex.quote(started_in)} && {shlex.join(('syncview', 'run', '-o', str(folder.path.absolute())))}"
        raise CaseFolderError(message, hint=f"run it from there: {there}; or name the files again")
    return inputs


def next_command(folder: CaseFolder) -> str:
    """Command that makes a statement take effect: the last run again, from the folder that it was started in.

    Parameters
    ----------
    folder : CaseFolder
        The case.

    Returns
    -------
    str
        For a shell in the current folder.
    """
    try:
        intakes = _intakes(folder)
    except IntegrityError:
        intakes = []
    if not intakes:
        return shlex.join(("syncview", "run", "FILES...", "-o", str(folder.path)))
    command, started_in = shlex.join(intakes[-1].command), intakes[-1].started_in
    if started_in is None or _is_here(Path(started_in)):
        return command
    return f"cd {shlex.quote(started_in)} && {command}"


def _intakes(folder: CaseFolder) -> list[CustodyLine]:
    return [line for line in folder.custody.verify() if line.kind == "intake"]


def _leads_elsewhere(inputs: tuple[Path, ...], started_in: Path) -> bool:
    """Whether relative paths lead elsewhere now. A case that was moved as a whole, with its footage, is no reason."""
    relative = [path for path in inputs if not path.is_absolute()]
    if not relative or _is_here(started_in):
        return False
    return any((started_in / path).exists() or not path.exists() for path in relative)


def _is_here(folder: Path) -> bool:
    try:
        return folder.samefile(os.curdir)
    except OSError:
        return False
