"""A clock in pieces, and what is odd about a file, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.reconstruct.witnesses import witness_of
from syncview.timebase import group_time_s, pace_of
from syncview.timeline.words import seconds_text, uncertainty_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from syncview.timeline.clocks import ClockEntry, LinkedEntry, ProposalEntry, SegmentEntry
    from syncview.timeline.recordings import RecordingEntry
    from syncview.timeline.schema import TimelineDocument

__all__ = [
    "FindingWords",
    "clock_notes",
    "finding_words",
    "linked_text",
    "proposal_text",
    "sound_note",
    "witnesses_of_document",
]

_LEAST_S = 0.001  # of a gap or jump that is worth words
_LEAST_PACE = 0.01  # beyond what any clock drifts: the file was slowed or sped up
_STREAM_NOTES = {
    "audio": "sound only: when its picture was taken is not known",
    "video": "picture only: when its sound was recorded is not known",
}
_UNHEARD = {"digital_silence": "digital silence", "suppressed": "noise suppression"}


@dataclass(frozen=True, slots=True)
class FindingWords:
    """What people call a kind of finding, and what it means for them; None when the message says it all."""

    title: str
    meaning: str | None


_FINDINGS = {
    "cut": FindingWords(
        "cut", "the file is not one piece: what was filmed in between is missing, or something was put in"
    ),
    "speed": FindingWords(
        "changed speed", "the file runs slower or faster than what it shows; times are corrected for it"
    ),
    "replay": FindingWords("replay", "the file shows one moment again; every sound counts once"),
    "carried_sound": FindingWords(
        "carried sound",
        "music, a broadcast or a radio is in both files; that does not show that they were in one place",
    ),
    "picture_clock": FindingWords(
        "picture and sound apart",
        "the picture does not belong to the sound beside it; no frame, flash or light is quoted from it",
    ),
    "off_clock": FindingWords(
        "on no clock", "it lies in a stretch of the file of which nobody knows when it was recorded"
    ),
    "check_point": FindingWords("check point", None),
    "wrong_pin": FindingWords("pin not met", None),
    "wrong_position": FindingWords("place not met", None),
    "wrong_place": FindingWords("placed strike not met", None),
    "wrong_arrival": FindingWords(
        "arrival not met", "an echo or another sound may have been picked; look at its waveform there"
    ),
    "wrong_light": FindingWords("light not met", "another light may have been picked; look at its frames"),
    "wrong_temperature": FindingWords("temperature not met", "a wrong place of a camera may look the same"),
    "unmatched_correction": FindingWords(
        "correction of nothing", "what a person said of a movement or figure fits nothing that was found; look again"
    ),
    "unclear_correction": FindingWords(
        "correction of one of several", "nothing was changed; say more exactly which movement is meant"
    ),
    "waiting_correction": FindingWords("corrections not used", None),
    "conflicting_correction": FindingWords("corrections differ", None),
    "wrong_correction": FindingWords("merger not met", "a clock may be wrong, or two things are taken for one"),
    "unused_map_points": FindingWords(
        "map points not used", "nothing of that file is put on the map by them until they are put right"
    ),
    "unplaced_figure": FindingWords("figure without a place", None),
    "rejected_match": FindingWords("match rejected by a person", None),
    "several_solutions": FindingWords("several solutions", "a pin, a place or a flash more would decide between them"),
    "not_tried": FindingWords("not tried", None),
    "wrong_clock": FindingWords("times of day disagree", None),
    "unknown_utc": FindingWords("UTC not known", None),
    "not_compared": FindingWords("not compared", None),
    "assumption": FindingWords("rests on an assumption", "state what is assumed in case.toml, if anybody knows it"),
}


def finding_words(kind: str) -> FindingWords:
    """What people call a kind of finding; a kind that is new here goes by its own name.

    Examples
    --------
    >>> finding_words("speed").title, finding_words("odd_thing")
    ('changed speed', FindingWords(title='odd thing', meaning=None))
    """
    return _FINDINGS.get(kind, FindingWords(kind.replace("_", " "), None))


def proposal_text(proposal: ProposalEntry, names: Mapping[str, str]) -> str:
    """A proposal in words that cannot be taken for a placement."""
    return (
        f"proposal, not a placement: it may start at {proposal.offset_s:.1f} s on the clock of "
        f"{names.get(proposal.other_id, proposal.other_id)}, by {proposal.basis} (strength {proposal.score:.1f})"
    )


def linked_text(linked: LinkedEntry, group_id: str) -> str:
    """What a file's own clock says of its place, in words that cannot be taken for a placement.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> linked_text(SimpleNamespace(offset_s=600.2, uncertainty_s=3.4, basis="device_clock"), "g1")
    'by the clock of its device, not a placement: it starts at 600 s +- 4 s on the clock of g1'
    """
    by = "the clock of its device" if linked.basis == "device_clock" else "the UTC that it claims"
    at = f"{seconds_text(linked.offset_s, linked.uncertainty_s)} s +- {uncertainty_text(linked.uncertainty_s)} s"
    return f"by {by}, not a placement: it starts at {at} on the clock of {group_id}"


def witnesses_of_document(document: TimelineDocument) -> dict[str, str]:
    """Witness of every recording of a document: copies of one recording are one."""
    return witness_of((r.id for r in document.recordings), (same.recording_ids for same in document.duplicates))


def sound_note(recording: RecordingEntry) -> str | None:
    """How much of a file's sound cannot be assessed, and why; None when it is less than a second.

    Parameters
    ----------
    recording : RecordingEntry
        The file.

    Returns
    -------
    str or None
        E.g. "sound not assessable for 12.3 s (noise suppression): silence there is not absence".
    """
    parts = [(part.start_s, part.end_s) for part in recording.intervals if part.kind in _UNHEARD]
    total_s = _covered_s(parts)
    if recording.audio is None or total_s < 1.0:
        return None
    why = " and ".join(words for kind, words in _UNHEARD.items() if any(i.kind == kind for i in recording.intervals))
    return f"sound not assessable for {total_s:.1f} s ({why}): silence there is not absence"


def _covered_s(parts: Iterable[tuple[float, float]]) -> float:
    total_s, until_s = 0.0, float("-inf")
    for start_s, end_s in sorted(parts):
        total_s += max(0.0, end_s - max(start_s, until_s))
        until_s = max(until_s, end_s)
    return total_s


def clock_notes(clock: ClockEntry, recording: RecordingEntry) -> tuple[str, ...]:
    """What a clock in pieces says beyond where the file starts, one note for each further segment.

    Parameters
    ----------
    clock : ClockEntry
        The recording's clock.
    recording : RecordingEntry
        The recording.

    Returns
    -------
    tuple of str
        In file order, times of the file; e.g. "from 31.2 s on: +10.004 s (10.000 s are missing)", where +10.004 s is
        group time minus file time there. Empty for a file of one piece.
    """
    notes = []
    for k, segment in enumerate(clock.segments):
        before = _before(clock.segments[:k], segment)
        said = _said(before, segment, recording, clock.sound_uncertainty_s)
        if k == 0 and segment.start_s > _LEAST_S:
            notes.append(f"until {segment.start_s:.1f} s: on no clock")
        if k > 0 or said:
            shift_s = group_time_s(segment, segment.start_s) - segment.start_s
            shift = f"{'+' if shift_s >= 0 else ''}{seconds_text(shift_s, clock.sound_uncertainty_s)} s"
            notes.append(f"from {segment.start_s:.1f} s on: {shift}" + (f" ({'; '.join(said)})" if said else ""))
    end_s = max((segment.end_s for segment in clock.segments), default=0.0)
    if recording.duration_s is not None and clock.segments and end_s < recording.duration_s - _LEAST_S:
        notes.append(f"from {end_s:.1f} s on: on no clock")
    return tuple(notes)


def _before(earlier: Sequence[SegmentEntry], segment: SegmentEntry) -> SegmentEntry | None:
    """Last of the earlier segments that holds for one of a segment's streams."""
    related = [e for e in earlier if "both" in (e.applies_to, segment.applies_to) or e.applies_to == segment.applies_to]
    return related[-1] if related else None


def _said(
    before: SegmentEntry | None, segment: SegmentEntry, recording: RecordingEntry, uncertainty_s: float
) -> list[str]:
    """What sets a segment apart from the one before it."""
    said = [] if before is None else _jump(before, segment, uncertainty_s)
    pace = pace_of(segment)
    if abs(pace - (1.0 if before is None else pace_of(before))) > _LEAST_PACE:
        said.append("at its true speed" if abs(pace - 1.0) < _LEAST_PACE else f"shown at {pace:.3g} of the true speed")
    if segment.applies_to != "both" and recording.audio is not None and recording.video is not None:
        said.append(_STREAM_NOTES[segment.applies_to])
    return said


def _jump(before: SegmentEntry, segment: SegmentEntry, uncertainty_s: float) -> list[str]:
    """What is missing, put in or shown again between two segments."""
    said = []
    unknown_s = segment.start_s - before.end_s
    later_s = group_time_s(segment, segment.start_s) - group_time_s(before, before.end_s)
    least_s = max(_LEAST_S, uncertainty_s)
    missing_s = later_s - unknown_s
    if later_s < -least_s:
        said.append(f"goes back by {seconds_text(-later_s, uncertainty_s)} s")
    elif missing_s > least_s:
        said.append(f"{seconds_text(missing_s, uncertainty_s)} s are missing")
    elif missing_s < -least_s:
        said.append(f"{seconds_text(-missing_s, uncertainty_s)} s were put in")
    if unknown_s > _LEAST_S:
        said.append(f"the {unknown_s:.1f} s before it are on no clock")
    return said
