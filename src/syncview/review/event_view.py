"""Events as the page shows them: a mark on the drawing and a row of the table."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.review.light_view import LightView, light_view
from syncview.review.movement_view import StillView, stills_of
from syncview.timebase import group_time_of
from syncview.timeline.place_words import (
    conditions_text,
    distance_text,
    ellipse_text,
    method_text,
    place_text,
    target_text,
)
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
    from syncview.timeline.recordings import RecordingEntry

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
    light: LightView | None
    stills: tuple[StillView, ...] = ()


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
    pictures: Mapping[str, RecordingEntry],
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
    pictures : mapping of str to RecordingEntry
        Recordings with a picture, by id.
    lowered : bool
        Draw its mark in the lower row, because another stands beside it.

    Returns
    -------
    EventView
        Texts and places.
    """
    time_s, uncertainty_s = event.on_group_clock()
    heard = _all_heard(event, group, names, pictures)
    utc_uncertainty_s = 0.0 if group.utc is None else math.hypot(uncertainty_s, group.utc.uncertainty_s)
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
        time_s=time_s,
        time_text=clock_text(time_s, uncertainty_s),
        pm_text=uncertainty_text(uncertainty_s),
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
        heard=heard,
        heard_text=_heard_text(event, witness) + _light_text(heard),
        x=scale.x(time_s),
        band=scale.band(time_s - uncertainty_s, time_s + uncertainty_s),
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
    notes = [f"by {method_text(where.method)}"]
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


def _light_text(heard: Sequence[HeardView]) -> str:
    """In how many recordings a light was picked, or may be looked for."""
    picked = sum(each.light is not None and each.light.picked for each in heard)
    if picked:
        return f"; light picked in {picked}"
    return "; lights to look at" if any(each.light is not None and each.light.rows for each in heard) else ""


def _all_heard(
    event: EventEntry, group: GroupEntry, names: Mapping[str, str], pictures: Mapping[str, RecordingEntry]
) -> tuple[HeardView, ...]:
    clocks = {clock.recording_id: clock for clock in group.clocks}
    return tuple(
        _heard(
            seen,
            names,
            light_view(
                seen,
                clock=clocks.get(seen.recording_id),
                names=names,
                filmed=event.kind == "strike" and seen.recording_id in pictures,
            ),
            stills_of(seen, pictures.get(seen.recording_id)),
        )
        for seen in event.observations
    )


def _heard(
    seen: ObservationEntry, names: Mapping[str, str], light: LightView | None, stills: tuple[StillView, ...]
) -> HeardView:
    uncertainty_s = seen.sound_uncertainty_s or 0.0
    shown_s = seen.seen_s if seen.stated_s is None else seen.stated_s
    stated = "not heard" if shown_s is None else clock_text(shown_s, _STATED_S)
    return HeardView(
        recording_id=seen.recording_id,
        name=names.get(seen.recording_id, seen.recording_id),
        time_text=stated if seen.sound_s is None else clock_text(seen.sound_s, uncertainty_s),
        pm_text=None if seen.sound_uncertainty_s is None else uncertainty_text(uncertainty_s),
        measures=tuple((_plain(name), f"{value:.4g}") for name, value in seen.measures.items()),
        reasons=tuple(_named(reason, names) for reason in seen.reasons),
        light=light,
        stills=stills,
    )


def _named(text: str, names: Mapping[str, str]) -> str:
    """A reason with the names of recordings in place of their ids.

    Examples
    --------
    >>> _named("seen in r1, r12", {"r1": "a.mp4", "r12": "b.mp4"})
    'seen in a.mp4, b.mp4'
    """
    return re.sub(r"[\w-]+", lambda word: names.get(word[0], word[0]), text)


def _plain(name: str) -> str:
    """A measure's name without underscores.

    Examples
    --------
    >>> _plain("rise_db")
    'rise db'
    """
    return name.replace("_", " ")
