"""Recordings, ignored files and duplicates, as timeline.json holds them."""

from typing import Literal

from pydantic import Field

from syncview.model import GenerationValue, IntervalKind
from syncview.timeline.base import Entry, RateText, Sha256Text

__all__ = [
    "AudioEntry",
    "ClockClaimEntry",
    "DuplicateEntry",
    "GenerationEntry",
    "IgnoredEntry",
    "IntervalEntry",
    "LatLonEntry",
    "MetadataEntry",
    "RecordingEntry",
    "VideoEntry",
]


class VideoEntry(Entry):
    """The picture stream of a recording."""

    codec: str = Field(description="Codec name.")
    width: int = Field(description="Stored width, before rotation, in pixels.")
    height: int = Field(description="Stored height, before rotation, in pixels.")
    rotation_deg: int = Field(description="Rotation to apply for display, in degrees.")
    pixel_aspect: float = Field(
        default=1.0,
        description="Width of a stored pixel over its height: what to multiply the stored width by for display.",
    )
    rate: RateText | None = Field(
        description='Exact average frame rate as a fraction, frames per second, e.g. "30000/1001".'
    )
    frame_count: int | None = Field(description="Number of frames, where it is known.")
    variable_rate: bool | None = Field(description="Whether the time between frames varies, where it is known.")


class AudioEntry(Entry):
    """The sound stream of a recording."""

    codec: str = Field(description="Codec name.")
    rate_hz: int = Field(description="Sampling rate of the file, in hertz.")
    channels: int = Field(description="Number of channels.")


class LatLonEntry(Entry):
    """A place that the file itself states."""

    lat: float = Field(description="Latitude, WGS84 degrees.")
    lon: float = Field(description="Longitude, WGS84 degrees.")


class MetadataEntry(Entry):
    """What the file says of itself. Claims, not findings."""

    creation_time: str | None = Field(description="Creation time as the file states it.")
    location: LatLonEntry | None = Field(description="Place as the file states it.")
    device: str | None = Field(description="Maker and model as the file states them.")


class GenerationEntry(Entry):
    """How far the file is from the camera."""

    value: GenerationValue = Field(description="The guess, or what a person stated.")
    basis: str = Field(description="What it rests on.")


class ClockClaimEntry(Entry):
    """What one trace in or around the file says of its time; never joins recordings by itself."""

    source: Literal["creation_time", "file_name", "modified", "exif", "gps"] = Field(description="Where it stands.")
    text: str = Field(description="The words or digits as found.")
    utc: str | None = Field(description="ISO 8601 with zone, when the claim has one.")
    local: str | None = Field(description="ISO 8601 without zone, when the claim has none.")
    of: Literal["start", "end", "unknown"] = Field(description="Which moment of the recording the claim is about.")


class IntervalEntry(Entry):
    """A stretch of recording time with a property."""

    start_s: float = Field(description="Start, recording time in seconds.")
    end_s: float = Field(description="End, recording time in seconds.")
    kind: IntervalKind = Field(
        description="digital_silence: the file holds zeros; suppressed: noise suppression or the codec took the quiet "
        "sound away; masked: the gain is pumped down after a bang; clipped: too loud for the recorder, but heard; "
        "shot: one picture without a cut, so that a boundary between two is where the picture was edited."
    )


class RecordingEntry(Entry):
    """One media file."""

    id: str = Field(description="Id within this document.")
    path: str = Field(description="Path as given; what is not UTF-8 in it is replaced.")
    name_display: str = Field(description="Name to show to people.")
    path_bytes_b64: str | None = Field(
        default=None, description="The path's exact bytes in base64, when it is not UTF-8; null otherwise."
    )
    sha256: Sha256Text = Field(description="SHA-256 of the whole file, hexadecimal.")
    size_bytes: int = Field(description="Length of the file, in bytes.")
    kind: Literal["video", "audio", "still", "unreadable"] = Field(default="video", description="What it is.")
    duration_s: float | None = Field(description="End of the last sample or frame, recording time in seconds.")
    video: VideoEntry | None = Field(description="Picture stream; null without one.")
    audio: AudioEntry | None = Field(description="Sound stream; null without one.")
    metadata: MetadataEntry | None = Field(description="What the file says of itself; null when it says nothing.")
    clock_claims: tuple[ClockClaimEntry, ...] = Field(
        default=(), description="Every trace of the time of recording in or around the file."
    )
    generation: GenerationEntry | None = Field(description="How far the file is from the camera.")
    intervals: tuple[IntervalEntry, ...] = Field(description="Stretches of silence, clipping and the like.")
    warnings: tuple[str, ...] = Field(description="What is wrong or odd with the file, in words.")


class IgnoredEntry(Entry):
    """A file that was met and not used."""

    path: str = Field(description="Path as given; what is not UTF-8 in it is replaced.")
    reason: str = Field(description="Why it was not used.")


class DuplicateEntry(Entry):
    """Recordings that are one witness. Each keeps its clock; together they count once."""

    recording_ids: tuple[str, ...] = Field(description="The recordings.")
    kind: Literal["same_file", "same_recording"] = Field(
        description="Equal bytes, or one recording uploaded or encoded again."
    )
    evidence: str = Field(description="What shows it.")
