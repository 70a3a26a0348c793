"""``syncview export``: the timeline in another format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from syncview.case import resolve
from syncview.cli.export_grid import export_grid, grid_options, refuse_foreign_options
from syncview.cli.output import result, result_json, say
from syncview.cli.shell import DONE, UNREADABLE
from syncview.cli.verb import Verb, json_option
from syncview.export.csv_table import csv_text
from syncview.export.frame_tables import frame_tables
from syncview.export.json_text import json_text
from syncview.export.target import reason_to_refuse
from syncview.settings import Settings
from syncview.store import CaseFolder
from syncview.store.decisions import read_decisions
from syncview.store.files import write_file
from syncview.timeline.schema import load_document

if TYPE_CHECKING:
    from syncview.cli.export_grid import GridOptions
    from syncview.timeline.schema import TimelineDocument

__all__ = ["command"]


@click.command(
    "export",
    cls=Verb,
    examples=(
        "syncview export CASE --format csv -o strikes.csv",
        "syncview export CASE --format csv --recording cam1.mp4 -o cam1.csv",
        "syncview export CASE --format json -o timeline-with-decisions.json",
        "syncview export CASE --format grid --start 0:20 --end 1:05 -o side-by-side.mp4",
    ),
)
@click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
@click.option("--format", "form", required=True, type=click.Choice(["csv", "json", "grid"]), help="What to write.")
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path), help="Where to.")
@click.option(
    "--group",
    "group_id",
    metavar="G",
    help="csv: only events of this group; by default those of all. grid: the group to show; by default the largest.",
)
@click.option("--recording", metavar="R", help="csv: only this recording's time codes, and events of its group.")
@click.option(
    "--include-unreviewed", is_flag=True, help="csv, grid: also sounds below the strike threshold, possible echoes, ..."
)
@grid_options()
@json_option()
def command(
    case: Path,
    form: str,
    output: Path,
    group_id: str | None,
    recording: str | None,
    include_unreviewed: bool,
    as_json: bool,
    **grid: Unpack[GridOptions],
) -> int:
    """Write the timeline in another format.

    csv: a row for every event, with its group time, UTC where it is known, and every file's own time code and frame
    number. json: the timeline with everybody's decisions, each at the event that it is about; those that are about
    nothing any more, and where reviewers differ, are listed. grid: an MP4 of a group's cameras side by side, with group
    time, UTC, names, errors and events around the pictures.
    """
    folder = CaseFolder.open(case)
    document = load_document(folder.timeline_file)
    _refuse_to_overwrite(folder, document, output)
    refuse_foreign_options(form, grid)
    if form == "grid":
        if recording is not None:
            message = "--recording goes with csv; a grid shows a whole group"
            raise click.UsageError(message)
        return export_grid(
            folder,
            document,
            output,
            group_id=group_id,
            include_unreviewed=include_unreviewed,
            as_json=as_json,
            options=grid,
        )
    hint = "attach the disk that it came from, and export again"
    if form == "csv":
        recording_id = None if recording is None else resolve(recording, document.recordings)
        wanted = [each for each in document.recordings if recording_id in (None, each.id)]
        tables, troubles = frame_tables(folder, wanted, settings=Settings().media)
        text = csv_text(
            document,
            frame_times_s=tables,
            group_id=group_id,
            recording_id=recording_id,
            include_unreviewed=include_unreviewed,
        )
    elif group_id is not None or recording is not None:
        message = "--group and --recording go with csv; json is the whole timeline"
        raise click.UsageError(message)
    else:
        decisions = read_decisions(folder.decisions)
        text, troubles = json_text(document, decisions=decisions), decisions.troubles
        hint = f"look into {folder.decisions}; the other decisions are in the export"
    write_file(output, text)
    for trouble in troubles:
        say(f"syncview: {trouble} ({hint})")
    if as_json:
        result_json({"file": str(output), "format": form})
    else:
        result(f"written: {output}")
    return UNREADABLE if troubles else DONE


def _refuse_to_overwrite(folder: CaseFolder, document: TimelineDocument, output: Path) -> None:
    """Keep an export from taking the place of an original or of the case's own files."""
    reason = reason_to_refuse(folder, document.recordings, output)
    if output.is_dir():
        message = f"{output} is a folder (name a file in it)"
    elif not output.parent.is_dir():
        message = f"there is no folder {output.parent} (make it first, or name another)"
    elif reason is not None:
        message = f"{output} is {reason} (name another file)"
    else:
        return
    raise click.BadParameter(message, param_hint="-o")
