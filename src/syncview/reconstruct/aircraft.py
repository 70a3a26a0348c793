"""Aircraft sound on the groups' clocks: what several cameras heard, what people state, and where nobody could tell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import AircraftStretch, Event, Observation
from syncview.reconstruct.witnesses import witness_of
from syncview.timebase import group_spans_s, group_time_s, hears_as_usual, round_s, segments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.model import Clock, Duplicate, Group, Recording
    from syncview.reconstruct.geometry import Geometry
    from syncview.settings import AircraftSettings

__all__ = ["AircraftSounds", "PlacedStretch", "join_aircraft"]

_STATED = "stated by a person"
_LABEL = "possible aircraft sound"
_STEP_S = 1.0  # stretches begin and end on whole seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedStretch:
    """A stretch on its group's clock; `start_s` and `end_s` are group time, those of `said` recording time."""

    group_id: str
    start_s: float
    end_s: float
    said: AircraftStretch


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftSounds:
    """Suggestions and confirmations in `events`, what does not reach that in `candidates`, and the track of all."""

    events: tuple[Event, ...] = ()
    candidates: tuple[Event, ...] = ()
    track: tuple[PlacedStretch, ...] = ()


def join_aircraft(
    heard: Mapping[str, Sequence[AircraftStretch]],
    stated: Sequence[AircraftStretch],
    groups: Sequence[Group],
    *,
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate] = (),
    devices: Mapping[str, str] | None = None,
    geometry: Geometry,
    settings: AircraftSettings,
    calibration: str = "",
) -> AircraftSounds:
    """Bring what each recording holds onto the clocks, and ask for a second camera where one recorded.

    Parameters
    ----------
    heard : mapping of str to sequence of AircraftStretch
        What `syncview.detect.aircraft.aircraft_sound` found, by recording id; a recording that is absent has no sound.
    stated : sequence of AircraftStretch
        What people state.
    groups : sequence of Group
        Clocks of the sounds.
    recordings : sequence of Recording
        All recordings of the groups.
    duplicates : sequence of Duplicate
        Copies of one recording are one witness, and so are the files of one device.
    devices : mapping of str to str, optional
        Device by recording id.
    geometry : Geometry
        How long sound may travel between two cameras.
    settings : AircraftSettings
        The score of a suggestion, and how much two cameras must have in common.
    calibration : str
        What the scores rest on.

    Returns
    -------
    AircraftSounds
        A suggestion that only one of several cameras has is a candidate, with that reason; so is one that a person
        denies. What a person confirms is an event whatever the cameras say.
    """
    owner = witness_of([r.id for r in recordings], [same.recording_ids for same in duplicates], devices=devices)
    events: list[Event] = []
    candidates: list[Event] = []
    track: list[PlacedStretch] = []
    for group in groups:
        placed = _placed(group, heard, stated)
        calls = [each for each in placed if each.said.state in ("possible", "confirmed")]
        denials = [each for each in placed if each.said.state == "heard none"]
        taken = []
        for together in _together(calls, group, geometry, settings):
            event, sure = _event(together, denials, placed, group, owner, settings, calibration)
            (events if sure else candidates).append(event)
            taken += together if sure else []
        track += [
            each for each in placed if each.said.state != "possible" or (each in taken and not _said(each, placed))
        ]
    return AircraftSounds(
        events=tuple(sorted(events, key=_order)),
        candidates=tuple(sorted(candidates, key=_order)),
        track=tuple(sorted(track, key=lambda p: (p.group_id, p.start_s, p.said.recording_id, p.said.state, p.end_s))),
    )


def _order(event: Event) -> tuple[str, float, str]:
    return event.group_id, event.time_s, event.time_basis


def _placed(
    group: Group, heard: Mapping[str, Sequence[AircraftStretch]], stated: Sequence[AircraftStretch]
) -> list[PlacedStretch]:
    found: list[PlacedStretch] = []
    for clock in group.clocks:
        name = clock.recording_id
        own = [each for each in stated if each.recording_id == name]
        for each in (*heard.get(name, ()), *own):
            said = _with_masked_share(each, heard.get(name, ())) if each.state == "heard none" else each
            found += _on_clock(said, clock, group.id)
        if name not in heard:
            found += [
                PlacedStretch(group_id=group.id, start_s=round_s(a), end_s=round_s(b), said=_silent(name, a, b))
                for a, b in group_spans_s(clock)
            ]
    return found


def _with_masked_share(said: AircraftStretch, heard: Sequence[AircraftStretch]) -> AircraftStretch:
    """Say beside who heard none how much of the time nobody could have."""
    lost_s = sum(max(0.0, _common_s(said, each)) for each in heard if each.state in ("masked", "no audio"))
    share = lost_s / (said.end_s - said.start_s)
    words = (f"{100 * share:.0f} % of this time is masked or without audio",) if share > 0 else ()
    return replace(said, reasons=(*said.reasons, *words))


def _silent(name: str, start_s: float, end_s: float) -> AircraftStretch:
    reason = "it has no sound, or none that could be decoded"
    return AircraftStretch(recording_id=name, start_s=start_s, end_s=end_s, state="no audio", reasons=(reason,))


def _on_clock(each: AircraftStretch, clock: Clock, group_id: str) -> list[PlacedStretch]:
    """A stretch where the clock of the sound is known; what runs at another speed sounds like something else."""
    found = []
    for segment in segments_of(clock.segments, of="audio"):
        start_s, end_s = max(each.start_s, segment.start_s), min(each.end_s, segment.end_s)
        if end_s <= start_s:
            continue
        said = replace(each, recording_id=clock.recording_id, start_s=round_s(start_s), end_s=round_s(end_s))
        if each.state == "possible" and not hears_as_usual(segment):
            said = replace(said, state="masked", score=None, measures=(), reasons=("the file runs at another speed",))
        a, b = group_time_s(segment, start_s), group_time_s(segment, end_s)
        found.append(PlacedStretch(group_id=group_id, start_s=round_s(a), end_s=round_s(b), said=said))
    return found


def _common_s(a: AircraftStretch | PlacedStretch, b: AircraftStretch | PlacedStretch) -> float:
    return min(a.end_s, b.end_s) - max(a.start_s, b.start_s)


def _slack_s(a: PlacedStretch, b: PlacedStretch, clocks: Mapping[str, Clock], geometry: Geometry) -> float:
    """How far two cameras may hear one sound apart: its travel, and what the clocks leave open."""
    x, y = a.said.recording_id, b.said.recording_id
    return 0.0 if x == y else geometry.travel_s(x, y) + clocks[x].sound_uncertainty_s + clocks[y].sound_uncertainty_s


def _together(
    calls: Sequence[PlacedStretch], group: Group, geometry: Geometry, settings: AircraftSettings
) -> list[list[PlacedStretch]]:
    """Stretches that may be one sound, put together along the chain of their overlaps."""
    clocks = {clock.recording_id: clock for clock in group.clocks}
    parts: list[list[PlacedStretch]] = []
    for call in sorted(calls, key=lambda each: (each.start_s, each.said.recording_id)):
        near = [
            part
            for part in parts
            if any(
                _common_s(call, other) + _slack_s(call, other, clocks, geometry) >= settings.overlap_s for other in part
            )
        ]
        parts = [part for part in parts if part not in near] + [[*(each for part in near for each in part), call]]
    return [sorted(part, key=lambda each: (each.start_s, each.said.recording_id)) for part in parts]


def _event(
    together: Sequence[PlacedStretch],
    denials: Sequence[PlacedStretch],
    placed: Sequence[PlacedStretch],
    group: Group,
    owner: Mapping[str, str],
    settings: AircraftSettings,
    calibration: str,
) -> tuple[Event, bool]:
    """The event that some stretches make, and whether it is more than a candidate."""
    by = sorted({each.said.by for each in together if each.said.state == "confirmed" and each.said.by})
    score = 1.0 if by else max(each.said.score or 0.0 for each in together)
    against = [] if by else _against(together, denials, placed, group, owner, score, settings)
    first = min(together, key=lambda each: (each.said.by is not None, each.start_s))  # the time that is listed
    clocks = {clock.recording_id: clock for clock in group.clocks}
    label = f"aircraft sound, confirmed by {' and '.join(by)}" if by else _LABEL
    event = Event(
        id="",
        kind="aircraft",
        group_id=group.id,
        time_s=first.start_s,
        time_basis=f"arrival_at:{first.said.recording_id}",
        uncertainty_s=round_s(_STEP_S + clocks[first.said.recording_id].uncertainty_s),
        end_s=max(each.end_s for each in together),
        confidence=score,
        calibration=_STATED if by else calibration,
        label=label,
        min_separable_s=None,
        observations=tuple(_observations(together, against)),
    )
    return event, not against


def _said(each: PlacedStretch, placed: Iterable[PlacedStretch]) -> bool:
    """Whether a person confirmed a suggestion, at least in part: then the track shows what the person says."""
    return any(
        other.said.state == "confirmed"
        and other.said.recording_id == each.said.recording_id
        and _common_s(each, other) > 0
        for other in placed
    )


def _observations(together: Iterable[PlacedStretch], against: Sequence[str]) -> list[Observation]:
    """One for each recording: its strongest stretch, where there is one, so that a person's word moves no time."""
    own: dict[str, list[AircraftStretch]] = defaultdict(list)
    for each in together:
        own[each.said.recording_id].append(each.said)
    found = []
    for name in sorted(own):
        best = max(own[name], key=lambda said: (said.by is None, said.score or 0.0, -said.start_s))
        by = sorted({said.by for said in own[name] if said.by})
        found.append(
            Observation(
                recording_id=name,
                sound_s=best.start_s,
                sound_uncertainty_s=_STEP_S,
                score=1.0 if by else best.score or 0.0,
                measures=best.measures,
                reasons=(*(f"confirmed by {who}" for who in by), *best.reasons, *against),
            )
        )
    return found


def _against(
    together: Sequence[PlacedStretch],
    denials: Sequence[PlacedStretch],
    placed: Sequence[PlacedStretch],
    group: Group,
    owner: Mapping[str, str],
    score: float,
    settings: AircraftSettings,
) -> list[str]:
    """Why it stays a candidate; empty when it does not."""
    reasons = []
    if score < settings.least_score:
        reasons.append("too little speaks for an aircraft")
    names = {each.said.recording_id for each in together}
    deny = sorted({d.said.by or "" for d in denials if d.said.recording_id in names and _any_common(d, together)})
    if deny:
        reasons.append(f"{' and '.join(deny)} heard none there")
    recorded, masked = _who_recorded(together, placed, group, owner)
    ours = {owner[name] for name in names}
    if len(ours) < 2 <= len(recorded | ours):
        others, lost = len(recorded - ours), len(masked - ours)
        words = "other camera recorded then and shows" if others == 1 else "other cameras recorded then and show"
        reasons.append(f"{others} {words} nothing like it" + (f" (masked: {lost})" if lost else ""))
    return reasons


def _any_common(one: PlacedStretch, others: Iterable[PlacedStretch]) -> bool:
    return any(_common_s(one, other) > 0 for other in others)


def _who_recorded(
    together: Sequence[PlacedStretch], placed: Sequence[PlacedStretch], group: Group, owner: Mapping[str, str]
) -> tuple[set[str], set[str]]:
    """Witnesses that recorded sound for most of that time, and those that could not tell for most of it."""
    start_s, end_s = min(each.start_s for each in together), max(each.end_s for each in together)
    half_s = 0.5 * (end_s - start_s)

    def within_s(spans: Iterable[tuple[float, float]]) -> float:
        return sum(max(0.0, min(b, end_s) - max(a, start_s)) for a, b in spans)

    recorded, lost = set(), set()
    for clock in group.clocks:
        own = [each for each in placed if each.said.recording_id == clock.recording_id]
        silent, masked = (
            [(each.start_s, each.end_s) for each in own if each.said.state == state] for state in ("no audio", "masked")
        )
        if within_s(group_spans_s(clock, of="audio")) - within_s(silent) >= half_s:
            recorded.add(owner[clock.recording_id])
        if within_s(masked) >= half_s:
            lost.add(owner[clock.recording_id])
    return recorded, lost & recorded
