"""Tracks of people and vehicles, and how many were recognised when, as rows below the table of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.export.cells import number_text
from syncview.timebase import group_time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from syncview.timeline.clocks import ClockEntry
    from syncview.timeline.people import PeopleStretchEntry, TrackEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["people_rows"]


def people_rows(document: TimelineDocument, clocks: Sequence[ClockEntry], columns: Sequence[str]) -> list[list[str]]:
    """Rows for every track, then for every stretch of counts, on the clocks of their groups.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    clocks : sequence of ClockEntry
        Of the recordings that are wanted.
    columns : sequence of str
        Names of the cells: those of the table of events.

    Returns
    -------
    list of list of str
        What begins while the picture is on no clock has no time.
    """
    by_id = {clock.recording_id: clock for clock in clocks}
    said = [_track(track, by_id[track.recording_id]) for track in document.tracks if track.recording_id in by_id]
    for people in document.people:
        if people.recording_id in by_id:
            said += _counts(people.recording_id, people.group_id, people.stretches)
    groups = {clock.recording_id: group.id for group in document.groups for clock in group.clocks}
    for row in said:
        row.setdefault("group", groups[row["time_basis"].removeprefix("seen_at:")])
    return [[row.get(column, "") for column in columns] for row in said]


def _track(track: TrackEntry, clock: ClockEntry) -> dict[str, str]:
    ends = [group_time_of(clock, at_s, of="video") for at_s in (track.start_s, track.end_s)]
    start_text, end_text = ("" if at_s is None else number_text(at_s) for at_s in ends)
    words = [f"{what} {share:.2f}" for what, share in track.colours.items()]
    return {
        "event": track.id,
        "kind": f"track of a {track.kind}",
        "label": ", ".join([*([track.label] if track.label else []), *track.tags, *words]),
        "group_time_s": start_text,
        "group_end_s": end_text,
        "uncertainty_s": number_text(clock.uncertainty_s),
        "time_basis": f"seen_at:{track.recording_id}",
    }


def _counts(recording_id: str, group_id: str, stretches: Sequence[PeopleStretchEntry]) -> Iterator[dict[str, str]]:
    for each in stretches:
        label = "not assessable"
        if each.persons is not None:
            label = f"people at least {each.persons} (most {each.persons_most})"
            label += f", vehicles at least {each.vehicles} (most {each.vehicles_most})"
        yield {
            "kind": "people and vehicles at once",
            "label": label,
            "group": group_id,
            "group_time_s": number_text(each.start_s),
            "group_end_s": number_text(each.end_s),
            "time_basis": f"seen_at:{recording_id}",
        }
