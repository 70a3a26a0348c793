"""Hand-made boxes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from syncview.media.isobmff import IsoFacts, read_iso_facts

if TYPE_CHECKING:
    from pathlib import Path


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def track(
    handler: bytes,
    *,
    tag: bytes = b"mp4a",
    edits: tuple[tuple[int, int], ...] = (),
    matrix: tuple[int, int, int, int] = (1, 0, 0, 1),
    roll: bool = False,
) -> bytes:
    a, b, c, d = (65_536 * value for value in matrix)
    header = box(b"tkhd", bytes(40), struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30), bytes(8))
    entries = b"".join(struct.pack(">Iii", length, at, 65_536) for length, at in edits)
    edit_box = box(b"edts", box(b"elst", bytes(4), struct.pack(">I", len(edits)), entries)) if edits else b""
    table = [box(b"stsd", bytes(4), struct.pack(">I", 1), box(tag, bytes(28)))]
    if roll:
        table.append(box(b"sgpd", bytes(4), b"roll", bytes(8)))
    media = box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12)), box(b"minf", box(b"stbl", *table)))
    return box(b"trak", header, edit_box, media)


def facts_of(tmp_path: Path, *content: bytes) -> IsoFacts | None:
    path = tmp_path / "file"
    path.write_bytes(b"".join(content))
    return read_iso_facts(path)


QT = box(b"ftyp", b"qt  ", bytes(4))
MP4 = box(b"ftyp", b"isom", bytes(4))


@pytest.mark.parametrize(
    ("matrix", "degrees"), [((1, 0, 0, 1), 0), ((0, 1, -1, 0), 90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 270)]
)
def test_rotation_is_clockwise(tmp_path: Path, matrix: tuple[int, int, int, int], degrees: int) -> None:
    facts = facts_of(tmp_path, MP4, box(b"moov", track(b"soun"), track(b"vide", tag=b"avc1", matrix=matrix)))
    assert facts.rotation_deg == degrees


@pytest.mark.parametrize(
    ("brand", "edits", "roll", "samples"),
    [
        (QT, ((2401, 0),), False, 2112),
        (QT, ((2401, 0),), True, 0),
        (QT, ((2401, 1024),), False, 0),
        (QT, (), False, 0),
        (MP4, ((2401, 0),), False, 0),
    ],
)
def test_unsaid_priming_is_apples_alone(
    tmp_path: Path, brand: bytes, edits: tuple[tuple[int, int], ...], roll: bool, samples: int
) -> None:
    facts = facts_of(tmp_path, brand, box(b"moov", track(b"soun", edits=edits, roll=roll)))
    assert facts.implicit_priming_samples(0) == samples
    assert facts.implicit_priming_samples(1) == 0


def test_sound_of_another_codec_has_no_unsaid_priming(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, QT, box(b"moov", track(b"soun", tag=b"sowt", edits=((2401, 0),))))
    assert facts.implicit_priming_samples(0) == 0


@pytest.mark.parametrize(
    ("edits", "moves"),
    [((), False), (((9000, 0),), False), (((9000, 1024),), True), (((1000, -1), (8000, 0)), True)],
)
def test_edit_lists_that_spell_the_track_out_are_none(
    tmp_path: Path, edits: tuple[tuple[int, int], ...], moves: bool
) -> None:
    assert facts_of(tmp_path, MP4, box(b"moov", track(b"vide", edits=edits))).has_edit_list is moves


def test_missing_bytes_and_missing_index_are_seen(tmp_path: Path) -> None:
    cut = struct.pack(">I4s", 5000, b"mdat") + bytes(1000)
    facts = facts_of(tmp_path, MP4, cut)
    assert (facts.has_index, facts.missing_bytes) == (False, 5000 - 1008)
    facts = facts_of(tmp_path, MP4, box(b"moov", track(b"vide")), cut)
    assert (facts.has_index, facts.missing_bytes, facts.fragmented) == (True, 5000 - 1008, False)
    long_box = struct.pack(">I4sQ", 1, b"mdat", 16 + 10) + bytes(10)
    assert facts_of(tmp_path, MP4, long_box, box(b"moov")).missing_bytes == 0


def test_other_files_are_none(tmp_path: Path) -> None:
    assert facts_of(tmp_path, b"RIFF", bytes(100)) is None
    assert facts_of(tmp_path) is None


def test_damage_is_no_error(tmp_path: Path) -> None:
    whole = QT + box(b"moov", track(b"soun", edits=((2401, 0),), roll=True), track(b"vide", edits=((9, 3),)))
    for cut in range(0, len(whole), 5):
        facts_of(tmp_path, whole[:cut])
        facts_of(tmp_path, whole[:cut], b"\xff\xff\xff\xff\xff", whole[cut + 5 :])
