"""People and vehicles in one picture, as NanoDet sees them: what goes into the network and what its answer means.

NanoDet-g (Apache-2.0, https://github.com/RangiLyu/nanodet) was trained on COCO with pictures that keep their
proportions inside a black square of 416 px (``config/legacy_v0.x_configs/nanodet-g.yml``, ``keep_ratio: True``). So
they are given to it here, except that most of the black bars are left out, which it does not need. Around each place
of three grids it says how likely each of 80 kinds of things is, and how far away the four sides of its box may lie, as
a distribution over whole strides (X. Li et al. 2020, Generalized Focal Loss, https://arxiv.org/abs/2006.04388); the
mean of that is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.tiles import best_of_each, lay_views, merge_views
from syncview.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from syncview.detect.tiles import Seen, View
    from syncview.settings import MovementSettings

__all__ = ["INPUT_PX", "find_figures_in", "seen_from_px"]

INPUT_PX = 416  # the longer side of what the network takes
_STEP_PX = 32  # it halves height and width five times
_STRIDES = (8, 16, 32)
_BINS = 11  # a side lies 0 to 10 strides away
_KINDS = 80
_MEAN = np.array((103.53, 116.28, 123.675), np.float32)  # blue, green, red of COCO, as it was trained
_STD = np.array((57.375, 57.12, 58.395), np.float32)
_PERSON = (0,)
_VEHICLE = (2, 3, 5, 7)  # car, motorcycle, bus, truck. A bicycle is part of whom it carries: nobody gets out of it


def find_figures_in(
    picture_bgr: NDArray[np.uint8],
    run: Callable[[NDArray[np.float32]], Sequence[NDArray[np.float32]]],
    *,
    settings: MovementSettings,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Find people and vehicles in one picture.

    Parameters
    ----------
    picture_bgr : ndarray of uint8, shape (height, width, 3)
        The displayed picture, the right way up; blue, green, red.
    run : callable
        The network: takes float32 of shape (1, 3, height, width), the longer of which is 416 and both multiples of 32,
        and gives six arrays, the scores of 80 kinds, shape (1, places, 80), at strides 8, 16 and 32, then the
        distributions of the sides, shape (1, places, 44).
    settings : MovementSettings
        `least_score`, `same_figure_iou`, and the tiles.

    Returns
    -------
    boxes_px : ndarray of float32, shape (n, 4)
        Left, top, right, bottom in pixels of the picture, inside it.
    scores : ndarray of float32, shape (n,)
        The network's own, falling.
    vehicle : ndarray of bool, shape (n,)
        Whether it is a car, motorcycle, bus or truck; else it is a person.

    Raises
    ------
    InputError
        The picture is not of such a shape or type, or the network's answer is not.

    Examples
    --------
    A network that sees nothing:

    >>> import numpy as np
    >>> from syncview.settings import MovementSettings
    >>> def blind(batch):
    ...     return [np.zeros((1, n, size), np.float32) for size in (80, 44) for n in (1664, 416, 104)]
    >>> boxes_px, scores, vehicle = find_figures_in(
    ...     np.zeros((360, 640, 3), np.uint8), blind, settings=MovementSettings()
    ... )
    >>> boxes_px.shape, scores.shape, vehicle.shape
    ((0, 4), (0,), (0,))
    """
    if picture_bgr.ndim != 3 or picture_bgr.shape[2] != 3 or picture_bgr.dtype != np.uint8 or 0 in picture_bgr.shape:
        message = f"expected a picture of shape (height, width, 3), uint8, got {picture_bgr.shape}, {picture_bgr.dtype}"
        raise InputError(message)
    height_px, width_px = picture_bgr.shape[:2]
    views = lay_views(width_px, height_px, settings=settings)
    seen = [_seen_in(picture_bgr, view, run, settings) for view in views]
    boxes_px, scores, vehicle = merge_views(views, seen, settings=settings)
    order = np.lexsort((boxes_px[:, 1], boxes_px[:, 0], -scores))
    return boxes_px[order], scores[order], vehicle[order]


def seen_from_px(width_px: int, height_px: int, *, settings: MovementSettings) -> float:
    """Height in a picture from which few persons are missed: what the network needs, in the smallest part looked at.

    Below it, that nobody is recognised says little.

    Examples
    --------
    >>> from syncview.settings import MovementSettings
    >>> round(seen_from_px(1920, 1080, settings=MovementSettings()))
    83
    >>> round(seen_from_px(1920, 1080, settings=MovementSettings(tiles=(2, 1))))
    47
    """
    views = lay_views(width_px, height_px, settings=settings)
    longest_px = min(max(view.right_px - view.left_px, view.bottom_px - view.top_px) for view in views)
    return settings.seen_from_input_px * longest_px / INPUT_PX


def _seen_in(
    picture_bgr: NDArray[np.uint8],
    view: View,
    run: Callable[[NDArray[np.float32]], Sequence[NDArray[np.float32]]],
    settings: MovementSettings,
) -> Seen:
    """What the network sees in one part of the picture, in pixels of the whole."""
    part = picture_bgr[view.top_px : view.bottom_px, view.left_px : view.right_px]
    batch, scale, offset_px = letter_box(part)
    size_px = (batch.shape[2], batch.shape[3])
    boxes, scores, vehicle = decode(checked_answer(run(batch), size_px), size_px, least_score=settings.least_score)
    corner_px = np.array((view.left_px, view.top_px), np.float32)
    limit_px = np.array((view.right_px, view.bottom_px), np.float32)
    in_picture_px = (boxes.reshape(-1, 2, 2) - offset_px) / scale + corner_px
    boxes = np.clip(in_picture_px, corner_px, limit_px).reshape(-1, 4).astype(np.float32)
    real = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)  # one that lies in the black bars only is none
    return best_of_each(boxes[real], scores[real], vehicle[real], iou=settings.same_figure_iou)


def letter_box(
    picture_bgr: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Make a picture as large as the network wants it, with black bars where its sides are no multiples of 32.

    Returns
    -------
    batch : ndarray of float32, shape (1, 3, height, width)
        What the network takes.
    scale, offset_px : ndarray of float32, shape (2,)
        A place x, y of the picture stands at ``place * scale + offset_px`` of the batch.
    """
    import cv2  # slow to import, and needed only where pictures are looked at

    height_px, width_px = picture_bgr.shape[:2]
    ratio = INPUT_PX / max(height_px, width_px)
    inner = (max(round(width_px * ratio), 1), max(round(height_px * ratio), 1))
    # Averaging over the area keeps small figures that the eye keeps; picking single pixels would let them flicker.
    small = cv2.resize(picture_bgr, inner, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
    outer = [-(-side // _STEP_PX) * _STEP_PX for side in inner]
    left_px, top_px = ((whole - side) // 2 for whole, side in zip(outer, inner, strict=True))
    batch = np.empty((1, 3, outer[1], outer[0]), np.float32)
    batch[0] = (-_MEAN / _STD)[:, np.newaxis, np.newaxis]  # black
    for channel, (mean, std) in enumerate(zip(_MEAN, _STD, strict=True)):
        inside = batch[0, channel, top_px : top_px + inner[1], left_px : left_px + inner[0]]
        np.subtract(small[..., channel], mean, out=inside)
        inside /= std
    scale = np.array((inner[0] / width_px, inner[1] / height_px), np.float32)
    return batch, scale, np.array((left_px, top_px), np.float32)


def checked_answer(
    answer: Sequence[NDArray[np.float32]], size_px: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores of every place, shape (places, 80), and distributions of its four sides, shape (places, 4, 11)."""
    places = [(size_px[0] // stride) * (size_px[1] // stride) for stride in _STRIDES]
    expected = [(1, count, width) for width in (_KINDS, 4 * _BINS) for count in places]
    got = [np.shape(each) for each in answer]
    if got != expected:
        message = f"the detector's answer: expected arrays of shape {expected}, got {got}"
        raise InputError(message)
    scores, sides = (np.concatenate([each[0] for each in answer[k : k + 3]]) for k in (0, 3))
    if not (np.isfinite(scores).all() and np.isfinite(sides).all()):
        message = "the detector's answer is not finite"
        raise InputError(message)
    return scores, sides.reshape(-1, 4, _BINS)


def decode(
    answer: tuple[NDArray[np.float32], NDArray[np.float32]], size_px: tuple[int, int], *, least_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Boxes in pixels of what the network took, scores and whether it is a vehicle, of every place that scores enough.

    One place may give both a person and a vehicle: a rider and what he rides.
    """
    scores, sides = answer
    by_kind = np.stack((scores[:, _PERSON].max(axis=1), scores[:, _VEHICLE].max(axis=1)), axis=1)
    place, vehicle = np.nonzero(by_kind >= least_score)
    centres_px, strides_px = _grid(size_px)
    logits = sides[place].astype(np.float64)
    shares = np.exp(logits - logits.max(axis=2, keepdims=True))
    far_px = (shares @ np.arange(_BINS)) / shares.sum(axis=2) * strides_px[place, np.newaxis]
    boxes = np.concatenate((centres_px[place] - far_px[:, :2], centres_px[place] + far_px[:, 2:]), axis=1)
    return boxes.astype(np.float32), by_kind[place, vehicle].astype(np.float32), vehicle.astype(np.bool_)


def _grid(size_px: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre x, y and stride of every place, row by row, the finest grid first."""
    centres, strides = [], []
    for stride in _STRIDES:
        rows, columns = size_px[0] // stride, size_px[1] // stride
        row, column = np.divmod(np.arange(rows * columns), columns)
        centres.append((np.stack((column, row), axis=1) + 0.5) * stride)
        strides.append(np.full(len(row), float(stride)))
    return np.concatenate(centres), np.concatenate(strides)
