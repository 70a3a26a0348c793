"""What people and files say of the UTC of a run's groups, brought onto the groups' clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from syncview.model import Linked
from syncview.pipeline.findings import stated_moment_s
from syncview.reconstruct.utc import UtcAnchor, UtcBound, epoch_s
from syncview.reconstruct.utc_claims import Claim
from syncview.reconstruct.utc_groups import DEVICE_BASIS, METADATA_BASIS, GroupStatements, times_of_day
from syncview.reconstruct.witnesses import witness_of
from syncview.timebase import group_extent_s, group_spans_s, group_time_s, pace_of, round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.case import Anchor
    from syncview.model import Clock, ClockClaim, Duplicate, Group, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.utc_groups import TimesOfDay
    from syncview.settings import UtcSettings

__all__ = ["group_times", "linked_of", "statements_of"]

_Basis = Literal["device_clock", "metadata"]

_CUT_S = 0.5  # a clock that jumps by more is that of an edited file
_EDITED_PACE = 0.01
_COPIED = frozenset(("messenger copy", "re-upload", "edited", "screen recording"))
_NAMED_WHEN_SAVED = ("whatsapp", "signal-", "video_", "audio_", "photo_", "file_")  # names that messengers give


def group_times(
    groups: Sequence[Group],
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate],
    knowledge: Knowledge,
    *,
    time_zone: str | None,
    settings: UtcSettings,
) -> tuple[tuple[GroupStatements, ...], TimesOfDay]:
    """Find the UTC of all groups.

    Parameters
    ----------
    groups : sequence of Group
        With their lasting ids.
    recordings : sequence of Recording
        With what their files claim.
    duplicates : sequence of Duplicate
        Recordings that are one witness.
    knowledge : Knowledge
        Anchors and devices.
    time_zone : str or None
        Zone of the case, for local times.
    settings : UtcSettings
        What is likely of clocks.

    Returns
    -------
    statements : tuple of GroupStatements
        What is stated of each group.
    times : TimesOfDay
        What follows.
    """
    statements = statements_of(groups, recordings, duplicates, knowledge, time_zone=time_zone, settings=settings)
    return statements, times_of_day(statements, knowledge.devices, settings)


def statements_of(
    groups: Sequence[Group],
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate],
    knowledge: Knowledge,
    *,
    time_zone: str | None,
    settings: UtcSettings,
) -> tuple[GroupStatements, ...]:
    """Bring anchors and claims onto the groups' clocks; see `group_times` for the parameters.

    Returns
    -------
    tuple of GroupStatements
        One for each group. Times of the file system, and dates without a time, are no claims.
    """
    by_id = {recording.id: recording for recording in recordings}
    zone = None if time_zone is None else ZoneInfo(time_zone)
    found = []
    for group in groups:
        clocks = {clock.recording_id: clock for clock in group.clocks}
        witness = _witnesses(clocks, by_id, duplicates, knowledge.devices)
        claims = [
            claim
            for name, clock in clocks.items()
            if name in by_id
            for said in by_id[name].clock_claims
            if (claim := _claim(said, clock, by_id[name], witness[name], zone)) is not None
        ]
        anchors, bounds = [], []
        for name, anchor in knowledge.anchors:
            group_s = stated_moment_s(clocks[name], anchor.time_s, knowledge) if name in clocks else None
            if group_s is not None:
                anchors += _anchors(name, anchor, group_s, clocks[name], knowledge.devices, settings)
                bounds += _bounds(anchor, group_s, clocks[name])
        found.append(
            GroupStatements(group_id=group.id, anchors=tuple(anchors), bounds=tuple(bounds), claims=tuple(claims))
        )
    return tuple(found)


def linked_of(
    groups: Sequence[Group], duplicates: Sequence[Duplicate], times: TimesOfDay, *, settings: UtcSettings
) -> tuple[Linked, ...]:
    """Tie recordings that no evidence places to groups, as their own clocks have it.

    Parameters
    ----------
    groups : sequence of Group
        With their lasting ids; a recording that nothing places is a group of its own.
    duplicates : sequence of Duplicate
        Recordings that are one witness.
    times : TimesOfDay
        UTC of the groups, and the devices that have files in several.
    settings : UtcSettings
        Limits.

    Returns
    -------
    tuple of Linked
        Of each recording and group the surest. It places nothing, and nothing counts it as placed.
    """
    witness = witness_of([c.recording_id for g in groups for c in g.clocks], [d.recording_ids for d in duplicates])
    alone = [group for group in groups if len({witness[c.recording_id] for c in group.clocks}) == 1]
    placed = [group for group in groups if group not in alone]
    return tuple(
        Linked(
            group_id=group.id,
            recording_id=clock.recording_id,
            offset_s=round_s(difference.seconds + clock.segments[0].offset_s),
            uncertainty_s=round_s(difference.uncertainty_s + clock.uncertainty_s),
            basis=difference.basis,
        )
        for group in placed
        for lone in alone
        if (difference := _difference(group.id, lone.id, times)) is not None
        and abs(difference.seconds) <= settings.link_within_s
        for clock in lone.clocks
    )


@dataclass(frozen=True, slots=True)
class _Difference:
    """UTC of one group's zero minus another's."""

    seconds: float
    uncertainty_s: float
    basis: _Basis


def _difference(a: str, b: str, times: TimesOfDay) -> _Difference | None:
    """By the device with files in both, else by UTC that rests on the second's own files."""
    ties = [
        _Difference(sign * tie.difference_s, tie.uncertainty_s, "device_clock")
        for tie in times.ties
        for ends, sign in (((tie.a_group, tie.b_group), 1.0), ((tie.b_group, tie.a_group), -1.0))
        if ends == (a, b)
    ]
    if ties:
        return min(ties, key=lambda tie: tie.uncertainty_s)
    one, other = times.zeros.get(a), times.zeros.get(b)
    if one is None or other is None or other.basis not in (METADATA_BASIS, DEVICE_BASIS):
        return None
    basis: _Basis = "metadata" if other.basis == METADATA_BASIS else "device_clock"
    return _Difference((other.utc - one.utc).total_seconds(), one.uncertainty_s + other.uncertainty_s, basis)


def _anchors(
    name: str, anchor: Anchor, group_s: float, clock: Clock, devices: Mapping[str, str], settings: UtcSettings
) -> list[UtcAnchor]:
    """A moment's UTC, for the group's zero: the farther from it, the more the reference's own clock may have gone."""
    if anchor.utc is None or anchor.uncertainty_s is None:
        return []
    gone_s = settings.reference_drift_ppm * 1e-6 * abs(group_s)
    return [
        UtcAnchor(
            group_s=group_s,
            utc=anchor.utc,
            uncertainty_s=anchor.uncertainty_s + clock.uncertainty_s + gone_s,
            basis=anchor.basis or "a person",
            source=devices.get(name, name),
        )
    ]


def _bounds(anchor: Anchor, group_s: float, clock: Clock) -> list[UtcBound]:
    ends = ((anchor.not_before, False), (anchor.not_after, True))
    return [
        UtcBound(
            group_s=group_s,
            utc=utc,
            is_upper=is_upper,
            uncertainty_s=clock.uncertainty_s,
            basis=anchor.basis or "a person",
        )
        for utc, is_upper in ends
        if utc is not None
    ]


def _witnesses(
    clocks: Mapping[str, Clock],
    by_id: Mapping[str, Recording],
    duplicates: Sequence[Duplicate],
    devices: Mapping[str, str],
) -> dict[str, str]:
    """Who shares a clock for certain, or may: of files of unknown device, as few cameras as their overlaps allow.

    One camera cannot make two files at once; files of one model, or without any, that follow each other may be its own.
    """
    same = [list(each.recording_ids) for each in duplicates]
    cameras: dict[str | None, list[list[str]]] = {}
    for name in sorted(clocks, key=lambda name: (group_extent_s(clocks[name]), name)):
        if name in devices:
            continue
        of_model = cameras.setdefault(by_id[name].device if name in by_id else None, [])
        free = next((own for own in of_model if not any(_overlap(clocks[name], clocks[o]) for o in own)), None)
        if free is None:
            of_model.append([name])
        else:
            free.append(name)
    same += [own for of_model in cameras.values() for own in of_model if len(own) > 1]
    return witness_of(clocks, same, devices=devices)


def _overlap(a: Clock, b: Clock) -> bool:
    spans = [(one, other) for one in group_spans_s(a) for other in group_spans_s(b)]
    return any(max(one[0], other[0]) < min(one[1], other[1]) for one, other in spans)


def _claim(said: ClockClaim, clock: Clock, recording: Recording, witness: str, zone: ZoneInfo | None) -> Claim | None:
    """A trace of time on the group's clock; None where it gives no time of day, or changes with every copy."""
    read = _read(said, zone)
    if read is None or said.source == "modified":
        return None
    claimed_s, zone_s = read
    first = clock.segments[0]
    edited = _is_edited(clock)
    kind = recording.generation.value
    copied = kind in _COPIED or edited
    by_messenger = said.source == "file_name" and said.text.lower().startswith(_NAMED_WHEN_SAVED)
    # What a name says of the start is kept when a file is passed on or edited; a recorded screen has its own start.
    kept = said.source == "file_name" and said.of == "start" and kind != "screen recording"
    return Claim(
        recording_id=recording.id,
        witness=witness,
        source=said.source,
        claimed_s=claimed_s,
        zone_s=zone_s,
        local=said.utc is None,
        of=said.of,
        saved=by_messenger or (copied and not kept),
        original=kind == "camera original",
        start_s=group_time_s(first, 0.0) if not edited else group_extent_s(clock)[0],
        end_s=group_extent_s(clock)[1],
        uncertainty_s=clock.uncertainty_s,
    )


def _is_edited(clock: Clock) -> bool:
    """Whether pieces are missing or run at another speed, so that its time may be that of editing."""
    offsets_s = [segment.offset_s for segment in clock.segments]
    return max(offsets_s) - min(offsets_s) > _CUT_S or any(
        abs(pace_of(segment) - 1.0) > _EDITED_PACE for segment in clock.segments
    )


def _read(said: ClockClaim, zone: ZoneInfo | None) -> tuple[float, float | None] | None:
    """Seconds since 1970 as they read, and how far the case's zone is ahead of UTC then."""
    text = said.utc or said.local
    if text is None or "T" not in text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or UTC)
    ahead = None if zone is None else moment.astimezone(zone).utcoffset()
    return epoch_s(moment), None if ahead is None else ahead.total_seconds()
