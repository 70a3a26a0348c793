"""How many strikes there are at least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.reconstruct.replays import REPLAY_LABEL
from syncview.reconstruct.strikes import ECHO_LABEL
from syncview.reconstruct.witnesses import witness_of
from syncview.timeline.findings import StrikeCountEntry
from syncview.timeline.intervals import arrivals_of, in_order, surely_two
from syncview.timeline.parts import natural_key

if TYPE_CHECKING:
    from syncview.model import Event
    from syncview.timeline.parts import TimelineParts

__all__ = ["count_strikes"]


def count_strikes(parts: TimelineParts) -> StrikeCountEntry:
    """Count the strikes that cannot be one another, from the group with the most of them on.

    Parameters
    ----------
    parts : TimelineParts
        The run's results.

    Returns
    -------
    StrikeCountEntry
        Within a group, strikes that two witnesses heard or those that one recording heard, whichever are more: a file
        with a cut that nobody noticed hears strikes at wrong times, alone. Strikes of a group without UTC may be those
        of another group, so only the larger number counts.
    """
    by_group: dict[str, list[Event]] = {}
    for strike in in_order(parts):
        by_group.setdefault(strike.group_id, []).append(strike)
    sure = {name: _surely_different(parts, strikes) for name, strikes in by_group.items()}
    counted: list[Event] = []
    for group_id in sorted(sure, key=lambda name: (-len(sure[name]), natural_key(name))):
        others = tuple(counted)
        counted.extend(s for s in sure[group_id] if all(surely_two(parts, o, s) for o in others))
    labels = [candidate.label for candidate in parts.candidates]
    return StrikeCountEntry(
        at_least=len(counted),
        single_camera=sum(len(_witnesses(parts, strike)) == 1 for strike in counted),
        possible_echo=labels.count(ECHO_LABEL),
        replay=labels.count(REPLAY_LABEL),
    )


def _surely_different(parts: TimelineParts, strikes: list[Event]) -> list[Event]:
    """Of one group, the strikes that two witnesses heard, or those that one recording heard, whichever are more."""
    names = {name for strike in strikes for name in arrivals_of(strike)}
    choices = [[strike for strike in strikes if len(_witnesses(parts, strike)) > 1]]
    choices += [[s for s in strikes if name in arrivals_of(s)] for name in sorted(names, key=natural_key)]
    return max(choices, key=len)


def _witnesses(parts: TimelineParts, event: Event) -> set[str]:
    """Independent witnesses that heard an event: duplicates and files of one device count once."""
    heard = arrivals_of(event)
    copies = (duplicate.recording_ids for duplicate in parts.duplicates)
    witness = witness_of(heard, copies, devices=parts.devices)
    return {witness[name] for name in heard}
