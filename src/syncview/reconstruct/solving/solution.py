"""What the joint solution finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from syncview.model import Basis

__all__ = ["Ellipse", "Outlier", "Solution", "SolvedClock", "SolvedPlace", "SolvedSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedClock:
    """A piece's correction, to be added to its nominal group time, and its 95 % half-width.

    `improved` says whether the solution knows more than the sound's interval did; if not, both are what came in.
    `basis` names what carries it.
    """

    piece: str
    correction_s: float
    uncertainty_s: float
    basis: tuple[Basis, ...]
    improved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """95 % ellipse: half-axes in metres, direction of the larger one in degrees clockwise from north."""

    major_m: float
    minor_m: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedPlace:
    """A place in metres east and north, its 95 % radius and ellipse."""

    place_m: tuple[float, float]
    uncertainty_m: float
    ellipse: Ellipse


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedSource:
    """A strike's moment (true group time) and place, or why there is none.

    `alternatives` are other minima that fit as well. `residuals_s` gives, by piece, picked minus predicted arrival.
    """

    id: str
    time_s: float | None
    time_uncertainty_s: float | None
    place: SolvedPlace | None
    alternatives: tuple[SolvedPlace, ...]
    abstained: str | None
    method: str
    residuals_s: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """A statement that the others contradict, by how much, in which unit, and in words."""

    kind: Literal["arrival", "light", "pin", "position", "place", "temperature"]
    about: tuple[str, ...]
    off_by: float
    unit: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """All of it. `reasons` say what the equations do not carry; `minima` how many distinct solutions fit."""

    clocks: tuple[SolvedClock, ...]
    sources: tuple[SolvedSource, ...]
    outliers: tuple[Outlier, ...]
    minima: int
    reasons: tuple[str, ...]
