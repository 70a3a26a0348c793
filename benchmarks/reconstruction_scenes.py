"""Incidents as arrays: what cameras would report to the joint solution, and the truth.

Physics that the solution does not model: wind and warmth that change with height (each way its own few parts in a
thousand), the shock's lead by the scaled distance, picks with long tails and echoes taken for onsets, flashes anywhere
between two frames with a rolling shutter, plumes seen late. Seeds of building are below 10 000, of judging above.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from syncview.reconstruct.geometry import speed_of_sound_mps
from syncview.reconstruct.solving.problem import (
    Air,
    Arrival,
    Camera,
    ClockPiece,
    Light,
    Limit,
    Problem,
    Source,
)

__all__ = ["Scene", "Wish", "placed_again", "scene"]

Place = tuple[float, float]
SLOWEST_MPS = 334.0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an incident should hold. `position_m` is the stated 95 % radius; None states no position at all."""

    cameras: int = 5
    strikes: int = 3
    sounds: int = 0
    flashes: int = 0  # cameras that see every strike
    plumes: int = 0  # cameras that see its first plume, after those
    geolocated: int = 0
    geolocated_m: float = 5.0
    position_m: float | None = 10.0
    pick_s: float = 0.005  # 1 sigma
    pick_stated: float = 1.0  # what is stated of it, as a share
    clock_s: float | None = None  # 1 sigma of independent clocks; None as sound leaves them
    skew_s: float = 0.04  # stated 95 %
    temperature_c: float = 15.0  # stated 95 %
    wind_mps: float = 6.0  # stated 95 %
    most_yield_kg: float = 250.0
    yield_stated: bool = False  # within a tenth; else only that it is at most so much
    reach_m: float = 200.0  # cameras within this of the middle
    away_m: float = 0.0  # and not nearer than this
    nearest_m: float = 0.0  # strikes lie between these distances of the middle
    farthest_m: float = 200.0
    spread_m: float | None = None  # strikes of one incident lie within this of each other
    heard_share: float = 1.0
    echo_share: float = 0.0  # of picks, those of an echo
    drift_ppm: float = 0.0
    max_camera_distance_m: float = 500.0


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A problem with its truth."""

    problem: Problem
    corrections_s: dict[str, float]
    places_m: dict[str, Place]
    moments_s: dict[str, float]
    cameras_m: dict[str, Place]
    frame_s: dict[str, float]
    echoes: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def radius_m(self) -> float:
        """Radius of the cameras about their middle."""
        places = np.array(list(self.cameras_m.values()))
        return float(np.hypot(*(places - places.mean(axis=0)).T).max())


def scene(seed: int, wish: Wish) -> Scene:
    """One incident.

    Parameters
    ----------
    seed : int
        Same seed and wish, same incident.
    wish : Wish
        What it should hold.

    Returns
    -------
    Scene
    """
    rng = np.random.default_rng([91, seed])
    names = [f"cam{k}" for k in range(wish.cameras)]
    cameras_m = {name: _in_ring(rng, wish.away_m, wish.reach_m) for name in names}
    skews_s = {name: float(rng.normal(0, wish.skew_s / 1.96)) if wish.skew_s else 0.0 for name in names}
    true_c_mps = speed_of_sound_mps(20.0 + float(rng.normal(0, wish.temperature_c / 1.96)))
    wind_mps = rng.normal(0, wish.wind_mps / 1.96, 2)
    clocks_s = _clocks(rng, wish, cameras_m, skews_s, true_c_mps)
    places_m = _places(rng, wish)
    moments_s = {name: 10.0 + 20.0 * k + float(rng.uniform(0, 8)) for k, name in enumerate(places_m)}
    frame_s = {name: float(rng.choice([1 / 25, 1 / 30, 1 / 60])) for name in names}
    drift = {name: float(rng.normal(0, wish.drift_ppm * 1e-6 / 1.96)) if k else 0.0 for k, name in enumerate(names)}
    arrivals: list[Arrival] = []
    lights: list[Light] = []
    echoes: set[tuple[str, str]] = set()
    for source, place_m in places_m.items():
        is_strike = source.startswith("strike")
        root_kg = float(np.cbrt(_yield_kg(rng, wish))) if is_strike else 0.0
        for name in names:
            if rng.uniform() > wish.heard_share:
                continue
            away_m = np.subtract(cameras_m[name], place_m)
            d_m = max(float(np.hypot(*away_m)), 1.0)
            c_mps = true_c_mps * (1 + rng.normal(0, 0.002)) + float(wind_mps @ away_m) / d_m
            lead_s = 1e-3 * root_kg * (8.0 + 0.77 * np.log2(max(d_m, 1.0) / max(root_kg, 0.1) / 20)) if root_kg else 0.0
            stated_s, error_s = _pick(rng, wish.pick_s)
            stated_s *= wish.pick_stated
            if rng.uniform() < wish.echo_share:
                error_s += float(rng.uniform(0.05, 0.4))
                echoes.add((name, source))
            true_s = moments_s[source] + d_m / c_mps - lead_s
            at_s = true_s - clocks_s[name] + skews_s[name] + error_s - drift[name] * true_s
            arrivals.append(Arrival(piece=name, source_id=source, time_s=at_s, uncertainty_s=stated_s))
        if is_strike:
            lights += _lights(rng, wish, names, source, moments_s[source], clocks_s, drift, frame_s)
    cameras = tuple(_camera(rng, wish, name, cameras_m[name]) for name in names)
    problem = Problem(
        reference=names[0],
        cameras=cameras,
        pieces=_pieces(wish, cameras),
        sources=tuple(_source(rng, wish, source, place_m) for source, place_m in places_m.items()),
        arrivals=tuple(arrivals),
        lights=tuple(lights),
        ties=(),
        limits=_limits(wish, cameras),
        air=_air(wish),
        max_camera_distance_m=wish.max_camera_distance_m,
    )
    return Scene(
        problem=problem,
        corrections_s={name: clocks_s[name] - clocks_s[names[0]] for name in names},
        places_m=places_m,
        moments_s={source: at_s + 0.0 for source, at_s in moments_s.items()},
        cameras_m=cameras_m,
        frame_s=frame_s,
        echoes=frozenset(echoes),
    )


def _in_ring(rng: np.random.Generator, least_m: float, most_m: float) -> Place:
    radius_m = np.sqrt(rng.uniform(least_m**2, most_m**2))
    angle = rng.uniform(0, 2 * np.pi)
    return float(radius_m * np.cos(angle)), float(radius_m * np.sin(angle))


def _clocks(
    rng: np.random.Generator, wish: Wish, cameras_m: dict[str, Place], skews_s: dict[str, float], c_mps: float
) -> dict[str, float]:
    """True corrections: as a common sound from one place leaves them, or independent ones; the reference's is 0."""
    from_m = _in_ring(rng, 0.0, wish.reach_m)
    first = next(iter(cameras_m))
    found = {}
    for name, place_m in cameras_m.items():
        if wish.clock_s is not None:
            found[name] = float(rng.normal(0, wish.clock_s))
        else:
            ways_m = [float(np.hypot(*np.subtract(from_m, p))) for p in (place_m, cameras_m[first])]
            found[name] = (ways_m[0] - ways_m[1]) / c_mps + float(rng.normal(0, 0.01)) + skews_s[name] - skews_s[first]
    return {name: value - found[first] if name != first else 0.0 for name, value in found.items()}


def _places(rng: np.random.Generator, wish: Wish) -> dict[str, Place]:
    middle_m = _in_ring(rng, wish.nearest_m, wish.farthest_m)
    places = {}
    for k in range(wish.strikes):
        if wish.spread_m is None:
            places[f"strike{k}"] = _in_ring(rng, wish.nearest_m, wish.farthest_m)
        else:
            offset = _in_ring(rng, 0.0, wish.spread_m)
            places[f"strike{k}"] = (middle_m[0] + offset[0], middle_m[1] + offset[1])
    for k in range(wish.sounds):
        places[f"sound{k}"] = _in_ring(rng, 0.0, 1.3 * wish.reach_m)
    return places


def _yield_kg(rng: np.random.Generator, wish: Wish) -> float:
    """Charges anywhere in the range, or at each scale alike."""
    if wish.yield_stated:
        return wish.most_yield_kg / 1.1
    if rng.uniform() < 0.5:
        return float(rng.uniform(0, wish.most_yield_kg))
    return float(wish.most_yield_kg * 10 ** rng.uniform(-3, 0))


def _pick(rng: np.random.Generator, sigma_s: float) -> tuple[float, float]:
    """Stated 95 % half-width, and the error, of Student's t with 5 degrees."""
    own_s = sigma_s * float(np.exp(rng.normal(0, 0.3)))
    error_s = own_s * float(rng.standard_t(5)) / np.sqrt(5 / 3)
    return 1.96 * own_s, error_s


def _lights(
    rng: np.random.Generator,
    wish: Wish,
    names: list[str],
    source: str,
    moment_s: float,
    clocks_s: dict[str, float],
    drift: dict[str, float],
    frame_s: dict[str, float],
) -> list[Light]:
    found = []
    for k, name in enumerate(names[: wish.flashes + wish.plumes]):
        own_s = moment_s - clocks_s[name] - drift[name] * moment_s
        off_s = frame_s[name] * float(rng.uniform(-0.5, 0.5) + rng.uniform(-0.25, 0.25))
        if k < wish.flashes:
            found.append(Light(piece=name, source_id=source, time_s=own_s + off_s, uncertainty_s=0.6 * frame_s[name]))
        else:
            off_s += float(rng.uniform(0.05, 1.0))
            found.append(
                Light(
                    piece=name,
                    source_id=source,
                    time_s=own_s + off_s,
                    uncertainty_s=0.6 * frame_s[name],
                    kind="first plume",
                )
            )
    return found


def _pieces(wish: Wish, cameras: tuple[Camera, ...]) -> tuple[ClockPiece, ...]:
    found = []
    for k, camera in enumerate(cameras):
        half_s = _limit_s(wish, cameras[0], camera) + np.sqrt(2) * wish.skew_s
        if wish.clock_s is not None:
            half_s = 1.96 * wish.clock_s * np.sqrt(2)
        found.append(
            ClockPiece(
                name=camera.recording_id,
                recording_id=camera.recording_id,
                uncertainty_s=0.0 if k == 0 else float(half_s),
                middle_s=30.0,
                drift_uncertainty_ppm=wish.drift_ppm if k else 0.0,
            )
        )
    return tuple(found)


def _limit_s(wish: Wish, a: Camera, b: Camera) -> float:
    """What the pair's lag allows: from the stated places, or from how far cameras may be apart."""
    if a.position_m is None or b.position_m is None:
        return wish.max_camera_distance_m / SLOWEST_MPS + 0.02
    off_m = (a.position_uncertainty_m or 0.0) + (b.position_uncertainty_m or 0.0)
    return (float(np.hypot(*np.subtract(a.position_m, b.position_m))) + off_m) / SLOWEST_MPS + 0.02


def _limits(wish: Wish, cameras: tuple[Camera, ...]) -> tuple[Limit, ...]:
    if wish.clock_s is not None:
        return ()
    pairs = [(a, b) for k, a in enumerate(cameras) for b in cameras[k + 1 :]]
    return tuple(Limit(a=a.recording_id, b=b.recording_id, half_width_s=_limit_s(wish, a, b)) for a, b in pairs)


def _camera(rng: np.random.Generator, wish: Wish, name: str, place_m: Place) -> Camera:
    stated = None
    if wish.position_m is not None:
        off = rng.normal(0, wish.position_m / 2.4477, 2)
        stated = (place_m[0] + float(off[0]), place_m[1] + float(off[1]))
    return Camera(
        recording_id=name,
        device=name,
        position_m=stated,
        position_uncertainty_m=wish.position_m,
        skew_uncertainty_s=wish.skew_s,
    )


def _source(rng: np.random.Generator, wish: Wish, name: str, place_m: Place) -> Source:
    is_strike = name.startswith("strike")
    if is_strike and int(name.removeprefix("strike")) < wish.geolocated:
        off = rng.normal(0, wish.geolocated_m / 2.4477, 2)
        stated = (place_m[0] + float(off[0]), place_m[1] + float(off[1]))
        return Source(id=name, kind="strike", place_m=stated, place_uncertainty_m=wish.geolocated_m)
    return Source(id=name, kind="strike" if is_strike else "sound")


def _air(wish: Wish) -> Air:
    c = speed_of_sound_mps(20.0)
    return Air(
        sound_speed_mps=c,
        uncertainty_mps=c - speed_of_sound_mps(20.0 - wish.temperature_c),
        wind_uncertainty_mps=wish.wind_mps,
        most_yield_kg=wish.most_yield_kg,
        least_yield_kg=wish.most_yield_kg / 1.21 if wish.yield_stated else 0.0,
    )


def placed_again(made: Scene, wish: Wish, cameras: tuple[Camera, ...]) -> Scene:
    """The same incident with other statements of where cameras stood, and the intervals that follow from them."""
    problem = replace(made.problem, cameras=cameras, pieces=_pieces(wish, cameras), limits=_limits(wish, cameras))
    return replace(made, problem=problem)
