"""UTC of a run's groups from case.toml and from what files claim; wrong clocks; files linked by their own clocks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from incident_example import clock
from joint_example import SETTINGS, recording
from syncview.case import parse_case
from syncview.model import ClockClaim, Duplicate, Generation, Group
from syncview.pipeline.day_times import day_times
from syncview.pipeline.knowledge import gather_knowledge
from syncview.reconstruct.utc import epoch_s

ORIGINAL = Generation(value="camera original", basis="made up")
CASE = '[case]\ntime_zone = "Asia/Damascus"\n'
START_S = 1_525_165_200.0  # 2018-05-01T09:00:00Z


def claimed(name: str, *, utc: str | None = None, local: str | None = None, of: str = "unknown", **changes: object):
    """A recording whose container claims `utc`, or whose name claims `local`."""
    claims = []
    if utc is not None:
        claims.append(ClockClaim(source="creation_time", text=utc, utc=f"2018-05-01T{utc}Z", local=None, of=of))
    if local is not None:
        claims.append(ClockClaim(source="file_name", text=local, utc=None, local=f"2018-05-01T{local}", of="start"))
    return recording(name, clock_claims=tuple(claims), generation=ORIGINAL, **changes)


def group(name: str, *clocks):
    return Group(id=name, reference_id=clocks[0].recording_id, clocks=clocks)


def day(groups, recordings, text: str = CASE, duplicates=()):
    case = parse_case(text)
    knowledge = gather_knowledge(case, recordings, settings=SETTINGS.reconstruct)
    return day_times(groups, recordings, duplicates, knowledge, time_zone=case.info.time_zone, settings=SETTINGS.utc)


ANCHOR = (
    '[[anchor]]\nfile = "a.mp4"\ntime_s = 10.0\nutc = 2018-05-01T09:00:10Z\nuncertainty_s = 1.0\nbasis = "overlay"\n'
)
LENGTHS_S = {"a": 60.0, "b": 41.0, "c": 83.0}
ONE = group("g1", clock("r-a", 0.0, 60.0), clock("r-b", 20.0, 41.0), clock("r-c", 5.0, 83.0))


def files(a: str, b: str, c: str):
    """Three files on one clock, from 0, 20 and 5 s on, which claim these times."""
    return tuple(
        claimed(name, utc=utc, duration_s=Fraction(int(LENGTHS_S[name])))
        for name, utc in (("a", a), ("b", b), ("c", c))
    )


def test_files_that_agree_give_a_utc_that_says_it_is_metadata():
    found = day([ONE], files("09:00:00", "09:00:20", "09:00:05"))
    zero = found.utc["g1"]
    assert epoch_s(zero.utc) == pytest.approx(START_S, abs=1.0)
    assert 2.0 <= zero.uncertainty_s <= 4.0
    assert zero.basis == "metadata"
    assert found.findings == ()


@pytest.mark.parametrize(
    ("b", "value_s", "words"),
    [
        ("12:00:20", 3 * 3600.0, "local time written as UTC"),
        ("10:00:20", 3600.0, "exactly 1 h: summer time, or another zone"),
        ("09:01:01", 41.0, "the time of the recording's end"),
        ("12:01:01", 3 * 3600.0 + 41.0, "local time written as UTC, and of the recording's end"),
        ("09:12:27", 727.0, "the clock of its camera is off"),
    ],
)
@pytest.mark.parametrize("text", [CASE, CASE + ANCHOR])
def test_a_wrong_creation_time_is_named_and_moves_nothing(b, value_s, words, text):
    found = day([ONE], files("09:00:00", b, "09:00:05"), text)
    assert epoch_s(found.utc["g1"].utc) == pytest.approx(START_S, abs=3.0)
    (wrong,) = found.findings
    assert (wrong.kind, wrong.recording_ids, wrong.group_id, wrong.unit) == ("wrong_clock", ("r-b",), "g1", "s")
    assert wrong.value == pytest.approx(value_s, abs=3.0)
    assert words in wrong.message
    assert wrong.message.startswith("its creation time is ")


def test_a_person_outranks_the_files_but_is_told_when_they_all_deny_him():
    typed = ANCHOR.replace("09:00:10Z", "12:00:10Z")
    found = day([ONE], files("09:00:00", "09:00:20", "09:00:05"), CASE + typed)
    assert epoch_s(found.utc["g1"].utc) == pytest.approx(START_S + 3 * 3600.0)
    assert (found.utc["g1"].basis, found.utc["g1"].uncertainty_s) == ("overlay", pytest.approx(1.001))
    (wrong,) = found.findings
    assert (wrong.recording_ids, wrong.value) == (("r-a",), pytest.approx(3 * 3600.0, abs=2.0))
    assert "than what the files of 3 devices agree on" in wrong.message
    assert "look at the zone" in wrong.message


def test_clocks_that_disagree_give_no_utc_and_the_reason():
    two = group("g1", clock("r-a", 0.0, 60.0), clock("r-b", 20.0, 41.0))
    found = day([two], files("09:00:00", "10:00:20", "09:00:00")[:2])
    assert found.utc == {}
    (wrong,) = found.findings
    assert (wrong.kind, wrong.recording_ids) == ("wrong_clock", ("r-a", "r-b"))
    assert wrong.value == pytest.approx(3600.0, abs=3.0)
    assert "or 2018-05-01 10:00:00 UTC, as where a clock shows local time or is off by 1 h" in wrong.message


def test_files_that_one_camera_may_have_made_one_after_the_other_are_one_witness():
    apart = group("g1", clock("r-a", 0.0, 60.0), clock("r-b", 200.0, 41.0))
    both = files("09:00:00", "09:03:20", "09:00:00")[:2]
    (unknown,) = (found := day([apart], both)).findings
    assert (found.utc, unknown.kind) == ({}, "unknown_utc")
    others = (replace(both[0], device="Apple iPhone 6"), replace(both[1], device="samsung SM-G900"))
    assert "g1" in day([apart], others).utc
    phones = tuple(replace(each, device="Apple iPhone 6") for each in both)
    assert day([apart], phones).utc == {}
    text = CASE + "".join(f'[[recording]]\nfile = "{n}.mp4"\ndevice = "phone-{n}"\n' for n in "ab")
    assert "g1" in day([apart], phones, text).utc
    copies = Duplicate(recording_ids=("r-a", "r-b"), kind="same_recording", evidence="x")
    assert day([apart], others, duplicates=(copies,)).utc == {}


DEVICES = "".join(f'[[recording]]\nfile = "{name}.mp4"\ndevice = "phone-1"\n' for name in "ad")


def test_a_lone_clip_of_a_device_is_linked_to_the_group_of_its_other_clip():
    alone = claimed("d", utc="12:10:00")
    found = day(
        [ONE, group("g2", clock("r-d", 0.0, 30.0))], (*files("12:00:00", "09:00:20", "09:00:05"), alone), CASE + DEVICES
    )
    (linked,) = found.linked
    assert (linked.group_id, linked.recording_id, linked.basis) == ("g1", "r-d", "device_clock")
    assert abs(linked.offset_s - 600.0) <= linked.uncertainty_s
    assert 1.0 <= linked.uncertainty_s <= 5.0
    assert found.utc["g2"].basis == "device_clock"
    assert abs(epoch_s(found.utc["g2"].utc) - (START_S + 600.0)) <= found.utc["g2"].uncertainty_s


def test_a_lone_clip_of_another_device_is_linked_by_utc_more_widely():
    alone = claimed("d", utc="09:10:00", local="12:10:00")
    found = day([ONE, group("g2", clock("r-d", 0.0, 30.0))], (*files("09:00:00", "09:00:20", "09:00:05"), alone))
    (linked,) = found.linked
    assert (linked.recording_id, linked.basis) == ("r-d", "metadata")
    assert abs(linked.offset_s - 600.0) <= linked.uncertainty_s
    assert 60.0 <= linked.uncertainty_s <= 150.0
    other_day = replace(
        alone,
        clock_claims=tuple(
            replace(c, utc=c.utc and "2018-05-03T09:10:00Z", local=c.local and "2018-05-03T12:10:00")
            for c in alone.clock_claims
        ),
    )
    assert (
        day([ONE, group("g2", clock("r-d", 0.0, 30.0))], (*files("09:00:00", "09:00:20", "09:00:05"), other_day)).linked
        == ()
    )


def test_a_copy_says_when_it_was_saved():
    copy = replace(
        files("09:00:00", "11:40:00", "09:00:05")[1], generation=Generation(value="messenger copy", basis="x")
    )
    a, _, c = files("09:00:00", "09:00:20", "09:00:05")
    found = day([ONE], (a, copy, c))
    (saved,) = found.findings
    assert saved.value == pytest.approx(2 * 3600 + 40 * 60 - 20, abs=3.0)
    assert "the time of saving or passing on" in saved.message


def test_copies_alone_give_no_utc_and_the_reason():
    copy = Generation(value="messenger copy", basis="x")
    copies = tuple(replace(each, generation=copy) for each in files("10:00:00", "11:40:00", "12:00:05"))
    found = day([ONE], copies)
    (unknown,) = found.findings
    assert (found.utc, unknown.kind, unknown.value) == ({}, "unknown_utc", None)
    assert (
        "those of copying or editing; if they are right, its zero was not after 2018-05-01 09:59:00" in unknown.message
    )


def test_an_edited_file_says_at_most_when_it_was_made():
    whole = clock("r-b", 20.0, 41.0)
    cut = replace(
        whole,
        segments=(replace(whole.segments[0], end_s=20.0), replace(whole.segments[0], start_s=20.0, offset_s=40.0)),
    )
    edited = group("g1", clock("r-a", 0.0, 60.0), cut, clock("r-c", 5.0, 83.0))
    found = day([edited], files("09:00:00", "15:00:20", "09:00:05"))
    assert epoch_s(found.utc["g1"].utc) == pytest.approx(START_S, abs=3.0)
    assert "the time of saving" in found.findings[0].message


def test_a_post_bounds_and_two_anchors_tell_the_speed():
    post = '[[anchor]]\nfile = "a.mp4"\ntime_s = 0.0\nnot_after = 2018-05-01T08:59:59.5Z\nbasis = "post"\n'
    found = day([ONE], files("09:00:00", "09:00:20", "09:00:05"), CASE + ANCHOR + post)
    zero = found.utc["g1"]
    assert epoch_s(zero.utc) + zero.uncertainty_s == pytest.approx(START_S - 0.5, abs=0.01)
    assert zero.basis == "overlay, post"
    later = ANCHOR.replace("time_s = 10.0", "time_s = 50.0").replace("09:00:10Z", "09:00:30Z")
    speed = next(
        f
        for f in day([ONE], files("09:00:00", "09:00:20", "09:00:05"), CASE + ANCHOR + later).findings
        if f.unit == "times"
    )
    assert (speed.kind, speed.recording_ids, speed.value) == ("wrong_clock", ("r-a",), pytest.approx(2.0))
    same = ANCHOR.replace("time_s = 10.0", "time_s = 50.0").replace("09:00:10Z", "09:00:50Z")
    assert not any(
        f.unit == "times" for f in day([ONE], files("09:00:00", "09:00:20", "09:00:05"), CASE + ANCHOR + same).findings
    )


def test_dates_and_file_system_times_claim_nothing():
    a, b, c = files("09:00:00", "09:00:20", "09:00:05")
    dated = ClockClaim(source="file_name", text="VID-20180501-WA0003", utc=None, local="2018-05-01", of="unknown")
    copied = ClockClaim(source="modified", text="x", utc="2018-05-01T09:00:00Z", local=None, of="end")
    bare = [replace(each, clock_claims=(dated, copied)) for each in (a, b, c)]
    assert day([ONE], bare).utc == {}
    assert day([ONE], bare).findings == ()


def bounds(**ends: str) -> str:
    return "".join(
        f'[[anchor]]\nfile = "a.mp4"\ntime_s = 0.0\n{end} = 2018-05-01T{utc}Z\n' for end, utc in ends.items()
    )


def test_files_that_leave_a_persons_bound_give_no_utc_and_are_named():
    late = files("09:10:00", "09:10:20", "09:10:05")
    found = day([ONE], late, CASE + bounds(not_after="09:00:00"))
    assert found.utc == {}
    (wrong,) = found.findings
    assert (wrong.kind, wrong.recording_ids, wrong.group_id) == ("wrong_clock", ("r-a", "r-b", "r-c"), "g1")
    assert wrong.value == pytest.approx(600.0, abs=6.0)
    assert "group time 0 is not after 2018-05-01 09:00:00 UTC" in wrong.message
    kept = day([ONE], late, CASE + bounds(not_after="09:10:30"))
    assert epoch_s(kept.utc["g1"].utc) == pytest.approx(START_S + 600.0, abs=3.0)
    assert kept.findings == ()


@pytest.mark.parametrize(
    ("ends", "kind", "value_s", "words"),
    [
        (
            {"not_before": "10:00:00", "not_after": "09:00:00"},
            "wrong_clock",
            3600.0,
            "contradict each other, so they give no UTC: group time 0 is not before 2018-05-01 10:00:00 UTC and not",
        ),
        ({"not_after": "09:00:00"}, "unknown_utc", None, "known is that group time 0 is not after 2018-05-01 09:00:00"),
        (
            {"not_before": "09:00:00", "not_after": "09:20:00"},
            "unknown_utc",
            None,
            "not before 2018-05-01 09:00:00 UTC and not after 2018-05-01 09:20:00 UTC",
        ),
    ],
)
def test_bounds_that_give_no_utc_are_not_lost(ends, kind, value_s, words):
    found = day([ONE], tuple(recording(name) for name in "abc"), CASE + bounds(**ends))
    assert found.utc == {}
    (said,) = found.findings
    assert (said.kind, said.recording_ids, said.value) == (kind, ("r-a",), value_s)
    assert words in said.message
