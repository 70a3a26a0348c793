"""When the frames of a case's files appear: from the cache, else from the originals."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError, IntegrityError
from syncview.media.frame_times import frame_times_s
from syncview.media.names import path_from_record
from syncview.media.workers import WorkerPool
from syncview.store.cache import cache_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from syncview.settings import MediaSettings
    from syncview.store import CaseFolder
    from syncview.timeline.recordings import RecordingEntry

__all__ = ["found_originals", "frame_tables"]

_STEP = "frame-times-1"


def frame_tables(
    folder: CaseFolder, recordings: Sequence[RecordingEntry], *, settings: MediaSettings
) -> tuple[dict[str, NDArray[np.float64]], tuple[str, ...]]:
    """Read the frame times of recordings with a picture.

    Parameters
    ----------
    folder : CaseFolder
        The case. New tables go to its cache.
    recordings : sequence of RecordingEntry
        Recordings of its timeline.
    settings : MediaSettings
        Limits of the process that reads.

    Returns
    -------
    tables : dict of str to ndarray of float64
        Ascending recording times in seconds, by recording id.
    troubles : tuple of str
        One line per recording whose file is not there, or not as it was.
    """
    tables: dict[str, NDArray[np.float64]] = {}
    missing: dict[Path, RecordingEntry] = {}
    troubles = []
    originals = found_originals(folder, recordings)
    for recording in recordings:
        if recording.video is None:
            continue
        known = folder.cache.load_array(_key(recording))
        original = originals.get(recording.id)
        if known is not None:
            tables[recording.id] = known
        elif original is not None:
            missing[original] = recording
        else:
            troubles.append(f"{recording.name_display} has no frame numbers: its original is not found or has changed")
    if missing:
        timeout_s = settings.decode_timeout_floor_s
        with WorkerPool(workers=1, memory_limit_mib=settings.memory_limit_mib) as pool:
            for outcome in pool.run(frame_times_s, list(missing), timeout_s=timeout_s):
                recording = missing[outcome.item]
                if outcome.value is None:
                    troubles.append(f"{recording.name_display} has no frame numbers: {outcome.error}")
                    continue
                tables[recording.id] = outcome.value
                with contextlib.suppress(CaseFolderError):  # a case on a read-only disk is only slower to export
                    folder.cache.store_array(_key(recording), outcome.value)
    return tables, tuple(troubles)


def found_originals(folder: CaseFolder, recordings: Sequence[RecordingEntry]) -> dict[str, Path]:
    """Where the originals of recordings lie.

    Parameters
    ----------
    folder : CaseFolder
        The case.
    recordings : sequence of RecordingEntry
        Recordings of its timeline.

    Returns
    -------
    dict of str to Path
        By recording id; those whose file is gone, or of another length than it was, are absent.
    """
    places = _originals_of(folder, recordings)
    sizes = {recording.id: recording.size_bytes for recording in recordings}
    found = {name: next((p for p in paths if _has_size(p, sizes[name])), None) for name, paths in places.items()}
    return {name: path for name, path in found.items() if path is not None}


def _originals_of(folder: CaseFolder, recordings: Iterable[RecordingEntry]) -> dict[str, tuple[Path, ...]]:
    """Where each recording's original may lie: as the custody chain has it, then as it was named."""
    try:
        lines = folder.custody.verify()
    except IntegrityError:
        lines = ()  # `syncview verify` tells; reading needs only a file of the right length
    taken: dict[str, Path] = {}
    for line in lines:
        taken |= {file.sha256: Path(file.path) for file in line.files if line.kind == "intake"}
    return {
        recording.id: (
            *((taken[recording.sha256],) if recording.sha256 in taken else ()),
            path_from_record(recording.path, recording.path_bytes_b64),
        )
        for recording in recordings
    }


def _key(recording: RecordingEntry) -> str:
    return cache_key(_STEP, [recording.sha256], {})


def _has_size(path: Path, size_bytes: int) -> bool:
    try:
        return path.is_file() and path.stat().st_size == size_bytes
    except OSError:
        return False
