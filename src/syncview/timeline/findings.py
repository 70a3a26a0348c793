"""The analysis part of timeline.json: intervals, counts, coverage."""

from typing import Literal

from pydantic import Field

from syncview.timeline.base import Entry

__all__ = [
    "AircraftSoundEntry",
    "AnalysisEntry",
    "ClusterEntry",
    "CoverageEntry",
    "DistanceEntry",
    "LeaveOneOutEntry",
    "SpanEntry",
    "StrikeCountEntry",
    "StrikeEntry",
    "StrikeIntervalEntry",
]


class StrikeIntervalEntry(Entry):
    """Time between two strikes, like with like."""

    from_id: str = Field(description="The earlier strike.")
    to_id: str = Field(description="The later strike.")
    interval_s: float | None = Field(description="Time between the explosions in seconds; null when it cannot be told.")
    uncertainty_s: float | None = Field(description="95 % half-width of interval_s, in seconds.")
    basis: str | None = Field(
        description='What was compared: "explosions", "arrivals_at:<recording id>" (both heard there), '
        '"arrivals" (at different recordings), "utc", or "device_clock" (one device has files on both clocks). Where '
        "sounds are compared, their travel is in the uncertainty."
    )
    reason: str | None = Field(description="Why there is no interval; null when there is one.")
    at_least_s: float | None = Field(
        default=None, description="It was no shorter, in seconds, where only that can be told of an external event."
    )
    at_most_s: float | None = Field(
        default=None, description="It was no longer, in seconds, where only that can be told of an external event."
    )
    assumptions: tuple[str, ...] = Field(
        default=(), description="What must hold for the uncertainty to hold of the explosions themselves."
    )


class StrikeEntry(Entry):
    """A strike in its order."""

    id: str = Field(description="The event.")
    group_id: str | None = Field(description="Its group; null for a strike that no file shows.")
    intervals: tuple[StrikeIntervalEntry, ...] = Field(
        description="Time from the strike before it and, from the third on, from the first."
    )


class StrikeCountEntry(Entry):
    """How many strikes the material shows. Every count reads "at least"."""

    at_least: int = Field(
        ge=0,
        description="Strikes that cannot be one another: on each clock those that two witnesses heard, or those that "
        "one recording heard, whichever are more.",
    )
    single_camera: int = Field(ge=0, description="How many of these rest on one witness alone.")
    possible_echo: int = Field(ge=0, description="Candidates that may be an echo of a strike.")
    replay: int = Field(ge=0, description="Candidates that repeat an earlier sound.")


class DistanceEntry(Entry):
    """How far a strike was from a team or a place at that moment."""

    strike_id: str = Field(description="The strike.")
    to: str = Field(description="The team or place.")
    distance_m: float = Field(ge=0, description="Distance in metres.")
    interval_m: tuple[float, float] = Field(description="95 % interval in metres.")


class ClusterEntry(Entry):
    """How tight the strikes lie."""

    radius_m: float = Field(ge=0, description="Radius that holds all located strikes, in metres.")
    interval_m: tuple[float, float] = Field(description="95 % interval in metres.")


class SpanEntry(Entry):
    """A stretch of group time."""

    start_s: float = Field(description="Start, group time in seconds.")
    end_s: float = Field(description="End, group time in seconds.")


class CoverageEntry(Entry):
    """When a recording filmed, and when its sound could have told a strike."""

    recording_id: str = Field(description="The recording.")
    group_id: str = Field(description="The group whose clock the times are on.")
    filmed: tuple[SpanEntry, ...] = Field(description="When it recorded.")
    usable_sound: tuple[SpanEntry, ...] = Field(
        description="When it has sound that could have told a strike: on the clock, at its true speed, and neither "
        "digital_silence nor suppressed nor masked."
    )
    gaps: tuple[SpanEntry, ...] = Field(
        description="When it did not record, or what of it was cut out or is on no clock, between the first and the "
        "last moment of its group."
    )
    not_assessable: tuple[SpanEntry, ...] = Field(
        default=(),
        description="When it recorded without usable sound: that it tells of no strike then says nothing. Silence is "
        "not absence.",
    )
    known_picture: tuple[SpanEntry, ...] = Field(
        default=(), description="When its picture is on the clock; outside, its picture may be of another moment."
    )
    aircraft_assessable: tuple[SpanEntry, ...] = Field(
        default=(), description="When its sound could have told an aircraft: neither masked nor without audio."
    )


class AircraftSoundEntry(Entry):
    """What is known of aircraft sound in a stretch of one recording. Stretches may overlap.

    Where a recording has none, its sound could be assessed and showed nothing; that does not say that there was none.
    """

    start_s: float = Field(description="Start, group time in seconds.")
    end_s: float = Field(description="End, group time in seconds.")
    state: Literal["possible", "confirmed", "heard none", "masked", "no audio"] = Field(
        description='"possible" is a suggestion; "confirmed" and "heard none" are what the person in `by` states; in '
        '"masked" and "no audio" nothing can be said.'
    )
    group_id: str = Field(description="The group whose clock the times are on.")
    recording_id: str = Field(description="The recording.")
    by: str | None = Field(default=None, description="Who listened; null for what no person states.")
    score: float | None = Field(default=None, description="Score of a suggestion, 0 to 1; null for the others.")
    reasons: tuple[str, ...] = Field(default=(), description="What it rests on, or why nothing can be said, in words.")


class LeaveOneOutEntry(Entry):
    """What a stated finding becomes without one recording."""

    finding: str = Field(description="The finding.")
    without_id: str = Field(description="The recording left out.")
    value: float | None = Field(description="Its value then; null when nothing is left of it.")


class AnalysisEntry(Entry):
    """What follows from clocks and events."""

    strikes: tuple[StrikeEntry, ...] = Field(description="Strikes in order, with the times between them.")
    strike_count: StrikeCountEntry = Field(description="How many there are at least.")
    distances: tuple[DistanceEntry, ...] = Field(description="From strikes to teams and places.")
    cluster: ClusterEntry | None = Field(description="How tight the strikes lie; null when too few are located.")
    coverage: tuple[CoverageEntry, ...] = Field(description="When each recording filmed.")
    aircraft_sound: tuple[AircraftSoundEntry, ...] = Field(description="Aircraft sound over the group's time.")
    leave_one_out: tuple[LeaveOneOutEntry, ...] = Field(description="How findings depend on single recordings.")
