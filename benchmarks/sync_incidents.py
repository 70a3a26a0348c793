"""Simulated incidents that are hard to line up, through the whole program, against their truth.

python -m benchmarks.sync_incidents --render FOLDER --seeds A B     write media and truth once
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


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


def main() -> None:
    """Render."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync_incidents")
    parser.add_argument("--render", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, nargs=2, metavar=("A", "B"))
    chosen = parser.parse_args()
    render_folder(chosen.render, range(chosen.seeds[0], chosen.seeds[1] + 1))


if __name__ == "__main__":
    main()
