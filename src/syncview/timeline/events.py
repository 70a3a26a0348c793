"""Events, their observations and findings, as timeline.json holds them."""

from typing import Literal

from pydantic import Field

from syncview.errors import DocumentError
from syncview.model import Action, Subject
from syncview.timeline.base import Entry, UtcText

__all__ = [
    "EllipseEntry",
    "EventEntry",
    "FindingEntry",
    "FlashCandidateEntry",
    "FrameEntry",
    "LightEntry",
    "LocationEntry",
    "ObservationEntry",
    "PlaceEntry",
]


class LightEntry(Entry):
    """When a recording first shows the event."""

    time_s: float = Field(description="Recording time in seconds.")
    kind: Literal["flash", "first plume"] = Field(description="What was seen.")


class FrameEntry(Entry):
    """The frame that shows the event best."""

    index: int = Field(description="Frame number, from 0, in order of presentation.")
    pts_s: float = Field(description="Its recording time in seconds.")
    box: tuple[float, float, float, float] | None = Field(
        description="Left, top, width and height in pixels of the displayed picture."
    )


class FlashCandidateEntry(Entry):
    """A light that a reviewer may take for that of the bang."""

    time_s: float = Field(description="First frame that shows it, recording time in seconds.")
    flash_s: float = Field(description="Middle between the last frame without and the first with it, in seconds.")
    flash_uncertainty_s: float = Field(description="95 % half-width of flash_s: frame interval and rolling shutter.")
    kind: Literal["flash", "first plume"] = Field(description="What is seen.")
    frame: FrameEntry | None = Field(description="That frame, and where in it.")
    score: float = Field(
        ge=0, le=1, description="How much it looks like one, by a model fitted on simulated flashes and plumes."
    )
    probability: float = Field(ge=0, le=1, description="Of being this bang's, among all lights, bangs and cameras.")
    with_ids: tuple[str, ...] = Field(description="Other recordings that show a light at the same moment.")
    distance_m: float | None = Field(description="Distance that it would give, in metres; null for a first plume.")
    distance_interval_m: tuple[float, float | None] = Field(
        description="95 % interval of that; without an upper end it is a distance of at least."
    )
    measures: dict[str, float] = Field(description="Numbers that a reviewer can check; units in the names.")
    reasons: tuple[str, ...] = Field(description="The same in words.")


class ObservationEntry(Entry):
    """One recording's share in an event. Times are recording time."""

    recording_id: str = Field(description="The recording.")
    sound_s: float | None = Field(description="When the sound arrives, recording time in seconds.")
    sound_uncertainty_s: float | None = Field(description="95 % half-width of sound_s, in seconds.")
    light: LightEntry | None = Field(description="When the picture first shows it.")
    flash_s: float | None = Field(
        description="Middle between the last frame without and the first with the flash, recording time in seconds; "
        "null for a first plume, which is seen later than its explosion."
    )
    frame: FrameEntry | None = Field(description="The frame that shows it best.")
    distance_m: float | None = Field(description="Distance from flash to bang, in metres; null for a first plume.")
    distance_interval_m: tuple[float, float | None] | None = Field(
        description="95 % interval of the distance, in metres; null for the upper end: at least."
    )
    distance_budget: dict[str, float] = Field(description="Parts of that interval by cause; units in the names.")
    score: float = Field(ge=0, le=1, description="Strength of the detection in this recording, 0 to 1.")
    measures: dict[str, float] = Field(description="Numbers that a reviewer can check; units in the names.")
    reasons: tuple[str, ...] = Field(description="The same in words.")
    flash_candidates: tuple[FlashCandidateEntry, ...] = Field(
        default=(),
        description="Lights before the bang for a reviewer to choose from, up to three flashes and three first plumes, "
        "likeliest first.",
    )
    stated_s: float | None = Field(
        default=None, description="When a person says that it happens, recording time in seconds; null otherwise."
    )
    seen_s: float | None = Field(
        default=None, description="When its picture shows the movement, recording time in seconds; null otherwise."
    )
    frames: tuple[FrameEntry, ...] = Field(
        default=(), description="All frames that show the movement, by time; `frame` is the first of them."
    )


class EllipseEntry(Entry):
    """95 % ellipse of a place."""

    major_m: float = Field(description="Larger half-axis, in metres.")
    minor_m: float = Field(description="Smaller half-axis, in metres.")
    azimuth_deg: float = Field(description="Direction of the larger half-axis, degrees clockwise from north.")


class PlaceEntry(Entry):
    """A place on the map."""

    lat: float = Field(description="Latitude, WGS84 degrees.")
    lon: float = Field(description="Longitude, WGS84 degrees.")
    uncertainty_m: float = Field(description="95 % radius, in metres.")
    ellipse: EllipseEntry | None = Field(default=None, description="95 % ellipse, when the error has a direction.")


class LocationEntry(PlaceEntry):
    """Where an event happened."""

    method: str = Field(description="How the place was found.")
    alternatives: tuple[PlaceEntry, ...] = Field(description="Other places that fit as well.")
    residuals_s: dict[str, float] = Field(description="Picked minus predicted arrival, in seconds, by recording id.")
    assumptions: tuple[str, ...] = Field(default=(), description="What must hold for the place and its uncertainty.")


class EventEntry(Entry):
    """One thing that happened, in group time; or, of kind "external", in UTC only, since no file shows it."""

    id: str = Field(description="Id; stays the same while the event shares a detection with its earlier self.")
    kind: Literal["strike", "shot", "aircraft", "movement", "note", "external"] = Field(description="What it is.")
    group_id: str | None = Field(description="The group whose clock its times are on; null for external events.")
    time_s: float | None = Field(
        description="Group time in seconds, of the moment that time_basis names; null for external events."
    )
    time_basis: str = Field(
        description='Which moment: "explosion", or "arrival_at:<recording id>" (the sound\'s arrival there), '
        '"seen_at:<recording id>" (what its picture shows), or "utc" '
        "(external events)."
    )
    uncertainty_s: float | None = Field(
        ge=0, description="95 % half-width of time_s, in seconds; null for external events."
    )
    end_s: float | None = Field(description="End in group time, in seconds, for what lasts.")
    utc: UtcText | None = Field(
        description="The moment in UTC, ISO 8601; null when unknown, or when an external event is only bounded."
    )
    local: str | None = Field(description="The same in the case's time zone, ISO 8601 with its offset.")
    utc_uncertainty_s: float | None = Field(
        default=None, ge=0, description="95 % half-width of utc, in seconds: that of time_s and of the group's UTC."
    )
    not_before: UtcText | None = Field(default=None, description="An external event was not before this.")
    not_after: UtcText | None = Field(default=None, description="An external event was not after this.")
    external_kind: Literal["strike", "shot", "aircraft", "movement", "note"] | None = Field(
        default=None, description="What an external event is; null for other kinds."
    )
    confidence: float = Field(ge=0, le=1, description="Score of the event; not the chance of being an explosion.")
    calibration: str = Field(description="What the confidence was calibrated on.")
    label: str = Field(description="What it most resembles, in words.")
    min_separable_s: float | None = Field(
        description="Two strikes nearer than this would have been counted as one, in seconds; null for other kinds."
    )
    observations: tuple[ObservationEntry, ...] = Field(description="Which recordings heard or saw it, and when.")
    location: LocationEntry | None = Field(description="Where it happened; null when unknown.")
    location_abstained: str | None = Field(description="Why there is no location; null when it was not asked for.")
    action: Action | None = Field(default=None, description="What a movement is; null for other kinds.")
    subject: Subject | None = Field(default=None, description="Who or what moves.")
    track_ids: tuple[str, ...] = Field(default=(), description="Tracks that the movement was seen in.")
    tags: tuple[str, ...] = Field(default=(), description='What a person named it, e.g. "rescuer".')

    def on_group_clock(self) -> tuple[float, float]:
        """Group time and its 95 % half-width, in seconds.

        Returns
        -------
        tuple of float

        Raises
        ------
        DocumentError
            If the event has none: it is external.
        """
        if self.time_s is None or self.uncertainty_s is None:
            msg = f"event {self.id} has no group time"
            raise DocumentError(msg)
        return self.time_s, self.uncertainty_s


class FindingEntry(Entry):
    """Something about the material itself that a person must know."""

    id: str = Field(description="Id within this document.")
    kind: str = Field(
        description='"cut", "speed", "replay", "carried_sound", "picture_clock", "off_clock", "not_compared", '
        '"check_point", "wrong_pin", "wrong_position", "wrong_place", "wrong_arrival", "wrong_light", '
        '"wrong_temperature", "rejected_match", "wrong_clock", "unknown_utc", "unmatched_correction", '
        '"unclear_correction", "conflicting_correction", "wrong_correction", "waiting_correction", '
        '"unused_map_points", "assumption" or other.'
    )
    recording_ids: tuple[str, ...] = Field(description="The recordings it is about.")
    group_id: str | None = Field(description="The group it is about; null when it is about none.")
    time_s: float | None = Field(description="Group time in seconds, or recording time when there is no group.")
    value: float | None = Field(description="The number found, in `unit`.")
    unit: str | None = Field(description="Unit of the value.")
    message: str = Field(description="The finding in words.")
