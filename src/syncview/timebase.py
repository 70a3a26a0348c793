"""Time: exact media time, the one sign convention of lags, and the clock of a recording.

Sign of a lag
-------------
With ``r_a`` and ``r_b`` the recording times at which cameras a and b hear one sound of source s::

    lag(a, b) = r_a - r_b = offset_b - offset_a - (|b - s| - |a - s|) / c

A positive lag says that b started later (or stands nearer to the sound). Swapping the cameras swaps the sign.

1. Both files start at 0, a bang is at camera a at 5 s, b stands 343 m farther away: r_a = 5, r_b = 6,
   lag = -1 s, while the true offset difference is 0.
2. b starts 3 s later than a and stands at a's side: the bang is at r_a = 5, r_b = 2, lag = +3 s.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncview.model import ClockSegment

__all__ = ["acoustic_lag_s", "group_time_s", "pts_to_s", "recording_time_s", "round_s"]

_DIGITS = 6  # results are written to the microsecond


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


def group_time_s(segment: ClockSegment, recording_s: float) -> float:
    """Group time of a moment in a recording: ``offset_s + recording * (1 + drift_ppm * 1e-6)``.

    Parameters
    ----------
    segment : ClockSegment
        The segment of the recording's clock that holds the moment.
    recording_s : float
        Recording time in seconds.

    Returns
    -------
    float
        Group time in seconds.
    """
    return segment.offset_s + recording_s * (1.0 + segment.drift_ppm * 1e-6)


def recording_time_s(segment: ClockSegment, group_s: float) -> float:
    """Turn group time into recording time; the inverse of `group_time_s`.

    Parameters
    ----------
    segment : ClockSegment
        The segment of the recording's clock.
    group_s : float
        Group time in seconds.

    Returns
    -------
    float
        Recording time in seconds.
    """
    return (group_s - segment.offset_s) / (1.0 + segment.drift_ppm * 1e-6)


def round_s(value_s: float | Fraction) -> float:
    """Seconds as results carry them: to the microsecond, and never a negative zero.

    Examples
    --------
    >>> round_s(Fraction(1, 3)), round_s(-1e-9)
    (0.333333, 0.0)
    """
    return round(float(value_s), _DIGITS) + 0.0
