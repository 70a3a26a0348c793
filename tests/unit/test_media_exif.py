"""A hand-made EXIF block in every wrapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from media.pictures import exif_block
from syncview.media.exif import ExifFacts, parse_exif, read_exif

if TYPE_CHECKING:
    from pathlib import Path


EXPECTED = ExifFacts(
    taken="2018:05:01 12:02:33",
    utc_offset="+03:00",
    gps_utc="2018:05:01 09:02:31",
    location=(-35.51, -36.6),
    make="Camera",
)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "lead", [b"\xff\xd8\xff\xe1\0\0Exif\0\0", b"\x89PNG\r\n\x1a\n\0\0\0\0eXIf", b"RIFF\0\0\0\0WEBPEXIF\0\0\0\0", b""]
)
def test_block_is_read_from_every_wrapping(tmp_path: Path, order: str, lead: bytes) -> None:
    path = tmp_path / "photo"
    path.write_bytes(lead + exif_block(order))
    assert read_exif(path) == EXPECTED


def test_damage_gives_less_and_never_an_error() -> None:
    block = exif_block("<")
    for cut in range(len(block)):
        parse_exif(block[:cut])
    for place in range(0, len(block), 3):
        parse_exif(block[:place] + b"\xff\xff\xff" + block[place + 3 :])
    assert parse_exif(b"no block") == ExifFacts()
