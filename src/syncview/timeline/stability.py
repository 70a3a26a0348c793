"""What single recordings and assumptions change of what is stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Finding
from syncview.timeline.arrivals import CANDIDATE
from syncview.timeline.findings import FindingRangeEntry, LeaveOneOutEntry
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.timeline.findings import AnalysisEntry

__all__ = [
    "Stated",
    "assumption_finding",
    "changed",
    "findings_of",
    "leave_one_out",
    "ranges_of",
    "stated_of",
    "with_leave_one_out",
]

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Stated:
    """A number that the analysis states, and its 95 % interval; `highest` None: at least."""

    value: float
    lowest: float
    highest: float | None


def stated_of(analysis: AnalysisEntry) -> dict[str, Stated]:
    """Every number that the analysis states, by what it is in words.

    Parameters
    ----------
    analysis : AnalysisEntry
        Of one run.

    Returns
    -------
    dict of str to Stated
        Such as ``"interval e1-e2"`` (seconds), ``"distance e2 to team-A (team now)"`` (metres), ``"strike count"``,
        ``"cluster radius"``, ``"e5 arrives since e1"`` (seconds). Event ids last from run to run, so equal words
        mean the same thing.
    """
    count = float(analysis.strike_count.at_least)
    found = {"strike count": Stated(count, count, count)}
    for strike in analysis.strikes:
        for gap in strike.intervals:
            if gap.interval_s is not None and gap.uncertainty_s is not None:
                found[f"interval {gap.from_id}-{gap.to_id}"] = _around(gap.interval_s, gap.uncertainty_s)
    for span in analysis.distances:
        if span.distance_m is not None and span.interval_m is not None:
            found[f"distance {span.strike_id} to {span.to} ({span.kind})"] = Stated(span.distance_m, *span.interval_m)
    cluster = analysis.cluster
    if cluster is not None and cluster.radius_m is not None and cluster.interval_m is not None:
        found["cluster radius"] = Stated(cluster.radius_m, *cluster.interval_m)
    for each in (entry for entry in analysis.arrivals if entry.by != CANDIDATE):
        gaps = ("since", each.since_first), ("since", each.since_strike), ("until", each.until_strike)
        for word, apart in gaps:
            if apart is not None and apart.interval_s is not None and apart.uncertainty_s is not None:
                name = f"{each.event_id} {each.action} {word} {apart.strike_id}"
                found[name] = _around(apart.interval_s, apart.uncertainty_s)
    return found


def findings_of(analysis: AnalysisEntry) -> dict[str, float]:
    """Values of every number that the analysis states, by what it is in words; see `stated_of`."""
    return {name: stated.value for name, stated in stated_of(analysis).items()}


def leave_one_out(
    findings_with: Mapping[str, float], findings_without: Mapping[str, Mapping[str, float | None]]
) -> tuple[LeaveOneOutEntry, ...]:
    """Say what every finding becomes without each recording.

    Parameters
    ----------
    findings_with : mapping of str to float
        With all recordings, from `findings_of`.
    findings_without : mapping of str to mapping
        By recording left out, what `findings_of` gives then. The run must keep the ids of recordings (as one with
        ``use = false`` does) and take the same ids.json.

    Returns
    -------
    tuple of LeaveOneOutEntry
        By finding in their order, then by recording; null where nothing is left of it.

    Examples
    --------
    >>> [(e.without_id, e.value) for e in leave_one_out({"strike count": 4.0}, {"b": {}, "a": {"strike count": 3.0}})]
    [('a', 3.0), ('b', None)]
    """
    names = sorted(findings_without, key=natural_key)
    return tuple(
        LeaveOneOutEntry(finding=finding, without_id=name, value=findings_without[name].get(finding))
        for finding in findings_with
        for name in names
    )


def ranges_of(
    findings_with: Mapping[str, float], entries: tuple[LeaveOneOutEntry, ...]
) -> tuple[FindingRangeEntry, ...]:
    """Between which values every finding lies when any one recording is left out.

    Parameters
    ----------
    findings_with : mapping of str to float
        With all recordings.
    entries : tuple of LeaveOneOutEntry
        From `leave_one_out`.

    Returns
    -------
    tuple of FindingRangeEntry
        Of the findings that were tried, in their order.

    Examples
    --------
    >>> with_all = {"strike count": 4.0}
    >>> (found,) = ranges_of(with_all, leave_one_out(with_all, {"a": {"strike count": 3.0}, "b": {}}))
    >>> found.lowest, found.highest, found.lost_without
    (3.0, 4.0, ('b',))
    """
    values: dict[str, list[float]] = {}
    lost: dict[str, list[str]] = {}
    for entry in entries:
        values.setdefault(entry.finding, [findings_with[entry.finding]])
        if entry.value is None:
            lost.setdefault(entry.finding, []).append(entry.without_id)
        else:
            values[entry.finding].append(entry.value)
    return tuple(
        FindingRangeEntry(
            finding=finding,
            value=found[0],
            lowest=min(found),
            highest=max(found),
            lost_without=tuple(lost.get(finding, ())),
        )
        for finding, found in values.items()
    )


def with_leave_one_out(analysis: AnalysisEntry, without: Mapping[str, AnalysisEntry]) -> AnalysisEntry:
    """Write into an analysis what becomes of it without each recording.

    Parameters
    ----------
    analysis : AnalysisEntry
        With all recordings.
    without : mapping of str to AnalysisEntry
        By recording left out, the analysis of that run with the same ids.json.

    Returns
    -------
    AnalysisEntry
    """
    values = findings_of(analysis)
    entries = leave_one_out(values, {name: findings_of(each) for name, each in without.items()})
    return analysis.model_copy(update={"leave_one_out": entries, "finding_ranges": ranges_of(values, entries)})


def changed(stated: Mapping[str, Stated], alternative: Mapping[str, float]) -> tuple[str, ...]:
    """Findings that an alternative assumption changes beyond what is stated of them.

    Parameters
    ----------
    stated : mapping of str to Stated
        What is stated, from `stated_of`.
    alternative : mapping of str to float
        What `findings_of` gives under the other assumption.

    Returns
    -------
    tuple of str
        Those whose value leaves the stated interval, or of which nothing is left; and what only the alternative finds.

    Examples
    --------
    >>> changed({"strike count": Stated(3, 3, 3), "radius": Stated(40, 30, 55)}, {"strike count": 2, "radius": 52})
    ('strike count',)
    """
    lost = [name for name, each in stated.items() if name not in alternative or not _holds(each, alternative[name])]
    return (*lost, *(name for name in alternative if name not in stated))


def assumption_finding(
    assumption: str, alternative: str, changes: Sequence[str], recording_ids: Sequence[str] = ()
) -> Finding | None:
    """Say which stated numbers rest on an assumption; None where the alternative changes none of them.

    Parameters
    ----------
    assumption, alternative : str
        What was assumed, and what was tried instead, in words.
    changes : sequence of str
        From `changed`.
    recording_ids : sequence of str
        The recordings that the assumption is about, where it is about some.

    Returns
    -------
    Finding or None
        As a finding it makes a person look (exit code 3); an assumption that changes nothing does not.

    Examples
    --------
    >>> assumption_finding("20 °C", "5 °C", ["cluster radius"]).message
    'cluster radius would change beyond what is stated if not 20 °C but 5 °C holds'
    """
    if not changes:
        return None
    named = ", ".join(changes[:_MOST_NAMED])
    more = f" and {len(changes) - _MOST_NAMED} more" if len(changes) > _MOST_NAMED else ""
    return Finding(
        kind="assumption",
        recording_ids=tuple(recording_ids),
        group_id=None,
        time_s=None,
        value=float(len(changes)),
        unit="findings",
        message=f"{named}{more} would change beyond what is stated if not {assumption} but {alternative} holds",
    )


def _holds(stated: Stated, value: float) -> bool:
    return stated.lowest - 1e-9 <= value and (stated.highest is None or value <= stated.highest + 1e-9)


def _around(value: float, width: float) -> Stated:
    return Stated(value, value - width, value + width)
