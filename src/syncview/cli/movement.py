"""``syncview movement``: a person corrects a movement that was seen, or adds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import click

from syncview.case import MovementFix, PersonEvent, Sighting, resolve, with_event, with_movement
from syncview.cli.again import next_command
from syncview.cli.known_events import called, known_events, known_movements
from syncview.cli.names import (
    StatedMoment,
    folder_for_statement,
    known_recordings,
    lasting_name,
    moment_or_name,
    stated,
    stated_seconds,
)
from syncview.cli.output import result, result_json
from syncview.cli.verb import Verb, author_options, case_option, json_option
from syncview.errors import CaseFileError
from syncview.model import Action, Subject
from syncview.settings import MovementSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.cli.known_events import KnownMovement
    from syncview.cli.names import KnownRecording
    from syncview.store import CaseFolder

__all__ = ["command"]

_OWN_S = 0.05  # a moment as the result shows it
_MOST_LISTED = 5
_SETTINGS = MovementSettings()


@dataclass(frozen=True, slots=True)
class _Result:
    """The last run, as far as naming movements needs it; without recordings before the first."""

    folder: CaseFolder
    recordings: Sequence[KnownRecording]
    events: Sequence[dict[str, Any]]
    movements: Sequence[KnownMovement]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a person means, as case.toml keeps it; `known` is None before the first run."""

    near: Sighting
    known: KnownMovement | None


@click.command(
    "movement",
    cls=Verb,
    examples=(
        'syncview movement e12 -o CASE --reject --note "a dog"',
        'syncview movement e12 -o CASE --action arrives --subject vehicle --label "ambulance arrives" --tag rescuer',
        "syncview movement cam1.mp4@31 -o CASE --time 31.4 --end 44",
        "syncview movement e12 -o CASE --same-as cam2.mp4@8.2",
        'syncview movement cam1.mp4@1:02.5 -o CASE --add --action enters --label "medic" --tag rescuer --author Rami',
    ),
)
@click.argument("what", metavar="EVENT|A@SECONDS", callback=moment_or_name)
@case_option()
@click.option("--add", is_flag=True, help="Nobody saw it yet: add a movement at A@SECONDS.")
@click.option("--reject", is_flag=True, help="Nothing of the kind happened.")
@click.option("--was", type=click.Choice(get_args(Action)), help="With A@SECONDS, where several are near: that one.")
@click.option("--time", "time_s", callback=stated_seconds, metavar="SECONDS", help="When it begins, in that file.")
@click.option("--end", "end_s", callback=stated_seconds, metavar="SECONDS", help="When it ends, in that file.")
@click.option("--action", type=click.Choice(get_args(Action)), help="What it is.")
@click.option("--subject", type=click.Choice(get_args(Subject)), help="Who or what moves.")
@click.option("--label", help="The same in your words.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What you call them, such as rescuer; repeatable.")
@click.option(
    "--same-as", metavar="EVENT|B@SECONDS", callback=moment_or_name, help="It and this one are one, seen twice."
)
@author_options()
@json_option()
def command(
    what: StatedMoment | str,
    case: Path,
    add: bool,
    reject: bool,
    was: Action | None,
    same_as: StatedMoment | str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Correct a movement that was seen, or add one.

    EVENT is an id of CASE/timeline.json; A is a file name, end of a path, recording id or SHA-256 prefix, and SECONDS
    are from its start. The statement is added to CASE/case.toml, with the file and the moment, so that it holds when
    ids change, and obeyed by the next run. What the program saw is kept beside it.
    """
    said = {key: value for key, value in said.items() if value not in (None, ())}
    _check_options(what, said, add=add, reject=reject, same_as=same_as, was=was)
    folder = folder_for_statement(case)
    recordings = known_recordings(folder)
    if isinstance(what, StatedMoment) and add:
        said["file"], said["time_s"] = lasting_name(what.name, recordings, time_s=what.time_s), what.time_s
        event = stated(PersonEvent, kind="movement", **said)
        changed = folder.edit_case_file(lambda text: with_event(text, event, name=str(folder.case_file)))
        document = {"event": event.model_dump(mode="json", exclude_none=True)}
        _print(
            folder, f"{event.label or event.action} at {event.time_s:g} s of {event.file}", document, changed, as_json
        )
        return
    events = known_events(folder) if recordings or isinstance(what, str) or isinstance(same_as, str) else []
    last = _Result(folder, recordings, events, known_movements(events))
    found = _found(what, was, last)
    if {"time_s", "end_s"} & said.keys():
        _check_moves(what, found, last)
    for key in ("time_s", "end_s"):
        lasting_name(found.near.file, recordings, time_s=said.get(key))
    fix = stated(
        MovementFix,
        near=found.near,
        was=was or (found.known.action if found.known is not None else None),
        reject=reject,
        same_as=None if same_as is None else _found(same_as, None, last).near,
        **said,
    )
    changed = folder.edit_case_file(lambda text: with_movement(text, fix, name=str(folder.case_file)))
    document = {"movement": fix.model_dump(mode="json", exclude_none=True)}
    words = found.known.words if found.known is not None else f"the movement at {fix.near.time_s:g} s"
    _print(folder, f"{words} of {fix.near.file}{', rejected' if reject else ''}", document, changed, as_json)


def _check_options(
    what: StatedMoment | str,
    said: Mapping[str, Any],
    *,
    add: bool,
    reject: bool,
    same_as: StatedMoment | str | None,
    was: Action | None,
) -> None:
    """Refuse options that do not go together, before anything is read."""
    about = said.keys() - {"author", "note"}
    message = None
    if add and (reject or same_as is not None or was is not None or "time_s" in said):
        message = "--add goes without --reject, --was, --time and --same-as: its moment is that of A@SECONDS"
    elif add and isinstance(what, str):
        message = f"--add needs a moment, such as cam1.mp4@31; {what!r} is none"
    elif add and not {"action", "label"} & about:
        message = "--add needs --action or --label: what happens"
    elif reject and (about or same_as is not None):
        message = "--reject says that nothing of the kind happened; it goes alone"
    elif not (add or reject or about or same_as is not None):
        message = "say what is right of it: --reject, --time, --end, --action, --subject, --label, --tag or --same-as"
    if message is not None:
        raise click.UsageError(message)


def _found(what: StatedMoment | str, was: Action | None, last: _Result) -> _Found:
    """The movement that is meant, by its id or by a moment of a file near it."""
    if isinstance(what, str):
        known = _by_id(what, last)
    else:
        file = lasting_name(what.name, last.recordings, time_s=what.time_s)
        if not last.recordings:
            return _Found(stated(Sighting, file=file, time_s=what.time_s), None)
        known = _by_moment(what.time_s, file, was, last)
    file = lasting_name(known.recording_id, last.recordings)
    place = {}
    if known.at_px is not None and _has_double(known, last.movements):
        place = {"x_px": known.at_px[0], "y_px": known.at_px[1]}
    return _Found(stated(Sighting, file=file, time_s=known.time_s, **place), known)


def _by_id(event_id: str, last: _Result) -> KnownMovement:
    event = called(event_id, last.events, last.folder)
    if event["kind"] != "movement":
        message = f"{event_id} is of kind {event['kind']!r}, not a movement"
        raise CaseFileError(message, hint="to add a movement: syncview movement A@SECONDS --add --action ... -o CASE")
    shown = [each for each in last.movements if each.event_id == event_id]
    if not shown:
        message = f"no file shows {event_id}, so it cannot be found again"
        raise CaseFileError(message, hint="name a file and a moment, such as cam1.mp4@31")
    return shown[0]


def _by_moment(time_s: float, file: str, was: Action | None, last: _Result) -> KnownMovement:
    """The movement nearest to a moment of a file; refused where there is none, or where it may be either of two."""
    name = resolve(file, last.recordings)
    sha256_of = {recording.id: recording.sha256 for recording in last.recordings}
    own = sorted(
        (abs(each.time_s - time_s), k)
        for k, each in enumerate(last.movements)
        if sha256_of.get(each.recording_id) == sha256_of[name] and was in (None, each.action)
    )
    near = [(apart_s, last.movements[k]) for apart_s, k in own if apart_s <= _SETTINGS.correction_reach_s]
    if not near:
        kind = "movement" if was is None else f"movement {was!r}"
        message = f"there is no {kind} within {_SETTINGS.correction_reach_s:g} s of {time_s:g} s of {file}"
        nearest = f"the nearest is {last.movements[own[0][1]].words}; " if own else ""
        raise CaseFileError(message, hint=f"{nearest}to add one that nobody saw: --add")
    if len(near) > 1 and not _is_clear(near[0][0], near[1][0]):
        message = f"{time_s:g} s of {file} may mean {' or '.join(each.words for _, each in near[:_MOST_LISTED])}"
        several = len({each.action for _, each in near}) > 1
        raise CaseFileError(message, hint=f"name one by its id{', or say --was' if several else ''}")
    return near[0][1]


def _is_clear(first_s: float, second_s: float) -> bool:
    return second_s - first_s >= _SETTINGS.correction_apart_s or first_s <= _OWN_S < second_s


def _has_double(known: KnownMovement, movements: Sequence[KnownMovement]) -> bool:
    """Whether file, moment and action do not tell the movement from another."""
    return any(
        other.event_id != known.event_id
        and other.recording_id == known.recording_id
        and abs(other.time_s - known.time_s) < _SETTINGS.correction_apart_s
        and known.action in (None, other.action)
        for other in movements
    )


def _check_moves(what: StatedMoment | str, found: _Found, last: _Result) -> None:
    """Refuse to move what a person put there, and seconds of a file that nobody named."""
    if found.known is not None and found.known.by_hand:
        message = f"{found.known.event_id} was added by hand: its moment stands in an [[event]] table of case.toml"
        raise CaseFileError(message, hint="change time_s and end_s there; then it keeps its author")
    shown = [each for each in last.movements if each.event_id == what]
    if len({each.recording_id for each in shown}) > 1:
        moments = " or ".join(f"{lasting_name(each.recording_id, last.recordings)}@{each.time_s:g}" for each in shown)
        message = f"{what} is seen in several files, so --time and --end are not clear"
        raise CaseFileError(message, hint=f"name the file whose seconds they are: {moments}")


def _print(folder: CaseFolder, words: str, document: Mapping[str, object], changed: bool, as_json: bool) -> None:
    following = next_command(folder)
    if as_json:
        result_json({**document, "case_file": str(folder.case_file), "added": changed, "next": following})
        return
    verb = "added" if "event" in document else "corrected"
    result(f"{verb if changed else f'{verb} already'}: {words}, in {folder.case_file}")
    result(f"next: {following}")
