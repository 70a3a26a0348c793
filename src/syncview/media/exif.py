"""Time, place and camera of a still picture, from its EXIF block (TIFF 6.0; CIPA DC-008).

The block is found by its mark in JPEG, HEIF, PNG, WebP and TIFF alike; the picture itself is not decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ExifFacts", "parse_exif", "read_exif"]

_SEARCH_BYTES = 4 * 1024 * 1024  # cameras write EXIF into the first kilobytes; HEIF may put it behind a preview
_MAX_FIELDS = 512
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}

_MAKE, _MODEL, _SOFTWARE, _DATE = 0x010F, 0x0110, 0x0131, 0x0132
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_DATE_ORIGINAL, _OFFSET_ORIGINAL = 0x9003, 0x9011
_GPS_LAT_REF, _GPS_LAT, _GPS_LON_REF, _GPS_LON, _GPS_TIME, _GPS_DATE = 1, 2, 3, 4, 7, 29

_Values = tuple[Fraction | int, ...] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifFacts:
    """What the EXIF block says, as text where it is text. `location` is (latitude, longitude) in degrees."""

    taken: str | None = None
    utc_offset: str | None = None
    gps_utc: str | None = None
    location: tuple[float, float] | None = None
    make: str | None = None
    model: str | None = None
    software: str | None = None


def read_exif(path: Path) -> ExifFacts:
    """Read what a still picture's EXIF block says.

    Parameters
    ----------
    path : Path
        A picture of any format.

    Returns
    -------
    ExifFacts
        All None when there is no block, or a broken one.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_SEARCH_BYTES)
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return parse_exif(head)
    for mark in (b"Exif\x00\x00", b"eXIf", b"EXIF"):
        start = head.find(mark)
        while start >= 0:
            # WebP has a 4-byte size between mark and block, and some writers repeat the JPEG mark there.
            for skip in (len(mark), len(mark) + 4, len(mark) + 10):
                block = head[start + skip : start + skip + 4]
                if block in (b"II*\x00", b"MM\x00*"):
                    return parse_exif(head[start + skip :])
            start = head.find(mark, start + 1)
    return ExifFacts()


def parse_exif(block: bytes) -> ExifFacts:
    """Read a TIFF block.

    Parameters
    ----------
    block : bytes
        From the byte-order mark on.

    Returns
    -------
    ExifFacts
        What could be read; a damaged field is None.
    """
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return ExifFacts()
    main = _fields(block, order, struct.unpack_from(order + "I", block, 4)[0])
    exif = _fields(block, order, _pointer(main, _EXIF_POINTER))
    gps = _fields(block, order, _pointer(main, _GPS_POINTER))
    return ExifFacts(
        taken=_text(exif, _DATE_ORIGINAL) or _text(main, _DATE),
        utc_offset=_text(exif, _OFFSET_ORIGINAL),
        gps_utc=_gps_utc(gps),
        location=_location(gps),
        make=_text(main, _MAKE),
        model=_text(main, _MODEL),
        software=_text(main, _SOFTWARE),
    )


def _fields(block: bytes, order: str, offset: int) -> dict[int, _Values]:
    """One directory of fields, by tag."""
    if not 8 <= offset <= len(block) - 2:
        return {}
    count = min(struct.unpack_from(order + "H", block, offset)[0], _MAX_FIELDS)
    fields: dict[int, _Values] = {}
    for start in range(offset + 2, min(offset + 2 + 12 * count, len(block) - 11), 12):
        tag, kind, number = struct.unpack_from(order + "HHI", block, start)
        size = _TYPE_SIZES.get(kind, 0) * number
        where = start + 8 if size <= 4 else struct.unpack_from(order + "I", block, start + 8)[0]
        if size and where + size <= len(block):
            fields[tag] = _values(block[where : where + size], order, kind)
    return fields


def _values(raw: bytes, order: str, kind: int) -> _Values:
    if kind in (2, 7):
        return raw.split(b"\x00")[0].decode("utf-8", "replace").strip()
    if kind in (5, 10):
        pairs = struct.iter_unpack(order + ("II" if kind == 5 else "ii"), raw)
        return tuple(Fraction(top, bottom) if bottom else Fraction(0) for top, bottom in pairs)
    code = {1: "B", 3: "H", 4: "I", 9: "i"}[kind]
    return tuple(value for (value,) in struct.iter_unpack(order + code, raw))


def _pointer(fields: dict[int, _Values], tag: int) -> int:
    value = fields.get(tag, ())
    return value[0] if isinstance(value, tuple) and value and isinstance(value[0], int) else 0


def _text(fields: dict[int, _Values], tag: int) -> str | None:
    value = fields.get(tag)
    return value if isinstance(value, str) and value else None


def _numbers(fields: dict[int, _Values], tag: int) -> tuple[Fraction, ...]:
    value = fields.get(tag, ())
    return () if isinstance(value, str) else tuple(Fraction(number) for number in value)


def _location(gps: dict[int, _Values]) -> tuple[float, float] | None:
    degrees: list[float] = []
    for ref_tag, tag, negative, limit in ((_GPS_LAT_REF, _GPS_LAT, "S", 90), (_GPS_LON_REF, _GPS_LON, "W", 180)):
        ref, parts = _text(gps, ref_tag), _numbers(gps, tag)
        if ref is None or len(parts) != 3:
            return None
        value = parts[0] + parts[1] / 60 + parts[2] / 3600
        if value > limit:
            return None
        degrees.append(round(float(-value if ref.upper() == negative else value), 7))
    # Cameras without a fix write zeros.
    return None if degrees == [0.0, 0.0] else (degrees[0], degrees[1])


def _gps_utc(gps: dict[int, _Values]) -> str | None:
    date, parts = _text(gps, _GPS_DATE), _numbers(gps, _GPS_TIME)
    if date is None or len(parts) != 3:
        return None
    return f"{date} {int(parts[0]):02d}:{int(parts[1]):02d}:{int(parts[2]):02d}"
