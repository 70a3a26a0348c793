"""Lasting ids: groups keep their zero, events their names, and nothing is ever named twice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

from syncview.errors import IntegrityError
from syncview.model import Clock, ClockSegment, Event, Group, Observation, Recording
from syncview.store import (
    Ids,
    ids_to_text,
    load_ids,
    preferred_references,
    settle_events,
    settle_groups,
    time_basis_ids,
)

RECORDINGS = tuple(
    Recording(
        id=f"r{number}",
        path=f"{name}.mp4",
        name_display=f"{name}.mp4",
        sha256=name * 64,
        size_bytes=1,
        kind="video",
        duration_s=Fraction(60),
        container=None,
        video=None,
        audio=None,
    )
    for number, name in enumerate("abcdef", start=1)
)
A, B, C, D, E, F = (recording.id for recording in RECORDINGS)
SHA = {recording.id: recording.sha256 for recording in RECORDINGS}


def group(reference: str, **offsets_s: float) -> Group:
    """A group as the solver gives it."""
    clocks = [
        Clock(
            recording_id=name,
            segments=(
                ClockSegment(
                    start_s=0.0,
                    end_s=60.0,
                    offset_s=offset_s,
                    drift_ppm=0.0,
                    drift_uncertainty_ppm=0.0,
                    applies_to="both",
                    picture_check="unverified",
                ),
            ),
            uncertainty_s=0.0,
            sound_uncertainty_s=0.0,
            basis=("sound",),
            assumptions=(),
        )
        for name, offset_s in sorted(offsets_s.items())
    ]
    return Group(id="", reference_id=reference, clocks=tuple(clocks))


def offsets(group: Group) -> dict[str, float]:
    return {clock.recording_id: clock.segments[0].offset_s for clock in group.clocks}


def event(time_s: float, *heard: tuple[str, float], kind: str = "strike", **changes) -> Event:
    observations = tuple(
        Observation(recording_id=name, sound_s=at_s, sound_uncertainty_s=0.01, score=0.9, measures=(), reasons=())
        for name, at_s in heard
    )
    values = {
        "id": "",
        "kind": kind,
        "group_id": "g1",
        "time_s": time_s,
        "time_basis": f"arrival_at:{heard[0][0]}" if heard else "explosion",
        "uncertainty_s": 0.1,
        "end_s": None,
        "confidence": 0.9,
        "calibration": "simulated",
        "label": "blast",
        "min_separable_s": None,
        "observations": observations,
    }
    return Event(**(values | changes))


NOTHING_KNOWN = Ids()


def settle(events, ids=NOTHING_KNOWN):
    named, ids = settle_events(events, RECORDINGS, ids)
    return [each.id for each in named], ids


def test_a_new_group_starts_at_its_earliest_recording():
    (settled,), ids = settle_groups([group(B, r1=-7.25, r2=0.0, r3=4.0)], RECORDINGS, Ids())
    assert settled.id == "g1"
    assert offsets(settled) == {A: 0.0, B: 7.25, C: 11.25}
    assert settled.reference_id == B
    assert ids.groups[0].reference_sha256 == SHA[B]
    assert ids.groups[0].reference_offset_s == 7.25


def test_a_recording_that_starts_late_in_its_file_counts_from_there():
    late = group(A, r1=0.0, r2=-5.0)
    segment = replace(late.clocks[1].segments[0], start_s=20.0)
    late = replace(late, clocks=(late.clocks[0], replace(late.clocks[1], segments=(segment,))))
    (settled,), _ = settle_groups([late], RECORDINGS, Ids())
    assert offsets(settled) == {A: 0.0, B: -5.0}


def test_the_zero_stays_when_earlier_files_come_and_the_first_one_goes():
    _, ids = settle_groups([group(B, r1=-7.25, r2=0.0)], RECORDINGS, Ids())
    (settled,), ids = settle_groups([group(B, r2=0.0, r3=-30.0)], RECORDINGS, ids)
    assert settled.id == "g1"
    assert offsets(settled) == {B: 7.25, C: -22.75}
    assert len(ids.groups) == 1


def test_every_segment_moves_with_its_group():
    cut = group(A, r1=0.0, r2=3.0)
    first = replace(cut.clocks[1].segments[0], end_s=10.0)
    second = replace(first, start_s=10.0, end_s=60.0, offset_s=8.0)
    cut = replace(cut, clocks=(cut.clocks[0], replace(cut.clocks[1], segments=(first, second))))
    _, ids = settle_groups([group(A, r1=0.0, r3=-2.0)], RECORDINGS, Ids())
    (settled,), _ = settle_groups([cut], RECORDINGS, ids)
    assert [segment.offset_s for segment in settled.clocks[1].segments] == [5.0, 10.0]


def test_a_second_run_gives_the_same():
    groups = [group(B, r1=-7.1234567, r2=0.0), group(C, r3=0.0, r4=1.0, r5=2.0), group(F, r6=0.0)]
    first, ids = settle_groups(groups, RECORDINGS, Ids())
    again, ids_again = settle_groups(groups, RECORDINGS, ids)
    assert again == first
    assert ids_to_text(ids_again) == ids_to_text(ids)
    assert [(each.id, len(each.clocks)) for each in first] == [("g1", 3), ("g2", 2), ("g3", 1)]


def test_the_order_of_groups_and_recordings_does_not_matter():
    groups = [group(B, r1=-1.0, r2=0.0), group(C, r3=0.0, r4=1.0), group(F, r6=0.0), group(E, r5=0.0)]
    expected = settle_groups(groups, RECORDINGS, Ids())
    for order in itertools.permutations(groups):
        assert settle_groups(order, RECORDINGS[::-1], Ids()) == expected


def test_groups_that_grow_together_keep_the_clock_of_the_larger():
    _, ids = settle_groups([group(A, r1=0.0)], RECORDINGS, Ids())
    _, ids = settle_groups([group(A, r1=0.0), group(C, r2=-9.0, r3=0.0, r4=1.0)], RECORDINGS, ids)
    assert preferred_references(ids) == (SHA[C], SHA[A])
    (settled,), ids = settle_groups([group(C, r1=-20.0, r2=-9.0, r3=0.0, r4=1.0)], RECORDINGS, ids)
    assert settled.id == "g2"
    assert offsets(settled)[C] == 9.0
    apart, ids = settle_groups([group(A, r1=0.0), group(C, r2=-9.0, r3=0.0, r4=1.0)], RECORDINGS, ids)
    assert [(each.id, offsets(each)) for each in apart] == [("g1", {A: 0.0}), ("g2", {B: 0.0, C: 9.0, D: 10.0})]


def test_a_group_without_its_reference_is_a_new_one():
    _, ids = settle_groups([group(A, r1=0.0, r2=1.0, r3=2.0)], RECORDINGS, Ids())
    settled, ids = settle_groups([group(B, r2=0.0, r3=1.0), group(A, r1=0.0)], RECORDINGS, ids)
    assert [(each.id, offsets(each)) for each in settled] == [("g1", {A: 0.0}), ("g2", {B: 0.0, C: 1.0})]
    settled, ids = settle_groups([group(B, r2=0.0, r3=1.0)], RECORDINGS, ids)
    assert [each.id for each in settled] == ["g2"]
    settled, _ = settle_groups([group(D, r4=0.0)], RECORDINGS, ids)
    assert [each.id for each in settled] == ["g3"]


def test_a_known_reference_that_the_solver_passed_over_keeps_its_place():
    _, ids = settle_groups([group(A, r1=0.0, r2=-4.0)], RECORDINGS, Ids())
    (settled,), ids = settle_groups([group(B, r1=4.5, r2=0.0)], RECORDINGS, ids)
    assert (settled.id, settled.reference_id) == ("g1", B)
    assert offsets(settled) == {A: 4.0, B: -0.5}
    assert ids.groups[0].reference_sha256 == SHA[A]


def test_new_events_are_numbered_by_time():
    names, ids = settle([event(30.0, (A, 30.0)), event(10.0, (A, 10.0)), event(20.0, (B, 15.0))])
    assert names == ["e3", "e1", "e2"]
    assert [known.id for known in ids.events] == ["e1", "e2", "e3"]


def test_an_event_keeps_its_id_while_it_shares_a_detection():
    _, ids = settle([event(10.0, (A, 10.0), (B, 3.0))])
    assert settle([event(99.0, (B, 3.05), (C, 8.0))], ids)[0] == ["e1"]
    assert settle([event(10.0, (A, 10.051))], ids)[0] == ["e2"]
    assert settle([event(10.0, (C, 10.0))], ids)[0] == ["e2"]
    assert settle([event(10.0, (A, 10.0), kind="shot")], ids)[0] == ["e1"]
    assert settle([event(10.0, (A, 10.0), kind="aircraft")], ids)[0] == ["e2"]


def test_an_id_lives_on_through_cameras_that_come_and_go():
    _, ids = settle([event(10.0, (A, 10.0))])
    _, ids = settle([event(10.0, (A, 10.0), (B, 3.0))], ids)
    _, ids = settle([event(10.0, (B, 3.0), (C, 8.0))], ids)
    assert settle([event(10.0, (C, 8.0))], ids)[0] == ["e1"]
    assert settle([event(10.0, (A, 10.0))], ids)[0] == ["e1"]


def test_small_steps_do_not_carry_an_id_away():
    ids = Ids()
    for step in range(4):
        names, ids = settle([event(10.0, (A, 10.0 + 0.03 * step))], ids)
        assert names == (["e1"] if step < 2 else ["e2"])


def test_of_two_claims_the_one_that_shares_more_wins():
    _, ids = settle([event(10.0, (A, 10.0), (B, 3.0), (C, 8.0))])
    split = [event(10.0, (A, 10.0)), event(10.2, (B, 3.0), (C, 8.0))]
    assert settle(split, ids)[0] == ["e2", "e1"]
    assert settle(split[::-1], ids)[0] == ["e1", "e2"]


def test_of_two_equal_claims_the_nearer_one_wins():
    _, ids = settle([event(10.0, (A, 10.0))])
    assert settle([event(10.04, (A, 10.04)), event(10.01, (A, 9.99))], ids)[0] == ["e2", "e1"]


def seen(action: str, *tracks: str, **changes) -> Event:
    """A movement that A shows at 10.0 s; several may begin at one looked-at frame."""
    one = event(10.0, (A, 10.0), kind="movement")
    shown = replace(one.observations[0], sound_s=None, sound_uncertainty_s=None, seen_s=10.0)
    known = {"observations": (shown,), "label": f"person {action}", "action": action, "track_ids": tracks}
    return replace(one, **known | changes)


@pytest.mark.parametrize(
    "other",
    [seen("leaves", "r1/person-2"), seen("enters", "r1/person-2"), seen("runs", "r1/person-1")],
    ids=["both differ", "track", "action"],
)
def test_movements_of_one_moment_do_not_swap_their_ids(other):
    one = seen("enters", "r1/person-1")
    first, ids = settle([one, other])
    assert settle([other, one])[0] == first[::-1]
    for changed in (
        one,
        replace(one, label="rejected by Rami"),  # and stands behind the events then
        replace(one, label="medic"),
        replace(one, tags=("rescuer",)),
    ):
        assert settle([other, changed], ids)[0] == first[::-1]
        assert settle([changed, other], ids)[0] == first
    assert settle([other], ids)[0] == first[1:]
    renamed = replace(one, action="arrives", label="person arrives")
    assert settle([other, renamed], ids)[0] == first[::-1]


def test_events_that_become_one_and_part_again_have_their_names():
    _, ids = settle([event(10.0, (A, 10.0), (B, 3.0)), event(11.0, (C, 9.0))])
    names, ids = settle([event(10.0, (A, 10.0), (B, 3.0), (C, 9.0))], ids)
    assert names == ["e1"]
    names, ids = settle([event(11.0, (C, 9.0)), event(10.0, (A, 10.0), (B, 3.0))], ids)
    assert names == ["e2", "e1"]
    names, _ = settle([event(11.0, (C, 9.0))], ids)
    assert names == ["e2"]


def test_ids_are_never_used_again():
    _, ids = settle([event(10.0, (A, 10.0)), event(20.0, (A, 20.0))])
    _, ids = settle([], ids)
    names, ids = settle([event(50.0, (A, 50.0))], ids)
    assert names == ["e3"]
    assert settle([event(20.0, (A, 20.0))], ids)[0] == ["e2"]


def test_events_do_not_depend_on_their_order_and_settle_at_once():
    events = [event(10.0, (A, 10.0)), event(10.5, (A, 10.5), (B, 3.5)), event(20.0, (C, 1.0)), event(5.0, label="call")]
    first, ids = settle_events(events, RECORDINGS, Ids())
    again, ids_again = settle_events(events, RECORDINGS, ids)
    assert again == first
    assert ids_again == ids
    for order in itertools.permutations(range(4)):
        named, other_ids = settle_events([events[index] for index in order], RECORDINGS, Ids())
        assert [named[order.index(index)].id for index in range(4)] == [each.id for each in first]
        assert other_ids == ids


def test_an_event_that_no_file_shows_is_known_by_label_and_time():
    _, ids = settle([event(5.0, label="call"), event(5.0, label="smoke")])
    assert settle([event(5.0, label="smoke"), event(5.0, label="call"), event(6.0, label="call")], ids)[0] == [
        "e2",
        "e1",
        "e3",
    ]


def test_the_camera_that_names_the_time_stays_when_a_better_one_comes():
    _, ids = settle([event(10.0, (B, 3.0))])
    named, ids = settle_events([event(9.8, (A, 9.8), (B, 3.0))], RECORDINGS, ids)
    assert named[0].time_basis == f"arrival_at:{A}"
    assert time_basis_ids(named, RECORDINGS, ids) == (B,)
    named, ids = settle_events([event(9.8, (A, 9.8))], RECORDINGS, ids)
    assert time_basis_ids(named, RECORDINGS, ids) == (A,)


def test_an_explosion_whose_own_moment_is_known_needs_no_camera():
    named, ids = settle_events([event(10.0, (B, 3.0), time_basis="explosion")], RECORDINGS, Ids())
    assert time_basis_ids(named, RECORDINGS, ids) == (None,)


def test_ids_come_back_from_the_file(tmp_path):
    path = tmp_path / "ids.json"
    assert load_ids(path) == Ids()
    _, ids = settle_groups([group(B, r1=-7.25, r2=0.0)], RECORDINGS, Ids())
    _, ids = settle_events([event(10.0, (A, 10.0)), event(5.0, label="سوق")], RECORDINGS, ids)
    text = ids_to_text(ids)
    assert text.startswith('{\n  "schema": "syncview.ids",\n  "version": 1,\n  "groups": [')
    path.write_text(text, encoding="utf-8", newline="\n")
    assert load_ids(path) == ids
    assert ids_to_text(load_ids(path)) == text


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schema": "syncview.ids", "version": 2}', '{"groups": [{"id": "g0"}]}', '{"event": []}', "\udcff"],
)
def test_a_damaged_file_is_not_taken_for_an_empty_one(tmp_path, text):
    path = tmp_path / "ids.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(IntegrityError, match=r"ids\.json is damaged: .* \(restore it from a copy"):
        load_ids(path)
