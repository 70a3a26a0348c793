"""Events as the page shows them: a mark on the drawing and a row of the table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.timebase import group_time_of
from syncview.timeline.words import (
    clock_text,
    event_title,
    instant_text,
    seconds_text,
    support_word,
    uncertainty_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.review.lanes import Band, Scale
    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry, ObservationEntry
    from syncview.timeline.findings import StrikeIntervalEntry

__all__ = ["EventView", "HeardView", "arrival_group_s", "event_view"]

_EXPLOSION = "explosion"
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
    """An event or a candidate; every text is rounded to its error bar. `number` is what its mark shows of its id."""

    anchor: str
    id: str
    number: str
    title: str
    label: str
    support: Literal["weak", "moderate", "strong"]
    time_s: float
    time_text: str
    pm_text: str
    moment_text: str
    utc_text: str | None
    local_text: str | None
    since_text: str | None
    since_note: str | None
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
    lowered : bool
        Draw its mark in the lower row, because another stands beside it.

    Returns
    -------
    EventView
        Texts and places.
    """
    time_s, uncertainty_s = event.on_group_clock()
    utc_uncertainty_s = 0.0 if group.utc is None else math.hypot(uncertainty_s, group.utc.uncertainty_s)
    utc_pm = f" ± {uncertainty_text(utc_uncertainty_s)} s"
    since_text, since_note = _since(since, names)
    return EventView(
        anchor=f"event-{event.id}",
        id=event.id,
        number=event.id.lstrip(_LETTERS) or event.id,
        title=event_title(event),
        label=event.label,
        support=support_word(event.confidence),
        time_s=time_s,
        time_text=clock_text(time_s, uncertainty_s),
        pm_text=uncertainty_text(uncertainty_s),
        moment_text=_moment(event.time_basis, names),
        utc_text=None if event.utc is None else instant_text(event.utc, utc_uncertainty_s) + utc_pm,
        local_text=None if event.local is None else instant_text(event.local, utc_uncertainty_s),
        since_text=since_text,
        since_note=since_note,
        heard=tuple(_heard(seen, names) for seen in event.observations),
        heard_text=_heard_text(event, witness),
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
    recording_id = time_basis.partition(":")[2]
    return f"when its sound reached {names.get(recording_id, recording_id)}"


def _since(since: StrikeIntervalEntry | None, names: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Time from the strike before, and how it was taken or why it cannot be told."""
    if since is None:
        return None, None
    if since.at_least_s is not None:
        return f"at least {since.at_least_s:.0f} s after {since.from_id}", since.reason
    if since.interval_s is None or since.uncertainty_s is None or since.basis is None:
        return f"unknown, after {since.from_id}", since.reason
    pm = uncertainty_text(since.uncertainty_s)
    text = f"{seconds_text(since.interval_s, since.uncertainty_s)} ± {pm} s after {since.from_id}"
    kind, _, recording_id = since.basis.partition(":")
    notes = {
        "explosions": "between the explosions themselves",
        "arrivals_at": f"between their sounds at {names.get(recording_id, recording_id)}",
        "arrivals": "between their sounds at different cameras",
        "utc": "through the UTC of two clocks",
        "device_clock": "through the clock of a device with files on both",
    }
    return text, notes[kind] + "".join(f"; the ± holds if {assumption}" for assumption in since.assumptions)


def _heard_text(event: EventEntry, witness: Mapping[str, str]) -> str:
    """How many recordings, and how many witnesses where copies are among them."""
    many = len(event.observations)
    witnesses = len({witness.get(seen.recording_id, seen.recording_id) for seen in event.observations})
    text = f"{many} recording{'' if many == 1 else 's'}"
    return text if witnesses == many else f"{text}, {witnesses} witness{'' if witnesses == 1 else 'es'}"


def _heard(seen: ObservationEntry, names: Mapping[str, str]) -> HeardView:
    uncertainty_s = seen.sound_uncertainty_s or 0.0
    return HeardView(
        recording_id=seen.recording_id,
        name=names.get(seen.recording_id, seen.recording_id),
        time_text="not heard" if seen.sound_s is None else clock_text(seen.sound_s, uncertainty_s),
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
