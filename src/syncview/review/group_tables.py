"""Tables below a group: what places each recording, where the strikes were, and what only own clocks link to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.timebase import group_extent_s
from syncview.timeline.place_words import conditions_text, ellipse_text, method_text, place_text
from syncview.timeline.words import clock_text, instant_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.events import EventEntry

__all__ = [
    "ClockRow",
    "LinkedRow",
    "PlaceRow",
    "basis_text",
    "clock_rows",
    "linked_rows",
    "place_rows",
    "start_text",
    "zero_text",
]

_BASIS_WORDS = {
    "sound": "sound in common",
    "blast": "a blast in common",
    "flash": "a flash in common",
    "geometry": "known positions",
    "pin": "a person's pin",
}
_UTC_WORDS = {
    "a person": "what a person stated",
    "metadata": "times that the files claim and that agree",
    "device_clock": "the clock of a device with files on several clocks",
    "overlay": "a time shown in the picture",
    "shadow": "the length of a shadow",
    "post": "the time of a post",
    "log": "a log",
}
_LINK_WORDS = {"device_clock": "the clock of its device", "metadata": "the time that it claims"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """What places a recording. `true_pm_text` is the ± of its true clock, `sound_pm_text` of how its sound lines up."""

    name: str
    start_text: str
    true_pm_text: str | None
    sound_pm_text: str | None
    basis_text: str
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedRow:
    """A recording that only its own clock ties to a group: a hint, not a placement."""

    recording_id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """Where a strike was, or why that is not said. `misses` are names and picked minus predicted arrivals."""

    id: str
    anchor: str
    where_text: str | None
    oval_text: str | None
    method_text: str | None
    misses: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    holds_text: str | None
    reason: str | None


def zero_text(group: GroupEntry) -> str:
    """When a group's zero is in UTC, and what says so."""
    if group.utc is None:
        return "Time of day unknown: nobody has tied this clock to UTC yet."
    instant = instant_text(group.utc.offset, group.utc.uncertainty_s)
    basis = " and ".join(_UTC_WORDS.get(each, each) for each in group.utc.basis.split(", "))
    return f"0:00 is {instant} UTC ± {uncertainty_text(group.utc.uncertainty_s)} s (from: {basis})."


def start_text(group: GroupEntry, clock: ClockEntry) -> str:
    """Where a file starts on its group's clock."""
    if clock.recording_id == group.reference_id:
        return "the others are placed against this one" if len(group.clocks) > 1 else "on its own clock"
    start_s = group_extent_s(clock)[0]
    return f"starts at {clock_text(start_s, clock.uncertainty_s)} ± {uncertainty_text(clock.uncertainty_s)} s"


def basis_text(group: GroupEntry, clock: ClockEntry) -> str:
    """What places a file against the reference; nothing for the reference itself."""
    if clock.recording_id == group.reference_id:
        return ""
    return " and ".join(_BASIS_WORDS[basis] for basis in clock.basis)


def clock_rows(group: GroupEntry, names: Mapping[str, str]) -> tuple[ClockRow, ...]:
    """Every clock of a group in order of its start; none for a recording by itself."""
    if len(group.clocks) < 2:
        return ()
    return tuple(
        _clock_row(group, clock, names) for clock in sorted(group.clocks, key=lambda clock: group_extent_s(clock)[0])
    )


def _clock_row(group: GroupEntry, clock: ClockEntry, names: Mapping[str, str]) -> ClockRow:
    is_reference = clock.recording_id == group.reference_id
    return ClockRow(
        name=names[clock.recording_id],
        start_text=clock_text(group_extent_s(clock)[0], clock.uncertainty_s),
        true_pm_text=None if is_reference else uncertainty_text(clock.uncertainty_s),
        sound_pm_text=None if is_reference else uncertainty_text(clock.sound_uncertainty_s),
        basis_text=basis_text(group, clock) or start_text(group, clock),
        holds=clock.assumptions,
    )


def linked_rows(group: GroupEntry, names: Mapping[str, str]) -> tuple[LinkedRow, ...]:
    """What the own clocks of recordings say that no evidence places."""
    return tuple(
        LinkedRow(
            recording_id=each.recording_id,
            name=names[each.recording_id],
            text=(
                f"by {_LINK_WORDS[each.basis]} it would start at {clock_text(each.offset_s, each.uncertainty_s)} ± "
                f"{uncertainty_text(each.uncertainty_s)} s on clock {group.id}: a hint, not a placement"
            ),
        )
        for each in group.linked
    )


def place_rows(events: Sequence[EventEntry], names: Mapping[str, str]) -> tuple[PlaceRow, ...]:
    """Places of events, and why there is none where it was asked for."""
    return tuple(
        _place_row(event, names)
        for event in events
        if event.location is not None or event.location_abstained is not None
    )


def _place_row(event: EventEntry, names: Mapping[str, str]) -> PlaceRow:
    where = event.location
    return PlaceRow(
        id=event.id,
        anchor=f"event-{event.id}",
        where_text=None if where is None else place_text(where),
        oval_text=None if where is None else ellipse_text(where),
        method_text=None if where is None else method_text(where.method),
        misses=() if where is None else tuple(_miss(names.get(k, k), v) for k, v in where.residuals_s.items()),
        others=() if where is None else tuple(place_text(other) for other in where.alternatives),
        holds_text=None if where is None else conditions_text(where.assumptions),
        reason=None if where is not None else event.location_abstained,
    )


def _miss(name: str, residual_s: float) -> tuple[str, str]:
    """A miss in milliseconds; finer than a tenth nobody can pick an arrival.

    Examples
    --------
    >>> _miss("a.mp4", 0.01234), _miss("b.mp4", -0.00002)
    (('a.mp4', '+12.3 ms'), ('b.mp4', '0.0 ms'))
    >>> _miss("c.mp4", -0.004)
    ('c.mp4', '−4.0 ms')
    """
    tenths = round(1e3 * residual_s, 1)
    return name, f"{tenths:+.1f} ms".replace("-", "−") if tenths else "0.0 ms"
