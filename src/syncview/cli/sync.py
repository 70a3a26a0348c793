"""``syncview sync``: which files fit on one clock, without a case folder."""

from __future__ import annotations

from pathlib import Path

import click

from syncview.cli.inputs import files_argument, workers_option
from syncview.cli.output import result
from syncview.cli.stage import analyze_apart, finish
from syncview.cli.summary import print_timeline
from syncview.cli.verb import Verb, json_option

__all__ = ["command"]


@click.command("sync", cls=Verb, examples=("syncview sync cam1.mp4 cam2.mov", "syncview sync footage/ --json"))
@files_argument(required=True)
@click.option("--case-file", type=click.Path(path_type=Path, exists=True), metavar="F", help="What people know.")
@workers_option()
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option()
def command(inputs: tuple[Path, ...], case_file: Path | None, workers: int, quiet: bool, as_json: bool) -> int:
    """Say which files fit on one clock; keeps nothing."""
    analysis = analyze_apart(inputs, case_file, workers=workers, quiet=quiet)
    if not as_json:
        print_timeline(analysis.document.model_copy(update={"events": (), "candidates": ()}))
        for pair in analysis.document.pairs:
            if pair.lag_s is not None:
                said = "accepted" if pair.accepted else "not used"
                result(f"pair {pair.a_id} {pair.b_id}: lag {pair.lag_s:+.3f} s, {said}: {'; '.join(pair.reasons)}")
    return finish(analysis, "groups", "unplaced", "duplicates", "pairs", as_json=as_json)
