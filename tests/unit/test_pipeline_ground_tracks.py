"""Tracks on the map by what people know of a view, and whose way a figure's is."""

import numpy as np
import pytest

from incident_example import recording
from moving_example import film, films, track
from syncview.case import parse_case
from syncview.model import Figures, Watched
from syncview.pipeline.ground_tracks import ways_on_the_ground
from syncview.pipeline.knowledge import gather_knowledge
from syncview.settings import MovementSettings, ReconstructSettings

METRE = 1 / 111_195  # degrees of latitude
# The ground as seen from straight above, 10 px a metre; the picture is shown at twice the size that was looked at.
CORNERS = ((100, 100), (1100, 100), (1100, 600), (100, 600), (600, 350), (300, 200))


def _still(times_s):
    """A camera that does not move."""
    count, none = len(times_s), np.zeros(0, np.float32)
    motion = np.tile(np.eye(2, 3), (count, 1, 1))
    motion[0] = np.nan
    level = np.full(count, 100, np.float32)
    return Watched(
        size_px=(640, 360),
        times_s=times_s,
        indices=np.arange(count),
        motion=motion,
        brightness=level,
        contrast=level,
        sharpness=level / 200,
        strange_motion=np.zeros(count, np.float32),
        figures=Figures(
            frame=np.zeros(0, np.int64),
            boxes_px=np.zeros((0, 4), np.float32),
            scores=none,
            vehicle=np.zeros(0, np.bool_),
            light_head=none,
            vivid_head=none,
            vivid_body=none,
        ),
    )


def _case(text):
    return parse_case(text, name="case.toml")


def _found(text, known, *, tracks=True):
    case = _case(text)
    knowledge = gather_knowledge(case, known, settings=ReconstructSettings())
    seen = film([], tracks=[track("person-1", 2.0, 6.0)] if tracks else [])
    seen = type(seen)(
        recording_id=seen.recording_id,
        tracks=seen.tracks,
        watched=_still(np.arange(50) / 5),
        unassessable=(),
        counts=(),
        shown_px=2.0,
    )
    return knowledge, ways_on_the_ground(films(seen), case, known, knowledge, settings=MovementSettings())


def _points(corners):
    """Tables of seven lines, each a point of the ground."""
    return "".join(
        f"""[[map_point]]
file = "a.mp4"
time_s = 1.0
x_px = {x}
y_px = {y}
lat = {35 - y / 10 * METRE:.9f}
lon = {36 + x / 10 * METRE / np.cos(np.radians(35)):.9f}
"""
        for x, y in corners
    )


def test_a_track_lies_where_map_points_of_the_displayed_picture_put_it():
    knowledge, grounded = _found(_points(CORNERS), (recording("rec-2", "a.mp4"),))
    assert knowledge.remarks == ()
    assert grounded.findings == ()
    way = grounded.by_track["rec-2/person-1"]
    assert way.method == "map points"
    first = way.points[0]
    # Its feet stand at 110, 110 of the picture that was looked at, 220, 220 of the displayed one: 22 m from the corner.
    assert (35 - first.lat) / METRE == pytest.approx(22.0, abs=1.0)
    assert (first.lon - 36) / METRE * np.cos(np.radians(35)) == pytest.approx(22.0, abs=1.0)
    last = way.points[-1]
    assert (last.lon - first.lon) / METRE * np.cos(np.radians(35)) == pytest.approx(40.0, abs=1.0)  # 200 px of 640


def test_without_knowledge_of_the_view_nothing_is_put_on_the_map():
    _, grounded = _found("", (recording("rec-2", "a.mp4"),))
    assert grounded.by_track == {}
    assert grounded.findings == ()


def test_a_map_point_of_an_unknown_file_is_told():
    text = '[[map_point]]\nfile = "b.mp4"\ntime_s = 1.0\nx_px = 1\ny_px = 1\nlat = 35.0\nlon = 36.0\n'
    knowledge, _ = _found(text, (recording("rec-2", "a.mp4"),))
    assert any("b.mp4" in trouble for trouble in knowledge.troubles)


def _unused(text, *, tracks=True):
    """What the one finding says; the ways, if any, are without places, for the same reason."""
    _, grounded = _found(text, (recording("rec-2", "a.mp4"),), tracks=tracks)
    (finding,) = grounded.findings
    assert (finding.kind, finding.recording_ids) == ("unused_map_points", ("rec-2",))
    assert len(grounded.by_track) == tracks
    for way in grounded.by_track.values():
        assert (way.method, way.points) == (None, ())
        assert way.reasons[0] in finding.message
    return finding.message


@pytest.mark.parametrize("tracks", [True, False])
def test_a_mistyped_map_point_is_named_by_its_line_whether_or_not_anybody_is_followed(tracks):
    table = _points(CORNERS)
    lat, lon = (line.partition(" = ")[2] for line in table.splitlines()[5:7])
    swapped = table.replace(f"lat = {lat}\nlon = {lon}", f"lat = {lon}\nlon = {lat}", 1)
    said = _unused(swapped, tracks=tracks)
    assert "case.toml, line 1 and case.toml, line " in said
    assert "km apart, so one is mistaken; are lat and lon swapped?" in said
    far = _unused(table.replace(f"lat = {lat}", "lat = 12.5", 1), tracks=tracks)
    assert "km apart, so one is mistaken" in far
    assert "swapped" not in far
    outside = _unused(table.replace("x_px = 1100", "x_px = 7000", 1), tracks=tracks)
    assert outside == "case.toml, line 8: x_px = 7000, y_px = 100 lies outside of the picture of 1280 x 720 pixels"
    late = _unused(table.replace("time_s = 1.0", "time_s = 4000", 1), tracks=tracks)
    assert "case.toml, line 1: time_s = 4000 lies after the end of the file at " in late


@pytest.mark.parametrize("tracks", [True, False])
def test_map_points_that_give_no_ground_are_told(tracks):
    assert "case.toml, line 1: 3 map points of this view; 4 at least" in _unused(_points(CORNERS[:3]), tracks=tracks)
    line = _points([(100 * k, 300) for k in range(1, 6)])
    assert "case.toml, line 1: the map points lie along a line" in _unused(line, tracks=tracks)


def test_map_points_far_from_their_camera_are_refused_with_it():
    camera = '[[recording]]\nfile = "a.mp4"\nlat = 36.0\nlon = 35.0\nheading_deg = 0.0\n'
    assert "and the place of the camera are 143 km apart" in _unused(camera + _points(CORNERS))


def test_a_map_point_of_a_file_without_a_picture_is_told():
    _, grounded = _found(_points(CORNERS[:1]), (recording("rec-1", "a.mp4", video=None),))
    assert "case.toml, line 1: a.mp4 has no picture" in grounded.findings[0].message
