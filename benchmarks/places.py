"""Whether the stated intervals of distances, cluster radius and arrivals hold the truth (simulated).

    python -m benchmarks.places              # 200 incidents of seeds nobody has tuned on
    python -m benchmarks.places --count 50

In every incident strikes fall within 5 to 90 m of a house; each place is found with a normal error, half of it shared
by all strikes of the incident (cameras placed wrongly), that its ellipse states. A team goes from door to door at 0.5
to 2.5 m/s, stands, and is placed on the map every 10 to 60 s to 5 to 30 m, on a clock known to 0.3 s. Coverage should
lie between 90 and 99 %; that of a team is a bound, and so may hold more often.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np

from benchmarks.running import table
from incident_example import heard, strike
from located_example import RADIUS_TO_SIGMA, located, place, placed_incident, way, waypoint
from syncview.timeline.analysis import analyse

JUDGE = 151_001
SPOTS = 40  # doors that a team goes to


def walk(rng: np.random.Generator) -> np.ndarray:
    """Where a team is every 0.1 s for two minutes, in metres east and north."""
    at_m, stops, time_s, times = rng.uniform(-100, 100, 2), [], 0.0, []
    for _ in range(SPOTS):
        stops.append(at_m)
        times.append(time_s)
        time_s += rng.uniform(0, 20)  # it stands
        stops.append(at_m)
        times.append(time_s)
        goal_m = at_m + rng.uniform(-60, 60, 2)
        time_s += float(np.hypot(*(goal_m - at_m))) / rng.uniform(0.5, 2.5)
        at_m = goal_m
    moments_s = np.arange(0.0, 120.0, 0.1)
    return np.stack([np.interp(moments_s, times, np.array(stops)[:, k]) for k in range(2)], axis=1)


def errors_m(rng: np.random.Generator, oval: tuple[float, float, float], count: int) -> np.ndarray:
    """Errors of one incident's places: half their variance is common to all."""
    turn = np.radians(oval[2])
    axes = np.array([[np.sin(turn), np.cos(turn)], [np.cos(turn), -np.sin(turn)]])
    normal = (rng.standard_normal((1, 2)) + rng.standard_normal((count, 2))) / np.sqrt(2.0)
    return (normal * (oval[0] / RADIUS_TO_SIGMA, oval[1] / RADIUS_TO_SIGMA)) @ axes


def incident(seed: int) -> list[tuple[str, bool, float]]:
    """What each number claims, whether its interval holds the truth, and the interval's width."""
    rng = np.random.default_rng(seed)
    count, spread_m = int(rng.integers(2, 7)), rng.uniform(5, 90)
    angle, away = rng.uniform(0, 2 * np.pi, count), spread_m * np.sqrt(rng.uniform(0, 1, count))
    true_m = np.stack([away * np.cos(angle), away * np.sin(angle)], axis=1)
    oval = rng.uniform(10, 60), rng.uniform(5, 10), rng.uniform(0, 180)
    found_m, times_s = true_m + errors_m(rng, oval, count), np.sort(rng.uniform(5, 115, count))
    strikes = [
        located(f"s-{k}", time_s, found_m[k], oval[0], ellipse=oval, uncertainty_s=0.05)
        for k, time_s in enumerate(times_s)
    ]
    house_m, known_m = rng.uniform(-150, 150, 2), rng.uniform(5, 20)
    stated_m = house_m + rng.standard_normal(2) * known_m / RADIUS_TO_SIGMA
    team_m = walk(rng)
    seen, shift_s = [], rng.standard_normal() * 0.15
    for time_s in np.cumsum(rng.uniform(10, 60, 12)):
        if time_s < 110.0:
            radius_m = rng.uniform(5, 30)
            off_m = rng.standard_normal(2) * radius_m / RADIUS_TO_SIGMA
            spot_m = team_m[int(time_s * 10)] + off_m
            seen.append(waypoint(time_s + shift_s, spot_m, radius_m, time_uncertainty_s=0.3))
    parts = placed_incident(strikes, places=(place("house", stated_m, known_m),), ways=(way(*seen),))
    analysis = analyse(parts)
    return [
        *_distances(analysis, true_m, times_s, house_m, team_m, [point.time_s for point in seen]),
        _cluster(analysis, true_m),
        _arrival(rng),
    ]


def _distances(analysis, true_m, times_s, house_m, team_m, seen_s) -> list[tuple[str, bool, float]]:
    rows = []
    for entry in analysis.distances:
        k = int(entry.strike_id[2:])
        if entry.interval_m is None or entry.kind == "team before":
            continue
        if entry.kind == "alternative object":
            what, other_m = "distance to a place", house_m
        elif entry.kind == "team now":
            inside = min(seen_s) < times_s[k] < max(seen_s)
            what = "distance to a team " + ("between" if inside else "outside") + " its waypoints"
            other_m = team_m[int(times_s[k] * 10)]
        else:
            what, other_m = "distance to the strike before", true_m[int(entry.to[2:])]
        truth_m = float(np.hypot(*(true_m[k] - other_m)))
        rows.append((what, entry.interval_m[0] <= truth_m <= entry.interval_m[1], np.ptp(entry.interval_m)))
    return rows


def _cluster(analysis, true_m) -> tuple[str, bool, float]:
    truth_m = np.hypot(*(true_m - true_m.mean(axis=0)).T).max()
    low_m, high_m = analysis.cluster.interval_m
    return "cluster radius", bool(low_m <= truth_m <= high_m), high_m - low_m


def _arrival(rng: np.random.Generator) -> tuple[str, bool, float]:
    """A strike known by its sound's arrival from 50 to 450 m, and what a person saw 3 to 40 s later."""
    blast_s, came_s = 20.0, 20.0 + rng.uniform(3, 40)
    bang_s = blast_s + rng.uniform(50, 450) / 343.0
    told_s = came_s + rng.standard_normal() * 0.25
    event = strike("s-0", "group-1", bang_s, [heard("rec-1", bang_s)])
    said = replace(event, id="m-0", kind="movement", time_s=told_s, time_basis="seen_at:rec-1", action="arrives")
    (entry,) = analyse(placed_incident([event, replace(said, uncertainty_s=0.5)])).arrivals
    gap = entry.since_strike
    return (
        "arrival after a strike",
        abs(gap.interval_s - (came_s - blast_s)) <= gap.uncertainty_s,
        2 * gap.uncertainty_s,
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="incidents")
    count = parser.parse_args(arguments).count
    found: dict[str, list[tuple[bool, float]]] = {}
    for seed in range(JUDGE, JUDGE + count):
        for what, holds, width in incident(seed):
            found.setdefault(what, []).append((holds, width))
    table(
        [
            {
                "number": what,
                "n": len(rows),
                "holds the truth": float(np.mean([holds for holds, _ in rows])),
                "median width (m or s)": float(np.median([width for _, width in rows])),
            }
            for what, rows in sorted(found.items())
        ]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
