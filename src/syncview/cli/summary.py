"""A timeline as a table on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syncview.cli.output import result
from syncview.timeline.words import event_title, instant_text, seconds_text, support_word, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.timeline.clocks import GroupEntry
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
    for group in document.groups:
        if len(group.clocks) == 1 and group.clocks[0].recording_id in refused:
            _print_lone(group, document, names)
    for left in document.unplaced:
        result(f"not placed: {names[left.recording_id]}")
        for reason in left.reasons:
            result(f"    {reason}")
    for finding in document.findings:
        result(f"finding: {', '.join(names[name] for name in finding.recording_ids)}: {finding.message}")
    for same in document.duplicates:
        result(f"one witness: {', '.join(names[name] for name in same.recording_ids)} ({same.evidence})")
    if document.ignored:
        result(f"ignored: {len(document.ignored)} files that are no recordings (listed in timeline.json)")


def _print_group(group: GroupEntry, document: TimelineDocument, names: dict[str, str]) -> None:
    result(f"group {group.id}: {len(group.clocks)} on one clock, against {names[group.reference_id]}")
    rows = [("starts at", "+-", "sound +-", "length", "recording")]
    lengths = {recording.id: recording.duration_s for recording in document.recordings}
    for clock in sorted(group.clocks, key=lambda c: (c.segments[0].offset_s, names[c.recording_id])):
        length_s = lengths[clock.recording_id]
        is_reference = clock.recording_id == group.reference_id
        rows.append(
            (
                f"{seconds_text(clock.segments[0].offset_s, clock.sound_uncertainty_s)} s",
                "reference" if is_reference else f"{uncertainty_text(clock.uncertainty_s)} s",
                "" if is_reference else f"{uncertainty_text(clock.sound_uncertainty_s)} s",
                "" if length_s is None else f"{length_s:.1f} s",
                names[clock.recording_id],
            )
        )
    _print_rows(rows)
    _print_events([event for event in document.events if event.group_id == group.id], group, names)
    possible = sum(candidate.group_id == group.id for candidate in document.candidates)
    if possible:
        result(f"  and {possible} weaker sounds to look at (candidates in timeline.json)")
    result()


def _print_lone(group: GroupEntry, document: TimelineDocument, names: dict[str, str]) -> None:
    """A recording on its own clock deserves a line only when something happens in it."""
    events = [event for event in document.events if event.group_id == group.id]
    if events:
        result(f"group {group.id}: {names[group.reference_id]} alone, on its own clock")
        _print_events(events, group, names)
        result()


def _print_events(events: Sequence[EventEntry], group: GroupEntry, names: dict[str, str]) -> None:
    if not events:
        return
    rows = [("event", "what", "group time", "+-", "UTC", "support", "heard by")]
    for event in events:
        heard = [names[seen.recording_id] for seen in event.observations]
        basis = event.time_basis.removeprefix("arrival_at:")
        rows.append(
            (
                event.id,
                event_title(event),
                f"{seconds_text(event.time_s, event.uncertainty_s)} s",
                f"{uncertainty_text(event.uncertainty_s)} s",
                _utc_text(event, group),
                support_word(event.confidence),
                f"{len(heard)}: {', '.join(heard)}" + (f" (time at {names[basis]})" if basis in names else ""),
            )
        )
    _print_rows(rows)


def _utc_text(event: EventEntry, group: GroupEntry) -> str:
    if event.utc is None or group.utc is None:
        return "unknown"
    uncertainty_s = math.hypot(event.uncertainty_s, group.utc.uncertainty_s)
    return f"{instant_text(event.utc, uncertainty_s)} +- {uncertainty_text(uncertainty_s)} s"


def _print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row in rows:
        result("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, [*widths, 0], strict=True)).rstrip())
