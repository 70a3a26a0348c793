"""Series of onsets: a burst at a steady rate, the crackle of stars after a firework, the beat of music.

All are read from band levels, so that gain and microphone do not matter; the counts are at least so many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from syncview.signal.routines import irfft, maximum_filter1d, minimum_filter1d, rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.detect.novelty import Levels

__all__ = ["Series", "beat_share", "crackles_count", "regular_series"]

_SHOT_RISE_DB = 4.0  # over the quietest 40 ms before: the reverberation of a street between two shots falls so far
_SHOT_APART_S = 0.045  # 1300 a minute, faster than automatic rifles
_SLOWEST_S = 0.2  # 300 a minute; single shots are not counted as a burst
_REACH_S = 2.0
_TIMING = 0.1  # share of the period that frames, echoes and the mechanism leave open
_ALIKE_DB = 9.0  # the gain falls by so much within a burst
_CRACK_RISE_DB = 6.0
_BEAT_S = (0.3, 1.0)  # 60 to 200 beats a minute
_BEAT_REACH_S = 4.0


class Series(NamedTuple):
    """Bangs at a steady rate, at least so many, and the time from one to the next."""

    bangs: int
    every_s: float


def regular_series(levels: Levels, frame: int) -> Series | None:
    """Follow bangs of like loudness and colour at a steady rate, before and after an onset.

    Parameters
    ----------
    levels : Levels
        Band levels.
    frame : int
        Frame of the onset.

    Returns
    -------
    Series or None
        The longest series that holds this onset; None when fewer than three bangs follow each other steadily.
    """
    hop_s = levels.hop_s
    reach = round(_REACH_S / hop_s)
    begin = max(0, frame - reach)
    db = levels.db[begin : frame + reach, 1:]
    peaks = _peaks(db.mean(axis=1), _SHOT_RISE_DB, round(_SHOT_APART_S / hop_s))
    near = [k for k, at in enumerate(peaks) if -3 <= at + begin - frame <= round(0.06 / hop_s)]
    if not near:
        return None
    first = near[0]
    best: Series | None = None
    for period in {abs(int(at) - int(peaks[first])) for at in peaks} - {0}:
        if not _SHOT_APART_S <= period * hop_s <= _SLOWEST_S:
            continue
        chain = [
            *reversed(_follow(peaks, db, first, -period)),
            int(peaks[first]),
            *_follow(peaks, db, first, period),
        ]
        if len(chain) >= 3 and (best is None or len(chain) > best.bangs):
            best = Series(len(chain), (chain[-1] - chain[0]) / (len(chain) - 1) * hop_s)
    return best


def _follow(peaks: NDArray[np.intp], db: NDArray[np.float32], first: int, period: int) -> list[int]:
    """Peaks that follow the first at a steady distance, as loud and of the same colour."""
    slack = max(2, round(_TIMING * abs(period)))
    own = db[peaks[first]]
    at = int(peaks[first])
    found: list[int] = []
    while True:
        late = np.abs(peaks - (at + period))
        near = int(np.argmin(late))
        if late[near] > slack or float(np.abs(db[peaks[near]] - own).mean()) > _ALIKE_DB:
            return found
        at = int(peaks[near])
        found.append(at)


def crackles_count(levels: Levels, frame: int) -> int:
    """Count sharp rises above 500 Hz from 0.1 to 2.5 s after an onset.

    Parameters
    ----------
    levels : Levels
        Band levels.
    frame : int
        Frame of the onset.

    Returns
    -------
    int
    """
    after = levels.db[frame + round(0.1 / levels.hop_s) : frame + round(2.5 / levels.hop_s), 2:]
    return len(_peaks(after.max(axis=1), _CRACK_RISE_DB, 3)) if len(after) else 0


def beat_share(levels: Levels, frame: int) -> float | None:
    """How regular the rises below 500 Hz are in the 4 s before and after an onset: 0 not at all, 1 a machine.

    The largest autocorrelation of the rises at distances of 0.3 to 1 s, over that at none.

    Parameters
    ----------
    levels : Levels
        Band levels.
    frame : int
        Frame of the onset.

    Returns
    -------
    float or None
        None when less than 3 s were heard.
    """
    hop_s = levels.hop_s
    reach = round(_BEAT_REACH_S / hop_s)
    db = levels.db[max(0, frame - reach) : frame + reach, :2].max(axis=1)
    if len(db) * hop_s < 3.0:
        return None
    step = round(0.02 / hop_s)
    rises = np.maximum(db[step:] - db[:-step], 0.0)
    rises = np.convolve(rises - rises.mean(), np.ones(step) / step, mode="same").astype(np.float32)
    size = 2 * len(rises)
    alike = irfft(np.square(np.abs(rfft(rises, size))), size)
    low, high = (round(x / hop_s) for x in _BEAT_S)
    return float(alike[low:high].max() / max(float(alike[0]), 1e-6))


def _peaks(level_db: NDArray[np.float32], rise_db: float, apart: int) -> NDArray[np.intp]:
    """Frames that rise so far over the quietest 40 ms before, and that no neighbour exceeds."""
    if len(level_db) < 3:
        return np.zeros(0, np.intp)
    before = minimum_filter1d(level_db, 8, origin=3, mode="nearest")
    largest = maximum_filter1d(level_db, 2 * (apart // 2) + 1, mode="nearest")
    return np.flatnonzero((level_db >= largest) & (level_db - before >= rise_db))
