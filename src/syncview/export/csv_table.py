"""Events as a table for spreadsheets: one row each, with every file's own time code and frame number."""

from __future__ import annotations

import csv
import io
import math
import re
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.export.cells import number_text
from syncview.export.people_rows import people_rows
from syncview.export.timecode import frame_index, timecode
from syncview.timebase import group_extent_s, moment_of, segment_at
from syncview.timeline.words import event_title, support_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["csv_text", "guarded"]

_BOM = "\ufeff"  # without it Excel reads UTF-8 as a code page
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_COLUMNS = (
    "event",
    "kind",
    "support",
    "label",
    "group",
    "group_time_s",
    "group_end_s",
    "uncertainty_s",
    "time_basis",
    "utc",
    "local",
    "utc_uncertainty_s",
    "heard_by",
    "lat",
    "lon",
    "location_uncertainty_m",
)


def csv_text(
    document: TimelineDocument,
    *,
    frame_times_s: Mapping[str, NDArray[np.float64]],
    group_id: str | None = None,
    recording_id: str | None = None,
    include_unreviewed: bool = False,
) -> str:
    """Write the events as comma-separated values.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    frame_times_s : mapping of str to ndarray of float64
        Recording times of the frames by recording id; recordings that are absent get no frame numbers.
    group_id : str, optional
        Only events of this group.
    recording_id : str, optional
        Only this recording's columns, and events of its group.
    include_unreviewed : bool
        Also the sounds below the strike threshold, possible echoes, weaker movements and the like, and below them every
        track of a person or vehicle and how many people were recognised when.

    Returns
    -------
    str
        With a byte-order mark and CRLF line ends (RFC 4180). Cells that a spreadsheet would run as a formula are
        guarded. Without events, a row that says so.

    Raises
    ------
    DocumentError
        If the group or the recording is not in the timeline.
    """
    groups = _chosen_groups(document, group_id, recording_id)
    names = {recording.id: recording.name_display for recording in document.recordings}
    order = list(names)
    clocks = [c for group in groups for c in group.clocks if recording_id in (None, c.recording_id)]
    clocks.sort(key=lambda clock: order.index(clock.recording_id))
    titles = [f"{clock.recording_id} {names[clock.recording_id]}" for clock in clocks]
    header = [*_COLUMNS, *(f"{title} {what}" for title in titles for what in ("timecode", "frame", "basis"))]
    rows = []
    for event, group in _chosen_events(document, groups, include_unreviewed=include_unreviewed):
        cells = _event_cells(event, group)
        for clock in clocks:
            cells += _recording_cells(event, group, clock, frame_times_s.get(clock.recording_id))
        rows.append(cells)
    if group_id is None and recording_id is None:
        outside = (event for event in document.events if event.kind == "external")
        rows += [_external_cells(event) + [""] * 3 * len(clocks) for event in outside]
    if include_unreviewed:
        rows += [row + [""] * 3 * len(clocks) for row in people_rows(document, clocks, _COLUMNS)]
    if not rows:
        rows.append(["(no events)", *[""] * (len(header) - 1)])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([guarded(cell) for cell in row] for row in [header, *rows])
    return _BOM + out.getvalue()


def guarded(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula; plain negative numbers stay numbers.

    Examples
    --------
    >>> guarded("=HYPERLINK(1)"), guarded("-3.5"), guarded("-3.5+A1")
    ("'=HYPERLINK(1)", '-3.5', "'-3.5+A1")
    """
    if cell.startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def _chosen_groups(document: TimelineDocument, group_id: str | None, recording_id: str | None) -> list[GroupEntry]:
    groups = [group for group in document.groups if group_id in (None, group.id)]
    if group_id is not None and not groups:
        known = ", ".join(group.id for group in document.groups) or "none"
        msg = f"there is no group {group_id} in the timeline"
        raise DocumentError(msg, hint=f"groups: {known}")
    if recording_id is not None:
        groups = [group for group in groups if any(clock.recording_id == recording_id for clock in group.clocks)]
        if not groups:
            msg = f"recording {recording_id} has no clock in " + ("the timeline" if group_id is None else group_id)
            raise DocumentError(msg, hint="choose a recording that stands in a group")
    return groups


def _chosen_events(
    document: TimelineDocument, groups: list[GroupEntry], *, include_unreviewed: bool
) -> list[tuple[EventEntry, GroupEntry]]:
    events = document.events + (document.candidates if include_unreviewed else ())
    return [
        (event, group)
        for group in groups
        for event in sorted((e for e in events if e.group_id == group.id), key=lambda e: (e.on_group_clock(), e.id))
    ]


def _event_cells(event: EventEntry, group: GroupEntry) -> list[str]:
    time_s, uncertainty_s = event.on_group_clock()
    utc_uncertainty_s = ""
    if event.utc is not None and group.utc is not None:
        utc_uncertainty_s = number_text(math.hypot(uncertainty_s, group.utc.uncertainty_s))
    return [
        event.id,
        event_title(event),
        support_text(event),
        event.label,
        group.id,
        number_text(time_s),
        "" if event.end_s is None else number_text(event.end_s),
        number_text(uncertainty_s),
        event.time_basis,
        event.utc or "",
        event.local or "",
        utc_uncertainty_s,
        " ".join(seen.recording_id for seen in event.observations if seen.sound_s is not None),
        *_location_cells(event),
    ]


def _location_cells(event: EventEntry) -> list[str]:
    if event.location is None:
        return ["", "", ""]
    return [number_text(event.location.lat), number_text(event.location.lon), number_text(event.location.uncertainty_m)]


def _external_cells(event: EventEntry) -> list[str]:
    """What no file shows has no group time; where its UTC is only bounded, the label says so."""
    ends = (("not before", event.not_before), ("not after", event.not_after))
    label = ", ".join([f"{event.external_kind}: {event.label}", *(f"{word} {end}" for word, end in ends if end)])
    uncertainty_s = "" if event.utc_uncertainty_s is None else number_text(event.utc_uncertainty_s)
    said = {
        "event": event.id,
        "kind": "stated, no file shows it",
        "label": label,
        "time_basis": event.time_basis,
        "utc": event.utc or "",
        "local": event.local or "",
        "utc_uncertainty_s": uncertainty_s,
    }
    return [said.get(column, "") for column in _COLUMNS]


def _recording_cells(
    event: EventEntry, group: GroupEntry, clock: ClockEntry, pts_s: NDArray[np.float64] | None
) -> list[str]:
    """Where the event lies in one file: where it is heard or stated there, else where the clock puts it.

    The frame is that on screen then, and none where the picture may be of another moment.
    """
    if clock not in group.clocks:
        return ["", "", ""]
    time_s, uncertainty_s = event.on_group_clock()
    heard = {seen.recording_id: seen.sound_s for seen in event.observations if seen.sound_s is not None}
    stated = {seen.recording_id: seen.stated_s for seen in event.observations if seen.stated_s is not None}
    seen = {seen.recording_id: seen.seen_s for seen in event.observations if seen.seen_s is not None}
    moment_s = heard.get(clock.recording_id)
    basis = "heard"
    if moment_s is None and clock.recording_id in stated:
        moment_s, basis = stated[clock.recording_id], "stated by a person"
    if moment_s is None and clock.recording_id in seen:
        moment_s, basis = seen[clock.recording_id], "seen"
    if moment_s is None:
        moment_s = moment_of(clock, time_s)
        basis = f"by the clock, ± {uncertainty_text(math.hypot(clock.uncertainty_s, uncertainty_s))} s"
    if moment_s is None:
        start_s, end_s = group_extent_s(clock)
        return ["", "", "cut out, or on no clock" if start_s < time_s < end_s else "not recording"]
    if pts_s is not None and segment_at(clock.segments, moment_s, of="video") is None:
        return [timecode(moment_s), "", f"{basis}; the picture there may be of another moment"]
    frame = None if pts_s is None else frame_index(pts_s, moment_s)
    return [timecode(moment_s), "" if frame is None else str(frame), basis]
