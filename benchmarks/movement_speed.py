"""Row 5: how fast a long 720p30 clip is looked at, beside decoding it alone, in turn.

The clip is the campus scaled up and looped, each of its frames three times, with silence. Every run of the program is
a fresh case on two workers; what movement costs is a run with it less a run without. Times are of the clock, so what
else the machine does counts as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from benchmarks.movement_labels import CAMPUS
from benchmarks.running import SYNCVIEW, table, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.movement_labels import Clip

BAR = 4.0
ROUNDS = 3
_SIZE = 1280, 720
_RATE_HZ = 30
_TIMES = 3  # a frame of the campus stands for three


def make_clip(source: Path, path: Path, length_s: float) -> None:
    """Write the clip."""
    count = round(length_s * _RATE_HZ)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE_HZ, options={"preset": "veryfast", "crf": "23", "g": "60"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        written = 0
        while written < count:
            with av.open(str(source)) as original:
                for frame in original.decode(video=0):
                    large = frame.reformat(width=_SIZE[0], height=_SIZE[1], format="yuv420p")
                    for _ in range(_TIMES):
                        large.pts, large.time_base = written, Fraction(1, _RATE_HZ)
                        container.mux(stream.encode(large))
                        written += 1
                    if written >= count:
                        break
        container.mux(stream.encode(None))


def decode(path: Path) -> None:
    """Decode every frame, with as many threads as there are cores."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for _ in container.decode(video=0):
            pass


def _timed(command: Sequence[str]) -> float:
    """Seconds that a command takes."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall_s = time.perf_counter() - start
    if done.returncode not in (0, 3, 4):
        message = f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-1000:]}"
        raise RuntimeError(message)
    return wall_s


def _run(path: Path, case: Path, mode: str) -> float:
    shutil.rmtree(case, ignore_errors=True)
    options = ("--movement", mode, "--workers", "2", "--no-page", "--quiet")
    return _timed([*SYNCVIEW, "run", str(path), "-o", str(case), *options])


def report_speed(clips: Sequence[Clip], *, minutes: float) -> bool:
    """Print times of media for each time it takes; whether movement meets its bar."""
    campus = next(clip for clip in clips if clip.file == CAMPUS)
    media_s = minutes * 60
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        path, case = Path(folder) / "long.mp4", Path(folder) / "case"
        make_clip(campus.path, path, media_s)
        for number in range(1, ROUNDS + 1):
            alone_s = _timed([sys.executable, "-m", "benchmarks.movement_speed", str(path)])
            off_s, whole_s = (_run(path, case, mode) for mode in ("off", "whole"))
            rows.append(_row(number, media_s, alone_s, off_s, whole_s, "whole"))
            print(rows[-1], flush=True)
        off_s, tiled_s = (_run(path, case, mode) for mode in ("off", "tiles"))
        rows.append(_row(1, media_s, alone_s, off_s, tiled_s, "tiles"))
    print(f"\n{minutes:g} minutes of 1280 x 720 at 30 a second, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    table(rows)
    speeds = sorted(float(str(row["movement, x real time"])) for row in rows if row["looks"] == "whole")
    middle = speeds[len(speeds) // 2]
    figure = f"{middle:.1f} x in the median of {ROUNDS} rounds ({speeds[0]:.1f} to {speeds[-1]:.1f})"
    return verdict("5", "looking for movement in 720p30", figure, f">= {BAR:g} x real time", passed=middle >= BAR)


def _row(number: int, media_s: float, alone_s: float, off_s: float, on_s: float, looks: str) -> dict[str, object]:
    own_s = max(on_s - off_s, 1e-3)
    return {
        "looks": looks,
        "round": number,
        "decoding alone, x real time": f"{media_s / alone_s:.1f}",
        "run without movement": f"{media_s / off_s:.1f}",
        "run with": f"{media_s / on_s:.1f}",
        "movement, x real time": f"{media_s / own_s:.1f}",
        "movement / decoding alone": f"{own_s / alone_s:.2f}",
    }


if __name__ == "__main__":
    decode(Path(sys.argv[1]))
