"""``syncview run``: from raw files to a case folder."""

from __future__ import annotations

from pathlib import Path

import click

from syncview.cli.inputs import files_argument, opened_pool, workers_option
from syncview.cli.verb import Verb, json_option

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
@workers_option()
@click.option("-q", "--quiet", is_flag=True, help="No progress and no table.")
@json_option()
def command(
    inputs: tuple[Path, ...],
    case: Path,
    case_file: Path | None,
    page: bool,
    workers: int,
    quiet: bool,
    as_json: bool,
) -> int:
    """Put footage on one clock, find the strikes, write the timeline and the page.

    Folders are walked to the bottom. Without files, those of the last run are taken again. Originals are never
    written to.
    """
    with opened_pool(workers) as pool:
        from syncview.cli.case_run import RunOptions, run_case  # beside the imports of the workers

        options = RunOptions(inputs=inputs, case=case, case_file=case_file, page=page, quiet=quiet, as_json=as_json)
        return run_case(options, pool)
