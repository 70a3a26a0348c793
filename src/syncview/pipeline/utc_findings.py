"""What a person must know of times of day: wrong clocks, statements that contradict each other or the files."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.pipeline.findings import stated_moment_s
from syncview.reconstruct.utc import allowed_zeros_s, epoch_s, from_epoch
from syncview.timebase import pace_of, round_s, segment_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Clock, Group
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.utc_consensus import Consensus
    from syncview.reconstruct.utc_groups import GroupStatements, TimesOfDay
    from syncview.reconstruct.utc_traps import Verdict
    from syncview.timebase import Stream

__all__ = ["utc_findings"]

_HOUR_S = 3600.0
_HALF_HOUR_S = 1800.0
_MOST_NAMED = 4
_SAME_S = 3.0  # claims of one file that are off by so nearly the same are one finding
_SOURCES = {"creation_time": "creation time", "file_name": "name", "exif": "EXIF time", "gps": "GPS time"}


def utc_findings(
    times: TimesOfDay,
    statements: Sequence[GroupStatements],
    groups: Sequence[Group],
    knowledge: Knowledge,
) -> tuple[Finding, ...]:
    """Say what is wrong with times of day, and which statements could not be used.

    Parameters
    ----------
    times : TimesOfDay
        UTC of the groups and how everything compares with it.
    statements : sequence of GroupStatements
        What was stated of each group.
    groups : sequence of Group
        With their lasting ids.
    knowledge : Knowledge
        The anchors.

    Returns
    -------
    tuple of Finding
        Of kind "wrong_clock", with `value` the seconds by which a file's claim is later than its recording, or by which
        statements disagree; or, in `unit` "times", a speed that its anchors give a file against its clock;
        "unknown_utc" where files claim times, or people bounds, that do not tell the group's; "off_clock" for anchors
        that were not used.
    """
    found = _anchors_off_clock(groups, knowledge)
    found += _anchor_conflicts(times, groups, knowledge)
    found += _wrong_claims(times)
    found += _doubted_statements(times, groups, knowledge)
    found += _bounded(times, statements, groups, knowledge)
    found += _undecided(times, statements, groups)
    found += _broken_ties(times, groups, knowledge)
    found += _anchored_speeds(groups, knowledge)
    return tuple(found)


def _anchors_off_clock(groups: Sequence[Group], knowledge: Knowledge) -> list[Finding]:
    clocks = {clock.recording_id: clock for group in groups for clock in group.clocks}
    return [
        Finding(
            kind="off_clock",
            recording_ids=(name,),
            group_id=None,
            time_s=round_s(anchor.time_s),
            value=None,
            unit=None,
            message=f"anchor: the moment at {anchor.time_s:g} s of the file is on no clock, so it was not used",
        )
        for name, anchor in knowledge.anchors
        if name in clocks and stated_moment_s(clocks[name], anchor.time_s, knowledge) is None
    ]


def _wrong(recording_ids: Sequence[str], group_id: str | None, value_s: float, message: str) -> Finding:
    return Finding(
        kind="wrong_clock",
        recording_ids=tuple(sorted(recording_ids)),
        group_id=group_id,
        time_s=None,
        value=round_s(value_s),
        unit="s",
        message=message,
    )


def _anchor_conflicts(times: TimesOfDay, groups: Sequence[Group], knowledge: Knowledge) -> list[Finding]:
    found = []
    for group in groups:
        zero = times.zeros.get(group.id)
        if zero is not None and zero.conflict_s > 0.0:
            message = (
                f"the stated UTC times contradict each other by {zero.conflict_s:.1f} s beyond their +-; "
                "the group's UTC covers all that have a +-"
            )
            found.append(_wrong(_anchored(group, knowledge), group.id, zero.conflict_s, message))
    return found


def _anchored(group: Group, knowledge: Knowledge) -> list[str]:
    members = {clock.recording_id for clock in group.clocks}
    return sorted({name for name, _ in knowledge.anchors if name in members})


def _wrong_claims(times: TimesOfDay) -> list[Finding]:
    """One finding for each file and trap; claims of one file that are off alike are named together."""
    found = []
    for group_id, verdicts in times.verdicts.items():
        alike: list[list[Verdict]] = []
        for verdict in verdicts:
            if verdict.trap in ("none", "unclear"):
                continue
            same = next((each for each in alike if _alike(each[0], verdict)), None)
            if same is None:
                alike.append([verdict])
            else:
                same.append(verdict)
        for same in alike:
            sources = " and ".join(dict.fromkeys(_SOURCES.get(v.claim.source, v.claim.source) for v in same))
            off_s = statistics.median(verdict.off_s for verdict in same)
            message = f"its {sources} {_off_words(off_s, same[0])}: {_why(same[0])}"
            found.append(_wrong([same[0].claim.recording_id], group_id, off_s, message))
    return found


def _alike(one: Verdict, other: Verdict) -> bool:
    same_file = one.claim.recording_id == other.claim.recording_id
    return same_file and one.trap == other.trap and abs(one.off_s - other.off_s) <= _SAME_S


def _off_words(off_s: float, verdict: Verdict) -> str:
    when = "later" if off_s > 0 else "earlier"
    return f"is {_span_text(abs(off_s))} {when} than the recording began (+- {verdict.uncertainty_s:.1f} s)"


def _span_text(seconds: float) -> str:
    """A time span for people.

    Examples
    --------
    >>> _span_text(41.23), _span_text(10801.2), _span_text(187_000.0)
    ('41.2 s', '3 h 0 min 1 s', '2 d 3 h 56 min')
    """
    if seconds < 2 * 60.0:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h {minutes} min"
    return (f"{hours} h " if hours else "") + f"{minutes} min {rest_s} s"


def _why(verdict: Verdict) -> str:
    """The trap in words."""
    claim, hours = verdict.claim, _hours_text(abs(verdict.shift_s))
    if verdict.trap == "saved":
        return "the time of saving or passing on, not of recording"
    if verdict.trap == "end":
        return "the time of the recording's end, for that is by its own length"
    if verdict.trap == "clock":
        return "the clock of its camera is off, or the time is another one's"
    words = {
        "local": f"UTC where local time is expected, {hours} off" if claim.local else "local time written as UTC",
        "hour": f"exactly {hours}: summer time, or another zone",
        "zone": f"exactly {hours}: another zone" + ("" if claim.local else ", such as local time written as UTC"),
    }[verdict.trap]
    return words + (", and of the recording's end" if verdict.ends else "")


def _hours_text(seconds: float) -> str:
    return f"{seconds / _HOUR_S:g} h"


def _doubted_statements(times: TimesOfDay, groups: Sequence[Group], knowledge: Knowledge) -> list[Finding]:
    """People's UTC that several devices deny together."""
    by_id = {group.id: group for group in groups}
    found = []
    for doubt in times.disagreements:
        when = "later" if doubt.off_s > 0 else "earlier"
        message = (
            f"the stated UTC is {_span_text(abs(doubt.off_s))} {when} than what the files of {len(doubt.witnesses)} "
            f"devices agree on (+- {doubt.uncertainty_s:.1f} s); it is used, but one of them is wrong"
        )
        if _is_zone(doubt.off_s, doubt.uncertainty_s):
            message += ": by whole hours or half hours, so look at the zone"
        found.append(_wrong(_anchored(by_id[doubt.group_id], knowledge), doubt.group_id, doubt.off_s, message))
    return found


def _is_zone(off_s: float, width_s: float) -> bool:
    return abs(off_s) > _HALF_HOUR_S - width_s and abs(off_s - _HALF_HOUR_S * round(off_s / _HALF_HOUR_S)) <= width_s


def _bounded(
    times: TimesOfDay, statements: Sequence[GroupStatements], groups: Sequence[Group], knowledge: Knowledge
) -> list[Finding]:
    """Groups whose UTC is not known, though people state what it is not before or not after."""
    by_id = {group.id: group for group in groups}
    found = []
    for stated in statements:
        if stated.group_id in times.zeros or not stated.bounds:
            continue
        names = _anchored(by_id[stated.group_id], knowledge)
        least_s, most_s = allowed_zeros_s(stated.bounds)
        known = _bounds_text(least_s, most_s)
        denied_s = times.denied.get(stated.group_id)
        if least_s > most_s:
            message = f"the stated bounds contradict each other, so they give no UTC: {known}"
            found.append(_wrong(names, stated.group_id, least_s - most_s, message))
        elif denied_s is not None:
            message = (
                f"the times that its files claim lie up to {_span_text(denied_s)} beyond what is stated, so no UTC is "
                f"given: {known}; the files' clocks or the statement are wrong"
            )
            claimants = {claim.recording_id for claim in stated.claims}
            found.append(_wrong(sorted(claimants), stated.group_id, denied_s, message))
        else:
            found.append(_known_of(stated.group_id, names, known, times))
    return found


def _bounds_text(least_s: float, most_s: float) -> str:
    ends = (("before", least_s, math.floor), ("after", most_s, math.ceil))
    words = [f"not {word} {from_epoch(cut(s)):%Y-%m-%d %H:%M:%S} UTC" for word, s, cut in ends if math.isfinite(s)]
    return f"group time 0 is {' and '.join(words)}"


def _known_of(group_id: str, names: Sequence[str], known: str, times: TimesOfDay) -> Finding:
    """What bounds say, where no UTC follows."""
    message = f"what is stated does not tell the group's UTC; known is that {known}"
    tied = any(
        group_id in ends and any(end in times.zeros for end in ends)
        for ends in ((tie.a_group, tie.b_group) for tie in times.ties)
    )
    if tied:
        message += "; the clock of a device with files in another group contradicts that"
    return Finding(
        kind="wrong_clock" if tied else "unknown_utc",
        recording_ids=tuple(names),
        group_id=group_id,
        time_s=None,
        value=None,
        unit=None,
        message=message,
    )


def _undecided(times: TimesOfDay, statements: Sequence[GroupStatements], groups: Sequence[Group]) -> list[Finding]:
    """Groups of several files that claim times, and whose UTC is not known for all that."""
    sizes = {group.id: len(group.clocks) for group in groups}
    found = []
    for stated in statements:
        agreed = times.agreed[stated.group_id]
        if stated.group_id in times.zeros or not stated.claims or sizes.get(stated.group_id, 0) < 2:
            continue
        if stated.group_id in times.denied:
            continue
        claimants = sorted({claim.recording_id for claim in stated.claims})
        gap_s = _gap_s(agreed)
        latest_s = min((claim.claimed_s - claim.end_s for claim in stated.claims if claim.saved), default=None)
        message = (
            f"the times that its files claim do not tell the group's UTC: {_undecided_words(agreed, gap_s, latest_s)}"
        )
        message += "; an anchor would"
        several = len({claim.witness for claim in stated.claims}) > 1 and gap_s is not None
        found.append(
            Finding(
                kind="wrong_clock" if several else "unknown_utc",
                recording_ids=tuple(claimants),
                group_id=stated.group_id,
                time_s=None,
                value=None if gap_s is None else round_s(gap_s),
                unit=None if gap_s is None else "s",
                message=message,
            )
        )
    return found


def _gap_s(agreed: Consensus) -> float | None:
    """The widest gap between moments that are all possible."""
    gaps = [0.5 * (b[0] + b[1]) - 0.5 * (a[0] + a[1]) for a, b in pairwise(agreed.regions_s)]
    return max(gaps, default=None)


def _undecided_words(agreed: Consensus, gap_s: float | None, latest_s: float | None) -> str:
    if not agreed.regions_s:
        words = "they are those of copying or editing"
        return (
            words
            if latest_s is None
            else f"{words}; if they are right, its zero was not after {from_epoch(latest_s):%Y-%m-%d %H:%M:%S}"
        )
    if gap_s is not None:
        zeros = [f"{from_epoch(0.5 * (a + b)):%Y-%m-%d %H:%M:%S}" for a, b in agreed.regions_s]
        words = f"its zero may be {', '.join(zeros[:-1])} or {zeros[-1]} UTC"
        if len(zeros) > _MOST_NAMED:
            words = f"its zero may be any of {len(zeros)} moments from {zeros[0]} to {zeros[-1]} UTC"
        widths = [0.5 * (b - a) for a, b in agreed.regions_s]
        if _is_zone(gap_s, 2.0 * max(widths)):
            apart = _hours_text(_HALF_HOUR_S * round(gap_s / _HALF_HOUR_S))
            return f"{words}, as where a clock shows local time or is off by {apart}"
        return f"{words}; its clocks disagree"
    if agreed.open_ended:
        return "they may be those of copying"
    return "its clocks disagree"


def _broken_ties(times: TimesOfDay, groups: Sequence[Group], knowledge: Knowledge) -> list[Finding]:
    """Two groups' stated UTC that the clock of one device denies."""
    by_id = {group.id: group for group in groups}
    found = []
    for tie, off_s in times.broken_ties:
        both = [*_anchored(by_id[tie.a_group], knowledge), *_anchored(by_id[tie.b_group], knowledge)]
        message = (
            f"the stated UTC of {tie.a_group} and of {tie.b_group} lie {_span_text(abs(off_s))} "
            f"{'farther apart' if off_s * tie.difference_s > 0 else 'nearer together'} than the clock of {tie.device} "
            f"says (+- {tie.uncertainty_s:.1f} s); one of the statements is wrong, or that clock was set in between"
        )
        found.append(_wrong(both, None, off_s, message))
    return found


def _anchored_speeds(groups: Sequence[Group], knowledge: Knowledge) -> list[Finding]:
    """Files whose anchors give them another speed than their clock has."""
    clocks = {clock.recording_id: (group.id, clock) for group in groups for clock in group.clocks}
    found = []
    for name, (group_id, clock) in clocks.items():
        told = _speed(clock, name, knowledge)
        if told is not None:
            pace, width, clocked = told
            message = (
                f"its anchors say that it runs at {1.0 / pace:.4f} times the true speed (+- "
                f"{width:.4f}), its clock {1.0 / clocked:.4f}; the file was slowed or sped up, or an anchor is wrong"
            )
            found.append(
                Finding(
                    kind="wrong_clock",
                    recording_ids=(name,),
                    group_id=group_id,
                    time_s=None,
                    value=round(1.0 / pace, 6),
                    unit="times",
                    message=message,
                )
            )
    return found


def _speed(clock: Clock, name: str, knowledge: Knowledge) -> tuple[float, float, float] | None:
    """True seconds a recording second by its first and last anchor, the half-width, and by its clock; None if alike."""
    own = sorted(
        (anchor.time_s, epoch_s(anchor.utc), anchor.uncertainty_s)
        for other, anchor in knowledge.anchors
        if other == name and anchor.utc is not None and anchor.uncertainty_s is not None
    )
    if len(own) < 2 or own[-1][0] <= own[0][0]:
        return None
    stream: Stream = "video" if name in knowledge.pictured else "audio"
    (first_s, first_utc_s, first_pm_s), (last_s, last_utc_s, last_pm_s) = own[0], own[-1]
    one, other = (segment_at(clock.segments, at_s, of=stream) for at_s in (first_s, last_s))
    if one is None or one != other:  # a cut lies between
        return None
    pace = (last_utc_s - first_utc_s) / (last_s - first_s)
    width = (first_pm_s + last_pm_s) / (last_s - first_s)
    if pace <= 0.0 or abs(pace - pace_of(one)) <= width + 1e-4:
        return None
    return pace, width, pace_of(one)
