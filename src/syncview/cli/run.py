"""``syncview run``: from raw files to a case folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncview.case import load_case, parse_case, read_case_text
from syncview.cli.inputs import exit_code, files_argument, tell, workers_option
from syncview.cli.output import result, say
from syncview.cli.progress import showing_progress
from syncview.cli.summary import print_timeline
from syncview.cli.verb import Verb, json_option
from syncview.errors import CaseFolderError
from syncview.media.hashing import hash_file
from syncview.pipeline import analyze
from syncview.review import write_review
from syncview.settings import Settings
from syncview.store import CaseFolder, CustodyFile, hash_of_settings, to_json_text
from syncview.store.ids import ids_to_text, load_ids
from syncview.timeline.schema import dumps, json_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.pipeline import Analysis, Progress

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
    folder = CaseFolder.create(case)
    settings = Settings()
    with folder.lock():
        if case_file is not None:
            _take_case_file(folder, case_file)
        known = load_case(folder.case_file)
        with showing_progress(quiet=quiet) as progress:
            analysis = analyze(
                inputs or _last_inputs(folder),
                case=known,
                ids=load_ids(folder.ids_file),
                cache_root=folder.cache.root,
                skip=(folder.path,),
                settings=settings,
                workers=workers,
                progress=progress,
            )
            _write(folder, analysis, settings, inputs)
            tell(analysis)
            if page:
                _make_page(folder, analysis, workers, progress)
        if as_json:
            click.echo(dumps(analysis.document), nl=False)
        elif not quiet:
            print_timeline(analysis.document)
            result(f"timeline: {folder.timeline_file}")
            if page:
                result(f"page: {folder.review / 'index.html'} (open it in a browser; no server is needed)")
    return exit_code(analysis)


def _take_case_file(folder: CaseFolder, source: Path) -> None:
    """Copy F to CASE/case.toml after checking it."""
    if not source.is_file():
        message = f"there is no file {source}"
        raise click.BadParameter(message, param_hint="--case-file")
    text = read_case_text(source)
    parse_case(text, name=str(source))
    folder.edit_case_file(lambda _: text)


def _last_inputs(folder: CaseFolder) -> tuple[Path, ...]:
    """The files of the last run, from the custody chain."""
    intakes = [line for line in folder.custody.verify() if line.kind == "intake"]
    if not intakes:
        message = f"{folder.path} has no earlier run to repeat"
        raise CaseFolderError(message, hint=f"name the files: syncview run FILES... -o {folder.path}")
    return tuple(Path(argument) for argument in _inputs_in(intakes[-1].command))


def _inputs_in(command_line: Sequence[str]) -> list[str]:
    return list(command_line[command_line.index("--") + 1 :])


def _write(folder: CaseFolder, analysis: Analysis, settings: Settings, inputs: tuple[Path, ...]) -> None:
    """Result, schema, ids, and a line in the custody chain for what came in and what went out."""
    now, digest = datetime.now(UTC), hash_of_settings(settings.as_dict())
    named = [str(path) for path in (inputs or _last_inputs(folder))]
    line = ["syncview", "run", "-o", str(folder.path), "--", *named]
    originals = [
        CustodyFile(path=str(analysis.sources[r.id].absolute()), sha256=r.sha256, size_bytes=r.size_bytes)
        for r in analysis.recordings
    ]
    folder.custody.append("intake", originals, time_utc=now, command=line, settings_sha256=digest)
    folder.write("ids.json", ids_to_text(analysis.ids))
    folder.write("timeline.schema.json", to_json_text(json_schema()))
    folder.write("timeline.json", dumps(analysis.document))
    results = [_as_it_is(folder, name) for name in ("timeline.json", "timeline.schema.json", "ids.json")]
    folder.custody.append("result", results, time_utc=now, command=line, settings_sha256=digest)


def _as_it_is(folder: CaseFolder, name: str) -> CustodyFile:
    path = folder.path / name
    return CustodyFile(path=name, sha256=hash_file(path), size_bytes=path.stat().st_size)


def _make_page(folder: CaseFolder, analysis: Analysis, workers: int, progress: Progress) -> None:
    """The page first, so that it can be opened while the copies that it plays are made."""
    troubles = write_review(
        folder,
        analysis.document,
        analysis.sources,
        settings=Settings().media,
        workers=workers,
        progress=progress,
    )
    for trouble in troubles:
        say(f"syncview: {trouble}")
