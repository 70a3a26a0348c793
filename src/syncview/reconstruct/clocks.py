"""From recordings that fit on one clock to that clock: a reference, and how far each recording can be off.

What sound gives is a lag; the true clocks differ from it by up to the time that sound needs between the cameras
(DESIGN section 2). A chain of links adds its parts; the tightest chain to the reference counts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse.csgraph import dijkstra

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
    sound_s, travel_s, bases = _chains(names, placed.links, reference_id, geometry)
    # What was placed is the sound; the picture of the same moment lies earlier in the recording by the skew.
    zero = placed.offsets_s[reference_id] + skews[reference_id].skew_s
    clocks = []
    for k, name in enumerate(names):
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
                uncertainty_s=0.0 if alone else travel_s[k] + math.hypot(sound_s[k], skew_s, drift_s),
                sound_uncertainty_s=0.0 if alone else math.hypot(sound_s[k], drift_s),
                basis=() if len(names) == 1 else bases[k],
                assumptions=() if alone else _assumptions(name, reference_id, bases[k], skews, geometry),
            )
        )
    return Group(id="", reference_id=reference_id, clocks=tuple(clocks), loops=_loops(names, placed.links))


def _chains(
    names: Sequence[str], links: Sequence[Link], reference_id: str, geometry: Geometry
) -> tuple[list[float], list[float], list[tuple[Basis, ...]]]:
    """For every recording: 95 % of its tightest chain's sound, the travel time in it, and what the chain is made of."""
    index = {name: k for k, name in enumerate(names)}
    root = index[reference_id]
    cost = np.zeros((len(names), len(names)))
    parts: dict[tuple[int, int], tuple[float, float, Basis]] = {}
    for link in links:
        i, j = index[link.a_id], index[link.b_id]
        travel = 0.0 if link.pinned else geometry.travel_s(link.a_id, link.b_id)
        basis: Basis = "pin" if link.pinned else "sound"
        parts[i, j] = parts[j, i] = (2.0 * link.sigma_s, travel, basis)
        cost[i, j] = cost[j, i] = max(2.0 * link.sigma_s + travel, 1e-9)
    before = dijkstra(cost, directed=False, indices=[root], return_predecessors=True)[1][0]
    sound, travel_s, bases = [], [], []
    for k in range(len(names)):
        variance, travel, used, at = 0.0, 0.0, set[Basis](), k
        while at != root:
            part = parts[int(before[at]), at]
            variance, travel, at = variance + part[0] ** 2, travel + part[1], int(before[at])
            used.add(part[2])
        sound.append(math.sqrt(variance))
        travel_s.append(travel)
        bases.append(tuple(sorted(used)) or _own_basis(names[k], links))
    return sound, travel_s, bases


def _own_basis(name: str, links: Sequence[Link]) -> tuple[Basis, ...]:
    """What ties the reference to the others."""
    used: set[Basis] = {"pin" if link.pinned else "sound" for link in links if name in (link.a_id, link.b_id)}
    return tuple(sorted(used))


def _assumptions(
    name: str, reference_id: str, basis: tuple[Basis, ...], skews: Mapping[str, Skew], geometry: Geometry
) -> tuple[str, ...]:
    found = []
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
