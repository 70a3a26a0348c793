"""Ordinary sounds that three cameras or more heard: a voice, an engine, a siren, each at a place that nobody knows.

Lags of pairs that were measured apart must close: what b hears after a and c after b, c must hear after a. Each sound
so confirmed says where the clocks cannot be; sounds from different sides narrow them down, more of one side do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.common_sets import heard_in
from syncview.sync.common_windows import windows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from syncview.settings import CommonSoundSettings
    from syncview.sync.common_sets import Heard
    from syncview.sync.common_windows import Listener

__all__ = ["CommonSound", "HeardAt", "common_sounds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardAt:
    """When a stretch of a recording heard a sound: group time on the clock of its sound, 95 % half-width."""

    recording_id: str
    segment_index: int
    time_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSound:
    """A sound at an unknown place, and its arrivals in three recordings or more, by recording.

    `id` counts the sounds of a group in order of time.
    """

    id: str
    arrivals: tuple[HeardAt, ...]


def common_sounds(
    listeners: Sequence[Listener],
    *,
    reach_s: Callable[[Listener, Listener], float | None],
    strikes_s: Sequence[float] = (),
    settings: CommonSoundSettings,
) -> tuple[CommonSound, ...]:
    """Find the sounds that three recordings or more of a group heard.

    Parameters
    ----------
    listeners : sequence of Listener
        Stretches of the group's recordings, one witness each; those whose sound was carried or copied are left out.
    reach_s : callable
        How far the sounds of two listeners may lie from what their clocks say: sound's way between the cameras, and
        what the clocks may be off. None when two are not to be compared.
    strikes_s : sequence of float
        Group times of the arrivals of strikes, at any camera: their moments are left out.
    settings : CommonSoundSettings
        Lengths and thresholds.

    Returns
    -------
    tuple of CommonSound
        In order of time; sounds from a side that a clearer one came from are left out. The same for any order of the
        listeners.
    """
    ordered = sorted(listeners, key=lambda each: (each.recording_id, each.segment_index))
    if len({each.recording_id for each in ordered}) < 3:
        return ()
    found = [
        heard
        for window in windows(ordered, reach_s=reach_s, strikes_s=strikes_s, settings=settings)
        for heard in heard_in(window, settings=settings)
    ]
    kept = sorted(_different(found, settings), key=lambda heard: heard.middle_s)
    return tuple(_sound(f"s{n}", heard, ordered, settings) for n, heard in enumerate(kept, start=1))


def _different(found: Sequence[Heard], settings: CommonSoundSettings) -> list[Heard]:
    """The clearest first, without those that a kept one has said, or that share most of its window."""
    kept: list[Heard] = []
    apart_s = 0.5 * settings.block_s * settings.window_blocks
    for heard in sorted(found, key=lambda each: (-each.score, each.middle_s)):
        if len(kept) == settings.sounds_at_most:
            break
        if not any(
            abs(heard.middle_s - other.middle_s) < apart_s or _same_side(heard, other, settings) for other in kept
        ):
            kept.append(heard)
    return kept


def _same_side(heard: Heard, other: Heard, settings: CommonSoundSettings) -> bool:
    """Whether a sound's arrivals are those of another one, for all of its listeners."""
    if not heard.after_s.keys() <= other.after_s.keys():
        return False
    apart = np.array([after_s - other.after_s[name] for name, after_s in heard.after_s.items()])
    return bool(apart.max() - apart.min() <= settings.same_side_s)


def _sound(name: str, heard: Heard, listeners: Sequence[Listener], settings: CommonSoundSettings) -> CommonSound:
    arrivals = tuple(
        HeardAt(
            recording_id=listeners[k].recording_id,
            segment_index=listeners[k].segment_index,
            time_s=round(heard.middle_s + after_s, 6),
            uncertainty_s=settings.arrival_uncertainty_s,
        )
        for k, after_s in heard.after_s.items()
    )
    return CommonSound(id=name, arrivals=arrivals)
