"""Clocks and places of real recordings: nine recorders with known places, one explosion on five phones.

    python -m benchmarks reconstruction-real

Real. The nine recorders are GPS-synchronised (true clock offset 0) and stand at surveyed places; the songs that their
makers localised are the sounds (how far lags are off their geometry: `python -m benchmarks sync-real`). The five
phones heard one explosion each for a second, their clocks seconds off: no solution can carry that, and the right
answer is to say so.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from pyproj import Transformer

from benchmarks.running import need_data, run_case, table, verdict

PLACE_M = 3.0  # surveyed by GPS
TEMPERATURE_C = 12.0  # dawn in June in Alberta


def main() -> bool:
    """Print both tables and what the issue asks of them."""
    data = need_data() / "multidevice"
    with tempfile.TemporaryDirectory() as folder:
        return all([_recorders(data, Path(folder)), _phones(data, Path(folder))])


def _recorders(data: Path, folder: Path) -> bool:
    home = data / "locar_9_recorders"
    (folder / "locar.toml").write_text(_case_text(home / "Vignette_Coordinates.csv"), encoding="utf-8")
    media = sorted(home.glob("*.mp3"))
    timeline, _ = run_case(media, folder / "locar", "--case-file", str(folder / "locar.toml"))
    names = {r["id"]: Path(r["path"]).name for r in timeline["recordings"]}
    group = max(timeline["groups"], key=lambda g: len(g["clocks"]))
    reference_s = next(
        c["segments"][0]["offset_s"] for c in group["clocks"] if c["recording_id"] == group["reference_id"]
    )
    rows = [
        {
            "recorder": names[clock["recording_id"]],
            "off by s": clock["segments"][0]["offset_s"] - reference_s,
            "+- s": clock["uncertainty_s"],
            "basis": "+".join(clock["basis"]),
        }
        for clock in group["clocks"]
    ]
    table(rows)
    off_s = [abs(float(str(row["off by s"]))) for row in rows]
    held = sum(abs(float(str(r["off by s"]))) <= float(str(r["+- s"])) + 1e-6 for r in rows)
    _told(timeline)
    return verdict(
        "7",
        f"real: nine recorders, {len(rows)} on one clock, within their +-",
        f"{held} of {len(rows)}, off by a median of {median(off_s) * 1e3:.1f} ms, at most {max(off_s) * 1e3:.1f} ms",
        "all of nine",
        passed=held == len(rows) == len(media),
    )


def _case_text(coordinates: Path) -> str:
    """case.toml with the recorders' places; UTM zone 12 north to WGS84."""
    to_degrees = Transformer.from_crs("EPSG:32612", "EPSG:4326", always_xy=True)
    lines = ["[case]", f"temperature_c = {TEMPERATURE_C}", "temperature_uncertainty_c = 8.0", ""]
    with coordinates.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            lon, lat = to_degrees.transform(float(row["Easting"]), float(row["Northing"]))
            lines += ["[[recording]]", f"file = {json.dumps(row['Station'] + '.mp3')}", f"lat = {lat:.8f}"]
            lines += [f"lon = {lon:.8f}", f"position_uncertainty_m = {PLACE_M}", ""]
    return "\n".join(lines)


def _phones(data: Path, folder: Path) -> bool:
    """One strike, free clocks: nothing may be placed, and the reasons must be told."""
    media = sorted(p for p in (data / "shared_explosion_5phones").rglob("*") if p.suffix in (".wav", ".mp3", ".flac"))
    timeline, _ = run_case(media, folder / "phones")
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    for left in timeline["unplaced"]:
        print(f"  {names[left['recording_id']]}: {'; '.join(left['reasons'])}")
    located = [event for event in timeline["events"] if event["location"] is not None]
    moments = [event for event in timeline["events"] if event["time_basis"] == "explosion"]
    silent = [left for left in timeline["unplaced"] if not left["reasons"]]
    return verdict(
        "7",
        "real: one explosion on five phones, places and moments stated",
        f"{len(located)} and {len(moments)}; {len(timeline['unplaced'])} of {len(media)} files refused with reasons",
        "none, with the reason",
        passed=not located and not moments and not silent,
    )


def _told(timeline: dict[str, Any]) -> None:
    for finding in timeline["findings"]:
        print(f"  finding ({finding['kind']}): {finding['message']}")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
