"""Running the program as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from scipy import stats

SYNCVIEW = [sys.executable, "-m", "syncview"]
# Beside the checkout, or where the variable says.
DATA = Path(os.environ.get("SYNCVIEW_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def run_case(inputs: list[Path], case: Path, *more: str) -> tuple[dict[str, Any], int]:
    """`syncview run` without the page: the timeline and the exit code."""
    command = [*SYNCVIEW, "run", *map(str, inputs), "-o", str(case), "--no-page", "--quiet", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3, 4):
        message = f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}"
        raise RuntimeError(message)
    return json.loads((case / "timeline.json").read_text(encoding="utf-8")), done.returncode


def need_data() -> Path:
    """Folder of the real recordings.

    Raises
    ------
    SystemExit
        If it is not there: a benchmark that skips looks like one that passes.
    """
    if not DATA.is_dir():
        message = f"the real recordings are not in {DATA}; name their folder in SYNCVIEW_DATA"
        raise SystemExit(message)
    return DATA


def verdict(row: str, what: str, figure: str, bar: str, *, passed: bool) -> bool:
    """Print one line of the acceptance table and hand back whether it passed."""
    print(f"{'PASS' if passed else 'FAIL'}  row {row}  {what}: {figure}  (bar: {bar})", flush=True)
    return passed


def poisson_interval(count: int) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson mean (Garwood 1936)."""
    low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low), float(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def table(rows: list[dict[str, object]]) -> None:
    """Print rows as columns."""
    if not rows:
        print("(nothing)")
        return
    names = list(rows[0])
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[k]) for line in cells)) for k, name in enumerate(names)]
    print("  ".join(name.ljust(w) for name, w in zip(names, widths, strict=True)))
    for line in cells:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)), flush=True)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
