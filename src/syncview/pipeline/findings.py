"""What a person must know: pins that are not met, and moments that are on no clock. For UTC see `utc_findings`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.timebase import group_time_of, round_s
from syncview.timeline.words import STATED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from syncview.case import Table
    from syncview.model import Clock, Detection, Group, Recording
    from syncview.pipeline.knowledge import Knowledge, StatedPin
    from syncview.reconstruct.borne_out import Unsupported
    from syncview.reconstruct.open_ties import Untied
    from syncview.sync.groups import Placed

__all__ = [
    "by_whom",
    "off_clock_findings",
    "pin_findings",
    "stated_moment_s",
    "unsupported_findings",
    "untied_findings",
    "untied_reason",
]

_LEAST_TO_REPORT_S = 0.001
_MOST_NAMED = 5


def pin_findings(groups: Sequence[Group], knowledge: Knowledge) -> tuple[Finding, ...]:
    """Find the pins that the clocks do not meet, and what check points say of the clocks.

    Parameters
    ----------
    groups : sequence of Group
        With their lasting ids.
    knowledge : Knowledge
        Pins and check points.

    Returns
    -------
    tuple of Finding
        Their `value` is the clocks' difference minus the pinned one, in seconds.
    """
    found = []
    for stated in knowledge.pins:
        group = next(
            (g for g in groups if {stated.a_id, stated.b_id} <= {c.recording_id for c in g.clocks}),
            None,
        )
        finding = _finding_of_pin(stated, group, knowledge)
        if finding is not None:
            found.append(finding)
    return tuple(found)


def _finding_of_pin(stated: StatedPin, group: Group | None, knowledge: Knowledge) -> Finding | None:
    """What one pin comes to: the clocks are compared at the two moments themselves, each in its own segment."""
    what = "check point" if stated.check else "pin"
    if group is None:
        return _pin_finding(
            stated,
            "wrong_pin",
            f"{what}: its two files could not be put on one clock; another statement or the sound contradicts it",
        )
    clocks = {clock.recording_id: clock for clock in group.clocks}
    a_s = stated_moment_s(clocks[stated.a_id], stated.a_s, knowledge)
    b_s = stated_moment_s(clocks[stated.b_id], stated.b_s, knowledge)
    if a_s is None or b_s is None:
        return _pin_finding(
            stated, "off_clock", f"{what}: one of its moments is on no clock, so it cannot be checked", group
        )
    off_s = round_s(b_s - a_s)
    words = f"{what}: the clocks differ from it by {off_s:+.3f} s (stated to +- {stated.pin.uncertainty_s:g} s)"
    if abs(off_s) > stated.pin.uncertainty_s + _LEAST_TO_REPORT_S:
        return _pin_finding(stated, "wrong_pin", words, group, off_s)
    return _pin_finding(stated, "check_point", words, group, off_s) if stated.check else None


def _pin_finding(
    stated: StatedPin, kind: str, message: str, group: Group | None = None, off_s: float | None = None
) -> Finding:
    return Finding(
        kind=kind,
        recording_ids=(stated.a_id, stated.b_id),
        group_id=None if group is None else group.id,
        time_s=None,
        value=off_s,
        unit=None if off_s is None else "s",
        message=message,
    )


def stated_moment_s(clock: Clock, recording_s: float, knowledge: Knowledge) -> float | None:
    """Group time of a moment that a person stated: seen where the recording has a picture, else heard.

    Parameters
    ----------
    clock : Clock
        The recording's clock.
    recording_s : float
        Recording time in seconds.
    knowledge : Knowledge
        Which recordings have a picture.

    Returns
    -------
    float or None
        Seconds; None where that clock is not known.
    """
    return group_time_of(clock, recording_s, of="video" if clock.recording_id in knowledge.pictured else "audio")


def by_whom(table: Table) -> str:
    """Who states what a table says, as in "stated by Rami"."""
    return f"{STATED}{table.author or 'a person who left no name'}"


def off_clock_findings(detections: Iterable[Detection], clocks: Sequence[Group]) -> tuple[Finding, ...]:
    """Find the sounds that may be strikes but lie where the clock of their recording is not known.

    Parameters
    ----------
    detections : iterable of Detection
        Of all recordings.
    clocks : sequence of Group
        Clocks of the sounds.

    Returns
    -------
    tuple of Finding
        One for each such recording: `time_s` is the recording time of the first of them, `value` their number.
    """
    clock_of = {clock.recording_id: clock for group in clocks for clock in group.clocks}
    lost: dict[str, list[float]] = {}
    for found in detections:
        clock = clock_of.get(found.recording_id)
        if clock is not None and group_time_of(clock, found.time_s, of="audio") is None:
            lost.setdefault(found.recording_id, []).append(found.time_s)
    return tuple(_off_clock(name, sorted(times_s)) for name, times_s in sorted(lost.items()))


def _off_clock(name: str, times_s: Sequence[float]) -> Finding:
    at = ", ".join(f"{time_s:.2f}" for time_s in times_s[:_MOST_NAMED])
    at += f" (and {len(times_s) - _MOST_NAMED} more)" if len(times_s) > _MOST_NAMED else ""
    what = "a sound that may be an explosion lies" if len(times_s) == 1 else "sounds that may be explosions lie"
    return Finding(
        kind="off_clock",
        recording_ids=(name,),
        group_id=None,
        time_s=round_s(times_s[0]),
        value=float(len(times_s)),
        unit="sounds",
        message=f"{what} at {at} s of the file, on no clock: listen there; not counted",
    )


_WHY = {
    "silent": "its sound does not agree with {} as it does in the rest: other sounds, or a cut",
    "denied": "its sound agrees with {} at another lag than the rest: a cut, or other sounds",
    "open_tie": "only {} would tell its time: before it met that, it may have been cut",
    "either_cut": "its sound jumps against {}, and no third recording tells which of them was cut",
}


def unsupported_findings(unsupported: Sequence[Unsupported], recordings: Sequence[Recording]) -> tuple[Finding, ...]:
    """Say which stretches of files are on no clock because nothing bears it out there.

    Parameters
    ----------
    unsupported : sequence of Unsupported
        The stretches.
    recordings : sequence of Recording
        Their names.

    Returns
    -------
    tuple of Finding
        By recording and time; `value` is how long the stretch is.
    """
    names = {recording.id: recording.name_display for recording in recordings}
    return tuple(
        Finding(
            kind="off_clock",
            recording_ids=(lost.recording_id,),
            group_id=None,
            time_s=round_s(lost.start_s),
            value=round_s(lost.end_s - lost.start_s),
            unit="s",
            message=f"from {lost.start_s:.1f} to {lost.end_s:.1f} s of the file "
            + _WHY[lost.why].format(", ".join(names.get(name, name) for name in lost.others))
            + "; so this part is on no clock",
        )
        for lost in sorted(unsupported, key=lambda lost: (lost.recording_id, lost.start_s))
    )


def untied_reason(untied: Untied) -> str:
    """Say why pieces are not on the clock of the group that one recording would tie them to.

    Parameters
    ----------
    untied : Untied
        The pieces.

    Returns
    -------
    str
        With ids instead of names.
    """
    from_s, to_s = untied.between_s
    denied = f", as the sound of {' and '.join(untied.denied_by)} says" if untied.denied_by else ""
    return f"only {untied.by_id} ties it, and it may be cut between {from_s:.1f} and {to_s:.1f} s{denied}"


def untied_findings(
    untied: Sequence[Untied], groups: Sequence[Placed], recordings: Sequence[Recording]
) -> tuple[Finding, ...]:
    """Say which recordings have a clock of their own because a single one ties them, which may be cut.

    Parameters
    ----------
    untied : sequence of Untied
        What was taken from its group.
    groups : sequence of Placed
        The groups that held them.
    recordings : sequence of Recording
        Their names.

    Returns
    -------
    tuple of Finding
        `value` is how long the recording that ties them meets nothing.
    """
    names = {recording.id: recording.name_display for recording in recordings}
    owner = {name: piece.recording_id for group in groups for name, piece in group.pieces.items()}
    found = []
    for each in untied:
        ids = tuple(sorted({owner[name] for name in each.names}))
        reason = untied_reason(replace(each, by_id=owner[each.by_id]))
        for name, display in names.items():
            reason = reason.replace(name, display)
        found.append(
            Finding(
                kind="off_clock",
                recording_ids=(owner[each.by_id], *ids),
                group_id=None,
                time_s=round_s(each.between_s[0]),
                value=round_s(each.between_s[1] - each.between_s[0]),
                unit="s",
                message=f"{', '.join(names.get(name, name) for name in ids)}: {reason}; so a clock apart",
            )
        )
    return tuple(found)
