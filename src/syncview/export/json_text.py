"""The timeline with everybody's decisions, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncview.store.decision_matching import attach_decisions
from syncview.timeline.schema import dumps

if TYPE_CHECKING:
    from syncview.store.decision_matching import Attached
    from syncview.store.decisions import Decision, ReadDecisions
    from syncview.timeline.schema import TimelineDocument

__all__ = ["json_text"]


def json_text(document: TimelineDocument, *, decisions: ReadDecisions) -> str:
    """Write the timeline and people's decisions as one document.

    Parameters
    ----------
    document : TimelineDocument
        The machine's result, which the decisions never change.
    decisions : ReadDecisions
        As `syncview.store.decisions.read_decisions` gives them.

    Returns
    -------
    str
        The keys of timeline.json under the schema name "syncview.timeline+decisions", and after them: ``decisions``
        (each with ``attached_to``, the id of the event that it is about now, or null), ``orphaned_decisions`` (about
        nothing that is still there), ``conflicts`` between reviewers, and ``unreadable_decisions`` in words.
    """
    reviewed = attach_decisions(decisions.decisions, document)
    merged = json.loads(dumps(document))
    merged["schema"] += "+decisions"
    merged["decisions"] = [_attached(each) for each in reviewed.attached]
    merged["orphaned_decisions"] = [_said(decision) for decision in reviewed.orphans]
    merged["conflicts"] = [
        {"event_id": conflict.event_id, "about": conflict.about, "said": dict(conflict.said)}
        for conflict in reviewed.conflicts
    ]
    merged["unreadable_decisions"] = list(decisions.troubles)
    return json.dumps(merged, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _attached(each: Attached) -> dict[str, Any]:
    said = _said(each.decision) | {"attached_to": each.event_id}
    return said if each.decision.same_as is None else said | {"same_as_attached_to": each.same_as_id}


def _said(decision: Decision) -> dict[str, Any]:
    """A decision with its reviewer first, without what it does not say."""
    said = decision.model_dump(mode="json", exclude_none=True)
    if not decision.tags:
        del said["tags"]
    return {"reviewer": said.pop("reviewer"), **said}
