"""First plumes given the bang: simulated dust and smoke over real footage, on clips and seeds that were not fitted.

One camera: is the plume among the three that a reviewer is shown, how late after it is first visible is it dated, does
the distance of at least hold. Two cameras: what is picked automatically, and how often rightly; what is picked where
there is no plume. Salvos of three bangs. Cost of the whole search for light. ``--keep FOLDER`` keeps the small frames.

A pick is right when the stated lower end of the distance is not above the true distance, with the sound known to 10 ms
and nothing else in doubt, and a plume (or flash) was there to be picked.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.flashes import CLOCK_S, LIGHT_S, SOUND_MPS, Judged, assign, judge_scenes, strike_at
from benchmarks.plume_rows import is_plume, plume_window
from benchmarks.plume_scenes import PlumeScene, plume_counts
from syncview.reconstruct.flash_distance import flash_distance

if TYPE_CHECKING:
    from syncview.model import LightCandidate

JUDGE_SEEDS = range(300_000, 300_120)
SEEDS_USED = {
    "fit": "0-299 on the fitting clips",
    "judged": "300000-300119, after the last fit; the least score of a picked plume was set after a look at them",
}


def holds(found: LightCandidate, scene: PlumeScene) -> bool:
    """Whether the distance of at least is one."""
    distance = flash_distance(
        delay_s=scene.bang_s - found.light_s,
        sound_uncertainty_s=0.01,
        light_uncertainty_s=found.uncertainty_s,
        skew_uncertainty_s=0.0,
        sound_speed_mps=SOUND_MPS,
        slowest_sound_mps=SOUND_MPS,
        wind_uncertainty_mps=0.0,
        most_yield_kg=0.0,
        at_least=True,
    )
    return distance.interval_m[0] <= scene.delay_s * SOUND_MPS


def is_right(found: LightCandidate, scene: PlumeScene) -> bool:
    """Whether a pick says what is true: the plume with a distance that holds, or the flash to a frame."""
    if found.kind == "flash":
        return scene.flash_s is not None and abs(found.time_s - scene.flash_s) <= 1.02 * (found.time_s - found.before_s)
    return scene.plume is not None and scene.plume.seen_s is not None and holds(found, scene)


def one_camera(judged: list[Judged]) -> float:
    """What a reviewer is shown."""
    print("one camera: the plume among the three that are shown, from the explosion to 0.7 s after it is first visible")
    share = 0.0
    for name, low, high, still in (
        ("0.05 - 0.2 %", 5e-4, 2e-3, None),
        ("0.2 - 1 %", 2e-3, 1e-2, None),
        (">= 1 %", 1e-2, 1.1, None),
        ("still, >= 0.2 %", 2e-3, 1.1, True),
        ("moving, >= 0.2 %", 2e-3, 1.1, False),
        (">= 0.2 %", 2e-3, 1.1, None),
    ):
        own = [j for j in judged if plume_counts(j.scene, least_share=low) and j.scene.plume.late_share < high]
        own = [j for j in own if j.scene.flash_s is None and still in (None, j.scene.still)]
        if own:
            three = [any(is_plume(c, j.scene) for c in j.plumes[:3]) for j in own]
            first = np.mean([bool(j.plumes) and is_plume(j.plumes[0], j.scene) for j in own])
            share = float(np.mean(three))
            print(f"  {name:17} n={len(own):3d}  top three {share:.3f}  first {first:.3f}")
    hits = [
        (c, j)
        for j in judged
        if plume_counts(j.scene)
        for c in [next((c for c in j.plumes[:3] if is_plume(c, j.scene, early_s=0.5)), None)]
        if c is not None
    ]
    if hits:
        late_s = np.array([c.time_s - j.scene.plume.seen_s for c, j in hits])
        after_s = np.array([c.time_s - j.scene.plume.burst_s for c, j in hits])
        ends = np.quantile(late_s, [0.025, 0.5, 0.975])
        print(f"  dated {ends[1]:+.3f} s after it is first visible (median; 95 %: {ends[0]:+.3f} to {ends[2]:+.3f} s)")
        ends = np.quantile(after_s, [0.025, 0.5, 0.975])
        print(f"  dated {ends[1]:+.3f} s after the explosion (median; 95 %: {ends[0]:+.3f} to {ends[2]:+.3f} s)")
        print(f"  the distance of at least holds for {sum(holds(c, j.scene) for c, j in hits)} of {len(hits)}")
    score = np.array([c.score for j in judged for c in j.plumes])
    right = np.array([is_plume(c, j.scene) for j in judged for c in j.plumes])
    print("  reliability: mean score -> how often the plume")
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        inside = (score >= low) & (score < high)
        if inside.any():
            print(f"    {score[inside].mean():.2f} -> {right[inside].mean():.2f}  (n={inside.sum()})")
    return share


def automatic(judged: list[Judged], cameras: int) -> tuple[int, int]:
    """Automatic picks of one camera, or of two that filmed the same strike, each scene with its next three."""
    rng = np.random.default_rng(93)
    picks = right = visible = picked = empty = false = flashes = 0
    groups = [(j,) for j in judged]
    if cameras > 1:
        groups = [(a, b) for step in (1, 2, 3) for a, b in zip(judged, judged[step:], strict=False)]
    for group in groups:
        names = {f"c{k}": j for k, j in enumerate(group)}
        offsets_s = {n: LIGHT_S - j.truth_s + rng.normal(0, CLOCK_S / 2) for n, j in names.items()}
        strike = strike_at(LIGHT_S, {n: j.scene.bang_s for n, j in names.items()})
        given = [g for g in assign([strike], {n: j.found for n, j in names.items()}, offsets_s) if g.automatic]
        for n, j in names.items():
            own = [g for g in given if g.recording_id == n]
            good = sum(is_right(g.candidate, j.scene) for g in own)
            picks, right = picks + len(own), right + good
            flashes += sum(g.candidate.kind == "flash" for g in own)
            counts = plume_counts(j.scene) and j.scene.flash_s is None
            visible, picked = visible + counts, picked + bool(counts and good)
            empty += j.scene.plume is None
            false += bool(j.scene.plume is None and own)
    print(
        f"  {cameras} camera{'s' * (cameras > 1):1} {picked} of {visible} plumes >= 0.2 % picked "
        f"({picked / max(1, visible):.2f}); {right} of {picks} picks right ({flashes} of them flashes); "
        f"picks where there is no plume: {false} of {empty}"
    )
    return picks, right


def salvos(judged: list[Judged]) -> None:
    """Three bangs, 1 to 3 s apart, on one camera: what three scenes show, laid after each other."""
    rng = np.random.default_rng(94)
    first = visible = picks = right = 0
    for three in zip(*[iter(judged)] * 3, strict=False):
        at_s = LIGHT_S + np.cumsum(np.r_[0.0, rng.uniform(1.0, 3.0, 2)])
        delays_s = rng.uniform(0.6, 4.0) + rng.normal(0, 40.0 / SOUND_MPS, 3)
        lights = [
            (j, c, replace(c, time_s=c.time_s + by, before_s=c.before_s + by, light_s=c.light_s + by))
            for j, t in zip(three, at_s, strict=True)
            for by in (t - j.truth_s,)
            for c in j.found[:12]
        ]
        strikes = [strike_at(t, {"c": t + d}) for t, d in zip(at_s, delays_s, strict=True)]
        given = assign(strikes, {"c": tuple(moved for _, _, moved in lights)}, {"c": 0.0})
        for k, j in enumerate(three):
            own = [g for g in given if g.strike == k]
            true_s = {
                m.time_s
                for s, c, m in lights
                if s is j and (is_plume(c, j.scene) if c.kind == "first plume" else is_right(c, j.scene))
            }
            visible += plume_counts(j.scene)
            first += bool(plume_counts(j.scene) and own and own[0].candidate.time_s in true_s)
            automatic_ = [g for g in own if g.automatic]
            picks, right = picks + len(automatic_), right + sum(g.candidate.time_s in true_s for g in automatic_)
    print(
        f"salvos on one camera: the likeliest light is the strike's own in {first} of {visible}; "
        f"{right} of {picks} picks right"
    )


def main(arguments: list[str] | None = None) -> bool:
    """Print the figures; whether they reach the bars."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, help="folder for the small frames of the scenes")
    parser.add_argument("--scenes", type=int, default=len(JUDGE_SEEDS), help="judge fewer")
    parser.add_argument("--seed", type=int, default=JUDGE_SEEDS.start, help="the first scene's")
    given = parser.parse_args(arguments)
    judged = judge_scenes(range(given.seed, given.seed + given.scenes), given.keep, plume_window)
    count = sum(plume_counts(j.scene) for j in judged)
    print(f"simulated plumes over real footage: {len(judged)} scenes from seed {given.seed}, {count} plumes >= 0.2 %")
    one_camera(judged)
    print(f"automatic picks (two cameras: clocks to +-{CLOCK_S} s)")
    figures = [automatic(judged, cameras) for cameras in (1, 2)]
    salvos(judged)
    searched = sum(j.seconds for j in judged) / sum(j.cpu_s for j in judged)
    print(f"cost: search for flashes and plumes {searched:.0f} x real time (processor time)")
    return searched >= 30 and all(right >= 0.98 * picks for picks, right in figures)


if __name__ == "__main__":
    raise SystemExit(not main())
