"""What follows from clocks and events. What is not known is empty or null, never invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.timeline.arrivals import arrivals_between_strikes
from syncview.timeline.cluster import cluster_of_strikes
from syncview.timeline.counting import count_strikes
from syncview.timeline.coverage import coverage_of_group
from syncview.timeline.distances import distances_of_strikes
from syncview.timeline.findings import AircraftSoundEntry, AnalysisEntry
from syncview.timeline.intervals import ordered_strikes
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from syncview.timeline.parts import TimelineParts

__all__ = ["analyse"]


def analyse(parts: TimelineParts) -> AnalysisEntry:
    """Order and count the strikes, take times and distances between them and others, and say who filmed when.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    AnalysisEntry
        Leave-one-out stays empty: it needs further runs, see `syncview.timeline.stability`.
    """
    groups = sorted(parts.groups, key=lambda group: natural_key(group.id))
    coverage = tuple(
        entry
        for group in groups
        for entry in coverage_of_group(group, parts.recordings, parts.aircraft, parts.followed)
    )
    return AnalysisEntry(
        strikes=ordered_strikes(parts),
        strike_count=count_strikes(parts),
        distances=distances_of_strikes(parts),
        cluster=cluster_of_strikes(parts),
        coverage=coverage,
        aircraft_sound=_aircraft(parts),
        leave_one_out=(),
        arrivals=arrivals_between_strikes(parts, coverage=coverage),
    )


def _aircraft(parts: TimelineParts) -> tuple[AircraftSoundEntry, ...]:
    ordered = sorted(
        parts.aircraft,
        key=lambda p: (natural_key(p.group_id), p.start_s, natural_key(p.said.recording_id), p.said.state),
    )
    return tuple(
        AircraftSoundEntry(
            start_s=each.start_s,
            end_s=each.end_s,
            state=each.said.state,
            group_id=each.group_id,
            recording_id=each.said.recording_id,
            by=each.said.by,
            score=each.said.score,
            reasons=each.said.reasons,
        )
        for each in ordered
    )
