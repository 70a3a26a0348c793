"""Defaults of places and ways, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PlaceSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSettings:
    """How far things move between the moments at which they were seen, and how finely people read moments."""

    person_mps: float = 3.0  # a run with gear, kept up; walking is half of it
    vehicle_mps: float = 20.0  # 72 km/h: an ambulance in a town; also where nobody says what moved
    most_unknown_m: float = 500.0  # a place known less well than the size of the incident is not known
    stated_moment_s: float = 0.5  # 95 %: when "arrives" is, two people who watch the same file tell half a second apart
    cluster_draws: int = 4000  # of every strike's place: the ends of the interval then repeat to 2 %
