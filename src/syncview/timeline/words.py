"""The result in words and numbers for people: no more digits than the error bar allows, no percentages."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.timeline.events import EventEntry
    from syncview.timeline.findings import StrikeIntervalEntry

__all__ = [
    "REJECTED",
    "STATED",
    "clock_text",
    "event_title",
    "instant_text",
    "interval_texts",
    "is_rejected",
    "is_stated",
    "seconds_text",
    "support_text",
    "support_word",
    "uncertainty_text",
]

STATED = "stated by "  # how the calibration of what a person states begins
REJECTED = "rejected by "  # how the label of a candidate begins that a person says is none
_MODERATE = 0.5  # below, an event is no strike at all
_STRONG = 0.8
_MOST_DECIMALS = 3


def event_title(event: EventEntry) -> str:
    """What people call an event before one of them has accepted it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> event_title(SimpleNamespace(kind="strike", label="explosion", calibration="simulated incidents"))
    'explosion (candidate)'
    """
    if event.kind == "strike":
        return "explosion (stated)" if is_stated(event) else "explosion (candidate)"
    return event.label or event.kind


def is_stated(event: EventEntry) -> bool:
    """Whether a person stated the event rather than the program found it."""
    return event.calibration.startswith(STATED)


def is_rejected(event: EventEntry) -> bool:
    """Whether a person says that what was seen is none."""
    return event.label.startswith(REJECTED)


def support_text(event: EventEntry) -> str:
    """What speaks for an event: support in a word, or who stated or rejected it."""
    if is_rejected(event):
        return event.label
    return event.calibration if is_stated(event) else support_word(event.confidence)


def support_word(confidence: float) -> Literal["weak", "moderate", "strong"]:
    """Confidence as people see it: a percentage would claim more than the calibration carries.

    Examples
    --------
    >>> support_word(0.49), support_word(0.5), support_word(0.93)
    ('weak', 'moderate', 'strong')
    """
    if confidence >= _STRONG:
        return "strong"
    return "moderate" if confidence >= _MODERATE else "weak"


def uncertainty_text(uncertainty_s: float) -> str:
    """Half-width rounded up to one digit, or two where the first is 1; never finer than a millisecond.

    Examples
    --------
    >>> uncertainty_text(0.31), uncertainty_text(0.1201), uncertainty_text(0.0004), uncertainty_text(12.2)
    ('0.4', '0.13', '0.001', '13')
    """
    decimals = _decimals(uncertainty_s)
    scale = 10.0**decimals
    return f"{math.ceil(uncertainty_s * scale - 1e-9) / scale:.{decimals}f}"


def seconds_text(time_s: float, uncertainty_s: float) -> str:
    """Seconds with as many decimals as the half-width has.

    Examples
    --------
    >>> seconds_text(18.1961, 0.012), seconds_text(18.1961, 0.31), seconds_text(-0.004, 0.31)
    ('18.196', '18.2', '0.0')
    """
    decimals = _decimals(uncertainty_s)
    return f"{round(time_s, decimals) + 0.0:.{decimals}f}"


def clock_text(time_s: float, uncertainty_s: float) -> str:
    """Group time as minutes and seconds, to what the half-width allows.

    Examples
    --------
    >>> clock_text(83.456, 0.31), clock_text(-3.5, 0.004), clock_text(3723.9, 2.5)
    ('1:23.5', '-0:03.500', '1:02:04')
    """
    decimals = _decimals(uncertainty_s)
    rounded = round(abs(time_s), decimals)
    minutes, seconds = divmod(rounded, 60)
    hours, minutes = divmod(int(minutes), 60)
    width = 2 if decimals == 0 else 3 + decimals
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{'-' if time_s < 0 < rounded else ''}{start}:{seconds:0{width}.{decimals}f}"


def instant_text(iso: str, uncertainty_s: float) -> str:
    """Date and time of day from ISO 8601, to what the half-width allows; the zone is left to the caller.

    Examples
    --------
    >>> instant_text("2018-05-01T09:12:51.450000Z", 0.02), instant_text("2018-05-01T12:12:59.700000+03:00", 2.5)
    ('2018-05-01 09:12:51.45', '2018-05-01 12:13:00')
    """
    decimals = _decimals(uncertainty_s)
    unit_us = 10 ** (6 - decimals)
    moment = datetime.fromisoformat(iso)
    rest_us = moment.microsecond % unit_us
    moment += timedelta(microseconds=(unit_us if 2 * rest_us >= unit_us else 0) - rest_us)
    text = f"{moment:%Y-%m-%d %H:%M:%S}"
    return text if decimals == 0 else f"{text}.{moment.microsecond // unit_us:0{decimals}d}"


def interval_texts(interval: StrikeIntervalEntry, names: Mapping[str, str]) -> tuple[str, str | None]:
    """Time from the strike before, and how it was taken or why it cannot be told.

    Parameters
    ----------
    interval : StrikeIntervalEntry
        The time between two strikes.
    names : mapping of str to str
        Names to show by recording id.

    Returns
    -------
    text, note : str, str or None
        Such as "6.0 ± 0.5 s after e1" and "between their sounds at a.mp4; the ± holds if ...".
    """
    if interval.at_least_s is not None:
        return f"at least {interval.at_least_s:.0f} s after {interval.from_id}", interval.reason
    if interval.interval_s is None or interval.uncertainty_s is None or interval.basis is None:
        return f"unknown, after {interval.from_id}", interval.reason
    pm = uncertainty_text(interval.uncertainty_s)
    text = f"{seconds_text(interval.interval_s, interval.uncertainty_s)} ± {pm} s after {interval.from_id}"
    kind, _, recording_id = interval.basis.partition(":")
    notes = {
        "explosions": "between the explosions themselves",
        "arrivals_at": f"between their sounds at {names.get(recording_id, recording_id)}",
        "arrivals": "between their sounds at different cameras",
        "utc": "through the UTC of two clocks",
        "device_clock": "through the clock of a device with files on both",
    }
    return text, notes[kind] + "".join(f"; the ± holds if {assumption}" for assumption in interval.assumptions)


def _decimals(uncertainty_s: float) -> int:
    if uncertainty_s <= 0:
        return _MOST_DECIMALS
    exponent = math.floor(math.log10(uncertainty_s))
    leads_with_one = uncertainty_s / 10.0**exponent < 2
    return min(max(-exponent + leads_with_one, 0), _MOST_DECIMALS)
