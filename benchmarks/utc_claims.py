"""UTC of groups and of what their files claim, in simulation: coverage, wrong clocks named, intervals between groups.

Array level: clocks and traces of time with all traps (benchmarks/utc_scenes.py), no media. The shares of the traps are
judgement, so the figures say whether the reasoning holds, not how often cameras are wrong.

Seeds: tuning 1000-1999; looked at once while building 5000-5599, 6000-6299, 7000-7299; judging from 20000 (metadata),
30000 (anchored), 40000 (three groups).
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from itertools import combinations

from benchmarks.running import table, verdict
from benchmarks.utc_scenes import Scene, make_scene, make_tied_scene
from syncview.reconstruct.utc import epoch_s
from syncview.reconstruct.utc_groups import TimesOfDay, times_of_day
from syncview.settings import UtcSettings

SETTINGS = UtcSettings()
MANY = 4
LEAST, MOST = 0.90, 0.99
LEAST_ALONE = 0.85
MOST_FALSE = 0.02
FILES = {(1, 1): 700, (2, 2): 350, (3, 3): 300, (4, 8): 300}  # scenes by the number of files
NAMED_TRAPS = ("end", "local", "hour", "zone", "clock")


def metadata(first: int, share: float) -> tuple[list[dict[str, object]], Counter[str]]:
    """Groups of which nobody states the UTC: what is stated, how often it holds, and what is said of each clock."""
    outcomes: dict[str, list[tuple[float, bool] | None]] = {}
    named = Counter[str]()
    for files, number in FILES.items():
        for seed in range(first, first + round(share * number)):
            scene = make_scene(seed, files=files)
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
    """Times between groups through UTC or the common device, whichever is surer, against the truth."""
    outcomes: dict[str, list[tuple[float, bool] | None]] = {"both anchored": [], "one by the device": []}
    for seed in seeds:
        scene = make_tied_scene(seed)
        found = times_of_day(scene.groups, scene.devices, SETTINGS)
        for a, b in combinations(scene.groups, 2):
            told = between(found, a.group_id, b.group_id)
            true_s = scene.zeros_s[b.group_id] - scene.zeros_s[a.group_id]
            name = "both anchored" if a.anchors and b.anchors else "one by the device"
            outcomes[name].append(None if told is None else (told[0], abs(told[1] - true_s) <= told[0]))
    return [row_of(name, each) for name, each in outcomes.items()]


def between(found: TimesOfDay, a: str, b: str) -> tuple[float, float] | None:
    """Half-width and time between two groups' zeros, as the timeline takes it."""
    options = [(tie.uncertainty_s, tie.difference_s) for tie in found.ties if (tie.a_group, tie.b_group) == (a, b)]
    if a in found.zeros and b in found.zeros:
        one, other = found.zeros[a], found.zeros[b]
        options.append((math.hypot(one.uncertainty_s, other.uncertainty_s), (other.utc - one.utc).total_seconds()))
    return min(options, default=None)


def main(arguments: list[str] | None = None) -> bool:
    """Print the figures; False when one misses its bar."""
    tuning = arguments == ["--tuning"]
    share = 0.3 if tuning else 1.0
    rows, named = metadata(1000 if tuning else 20_000, share)
    table(rows)
    anchored = Counter[str]()
    for seed in range(1600, 1700) if tuning else range(30_000, 30_300):
        scene = make_scene(seed, anchored=True)
        anchored += accusations(scene, times_of_day(scene.groups, scene.devices, SETTINGS))
    table([{"compared with": "metadata", **shares(named)}, {"compared with": "anchor", **shares(anchored)}])
    tied = intervals(range(1800, 1900) if tuning else range(40_000, 40_250))
    table(tied)
    passed = True
    for row in rows:
        told, held = f"UTC from metadata, {row['what']} witnesses", float(str(row["coverage"]))
        holds = LEAST <= round(held, 2) <= MOST
        passed &= verdict("4", told, f"{held:.3f}", f"{LEAST:.2f}-{MOST:.2f}", passed=holds)
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
