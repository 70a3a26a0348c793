"""The real multi-device recordings: what each set gave. They lie beside the checkout and are never part of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.running import DATA, run_case, table

SETS = {
    "two_pi_chabeli": "lag -0.2159 s +- 0.0002",
    "four_mics_nomono": "two groups of four, lags of 3 to 5 ms",
    "locar_9_recorders": "clock offset 0, lags as the geometry has them",
    "olaf_over_the_air": "excerpt at 14.90 s, or refused with it listed (the song repeats)",
    "shared_explosion_5phones": "0.96 s each: refused, every blast clip heard",
    "caliscope_4_cam_recording": "no sound: unplaced",
    "caliscope_post_optimization": "no sound: unplaced",
    "pose2sim_MultiPerson": "practically no sound: unplaced",
    "pose2sim_SinglePerson": "practically no sound: unplaced",
}
SUFFIXES = {".mp3", ".wav", ".flac", ".mp4", ".avi", ".mov"}


def main() -> None:
    """Print what each set gave."""
    if not DATA.is_dir():
        print("the recordings are not beside the checkout: nothing to do")
        return
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, expected in SETS.items():
            source = DATA / "multidevice" / name
            media = sorted(p for p in source.iterdir() if p.suffix in SUFFIXES)
            timeline, code = run_case(media, Path(folder) / name)
            rows.append({"set": name, "exit": code, "expected": expected, "gave": summary(timeline)})
    table(rows)


def summary(timeline: dict[str, Any]) -> str:
    """Groups with offsets against their reference, strikes, and refusals, in one line."""
    names = {r["id"]: Path(r["path"]).stem for r in timeline["recordings"]}
    parts = []
    for group in timeline["groups"]:
        if len(group["clocks"]) > 1:
            zero = next(c for c in group["clocks"] if c["recording_id"] == group["reference_id"])
            offsets = ", ".join(
                f"{names[c['recording_id']]} {c['segments'][0]['offset_s'] - zero['segments'][0]['offset_s']:+.4f}"
                for c in group["clocks"]
            )
            parts.append(f"[{offsets}]")
    strikes = [e for e in timeline["events"] if e["kind"] == "strike"]
    parts.append(f"{len(strikes)} strikes")
    parts.append(f"{len(timeline['unplaced'])} unplaced")
    reasons = sorted({reason for u in timeline["unplaced"] for reason in u["reasons"]})
    return "; ".join([*parts, *reasons[:2]])
