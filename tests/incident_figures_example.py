"""Simulated incidents before a hand-held camera: who comes, stops, gets out, runs, ducks, gathers; and the truth.

Built on `figures_example`: paths over the ground become boxes with a detector's misses, jitter and false boxes. A door
lets people appear, a bang makes them crouch or run, and the truth says what happened when. Which
moment is the truth: of an entry or exit when half of the box is in the picture, if the figure's own motion is most of
what carries it; of a vehicle when its speed becomes or ceases to be zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crowd_truth_example import crowd_changes
from figures_example import Lens, Path, Scene, Truth, simulate

__all__ = ["Happened", "Incident", "incident"]

WALK_M_S = 1.35
FAST_M_S = 2.1  # people walk up to that; a run is faster


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened: `action` as in `Movement`, `who` numbers of figures."""

    action: str
    time_s: float
    who: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What was seen, and what happened."""

    scene: Scene
    happened: tuple[Happened, ...]
    bangs_s: tuple[float, ...]


@dataclass(slots=True, kw_only=True)
class _Plan:
    paths: list[Path]
    crouches: dict[int, tuple[float, float]]
    happened: list[Happened]


def incident(
    seed: int, *, length_s: float = 40.0, tremor_deg: float | None = None, pans: bool | None = None
) -> Incident:
    """Simulate one; the figures depend on nothing but the seed, so that shake can be added to the same ones."""
    rng = np.random.default_rng((seed, 11))
    plan = _Plan(paths=[], crouches={}, happened=[])
    bang_s = float(rng.uniform(12, 28))
    bangs_s = (bang_s,) if rng.uniform() < 0.6 else ()
    for _ in range(rng.integers(2, 6)):
        _passer(plan, rng, length_s)
    for _ in range(rng.integers(0, 3)):
        _stander(plan, rng, length_s)
    for add, chance in (
        (_group, 0.35),
        (_runner, 0.45),
        (_stopping, 0.6),
        (_leaving, 0.35),
        (_driver, 0.4),
        (_by_door, 0.4),
        (_gathering, 0.3),
    ):
        if rng.uniform() < chance:
            add(plan, rng, length_s)
    parked = rng.uniform() < 0.3
    if parked:
        z, x = rng.uniform(14, 26), rng.uniform(-6, 6)
        _add(plan, Path(times_s=(0.0, length_s), places_m=((x, z), (x, z)), kind="vehicle", height_m=1.5, width_m=4.3))
    if bangs_s and rng.uniform() < 0.75:
        _react(plan, rng, bang_s, length_s)
    shaken = float(rng.choice([0.0, 0.3, 1.0, 1.8])) if tremor_deg is None else tremor_deg
    turning = rng.uniform() < 0.35 if pans is None else pans
    lens = Lens(wide_deg=rng.uniform(50, 72), height_m=rng.uniform(1.6, 5.0), down_deg=rng.uniform(2, 9))
    scene = simulate(
        seed,
        length_s=length_s,
        paths=tuple(plan.paths),
        lens=lens,
        tremor_deg=shaken,
        turn=_turn(rng, length_s) if turning else (),
        misses=rng.uniform(0.1, 0.35),
        jitter=rng.uniform(0.02, 0.05),
        false_each_frame=rng.uniform(0.02, 0.2),
        motion_noise_px=rng.uniform(0.1, 0.6),
    )
    scene = _crouched(scene, plan)
    happened = (*plan.happened, *_crossings(scene, lens), *_runs(scene), *_gatherings(scene, lens))
    seen = tuple(one for one in happened if _to_be_seen(one, scene, length_s))
    return Incident(scene=scene, happened=tuple(sorted(seen, key=lambda h: (h.time_s, h.action))), bangs_s=bangs_s)


def _add(plan: _Plan, path: Path) -> int:
    plan.paths.append(path)
    return len(plan.paths) - 1


def _edge(z: float, side: float) -> float:
    return side * 0.85 * z  # outside of any lens used here


def _passer(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    z, side = rng.uniform(7, 24), rng.choice((-1.0, 1.0))
    speed = rng.normal(WALK_M_S, 0.2)
    start_s = rng.uniform(-15.0, length_s - 5)
    first, last = (_edge(z, -side), z), (_edge(z, side), float(np.clip(z + rng.normal(0, 3), 6, 26)))
    took_s = np.hypot(last[0] - first[0], last[1] - first[1]) / speed
    _add(plan, Path(times_s=(start_s, start_s + took_s), places_m=(first, last), height_m=rng.normal(1.72, 0.08)))


def _stander(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    z = rng.uniform(6, 22)
    x = rng.uniform(-0.5, 0.5) * z
    _add(plan, Path(times_s=(0.0, length_s), places_m=((x, z), (x, z)), height_m=rng.normal(1.72, 0.08)))


def _group(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    z, side, start_s = rng.uniform(9, 20), rng.choice((-1.0, 1.0)), rng.uniform(0, length_s - 15)
    for k in range(rng.integers(2, 5)):
        there = z + 0.7 * k
        times = start_s + 0.5 * k, start_s + 0.5 * k + 2 * abs(_edge(there, 1.0)) / WALK_M_S
        places = (_edge(there, -side), there), (_edge(there, side), there)
        _add(plan, Path(times_s=times, places_m=places, height_m=rng.normal(1.72, 0.08)))


def _runner(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """Somebody who runs through, or who walks and begins to run, or runs and falls into a walk."""
    z, side = rng.uniform(8, 20), rng.choice((-1.0, 1.0))
    run, walk = rng.uniform(3.0, 5.0), rng.normal(WALK_M_S, 0.15)
    start_s, x = rng.uniform(2, length_s - 14), _edge(z, -side)
    change = rng.uniform(-0.2, 0.2) * z if rng.uniform() < 0.6 else _edge(z, -side) * 0.999
    first_s = start_s + abs(change - x) / walk
    last_s = first_s + abs(_edge(z, side) - change) / run
    _add(plan, Path(times_s=(start_s, first_s, last_s), places_m=((x, z), (change, z), (_edge(z, side), z))))


def _braking(stop: float, start: float, speed: float, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Seconds before the stop, and places, of a vehicle that goes evenly and brakes evenly."""
    brakes_s = speed / rate
    way = abs(stop - start) - 0.5 * speed * brakes_s
    steps = np.linspace(0, 1, 9)
    before_s = np.concatenate([[brakes_s + max(way, 0.1) / speed], brakes_s * (1 - steps)])
    left = np.concatenate([[abs(stop - start)], 0.5 * rate * np.square(brakes_s * (1 - steps))])
    return before_s, stop + np.sign(start - stop) * left


def _vehicle(rng: np.random.Generator) -> dict[str, float]:
    return {"height_m": float(rng.uniform(1.45, 2.6)), "width_m": float(rng.uniform(4.0, 5.5))}


def _stopping(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """A vehicle that comes in and stops; people may get out, and it may move off again."""
    z, side, stop_s = rng.uniform(13, 26), rng.choice((-1.0, 1.0)), rng.uniform(8, length_s - 10)
    stop = rng.uniform(-0.25, 0.25) * z
    before_s, x = _braking(stop, _edge(z, -side) - side * 4, rng.uniform(4, 11), rng.uniform(1.5, 3.5))
    times, places = list(stop_s - before_s), [(float(a), z) for a in x]
    leaves_s = stop_s + rng.uniform(6, 14) if rng.uniform() < 0.4 else length_s + 1.0
    times.append(leaves_s)
    places.append((stop, z))
    if leaves_s < length_s - 3:
        after_s, away = _braking(stop, _edge(z, side) + side * 4, rng.uniform(4, 9), rng.uniform(1.2, 2.5))
        times += list(leaves_s + after_s[::-1][1:])
        places += [(float(a), z) for a in away[::-1][1:]]
    size = _vehicle(rng)
    number = _add(plan, Path(times_s=tuple(times), places_m=tuple(places), kind="vehicle", **size))
    plan.happened.append(Happened(action="arrives", time_s=stop_s, who=(number,)))
    if leaves_s < length_s - 3:
        plan.happened.append(Happened(action="departs", time_s=leaves_s, who=(number,)))
    if rng.uniform() < 0.6 and leaves_s - stop_s > 4:
        for late_s in range(rng.integers(1, 4)):
            out_s, x0 = stop_s + rng.uniform(1.0, 4.0) + late_s, stop + rng.uniform(-0.6, 0.6) * size["width_m"]
            end = x0 + rng.choice((-1, 1)) * rng.uniform(5, 20)
            walks_s = out_s + abs(end - x0) / WALK_M_S
            near = z - rng.uniform(0.5, 1.5)
            who = _add(
                plan,
                Path(
                    times_s=(out_s, walks_s, max(length_s, walks_s + 1)),
                    places_m=((x0, near), (end, near), (end, near)),
                ),
            )
            plan.happened.append(Happened(action="enters", time_s=out_s, who=(who,)))


def _leaving(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """A vehicle that stands and moves off."""
    z, side, off_s = rng.uniform(13, 26), rng.choice((-1.0, 1.0)), rng.uniform(6, length_s - 8)
    x = rng.uniform(-0.3, 0.3) * z
    after_s, away = _braking(x, _edge(z, side) + side * 4, rng.uniform(4, 9), rng.uniform(1.2, 2.5))
    times = (0.0, *(off_s + after_s[::-1]))
    places = ((x, z), *((float(a), z) for a in away[::-1]))
    number = _add(plan, Path(times_s=times, places_m=places, kind="vehicle", **_vehicle(rng)))
    plan.happened.append(Happened(action="departs", time_s=off_s, who=(number,)))


def _driver(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """A vehicle that passes without a stop."""
    z, side, start_s = rng.uniform(13, 26), rng.choice((-1.0, 1.0)), rng.uniform(0, length_s - 6)
    reach = abs(_edge(z, 1.0)) + 4
    times = start_s, start_s + 2 * reach / rng.uniform(5, 13)
    _add(plan, Path(times_s=times, places_m=((-side * reach, z), (side * reach, z)), kind="vehicle", **_vehicle(rng)))


def _by_door(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """Somebody who comes out of a door amid the picture, or goes into one."""
    z, x = rng.uniform(8, 20), rng.uniform(-0.35, 0.35)
    side, at_s = rng.choice((-1.0, 1.0)), rng.uniform(5, length_s - 8)
    far = _edge(z, side)
    walks_s = abs(far - x * z) / WALK_M_S
    comes = rng.uniform() < 0.6
    times = (at_s, at_s + walks_s) if comes else (at_s - walks_s, at_s)
    places = ((x * z, z), (far, z)) if comes else ((far, z), (x * z, z))
    number = _add(plan, Path(times_s=times, places_m=places, height_m=rng.normal(1.72, 0.08)))
    plan.happened.append(Happened(action="enters" if comes else "leaves", time_s=at_s, who=(number,)))


def _gathering(plan: _Plan, rng: np.random.Generator, length_s: float) -> None:
    """People who come to one place from different sides, stand there, and part or stay."""
    z, x, meet_s = rng.uniform(10, 18), rng.uniform(-2, 2), rng.uniform(10, length_s - 14)
    parts_s = meet_s + rng.uniform(7, 12) if rng.uniform() < 0.6 else length_s + 5
    for _ in range(rng.integers(3, 6)):
        there = (x + rng.uniform(-1.2, 1.2), z + rng.uniform(-0.8, 0.8))
        side, other = rng.choice((-1.0, 1.0), 2)
        come_s = meet_s + rng.uniform(-1.5, 1.5)
        first, last = (_edge(z, side), z + rng.uniform(-2, 2)), (_edge(z, other), z + rng.uniform(-2, 2))
        times = [come_s - np.hypot(first[0] - there[0], first[1] - there[1]) / WALK_M_S, come_s]
        leave_s = parts_s + rng.uniform(-0.7, 0.7)
        times += [leave_s, leave_s + np.hypot(last[0] - there[0], last[1] - there[1]) / WALK_M_S]
        _add(plan, Path(times_s=tuple(map(float, times)), places_m=(first, there, there, last)))


def _react(plan: _Plan, rng: np.random.Generator, bang_s: float, length_s: float) -> None:
    """Some of those who are there crouch, run or turn back, shortly after the bang."""
    moved = []
    for number, path in enumerate(plan.paths):
        if path.kind != "person" or not path.times_s[0] < bang_s - 1.5 < bang_s + 3 < path.times_s[-1]:
            continue
        if rng.uniform() < 0.3:
            continue
        starts_s = bang_s + float(np.clip(rng.lognormal(np.log(0.5), 0.4), 0.2, 1.6))
        here = path.at(np.array([starts_s]))[0]
        if rng.uniform() < 0.45:
            plan.crouches[number] = (starts_s, float(min(starts_s + rng.uniform(1.5, 5), length_s)))
            plan.paths[number] = _standing_still(path, starts_s, plan.crouches[number][1])
        else:
            side = rng.choice((-1.0, 1.0))
            far = _edge(float(here[1]), side)
            run_s = starts_s + abs(far - here[0]) / rng.uniform(3, 5)
            kept = [k for k, t in enumerate(path.times_s) if t < starts_s]
            times = (*(path.times_s[k] for k in kept), starts_s, max(run_s, starts_s + 0.4))
            places = (*(path.places_m[k] for k in kept), tuple(map(float, here)), (far, float(here[1])))
            plan.paths[number] = replace(path, times_s=times, places_m=places)
            gone = [h for h in plan.happened if number in h.who and h.time_s > starts_s]
            plan.happened = [h for h in plan.happened if h not in gone]
        moved.append((starts_s, number))
    if moved:
        first_s = min(moved)[0]
        plan.happened.append(Happened(action="takes_cover", time_s=first_s, who=tuple(n for _, n in sorted(moved))))


def _standing_still(path: Path, start_s: float, end_s: float) -> Path:
    """The same way with a pause."""
    here = tuple(map(float, path.at(np.array([start_s]))[0]))
    before = [k for k, t in enumerate(path.times_s) if t < start_s]
    after = [k for k, t in enumerate(path.times_s) if t >= start_s]
    times = (*(path.times_s[k] for k in before), start_s, end_s, *(path.times_s[k] + end_s - start_s for k in after))
    places = (*(path.places_m[k] for k in before), here, here, *(path.places_m[k] for k in after))
    return replace(path, times_s=times, places_m=places)


def _turn(rng: np.random.Generator, length_s: float) -> tuple[tuple[float, float], ...]:
    """A look to one side and perhaps back."""
    start_s, by_deg = rng.uniform(5, length_s - 15), rng.choice((-1, 1)) * rng.uniform(10, 40)
    took_s = abs(by_deg) / rng.uniform(8, 25)
    knots = [(0.0, 0.0), (start_s, 0.0), (start_s + took_s, by_deg)]
    if rng.uniform() < 0.5:
        back_s = start_s + took_s + rng.uniform(3, 8)
        knots += [(back_s, by_deg), (back_s + took_s, 0.0)]
    return tuple((float(a), float(b)) for a, b in knots)


def _crouched(scene: Scene, plan: _Plan) -> Scene:
    """Boxes of those who crouch: 60 % as tall within 0.4 s, wider, the feet where they are."""
    times, figures = scene.watched.times_s, scene.watched.figures
    boxes, truths = figures.boxes_px.copy(), list(scene.truths)
    for number, (start_s, end_s) in plan.crouches.items():
        depth = np.interp(times, [start_s, start_s + 0.4, end_s, end_s + 0.6], [0, 1, 1, 0]) * 0.42
        truth = truths[number]
        tall = (truth.boxes_px[:, 3] - truth.boxes_px[:, 1]) * depth[truth.frames]
        new = truth.boxes_px.copy()
        new[:, 1] += tall
        truths[number] = replace(truth, boxes_px=new)
        own = np.flatnonzero(scene.of_truth == number)
        boxes[own, 1] += ((boxes[own, 3] - boxes[own, 1]) * depth[figures.frame[own]]).astype(np.float32)
    watched = replace(scene.watched, figures=replace(figures, boxes_px=boxes))
    return replace(scene, watched=watched, truths=tuple(truths))


def _inside(truth: Truth, size_px: tuple[int, int]) -> np.ndarray:
    """Whether half of the box, across, is in the picture."""
    middle = 0.5 * (truth.boxes_px[:, 0] + truth.boxes_px[:, 2])
    return (middle >= 0) & (middle <= size_px[0])


def _middles(scene: Scene, lens: Lens, number: int) -> np.ndarray:
    """Where the middle of a figure stands across the picture in each frame, outside of it as well; NaN behind it."""
    path = scene.paths[number]
    places = path.at(scene.watched.times_s)
    up = np.full(len(places), lens.height_m - 0.5 * path.height_m)
    seen = np.einsum("ab,nbc,nc->na", lens.matrix, scene.turns, np.stack([places[:, 0], up, places[:, 1]], axis=1))
    return np.where(seen[:, 2] > 0.5, seen[:, 0] / np.maximum(seen[:, 2], 0.5), np.nan)


def _crossings(scene: Scene, lens: Lens) -> list[Happened]:
    """When half of a figure comes into the picture or goes out of it, by its own motion for the most part."""
    times, wide = scene.watched.times_s, scene.watched.size_px[0]
    found = []
    for number in range(len(scene.truths)):
        x = _middles(scene, lens, number)
        inside = (x >= 0) & (x <= wide)
        for k in np.flatnonzero(inside[1:] != inside[:-1]):
            if not np.isfinite(x[k : k + 2]).all():
                continue
            border = 0.0 if min(x[k], x[k + 1]) < 0 else float(wide)
            at_s = times[k] + (border - x[k]) / (x[k + 1] - x[k]) * (times[k + 1] - times[k])
            if _own_share(scene, number, k, border) >= 0.5:
                found.append(
                    Happened(action="enters" if inside[k + 1] else "leaves", time_s=float(at_s), who=(number,))
                )
    return found


def _own_share(scene: Scene, number: int, k: int, border: float) -> float:
    """Of the motion across over a second, how much is the figure's own: the rest is the camera's turn."""
    first, last = max(k - 2, 1), min(k + 3, len(scene.watched.times_s) - 1)
    path = scene.paths[number]
    places = path.at(scene.watched.times_s[[first, last]])
    lens_turns = scene.turns
    across = np.full((2, 2), np.nan)
    for a, frame in enumerate((first, last)):
        for b in range(2):
            if np.isfinite(places[b]).all():
                seen = lens_turns[frame] @ np.array([places[b][0], 1.0, places[b][1]])
                across[a, b] = seen[0] / max(seen[2], 0.5)
    moved = across[1, 1] - across[0, 0]
    own = 0.5 * (across[0, 1] - across[0, 0] + across[1, 1] - across[1, 0])
    if not np.isfinite(moved) or moved == 0.0:
        return 1.0
    return float(np.clip(own / moved, 0.0, 1.0)) if own * moved > 0 else 0.0


def _speed_m_s(path: Path, times_s: np.ndarray) -> np.ndarray:
    places = path.at(times_s)
    step = np.diff(places, axis=0, append=places[-1:])
    return np.hypot(step[:, 0], step[:, 1]) / np.diff(times_s, append=times_s[-1] + 0.2)


def _runs(scene: Scene) -> list[Happened]:
    """Beginnings of stretches of a run of half a second or more that the picture shows."""
    times = scene.watched.times_s
    found = []
    for number, path in enumerate(scene.paths):
        if path.kind != "person":
            continue
        shown = np.zeros(len(times), bool)
        shown[scene.truths[number].frames[_inside(scene.truths[number], scene.watched.size_px)]] = True
        fast = (_speed_m_s(path, times) > FAST_M_S + 0.4) & shown
        starts = np.flatnonzero(fast & ~np.concatenate([[False], fast[:-1]]))
        for k in starts:
            rest = np.flatnonzero(~fast[k:])
            if (rest[0] if len(rest) else len(times) - k) >= 4:
                found.append(Happened(action="runs", time_s=float(times[k]), who=(number,)))
    return found


def _gatherings(scene: Scene, lens: Lens) -> list[Happened]:
    return [Happened(action=action, time_s=time_s, who=()) for action, time_s in crowd_changes(scene, lens)]


def _to_be_seen(one: Happened, scene: Scene, length_s: float) -> bool:
    """Whether the picture shows it: those who do it stand in it about the moment."""
    if not 1.0 <= one.time_s <= length_s - 1.0:
        return False
    times = scene.watched.times_s
    for number in one.who:
        truth = scene.truths[number]
        near = np.abs(times[truth.frames] - one.time_s) <= 1.0
        if (_inside(truth, scene.watched.size_px) & near).sum() >= 4:
            return True
    return not one.who
