"""Events as the page shows them: a mark on the drawing and a row of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.timebase import group_time_of
from syncview.timeline.place_words import conditions_text, distance_text, ellipse_text, place_text, target_text
from syncview.timeline.words import (
    clock_text,
    event_title,
    instant_text,
    interval_texts,
    is_stated,
    support_text,
    support_word,
    uncertainty_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.review.lanes import Band, Scale
    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry, ObservationEntry
    from syncview.timeline.findings import DistanceEntry, StrikeIntervalEntry

__all__ = ["EventView", "HeardView", "arrival_group_s", "event_view"]

_EXPLOSION = "explosion"
_STATED_S = 0.1  # people read moments to tenths at best
_LETTERS = "abcdefghijklmnopqrstuvwxyz-"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardView:
    """One recording's share in an event. `time_text` is the time in its own file."""

    recording_id: str
    name: str
    time_text: str
    pm_text: str | None
    measures: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event or a candidate; every text is rounded to its error bar. `number` is what its mark shows of its id.

    `distances` are each with what must hold for it.
    """

    anchor: str
    id: str
    number: str
    title: str
    label: str
    support: Literal["weak", "moderate", "strong", "stated"]
    support_text: str
    time_s: float
    time_text: str
    pm_text: str
    moment_text: str
    utc_text: str | None
    local_text: str | None
    since_text: str | None
    since_note: str | None
    place_text: str | None
    place_notes: tuple[str, ...]
    distances: tuple[tuple[str, str | None], ...]
    heard: tuple[HeardView, ...]
    heard_text: str
    x: float
    band: Band
    lowered: bool


def event_view(
    event: EventEntry,
    *,
    group: GroupEntry,
    scale: Scale,
    names: Mapping[str, str],
    witness: Mapping[str, str],
    since: StrikeIntervalEntry | None,
    distances: Sequence[DistanceEntry],
    lowered: bool,
) -> EventView:
    """Put an event into words.

    Parameters
    ----------
    event : EventEntry
        The event.
    group : GroupEntry
        Its group.
    scale : Scale
        Of the group's drawing.
    names : mapping of str to str
        Names to show by recording id.
    witness : mapping of str to str
        Witness by recording id; copies of one recording are one.
    since : StrikeIntervalEntry or None
        Time from the strike before it.
    distances : sequence of DistanceEntry
        Its own, all of them.
    lowered : bool
        Draw its mark in the lower row, because another stands beside it.

    Returns
    -------
    EventView
        Texts and places.
    """
    utc_uncertainty_s = 0.0 if group.utc is None else math.hypot(event.uncertainty_s, group.utc.uncertainty_s)
    utc_pm = f" ± {uncertainty_text(utc_uncertainty_s)} s"
    since_text, since_note = (None, None) if since is None else interval_texts(since, names)
    return EventView(
        anchor=f"event-{event.id}",
        id=event.id,
        number=event.id.lstrip(_LETTERS) or event.id,
        title=event_title(event),
        label=event.label,
        support="stated" if is_stated(event) else support_word(event.confidence),
        support_text=support_text(event),
        time_s=event.time_s,
        time_text=clock_text(event.time_s, event.uncertainty_s),
        pm_text=uncertainty_text(event.uncertainty_s),
        moment_text=_moment(event.time_basis, names),
        utc_text=None if event.utc is None else instant_text(event.utc, utc_uncertainty_s) + utc_pm,
        local_text=None if event.local is None else instant_text(event.local, utc_uncertainty_s),
        since_text=since_text,
        since_note=since_note,
        place_text=None if event.location is None else place_text(event.location),
        place_notes=_place_notes(event),
        distances=tuple(
            (f"{target_text(entry, names)}: {distance_text(entry)}", conditions_text(entry.assumptions))
            for entry in distances
        ),
        heard=tuple(_heard(seen, names) for seen in event.observations),
        heard_text=_heard_text(event, witness),
        x=scale.x(event.time_s),
        band=scale.band(event.time_s - event.uncertainty_s, event.time_s + event.uncertainty_s),
        lowered=lowered,
    )


def arrival_group_s(event: EventEntry, clock: ClockEntry) -> float | None:
    """Group time at which one recording hears an event; None when it does not, or where its clock is not known.

    Parameters
    ----------
    event : EventEntry
        The event.
    clock : ClockEntry
        The recording's clock.

    Returns
    -------
    float or None
        Seconds.
    """
    heard = (seen.sound_s for seen in event.observations if seen.recording_id == clock.recording_id)
    sound_s = next((moment for moment in heard if moment is not None), None)
    if sound_s is None:
        return None
    return group_time_of(clock, sound_s, of="audio")


def _moment(time_basis: str, names: Mapping[str, str]) -> str:
    if time_basis == _EXPLOSION:
        return "moment of the explosion"
    what, _, recording_id = time_basis.partition(":")
    name = names.get(recording_id, recording_id)
    return f"as {name} shows it" if what == "seen_at" else f"when its sound reached {name}"


def _place_notes(event: EventEntry) -> tuple[str, ...]:
    """What else there is to say of a place, or why there is none."""
    where = event.location
    if where is None:
        return () if event.location_abstained is None else (f"not located: {event.location_abstained}",)
    notes = [f"by {where.method}"]
    if (oval := ellipse_text(where)) is not None:
        notes.append(oval)
    notes += [f"it may also have been at {place_text(other)}" for other in where.alternatives]
    if (holds := conditions_text(where.assumptions)) is not None:
        notes.append(holds)
    return tuple(notes)


def _heard_text(event: EventEntry, witness: Mapping[str, str]) -> str:
    """How many recordings, and how many witnesses where copies are among them; or that a person saw it."""
    if is_stated(event):
        return "what was stated"
    many = len(event.observations)
    witnesses = len({witness.get(seen.recording_id, seen.recording_id) for seen in event.observations})
    text = f"{many} recording{'' if many == 1 else 's'}"
    return text if witnesses == many else f"{text}, {witnesses} witness{'' if witnesses == 1 else 'es'}"


def _heard(seen: ObservationEntry, names: Mapping[str, str]) -> HeardView:
    uncertainty_s = seen.sound_uncertainty_s or 0.0
    stated = "not heard" if seen.stated_s is None else clock_text(seen.stated_s, _STATED_S)
    return HeardView(
        recording_id=seen.recording_id,
        name=names.get(seen.recording_id, seen.recording_id),
        time_text=stated if seen.sound_s is None else clock_text(seen.sound_s, uncertainty_s),
        pm_text=None if seen.sound_uncertainty_s is None else uncertainty_text(uncertainty_s),
        measures=tuple((_plain(name), f"{value:.4g}") for name, value in seen.measures.items()),
        reasons=seen.reasons,
    )


def _plain(name: str) -> str:
    """A measure's name without underscores.

    Examples
    --------
    >>> _plain("rise_db")
    'rise db'
    """
    return name.replace("_", " ")
