"""A worked incident for tests: five cameras, four strikes, a decoy of another day, a silent file, a duplicate.

The cameras stand at known distances from a strike point; every arrival below is distance / 343 m/s after the blast,
so that each expected number can be computed by hand.
"""

import hashlib
from dataclasses import replace
from fractions import Fraction

from syncview.model import (
    AudioStream,
    Clock,
    ClockClaim,
    ClockSegment,
    Duplicate,
    Event,
    Finding,
    Group,
    IgnoredFile,
    Interval,
    LagHypothesis,
    Loop,
    Observation,
    Pair,
    Recording,
    Unplaced,
    VideoStream,
)
from syncview.timeline.build import TimelineParts

SOUND_MPS = 343.0
CAMERAS = {  # id: (name, offset_s, duration_s, distance_m, uncertainty_s, drift_ppm)
    "rec-1": ("balcony.mp4", 0.0, 60.0, 68.6, 0.0, 0.0),
    "rec-2": ("شارع السوق.mp4", 7.25, 41.0, 137.2, 0.31, 20.0),
    "rec-3": ("dashcam.mkv", -3.5, 50.0, 205.8, 0.52, -40.0),
    "rec-4": ("whatsapp audio.ogg", 12.0, 30.0, 34.3, 0.18, 0.0),
    "rec-5": ("VID_20180501_121233.3gp", 21.75, 44.0, 171.5, 0.44, 0.0),
}
STRIKES_S = (18.0, 24.0, 24.8, 39.5)  # explosion moments in group time


def recording(name, path, **changes):
    """A recording with sound and picture unless told otherwise."""
    video = VideoStream(
        codec="h264",
        width_px=1280,
        height_px=720,
        rotation_deg=0,
        rate=Fraction(30000, 1001),
        frame_count=900,
        variable_rate=False,
        time_base=Fraction(1, 90000),
        start_s=Fraction(0),
    )
    audio = AudioStream(
        codec="aac", rate_hz=48000, channels=1, time_base=Fraction(1, 48000), start_s=Fraction(0), priming_samples=1024
    )
    known = {
        "id": name,
        "path": path,
        "name_display": path,
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "size_bytes": 1_000_000,
        "kind": "video",
        "duration_s": Fraction(60),
        "container": None,
        "video": video,
        "audio": audio,
    }
    return Recording(**known | changes)


def clock(name, offset_s, duration_s, *, uncertainty_s=0.0, drift_ppm=0.0, applies_to="both"):
    """A clock of one segment, lined up to 10 ms by its sound."""
    segment = ClockSegment(
        start_s=0.0,
        end_s=duration_s,
        offset_s=offset_s,
        drift_ppm=drift_ppm,
        drift_uncertainty_ppm=100.0 if uncertainty_s else 0.0,
        applies_to=applies_to,
        picture_check="unverified",
    )
    return Clock(
        recording_id=name,
        segments=(segment,),
        uncertainty_s=uncertainty_s,
        sound_uncertainty_s=0.01 if uncertainty_s else 0.0,
        basis=("sound",),
        assumptions=("cameras within 500 m of each other",) if uncertainty_s else (),
    )


def in_pieces(whole, *pieces):
    """A clock with pieces (start, end, offset, stream) in place of its one segment."""
    segments = tuple(
        replace(whole.segments[0], start_s=start_s, end_s=end_s, offset_s=offset_s, applies_to=stream)
        for start_s, end_s, offset_s, stream in pieces
    )
    return replace(whole, segments=segments)


def heard(name, sound_s, *, uncertainty_s=0.004, score=0.9):
    """One recording's arrival."""
    return Observation(
        recording_id=name,
        sound_s=sound_s,
        sound_uncertainty_s=uncertainty_s,
        score=score,
        measures=(("rise_db", 31.0), ("low_share", 0.72)),
        reasons=("rises by 31 dB within 20 ms",),
    )


def strike(name, group_id, time_s, observations, **changes):
    """A strike whose time is the arrival at its first observation."""
    known = {
        "id": name,
        "kind": "strike",
        "group_id": group_id,
        "time_s": time_s,
        "time_basis": f"arrival_at:{observations[0].recording_id}",
        "uncertainty_s": 0.012,
        "end_s": None,
        "confidence": 0.9,
        "calibration": "simulated incidents",
        "label": "explosion",
        "min_separable_s": 0.25,
        "observations": tuple(observations),
    }
    return Event(**known | changes)


def arrivals(blast_s):
    """What each camera that films at that moment hears of a blast."""
    found = []
    for name, (_, offset_s, duration_s, distance_m, _, drift_ppm) in CAMERAS.items():
        recording_s = (blast_s + distance_m / SOUND_MPS - offset_s) / (1 + drift_ppm * 1e-6)
        if 0 <= recording_s <= duration_s:
            found.append(heard(name, recording_s))
    return found


def edited_group():
    """The group of the incident, with 10 s cut out of rec-1 at 20 s, and another picture over its last 10 s."""
    whole = incident().groups[0]
    pieces = in_pieces(
        whole.clocks[0], (0.0, 20.0, 0.0, "both"), (20.0, 50.0, 10.0, "both"), (50.0, 60.0, 10.0, "audio")
    )
    return replace(whole, clocks=(pieces, *whole.clocks[1:]))


def incident(**changes):
    """The parts of the whole incident."""
    recordings = [
        recording(name, path, duration_s=Fraction(duration_s)) for name, (path, _, duration_s, *_) in CAMERAS.items()
    ]
    recordings[3] = recording("rec-4", "whatsapp audio.ogg", kind="audio", video=None, duration_s=Fraction(30))
    recordings += [
        recording("rec-6", "other_day.mp4", duration_s=Fraction(35)),
        recording("rec-7", "silent.mp4", audio=None, duration_s=Fraction(20), warnings=("has no sound",)),
        recording("rec-8", "balcony (1).mp4", sha256=hashlib.sha256(b"rec-1").hexdigest()),
    ]
    clocks = [
        clock(name, offset_s, duration_s, uncertainty_s=uncertainty_s, drift_ppm=drift_ppm)
        for name, (_, offset_s, duration_s, _, uncertainty_s, drift_ppm) in CAMERAS.items()
    ]
    known = {
        "settings": {"strike_threshold": 0.5},
        "title": "Market, 1 May 2018",
        "time_zone": "Asia/Damascus",
        "max_camera_distance_m": 500.0,
        "sound_speed_mps": SOUND_MPS,
        "recordings": tuple(recordings),
        "ignored": (IgnoredFile(path="notes.txt", reason="text, not media"),),
        "groups": (
            Group(
                id="group-1",
                reference_id="rec-1",
                clocks=tuple(clocks),
                loops=(Loop(recording_ids=("rec-1", "rec-2", "rec-3"), closure_s=0.0031),),
            ),
            Group(id="group-2", reference_id="rec-6", clocks=(clock("rec-6", 0.0, 35.0),)),
            Group(id="group-3", reference_id="rec-7", clocks=(clock("rec-7", 0.0, 20.0, applies_to="video"),)),
        ),
        "unplaced": (
            Unplaced(recording_id="rec-6", reasons=("no sound in common with any other recording",)),
            Unplaced(recording_id="rec-7", reasons=("has no sound to compare",)),
        ),
        "duplicates": (Duplicate(recording_ids=("rec-1", "rec-8"), kind="same_file", evidence="equal SHA-256"),),
        "pairs": (
            Pair(
                a_id="rec-1",
                b_id="rec-2",
                hypotheses=(LagHypothesis(lag_s=7.05, lag_spread_s=0.02, probability=0.98, supports=9),),
                lag_s=7.05,
                lag_spread_s=0.02,
                probability=0.98,
                accepted=True,
                overlap_s=41.0,
                reasons=("9 windows agree",),
            ),
        ),
        "events": tuple(
            strike(f"strike-{k}", "group-1", blast_s + 0.2, arrivals(blast_s)) for k, blast_s in enumerate(STRIKES_S, 1)
        ),
        "candidates": (
            strike(
                "sound-1", "group-1", 26.1, [heard("rec-1", 26.1)], kind="note", label="possible echo", confidence=0.3
            ),
        ),
        "findings": (
            Finding(
                kind="cut",
                recording_ids=("rec-5",),
                group_id="group-1",
                time_s=48.2,
                value=1.4,
                unit="s",
                message="1.4 s are missing from VID_20180501_121233.3gp",
            ),
        ),
    }
    return TimelineParts(**known | changes)


SILENCE = Interval(start_s=30.0, end_s=33.0, kind="digital_silence")
CLAIM = ClockClaim(source="file_name", text="VID_20180501_121233", utc=None, local="2018-05-01T12:12:33", of="start")
