"""Run benchmarks.

`python -m benchmarks` shows what `make bench` does, `python -m benchmarks sync` every row of synchronization. What
follows `--` goes to the benchmark: python -m benchmarks pairs -- --limit 30
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "incidents": ("incidents", "8 simulated incidents through the whole program: cameras placed, strikes found"),
    "common-sounds": ("common_sounds", "ordinary sounds that three cameras heard: arrivals, false ones (simulated)"),
    "aircraft": ("aircraft", "possible aircraft sound: recall, false suggestions an hour, masking, real sounds, cost"),
    "aircraft-fit": ("fit_aircraft", "fit of the score of possible aircraft sound, with its reliability table"),
    "speed": ("speed", "time of a run against decoding and hashing alone"),
    "real": ("real", "the real multi-device recordings beside the checkout"),
    "lags": ("fit_lag_probability", "fit of the probability of a lag, with its reliability table"),
    "blasts": ("fit_blast_score", "fit of the blast score, with its figures on scenes not used for fitting"),
    "flash-fit": ("fit_flash_score", "fit of the flash score on simulated flashes over real footage"),
    "flashes": ("flashes", "flashes given the bang: top three, automatic picks, salvos, cost"),
    "plume-fit": ("fit_plume_score", "fit of the plume score on simulated plumes over real footage; --check"),
    "plumes": ("plumes", "first plumes given the bang: top three, dating, distances of at least, picks, cost"),
    "movement-fit": ("fit_movements", "fit of what tracks of people and vehicles may mean; --check judges (simulated)"),
    "movement": (
        "movement",
        "people and vehicles: detectors, tracks, shake, arrivals, an incident, speed (real footage)",
    ),
    "strikes-across": ("strikes_across", "three cameras under stress, near pairs of strikes, echoes"),
    "strike-confidence": ("fit_strikes", "fit of a strike's confidence and of echoes; --check for its reliability"),
    "reconstruction": ("reconstruction", "clocks and places of strikes from arrivals, light, pins: simulated arrays"),
    "places": ("places", "whether stated distances, cluster radii and arrivals hold the truth (simulated places)"),
    "detection": ("detection", "blasts on one camera: recall, onset, ranked list, blasts close together (simulated)"),
    "detection-real": (
        "detection_real",
        "real explosions, shots, thunder, ambiences, and one explosion on five phones",
    ),
    "reconstruction-real": (
        "reconstruction_real",
        "nine recorders at known places, one explosion on five phones (real)",
    ),
    "reconstruction-rendered": (
        "reconstruction_rendered",
        "clocks, moments and places of rendered incidents, through the whole program",
    ),
    "utc": ("utc_claims", "UTC of groups, wrong clocks of files, intervals between groups (simulated clocks)"),
    "peers": ("sync_peers", "row 1: the cases on which free tools were measured"),
    "pairs": ("sync_pairs", "row 2: 200 reverberant phone-like pairs"),
    "edits": ("sync_edits", "row 2: carried sound, replays, copies and edits"),
    "sync-incidents": ("sync_incidents", "row 3: 60 simulated incidents that are hard to line up"),
    "calibration": ("sync_calibration", "row 4: whether stated intervals and probabilities of lags hold"),
    "sync-real": ("sync_real", "row 5: the real multi-device recordings against what is known of them"),
    "sync-speed": ("sync_speed", "row 6: time and memory, beside peers"),
}
SYNC = ("peers", "pairs", "edits", "sync-incidents", "calibration", "sync-real", "sync-speed")


def main() -> int:
    """Run what the command line names; 1 when a row with a bar misses it."""
    os.environ.setdefault("SYNCVIEW_MOVEMENT", "off")  # those that are about it say so themselves
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:15} {what}" for name, (_, what) in {**NAMES, "sync": ("", "rows 1 to 6")}.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: incidents speed real")
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    more = words[cut + 1 :]
    chosen = parser.parse_args(words[:cut]).names or ["incidents", "speed", "real"]
    chosen = [name for given in chosen for name in (SYNC if given == "sync" else (given,))]
    if unknown := sorted(set(chosen) - set(NAMES)):
        parser.error(f"unknown: {', '.join(unknown)}")
    if more and len(chosen) > 1:
        parser.error("what follows -- can only go to one benchmark")
    sys.path.insert(0, str(ROOT / "tests"))
    failed = [name for name in chosen if not _run(name, more)]
    if failed:
        print(f"below the bar: {', '.join(failed)}")
    return 1 if failed else 0


def _run(name: str, more: list[str]) -> bool:
    """Run one; those without a bar pass when they end. One that cannot run must not hide the rows after it."""
    module, what = NAMES[name]
    print(f"== {name}: {what}", flush=True)
    try:
        sys.argv = [f"{sys.argv[0]} {name} --", *more]  # what a benchmark reads where it is given nothing
        start = importlib.import_module(f"benchmarks.{module}").main
        return (start(more) if more else start()) is not False
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told, and counted as a failure
        print(f"FAIL  {name} did not run: {type(error).__name__}: {error}", flush=True)
        return False


if __name__ == "__main__":
    sys.exit(main())
