import numpy as np
import pytest

from tracks_example import empty_view, found, track_of, way_px


def braking(view, stop_s, *, stop_px=700.0, speed=200.0, rate=150.0):
    """A vehicle of 100 px that comes from the left, brakes evenly and stands from `stop_s` on."""
    left_s = np.maximum(stop_s - view.times_s, 0.0)
    brakes_s = speed / rate
    left_px = np.where(left_s < brakes_s, 0.5 * rate * left_s**2, speed * left_s - 0.5 * speed * brakes_s)
    return np.column_stack([stop_px - left_px, np.full(len(left_s), 450.0)])


def noisy(way, seed, sigma_px=3.0):
    return way + np.random.default_rng(seed).normal(0, sigma_px, way.shape)


def test_a_vehicle_that_stops_arrives_when_its_speed_becomes_zero():
    view = empty_view(25)
    for seed in range(5):
        track = track_of("vehicle-1", view, noisy(braking(view, 9.3), seed), wide=2.5)
        (one,) = found([track], view, action="arrives")
        assert one.time_s == pytest.approx(9.3, abs=0.5)
        assert abs(one.time_s - 9.3) <= one.uncertainty_s
        assert one.label == "vehicle stops"
        assert found([track], view, action="departs") == []


def test_a_vehicle_that_stands_and_goes_departs():
    view = empty_view(25)
    way = braking(view, 25 - 9.3)[::-1].copy()
    way[:, 0] = 1400 - way[:, 0]
    (one,) = found([track_of("vehicle-1", view, noisy(way, 3), wide=2.5)], view, action="departs")
    assert one.time_s == pytest.approx(9.3, abs=0.6)
    assert one.label == "vehicle moves off"


def test_a_vehicle_that_passes_or_only_stands_neither_arrives_nor_departs():
    view = empty_view(25)
    passes = track_of("vehicle-1", view, noisy(way_px(view, (3.0, -200, 450), (9.0, 1500, 450)), 1), wide=2.5)
    stands = track_of("vehicle-2", view, noisy(np.tile([600.0, 400.0], (len(view.times_s), 1)), 2), wide=2.5)
    actions = {one.action for one in found([passes, stands], view)}
    assert actions == {"enters", "leaves"}


def test_the_camera_s_turn_is_no_drive():
    turn = np.where((np.arange(125) >= 40) & (np.arange(125) < 60), 80.0, 0.0)
    view = empty_view(25, turn_px_s=turn)
    stands = np.column_stack([500 + np.cumsum(turn) / 5, np.full(125, 450.0)])
    assert found([track_of("vehicle-1", view, noisy(stands, 1), wide=2.5)], view) == []


def test_people_who_appear_beside_a_stopped_vehicle_are_its_evidence():
    view = empty_view(25)
    vehicle = track_of("vehicle-1", view, braking(view, 8.0), wide=2.5)
    gets_out = track_of("person-1", view, way_px(view, (11.0, 650, 460), (24.8, 500, 480)))
    far_off = track_of("person-2", view, way_px(view, (12.0, 150, 460), (24.8, 160, 480)))
    movements = found([vehicle, gets_out, far_off], view)
    (one,) = [each for each in movements if each.action == "arrives"]
    assert one.label == "vehicle stops, people near vehicle"
    assert one.track_names == ("vehicle-1", "person-1")
    assert gets_out.points[0] in one.evidence
    assert not any(each.action == "enters" and "person-1" in each.track_names for each in movements)
