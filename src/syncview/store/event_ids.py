"""Lasting ids of events: an event is the same while it shares a detection with its earlier self."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.store.ids import KnownDetection, KnownEvent, next_number
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Event, Recording
    from syncview.store.ids import Ids

__all__ = ["SAME_S", "kind_of_detection", "settle_events", "time_basis_ids"]

SAME_S = 0.05  # two runs may time one detection so differently; part of the contract of ids.json
_ROUNDING_S = 1e-6
_ARRIVAL = "arrival_at:"
_KIND_OF_DETECTION = {"strike": "blast", "shot": "blast"}  # one sound; which of the two it was may be judged anew


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """An event shares detections with a known one."""

    event: int
    known: int
    shared: int
    apart_s: float
    unlike: int  # in how many of label, action and tracks they differ


def settle_events(events: Sequence[Event], recordings: Sequence[Recording], ids: Ids) -> tuple[tuple[Event, ...], Ids]:
    """Give events their lasting ids.

    An event keeps its id while it shares any detection (same content of the file, same kind, at most 50 ms apart) with
    the known event of that name. When two claim one id, the one that shares more has it; when both share as much, the
    one whose times agree better; when these agree as well, the one that is more like it in label, action and tracks. Of
    the ids of events that a person merges, the earliest lives on. What is new is
    numbered by group and time.

    Parameters
    ----------
    events : sequence of Event
        Without ids, in groups that have theirs.
    recordings : sequence of Recording
        All recordings that the events name.
    ids : Ids
        What earlier runs found.

    Returns
    -------
    events : tuple of Event
        The same in the same order, with ids.
    ids : Ids
        With the new events, and new detections of known ones.
    """
    sha256_of = {recording.id: recording.sha256 for recording in recordings}
    detections = [_detections(event, sha256_of) for event in events]
    names = _kept_names(events, detections, ids)
    number = next_number(ids.events)
    for index in sorted(range(len(events)), key=lambda index: _order(events[index], detections[index])):
        if index not in names:
            names[index] = f"e{number}"
            number += 1
    known = {event.id: event for event in ids.events}
    owners = _times([(index, found) for index, found in enumerate(detections)])
    for index, event in enumerate(events):
        name = names[index]
        before = known.get(name)
        lasting = () if before is None else _lasting(before.detections, index, owners)
        known[name] = _defined(name, event, before, lasting, detections[index], sha256_of)
    every = tuple(sorted(known.values(), key=lambda event: int(event.id[1:])))
    named = tuple(replace(event, id=names[index]) for index, event in enumerate(events))
    return named, ids.model_copy(update={"events": every})


def time_basis_ids(events: Sequence[Event], recordings: Sequence[Recording], ids: Ids) -> tuple[str | None, ...]:
    """Cameras whose arrivals have named the times of settled events since they were first found.

    A camera that is added later must not change what ``time_s`` means.

    Parameters
    ----------
    events : sequence of Event
        With ids.
    recordings : sequence of Recording
        All recordings that the events name.
    ids : Ids
        As `settle_events` returned it.

    Returns
    -------
    tuple of str or None
        For each event the recording, which has heard it in this run too; None where the explosion's own moment does.
    """
    sha256_of = {recording.id: recording.sha256 for recording in recordings}
    basis_of = {known.id: known.time_basis_sha256 for known in ids.events}
    cameras: list[str | None] = []
    for event in events:
        heard = [seen.recording_id for seen in event.observations if seen.sound_s is not None]
        named = event.time_basis.removeprefix(_ARRIVAL)
        same = [name for name in heard if sha256_of[name] == basis_of[event.id]]
        cameras.append(min(same, key=lambda name: (name != named, name), default=None))
    return tuple(cameras)


def kind_of_detection(kind: str) -> str:
    """Kind of the detections of an event of a kind.

    Examples
    --------
    >>> kind_of_detection("shot"), kind_of_detection("movement")
    ('blast', 'movement')
    """
    return _KIND_OF_DETECTION.get(kind, kind)


def _detections(event: Event, sha256_of: Mapping[str, str]) -> tuple[KnownDetection, ...]:
    kind = kind_of_detection(event.kind)
    found = {
        KnownDetection(sha256=sha256_of[seen.recording_id], recording_time_s=round_s(seen.sound_s), kind=kind)
        for seen in event.observations
        if seen.sound_s is not None
    }
    found |= {
        KnownDetection(sha256=sha256_of[seen.recording_id], recording_time_s=round_s(seen.seen_s), kind=event.kind)
        for seen in event.observations
        if seen.sound_s is None and seen.seen_s is not None
    }
    found |= {  # a kind of its own: what a person states must not take the id of what was heard at that moment
        KnownDetection(
            sha256=sha256_of[seen.recording_id], recording_time_s=round_s(seen.stated_s), kind=f"stated {event.kind}"
        )
        for seen in event.observations
        if seen.sound_s is None and seen.stated_s is not None
    }
    return tuple(sorted(found, key=_detection_order))


def _detection_order(detection: KnownDetection) -> tuple[str, float, str]:
    return detection.sha256, detection.recording_time_s, detection.kind


def _order(
    event: Event, detections: Sequence[KnownDetection]
) -> tuple[int, float, str, str, list[tuple[str, float, str]], str, tuple[str, ...]]:
    group = int(event.group_id.lstrip("g") or 0)
    found = [_detection_order(detection) for detection in detections]
    return group, event.time_s, event.kind, event.label, found, event.action or "", event.track_ids


def _unlike(event: Event, known: KnownEvent) -> int:
    """In how many things movements of one moment differ: a person who rejects or renames one leaves its tracks."""
    return sum((event.label != known.label, event.action != known.action, event.track_ids != known.track_ids))


def _kept_names(events: Sequence[Event], detections: Sequence[Sequence[KnownDetection]], ids: Ids) -> dict[int, str]:
    """Ids of the events that are known, by index: the strongest claims first."""
    names: dict[int, str] = {}
    taken: set[int] = set()
    ranked = sorted(
        _claims(events, detections, ids),
        key=lambda claim: (
            -claim.shared,
            claim.apart_s,
            claim.unlike,
            int(ids.events[claim.known].id[1:]),
            _order(events[claim.event], detections[claim.event]),
            claim.event,
        ),
    )
    for claim in ranked:
        if claim.event not in names and claim.known not in taken:
            names[claim.event] = ids.events[claim.known].id
            taken.add(claim.known)
    return names


def _times(
    numbered: Sequence[tuple[int, Sequence[KnownDetection]]],
) -> dict[tuple[str, str], list[tuple[float, int]]]:
    """Times and owner's number of detections, by file and kind."""
    times: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for number, found in numbered:
        for detection in found:
            times[detection.sha256, detection.kind].append((detection.recording_time_s, number))
    return times


def _near(
    detection: KnownDetection, times: Mapping[tuple[str, str], Sequence[tuple[float, int]]]
) -> list[tuple[float, int]]:
    """How far off, and whose, the same detections among others are."""
    found = times.get((detection.sha256, detection.kind), ())
    apart = [(abs(time_s - detection.recording_time_s), number) for time_s, number in found]
    return [(apart_s, number) for apart_s, number in apart if apart_s <= SAME_S + _ROUNDING_S]


def _claims(events: Sequence[Event], detections: Sequence[Sequence[KnownDetection]], ids: Ids) -> list[_Claim]:
    known_at = _times([(index, known.detections) for index, known in enumerate(ids.events)])
    claims = []
    for index, found in enumerate(detections):
        apart: dict[int, list[float]] = defaultdict(list)
        for detection in found:
            for apart_s, known_index in _near(detection, known_at):
                apart[known_index].append(apart_s)
        claims += [
            _Claim(
                event=index,
                known=known_index,
                shared=len(distances_s),
                apart_s=round_s(sum(distances_s)),
                unlike=_unlike(events[index], ids.events[known_index]),
            )
            for known_index, distances_s in apart.items()
        ]
        if not found:
            claims += _claims_of_unseen(index, events[index], ids)
    return claims


def _claims_of_unseen(index: int, event: Event, ids: Ids) -> list[_Claim]:
    """Claims of an event that no file shows, by its label and time."""
    return [
        _Claim(event=index, known=known_index, shared=0, apart_s=round_s(abs(known.time_s - event.time_s)), unlike=0)
        for known_index, known in enumerate(ids.events)
        if not known.detections
        and known.label == event.label
        and abs(known.time_s - event.time_s) <= SAME_S + _ROUNDING_S
    ]


def _lasting(
    before: Sequence[KnownDetection], index: int, owners: Mapping[tuple[str, str], Sequence[tuple[float, int]]]
) -> tuple[KnownDetection, ...]:
    """Detections of the known event, without those that now belong to another event only."""
    kept = []
    for detection in before:
        holders = {owner for _, owner in _near(detection, owners)}
        if index in holders or not holders:
            kept.append(detection)
    return tuple(kept)


def _defined(
    name: str,
    event: Event,
    before: KnownEvent | None,
    lasting: Sequence[KnownDetection],
    found: Sequence[KnownDetection],
    sha256_of: Mapping[str, str],
) -> KnownEvent:
    """Definition of an event: what lasts of its earlier one, and what is new.

    Detections that were there keep their first time, so that many small steps cannot carry an id away.
    """
    named = event.time_basis.removeprefix(_ARRIVAL) if event.time_basis.startswith(_ARRIVAL) else None
    basis = None if named is None else sha256_of[named]
    if before is None:
        return KnownEvent(
            id=name,
            detections=tuple(found),
            time_basis_sha256=basis,
            label=event.label,
            time_s=round_s(event.time_s),
            action=event.action,
            track_ids=event.track_ids,
        )
    there = _times([(0, lasting)])
    new = [detection for detection in found if not _near(detection, there)]
    still_heard = before.time_basis_sha256 in {detection.sha256 for detection in found}
    return before.model_copy(
        update={
            "detections": tuple(sorted((*lasting, *new), key=_detection_order)),
            "time_basis_sha256": before.time_basis_sha256 if still_heard or basis is None else basis,
        }
    )
