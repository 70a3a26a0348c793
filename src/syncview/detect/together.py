"""People who do the same at about the same time and place are one group: one movement with a count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.detect.movement_score import Found
    from syncview.model.movement import Movement, Track
    from syncview.settings import MovementSettings

__all__ = ["joined"]

_JOINED = ("enters", "leaves", "runs")
_VERBS = {"enters": "enter view", "leaves": "leave view"}


def joined(found: Sequence[Found], tracks: Sequence[Track], *, settings: MovementSettings) -> tuple[Found, ...]:
    """Join what people of one group do: by the same side of the picture, near each other, within two seconds.

    Parameters
    ----------
    found : sequence of Found
        Scored.
    tracks : sequence of Track
        Of the same recording.
    settings : MovementSettings
        `group_gap_s`, `group_span_s`, `group_apart_heights`.

    Returns
    -------
    tuple of Found
        The group's time is that of its first, `end_s` that of its last; its score that of its surest.
    """
    named = {track.name: track for track in tracks}
    ordered = sorted(found, key=lambda one: (one.movement.time_s, one.movement.track_names))
    groups: list[list[Found]] = []
    for one in ordered:
        fitting = (group for group in reversed(groups) if _fits(one, group, named, settings))
        group = next(fitting, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return tuple(_as_one(group) for group in groups)


def _fits(one: Found, group: Sequence[Found], named: dict[str, Track], settings: MovementSettings) -> bool:
    first, last, here = group[0], group[-1], one.movement
    same = (one.model, one.side, here.action, here.subject) == (
        first.model,
        first.side,
        first.movement.action,
        first.movement.subject,
    )
    if not same or here.action not in _JOINED or here.subject != "person":
        return False
    soon = here.time_s - last.movement.time_s <= settings.group_gap_s
    in_all = here.time_s - first.movement.time_s <= settings.group_span_s
    others = {name for member in group for name in member.movement.track_names}
    if not (soon and in_all) or here.track_names[0] in others:
        return False
    return any(_apart_heights(here, member.movement, named) <= settings.group_apart_heights for member in group)


def _apart_heights(one: Movement, other: Movement, named: dict[str, Track]) -> float:
    """How far apart two tracks are over the picture at the moment that both are there, in their heights."""
    a, b = named[one.track_names[0]], named[other.track_names[0]]
    common = {point.index: point.box_px for point in a.points}
    both = [(common[point.index], point.box_px) for point in b.points if point.index in common]
    if not both:
        return float("inf")
    boxes = np.array(both, float)
    foot = np.stack([0.5 * (boxes[..., 0] + boxes[..., 2]), boxes[..., 3]], axis=-1)
    tall = (boxes[..., 3] - boxes[..., 1]).mean(axis=1)
    return float((np.hypot(*(foot[:, 0] - foot[:, 1]).T) / tall).min())


def _as_one(group: Sequence[Found]) -> Found:
    if len(group) == 1:
        return group[0]
    surest = max(group, key=lambda one: one.movement.score)
    movements = [one.movement for one in group]
    first, count = movements[0], len(group)
    last_s = max(one.end_s or one.time_s for one in movements)
    span_s = movements[-1].time_s - first.time_s
    label = f"fast motion of {count} people"
    if first.action in _VERBS:
        label = f"{count} people {_VERBS[first.action]} within {max(span_s, 0.1):.1f} s"
    movement = replace(
        first,
        subject="group",
        end_s=last_s,
        uncertainty_s=max(one.uncertainty_s for one in movements),
        score=surest.movement.score,
        label=label,
        track_names=tuple(one.track_names[0] for one in movements),
        evidence=tuple(point for one in movements for point in one.evidence),
        measures=(("people", float(count)), *surest.movement.measures),
        reasons=(f"{count} people within {max(span_s, 0.1):.1f} s, near each other", *surest.movement.reasons),
    )
    return replace(surest, movement=movement)
