"""What a rendered incident says is true, and what a timeline says, in one form."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "ROOM_S",
    "Placed",
    "Span",
    "TrueFile",
    "Truth",
    "file_names",
    "overlap_s",
    "placed_files",
    "read_truth",
    "span_at",
    "true_lags_s",
]

ROOM_S = 0.05  # on top of what sound needs from camera to camera


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a file with one clock: time is ``offset_s + recording_s * rate``."""

    start_s: float
    end_s: float
    offset_s: float
    rate: float

    def time_s(self, recording_s: float) -> float:
        """Incident or group time of a moment of the recording."""
        return self.offset_s + recording_s * self.rate

    def recording_s(self, time_s: float) -> float:
        """The reverse, also outside the stretch."""
        return (time_s - self.offset_s) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFile:
    """A file of a rendered incident; `spans` are empty for a decoy."""

    name: str
    role: str
    spans: tuple[Span, ...]
    position_m: tuple[float, float]
    duration_s: float
    snr_db: float | None
    copy_of: str | None

    @property
    def filmed_s(self) -> tuple[tuple[float, float], ...]:
        """Stretches of incident time in the file."""
        return tuple((s.time_s(s.start_s), s.time_s(s.end_s)) for s in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A rendered incident."""

    seed: int
    sound_speed_mps: float
    files: dict[str, TrueFile]
    pair_snr_db: dict[tuple[str, str], float | None]  # of the first file while both recorded

    @property
    def cameras(self) -> tuple[TrueFile, ...]:
        """The files that are one camera's own."""
        return tuple(f for f in self.files.values() if f.role == "camera")

    def distance_m(self, a: TrueFile, b: TrueFile) -> float:
        """Distance of two cameras."""
        return math.dist(a.position_m, b.position_m)

    def slack_s(self, a: TrueFile, b: TrueFile) -> float:
        """How far a right lag of two cameras may lie from their clocks: sound's way between them, and a little."""
        return self.distance_m(a, b) / self.sound_speed_mps + ROOM_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A file on a group's clock."""

    group: str
    is_reference: bool
    spans: tuple[Span, ...]


def overlap_s(a: TrueFile, b: TrueFile) -> float:
    """Common time of two files."""
    return sum(max(0.0, min(h, k) - max(low, other)) for low, h in a.filmed_s for other, k in b.filmed_s)


def read_truth(folder: Path) -> Truth:
    """Read truth.json of a rendered incident."""
    raw = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    snr_db = {}
    for pair in raw["pairs"]:
        snr_db[pair["a"], pair["b"]] = pair["snr_db"][pair["a"]]
        snr_db[pair["b"], pair["a"]] = pair["snr_db"][pair["b"]]
    return Truth(
        seed=raw["seed"],
        sound_speed_mps=raw["sound_speed_mps"],
        files={f["name"]: _true_file(f) for f in raw["files"]},
        pair_snr_db=snr_db,
    )


def _true_file(raw: dict[str, Any]) -> TrueFile:
    whole = {"start_s": 0.0, "end_s": raw["duration_s"], "offset_s": raw["offset_s"]}
    spans = raw.get("segments", [whole]) if raw["offset_s"] is not None else []
    return TrueFile(
        name=raw["name"],
        role=raw["role"],
        spans=tuple(Span(**s, rate=1 + raw["drift_ppm"] * 1e-6) for s in spans),
        position_m=tuple(raw["position_m"]),
        duration_s=raw["duration_s"],
        snr_db=raw["snr_db"],
        copy_of=raw.get("copy_of"),
    )


def file_names(timeline: dict[str, Any]) -> dict[str, str]:
    """File name of each recording id."""
    return {r["id"]: Path(r["path"]).name for r in timeline["recordings"]}


def placed_files(timeline: dict[str, Any]) -> dict[str, Placed]:
    """Files that share a clock with another file, by name."""
    names, found = file_names(timeline), {}
    for group in timeline["groups"]:
        if len(group["clocks"]) < 2:
            continue
        for clock in group["clocks"]:
            spans = tuple(
                Span(
                    start_s=s["start_s"], end_s=s["end_s"], offset_s=s["offset_s"], rate=1 + s["drift_ppm"] * 1e-6
                )
                for s in clock["segments"]
            )  # fmt: skip
            found[names[clock["recording_id"]]] = Placed(
                group=group["id"], is_reference=clock["recording_id"] == group["reference_id"], spans=spans
            )
    return found


def span_at(spans: tuple[Span, ...], recording_s: float) -> Span:
    """The stretch that holds a moment, or the nearest."""
    return min(spans, key=lambda s: max(s.start_s - recording_s, recording_s - s.end_s, 0.0))


def true_lags_s(a: TrueFile, b: TrueFile) -> tuple[float, ...]:
    """Lags ``r_a - r_b`` that the clocks of two files have, one per pair of stretches that filmed at once.

    Pairs that never overlap give none. Drift moves a lag by milliseconds; it is taken at the middle of the overlap.
    """
    found = []
    for s, (low_s, high_s) in zip(a.spans, a.filmed_s, strict=True):
        for t, (other_low_s, other_high_s) in zip(b.spans, b.filmed_s, strict=True):
            begin_s, end_s = max(low_s, other_low_s), min(high_s, other_high_s)
            if end_s > begin_s:
                middle_s = 0.5 * (begin_s + end_s)
                found.append(s.recording_s(middle_s) - t.recording_s(middle_s))
    return tuple(found)
