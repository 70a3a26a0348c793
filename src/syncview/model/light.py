"""What a picture shows of a strike: frames around a bang, and the light that may have been its explosion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LightCandidate", "LightKind", "LumaWindow", "Sight", "SightedLight"]

LightKind = Literal["flash", "first plume"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LumaWindow:
    """Small grey frames of a stretch of a recording, the right way up, with their own times.

    `start_s` to `end_s` is what was asked for; `frames` (uint8, shape (n, height_px, width_px)) reach beyond it on both
    sides as far as the file does. `times_s` (float64, shape (n,)) are recording times, ascending. `shown_px` is the
    width and height of the displayed picture that the small one stands for.
    """

    start_s: float
    end_s: float
    times_s: NDArray[np.float64]
    frames: NDArray[np.uint8]
    key_frames: NDArray[np.bool_]
    shown_px: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LightCandidate:
    """Something that lights up, or begins to grow, in a picture.

    `time_s` is the recording time of the first frame that shows it, `before_s` of the last without it; the light began
    `uncertainty_s` (95 % half-width) around their middle, `light_s`, moved by what a rolling shutter may do. `index` is
    the number of the frame in the file, from 0, once it is known; `box_px` left, top, width and height in pixels of the
    displayed picture; `score`, in 0..1, how likely it is the light of a bang in the stretch that was searched.
    A plume is seen after its explosion, never before: bang minus light is then too short, the distance one of at least.
    """

    time_s: float
    before_s: float
    light_s: float
    uncertainty_s: float
    kind: LightKind
    index: int | None
    box_px: tuple[int, int, int, int]
    score: float
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SightedLight:
    """A light that may be that of a bang. `probability` is its share among all assignments of lights to bangs.

    `with_ids` names other cameras that see a light at the same moment. The distance is in metres, with its 95 %
    interval and the parts of it; a first plume gives one of at least, without an upper end.
    """

    candidate: LightCandidate
    probability: float
    with_ids: tuple[str, ...]
    distance_m: float | None
    distance_interval_m: tuple[float, float | None]
    distance_budget: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a recording shows of a bang: lights for the reviewer, likeliest first, and the one picked automatically.

    `reasons` say why one was picked or none.
    """

    lights: tuple[SightedLight, ...]
    picked: SightedLight | None
    reasons: tuple[str, ...]
