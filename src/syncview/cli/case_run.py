"""One run on a case folder: analysis, files, custody, page, table."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncview.case import load_case, parse_case, read_case_text
from syncview.cli.again import inputs_again
from syncview.cli.inputs import exit_code, settings_with, tell
from syncview.cli.output import result, say
from syncview.cli.progress import showing_progress
from syncview.cli.shell import UNREADABLE
from syncview.cli.summary import print_timeline
from syncview.errors import CaseFileError, CaseFolderError
from syncview.media.hashing import hash_file
from syncview.pipeline import analyze
from syncview.settings import Settings
from syncview.store import CaseFolder, CustodyFile, hash_of_settings, to_json_text
from syncview.store.ids import ids_to_text, load_ids
from syncview.timeline.schema import dumps, json_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.media.workers import WorkerPool
    from syncview.pipeline import Analysis, Progress
    from syncview.settings import MovementMode

__all__ = ["RunOptions", "run_case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line of `syncview run` says; `repeated` are those of its options that are to hold next time."""

    inputs: tuple[Path, ...]
    case: Path
    case_file: Path | None
    page: bool
    movement: MovementMode
    repeated: tuple[str, ...]
    quiet: bool
    as_json: bool


def run_case(options: RunOptions, pool: WorkerPool) -> int:
    """Run on a case folder and print the result.

    Parameters
    ----------
    options : RunOptions
        From the command line.
    pool : WorkerPool
        Processes that open media.

    Returns
    -------
    int
        The exit code.
    """
    _refuse_footage_as_case(options)
    folder = CaseFolder.create(options.case)
    settings = settings_with(options.movement)
    with folder.lock():
        inputs = options.inputs or inputs_again(folder)
        if options.case_file is not None:
            _take_case_file(folder, options.case_file)
        stated = _as_it_is(folder, "case.toml")  # before it is read: an edit during the run is one after it
        with showing_progress(quiet=options.quiet) as progress:
            analysis = analyze(
                inputs,
                case=load_case(folder.case_file),
                ids=load_ids(folder.ids_file),
                cache_root=folder.cache.root,
                skip=(folder.path,),
                settings=settings,
                pool=pool,
                progress=progress,
            )
            tell(analysis, inputs)
            if _would_lose_everything(folder, analysis):
                say(f"syncview: {folder.path}: no recording can be read now, so the earlier result was left as it is")
                return UNREADABLE
            _write(folder, analysis, settings, inputs, stated, options)
            if options.page:
                _make_page(folder, analysis, pool, progress)
    _print(options, folder, analysis)
    return exit_code(analysis)


def _print(options: RunOptions, folder: CaseFolder, analysis: Analysis) -> None:
    if options.as_json:
        click.echo(dumps(analysis.document), nl=False)
    elif not options.quiet:
        print_timeline(analysis.document)
        result(f"timeline: {folder.timeline_file}")
        if options.page:
            result(f"page: {folder.review / 'index.html'} (open it in a browser; no server is needed)")
            result(f"or: {shlex.join(('syncview', 'review', str(folder.path)))}")


def _refuse_footage_as_case(options: RunOptions) -> None:
    """Stop before a case is written among originals. A case folder of its own inside the footage is passed by."""
    case = Path(os.path.realpath(options.case))
    for path in options.inputs:
        real = Path(os.path.realpath(path))
        if case == real or case in real.parents:
            where = "is itself to be read" if case == real else f"holds {path}, which is to be read"
            message = f"{options.case} cannot be the case folder: it {where}"
            raise CaseFolderError(message, hint="name a folder of its own with -o; originals are never written among")


def _take_case_file(folder: CaseFolder, source: Path) -> None:
    """Copy F to CASE/case.toml after checking it; another case.toml there is kept beside it."""
    if not source.is_file():
        message = f"there is no file {source}"
        raise CaseFileError(message, hint="name a case.toml with --case-file")
    text = read_case_text(source)
    parse_case(text, name=str(source))
    kept = folder.replace_case_file(text)
    if kept is not None:
        say(f"syncview: {folder.case_file} was replaced by {source}; what it said is kept in {kept}")


def _would_lose_everything(folder: CaseFolder, analysis: Analysis) -> bool:
    """Whether an empty result would take the place of one with recordings, as when the disk with them is not there."""
    if any(recording.kind != "unreadable" for recording in analysis.recordings):
        return False
    try:
        document = json.loads(folder.timeline_file.read_bytes())
        return any(entry["kind"] != "unreadable" for entry in document["recordings"])
    except FileNotFoundError:
        return False
    except (ValueError, TypeError, KeyError):
        return True  # damaged, but there was a result: what can still be read of it is worth more than an empty one


def _write(
    folder: CaseFolder,
    analysis: Analysis,
    settings: Settings,
    inputs: Sequence[Path],
    stated: CustodyFile | None,
    options: RunOptions,
) -> None:
    """Result, schema, ids, and a line in the custody chain for what came in and what went out."""
    now, digest = datetime.now(UTC), hash_of_settings(settings.as_dict())
    line = ["syncview", "run", "-o", str(folder.path), *options.repeated, "--", *map(str, inputs)]
    note = partial(
        folder.custody.append, time_utc=now, command=line, settings_sha256=digest, started_in=str(Path.cwd())
    )
    originals = [
        CustodyFile(path=str(analysis.sources[r.id].absolute()), sha256=r.sha256, size_bytes=r.size_bytes)
        for r in analysis.recordings
    ]
    note("intake", originals)
    folder.write("ids.json", ids_to_text(analysis.ids))
    folder.write("timeline.schema.json", to_json_text(json_schema()))
    folder.write("timeline.json", dumps(analysis.document))
    results = (_as_it_is(folder, name) for name in ("timeline.json", "timeline.schema.json", "ids.json"))
    note("result", [file for file in (*results, stated) if file is not None])


def _as_it_is(folder: CaseFolder, name: str) -> CustodyFile | None:
    path = folder.path / name
    if not path.exists():
        return None
    return CustodyFile(path=name, sha256=hash_file(path), size_bytes=path.stat().st_size)


def _make_page(folder: CaseFolder, analysis: Analysis, pool: WorkerPool, progress: Progress) -> None:
    """The page first, so that it can be opened while the copies that it plays are made."""
    from syncview.review import write_review  # its templates cost a run without page more than they are worth

    troubles = write_review(
        folder,
        analysis.document,
        analysis.sources,
        settings=Settings().media,
        pool=pool,
        progress=progress,
    )
    for trouble in troubles:
        say(f"syncview: {trouble}")
