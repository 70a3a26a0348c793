"""Intervals, places, distances and arrivals on the terminal, each with what must hold for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.cli.output import result
from syncview.timeline.place_words import (
    arrival_text,
    cluster_text,
    conditions_text,
    distance_text,
    ellipse_text,
    place_text,
    range_text,
    target_text,
)
from syncview.timeline.words import interval_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.events import EventEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["print_places"]

_FROM_CAMERAS = ("camera", "flash and bang")  # last, for there are many


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
    lines: list[str] = []
    for entry in sorted(analysis.distances, key=lambda entry: entry.kind in _FROM_CAMERAS):
        lines.append(f"{entry.strike_id} to {target_text(entry, names)}: {distance_text(entry)}")
        lines += _conditions(entry.assumptions)
    _print_block("distances of the strikes (95 times in 100 within the brackets):", lines)
    cluster = analysis.cluster
    if cluster is not None and (cluster.located or analysis.distances):
        _print_block(cluster_text(cluster), _conditions(cluster.assumptions))
    lines = []
    for arrival in analysis.arrivals:
        lines.append(arrival_text(arrival))
        gaps = [gap for gap in (arrival.since_first, arrival.since_strike, arrival.until_strike) if gap is not None]
        lines += _conditions(tuple(dict.fromkeys(said for gap in gaps for said in gap.assumptions)))
    _print_block("arrivals and departures that people stated:", lines)
    changing = [text for entry in analysis.finding_ranges if (text := range_text(entry, names)) is not None]
    if analysis.finding_ranges and not changing:
        result("leaving out any one file changes none of these numbers")
    _print_block("what leaving out any one file changes:", changing)


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
        lines.append(f"{event.id}: {place_text(where)} (by {where.method})")
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
