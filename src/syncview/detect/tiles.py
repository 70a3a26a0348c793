"""A picture looked at as a whole and, for small figures, in tiles; and what was seen twice counted once.

Tiles overlap, so that a figure smaller than the overlap stands whole in at least one of them; a larger one is large
enough for the look at the whole picture. As in sliced inference (F. C. Akyon et al. 2022,
https://arxiv.org/abs/2202.06934), but looks are matched one to one: two people close together in one look are two
people, however much their boxes overlap, while a figure in two looks is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.settings import MovementSettings

__all__ = ["Seen", "View", "best_of_each", "lay_views", "merge_views", "overlaps"]

_EDGE = 0.01  # of a tile's side: a box that ends this near to a border inside the picture is cut by it


class Seen(NamedTuple):
    """Boxes (n, 4) in pixels of the picture, their scores (n,), and which of them are vehicles (n,)."""

    boxes_px: NDArray[np.float32]
    scores: NDArray[np.float32]
    vehicle: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A part of the picture that is looked at: its sides in pixels, and which of them lie inside the picture."""

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int
    inner: tuple[bool, bool, bool, bool] = (False, False, False, False)


def lay_views(width_px: int, height_px: int, *, settings: MovementSettings) -> tuple[View, ...]:
    """Lay out the looks at a picture: the whole, then tiles row by row, all of one size.

    Examples
    --------
    >>> from syncview.settings import MovementSettings
    >>> views = lay_views(1000, 600, settings=MovementSettings(tiles=(2, 2), tile_overlap=0.25))
    >>> [(view.left_px, view.top_px, view.right_px, view.bottom_px) for view in views[1:]]
    [(0, 0, 571, 343), (429, 0, 1000, 343), (0, 257, 571, 600), (429, 257, 1000, 600)]
    """
    views = [View(left_px=0, top_px=0, right_px=width_px, bottom_px=height_px)]
    columns, rows = settings.tiles if width_px >= height_px else settings.tiles[::-1]
    if columns * rows > 1:
        views += [
            View(
                left_px=left,
                top_px=top,
                right_px=right,
                bottom_px=bottom,
                inner=(left > 0, top > 0, right < width_px, bottom < height_px),
            )
            for top, bottom in _spans(height_px, rows, settings.tile_overlap)
            for left, right in _spans(width_px, columns, settings.tile_overlap)
        ]
    return tuple(views)


def _spans(size_px: int, count: int, overlap: float) -> list[tuple[int, int]]:
    """Split a side into equal spans, neighbours of which share a part `overlap` of their length."""
    length = size_px / (1 + (count - 1) * (1 - overlap))
    starts = [round(k * length * (1 - overlap)) for k in range(count)]
    return [
        (start, size_px if k == count - 1 else round(k * length * (1 - overlap) + length))
        for k, start in enumerate(starts)
    ]


def overlaps(
    boxes_px: NDArray[np.float32], others_px: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Intersection over union, and over the smaller box, of each with each; shape (boxes, others).

    Examples
    --------
    >>> import numpy as np
    >>> iou, ios = overlaps(np.array([[0, 0, 10, 10.0]], np.float32), np.array([[5, 0, 10, 10.0]], np.float32))
    >>> iou.tolist(), ios.tolist()
    ([[0.5]], [[1.0]])
    """
    first, second = boxes_px[:, np.newaxis].astype(np.float64), others_px[np.newaxis].astype(np.float64)
    low, high = np.maximum(first[..., :2], second[..., :2]), np.minimum(first[..., 2:], second[..., 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    areas, other_areas = (np.prod(each[..., 2:] - each[..., :2], axis=2) for each in (first, second))
    union, smaller = areas + other_areas - common, np.minimum(areas, other_areas)
    tiny = np.finfo(np.float64).tiny  # boxes without area overlap nothing
    return common / np.maximum(union, tiny), common / np.maximum(smaller, tiny)


def best_of_each(
    boxes_px: NDArray[np.float32], scores: NDArray[np.float32], vehicle: NDArray[np.bool_], *, iou: float
) -> Seen:
    """Keep, of boxes of one kind that overlap by more than `iou`, the one that scores highest; by falling score."""
    order = np.argsort(-scores, kind="stable")
    boxes_px, scores, vehicle = boxes_px[order], scores[order], vehicle[order]
    same = (overlaps(boxes_px, boxes_px)[0] > iou) & (vehicle[:, np.newaxis] == vehicle)
    kept = np.ones(len(scores), np.bool_)
    for k in range(len(scores)):
        if kept[k]:
            kept[k + 1 :] &= ~same[k, k + 1 :]
    return Seen(boxes_px[kept], scores[kept], vehicle[kept])


def merge_views(views: Sequence[View], seen: Sequence[Seen], *, settings: MovementSettings) -> Seen:
    """Join what was seen in several looks, so that each figure counts once.

    Parameters
    ----------
    views : sequence of View
        From `lay_views`.
    seen : sequence of Seen
        What was seen in each, in pixels of the picture.
    settings : MovementSettings
        `same_in_tiles_iou`, `same_in_tiles_part`.

    Returns
    -------
    Seen
        Boxes, scores and kinds. Of a figure in several looks, the box that no tile's border cuts, and among those
        the one that scores highest.
    """
    boxes_px, scores, vehicle = seen[0]
    cut = np.zeros(len(scores), np.bool_)
    for view, (more_px, more_scores, more_vehicle) in zip(views[1:], seen[1:], strict=True):
        more_cut = _cut(more_px, view)
        pairs = _pairs((boxes_px, vehicle, cut), (more_px, more_vehicle, more_cut), settings)
        new = np.ones(len(more_scores), np.bool_)
        boxes_px, scores, cut = boxes_px.copy(), scores.copy(), cut.copy()
        for old, other in pairs:
            new[other] = False
            if (cut[old], -scores[old]) > (more_cut[other], -more_scores[other]):
                boxes_px[old], scores[old], cut[old] = more_px[other], more_scores[other], more_cut[other]
        boxes_px = np.concatenate((boxes_px, more_px[new]))
        scores = np.concatenate((scores, more_scores[new]))
        vehicle, cut = np.concatenate((vehicle, more_vehicle[new])), np.concatenate((cut, more_cut[new]))
    return _without_parts(boxes_px, scores, vehicle, cut, settings)


def _cut(boxes_px: NDArray[np.float32], view: View) -> NDArray[np.bool_]:
    """Whether each box ends at a border of its tile that lies inside the picture."""
    sides = np.array((view.left_px, view.top_px, view.right_px, view.bottom_px), np.float64)
    near_px = _EDGE * np.array((view.right_px - view.left_px, view.bottom_px - view.top_px) * 2)
    ends = (np.abs(boxes_px - sides) <= near_px) & np.array(view.inner)
    return np.asarray(ends.any(axis=1))


def _pairs(
    old: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]],
    new: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]],
    settings: MovementSettings,
) -> list[tuple[int, int]]:
    """Pairs of a box of one look and one of another that show one figure, each in one pair at most, the best first."""
    iou, ios = overlaps(old[0], new[0])
    part = np.where(old[2][:, np.newaxis] | new[2], ios >= settings.same_in_tiles_part, np.False_)
    fits = (old[1][:, np.newaxis] == new[1]) & ((iou >= settings.same_in_tiles_iou) | part)
    rows, columns = np.nonzero(fits)
    order = np.argsort(-iou[rows, columns], kind="stable")
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    pairs = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            pairs.append((row, column))
    return pairs


def _without_parts(
    boxes_px: NDArray[np.float32],
    scores: NDArray[np.float32],
    vehicle: NDArray[np.bool_],
    cut: NDArray[np.bool_],
    settings: MovementSettings,
) -> Seen:
    """Leave out what a border cut off and that lies within another figure: it is a part of that."""
    _, ios = overlaps(boxes_px, boxes_px)
    areas = np.prod(boxes_px[:, 2:] - boxes_px[:, :2], axis=1)
    larger = (areas[np.newaxis] > areas[:, np.newaxis]) & (vehicle[:, np.newaxis] == vehicle)
    kept = ~(cut & ((ios >= settings.same_in_tiles_part) & larger).any(axis=1))
    return Seen(boxes_px[kept], scores[kept], vehicle[kept])
