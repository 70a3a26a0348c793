"""Boxes counted once: within one look, and between the looks at a picture and its tiles."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.tiles import Seen, best_of_each, lay_views, merge_views, overlaps
from syncview.settings import MovementSettings

SETTINGS = MovementSettings(tiles=(2, 2))
VIEWS = lay_views(1000, 600, settings=SETTINGS)  # tiles of 556 x 333; the left ones end at 556, the right begin at 444


def seen(*boxes: tuple[float, float, float, float], scores: tuple[float, ...] = (), vehicle: bool = False) -> Seen:
    return Seen(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores or [0.5] * len(boxes), np.float32),
        np.full(len(boxes), vehicle),
    )


def merged(*looks: Seen) -> Seen:
    return merge_views(VIEWS, [*looks, *[seen()] * (len(VIEWS) - len(looks))], settings=SETTINGS)


def test_without_tiles_there_is_one_look():
    (view,) = lay_views(1000, 600, settings=MovementSettings())
    assert (view.left_px, view.top_px, view.right_px, view.bottom_px) == (0, 0, 1000, 600)
    assert view.inner == (False,) * 4


@pytest.mark.parametrize("size", [(1000, 600), (1919, 1081), (576, 1024), (7, 5)])
@pytest.mark.parametrize("tiles", [(2, 2), (3, 1), (1, 2), (4, 3)])
def test_tiles_cover_the_picture_and_overlap_as_said(size, tiles):
    views = lay_views(*size, settings=MovementSettings(tiles=tiles, tile_overlap=0.25))[1:]
    assert len(views) == tiles[0] * tiles[1]
    columns = tiles[0] if size[0] >= size[1] else tiles[1]  # the longer side is divided by the first
    covered = np.zeros(size[::-1], np.int64)
    for view in views:
        covered[view.top_px : view.bottom_px, view.left_px : view.right_px] += 1
        width_px = size[0] / (1 + 0.75 * (columns - 1))
        assert view.right_px - view.left_px == pytest.approx(width_px, abs=1)
    assert covered.min() == 1


def test_of_overlapping_boxes_of_one_kind_the_best_is_kept():
    boxes = seen((0, 0, 10, 20), (1, 0, 11, 20), (40, 0, 50, 20), scores=(0.5, 0.9, 0.3))
    kept = best_of_each(*boxes, iou=0.6)
    np.testing.assert_allclose(kept.scores, [0.9, 0.3])
    np.testing.assert_allclose(kept.boxes_px[0], (1, 0, 11, 20))


def test_a_person_in_front_of_a_vehicle_and_one_half_behind_another_survive():
    boxes = np.array([(0, 0, 10, 20), (0, 0, 10, 20), (4, 0, 14, 20)], np.float32)
    kept = best_of_each(boxes, np.array([0.9, 0.8, 0.7], np.float32), np.array([False, True, False]), iou=0.6)
    assert kept.scores.tolist() == pytest.approx([0.9, 0.8, 0.7])


def test_what_no_box_is_given_for_is_empty():
    kept = best_of_each(*seen(), iou=0.6)
    assert kept.boxes_px.shape == (0, 4)
    assert overlaps(kept.boxes_px, kept.boxes_px)[0].shape == (0, 0)
    assert merged(seen()).boxes_px.shape == (0, 4)


def test_a_figure_in_the_whole_and_in_a_tile_counts_once_with_the_better_box():
    told = merged(seen((100, 100, 120, 160), scores=(0.4,)), seen((101, 99, 121, 160), scores=(0.8,)))
    assert told.scores.tolist() == pytest.approx([0.8])
    np.testing.assert_allclose(told.boxes_px, [(101, 99, 121, 160)])


def test_a_figure_that_a_border_cuts_counts_once_and_whole():
    """It stands across x = 556, where the left tile ends; the right tile and the whole see all of it."""
    whole, cut, right = (530, 100, 580, 220), (530, 100, 556, 220), (531, 101, 580, 220)
    told = merged(seen(whole, scores=(0.4,)), seen(cut, scores=(0.9,)), seen(right, scores=(0.6,)))
    assert len(told.scores) == 1
    np.testing.assert_allclose(told.boxes_px, [right])
    only_tiles = merged(seen(), seen(cut, scores=(0.9,)), seen(right, scores=(0.6,)))
    np.testing.assert_allclose(only_tiles.boxes_px, [right])


def test_a_cut_figure_that_no_other_look_shows_is_kept():
    told = merged(seen(), seen((530, 100, 556, 220)))
    assert len(told.scores) == 1


def test_two_cut_parts_within_a_larger_figure_are_no_figures():
    large = (300, 50, 800, 550)
    told = merged(seen(large), seen((300, 50, 556, 333)), seen((444, 50, 800, 333)))
    np.testing.assert_allclose(told.boxes_px, [large])


def test_persons_close_together_survive_the_looks():
    """Three in a row, each a third behind the next, seen by the whole and by a tile: three, not one or six."""
    row = [(100, 100, 130, 180), (120, 100, 150, 180), (140, 100, 170, 180)]
    nudged = [tuple(np.add(box, 2)) for box in row]
    told = merged(seen(*row, scores=(0.5, 0.6, 0.7)), seen(*nudged, scores=(0.6, 0.5, 0.8)))
    assert len(told.scores) == 3
    np.testing.assert_allclose(sorted(told.boxes_px[:, 0]), [102, 120, 142])


def test_a_person_and_a_vehicle_are_never_one():
    told = merged(seen((100, 100, 130, 180)), seen((100, 100, 130, 180), vehicle=True))
    assert sorted(told.vehicle.tolist()) == [False, True]
