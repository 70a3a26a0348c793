"""What a view lets one see: light, contrast, sharpness, and things that move although nobody was recognised there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.camera_motion import small_grey
from syncview.detect.unassessable import unassessable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings.movement import MovementSettings

__all__ = ["ViewConditions", "ViewFinder", "unassessable"]

_TREND = 5  # light that changes over more than a fifth of the picture is sky and ground, not things
_SMEAR_PX = 9  # Crete's low-pass
_NEAR_PX = 5  # what stands within two pixels of where it is expected did not move: parallax, rolling shutter
_MOVED_LEVELS = 12.0  # grey levels of a change that is neither codec nor sensor noise
_NOISES = 5.0  # or so many times the picture's own
_THING_PX = 3  # smaller changes are noise; of 320 px across, a person who is 12 px high in 1280
_JUMP_LEVELS = 8.0  # the light of all changed: a flash, or the exposure
_LEAST_LEFT = 0.2  # share of the picture in which it must be possible to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewConditions:
    """Of one frame.

    `brightness` is the mean grey level, `contrast` the range in which nine of ten grey levels lie once slow changes
    over the picture are taken out (both 0..255), `sharpness` 0..1; `strange_motion` the share of the picture that moves
    against its surroundings where no figure was recognised, NaN where that cannot be told.
    """

    brightness: float
    contrast: float
    sharpness: float
    strange_motion: float


class ViewFinder:
    """Measures views, frame by frame.

    Parameters
    ----------
    settings : MovementSettings
        Of it `view_px`.

    Examples
    --------
    >>> from syncview.settings.movement import MovementSettings
    >>> finder = ViewFinder(MovementSettings())
    >>> dark = finder.step(np.full((180, 320, 3), 7, np.uint8), np.zeros((0, 4), np.float32), np.full((2, 3), np.nan))
    >>> dark.brightness, dark.contrast, dark.sharpness
    (7.0, 0.0, 0.0)
    """

    def __init__(self, settings: MovementSettings) -> None:
        self._settings = settings
        self._before: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None

    def step(
        self, picture: NDArray[np.uint8], boxes_px: NDArray[np.float32], motion: NDArray[np.float64]
    ) -> ViewConditions:
        """Take the next looked-at frame.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height_px, width_px, 3) or (height_px, width_px)
            Blue, green, red; or grey.
        boxes_px : ndarray of float32, shape (n, 4)
            Left, top, right, bottom of the figures that were recognised, however weakly.
        motion : ndarray of float64, shape (2, 3)
            Of the camera since the frame before, from `MotionFinder.step`.

        Returns
        -------
        ViewConditions
        """
        grey = small_grey(picture, longest_px=self._settings.view_px)
        each = picture.shape[1] / grey.shape[1]
        free = _free(grey.shape, boxes_px, each)
        before, self._before = self._before, (grey, free)
        strange = float("nan")
        if before is not None and before[0].shape == grey.shape and np.isfinite(motion).all():
            strange = _strange_motion(before, (grey, free), _at_size(motion, each))
        return ViewConditions(
            brightness=float(grey.mean()),
            contrast=_contrast(grey),
            sharpness=_sharpness(grey),
            strange_motion=strange,
        )


def _free(shape: tuple[int, ...], boxes_px: NDArray[np.float32], each: float) -> NDArray[np.uint8]:
    """Mark with 1 where no figure stands, with room for its shadow and for what the box leaves out."""
    free = np.ones(shape, np.uint8)
    for left, top, right, bottom in boxes_px.astype(np.float64) / each:
        room = 0.25 * max(right - left, 0.4 * (bottom - top)) + 1
        first, last = (max(0, int(edge)) for edge in (left - room, right + room + 1))
        upper, lower = (max(0, int(edge)) for edge in (top - room, bottom + room + 1))
        free[upper:lower, first:last] = 0
    return free


def _at_size(motion: NDArray[np.float64], each: float) -> NDArray[np.float64]:
    """The same motion in pixels of the small picture."""
    small = motion.copy()
    middle = 0.5 * (each - 1)
    small[:, 2] = (motion[:, :2] @ np.full(2, middle) + motion[:, 2] - middle) / each
    return small


def _contrast(grey: NDArray[np.uint8]) -> float:
    import cv2

    size = max(3, max(grey.shape) // _TREND) | 1
    off = grey[::2, ::2].astype(np.float32) - cv2.blur(grey, (size, size))[::2, ::2]
    low, high = np.percentile(off, (5, 95))
    return float(min(high - low, 255.0))


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """How much of the change from pixel to pixel goes when the picture is blurred once more, the duller axis.

    One minus the blur of Crete, F. et al. (2007), The blur effect: perception and estimation with a new no-reference
    perceptual blur metric.
    """
    import cv2

    kept = []
    for axis, size in ((0, (1, _SMEAR_PX)), (1, (_SMEAR_PX, 1))):
        sharp, smeared = (_changes(part, axis) for part in (grey, np.asarray(cv2.blur(grey, size), np.uint8)))
        total = float(sharp.sum())
        kept.append(float(cv2.sumElems(cv2.subtract(sharp, smeared))[0]) / total if total > 0 else 0.0)
    return min(kept)


def _changes(grey: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    import cv2

    one, other = (grey[1:], grey[:-1]) if axis == 0 else (grey[:, 1:], grey[:, :-1])
    return np.asarray(cv2.absdiff(one, other), np.uint8)


def _strange_motion(
    before: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    now: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    motion: NDArray[np.float64],
) -> float:
    """Share of the free picture whose grey is found nowhere near where it is expected, in either direction of time."""
    import cv2

    tall, wide = now[0].shape
    grey = np.asarray(cv2.warpAffine(before[0], motion, (wide, tall), flags=cv2.INTER_LINEAR), np.uint8)
    free = cv2.warpAffine(before[1], motion, (wide, tall), flags=cv2.INTER_NEAREST)
    told = (np.asarray(cv2.erode(free, np.ones((3, 3), np.uint8))) > 0) & (now[1] > 0)
    if told.mean() < _LEAST_LEFT:
        return float("nan")
    apart = (now[0][::2, ::2].astype(np.int16) - grey[::2, ::2])[told[::2, ::2]]
    if not len(apart) or abs(float(np.median(apart))) > _JUMP_LEVELS:
        return float("nan")
    noise = 1.48 * float(np.median(np.abs(apart)))
    off = np.maximum(_beyond(now[0], grey), _beyond(grey, now[0]))
    moved = ((off > max(_MOVED_LEVELS, _NOISES * noise)) & told).astype(np.uint8)
    things = cv2.morphologyEx(moved, cv2.MORPH_OPEN, np.ones((_THING_PX, _THING_PX), np.uint8))
    return float(cv2.countNonZero(things) / cv2.countNonZero(told.astype(np.uint8)))


def _beyond(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much each grey of `one` lies out of the range of the neighbourhood in `other`; 0 within it."""
    import cv2

    near = np.ones((_NEAR_PX, _NEAR_PX), np.uint8)
    above, below = cv2.subtract(one, cv2.dilate(other, near)), cv2.subtract(cv2.erode(other, near), one)
    return np.asarray(cv2.max(above, below), np.uint8)
