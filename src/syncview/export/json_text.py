"""The timeline with everybody's decisions, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncview.errors import DocumentError
from syncview.timeline.schema import dumps

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.timeline.schema import TimelineDocument

__all__ = ["json_text", "merged_decisions"]


def json_text(document: TimelineDocument, *, decisions: list[dict[str, Any]]) -> str:
    """Write the timeline and people's decisions as one document.

    Parameters
    ----------
    document : TimelineDocument
        The machine's result, which the decisions never change.
    decisions : list of dict
        As `merged_decisions` reads them.

    Returns
    -------
    str
        The keys of timeline.json under the schema name "syncview.timeline+decisions", and ``decisions`` at the end.
    """
    merged = json.loads(dumps(document))
    merged["schema"] += "+decisions"
    merged["decisions"] = decisions
    return json.dumps(merged, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def merged_decisions(folder: Path) -> list[dict[str, Any]]:
    """Read every reviewer's decisions.

    Parameters
    ----------
    folder : Path
        CASE/decisions, with one ``<reviewer>.jsonl`` each; may be absent.

    Returns
    -------
    list of dict
        One per line, reviewer by reviewer in the order of their names, each with ``reviewer`` first.

    Raises
    ------
    DocumentError
        If a line is not a JSON object; names the file and the line.
    """
    decisions = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if not line.strip():
                continue
            try:
                said = json.loads(line)
            except json.JSONDecodeError:
                said = None
            if not isinstance(said, dict):
                msg = f"{path} line {number} is not a decision"
                raise DocumentError(msg, hint="restore the file, or move it out of the folder")
            decisions.append({"reviewer": path.stem, **said})
    return decisions
