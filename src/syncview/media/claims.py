"""What the traces in and around a file claim of its time and place. A claim is quoted, never believed.

Sources of the patterns: Android and vendor camera apps (``VID_``, ``PXL_`` in UTC, Samsung's bare date), the export
names of WhatsApp, Signal and Telegram, iOS screen recordings (seconds since 1970), dashcams.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from syncview.model import ClockClaim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from syncview.media.exif import ExifFacts

__all__ = ["creation_claims", "exif_claims", "modified_claim", "name_claims", "parse_iso6709"]

_Moment = Literal["start", "end", "unknown"]
_DATE = r"(?P<date>(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01]))"
_TIME = r"(?P<time>(?:[01]\d|2[0-3])[-_.]?[0-5]\d[-_.]?[0-5]\d)"

# (pattern, zone is UTC, moment of the recording that the name is about). The first that fits is the claim.
_NAME_PATTERNS: tuple[tuple[re.Pattern[str], bool, _Moment], ...] = (
    (re.compile(rf"^PXL_{_DATE}_{_TIME}"), True, "start"),
    (re.compile(rf"^(?:VID|AUD|PTT|IMG|STK|DOC)-{_DATE}-WA\d+"), False, "unknown"),
    (re.compile(rf"^WhatsApp (?:Video|Audio|Image|Ptt) {_DATE} (?:at|um|à|a las) {_TIME}"), False, "unknown"),
    (re.compile(rf"^signal-{_DATE}-{_TIME}", re.I), False, "unknown"),
    (re.compile(rf"^(?:video|audio|photo|file)_{_DATE}_{_TIME}"), False, "unknown"),
    (re.compile(rf"^(?:VID|MOV|IMG|REC|PANO|Video|Record(?:ing)?|Audio)[-_ ]?{_DATE}[-_ ]?{_TIME}"), False, "start"),
    (re.compile(rf"^Screen[-_ ]?[Rr]ecord(?:er|ing)?[-_ ]{_DATE}(?:[-_ ]|(?: at ))?{_TIME}"), False, "start"),
    (re.compile(rf"(?<!\d){_DATE}[-_ T]?{_TIME}(?!\d{{4}})"), False, "unknown"),
    (re.compile(rf"(?<!\d){_DATE}(?!\d)"), False, "unknown"),
)
_IOS_SCREEN = re.compile(r"^RPReplay_Final(?P<seconds>1\d{9})")
_ISO6709 = re.compile(r"^([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)")
_DATE_TAG = re.compile(r"^(?P<date>\d{4}[-/:]\d\d[-/:]\d\d)(?:[ T](?P<time>\d\d:\d\d:\d\d))?$")
_EPOCHS = (1904, 1970)  # an unset clock writes the first second of one of these


def name_claims(name: str) -> tuple[ClockClaim, ...]:
    """What a file's name claims of its time.

    Parameters
    ----------
    name : str
        The last part of the path.

    Returns
    -------
    tuple of ClockClaim
        One claim, or none. A name with a date alone gives the date.

    Examples
    --------
    >>> name_claims("VID_20180501_120233.mp4")[0].local
    '2018-05-01T12:02:33'
    >>> name_claims("VID-20180501-WA0003.mp4")[0].local
    '2018-05-01'
    >>> name_claims("holiday.mp4")
    ()
    """
    screen = _IOS_SCREEN.match(name)
    if screen is not None:
        moment = datetime.fromtimestamp(int(screen["seconds"]), UTC)
        return (_claim("file_name", screen[0], utc=f"{moment:%Y-%m-%dT%H:%M:%SZ}", of="end"),)
    for pattern, is_utc, of in _NAME_PATTERNS:
        found = pattern.search(name)
        if found is None:
            continue
        text = _iso(found["date"], found.groupdict().get("time"))
        if text is not None:
            return (_claim("file_name", found[0], **({"utc": text + "Z"} if is_utc else {"local": text}), of=of),)
    return ()


def _iso(date: str, time: str | None) -> str | None:
    """ISO 8601 from digits with any separators; None for a day that does not exist."""
    digits = re.sub(r"\D", "", date) + ("" if time is None else re.sub(r"\D", "", time))
    try:
        moment = datetime.strptime(digits, "%Y%m%d" if time is None else "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return f"{moment:%Y-%m-%d}" if time is None else f"{moment:%Y-%m-%dT%H:%M:%S}"


def _claim(
    source: Literal["creation_time", "file_name", "modified", "exif", "gps"],
    text: str,
    *,
    utc: str | None = None,
    local: str | None = None,
    of: _Moment,
) -> ClockClaim:
    return ClockClaim(source=source, text=text, utc=utc, local=local, of=of)


def creation_claims(tags: Mapping[str, str], *, container: str) -> tuple[ClockClaim, ...]:
    """What the container's tags claim of the time of recording.

    MP4 and QuickTime state UTC, though some cameras write local time there; AVI states local time. Which moment is
    meant differs: iPhones write the start, many Android phones the end.

    Parameters
    ----------
    tags : mapping of str to str
        The container's tags, as FFmpeg names them.
    container : str
        FFmpeg's name of the format.

    Returns
    -------
    tuple of ClockClaim
        Unset clocks (1904, 1970) are left out.
    """
    claims: list[ClockClaim] = []
    for key, of in (("com.apple.quicktime.creationdate", "start"), ("creation_time", "unknown")):
        text = tags.get(key)
        if text is None:
            continue
        utc, local = _zoned(text)
        if utc is not None and container == "avi":
            local, utc = utc.removesuffix("Z"), None
        if utc is not None or local is not None:
            moment: _Moment = "start" if of == "start" else "unknown"
            claims.append(_claim("creation_time", text, utc=utc, local=local, of=moment))
    dated = _DATE_TAG.match(tags.get("date", ""))
    local = None if dated is None else _iso(dated["date"], dated["time"])
    if local is not None:
        claims.append(_claim("creation_time", tags["date"], local=local, of="unknown"))
    return tuple(claims)


def _zoned(text: str) -> tuple[str | None, str | None]:
    """(UTC, local) of an ISO date and time: UTC when it has a zone, local when it has none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None, None
    if moment.year in _EPOCHS:
        return None, None
    if moment.tzinfo is None:
        return None, f"{moment:%Y-%m-%dT%H:%M:%S}"
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", None


def exif_claims(facts: ExifFacts) -> tuple[ClockClaim, ...]:
    """What a still picture's EXIF block claims of the time it was taken.

    Parameters
    ----------
    facts : ExifFacts
        What was read.

    Returns
    -------
    tuple of ClockClaim
        The camera's own clock, and the GPS time where there is one.
    """
    claims: list[ClockClaim] = []
    for source, text, offset in (("exif", facts.taken, facts.utc_offset), ("gps", facts.gps_utc, "+00:00")):
        local = None if text is None else _iso(text[:10], text[10:])
        if text is None or local is None:
            continue
        utc = _zoned(local + offset)[0] if offset else None
        name: Literal["exif", "gps"] = "gps" if source == "gps" else "exif"
        claims.append(_claim(name, text, utc=utc, local=None if utc else local, of="start"))
    return tuple(claims)


def modified_claim(path: Path) -> ClockClaim:
    """When the file system says the file was last written.

    It changes with every copy: it belongs into a table that a person reads, and never into a timeline.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    ClockClaim
        Of the end of the recording, at best.

    Raises
    ------
    OSError
        When the file is not there.
    """
    seconds = path.stat().st_mtime_ns // 1_000_000_000
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    text = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return _claim("modified", text, utc=text, of="end")


def parse_iso6709(text: str) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, of a point in decimal degrees (ISO 6709, annex H).

    Parameters
    ----------
    text : str
        Such as ``+27.5916+086.5640+8850/``.

    Returns
    -------
    tuple of float or None
        None where the text is no such point, or the empty one that a phone without a fix writes.

    Examples
    --------
    >>> parse_iso6709("+35.5501+036.6002/")
    (35.5501, 36.6002)
    """
    found = _ISO6709.match(text.strip())
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude, longitude) == (0.0, 0.0):
        return None
    return latitude, longitude
