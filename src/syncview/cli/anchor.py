"""``syncview anchor``: a person's statement of the UTC of a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from syncview.case import Anchor, with_anchor
from syncview.cli.again import next_command
from syncview.cli.names import folder_for_statement, known_recordings, lasting_name, stated, stated_moment
from syncview.cli.output import result, result_json
from syncview.cli.verb import Verb, author_options, case_option, json_option

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.cli.names import StatedMoment

__all__ = ["command"]

_UNCERTAINTY_S = 1.0  # a clock that shows seconds
_BASES = get_args(get_args(Anchor.model_fields["basis"].annotation)[0])


@click.command(
    "anchor",
    cls=Verb,
    examples=(
        "syncview anchor cam1.mp4@12.34 2018-05-01T09:12:33Z -o CASE",
        "syncview anchor cam1.mp4@12.34 2018-05-01T12:12:33+03:00 -o CASE --uncertainty 0.5 --basis overlay",
        'syncview anchor cam1.mp4@0 -o CASE --not-after 2018-05-01T09:40:00Z --basis post --note "tweet"',
    ),
)
@click.argument("moment", metavar="A@SECONDS", callback=stated_moment)
@click.argument("utc", metavar="[UTC]", required=False)
@case_option()
@click.option(
    "--uncertainty",
    "uncertainty_s",
    type=float,
    metavar="SECONDS",
    help="95 % half-width of the statement; 1 when not given.",
)
@click.option("--not-before", metavar="UTC", help="It was not earlier than this; instead of UTC.")
@click.option("--not-after", metavar="UTC", help="It was not later than this, as a post shows; instead of UTC.")
@click.option("--basis", type=click.Choice(_BASES), help="What it rests on.")
@author_options()
@json_option()
def command(
    moment: StatedMoment,
    utc: str | None,
    case: Path,
    uncertainty_s: float | None,
    not_before: str | None,
    not_after: str | None,
    basis: str | None,
    author: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """State the UTC of a moment, or that it was not before or not after a time.

    A is a file name, end of a path, recording id or SHA-256 prefix; the time in it is seconds from the start of the
    file. Times of day carry their zone: Z, or +03:00. Two anchors in one file also say how fast its clock runs. The
    statement is added to CASE/case.toml and obeyed by the next run.
    """
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    anchor = stated(
        Anchor,
        file=lasting_name(moment.name, recordings, time_s=moment.time_s),
        time_s=moment.time_s,
        utc=utc,
        uncertainty_s=_UNCERTAINTY_S if uncertainty_s is None and utc is not None else uncertainty_s,
        not_before=not_before,
        not_after=not_after,
        basis=basis,
        author=author,
        note=note,
    )
    changed = folder.edit_case_file(lambda text: with_anchor(text, anchor, name=str(folder.case_file)))
    following = next_command(folder)
    if as_json:
        document = {
            "anchor": anchor.model_dump(mode="json"),
            "case_file": str(folder.case_file),
            "added": changed,
            "next": following,
        }
        result_json(document)
        return
    said = f"{anchor.file} at {anchor.time_s:g} s = {_words(anchor)}"
    result(f"{'anchored' if changed else 'anchored already'}: {said}, in {folder.case_file}")
    result(f"next: {following}")


def _words(anchor: Anchor) -> str:
    if anchor.utc is not None:
        return f"{anchor.utc.isoformat().replace('+00:00', 'Z')} (+- {anchor.uncertainty_s:g} s)"
    ends = (("not before", anchor.not_before), ("not after", anchor.not_after))
    return ", ".join(f"{word} {end.isoformat().replace('+00:00', 'Z')}" for word, end in ends if end is not None)
