"""Whether sound says how well it knows: stated intervals of lags, and stated probabilities of hypotheses.

**Intervals.** For every accepted pair of cameras the stated 95 % interval is ``pairs[].lag_s`` +- the larger
``sound_uncertainty_s`` of the two clocks. It holds when it contains the lag of any source (a voice, a machine, a blast)
that was audible in both files at that moment: its energy in 150-3400 Hz, in the second in which it arrived, no more
than `AUDIBLE_DB` below the file's own noise. Beside it stand the same with the mean lag of each source over the time it
was audible, and with half of ``lag_spread_s`` added.

**Probabilities.** Every hypothesis of pairs of one incident and of strangers: how often those of one decile were right,
a right one lying within sound's way between the cameras and 50 ms of the clocks. Three pairs in five are strangers.
Hypotheses below `SyncSettings.least_probability` are not listed in a result; they are counted in a row of their own.

Scenes are those of ``benchmarks.sync_incidents``, never the ones used for fitting::

    python -m benchmarks.sync_calibration --folder FOLDER [--cache FEATURES] [--limit N] [--intervals | --probabilities]
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from benchmarks.lag_scenes import draw_pairs, rendered_scenes
from benchmarks.running import table
from benchmarks.sync_reading import Truth, file_names, read_truth, true_lags_s
from syncview.settings import SyncSettings
from syncview.sync.hypotheses import match_pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from simulator import Camera, Incident

ROOT = Path(__file__).resolve().parents[1]
AUDIBLE_DB = -6.0  # a matcher hears below the noise; far below it, nothing
STEP_S = 0.25
LEAST_PAIRS, LEAST_HYPOTHESES = 200, 4000
BAR_POINTS = 0.05
FEW = 100  # bins with fewer are judged by their binomial interval


@dataclass(frozen=True, slots=True, kw_only=True)
class LagCheck:
    """An accepted pair: its stated lag and how far the nearest true ones are."""

    what: str
    half_s: float
    spread_s: float
    off_s: float  # from the nearest lag of any audible source at any moment
    off_mean_s: float  # from the nearest mean lag of an audible source


def audible_lags_s(
    incident: Incident, a: Camera, b: Camera, levels: Mapping[str, np.ndarray], *, audible_db: float = AUDIBLE_DB
) -> dict[str, np.ndarray]:
    """Lags ``r_a - r_b`` of every source while it was audible in both files, by name of the source."""
    begin_s, end_s = max(a.start_s, b.start_s) - 2.0, min(a.end_s, b.end_s)
    emitted_s = np.arange(begin_s, end_s, STEP_S)
    found = {}
    for source in incident.sources:
        place = source.position_m(emitted_s)
        heard = [_heard(incident, camera, source.name, place, emitted_s, levels, audible_db) for camera in (a, b)]
        lags = heard[0] - heard[1]
        if np.isfinite(lags).any():
            found[source.name] = lags[np.isfinite(lags)]
    for blast in incident.blasts:
        at = [incident.arrival_s(blast, camera) for camera in (a, b)]
        if at[0] is not None and at[1] is not None:
            loud = (_blast_db(incident, camera, blast.name, levels) >= audible_db for camera in (a, b))
            if all(loud):
                found[blast.name] = np.array([at[0] - at[1]])
    return found


def _heard(
    incident: Incident,
    camera: Camera,
    source: str,
    place: np.ndarray,
    emitted_s: np.ndarray,
    levels: Mapping[str, np.ndarray],
    audible_db: float,
) -> np.ndarray:
    """Recording time in the file of sound made at these moments; NaN where it cannot be heard there."""
    way_s = np.linalg.norm(place - np.array(camera.position_m), axis=1) / incident.sound_speed_mps
    uncut_s = (emitted_s + way_s - camera.start_s) / camera.rate
    own, key = levels[f"{camera.file_name}/own"], f"{camera.file_name}/source/{source}"
    if key not in levels:
        return np.full(len(emitted_s), np.nan)
    block = np.clip(uncut_s.astype(int), 0, len(own) - 1)
    loud = levels[key][block] >= own[block] * 10 ** (audible_db / 10)
    in_file = [camera.in_file_s(float(r)) if ok else None for r, ok in zip(uncut_s, loud, strict=True)]
    return np.array([np.nan if r is None else r for r in in_file])


def _blast_db(incident: Incident, camera: Camera, blast: str, levels: Mapping[str, np.ndarray]) -> float:
    own, key = levels[f"{camera.file_name}/own"], f"{camera.file_name}/blast/{blast}"
    if key not in levels:
        return -np.inf
    block = min(len(own) - 1, int(incident.sound_arrival_s(blast, camera)))
    return float(10 * np.log10(levels[key] / own[block]))


def lag_checks(folder: Path, timeline: dict[str, Any], *, audible_db: float = AUDIBLE_DB) -> Iterator[LagCheck]:
    """Compare every accepted pair of cameras of one incident with the sources audible in both."""
    from simulator import sync_incident

    incident, names = sync_incident(int(folder.name)), file_names(timeline)
    cameras = {c.file_name: c for c in incident.cameras}
    sound_s = {
        names[c["recording_id"]]: c["sound_uncertainty_s"] for group in timeline["groups"] for c in group["clocks"]
    }
    with np.load(folder / "levels.npz") as stored:
        levels = {key: stored[key] for key in stored.files}
    for pair in timeline["pairs"]:
        a, b = names[pair["a_id"]], names[pair["b_id"]]
        if not pair["accepted"] or not {a, b} <= set(cameras):
            continue
        lags = audible_lags_s(incident, cameras[a], cameras[b], levels, audible_db=audible_db)
        means = [float(np.mean(x)) for x in lags.values()]
        every = np.concatenate(list(lags.values())) if lags else np.zeros(0)
        yield LagCheck(
            what=f"{folder.name} {a} {b}",
            half_s=max(sound_s[a], sound_s[b]),
            spread_s=pair["lag_spread_s"] or 0.0,
            off_s=float(np.abs(every - pair["lag_s"]).min(initial=np.inf)),
            off_mean_s=min((abs(m - pair["lag_s"]) for m in means), default=float("inf")),
        )


def print_intervals(checks: Sequence[LagCheck]) -> None:
    """Coverage and width, and the pairs that were furthest off."""
    rows: list[dict[str, object]] = []
    for name, off, extra in (
        ("any audible source, at any moment", "off_s", 0.0),
        ("mean lag of an audible source", "off_mean_s", 0.0),
        ("any moment, half the spread added", "off_s", 0.5),
    ):
        half_s = [c.half_s + extra * c.spread_s for c in checks]
        held = sum(getattr(c, off) <= half for c, half in zip(checks, half_s, strict=True))
        rows.append(
            {
                "truth": name,
                "pairs": len(checks),
                "held": held / len(checks) if checks else None,
                "95 %": _interval(held, len(checks)),
                "median width ms": 2e3 * median(half_s) if checks else None,
            }
        )
    table(rows)
    print(f"bar: the first between 0.90 and 0.99 over at least {LEAST_PAIRS} pairs; audible from {AUDIBLE_DB:+.0f} dB")
    for c in sorted(checks, key=lambda c: c.half_s - c.off_s)[:10]:
        if c.off_s > c.half_s:
            print(f"outside: {c.what}: +-{1e3 * c.half_s:.0f} ms, nearest source {1e3 * c.off_s:.0f} ms away")


def _interval(successes: int, trials: int) -> str:
    if not trials:
        return "-"
    ci = binomtest(successes, trials).proportion_ci(method="wilson")
    return f"{ci.low:.3f} to {ci.high:.3f}"


def stated_in_timeline(timeline: dict[str, Any], truth: Truth) -> Iterator[tuple[float, bool]]:
    """Probability and rightness of every hypothesis in a result, copies left out."""
    names = file_names(timeline)
    for pair in timeline["pairs"]:
        a, b = truth.files[names[pair["a_id"]]], truth.files[names[pair["b_id"]]]
        if a.copy_of is not None or b.copy_of is not None:
            continue
        lags_s, slack_s = true_lags_s(a, b), truth.slack_s(a, b)
        for h in pair["hypotheses"]:
            yield h["probability"], any(abs(h["lag_s"] - true_s) <= slack_s for true_s in lags_s)


def stated_of_pairs(folder: Path, cache: Path | None, limit: int | None, rounds: int) -> list[tuple[float, bool]]:
    """The same of pairs drawn as for fitting, with those too improbable to be listed: whole, stretches, strangers."""
    settings = replace(SyncSettings(), least_probability=0.0)
    scenes = rendered_scenes(folder, cache, settings, limit=limit)
    return [
        (h.probability, pair.right(h.lag_s))
        for pair in draw_pairs(scenes, np.random.default_rng(scenes[0].truth.seed), rounds=rounds)
        for h in match_pair(pair.a, pair.b, settings=settings).hypotheses
    ]


def print_reliability(stated: Sequence[tuple[float, bool]], name: str) -> None:
    """Per decile: stated, right, and whether they agree within five points."""
    p, right = np.array([s[0] for s in stated]), np.array([s[1] for s in stated], dtype=bool)
    least = SyncSettings().least_probability
    rows = [_reliability_row(p, right, 0.0, least, "(not listed)")]
    for low, high in itertools.pairwise([least, *np.linspace(0, 1, 11)[1:].tolist()]):
        rows.append(_reliability_row(p, right, low, high, f"{low:.2f} to {high:.2f}"))
    listed = int((p >= least).sum())
    print(f"{name}: {len(p)} hypotheses, {listed} listed (bar: within {BAR_POINTS} per decile over {LEAST_HYPOTHESES})")
    table(rows)


def _reliability_row(p: np.ndarray, right: np.ndarray, low: float, high: float, name: str) -> dict[str, object]:
    inside = (p >= low) & ((p < high) | (high == 1.0))
    count, good = int(inside.sum()), int(right[inside].sum())
    if not count:
        return {"stated": name, "hypotheses": 0}
    mean = float(p[inside].mean())
    ci = binomtest(good, count).proportion_ci(method="wilson")
    within = abs(good / count - mean) <= BAR_POINTS
    few = count < FEW and ci.low - BAR_POINTS <= mean <= ci.high + BAR_POINTS
    return {
        "stated": name,
        "hypotheses": count,
        "mean stated": mean,
        "right": good / count,
        "off by": good / count - mean,
        "95 %": _interval(good, count),
        "holds": "yes" if within else "few" if few else "NO",
    }


def main(arguments: Sequence[str] = ()) -> None:
    """Print both tables; without arguments on the final incidents, rendered and run on the way."""
    from benchmarks.sync_incidents import FINAL, render_folder, timelines_of

    sys.path.insert(0, str(ROOT / "tests"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync_calibration")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="incidents that sync_incidents rendered")
    parser.add_argument("--cache", type=Path, metavar="FEATURES", help="keep features there")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N incidents")
    parser.add_argument("--audible-db", type=float, default=AUDIBLE_DB, help="least level over a file's own noise")
    parser.add_argument("--from-results", action="store_true", help="use the timelines of the last run")
    parser.add_argument("--rounds", type=int, default=2, help="stretches of every kind per pair")
    parser.add_argument("--intervals", action="store_true", help="intervals only")
    parser.add_argument("--probabilities", action="store_true", help="probabilities only")
    chosen = parser.parse_args(arguments)
    folder = chosen.folder or ROOT / "build" / "sync-incidents"
    if chosen.folder is None:
        render_folder(folder, FINAL)
    timelines = timelines_of(folder, None, chosen.limit, again=chosen.from_results)
    if not chosen.probabilities:
        print_intervals([c for path, t in timelines for c in lag_checks(path, t, audible_db=chosen.audible_db)])
    if not chosen.intervals:
        told = [s for path, t in timelines for s in stated_in_timeline(t, read_truth(path))]
        print_reliability(told, "in the results of whole incidents")
        print_reliability(
            stated_of_pairs(folder, chosen.cache, chosen.limit, chosen.rounds), "pairs, stretches and strangers"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
