"""Simulated incidents through the whole program, against their truth."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.running import run_case, table

SEEDS = range(74_001, 74_009)
LEAST_OVERLAP_S = 15.0
SLACK_S = 0.05
SAME_BLAST_S = 0.5  # an observation this near to a true arrival speaks of that blast


@dataclass
class Score:
    """What one incident gave."""

    expected: int = 0
    placed: int = 0
    wrong: int = 0
    decoys: int = 0
    covered: int = 0
    clocks: int = 0
    blasts: int = 0
    found: int = 0
    twice: int = 0
    false_strikes: int = 0
    arrival_errors_s: list[float] = field(default_factory=list)
    clock_errors_s: list[float] = field(default_factory=list)


def score_timeline(timeline: dict[str, Any], truth: dict[str, Any]) -> Score:
    """Compare a timeline with the truth of the simulator."""
    score = Score()
    names = {r["id"]: Path(r["path"]).name for r in timeline["recordings"]}
    files = {f["name"]: f for f in truth["files"]}
    offsets = {
        names[c["recording_id"]]: (g["id"], names[g["reference_id"]], c["segments"][0]["offset_s"], c["uncertainty_s"])
        for g in timeline["groups"]
        for c in g["clocks"]
    }
    cameras = [f for f in truth["files"] if f["role"] == "camera"]
    home = _home_group(cameras, offsets)
    for f in truth["files"]:
        at = offsets.get(f["name"])
        shared = at is not None and at[0] == home and sum(o[0] == home for o in offsets.values()) > 1
        if f["role"] == "decoy":
            score.decoys += shared
            continue
        if f["role"] != "camera" or not any(_overlap_s(f, g) >= LEAST_OVERLAP_S for g in cameras if g is not f):
            continue
        score.expected += 1
        if shared and at is not None:
            score.placed += 1
            reference = files[at[1]]
            reference_s = offsets[at[1]][2]
            error_s = (at[2] - reference_s) - (f["offset_s"] - reference["offset_s"])
            travel_s = math.dist(f["position_m"], reference["position_m"]) / truth["sound_speed_mps"]
            score.wrong += abs(error_s) > travel_s + SLACK_S
            if f is not reference:
                score.clocks += 1
                score.covered += abs(error_s) <= at[3]
                score.clock_errors_s.append(abs(error_s))
    _score_strikes(score, timeline, truth, names, {n for n, o in offsets.items() if o[0] == home})
    return score


def _home_group(cameras: list[dict[str, Any]], offsets: dict[str, Any]) -> str | None:
    """The group that holds most of the incident's cameras."""
    groups = [offsets[f["name"]][0] for f in cameras if f["name"] in offsets]
    return max(sorted(set(groups)), key=groups.count, default=None)


def _overlap_s(a: dict[str, Any], b: dict[str, Any]) -> float:
    return min(a["offset_s"] + a["duration_s"], b["offset_s"] + b["duration_s"]) - max(a["offset_s"], b["offset_s"])


def _score_strikes(
    score: Score, timeline: dict[str, Any], truth: dict[str, Any], names: dict[str, str], home: set[str]
) -> None:
    strikes = [e for e in timeline["events"] if e["kind"] == "strike"]
    hits: dict[str, list[str]] = {b["name"]: [] for b in truth["blasts"]}
    for strike in strikes:
        heard = {names[o["recording_id"]]: o["sound_s"] for o in strike["observations"] if o["sound_s"] is not None}
        own = [
            o
            for f in truth["files"]
            for o in f.get("own_blasts") or ()
            if f["name"] in heard and abs(o["recording_s"] - heard[f["name"]]) <= SAME_BLAST_S
        ]
        of = _blast_of(heard, truth)
        if of is None:
            score.false_strikes += not own
            continue
        hits[of["name"]].append(strike["group_id"])
        for name, sound_s in heard.items():
            if name in of["arrivals"] and abs(sound_s - of["arrivals"][name]) <= SAME_BLAST_S:
                score.arrival_errors_s.append(abs(sound_s - of["arrivals"][name]))
    for blast in truth["blasts"]:
        if any(name in home for name in blast["audible"]):
            score.blasts += 1
            score.found += bool(hits[blast["name"]])
        groups = hits[blast["name"]]
        score.twice += len(groups) > len(set(groups))  # groups without a common clock each list what they heard


def _blast_of(heard: dict[str, float], truth: dict[str, Any]) -> dict[str, Any] | None:
    """The blast that most of a strike's observations speak of."""

    def votes(blast: dict[str, Any]) -> int:
        return sum(abs(s - blast["arrivals"][n]) <= SAME_BLAST_S for n, s in heard.items() if n in blast["arrivals"])

    best = max(truth["blasts"], key=votes, default=None)
    return best if best is not None and votes(best) > 0 else None


def main() -> None:
    """Print one row per incident and the sums."""
    import json

    from simulator import random_incident
    from simulator.media import write_incident

    rows, scores = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            files = Path(folder) / str(seed)
            write_incident(random_incident(seed), files, picture=False)
            truth = json.loads((files / "truth.json").read_text(encoding="utf-8"))
            media = sorted(p for p in files.iterdir() if p.name != "truth.json")
            timeline, code = run_case(media, Path(folder) / f"case-{seed}")
            score = score_timeline(timeline, truth)
            scores.append(score)
            rows.append({"seed": seed, "files": len(media), "exit": code, **_row([score])})
    rows.append({"seed": "all", "files": sum(int(r["files"]) for r in rows), "exit": "", **_row(scores)})
    table(rows)


def _row(scores: list[Score]) -> dict[str, object]:
    def total(name: str) -> int:
        return sum(getattr(score, name) for score in scores)

    arrivals = [e for s in scores for e in s.arrival_errors_s]
    clocks = [e for s in scores for e in s.clock_errors_s]
    return {
        "cameras placed": f"{total('placed')}/{total('expected')}",
        "wrong": total("wrong"),
        "decoys": total("decoys"),
        "+- holds": f"{total('covered')}/{total('clocks')}",
        "clock error s": median(clocks) if clocks else None,
        "strikes": f"{total('found')}/{total('blasts')}",
        "twice": total("twice"),
        "false": total("false_strikes"),
        "arrival error ms": median(arrivals) * 1e3 if arrivals else None,
    }
