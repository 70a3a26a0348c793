"""A clock in pieces, in words for people."""

from dataclasses import replace

import pytest

from incident_example import clock, incident, recording
from syncview.model import Duplicate, Group, Interval
from syncview.timeline.build import build_timeline
from syncview.timeline.clock_words import clock_notes, finding_words, sound_note, witnesses_of_document

EMPTY = dict.fromkeys(
    ("recordings", "groups", "events", "candidates", "unplaced", "duplicates", "pairs", "findings", "ignored"), ()
)


def _document(*pieces, uncertainty_s=0.0, **of_recording):
    """One recording of 60 s whose clock has pieces (start, end, offset, drift in ppm, stream)."""
    whole = clock("rec-1", 0.0, 60.0, uncertainty_s=uncertainty_s)
    parts = tuple(
        replace(whole.segments[0], start_s=a, end_s=b, offset_s=o, drift_ppm=d, applies_to=of)
        for a, b, o, d, of in pieces or [(0.0, 60.0, 0.0, 0.0, "both")]
    )
    group = Group(id="group-1", reference_id="rec-1", clocks=(replace(whole, segments=parts),))
    return build_timeline(
        incident(**EMPTY | {"recordings": (recording("rec-1", "a.mp4", **of_recording),), "groups": (group,)})
    )


def _notes(*pieces, **more):
    document = _document(*pieces, **more)
    return clock_notes(document.groups[0].clocks[0], document.recordings[0])


def test_a_file_of_one_piece_needs_no_words():
    assert _notes() == ()
    assert _notes((0.0, 60.0, 3.0, 80.0, "both")) == ()
    assert _notes((0.0, 60.0, 3.0, 0.0, "audio"), video=None) == ()


def test_a_cut_says_what_is_missing_from_where_on():
    assert _notes((0.0, 31.2, 0.004, 0.0, "both"), (31.2, 60.0, 10.004, 0.0, "both")) == (
        "from 31.2 s on: +10.004 s (10.000 s are missing)",
    )
    assert _notes((0.0, 31.2, 0.004, 0.0, "both"), (31.2, 60.0, 10.004, 0.0, "both"), uncertainty_s=0.5) == (
        "from 31.2 s on: +10.004 s (10.000 s are missing)",
    )  # the sound itself lines up to 10 ms


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ((25.0, 60.0, -5.0, 0.0, "both"), "-5.000 s (5.000 s were put in; the 5.0 s before it are on no clock)"),
        ((20.0, 60.0, -12.0, 0.0, "both"), "-12.000 s (goes back by 12.000 s)"),
        ((20.5, 60.0, 3.0, 0.0, "both"), "+3.000 s (3.000 s are missing; the 0.5 s before it are on no clock)"),
        ((20.0, 60.0, 15.0, -750_000.0, "both"), "+0.000 s (shown at 0.25 of the true speed)"),
        ((20.0, 60.0, 0.0, 0.0, "audio"), "+0.000 s (sound only: when its picture was taken is not known)"),
    ],
)
def test_what_sets_a_piece_apart(second, said):
    assert _notes((0.0, 20.0, 0.0, 0.0, "both"), second) == (f"from {second[0]:.1f} s on: {said}",)


def test_a_picture_from_elsewhere_and_ends_on_no_clock():
    assert _notes(
        (2.0, 20.0, 0.0, 0.0, "both"),
        (20.0, 30.0, 0.0, 0.0, "audio"),
        (20.0, 30.0, 40.0, 0.0, "video"),
        (30.0, 50.0, 0.0, 0.0, "both"),
    ) == (
        "until 2.0 s: on no clock",
        "from 20.0 s on: +0.000 s (sound only: when its picture was taken is not known)",
        "from 20.0 s on: +40.000 s (40.000 s are missing; picture only: when its sound was recorded is not known)",
        "from 30.0 s on: +0.000 s (goes back by 40.000 s)",
        "from 50.0 s on: on no clock",
    )


def test_silence_is_said_to_be_no_absence():
    spans = (
        Interval(start_s=1.0, end_s=4.0, kind="digital_silence"),
        Interval(start_s=3.0, end_s=9.0, kind="suppressed"),
        Interval(start_s=20.0, end_s=29.0, kind="masked"),
    )
    (said,) = (sound_note(entry) for entry in _document(intervals=spans).recordings)
    assert said == (
        "sound not assessable for 8.0 s (digital silence and noise suppression): silence there is not absence"
    )
    assert sound_note(_document(intervals=spans[2:]).recordings[0]) is None


def test_kinds_of_findings_have_words():
    titles = [finding_words(kind).title for kind in ("cut", "speed", "replay", "carried_sound", "picture_clock")]
    assert titles == ["cut", "changed speed", "replay", "carried sound", "picture and sound apart"]
    assert all(finding_words(kind).meaning for kind in ("cut", "speed", "replay", "carried_sound", "picture_clock"))
    assert finding_words("something_new").title == "something new"


def test_witnesses_of_a_document_hold_copies_together():
    copies = (
        Duplicate(recording_ids=("rec-1", "rec-8"), kind="same_file", evidence="x"),
        Duplicate(recording_ids=("rec-5", "rec-8"), kind="same_recording", evidence="y"),
    )
    witness = witnesses_of_document(build_timeline(incident(duplicates=copies)))
    assert {witness[name] for name in ("rec-1", "rec-5", "rec-8")} == {"rec-1"}
    assert witness["rec-2"] == "rec-2"
