"""What follows from clocks and events. What is not known is empty or null, never invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.timeline.counting import count_strikes
from syncview.timeline.coverage import coverage_of_group
from syncview.timeline.findings import AnalysisEntry
from syncview.timeline.intervals import ordered_strikes
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from syncview.timeline.parts import TimelineParts

__all__ = ["analyse"]


def analyse(parts: TimelineParts) -> AnalysisEntry:
    """Order and count the strikes, take the times between them, and say who filmed when.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    AnalysisEntry
        Distances, cluster, aircraft sound and leave-one-out stay empty: nothing here knows places yet.
    """
    groups = sorted(parts.groups, key=lambda group: natural_key(group.id))
    return AnalysisEntry(
        strikes=ordered_strikes(parts),
        strike_count=count_strikes(parts),
        distances=(),
        cluster=None,
        coverage=tuple(entry for group in groups for entry in coverage_of_group(group, parts.recordings)),
        aircraft_sound=(),
        leave_one_out=(),
    )
