"""A clock in pieces: which segment holds a moment, and where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.model import Clock, ClockSegment
from syncview.timebase import (
    group_extent_s,
    group_spans_s,
    group_time_of,
    moment_of,
    recording_time_of,
    segment_at,
    segments_of,
)


def piece(start_s: float, end_s: float, offset_s: float, drift_ppm: float = 0.0, applies_to: str = "both"):
    return ClockSegment(
        start_s=start_s,
        end_s=end_s,
        offset_s=offset_s,
        drift_ppm=drift_ppm,
        drift_uncertainty_ppm=0.0,
        applies_to=applies_to,  # type: ignore[arg-type]
        picture_check="unverified",
    )


def of_pieces(*segments: ClockSegment) -> Clock:
    return Clock(
        recording_id="a", segments=segments, uncertainty_s=0.1, sound_uncertainty_s=0.01, basis=(), assumptions=()
    )


CUT = of_pieces(piece(0.0, 20.0, 5.0), piece(20.0, 60.0, 15.0))  # 10 s are missing at 20 s
EDITED = of_pieces(
    piece(2.0, 10.0, 0.0),
    piece(10.0, 18.0, 0.0, applies_to="audio"),  # B-roll over unbroken sound
    piece(12.0, 18.0, 100.0, applies_to="video"),
    piece(25.0, 65.0, 20.0, drift_ppm=-750_000.0),  # slowed to a quarter
)


def test_a_cut_puts_each_side_on_its_own_clock():
    assert group_time_of(CUT, 19.9, of="audio") == pytest.approx(24.9)
    assert group_time_of(CUT, 20.0, of="video") == pytest.approx(35.0)  # a frame belongs to what follows the cut
    assert group_time_of(CUT, 60.0, of="audio") == pytest.approx(75.0)
    assert recording_time_of(CUT, 30.0, of="audio") is None  # cut out
    assert recording_time_of(CUT, 35.0, of="audio") == pytest.approx(20.0)
    assert group_extent_s(CUT) == (5.0, 75.0)
    assert group_spans_s(CUT) == ((5.0, 25.0), (35.0, 75.0))


@pytest.mark.parametrize(
    ("recording_s", "heard_s", "seen_s"),
    [
        (1.0, None, None),
        (5.0, 5.0, 5.0),
        (11.0, 11.0, None),
        (15.0, 15.0, 115.0),
        (20.0, None, None),
        (45.0, 31.25, 31.25),
        (65.1, None, None),
    ],
)
def test_sound_and_picture_have_each_their_own_segments_and_gaps(recording_s, heard_s, seen_s):
    assert group_time_of(EDITED, recording_s, of="audio") == pytest.approx(heard_s)
    assert group_time_of(EDITED, recording_s, of="video") == pytest.approx(seen_s)
    assert (segment_at(EDITED.segments, recording_s, of="audio") is None) == (heard_s is None)


def test_group_time_goes_back_to_the_file_by_the_stream_that_holds_it():
    assert recording_time_of(EDITED, 15.0, of="video") is None
    assert recording_time_of(EDITED, 115.0, of="video") == pytest.approx(15.0)
    assert recording_time_of(EDITED, 31.25, of="audio") == pytest.approx(45.0)
    assert moment_of(EDITED, 15.0) == pytest.approx(15.0)  # by its sound
    assert moment_of(EDITED, 115.0) == pytest.approx(15.0)  # by its picture
    assert moment_of(EDITED, 20.0) is None
    assert [s.start_s for s in segments_of(EDITED.segments, of="video")] == [2.0, 12.0, 25.0]


def test_a_moment_that_the_file_repeats_is_its_first():
    again = of_pieces(piece(0.0, 20.0, 0.0), piece(20.0, 30.0, -10.0))
    assert recording_time_of(again, 15.0, of="audio") == pytest.approx(15.0)
    assert recording_time_of(again, 20.0, of="audio") == pytest.approx(20.0)


def test_moments_written_to_the_microsecond_stay_on_the_clock():
    clock = of_pieces(piece(1 / 3, 2 / 3, 0.0), piece(2 / 3, 1.0, 5.0))
    assert group_time_of(clock, 0.333333, of="audio") == pytest.approx(0.333333)
    assert group_time_of(clock, 1.0000005, of="audio") == pytest.approx(6.0, abs=1e-5)
    assert group_time_of(clock, 1.001, of="audio") is None


def test_there_and_back_on_random_clocks():
    rng = np.random.default_rng(7)
    for _ in range(100):
        at_s = group_s = 0.0
        pieces = []
        for _ in range(rng.integers(1, 6)):
            length_s, pace = rng.uniform(1, 30), rng.choice([1.0, 1.0001, 0.25, 2.0])
            pieces.append(piece(at_s, at_s + length_s, group_s - at_s * pace, (pace - 1) * 1e6))
            at_s += length_s + rng.uniform(0.01, 5)
            group_s += length_s * pace + rng.uniform(0.01, 60)
        clock = of_pieces(*pieces)
        moments_s = [rng.uniform(p.start_s, p.end_s) for p in pieces]
        there_s = [group_time_of(clock, t, of="audio") for t in moments_s]
        assert there_s == sorted(there_s)
        assert [recording_time_of(clock, t, of="video") for t in there_s] == pytest.approx(moments_s, abs=1e-6)
        assert all(group_time_of(clock, p.end_s + 0.005, of="audio") is None for p in pieces)
