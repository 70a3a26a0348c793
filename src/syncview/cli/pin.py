"""``syncview pin``: a person's statement that two moments are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncview.case import Moment, Pin, with_pin
from syncview.cli.again import next_command
from syncview.cli.names import folder_for_statement, known_recordings, lasting_name, stated, stated_moment
from syncview.cli.output import result, result_json
from syncview.cli.verb import Verb, author_options, case_option, json_option

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.cli.names import StatedMoment

__all__ = ["command"]


@click.command(
    "pin",
    cls=Verb,
    examples=(
        "syncview pin cam1.mp4@12.34 cam2.mp4@5.67 -o CASE",
        'syncview pin cam1.mp4@1:02.5 cam2.mp4@5.67 -o CASE --uncertainty 0.1 --note "door closes"',
        "syncview pin cam1.mp4@12.34 cam2.mp4@5.67 -o CASE --check",
    ),
)
@click.argument("a", metavar="A@SECONDS", callback=stated_moment)
@click.argument("b", metavar="B@SECONDS", callback=stated_moment)
@case_option()
@click.option(
    "--uncertainty",
    "uncertainty_s",
    type=float,
    metavar="SECONDS",
    help="95 % half-width of the statement; 0.04 when not given.",
)
@click.option("--check", is_flag=True, help="Do not use it; report how far the machine's answer is from it.")
@author_options()
@json_option()
def command(
    a: StatedMoment,
    b: StatedMoment,
    case: Path,
    uncertainty_s: float | None,
    check: bool,
    author: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """State that two moments are the same.

    A and B are file names, ends of paths, recording ids or SHA-256 prefixes; times are seconds from the start of the
    file. The statement is added to CASE/case.toml and obeyed by the next run.
    """
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    pin = stated(
        Pin,
        a=stated(Moment, file=lasting_name(a.name, recordings, time_s=a.time_s), time_s=a.time_s),
        b=stated(Moment, file=lasting_name(b.name, recordings, time_s=b.time_s), time_s=b.time_s),
        uncertainty_s=uncertainty_s,
        check=check,
        author=author,
        note=note,
    )
    changed = folder.edit_case_file(lambda text: with_pin(text, pin, name=str(folder.case_file)))
    following = next_command(folder)
    if as_json:
        document = {"pin": pin.model_dump(), "case_file": str(folder.case_file), "added": changed, "next": following}
        result_json(document)
        return
    said = f"{pin.a.file} at {pin.a.time_s:g} s = {pin.b.file} at {pin.b.time_s:g} s (+- {pin.uncertainty_s:g} s)"
    result(f"{'pinned' if changed else 'pinned already'}: {said}, in {folder.case_file}")
    result(f"next: {following}")
