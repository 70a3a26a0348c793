"""Results of steps by the SHA-256 of what went in and the settings they were made with.

An entry is there whole or not at all; one that a broken disk has damaged reads as absent and is deleted, so that
whoever only asks whether it is there makes it again. Everything may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from syncview import __version__
from syncview.errors import InputError
from syncview.store.files import hash_of_settings, replacing, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Cache", "cache_key"]

_STEP = re.compile(r"[a-z0-9_-]+")
_DAMAGED = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)  # what numpy and json raise


def cache_key(step: str, sha256s: Sequence[str], settings: Mapping[str, object]) -> str:
    """Name of a step's result.

    Parameters
    ----------
    step : str
        What was done, in lower case; with a number that is raised when the same settings give another result.
    sha256s : sequence of str
        Hex digests of the files that went in, in the order that matters to the step.
    settings : mapping
        The settings that it depends on, as JSON values.

    Returns
    -------
    str
        ``step/first-digest/hash``, to be given to `Cache`. It differs between versions of syncview.

    Raises
    ------
    InputError
        Not a name of a step, or nothing went in.

    Examples
    --------
    >>> cache_key("audio-1", ["ab" * 32], {"rate_hz": 16000}).startswith("audio-1/abababababababab-")
    True
    """
    if not _STEP.fullmatch(step) or not sha256s:
        message = f"a cache entry needs a step in lower case and the hash of a file, not {step!r} and {list(sha256s)}"
        raise InputError(message)
    parts = [__version__, step, list(sha256s), hash_of_settings(settings)]
    digest = hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
    return f"{step}/{sha256s[0][:16]}-{digest[:32]}"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of entries; see `cache_key` for their names. Several processes may write to it at once."""

    root: Path

    def path(self, key: str, suffix: str) -> Path:
        """Where an entry lies or would lie.

        Parameters
        ----------
        key : str
            From `cache_key`.
        suffix : str
            Such as ``".npy"``.

        Returns
        -------
        Path
            The file, which need not exist.
        """
        return self.root / f"{key}{suffix}"

    @contextlib.contextmanager
    def writing(self, key: str, suffix: str) -> Iterator[Path]:
        """Give a path to write an entry to; it becomes the entry when the block ends without an error.

        Parameters
        ----------
        key, suffix : str
            As for `path`.

        Yields
        ------
        Path
            A file to be made by the block, or by a process that it waits for.

        Raises
        ------
        CaseFolderError
            It cannot be written.
        """
        with replacing(self.path(key, suffix), durable=False) as part:  # what a power cut damages reads as absent
            yield part

    def has(self, key: str, *suffixes: str) -> bool:
        """Whether all entries of a key are there and can be read; those that are damaged are deleted.

        Parameters
        ----------
        key : str
            From `cache_key`.
        *suffixes : str
            Some of ``".json"``, ``".npy"`` and ``".npz"``.

        Returns
        -------
        bool
            False when one must be made again.
        """
        load: dict[str, Callable[[str], object]] = {
            ".json": self.load_json,
            ".npy": self.load_array,
            ".npz": self.load_arrays,
        }
        return all(load[suffix](key) is not None for suffix in suffixes)

    def load_json(self, key: str) -> Any | None:
        """Read a JSON entry; None when absent or damaged."""
        try:
            return json.loads(self.path(key, ".json").read_text(encoding="utf-8"))
        except _DAMAGED:
            self._discard(key, ".json")
            return None

    def store_json(self, key: str, document: object) -> None:
        """Write a JSON entry. Numbers are finite, and None alone is no entry."""
        write_file(
            self.path(key, ".json"), json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n", durable=False
        )

    def load_array(self, key: str) -> NDArray[Any] | None:
        """Read one array without taking it into memory (read-only memory map); None when absent or damaged."""
        try:
            array: NDArray[Any] = np.load(self.path(key, ".npy"), mmap_mode="r", allow_pickle=False)
        except _DAMAGED:
            self._discard(key, ".npy")
            return None
        return array

    def store_array(self, key: str, array: NDArray[Any]) -> None:
        """Write one array of numbers, for `load_array`."""
        with self.writing(key, ".npy") as part:
            np.save(part, array, allow_pickle=False)

    def load_arrays(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Read named arrays, all into memory; None when absent or damaged."""
        try:
            with self.path(key, ".npz").open("rb") as stream, np.load(stream, allow_pickle=False) as entry:
                return {name: entry[name] for name in entry.files}
        except _DAMAGED:
            self._discard(key, ".npz")
            return None

    def store_arrays(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write named arrays of numbers, for `load_arrays`."""
        with self.writing(key, ".npz") as part, zipfile.ZipFile(part, "w") as entry:
            for name, array in arrays.items():
                with entry.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)

    def _discard(self, key: str, suffix: str) -> None:
        with contextlib.suppress(OSError):  # absent, or a disk that takes no change: then it is read as absent again
            self.path(key, suffix).unlink(missing_ok=True)
