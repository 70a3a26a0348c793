"""What is said of the footage itself: cuts with the jump of the clocks, replays, carried sound, pictures withdrawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from joint_example import SETTINGS, SOUND, knowledge_of, lag, matched_of, recording
from syncview.case import parse_case
from syncview.model import Clock, ClockSegment, Finding, Group, Replay
from syncview.pipeline.joint import sound_clocks
from syncview.pipeline.material import material_findings
from syncview.sync.pieces import Cut

A, B = (recording(name) for name in "ab")


def segment(start_s: float, end_s: float, offset_s: float, *, applies_to="both") -> ClockSegment:
    return ClockSegment(
        start_s=start_s,
        end_s=end_s,
        offset_s=offset_s,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to=applies_to,
        picture_check="unverified",
    )


def clock(name: str, *segments: ClockSegment) -> Clock:
    return Clock(
        recording_id=name, segments=segments, uncertainty_s=0.0, sound_uncertainty_s=0.0, basis=(), assumptions=()
    )


def group(*clocks: Clock) -> Group:
    return Group(id="g1", reference_id="r-a", clocks=clocks)


def cut(jump_s: float | None, *, only_here: bool = False) -> Cut:
    return Cut(recording_id="r-b", end_s=20.0, start_s=20.5, jump_s=jump_s, seen_by=("r-a",), only_here=only_here)


def found_in(*clocks: Clock, heard=None, skew_s: float = 0.0, **matched) -> tuple[Finding, ...]:
    groups = (group(*clocks),)
    stated = f'[[recording]]\nfile = "b.mp4"\nav_skew_s = {skew_s}\n'
    sounds = sound_clocks(groups, knowledge_of(A, B, case=parse_case(stated)))
    return material_findings(groups, sounds, (A, B), heard or {}, matched_of(**matched), settings=SETTINGS)


WHOLE = clock("r-a", segment(0, 60, 0.0))


def test_a_cut_has_the_jump_that_the_clocks_have() -> None:
    apart = clock("r-b", segment(0, 20.0, 5.0), segment(20.5, 60, 9.2))
    (found,) = found_in(WHOLE, replace(apart, uncertainty_s=0.15), cuts=(cut(4.0),))
    assert (found.kind, found.recording_ids, found.group_id, found.unit) == ("cut", ("r-b",), "g1", "s")
    assert found.value == pytest.approx(4.2)
    assert found.time_s == pytest.approx(25.0, abs=0.02)
    assert found.message == "at 20.0 s of the file its sound jumps: 4.200 s are missing, seen against a.mp4 (to 0.30 s)"


def test_a_cut_of_one_who_stayed_alone_has_the_jump_that_was_seen() -> None:
    alone = (Group(id="g1", reference_id="r-b", clocks=(clock("r-b", segment(0, 60, 0.0)),)),)
    (found,) = material_findings(alone, alone, (A, B), {}, matched_of(cuts=(cut(4.0),)), settings=SETTINGS)
    assert found.value == 4.0


def test_what_was_put_in_and_what_may_have_been() -> None:
    apart = clock("r-b", segment(0, 20.0, 5.0), segment(26.5, 60, -1.0))
    (inserted,) = found_in(WHOLE, apart, cuts=(replace(cut(-6.0), start_s=26.5),))
    assert inserted.value == pytest.approx(-6.0)
    assert "6.000 s were put in, or are shown again" in inserted.message
    missing = clock("r-b", segment(0, 20.0, 5.0), segment(20.5, 60, 9.0))
    (either,) = found_in(WHOLE, missing, cuts=(cut(4.0, only_here=True),))
    assert either.message.endswith("; or 4.000 s were put into a.mp4")


def test_a_cut_whose_other_side_is_on_no_clock_has_no_length() -> None:
    half = clock("r-b", segment(0, 20.0, 5.0))
    (found,) = found_in(WHOLE, half, cuts=(cut(None),))
    assert (found.kind, found.value, found.unit) == ("off_clock", None, None)
    assert "at about 20 s" in found.message


def test_replays_are_told_in_group_time_where_there_is_one() -> None:
    replay = Replay(start_s=40.0, end_s=46.0, original_start_s=18.0, speed=0.5, score=0.9, uncertainty_s=0.02)
    heard = {"r-a": replace(SOUND, replays=(replay,)), "r-x": replace(SOUND, replays=(replace(replay, speed=1.0),))}
    placed, lost = found_in(clock("r-a", segment(0, 60, 3.0)), heard=heard)
    assert (placed.kind, placed.time_s, placed.group_id, placed.value) == ("replay", 43.0, "g1", 0.5)
    assert placed.message == "at 40.0 s the file shows again at 0.5 times its speed what it showed at 18.0 s"
    assert (lost.time_s, lost.group_id, lost.value) == (40.0, None, 1.0)
    assert lost.message == "at 40.0 s the file shows again what it showed at 18.0 s"


@pytest.mark.parametrize("skew_s", [0.4, -0.25])
def test_what_was_heard_is_told_in_the_time_of_the_sound_where_picture_and_sound_are_apart(skew_s: float) -> None:
    replay = Replay(start_s=40.0, end_s=46.0, original_start_s=18.0, speed=1.0, score=0.9, uncertainty_s=0.02)
    apart = clock("r-b", segment(0, 20.0, 5.0), segment(20.5, 60, 9.2))
    heard = {"r-b": replace(SOUND, replays=(replay,))}
    jump, again = found_in(WHOLE, apart, heard=heard, cuts=(cut(4.0),), skew_s=skew_s)
    assert jump.time_s == pytest.approx(25.0 - skew_s, abs=0.02)
    assert jump.value == pytest.approx(4.2)
    assert again.time_s == pytest.approx(49.2 - skew_s)
    assert again.group_id == "g1"
    seen = found_in(WHOLE, clock("r-b", segment(0, 20, 5.0), segment(20, 60, 5.0, applies_to="audio")), skew_s=skew_s)
    assert [found.time_s for found in seen] == [25.0]  # a cut of the picture is seen


def test_carried_sound_is_named_when_it_is_likely() -> None:
    def carried(probability: float):
        sound = lag(-3.0, probability=probability, sound="carried", reasons=("one song lies over both",))
        return found_in(WHOLE, lags={("r-a", "r-b"): sound})

    (found,) = carried(0.8)
    assert (found.kind, found.recording_ids, found.value) == ("carried_sound", ("r-a", "r-b"), -3.0)
    assert found.message == "one song lies over both: it proves no common place, and ties no clocks"
    assert carried(0.3) == ()


def test_a_picture_that_leaves_its_sound_is_named_at_the_first_place() -> None:
    left = clock("r-b", segment(0, 20, 5.0), segment(20, 40, 5.0, applies_to="audio"), segment(41, 60, 7.0))
    (found,) = found_in(WHOLE, left)
    assert (found.kind, found.value, found.time_s) == ("picture_clock", 20.0, 25.0)
    assert "at 20.0 s the picture cuts to another shot" in found.message


def test_sound_without_picture_leaves_nothing() -> None:
    assert found_in(WHOLE, clock("r-b", segment(0, 60, 5.0, applies_to="audio"))) == ()


def test_cuts_of_recordings_on_no_clock_are_left_out() -> None:
    assert found_in(WHOLE, cuts=(cut(4.0),)) == ()
