"""Row 2: 200 reverberant phone-like pairs t000-t199, found within 1 ms or refused.

Two thirds overlap by 6 to 19 s of clips of 15 to 24 s. One third is impossible: half of those are another scene of the
same kind of sound, half are *the same scene without common time*. Every clip has its own room, tone, gain control and
noise (0-10 dB) and is AAC of 48 kbit/s in mp4. The scenes are layered from real sounds, and nothing in them repeats.

    python -m benchmarks pairs -- --keep FOLDER --limit 30     # rendered files stay in FOLDER for the next run
    python -m benchmarks pairs -- --keep FOLDER --cli          # through the command line, some 3 s a pair

Without --cli the pairs go through `pipeline.analyze` in this process, as `syncview run` calls it, with workers that
are kept. Nothing but the media files is taken from an earlier run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.reading import Reading
from benchmarks.real_sounds import KINDS, RATE_HZ, Bank, random_phone, record, scene, write_aac
from benchmarks.running import need_data, run_case, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["PairResult", "PairTruth", "judge", "main", "render_pair"]

COUNT = 200
SEED = 230_000
RIGHT_S = 0.001
NEAR_S = 0.02
LEAST_FOUND = 0.97
_RECIPE = 6  # raised when the same seed gives other files


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTruth:
    """What is true of a pair: `kind` is "overlap", "other scene" or "other time"; no lag where there is none."""

    seed: int
    kind: str
    sounds: str
    lag_s: float | None
    overlap_s: float
    snr_db: tuple[float, float]
    recipe: int = _RECIPE


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """What the program said of a pair."""

    truth: PairTruth
    together: bool
    lag_s: float | None
    clock_error_s: float | None
    hypotheses: tuple[tuple[float, float, int], ...]
    reasons: tuple[str, ...]

    @property
    def error_s(self) -> float | None:
        """Error of the stated lag; None where nothing was stated or nothing is true."""
        if not self.together or self.lag_s is None or self.truth.lag_s is None:
            return None
        return self.lag_s - self.truth.lag_s

    @property
    def outcome(self) -> str:
        """One of: right, near, wrong, missed, refused, invented."""
        if self.truth.lag_s is None:
            return "invented" if self.together else "refused"
        if self.error_s is None:
            return "missed"
        return "right" if abs(self.error_s) <= RIGHT_S else "near" if abs(self.error_s) <= NEAR_S else "wrong"


def render_pair(number: int, folder: Path, *, seed0: int = SEED) -> Path:
    """Write a.mp4, b.mp4 and truth.json of one pair below `folder`, unless they are there."""
    home = folder / f"t{number:03d}-{seed0 + number}"
    truth_file = home / "truth.json"
    if truth_file.is_file() and json.loads(truth_file.read_text(encoding="utf-8"))["recipe"] == _RECIPE:
        return home
    home.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([2, seed0 + number])
    truth, waves = _make(rng, number, seed0 + number)
    for name, wave in zip("ab", waves, strict=True):
        write_aac(home / f"{name}.mp4", wave)
    truth_file.write_text(json.dumps(asdict(truth)), encoding="utf-8")
    return home


def _make(rng: np.random.Generator, number: int, seed: int) -> tuple[PairTruth, list[NDArray[np.float64]]]:
    """Truth and sound of a pair."""
    lengths_s = rng.uniform(15, 24, 2)
    sounds = str(rng.choice(list(KINDS)))
    bank = Bank(rng)
    kind = "overlap" if number % 3 < 2 else ("other scene" if number % 6 == 2 else "other time")
    overlap_s, lag_s = 0.0, None
    if kind == "overlap":
        overlap_s = float(rng.uniform(6, min(19.0, lengths_s.min())))
        lag_s = round(float(lengths_s[0]) - overlap_s, 4)
        whole = scene(bank, rng, lag_s + lengths_s[1] + 0.1, sounds)
        begins_s = [0.0, lag_s]
    elif kind == "other time":  # 5 to 20 s between the end of the one and the beginning of the other
        begins_s = [0.0, float(lengths_s[0] + rng.uniform(5, 20))]
        whole = scene(bank, rng, begins_s[1] + lengths_s[1] + 0.1, sounds)
    else:
        begins_s = [0.0, float(lengths_s[0])]
        whole = np.concatenate([scene(bank, rng, float(length), sounds) for length in (lengths_s[0], lengths_s[1] + 1)])
    snrs_db, waves = [], []
    for begin_s, length_s in zip(begins_s, lengths_s, strict=True):
        begin, count = round(begin_s * RATE_HZ), round(length_s * RATE_HZ)
        phone = random_phone(rng, float(length_s) + 1)
        waves.append(record(whole[begin : begin + count], phone))
        snrs_db.append(round(phone.snr_db, 1))
    if lag_s is not None and rng.random() < 0.5:  # either may be the first
        lag_s, waves, snrs_db = -lag_s, waves[::-1], snrs_db[::-1]
    return (
        PairTruth(
            seed=seed, kind=kind, sounds=sounds, lag_s=lag_s, overlap_s=overlap_s, snr_db=(snrs_db[0], snrs_db[1])
        ),
        waves,
    )


def judge(timeline: dict[str, Any], truth: PairTruth) -> PairResult:
    """Read what a timeline says of a.mp4 and b.mp4."""
    reading = Reading(timeline)
    a, b = reading.ids["a.mp4"], reading.ids["b.mp4"]
    clock_error_s = None
    if truth.lag_s is not None:  # in the middle of the common time
        middle_s = max(truth.lag_s, 0.0) + truth.overlap_s / 2
        clock_error_s = reading.error_s("a.mp4", middle_s, "b.mp4", middle_s - truth.lag_s)
    pair = next((p for p in timeline["pairs"] if {p["a_id"], p["b_id"]} == {a, b}), None)
    sign = 1 if pair is not None and pair["a_id"] == a else -1
    hypotheses = () if pair is None else pair["hypotheses"]
    lag_s = None if pair is None or pair["lag_s"] is None else sign * pair["lag_s"]
    reasons = {r for u in timeline["unplaced"] for r in u["reasons"]} | set(() if pair is None else pair["reasons"])
    return PairResult(
        truth=truth,
        together=reading.together("a.mp4", "b.mp4"),
        lag_s=lag_s,
        clock_error_s=clock_error_s,
        hypotheses=tuple((sign * h["lag_s"], h["probability"], h["supports"]) for h in hypotheses),
        reasons=tuple(sorted(reasons)),
    )


def run_in_process(folders: Sequence[Path], *, workers: int) -> Iterator[dict[str, Any]]:
    """The timeline of each folder, by the same call that the command line makes."""
    from syncview.cli.inputs import opened_pool
    from syncview.store import Ids

    with opened_pool(workers) as pool:
        for folder in folders:
            with tempfile.TemporaryDirectory() as scratch:
                yield _analyze(folder, Path(scratch), pool, Ids())


def _analyze(folder: Path, scratch: Path, pool: Any, ids: Any) -> dict[str, Any]:
    from syncview.case import load_case
    from syncview.cli.inputs import settings_with
    from syncview.pipeline import analyze
    from syncview.timeline.schema import dumps

    done = analyze(
        [folder / "a.mp4", folder / "b.mp4"],
        case=load_case(scratch / "case.toml"),
        ids=ids,
        cache_root=scratch,
        settings=settings_with("off"),
        pool=pool,
        progress=lambda *_: None,
    )
    return dict(json.loads(dumps(done.document)))


def run_by_command(folders: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The timeline of each folder, by `syncview run`."""
    for folder in folders:
        with tempfile.TemporaryDirectory() as scratch:
            yield run_case([folder / "a.mp4", folder / "b.mp4"], Path(scratch) / "case")[0]


def render_all(numbers: Sequence[int], folder: Path, *, seed0: int, workers: int) -> list[Path]:
    """Write the files of many pairs."""
    if workers == 1:
        return [render_pair(n, folder, seed0=seed0) for n in numbers]
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(_render_one, [(n, folder, seed0) for n in numbers]))


def _render_one(job: tuple[int, Path, int]) -> Path:
    return render_pair(job[0], job[1], seed0=job[2])


def report(results: Sequence[PairResult], *, verbose: bool) -> bool:
    """Print misses with their hypotheses, the figures per kind, and the bar."""
    for result in results:
        if verbose or result.outcome not in ("right", "refused"):
            print(_line(result))
    real = [r for r in results if r.truth.lag_s is not None]
    impossible = [r for r in results if r.truth.lag_s is None]
    outcomes = ("right", "near", "wrong", "missed", "refused", "invented")
    rows: list[dict[str, object]] = []
    for kind in ("overlap", "other scene", "other time"):
        own = [r for r in results if r.truth.kind == kind]
        rows.append({"kind": kind, "pairs": len(own), **{o: sum(r.outcome == o for r in own) for o in outcomes}})
    table(rows)
    for name, low, high in (("overlap 6-9 s", 6, 9), ("overlap 9-13 s", 9, 13), ("overlap 13-19 s", 13, 19.1)):
        own = [r for r in real if low <= r.truth.overlap_s < high]
        print(f"  {name}: {sum(r.outcome == 'right' for r in own)} of {len(own)} right")
    errors_ms = [abs(r.error_s) * 1e3 for r in real if r.error_s is not None]
    clocks_ms = [abs(r.clock_error_s) * 1e3 for r in real if r.clock_error_s is not None]
    if errors_ms and clocks_ms:
        print(f"  error of lags: median {np.median(errors_ms):.2f} ms, 90 % {np.quantile(errors_ms, 0.9):.2f} ms")
        print(f"  error of clocks: median {np.median(clocks_ms):.2f} ms, 90 % {np.quantile(clocks_ms, 0.9):.2f} ms")
    right, invented = sum(r.outcome == "right" for r in real), sum(r.together for r in impossible)
    wrong = sum(r.outcome == "wrong" for r in real)
    share = right / max(1, len(real))
    figure = (
        f"{right} of {len(real)} within 1 ms ({share:.1%}), {invented} of {len(impossible)} invented, {wrong} wrong"
    )
    passed = share >= LEAST_FOUND and invented == 0 and wrong == 0 and bool(real) and bool(impossible)
    return verdict("2", "reverberant pairs", figure, ">= 97 %, 0 invented", passed=passed)


def _line(result: PairResult) -> str:
    truth = result.truth
    lags = ", ".join(f"{lag:+.4f} s p {p:.3f} ({n} windows)" for lag, p, n in result.hypotheses[:5]) or "none"
    true = "none" if truth.lag_s is None else f"{truth.lag_s:+.4f} s"
    error = "" if result.error_s is None else f", error {result.error_s * 1e3:+.2f} ms"
    return (
        f"{result.outcome:8} seed {truth.seed} {truth.kind}, {truth.sounds}, overlap {truth.overlap_s:.1f} s, "
        f"noise {truth.snr_db[0]:.0f}/{truth.snr_db[1]:.0f} dB, true lag {true}{error}; hypotheses: {lags}"
        + (f"; {'; '.join(result.reasons)}" if result.outcome in ("missed", "invented", "wrong") else "")
    )


def main(arguments: Sequence[str] = ()) -> bool:
    """Render, run, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=COUNT, help="how many pairs (default 200)")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of single pairs")
    parser.add_argument("--seed0", type=int, default=SEED, help="seed of pair t000")
    parser.add_argument("--keep", type=Path, help="folder in which the rendered files stay")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--cli", action="store_true", help="through `syncview run` instead of in this process")
    parser.add_argument("--verbose", action="store_true", help="a line for every pair")
    chosen = parser.parse_args(list(arguments))
    need_data()
    numbers = chosen.only or range(chosen.limit)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="pairs-"))
    try:
        start = time.perf_counter()
        homes = render_all(list(numbers), folder, seed0=chosen.seed0, workers=chosen.workers)
        rendered_s, start = time.perf_counter() - start, time.perf_counter()
        run = run_by_command(homes) if chosen.cli else run_in_process(homes, workers=chosen.workers)
        results = [
            judge(timeline, PairTruth(**json.loads((home / "truth.json").read_text(encoding="utf-8"))))
            for home, timeline in zip(homes, run, strict=True)
        ]
        way = "syncview run" if chosen.cli else "pipeline.analyze in this process"
        print(f"{len(homes)} pairs through {way}: {time.perf_counter() - start:.0f} s, rendering {rendered_s:.0f} s")
        return report(results, verbose=chosen.verbose)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    import sys

    sys.exit(0 if main(sys.argv[1:]) else 1)
