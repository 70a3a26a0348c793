"""From recordings that fit on one clock to that clock: a reference, and how far each recording can be off.

What sound gives is a lag; the true clocks differ from it by up to the time that sound needs between the cameras.
A chain of links adds its parts; the tightest chain to the reference counts.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Basis, Clock, ClockSegment, Group, Loop
from syncview.sync.groups import Drift
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import ReconstructSettings
    from syncview.sync.groups import Placed
    from syncview.sync.likelihood import Piece
    from syncview.sync.positions import Link

__all__ = ["Extent", "Skew", "assumptions_of", "clocks_of_group", "reference_of", "without_distance"]

_WITHIN = "cameras within"
_SLACK_S = 0.1  # a piece that begins so soon after the sound does is its first


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Length of a recording, whether it has sound and picture, and first and last recording time of its sound."""

    duration_s: float
    has_audio: bool
    has_video: bool
    sound_s: tuple[float, float]


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
        A preferred recording of the group, else one without cuts, with the most links, the longest, the first by id.
    """
    pieces = Counter(piece.recording_id for piece in placed.pieces.values())
    for name in preferred:
        if name in pieces:
            return name
    ties = Counter(placed.recording_of(name) for link in placed.links for name in (link.a_id, link.b_id))
    return min(pieces, key=lambda name: (pieces[name], -ties[name], -extents[name].duration_s, name))


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
    root = _first_piece(placed, reference_id)
    chains = dict(zip(names, _chains(placed, names, root, geometry, extents, settings), strict=True))
    # What was placed is the sound; the picture of the same moment lies earlier in the recording by the skew.
    zero = placed.offsets_s[root] + skews[reference_id].skew_s
    clocks = []
    for recording_id in sorted({placed.recording_of(name) for name in names}):
        pieces = sorted(
            (placed.pieces[name] for name in names if placed.recording_of(name) == recording_id),
            key=lambda piece: piece.start_s,
        )
        own = [chains[piece.name] for piece in pieces if piece.name != root]
        clocks.append(_clock(placed, recording_id, pieces, own, reference_id, zero, extents, skews, geometry, settings))
    return Group(id="", reference_id=reference_id, clocks=tuple(clocks), loops=_loops(placed))


def _first_piece(placed: Placed, recording_id: str) -> str:
    return min(
        (piece for piece in placed.pieces.values() if piece.recording_id == recording_id),
        key=lambda piece: piece.start_s,
    ).name


def _clock(
    placed: Placed,
    recording_id: str,
    pieces: Sequence[Piece],
    chains: Sequence[_Chain],
    reference_id: str,
    zero_s: float,
    extents: Mapping[str, Extent],
    skews: Mapping[str, Skew],
    geometry: Geometry,
    settings: ReconstructSettings,
) -> Clock:
    """The clock of one recording: a segment for each of its pieces, and one uncertainty that holds in all of them."""
    alone, extent = recording_id == reference_id, extents[recording_id]
    drift = placed.drifts.get(recording_id, Drift(ppm=0.0, uncertainty_ppm=settings.drift_uncertainty_ppm))
    drift = Drift(ppm=0.0, uncertainty_ppm=0.0) if alone else drift
    skew_s = math.hypot(skews[recording_id].uncertainty_s, 0.0 if alone else skews[reference_id].uncertainty_s)
    drift_s = drift.uncertainty_ppm * 1e-6 * extent.duration_s
    segments = tuple(
        ClockSegment(
            start_s=0.0 if k == 0 and not _starts_late(piece, extent) else piece.start_s,
            end_s=extent.duration_s if k == len(pieces) - 1 and not _ends_early(piece, extent) else piece.end_s,
            offset_s=placed.offsets_s[piece.name] + skews[recording_id].skew_s - zero_s,
            drift_ppm=drift.ppm,
            drift_uncertainty_ppm=drift.uncertainty_ppm,
            applies_to="both" if extent.has_audio and extent.has_video else ("video" if extent.has_video else "audio"),
            picture_check="unverified",
        )
        for k, piece in enumerate(pieces)
    )
    basis = tuple(sorted({b for chain in chains for b in chain.basis})) or _own_basis(recording_id, placed, geometry)
    return Clock(
        recording_id=recording_id,
        segments=segments,
        uncertainty_s=max(
            (chain.travel_s + math.hypot(chain.noise_s, skew_s, drift_s) for chain in chains), default=0.0
        ),
        sound_uncertainty_s=max((math.hypot(chain.sound_s, drift_s) for chain in chains), default=0.0),
        basis=() if len(placed.offsets_s) == 1 else basis,
        assumptions=()
        if alone
        else assumptions_of(
            recording_id, reference_id, basis, drift, skews, geometry, measured=recording_id in placed.drifts
        ),
    )


def _starts_late(piece: Piece, extent: Extent) -> bool:
    """Whether something of the recording before this piece is on no clock: a part that was cut apart from it."""
    return piece.start_s > extent.sound_s[0] + _SLACK_S


def _ends_early(piece: Piece, extent: Extent) -> bool:
    return piece.end_s < extent.sound_s[1] - _SLACK_S


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
    root_name: str,
    geometry: Geometry,
    extents: Mapping[str, Extent],
    settings: ReconstructSettings,
) -> list[_Chain]:
    """The chain of every piece, in the order of `names`."""
    index = {name: k for k, name in enumerate(names)}
    root = index[root_name]
    cost: dict[tuple[int, int], float] = {}
    parts: dict[tuple[int, int], _Chain] = {}
    for link in placed.links:
        i, j = index[link.a_id], index[link.b_id]
        missed_s = abs(placed.offsets_s[link.b_id] - placed.offsets_s[link.a_id] - link.lag_s)
        part = _Chain(
            travel_s=0.0 if link.pinned else geometry.travel_s(*_ends(placed, link)),
            noise_s=(2.0 * link.sigma_s if link.pinned else settings.lag_noise_s) + missed_s,
            sound_s=max(2.0 * link.sigma_s, 0.5 * link.spread_s, settings.sound_floor_s) + missed_s,
            basis=_basis(placed, link, geometry),
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
            middle = placed.recording_of(names[at])
            drift = placed.drifts.get(middle)
            drift_ppm = settings.drift_uncertainty_ppm if drift is None else drift.uncertainty_ppm
            drift_s += 0.0 if at == root else 1e-6 * drift_ppm * extents[middle].duration_s
        chains.append(
            _Chain(
                travel_s=sum(part.travel_s for part in way),
                noise_s=math.hypot(*(part.noise_s for part in way), drift_s),
                sound_s=math.hypot(*(part.sound_s for part in way), drift_s),
                basis=tuple(sorted({b for part in way for b in part.basis}))
                or _own_basis(placed.recording_of(names[k]), placed, geometry),
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


def _ends(placed: Placed, link: Link) -> tuple[str, str]:
    """The recordings that a link ties."""
    return placed.recording_of(link.a_id), placed.recording_of(link.b_id)


def _own_basis(recording_id: str, placed: Placed, geometry: Geometry) -> tuple[Basis, ...]:
    """What ties a recording to the others."""
    return tuple(
        sorted(
            {b for link in placed.links if recording_id in _ends(placed, link) for b in _basis(placed, link, geometry)}
        )
    )


def _basis(placed: Placed, link: Link, geometry: Geometry) -> tuple[Basis, ...]:
    if link.copy:
        return ("sound",)
    if link.pinned:
        return ("pin",)
    used: list[Basis] = ["blast" if link.blasts else "sound"]
    if link.strikes:
        used.append("blast")
    if geometry.is_known(*_ends(placed, link)):
        used.append("geometry")
    return tuple(sorted(set(used)))


def assumptions_of(
    name: str,
    reference_id: str,
    basis: tuple[Basis, ...],
    drift: Drift,
    skews: Mapping[str, Skew],
    geometry: Geometry,
    *,
    measured: bool,
) -> tuple[str, ...]:
    """Say what a clock takes for granted.

    Parameters
    ----------
    name, reference_id : str
        The recording, and the one that its clock is stated against.
    basis : tuple of Basis
        What ties it.
    drift : Drift
        Its drift.
    skews : mapping of str to Skew
        Picture-sound skew of both.
    geometry : Geometry
        Whether their places are known.
    measured : bool
        Whether the drift was measured.

    Returns
    -------
    tuple of str
        In words.
    """
    found = ["no cut where no other recording overlaps"]
    if not measured:
        found.append(f"clocks run true to {drift.uncertainty_ppm:g} ppm")
    if {"sound", "blast"} & set(basis):
        if not geometry.is_known(name, reference_id):
            found.append(f"{_WITHIN} {geometry.max_camera_distance_m:g} m of each other")
        found.append("common sound taken as acoustic")
    skew_s = max(skews[name].uncertainty_s, skews[reference_id].uncertainty_s)
    if skew_s > 0:
        found.append(f"picture and sound of a file within {skew_s * 1e3:.0f} ms of each other")
    return tuple(found)


def without_distance(assumptions: Sequence[str]) -> tuple[str, ...]:
    """Assumptions of a clock that no longer rests on how far apart the cameras stand.

    Parameters
    ----------
    assumptions : sequence of str
        Of `assumptions_of`.

    Returns
    -------
    tuple of str
    """
    return tuple(said for said in assumptions if not said.startswith(_WITHIN))


def _loops(placed: Placed) -> tuple[Loop, ...]:
    """Every triangle of linked recordings, and by how much its lags fail to add up to zero."""
    lag = {(link.a_id, link.b_id): link.lag_s for link in placed.links}
    loops = []
    for a, b, c in itertools.combinations(sorted(placed.offsets_s), 3):
        if (a, b) in lag and (b, c) in lag and (a, c) in lag:
            closure_s = lag[a, b] + lag[b, c] - lag[a, c]
            ids = (placed.recording_of(a), placed.recording_of(b), placed.recording_of(c))
            loops.append(Loop(recording_ids=ids, closure_s=round_s(closure_s)))
    return tuple(loops)
