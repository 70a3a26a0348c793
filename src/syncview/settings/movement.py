"""Defaults of people and vehicles in pictures, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MovementSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSettings:
    """How figures are recognised, followed, and what of their tracks is told."""

    rate_hz: float = 5.0  # frames looked at: a runner moves by half his height between two
    span_s: float = 60.0  # looked at in pieces of this length, for the sake of progress, memory and many workers
    least_score: float = 0.25  # of the detector, for a figure that continues a track
    least_track_score: float = 0.40  # for one that begins it: by eye no false person in 6 frames of a campus
    smallest_px: float = 25.0  # height of a person below which the detector misses most
