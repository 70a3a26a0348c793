import numpy as np
import pytest

from tracks_example import empty_view, found, track_of, way_px


def test_a_walk_that_becomes_a_run_is_fast_motion_from_then_on():
    view = empty_view(16)
    way = way_px(view, (0.0, 100, 500), (8.0, 500, 500), (12.0, 1200, 500), (12.4, 1270, 500))
    (one,) = found([track_of("person-1", view, way)], view, action="runs")
    assert one.time_s == pytest.approx(8.0, abs=0.4)
    assert one.label == "fast motion"
    measures = dict(one.measures)
    assert measures["speed_heights_per_s"] == pytest.approx(1.75, rel=0.05)
    assert measures["faster_than_before"] == pytest.approx(3.5, rel=0.15)


def test_nobody_runs_because_the_camera_turns():
    turn = np.where((np.arange(80) >= 30) & (np.arange(80) < 45), 320.0, 0.0)
    view = empty_view(16, turn_px_s=turn)
    way = way_px(view, (0.0, 100, 500), (15.8, 300, 500))
    way[:, 0] += np.cumsum(turn) / 5
    assert found([track_of("person-1", view, way)], view, action="runs") == []


def test_a_box_that_jumps_to_a_neighbour_has_less_support_than_a_run():
    view = empty_view(16)
    run = track_of(
        "person-1", view, way_px(view, (0.0, 100, 300), (8.0, 500, 300), (11.0, 1040, 300), (15.8, 1200, 300))
    )
    jump = track_of("person-2", view, way_px(view, (0.0, 100, 600), (8.0, 400, 600), (8.2, 560, 600), (15.8, 800, 600)))
    scores = {one.track_names[0]: one.score for one in found([run, jump], view, action="runs")}
    assert scores.get("person-2", 0.0) < 0.5 < scores["person-1"]


def test_a_near_walker_who_grows_does_not_run():
    view = empty_view(10)
    way = way_px(view, (0.0, 600, 300), (9.8, 660, 690))
    tall = np.linspace(60, 420, len(view.times_s))
    assert found([track_of("person-1", view, way, tall_px=tall)], view, action="runs") == []
