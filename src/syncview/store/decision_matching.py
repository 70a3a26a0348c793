"""Decisions, tied to the events of a result: found again by file and moment, listed where they are about nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.store.event_ids import SAME_S, kind_of_detection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from syncview.store.decisions import DecidedOn, Decision
    from syncview.timeline.events import EventEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = ["Attached", "Conflict", "Reviewed", "attach_decisions"]

_ROUNDING_S = 1e-6
_STANDING = ("accept", "reject", "unsure")
_MEANS_ACCEPTED = ("move", "rename", "merge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A decision and the event of this result that it is about; `same_as_id` is the other event of a merger."""

    decision: Decision
    event_id: str | None
    same_as_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Reviewers who say different things of one event: `about` "verdict" or a value, `said` by reviewer."""

    event_id: str
    about: str
    said: tuple[tuple[str, str | float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """All decisions with their events; `orphans` are about none (or merge with none), which adding never is."""

    attached: tuple[Attached, ...]
    orphans: tuple[Decision, ...]
    conflicts: tuple[Conflict, ...]


def attach_decisions(decisions: Sequence[Decision], document: TimelineDocument) -> Reviewed:
    """Tie decisions to the events of a result.

    Parameters
    ----------
    decisions : sequence of Decision
        Of all reviewers, each one's in the order of time.
    document : TimelineDocument
        The result, of a later run maybe.

    Returns
    -------
    Reviewed
        A decision is about the event with the same kind of detection in a file of the same content at most 50 ms off:
        of several, one that is the same movement, then that of its id, then the nearest. An id alone is not enough, and
        another movement under another id is another thing.
    """
    sha256_of = {recording.id: recording.sha256 for recording in document.recordings}
    times: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for event in (*document.events, *document.candidates):
        for sha256, time_s in _moments(event, sha256_of):
            times.setdefault((sha256, kind_of_detection(event.kind)), []).append((time_s, event.id))
    actions = {event.id: event.action for event in (*document.events, *document.candidates)}
    attached = tuple(
        Attached(
            decision=decision,
            event_id=_event_of(decision, times, actions, action=decision.action),
            same_as_id=None if decision.same_as is None else _event_of(decision.same_as, times, actions),
        )
        for decision in decisions
    )
    return Reviewed(
        attached=attached,
        orphans=tuple(each.decision for each in attached if _is_orphan(each)),
        conflicts=_conflicts(attached),
    )


def _moments(event: EventEntry, sha256_of: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for seen in event.observations:
        for time_s in (seen.sound_s, seen.seen_s, seen.stated_s):
            if time_s is not None:
                yield sha256_of[seen.recording_id], time_s


def _event_of(
    about: DecidedOn,
    times: Mapping[tuple[str, str], Sequence[tuple[float, str]]],
    actions: Mapping[str, str | None],
    *,
    action: str | None = None,
) -> str | None:
    near = [
        (
            action is not None and actions[event_id] != action,
            event_id != about.event_id,
            abs(time_s - about.recording_time_s),
            event_id,
        )
        for time_s, event_id in times.get((about.sha256, kind_of_detection(about.kind)), ())
        if abs(time_s - about.recording_time_s) <= SAME_S + _ROUNDING_S
    ]
    same = [each for each in near if not (each[0] and each[1])]
    return min(same)[3] if same else None


def _is_orphan(each: Attached) -> bool:
    if each.decision.verdict == "add":
        return False
    return each.event_id is None or (each.decision.same_as is not None and each.same_as_id is None)


def _conflicts(attached: Sequence[Attached]) -> tuple[Conflict, ...]:
    """What reviewers say last of each event, where they differ. Who moves, renames or merges one accepts it."""
    standing: dict[tuple[str, str], dict[str, str | float]] = {}
    for each in attached:
        decision = each.decision
        if each.event_id is None or decision.verdict in ("add", "comment"):
            continue
        said: dict[str, str | float | None] = {
            "time_s": decision.time_s,
            "end_s": decision.end_s,
            "label": decision.label,
            "action": decision.new_action,
            "subject": decision.subject,
        }
        if decision.verdict in _STANDING:
            said["verdict"] = decision.verdict
        elif decision.verdict in _MEANS_ACCEPTED:
            said["verdict"] = "accept"
        for about, value in said.items():
            if value is not None:
                standing.setdefault((each.event_id, about), {})[decision.reviewer] = value
    return tuple(
        Conflict(event_id=event_id, about=about, said=tuple(sorted(said.items())))
        for (event_id, about), said in sorted(standing.items())
        if len(set(said.values())) > 1
    )
