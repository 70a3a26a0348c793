"""Simulated crowds before a hand-held camera: who comes to a place, stays and leaves; and many who only look like it.

People come one by one, in pairs or all together, round something on the ground or along a vehicle, shift about, hide
each other, and leave one by one or run at a bang. Others walk through, meet for a few seconds, walk as a group, or
stand at different distances behind each other in the picture.
"""

from __future__ import annotations

import numpy as np

from crowd_truth_example import crowd_changes
from figures_example import Lens, Path, simulate
from incident_figures_example import Happened, Incident

__all__ = ["crowd_scene"]


def crowd_scene(
    seed: int, *, length_s: float = 60.0, tremor_deg: float | None = None, pans: bool | None = None
) -> Incident:
    """Simulate one; the figures depend on nothing but the seed."""
    rng = np.random.default_rng((seed, 23))
    paths: list[Path] = []
    bang_s = float(rng.uniform(15, 50))
    banged = rng.uniform() < 0.4
    for add, chance in (
        (_crowd, 0.75),
        (_crowd, 0.2),
        (_walking_group, 0.4),
        (_meeting, 0.35),
        (_line, 0.3),
        (_pair, 0.4),
        (_car, 0.4),
    ):
        if rng.uniform() < chance:
            paths += add(rng, length_s, bang_s if banged else None)
    for _ in range(rng.integers(1, 7)):
        paths.append(_walker(rng, length_s))
    shaken = float(rng.choice([0.0, 0.3, 1.0, 1.8])) if tremor_deg is None else tremor_deg
    turning = rng.uniform() < 0.3 if pans is None else pans
    lens = Lens(wide_deg=rng.uniform(50, 72), height_m=rng.uniform(1.6, 5.0), down_deg=rng.uniform(2, 9))
    scene = simulate(
        seed,
        length_s=length_s,
        paths=tuple(paths),
        lens=lens,
        tremor_deg=shaken,
        turn=_turn(rng, length_s) if turning else (),
        misses=rng.uniform(0.1, 0.35),
        jitter=rng.uniform(0.02, 0.05),
        false_each_frame=rng.uniform(0.02, 0.2),
        motion_noise_px=rng.uniform(0.1, 0.6),
    )
    told = sorted((time_s, action) for action, time_s in crowd_changes(scene, lens))
    happened = tuple(Happened(action=action, time_s=time_s, who=()) for time_s, action in told)
    return Incident(scene=scene, happened=happened, bangs_s=(bang_s,) if banged else ())


def _tall(rng: np.random.Generator) -> float:
    return float(rng.normal(1.72, 0.08))


def _speed(rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(1.35, 0.2), 0.9, 1.9))


def _edge(rng: np.random.Generator, z: float) -> tuple[float, float]:
    there = float(np.clip(z + rng.normal(0, 3), 6, 28))
    return float(rng.choice((-0.85, 0.85)) * there), there


def _walk_s(a: tuple[float, float], b: tuple[float, float], speed: float) -> float:
    return float(np.hypot(a[0] - b[0], a[1] - b[1]) / speed)


def _spots(rng: np.random.Generator, count: int, x: float, z: float) -> list[tuple[float, float]]:
    """Where they stand: round something on the ground, or in front of a vehicle."""
    if rng.uniform() < 0.6:
        angles = 2 * np.pi * (np.arange(count) + rng.uniform(-0.3, 0.3, count)) / count + rng.uniform(0, 6)
        away = rng.uniform(0.6, 1.8, count)
        return [(float(x + r * np.cos(a)), float(z + r * np.sin(a))) for a, r in zip(angles, away, strict=True)]
    reach = min(0.5 * count, 2.3)
    return [
        (float(x + a), float(z + rng.uniform(-0.6, 0.6))) for a in rng.permutation(np.linspace(-reach, reach, count))
    ]


def _member(
    rng: np.random.Generator,
    spot: tuple[float, float],
    come_s: float,
    go_s: float,
    first: tuple[float, float],
    run_s: float | None,
) -> Path:
    """Somebody who comes at a moment, shifts about, and goes at another, by running if that is at a bang."""
    times, places, here = [come_s - _walk_s(first, spot, _speed(rng)), come_s], [first, spot], spot
    now_s = come_s + rng.exponential(8.0)
    while now_s < go_s - 2.0:
        to = (float(spot[0] + rng.uniform(-0.6, 0.6)), float(spot[1] + rng.uniform(-0.5, 0.5)))
        times += [now_s, now_s + max(_walk_s(here, to, 0.9), 0.2)]
        places += [here, to]
        here, now_s = to, times[-1] + rng.exponential(8.0)
    last = _edge(rng, spot[1])
    speed = rng.uniform(3, 5) if run_s is not None else _speed(rng)
    go_s = max(go_s, times[-1] + 0.2)
    return Path(
        times_s=(*map(float, times), float(go_s), float(go_s + _walk_s(here, last, speed))),
        places_m=(*places, here, last),
        height_m=_tall(rng),
    )


def _crowd(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    z = rng.uniform(8, 20)
    x, count = rng.uniform(-0.3, 0.3) * z, int(rng.integers(3, 8))
    how = rng.choice(["one by one", "together", "there"], p=[0.7, 0.15, 0.15])
    begins_s = rng.uniform(3, length_s - 20)
    comes = begins_s + np.cumsum(rng.exponential(rng.uniform(0.5, 3.0), count))
    if how == "together":
        comes = begins_s + rng.uniform(0, 1.0, count)
    elif how == "there":
        comes = rng.uniform(-20, -10, count)
    stays_s = rng.uniform(8, 40)
    ends_s = max(float(np.sort(comes)[2]), 0.0) + stays_s
    goes = (
        ends_s + rng.uniform(-1, 1) + np.cumsum(rng.exponential(rng.uniform(0.5, 4.0), count))[rng.permutation(count)]
    )
    scatters = bang_s is not None and comes.max() < bang_s - 2 and rng.uniform() < 0.7
    if scatters:
        goes = np.minimum(goes, bang_s + np.clip(rng.lognormal(np.log(0.6), 0.4, count), 0.2, 2.0))
    goes = np.maximum(goes, comes + 3.0)
    start = _edge(rng, z)
    found = []
    for spot, come_s, go_s in zip(_spots(rng, count, x, z), comes, goes, strict=True):
        first = (start[0], float(start[1] + rng.uniform(-1, 1))) if how == "together" else _edge(rng, z)
        found.append(_member(rng, spot, come_s, go_s, first, bang_s if scatters else None))
    if rng.uniform() < 0.35:
        there = (float(x + rng.uniform(-2, 2)), float(z + rng.uniform(1.5, 2.5)))
        found.append(Path(times_s=(0.0, length_s), places_m=(there, there), kind="vehicle", height_m=1.6, width_m=4.5))
    return found


def _meeting(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    """Three or four who meet for less than it takes to be a crowd, and go on."""
    z = rng.uniform(8, 20)
    x, at_s, count = rng.uniform(-0.3, 0.3) * z, rng.uniform(8, length_s - 10), int(rng.integers(3, 5))
    return [
        _member(rng, spot, at_s + rng.uniform(-0.8, 0.8), at_s + rng.uniform(0.8, 1.8), _edge(rng, z), None)
        for spot in _spots(rng, count, x, z)
    ]


def _walking_group(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    z, side, start_s, speed = rng.uniform(8, 20), rng.choice((-1.0, 1.0)), rng.uniform(-5, length_s - 10), _speed(rng)
    found = []
    for k in range(rng.integers(3, 6)):
        there, behind = z + rng.uniform(-1, 1), rng.uniform(0, 2.0)
        first, last = (-0.9 * side * z - side * behind, there), (0.9 * side * z, there)
        times = (float(start_s), float(start_s + _walk_s(first, last, speed)))
        found.append(Path(times_s=times, places_m=(first, last), height_m=_tall(rng) + 0 * k))
    return found


def _line(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    """Three who stand side by side in the picture and far behind each other; the last of them comes, or goes."""
    z, share, at_s = rng.uniform(6, 9), rng.uniform(-0.25, 0.25), rng.uniform(8, length_s - 12)
    found = []
    for k in range(3):
        there = z * (1.45 + rng.uniform(-0.05, 0.25)) ** k
        spot = (float(share * there + rng.uniform(-1.5, 1.5)), float(there))
        if k == rng.integers(0, 3):
            found.append(_member(rng, spot, at_s, at_s + rng.uniform(6, 20), _edge(rng, there), None))
        else:
            found.append(Path(times_s=(0.0, length_s), places_m=(spot, spot), height_m=_tall(rng)))
    return found


def _pair(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    """Two who stand together; sometimes a third stays with them, for short or for long."""
    z = rng.uniform(8, 20)
    x, come_s = rng.uniform(-0.3, 0.3) * z, rng.uniform(5, length_s - 12)
    spots = _spots(rng, 3, x, z)
    found = [Path(times_s=(0.0, length_s), places_m=(s, s), height_m=_tall(rng)) for s in spots[:2]]
    if rng.uniform() < 0.6:
        stays_s = rng.uniform(1.0, 3.5) if rng.uniform() < 0.5 else rng.uniform(7, 25)
        found.append(_member(rng, spots[2], come_s, come_s + stays_s, _edge(rng, z), None))
    return found


def _car(rng: np.random.Generator, length_s: float, bang_s: float | None) -> list[Path]:
    z, side, start_s = rng.uniform(6, 24), rng.choice((-1.0, 1.0)), rng.uniform(0, length_s - 6)
    reach = 0.85 * z + 4
    times = float(start_s), float(start_s + 2 * reach / rng.uniform(4, 12))
    places = (-side * reach, float(z)), (side * reach, float(z))
    return [Path(times_s=times, places_m=places, kind="vehicle", height_m=1.7, width_m=4.5)]


def _walker(rng: np.random.Generator, length_s: float) -> Path:
    z, side, start_s = rng.uniform(7, 24), rng.choice((-1.0, 1.0)), rng.uniform(-15.0, length_s - 5)
    first, last = (-0.85 * side * z, z), (0.85 * side * z, float(np.clip(z + rng.normal(0, 3), 6, 26)))
    times = float(start_s), float(start_s + _walk_s(first, last, _speed(rng)))
    return Path(times_s=times, places_m=(first, last), height_m=_tall(rng))


def _turn(rng: np.random.Generator, length_s: float) -> tuple[tuple[float, float], ...]:
    """A look to one side and perhaps back."""
    start_s, by_deg = rng.uniform(5, length_s - 15), rng.choice((-1, 1)) * rng.uniform(8, 35)
    took_s = abs(by_deg) / rng.uniform(6, 25)
    knots = [(0.0, 0.0), (start_s, 0.0), (start_s + took_s, by_deg)]
    if rng.uniform() < 0.5:
        back_s = start_s + took_s + rng.uniform(3, 8)
        knots += [(back_s, by_deg), (back_s + took_s, 0.0)]
    return tuple((float(a), float(b)) for a, b in knots)
