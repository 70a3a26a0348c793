"""From what a run found to the timeline document, in an order that does not depend on that of the files."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncview import __version__
from syncview.timebase import group_time_s
from syncview.timeline.analysis import analyse
from syncview.timeline.clocks import (
    ClockEntry,
    GroupEntry,
    HypothesisEntry,
    LinkedEntry,
    LoopEntry,
    PairEntry,
    ProposalEntry,
    SegmentEntry,
    UnplacedEntry,
    UtcEntry,
)
from syncview.timeline.events import EventEntry, FindingEntry
from syncview.timeline.externals import external_entry, key_of_external, utc_text
from syncview.timeline.located import location_entry
from syncview.timeline.moving import people_entries, track_entries
from syncview.timeline.observations import observation_entry
from syncview.timeline.parts import TimelineParts, natural_key
from syncview.timeline.recordings import (
    AudioEntry,
    ClockClaimEntry,
    DuplicateEntry,
    GenerationEntry,
    IgnoredEntry,
    IntervalEntry,
    LatLonEntry,
    MetadataEntry,
    RecordingEntry,
    VideoEntry,
)
from syncview.timeline.schema import SCHEMA, VERSION, CaseEntry, TimelineDocument, ToolEntry

if TYPE_CHECKING:
    from syncview.model import Clock, Event, External, Finding, Group, Pair, Recording, Unplaced, VideoStream

__all__ = ["TimelineParts", "build_timeline"]


def build_timeline(parts: TimelineParts) -> TimelineDocument:
    """Put everything that a run found into one document.

    Parameters
    ----------
    parts : TimelineParts
        The results, in any order.

    Returns
    -------
    TimelineDocument
        Recordings by path, groups by id, events by group and time; equal parts give equal documents.
    """
    return TimelineDocument(
        schema_name=SCHEMA,
        version=VERSION,
        tool=ToolEntry(name="syncview", version=__version__),
        settings=dict(parts.settings),
        case=CaseEntry(
            title=parts.title,
            time_zone=parts.time_zone,
            max_camera_distance_m=parts.max_camera_distance_m,
            sound_speed_mps=parts.sound_speed_mps,
        ),
        recordings=tuple(_recording(r) for r in sorted(parts.recordings, key=lambda r: (r.path, natural_key(r.id)))),
        ignored=tuple(
            IgnoredEntry(path=_text(file.path), reason=_text(file.reason))
            for file in sorted(parts.ignored, key=lambda file: (file.path, file.reason))
        ),
        groups=tuple(_group(group, parts) for group in sorted(parts.groups, key=lambda g: natural_key(g.id))),
        unplaced=tuple(
            UnplacedEntry(recording_id=left.recording_id, reasons=left.reasons, proposals=_proposals(left, parts))
            for left in sorted(parts.unplaced, key=lambda left: natural_key(left.recording_id))
        ),
        duplicates=_duplicates(parts),
        pairs=tuple(_pair(p) for p in sorted(parts.pairs, key=lambda p: (natural_key(p.a_id), natural_key(p.b_id)))),
        events=(
            *(external_entry(each, parts) for each in sorted(parts.externals, key=_when_external)),
            *(_event(event, parts) for event in sorted(parts.events, key=_when)),
        ),
        candidates=tuple(_event(event, parts) for event in sorted(parts.candidates, key=_when)),
        tracks=track_entries(parts),
        people=people_entries(parts),
        findings=_findings(parts),
        analysis=analyse(parts),
    )


def _when(event: Event) -> tuple[object, ...]:
    return natural_key(event.group_id), event.time_s, natural_key(event.id)


def _when_external(external: External) -> tuple[object, ...]:
    return key_of_external(external), natural_key(external.id)


def _text(words: str) -> str:
    """Words that UTF-8 can hold: bytes of a name that is not UTF-8 become question marks."""
    return words.encode("utf-8", "replace").decode("utf-8")


def _recording(recording: Recording) -> RecordingEntry:
    audio, location = recording.audio, recording.location
    says = (recording.creation_time, location, recording.device)
    return RecordingEntry(
        id=recording.id,
        path=_text(recording.path),
        name_display=_text(recording.name_display),
        path_bytes_b64=recording.path_bytes_b64,
        sha256=recording.sha256,
        size_bytes=recording.size_bytes,
        kind=recording.kind,
        duration_s=None if recording.duration_s is None else float(recording.duration_s),
        video=None if recording.video is None else _video(recording.video),
        audio=None if audio is None else AudioEntry(codec=audio.codec, rate_hz=audio.rate_hz, channels=audio.channels),
        metadata=None
        if says == (None, None, None)
        else MetadataEntry(
            creation_time=recording.creation_time,
            location=None if location is None else LatLonEntry(lat=location[0], lon=location[1]),
            device=recording.device,
        ),
        clock_claims=tuple(
            ClockClaimEntry(source=c.source, text=_text(c.text), utc=c.utc, local=c.local, of=c.of)
            for c in recording.clock_claims
        ),
        generation=GenerationEntry(value=recording.generation.value, basis=_text(recording.generation.basis)),
        intervals=tuple(
            IntervalEntry(start_s=i.start_s, end_s=i.end_s, kind=i.kind)
            for i in sorted(recording.intervals, key=lambda i: (i.start_s, i.end_s, i.kind))
        ),
        warnings=tuple(_text(warning) for warning in recording.warnings),
    )


def _video(video: VideoStream) -> VideoEntry:
    return VideoEntry(
        codec=video.codec,
        width=video.width_px,
        height=video.height_px,
        rotation_deg=video.rotation_deg,
        pixel_aspect=round(float(video.pixel_aspect), 6),
        rate=None if video.rate is None else f"{video.rate.numerator}/{video.rate.denominator}",
        frame_count=video.frame_count,
        variable_rate=video.variable_rate,
    )


def _duplicates(parts: TimelineParts) -> tuple[DuplicateEntry, ...]:
    entries = [
        DuplicateEntry(
            recording_ids=tuple(sorted(same.recording_ids, key=natural_key)),
            kind=same.kind,
            evidence=_text(same.evidence),
        )
        for same in parts.duplicates
    ]
    return tuple(sorted(entries, key=lambda entry: [natural_key(name) for name in entry.recording_ids]))


def _proposals(left: Unplaced, parts: TimelineParts) -> tuple[ProposalEntry, ...]:
    """Proposals on the clock of the recording that each is about, strongest first."""
    zeros_s = {clock.recording_id: clock.segments for group in parts.groups for clock in group.clocks}
    entries = [
        ProposalEntry(
            other_id=proposal.other_id,
            offset_s=group_time_s(zeros_s[proposal.other_id][0], 0.0) + proposal.lag_s,
            basis=proposal.basis,
            score=proposal.score,
        )
        for proposal in left.proposals
        if zeros_s.get(proposal.other_id)
    ]
    return tuple(sorted(entries, key=lambda entry: (-entry.score, natural_key(entry.other_id), entry.offset_s)))


def _group(group: Group, parts: TimelineParts) -> GroupEntry:
    utc, zero = None, parts.utc.get(group.id)
    if zero is not None:
        utc = UtcEntry(offset=utc_text(zero.utc), uncertainty_s=zero.uncertainty_s, basis=zero.basis)
    return GroupEntry(
        id=group.id,
        reference_id=group.reference_id,
        utc=utc,
        clocks=tuple(_clock(c) for c in sorted(group.clocks, key=lambda c: natural_key(c.recording_id))),
        linked=tuple(
            LinkedEntry(
                recording_id=linked.recording_id,
                offset_s=linked.offset_s,
                uncertainty_s=linked.uncertainty_s,
                basis=linked.basis,
            )
            for linked in sorted(parts.linked, key=lambda linked: natural_key(linked.recording_id))
            if linked.group_id == group.id
        ),
        loops=tuple(LoopEntry(recording_ids=loop.recording_ids, closure_s=loop.closure_s) for loop in group.loops),
    )


def _clock(clock: Clock) -> ClockEntry:
    return ClockEntry(
        recording_id=clock.recording_id,
        segments=tuple(
            SegmentEntry(
                start_s=part.start_s,
                end_s=part.end_s,
                offset_s=part.offset_s,
                drift_ppm=part.drift_ppm,
                drift_uncertainty_ppm=part.drift_uncertainty_ppm,
                applies_to=part.applies_to,
                picture_check=part.picture_check,
            )
            for part in clock.segments
        ),
        uncertainty_s=clock.uncertainty_s,
        sound_uncertainty_s=clock.sound_uncertainty_s,
        basis=clock.basis,
        assumptions=clock.assumptions,
    )


def _pair(pair: Pair) -> PairEntry:
    return PairEntry(
        a_id=pair.a_id,
        b_id=pair.b_id,
        hypotheses=tuple(
            HypothesisEntry(
                lag_s=lag.lag_s,
                lag_spread_s=lag.lag_spread_s,
                probability=lag.probability,
                supports=lag.supports,
                sound_class=lag.sound,
            )
            for lag in pair.hypotheses
        ),
        lag_s=pair.lag_s,
        lag_spread_s=pair.lag_spread_s,
        probability=pair.probability,
        accepted=pair.accepted,
        overlap_s=pair.overlap_s,
        reasons=pair.reasons,
    )


def _event(event: Event, parts: TimelineParts) -> EventEntry:
    zero = parts.utc.get(event.group_id)
    moment = None if zero is None else zero.utc + timedelta(seconds=event.time_s)
    local = None
    if moment is not None and parts.time_zone is not None:
        local = moment.astimezone(ZoneInfo(parts.time_zone)).isoformat(timespec="microseconds")
    return EventEntry(
        id=event.id,
        kind=event.kind,
        group_id=event.group_id,
        time_s=event.time_s,
        time_basis=event.time_basis,
        uncertainty_s=event.uncertainty_s,
        end_s=event.end_s,
        utc=None if moment is None else utc_text(moment),
        local=local,
        utc_uncertainty_s=None if zero is None else math.hypot(event.uncertainty_s, zero.uncertainty_s),
        confidence=event.confidence,
        calibration=event.calibration,
        label=event.label,
        min_separable_s=event.min_separable_s,
        observations=tuple(
            observation_entry(seen)
            for seen in sorted(event.observations, key=lambda seen: natural_key(seen.recording_id))
        ),
        location=None if event.location is None else location_entry(event.location),
        location_abstained=event.location_abstained,
        action=event.action,
        subject=event.subject,
        track_ids=event.track_ids,
        tags=event.tags,
    )


def _findings(parts: TimelineParts) -> tuple[FindingEntry, ...]:
    def key(finding: Finding) -> tuple[object, ...]:
        time_s = -1.0 if finding.time_s is None else finding.time_s
        return finding.kind, natural_key(finding.group_id or ""), time_s, finding.recording_ids, finding.message

    return tuple(
        FindingEntry(
            id=f"finding-{number}",
            kind=finding.kind,
            recording_ids=finding.recording_ids,
            group_id=finding.group_id,
            time_s=finding.time_s,
            value=finding.value,
            unit=finding.unit,
            message=_text(finding.message),
        )
        for number, finding in enumerate(sorted(parts.findings, key=key), start=1)
    )
