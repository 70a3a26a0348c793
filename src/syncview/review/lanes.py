"""Where everything lies on the drawing of a group's clock, in per cent of its width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.timebase import group_extent_s, group_spans_s, group_time_of, group_time_s
from syncview.timeline.aircraft_words import aircraft_words
from syncview.timeline.words import clock_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.timeline.clocks import ClockEntry, GroupEntry
    from syncview.timeline.findings import AircraftSoundEntry, CoverageEntry
    from syncview.timeline.recordings import RecordingEntry

__all__ = [
    "AircraftBand",
    "Band",
    "Scale",
    "Tick",
    "aircraft_bands",
    "bands_of",
    "blind_bands",
    "deaf_bands",
    "scale_of",
    "shot_cuts",
    "soft_edges",
    "ticks_of",
]

_MARGIN = 0.02  # of the length, so that marks at the ends are seen whole
_MOST_STEPS = 9
_AIRCRAFT_LOOKS = {
    "possible": "possible",
    "confirmed": "confirmed",
    "heard none": "heard-none",
    "masked": "untold",
    "no audio": "untold",
}
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the drawing: left edge and width."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class AircraftBand:
    """What is known of aircraft sound in a stretch; `look` names how it is drawn, `words` say it."""

    band: Band
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the ruler."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From group time to the drawing. `start_s` and `end_s` are its edges, in seconds."""

    start_s: float
    end_s: float

    def x(self, time_s: float) -> float:
        """Place of a moment, within the drawing."""
        share = (time_s - self.start_s) / (self.end_s - self.start_s)
        return round(100.0 * min(max(share, 0.0), 1.0), 3)

    def band(self, start_s: float, end_s: float) -> Band:
        """Place of a stretch."""
        left, right = self.x(start_s), self.x(end_s)
        return Band(left, round(right - left, 3))


def scale_of(group: GroupEntry) -> Scale:
    """Scale that holds every recording of a group.

    Parameters
    ----------
    group : GroupEntry
        The group.

    Returns
    -------
    Scale
        With a small margin; one second long at least.
    """
    edges = [edge for clock in group.clocks if clock.segments for edge in group_extent_s(clock)] or [0.0]
    start_s, end_s = min(edges), max(edges)
    margin_s = max(_MARGIN * (end_s - start_s), (1.0 - (end_s - start_s)) / 2, 0.0)
    return Scale(start_s - margin_s, end_s + margin_s)


def bands_of(clock: ClockEntry, scale: Scale) -> tuple[Band, ...]:
    """When a recording filmed, one band per segment of its clock."""
    return tuple(scale.band(start_s, end_s) for start_s, end_s in group_spans_s(clock))


def soft_edges(clock: ClockEntry, scale: Scale) -> tuple[Band, ...]:
    """Half-width of the clock on both sides of its first start and its last end."""
    if not clock.segments or clock.uncertainty_s <= 0:
        return ()
    ends_s = group_extent_s(clock)
    return tuple(scale.band(end_s - clock.uncertainty_s, end_s + clock.uncertainty_s) for end_s in ends_s)


def deaf_bands(coverage: CoverageEntry, scale: Scale) -> tuple[Band, ...]:
    """When a recording filmed without sound that could tell a strike."""
    bands = []
    for filmed in coverage.filmed:
        at_s = filmed.start_s
        for heard in coverage.usable_sound:
            if filmed.start_s <= heard.start_s < filmed.end_s:
                bands.append((at_s, heard.start_s))
                at_s = heard.end_s
        bands.append((at_s, filmed.end_s))
    return tuple(scale.band(start_s, end_s) for start_s, end_s in bands if end_s > start_s)


def aircraft_bands(entries: Sequence[AircraftSoundEntry], recording_id: str, scale: Scale) -> tuple[AircraftBand, ...]:
    """Stretches of aircraft sound in one recording of a group, what people say above what is suggested.

    Where none lies its sound could be assessed and showed nothing; that does not say that there was none.
    """
    own = [entry for entry in entries if entry.recording_id == recording_id]
    return tuple(
        AircraftBand(
            scale.band(entry.start_s, entry.end_s),
            _AIRCRAFT_LOOKS[entry.state],
            f"{aircraft_words(entry)}, {clock_text(entry.start_s, 2.0)} to {clock_text(entry.end_s, 2.0)}",
        )
        for entry in sorted(own, key=lambda entry: (entry.by is not None, entry.start_s))
    )


def blind_bands(clock: ClockEntry, scale: Scale) -> tuple[Band, ...]:
    """Where only the sound of a recording is on the clock; the picture beside it is of another or an unknown moment."""
    alone = [segment for segment in clock.segments if segment.applies_to == "audio"]
    return tuple(scale.band(group_time_s(s, s.start_s), group_time_s(s, s.end_s)) for s in alone)


def shot_cuts(clock: ClockEntry, recording: RecordingEntry, scale: Scale) -> tuple[float, ...]:
    """Where one shot of a file's picture ends and another begins, by the clock that is known there."""
    starts_s = sorted(part.start_s for part in recording.intervals if part.kind == "shot")[1:]
    placed = (
        seen_s
        if (seen_s := group_time_of(clock, at_s, of="video")) is not None
        else group_time_of(clock, at_s, of="audio")
        for at_s in starts_s
    )
    return tuple(scale.x(at_s) for at_s in placed if at_s is not None)


def ticks_of(scale: Scale) -> tuple[Tick, ...]:
    """Ruler with round numbers, nine steps at most."""
    length_s = scale.end_s - scale.start_s
    step_s = next((step for step in _STEPS_S if length_s / step <= _MOST_STEPS), length_s / _MOST_STEPS)
    first, last = math.ceil(scale.start_s / step_s), math.floor(scale.end_s / step_s)
    fine_s = 1.0 if step_s >= 1 else 0.1
    return tuple(Tick(scale.x(k * step_s), clock_text(k * step_s, 2 * fine_s)) for k in range(first, last + 1))
