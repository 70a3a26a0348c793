"""What happened: detections in recordings, and the events and findings made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from syncview.model.light import Sight
    from syncview.model.movement import TrackPoint
    from syncview.model.place import Location

__all__ = [
    "Action",
    "AircraftState",
    "AircraftStretch",
    "Detection",
    "Event",
    "Finding",
    "Observation",
    "Replay",
    "Subject",
]

AircraftState = Literal["possible", "confirmed", "heard none", "masked", "no audio"]
Action = Literal["enters", "leaves", "arrives", "departs", "runs", "takes_cover", "gathers", "disperses", "other"]
Subject = Literal["person", "vehicle", "group"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Something heard in one recording, in recording time.

    `uncertainty_s` is a 95 % half-width of `time_s`; `score` lies in 0..1; `measures` are named numbers with their
    unit in the name, that a reviewer can check; `reasons` say the same in words. `possible_echo_of_s` is the time of
    the stronger arrival in the same recording of which this may be an echo; `replay_of_s` that of the same sound, shown
    before in the same recording, which this repeats. `kind` is "shot" where a gunshot is likelier than all else
    together; `score` says of both kinds how likely an explosion is.
    """

    recording_id: str
    kind: Literal["blast", "shot"]
    time_s: float
    uncertainty_s: float
    score: float
    label: str
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]
    possible_echo_of_s: float | None = None
    replay_of_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A passage from `start_s` to `end_s` of recording time that repeats what began at `original_start_s`.

    `speed` is 1, 0.5 or 0.25 (slowed down, the pitch dropped). `score` is the share of its cells of time and frequency
    that agree with the original's; `uncertainty_s` the 95 % half-width of each of the three times.
    """

    start_s: float
    end_s: float
    original_start_s: float
    speed: float
    score: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftStretch:
    """What is known of aircraft sound in a stretch of one recording; times are recording time.

    `state` "possible" is a suggestion with its `score` in 0..1, `measures` and `reasons` in words; "confirmed" and
    "heard none" are what a person states, named in `by`; in "masked" and "no audio" nothing can be said, `reasons` say
    why. What lies outside all stretches could be assessed and showed nothing; that is never called clear.
    """

    recording_id: str
    start_s: float
    end_s: float
    state: AircraftState
    score: float | None = None
    measures: tuple[tuple[str, float], ...] = ()
    reasons: tuple[str, ...] = ()
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One recording's share in an event; times are recording time. `sight` is None where no light was looked for.

    `stated_s` is when a person says that it happens there, `seen_s` when the program saw something move, `frames` those
    that show it.
    """

    recording_id: str
    sound_s: float | None
    sound_uncertainty_s: float | None
    score: float
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]
    sight: Sight | None = None
    stated_s: float | None = None
    seen_s: float | None = None
    frames: tuple[TrackPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in group time, made of observations.

    `id` is empty until the case folder has given it its lasting name. `time_basis` is ``explosion``,
    ``arrival_at:<recording id>`` or, for what a person saw in a picture, ``seen_at:<recording id>``.
    `location_abstained` says why there is no `location`; both are None when none was asked for. `action` and `subject`
    are those of a movement, `track_ids` the figures that it was seen in, such as ``"rec-2/person-12"``, `tags` what
    people named them.
    """

    id: str
    kind: Literal["strike", "shot", "aircraft", "movement", "note", "external"]
    group_id: str
    time_s: float
    time_basis: str
    uncertainty_s: float
    end_s: float | None
    confidence: float
    calibration: str
    label: str
    min_separable_s: float | None
    observations: tuple[Observation, ...]
    location: Location | None = None
    location_abstained: str | None = None
    action: Action | None = None
    subject: Subject | None = None
    track_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the material itself that a person must know.

    `kind` is one of "cut", "speed", "replay", "carried_sound", "picture_clock", "off_clock", "not_compared",
    "check_point", "wrong_pin", "wrong_position", "wrong_clock", "unmatched_correction", "unclear_correction",
    "conflicting_correction", "wrong_correction", "waiting_correction", "unused_map_points", "assumption" or a new
    word; `value` is in `unit`; `time_s` is group time, or recording time where there is no group.
    """

    kind: str
    recording_ids: tuple[str, ...]
    group_id: str | None
    time_s: float | None
    value: float | None
    unit: str | None
    message: str
