"""When a crowd truly gathers and disperses, from where people truly stand; no boxes, no tracks.

A crowd is three people or more at a place three body heights across (they need not be the same ones) for more than five
seconds; people who walk on cross such a place in less. It gathers when the third has come there, and disperses when
fewer than three are left. A crowd that stands next to it, within three heights, is the same one; of places at which it
becomes or ceases to be one within four seconds, that counts where it stays longest.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from figures_example import Lens, Scene

__all__ = ["crowd_changes"]

ACROSS_M = 3 * 1.72
LASTS_S = 5.0
APART_S = 2.0  # a crowd that is fewer for less is still the same
STANDS_M_S = 0.5
EVERY = 5  # frames


def crowd_changes(scene: Scene, lens: Lens) -> list[tuple[str, float]]:
    """What happened, as (action, time): only what the picture shows, for two seconds before and after at least."""
    times = scene.watched.times_s
    people = [path.at(times) for path in scene.paths if path.kind == "person"]
    if len(people) < 3:
        return []
    places = np.stack(people)
    found = []
    for stays in _crowds(places, times):
        begins, ends = min(stay[0] for stay in stays), max(stay[1] for stay in stays)
        first, _, place = max((s for s in stays if s[0] <= begins + 20), key=lambda s: s[1] - s[0])
        _, last, other = max((s for s in stays if s[1] >= ends - 20), key=lambda s: s[1] - s[0])
        if first > 10 and _shown(scene, lens, place, first - 10, first + 25):
            found.append(("gathers", float(times[first]) - 0.1))
        if last < len(times) - 11 and _shown(scene, lens, other, last - 25, last + 11):
            found.append(("disperses", float(times[last]) + 0.1))
    return found


def _crowds(places: np.ndarray, times: np.ndarray) -> list[list[tuple[int, int, np.ndarray]]]:
    """Stays of three at places, as (first frame, last frame, place), those of one crowd together."""
    crowds: list[list[tuple[int, int, np.ndarray]]] = []
    stays = [stay for centre in _centres(places) for stay in _stays(places, centre, times)]
    pause = round(APART_S * 5)
    for stay in sorted(stays, key=lambda one: (one[0], one[1])):
        same = [
            crowd
            for crowd in crowds
            if any(stay[0] - b <= pause and np.hypot(*(stay[2] - place)) <= ACROSS_M for _, b, place in crowd)
        ]
        crowds = [crowd for crowd in crowds if not any(crowd is one for one in same)]
        crowds.append([*(each for crowd in same for each in crowd), stay])
    return crowds


def _centres(places: np.ndarray) -> np.ndarray:
    """Middles of three who stand near each other."""
    steps = np.linalg.norm(np.diff(places, axis=1), axis=2) * 5
    found = set()
    for k in range(0, steps.shape[1], EVERY):
        standing = np.flatnonzero(steps[:, k] < STANDS_M_S)
        for three in combinations(standing.tolist(), 3):
            here = places[list(three), k]
            middle = 0.5 * (here.min(axis=0) + here.max(axis=0))
            if np.hypot(*(here - middle).T).max() <= ACROSS_M / 2:
                found.add(tuple(np.round(middle / 0.4).astype(int).tolist()))
    return np.array(sorted(found), float).reshape(-1, 2) * 0.4


def _stays(places: np.ndarray, centre: np.ndarray, times: np.ndarray) -> list[tuple[int, int, np.ndarray]]:
    crowded = (np.linalg.norm(places - centre, axis=2) <= ACROSS_M / 2).sum(axis=0) >= 3
    at = np.flatnonzero(crowded)
    if not len(at):
        return []
    parts = np.split(at, np.flatnonzero(np.diff(at) > 5) + 1)  # a second
    return [(int(p[0]), int(p[-1]), centre) for p in parts if times[p[-1]] - times[p[0]] > LASTS_S]


def _shown(scene: Scene, lens: Lens, place: np.ndarray, first: int, last: int) -> bool:
    """Whether the place stands in the picture for most of the time, and at its beginning and end."""
    turns = scene.turns[max(first, 0) : last + 1]
    wide, tall = scene.watched.size_px
    seen = np.einsum("ab,nbc,c->na", lens.matrix, turns, [place[0], lens.height_m - 0.86, place[1]])  # to the belt
    at = seen[:, :2] / np.maximum(seen[:, 2:], 0.5)
    inside = (seen[:, 2] > 0.5) & ((at >= 0) & (at <= [wide, tall])).all(axis=1)
    return bool(inside.mean() > 0.8 and inside[0] and inside[-1])
