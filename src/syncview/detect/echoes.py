"""Which onsets may be echoes of a stronger one, and how soon after an onset another could still be told from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from syncview.detect.novelty import max_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.detect.novelty import Levels
    from syncview.settings import DetectSettings

__all__ = ["Echo", "possible_echoes", "separable_after_s"]

_LOUD_S = 0.1  # where an onset has its peak


class Echo(NamedTuple):
    """The stronger onset of which another may be an echo, by its index, and how much weaker the other is."""

    of: int
    weaker_db: float


def possible_echoes(
    levels: Levels, onset_frames: Sequence[int], *, settings: DetectSettings
) -> tuple[Echo | None, ...]:
    """Mark each onset that a stronger earlier one explains as its echo.

    One camera cannot tell an echo from a second, weaker blast, so this is a mark and never a removal. Likeness of the
    envelopes does not help: noise and gain control reshape an echo more than they part it from other sounds.

    Parameters
    ----------
    levels : Levels
        Band levels.
    onset_frames : sequence of int
        Frames of the onsets, in order of time.
    settings : DetectSettings
        How late an echo can be, and how strong it can seem.

    Returns
    -------
    tuple of Echo or None
        One per onset.
    """
    reach = round(settings.echo_reach_s / levels.hop_s)
    loud = [_peak_db(levels, frame) for frame in onset_frames]
    marks: list[Echo | None] = []
    for index, frame in enumerate(onset_frames):
        least_db = loud[index] - settings.echo_margin_db
        earlier = [k for k in range(index) if frame - onset_frames[k] <= reach and loud[k] > least_db]
        of = max(earlier, key=lambda k: (loud[k], -k), default=None)
        marks.append(None if of is None else Echo(of, loud[of] - loud[index]))
    return tuple(marks)


def separable_after_s(levels: Levels, onset_frame: int, *, settings: DetectSettings) -> float | None:
    """How long after an onset a second one would be seen as a second one, though it be somewhat weaker.

    The second must rise out of the tail as `syncview.detect.novelty.find_triggers` asks. None when the recording ends
    before the tail has fallen so far.

    Parameters
    ----------
    levels : Levels
        Band levels.
    onset_frame : int
        The onset.
    settings : DetectSettings
        Windows and threshold of the curve with the short memory, and how much weaker the second may be.

    Returns
    -------
    float or None
    """
    hop_s = levels.hop_s
    tail = levels.db[onset_frame : onset_frame + round(settings.wake_s / hop_s)]
    peak = tail[: max(1, round(_LOUD_S / hop_s))].max(axis=0)
    window, gap = round(settings.fresh_window_s / hop_s), round(settings.novelty_gap_s / hop_s)
    least_db = settings.fresh_trigger_db + settings.separable_weaker_db
    first = round(settings.dead_time_s / hop_s)
    if len(tail) <= first:
        return None
    before = max_behind(tail, window)[first - gap - 1 : len(tail) - gap - 1]
    fallen = np.sort(peak - before, axis=1)[:, 1:].mean(axis=1) >= least_db
    return (first + int(np.argmax(fallen))) * hop_s if fallen.any() else None


def _peak_db(levels: Levels, frame: int) -> float:
    """Level of the loudest low frame of an onset."""
    return float(levels.db[frame : frame + round(_LOUD_S / levels.hop_s), :2].max())
