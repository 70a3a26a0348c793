"""From recordings that fit on one clock to that clock: a reference, and how far each recording can be off.

What sound gives is a lag; the true clocks differ from it by up to the time that sound needs between the cameras.
A chain of links adds its parts; the tightest chain to the reference counts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Basis, Clock, ClockSegment, Group, Loop
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import ReconstructSettings
    from syncview.sync.groups import Placed
    from syncview.sync.positions import Link

__all__ = ["Extent", "Skew", "clocks_of_group", "reference_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Length of a recording, and whether it has sound and picture."""

    duration_s: float
    has_audio: bool
    has_video: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """Sound later than picture by `skew_s`, 95 % half-width `uncertainty_s`."""

    skew_s: float
    uncertainty_s: float


def reference_of(placed: Placed, extents: Mapping[str, Extent], preferred: Sequence[str]) -> str:
    """Choose the recording whose clock the group's uncertainties are stated against.

    Parameters
    ----------
    placed : Placed
        The group.
    extents : mapping of str to Extent
        Lengths by recording id.
    preferred : sequence of str
        References of an earlier run, which do not move when files come later.

    Returns
    -------
    str
        A preferred recording of the group, else the one with the most links, the longest, the first by id.
    """
    for name in preferred:
        if name in placed.offsets_s:
            return name
    ties = {name: sum(name in (link.a_id, link.b_id) for link in placed.links) for name in placed.offsets_s}
    return min(placed.offsets_s, key=lambda name: (-ties[name], -extents[name].duration_s, name))


def clocks_of_group(
    placed: Placed,
    *,
    reference_id: str,
    extents: Mapping[str, Extent],
    skews: Mapping[str, Skew],
    geometry: Geometry,
    settings: ReconstructSettings,
) -> Group:
    """State every clock of a group with its uncertainty, basis and assumptions.

    Parameters
    ----------
    placed : Placed
        Offsets and the links that carry them.
    reference_id : str
        The recording with offset 0 and uncertainty 0.
    extents : mapping of str to Extent
        Lengths and streams by recording id.
    skews : mapping of str to Skew
        Picture-sound skew of each recording.
    geometry : Geometry
        Distances between the cameras.
    settings : ReconstructSettings
        Drift that an unmeasured clock may have.

    Returns
    -------
    Group
        With an empty id and the reference's offset 0; the case folder names it and sets its zero.
    """
    names = sorted(placed.offsets_s)
    chains = _chains(placed, names, reference_id, geometry, extents, settings)
    # What was placed is the sound; the picture of the same moment lies earlier in the recording by the skew.
    zero = placed.offsets_s[reference_id] + skews[reference_id].skew_s
    clocks = []
    for name, chain in zip(names, chains, strict=True):
        extent, alone = extents[name], name == reference_id
        drift_s = settings.drift_uncertainty_ppm * 1e-6 * extent.duration_s
        skew_s = math.hypot(skews[name].uncertainty_s, skews[reference_id].uncertainty_s)
        offset_s = 0.0 if alone else placed.offsets_s[name] + skews[name].skew_s - zero
        segment = ClockSegment(
            start_s=0.0,
            end_s=extent.duration_s,
            offset_s=offset_s,
            drift_ppm=0.0,
            drift_uncertainty_ppm=0.0 if alone else settings.drift_uncertainty_ppm,
            applies_to="both" if extent.has_audio and extent.has_video else ("video" if extent.has_video else "audio"),
            picture_check="unverified",
        )
        clocks.append(
            Clock(
                recording_id=name,
                segments=(segment,),
                uncertainty_s=0.0 if alone else chain.travel_s + math.hypot(chain.noise_s, skew_s, drift_s),
                sound_uncertainty_s=0.0 if alone else math.hypot(chain.sound_s, drift_s),
                basis=() if len(names) == 1 else chain.basis,
                assumptions=() if alone else _assumptions(name, reference_id, chain.basis, skews, geometry, settings),
            )
        )
    return Group(id="", reference_id=reference_id, clocks=tuple(clocks), loops=_loops(names, placed.links))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """The tightest chain of links to the reference, all 95 % half-widths.

    `travel_s` is how far sound's travel may have moved its lags, `noise_s` how far they are off for other reasons,
    `sound_s` how far the sounds themselves scatter about them.
    """

    travel_s: float
    noise_s: float
    sound_s: float
    basis: tuple[Basis, ...]


def _chains(
    placed: Placed,
    names: Sequence[str],
    reference_id: str,
    geometry: Geometry,
    extents: Mapping[str, Extent],
    settings: ReconstructSettings,
) -> list[_Chain]:
    """The chain of every recording, in the order of `names`."""
    index = {name: k for k, name in enumerate(names)}
    root = index[reference_id]
    cost: dict[tuple[int, int], float] = {}
    parts: dict[tuple[int, int], _Chain] = {}
    for link in placed.links:
        i, j = index[link.a_id], index[link.b_id]
        missed_s = abs(placed.offsets_s[link.b_id] - placed.offsets_s[link.a_id] - link.lag_s)
        part = _Chain(
            travel_s=0.0 if link.pinned else geometry.travel_s(link.a_id, link.b_id),
            noise_s=(2.0 * link.sigma_s if link.pinned else settings.lag_noise_s) + missed_s,
            sound_s=2.0 * link.sigma_s + missed_s,
            basis=_basis(link, geometry),
        )
        parts[i, j] = parts[j, i] = part
        cost[i, j] = cost[j, i] = part.travel_s + part.noise_s
    before = _nearest(cost, root)
    chains = []
    for k in range(len(names)):
        way, at, drift_s = [], k, 0.0
        while at != root:
            way.append(parts[before[at], at])
            at = before[at]
            # From where one neighbour met a recording to where the other did, its own clock may have drifted.
            between_s = 0.0 if at == root else extents[names[at]].duration_s
            drift_s += 1e-6 * settings.drift_uncertainty_ppm * between_s
        chains.append(
            _Chain(
                travel_s=sum(part.travel_s for part in way),
                noise_s=math.hypot(*(part.noise_s for part in way), drift_s),
                sound_s=math.hypot(*(part.sound_s for part in way), drift_s),
                basis=tuple(sorted({b for part in way for b in part.basis}))
                or _own_basis(names[k], placed.links, geometry),
            )
        )
    return chains


def _nearest(cost: Mapping[tuple[int, int], float], root: int) -> dict[int, int]:
    """The step before each place on its cheapest way from the root (Dijkstra 1959; groups are small)."""
    total, before, open_places = {root: 0.0}, {}, {root}
    while open_places:
        here = min(open_places, key=lambda place: (total[place], place))
        open_places.remove(here)
        for (i, j), step in sorted(cost.items()):
            if i == here and total[here] + step < total.get(j, math.inf):
                total[j], before[j] = total[here] + step, here
                open_places.add(j)
    return before


def _own_basis(name: str, links: Sequence[Link], geometry: Geometry) -> tuple[Basis, ...]:
    """What ties the reference to the others."""
    return tuple(sorted({b for link in links if name in (link.a_id, link.b_id) for b in _basis(link, geometry)}))


def _basis(link: Link, geometry: Geometry) -> tuple[Basis, ...]:
    if link.pinned:
        return ("pin",)
    used: list[Basis] = ["sound"]
    if link.strikes:
        used.append("blast")
    if geometry.is_known(link.a_id, link.b_id):
        used.append("geometry")
    return tuple(sorted(used))


def _assumptions(
    name: str,
    reference_id: str,
    basis: tuple[Basis, ...],
    skews: Mapping[str, Skew],
    geometry: Geometry,
    settings: ReconstructSettings,
) -> tuple[str, ...]:
    found = ["no cut inside a file", f"clocks run true to {settings.drift_uncertainty_ppm:g} ppm"]
    if "sound" in basis:
        if not geometry.is_known(name, reference_id):
            found.append(f"cameras within {geometry.max_camera_distance_m:g} m of each other")
        found.append("common sound taken as acoustic")
    skew_s = max(skews[name].uncertainty_s, skews[reference_id].uncertainty_s)
    if skew_s > 0:
        found.append(f"picture and sound of a file within {skew_s * 1e3:.0f} ms of each other")
    return tuple(found)


def _loops(names: Sequence[str], links: Sequence[Link]) -> tuple[Loop, ...]:
    """Every triangle of linked recordings, and by how much its lags fail to add up to zero."""
    lag = {(link.a_id, link.b_id): link.lag_s for link in links}
    loops = []
    for a, b, c in itertools.combinations(names, 3):
        if (a, b) in lag and (b, c) in lag and (a, c) in lag:
            closure_s = lag[a, b] + lag[b, c] - lag[a, c]
            loops.append(Loop(recording_ids=(a, b, c), closure_s=round_s(closure_s)))
    return tuple(loops)
