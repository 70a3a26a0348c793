"""Changes to the boxes of an MP4 file that no writer makes on demand."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["claim_priming", "leave_priming_unsaid"]


def _sound_edit_at(data: bytes) -> int:
    """Where the media time of the sound track's only edit stands."""
    trak = data.rindex(b"trak", 0, data.index(b"soun"))
    entry = data.index(b"elst", trak) + 4 + 8  # name, version and flags, count
    assert struct.unpack_from(">I", data, entry - 4)[0] == 1
    return entry + 4  # behind the edit's duration


def claim_priming(path: Path, samples: int) -> Path:
    """State another priming in the edit list."""
    data = bytearray(path.read_bytes())
    struct.pack_into(">i", data, _sound_edit_at(bytes(data)), samples)
    path.write_bytes(bytes(data))
    return path


def leave_priming_unsaid(path: Path) -> Path:
    """Make it as phones before 2019 wrote it: an edit list that starts at 0, and no roll group."""
    claim_priming(path, 0)
    data = path.read_bytes()
    for name in (b"sgpd", b"sbgp"):
        data = data.replace(name, b"free")
    path.write_bytes(data)
    return path
