"""What pictures show of people and vehicles, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.timeline.arrivals import CANDIDATE
from syncview.timeline.place_words import arrival_text
from syncview.timeline.words import event_title, is_rejected, is_stated, seconds_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.timeline.events import EventEntry
    from syncview.timeline.findings import ArrivalEntry, CoverageEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["arrival_lines", "is_seen_movement", "movement_notes"]

_MINUTE_S = 60.0
_MOST_CANDIDATES = 4  # of arrivals, told in words; timeline.json has all
_MOST_REASONS = 3


def is_seen_movement(event: EventEntry) -> bool:
    """Whether the program saw the event as a movement in a picture, and nobody stated or corrected it."""
    seen = event.observations
    return event.kind == "movement" and any(each.seen_s is not None for each in seen) and not is_stated(event)


def movement_notes(document: TimelineDocument, group_id: str | None = None) -> tuple[str, ...]:
    """Say in how many cameras how much moves, what comes first, and how long people could not have been recognised.

    Parameters
    ----------
    document : TimelineDocument
        The result of a run.
    group_id : str, optional
        One group; None for all.

    Returns
    -------
    tuple of str
        Empty where no picture was looked at for people, and nothing is said of any.
    """
    coverage = [each for each in document.analysis.coverage if group_id in (None, each.group_id)]
    looked_at = [each for each in coverage if each.people_assessable or each.people_not_assessable]
    if not looked_at:
        return ()
    names = {recording.id: recording.name_display for recording in document.recordings}
    moving = [each for each in document.events if is_seen_movement(each) and group_id in (None, each.group_id)]
    doubted = [each for each in document.candidates if is_seen_movement(each) and group_id in (None, each.group_id)]
    rejected = sum(is_rejected(each) for each in doubted)
    weak = len(doubted) - rejected
    cameras = {seen.recording_id for each in moving for seen in each.observations}
    blind = _blind_note(looked_at)
    if not moving and not weak and not any(each.people_assessable for each in looked_at):
        return blind  # not even "none": nobody can say
    line = "movement: no candidate" + (f", {weak} weaker" if weak else "")
    if moving:
        line = f"movement: {_count(len(cameras), 'camera')}, {_count(len(moving), 'candidate')} and {weak} weaker"
    if rejected:
        line += f" ({rejected} more rejected by people)"
    if moving:
        line += f"; first: {_first(moving, names)}"
    return (line, *blind)


def arrival_lines(arrivals: Sequence[ArrivalEntry]) -> tuple[str, ...]:
    """Put arrivals and departures into words: all that people stated, and the first few candidates among strikes.

    Parameters
    ----------
    arrivals : sequence of ArrivalEntry
        Of the analysis.

    Returns
    -------
    tuple of str
        One each, and how many more candidates there are. Without a strike to compare it with, a candidate says no more
        here than among the movements.
    """
    candidates = [
        entry
        for entry in arrivals
        if entry.by == CANDIDATE and (entry.since_strike is not None or entry.until_strike is not None)
    ]
    told = [arrival_text(entry) for entry in arrivals if entry.by != CANDIDATE]
    told += [f"{arrival_text(entry)} (candidate)" for entry in candidates[:_MOST_CANDIDATES]]
    if (more := len(candidates) - _MOST_CANDIDATES) > 0:
        told.append(f"{more} more candidates for arrivals and departures in timeline.json")
    return tuple(told)


def _first(moving: Sequence[EventEntry], names: dict[str, str]) -> str:
    event = min(moving, key=lambda each: (each.on_group_clock(), each.id))
    time_s, uncertainty_s = event.on_group_clock()
    at = f"{seconds_text(time_s, uncertainty_s)} s ± {uncertainty_text(uncertainty_s)} s"
    return f"{event.id}, {event_title(event)} at {at} ({names[event.observations[0].recording_id]})"


def _blind_note(coverage: Sequence[CoverageEntry]) -> tuple[str, ...]:
    shown_s = sum(span.end_s - span.start_s for each in coverage for span in each.known_picture)
    seeing_s = sum(span.end_s - span.start_s for each in coverage for span in each.people_assessable)
    reasons = list(
        dict.fromkeys(why for each in coverage for part in each.people_not_assessable for why in part.reasons)
    )
    if not reasons:
        return ()
    more = f"; and {len(reasons) - _MOST_REASONS} more reasons" if len(reasons) > _MOST_REASONS else ""
    blind = f"{(shown_s - seeing_s) / _MINUTE_S:.1f} of {shown_s / _MINUTE_S:.1f} min"
    return (f"people not assessable in {blind}: {'; '.join(reasons[:_MOST_REASONS])}{more}",)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
