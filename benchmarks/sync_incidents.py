"""Simulated incidents that are hard to line up, through the whole program, against their truth.

Media and truth are written once::

    python -m benchmarks.sync_incidents --render FOLDER --seeds 81001 81030
    python -m benchmarks.sync_incidents --folder FOLDER [--seeds A B] [--limit N] [--from-results] [--all-misses]

Timelines go to FOLDER-results, so that `--from-results` scores them again without a run; decoded sound is cached there
too. 3 to 8 cameras within 400 m, shared sound over own noise in 150-3400 Hz uniform in -10 to +20 dB, 24 to 96 kbit/s
(and narrow-band AMR), drift up to 100 ppm, 20 to 180 s, one file in five a decoy, cuts and re-uploads among them.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.running import table
from benchmarks.sync_reading import read_truth
from benchmarks.sync_scoring import CameraScore, Score, score_incident

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from syncview.media.workers import WorkerPool

ROOT = Path(__file__).resolve().parents[1]
FINAL = range(82_001, 82_061)  # what the figures are stated on; 81001-81030 are for tuning
SNR_EDGES_DB = (-10.0, -5.0, 0.0, 5.0, 10.0, 20.01)
DISTANCE_EDGES_M = (0.0, 50.0, 100.0, 200.0, 400.01)
BAR_LOUD, BAR_FAINT = 0.98, 0.90


def render_folder(folder: Path, seeds: range) -> None:
    """Write the incidents that are not there yet; one that was interrupted is written again."""
    sys.path.insert(0, str(ROOT / "tests"))
    from simulator.sync_scenes import sync_incident
    from simulator.sync_truth import write_sync_incident

    for seed in seeds:
        if (folder / str(seed)).exists():
            continue
        begun_s, scratch = time.monotonic(), folder / f".{seed}"
        shutil.rmtree(scratch, ignore_errors=True)
        write_sync_incident(sync_incident(seed), scratch)
        scratch.rename(folder / str(seed))
        print(f"{seed}: {time.monotonic() - begun_s:.0f} s", flush=True)


def _digest(*parts: str) -> str:
    """Short name of source files, so that a change of the code is not answered from a cache."""
    source = ROOT / "src" / "syncview"
    files = [p for part in parts for p in (sorted((source / part).rglob("*.py")) or [source / part])]
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()[:12]


def _cache(results: Path) -> Path:
    """Cache of what was heard by this code, without the matches of another matcher."""
    heard_by = _digest("media", "signal", "detect", "sync/features.py", "pipeline/listen.py")
    cache = results / f"cache-{heard_by}"
    cache.mkdir(exist_ok=True)
    stamp, matcher = cache / "matcher", _digest("sync")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != matcher:
        for matches in cache.glob("match-*"):
            shutil.rmtree(matches)
    stamp.write_text(matcher, encoding="utf-8")
    return cache


def analyze_folder(folder: Path, results: Path, pool: WorkerPool) -> dict[str, Any]:
    """Run the whole program on one incident as a new case; the timeline as `syncview run` writes it."""
    from syncview.case import load_case
    from syncview.cli.inputs import settings_with
    from syncview.pipeline import analyze
    from syncview.store import Ids
    from syncview.timeline.schema import dumps

    analysis = analyze(
        sorted(p for p in folder.iterdir() if p.name not in ("truth.json", "levels.npz")),
        case=load_case(results / "no-case.toml"),
        ids=Ids(),
        cache_root=_cache(results),
        settings=settings_with("off"),
        pool=pool,
        progress=lambda *_: None,
    )
    text = dumps(analysis.document)
    (results / f"{folder.name}.json").write_text(text, encoding="utf-8")
    return dict(json.loads(text))


def timelines_of(
    folder: Path, seeds: range | None, limit: int | None, *, again: bool
) -> list[tuple[Path, dict[str, Any]]]:
    """Timeline of every complete incident in a folder, run now or, with `again`, as the last run left it."""
    chosen = [p for p in sorted(folder.iterdir()) if p.name.isdigit() and (seeds is None or int(p.name) in seeds)]
    results = folder.with_name(f"{folder.name}-results")
    results.mkdir(exist_ok=True)
    if again:
        files = [(p, results / f"{p.name}.json") for p in chosen[:limit]]
        return [(p, json.loads(f.read_text(encoding="utf-8"))) for p, f in files if f.exists()]
    from syncview.cli.inputs import opened_pool

    found = []
    with opened_pool(2) as pool:
        for path in chosen[:limit]:
            begun_s = time.monotonic()
            found.append((path, analyze_folder(path, results, pool)))
            print(f"{path.name}: {time.monotonic() - begun_s:.1f} s", file=sys.stderr, flush=True)
    return found


def _share(cameras: Sequence[CameraScore]) -> str:
    if not cameras:
        return "-"
    return f"{sum(c.placed for c in cameras)}/{len(cameras)} = {sum(c.placed for c in cameras) / len(cameras):.0%}"


def _bins(
    cameras: Sequence[CameraScore], value: Callable[[CameraScore], float | None], edges: Sequence[float], name: str
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for low, high in itertools.pairwise(edges):
        inside = [c for c in cameras if (v := value(c)) is not None and low <= v < high]
        rows.append(
            {
                name: f"{low:.0f} to {high:.0f}",
                "placed": _share(inside),
                "with a placed partner": _share([c for c in inside if c.expected_placed]),
                "wrong": sum(c.wrong for c in inside),
            }
        )
    return rows


def _grid(cameras: Sequence[CameraScore]) -> list[dict[str, object]]:
    """Placed by the camera's level (down) and that of its best partner (across)."""
    rows = []
    for low, high in itertools.pairwise(SNR_EDGES_DB):
        row: dict[str, object] = {"own dB \\ best partner's": f"{low:.0f} to {high:.0f}"}
        for left, right in itertools.pairwise(SNR_EDGES_DB):
            inside = [
                c for c in cameras if low <= c.snr_db < high and left <= (c.partner_snr_db or 0.0) < right
            ]  # fmt: skip
            row[f"{left:.0f} to {right:.0f}"] = f"{sum(c.placed for c in inside)}/{len(inside)}" if inside else "-"
        rows.append(row)
    return rows


def print_score(score: Score, *, all_misses: bool) -> None:
    """Figures with their bars, bins, refusals and misses."""
    expected = [c for c in score.cameras if c.expected]
    loud, faint = ([c for c in expected if (c.snr_db >= 0) is at_least] for at_least in (True, False))
    print(f"cameras: {len(score.cameras)}, with {len(expected)} that overlap another by 15 s")
    print(
        f"placed at 0 dB and above: {_share(loud)} (bar {BAR_LOUD:.0%}); below: {_share(faint)} (bar {BAR_FAINT:.0%})"
    )
    both = [c for c in loud if (c.partner_snr_db or -99.0) >= 0]
    print(f"placed where it and a partner have 0 dB and above: {_share(both)}")
    wrong, unknowable = [c for c in score.cameras if c.wrong], [c for c in score.cameras if c.wrong_unknowable]
    print(f"wrong placements: {len(wrong)} (bar 0); pieces of cut files that meet no placed camera: {len(unknowable)}")
    print(f"decoys placed: {len(score.decoys_placed)} of {score.decoys} (bar 0) {score.decoys_placed}")
    print(
        f"copies: {score.copies_found} of {score.copies} called one witness, {score.copies_placed} on the original's "
        f"clock, {score.copies_wrong} of them off; files wrongly called one: {score.false_duplicates}"
    )
    worst_ms = 1e3 * max(score.jump_errors_s, default=0.0)
    print(
        f"cuts: {score.cuts_found} of {score.cuts} found within 20 ms and 0.5 s ({score.cuts_all} in all; "
        f"largest jump error {worst_ms:.0f} ms); false: {len(score.false_cuts)} {score.false_cuts[:10]}"
    )
    table(_bins(expected, lambda c: c.snr_db, SNR_EDGES_DB, "own dB"))
    table(_bins(expected, lambda c: c.partner_snr_db, SNR_EDGES_DB, "best partner's dB"))
    table(_bins(expected, lambda c: c.nearest_m, DISTANCE_EDGES_M, "nearest partner m"))
    table(_grid(expected))
    print("refusals:")
    table([{"files": n, "of": kind, "reason": why} for (kind, why), n in Counter(score.refusals).most_common()])
    missed = [c for c in expected if not c.placed]
    _print_misses("wrong", [*wrong, *unknowable])
    _print_misses("missed", missed if all_misses else missed[:25])


def _print_misses(what: str, cameras: Sequence[CameraScore]) -> None:
    for c in cameras:
        off = "" if c.error_s is None else f", off {c.error_s:+.3f} s"
        print(f"{what}: {c.seed} {c.name} {c.snr_db:+.1f} dB{', cut' if c.is_cut else ''}{off} {' | '.join(c.reasons)}")
        for line in c.details:
            print(f"    {line}")


def main(arguments: Sequence[str] = ()) -> None:
    """Render, or run and score; without arguments the final incidents, which are rendered on the way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync_incidents")
    parser.add_argument("--render", type=Path, metavar="FOLDER", help="write media and truth there")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="run on what was written there")
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("A", "B"), help="from A to B, both included")
    parser.add_argument("--limit", type=int, metavar="N", help="at most N incidents")
    parser.add_argument("--from-results", action="store_true", help="score the timelines of the last run")
    parser.add_argument("--all-misses", action="store_true", help="list every camera that was not placed")
    chosen = parser.parse_args(arguments)
    seeds = range(chosen.seeds[0], chosen.seeds[1] + 1) if chosen.seeds else None
    if chosen.render is not None:
        render_folder(chosen.render, seeds or FINAL)
        return
    folder = chosen.folder or ROOT / "build" / "sync-incidents"
    if chosen.folder is None:
        render_folder(folder, seeds or FINAL)
    total = Score()
    for path, timeline in timelines_of(folder, seeds, chosen.limit, again=chosen.from_results):
        total.add(score_incident(timeline, read_truth(path)))
    print_score(total, all_misses=chosen.all_misses)


if __name__ == "__main__":
    main(sys.argv[1:])
