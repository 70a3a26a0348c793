"""What `syncview sync` and `syncview detect` share: a run without a case folder, of which one part is printed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from syncview.case import load_case
from syncview.cli.inputs import exit_code, opened_pool, settings_with, tell
from syncview.cli.output import result_json
from syncview.cli.progress import showing_progress
from syncview.pipeline import analyze
from syncview.store import Ids
from syncview.timeline.schema import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.pipeline import Analysis
    from syncview.settings import MovementMode

__all__ = ["analyze_apart", "finish"]


def analyze_apart(
    inputs: Sequence[Path], case_file: Path | None, *, workers: int, quiet: bool, movement: MovementMode = "off"
) -> Analysis:
    """Run on files without keeping anything, and say what went wrong.

    Parameters
    ----------
    inputs : sequence of Path
        Files and folders.
    case_file : Path or None
        What people know.
    workers : int
        Processes that open media.
    quiet : bool
        Show no progress.
    movement : {"whole", "tiles", "off"}
        How people and vehicles are looked for.

    Returns
    -------
    Analysis
        As `analyze` gives it.
    """
    with (
        opened_pool(workers) as pool,
        tempfile.TemporaryDirectory(prefix="syncview-") as scratch,
        showing_progress(quiet=quiet) as progress,
    ):
        analysis = analyze(
            inputs,
            case=load_case(case_file or Path(scratch) / "case.toml"),
            ids=Ids(),
            cache_root=Path(scratch),
            settings=settings_with(movement),
            pool=pool,
            progress=progress,
        )
    tell(analysis, inputs)
    return analysis


def finish(analysis: Analysis, *parts: str, as_json: bool) -> int:
    """Print the named parts of the document as JSON if wanted, and give the exit code."""
    if as_json:
        document = json.loads(dumps(analysis.document))
        result_json({name: document[name] for name in ("schema", "version", "tool", "recordings", *parts)})
    return exit_code(analysis)
