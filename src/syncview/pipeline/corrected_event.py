"""One movement as people leave it: the program's words are kept beside theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.pipeline.findings import by_whom, stated_moment_s
from syncview.pipeline.movement_matching import Candidate, action_words, program_words
from syncview.timebase import round_s
from syncview.timeline.words import REJECTED, STATED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import MovementFix
    from syncview.model import Clock, Event, Observation
    from syncview.pipeline.figure_notes import FigureNote
    from syncview.pipeline.knowledge import Knowledge
    from syncview.settings import PlaceSettings

__all__ = ["Fix", "as_people_say", "off_clock_keys", "rejected", "with_notes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One ``[[movement]]``: which candidate it is about, and which other one that it says is the same."""

    said: MovementFix
    recording_id: str
    where: str
    about: int
    other: int | None = None

    @property
    def by(self) -> str:
        """Who says so."""
        return by_whom(self.said)


def as_people_say(
    members: Sequence[Candidate],
    fixes: Sequence[Fix],
    clocks: Mapping[str, Clock],
    *,
    knowledge: Knowledge,
    settings: PlaceSettings,
) -> Event:
    """One event of all that is one movement, with what people say of it.

    Parameters
    ----------
    members : sequence of Candidate
        What it is made of; one at least, on one group's clock.
    fixes : sequence of Fix
        What people say of it, the later in the file last: that counts.
    clocks : mapping of str to Clock
        By recording, of that group.
    knowledge : Knowledge
        Which recordings have a picture.
    settings : PlaceSettings
        How finely people read moments.

    Returns
    -------
    Event
        A person's: confidence 1, with what the program had said in the reasons.
    """
    ranked = _ranked(members)
    event = ranked[0].event
    known = next((each.event.subject for each in ranked if each.event.subject is not None), None)
    action = next((fix.said.action for fix in reversed(fixes) if fix.said.action is not None), event.action)
    subject = next((fix.said.subject for fix in reversed(fixes) if fix.said.subject is not None), known)
    label = next((fix.said.label for fix in reversed(fixes) if fix.said.label is not None), event.label)
    if label == event.label and (action, subject) != (event.action, event.subject or known):
        label = " ".join(word.replace("_", " ") for word in (subject, action) if word is not None)  # the old says less
    event = replace(
        event,
        confidence=1.0,
        calibration=_calibration(members, fixes),
        label=label,
        action=action,
        subject=subject,
        end_s=event.end_s if ranked[0].origin == "stated" and event.end_s is not None else _last_s(ranked),
        track_ids=tuple(dict.fromkeys(name for each in ranked for name in each.event.track_ids)),
        tags=tuple(
            dict.fromkeys(
                [tag for each in ranked for tag in each.event.tags] + [tag for fix in fixes for tag in fix.said.tags]
            )
        ),
        observations=_observations(ranked, fixes),
    )
    event = _timed(event, fixes, clocks, knowledge, settings)
    ends_s = event.end_s if event.end_s is None or event.end_s >= event.time_s else None
    return replace(event, end_s=ends_s)


def rejected(candidate: Candidate, fix: Fix) -> Event:
    """A movement of which a person says that it is none; what the program measured stays as it is.

    Parameters
    ----------
    candidate : Candidate
        What was seen or stated.
    fix : Fix
        The rejection.

    Returns
    -------
    Event
        To stand among the candidates.
    """
    event = candidate.event
    label = f"{REJECTED}{fix.by.removeprefix(STATED)}"
    words = (_program_said(candidate), label if fix.said.note is None else f"{label}: {fix.said.note}")
    return replace(
        event,
        label=label,
        observations=tuple(replace(seen, reasons=(*seen.reasons, *words)) for seen in event.observations),
    )


def with_notes(event: Event, notes: Mapping[str, FigureNote]) -> Event:
    """A movement with what people say of the figures that it was seen in.

    Parameters
    ----------
    event : Event
        As people leave it.
    notes : mapping of str to FigureNote
        By track id.

    Returns
    -------
    Event
        With their tags, their names beside the program's label, and who says so in the reasons.
    """
    own = [notes[name] for name in event.track_ids if name in notes]
    if not own:
        return event
    names = list(dict.fromkeys(note.label for note in own if note.label is not None))
    words = tuple(dict.fromkeys(line for note in own for line in note.said))
    recordings = {note.track_id.partition("/")[0] for note in own}
    label = event.label
    if names and not event.calibration.startswith(STATED):
        among = len(own) < len(event.track_ids)
        label += f", among them {' and '.join(names)}" if among else f" ({' and '.join(names)})"
    return replace(
        event,
        label=label,
        tags=tuple(dict.fromkeys((*event.tags, *(tag for note in own for tag in note.tags)))),
        observations=tuple(
            replace(seen, reasons=(*seen.reasons, *words)) if seen.recording_id in recordings else seen
            for seen in event.observations
        ),
    )


def off_clock_keys(fix: Fix, clock: Clock, knowledge: Knowledge) -> tuple[str, ...]:
    """Which of the moments that a correction states are on no clock: "time_s", "end_s"."""
    times = (("time_s", fix.said.time_s), ("end_s", fix.said.end_s))
    return tuple(
        key for key, time_s in times if time_s is not None and stated_moment_s(clock, time_s, knowledge) is None
    )


def _ranked(members: Sequence[Candidate]) -> list[Candidate]:
    """What times the event first: a person's moment, else the more certain one; in one file where it begins."""
    first: dict[str, float] = {}
    for each in members:
        for seen in each.event.observations:
            if seen.seen_s is not None:
                first[seen.recording_id] = min(seen.seen_s, first.get(seen.recording_id, math.inf))

    def key(each: Candidate) -> tuple[bool, bool, float, float]:
        goes_on = any(seen.seen_s not in (None, first.get(seen.recording_id)) for seen in each.event.observations)
        return goes_on, each.origin != "stated", each.event.uncertainty_s, -each.event.confidence

    return sorted(members, key=key)


def _last_s(members: Sequence[Candidate]) -> float | None:
    return max((each.event.end_s for each in members if each.event.end_s is not None), default=None)


def _calibration(members: Sequence[Candidate], fixes: Sequence[Fix]) -> str:
    said = [each.event.calibration for each in members if each.origin == "stated"] + [fix.by for fix in fixes]
    return STATED + " and ".join(dict.fromkeys(each.removeprefix(STATED) for each in said))


def _observations(ranked: Sequence[Candidate], fixes: Sequence[Fix]) -> tuple[Observation, ...]:
    """What each file shows: people's moments and the program's in one entry."""
    found: dict[str, Observation] = {}
    for each in ranked:
        told = (_program_said(each),) if each.origin != "stated" else ()
        for seen in each.event.observations:
            added = replace(seen, reasons=(*seen.reasons, *told))
            old = found.get(seen.recording_id)
            found[seen.recording_id] = added if old is None else _joined(old, added)
    for fix in fixes:
        seen = found[fix.recording_id]
        stated_s = seen.stated_s if fix.said.time_s is None else fix.said.time_s
        found[fix.recording_id] = replace(seen, reasons=(*seen.reasons, _said_words(fix)), stated_s=stated_s)
    return tuple(found.values())


def _joined(first: Observation, second: Observation) -> Observation:
    """Two shares of one recording in one: the program's moment and measures, with a person's moment and all reasons."""
    seen, other = (second, first) if first.seen_s is None else (first, second)
    return replace(
        seen,
        stated_s=first.stated_s if first.stated_s is not None else second.stated_s,
        frames=tuple(sorted((*seen.frames, *other.frames), key=lambda point: (point.time_s, point.box_px))),
        reasons=(*seen.reasons, *other.reasons),
    )


def _timed(
    event: Event, fixes: Sequence[Fix], clocks: Mapping[str, Clock], knowledge: Knowledge, settings: PlaceSettings
) -> Event:
    """The event at the moments that people state, as far as those are on a clock."""
    for fix in fixes:
        clock = clocks.get(fix.recording_id)
        if clock is None:
            continue
        ends_s = None if fix.said.end_s is None else stated_moment_s(clock, fix.said.end_s, knowledge)
        if ends_s is not None:
            event = replace(event, end_s=round_s(ends_s))
        time_s = None if fix.said.time_s is None else stated_moment_s(clock, fix.said.time_s, knowledge)
        if time_s is not None:
            event = replace(
                event,
                time_s=round_s(time_s),
                time_basis=f"seen_at:{fix.recording_id}",
                uncertainty_s=round_s(math.hypot(clock.uncertainty_s, settings.stated_moment_s)),
            )
    return event


def _program_said(candidate: Candidate) -> str:
    """What the program, or whoever stated it, had said, for the reasons."""
    event = candidate.event
    words = program_words(event, event.observations[0].recording_id)
    return (
        f"{event.calibration}: {words}"
        if candidate.origin == "stated"
        else (f"the program saw {words}, score {event.confidence:.2f}")
    )


def _said_words(fix: Fix) -> str:
    said, parts = fix.said, []
    if said.time_s is not None:
        parts.append(f"begins at {said.time_s:.2f} s of the file")
    if said.end_s is not None:
        parts.append(f"ends at {said.end_s:.2f} s of the file")
    if said.action is not None:
        parts.append(action_words(said.action))
    if said.subject is not None:
        parts.append(f"by a {said.subject}")
    if said.label is not None:
        parts.append(f"'{said.label}'")
    if said.tags:
        parts.append(f"tagged {', '.join(said.tags)}")
    if said.same_as is not None:
        parts.append(f"the same as at {said.same_as.time_s:.2f} s of {said.same_as.file}")
    if said.note is not None:
        parts.append(said.note)
    return f"{fix.by}: {'; '.join(parts)}"
