"""People and vehicles in pictures: detection, tracks, camera shake, arrivals, a whole incident, speed.

Real footage with hand labels (``labels/README.md``); ``--truth FILE`` adds a truth in MOT format of the campus clip.
``--row N`` runs one row, more than once if given so.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.movement_labels import CAMPUS, load_clips, read_mot
from benchmarks.running import need_data
from syncview.pipeline.detector import why_no_detector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.movement_labels import Clip


def main(argv: list[str] | None = None) -> bool:
    """Run the rows; whether all met their bars."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks movement --", description=__doc__)
    parser.add_argument("--row", type=int, action="append", choices=sorted(ROWS), help="default: all")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="published truth of the campus clip, MOT format")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keeps what was seen of the clips between runs")
    parser.add_argument("--seeds", type=int, default=10, help="shakes of row 2 and incidents of row 4 (10)")
    parser.add_argument("--minutes", type=float, default=3.0, help="of the clip of row 5 (3)")
    chosen = parser.parse_args(argv or [])
    if (missing := why_no_detector()) is not None:
        raise SystemExit(missing)
    clips = load_clips(need_data())
    passed = []
    for row in chosen.row or sorted(ROWS):
        print(f"\n== row {row} ==", flush=True)
        passed.append(ROWS[row](clips, chosen))
    return all(passed)


def _figures(clips: Sequence[Clip], chosen: argparse.Namespace) -> bool:
    from benchmarks.movement_detection import report_figures, report_tracks

    truth = read_mot(chosen.truth) if chosen.truth else None
    if truth is not None:
        print(f"published truth of {CAMPUS}: {chosen.truth.name}, {len(truth.frames)} frames")
    report_figures(clips, truth)
    report_tracks(clips, truth, chosen.keep)
    return True


def _shake(clips: Sequence[Clip], chosen: argparse.Namespace) -> bool:
    from benchmarks.movement_shake import report_shake

    return report_shake(clips, seeds=chosen.seeds)


def _events(clips: Sequence[Clip], chosen: argparse.Namespace) -> bool:
    from benchmarks.movement_events import report_events

    return report_events(clips, chosen.keep)


def _incidents(clips: Sequence[Clip], chosen: argparse.Namespace) -> bool:
    from benchmarks.movement_incident import report_incidents

    return report_incidents(clips, seeds=chosen.seeds)


def _speed(clips: Sequence[Clip], chosen: argparse.Namespace) -> bool:
    from benchmarks.movement_speed import report_speed

    return report_speed(clips, minutes=chosen.minutes)


ROWS = {1: _figures, 2: _shake, 3: _events, 4: _incidents, 5: _speed}
