"""Where the search begins: clocks as all but sound's travel leaves them, sources where a coarse map fits best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import descend
from syncview.reconstruct.solving.unknowns import padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.reconstruct.solving.equations import Equations
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.unknowns import Floats, Index
    from syncview.settings.solving import SolvingSettings

__all__ = ["camera_places", "draws", "map_costs", "map_places_m", "mirrored_m", "starts"]

_ANGLES = 24
_RADII = 16
_NEAREST, _FARTHEST = 0.08, 12.0  # of the map, in radii of the cameras
_LEAST_RADIUS_M = 30.0
_CAMERA_PLACES = 2  # of a camera, that its map likes best
_WORST_S = 0.5  # a reading farther off than this is as wrong as any


def starts(system: System, weights: Floats, *, settings: SolvingSettings) -> Floats:
    """Sets of unknowns to begin from.

    Parameters
    ----------
    system : System
        The equations.
    weights : ndarray
        (n_rows,) of the rows.
    settings : SolvingSettings
        How many.

    Returns
    -------
    ndarray
        (n_starts, count): the first from the middle of what is known of the clocks, the others from draws of it.
    """
    e = system.equations
    placed = np.array([source.place_m is not None for source in e.unknowns.sources], bool)
    first = weights.copy()
    first[: len(e.arrivals)] *= placed[e.source]
    middle = descend(
        system, np.zeros((1, system.count)), scale=settings.robust_sigmas, steps=settings.steps, weights=first[None]
    ).z
    others = settings.starts - 1 if len(e.arrivals) else 0
    shifts = draws(e, others, seed=1)
    drawn = descend(
        system,
        np.repeat(middle, others, axis=0),
        scale=settings.robust_sigmas,
        steps=settings.sample_steps,
        weights=np.repeat(first[None], others, axis=0),
        shifts=shifts,
    ).z
    return _put_cameras(e, _put_sources(e, np.concatenate([middle, drawn]), ~placed))


def draws(e: Equations, n: int, *, seed: int) -> Floats:
    """What chance may have added to each row (n, n_rows), in its sigmas: normal, and even for a lead in its range."""
    rng = np.random.default_rng([seed, e.n_rows])
    return np.asarray(rng.normal(size=(n, e.n_rows)) * e.spread)


def _put_sources(e: Equations, z: Floats, wanted: NDArray[np.bool_]) -> Floats:
    z = z.copy()
    places_m = map_places_m(e)
    for k in np.flatnonzero(wanted):
        costs, moments_s = map_costs(e, z, int(k), places_m)
        best = costs.argmin(axis=1)
        z[:, e.unknowns.place[k]] = places_m[best] - e.unknowns.place_m[k]
        z[:, e.unknowns.moment[k]] = moments_s[np.arange(len(z)), best] - e.unknowns.moment_s[k]
    return z


def _put_cameras(e: Equations, z: Floats) -> Floats:
    """Cameras that nobody placed, where they agree with the sources."""
    u = e.unknowns
    names = np.array([u.pieces[p].recording_id for p in e.piece])
    for recording in np.unique(names[~u.is_placed[e.piece]]):
        for k in range(len(z)):
            z[k] = camera_places(e, z[k], np.flatnonzero(names == recording))[0]
    return z


def camera_places(e: Equations, z: Floats, rows: Index) -> list[Floats]:
    """Unknowns (count,) with the camera that heard some arrivals where they agree best on its clock, best first."""
    u = e.unknowns
    full = padded(z)
    map_m = map_places_m(e)
    piece = e.piece[rows]
    heard_s = e.time_s[rows] - full[u.skew[piece]]
    left_s = u.moment_s[e.source[rows]] + full[u.moment[e.source[rows]]]
    ways_m = np.hypot(*np.moveaxis(map_m[:, None] - u.places_m(z)[e.source[rows]], -1, 0))
    corrections_s = left_s + ways_m / e.sound_speed_mps - heard_s
    costs = np.zeros(len(map_m))
    clocks_s = {}
    for p in np.unique(piece):
        own = corrections_s[:, piece == p]
        # The reference's clock is right by definition; every other's is what its arrivals agree on.
        middle_s = np.median(own, axis=1) if u.clock[p] < u.count else np.zeros(len(map_m))
        clocks_s[int(p)] = middle_s
        costs += np.abs(own - middle_s[:, None]).sum(axis=1)
    found = []
    for best in np.argsort(costs, kind="stable")[:_CAMERA_PLACES]:
        there = z.copy()
        there[u.camera[piece[0]]] = map_m[best] - u.camera_m[piece[0]]
        for p, middle_s in clocks_s.items():
            if u.clock[p] < u.count:
                there[u.clock[p]] = middle_s[best]
        found.append(there)
    return found


def map_places_m(e: Equations) -> Floats:
    """Places (n, 2) about the middle of the cameras, closer together where it is nearer."""
    camera_m = e.unknowns.camera_m[e.unknowns.is_placed]
    if not len(camera_m):
        return np.zeros((1, 2))
    middle_m = camera_m.mean(axis=0)
    radius_m = max(float(np.hypot(*(camera_m - middle_m).T).max()), _LEAST_RADIUS_M)
    radii = radius_m * np.geomspace(_NEAREST, _FARTHEST, _RADII)
    angles = np.arange(_ANGLES) * 2 * np.pi / _ANGLES
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return np.concatenate([middle_m[None], (middle_m + radii[:, None, None] * ring).reshape(-1, 2)])


def map_costs(e: Equations, z: Floats, source: int, places_m: Floats) -> tuple[Floats, Floats]:
    """How badly each place fits a source (n_sets, n_places), mean deviation in seconds, and the moments there."""
    u = e.unknowns
    full = padded(z)
    rows = np.flatnonzero((e.source == source) & u.is_placed[e.piece])
    piece = e.piece[rows]
    heard_s = e.time_s[rows] + full[:, u.clock[piece]] - full[:, u.skew[piece]]
    way_m = u.camera_m[piece] + full[:, u.camera[piece]]
    ways_s = np.hypot(*np.moveaxis(way_m[:, None] - places_m[:, None], -1, 0)) / e.sound_speed_mps
    readings_s = heard_s[:, None] - ways_s
    lights_s = _lights_s(e, full, source)
    seen_s = np.broadcast_to(lights_s[:, None], (*readings_s.shape[:2], lights_s.shape[1]))
    readings_s = np.concatenate([readings_s, seen_s], axis=2)
    if not readings_s.shape[2]:  # a plume alone
        return np.zeros(readings_s.shape[:2]), np.broadcast_to(u.moment_s[source], readings_s.shape[:2])
    moment_s = np.median(readings_s, axis=2)
    return np.minimum(np.abs(readings_s - moment_s[..., None]), _WORST_S).mean(axis=2), moment_s


def _lights_s(e: Equations, full: Floats, source: int) -> Floats:
    """Moments less lead that flashes state: (n_sets, n_lights)."""
    u = e.unknowns
    column = int(u.moment[source])
    rows = [k for k, (name, _) in enumerate(e.names) if name == "light" and column in e.columns[k]]
    rows = [k for k in rows if e.low[k] == e.high[k]]
    values = e.constant[rows] + (full[:, e.columns[rows]] * e.coefficients[rows]).sum(axis=-1)
    sigma = 1.0 / e.coefficients[rows, 0]
    return np.asarray(u.moment_s[source] + full[:, [column]] + values * sigma)


def mirrored_m(e: Equations, places_m: Floats) -> Floats:
    """Places (..., 2) mirrored about the line along which the cameras stretch most."""
    camera_m = e.unknowns.camera_m[e.unknowns.is_placed]
    middle_m = camera_m.mean(axis=0)
    _, _, axes = np.linalg.svd(camera_m - middle_m)
    across = axes[1]
    return np.asarray(places_m - 2.0 * ((places_m - middle_m) @ across)[..., None] * across)
