"""People read no more digits than the error bar allows."""

import pytest

from incident_example import incident
from syncview.timebase import moment_of
from syncview.timeline.build import build_timeline
from syncview.timeline.words import (
    clock_text,
    instant_text,
    seconds_text,
    support_word,
    uncertainty_text,
)


@pytest.mark.parametrize(
    ("uncertainty_s", "time_text", "width_text"),
    [
        (0.0, "12.346", "0.000"),
        (0.0004, "12.346", "0.001"),
        (0.012, "12.346", "0.012"),
        (0.031, "12.35", "0.04"),
        (0.15, "12.35", "0.15"),
        (0.3, "12.3", "0.3"),
        (1.46, "12.3", "1.5"),
        (3.2, "12", "4"),
        (45.0, "12", "45"),
    ],
)
def test_digits_follow_the_half_width(uncertainty_s, time_text, width_text):
    assert seconds_text(12.3456, uncertainty_s) == time_text
    assert uncertainty_text(uncertainty_s) == width_text
    assert float(width_text) >= uncertainty_s


def test_support_is_a_word():
    assert [support_word(c) for c in (0.0, 0.499, 0.5, 0.799, 0.8, 1.0)] == [
        "weak",
        "weak",
        "moderate",
        "moderate",
        "strong",
        "strong",
    ]


def test_moment_in_a_recording_honours_offset_drift_and_ends():
    clocks = {c.recording_id: c for c in build_timeline(incident()).groups[0].clocks}
    assert moment_of(clocks["rec-3"], 30.0) == pytest.approx(33.5 / (1 - 40e-6), abs=1e-9)
    assert moment_of(clocks["rec-3"], -3.6) is None
    assert moment_of(clocks["rec-5"], 65.75) == pytest.approx(44.0, abs=1e-9)
    assert moment_of(clocks["rec-5"], 65.76) is None


@pytest.mark.parametrize(
    ("time_s", "uncertainty_s", "text"),
    [
        (0.0, 0.004, "0:00.000"),
        (59.97, 0.3, "1:00.0"),
        (3599.9, 5.0, "1:00:00"),
        (-0.01, 0.3, "0:00.0"),
        (-61.04, 0.03, "-1:01.04"),
    ],
)
def test_clock(time_s, uncertainty_s, text):
    assert clock_text(time_s, uncertainty_s) == text


@pytest.mark.parametrize(
    ("iso", "uncertainty_s", "text"),
    [
        ("2018-12-31T23:59:59.960000Z", 0.3, "2019-01-01 00:00:00.0"),
        ("2018-05-01T09:12:33Z", 0.012, "2018-05-01 09:12:33.000"),
        ("2018-05-01T09:12:33.049000+03:00", 0.03, "2018-05-01 09:12:33.05"),
    ],
)
def test_instant(iso, uncertainty_s, text):
    assert instant_text(iso, uncertainty_s) == text
