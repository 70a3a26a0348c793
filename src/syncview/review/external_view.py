"""What no file shows, as the page lists it: times in UTC, or between which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from syncview.timeline.words import event_title, instant_text, interval_texts, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.timeline.events import EventEntry
    from syncview.timeline.findings import StrikeIntervalEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["ExternalView", "external_views"]

_BOUND_S = 2.0  # bounds are read to the second


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalView:
    """An event that a person states. `since_text` is the time from the strike before it, where that can be told."""

    anchor: str
    id: str
    title: str
    kind: str
    when_text: str
    local_text: str | None
    since_text: str | None
    since_note: str | None


def external_views(
    document: TimelineDocument, since: Mapping[str, StrikeIntervalEntry], names: Mapping[str, str]
) -> tuple[ExternalView, ...]:
    """Events of kind "external" in order of UTC.

    Parameters
    ----------
    document : TimelineDocument
        The timeline.
    since : mapping of str to StrikeIntervalEntry
        Time from the strike before, by event id.
    names : mapping of str to str
        Names to show by recording id.

    Returns
    -------
    tuple of ExternalView
        One that is only bounded stands at its bound, or in the middle of both.
    """
    events = sorted((event for event in document.events if event.kind == "external"), key=_order)
    return tuple(_view(event, since.get(event.id), names) for event in events)


def _view(event: EventEntry, since: StrikeIntervalEntry | None, names: Mapping[str, str]) -> ExternalView:
    since_text, since_note = (None, None) if since is None else interval_texts(since, names)
    half_s = event.utc_uncertainty_s or 0.0
    return ExternalView(
        anchor=f"event-{event.id}",
        id=event.id,
        title=event_title(event),
        kind=event.external_kind or "event",
        when_text=_when(event, half_s),
        local_text=None if event.local is None else instant_text(event.local, half_s),
        since_text=since_text,
        since_note=since_note,
    )


def _when(event: EventEntry, half_s: float) -> str:
    if event.utc is not None:
        return f"{instant_text(event.utc, half_s)} UTC ± {uncertainty_text(half_s)} s"
    least = None if event.not_before is None else instant_text(event.not_before, _BOUND_S)
    most = None if event.not_after is None else instant_text(event.not_after, _BOUND_S)
    if least is not None and most is not None:
        return f"between {least} and {most} UTC; nobody says when in between"
    if most is not None:
        return f"not after {most} UTC; nobody says how long before"
    return f"not before {least} UTC; nobody says how long after"


def _order(event: EventEntry) -> tuple[datetime, str]:
    if event.utc is not None:
        return datetime.fromisoformat(event.utc), event.id
    ends = [datetime.fromisoformat(end) for end in (event.not_before, event.not_after) if end is not None]
    return ends[0] + (ends[-1] - ends[0]) / 2, event.id
