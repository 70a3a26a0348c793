"""The JSON export is the timeline with everybody's decisions after it."""

import json

import pytest

from incident_example import incident
from syncview.errors import DocumentError
from syncview.export.json_text import json_text, merged_decisions
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps


def test_the_timeline_is_unchanged_and_decisions_stand_at_the_end():
    document = build_timeline(incident())
    exported = json.loads(json_text(document, decisions=[{"reviewer": "b", "decision": "accept"}]))
    timeline = json.loads(dumps(document))
    assert exported["schema"] == "syncview.timeline+decisions"
    assert list(exported) == [*timeline, "decisions"]
    assert {key: exported[key] for key in timeline if key != "schema"} == {
        key: timeline[key] for key in timeline if key != "schema"
    }


def test_decisions_of_all_reviewers_in_the_order_of_their_names(tmp_path):
    (tmp_path / "zoe.jsonl").write_text('{"decision": "reject"}\n', encoding="utf-8")
    (tmp_path / "adam.jsonl").write_text('{"decision": "accept"}\n\n{"comment": "line\u2028break"}\n', encoding="utf-8")
    assert merged_decisions(tmp_path) == [
        {"reviewer": "adam", "decision": "accept"},
        {"reviewer": "adam", "comment": "line\u2028break"},
        {"reviewer": "zoe", "decision": "reject"},
    ]
    assert merged_decisions(tmp_path / "absent") == []


def test_a_damaged_decision_is_named(tmp_path):
    (tmp_path / "adam.jsonl").write_text('{"decision": "accept"}\n[1]\n', encoding="utf-8")
    with pytest.raises(DocumentError, match=r"adam\.jsonl line 2 is not a decision"):
        merged_decisions(tmp_path)
