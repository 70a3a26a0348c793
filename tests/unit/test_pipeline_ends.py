"""Ends of files that nothing bears out: on no clock, and said to be."""

from __future__ import annotations

from joint_example import recording
from placed_example import placed as group_of
from syncview.pipeline.findings import unsupported_findings, untied_findings, untied_reason
from syncview.reconstruct.borne_out import Unsupported
from syncview.reconstruct.open_ties import Untied


def test_a_stretch_on_no_clock_is_named_with_the_files_that_it_does_not_agree_with() -> None:
    a, b = recording("a"), recording("b")
    lost = Unsupported(recording_id=b.id, start_s=0.0, end_s=24.25, others=(a.id,))
    (found,) = unsupported_findings([lost], [a, b])
    assert (found.kind, found.recording_ids, found.time_s) == ("off_clock", (b.id,), 0.0)
    assert (found.value, found.unit) == (24.25, "s")
    assert found.message.startswith(f"from 0.0 to 24.2 s of the file its sound does not agree with {a.name_display} as")


def test_the_file_that_alone_ties_another_is_named_with_where_it_may_be_cut() -> None:
    a, b = recording("a"), recording("b")
    untied = Untied(names=(f"{b.id}#1",), by_id=a.id, between_s=(40.0, 110.0), kept_s=(0.0, 40.0))
    assert untied_reason(untied) == f"only {a.id} ties it, and it may be cut between 40.0 and 110.0 s"
    (found,) = untied_findings([untied], [group_of({a.id: 0.0, f"{b.id}#1": 110.0})], [a, b])
    assert (found.kind, found.recording_ids, found.time_s, found.value) == ("off_clock", (a.id, b.id), 40.0, 70.0)
    assert f"only {a.name_display} ties it" in found.message


def test_a_jump_that_either_of_two_files_may_hold_names_both() -> None:
    a, b = recording("a"), recording("b")
    lost = Unsupported(recording_id=a.id, start_s=0.0, end_s=23.7, others=(b.id,), why="either_cut")
    (found,) = unsupported_findings([lost], [a, b])
    assert found.recording_ids == (a.id,)
    assert f"jumps against {b.name_display}" in found.message
