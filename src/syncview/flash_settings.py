"""The part of the settings that is about light and bang; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FlashSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSettings:
    """The light of an explosion, looked for where a bang says that it must be."""

    long_side_px: int = 160  # 0.2 % of the picture is 6 pixels across; 0.05 % is 3
    most_delay_s: float = 5.9  # 2 km: a bomb is heard farther, but over more seconds chance lights up something
    least_delay_s: float = 0.05  # nearer than 17 m nobody films on
    before_s: float = 1.0  # what the picture usually does, before the searched stretch
    after_s: float = 1.6  # decay and smoke, after it
    span_s: float = 20.0  # longer stretches are searched in pieces, for memory's sake
    least_bang_score: float = 0.2  # a bang weaker than this is not searched for light
    most_candidates: int = 3  # shown to the reviewer
    most_judged: int = 8  # frames measured in each stretch of window's length
    apart_s: float = 0.2  # rises nearer than this are one light
    reach_px: int = 24  # of the small picture: how far a camera turns from frame to frame
    noise_levels: float = 3.0  # of coded pictures, where nothing moves
    noise_share: float = 0.9  # quantile over time of what a place usually brightens by
    noise_weight: float = 2.0
    outlying_share: float = 0.3  # of strikes, those whose delay is not like that of the one before
    automatic_probability: float = 0.95  # of the light, when other cameras see it too
    agreeing_probability: float = 0.9  # that another camera sees the same light; below, the camera is alone with it
    alone_probability: float = 0.99  # and then it must be beyond doubt
    wind_uncertainty_mps: float = 6.0  # 95 %, along the way of sound, where nobody states it
    most_yield_kg: float = 250.0  # for the lead of the shock
    readout_s: float = 0.03  # rolling shutters take up to this long from the first row to the last
