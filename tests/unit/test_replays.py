"""One sound shown several times counts once, and copies are one witness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident_example import clock as clock_of
from syncview.model import Detection, Duplicate, Group
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.replays import without_replays
from syncview.reconstruct.strikes import join_strikes
from syncview.reconstruct.witnesses import witness_of
from syncview.settings import Settings

GEOMETRY = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=343.0)


def clock(name: str, offset_s: float = 0.0):
    return clock_of(name, offset_s, 60.0, uncertainty_s=0.0 if name == "a" else 1.5)


def group(offsets_s: dict[str, float]) -> Group:
    return Group(id="g1", reference_id="a", clocks=tuple(clock(name, at_s) for name, at_s in offsets_s.items()))


def join(detections, clocks, duplicates=()):
    return join_strikes(detections, (clocks,), geometry=GEOMETRY, settings=Settings(), duplicates=duplicates)


def found(name: str, time_s: float, score: float = 0.9) -> Detection:
    return Detection(
        recording_id=name,
        kind="blast",
        time_s=time_s,
        uncertainty_s=0.004,
        score=score,
        label="explosion",
        measures=(("local_share", (1 - score) / 2),),
        reasons=("made up",),
    )


def again(name: str, time_s: float, of_s: float, score: float = 0.8):
    return replace(found(name, time_s, score), replay_of_s=of_s)


def test_the_original_counts_and_every_further_showing_is_a_replay():
    shown = [found("a", 10.0), again("a", 30.0, 10.02), again("a", 50.0, 30.0), found("a", 20.0)]
    counting, replays = without_replays(shown, clock("a"))
    assert [d.time_s for d in counting] == [10.0, 20.0]
    assert [(other.time_s, first.time_s) for other, first in replays] == [(30.0, 10.0), (50.0, 10.0)]
    assert without_replays(shown[::-1], clock("a")) == (counting, replays)


def test_an_original_that_was_not_found_is_counted_by_its_replay():
    counting, replays = without_replays([again("a", 30.0, 10.0, 0.7), again("a", 50.0, 10.03, 0.9)], clock("a"))
    (only,) = counting
    assert (only.time_s, only.score, only.replay_of_s) == (10.0, 0.9, None)
    assert "taken from its replay at 50.000 s" in only.reasons[-1]
    assert [other.time_s for other, _ in replays] == [30.0, 50.0]


def test_a_teaser_on_no_clock_leaves_the_later_showing_to_count():
    late = replace(clock("a"), segments=(replace(clock("a").segments[0], start_s=20.0),))
    for teaser in ([found("a", 5.0)], []):
        counting, replays = without_replays([*teaser, again("a", 30.0, 5.0)], late)
        assert [d.time_s for d in counting] == [30.0]
        assert [other.time_s for other, _ in replays] == [d.time_s for d in teaser]


def test_a_news_edit_that_shows_one_explosion_three_times_has_one_strike():
    clocks = group({"a": 0.0, "b": 3.0})
    shown = [found("a", 20.0), again("a", 35.0, 20.0), again("a", 48.0, 20.0), found("b", 17.1)]
    strikes, candidates = join(shown, clocks)
    (strike,) = strikes
    assert {(seen.recording_id, seen.sound_s) for seen in strike.observations} == {("a", 20.0), ("b", 17.1)}
    assert [(c.kind, c.label, c.time_s) for c in candidates] == [("note", "replay", 20.0)] * 2
    assert sorted(c.observations[0].sound_s for c in candidates) == [35.0, 48.0]
    assert "no further strike" in candidates[0].observations[0].reasons[-1]


def test_a_copy_of_a_copy_and_files_of_one_device_are_one_witness():
    copies = [("c", "b"), ("d", "e"), ("c", "d")]
    assert witness_of("abcdef", copies) == {"a": "a", **dict.fromkeys("bcde", "b"), "f": "f"}
    assert witness_of("abc", [("a", "b")], devices={"b": "phone", "c": "phone"}) == dict.fromkeys("abc", "a")
    assert witness_of("abc", copies[::-1])["c"] == witness_of("abc", copies)["c"] == "b"


@pytest.mark.parametrize("offset_s", [0.0, 6.4], ids=["same start", "own offset"])
def test_a_copy_with_its_own_offset_adds_nothing_to_a_strike(offset_s):
    alone = join([found("a", 20.0, 0.6)], group({"a": 0.0, "z": 0.0}))
    clocks = group({"a": 0.0, "b": offset_s, "z": 0.0})
    copies = (Duplicate(recording_ids=("a", "b"), kind="same_recording", evidence="equal sound"),)
    both = join([found("a", 20.0, 0.6), found("b", 20.015 - offset_s, 0.55)], clocks, duplicates=copies)
    (one,), (other,) = (sum(found_in, ()) for found_in in (alone, both))
    assert len(other.observations) == 2
    assert other.confidence == pytest.approx(one.confidence, abs=1e-6)
    assert "heard by one camera only" in other.observations[0].reasons
