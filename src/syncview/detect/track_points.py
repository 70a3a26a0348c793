"""Boxes that belong together, told as a track: gaps filled, the camera's motion taken out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from syncview.model.movement import Track, TrackPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model.movement import Figures, Watched

__all__ = ["Line", "as_track", "poses_of"]

_COLOURS = (
    ("light headwear", "light_head"),
    ("high-visibility headwear", "vivid_head"),
    ("high-visibility clothing", "vivid_body"),
)
_LEAST_COLOURED = 3  # points large enough for a colour; of fewer, a median says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Rows of `Figures` that are one figure, by time, within a stretch of frames (first, one after the last)."""

    rows: tuple[int, ...]
    vehicle: bool
    stretch: tuple[int, int]


def as_track(line: Line, watched: Watched, *, recording_id: str, name: str, keep_s: float) -> Track:
    """Tell a line as a track.

    Parameters
    ----------
    line : Line
        The boxes that were seen.
    watched : Watched
        Where they are from.
    recording_id, name : str
        Of the track.
    keep_s : float
        A track that begins or ends nearer than this to an end of its stretch is cut off.

    Returns
    -------
    Track
    """
    figures = watched.figures
    rows = np.array(line.rows)
    frames = np.arange(figures.frame[rows[0]], figures.frame[rows[-1]] + 1)
    poses = poses_of(watched.motion[frames[1:]])
    boxes, scores, seen = _filled(figures, rows, frames, poses)
    feet = np.column_stack([0.5 * (boxes[:, 0] + boxes[:, 2]), boxes[:, 3]])
    still = np.stack([_through(_inverse(pose), foot) for pose, foot in zip(poses, feet, strict=True)])
    points = tuple(
        TrackPoint(
            time_s=float(watched.times_s[frame]),
            index=int(watched.indices[frame]),
            box_px=_four(boxes[k]),
            score=float(scores[k]),
            seen=bool(seen[k]),
            still_px=(float(still[k, 0]), float(still[k, 1])),
        )
        for k, frame in enumerate(frames)
    )
    start_s, stop_s = watched.times_s[line.stretch[0]], watched.times_s[line.stretch[1] - 1]
    return Track(
        recording_id=recording_id,
        name=name,
        kind="vehicle" if line.vehicle else "person",
        points=points,
        score=float(figures.scores[rows].mean()),
        colours=() if line.vehicle else _colours(figures, rows),
        starts_cut_off=bool(points[0].time_s - start_s < keep_s),
        ends_cut_off=bool(stop_s - points[-1].time_s < keep_s),
    )


def poses_of(motions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Motions one after the other: what takes a place of a first frame to the same place in each, from itself on.

    Parameters
    ----------
    motions : ndarray of float64, shape (n, 2, 3)
        From each frame to the next.

    Returns
    -------
    ndarray of float64, shape (n + 1, 3, 3)

    Examples
    --------
    >>> poses_of(np.array([[[1.0, 0, 2], [0, 1, 0]], [[1, 0, 3], [0, 1, 1]]]))[:, :2, 2].tolist()
    [[0.0, 0.0], [2.0, 0.0], [5.0, 1.0]]
    """
    poses = [np.eye(3)]
    for motion in motions:
        poses.append(np.vstack([motion, [0.0, 0.0, 1.0]]) @ poses[-1])
    return np.stack(poses)


def _inverse(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.inv(pose), np.float64)


def _through(pose: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(pose[:2, :2] @ place + pose[:2, 2], np.float64)


def _four(box: NDArray[np.float64]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box.tolist()
    return left, top, right, bottom


def _filled(
    figures: Figures, rows: NDArray[np.int64], frames: NDArray[np.int64], poses: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Boxes, scores, and whether seen, in every frame: between two boxes on the straight way, camera taken out."""
    places = figures.frame[rows] - frames[0]
    boxes, scores = np.zeros((len(frames), 4)), np.zeros(len(frames))
    seen = np.zeros(len(frames), bool)
    boxes[places], scores[places], seen[places] = figures.boxes_px[rows], figures.scores[rows], True
    for before, after in pairwise(places.tolist()):
        for k in range(before + 1, after):
            share = (k - before) / (after - before)
            there = [_boxed(poses[k] @ _inverse(poses[end]), boxes[end]) for end in (before, after)]
            boxes[k] = (1 - share) * there[0] + share * there[1]
            scores[k] = (1 - share) * scores[before] + share * scores[after]
    return boxes, scores, seen


def _boxed(pose: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """A box moved with the picture: its middle goes along, it grows, and it stays upright."""
    middle = _through(pose, 0.5 * (box[:2] + box[2:]))
    half = 0.5 * float(np.hypot(pose[0, 0], pose[1, 0])) * (box[2:] - box[:2])
    return np.concatenate([middle - half, middle + half])


def _colours(figures: Figures, rows: NDArray[np.int64]) -> tuple[tuple[str, float], ...]:
    """Medians of the named shares over the boxes that were large enough."""
    named = []
    for name, field in _COLOURS:
        shares = getattr(figures, field)[rows]
        known = shares[np.isfinite(shares)]
        if len(known) >= _LEAST_COLOURED:
            named.append((name, float(np.median(known))))
    return tuple(named)
