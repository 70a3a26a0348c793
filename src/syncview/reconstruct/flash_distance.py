"""From flash and bang to a distance, with every part of its uncertainty.

``d = c (t_bang - t_flash - skew)``. Near its source a bomb's shock runs faster than sound, so that the bang comes early
by about ``9 ms x (kg TNT)^(1/3)`` (Rankine-Hugoniot over Sadovsky's overpressure gives 8.0 to 10.3 ms per kg^(1/3) from
20 to 160 m / kg^(1/3)): the true distance is up to that much larger, never smaller.

Dust and smoke are seen later than the explosion, by up to a second or more where they rise from behind a roof. Light
that is dated too late makes the delay too short, so that ``c (t_bang - t_plume - skew)``, less its uncertainty, is what
the distance is at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from syncview.errors import InputError

__all__ = ["FlashDistance", "flash_distance"]

_LEAD_S_PER_ROOT_KG = 0.009


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashDistance:
    """A distance in metres with its 95 % interval; `budget` names the parts, 95 % half-widths in metres.

    After a first plume the distance is one of at least: `distance_m` and the upper end are None.
    """

    distance_m: float | None
    interval_m: tuple[float, float | None]
    budget: tuple[tuple[str, float], ...]


def flash_distance(
    *,
    delay_s: float,
    sound_uncertainty_s: float,
    light_uncertainty_s: float,
    skew_uncertainty_s: float,
    sound_speed_mps: float,
    slowest_sound_mps: float,
    wind_uncertainty_mps: float,
    most_yield_kg: float,
    least_yield_kg: float = 0.0,
    at_least: bool = False,
) -> FlashDistance:
    """Distance of a strike from the time between its light and its bang.

    Parameters
    ----------
    delay_s : float
        Bang minus light, the known skew of picture and sound taken off, in seconds.
    sound_uncertainty_s, light_uncertainty_s, skew_uncertainty_s : float
        95 % half-widths of the pick, of the light (frame and shutter), and of the skew.
    sound_speed_mps, slowest_sound_mps : float
        At the stated temperature, and at the lowest that it may have.
    wind_uncertainty_mps : float
        95 % half-width of the wind's part along the way.
    most_yield_kg, least_yield_kg : float
        Largest and smallest charge, for the lead of its shock; the distance is that of the smallest.
    at_least : bool
        The light is a first plume, which may have begun before it is seen.

    Returns
    -------
    FlashDistance

    Raises
    ------
    InputError
        If a time is not finite or a speed not above 0.

    Examples
    --------
    >>> found = flash_distance(
    ...     delay_s=1.0, sound_uncertainty_s=0.01, light_uncertainty_s=0.033, skew_uncertainty_s=0.04,
    ...     sound_speed_mps=343.0, slowest_sound_mps=334.0, wind_uncertainty_mps=6.0, most_yield_kg=250.0)
    >>> found.distance_m, [round(end) for end in found.interval_m]
    (343.0, [322, 384])
    """
    if not (math.isfinite(delay_s) and sound_speed_mps > 0 and slowest_sound_mps > 0):
        msg = f"expected a delay and speeds above 0, got {delay_s} s, {sound_speed_mps} and {slowest_sound_mps} m/s"
        raise InputError(msg)
    late_s = max(0.0, delay_s)
    parts = {
        "pick_m": sound_speed_mps * sound_uncertainty_s,
        "frame_m": sound_speed_mps * light_uncertainty_s,
        "skew_m": sound_speed_mps * skew_uncertainty_s,
        "temperature_m": (sound_speed_mps - slowest_sound_mps) * late_s,
        "wind_m": wind_uncertainty_mps * late_s,
    }
    least_lead_m, most_lead_m = (
        sound_speed_mps * _LEAD_S_PER_ROOT_KG * charge_kg ** (1 / 3) for charge_kg in (least_yield_kg, most_yield_kg)
    )
    lead_m = max(0.0, most_lead_m - least_lead_m)
    distance_m = sound_speed_mps * late_s + least_lead_m
    half_m = math.hypot(*parts.values())
    return FlashDistance(
        distance_m=None if at_least else round(distance_m, 1),
        interval_m=(
            round(max(0.0, distance_m - half_m), 1),
            None if at_least else round(distance_m + half_m + lead_m, 1),
        ),
        budget=tuple((name, round(value, 2)) for name, value in (*parts.items(), ("shock_lead_m", lead_m))),
    )
