"""What people state: pins that contradict each other or the sound, references that mean nothing, use = false."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from joint_example import SETTINGS, lag, placed, recording
from syncview.case import CaseFile, parse_case
from syncview.model import Detection, Duplicate, Group, Recording, VideoStream
from syncview.pipeline.findings import off_clock_findings, pin_findings
from syncview.pipeline.joint import Joint
from syncview.pipeline.knowledge import Knowledge, gather_knowledge
from syncview.pipeline.times import group_times
from syncview.pipeline.utc_findings import utc_findings

A, B, C = (recording(name) for name in "abc")
VIDEO = VideoStream(
    codec="h264",
    width_px=640,
    height_px=360,
    rotation_deg=0,
    rate=None,
    frame_count=None,
    variable_rate=None,
    time_base=Fraction(1, 1000),
    start_s=None,
)


def blast(name: str, time_s: float) -> Detection:
    return Detection(
        recording_id=name,
        kind="blast",
        time_s=time_s,
        uncertainty_s=0.004,
        score=0.9,
        label="explosion",
        measures=(),
        reasons=(),
    )


def pin(a: str, a_s: float, b: str, b_s: float, more: str = "") -> str:
    return (
        f'[[pin]]\na = {{ file = "{a}.mp4", time_s = {a_s} }}\nb = {{ file = "{b}.mp4", time_s = {b_s} }}\n'
        f"uncertainty_s = 0.04\n{more}\n"
    )


def anchor(name: str, time_s: float, utc: str) -> str:
    said = f'time_s = {time_s}\nutc = {utc}\nuncertainty_s = 1.0\nbasis = "overlay"\n'
    return f'[[anchor]]\nfile = "{name}.mp4"\n{said}'


def said_of_utc(groups: tuple[Group, ...], knowledge: Knowledge):
    statements, times = group_times(groups, (A, B), (), knowledge, time_zone=None, settings=SETTINGS.utc)
    return utc_findings(times, statements, groups, knowledge)


def findings(case: CaseFile, joint: Joint, *recordings: Recording):
    groups = tuple(replace(group, id=f"g{n}") for n, group in enumerate(joint.groups, start=1))
    return pin_findings(groups, gather_knowledge(case, recordings, settings=SETTINGS.reconstruct))


def offset_s(joint: Joint, name: str, to: str) -> float:
    group = next(g for g in joint.groups if len(g.clocks) > 1)
    at = {clock.recording_id: clock.segments[0].offset_s for clock in group.clocks}
    return at[f"r-{name}"] - at[f"r-{to}"]


def test_two_pins_that_agree_sharpen_each_other() -> None:
    case = parse_case(pin("a", 10.0, "b", 4.0) + pin("b", 14.03, "a", 20.0))
    joint = placed(case, A, B)
    assert offset_s(joint, "b", "a") == pytest.approx(5.985, abs=0.03)
    assert findings(case, joint, A, B) == ()


def test_two_pins_that_contradict_each_other_are_both_named_and_both_covered() -> None:
    case = parse_case(pin("a", 26.4, "b", 7.0) + pin("a", 34.1, "b", 20.0))
    joint = placed(case, A, B)
    uncertainty_s = max(clock.uncertainty_s for clock in joint.groups[0].clocks)
    middle_s = offset_s(joint, "b", "a")
    assert middle_s - uncertainty_s < 14.1
    assert middle_s + uncertainty_s > 19.4
    wrong = findings(case, joint, A, B)
    assert [f.kind for f in wrong] == ["wrong_pin", "wrong_pin"]
    assert sorted(f.value for f in wrong) == pytest.approx([-2.65, 2.65], abs=0.01)


def test_a_pin_that_the_others_contradict_is_named_even_when_it_ties_nothing() -> None:
    case = parse_case(pin("a", 10.0, "b", 10.0) + pin("b", 10.0, "c", 10.0) + pin("a", 10.0, "c", 30.0))
    joint = placed(case, A, B, C)
    wrong = findings(case, joint, A, B, C)
    assert wrong
    assert {f.kind for f in wrong} == {"wrong_pin"}


def test_a_check_point_is_reported_and_not_used() -> None:
    case = parse_case(pin("a", 10.0, "b", 9.0, "check = true"))
    joint = placed(case, A, B, lags={("r-a", "r-b"): lag(1.02)})
    assert offset_s(joint, "b", "a") == pytest.approx(1.02, abs=1e-6)
    (met,) = findings(case, joint, A, B)
    assert (met.kind, met.value) == ("check_point", pytest.approx(0.02, abs=1e-6))


def test_a_pair_that_could_not_be_compared_says_so() -> None:
    joint = placed(parse_case(""), A, B, lags={("r-a", "r-b"): ()}, failed={("r-a", "r-b"): "took too long"})
    assert joint.pairs[0].reasons == ("could not be compared: took too long",)
    assert all("could not be compared" in " ".join(left.reasons) for left in joint.unplaced)


def test_a_copy_takes_the_clock_of_the_first() -> None:
    copy = replace(A, id="r-a-2", path="in/z.mp4", name_display="z.mp4")
    same = Duplicate(recording_ids=("r-a", "r-a-2"), kind="same_file", evidence="x")
    joint = placed(parse_case(""), A, B, copy, lags={("r-a", "r-b"): lag(3.0)}, duplicates=(same,))
    clocks = {clock.recording_id: clock for clock in joint.groups[0].clocks}
    assert clocks["r-a-2"].segments == clocks["r-a"].segments


def test_what_is_kept_and_not_used_is_said() -> None:
    case = parse_case(
        '[case]\nyield_kg = [0.0, 50.0]\n[[recording]]\nfile = "a.mp4"\nwithhold = true\nsource = "S3"\n'
        '[[reject]]\na = "a.mp4"\nb = "nobody.mp4"\n'
    )
    knowledge = gather_knowledge(case, (A, B), settings=SETTINGS.reconstruct)
    assert "source" in knowledge.remarks[0]
    assert knowledge.air.most_yield_kg == 50.0
    assert "withhold is not honoured" in knowledge.remarks[1]
    assert "nobody.mp4" in knowledge.troubles[0]


def test_a_file_left_out_takes_its_copies_with_it_and_what_is_stated_counts() -> None:
    copy = replace(A, id="r-a-2", path="in/z.mp4", name_display="z.mp4")
    case = parse_case(
        "[case]\ntemperature_c = 0.0\ntemperature_uncertainty_c = 10.0\n"
        '[[recording]]\nfile = "a.mp4"\nuse = false\n[[recording]]\nfile = "b.mp4"\nlat = 35.0\nlon = 36.0\n'
    )
    knowledge = gather_knowledge(case, (A, B, copy), settings=SETTINGS.reconstruct)
    assert knowledge.left_out == {"r-a", "r-a-2"}
    assert knowledge.geometry.positions["r-b"].uncertainty_m == 50.0
    assert knowledge.geometry.travel_s("r-a", "r-b") == pytest.approx(500 / (331.3 * (1 - 10 / 273.15) ** 0.5))


def test_who_heard_an_aircraft_is_taken_by_recording_and_slips_are_named() -> None:
    said = '[[aircraft]]\nfile = "{}.mp4"\nstart_s = {}\nend_s = 9999.0\nheard = {}\nby = "N. N."\n'
    case = parse_case(said.format("a", 3.0, "true") + said.format("b", 4.0, "false") + said.format("b", 9998.0, "true"))
    knowledge = gather_knowledge(case, (A, replace(B, duration_s=Fraction(60))), settings=SETTINGS.reconstruct)
    heard = [(each.recording_id, each.start_s, each.state, each.by) for each in knowledge.aircraft]
    assert heard == [("r-a", 3.0, "confirmed", "N. N."), ("r-b", 4.0, "heard none", "N. N.")]
    assert knowledge.troubles == ("case.toml, line 13: 'b.mp4' ends before start_s = 9998",)


def in_pieces(joint: Joint, *pieces: tuple[float, float, float, str]) -> tuple[Group, ...]:
    """The joint's first group with the clock of b in pieces (start, end, more offset, stream)."""
    group = replace(joint.groups[0], id="g1")
    a, b = group.clocks
    segments = tuple(
        replace(b.segments[0], start_s=s, end_s=e, offset_s=b.segments[0].offset_s + more_s, applies_to=of)  # type: ignore[arg-type]
        for s, e, more_s, of in pieces
    )
    return (replace(group, clocks=(a, replace(b, segments=segments))),)


def test_a_pin_is_checked_in_the_piece_that_holds_its_moment() -> None:
    case = parse_case(pin("a", 10.0, "b", 9.0, "check = true") + pin("a", 51.0, "b", 40.0, "check = true"))
    joint = placed(case, A, B, lags={("r-a", "r-b"): lag(1.02)})
    groups = in_pieces(joint, (0.0, 30.0, 0.0, "both"), (30.0, 60.0, 10.0, "both"))
    knowledge = gather_knowledge(case, (A, B), settings=SETTINGS.reconstruct)
    assert [(f.kind, f.value) for f in pin_findings(groups, knowledge)] == [
        ("check_point", pytest.approx(0.02, abs=1e-6)),
        ("check_point", pytest.approx(0.02, abs=1e-6)),
    ]


def test_moments_on_no_clock_are_named_and_not_used() -> None:
    case = parse_case(
        pin("a", 10.0, "b", 9.0) + anchor("b", 9.0, "2018-05-01T09:00:00Z") + anchor("b", 40.0, "2018-05-01T09:00:31Z")
    )
    joint = placed(case, A, B)
    seen_b = replace(B, video=VIDEO)
    knowledge = gather_knowledge(case, (A, seen_b), settings=SETTINGS.reconstruct)
    groups = in_pieces(joint, (0.0, 30.0, 0.0, "audio"), (30.0, 60.0, 0.0, "both"))
    (unchecked,) = pin_findings(groups, knowledge)
    assert (unchecked.kind, unchecked.value) == ("off_clock", None)
    (unused,) = said_of_utc(groups, knowledge)
    assert (unused.kind, unused.recording_ids, unused.time_s) == ("off_clock", ("r-b",), 9.0)
    heard_only = gather_knowledge(
        case, (A, B), settings=SETTINGS.reconstruct
    )  # without a picture people mean the sound
    assert pin_findings(groups, heard_only) == ()
    assert said_of_utc(groups, heard_only) == ()


def test_sounds_on_no_clock_are_named_once_for_each_file() -> None:
    joint = placed(parse_case(""), A, B, lags={("r-a", "r-b"): lag(1.0)})
    groups = in_pieces(joint, (0.0, 20.0, 0.0, "both"), (30.0, 60.0, 0.0, "both"))
    sounds = [blast(name, time_s) for name in ("r-b", "r-a") for time_s in (10.0, 25.0, 22.5)]
    (found,) = off_clock_findings(sounds, groups)
    assert (found.recording_ids, found.time_s, found.value) == (("r-b",), 22.5, 2.0)
    assert found.message.startswith("sounds that may be explosions lie at 22.50, 25.00 s of the file")
