"""One wrong statement put into an incident: is it named, and are the clocks still right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.reconstruction_scenes import Scene, Wish, placed_again, scene
from syncview.reconstruct.geometry import speed_of_sound_mps
from syncview.reconstruct.solving.problem import Tie

__all__ = ["WRONG", "wrong_scene"]

_PLAIN = Wish(cameras=6, flashes=2, sounds=4, strikes=4)
_WIDE = Wish(
    cameras=6,
    flashes=2,
    sounds=4,
    strikes=4,
    position_m=3.0,
    temperature_c=3.0,
    away_m=400.0,
    reach_m=600.0,
    farthest_m=500.0,
    skew_s=0.005,
    wind_mps=2.0,
)
WRONG: dict[str, Wish] = {
    "nothing": _PLAIN,
    "pin": _PLAIN,
    "position": _PLAIN,
    "position, no flash": replace(_PLAIN, flashes=0, sounds=6),
    "temperature": _WIDE,
    "arrival": _PLAIN,
    "light": _PLAIN,
    "place": replace(_PLAIN, geolocated=1),
}
Named = tuple[str, tuple[str, ...]]


def wrong_scene(seed: int, what: str) -> tuple[Scene, Named | None]:
    """An incident with one wrong statement, and its kind and what it is about; None where all are right."""
    wish = WRONG[what]
    made = scene(seed, wish)
    rng = np.random.default_rng([92, seed])
    change = {
        "pin": _pin,
        "temperature": _temperature,
        "arrival": _arrival,
        "light": _light,
        "place": _place,
    }.get(what)
    if what.startswith("position"):
        return _position(made, wish, rng)
    return (made, None) if change is None else change(made, rng)


def _off(rng: np.random.Generator, place_m: tuple[float, float], by_m: float) -> tuple[float, float]:
    angle = rng.uniform(0, 2 * np.pi)
    return place_m[0] + by_m * float(np.cos(angle)), place_m[1] + by_m * float(np.sin(angle))


def _position(made: Scene, wish: Wish, rng: np.random.Generator) -> tuple[Scene, Named]:
    cameras = list(made.problem.cameras)
    k = int(rng.integers(len(cameras)))
    assert cameras[k].position_m is not None
    cameras[k] = replace(cameras[k], position_m=_off(rng, cameras[k].position_m, 500.0))
    return placed_again(made, wish, tuple(cameras)), ("position", (cameras[k].recording_id,))


def _pin(made: Scene, rng: np.random.Generator) -> tuple[Scene, Named]:
    a = made.problem.reference
    b = str(rng.choice([name for name in made.corrections_s if name != a]))
    off_s = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1.0))
    tie = Tie(a=a, b=b, difference_s=made.corrections_s[b] + off_s, uncertainty_s=0.04)
    return replace(made, problem=replace(made.problem, ties=(tie,))), ("pin", (a, b))


def _temperature(made: Scene, rng: np.random.Generator) -> tuple[Scene, Named]:
    wrong = speed_of_sound_mps(20.0 + float(rng.choice([-30.0, 30.0])))
    air = replace(made.problem.air, sound_speed_mps=wrong)
    return replace(made, problem=replace(made.problem, air=air)), ("temperature", ())


def _arrival(made: Scene, rng: np.random.Generator) -> tuple[Scene, Named]:
    arrivals = list(made.problem.arrivals)
    k = int(rng.integers(len(arrivals)))
    arrivals[k] = replace(arrivals[k], time_s=arrivals[k].time_s + float(rng.uniform(0.15, 0.5)))
    named = ("arrival", (arrivals[k].piece, arrivals[k].source_id))
    return replace(made, problem=replace(made.problem, arrivals=tuple(arrivals))), named


def _light(made: Scene, rng: np.random.Generator) -> tuple[Scene, Named]:
    lights = list(made.problem.lights)
    k = int(rng.integers(len(lights)))
    off_s = float(rng.choice([-1, 1]) * rng.uniform(0.2, 1.0))
    lights[k] = replace(lights[k], time_s=lights[k].time_s + off_s)
    named = ("light", (lights[k].piece, lights[k].source_id))
    return replace(made, problem=replace(made.problem, lights=tuple(lights))), named


def _place(made: Scene, rng: np.random.Generator) -> tuple[Scene, Named]:
    sources = list(made.problem.sources)
    assert sources[0].place_m is not None
    sources[0] = replace(sources[0], place_m=_off(rng, sources[0].place_m, 200.0))
    return replace(made, problem=replace(made.problem, sources=tuple(sources))), ("place", (sources[0].id,))
