"""What people saw and wrote down as ``[[event]]``: events on the clocks of the files that show them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import Event, Finding, Observation
from syncview.pipeline.findings import by_whom, stated_moment_s
from syncview.pipeline.references import References
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.case import CaseFile, PersonEvent
    from syncview.model import Clock, Group, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.settings import PlaceSettings

__all__ = ["StatedEvents", "stated_events"]

_HEARD_KINDS = ("strike", "shot", "aircraft")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEvents:
    """Events that people state, without ids; `heard` are the machine's, with what people say of them.

    `findings` name moments that are on no clock.
    """

    events: tuple[Event, ...]
    heard: tuple[Event, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """One ``[[event]]`` of a recording of this run."""

    said: PersonEvent
    recording_id: str

    @property
    def by(self) -> str:
        return by_whom(self.said)


def stated_events(
    case: CaseFile,
    recordings: Sequence[Recording],
    groups: Sequence[Group],
    heard: Sequence[Event],
    *,
    knowledge: Knowledge,
    settings: PlaceSettings,
) -> StatedEvents:
    """Turn what people state into events.

    Parameters
    ----------
    case : CaseFile
        With its ``[[event]]`` tables.
    recordings : sequence of Recording
        Of this run.
    groups : sequence of Group
        Their clocks, with lasting ids.
    heard : sequence of Event
        What the machine found, with ids.
    knowledge : Knowledge
        Which recordings have a picture.
    settings : PlaceSettings
        How finely people read moments.

    Returns
    -------
    StatedEvents
        Times are those of the file's picture, or of its sound without one. A strike or shot that the machine has found
        at that moment of that file is no second event: what the person says stands in its reasons, once for each.
    """
    said = _resolved(case, recordings, knowledge)
    merged, rest = _merged(said, heard, knowledge, settings)
    clocks = {clock.recording_id: (group.id, clock) for group in groups for clock in group.clocks}
    events, findings = [], []
    for each in rest:
        group_id, clock = clocks.get(each.recording_id, (None, None))
        time_s = None if clock is None else stated_moment_s(clock, each.said.time_s, knowledge)
        if group_id is None or clock is None or time_s is None:
            findings.append(_off_clock(each))
        else:
            events.append(_event(each, group_id, clock, time_s, knowledge, settings))
    return StatedEvents(events=tuple(events), heard=merged, findings=tuple(findings))


def _resolved(case: CaseFile, recordings: Sequence[Recording], knowledge: Knowledge) -> list[_Said]:
    """Those about recordings of this run; of references that mean nothing `gather_knowledge` has told."""
    references = References(recordings)
    found = []
    for k, said in enumerate(case.events):
        name = references.find(said.file, case.where("event", k))
        if name is not None and name not in knowledge.left_out:
            found.append(_Said(said, name))
    return found


def _merged(
    said: Sequence[_Said], heard: Sequence[Event], knowledge: Knowledge, settings: PlaceSettings
) -> tuple[tuple[Event, ...], list[_Said]]:
    """The machine's events with what people say of them, and what they say besides. Nearest in time first."""
    options = sorted(
        (abs(apart_s), k, n)
        for k, each in enumerate(said)
        for n, event in enumerate(heard)
        if (apart_s := _apart_s(each, event, knowledge, settings)) is not None
    )
    taken: dict[int, int] = {}
    for _, k, n in options:
        if k not in taken and n not in taken.values():
            taken[k] = n
    events = list(heard)
    for k, n in sorted(taken.items()):
        events[n] = _with_words(events[n], said[k])
    return tuple(events), [each for k, each in enumerate(said) if k not in taken]


def _apart_s(each: _Said, event: Event, knowledge: Knowledge, settings: PlaceSettings) -> float | None:
    """How far a stated strike lies from a heard one in the same file; None where it is another.

    In a picture a person may mark the light, which comes before the sound by its way.
    """
    if event.kind not in ("strike", "shot") or each.said.kind != event.kind:
        return None
    way_s = 0.0
    if each.recording_id in knowledge.pictured:
        way_s = knowledge.geometry.max_camera_distance_m / knowledge.geometry.sound_speed_mps
    for seen in event.observations:
        if seen.recording_id == each.recording_id and seen.sound_s is not None:
            later_s = seen.sound_s - each.said.time_s
            if -settings.stated_moment_s <= later_s <= settings.stated_moment_s + way_s:
                return later_s
    return None


def _with_words(event: Event, each: _Said) -> Event:
    words = f"{each.by}: {each.said.label or each.said.kind}"
    return replace(
        event,
        observations=tuple(
            replace(seen, reasons=(*seen.reasons, words), stated_s=each.said.time_s)
            if seen.recording_id == each.recording_id
            else seen
            for seen in event.observations
        ),
    )


def _event(
    each: _Said, group_id: str, clock: Clock, time_s: float, knowledge: Knowledge, settings: PlaceSettings
) -> Event:
    said, name = each.said, each.recording_id
    shown = name in knowledge.pictured and said.kind not in _HEARD_KINDS
    end_s = None if said.end_s is None else stated_moment_s(clock, said.end_s, knowledge)
    return Event(
        id="",
        kind=said.kind,
        group_id=group_id,
        time_s=round_s(time_s),
        time_basis=f"{'seen_at' if shown else 'arrival_at'}:{name}",
        uncertainty_s=round_s(math.hypot(clock.uncertainty_s, settings.stated_moment_s)),
        end_s=None if end_s is None else round_s(end_s),
        confidence=1.0,
        calibration=each.by,
        label=said.label or said.action or said.kind,
        min_separable_s=None,
        observations=(
            Observation(
                recording_id=name,
                sound_s=None,
                sound_uncertainty_s=None,
                score=1.0,
                measures=(),
                reasons=(each.by, *(() if said.note is None else (said.note,))),
                stated_s=said.time_s,
            ),
        ),
        action=said.action,
        subject=said.subject,
        tags=said.tags,
    )


def _off_clock(each: _Said) -> Finding:
    return Finding(
        kind="off_clock",
        recording_ids=(each.recording_id,),
        group_id=None,
        time_s=round_s(each.said.time_s),
        value=None,
        unit=None,
        message=f"what was {each.by} ({each.said.label or each.said.kind}) at {each.said.time_s:g} s of the file is on "
        "no clock, so it is not among the events",
    )
