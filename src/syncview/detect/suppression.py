"""Where a device took sound away: noise gates, voice gating and codecs that stop sending between words.

What gives a gate away is how sound ends. In a room and in the open air a sound dies into the background over tens of
milliseconds, slower the nearer it comes to it; a gate, once its hangover is over, takes the background itself away
within a few milliseconds, by the same step every time, and brings it back with the next sound. So: a level that the
sound hardly ever rests at but falls through again and again, at a rate that no surroundings have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import maximum_filter1d, minimum_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.detect.novelty import Levels
    from syncview.settings import DetectSettings

__all__ = ["suppressed_spans"]

_BANDS = slice(1, 4)  # wind lives below, and filters ring there
_CLOSED_S, _OPEN_S = 0.1, 0.04  # a gate stays shut and open at least this long
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)  # of the levels that are fallen through, those that are tried
_SILENT_DB = -90.0


def suppressed_spans(levels: Levels, *, settings: DetectSettings) -> list[tuple[int, int]]:
    """Find the frames in which a gate was shut.

    Parameters
    ----------
    levels : Levels
        Band levels of a whole sound.
    settings : DetectSettings
        How fast, how deep and how often the level must fall.

    Returns
    -------
    list of tuple of int
        First and last frame of each stretch; empty when the sound ends as sounds end.

    Notes
    -----
    A suppressor that lets the background fade over 0.1 s and more looks like a room and is not found.
    """
    db = _together_db(levels)
    heard = db > _SILENT_DB
    if np.count_nonzero(heard) * levels.hop_s < settings.suppressed_least_sound_s:
        return []
    best: tuple[int, list[tuple[int, int]]] = (0, [])
    for middle_db in _levels_fallen_through(db, levels.hop_s, settings):
        shut, falls, fast = _shut_spans(db, middle_db, levels.hop_s, settings)
        systematic = fast >= settings.suppressed_falls and fast >= settings.suppressed_fast_share * falls
        if systematic and fast > best[0]:
            best = fast, shut
    return best[1]


def _levels_fallen_through(db: NDArray[np.float32], hop_s: float, settings: DetectSettings) -> list[float]:
    """Middles of the fast falls: from a while of being open to a while of being shut."""
    before, gap, after = (round(span_s / hop_s) for span_s in (_OPEN_S, settings.suppressed_fall_s, _CLOSED_S))
    if len(db) < before + gap + after:
        return []
    count = len(db) - before - gap - after + 1
    lowest = minimum_filter1d(db, before, origin=-(before // 2))[:count]
    highest = maximum_filter1d(db, after, origin=-(after // 2))[before + gap :][:count]
    fast = lowest - highest >= settings.suppressed_depth_db
    if not fast.any():
        return []
    middles = np.quantile(0.5 * (lowest[fast] + highest[fast]), _QUANTILES)
    return [float(middle_db) for middle_db in np.unique(middles)]


def _together_db(levels: Levels) -> NDArray[np.float32]:
    """Level of the upper bands together; digital silence is far below everything."""
    power = np.sum(10.0 ** (levels.db[:, _BANDS] / 10.0), axis=1)
    return np.where(levels.heard, 10.0 * np.log10(power), 2 * _SILENT_DB).astype(np.float32)


def _shut_spans(
    db: NDArray[np.float32], middle_db: float, hop_s: float, settings: DetectSettings
) -> tuple[list[tuple[int, int]], int, int]:
    """Stretches shut, how often the level was fallen through from open to shut, and how often fast."""
    half_db = 0.5 * settings.suppressed_depth_db
    closed = _runs(db < middle_db - half_db, round(_CLOSED_S / hop_s))
    opened = _runs(db > middle_db + half_db, round(_OPEN_S / hop_s))
    shut: list[tuple[int, int]] = []
    for begin, end in closed.tolist():
        if shut and begin - shut[-1][1] < _OPEN_S / hop_s:  # too short to have been open
            shut[-1] = (shut[-1][0], end)
        else:
            shut.append((begin, end))
    if not len(closed) or not len(opened):
        return shut, 0, 0
    last_open = np.searchsorted(opened[:, 1], closed[:, 0], "right") - 1
    since_shut = np.concatenate(([0], closed[:-1, 1]))
    known = last_open >= 0
    ends = opened[np.maximum(last_open, 0), 1]
    falls = known & (ends >= since_shut)
    dwell_s = (closed[:, 0] - ends)[falls] * hop_s
    return shut, int(falls.sum()), int(np.count_nonzero(dwell_s <= settings.suppressed_fall_s))


def _runs(mark: NDArray[np.bool_], frames: int) -> NDArray[np.intp]:
    """First frame and end of each stretch of at least so many frames, shape (n, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mark.astype(np.int8), [0])))).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] - edges[:, 0] >= frames], dtype=np.intp)
