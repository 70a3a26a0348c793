"""Which numbers are solved for, and where each stands in the vector of unknowns.

All are differences from a first guess, so that 0 is the guess. What is known exactly points at one further place of the
vector, after the last unknown, which stays 0: no case needs to be told apart where residuals are computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.reconstruct.solving.problem import Arrival, Camera, ClockPiece, Light, Problem, Source
    from syncview.settings.solving import SolvingSettings

    Index = NDArray[np.intp]
    Floats = NDArray[np.float64]

__all__ = ["FLAT_95", "NORMAL_95", "RADIUS_95", "Unknowns", "padded", "unknowns_of"]

FLAT_95 = 1.645  # sigmas of the same where every value inside is as likely: 0.95 sqrt 3
NORMAL_95 = 1.96  # sigmas of a 95 % half-width
RADIUS_95 = 2.4477  # sigmas of a 95 % radius in the plane: sqrt(-2 ln 0.05)
_EXACT_M = 0.05
_LEAST_PLACED = 3  # cameras whose places are stated: fewer place nothing for a camera to be placed by
_LEAST_HEARD = 4  # sounds: two numbers of a place, a clock, and one to check them


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknowns:
    """Columns of `count` unknowns; `count` itself is the column of what is known.

    By piece: `clock`, `drift`, `skew` (n_pieces,), `camera` (n_pieces, 2) with the guess `camera_m`, not finite where
    nothing tells it; `is_placed` where somebody stated it, else the guess is the middle of the others. By source:
    `place` (n_sources, 2) with `place_m`, `moment` with `moment_s`, `charge`, the lead as a share of the largest.
    `moment` is the explosion's, less its lead.
    """

    count: int
    pieces: tuple[ClockPiece, ...]
    cameras: tuple[Camera, ...]
    sources: tuple[Source, ...]
    clock: Index
    drift: Index
    skew: Index
    camera: Index
    camera_m: Floats
    is_placed: NDArray[np.bool_]
    place: Index
    place_m: Floats
    moment: Index
    moment_s: Floats
    charge: Index
    sound_speed: int
    wind: Index

    def piece_index(self) -> dict[str, int]:
        """Number of each piece by its name."""
        return {piece.name: k for k, piece in enumerate(self.pieces)}

    def source_index(self) -> dict[str, int]:
        """Number of each source by its id."""
        return {source.id: k for k, source in enumerate(self.sources)}

    def places_m(self, z: Floats) -> Floats:
        """Places of the sources (..., n_sources, 2) at unknowns (..., count)."""
        return self.place_m + padded(z)[..., self.place]


def padded(z: Floats) -> Floats:
    """Unknowns (..., count) with the 0 of what is known behind them."""
    return np.concatenate([z, np.zeros((*z.shape[:-1], 1))], axis=-1)


def unknowns_of(problem: Problem, *, settings: SolvingSettings) -> Unknowns:
    """Lay out what is unknown in a problem.

    Parameters
    ----------
    problem : Problem
        One group.
    settings : SolvingSettings
        From which drift on a rate is an unknown.

    Returns
    -------
    Unknowns
    """
    columns = _Columns()
    by_id = {camera.recording_id: camera for camera in problem.cameras}
    cameras = tuple(by_id[piece.recording_id] for piece in problem.pieces)
    clock = [columns.one(piece.name != problem.reference) for piece in problem.pieces]
    skew = columns.shared([(f"{c.skew_uncertainty_s!r} {c.device}", c.skew_uncertainty_s > 0) for c in cameras])
    drift = columns.shared(_drifts(problem, cameras, settings))
    sources = tuple(s for s in problem.sources if _is_told(s, problem, by_id))
    camera_m, is_placed = _camera_places_m(problem, cameras, sources)
    guessed = {c.recording_id for c, m in zip(cameras, camera_m, strict=True) if c.position_m is None and m[0] == m[0]}
    camera = columns.shared_pairs([(c.recording_id, _is_free(c) or c.recording_id in guessed) for c in cameras])
    place = columns.shared_pairs([(s.id, True) for s in sources])
    moment = [columns.one(True) for _ in sources]
    charge = [columns.one(s.kind == "strike" and problem.air.most_yield_kg > 0) for s in sources]
    air = [columns.one(x > 0) for x in (problem.air.uncertainty_mps, *2 * (problem.air.wind_uncertainty_mps,))]
    count = columns.count
    return Unknowns(
        count=count,
        pieces=problem.pieces,
        cameras=cameras,
        sources=sources,
        clock=_index(clock, count),
        drift=_index(drift, count),
        skew=_index(skew, count),
        camera=_index(camera, count).reshape(-1, 2),
        camera_m=camera_m,
        is_placed=is_placed,
        place=_index(place, count).reshape(-1, 2),
        place_m=_first_places_m(sources, camera_m[is_placed]),
        moment=_index(moment, count),
        moment_s=np.array([_first_moment_s(s, problem) for s in sources], float),
        charge=_index(charge, count),
        sound_speed=int(_index(air, count)[0]),
        wind=_index(air, count)[1:],
    )


class _Columns:
    """Hands out columns one after the other; -1 for what is known."""

    def __init__(self) -> None:
        self.count = 0

    def one(self, is_unknown: bool) -> int:
        if not is_unknown:
            return -1
        self.count += 1
        return self.count - 1

    def shared(self, keys: list[tuple[str, bool]]) -> list[int]:
        """One column for all of one key, where any of them is unknown."""
        unknown = {key for key, is_unknown in keys if is_unknown}
        columns = {key: self.one(key in unknown) for key in dict.fromkeys(key for key, _ in keys)}
        return [columns[key] for key, _ in keys]

    def shared_pairs(self, keys: list[tuple[str, bool]]) -> list[int]:
        east, north = self.shared(keys), self.shared(keys)
        return [column for pair in zip(east, north, strict=True) for column in pair]


def _index(columns: list[int], count: int) -> Index:
    return np.array([count if column < 0 else column for column in columns], np.intp)


def _is_free(camera: Camera) -> bool:
    return camera.position_m is not None and (camera.position_uncertainty_m or 0.0) > _EXACT_M


def _drifts(problem: Problem, cameras: tuple[Camera, ...], settings: SolvingSettings) -> list[tuple[str, bool]]:
    """Device of each piece, and whether the error of its rate matters. The reference's device sets the rate."""
    times = [(a.piece, a.time_s) for a in problem.arrivals] + [(light.piece, light.time_s) for light in problem.lights]
    by_name = {piece.name: (piece, camera.device) for piece, camera in zip(problem.pieces, cameras, strict=True)}
    most = dict.fromkeys(by_name, 0.0)
    for name, time_s in times:
        piece = by_name[name][0]
        most[name] = max(most[name], abs(time_s - piece.middle_s) * piece.drift_uncertainty_ppm * 1e-6)
    own = by_name[problem.reference][1]
    return [(device, device != own and most[name] > settings.drift_worth_s) for name, (_, device) in by_name.items()]


def _is_told(source: Source, problem: Problem, by_id: dict[str, Camera]) -> bool:
    """Whether a source can tell anything: three ways of sound for an ordinary one; of a strike two, or its light."""
    recording = {piece.name: piece.recording_id for piece in problem.pieces}
    heard = sum(a.source_id == source.id and by_id[recording[a.piece]].position_m is not None for a in problem.arrivals)
    seen = sum(light.source_id == source.id for light in problem.lights)
    needed = 3 if source.kind == "sound" and source.place_m is None else 2
    flash = any(light.source_id == source.id and light.kind == "flash" for light in problem.lights)
    return heard + seen >= needed or (source.kind == "strike" and flash)


def _camera_places_m(
    problem: Problem, cameras: tuple[Camera, ...], sources: tuple[Source, ...]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Where cameras stand, and whether that was stated.

    One that nobody placed but that heard enough to be placed begins in the middle of the others.
    """
    places_m = np.array([c.position_m or (np.nan, np.nan) for c in cameras], float).reshape(-1, 2)
    is_placed = np.isfinite(places_m[:, 0])
    told = {source.id for source in sources}
    recording = {piece.name: piece.recording_id for piece in problem.pieces}
    heard = [recording[a.piece] for a in problem.arrivals if a.source_id in told]
    if len(np.unique(places_m[is_placed], axis=0)) >= _LEAST_PLACED:
        for p, camera in enumerate(cameras):
            if not is_placed[p] and heard.count(camera.recording_id) >= _LEAST_HEARD:
                places_m[p] = places_m[is_placed].mean(axis=0)
    return places_m, is_placed


def _first_places_m(sources: tuple[Source, ...], known: Floats) -> Floats:
    middle = known.mean(axis=0) if len(known) else np.zeros(2)
    return np.array([s.place_m or tuple(middle) for s in sources], float).reshape(-1, 2)


def _first_moment_s(source: Source, problem: Problem) -> float:
    signs: list[Arrival | Light] = [*problem.arrivals, *problem.lights]
    return float(np.mean([sign.time_s for sign in signs if sign.source_id == source.id]))
