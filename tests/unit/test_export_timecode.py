"""Frame numbers are exact, for constant and variable rates, at the edges and between microseconds."""

import numpy as np
import pytest

from syncview.errors import InputError
from syncview.export.timecode import frame_index, timecode


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0.0, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (3599.9994, "00:59:59.999"),
        (360000.0, "100:00:00.000"),
        (-0.0001, "00:00:00.000"),
        (-61.5, "-00:01:01.500"),
    ],
)
def test_timecode(time_s, text):
    assert timecode(time_s) == text


def test_every_frame_of_ntsc_video_is_found_from_its_rounded_time():
    pts_s = np.arange(1000) * 1001 / 30000
    assert [frame_index(pts_s, round(float(t), 6)) for t in pts_s] == list(range(1000))
    assert [frame_index(pts_s, float(t) + 0.02) for t in pts_s] == list(range(1000))


def test_variable_rate_is_counted_not_computed():
    pts_s = np.array([0.0, 0.033, 0.5, 0.533, 2.0])
    assert [frame_index(pts_s, t) for t in (0.0, 0.49, 0.5, 1.9, 2.0)] == [0, 1, 2, 3, 4]


def test_no_frame_before_the_first_and_after_the_last():
    pts_s = np.array([0.5, 0.54, 0.58])
    assert frame_index(pts_s, 0.4999) is None
    assert frame_index(pts_s, 0.619) == 2
    assert frame_index(pts_s, 0.621) is None
    assert frame_index(np.array([]), 0.0) is None


def test_a_single_frame_stays():
    assert frame_index(np.array([0.0]), 12.0) == 0


def test_times_out_of_order_are_refused():
    with pytest.raises(InputError, match="ascending"):
        frame_index(np.array([0.0, 0.2, 0.1]), 0.1)
