"""UTC of groups and of what their files claim, in simulation: coverage, wrong clocks named, intervals between groups.

Array level: clocks and traces of time with all traps (benchmarks/utc_scenes.py), no media. The shares of the traps are
judgement, so the figures say whether the reasoning holds, not how often cameras are wrong.

Seeds: tuning 1000-1999; looked at while building 5000-5599, 6000-6299, 7000-7299, 20000-21649, 30000-30299,
40000-40249, 41000-41299, 50000-61999; judging from 70000 (metadata), 72000 (with twice the traps), 74000 (anchored) and
75000 (three groups).
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.running import table, verdict
from benchmarks.utc_scenes import Scene, make_scene, make_tied_scene, strikes_of, unfilmed_strike
from syncview.reconstruct.utc import epoch_s
from syncview.reconstruct.utc_groups import TimesOfDay, times_of_day
from syncview.settings import UtcSettings
from syncview.timeline.intervals import ordered_strikes
from syncview.timeline.parts import TimelineParts

if TYPE_CHECKING:
    from syncview.timeline.findings import StrikeIntervalEntry

SETTINGS = UtcSettings()
MANY = 4
LEAST, MOST = 0.90, 0.99
LEAST_ALONE = 0.85
MOST_FALSE = 0.02
FILES = {(1, 1): 700, (2, 2): 350, (3, 3): 300, (4, 8): 300}  # scenes by the number of files
NAMED_TRAPS = ("end", "local", "hour", "zone", "clock")


def metadata(first: int, share: float, traps: float = 1.0) -> tuple[list[dict[str, object]], Counter[str]]:
    """Groups of which nobody states the UTC: what is stated, how often it holds, and what is said of each clock."""
    outcomes: dict[str, list[tuple[float, bool] | None]] = {}
    named = Counter[str]()
    for files, number in FILES.items():
        for seed in range(first, first + round(share * number)):
            scene = make_scene(seed, files=files, traps=traps)
            witnesses = scene.witnesses["g1"]
            if witnesses == 0:
                continue
            found = times_of_day(scene.groups, scene.devices, SETTINGS)
            named += accusations(scene, found)
            zero = found.zeros.get("g1")
            outcome = None
            if zero is not None:
                outcome = zero.uncertainty_s, abs(epoch_s(zero.utc) - scene.zeros_s["g1"]) <= zero.uncertainty_s
            for name in (str(witnesses) if witnesses < MANY else f"{MANY}+", "all"):
                outcomes.setdefault(name, []).append(outcome)
        first += number
    return [row_of(name, outcomes[name]) for name in sorted(outcomes)], named


def row_of(name: str, outcomes: list[tuple[float, bool] | None]) -> dict[str, object]:
    """How many are stated, how many of these hold, and how wide they are."""
    stated = sorted(outcome for outcome in outcomes if outcome is not None)
    widths = [width_s for width_s, _ in stated]
    return {
        "what": name,
        "number": len(outcomes),
        "stated": len(stated) / len(outcomes),
        "coverage": sum(holds for _, holds in stated) / max(len(stated), 1),
        "median_s": widths[len(widths) // 2] if widths else None,
        "p90_s": widths[9 * len(widths) // 10] if widths else None,
    }


def accusations(scene: Scene, found: TimesOfDay) -> Counter[str]:
    """Wrong claims, those named with the right value and trap, and right ones that were called wrong."""
    count = Counter[str]()
    for group_id, truths in scene.claims.items():
        said = {(v.claim.recording_id, v.claim.source): v for v in found.verdicts.get(group_id, ())}
        for truth in truths:
            if truth.trap == "saved" or not said:
                continue
            told = said[truth.claim.recording_id, truth.claim.source]
            accused = told.trap in NAMED_TRAPS or told.trap == "saved"
            # An end of a short file cannot be told from its start, nor a clock that is off by less than the +- from one
            # in order: whether the former is named is no fault, and the latter, where it is named, is rightly so.
            telling = abs(truth.off_s) > told.uncertainty_s + 1.0
            if not telling and truth.trap == "clock":
                continue
            if truth.trap == "none" or not telling:
                count["right"] += 1
                count["falsely accused"] += accused
                continue
            count["wrong"] += 1
            count["accused"] += accused
            valued = abs(told.off_s - truth.off_s) <= told.uncertainty_s
            count["right value"] += accused and valued
            count["right trap"] += accused and valued and told.trap == truth.trap
            if truth.trap in ("local", "hour", "zone", "end"):
                count[f"{truth.trap} wrong"] += 1
                count[f"{truth.trap} named"] += accused and valued and told.trap == truth.trap
    return count


def intervals(seeds: range) -> list[dict[str, object]]:
    """Times between strikes of three groups and one that nobody filmed, as the timeline has them, against the truth."""
    outcomes: dict[str, list[tuple[float, bool] | None]] = {}
    for seed in seeds:
        scene = make_tied_scene(seed)
        found = times_of_day(scene.groups, scene.devices, SETTINGS)
        rng = np.random.default_rng((seed, 1))
        events, truth = strikes_of(scene, rng)
        outside, truth["e9"] = unfilmed_strike(rng, min(truth.values()))
        parts = TimelineParts(
            settings={},
            title=None,
            time_zone=None,
            max_camera_distance_m=500.0,
            sound_speed_mps=343.0,
            events=events,
            utc=found.zeros,
            ties=found.ties,
            externals=(outside,),
        )
        anchored = {event.id for event, group in zip(events, scene.groups, strict=True) if group.anchors}
        for said in (each for strike in ordered_strikes(parts) for each in strike.intervals):
            ends = {said.from_id, said.to_id}
            name = "both anchored" if ends <= anchored else "one by the device"
            name = f"unfilmed, {outside.label}" if "e9" in ends else name
            outcomes.setdefault(name, []).append(outcome_of(said, truth[said.to_id] - truth[said.from_id]))
    return [row_of(name, outcomes[name]) for name in sorted(outcomes)]


def outcome_of(said: StrikeIntervalEntry, true_s: float) -> tuple[float, bool] | None:
    """Half-width of an interval and whether it holds the truth; of a bound, how far it is from it."""
    if said.at_least_s is not None:
        return true_s - said.at_least_s, said.at_least_s <= true_s
    if said.interval_s is None or said.uncertainty_s is None:
        return None
    return said.uncertainty_s, abs(said.interval_s - true_s) <= said.uncertainty_s


def main(arguments: list[str] | None = None) -> bool:
    """Print the figures; False when one misses its bar."""
    tuning = arguments == ["--tuning"]
    share = 0.3 if tuning else 1.0
    rows, named = metadata(1000 if tuning else 70_000, share)
    table(rows)
    twice, _ = metadata(1000 if tuning else 72_000, 0.5 * share, traps=2.0)
    table([{**row, "what": f"{row['what']}, twice the traps"} for row in twice])
    anchored = Counter[str]()
    for seed in range(1600, 1700) if tuning else range(74_000, 74_300):
        scene = make_scene(seed, anchored=True)
        anchored += accusations(scene, times_of_day(scene.groups, scene.devices, SETTINGS))
    table([{"compared with": "metadata", **shares(named)}, {"compared with": "anchor", **shares(anchored)}])
    tied = intervals(range(1800, 1900) if tuning else range(75_000, 75_300))
    table(tied)
    passed = True
    for row in rows:
        told, held = f"UTC from metadata, {row['what']} witnesses", float(str(row["coverage"]))
        most = MOST if row["what"] == "all" else 1.0  # many clocks are surer than the least +- that is stated
        holds = LEAST <= round(held, 2) <= most
        passed &= verdict("4", told, f"{held:.3f}", f"{LEAST:.2f}-{most:.2f}", passed=holds)
    held = float(str(next(row for row in twice if row["what"] == "all")["coverage"]))
    passed &= verdict("4", "UTC from metadata, twice the traps", f"{held:.3f}", ">= 0.90", passed=held >= LEAST)
    # What a lone device's clock is off by, its own files cannot tell: so the bar is lower where nobody states the UTC.
    for name, count, least in (("metadata", named, LEAST_ALONE), ("anchor", anchored, LEAST)):
        share, false = count["right value"] / max(count["wrong"], 1), count["falsely accused"] / max(count["right"], 1)
        passed &= verdict(
            "5", f"wrong clocks named, by {name}", f"{share:.3f}", f">= {least:.2f}", passed=share >= least
        )
        passed &= verdict(
            "5", f"right clocks accused, by {name}", f"{false:.3f}", "<= 0.02", passed=false <= MOST_FALSE
        )
    for row in tied:
        held = float(str(row["coverage"]))
        passed &= verdict("6", f"intervals, {row['what']}", f"{held:.3f}", ">= 0.90", passed=held >= LEAST)
    return passed


def shares(count: Counter[str]) -> dict[str, object]:
    """Counts as shares of what was wrong or right."""
    wrong, right = max(count["wrong"], 1), max(count["right"], 1)
    found: dict[str, object] = {
        "wrong": count["wrong"],
        "accused": count["accused"] / wrong,
        "right value": count["right value"] / wrong,
        "right trap": count["right trap"] / wrong,
        "right": count["right"],
        "falsely accused": count["falsely accused"] / right,
    }
    return found | {
        trap: count[f"{trap} named"] / max(count[f"{trap} wrong"], 1) for trap in ("local", "hour", "zone", "end")
    }


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
