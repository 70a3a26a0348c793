"""Tracks as ways over still ground: the camera's own motion taken out, speeds in heights of the figure.

A speed in heights of the figure needs no lens and no map: 1.5 body heights a second are 2.6 m/s wherever it is run.
What moves along the line of sight shows less of its speed; what is said of a speed is therefore "at least".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model.movement import Track, TrackPoint, Watched

__all__ = ["Camera", "Way", "camera_speed", "jump_share", "speeds", "steady_line", "way_of"]

_SIDES = 4  # left, top, right, bottom
_STEADY_POINTS = 5  # a box's height is steadied over so many points: a second at 5 Hz, two steps of somebody who walks


class Camera:
    """Where a place of the still surroundings stands in another looked-at frame.

    Parameters
    ----------
    watched : Watched
        Its `motion` is followed from frame to frame; where it is not known, nothing is carried across.

    Examples
    --------
    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> motion = np.tile(np.array([[1.0, 0.0, 5.0], [0.0, 1.0, 0.0]]), (4, 1, 1))
    >>> motion[0] = np.nan
    >>> camera = Camera(SimpleNamespace(motion=motion, times_s=np.arange(4) / 5, size_px=(640, 360)))
    >>> camera.carried(np.array([[100.0, 50.0]]), 0, 3).tolist()
    [[115.0, 50.0]]
    """

    def __init__(self, watched: Watched) -> None:
        self.times_s = watched.times_s
        self.size_px = watched.size_px
        known = np.asarray(np.isfinite(watched.motion).all(axis=(1, 2)))
        self.piece = np.cumsum(~known)
        self._from_start = np.tile(np.eye(3), (len(known), 1, 1))
        for row in np.flatnonzero(known):
            if row > 0:
                step = np.vstack([watched.motion[row], [0.0, 0.0, 1.0]])
                self._from_start[row] = step @ self._from_start[row - 1]

    def carrying(self, start: int, end: int) -> NDArray[np.float64] | None:
        """Matrix, shape (2, 3), that takes places of frame `start` to frame `end`; None where it is not known."""
        if self.piece[start] != self.piece[end]:
            return None
        return np.asarray(self._from_start[end] @ np.linalg.inv(self._from_start[start]))[:2]

    def carried(self, places_px: NDArray[np.float64], start: int, end: int) -> NDArray[np.float64]:
        """Places of frame `start`, shape (n, 2), as they stand in frame `end`; NaN where that is not known."""
        matrix = self.carrying(start, end)
        if matrix is None:
            return np.full_like(places_px, np.nan)
        return np.asarray(places_px @ matrix[:, :2].T + matrix[:, 2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """A track's points as arrays, all of length n.

    `rows` are the looked-at frames, `boxes_px` (n, 4) the boxes as given, `seen` whether the detector recognised the
    figure there, `cut` (n, 4) which borders of the picture the box touches (left, top, right, bottom). `still_px`
    (n, 2) is the middle of the box's lower edge, `height_px` the steadied height, both as they would stand in the first
    frame of the track, had the camera not moved. `scale` is what turns that into a length in the frame itself.
    """

    track: Track
    rows: NDArray[np.int64]
    times_s: NDArray[np.float64]
    boxes_px: NDArray[np.float64]
    seen: NDArray[np.bool_]
    cut: NDArray[np.bool_]
    still_px: NDArray[np.float64]
    height_px: NDArray[np.float64]
    scale: NDArray[np.float64]

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Whether the box touches no border, so that its foot and its height are the figure's."""
        return np.asarray(~self.cut.any(axis=1))

    def at(self, time_s: float) -> TrackPoint:
        """The point nearest to a time."""
        return self.track.points[int(np.argmin(np.abs(self.times_s - time_s)))]

    def between(self, start_s: float, end_s: float) -> NDArray[np.bool_]:
        """Which points lie from `start_s` to `end_s`."""
        return np.asarray((self.times_s >= start_s - 1e-9) & (self.times_s <= end_s + 1e-9))

    def in_heights(self) -> NDArray[np.float64]:
        """Places over the still ground in heights of the figure, shape (n, 2), from the first.

        The height changes along the way as the figure comes nearer, so steps are added up, each in the height of then.
        """
        steps = np.diff(self.still_px, axis=0)
        tall = 0.5 * (self.height_px[1:] + self.height_px[:-1])
        return np.concatenate([np.zeros((1, 2)), np.cumsum(steps / tall[:, None], axis=0)])


def way_of(track: Track, camera: Camera, *, border_share: float) -> Way:
    """Make arrays of a track.

    Parameters
    ----------
    track : Track
        One point at least.
    camera : Camera
        Of the recording that the track is of.
    border_share : float
        A box touches a border that is nearer than this share of the picture's side, or than a tenth of its own.

    Returns
    -------
    Way
    """
    times = np.array([point.time_s for point in track.points])
    boxes = np.array([point.box_px for point in track.points], float)
    rows = np.clip(np.searchsorted(camera.times_s, times - 1e-6), 0, len(camera.times_s) - 1)
    scale = _scales(camera, rows)
    cut = _touches(boxes, camera.size_px, border_share)
    return Way(
        track=track,
        rows=rows.astype(np.int64),
        times_s=times,
        boxes_px=boxes,
        seen=np.array([point.seen for point in track.points]),
        cut=cut,
        still_px=np.array([point.still_px for point in track.points], float),
        height_px=_steadied((boxes[:, 3] - boxes[:, 1]) / scale, ~(cut[:, 1] | cut[:, 3])),
        scale=scale,
    )


def _scales(camera: Camera, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    matrices = [camera.carrying(int(rows[0]), int(row)) for row in rows]
    return np.array([1.0 if m is None else float(np.sqrt(abs(np.linalg.det(m[:, :2])))) for m in matrices])


def _touches(boxes: NDArray[np.float64], size_px: tuple[int, int], share: float) -> NDArray[np.bool_]:
    """Which borders boxes touch, shape (n, 4)."""
    wide, tall = size_px
    sizes = boxes[:, 2:] - boxes[:, :2]
    near = np.maximum(np.array([wide, tall]) * share, 0.1 * sizes)
    gaps = np.column_stack([boxes[:, :2], np.array([wide, tall]) - boxes[:, 2:]])
    return np.asarray(gaps <= np.concatenate([near, near], axis=1))


def _steadied(heights: NDArray[np.float64], whole: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Running medians of the heights of whole boxes; a cut box is as tall as the whole ones next to it in time."""
    if not whole.any():
        return np.full(len(heights), float(heights.max()))
    places = np.flatnonzero(whole)
    half = _STEADY_POINTS // 2
    smooth = [float(np.median(heights[places[max(0, k - half) : k + half + 1]])) for k in range(len(places))]
    return np.asarray(np.interp(np.arange(len(heights)), places, smooth))


def camera_speed(way: Way, start_s: float, end_s: float, camera: Camera) -> float:
    """How fast the still surroundings move over the picture where a figure is, in its heights a second, net.

    Parameters
    ----------
    way : Way
        Of a figure.
    start_s, end_s : float
        Recording times, of the way.
    camera : Camera
        Of the recording.

    Returns
    -------
    float
    """
    first, last = (int(np.argmin(np.abs(way.times_s - time_s))) for time_s in (start_s, end_s))
    box = way.boxes_px[first]
    place = np.array([[0.5 * (box[0] + box[2]), box[3]]])
    there = camera.carried(place, int(way.rows[first]), int(way.rows[last]))
    took_s = max(float(way.times_s[last] - way.times_s[first]), 0.2)
    return float(np.linalg.norm(there - place)) / took_s / float(way.height_px[first] * way.scale[first])


def jump_share(way: Way, start_s: float, end_s: float) -> float:
    """The longest single step as a share of a way's length: much where a box jumps from one figure to another.

    Parameters
    ----------
    way : Way
        Of a figure.
    start_s, end_s : float
        Recording times between which the steps are taken.

    Returns
    -------
    float
        0 to 1; 1 for a single step.
    """
    path = way.in_heights()[way.between(start_s, end_s)]
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    return float(steps.max(initial=0.0) / max(float(steps.sum()), 1e-9))


def steady_line(times_s: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Slope, value at 0 and robust spread of a line by medians over pairs (Theil 1950; Sen 1968): a bad box turns none.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n,)
        Two different ones at least.
    values : ndarray of float64, shape (n,)
        Of something.

    Returns
    -------
    tuple of float
        The spread is a standard deviation.

    Examples
    --------
    >>> import numpy as np
    >>> steady_line(np.arange(5.0), np.array([1.0, 3.0, 5.0, 99.0, 9.0]))
    (2.0, 1.0, 0.0)
    """
    first, second = np.triu_indices(len(times_s), 1)
    apart = times_s[second] - times_s[first]
    slope = _median((values[second] - values[first])[apart != 0] / apart[apart != 0])
    level = _median(values - slope * times_s)
    return slope, level, 1.4826 * _median(np.abs(values - level - slope * times_s))


def _median(values: NDArray[np.float64]) -> float:
    """A tenth of the time that `numpy.median` takes for a handful of values, of which there are many handfuls."""
    ordered = np.sort(values)
    return 0.5 * float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])


def speeds(way: Way, window_s: float) -> NDArray[np.float64]:
    """Velocity over the still ground in heights a second, shape (n, 2); NaN where the figure is not seen whole.

    Parameters
    ----------
    way : Way
        Of a figure.
    window_s : float
        Each velocity is that of a steady line through the points of a window about it.

    Returns
    -------
    ndarray of float64
    """
    places, whole = way.in_heights(), way.whole
    velocities = np.full((len(way.times_s), 2), np.nan)
    for k, time_s in enumerate(way.times_s):
        near = way.between(time_s - window_s / 2, time_s + window_s / 2) & whole
        if whole[k] and near.sum() >= 3:
            for axis in range(2):
                velocities[k, axis] = steady_line(way.times_s[near], places[near, axis])[0]
    return velocities
