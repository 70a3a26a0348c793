"""How the camera moved between two looked-at frames: the similarity that takes the still surroundings along.

Corners (Shi and Tomasi 1994) spread over the picture are followed by pyramidal Lucas-Kanade (Bouguet 2001), there and
back; a similarity is fitted to what most of them did (RANSAC; Fischler and Bolles 1981). At 5 frames a second a pan
moves the picture by a fifth of its width, so the search starts from the shift that phase correlation finds (Kuglin and
Hines 1975), and from no shift where that leads nowhere. Light is taken out beforehand (each place by its
neighbourhood), for a flash must not end every track.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings.movement import MovementSettings

__all__ = ["MotionFinder", "small_grey"]

_CELLS = (8, 5)  # across and down: one corner in any of them counts as much as the next
_EACH_CELL = 3
_LIGHT_PX = 15  # the neighbourhood whose light and contrast are taken out; half a lane wide at 320 px
_NOISE_LEVELS = 6.0  # contrast below which a neighbourhood is codec and sensor noise
_WINDOW_PX = 13
_LEVELS = 2
_BACK_PX = 1.0  # a corner that does not come back to where it came from was lost
_CORRELATED = 4  # times smaller still for the shift at the start
_FAR_PX = 8.0  # a shift that Lucas-Kanade may miss from no start, so both starts are tried
_SCALES = (0.8, 1.25)  # between two looks; twice the fastest zoom of a phone
_MOST_TURN = 0.5  # radians


def small_grey(picture: NDArray[np.uint8], *, longest_px: int) -> NDArray[np.uint8]:
    """Make a small grey picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height_px, width_px, 3) or (height_px, width_px)
        Blue, green, red; or grey.
    longest_px : int
        Its longer side thereafter; a picture that is smaller stays as it is.

    Returns
    -------
    ndarray of uint8, shape (height_px, width_px)

    Examples
    --------
    >>> small_grey(np.zeros((720, 1280, 3), np.uint8), longest_px=320).shape
    (180, 320)
    """
    import cv2

    tall, wide = picture.shape[:2]
    times = min(1.0, longest_px / max(tall, wide))
    size = max(1, round(wide * times)), max(1, round(tall * times))
    small = picture if times == 1.0 else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    grey = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """A frame as it is compared: light taken out, smaller still for the shift, and where figures stand."""

    even: NDArray[np.uint8]
    coarse: NDArray[np.float32]
    free: NDArray[np.uint8]
    each_px: NDArray[np.float64]  # pixels of the picture in one of this, across and down


class MotionFinder:
    """Finds the motion of the still surroundings, frame by frame.

    Parameters
    ----------
    settings : MovementSettings
        Of it `motion_px`, `motion_off_px`, `motion_points`, `motion_share` and `motion_cells`.

    Examples
    --------
    >>> from syncview.settings.movement import MovementSettings
    >>> scene = np.random.default_rng(1).integers(0, 255, (30, 50, 1), np.uint8).repeat(8, 0).repeat(8, 1).repeat(3, 2)
    >>> finder = MotionFinder(MovementSettings())
    >>> none = np.zeros((0, 4), np.float32)
    >>> bool(np.isnan(finder.step(scene[20:200, 50:370], none)).all())
    True
    >>> motion = finder.step(scene[20:200, 60:380], none)  # turned to the right: things move left by 10 px
    >>> bool(np.allclose(motion, [[1, 0, -10], [0, 1, 0]], atol=0.1))
    True
    """

    def __init__(self, settings: MovementSettings) -> None:
        self._settings = settings
        self._before: _Look | None = None

    def step(self, picture: NDArray[np.uint8], boxes_px: NDArray[np.float32]) -> NDArray[np.float64]:
        """Take the next looked-at frame.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height_px, width_px, 3) or (height_px, width_px)
            Blue, green, red; or grey.
        boxes_px : ndarray of float32, shape (n, 4)
            Left, top, right, bottom of figures, which may move by themselves.

        Returns
        -------
        ndarray of float64, shape (2, 3)
            Takes a place (x, y, 1) of the frame before to the place of the same in this one, in pixels of the
            picture; NaN for a first frame, for one of another size, and where the motion cannot be told.
        """
        look = self._looked_at(picture, boxes_px)
        before, self._before = self._before, look
        if before is None or before.even.shape != look.even.shape:
            return np.full((2, 3), np.nan)
        shift = _shift(before, look)
        starts = [shift, np.zeros(2)] if np.abs(shift).max() > _FAR_PX else [np.zeros(2)]
        corners = _corners(before)
        found = [self._fitted(before, look, corners, start) for start in starts]
        return max(found, key=lambda fit: fit[0])[1]

    def _looked_at(self, picture: NDArray[np.uint8], boxes_px: NDArray[np.float32]) -> _Look:
        import cv2

        grey = small_grey(picture, longest_px=self._settings.motion_px)
        tall, wide = grey.shape
        each = np.array([picture.shape[1] / wide, picture.shape[0] / tall])
        free = np.full(grey.shape, 255, np.uint8)
        for left, top, right, bottom in boxes_px.astype(np.float64):
            edge_x, edge_y = 0.1 * (right - left), 0.05 * (bottom - top)
            columns = _inside(left - edge_x, right + edge_x, each[0], wide)
            free[_inside(top - edge_y, bottom + edge_y, each[1], tall), columns] = 0
        coarse = cv2.resize(grey, (wide // _CORRELATED, tall // _CORRELATED), interpolation=cv2.INTER_AREA)
        return _Look(even=_evened(grey), coarse=coarse.astype(np.float32), free=free, each_px=each)

    def _fitted(
        self, before: _Look, now: _Look, corners: NDArray[np.float32], start: NDArray[np.float64]
    ) -> tuple[int, NDArray[np.float64]]:
        """How many corners agree, and on what."""
        import cv2

        unknown = 0, np.full((2, 3), np.nan)
        source, target = _followed(before, now, corners, start)
        if len(source) < self._settings.motion_points:
            return unknown
        tolerance = self._settings.motion_off_px * float(now.each_px.max())
        there, here = ((points + 0.5) * before.each_px - 0.5 for points in (source, target))
        matrix, agree = cv2.estimateAffinePartial2D(there, here, method=cv2.RANSAC, ransacReprojThreshold=tolerance)
        if not np.shape(matrix):
            return unknown
        agreeing = agree.ravel() > 0
        count = int(agreeing.sum())
        enough = count >= max(self._settings.motion_points, self._settings.motion_share * len(source))
        spread = len(np.unique(_cells(source[agreeing], before.even.shape))) >= self._settings.motion_cells
        motion = np.asarray(matrix, np.float64)
        return (count, motion) if enough and spread and _plausible(motion) else unknown


def _plausible(motion: NDArray[np.float64]) -> bool:
    scale, turn = float(np.hypot(motion[0, 0], motion[1, 0])), float(np.arctan2(motion[1, 0], motion[0, 0]))
    return bool(np.isfinite(motion).all()) and _SCALES[0] < scale < _SCALES[1] and abs(turn) < _MOST_TURN


def _inside(first: float, last: float, each: float, count: int) -> slice:
    start, stop = int(np.floor(first / each)), int(np.ceil(last / each))
    return slice(min(max(start, 0), count), min(max(stop, 0), count))


def _evened(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take out of each place the light and the contrast of its neighbourhood."""
    import cv2

    levels = grey.astype(np.float32)
    size = _LIGHT_PX, _LIGHT_PX
    mean = cv2.blur(levels, size)
    spread = np.sqrt(np.maximum(cv2.blur(levels * levels, size) - mean * mean, 0)) + _NOISE_LEVELS
    return np.clip(128 + 48 * (levels - mean) / spread, 0, 255).astype(np.uint8)


def _shift(before: _Look, now: _Look) -> NDArray[np.float64]:
    """Pixels of the small picture, right and down, by which the content moved as a whole."""
    import cv2

    tall, wide = now.coarse.shape
    if min(tall, wide) < 8:
        return np.zeros(2)
    window = cv2.createHanningWindow((wide, tall), cv2.CV_32F)
    (right, down), _ = cv2.phaseCorrelate(before.coarse, now.coarse, window)
    return _CORRELATED * np.array([right, down])


def _cells(points: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Number of the cell in which each point stands."""
    size = np.array([shape[1], shape[0]])
    cell = np.clip((points * _CELLS / size).astype(np.int64), 0, np.array(_CELLS) - 1)
    return np.asarray(cell[:, 1] * _CELLS[0] + cell[:, 0])


def _corners(look: _Look) -> NDArray[np.float32]:
    """Return the strongest corners of each cell, shape (n, 2)."""
    import cv2

    most = 3 * _EACH_CELL * _CELLS[0] * _CELLS[1]
    found = cv2.goodFeaturesToTrack(look.even, most, 0.02, 4, mask=look.free)
    if not np.shape(found):
        return np.zeros((0, 2), np.float32)
    points = np.asarray(found, np.float32).reshape(-1, 2)
    cell = _cells(points, look.even.shape)
    order = np.argsort(cell, kind="stable")  # within a cell as they came: the strongest first
    _, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(first, count)
    return points[np.sort(order[rank < _EACH_CELL])]


def _followed(
    before: _Look, now: _Look, corners: NDArray[np.float32], start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where corners stood and where they stand now: those that come back when followed in reverse."""
    import cv2

    none = np.zeros((0, 2))
    if not len(corners):
        return none, none
    follow = partial(
        cv2.calcOpticalFlowPyrLK,
        winSize=(_WINDOW_PX, _WINDOW_PX),
        maxLevel=_LEVELS,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 12, 0.03),
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    there, found, _ = follow(before.even, now.even, corners, (corners + start).astype(np.float32))
    back, returned, _ = follow(now.even, before.even, there, there - start.astype(np.float32))
    tall, wide = now.even.shape
    x, y = there.T
    good = (found.ravel() > 0) & (returned.ravel() > 0) & (np.hypot(*(back - corners).T) < _BACK_PX)
    good &= (x >= 0) & (y >= 0) & (x <= wide - 1) & (y <= tall - 1)
    columns, rows = np.clip(x, 0, wide - 1).astype(int), np.clip(y, 0, tall - 1).astype(int)
    good &= now.free[rows, columns] > 0
    return corners[good].astype(np.float64), there[good].astype(np.float64)
