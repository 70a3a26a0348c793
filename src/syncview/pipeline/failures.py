"""Comparisons of two recordings that did not end: which, why, and what is therefore not known."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from syncview.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.model import Group, Recording, Unplaced

__all__ = [
    "Failure",
    "failure_findings",
    "failures_in_words",
    "failures_of_groups",
    "failures_of_sounds",
    "reasons_of_failures",
]

Step = Literal["sound", "replays", "picture", "motion", "speed", "common"]

_WHAT = {
    "sound": "could not be compared",
    "replays": "could not be searched for passages that it shows again",
    "picture": "could not be compared by their pictures",
    "motion": "could not be compared by light and motion",
    "speed": "could not be tried at other speeds",
    "common": "and the recordings on its clock could not be searched for ordinary sounds that three of them heard",
}
_MEANING = {
    "replays": "a bang that it shows twice may stand as two",
    "picture": "whether one copies the other, only their sound tells",
    "motion": "there may be a proposal that is not listed",
    "speed": "one may run at another speed than the other",
    "common": "their clocks may be known better than is stated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One comparison of two recordings that failed, and why; everything else that was found stands."""

    a_id: str
    b_id: str
    step: Step
    why: str


def failures_of_sounds(failed: Mapping[tuple[str, str], str]) -> tuple[Failure, ...]:
    """The pairs whose sound could not be compared, and recordings that could not be searched for replays.

    Parameters
    ----------
    failed : mapping
        Why, by the two ids; by one id twice for replays.

    Returns
    -------
    tuple of Failure
        By the two ids.
    """
    return tuple(
        Failure(a_id=a, b_id=b, step="sound" if a != b else "replays", why=why)
        for (a, b), why in sorted(failed.items())
    )


def failures_of_groups(failed: Mapping[str, str], groups: Iterable[Group]) -> tuple[Failure, ...]:
    """The groups that could not be searched for common sounds, each told of its reference.

    Parameters
    ----------
    failed : mapping of str to str
        Why, by group id.
    groups : iterable of Group
        With their references.

    Returns
    -------
    tuple of Failure
        In the order of the groups.
    """
    return tuple(
        Failure(a_id=group.reference_id, b_id=group.reference_id, step="common", why=failed[group.id])
        for group in groups
        if group.id in failed
    )


def failure_findings(failures: Iterable[Failure]) -> tuple[Finding, ...]:
    """Say in the result what was not compared; pairs whose sound was not say so themselves.

    Parameters
    ----------
    failures : iterable of Failure
        Of all steps.

    Returns
    -------
    tuple of Finding
        Of kind "not_compared", in the order of the failures.
    """
    return tuple(
        Finding(
            kind="not_compared",
            recording_ids=tuple(dict.fromkeys((each.a_id, each.b_id))),
            group_id=None,
            time_s=None,
            value=None,
            unit=None,
            message=f"{_WHAT[each.step]} ({each.why}): {_MEANING[each.step]}",
        )
        for each in failures
        if each.step != "sound"
    )


def failures_in_words(failures: Iterable[Failure], recordings: Sequence[Recording]) -> list[str]:
    """Say which pairs could not be compared.

    Parameters
    ----------
    failures : iterable of Failure
        Of all steps.
    recordings : sequence of Recording
        Their names.

    Returns
    -------
    list of str
        A line for each.

    Examples
    --------
    >>> failures_in_words([Failure(a_id="r-1", b_id="r-2", step="speed", why="took too long")], [])
    ['r-1 and r-2 could not be tried at other speeds: took too long']
    """
    names = {recording.id: recording.name_display for recording in recordings}
    return [
        f"{' and '.join(names.get(name, name) for name in dict.fromkeys((each.a_id, each.b_id)))} "
        f"{_WHAT[each.step]}: {each.why}"
        for each in failures
    ]


def reasons_of_failures(unplaced: Sequence[Unplaced], failures: Iterable[Failure]) -> dict[str, list[str]]:
    """Say of recordings that stayed alone which of the ways to place them were not tried to the end.

    Parameters
    ----------
    unplaced : sequence of Unplaced
        The recordings.
    failures : iterable of Failure
        Of all steps; those of sounds are told with the pairs.

    Returns
    -------
    dict of str to list of str
        Reasons by recording id.
    """
    lost = Counter((name, each.step) for each in failures for name in (each.a_id, each.b_id))
    return {
        left.recording_id: [
            f"it {_WHAT[step]} with {lost[left.recording_id, step]} of the others (see findings)"
            for step in ("motion", "speed")
            if lost[left.recording_id, step]
        ]
        for left in unplaced
    }
