"""EXIF blocks with known content."""

from __future__ import annotations

import struct

__all__ = ["exif_block"]


def exif_block(order: str) -> bytes:
    """Make, date, offset, and a place in the south-west, in either byte order."""

    def directory(start: int, fields: list[tuple[int, int, int, bytes]]) -> bytes:
        entries, extra = b"", b""
        after = start + 2 + 12 * len(fields) + 4
        for tag, kind, count, raw in fields:
            value = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(order + "I", after + len(extra))
            extra += raw if len(raw) > 4 else b""
            entries += struct.pack(order + "HHI", tag, kind, count) + value
        return struct.pack(order + "H", len(fields)) + entries + bytes(4) + extra

    def long(value: int) -> bytes:
        return struct.pack(order + "I", value)

    def degrees(*parts: int) -> bytes:
        return b"".join(struct.pack(order + "II", part, 1) for part in parts)

    taken, offset = b"2018:05:01 12:02:33\0", b"+03:00\0"
    main_at, exif_at, gps_at = 8, 200, 400
    main = directory(
        main_at, [(0x010F, 2, 7, b"Camera\0"), (0x8769, 4, 1, long(exif_at)), (0x8825, 4, 1, long(gps_at))]
    )
    exif = directory(exif_at, [(0x9003, 2, len(taken), taken), (0x9011, 2, len(offset), offset)])
    gps = directory(
        gps_at,
        [
            (1, 2, 2, b"S\0"),
            (2, 5, 3, degrees(35, 30, 36)),
            (3, 2, 2, b"W\0"),
            (4, 5, 3, degrees(36, 36, 0)),
            (7, 5, 3, degrees(9, 2, 31)),
            (29, 2, 11, b"2018:05:01\0"),
        ],
    )
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + long(main_at)
    return (head + main).ljust(exif_at, b"\0") + exif.ljust(gps_at - exif_at, b"\0") + gps
