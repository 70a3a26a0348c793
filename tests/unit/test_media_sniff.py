"""What a file is by its first bytes and its suffix."""

from __future__ import annotations

import pytest

from syncview.media.sniff import sniff_bytes


def ts_packets(size: int, lead: int) -> bytes:
    return b"".join(bytes(lead) + b"\x47" + bytes(size - lead - 1) for _ in range(5))


@pytest.mark.parametrize(
    ("head", "suffix", "kind"),
    [
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), ".mp4", "media"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), "", "media"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), ".txt", "media"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(20), ".crdownload", "media"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", ".MOV", "media"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), ".HEIC", "still"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", ".wav", "media"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", ".avi", "media"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", ".webp", "still"),
        (b"\x1aE\xdf\xa3" + bytes(20), ".webm", "media"),
        (b"OggS" + bytes(40), ".opus", "media"),
        (b"#!AMR\n", ".amr", "media"),
        (ts_packets(188, 0), ".ts", "media"),
        (ts_packets(192, 4), ".mts", "media"),
        (b"\xff\xfb\x90\x00" + bytes(20), ".mp3", "media"),
        (b"\xff\xfb\x90\x00" + bytes(20), ".dat", "other"),
        (b"ID3\x03" + bytes(20), ".mp3", "media"),
        (b"\xff\xd8\xff\xe1" + bytes(20), ".jpg", "still"),
        (b"\xff\xd8\xff\xe1" + bytes(20), ".thm", "sidecar"),
        (b"\x89PNG\r\n\x1a\n", ".png", "still"),
        (b"GIF89a", ".gif", "still"),
        (b"PK\x03\x04" + bytes(20), ".zip", "archive"),
        (b"Rar!\x1a\x07\x00", ".rar", "archive"),
        (b"7z\xbc\xaf\x27\x1c", ".7z", "archive"),
        (bytes(257) + b"ustar" + bytes(100), ".tar", "archive"),
        (b"%PDF-1.4", ".pdf", "other"),
        (b"{}", ".json", "sidecar"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nboom", ".srt", "sidecar"),
    ],
)
def test_kind(head: bytes, suffix: str, kind: str) -> None:
    assert sniff_bytes(head, suffix).kind == kind


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"", "an empty file"),
        (b"meeting at noon\n", "plain text"),
        ("اجتماع".encode(), "plain text"),
        ("اجتماع".encode()[:-1], "plain text"),
        (b"\xff\xfem\x00e\x00", "plain text"),
        (bytes(4096), "nothing but zeros"),
        (b"\x93\x01\x02\x03" * 50, "of unknown content"),
        (b"%PDF-1.4", "a PDF document"),
    ],
)
def test_what_pretends_to_be_video(head: bytes, what: str) -> None:
    found = sniff_bytes(head, ".mp4")
    assert (found.kind, found.what, found.claims_media) == ("other", what, True)
