"""Ends of files that nothing bears out: on no clock, and said to be."""

from __future__ import annotations

from joint_example import recording
from syncview.pipeline.findings import unsupported_findings
from syncview.reconstruct.borne_out import Unsupported


def test_a_stretch_on_no_clock_is_named_with_the_files_that_it_does_not_agree_with() -> None:
    a, b = recording("a"), recording("b")
    lost = Unsupported(recording_id=b.id, start_s=0.0, end_s=24.25, others=(a.id,))
    (found,) = unsupported_findings([lost], [a, b])
    assert (found.kind, found.recording_ids, found.time_s) == ("off_clock", (b.id,), 0.0)
    assert (found.value, found.unit) == (24.25, "s")
    assert found.message.startswith(f"from 0.0 to 24.2 s of the file its sound does not agree with {a.name_display} as")
