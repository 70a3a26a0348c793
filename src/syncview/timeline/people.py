"""People and vehicles that pictures show, as timeline.json holds them."""

from typing import Literal

from pydantic import Field

from syncview.timeline.base import Entry

__all__ = ["GroundEntry", "PeopleEntry", "PeopleStretchEntry", "TrackEntry", "UnassessableEntry"]


class UnassessableEntry(Entry):
    """A stretch in which nothing can be said of people."""

    start_s: float = Field(description="Start, group time in seconds.")
    end_s: float = Field(description="End, group time in seconds.")
    reasons: tuple[str, ...] = Field(description="Why, in words.")


class GroundEntry(Entry):
    """Where a figure stands on the map at a moment."""

    time_s: float = Field(description="Recording time in seconds.")
    lat: float = Field(description="Latitude, WGS84 degrees.")
    lon: float = Field(description="Longitude, WGS84 degrees.")
    uncertainty_m: float = Field(description="95 % radius, in metres.")


class TrackEntry(Entry):
    """One person or vehicle, followed through one recording. Which person, nobody says; times are recording time."""

    id: str = Field(description="Recording id and number, unique in this document; no identity.")
    recording_id: str = Field(description="The recording.")
    kind: Literal["person", "vehicle"] = Field(description="What it is taken for.")
    start_s: float = Field(description="First frame that shows it, recording time in seconds.")
    end_s: float = Field(description="Last frame that shows it, recording time in seconds.")
    starts_cut_off: bool = Field(description="It begins where following began anew, not because the figure came.")
    ends_cut_off: bool = Field(description="It ends where following ended, not because the figure went.")
    frames_seen: int = Field(description="In how many looked-at frames it was recognised.")
    score: float = Field(ge=0, le=1, description="Mean of the detector's own score; no probability.")
    colours: dict[str, float] = Field(description="Measured shares of pixels, 0 to 1, by what the colour is worn on.")
    boxes: tuple[tuple[float, float, float, float, float], ...] = Field(
        description="One a second at most: recording time in seconds, then left, top, width and height in pixels of "
        "the displayed picture."
    )
    label: str | None = Field(default=None, description="What a person calls it; null when nobody did.")
    tags: tuple[str, ...] = Field(default=(), description='What a person named it, e.g. "rescuer".')
    same_ids: tuple[str, ...] = Field(default=(), description="Tracks that a person takes for the same figure.")
    said: tuple[str, ...] = Field(default=(), description="Who says so, in words.")
    ground: tuple[GroundEntry, ...] | None = Field(
        default=None, description="Its way on the map, one place a second at most; null when it is not known."
    )
    ground_method: Literal["map points", "camera and heading"] | None = Field(
        default=None, description="How the way was found; null without one."
    )
    ground_reasons: tuple[str, ...] = Field(
        default=(), description="What the way rests on, or why there is none; empty when nothing of the view is stated."
    )


class PeopleStretchEntry(Entry):
    """How many were recognised at once in a stretch. Every count is at least; null is not assessable, never none."""

    start_s: float = Field(description="Start, group time in seconds.")
    end_s: float = Field(description="End, group time in seconds.")
    persons: int | None = Field(description="People, at least: the median of the stretch's frames.")
    persons_most: int | None = Field(description="People, at least: the most in one frame.")
    vehicles: int | None = Field(description="Vehicles, at least: the median of the stretch's frames.")
    vehicles_most: int | None = Field(description="Vehicles, at least: the most in one frame.")


class PeopleEntry(Entry):
    """How many people and vehicles one recording shows over time."""

    recording_id: str = Field(description="The recording.")
    group_id: str = Field(description="The group whose clock the times are on.")
    stretches: tuple[PeopleStretchEntry, ...] = Field(description="In order of time.")
