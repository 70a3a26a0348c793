"""Run one benchmark, or all that `make bench` shows: python -m benchmarks [incidents|speed|real|lags]."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "incidents": "8 simulated incidents through the whole program: cameras placed, strikes found",
    "speed": "time of a run against decoding and hashing alone",
    "sync": "60 simulated incidents that are hard to line up: placed, wrong, decoys, copies, cuts by level",
    "calibration": "whether sound lags lie in their stated intervals, and lags are right as often as stated",
    "real": "the real multi-device recordings beside the checkout",
    "lags": "fit of the probability of a lag, with its reliability table",
    "blasts": "fit of the blast score, with its figures on scenes not used for fitting",
}


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:10} {what}" for name, what in NAMES.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: incidents speed real")
    chosen = parser.parse_args().names or ["incidents", "speed", "real"]
    if unknown := sorted(set(chosen) - set(NAMES)):
        parser.error(f"unknown: {', '.join(unknown)}")
    sys.path.insert(0, str(ROOT / "tests"))
    modules = {
        "blasts": "fit_blast_score",
        "calibration": "sync_calibration",
        "lags": "fit_lag_probability",
        "sync": "sync_incidents",
    }
    for name in chosen:
        print(f"== {name}: {NAMES[name]}", flush=True)
        importlib.import_module(f"benchmarks.{modules.get(name, name)}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
