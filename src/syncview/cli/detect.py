"""``syncview detect``: what is heard in files, without a case folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncview.cli.inputs import files_argument, movement_option, workers_option
from syncview.cli.output import result
from syncview.cli.stage import analyze_apart, finish
from syncview.cli.verb import Verb, json_option
from syncview.timeline.movement_words import movement_notes
from syncview.timeline.words import event_title, support_word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.settings import MovementMode
    from syncview.timeline.schema import TimelineDocument

__all__ = ["command"]


@click.command(
    "detect",
    cls=Verb,
    examples=(
        "syncview detect cam1.mp4",
        "syncview detect cam1.mp4 --movement whole",
        "syncview detect footage/ --json",
    ),
)
@files_argument(required=True)
@movement_option(default="off")
@workers_option()
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@json_option()
def command(inputs: tuple[Path, ...], movement: MovementMode, workers: int, quiet: bool, as_json: bool) -> int:
    """List sounds that may be explosions, or aircraft, and what people and vehicles do; keeps nothing."""
    analysis = analyze_apart(inputs, None, workers=workers, quiet=quiet, movement=movement)
    if not as_json:
        names = {recording.id: recording.name_display for recording in analysis.document.recordings}
        heard = [
            (names[seen.recording_id], seen.sound_s, event, seen.reasons)
            for event in (*analysis.document.events, *analysis.document.candidates)
            for seen in event.observations
            if seen.sound_s is not None
        ]
        for name, sound_s, event, reasons in sorted(heard, key=lambda row: row[:2]):
            support = support_word(event.confidence)
            result(f"{name}  {sound_s:.3f} s  {event_title(event)}, support {support}: {'; '.join(reasons)}")
        if all(event.kind == "aircraft" for _, _, event, _ in heard):
            result("no sound stands out that may be an explosion; that is no proof that there was none")
        if movement != "off":
            _print_movements(analysis.document, names)
    return finish(analysis, "events", "candidates", "tracks", "people", as_json=as_json)


def _print_movements(document: TimelineDocument, names: Mapping[str, str]) -> None:
    """What pictures show, by file and recording time."""
    shown = [
        (names[seen.recording_id], seen.seen_s, event, seen.reasons)
        for event in (*document.events, *document.candidates)
        for seen in event.observations
        if seen.seen_s is not None
    ]
    for name, seen_s, event, reasons in sorted(shown, key=lambda row: row[:2]):
        support = support_word(event.confidence)
        result(f"{name}  {seen_s:.1f} s  {event_title(event)}, support {support}: {'; '.join(reasons)}")
    for line in movement_notes(document):
        result(line)
