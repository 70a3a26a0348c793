"""``syncview run``: from raw files to a case folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from syncview.cli.inputs import files_argument, movement_option, opened_pool, workers_option
from syncview.cli.verb import Verb, json_option

if TYPE_CHECKING:
    from syncview.settings import MovementMode

__all__ = ["command"]


@click.command(
    "run",
    cls=Verb,
    examples=(
        "syncview run footage/ -o case",
        "syncview run cam1.mp4 cam2.mov cam3.mkv -o case --case-file known.toml",
        "syncview run -o case                 (again, with what you pinned meanwhile)",
        "syncview run footage/ -o case --no-page --json",
    ),
)
@files_argument(required=False)
@click.option(
    "-o",
    "--case",
    required=True,
    metavar="CASE",
    type=click.Path(path_type=Path),
    help="Case folder; made when absent.",
)
@click.option(
    "--case-file",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Copy F to CASE/case.toml first; F is not written.",
)
@click.option("--page/--no-page", default=True, help="Make the review page and the small copies it plays.")
@movement_option(default="whole")
@workers_option()
@click.option("-q", "--quiet", is_flag=True, help="No progress and no table.")
@json_option()
def command(
    inputs: tuple[Path, ...],
    case: Path,
    case_file: Path | None,
    page: bool,
    movement: MovementMode,
    workers: int,
    quiet: bool,
    as_json: bool,
) -> int:
    """Put footage on one clock, find strikes and movement, write the timeline and the page.

    Folders are walked to the bottom. Without files, those of the last run are taken again. Originals are never
    written to.
    """
    with opened_pool(workers) as pool:
        from syncview.cli.case_run import RunOptions, run_case  # beside the imports of the workers

        options = RunOptions(
            inputs=inputs,
            case=case,
            case_file=case_file,
            page=page,
            movement=movement,
            repeated=("--movement", movement) if _is_typed("movement") else (),
            quiet=quiet,
            as_json=as_json,
        )
        return run_case(options, pool)


def _is_typed(option: str) -> bool:
    """Whether an option stands on the command line, and comes neither from the environment nor from its default."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE
