"""What the verbs that read footage share: the files they are given, and what to say of the ones that failed."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from syncview.cli.output import say
from syncview.cli.shell import DONE, LOOK, UNREADABLE
from syncview.media.names import shown_path
from syncview.media.workers import WorkerPool
from syncview.settings import MovementMode, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from syncview.model import IgnoredFile
    from syncview.pipeline import Analysis, Survey

__all__ = [
    "exit_code",
    "exit_code_of_survey",
    "files_argument",
    "movement_option",
    "opened_pool",
    "settings_with",
    "tell",
    "tell_survey",
    "workers_option",
]

_MOST_LINES = 20
_TILES = (2, 2)
_FOR_THE_RECORD = ("check_point", "rejected_match", "not_tried")  # findings after which nothing is left to do
_STAGES = (
    "numpy.ma",  # which a median imports
    "numpy.fft",
    "syncview.media.probe",
    "syncview.media.audio",
    "syncview.pipeline.listen",
    "syncview.sync.hypotheses",
    "syncview.sync.features",
    "syncview.sync.replays",
    "syncview.detect.intervals",
    "syncview.detect.blasts",
)


def files_argument(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """FILES_OR_FOLDERS, given as `inputs`. What is missing is reported later: it must not cost the others."""
    return click.argument("inputs", metavar="FILES_OR_FOLDERS...", nargs=-1, required=required, type=Path)


def workers_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--workers N``: processes that open media."""
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=lambda: max(1, min(8, os.cpu_count() or 1)),
        show_default="one per core, at most 8",
        help="Processes that open media; the result does not depend on it.",
    )


def movement_option(*, default: MovementMode) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--movement MODE``: whether people and vehicles are looked for in the pictures, and how closely."""
    return click.option(
        "--movement",
        type=click.Choice(get_args(MovementMode)),
        default=default,
        envvar="SYNCVIEW_MOVEMENT",
        show_default=True,
        help="People and vehicles in the pictures: looked for in the whole, in tiles as well (smaller figures, five "
        "times as long), or not at all.",
    )


def settings_with(movement: MovementMode) -> Settings:
    """All defaults but for how people and vehicles are looked for."""
    defaults = Settings()
    tiles = _TILES if movement == "tiles" else defaults.movement.tiles
    return replace(defaults, movement=replace(defaults.movement, mode=movement, tiles=tiles))


@contextlib.contextmanager
def opened_pool(workers: int) -> Iterator[WorkerPool]:
    """Processes that open media, started at once: what they import takes as long as what the caller does."""
    media = Settings().media
    with WorkerPool(workers=workers, memory_limit_mib=media.memory_limit_mib, preload=_STAGES) as pool:
        yield pool


def tell(analysis: Analysis, inputs: Sequence[Path]) -> None:
    """Say on stderr what went wrong, one line each, with what to do."""
    for file in analysis.unreadable[:_MOST_LINES]:
        _tell_unreadable(file)
    if (more := len(analysis.unreadable) - _MOST_LINES) > 0:
        say(f"syncview: ... and {more} more files that cannot be read (syncview probe FILES... lists every one)")
    _tell_not_used(analysis, inputs)
    for trouble in analysis.troubles:
        say(f"syncview: {trouble}")
    for remark in analysis.remarks:
        say(f"syncview: {remark}")
    if not analysis.recordings:
        _tell_nothing_found(len(analysis.document.ignored))


def tell_survey(found: Survey) -> None:
    """The same for a first look."""
    for file in found.unreadable:
        _tell_unreadable(file)
    if not found.recordings:
        _tell_nothing_found(len(found.ignored))


def exit_code(analysis: Analysis) -> int:
    """4 when something could not be read, 3 when a person must look, else 0, as the README says."""
    if analysis.unreadable or analysis.troubles:
        return UNREADABLE
    document = analysis.document
    to_look_at = [finding for finding in document.findings if finding.kind not in _FOR_THE_RECORD]
    return LOOK if document.unplaced or to_look_at or not analysis.recordings else DONE


def exit_code_of_survey(found: Survey) -> int:
    """4 when something could not be read, 3 when nothing was found, else 0."""
    if found.unreadable:
        return UNREADABLE
    return DONE if found.recordings else LOOK


def _tell_unreadable(file: IgnoredFile) -> None:
    say(f"syncview: cannot read {file.path}: {file.reason} (get the file again from its source; the rest is done)")


def _tell_not_used(analysis: Analysis, inputs: Sequence[Path]) -> None:
    """Who names a file expects it in the result; what else lies in a folder is only listed."""
    told = {file.path for file in analysis.unreadable}
    named = {shown_path(path) for path in inputs} - told
    for file in analysis.document.ignored:
        if file.path in named:
            say(f"syncview: not used: {file.path}: {file.reason}")


def _tell_nothing_found(ignored: int) -> None:
    others = f"; {ignored} other files are listed with the reason under ignored" if ignored else ""
    say(f"syncview: no video or sound was found{others} (name the files, or the folder that holds them)")
