"""Pictures that do not run with their sound: a flash that is seen where its bang cannot have come from.

Light arrives at once, sound later by what it travels. A bang that is heard before its flash is seen, or two cameras
whose delays from flash to bang differ by more than sound needs between them, show that a sound track was moved. Delays
that differ by nearly as much are possible, where the cameras stand as far apart as they can and in line with the
strike; a moved sound track is as likely.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from syncview.model import Event
    from syncview.settings import PictureSettings

__all__ = ["OutOfStep", "pictures_out_of_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfStep:
    """Two recordings of one strike, and how long after its flash each heard it.

    `withdrawn` are those of the two whose picture cannot be trusted: the one that heard before it saw, or both.
    `possible` says that cameras far apart would explain it as well.
    """

    recording_ids: tuple[str, str]
    delays_s: tuple[float, float]
    flashes_s: tuple[float, float]
    withdrawn: tuple[str, ...]
    possible: bool
    group_id: str


def pictures_out_of_step(
    strikes: Sequence[Event],
    flashes_s: Mapping[str, Sequence[float]],
    *,
    skews_s: Mapping[str, float],
    travel_s: Callable[[str, str], float],
    settings: PictureSettings,
) -> tuple[OutOfStep, ...]:
    """Find recordings whose flash and bang contradict those of another.

    Only where nothing can be mixed up: one flash in either picture, and no other strike around.

    Parameters
    ----------
    strikes : sequence of Event
        All strikes, on the clocks that sound gives.
    flashes_s : mapping of str to sequence of float
        Recording times of the flashes in pictures that run without a cut.
    skews_s : mapping of str to float
        How much later than its picture each recording's sound is known to lie.
    travel_s : callable
        The time that sound needs between two recordings' cameras at most, in seconds.
    settings : PictureSettings
        How far a flash may lie from its bang.

    Returns
    -------
    tuple of OutOfStep
        By group and recordings.
    """
    lone = {name: times_s[0] for name, times_s in flashes_s.items() if len(times_s) == 1}
    found = []
    for strike in strikes:
        if _others_near(strike, strikes, settings):
            continue
        delays_s = {
            seen.recording_id: seen.sound_s - skews_s[seen.recording_id] - lone[seen.recording_id]
            for seen in strike.observations
            if seen.recording_id in lone and seen.sound_s is not None
        }
        near = {name: d for name, d in delays_s.items() if abs(d) <= settings.flash_reach_s}
        for a, b in itertools.combinations(sorted(near), 2):
            wrong = _withdrawn(a, b, near, travel_s(a, b), settings)
            if wrong:
                found.append(
                    OutOfStep(
                        recording_ids=(a, b),
                        delays_s=(near[a], near[b]),
                        flashes_s=(lone[a], lone[b]),
                        withdrawn=wrong,
                        possible=_possible(near[a], near[b], travel_s(a, b), settings),
                        group_id=strike.group_id,
                    )
                )
    return tuple(sorted(found, key=lambda each: (each.group_id, each.recording_ids)))


def _others_near(strike: Event, strikes: Sequence[Event], settings: PictureSettings) -> bool:
    """Whether another strike may have made one of the flashes."""
    return any(
        other is not strike
        and other.group_id == strike.group_id
        and abs(other.time_s - strike.time_s) <= 2 * settings.flash_reach_s
        for other in strikes
    )


def _withdrawn(
    a: str, b: str, delays_s: Mapping[str, float], travel_s: float, settings: PictureSettings
) -> tuple[str, ...]:
    """Which of two pictures cannot be trusted."""
    early = tuple(name for name in (a, b) if delays_s[name] < -settings.flash_slack_s)
    if len(early) == 1:
        return early
    apart_s = abs(delays_s[a] - delays_s[b])
    return (a, b) if early or apart_s > settings.flash_travel_share * travel_s + settings.flash_slack_s else ()


def _possible(one_s: float, other_s: float, travel_s: float, settings: PictureSettings) -> bool:
    """Whether cameras somewhere could have such delays."""
    slack_s = settings.flash_slack_s
    return min(one_s, other_s) >= -slack_s and abs(one_s - other_s) <= travel_s + slack_s
