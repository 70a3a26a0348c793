"""What a file is, by its first bytes and by its suffix: media, a still picture, or neither.

Only the head of the file is read and nothing is decoded. Signatures follow the formats' own specifications; a weak
signature (two bytes of MPEG audio) counts only together with a suffix that fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Sniffed", "sniff", "sniff_bytes"]

_HEAD_BYTES = 4096

MediaKind = Literal["media", "still", "archive", "sidecar", "other"]


def _suffixes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEDIA_SUFFIXES = _suffixes(
    ".mp4 .m4v .mov .qt .3gp .3g2 .mkv .webm .avi .divx .mts .m2ts .m2t .ts .mpg .mpeg .vob .mod .tod .flv .f4v .wmv "
    ".asf .mxf .dv .ogv .lrv .insv .mjpg .mjpeg .264 .h264 .265 .hevc .rm .rmvb "
    ".m4a .m4b .aac .mp3 .mp2 .ogg .oga .opus .wav .wave .w64 .flac .amr .awb .wma .aif .aiff .aifc .caf .au .ac3 .mka "
    ".weba .spx"
)
_STILL_SUFFIXES = _suffixes(".jpg .jpeg .jpe .png .heic .heif .hif .webp .gif .avif .bmp .tif .tiff .dng")
_ARCHIVE_SUFFIXES = _suffixes(".zip .rar .7z .tar .gz .tgz .bz2 .xz .tbz2 .txz .zst")
_SIDECAR_SUFFIXES = {
    ".thm": "a camera's thumbnail of another file",
    ".xmp": "a metadata sidecar of another file",
    ".aae": "a list of edits of another file",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".ass": "subtitles",
    ".sub": "subtitles",
    ".gpx": "a GPS track",
    ".kml": "a map file",
    ".kmz": "a map file",
    ".json": "a data file",
    ".csv": "a table",
    ".xml": "a data file",
    ".md5": "a list of check sums",
    ".sha256": "a list of check sums",
    ".url": "a link",
    ".torrent": "a torrent, not its content",
}
_AUDIO_SYNC_SUFFIXES = frozenset((".mp3", ".mp2", ".aac", ".ac3"))

_STILL_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"miaf"))
_MOV_BOXES = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"styp", b"sidx"))

# First bytes -> what they are. Longest first where one begins another.
_MEDIA_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"FLV\x01", "Flash video"),
    (b"0&\xb2u\x8ef\xcf\x11", "Windows Media"),
    (b"#!AMR", "AMR"),
    (b"caff", "Core Audio"),
    (b".RMF", "RealMedia"),
    (b".snd", "Sun audio"),
    (b"ID3", "MPEG audio"),
    (b"\x00\x00\x01\xba", "MPEG programme stream"),
    (b"\x00\x00\x01\xb3", "MPEG video"),
    (b"\x00\x00\x00\x01\x67", "H.264 stream"),
    (b"\x00\x00\x00\x01\x40", "H.265 stream"),
    (b"\x06\x0e+4\x02\x05\x01\x01", "MXF"),
    (b"riff.\x91\xcf\x11", "Wave64"),
)
_STILL_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_ARCHIVE_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"(\xb5/\xfd", "zstd"),
)
_OTHER_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """What a file is. `what` names the content in words; `claims_media` says that its suffix promises media."""

    kind: MediaKind
    what: str
    claims_media: bool


def sniff(path: Path) -> Sniffed:
    """Tell what a file is from its first 4 KiB and its suffix.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    Sniffed
        ``media`` or ``still`` for what can become a recording.

    Raises
    ------
    OSError
        When the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    return sniff_bytes(head, path.suffix)


def sniff_bytes(head: bytes, suffix: str) -> Sniffed:
    """Tell what a file is from its first bytes and its suffix.

    Parameters
    ----------
    head : bytes
        The first bytes, 4096 or the whole file.
    suffix : str
        With the dot, in any case of letters.

    Returns
    -------
    Sniffed
        What it is; content outranks the suffix.

    Examples
    --------
    >>> sniff_bytes(b"OggS" + bytes(40), ".opus").kind
    'media'
    >>> sniff_bytes(b"meeting at noon", ".mp4")
    Sniffed(kind='other', what='plain text', claims_media=True)
    """
    suffix = suffix.lower()
    claims_media = suffix in _MEDIA_SUFFIXES
    kind, what = _by_content(head, suffix)
    if kind != "media" and suffix in _SIDECAR_SUFFIXES:
        return Sniffed(kind="sidecar", what=_SIDECAR_SUFFIXES[suffix], claims_media=False)
    if kind == "other" and suffix in _STILL_SUFFIXES | _ARCHIVE_SUFFIXES and what == "of unknown content":
        what = f"named {suffix}, but not of that format"
    return Sniffed(kind=kind, what=what, claims_media=claims_media)


def _by_content(head: bytes, suffix: str) -> tuple[MediaKind, str]:
    if not head:
        return "other", "an empty file"
    boxed = _boxed(head)
    if boxed is not None:
        return boxed
    tables: tuple[tuple[MediaKind, tuple[tuple[bytes, str], ...]], ...] = (
        ("media", _MEDIA_MAGIC),
        ("still", _STILL_MAGIC),
        ("archive", _ARCHIVE_MAGIC),
        ("other", _OTHER_MAGIC),
    )
    for kind, table in tables:
        for magic, what in table:
            if head.startswith(magic):
                return kind, what
    return _by_structure(head, suffix)


def _boxed(head: bytes) -> tuple[MediaKind, str] | None:
    """ISO base media, RIFF and IFF, which carry their type a few bytes into the file."""
    tag, form = head[4:8], head[8:12]
    if tag == b"ftyp":
        return ("still", "HEIF") if form in _STILL_BRANDS else ("media", "MP4 or QuickTime")
    if tag in _MOV_BOXES and len(head) >= 8:
        return "media", "MP4 or QuickTime"
    if head[:4] in (b"RIFF", b"RF64", b"RIFX"):
        return ("still", "WebP") if form == b"WEBP" else ("media", "AVI or WAV")
    if head[:4] == b"FORM" and form in (b"AIFF", b"AIFC"):
        return "media", "AIFF"
    return None


def _by_structure(head: bytes, suffix: str) -> tuple[MediaKind, str]:
    if _is_transport_stream(head):
        return "media", "MPEG transport stream"
    if head[257:262] == b"ustar":
        return "archive", "tar"
    if suffix in _AUDIO_SYNC_SUFFIXES and _is_audio_sync(head):
        return "media", "MPEG audio"
    if suffix == ".bmp" and head[:2] == b"BM":
        return "still", "BMP"
    if not any(head):
        return "other", "nothing but zeros"
    return "other", "plain text" if _is_text(head) else "of unknown content"


def _is_transport_stream(head: bytes) -> bool:
    """Sync bytes every 188 bytes (TS), or every 192 behind a 4-byte stamp (M2TS), over at least four packets."""
    for size, first in ((188, 0), (192, 4)):
        marks = head[first::size]
        if len(marks) >= 4 and set(marks) == {0x47}:
            return True
    return False


def _is_audio_sync(head: bytes) -> bool:
    return head[:2] == b"\x0bw" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


def _is_text(head: bytes) -> bool:
    """Text in UTF-8 or UTF-16: no control characters but white space."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # a character cut in two by the end of the head is still text
            return False
        text = head[: error.start].decode("utf-8")
    return not any(ord(char) < 32 and char not in "\t\n\r\f\x1b" for char in text)
