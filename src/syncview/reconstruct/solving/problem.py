"""What the joint solution is given.

Everything is stated on the clock that sound has given the group ("nominal" group time), with the known drift and the
known picture-sound skew already applied. What is solved for is each clock's `correction_s`: true group time is nominal
group time plus it. Places are metres east and north of the group's origin (see `syncview.reconstruct.local_plane`).
Every uncertainty is a 95 % half-width, of a place a 95 % radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Air", "Arrival", "Camera", "ClockPiece", "Light", "Limit", "Problem", "Source", "Tie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A recording's camera: where it stood, None when nobody knows, and how far its sound may lag its picture.

    Recordings of one `device` share the error of its clock's rate and its skew.
    """

    recording_id: str
    device: str
    position_m: tuple[float, float] | None
    position_uncertainty_m: float | None
    skew_uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPiece:
    """A stretch of a recording with one clock.

    `uncertainty_s` is how far the nominal clock may be off the reference's, as sound leaves it; the drift is measured
    from `middle_s` (nominal group time).
    """

    name: str
    recording_id: str
    uncertainty_s: float
    middle_s: float
    drift_uncertainty_ppm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something heard by several cameras: a strike, or an ordinary sound at an unknown place.

    `place_m` is a person's geolocation.
    """

    id: str
    kind: Literal["strike", "sound"]
    place_m: tuple[float, float] | None = None
    place_uncertainty_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When a source was heard: nominal group time on the clock of a piece's sound."""

    piece: str
    source_id: str
    time_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """When a strike was seen: nominal group time on the clock of a piece's picture.

    A "first plume" is seen at or after the explosion, never before. `uncertainty_s` holds frame interval and shutter.
    """

    piece: str
    source_id: str
    time_s: float
    uncertainty_s: float
    kind: Literal["flash", "first plume"] = "flash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A pin: the two pieces' true clocks differ from their nominal ones so that two moments are one.

    ``correction_b - correction_a = difference_s``, on the clocks of the pictures when `seen`, else of the sounds.
    """

    a: str
    b: str
    difference_s: float
    uncertainty_s: float
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a pair's lag allows: ``|correction_b - correction_a| <= half_width_s``, with nothing known inside.

    It holds for the clocks of the sounds: D / c and the noise of the lag.
    """

    a: str
    b: str
    half_width_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """What carries the sound. `least_yield_kg` and `most_yield_kg` bound the charge, for the lead of its shock."""

    sound_speed_mps: float
    uncertainty_mps: float
    wind_uncertainty_mps: float
    most_yield_kg: float
    least_yield_kg: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One group, with all that is known of it. `reference` is the piece whose correction is 0."""

    reference: str
    cameras: tuple[Camera, ...]
    pieces: tuple[ClockPiece, ...]
    sources: tuple[Source, ...]
    arrivals: tuple[Arrival, ...]
    lights: tuple[Light, ...]
    ties: tuple[Tie, ...]
    limits: tuple[Limit, ...]
    air: Air
    max_camera_distance_m: float
