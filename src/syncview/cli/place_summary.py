"""Intervals, places, distances and arrivals on the terminal, each with what must hold for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.cli.output import result
from syncview.timeline.arrivals import CANDIDATE
from syncview.timeline.movement_words import arrival_lines
from syncview.timeline.place_words import (
    arrival_text,
    cluster_text,
    conditions_text,
    distance_text,
    ellipse_text,
    method_text,
    place_text,
    range_text,
    target_text,
)
from syncview.timeline.stability import stated_of
from syncview.timeline.words import interval_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.events import EventEntry
    from syncview.timeline.findings import DistanceEntry, FindingRangeEntry
    from syncview.timeline.schema import TimelineDocument
    from syncview.timeline.stability import Stated

__all__ = ["print_places"]

_FROM_CAMERAS = ("camera", "flash and bang")  # last, for there are many
_OF_ONE_FILE = ("(camera)", "(flash and bang)")
_MOST_RANGES = 6


def print_places(document: TimelineDocument, names: Mapping[str, str]) -> None:
    """Print how long after one another and where the strikes fell, how far from what, and who came when.

    Parameters
    ----------
    document : TimelineDocument
        The result of a run.
    names : mapping of str to str
        Names to show by recording id.
    """
    analysis = document.analysis
    _print_intervals(document, names)
    _print_locations(document.events)
    _print_distances(document, names)
    cluster = analysis.cluster
    if cluster is not None and (cluster.located or analysis.distances):
        _print_block(cluster_text(cluster), _conditions(cluster.assumptions))
    lines = []
    for arrival in (entry for entry in analysis.arrivals if entry.by != CANDIDATE):
        lines.append(arrival_text(arrival))
        gaps = [gap for gap in (arrival.since_first, arrival.since_strike, arrival.until_strike) if gap is not None]
        lines += _conditions(tuple(dict.fromkeys(said for gap in gaps for said in gap.assumptions)))
    _print_block("arrivals and departures that people stated:", lines)
    first = [entry for entry in analysis.arrivals if entry.by == CANDIDATE]
    _print_block("first arrivals and departures in pictures (candidates):", list(arrival_lines(first)))
    _print_ranges(document, names)


def _print_distances(document: TimelineDocument, names: Mapping[str, str]) -> None:
    """What a strike is measured against, line by line, its cameras on one; what must hold for them once, at the end."""
    located = {event.id for event in document.events if event.location is not None}
    shown = [
        entry
        for entry in document.analysis.distances
        if entry.kind != "flash and bang" or entry.strike_id not in located
    ]
    lines = []
    for strike_id in dict.fromkeys(entry.strike_id for entry in shown):
        own = [entry for entry in shown if entry.strike_id == strike_id]
        cameras = [_to(entry, names) for entry in own if entry.kind in _FROM_CAMERAS]
        lines += [f"{strike_id} to {_to(entry, names)}" for entry in own if entry.kind not in _FROM_CAMERAS]
        lines += [f"{strike_id} to {'; '.join(cameras)}"] if cameras else []
    lines += _conditions(tuple(dict.fromkeys(said for entry in shown for said in entry.assumptions)))
    _print_block("distances of the strikes (95 times in 100 within the brackets):", lines)


def _to(entry: DistanceEntry, names: Mapping[str, str]) -> str:
    return f"{target_text(entry, names)}: {distance_text(entry)}"


def _print_ranges(document: TimelineDocument, names: Mapping[str, str]) -> None:
    """Numbers that leave their interval, or are lost, when some file is left out; no file shows without itself."""
    ranges, stated = document.analysis.finding_ranges, stated_of(document.analysis)
    changing = [
        text
        for entry in ranges
        if not any(kind in entry.finding for kind in _OF_ONE_FILE)
        and (entry.lost_without or _leaves(entry, stated[entry.finding]))
        and (text := range_text(entry, names)) is not None
    ]
    if ranges and not changing:
        result("leaving out any one file moves none of these numbers out of its +-")
    more = len(changing) - _MOST_RANGES
    if more > 0:
        changing = [*changing[:_MOST_RANGES], f"and {more} more (finding_ranges in timeline.json)"]
    _print_block("what leaving out any one file changes beyond the +-:", changing)


def _leaves(entry: FindingRangeEntry, stated: Stated) -> bool:
    """Whether a number leaves its own interval when some file is left out."""
    return entry.lowest < stated.lowest or (stated.highest is not None and entry.highest > stated.highest)


def _print_intervals(document: TimelineDocument, names: Mapping[str, str]) -> None:
    lines = []
    for strike in document.analysis.strikes:
        for interval in strike.intervals:
            text, note = interval_texts(interval, names)
            lines.append(f"{strike.id}: {text}" + ("" if note is None else f" ({note})"))
    _print_block("times between the explosions:", lines)


def _print_locations(events: Sequence[EventEntry]) -> None:
    lines = []
    for event in events:
        if event.location is None:
            if event.location_abstained is not None:
                lines.append(f"{event.id}: not located: {event.location_abstained}")
            continue
        where = event.location
        lines.append(f"{event.id}: {place_text(where)} (by {method_text(where.method)})")
        if (oval := ellipse_text(where)) is not None:
            lines.append(f"    {oval}")
        lines += [f"    it may also have been at {place_text(other)}" for other in where.alternatives]
        lines += _conditions(where.assumptions)
    _print_block("places of the events:", lines)


def _conditions(assumptions: tuple[str, ...]) -> list[str]:
    said = conditions_text(assumptions)
    return [] if said is None else [f"    {said}"]


def _print_block(title: str, lines: Sequence[str]) -> None:
    if lines or title.startswith("cluster"):
        result(title)
    for line in lines:
        result(f"  {line}")
