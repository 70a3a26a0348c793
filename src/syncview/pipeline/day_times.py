"""Times of day of a run: the UTC of its groups, what ties them, what is linked to them, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.pipeline.times import group_times, linked_of
from syncview.pipeline.utc_findings import utc_findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import Duplicate, Finding, Group, GroupTie, Linked, Recording
    from syncview.pipeline.knowledge import Knowledge
    from syncview.reconstruct.utc import UtcZero
    from syncview.settings import UtcSettings

__all__ = ["DayTimes", "day_times"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTimes:
    """UTC of groups by id, ties between groups, recordings linked to groups, and findings about clocks."""

    utc: Mapping[str, UtcZero]
    ties: tuple[GroupTie, ...]
    linked: tuple[Linked, ...]
    findings: tuple[Finding, ...]


def day_times(
    groups: Sequence[Group],
    recordings: Sequence[Recording],
    duplicates: Sequence[Duplicate],
    knowledge: Knowledge,
    *,
    time_zone: str | None,
    settings: UtcSettings,
) -> DayTimes:
    """Find the UTC of a run's groups; see `syncview.pipeline.times.group_times` for the parameters.

    Returns
    -------
    DayTimes
    """
    stated, times = group_times(groups, recordings, duplicates, knowledge, time_zone=time_zone, settings=settings)
    return DayTimes(
        utc=times.zeros,
        ties=times.ties,
        linked=linked_of(groups, duplicates, times, settings=settings),
        findings=utc_findings(times, stated, groups, knowledge),
    )
