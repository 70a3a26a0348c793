"""A timeline as a table on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syncview.cli.output import result
from syncview.cli.place_summary import print_places
from syncview.timebase import group_time_s
from syncview.timeline.aircraft_words import aircraft_note
from syncview.timeline.clock_words import (
    clock_notes,
    finding_words,
    linked_text,
    proposal_text,
    sound_note,
    witnesses_of_document,
)
from syncview.timeline.movement_words import is_seen_movement, movement_notes
from syncview.timeline.words import event_title, instant_text, seconds_text, support_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["print_timeline"]


def print_timeline(document: TimelineDocument) -> None:
    """Print groups with their clocks, events, and what was refused and why.

    Parameters
    ----------
    document : TimelineDocument
        The result of a run.
    """
    names = {recording.id: recording.name_display for recording in document.recordings}
    refused = {left.recording_id for left in document.unplaced}
    for group in document.groups:
        if len(group.clocks) > 1 or group.clocks[0].recording_id not in refused:
            _print_group(group, document, names)
    for event in document.events:
        if event.kind == "external":
            result(f"no file shows: {event.id}, {event.label}: {_external_text(event)}")
    for group in document.groups:
        if len(group.clocks) == 1 and group.clocks[0].recording_id in refused:
            _print_lone(group, document, names)
    if document.events:
        print_places(document, names)
    _print_remarks(document, names)


def _print_remarks(document: TimelineDocument, names: Mapping[str, str]) -> None:
    """What was refused and why, and what a person must know."""
    for left in document.unplaced:
        result(f"not placed: {names[left.recording_id]}")
        for reason in left.reasons:
            result(f"    {reason}")
        for proposal in left.proposals:
            result(f"    {proposal_text(proposal, names)}")
        for group in document.groups:
            for linked in group.linked:
                if linked.recording_id == left.recording_id:
                    result(f"    {linked_text(linked, group.id)}")
    for finding in document.findings:
        about = ", ".join(names[name] for name in finding.recording_ids)
        result(f"finding ({finding_words(finding.kind).title}): {about}: {finding.message}")
    for same in document.duplicates:
        kind = "the same file" if same.kind == "same_file" else "the same recording"
        result(f"one witness: {', '.join(names[name] for name in same.recording_ids)}: {kind} ({same.evidence})")
    if document.ignored:
        result(f"ignored: {len(document.ignored)} files that are no recordings (listed in timeline.json)")


def _print_group(group: GroupEntry, document: TimelineDocument, names: dict[str, str]) -> None:
    result(f"group {group.id}: {len(group.clocks)} on one clock, against {names[group.reference_id]}")
    if group.utc is not None:
        pm_s = group.utc.uncertainty_s
        at = f"{instant_text(group.utc.offset, pm_s)} +- {uncertainty_text(pm_s)} s"
        result(f"  UTC of its 0 s, by {group.utc.basis.replace('_', ' ')}: {at}")
    rows = [("starts at", "+-", "sound +-", "length", "recording")]
    notes: dict[int, list[str]] = {}
    recordings = {recording.id: recording for recording in document.recordings}
    for clock in sorted(group.clocks, key=lambda c: (_start_s(c), names[c.recording_id])):
        recording = recordings[clock.recording_id]
        length_s = recording.duration_s
        unheard = sound_note(recording)
        notes[len(rows)] = [*clock_notes(clock, recording), *([] if unheard is None else [unheard])]
        is_reference = clock.recording_id == group.reference_id
        rows.append(
            (
                f"{seconds_text(_start_s(clock), clock.sound_uncertainty_s)} s",
                "reference" if is_reference else f"{uncertainty_text(clock.uncertainty_s)} s",
                "" if is_reference else f"{uncertainty_text(clock.sound_uncertainty_s)} s",
                "" if length_s is None else f"{length_s:.1f} s",
                names[clock.recording_id],
            )
        )
    _print_rows(rows, notes)
    _print_assumptions(group, names)
    _print_events(_events_of(group, document), group, document)
    for line in movement_notes(document, group.id):
        result(f"  {line}")
    if (heard := aircraft_note(document, group.id)) is not None:
        result(f"  {heard}")
    possible = sum(each.group_id == group.id and not is_seen_movement(each) for each in document.candidates)
    if possible:
        result(f"  and {possible} weaker sounds to look at (candidates in timeline.json)")
    result()


def _print_assumptions(group: GroupEntry, names: Mapping[str, str]) -> None:
    """What must hold for the +- of which clocks."""
    resting: dict[str, list[str]] = {}
    for clock in group.clocks:
        for said in clock.assumptions:
            resting.setdefault(said, []).append(names[clock.recording_id])
    conditions: dict[str, list[str]] = {}
    for said, about in resting.items():
        whose = "every clock" if len(about) >= len(group.clocks) - 1 else ", ".join(about)
        conditions.setdefault(whose, []).append(said)
    for whose, every in conditions.items():
        result(f"  the +- of {whose} holds if {'; '.join(every)}")


def _print_lone(group: GroupEntry, document: TimelineDocument, names: dict[str, str]) -> None:
    """A recording on its own clock deserves a line only when something happens in it."""
    events = _events_of(group, document)
    moving = any(event.group_id == group.id for event in document.events)
    if events or moving:
        result(f"group {group.id}: {names[group.reference_id]} alone, on its own clock")
        _print_events(events, group, document)
        for line in movement_notes(document, group.id):
            result(f"  {line}")
        result()


def _events_of(group: GroupEntry, document: TimelineDocument) -> list[EventEntry]:
    """Those of a group that a table can hold: a street shows hundreds of movements."""
    return [event for event in document.events if event.group_id == group.id and not is_seen_movement(event)]


def _start_s(clock: ClockEntry) -> float:
    """Where the first piece of a file starts on its group's clock."""
    first = clock.segments[0]
    return group_time_s(first, first.start_s)


def _print_events(events: Sequence[EventEntry], group: GroupEntry, document: TimelineDocument) -> None:
    if not events:
        return
    names = {recording.id: recording.name_display for recording in document.recordings}
    witness = witnesses_of_document(document)
    rows = [("event", "what", "group time", "+-", "UTC", "support", "heard by")]
    for event in events:
        heard = ", ".join(names[seen.recording_id] for seen in event.observations)
        witnesses = len({witness[seen.recording_id] for seen in event.observations})
        basis = event.time_basis.partition(":")[2]
        time_s, uncertainty_s = event.on_group_clock()
        rows.append(
            (
                event.id,
                event_title(event),
                f"{seconds_text(time_s, uncertainty_s)} s",
                f"{uncertainty_text(uncertainty_s)} s",
                _utc_text(event, group),
                support_text(event),
                f"{witnesses}: {heard}"
                + (" (copies count once)" if witnesses < len(event.observations) else "")
                + (f" (time at {names[basis]})" if basis in names else ""),
            )
        )
    _print_rows(rows)


def _utc_text(event: EventEntry, group: GroupEntry) -> str:
    if event.utc is None or group.utc is None:
        return "unknown"
    uncertainty_s = math.hypot(event.on_group_clock()[1], group.utc.uncertainty_s)
    return f"{instant_text(event.utc, uncertainty_s)} +- {uncertainty_text(uncertainty_s)} s"


def _external_text(event: EventEntry) -> str:
    if event.utc is not None and event.utc_uncertainty_s is not None:
        uncertainty_s = event.utc_uncertainty_s
        return f"{instant_text(event.utc, uncertainty_s)} UTC +- {uncertainty_text(uncertainty_s)} s"
    ends = (("not before", event.not_before), ("not after", event.not_after))
    return ", ".join(f"{word} {instant_text(end, 1.0)} UTC" for word, end in ends if end is not None)


def _print_rows(rows: Sequence[tuple[str, ...]], notes: Mapping[int, Sequence[str]] | None = None) -> None:
    """Print rows in columns, and below a row its notes."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for number, row in enumerate(rows):
        result("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, [*widths, 0], strict=True)).rstrip())
        for note in (notes or {}).get(number, ()):
            result(f"      {note}")
