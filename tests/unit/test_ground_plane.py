from dataclasses import replace

import numpy as np
import pytest

from ground_example import PLANE, ground
from syncview.reconstruct.ground_plane import tracks_on_ground
from syncview.settings import MovementSettings

SETTINGS = MovementSettings()


def placed(seeds, *, by, **kinds):
    """Whether each place's radius holds the truth, and how far it is off, over seeds."""
    holds, off_m = [], []
    for seed in seeds:
        one = ground(seed, **kinds)
        given = (
            {"map_points": one.points, "camera": None} if by == "points" else {"map_points": (), "camera": one.camera}
        )
        ways = tracks_on_ground(one.tracks, one.watched, settings=SETTINGS, **given)
        for track, foot_m in zip(one.tracks, one.feet_m, strict=True):
            for point in ways[track.name].points[2:3]:
                off_m.append(float(np.hypot(*(np.array(PLANE.metres(point.lat, point.lon)) - foot_m))))
                holds.append(off_m[-1] <= point.uncertainty_m)
    return np.array(holds), np.array(off_m)


def test_places_by_map_points_hold_the_truth():
    holds, off_m = placed(range(40), by="points", points=10)
    assert len(holds) > 80
    assert holds.mean() >= 0.93
    assert np.median(off_m) < 2.0


def test_places_by_heading_hold_the_truth():
    holds, off_m = placed(range(30), by="heading")
    assert len(holds) > 150
    assert holds.mean() >= 0.92  # 6 figures share a camera's error, so 180 are as good as some 60
    assert np.median(off_m) < 10.0


def test_a_place_by_heading_names_the_lens_that_it_assumes_and_whom_that_fails():
    """Twice the focal length shows a figure of the same size from twice as far: it is placed too near, as it says."""
    settings = replace(SETTINGS, lens_deg=(30.0, 32.0))
    one = ground(3)
    usual, zoomed = (
        tracks_on_ground(one.tracks, one.watched, map_points=(), camera=one.camera, settings=each)
        for each in (SETTINGS, settings)
    )
    far_m = {}
    for ways in (usual, zoomed):
        for name, way in ways.items():
            at_m = [np.hypot(*np.subtract(PLANE.metres(p.lat, p.lon), _stand_m(one))) for p in way.points]
            far_m.setdefault(name, []).append(float(np.median(at_m)))
    assert np.median([zoom / near for near, zoom in far_m.values()]) == pytest.approx(2.3, abs=0.3)
    (words,) = {way.reasons[0] for way in usual.values()}
    assert "55 to 75 degrees across the picture's longer side" in words
    assert "filmed zoomed in stands farther off than placed" in words
    assert "a wide lens (dashcam, body camera, much CCTV) nearer" in words
    assert "30 to 32 degrees" in next(iter(zoomed.values())).reasons[0]


def _stand_m(one):
    return PLANE.metres(one.camera.position.lat, one.camera.position.lon)


def refused(one, **changed):
    given = {"map_points": one.points, "camera": None, **changed}
    ways = tracks_on_ground(one.tracks, one.watched, settings=SETTINGS, **given)
    assert all(way.method is None and way.points == () for way in ways.values())
    return " ".join(reason for way in ways.values() for reason in way.reasons)


def test_three_points_are_too_few():
    assert "4 at least" in refused(replace(ground(1), points=ground(1).points[:3]))


def test_points_on_a_line_are_refused():
    one = ground(1, points=8)
    line = [replace(p, x_px=100.0 + 100 * k, y_px=400.0) for k, p in enumerate(one.points)]
    assert "along a line" in refused(one, map_points=tuple(line))


def test_a_mistaken_point_is_noticed():
    told = [refused(ground(seed, points=8, wrong_m=25.0)) for seed in range(8)]
    assert all("left out" in words or "do not fit" in words for words in told)


def test_figures_outside_of_the_points_have_no_place():
    one = ground(4, points=12)
    ways = tracks_on_ground(one.tracks, one.watched, map_points=one.points, camera=None, settings=SETTINGS)
    assert any(way.points for way in ways.values())
    near = [p for p in one.points if p.x_px < 0.6 * one.watched.size_px[0]]
    fewer = tracks_on_ground(one.tracks, one.watched, map_points=near, camera=None, settings=SETTINGS)
    for track in one.tracks:
        if track.points[0].box_px[0] > 0.85 * one.watched.size_px[0]:
            assert fewer[track.name].points == ()


def turned(one, shift_px):
    motion = one.watched.motion.copy()
    motion[1:, 0, 2] = shift_px / 4
    return replace(one, watched=replace(one.watched, motion=motion))


def test_a_camera_that_turned_away_or_was_lost_carries_no_view():
    one = ground(3, points=12)
    later = [replace(track, points=track.points[-1:]) for track in one.tracks]
    away = turned(replace(one, tracks=tuple(later)), 400.0)
    assert "the camera has moved" in refused(away)
    assert "the camera has moved" in refused(away, map_points=(), camera=one.camera)
    lost = replace(away, watched=replace(away.watched, motion=np.full_like(away.watched.motion, np.nan)))
    assert "motion since the view was stated is not known" in refused(lost)


def test_cut_lying_and_small_figures_have_no_place_by_heading():
    one = ground(2)
    tall = one.watched.size_px[1]
    boxes = {
        "cut": (300.0, tall - 90.0, 340.0, float(tall)),
        "lies": (300, 400, 400, 450),
        "small": (300, 400, 308, 420),
    }
    for name, box in boxes.items():
        points = tuple(replace(point, box_px=box) for point in one.tracks[0].points)
        words = refused(replace(one, tracks=(replace(one.tracks[0], points=points),)), map_points=(), camera=one.camera)
        assert {"cut": "cut by the border", "lies": "not upright", "small": "too small"}[name] in words


def test_without_anything_stated_there_is_nothing():
    one = ground(1)
    assert tracks_on_ground(one.tracks, one.watched, map_points=(), camera=None, settings=SETTINGS) == {}


def test_swapped_degrees_are_refused_with_the_distance():
    one = ground(1)
    swapped = replace(one.points[0], lat=one.points[0].lon, lon=one.points[0].lat)
    assert "km apart" in refused(one, map_points=(swapped, *one.points[1:]))


def test_the_ellipse_is_longer_along_the_line_of_sight():
    one = ground(5)
    camera = replace(one.camera, position=replace(one.camera.position, uncertainty_m=1.0))
    ways = tracks_on_ground(one.tracks, one.watched, map_points=(), camera=camera, settings=SETTINGS)
    point = ways[one.tracks[0].name].points[0]
    assert point.ellipse is not None
    assert point.ellipse.major_m > 1.5 * point.ellipse.minor_m
    off = (point.ellipse.azimuth_deg - camera.heading_deg + 90) % 180 - 90
    assert abs(off) < 40
    assert point.uncertainty_m == pytest.approx(point.ellipse.major_m, rel=0.4)
