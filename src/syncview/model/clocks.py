"""Recordings on clocks, and those that found none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Basis", "Clock", "ClockSegment", "Duplicate", "Group", "GroupTie", "Linked", "Loop", "Proposal", "Unplaced"]

Basis = Literal["sound", "blast", "flash", "geometry", "pin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSegment:
    """A stretch of a recording with one affine clock. For the formula see `syncview.timebase.group_time_s`."""

    start_s: float
    end_s: float
    offset_s: float
    drift_ppm: float
    drift_uncertainty_ppm: float
    applies_to: Literal["audio", "video", "both"]
    picture_check: Literal["verified", "unverified", "contradicted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A recording's place on its group's clock.

    `segments`, one at least, are sorted by start; those of one stream do not overlap, and between them nothing is
    known. `syncview.timebase` looks through them for everybody.
    `uncertainty_s` is the 95 % half-width of the true clock against the reference's, at every moment of every segment;
    `sound_uncertainty_s` how well the sound itself lines up.
    """

    recording_id: str
    segments: tuple[ClockSegment, ...]
    uncertainty_s: float
    sound_uncertainty_s: float
    basis: tuple[Basis, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Three recordings whose accepted lags should add up to zero, and by how much they do not."""

    recording_ids: tuple[str, str, str]
    closure_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Recordings on one clock. `clocks` is sorted by recording id."""

    id: str
    reference_id: str
    clocks: tuple[Clock, ...]
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A recording that no evidence places, on a group's clock as its own clock has it: a hint, not a placement.

    `offset_s` is the group time of recording time 0. `basis` is "device_clock" where its device has another file in the
    group, "metadata" where only the UTC that it claims meets that of the group.
    """

    group_id: str
    recording_id: str
    offset_s: float
    uncertainty_s: float
    basis: Literal["device_clock", "metadata"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTie:
    """UTC of the zero of `b_group` minus that of `a_group`'s, by the clock of one device with files in both."""

    a_group: str
    b_group: str
    difference_s: float
    uncertainty_s: float
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A place for an unplaced recording that a person may look at; it places nothing.

    `lag_s` is that of the recording against `other_id`, as in ``lag(other, recording)`` of `syncview.timebase`:
    positive when the recording started later. It holds against the other's first segment, whatever its group's zero.
    `score` is larger for stronger proposals, and no probability.
    """

    other_id: str
    lag_s: float
    basis: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A recording that no evidence ties to another, and why."""

    recording_id: str
    reasons: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Recordings that are one witness."""

    recording_ids: tuple[str, ...]
    kind: Literal["same_file", "same_recording"]
    evidence: str
