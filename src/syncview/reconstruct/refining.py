"""Strikes heard from other sides than the everyday sounds: what their arrivals add to the clocks.

Every lag lies within sound's travel time of the true clock difference, so that the truth is nearest
to the middle of all lags that a pair has, voices and strikes alike. One side alone is off by up to that travel time.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from syncview.sync.positions import Link, solve_positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Event
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import Settings
    from syncview.sync.groups import Placed

__all__ = ["with_strike_lags"]


def with_strike_lags(placed: Placed, strikes: Sequence[Event], *, geometry: Geometry, settings: Settings) -> Placed:
    """Move every link to the middle of its pair's lags, those of strikes included, and solve the offsets again.

    Parameters
    ----------
    placed : Placed
        Offsets and links of a group, from its sounds.
    strikes : sequence of Event
        What the group's recordings heard; only those of at least `settings.reconstruct.strike_lag_confidence` that
        two or more heard count.
    geometry : Geometry
        How far sound's travel may move a lag.
    settings : Settings
        The parts `sync` and `reconstruct`.

    Returns
    -------
    Placed
        The same pieces and links; a link that strikes have moved says so. Pins stay as they are.
    """
    arrivals = [
        _heard_s(strike, placed, settings)
        for strike in strikes
        if strike.confidence >= settings.reconstruct.strike_lag_confidence and len(strike.observations) > 1
    ]
    links = tuple(_moved(link, arrivals, placed, geometry, settings) for link in placed.links)
    if links == placed.links:
        return placed
    offsets = solve_positions(placed.offsets_s, links, geometry_scale_s=settings.sync.geometry_scale_s)
    return replace(placed, offsets_s=dict(sorted(offsets.items())), links=links)


def _heard_s(strike: Event, placed: Placed, settings: Settings) -> dict[str, _Arrival]:
    """When each piece heard a strike, as its clock would have it without drift; only onsets that are sharp."""
    heard: dict[str, _Arrival] = {}
    for seen in strike.observations:
        for piece in placed.pieces.values():
            if (
                seen.sound_s is not None
                and (seen.sound_uncertainty_s or 0.0) <= settings.reconstruct.strike_lag_uncertainty_s
                and piece.recording_id == seen.recording_id
                and piece.start_s <= seen.sound_s <= piece.end_s
            ):
                drift = placed.drifts.get(piece.recording_id)
                time_s = seen.sound_s * (1.0 + (0.0 if drift is None else drift.ppm * 1e-6))
                heard[piece.name] = _Arrival(time_s, seen.sound_uncertainty_s or 0.0)
    return heard


class _Arrival(NamedTuple):
    """A strike at one piece: recording time and its 95 % half-width."""

    time_s: float
    uncertainty_s: float


def _moved(
    link: Link,
    arrivals: Sequence[Mapping[str, _Arrival]],
    placed: Placed,
    geometry: Geometry,
    settings: Settings,
) -> Link:
    if link.pinned:
        return link
    # Two lags lie on both sides of the truth at most.
    farthest_s = 2 * geometry.travel_s(placed.recording_of(link.a_id), placed.recording_of(link.b_id))
    lags_s = [
        _as_near_as_may_be(heard[link.a_id], heard[link.b_id], link.lag_s, settings)
        for heard in arrivals
        if link.a_id in heard
        and link.b_id in heard
        and abs(heard[link.a_id].time_s - heard[link.b_id].time_s - link.lag_s) <= farthest_s
    ]
    if not lags_s:
        return link
    low_s, high_s = min(*lags_s, link.lag_s), max(*lags_s, link.lag_s)
    # Lags that agree from several sides come from cameras close together; the wider, the less the middle is known.
    sigma_s = max(link.sigma_s, 0.5 * (high_s - low_s))
    return replace(link, lag_s=0.5 * (low_s + high_s), sigma_s=sigma_s, strikes=len(lags_s))


def _as_near_as_may_be(a: _Arrival, b: _Arrival, known_s: float, settings: Settings) -> float:
    """A strike's lag, as near to a known one as onsets and echoes allow: what these are off by is no geometry."""
    off_s = a.time_s - b.time_s - known_s
    slack_s = math.hypot(a.uncertainty_s, b.uncertainty_s, settings.reconstruct.lag_noise_s)
    return known_s + math.copysign(max(0.0, abs(off_s) - slack_s), off_s)
