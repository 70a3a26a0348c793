import numpy as np
import pytest

from syncview.detect.track_links import continued_tracks
from syncview.detect.track_ways import Camera, speeds, way_of
from syncview.settings import MovementSettings
from tracks_example import empty_view, track_of, way_px

SETTINGS = MovementSettings()


def test_a_speed_is_in_heights_and_without_the_camera_s_motion():
    turn = 200.0 * np.sin(np.arange(40) / 3.0)
    view = empty_view(8, turn_px_s=turn)
    way = way_px(view, (0.0, 400, 500), (7.8, 790, 500))
    way[:, 0] += np.cumsum(turn) / 5 - turn[0] / 5
    track = way_of(track_of("person-1", view, way), Camera(view), border_share=0.02)
    velocities = speeds(track, 0.8)
    assert np.nanmedian(velocities[:, 0]) == pytest.approx(0.5, abs=0.01)
    assert np.nanmax(np.abs(velocities[:, 1])) < 0.01


def test_nothing_is_carried_across_lost_motion():
    camera = Camera(empty_view(6, lost_at_s=3.0))
    place = np.array([[100.0, 100.0]])
    assert np.isfinite(camera.carried(place, 0, 14)).all()
    assert np.isnan(camera.carried(place, 0, 15)).all()
    assert np.isfinite(camera.carried(place, 29, 15)).all()


def test_a_cut_box_has_no_speed_and_keeps_its_height():
    view = empty_view(8)
    way = way_px(view, (0.0, 640, 600), (7.8, 640, 780))
    track = track_of("person-1", view, way)
    arrays = way_of(track, Camera(view), border_share=0.02)
    assert arrays.cut[-1].tolist() == [False, False, False, True]
    assert np.isnan(speeds(arrays, 0.8)[-1]).all()
    assert arrays.height_px[-1] == pytest.approx(100.0, abs=1.0)


@pytest.mark.parametrize(("begins_s", "x", "goes_on"), [(6.0, 560, True), (6.0, 900, False), (9.5, 560, False)])
def test_a_track_goes_on_with_one_that_ended_near_and_shortly_before(begins_s, x, goes_on):
    view = empty_view(12)
    camera = Camera(view)
    first = track_of("person-1", view, way_px(view, (0.0, 300, 500), (5.0, 500, 500)))
    second = track_of("person-2", view, way_px(view, (begins_s, x, 500), (11.8, x + 50, 500)))
    ways = [way_of(track, camera, border_share=0.02) for track in (first, second)]
    links = continued_tracks(ways, camera, settings=SETTINGS)
    assert links == {"person-1": (False, goes_on), "person-2": (goes_on, False)}
