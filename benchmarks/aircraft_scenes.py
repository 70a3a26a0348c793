"""Simulated recordings with and without aircraft, and what the detector's stretches are in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.blast_scenes import CODECS, coded
from benchmarks.detection_real import poisson_interval
from simulator.aircraft import AIRCRAFT, CONFUSERS, RATE_HZ, scene

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SHARE_FLYING", "DrawnScene", "drawn_scene", "is_aircraft", "kept_scene", "rate_text"]

SHARE_FLYING = 0.4  # of the scenes; the score means: where so many recordings hold an aircraft
_MEETING = 0.4  # of a stretch, in which the aircraft is at least as loud as the place


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnScene:
    """A recording: what sounds in it and how loud, over the place, and when an aircraft is as loud as the place."""

    kind: str
    snr_db: float
    samples: np.ndarray
    audible: np.ndarray

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / RATE_HZ


def drawn_scene(seed: int, *, ground_only: bool = False) -> DrawnScene:
    """One recording of 30 to 120 s, its sound from inaudible to loud.

    Two in five hold an aircraft, as many a second sound of the ground, every fifth went through a codec.
    """
    rng = np.random.default_rng([29, seed])
    flies = rng.random() < SHARE_FLYING and not ground_only
    kind = str(rng.choice(AIRCRAFT if flies else CONFUSERS))
    snr_db, duration_s = float(rng.uniform(-5, 30)), float(rng.uniform(30, 120))
    beside = str(rng.choice(CONFUSERS)) if rng.random() < 0.4 else None
    codec = str(rng.choice(list(CODECS))) if rng.random() < 0.2 else None
    samples, audible = scene(seed, kind, snr_db=snr_db, duration_s=duration_s, beside=beside)
    if codec is not None:
        through = coded(samples, codec)
        samples = np.pad(through, (0, max(0, len(samples) - len(through))))[: len(samples)].astype(np.float32)
    whole = np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)  # as files hold it
    return DrawnScene(kind=kind, snr_db=snr_db, samples=whole.astype(np.float32) / 32767, audible=audible)


def kept_scene(seed: int, folder: Path | None, *, ground_only: bool = False) -> DrawnScene:
    """The same, read from a folder when it was drawn before."""
    if folder is None:
        return drawn_scene(seed, ground_only=ground_only)
    path = folder / f"{'ground' if ground_only else 'scene'}-{seed}.npz"
    if not path.exists():
        drawn = drawn_scene(seed, ground_only=ground_only)
        whole = np.round(drawn.samples * 32767).astype(np.int16)
        np.savez(path, samples=whole, audible=drawn.audible, snr_db=drawn.snr_db, kind=drawn.kind)
    with np.load(path) as kept:
        return DrawnScene(
            kind=str(kept["kind"]),
            snr_db=float(kept["snr_db"]),
            samples=kept["samples"].astype(np.float32) / 32767,
            audible=kept["audible"],
        )


def is_aircraft(begin: int, end: int, audible: np.ndarray) -> bool:
    """Whether steps `begin` to `end` are mostly an aircraft's."""
    own = audible[begin : max(end, begin + 1)]
    return bool(len(own)) and float(own.mean()) >= _MEETING


def rate_text(count: int, hours: float) -> str:
    """A rate an hour with its 95 % interval."""
    low, high = poisson_interval(count)
    return f"{count / hours:.2f}/h ({low / hours:.2f} to {high / hours:.2f})"
