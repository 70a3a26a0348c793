"""``syncview place``: a person's statement of where a camera, a team or a vehicle was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncview.case import Position, RecordingInfo, load_case, with_position, with_recording_place
from syncview.cli.again import next_command
from syncview.cli.names import folder_for_statement, known_recordings, lasting_name, means_file, moment_or_name, stated
from syncview.cli.output import result, result_json
from syncview.cli.places import PlaceVerb, check_place, places_of, stated_place
from syncview.cli.verb import author_options, case_option, json_option

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.cli.names import StatedMoment
    from syncview.cli.places import StatedPlace
    from syncview.store import CaseFolder

__all__ = ["command"]


@click.command(
    "place",
    cls=PlaceVerb,
    examples=(
        "syncview place cam1.mp4 35.5501,36.6002 -o CASE",
        'syncview place cam1.mp4 35.5501,36.6002 -o CASE --uncertainty 15 --note "roof of the bakery"',
        "syncview place cam1.mp4@31 35.5502,36.6003 -o CASE",
        "syncview place cam1.mp4@31 35.5502,36.6003 -o CASE --of team-A --mover person",
    ),
)
@click.argument("what", metavar="A[@SECONDS]", callback=moment_or_name)
@click.argument("where", metavar="LAT,LON", callback=stated_place)
@case_option()
@click.option(
    "--uncertainty",
    "uncertainty_m",
    type=float,
    metavar="METRES",
    help="95 % radius; 50 when not given, a street corner.",
)
@click.option("--of", metavar="NAME", help="Not the camera: a team or vehicle that is there at A@SECONDS.")
@click.option(
    "--mover", type=click.Choice(["person", "vehicle"]), help="With --of: what moves, for how fast it can be."
)
@author_options()
@json_option()
def command(
    what: StatedMoment | str,
    where: StatedPlace,
    case: Path,
    uncertainty_m: float | None,
    of: str | None,
    mover: str | None,
    author: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """State where the camera of a recording stood; with @SECONDS, where it was at that moment.

    A is a file name, end of a path, recording id or SHA-256 prefix. A place given before is put right. Several moments
    make a way. --of names a team or vehicle that A shows at that moment. The statement is written to CASE/case.toml
    and obeyed by the next run.
    """
    if of is not None and isinstance(what, str):
        message = f"--of needs a moment, such as {what}@31"
        raise click.UsageError(message)
    if mover is not None and of is None:
        message = "--mover needs --of: who or what it is"
        raise click.UsageError(message)
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    known = {
        "lat": where.lat,
        "lon": where.lon,
        "position_uncertainty_m": uncertainty_m,
        "author": author,
        "note": note,
    }
    if isinstance(what, str):
        file = lasting_name(what, recordings)
        info = stated(RecordingInfo, file=file, **known)

        def same(reference: str) -> bool:
            return means_file(reference, file, recordings)

        check_place(where, places_of(load_case(folder.case_file), but=same))
        changed = folder.edit_case_file(
            lambda text: with_recording_place(text, info, same=same, name=str(folder.case_file))
        )
        said, document = file, {"recording": info.model_dump(mode="json", exclude_none=True, exclude_defaults=True)}
    else:
        file = lasting_name(what.name, recordings, time_s=what.time_s)
        position = stated(Position, of=of or file, mover=mover, file=file, time_s=what.time_s, **known)

        def again(old: Position) -> bool:
            return (old.of, old.file, old.time_s) == (position.of, position.file, position.time_s)

        check_place(where, places_of(load_case(folder.case_file), but_waypoint=again))
        changed = folder.edit_case_file(lambda text: with_position(text, position, name=str(folder.case_file)))
        said = f"{position.of} at {position.time_s:g} s" + (f" of {file}" if of else "")
        document = {"position": position.model_dump(mode="json", exclude_none=True)}
    _print(folder, said, where, document, changed=changed, as_json=as_json)


def _print(
    folder: CaseFolder, said: str, where: StatedPlace, document: Mapping[str, object], *, changed: bool, as_json: bool
) -> None:
    following = next_command(folder)
    if as_json:
        result_json({**document, "case_file": str(folder.case_file), "added": changed, "next": following})
        return
    result(f"{'placed' if changed else 'placed already'}: {said} = {where.text}, in {folder.case_file}")
    result(f"next: {following}")
