"""Events that no file shows, as timeline.json holds them, and the times between them and strikes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncview.timeline.events import EventEntry

if TYPE_CHECKING:
    from syncview.model import Event, External
    from syncview.timeline.parts import TimelineParts

__all__ = ["STATED", "Window", "external_entry", "key_of_external", "utc_text", "window_of_event", "window_of_external"]

STATED = "a person states it; nothing was measured"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something happened, in seconds since 1970: at `middle_s` +- `half_s`, or bounded by either end.

    `is_bound`: nothing is likelier inside than elsewhere, so that it does not get narrower with others.
    """

    least_s: float
    most_s: float
    is_bound: bool = False
    assumptions: tuple[str, ...] = ()

    @property
    def middle_s(self) -> float:
        """Middle of both ends."""
        return 0.5 * (self.least_s + self.most_s)

    @property
    def half_s(self) -> float:
        """Half of what lies between the ends; infinite with one of them only."""
        return 0.5 * (self.most_s - self.least_s)


def external_entry(external: External, parts: TimelineParts) -> EventEntry:
    """Write down an event that no file shows: without a group, its time in UTC or bounded.

    Parameters
    ----------
    external : External
        What a person states.
    parts : TimelineParts
        The case's time zone.

    Returns
    -------
    EventEntry
    """
    local = None
    if external.utc is not None and parts.time_zone is not None:
        local = external.utc.astimezone(ZoneInfo(parts.time_zone)).isoformat(timespec="microseconds")
    return EventEntry(
        id=external.id,
        kind="external",
        group_id=None,
        time_s=None,
        time_basis="utc",
        uncertainty_s=None,
        end_s=None,
        utc=None if external.utc is None else utc_text(external.utc),
        local=local,
        utc_uncertainty_s=external.uncertainty_s,
        not_before=None if external.not_before is None else utc_text(external.not_before),
        not_after=None if external.not_after is None else utc_text(external.not_after),
        external_kind=external.of,
        confidence=1.0,
        calibration=STATED,
        label=external.label,
        min_separable_s=None,
        observations=(),
        location=None,
        location_abstained=None,
    )


def utc_text(moment: datetime) -> str:
    """UTC as the document writes it.

    Examples
    --------
    >>> utc_text(datetime(2018, 5, 1, 9, 0, tzinfo=UTC))
    '2018-05-01T09:00:00.000000Z'
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def key_of_external(external: External) -> datetime:
    """Moment by which it stands among others: its UTC, or the bound that there is."""
    if external.utc is not None:
        return external.utc
    ends = [end for end in (external.not_before, external.not_after) if end is not None]
    return ends[0] + (ends[-1] - ends[0]) / 2


def window_of_external(external: External) -> Window:
    """When it happened, as far as the person says."""
    if external.utc is not None and external.uncertainty_s is not None:
        at_s = (external.utc - _EPOCH).total_seconds()
        return Window(least_s=at_s - external.uncertainty_s, most_s=at_s + external.uncertainty_s)
    return Window(
        least_s=-math.inf if external.not_before is None else (external.not_before - _EPOCH).total_seconds(),
        most_s=math.inf if external.not_after is None else (external.not_after - _EPOCH).total_seconds(),
        is_bound=True,
    )


def window_of_event(event: Event, parts: TimelineParts) -> Window | None:
    """When a strike fell, by its group's UTC; None where that is not known.

    Of a strike that is known by the arrival of its sound, the sound's way is taken off: anything up to
    `max_camera_distance_m`.
    """
    zero = parts.utc.get(event.group_id)
    if zero is None:
        return None
    at_s = (zero.utc - _EPOCH).total_seconds() + event.time_s
    half_s = math.hypot(event.uncertainty_s, zero.uncertainty_s)
    if not event.time_basis.startswith("arrival_at:"):
        return Window(least_s=at_s - half_s, most_s=at_s + half_s)
    way_s = parts.max_camera_distance_m / parts.sound_speed_mps
    said = f"its sound came from within {parts.max_camera_distance_m:.0f} m"
    return Window(least_s=at_s - half_s - way_s, most_s=at_s + half_s, assumptions=(said,))
