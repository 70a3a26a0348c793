"""Stretches in which nothing can be said of people, with the reasons: that none is recognised is no proof of none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.nanodet import seen_from_px
from syncview.detect.tracker import LONGEST_STEP_S
from syncview.model.movement import Unassessable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.model.movement import FigureKind, Track, Watched
    from syncview.settings.movement import MovementSettings

__all__ = ["unassessable"]

DARK = "too dark to recognise people"
HAZE = "hardly any contrast: smoke, dust, fog, or one even surface"
BLURRED = "the picture is blurred"
WILD = "the camera's motion cannot be told: it is too wild, or something near fills the picture"
SMALL = "the people who are recognised are too small for any others to be counted"
STRANGE = "things move, or pass by the camera, that were not recognised as people or vehicles"
NOTHING = "nothing was recognised in this view; that cannot be told from an empty one"
NO_FRAMES = "no frame for more than a second: the picture stands still, or is missing"
NOBODY = "vehicles were recognised in this view, but no person; that cannot be told from one without people"

_WINDOW_S = 2.0  # a flash, or a jerk of the hand, lasts less than half of it
_STARTS = 0.6  # share of the window at which a condition holds
_ENDS = 0.3  # and at which it no longer does
_LONG_S = 10.0  # over which sizes and strange motion are judged
_JOINED_S = 3.0  # shorter breaks between bad stretches are bad as well
_LEAST_S = 1.0  # a shorter bad stretch is let pass: counts are medians of longer ones


def unassessable(
    watched: Watched,
    tracks: Sequence[Track],
    *,
    cuts_s: Sequence[float],
    settings: MovementSettings,
    end_s: float | None = None,
    lost_s: Sequence[tuple[float, float]] = (),
) -> tuple[Unassessable, ...]:
    """Find where nothing can be said of people.

    Parameters
    ----------
    watched : Watched
        What was seen.
    tracks : sequence of Track
        Of the same recording.
    cuts_s : sequence of float
        Recording times at which one view ends and another begins.
    settings : MovementSettings
        Of it `smallest_px`, `misses_most_input_px` and what begins with `view_`.
    end_s : float or None
        Recording time at which the file ends; None for a moment after the last frame.
    lost_s : sequence of (float, float)
        Stretches with frames that could not be looked at: of these nothing is said.

    Returns
    -------
    tuple of Unassessable
        Ascending, apart from each other; each with all the reasons that hold somewhere in it.
    """
    count = len(watched.times_s)
    if not count:
        return ()
    times_s = watched.times_s
    shown_s = _shown_s(times_s, settings, end_s)
    told = _persons_told(watched, tracks, settings)
    person_shot = _shots_with("person", watched, tracks, cuts_s, settings)
    vehicle_shot = _shots_with("vehicle", watched, tracks, cuts_s, settings)
    bad = {
        DARK: _lasting(watched.brightness < settings.view_dark, times_s),
        HAZE: _lasting(watched.contrast < settings.view_haze, times_s),
        BLURRED: _lasting(watched.sharpness < settings.view_blurred, times_s),
        WILD: _lasting(_wild(watched), times_s),
        SMALL: _small(watched, tracks, settings),
        STRANGE: _strange(watched, told, settings),
        NOTHING: ~person_shot & ~vehicle_shot,
    }
    nobody = ~person_shot & vehicle_shot
    found = _with_gaps(_stretches(bad, times_s, shown_s), _gaps(times_s, shown_s, end_s, lost_s))
    for one in found:
        nobody &= (times_s < one.start_s - 1e-9) | (times_s >= one.end_s - 1e-9)
    return tuple(sorted((*found, *_nobody(nobody, times_s, shown_s)), key=_start_s))


def _start_s(stretch: Unassessable) -> float:
    return stretch.start_s


def _shown_s(times_s: NDArray[np.float64], settings: MovementSettings, end_s: float | None) -> NDArray[np.float64]:
    """From when to when each frame tells of the view, shape (n, 2); the first and the last to the ends of the file."""
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0 / settings.rate_hz
    shown_s = np.column_stack([times_s, times_s + min(step_s, LONGEST_STEP_S)])
    if times_s[0] <= LONGEST_STEP_S:
        shown_s[0, 0] = 0.0
    if end_s is not None and end_s - times_s[-1] <= LONGEST_STEP_S:
        shown_s[-1, 1] = max(end_s, shown_s[-1, 1])
    return shown_s


def _gaps(
    times_s: NDArray[np.float64],
    shown_s: NDArray[np.float64],
    end_s: float | None,
    lost_s: Sequence[tuple[float, float]],
) -> list[tuple[float, float]]:
    """Stretches without frames, but for those in which frames were lost."""
    after = np.flatnonzero(np.diff(times_s) > LONGEST_STEP_S)
    gaps = list(zip(shown_s[after, 1].tolist(), times_s[after + 1].tolist(), strict=True))
    if shown_s[0, 0] > 0:
        gaps.insert(0, (0.0, float(times_s[0])))
    if end_s is not None and end_s > shown_s[-1, 1]:
        gaps.append((float(shown_s[-1, 1]), end_s))
    for from_s, to_s in lost_s:
        parts = [((start_s, min(stop_s, from_s)), (max(start_s, to_s), stop_s)) for start_s, stop_s in gaps]
        gaps = [part for both in parts for part in both]
        gaps = [part for part in gaps if part[0] < part[1]]
    return gaps


def _with_gaps(found: Sequence[Unassessable], gaps: Sequence[tuple[float, float]]) -> list[Unassessable]:
    """The same with stretches without frames; what was joined over one tells it among its reasons."""
    every = list(found)
    for start_s, end_s in gaps:
        k = next((k for k, one in enumerate(found) if one.start_s < end_s and start_s < one.end_s), None)
        if k is None:
            every.append(Unassessable(start_s=start_s, end_s=end_s, reasons=(NO_FRAMES,)))
        elif NO_FRAMES not in every[k].reasons:
            every[k] = replace(every[k], reasons=(*every[k].reasons, NO_FRAMES))
    return every


def _wild(watched: Watched) -> NDArray[np.bool_]:
    """Mark frames before or after which the camera's motion is not known; a first frame has none before it."""
    unknown = np.asarray(np.isnan(watched.motion).any(axis=(1, 2)), np.bool_)
    unknown[:1] = False
    return unknown


def _shares(
    values: NDArray[np.floating] | NDArray[np.bool_], times_s: NDArray[np.float64], window_s: float
) -> NDArray[np.float64]:
    """Mean over a window around each frame; unknown values are left out."""
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    first = np.searchsorted(times_s, times_s - window_s / 2 - 1e-6)
    last = np.searchsorted(times_s, times_s + window_s / 2 + 1e-6)
    number = counts[last] - counts[first]
    return np.where(number > 0, (sums[last] - sums[first]) / np.maximum(number, 1), 0.0)


def _lasting(frames: NDArray[np.bool_], times_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a condition holds for most of a window, until it does for little of it."""
    share = _shares(frames, times_s, _WINDOW_S)
    held = np.zeros(len(frames), bool)
    now = False
    for k, value in enumerate(share):
        now = value >= (_ENDS if now else _STARTS)
        held[k] = now
    return held


def _least_px(watched: Watched, settings: MovementSettings) -> float:
    """Height of a person below which the detector misses most."""
    seen_px = seen_from_px(*watched.size_px, settings=settings)
    return max(settings.smallest_px, seen_px * settings.misses_most_input_px / settings.seen_from_input_px)


def _heights(
    watched: Watched, tracks: Sequence[Track], kind: FigureKind
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Frames and heights of the boxes that were seen of tracks of a kind."""
    seen = [point for track in tracks if track.kind == kind for point in track.points if point.seen]
    frames = np.searchsorted(watched.times_s, [point.time_s - 1e-6 for point in seen])
    return np.asarray(frames, np.int64), np.array([point.box_px[3] - point.box_px[1] for point in seen], np.float64)


def _persons_told(watched: Watched, tracks: Sequence[Track], settings: MovementSettings) -> NDArray[np.bool_]:
    """Frames around which a person was followed who is large enough."""
    frames, heights = _heights(watched, tracks, "person")
    there = np.zeros(len(watched.times_s), bool)
    there[frames[heights >= _least_px(watched, settings)]] = True
    return np.asarray(_shares(there, watched.times_s, 2 * _LONG_S) > 0)


def _small(watched: Watched, tracks: Sequence[Track], settings: MovementSettings) -> NDArray[np.bool_]:
    """Frames around which most people who were followed are too small."""
    frames, heights = _heights(watched, tracks, "person")
    order = np.argsort(frames, kind="stable")
    frames, heights = frames[order], heights[order]
    times_s, small = watched.times_s, np.zeros(len(watched.times_s), bool)
    for k, time_s in enumerate(times_s):
        first, last = np.searchsorted(times_s[frames], [time_s - _LONG_S / 2, time_s + _LONG_S / 2])
        small[k] = last > first and float(np.median(heights[first:last])) < _least_px(watched, settings)
    return small


def _strange(watched: Watched, told: NDArray[np.bool_], settings: MovementSettings) -> NDArray[np.bool_]:
    """Frames around which much moves that nobody was recognised in, and no person was recognised either."""
    share = _shares(watched.strange_motion, watched.times_s, _LONG_S)
    return np.asarray((share > settings.view_strange) & ~told)


def _shots_with(
    kind: FigureKind, watched: Watched, tracks: Sequence[Track], cuts_s: Sequence[float], settings: MovementSettings
) -> NDArray[np.bool_]:
    """Frames of shots in which a figure of a kind was followed that is large enough: the view lets such be seen."""
    there = np.zeros(len(watched.times_s), bool)
    frames, heights = _heights(watched, tracks, kind)
    there[frames[heights >= _least_px(watched, settings)]] = True
    shot = np.searchsorted(np.sort(np.asarray(cuts_s, np.float64)), watched.times_s, side="right")
    return np.asarray(np.isin(shot, np.unique(shot[there])))


def _stretches(
    bad: dict[str, NDArray[np.bool_]], times_s: NDArray[np.float64], shown_s: NDArray[np.float64]
) -> list[Unassessable]:
    """Runs of bad frames, joined over short breaks, with their reasons in the order in which they are listed."""
    found = []
    for run in _runs(np.any(list(bad.values()), axis=0), times_s, _JOINED_S):
        start_s, end_s = float(shown_s[run[0], 0]), float(shown_s[run[-1], 1])
        if end_s - start_s >= min(_LEAST_S, float(times_s[-1] - times_s[0])):
            reasons = tuple(reason for reason, held in bad.items() if held[run].any())
            found.append(Unassessable(start_s=start_s, end_s=end_s, reasons=reasons))
    return found


def _nobody(
    frames: NDArray[np.bool_], times_s: NDArray[np.float64], shown_s: NDArray[np.float64]
) -> list[Unassessable]:
    """Runs of frames with vehicles alone; a gap between them hides vehicles too, and is told apart."""
    return [
        Unassessable(
            start_s=float(shown_s[run[0], 0]), end_s=float(shown_s[run[-1], 1]), reasons=(NOBODY,), vehicles=False
        )
        for run in _runs(frames, times_s, LONGEST_STEP_S)
    ]


def _runs(frames: NDArray[np.bool_], times_s: NDArray[np.float64], joined_s: float) -> list[NDArray[np.int64]]:
    """Numbers of the marked frames, in runs without a longer break."""
    marked = np.flatnonzero(frames)
    if not len(marked):
        return []
    return np.split(marked, np.flatnonzero(np.diff(times_s[marked]) > joined_s) + 1)
