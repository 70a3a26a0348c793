"""Novelty curve and trigger: where a sound rises above all that went before it.

The level of each band is set against the largest level of the time before, not against its mean: that is what
survives speech, gusts and gain control. A second curve with a short memory looks inside the tail of a loud sound, so
that a second blast is not hidden by the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.signal.routines import maximum_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import DetectSettings
    from syncview.signal.bands import BandFrames

__all__ = ["BANDS_HZ", "Levels", "Trigger", "band_levels", "find_triggers", "max_behind", "novelty_db"]

# What a phone keeps of a distant blast; of a near one and of most impacts; of shots and voices; of cracks and glass.
BANDS_HZ = ((25.0, 120.0), (120.0, 500.0), (500.0, 2000.0), (2000.0, 7000.0))
_LOW_BANDS = 2  # the first two carry blasts, whatever the distance
_FLOOR_BELOW_MEDIAN_DB = 25.0  # noise gates and codecs leave gaps deeper than any room is quiet
_FLOOR_DB = -95.0  # below the rounding noise of 16 bits
_SILENT_PEAK = 2e-5  # less than one step of 16 bits: digital silence, not a quiet place
_NO_CLAIM_DB = -99.0  # novelty where too little was heard before to say anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Band levels of one sound: `db`, shape (frames, 4); `heard` is False in digital silence, shape (frames,)."""

    db: NDArray[np.float32]
    heard: NDArray[np.bool_]
    hop_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One rise: `frame` is where the level first crosses, `novelty_db` per band, `fresh_db` over the last moment.

    `in_tail` says that only the curve with the short memory found it, in the wake of an earlier trigger.
    """

    frame: int
    novelty_db: tuple[float, ...]
    fresh_db: float
    in_tail: bool


def band_levels(frames: BandFrames) -> Levels:
    """Levels in decibel over full scale, with a floor below which nothing is told apart.

    Parameters
    ----------
    frames : BandFrames
        Energies of `BANDS_HZ`.

    Returns
    -------
    Levels
    """
    heard = frames.peak > _SILENT_PEAK
    db = (10.0 * np.log10(np.maximum(frames.energy, np.float32(1e-20)))).astype(np.float32)
    if heard.any():
        floor_db = np.maximum(np.median(db[heard], axis=0) - _FLOOR_BELOW_MEDIAN_DB, _FLOOR_DB)
        db = np.maximum(db, floor_db.astype(np.float32))
    return Levels(db=db, heard=heard, hop_s=frames.hop_s)


def novelty_db(
    levels: Levels, *, window_s: float, gap_s: float, ahead_s: float, context_s: float
) -> NDArray[np.float32]:
    """Largest level of the next moment over the largest level of the time before.

    ``max db[i, i + ahead) - max db[i - gap - window, i - gap)`` per band, per band. Against the
    preceding maximum, where pickers of seismology (STA/LTA) use the mean.

    Parameters
    ----------
    levels : Levels
        Band levels.
    window_s, gap_s, ahead_s : float
        Length of the time before, its distance, and length of the moment, in seconds.
    context_s : float
        How much must have been heard before; with less the novelty is -99 dB, and nothing is claimed.

    Returns
    -------
    ndarray of float32, shape (frames, bands)
    """
    count = len(levels.db)
    window, gap, ahead = (max(1, round(x / levels.hop_s)) for x in (window_s, gap_s, ahead_s))
    if count <= gap:
        return np.full(levels.db.shape, _NO_CLAIM_DB, np.float32)
    coming = _max_ahead(levels.db, ahead)
    before = np.full_like(levels.db, np.inf)
    before[gap:] = max_behind(levels.db, window)[: count - gap]
    heard = np.concatenate(([0], np.cumsum(levels.heard)))
    last = np.maximum(np.arange(count) - gap, 0)
    known = heard[last] - heard[np.maximum(last - window, 0)]
    result: NDArray[np.float32] = coming - before
    result[known * levels.hop_s < context_s] = _NO_CLAIM_DB
    return result


def find_triggers(levels: Levels, *, settings: DetectSettings) -> tuple[Trigger, ...]:
    """Every rise worth a look, in order of time.

    A joint rise of two bands over the long memory counts anywhere: a faint far blast shows in the low ones, a faint
    near one in the high ones, and noise seldom in two. A rise of most bands over the short memory counts in the wake of
    a loud rise of either low band, so that the second of two blasts is found in the tail of the first.

    Parameters
    ----------
    levels : Levels
        Band levels.
    settings : DetectSettings
        Windows and thresholds.

    Returns
    -------
    tuple of Trigger
    """
    if not len(levels.db):
        return ()
    shared = {"gap_s": settings.novelty_gap_s, "ahead_s": settings.novelty_ahead_s}
    long_db = novelty_db(levels, window_s=settings.novelty_window_s, context_s=settings.context_s, **shared)
    fresh_s = settings.fresh_window_s
    short_db = novelty_db(levels, window_s=fresh_s, context_s=0.8 * fresh_s, **shared)
    fresh_db = np.sort(short_db, axis=1)[:, 1:].mean(axis=1)  # one band may be masked by a voice or an engine
    dead = max(1, round(settings.dead_time_s / levels.hop_s))
    joint_db = np.sort(long_db, axis=1)[:, -2:].mean(axis=1)
    first = _peaks(joint_db, threshold=settings.trigger_db, dead=dead)
    wake = np.zeros(len(fresh_db), bool)
    loud = long_db[:, :_LOW_BANDS].max(axis=1)
    for frame in _peaks(loud, threshold=settings.wake_trigger_db, dead=dead):
        wake[frame : frame + round(settings.wake_s / levels.hop_s)] = True
    later = _peaks(np.where(wake, fresh_db, _NO_CLAIM_DB), threshold=settings.fresh_trigger_db, dead=dead)
    taken = np.asarray(first, int)
    later = [frame for frame in later if not len(taken) or np.abs(taken - frame).min() > dead]
    ahead = max(1, round(settings.novelty_ahead_s / levels.hop_s))
    found = [(frame, False) for frame in first] + [(frame, True) for frame in later]
    return tuple(
        Trigger(
            frame=_crossing(levels.db, frame, ahead),
            novelty_db=tuple(float(x) for x in long_db[frame]),
            fresh_db=float(fresh_db[frame]),
            in_tail=in_tail,
        )
        for frame, in_tail in sorted(found)
    )


def _max_ahead(db: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return the maximum of frames i to i + length - 1."""
    result: NDArray[np.float32] = maximum_filter1d(
        db, length, axis=0, origin=-(length // 2), mode="constant", cval=-np.inf
    )
    return result


def max_behind(db: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Return the maximum of frames i - length + 1 to i, as far as there are any; shape (frames, bands)."""
    result: NDArray[np.float32] = maximum_filter1d(
        db, length, axis=0, origin=(length - 1) // 2, mode="constant", cval=-np.inf
    )
    return result


def _peaks(curve: NDArray[np.floating], *, threshold: float, dead: int) -> list[int]:
    """Return frames above a threshold that no frame within the dead time exceeds; of a plateau the first."""
    largest = maximum_filter1d(curve, 2 * dead + 1, mode="nearest")
    kept: list[int] = []
    for frame in np.flatnonzero((curve >= largest) & (curve > threshold)):
        if not kept or frame - kept[-1] > dead:
            kept.append(int(frame))
    return kept


def _crossing(db: NDArray[np.float32], frame: int, ahead: int) -> int:
    """Return the first frame that has made half of the rise that the trigger foresaw."""
    moment = db[frame : frame + ahead]
    rise = moment - moment[0]
    band = int(np.argmax(rise.max(axis=0)))
    return frame + int(np.argmax(rise[:, band] >= 0.5 * rise[:, band].max()))
