"""Truth of an incident that tries a synchroniser: levels per camera, overlaps per pair, lags of every source.

`write_sync_incident` writes truth.json as `simulator.media` does and adds to it::

    files[]:   snr_db        shared sound over own noise in SYNC_BAND_HZ over the file; null without either
    pairs[]:   a, b          of files with role "camera" that filmed at the same time
               overlap_s, distance_m
               snr_db        {file: shared sound over own noise during the overlap}

Beside it lies levels.npz, energies in the band in Pa² s per second of the uncut recording: "<file>/own",
"<file>/shared", "<file>/source/<name>", and "<file>/blast/<name>" of the whole blast.
"""

from __future__ import annotations

import itertools
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .acoustics import band_levels
from .levels import BLOCK_S
from .media import write_incident
from .sync_scenes import every_file

if TYPE_CHECKING:
    from pathlib import Path

    from .scene import Camera, Incident

__all__ = ["kept_of_blocks", "sync_truth", "write_sync_incident"]


def kept_of_blocks(camera: Camera, blocks: int, spans_s: tuple[tuple[float, float], ...] | None = None) -> np.ndarray:
    """Share of each second of the uncut recording that lies in stretches of incident time, shape (blocks,).

    The stretches are those that the file holds when none are given.
    """
    edges_s = camera.start_s + np.arange(blocks + 1) * BLOCK_S * camera.rate
    share = np.zeros(blocks)
    for low_s, high_s in camera.filmed_s if spans_s is None else spans_s:
        inside_s = np.clip(np.minimum(edges_s[1:], high_s) - np.maximum(edges_s[:-1], low_s), 0, None)
        share += inside_s / (BLOCK_S * camera.rate)
    return share


def sync_truth(incident: Incident) -> tuple[dict[str, float | None], list[dict[str, Any]]]:
    """Level of every file, by name, and what is true of each pair of cameras that filmed at once."""
    snr_db: dict[str, float | None] = {}
    for _, place, camera in every_file(incident):
        heard = next((c for c in place.cameras if c.name == camera.name), None)
        if heard is not None:
            levels = band_levels(place, heard)
            snr_db[camera.file_name] = _rounded(levels.snr_db(kept_of_blocks(heard, len(levels.own))))
    pairs = []
    for a, b in itertools.combinations(incident.cameras, 2):
        if (overlap_s := incident.overlap_s(a, b)) > 0:
            pairs.append(
                {
                    "a": a.file_name,
                    "b": b.file_name,
                    "overlap_s": round(overlap_s, 3),
                    "distance_m": round(math.dist(a.position_m, b.position_m), 2),
                    "snr_db": {x.file_name: _snr_while_both(incident, x, y) for x, y in ((a, b), (b, a))},
                }
            )
    return snr_db, pairs


def _snr_while_both(incident: Incident, camera: Camera, other: Camera) -> float | None:
    levels = band_levels(incident, camera)
    blocks = len(levels.own)
    both = np.minimum(kept_of_blocks(camera, blocks), kept_of_blocks(camera, blocks, other.filmed_s))
    return _rounded(levels.snr_db(both))


def _rounded(snr_db: float | None) -> float | None:
    return None if snr_db is None else round(snr_db, 2)


def write_sync_incident(incident: Incident, folder: Path) -> Path:
    """Write every file (dark pictures), truth.json with what this module adds, and levels.npz.

    Returns
    -------
    Path
        The folder.
    """
    write_incident(incident, folder, picture=False)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    snr_db, truth["pairs"] = sync_truth(incident)
    for file in truth["files"]:
        file["snr_db"] = snr_db.get(file["name"])
    arrays = {}
    for camera in incident.cameras:
        levels = band_levels(incident, camera)
        arrays[f"{camera.file_name}/own"] = levels.own
        arrays[f"{camera.file_name}/shared"] = levels.shared
        arrays |= {f"{camera.file_name}/source/{name}": energy for name, energy in levels.sources.items()}
        arrays |= {f"{camera.file_name}/blast/{name}": np.array(e) for name, e in levels.blasts.items()}
    np.savez_compressed(folder / "levels.npz", **{k: np.asarray(v, np.float32) for k, v in arrays.items()})
    # The truth comes last: a folder with one is complete.
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder
