"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from syncview.errors import MediaError
from syncview.media.hashing import hash_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_digest(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    assert hash_file(path) == hashlib.sha256(content).hexdigest()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        hash_file(tmp_path)
