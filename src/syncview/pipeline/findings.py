"""What a person must know of the statements in case.toml: pins that are not met, anchors that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Group
    from syncview.pipeline.knowledge import Knowledge, StatedPin
    from syncview.reconstruct.utc import UtcZero

__all__ = ["pin_findings", "utc_findings"]

_LEAST_TO_REPORT_S = 0.001


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
        finding = _finding_of_pin(stated, group)
        if finding is not None:
            found.append(finding)
    return tuple(found)


def _finding_of_pin(stated: StatedPin, group: Group | None) -> Finding | None:
    off_s: float | None = None
    if group is not None:
        clocks = {c.recording_id: c for c in group.clocks}
        clock_s = clocks[stated.b_id].segments[0].offset_s - clocks[stated.a_id].segments[0].offset_s
        off_s = round_s(clock_s - stated.pin.lag_s)
        words = f"the clocks differ from it by {off_s:+.3f} s (stated to +- {stated.pin.uncertainty_s:g} s)"
    else:
        words = "its two files could not be put on one clock; another statement or the sound contradicts it"
    wrong = off_s is None or abs(off_s) > stated.pin.uncertainty_s + _LEAST_TO_REPORT_S
    if not wrong and not stated.check:
        return None
    return Finding(
        kind="wrong_pin" if wrong else "check_point",
        recording_ids=(stated.a_id, stated.b_id),
        group_id=None if group is None else group.id,
        time_s=None,
        value=off_s,
        unit=None if off_s is None else "s",
        message=f"{'check point' if stated.check else 'pin'}: {words}",
    )


def utc_findings(utc: Mapping[str, UtcZero], groups: Sequence[Group], knowledge: Knowledge) -> tuple[Finding, ...]:
    """Find groups whose anchors contradict each other.

    Parameters
    ----------
    utc : mapping of str to UtcZero
        By group id.
    groups : sequence of Group
        With their lasting ids.
    knowledge : Knowledge
        The anchors.

    Returns
    -------
    tuple of Finding
        Their `value` is by how much the anchors disagree beyond their own uncertainties, in seconds.
    """
    found = []
    for group in groups:
        zero = utc.get(group.id)
        if zero is None or zero.conflict_s == 0.0:
            continue
        members = {clock.recording_id for clock in group.clocks}
        found.append(
            Finding(
                kind="wrong_clock",
                recording_ids=tuple(sorted({name for name, _ in knowledge.anchors if name in members})),
                group_id=group.id,
                time_s=None,
                value=round_s(zero.conflict_s),
                unit="s",
                message=f"the stated UTC times contradict each other by {zero.conflict_s:.1f} s beyond their +-; "
                "the group's UTC covers them all",
            )
        )
    return tuple(found)
