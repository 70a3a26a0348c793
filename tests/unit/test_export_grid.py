"""The plan of the grid and its layout: what stands where, and what is shown when."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from incident_example import CAMERAS, edited_group, incident
from syncview.errors import DocumentError, SettingError
from syncview.export.grid import State, chosen_group, plan_grid, plan_nothing
from syncview.export.grid_layout import lay_out
from syncview.export.grid_marks import lit_spans_s
from syncview.export.grid_paint import GridPainter
from syncview.export.grid_shaping import isolated
from syncview.media.grid_pictures import ShownPicture
from syncview.timeline.build import build_timeline


def document(**changes):
    return build_timeline(incident(**changes))


def planned(timeline, **changes):
    group = chosen_group(timeline, None)
    known = {
        "frame_times_s": {name: np.arange(0, CAMERAS[name][2], 0.04) for name in CAMERAS if name != "rec-4"},
        "found": frozenset(CAMERAS),
        "rate": Fraction(30),
        "start_s": None,
        "end_s": None,
        "sound": "balcony.mp4",
    }
    return plan_grid(timeline, group, **known | changes)


def states(tile, plan, *moments_s):
    return [State(int(tile.state[round((moment_s - float(plan.start_s)) * plan.rate)])) for moment_s in moments_s]


@pytest.mark.parametrize(
    ("count", "columns", "tile"),
    [
        (1, 1, (640, 360)),
        (2, 2, (640, 360)),
        (3, 3, (637, 358)),
        (4, 2, (640, 360)),
        (9, 3, None),
        (12, 4, None),
        (36, 8, None),
    ],
)
def test_the_layout_is_as_large_as_fits(count, columns, tile):
    grid = lay_out(count)
    assert grid.width_px <= 1920
    assert grid.height_px <= 1080
    assert grid.width_px % 2 == grid.height_px % 2 == 0
    assert len(grid.tiles) == count
    assert len({each.picture.left for each in grid.tiles}) == columns
    first = grid.tiles[0].picture
    assert first.width / first.height == pytest.approx(16 / 9, rel=0.02)
    if tile is not None:
        assert (first.width, first.height) == tile
    taken = np.zeros((grid.height_px, grid.width_px), int)
    for rect in (grid.top, grid.bottom, *(part for each in grid.tiles for part in (each.picture, each.caption))):
        assert rect.left >= 0
        assert rect.top >= 0
        assert rect.left + rect.width <= grid.width_px
        assert rect.top + rect.height <= grid.height_px
        taken[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width] += 1
    assert taken.max() == 1


def test_too_many_or_too_small_tiles_are_refused():
    with pytest.raises(SettingError, match="37 cameras are too many for one picture, at most 36 can be read"):
        lay_out(37)
    with pytest.raises(SettingError, match="the height of a tile should be between 90 and 1080 px, got 10"):
        lay_out(4, tile_height_px=10)


def test_the_largest_group_is_shown_from_its_first_to_its_last_moment():
    plan = planned(document())
    assert [tile.recording_id for tile in plan.tiles] == ["rec-5", "rec-1", "rec-3", "rec-4", "rec-2"]
    assert float(plan.start_s) == -3.5
    assert plan.time_s(plan.frame_count) == pytest.approx(65.75, abs=1 / 30)
    assert plan.unreviewed
    assert [event.title for event in plan.events] == ["explosion (candidate)"] * 4
    assert plan.events[0].basis == f"as heard at {isolated('balcony.mp4')}"


def test_what_a_camera_does_not_film_is_said():
    plan = planned(document())
    tiles = {tile.recording_id: tile for tile in plan.tiles}
    assert states(tiles["rec-2"], plan, 7.0, 7.4, 48.0, 48.5) == [
        State.BEFORE,
        State.PICTURE,
        State.PICTURE,
        State.AFTER,
    ]
    assert states(tiles["rec-4"], plan, 0.0, 20.0, 50.0) == [State.BEFORE, State.SOUND_ONLY, State.AFTER]
    assert tiles["rec-2"].clock == "clock ± 0.4 s by sound"
    assert tiles["rec-1"].clock == "reference clock"


def test_what_was_cut_out_or_put_over_is_not_shown_as_if_filmed_then():
    plan = planned(document(groups=(edited_group(),)))
    tile = next(each for each in plan.tiles if each.recording_id == "rec-1")
    assert states(tile, plan, 19.5, 25.0, 35.0, 65.0, 65.5) == [
        State.PICTURE,
        State.BETWEEN,
        State.PICTURE,
        State.OF_ANOTHER_MOMENT,
        State.OF_ANOTHER_MOMENT,
    ]
    at = round((35.0 - float(plan.start_s)) * 30)
    assert tile.wanted_s[at] == pytest.approx(25.0 - 0.04, abs=0.0401)


def test_a_file_that_is_not_there_is_said():
    plan = planned(document(), found=frozenset(CAMERAS) - {"rec-2"})
    tile = next(each for each in plan.tiles if each.recording_id == "rec-2")
    assert states(tile, plan, 7.0, 20.0) == [State.BEFORE, State.NOT_FOUND]
    assert np.isnan(tile.wanted_s).all()


def test_groups_and_ranges_that_are_not_there_are_refused():
    timeline = document()
    with pytest.raises(DocumentError, match="there is no group group-9"):
        chosen_group(timeline, "group-9")
    with pytest.raises(SettingError, match="the end should be after the start, got 3 to 3 s"):
        planned(timeline, start_s=3.0, end_s=3.0)
    assert chosen_group(document(groups=(), events=(), candidates=(), findings=()), None) is None


def test_lamps_change_less_than_three_times_in_a_second():
    rng = np.random.default_rng(3)
    for _ in range(50):
        moments = sorted(rng.uniform(0, 20, 30))
        spans = lit_spans_s([(moment, moment) for moment in moments])
        changes = np.sort(np.ravel(spans))
        assert all(end - start >= 1.0 for start, end in spans)
        assert np.diff(changes).min() >= 0.5
        assert all(any(start <= moment < end for start, end in spans) for moment in moments)


def test_pictures_are_never_written_on_and_the_margins_do_not_blink():
    timeline = document()
    plan = planned(timeline, start_s=15.0, end_s=21.0)
    plan = replace(plan, utc=(datetime(2018, 5, 1, 9, 12, 22, tzinfo=UTC), 3.0))
    layout = lay_out(len(plan.tiles), tile_height_px=120)
    painter = GridPainter(plan, layout)
    marks = []
    for number in range(plan.frame_count):
        shown = []
        for tile, rects in zip(plan.tiles, layout.tiles, strict=True):
            size = (rects.picture.height, rects.picture.width, 3)
            time_s = float(tile.wanted_s[number])
            shown.append(None if np.isnan(time_s) else ShownPicture(time_s=time_s, pixels=np.full(size, 77, np.uint8)))
        canvas = painter.paint(number, shown)
        for picture, rects in zip(shown, layout.tiles, strict=True):
            rect = rects.picture
            part = canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width]
            assert (part == 77).all() == (picture is not None)
        margin = canvas[layout.bottom.top :].astype(int)
        marks.append(margin.mean())
    assert np.abs(np.diff(marks)).max() < 3.0  # of 255, over the strip; all else is steady


def test_nothing_to_show_is_a_film_that_says_so():
    plan = plan_nothing(document(), rate=Fraction(25))
    layout = lay_out(0)
    canvas = GridPainter(plan, layout).paint(0, [])
    assert plan.frame_count == 125
    assert canvas[layout.top.height : layout.bottom.top].max() > 200
