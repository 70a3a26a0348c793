"""Time: exact media time, the one sign convention of lags, and the clock of a recording.

Sign of a lag
-------------
With ``r_a`` and ``r_b`` the recording times at which cameras a and b hear one sound of source s::

    lag(a, b) = r_a - r_b = offset_b - offset_a - (|b - s| - |a - s|) / c

A positive lag says that b started later (or stands nearer to the sound). Swapping the cameras swaps the sign.

1. Both files start at 0, a bang is at camera a at 5 s, b stands 343 m farther away: r_a = 5, r_b = 6,
   lag = -1 s, while the true offset difference is 0.
2. b starts 3 s later than a and stands at a's side: the bang is at r_a = 5, r_b = 2, lag = +3 s.

A clock in pieces
-----------------
A clock has segments, sorted by start. Those of one stream (sound, or picture) do not overlap; where none of them lies,
nothing is known of when that stretch of the file was recorded. A segment of "both" holds for sound and picture; where
only the sound's clock is known it says "audio", and another segment may then say "video" for the same stretch. The
functions below take clocks of `syncview.model` and of a timeline document alike, and are the only place that looks
through segments.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ClockLike",
    "SegmentLike",
    "Stream",
    "acoustic_lag_s",
    "group_extent_s",
    "group_spans_s",
    "group_time_of",
    "group_time_s",
    "hears_as_usual",
    "moment_of",
    "pace_of",
    "pts_to_s",
    "recording_time_of",
    "recording_time_s",
    "round_s",
    "segment_at",
    "segments_of",
]

_DIGITS = 6  # results are written to the microsecond
_USUAL_PACE = 0.1  # 24 for 25 frames a second is heard as ever; at double or a quarter of the speed a blast is not
_SLACK_S = 1e-6  # so a moment written to the microsecond may lie this far beyond the segment that holds it

Stream = Literal["audio", "video"]


class SegmentLike(Protocol):
    """What the functions here need of a segment."""

    @property
    def start_s(self) -> float:
        """First recording time that it holds for."""

    @property
    def end_s(self) -> float:
        """Last recording time that it holds for."""

    @property
    def offset_s(self) -> float:
        """Group time of recording time 0, if the segment reached there."""

    @property
    def drift_ppm(self) -> float:
        """How much faster group time runs than recording time: -750000 for footage slowed to a quarter."""

    @property
    def applies_to(self) -> Literal["audio", "video", "both"]:
        """The streams that it holds for."""


class ClockLike(Protocol):
    """What the functions here need of a clock."""

    @property
    def segments(self) -> Sequence[SegmentLike]:
        """Sorted by start."""


SegmentT = TypeVar("SegmentT", bound=SegmentLike)


def pts_to_s(pts: int, time_base: Fraction, *, zero_s: Fraction = Fraction(0)) -> Fraction:
    """Exact recording time of a presentation time stamp.

    Parameters
    ----------
    pts : int
        Presentation time stamp, in units of `time_base`.
    time_base : Fraction
        Seconds per unit.
    zero_s : Fraction
        Stream time of recording time 0 (0 for mp4, the smallest start time in transport streams).

    Returns
    -------
    Fraction
        Seconds of recording time.

    Examples
    --------
    >>> pts_to_s(3003, Fraction(1, 90000))
    Fraction(1001, 30000)
    """
    return pts * time_base - zero_s


def acoustic_lag_s(
    *, offset_a_s: float, offset_b_s: float, distance_a_m: float, distance_b_m: float, sound_speed_mps: float
) -> float:
    """Lag of b against a for one sound, from the clocks and the distances to its source.

    Parameters
    ----------
    offset_a_s, offset_b_s : float
        Clock offsets (group time of recording time 0), in seconds.
    distance_a_m, distance_b_m : float
        Distance from the source to each camera, in metres.
    sound_speed_mps : float
        Speed of sound, in metres per second.

    Returns
    -------
    float
        ``r_a - r_b`` in seconds; positive when b started later.

    Examples
    --------
    The two worked numbers of this module:

    >>> acoustic_lag_s(offset_a_s=0, offset_b_s=0, distance_a_m=0, distance_b_m=343, sound_speed_mps=343)
    -1.0
    >>> acoustic_lag_s(offset_a_s=0, offset_b_s=3, distance_a_m=9, distance_b_m=9, sound_speed_mps=343)
    3.0
    """
    return offset_b_s - offset_a_s - (distance_b_m - distance_a_m) / sound_speed_mps


def pace_of(segment: SegmentLike) -> float:
    """Group seconds per recording second: 1 but for drift, 0.25 for footage slowed to a quarter."""
    return 1.0 + segment.drift_ppm * 1e-6


def group_time_s(segment: SegmentLike, recording_s: float) -> float:
    """Group time of a moment in a recording: ``offset_s + recording * (1 + drift_ppm * 1e-6)``.

    Parameters
    ----------
    segment : ClockSegment or SegmentEntry
        The segment of the recording's clock that holds the moment (see `segment_at`).
    recording_s : float
        Recording time in seconds.

    Returns
    -------
    float
        Group time in seconds.
    """
    return segment.offset_s + recording_s * pace_of(segment)


def recording_time_s(segment: SegmentLike, group_s: float) -> float:
    """Turn group time into recording time; the inverse of `group_time_s`.

    Parameters
    ----------
    segment : ClockSegment or SegmentEntry
        The segment of the recording's clock.
    group_s : float
        Group time in seconds.

    Returns
    -------
    float
        Recording time in seconds.
    """
    return (group_s - segment.offset_s) / pace_of(segment)


def hears_as_usual(segment: SegmentLike) -> bool:
    """Whether sound runs at about its true speed, so that a blast would sound like one."""
    return abs(pace_of(segment) - 1.0) <= _USUAL_PACE


def segments_of(segments: Iterable[SegmentT], *, of: Stream) -> tuple[SegmentT, ...]:
    """Segments that hold for the sound, or for the picture, in their order."""
    return tuple(segment for segment in segments if segment.applies_to in (of, "both"))


def segment_at(segments: Iterable[SegmentT], recording_s: float, *, of: Stream) -> SegmentT | None:
    """Segment that holds a moment of a recording.

    Parameters
    ----------
    segments : iterable of ClockSegment or SegmentEntry
        Of one clock.
    recording_s : float
        Recording time in seconds.
    of : {"audio", "video"}
        Whether the moment was heard or seen.

    Returns
    -------
    ClockSegment or SegmentEntry or None
        Where two meet, the later one, as a frame belongs to what follows a cut. None where the clock is not known.
    """

    def beyond_s(segment: SegmentT) -> float:
        return max(segment.start_s - recording_s, recording_s - segment.end_s, 0.0)

    near = [segment for segment in segments_of(segments, of=of) if beyond_s(segment) <= _SLACK_S]
    return min(near, key=lambda segment: (beyond_s(segment), -segment.start_s), default=None)


def group_time_of(clock: ClockLike, recording_s: float, *, of: Stream) -> float | None:
    """Group time of a moment that was heard, or seen, in a recording.

    Parameters
    ----------
    clock : Clock or ClockEntry
        The recording's clock.
    recording_s : float
        Recording time in seconds.
    of : {"audio", "video"}
        Whether the moment was heard or seen.

    Returns
    -------
    float or None
        Seconds; None where the clock is not known.
    """
    segment = segment_at(clock.segments, recording_s, of=of)
    return None if segment is None else group_time_s(segment, recording_s)


def recording_time_of(clock: ClockLike, group_s: float, *, of: Stream) -> float | None:
    """Recording time at which a recording holds a moment of group time.

    Parameters
    ----------
    clock : Clock or ClockEntry
        The recording's clock.
    group_s : float
        Group time in seconds.
    of : {"audio", "video"}
        Whether its sound or its picture is asked for.

    Returns
    -------
    float or None
        Seconds, the first time when the file repeats the moment; None when the file does not hold it.
    """
    near: list[tuple[float, float]] = []
    for segment in segments_of(clock.segments, of=of):
        start_s, end_s = group_time_s(segment, segment.start_s), group_time_s(segment, segment.end_s)
        beyond_s = max(start_s - group_s, group_s - end_s, 0.0)
        if beyond_s <= _SLACK_S:
            near.append((beyond_s, recording_time_s(segment, group_s)))
    return min(near)[1] if near else None


def moment_of(clock: ClockLike, group_s: float) -> float | None:
    """Recording time of a moment of group time by the sound, or by the picture where the sound does not say.

    Parameters
    ----------
    clock : Clock or ClockEntry
        The recording's clock.
    group_s : float
        Group time in seconds.

    Returns
    -------
    float or None
        Seconds; None when the file does not hold the moment.
    """
    heard_s = recording_time_of(clock, group_s, of="audio")
    return recording_time_of(clock, group_s, of="video") if heard_s is None else heard_s


def group_spans_s(clock: ClockLike, *, of: Stream | None = None) -> tuple[tuple[float, float], ...]:
    """Start and end of every segment in group time, in the order of the file; `of` one stream or of any."""
    chosen = clock.segments if of is None else segments_of(clock.segments, of=of)
    return tuple((group_time_s(part, part.start_s), group_time_s(part, part.end_s)) for part in chosen)


def group_extent_s(clock: ClockLike) -> tuple[float, float]:
    """First and last moment of group time that a recording holds; a cut may lie between.

    Examples
    --------
    >>> from types import SimpleNamespace as Part
    >>> one = Part(start_s=0, end_s=20, offset_s=5, drift_ppm=0, applies_to="both")
    >>> slowed = Part(start_s=20, end_s=60, offset_s=30, drift_ppm=-750_000, applies_to="both")
    >>> group_extent_s(Part(segments=[one, slowed]))
    (5.0, 45.0)
    """
    spans = group_spans_s(clock)
    return min(start_s for start_s, _ in spans), max(end_s for _, end_s in spans)


def round_s(value_s: float | Fraction) -> float:
    """Seconds as results carry them: to the microsecond, and never a negative zero.

    Examples
    --------
    >>> round_s(Fraction(1, 3)), round_s(-1e-9)
    (0.333333, 0.0)
    """
    return round(float(value_s), _DIGITS) + 0.0
