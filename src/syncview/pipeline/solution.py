"""The joint solution of every group, and what it makes of clocks, strikes and statements."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.pipeline.happenings import on_the_picture_clock
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.known_places import placed_events
from syncview.pipeline.solution_places import location_of, plane_of_group
from syncview.pipeline.solution_problem import Known, leaders_of, piece_of, problem_of
from syncview.reconstruct.clocks import without_distance
from syncview.reconstruct.replays import REPLAY_LABEL
from syncview.reconstruct.solving.solve import solve
from syncview.reconstruct.strikes import with_time_basis
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Clock, ClockSegment, Event, Group
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.local_plane import LocalPlane
    from syncview.reconstruct.solving.problem import Problem
    from syncview.reconstruct.solving.solution import Outlier, Solution, SolvedClock, SolvedSource
    from syncview.settings import Settings
    from syncview.sync.common_sounds import CommonSound
    from syncview.timeline.parts import TimelineParts

__all__ = ["with_solutions"]

_KINDS = {
    "arrival": "wrong_arrival",
    "light": "wrong_light",
    "pin": "wrong_pin",
    "position": "wrong_position",
    "place": "wrong_place",
    "temperature": "wrong_temperature",
}
_EXPLOSION = "explosion"


def with_solutions(
    parts: TimelineParts,
    sounds: Mapping[str, Sequence[CommonSound]],
    knowledge: Knowledge,
    *,
    assumptions: tuple[str, ...],
    settings: Settings,
) -> TimelineParts:
    """Solve every group for true clocks, moments and places.

    Parameters
    ----------
    parts : TimelineParts
        Groups on the clocks that sound gives, and events with what was seen of them.
    sounds : mapping of str to sequence of CommonSound
        By group id, ordinary sounds that several of its cameras heard.
    knowledge : Knowledge
        Places, pins, air.
    assumptions : tuple of str
        What is taken for granted of the air, in words.
    settings : Settings
        Thresholds.

    Returns
    -------
    TimelineParts
        Where the equations carry no more than the sound did, clocks and events are as they came.
    """
    for group in parts.groups:
        known = _known(group, parts, sounds.get(group.id, ()), knowledge)
        if not _carries_more(known, group):
            continue
        problem = problem_of(group, sound_clocks((group,), knowledge)[0], known, settings)
        parts = _applied(parts, group, known, problem, solve(problem, settings=settings.solving), assumptions)
    return parts


def _known(group: Group, parts: TimelineParts, sounds: Sequence[CommonSound], knowledge: Knowledge) -> Known:
    own = [event for event in (*parts.events, *parts.candidates) if event.group_id == group.id]
    stated, _ = placed_events(own, knowledge.placed_strikes)
    strikes = tuple(event for event in own if event.kind == "strike" or event.id in stated)
    placed = {name: each.position for name, each in stated.items()}
    return Known(
        strikes=strikes,
        sounds=sounds,
        pairs=parts.pairs,
        leaders=leaders_of(group, parts.duplicates),
        knowledge=knowledge,
        placed=placed,
        plane=plane_of_group(group, knowledge.geometry.positions, placed),
    )


def _carries_more(known: Known, group: Group) -> bool:
    """Whether anything is known that the sound's lags have not used."""
    names = {clock.recording_id for clock in group.clocks}
    lit = any(
        seen.sight is not None and seen.sight.picked is not None and seen.recording_id in known.knowledge.ranging
        for strike in known.strikes
        for seen in strike.observations
    )
    return lit or bool(known.placed) or len(names & known.knowledge.geometry.positions.keys()) > 1


def _applied(
    parts: TimelineParts,
    group: Group,
    known: Known,
    problem: Problem,
    solution: Solution,
    assumptions: tuple[str, ...],
) -> TimelineParts:
    solved = {each.piece: each for each in solution.clocks}
    exact = frozenset(name for same in parts.duplicates if same.kind == "same_file" for name in same.recording_ids)
    moved = _moved_group(group, known, exact, solved)
    names = {recording.id: recording.name_display for recording in parts.recordings}
    groups = tuple(moved if each.id == group.id else each for each in parts.groups)
    found = {source.id: source for source in solution.sources}

    def timed(event: Event) -> Event:
        if event.group_id != group.id:
            return event
        source = found.get(event.id)
        again = _timed_again(event, group, moved, groups, known.knowledge)
        return again if source is None else _explained(again, source, known.plane, problem, solution, assumptions)

    return replace(
        parts,
        groups=groups,
        events=tuple(timed(event) for event in parts.events),
        candidates=tuple(timed(event) for event in parts.candidates),
        findings=(
            *parts.findings,
            *(_finding(outlier, group, problem, names) for outlier in solution.outliers),
            *_several(solution, group),
        ),
    )


def _moved_group(group: Group, known: Known, exact: frozenset[str], solved: Mapping[str, SolvedClock]) -> Group:
    clocks = {clock.recording_id: clock for clock in group.clocks}
    moved = []
    for clock in group.clocks:
        leader = clocks[known.leaders[clock.recording_id]]
        # Encoding anew moves picture against sound: a copy's picture is known less well than what speaks for it.
        alike = clock is leader or {clock.recording_id, leader.recording_id} <= exact
        own_s = 0.0 if alike else known.knowledge.skews[clock.recording_id].uncertainty_s
        moved.append(
            _moved_clock(clock, leader, solved, 0.0 if alike else math.hypot(own_s, clock.sound_uncertainty_s))
        )
    return replace(group, clocks=tuple(moved))


def _moved_clock(clock: Clock, leader: Clock, solved: Mapping[str, SolvedClock], apart_s: float) -> Clock:
    """A clock with its corrections; a copy takes those of the recording that speaks for it, `apart_s` less surely."""
    own = [solved[name] for part in leader.segments if (name := piece_of(leader, part)) in solved]
    segments = tuple(
        replace(part, offset_s=round_s(part.offset_s + _correction_s(part, leader, solved))) for part in clock.segments
    )
    if not own or not all(each.improved for each in own):
        return replace(clock, segments=segments)
    basis = tuple(sorted({name for each in own for name in each.basis}))
    return replace(
        clock,
        segments=segments,
        uncertainty_s=round_s(math.hypot(max(each.uncertainty_s for each in own), apart_s)),
        basis=basis or clock.basis,
        assumptions=without_distance(clock.assumptions),
    )


def _correction_s(part: ClockSegment, leader: Clock, solved: Mapping[str, SolvedClock]) -> float:
    """Correction of the leader's segment that holds most of a stretch."""

    def shared_s(other: ClockSegment) -> float:
        return min(part.end_s, other.end_s) - max(part.start_s, other.start_s)

    holding = max(leader.segments, key=shared_s)
    each = solved.get(piece_of(leader, holding))
    return 0.0 if each is None else each.correction_s


def _timed_again(event: Event, before: Group, after: Group, groups: Sequence[Group], knowledge: Knowledge) -> Event:
    """An event on the moved clocks, timed by the same camera."""
    camera = event.time_basis.removeprefix("arrival_at:")
    if event.label == REPLAY_LABEL:
        old, new = (next(c for c in group.clocks if c.recording_id == camera) for group in (before, after))
        shift_s = new.segments[0].offset_s - old.segments[0].offset_s
        return replace(event, time_s=round_s(event.time_s + shift_s))
    return on_the_picture_clock(with_time_basis(event, camera, sound_clocks(groups, knowledge)), groups, knowledge)


def _explained(
    event: Event,
    source: SolvedSource,
    plane: LocalPlane | None,
    problem: Problem,
    solution: Solution,
    assumptions: tuple[str, ...],
) -> Event:
    """A strike with its moment and place, as far as they are known."""
    if source.time_s is not None and source.time_uncertainty_s is not None:
        event = replace(
            event,
            time_s=round_s(source.time_s),
            time_basis=_EXPLOSION,
            uncertainty_s=round_s(source.time_uncertainty_s),
        )
    if plane is None:
        return replace(event, location_abstained="; ".join(solution.reasons) or source.abstained)
    return replace(
        event,
        location=location_of(source, plane, problem, assumptions),
        location_abstained=None if source.place else source.abstained,
    )


def _finding(outlier: Outlier, group: Group, problem: Problem, names: Mapping[str, str]) -> Finding:
    """A statement that the others contradict, told with the names of files."""
    owner = {piece.name: piece.recording_id for piece in problem.pieces}
    message = outlier.message
    for piece, recording_id in owner.items():
        message = message.replace(piece, names.get(recording_id, recording_id))
    for recording_id in owner.values():
        message = message.replace(recording_id, names.get(recording_id, recording_id))
    return Finding(
        kind=_KINDS[outlier.kind],
        recording_ids=tuple(sorted({owner.get(name, name) for name in outlier.about} & {*owner.values()})),
        group_id=group.id,
        time_s=None,
        value=round_s(outlier.off_by),
        unit=outlier.unit,
        message=message,
    )


def _several(solution: Solution, group: Group) -> tuple[Finding, ...]:
    if solution.minima == 1:
        return ()
    return (
        Finding(
            kind="several_solutions",
            recording_ids=(),
            group_id=group.id,
            time_s=None,
            value=float(solution.minima),
            unit="solutions",
            message=f"{solution.minima} solutions for clocks and places fit as well; every +- covers them all",
        ),
    )
