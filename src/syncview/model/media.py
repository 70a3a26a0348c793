"""What is known of one file: its streams, its sound, its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "AudioClip",
    "AudioStream",
    "ClockClaim",
    "Container",
    "Generation",
    "GenerationValue",
    "IgnoredFile",
    "Interval",
    "IntervalKind",
    "Recording",
    "VideoStream",
]

IntervalKind = Literal["digital_silence", "suppressed", "masked", "clipped", "shot"]
GenerationValue = Literal["camera original", "messenger copy", "re-upload", "edited", "screen recording", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """One picture stream. `rate` is the average rate; None where the container gives none.

    `rotation_deg` is the clockwise turn that shows the picture upright: 0, 90, 180 or 270; `pixel_aspect` is the width
    of a stored pixel over its height.
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
    pixel_aspect: Fraction = Fraction(1)


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
