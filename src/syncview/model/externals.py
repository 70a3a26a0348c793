"""What no file shows: the first strike, a spotter's call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["External"]


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """An event that a person states and no file shows. It has no group: its time is UTC only.

    Either `utc` with its 95 % half-width `uncertainty_s`, or bounds of one side or both. `of` is what happened, as
    "strike"; `basis` says how the person knows. `id` is empty until the case folder has given it its lasting name.
    """

    id: str
    of: Literal["strike", "shot", "aircraft", "movement", "note"]
    label: str
    utc: datetime | None
    uncertainty_s: float | None
    not_before: datetime | None
    not_after: datetime | None
    basis: str | None
