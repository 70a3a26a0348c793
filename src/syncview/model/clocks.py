"""Recordings on clocks, and those that found none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Basis", "Clock", "ClockSegment", "Duplicate", "Group", "Loop", "Proposal", "Unplaced"]

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
