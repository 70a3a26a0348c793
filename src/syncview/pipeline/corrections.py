"""People's corrections of movements: what the program saw is moved, renamed, merged or rejected, but never lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.pipeline.corrected_event import Fix, as_people_say, off_clock_keys, rejected, with_notes
from syncview.pipeline.figure_notes import figure_notes
from syncview.pipeline.movement_matching import Candidate, NotFound, find_movement, program_words
from syncview.pipeline.references import References
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import CaseFile, Sighting
    from syncview.model import Action, Clock, Event, Group, Recording, Track
    from syncview.pipeline.figure_notes import FigureNote
    from syncview.pipeline.knowledge import Knowledge
    from syncview.settings import MovementSettings, PlaceSettings

__all__ = ["Corrected", "corrected_movements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Movements as people leave them, without ids.

    `candidates` are those that the program doubts and those that people rejected. `notes` are by track id what people
    say of followed figures. `findings` name corrections that match nothing, may mean several, or contradict others.
    """

    events: tuple[Event, ...]
    candidates: tuple[Event, ...]
    notes: Mapping[str, FigureNote]
    findings: tuple[Finding, ...]


def corrected_movements(
    seen: Sequence[Event],
    doubted: Sequence[Event],
    stated: Sequence[Event],
    tracks: Sequence[Track],
    case: CaseFile,
    recordings: Sequence[Recording],
    groups: Sequence[Group],
    *,
    knowledge: Knowledge,
    places: PlaceSettings,
    settings: MovementSettings,
    unwatched: Mapping[str, str] | None = None,
) -> Corrected:
    """Apply what people say of movements.

    Parameters
    ----------
    seen, doubted : sequence of Event
        The program's movements, above and below what counts as an event; without ids, with `Observation.seen_s`.
    stated : sequence of Event
        Movements that people added by hand (``[[event]]``).
    tracks : sequence of Track
        The figures that were followed, of all recordings.
    case : CaseFile
        With its ``[[movement]]`` and ``[[track]]`` tables.
    recordings : sequence of Recording
        Of this run.
    groups : sequence of Group
        Their clocks.
    knowledge : Knowledge
        Which recordings have a picture, and which are left out.
    places : PlaceSettings
        How finely people read moments.
    settings : MovementSettings
        How near a correction must be to what it corrects.
    unwatched : mapping of str to str, optional
        Why recordings were not searched for people and vehicles, by id: nothing can be found there.

    Returns
    -------
    Corrected
        Of two statements about one thing the later in the file counts; where they are of two people a finding says so.
        A movement that a person added where the program saw the same one is one event.
    """
    candidates = (
        *(Candidate(event=event, origin="seen") for event in seen),
        *(Candidate(event=event, origin="doubted") for event in doubted),
        *(Candidate(event=event, origin="stated") for event in stated),
    )
    blind = unwatched or {}
    notes, findings = figure_notes(case, recordings, tracks, left_out=knowledge.left_out, settings=settings)
    fixes, unmatched = _matched(case, recordings, candidates, knowledge, settings)
    counted, dropped = _verdicts(fixes)
    joined, impossible = _joined(candidates, counted, dropped, settings)
    clocks = {clock.recording_id: (group.id, clock) for group in groups for clock in group.clocks}
    events: list[Event] = []
    doubtful: list[Event] = [rejected(candidates[k], fix) for k, fix in sorted(dropped.items())]
    for members in joined:
        first, said = candidates[members[0]], [fix for fix in counted if fix.about in members]
        event, is_doubted = first.event, first.origin == "doubted"
        if said or len(members) > 1:
            own = {name: clock for name, (group_id, clock) in clocks.items() if group_id == event.group_id}
            each = [candidates[k] for k in members]
            event, is_doubted = as_people_say(each, said, own, knowledge=knowledge, settings=places), False
        (doubtful if is_doubted else events).append(with_notes(event, notes))
    contradicting = (*_conflicts(fixes, candidates), *_added_though_rejected(dropped, candidates, settings))
    lost = _off_clock(counted, {name: clock for name, (_, clock) in clocks.items()}, knowledge)
    return Corrected(
        events=tuple(events),
        candidates=tuple(doubtful),
        notes=notes,
        findings=(*_told_once((*findings, *unmatched), blind), *impossible, *contradicting, *lost),
    )


def _matched(
    case: CaseFile,
    recordings: Sequence[Recording],
    candidates: Sequence[Candidate],
    knowledge: Knowledge,
    settings: MovementSettings,
) -> tuple[list[Fix], list[Finding]]:
    """Each correction with what it is about. Of references that mean nothing `gather_knowledge` has told."""
    references = References(recordings)
    fixes: list[Fix] = []
    findings: list[Finding] = []

    def found(near: Sighting, where: str, actions: Sequence[Action | None]) -> tuple[str, int] | None:
        name = references.find(near.file, where)
        if name is None or name in knowledge.left_out:
            return None
        looked = [find_movement(near, name, candidates, action=action, settings=settings) for action in actions]
        index = next((each for each in looked if not isinstance(each, NotFound)), None)
        if index is None:
            why = next(each for each in reversed(looked) if isinstance(each, NotFound))
            findings.append(_not_found(near, name, where, why))
            return None
        return name, index

    for k, said in enumerate(case.movements):
        where = case.where("movement", k)
        about = found(said.near, where, (said.was,))
        if about is None:
            continue
        name, index = about
        action = candidates[index].event.action
        other = None if said.same_as is None else found(said.same_as, where, (action, None))
        if said.same_as is not None and other is None and len(said.said) == 1:
            continue
        fixes.append(
            Fix(said=said, recording_id=name, where=where, about=index, other=None if other is None else other[1])
        )
    return fixes, findings


def _not_found(near: Sighting, recording_id: str, where: str, result: NotFound) -> Finding:
    return Finding(
        kind=result.kind,
        recording_ids=(recording_id,),
        group_id=None,
        time_s=round_s(near.time_s),
        value=None,
        unit=None,
        message=f"{where}: what is said of {near.time_s:g} s of {near.file} is not used: {result.words}",
    )


def _told_once(findings: Sequence[Finding], unwatched: Mapping[str, str]) -> list[Finding]:
    """One finding for all that is said of a recording in which nobody looked: nothing is wrong with it, it waits."""
    told, waiting = [], dict.fromkeys(unwatched, 0)
    for finding in findings:
        if finding.kind == "unmatched_correction" and finding.recording_ids[0] in unwatched:
            waiting[finding.recording_ids[0]] += 1
        else:
            told.append(finding)
    return told + [
        Finding(
            kind="waiting_correction",
            recording_ids=(name,),
            group_id=None,
            time_s=None,
            value=float(count),
            unit="statements",
            message=f"what people say of movements and figures there ({count} in case.toml) waits: {unwatched[name]}",
        )
        for name, count in sorted(waiting.items())
        if count
    ]


def _verdicts(fixes: Sequence[Fix]) -> tuple[list[Fix], dict[int, Fix]]:
    """The corrections that count, in their order, and by candidate the rejection with which its statements end.

    Who rejects what somebody merged before rejects all of it.
    """
    last: dict[int, int] = {}
    rejections: dict[int, int] = {}
    merged: dict[int, frozenset[int]] = {}
    for n, fix in enumerate(fixes):
        own = merged.get(fix.about, frozenset((fix.about,)))
        if fix.other is not None:
            own |= merged.get(fix.other, frozenset((fix.other,)))
            merged |= dict.fromkeys(own, own)
        last |= dict.fromkeys(own if fix.said.reject else {fix.about, *own & {fix.other}}, n)
        rejections |= dict.fromkeys(own, n) if fix.said.reject else {}
    dropped = {k: fixes[n] for k, n in rejections.items() if last[k] == n}
    counted = [fix for n, fix in enumerate(fixes) if n > rejections.get(fix.about, -1) and fix.about not in dropped]
    return counted, dropped


def _joined(
    candidates: Sequence[Candidate], counted: Sequence[Fix], dropped: Mapping[int, Fix], settings: MovementSettings
) -> tuple[list[list[int]], list[Finding]]:
    """Which candidates are one movement: what people added where the program saw it too, and what they merge."""
    of = {k: k for k in range(len(candidates)) if k not in dropped}
    findings = []

    def join(a: int, b: int) -> None:
        least, most = sorted((of[a], of[b]))
        of.update({k: least for k, root in of.items() if root == most})

    for added, seen in _added_where_seen(candidates, of, settings):
        join(added, seen)
    for fix in counted:
        if fix.other is None or fix.other not in of or of[fix.about] == of[fix.other]:
            continue
        finding = _against_clocks(fix, candidates, settings)
        findings += [] if finding is None else [finding]
        if candidates[fix.about].event.group_id == candidates[fix.other].event.group_id:
            join(fix.about, fix.other)
    members: dict[int, list[int]] = {}
    for k, root in of.items():
        members.setdefault(root, []).append(k)
    return list(members.values()), findings


def _added_where_seen(
    candidates: Sequence[Candidate], live: Mapping[int, int], settings: MovementSettings
) -> list[tuple[int, int]]:
    """Movements added by hand, each with that of the program that it is; nearest in time first."""
    options = sorted(
        (apart_s, k, n)
        for k in live
        for n in live
        if candidates[k].origin == "stated" and candidates[n].origin != "stated"
        if (apart_s := _added_apart_s(candidates[k].event, candidates[n].event)) <= settings.same_added_s
    )
    taken: dict[int, int] = {}
    for _, k, n in options:
        if k not in taken and n not in taken.values():
            taken[k] = n
    return sorted(taken.items())


def _added_apart_s(added: Event, seen: Event) -> float:
    """How far a movement that a person added is from one of the program's; infinite where it is another."""
    if added.action is None or added.action != seen.action or added.subject not in (None, seen.subject):
        return math.inf
    return min(
        (
            abs(a.stated_s - b.seen_s)
            for a in added.observations
            for b in seen.observations
            if a.recording_id == b.recording_id and a.stated_s is not None and b.seen_s is not None
        ),
        default=math.inf,
    )


def _against_clocks(fix: Fix, candidates: Sequence[Candidate], settings: MovementSettings) -> Finding | None:
    """What the clocks say against a merger: they are apart, or there are two of them, which one event cannot be on."""
    if fix.other is None:
        return None
    first, second = candidates[fix.about].event, candidates[fix.other].event
    names = (first.observations[0].recording_id, second.observations[0].recording_id)
    if first.group_id != second.group_id:
        words = (
            f"their files are on two clocks ({first.group_id}, {second.group_id}); pin the moment in both files first"
        )
        return _merger(fix, names, None, None, f"the two are not merged: {words}")
    apart_s = round_s(second.time_s - first.time_s)
    if abs(apart_s) <= math.hypot(first.uncertainty_s, second.uncertainty_s) + settings.correction_reach_s:
        return None
    words = f"by the clocks the second is {apart_s:+.1f} s from the first; they are merged as stated"
    return _merger(fix, names, first.group_id, apart_s, words)


def _merger(fix: Fix, names: tuple[str, ...], group_id: str | None, apart_s: float | None, words: str) -> Finding:
    return Finding(
        kind="wrong_correction",
        recording_ids=tuple(dict.fromkeys(names)),
        group_id=group_id,
        time_s=None,
        value=apart_s,
        unit=None if apart_s is None else "s",
        message=f"{fix.where}: {words}",
    )


def _conflicts(fixes: Sequence[Fix], candidates: Sequence[Candidate]) -> list[Finding]:
    """Statements of two people about one movement of which only the later can hold."""
    findings = []
    for n, late in enumerate(fixes):
        for early in fixes[:n]:
            keys = _contradicted(early, late)
            if early.about != late.about or not keys:
                continue
            seen = program_words(candidates[late.about].event, late.recording_id)
            findings.append(
                Finding(
                    kind="conflicting_correction",
                    recording_ids=(late.recording_id,),
                    group_id=None,
                    time_s=round_s(late.said.near.time_s),
                    value=None,
                    unit=None,
                    message=f"{early.where} ({early.by}) and {late.where} ({late.by}) say different things of {seen}: "
                    f"{', '.join(keys)}; the later in the file counts",
                )
            )
    return findings


def _added_though_rejected(
    dropped: Mapping[int, Fix], candidates: Sequence[Candidate], settings: MovementSettings
) -> list[Finding]:
    """What one person rejects of the program's, and another added by hand: that stands."""
    return [
        Finding(
            kind="conflicting_correction",
            recording_ids=(fix.recording_id,),
            group_id=None,
            time_s=round_s(fix.said.near.time_s),
            value=None,
            unit=None,
            message=f"{fix.where} ({fix.by}) rejects what the program saw, but {program_words(added.event, name)} is "
            f"{added.event.calibration}; that stands",
        )
        for k, fix in sorted(dropped.items())
        for n, added in enumerate(candidates)
        if added.origin == "stated" and candidates[k].origin != "stated" and n not in dropped
        if added.event.calibration != fix.by
        if _added_apart_s(added.event, candidates[k].event) <= settings.same_added_s
        for name in (added.event.observations[0].recording_id,)
    ]


def _contradicted(early: Fix, late: Fix) -> list[str]:
    """Keys in which two people's statements differ; tags and mergers add up."""
    if early.said.author == late.said.author:
        return []
    if early.said.reject != late.said.reject:
        return ["reject"]
    both = {key for key in early.said.said.keys() & late.said.said.keys() if key not in ("tags", "same_as")}
    return sorted(key for key in both if early.said.said[key] != late.said.said[key])


def _off_clock(fixes: Sequence[Fix], clocks: Mapping[str, Clock], knowledge: Knowledge) -> list[Finding]:
    return [
        Finding(
            kind="off_clock",
            recording_ids=(fix.recording_id,),
            group_id=None,
            time_s=round_s(fix.said.near.time_s),
            value=None,
            unit=None,
            message=f"{fix.where}: {key} = {getattr(fix.said, key):g} s of {fix.said.near.file} is on no clock, so it "
            "is not used",
        )
        for fix in fixes
        if fix.recording_id in clocks
        for key in off_clock_keys(fix, clocks[fix.recording_id], knowledge)
    ]
