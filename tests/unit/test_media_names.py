"""Names in every encoding."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncview.media.names import name_bytes_b64, path_from_record, shown_name, shown_path

RAW = [b"plain.mp4", "فيديو.mp4".encode(), b"two\nlines.mp4", b"caf\xe9.mp4", b"\xff\xfe\x80", b"back\\xff.mp4"]


@pytest.mark.parametrize("raw", RAW)
def test_every_name_can_be_written_down_and_leads_back(raw: bytes) -> None:
    path = Path(os.fsdecode(b"folder/" + raw))
    text = shown_path(path)
    text.encode("utf-8")
    assert os.fsencode(path_from_record(text, name_bytes_b64(path))) == b"folder/" + raw


def test_only_undecodable_names_carry_their_bytes() -> None:
    assert name_bytes_b64(Path("فيديو.mp4")) is None
    path = Path(os.fsdecode(b"caf\xe9.mp4"))
    assert (shown_path(path), shown_name(path), name_bytes_b64(path)) == (
        "caf\\xe9.mp4",
        "caf\\xe9.mp4",
        "Y2Fm6S5tcDQ=",
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("two\nlines.mp4", "two\\nlines.mp4"),
        ("esc\x1b[2J.mp4", "esc\\x1b[2J.mp4"),
        ("exe\u202e4pm.mp4", "exe\\u202e4pm.mp4"),
        ("فيديو.mp4", "فيديو.mp4"),
    ],
)
def test_shown_names_steer_nothing(name: str, shown: str) -> None:
    assert shown_name(Path(name)) == shown
