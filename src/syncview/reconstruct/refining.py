"""Strikes heard from other sides than the everyday sounds: what their arrivals add to the clocks.

Every lag lies within sound's travel time of the true clock difference, so that the truth is nearest
to the middle of all lags that a pair has, voices and strikes alike. One side alone is off by up to that travel time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.sync.groups import Placed
from syncview.sync.positions import Link, solve_positions
from syncview.timebase import group_time_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Event, Group
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import Settings

__all__ = ["with_strike_lags"]


def with_strike_lags(
    placed: Placed,
    strikes: Sequence[Event],
    *,
    geometry: Geometry,
    settings: Settings,
    clocks: Group | None = None,
) -> Placed:
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
    clocks : Group, optional
        Clocks of the sounds that the strikes were joined on, where files come in pieces: a lag is then that of the
        offsets in `placed`, whichever piece heard the strike. Without it, every file is one piece.

    Returns
    -------
    Placed
        The same recordings and links; a link that strikes have moved says so. Pins stay as they are.
    """
    arrivals = [
        _heard_s(strike, placed, clocks)
        for strike in strikes
        if strike.confidence >= settings.reconstruct.strike_lag_confidence and len(strike.observations) > 1
    ]
    links = tuple(_moved(link, arrivals, geometry) for link in placed.links)
    if links == placed.links:
        return placed
    offsets = solve_positions(placed.offsets_s, links, geometry_scale_s=settings.sync.geometry_scale_s)
    return Placed(offsets_s=dict(sorted(offsets.items())), links=links)


def _heard_s(strike: Event, placed: Placed, clocks: Group | None) -> dict[str, float]:
    """When each file heard a strike, as if it had been one piece with the offset it was placed at."""
    heard_s = {seen.recording_id: seen.sound_s for seen in strike.observations if seen.sound_s is not None}
    if clocks is None:
        return heard_s
    clock_of = {clock.recording_id: clock for clock in clocks.clocks}
    return {
        name: group_s - placed.offsets_s[name]
        for name, sound_s in heard_s.items()
        if name in placed.offsets_s and (group_s := group_time_of(clock_of[name], sound_s, of="audio")) is not None
    }


def _moved(link: Link, arrivals: Sequence[Mapping[str, float]], geometry: Geometry) -> Link:
    if link.pinned:
        return link
    farthest_s = 2 * geometry.travel_s(link.a_id, link.b_id)  # two lags lie on both sides of the truth at most
    lags_s = [
        lag_s
        for heard in arrivals
        if link.a_id in heard
        and link.b_id in heard
        and abs((lag_s := heard[link.a_id] - heard[link.b_id]) - link.lag_s) <= farthest_s
    ]
    if not lags_s:
        return link
    low_s, high_s = min(*lags_s, link.lag_s), max(*lags_s, link.lag_s)
    # Lags that agree from several sides come from cameras close together; the wider, the less the middle is known.
    sigma_s = max(link.sigma_s, 0.5 * (high_s - low_s))
    return replace(link, lag_s=0.5 * (low_s + high_s), sigma_s=sigma_s, strikes=len(lags_s))
