"""The whole process against decoding and hashing the same files alone, in turn."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.running import SYNCVIEW, table

SEED = 71_001
ROUNDS = 5
CLIP_S = 60.0
CLIPS = 5


def decode_and_hash(paths: list[Path]) -> None:
    """The least that any tool must do: read every byte for its hash, decode every sound."""
    import av

    for path in paths:
        hashlib.sha256(path.read_bytes()).hexdigest()
        with av.open(str(path)) as container:
            for _ in container.decode(audio=0):
                pass


def main() -> None:
    """Print the ratio of each round and the median."""
    from dataclasses import replace

    from simulator import random_incident
    from simulator.media import write_incident

    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files"
        incident = random_incident(SEED, cameras=CLIPS, decoy=False)
        cameras = tuple(replace(camera, duration_s=CLIP_S) for camera in incident.cameras)
        write_incident(replace(incident, cameras=cameras), files, picture=True)
        media = sorted(p for p in files.iterdir() if p.name != "truth.json")
        rows: list[dict[str, object]] = []
        for number in range(1, ROUNDS + 1):
            alone_s = _timed([sys.executable, "-m", "benchmarks.speed", *map(str, media)])
            case = Path(folder) / "case"
            shutil.rmtree(case, ignore_errors=True)
            run_s = _timed([*SYNCVIEW, "run", *map(str, media), "-o", str(case), "--no-page", "--quiet"])
            again_s = _timed([*SYNCVIEW, "run", *map(str, media), "-o", str(case), "--no-page", "--quiet"])
            rows.append({"round": number, "run / alone": run_s / alone_s, "run from cache / alone": again_s / alone_s})
    middle = {name: median(float(str(row[name])) for row in rows) for name in list(rows[0])[1:]}
    table([*rows, {"round": "median", **middle}])


def _timed(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": ""})
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stderr.decode()[-2000:])
    return time.perf_counter() - start


if __name__ == "__main__":
    decode_and_hash([Path(name) for name in sys.argv[1:]])
