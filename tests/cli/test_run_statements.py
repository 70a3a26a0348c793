"""What people state on the command line, through the real entry point: obeyed by the next run, from the cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ROOT / "sample_clips"

pytestmark = pytest.mark.slow


def syncview(*arguments: str | Path, case: Path) -> str:
    command = [str(Path(sys.executable).with_name("syncview")), *map(str, arguments), "-o", str(case)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ, timeout=300)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def test_an_anchor_a_place_and_a_placed_strike_are_obeyed_by_a_run_from_the_cache(tmp_path) -> None:
    case = tmp_path / "case"
    external = '[[external]]\nkind = "strike"\nnot_after = 2018-05-01T09:06:00Z\nbasis = "spotter log"\n'
    (tmp_path / "known.toml").write_text(
        f'# the morning\n[case]\ntime_zone = "Asia/Damascus"\n{external}', encoding="utf-8"
    )
    started = time.monotonic()
    syncview("run", CLIPS / "rooftop.mkv", "--no-page", "--case-file", tmp_path / "known.toml", case=case)
    first_s = time.monotonic() - started
    timeline = json.loads((case / "timeline.json").read_text(encoding="utf-8"))
    strike = next(event for event in timeline["events"] if event["kind"] == "strike")
    assert timeline["groups"][0]["utc"] is None
    syncview("anchor", "rooftop.mkv@1.5", "2018-05-01T09:12:33Z", "--basis", "overlay", case=case)
    syncview("place", "rooftop.mkv", "35.5501,36.6002", "--uncertainty", "15", case=case)
    said = syncview("place-strike", strike["id"], "35.5510,36.6011", "--uncertainty", "5", case=case)
    assert said.startswith(f"placed: {strike['id']} = 35.551,36.6011 (heard at ")
    syncview(
        "movement", "rooftop.mkv@3", "--add", "--action", "arrives", "--tag", "rescuer", "--author", "R", case=case
    )
    with (case / "case.toml").open("a", encoding="utf-8") as stream:
        stream.write('[[movement]]\nnear = { file = "rooftop.mkv", time_s = 3.2 }\nlabel = "two medics arrive"\n')
        stream.write('[[movement]]\nnear = { file = "rooftop.mkv", time_s = 9.0 }\nreject = true\n')
        stream.write('[[map_point]]\nfile = "rooftop.mkv"\ntime_s = 3\nx_px = 9000\ny_px = 5\nlat = 35.5\nlon = 36.6\n')
    assert (case / "case.toml").read_text(encoding="utf-8").startswith("# the morning\n[case]\n")
    started = time.monotonic()
    shown = syncview("run", "--no-page", case=case)
    assert time.monotonic() - started < max(10.0, first_s)
    timeline = json.loads((case / "timeline.json").read_text(encoding="utf-8"))
    utc = timeline["groups"][0]["utc"]
    assert (utc["basis"], utc["offset"][:21]) == ("overlay", "2018-05-01T09:12:31.5")
    outside = timeline["events"][0]
    assert (outside["kind"], outside["group_id"], outside["not_after"]) == (
        "external",
        None,
        "2018-05-01T09:06:00.000000Z",
    )
    assert "no file shows: " in shown
    interval = timeline["analysis"]["strikes"][1]["intervals"][0]
    assert interval["from_id"] == outside["id"]
    assert 380.0 < interval["at_least_s"] < 400.0
    assert next(event["id"] for event in timeline["events"] if event["kind"] == "strike") == strike["id"]
    moved = next(event for event in timeline["events"] if event["kind"] == "movement")
    assert (moved["label"], moved["action"], moved["tags"]) == ("two medics arrive", "arrives", ["rescuer"])
    assert moved["calibration"] == "stated by R and a person who left no name"
    assert [entry["event_id"] for entry in timeline["analysis"]["arrivals"]] == [moved["id"]]
    (mistyped,) = (each for each in timeline["findings"] if each["kind"] == "unused_map_points")
    assert "x_px = 9000, y_px = 5 lies outside of the picture of " in mistyped["message"]
    assert "finding (map points not used): rooftop.mkv: " in " ".join(shown.split())
    # Without the detector's weights nobody looked, and what is said of the picture waits.
    unused = [finding for finding in timeline["findings"] if finding["kind"] == "unmatched_correction"]
    unused += [finding for finding in timeline["findings"] if finding["kind"] == "waiting_correction"]
    assert len(unused) == 1
    assert "the nearest is 'arrives' (arrives) at 3.00 s" in unused[0]["message"] or unused[0]["value"] == 1.0
