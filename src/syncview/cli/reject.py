"""``syncview reject``: a person contests the machine's match of two recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncview.case import Reject, with_reject
from syncview.cli.again import next_command
from syncview.cli.names import folder_for_statement, known_recordings, lasting_name, stated
from syncview.cli.output import result, result_json
from syncview.cli.verb import Verb, author_options, case_option, json_option

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]


@click.command(
    "reject",
    cls=Verb,
    examples=(
        "syncview reject cam1.mp4 cam4.mp4 -o CASE",
        'syncview reject cam1.mp4 cam4.mp4 -o CASE --note "another street"',
    ),
)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@case_option()
@author_options()
@json_option()
def command(
    a: str,
    b: str,
    case: Path,
    author: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Contest the machine's match of two recordings.

    A and B are file names, ends of paths, recording ids or SHA-256 prefixes. The statement is added to CASE/case.toml
    and obeyed by the next run.
    """
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    reject = stated(Reject, a=lasting_name(a, recordings), b=lasting_name(b, recordings), author=author, note=note)
    changed = folder.edit_case_file(lambda text: with_reject(text, reject, name=str(folder.case_file)))
    following = next_command(folder)
    if as_json:
        document = {
            "reject": reject.model_dump(),
            "case_file": str(folder.case_file),
            "added": changed,
            "next": following,
        }
        result_json(document)
        return
    result(f"{'rejected' if changed else 'rejected already'}: {reject.a} with {reject.b}, in {folder.case_file}")
    result(f"next: {following}")
