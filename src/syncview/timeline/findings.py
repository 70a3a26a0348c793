"""The analysis part of timeline.json: intervals, counts, coverage."""

from typing import Literal

from pydantic import Field

from syncview.model import Subject
from syncview.timeline.base import Entry
from syncview.timeline.people import UnassessableEntry

__all__ = [
    "AircraftSoundEntry",
    "AnalysisEntry",
    "ArrivalEntry",
    "CentreEntry",
    "ClusterEntry",
    "CoverageEntry",
    "DistanceEntry",
    "FindingRangeEntry",
    "GapEntry",
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
    """How far a strike was from something; every known place and team has its entry, whatever the distance."""

    strike_id: str = Field(description="The strike.")
    to: str = Field(
        description="The team, vehicle or place by name; the recording id of a camera; another strike's id."
    )
    distance_m: float | None = Field(ge=0, description="Distance in metres; null when no single one can be told.")
    interval_m: tuple[float, float | None] | None = Field(
        description="95 % interval in metres, with the uncertainty of both and of every other place that fits; null "
        "for the upper end: at least."
    )
    kind: Literal[
        "initial impact",
        "alternative object",
        "place",
        "team now",
        "team before",
        "camera",
        "flash and bang",
        "strike before",
    ] = Field(
        description='"team now": where a team, a vehicle or a moving camera was at that moment; "team before": the '
        'last place where it was seen before it came there; "camera": where a camera stood that filmed then; "flash '
        'and bang": by the time from flash to bang in that camera; "strike before": the last located strike before it; '
        "the others are what a person named."
    )
    at_s: float | None = Field(
        default=None, description="Moment at which the other was there, on the group's clock; null for what stays."
    )
    reason: str | None = Field(default=None, description="Why there is no distance or no single one; null otherwise.")
    recording_ids: tuple[str, ...] = Field(default=(), description="Recordings that show where the other was.")
    alternatives_m: tuple[float, ...] = Field(
        default=(), description="Distances between the other places of the two that fit as well, in metres."
    )
    assumptions: tuple[str, ...] = Field(default=(), description="What must hold for the interval to hold.")


class CentreEntry(Entry):
    """Mean of the places of the located strikes."""

    lat: float = Field(description="Latitude, WGS84 degrees.")
    lon: float = Field(description="Longitude, WGS84 degrees.")
    uncertainty_m: float = Field(
        description="95 % radius, in metres, if the errors of all places point the same way; it holds the centres of "
        "other places that fit as well."
    )


class ClusterEntry(Entry):
    """How tight the strikes lie, of those that could be located."""

    radius_m: float | None = Field(
        ge=0, description="Largest distance of a located strike from the centre, in metres; null with fewer than two."
    )
    interval_m: tuple[float, float] | None = Field(description="95 % interval in metres.")
    centre: CentreEntry | None = Field(default=None, description="Mean of their places; null where radius_m is.")
    located: int = Field(default=0, ge=0, description="Strikes that could be located.")
    strikes: int = Field(default=0, ge=0, description="Strikes that there are in events.")
    statement: str = Field(default="", description="Of how many strikes it holds, in words.")
    reason: str | None = Field(default=None, description="Why there is no radius; null when there is one.")
    assumptions: tuple[str, ...] = Field(default=(), description="What must hold for the interval to hold.")


class GapEntry(Entry):
    """Time between a strike and what a person saw."""

    strike_id: str = Field(description="The strike.")
    interval_s: float | None = Field(
        ge=0, description="Time between the two, in seconds; null where only a bound of it can be told."
    )
    uncertainty_s: float | None = Field(description="95 % half-width of it, in seconds.")
    order_sure: bool = Field(description="Whether it is longer than its uncertainty: else either may have come first.")
    at_least_s: float | None = Field(
        default=None, description="It was no shorter, in seconds, where interval_s is null."
    )
    assumptions: tuple[str, ...] = Field(default=(), description="What must hold for the uncertainty to hold.")


class ArrivalEntry(Entry):
    """An arrival or departure between the strikes before and after it."""

    event_id: str = Field(description="The event that a person stated, or that a picture seems to show.")
    group_id: str = Field(description="Its group.")
    action: Literal["arrives", "enters", "departs", "leaves"] = Field(description="What it is.")
    subject: Subject | None = Field(description="Who or what, as far as that is known.")
    label: str = Field(description="In the person's words, or what was seen.")
    since_first: GapEntry | None = Field(
        description="From the first strike of all that are known, if that is not the last one before it; else null."
    )
    since_strike: GapEntry | None = Field(description="From the last strike before it; null when none is known.")
    until_strike: GapEntry | None = Field(description="To the first strike after it; null when none is known.")
    reason: str | None = Field(
        default=None,
        description="Which strikes it could not be compared with, and why; of a candidate also for how long since the "
        "strike its picture could show people, and how many weaker candidates come before it.",
    )
    by: str | None = Field(
        default=None,
        description='"candidate" for what the program saw and nobody confirmed: of each recording the first person and '
        'vehicle that was seen to come, and to go, since each strike; else "stated by NAME".',
    )


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
    people_assessable: tuple[SpanEntry, ...] = Field(
        default=(), description="When its picture could have shown people of a usual size."
    )
    people_not_assessable: tuple[UnassessableEntry, ...] = Field(
        default=(), description="When nothing can be said of people: that none is recognised is not that none is there."
    )


class AircraftSoundEntry(Entry):
    """What is known of aircraft sound in a stretch of one recording. Stretches may overlap.

    Where a recording has none, its sound could be assessed and showed nothing; that does not say that there was none.
    "masked" is measured against the recording's own quiet moments: what covers an aircraft from the beginning of a file
    to its end (rain, a crowd) is not noticed.
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


class FindingRangeEntry(Entry):
    """Between which values a stated finding lies when any one recording is left out."""

    finding: str = Field(description="The finding.")
    value: float = Field(description="Its value with all recordings.")
    lowest: float = Field(description="Smallest value, with all or without any one of them.")
    highest: float = Field(description="Largest value.")
    lost_without: tuple[str, ...] = Field(description="Recordings without which nothing is left of it.")


class AnalysisEntry(Entry):
    """What follows from clocks and events."""

    strikes: tuple[StrikeEntry, ...] = Field(description="Strikes in order, with the times between them.")
    strike_count: StrikeCountEntry = Field(description="How many there are at least.")
    distances: tuple[DistanceEntry, ...] = Field(description="From strikes to teams and places.")
    cluster: ClusterEntry | None = Field(description="How tight the strikes lie; null when there are none.")
    coverage: tuple[CoverageEntry, ...] = Field(description="When each recording filmed.")
    aircraft_sound: tuple[AircraftSoundEntry, ...] = Field(description="Aircraft sound over the group's time.")
    leave_one_out: tuple[LeaveOneOutEntry, ...] = Field(description="How findings depend on single recordings.")
    arrivals: tuple[ArrivalEntry, ...] = Field(
        default=(),
        description="Arrivals and departures between the strikes, by time: all that people stated, and the "
        "first candidates since each strike.",
    )
    finding_ranges: tuple[FindingRangeEntry, ...] = Field(
        default=(), description="The same, for each finding the range of its values."
    )
