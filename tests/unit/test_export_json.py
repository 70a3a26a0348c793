"""The JSON export is the timeline with everybody's decisions after it."""

import json

from decision_example import decision
from incident_example import incident
from syncview.export.json_text import json_text
from syncview.store.decisions import ReadDecisions
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps


def test_the_timeline_is_unchanged_and_decisions_stand_at_the_end():
    document = build_timeline(incident())
    said = (
        decision("Rami", "accept"),
        decision("Lina", "reject", comment="a door"),
        decision("Lina", "merge", event_id="strike-9", recording_time_s=50.0, same_as=decision("x", "accept")),
    )
    text = json_text(document, decisions=ReadDecisions(decisions=said, troubles=("x.jsonl, line 1 is no decision",)))
    exported, timeline = json.loads(text), json.loads(dumps(document))
    assert exported["schema"] == "syncview.timeline+decisions"
    added = ["decisions", "orphaned_decisions", "conflicts", "unreadable_decisions"]
    assert list(exported) == [*timeline, *added]
    assert {key: exported[key] for key in timeline if key != "schema"} == {
        key: timeline[key] for key in timeline if key != "schema"
    }
    assert next(iter(exported["decisions"][0])) == "reviewer"
    assert [each["attached_to"] for each in exported["decisions"]] == ["strike-1", "strike-1", None]
    assert exported["decisions"][2]["same_as_attached_to"] == "strike-1"
    assert [each["event_id"] for each in exported["orphaned_decisions"]] == ["strike-9"]
    assert exported["conflicts"] == [
        {"event_id": "strike-1", "about": "verdict", "said": {"Lina": "reject", "Rami": "accept"}}
    ]
    assert exported["unreadable_decisions"] == ["x.jsonl, line 1 is no decision"]
