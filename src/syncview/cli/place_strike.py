"""``syncview place-strike``: a person's geolocation of a strike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from syncview.case import SAME_ARRIVAL_S, Moment, PlacedStrike, load_case, resolve, with_placed_strike
from syncview.cli.again import next_command
from syncview.cli.known_events import called, known_events
from syncview.cli.names import folder_for_statement, known_recordings, lasting_name, stated
from syncview.cli.output import result, result_json
from syncview.cli.places import PlaceVerb, check_place, places_of, stated_place
from syncview.cli.verb import author_options, case_option, json_option
from syncview.errors import CaseFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from syncview.cli.names import KnownRecording
    from syncview.cli.places import StatedPlace
    from syncview.store import CaseFolder

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Heard:
    """A recording's arrival of the event."""

    recording_id: str
    sound_s: float
    score: float


@click.command(
    "place-strike",
    cls=PlaceVerb,
    examples=(
        "syncview place-strike strike-2 35.5510,36.6011 -o CASE",
        'syncview place-strike strike-2 35.5510,36.6011 -o CASE --uncertainty 5 --note "crater, image of 3 May"',
    ),
)
@click.argument("event", metavar="EVENT")
@click.argument("where", metavar="LAT,LON", callback=stated_place)
@case_option()
@click.option(
    "--uncertainty",
    "uncertainty_m",
    type=float,
    metavar="METRES",
    help="95 % radius; 50 when not given, a street corner.",
)
@author_options()
@json_option()
def command(
    event: str,
    where: StatedPlace,
    case: Path,
    uncertainty_m: float | None,
    author: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """State where a strike fell.

    EVENT is an id of CASE/timeline.json, of an event or a candidate. The statement is written to CASE/case.toml, with a
    moment at which a file hears the strike, and obeyed by the next run. A place given before is put right.
    """
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    heard = _heard(event, folder)
    others = [seen for each in known_events(folder) if each["id"] != event for seen in _arrivals(each)]

    def same(moment: Moment) -> bool:
        return _is_of(moment, heard, others, recordings)

    best = heard[0]
    near = stated(Moment, file=lasting_name(best.recording_id, recordings), time_s=best.sound_s)
    strike = stated(
        PlacedStrike,
        near=near,
        lat=where.lat,
        lon=where.lon,
        position_uncertainty_m=uncertainty_m,
        author=author,
        note=note,
    )
    stated_before = load_case(folder.case_file)
    left = tuple(each for each in stated_before.strikes if not same(each.near))
    check_place(where, places_of(stated_before.model_copy(update={"strikes": left})))
    changed = folder.edit_case_file(
        lambda text: with_placed_strike(text, strike, same=same, name=str(folder.case_file))
    )
    following = next_command(folder)
    if as_json:
        document = {
            "strike": strike.model_dump(mode="json", exclude_none=True),
            "event": event,
            "case_file": str(folder.case_file),
            "added": changed,
            "next": following,
        }
        result_json(document)
        return
    said = f"{event} = {where.text} (heard at {near.time_s:g} s of {near.file})"
    result(f"{'placed' if changed else 'placed already'}: {said}, in {folder.case_file}")
    result(f"next: {following}")


def _heard(event_id: str, folder: CaseFolder) -> list[_Heard]:
    """Arrivals of an event of the last run: that which times it first, then by strength."""
    event = called(event_id, known_events(folder), folder)
    if event["kind"] in ("movement", "external", "aircraft"):
        message = f"{event_id} is of kind {event['kind']!r}; only what may be a strike can be placed as one"
        raise CaseFileError(message)
    timed_by = str(event["time_basis"]).removeprefix("arrival_at:")
    heard = _arrivals(event)
    if not heard:
        message = f"no file hears {event_id}, so it cannot be found again by its sound"
        raise CaseFileError(message, hint="write a [[strike]] table with the moment at which a file shows it")
    return sorted(heard, key=lambda each: (each.recording_id != timed_by, -each.score, each.recording_id))


def _arrivals(event: dict[str, Any]) -> list[_Heard]:
    return [
        _Heard(str(seen["recording_id"]), float(seen["sound_s"]), float(seen["score"]))
        for seen in event["observations"]
        if seen["sound_s"] is not None
    ]


def _is_of(
    moment: Moment, heard: Sequence[_Heard], others: Sequence[_Heard], recordings: Sequence[KnownRecording]
) -> bool:
    """Whether a moment in case.toml is one at which a file hears the event, and none of the others sooner."""
    try:
        recording_id = resolve(moment.file, recordings)
    except CaseFileError:
        return False

    def off_s(arrivals: Sequence[_Heard]) -> float:
        own = (abs(each.sound_s - moment.time_s) for each in arrivals if each.recording_id == recording_id)
        return min(own, default=math.inf)

    return off_s(heard) <= min(SAME_ARRIVAL_S, off_s(others))
