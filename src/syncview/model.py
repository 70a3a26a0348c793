"""What travels between the rooms: frozen records, tuples, units in names, unknown is None.

The order of a run is the order of this file: a file becomes a `Recording`, its sound an `AudioClip`; pairs of clips
give `LagHypothesis` in a `Pair`, pairs give a `Group` of `Clock`; a clip gives `Detection`, detections on one clock
give an `Event`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "AudioClip",
    "AudioStream",
    "Clock",
    "ClockClaim",
    "ClockSegment",
    "Container",
    "CopyMatch",
    "Detection",
    "Duplicate",
    "Event",
    "Finding",
    "Generation",
    "Group",
    "IgnoredFile",
    "Interval",
    "Jump",
    "LagHypothesis",
    "Loop",
    "MotionProposal",
    "Observation",
    "Pair",
    "PairMatch",
    "PictureMatch",
    "PictureSegment",
    "Proposal",
    "Recording",
    "Replay",
    "Unplaced",
    "VideoStream",
]

IntervalKind = Literal["digital_silence", "suppressed", "masked", "clipped", "shot"]
GenerationValue = Literal["camera original", "messenger copy", "re-upload", "edited", "screen recording", "unknown"]
Basis = Literal["sound", "blast", "flash", "geometry", "pin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """One picture stream. `rate` is the average rate; None where the container gives none.

    `rotation_deg` is the clockwise turn that shows the picture upright: 0, 90, 180 or 270.
    """

    codec: str
    width_px: int
    height_px: int
    rotation_deg: int
    rate: Fraction | None
    frame_count: int | None
    variable_rate: bool | None
    time_base: Fraction
    start_s: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """One sound stream. `start_s` is the recording time of the first sample that is heard (priming removed)."""

    codec: str
    rate_hz: int
    channels: int
    time_base: Fraction
    start_s: Fraction | None
    priming_samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The file around the streams. `zero_s` is the stream time of recording time 0."""

    format: str
    zero_s: Fraction
    has_edit_list: bool
    encoder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A stretch of recording time with a property of its sound or picture."""

    start_s: float
    end_s: float
    kind: IntervalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How far a file is from the camera: a guess, and what it rests on."""

    value: GenerationValue
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockClaim:
    """What one trace in or around a file says of its time. Never joins recordings by itself.

    `utc` is ISO 8601 with zone when the claim has one, `local` without; one of the two is None.
    `of` says which moment of the recording the claim is about, as far as the source defines it.
    """

    source: Literal["creation_time", "file_name", "modified", "exif", "gps"]
    text: str
    utc: str | None
    local: str | None
    of: Literal["start", "end", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One media file, as it was found. Nothing in it is invented: what the file does not say is None."""

    id: str
    path: str
    name_display: str
    path_bytes_b64: str | None = None
    sha256: str
    size_bytes: int
    kind: Literal["video", "audio", "still", "unreadable"]
    duration_s: Fraction | None
    container: Container | None
    video: VideoStream | None
    audio: AudioStream | None
    creation_time: str | None = None
    location: tuple[float, float] | None = None
    device: str | None = None
    generation: Generation = field(default_factory=lambda: Generation(value="unknown", basis="nothing to go by"))
    clock_claims: tuple[ClockClaim, ...] = ()
    intervals: tuple[Interval, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredFile:
    """A file that was met and not used, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioClip:
    """Mono sound of one recording on the recording-time axis.

    `samples` is float32, shape (n,), full scale +-1, possibly memory-mapped; sample i lies at recording time
    ``start_s + i / rate_hz``. Gaps in the stream are zeros, so that the axis has no holes.
    """

    recording_id: str
    samples: NDArray[np.float32]
    rate_hz: int
    start_s: float

    @property
    def duration_s(self) -> float:
        """Length of the sound in seconds."""
        return len(self.samples) / self.rate_hz

    @property
    def end_s(self) -> float:
        """Recording time just after the last sample."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, slots=True, kw_only=True)
class LagHypothesis:
    """One lag that a pair's sound supports. For the sign see `syncview.timebase`.

    `lag_s` is where the windows agree, or their mean when sources on different sides spread them.

    `lag_spread_s` is the width of the cluster of window lags (sources on different sides); `supports` the number of
    windows that agree, with a gap between each two. `log_odds` weighs it against "nothing in common", `probability`
    also against the pair's lags that contradict it. `sigma_s` is the standard error of `lag_s`, which holds at the
    recording times `middle_s` of the two. `drift_ppm` is b's drift minus a's with its 95 % half-width; None where it
    was not measured. `basis` says what agrees; `reasons` what a person should know of it. `agreement` is how the
    evidence is spread over the overlap, in sigmas of each step of `agreement_step_s` from a's recording time
    `agreement_from_s` on.
    """

    lag_s: float
    lag_spread_s: float
    probability: float
    supports: int
    sound: Literal["acoustic", "carried"] = "acoustic"
    log_odds: float | None = None
    sigma_s: float | None = None
    middle_s: tuple[float, float] | None = None
    drift_ppm: float | None = None
    drift_uncertainty_ppm: float | None = None
    basis: Literal["sound", "blast"] = "sound"
    reasons: tuple[str, ...] = ()
    agreement: tuple[float, ...] = ()
    agreement_from_s: float | None = None
    agreement_step_s: float | None = None

    def flipped(self) -> LagHypothesis:
        """The same seen from the other recording."""
        return replace(
            self,
            lag_s=-self.lag_s,
            middle_s=None if self.middle_s is None else self.middle_s[::-1],
            drift_ppm=None if self.drift_ppm is None else -self.drift_ppm,
            agreement_from_s=None if self.agreement_from_s is None else self.agreement_from_s - self.lag_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The place where the lag of two recordings changes: one of them was cut, or something was put into one.

    Until `end_s` (recording times of a and b) the lag ``r_a - r_b`` is `before_s`, from `start_s` on it is `after_s`.
    `gain` is how far both together bear out the sound of the pair.
    """

    before_s: float
    after_s: float
    end_s: tuple[float, float]
    start_s: tuple[float, float]
    gain: float = 0.0

    def flipped(self) -> Jump:
        """The same seen from the other recording."""
        return replace(
            self, before_s=-self.before_s, after_s=-self.after_s, end_s=self.end_s[::-1], start_s=self.start_s[::-1]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMatch:
    """A stretch of sound that two files have from one recording, at the lag ``r_a - r_b`` with its 95 % half-width.

    The stretch lies between the recording times `span_a_s` and `span_b_s`; `evidence` says what shows it.
    """

    lag_s: float
    uncertainty_s: float
    span_a_s: tuple[float, float]
    span_b_s: tuple[float, float]
    evidence: str

    def flipped(self) -> CopyMatch:
        """The same seen from the other recording."""
        return replace(self, lag_s=-self.lag_s, span_a_s=self.span_b_s, span_b_s=self.span_a_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMatch:
    """All that the sound of two recordings says of them.

    Competing lags, likeliest first; jumps between lags; and stretches that are copies of one recording.
    """

    hypotheses: tuple[LagHypothesis, ...] = ()
    jumps: tuple[Jump, ...] = ()
    copies: tuple[CopyMatch, ...] = ()

    def flipped(self) -> PairMatch:
        """The same seen from the other recording."""
        return PairMatch(
            hypotheses=tuple(h.flipped() for h in self.hypotheses),
            jumps=tuple(j.flipped() for j in self.jumps),
            copies=tuple(c.flipped() for c in self.copies),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSegment:
    """A stretch that both files show. Times in b plus `lag_s` are times in a; for the sign see `syncview.timebase`.

    `uncertainty_s` is a 95 % half-width of the lag, a frame at least. `structure` and `change` are correlations of
    the pictures laid over each other and of what changes in them.
    """

    lag_s: float
    uncertainty_s: float
    b_start_s: float
    b_end_s: float
    structure: float
    change: float

    @property
    def length_s(self) -> float:
        """Length of the stretch."""
        return self.b_end_s - self.b_start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMatch:
    """Two files that show the same footage in places.

    `lag_s` and `uncertainty_s` are those of the longest segment; `share` is the part of the shorter file that the
    segments cover; `score`, in 0..1, the lower of structure and change there. Segments are in the order of b.
    """

    a_id: str
    b_id: str
    lag_s: float
    uncertainty_s: float
    mirrored: bool
    share: float
    score: float
    segments: tuple[PictureSegment, ...]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionProposal:
    """A lag at which light or motion of two recordings agree. For the sign see `syncview.timebase`.

    `z` is the height over the scatter at other lags, `score`, in 0..1, how far it stands out of the next best lag: no
    probability. `uncertainty_s` is one step of the grid on which curves were compared, or a frame if that is longer.
    """

    a_id: str
    b_id: str
    lag_s: float
    uncertainty_s: float
    basis: Literal["light", "motion"]
    z: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the sound of two recordings says of their lag, and what became of it."""

    a_id: str
    b_id: str
    hypotheses: tuple[LagHypothesis, ...]
    lag_s: float | None
    lag_spread_s: float | None
    probability: float | None
    accepted: bool
    overlap_s: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSegment:
    """A stretch of a recording with one affine clock. For the formula see `syncview.timebase.group_time_s`."""

    start_s: float
    end_s: float
    offset_s: float
    drift_ppm: float
    drift_uncertainty_ppm: float
    applies_to: Literal["audio", "video", "both"]
    picture_check: Literal["verified", "unverified", "contradicted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A recording's place on its group's clock.

    `segments`, one at least, are sorted by start; those of one stream do not overlap, and between them nothing is
    known. `syncview.timebase` looks through them for everybody.
    `uncertainty_s` is the 95 % half-width of the true clock against the reference's, at every moment of every segment;
    `sound_uncertainty_s` how well the sound itself lines up.
    """

    recording_id: str
    segments: tuple[ClockSegment, ...]
    uncertainty_s: float
    sound_uncertainty_s: float
    basis: tuple[Basis, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Three recordings whose accepted lags should add up to zero, and by how much they do not."""

    recording_ids: tuple[str, str, str]
    closure_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Recordings on one clock. `clocks` is sorted by recording id."""

    id: str
    reference_id: str
    clocks: tuple[Clock, ...]
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A place for an unplaced recording that a person may look at; it places nothing.

    `lag_s` is that of the recording against `other_id`, as in ``lag(other, recording)`` of `syncview.timebase`:
    positive when the recording started later. It holds against the other's first segment, whatever its group's zero.
    `score` is larger for stronger proposals, and no probability.
    """

    other_id: str
    lag_s: float
    basis: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A recording that no evidence ties to another, and why."""

    recording_id: str
    reasons: tuple[str, ...]
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Recordings that are one witness."""

    recording_ids: tuple[str, ...]
    kind: Literal["same_file", "same_recording"]
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Something heard in one recording, in recording time.

    `uncertainty_s` is a 95 % half-width of `time_s`; `score` lies in 0..1; `measures` are named numbers with their
    unit in the name, that a reviewer can check; `reasons` say the same in words. `possible_echo_of_s` is the time of
    the stronger arrival in the same recording of which this may be an echo; `replay_of_s` that of the same sound, shown
    before in the same recording, which this repeats.
    """

    recording_id: str
    kind: Literal["blast"]
    time_s: float
    uncertainty_s: float
    score: float
    label: str
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]
    possible_echo_of_s: float | None = None
    replay_of_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A passage from `start_s` to `end_s` of recording time that repeats what began at `original_start_s`.

    `speed` is 1, 0.5 or 0.25 (slowed down, the pitch dropped). `score` is the share of its cells of time and frequency
    that agree with the original's; `uncertainty_s` the 95 % half-width of each of the three times.
    """

    start_s: float
    end_s: float
    original_start_s: float
    speed: float
    score: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One recording's share in an event; times are recording time."""

    recording_id: str
    sound_s: float | None
    sound_uncertainty_s: float | None
    score: float
    measures: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in group time, made of observations.

    `id` is empty until the case folder has given it its lasting name. `time_basis` is ``explosion`` or
    ``arrival_at:<recording id>``.
    """

    id: str
    kind: Literal["strike", "shot", "aircraft", "movement", "note", "external"]
    group_id: str
    time_s: float
    time_basis: str
    uncertainty_s: float
    end_s: float | None
    confidence: float
    calibration: str
    label: str
    min_separable_s: float | None
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the material itself that a person must know.

    `kind` is one of "cut", "speed", "replay", "carried_sound", "picture_clock", "off_clock", "check_point",
    "wrong_pin", "wrong_position", "wrong_clock" or a new word; `value` is in `unit`; `time_s` is group time, or
    recording time where there is no group.
    """

    kind: str
    recording_ids: tuple[str, ...]
    group_id: str | None
    time_s: float | None
    value: float | None
    unit: str | None
    message: str
