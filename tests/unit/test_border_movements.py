import numpy as np
import pytest

from tracks_example import empty_view, found, track_of, way_px


def test_the_moment_of_an_entry_is_when_half_of_the_figure_is_in():
    view = empty_view(12)
    walks = track_of("person-1", view, way_px(view, (2.0, -160, 500), (12.0, 640, 500)))
    (one,) = found([walks], view, action="enters")
    assert one.time_s == pytest.approx(4.0, abs=0.1)
    assert 0.1 < one.uncertainty_s < 0.4
    assert (one.subject, one.label) == ("person", "person enters view")
    assert "left border" in one.reasons[0]
    assert dict(one.measures)["own_speed_heights_per_s"] == pytest.approx(0.8, rel=0.05)
    assert found([walks], view, action="leaves") == []


def test_one_who_is_recognised_late_is_followed_back_to_the_border():
    view = empty_view(12)
    way = way_px(view, (2.0, 1440, 500), (12.0, 640, 500))
    way[view.times_s < 5.3] = np.nan  # the detector overlooks him for 1.3 s
    (one,) = found([track_of("person-1", view, way)], view, action="enters")
    assert one.time_s == pytest.approx(4.0, abs=0.2)
    assert dict(one.measures)["beyond_s"] == pytest.approx(1.4, abs=0.2)
    assert any("before it is first recognised" in reason for reason in one.reasons)


def test_leaving_is_the_mirror_of_entering():
    view = empty_view(12)
    (one,) = found([track_of("person-1", view, way_px(view, (0.0, 640, 500), (12.0, 1600, 500)))], view)
    assert (one.action, one.label) == ("leaves", "person leaves view")
    assert one.time_s == pytest.approx(8.0, abs=0.1)


def test_what_the_camera_turns_to_does_not_enter():
    turn = np.where((np.arange(60) >= 20) & (np.arange(60) < 30), -300.0, 0.0)
    view = empty_view(12, turn_px_s=turn)
    stands = np.column_stack([1500 + np.cumsum(turn) / 5, np.full(60, 500.0)])
    track = track_of("person-1", view, stands)
    assert track.points[0].time_s > 4.0
    assert found([track], view) == []


def test_one_who_walks_in_while_the_camera_shakes_enters():
    shake = 250.0 * np.sin(np.arange(60) * 1.3)
    view = empty_view(12, turn_px_s=shake)
    way = way_px(view, (2.0, -160, 500), (12.0, 640, 500))
    way[:, 0] += np.cumsum(shake) / 5
    (one,) = found([track_of("person-1", view, way)], view, action="enters")
    assert one.time_s == pytest.approx(4.0, abs=0.5)


def test_a_track_that_begins_with_the_recording_or_after_lost_motion_does_not_enter():
    view = empty_view(12, lost_at_s=6.0)
    there = track_of("person-1", view, way_px(view, (0.0, 300, 500), (5.8, 700, 500)), ends_cut_off=True)
    again = track_of("person-2", view, way_px(view, (6.0, 720, 500), (11.8, 900, 500)), starts_cut_off=True)
    assert found([there, again], view) == []


def test_one_who_appears_amid_the_picture_is_told_with_less_support():
    view = empty_view(20)
    out = track_of("person-1", view, way_px(view, (8.0, 600, 500), (19.8, 1000, 500)))
    border = track_of("person-2", view, way_px(view, (2.0, -160, 300), (19.8, 600, 300)))
    movements = {one.track_names[0]: one for one in found([out, border], view, action="enters")}
    assert movements["person-1"].score < movements["person-2"].score
    assert movements["person-1"].label == "person comes into view"
    assert "amid the picture" in movements["person-1"].reasons[0]


def test_one_who_is_overlooked_for_a_moment_neither_leaves_nor_enters():
    view = empty_view(12)
    first = track_of("person-1", view, way_px(view, (0.0, 300, 500), (5.0, 500, 500)))
    second = track_of("person-2", view, way_px(view, (7.0, 580, 500), (11.8, 772, 500)))
    assert found([first, second], view) == []


def test_a_figure_that_stands_at_the_border_and_flickers_does_nothing():
    view = empty_view(20)
    pieces = [
        track_of(f"person-{k}", view, way_px(view, (start, 10, 500), (start + 2.0, 12, 500)))
        for k, start in enumerate((3.0, 6.0, 9.0, 12.0))
    ]
    assert found(pieces, view) == []


def test_a_group_that_enters_is_one_movement_with_its_count():
    view = empty_view(14)
    tracks = [
        track_of(f"person-{k}", view, way_px(view, (2.0 + 0.5 * k, -160, 500 + 5 * k), (13.0, 640, 500 + 5 * k)))
        for k in range(3)
    ]
    (one,) = found(tracks, view, action="enters")
    assert one.subject == "group"
    assert one.label.startswith("3 people enter view within")
    assert set(one.track_names) == {"person-0", "person-1", "person-2"}
    assert one.end_s is not None
    assert one.end_s > one.time_s
