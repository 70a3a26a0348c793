"""What FFmpeg does not tell of an MP4 or QuickTime file: edit lists, rotation, priming, missing bytes.

Only box headers and ``moov`` are read (ISO/IEC 14496-12; Apple, QuickTime File Format, appendix G for priming).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["QUICKTIME_PRIMING_SAMPLES", "IsoFacts", "IsoTrack", "read_iso_facts"]

_MOOV_LIMIT_BYTES = 256 * 1024 * 1024  # hours of footage need some 20 MB; more is an attack or damage
_MAX_BOXES = 100_000

# Apple, QuickTime File Format, "Historical solution for implicit encoder delay".
QUICKTIME_PRIMING_SAMPLES = 2112


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoTrack:
    """One track. `rotation_deg` is clockwise; `edits` are (duration, media_time) in movie and media units."""

    handler: str
    codec_tag: str
    rotation_deg: int
    edits: tuple[tuple[int, int], ...]
    has_roll_group: bool

    @property
    def edits_move_time(self) -> bool:
        """True when the edit list delays, cuts or reorders, rather than just spelling the track out."""
        return len(self.edits) > 1 or any(media_time != 0 for _, media_time in self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class IsoFacts:
    """What the boxes of a file say. `missing_bytes` is how much the last box lacks of its stated size."""

    major_brand: str
    has_index: bool
    fragmented: bool
    missing_bytes: int
    tracks: tuple[IsoTrack, ...]

    @property
    def has_edit_list(self) -> bool:
        """True when any track's edit list moves its time."""
        return any(track.edits_move_time for track in self.tracks)

    @property
    def rotation_deg(self) -> int:
        """Clockwise turn of the first picture track for display: 0, 90, 180 or 270."""
        return next((track.rotation_deg for track in self.tracks if track.handler == "vide"), 0)

    def implicit_priming_samples(self, sound_index: int) -> int:
        """Priming that a QuickTime file leaves unsaid and every QuickTime player removes.

        Apple's format assumes 2112 samples before AAC sound whose edit list starts at 0, unless a roll group says that
        the edit list carries them. Checked on an iPhone recording: its sound begins at sample 2109.

        Parameters
        ----------
        sound_index : int
            Which of the sound tracks, in file order.

        Returns
        -------
        int
            Samples to leave out; 0 where the file is not of this kind.
        """
        sound = [track for track in self.tracks if track.handler == "soun"]
        if self.major_brand != "qt  " or self.fragmented or sound_index >= len(sound):
            return 0
        track = sound[sound_index]
        starts_at_zero = len(track.edits) == 1 and not track.edits_move_time
        unsaid = track.codec_tag == "mp4a" and starts_at_zero and not track.has_roll_group
        return QUICKTIME_PRIMING_SAMPLES if unsaid else 0


def read_iso_facts(path: Path) -> IsoFacts | None:
    """Read the boxes of an MP4, QuickTime or 3GP file.

    Parameters
    ----------
    path : Path
        Any file.

    Returns
    -------
    IsoFacts or None
        None when the file is not made of boxes.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        brand, moov, names, missing = "", b"", set[bytes](), 0
        for name, start, stop in _top_boxes(stream, size):
            names.add(name)
            missing = max(0, stop - size)
            if name == b"ftyp":
                brand = _read(stream, start, start + 4).decode("latin-1")
            elif name == b"moov" and not moov:
                moov = _read(stream, start, min(stop, start + _MOOV_LIMIT_BYTES))
    if not names & {b"ftyp", b"moov", b"mdat", b"moof"}:
        return None
    # The first QuickTime files carry no brand at all.
    return IsoFacts(
        major_brand=brand or "qt  ",
        has_index=bool(moov) or b"moof" in names,
        fragmented=b"moof" in names or b"mvex" in {name for name, _, _ in _boxes(moov, 0, len(moov))},
        missing_bytes=missing,
        tracks=tuple(_track(moov, a, b) for name, a, b in _boxes(moov, 0, len(moov)) if name == b"trak"),
    )


def _read(stream: BinaryIO, start: int, stop: int) -> bytes:
    stream.seek(start)
    return stream.read(stop - start)


def _top_boxes(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and stated end of the content of every box at the top level."""
    offset = 0
    for _ in range(_MAX_BOXES):
        head = _read(stream, offset, offset + 16)
        box = _box_at(head, 0, size - offset)
        if box is None:
            return
        name, content, stop = box
        yield name, offset + content, offset + stop
        offset += stop
        if offset >= size:
            return


def _box_at(data: bytes, offset: int, rest: int) -> tuple[bytes, int, int] | None:
    """Name, start and end of the content of the box at `offset`; a box of size 0 runs to the end of the file."""
    if len(data) < offset + 8:
        return None
    size, name = struct.unpack_from(">I4s", data, offset)
    head = 8
    if size == 1:
        if len(data) < offset + 16:
            return None
        size, head = struct.unpack_from(">Q", data, offset + 8)[0], 16
    elif size == 0:
        size = rest
    if size < head or not all(32 <= char < 127 or char == 0xA9 for char in name):
        return None
    return name, offset + head, offset + size


def _boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    offset = start
    while offset < stop:
        box = _box_at(data, offset, stop - offset)
        if box is None:
            return
        name, content, end = box
        yield name, content, min(end, stop)
        offset = end


def _find(data: bytes, start: int, stop: int, *way: bytes) -> tuple[int, int] | None:
    """Content of the first box at the end of a way of names."""
    for wanted in way:
        found = next(((a, b) for name, a, b in _boxes(data, start, stop) if name == wanted), None)
        if found is None:
            return None
        start, stop = found
    return start, stop


def _track(moov: bytes, start: int, stop: int) -> IsoTrack:
    handler = _find(moov, start, stop, b"mdia", b"hdlr")
    header = _find(moov, start, stop, b"tkhd")
    table = _find(moov, start, stop, b"mdia", b"minf", b"stbl")
    entry = None if table is None else _find(moov, *table, b"stsd")
    return IsoTrack(
        handler="" if handler is None else moov[handler[0] + 8 : handler[0] + 12].decode("latin-1"),
        codec_tag="" if entry is None else moov[entry[0] + 12 : entry[0] + 16].decode("latin-1"),
        rotation_deg=0 if header is None else _rotation_deg(moov[slice(*header)]),
        edits=_edits(moov, start, stop),
        has_roll_group=table is not None and _has_roll_group(moov, *table),
    )


def _rotation_deg(header: bytes) -> int:
    """Clockwise quarter turns from the matrix of a track header (16.16 fixed point: a, b, u, c, d, ...)."""
    offset = 52 if header[:1] == b"\x01" else 40
    if len(header) < offset + 8:
        return 0
    a, b = struct.unpack_from(">2i", header, offset)
    return round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360


def _edits(moov: bytes, start: int, stop: int) -> tuple[tuple[int, int], ...]:
    found = _find(moov, start, stop, b"edts", b"elst")
    if found is None:
        return ()
    content = moov[slice(*found)]
    layout = ">Qqi" if content[:1] == b"\x01" else ">Iii"
    size = struct.calcsize(layout)
    count = struct.unpack_from(">I", content, 4)[0] if len(content) >= 8 else 0
    count = min(count, (len(content) - 8) // size)
    return tuple(struct.unpack_from(layout, content, 8 + index * size)[:2] for index in range(count))


def _has_roll_group(moov: bytes, start: int, stop: int) -> bool:
    return any(
        name == b"sgpd" and moov[content + 4 : content + 8] in (b"roll", b"prol")
        for name, content, _ in _boxes(moov, start, stop)
    )
