"""Place recordings by the speeds at which they fit others, the surest first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.reconstruct.speed_clocks import clock_at_speed
from syncview.timebase import group_spans_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Clock, Group, Recording
    from syncview.pipeline.joint import Joint
    from syncview.pipeline.knowledge import Knowledge
    from syncview.settings import Settings
    from syncview.sync.speeds import SpeedHypothesis

__all__ = ["SpeedTie", "tie_by_speed", "with_reasons"]

_LEAST_TO_MENTION = 0.5
_NEAR = 0.1  # speeds nearer to 1 do not tell which of two files was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedTie:
    """A recording that was placed at another speed: the fit is of `recording_id` against `other_id`."""

    recording_id: str
    other_id: str
    fit: SpeedHypothesis


@dataclass(frozen=True, slots=True)
class _Option:
    """Where a lone recording, and the files of the same content, would lie by one of those that it fits."""

    other_id: str
    clocks: tuple[Clock, ...]


def tie_by_speed(
    joint: Joint,
    fits: Mapping[tuple[str, str], Sequence[SpeedHypothesis]],
    *,
    alone: Sequence[str],
    recordings: Sequence[Recording],
    knowledge: Knowledge,
    settings: Settings,
) -> Joint:
    """Put lone recordings on the clocks of those that they fit at another speed, the surest first.

    Parameters
    ----------
    joint : Joint
        Groups whose ids are empty.
    fits : mapping
        Speeds of b against a, by the two ids.
    alone : sequence of str
        Recordings that may be placed; of two of them that fit each other, the other keeps its clock that seems true.
    recordings : sequence of Recording
        Their names.
    knowledge : Knowledge
        Skews and distances.
    settings : Settings
        How sure a speed must be.

    Returns
    -------
    Joint
        A recording that fits two others at places or speeds that exclude each other stays alone, with that reason.
    """
    both = dict(fits) | {(b, a): tuple(f.flipped() for f in found) for (a, b), found in fits.items()}
    sure = {
        key: found[0]
        for key, found in both.items()
        if found and found[0].probability >= settings.sync.speed_probability
    }
    groups = {clock.recording_id: group for group in joint.groups for clock in group.clocks}
    lone = set(alone)
    ties: list[SpeedTie] = []
    reasons = _weak_reasons(both, sure, lone, recordings)
    for other, name in sorted(sure, key=lambda key: _rank(key, sure, lone, groups)):
        home = groups[other]
        if name not in lone or groups[name] is home:
            continue
        options = [
            made
            for clock in home.clocks
            if (fit := sure.get((clock.recording_id, name))) is not None
            and (made := _placed(groups[name], clock, fit, home, knowledge, settings)) is not None
        ]
        if not options:
            reasons.setdefault(name, []).append("what it fits at another speed was cut")
        elif _elsewhere(name, home, sure, lone, groups) or not _agree([option.clocks[0] for option in options]):
            reasons.setdefault(name, []).append("it fits others at places or speeds that exclude each other")
            lone.discard(name)
        else:
            best = min(options, key=lambda option: (option.clocks[0].uncertainty_s, option.other_id))
            joined = replace(home, clocks=tuple(sorted((*home.clocks, *best.clocks), key=lambda c: c.recording_id)))
            groups |= {clock.recording_id: joined for clock in joined.clocks}
            ties.append(SpeedTie(recording_id=name, other_id=best.other_id, fit=sure[best.other_id, name]))
            lone -= {name, best.other_id}
    return _with_ties(joint, groups, ties, reasons)


def _rank(
    key: tuple[str, str], sure: Mapping[tuple[str, str], SpeedHypothesis], lone: set[str], groups: Mapping[str, Group]
) -> tuple[object, ...]:
    """Groups before lone recordings; of two lone ones, the one that keeps its clock is the faster, else the longer.

    Slow motion is more common than a time lapse with sound.
    """
    other, name = key
    fit = sure[key]
    far = abs(float(fit.speed) - 1.0) > _NEAR
    length_s = groups[other].clocks[0].segments[-1].end_s
    slower = float(fit.speed) if far else 1.0
    return (other in lone, slower, -fit.probability, -fit.supports, -length_s, other, name)


def _placed(
    alone: Group, anchor: Clock, fit: SpeedHypothesis, home: Group, knowledge: Knowledge, settings: Settings
) -> _Option | None:
    """The clocks of a lone recording, and of the files of the same content, on that of another."""
    made = [
        clock_at_speed(
            replace(clock, recording_id=alone.reference_id),
            anchor,
            fit,
            reference_id=home.reference_id,
            skews=knowledge.skews,
            geometry=knowledge.geometry,
            settings=settings.reconstruct,
        )
        for clock in alone.clocks
    ]
    placed = [clock for clock in made if clock is not None]
    if not placed:
        return None
    if len(home.clocks) == 1:
        placed = [replace(c, assumptions=(*c.assumptions, "the other file runs at true speed")) for c in placed]
    clocks = tuple(replace(c, recording_id=old.recording_id) for c, old in zip(placed, alone.clocks, strict=True))
    return _Option(anchor.recording_id, clocks)


def _elsewhere(
    name: str,
    home: Group,
    sure: Mapping[tuple[str, str], SpeedHypothesis],
    lone: set[str],
    groups: Mapping[str, Group],
) -> bool:
    """Whether a recording fits one of another group as surely."""
    return any(groups[other] is not home for other, fitted in sure if fitted == name and other not in lone)


def _agree(clocks: Sequence[Clock]) -> bool:
    """Whether clocks of one recording by several others are the same within what each may be off."""
    return all(
        abs(x - y) <= a.uncertainty_s + b.uncertainty_s
        for a, b in itertools.combinations(clocks, 2)
        for spans in zip(group_spans_s(a), group_spans_s(b), strict=True)
        for x, y in zip(*spans, strict=True)
    )


def _weak_reasons(
    both: Mapping[tuple[str, str], Sequence[SpeedHypothesis]],
    sure: Mapping[tuple[str, str], SpeedHypothesis],
    lone: set[str],
    recordings: Sequence[Recording],
) -> dict[str, list[str]]:
    """Speeds that are likely and not sure enough, in words."""
    names = {recording.id: recording.name_display for recording in recordings}
    found: dict[str, list[str]] = {}
    for (other, name), fits in sorted(both.items()):
        if name in lone and (other, name) not in sure and fits and fits[0].probability >= _LEAST_TO_MENTION:
            found.setdefault(name, []).append(
                f"it may run at {fits[0].speed} times the speed of {names.get(other, other)}: "
                f"probability {fits[0].probability:.2f}, too little to place it"
            )
    return found


def _with_ties(
    joint: Joint, groups: Mapping[str, Group], ties: Sequence[SpeedTie], reasons: dict[str, list[str]]
) -> Joint:
    distinct = {id(group): group for group in groups.values()}.values()
    placed = {name for tie in ties for name in _same_content(joint, tie.recording_id)}
    found = placed | {name for tie in ties for name in _same_content(joint, tie.other_id)}
    tied = {frozenset((tie.recording_id, tie.other_id)): tie for tie in ties}
    pairs = tuple(
        replace(pair, reasons=("they fit at another speed, not at the same: see findings",))
        if frozenset((pair.a_id, pair.b_id)) in tied
        else pair
        for pair in joint.pairs
    )
    order = {group.reference_id: k for k, group in enumerate(joint.groups)}
    left = replace(
        joint,
        groups=tuple(sorted(distinct, key=lambda group: order[group.reference_id])),
        unplaced=tuple(each for each in joint.unplaced if each.recording_id not in found),
        pairs=pairs,
        speeds=tuple(ties),
    )
    return with_reasons(left, reasons)


def _same_content(joint: Joint, name: str) -> set[str]:
    """A recording and the files of the same content, which had its clock while it stood alone."""
    group = next(group for group in joint.groups if any(clock.recording_id == name for clock in group.clocks))
    return {clock.recording_id for clock in group.clocks} if group.reference_id == name else {name}


def with_reasons(joint: Joint, reasons: Mapping[str, Sequence[str]]) -> Joint:
    """Say more of recordings that no evidence places.

    Parameters
    ----------
    joint : Joint
        What was placed, and what not.
    reasons : mapping of str to sequence of str
        By recording id.

    Returns
    -------
    Joint
        The same with these reasons after those that it had.
    """
    return replace(
        joint,
        unplaced=tuple(
            replace(each, reasons=(*each.reasons, *dict.fromkeys(reasons.get(each.recording_id, ()))))
            for each in joint.unplaced
        ),
    )
