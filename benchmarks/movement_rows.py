"""Simulated incidents followed by the program's own tracker, and which of its movements are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from incident_figures_example import Happened, Incident, incident
from syncview.detect.movements import candidate_movements
from syncview.detect.tracker import track_figures
from syncview.settings import MovementSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncview.model.movement import Movement, Track

SETTINGS = MovementSettings()
WITHIN_S = 1.0
CROWDS = ("gathers", "disperses")  # right within what they are told to be off, if that is more


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A candidate of one scene, the model that scores it, and whether it happened; how late it is told, if so."""

    seed: int
    model: str
    movement: Movement
    right: bool
    late_s: float


def watched_incident(
    seed: int, make: Callable[..., Incident] = incident, **kinds: float | bool
) -> tuple[Incident, tuple[Track, ...]]:
    """An incident, or another scene that is made of a seed, and its tracks."""
    one = make(seed, **kinds)
    return one, track_figures(one.scene.watched, recording_id="r", cuts_s=(), settings=SETTINGS)


def matched(movements: list[Movement], happened: tuple[Happened, ...]) -> list[Happened | None]:
    """What each movement is, one to one: the same action within a second, nearest first; a group's are all its own."""
    pairs = []
    for k, movement in enumerate(movements):
        end_s = movement.end_s if movement.subject == "group" and movement.end_s is not None else movement.time_s
        within_s = max(WITHIN_S, movement.uncertainty_s) if movement.action in CROWDS else WITHIN_S
        for n, truth in enumerate(happened):
            if truth.action == movement.action and movement.time_s - within_s <= truth.time_s <= end_s + within_s:
                pairs.append((abs(truth.time_s - movement.time_s), k, n))
    found: list[Happened | None] = [None] * len(movements)
    taken: set[int] = set()
    for _, k, n in sorted(pairs):
        if found[k] is None and n not in taken:
            found[k] = happened[n]
            taken.add(n)
    return found


def rows_of(seeds: range, make: Callable[..., Incident] = incident) -> list[Row]:
    """All candidates of some scenes."""
    rows = []
    for seed in seeds:
        one, tracks = watched_incident(seed, make)
        found = candidate_movements(tracks, one.scene.watched, (), bangs_s=one.bangs_s, settings=SETTINGS)
        truths = matched([each.movement for each in found], one.happened)
        for each, truth in zip(found, truths, strict=True):
            late_s = each.movement.time_s - truth.time_s if truth is not None else float(np.nan)
            rows.append(
                Row(seed=seed, model=each.model, movement=each.movement, right=truth is not None, late_s=late_s)
            )
    return rows
