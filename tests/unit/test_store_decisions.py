"""Decisions are added line by line, survive killed writers, and find their events again."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from pydantic import ValidationError

from decision_example import FIRST_STRIKE_S, decision
from incident_example import heard, incident, strike
from moving_example import moved, moving_incident
from syncview.store.decision_matching import Conflict, attach_decisions
from syncview.store.decisions import append_decision, file_name_of, read_decisions
from syncview.timeline.build import build_timeline

DOCUMENT = build_timeline(incident())


def test_decisions_come_back_as_they_were_and_nothing_before_them_changes(tmp_path):
    folder = tmp_path / "decisions"
    said = (
        decision("Rami", "accept"),
        decision("Rami", "move", time_s=18.3, comment="line\u2028break"),
        decision("Rami", "rename", label="barrel bomb", tags=("first",)),
        decision("Rami", "merge", same_as=decision("x", "accept", recording="rec-2", recording_time_s=11.1)),
        decision("سامي", "add", event_id=None, kind="movement", action="enters", end_s=40.0, subject="person"),
    )
    for each in said:
        before = {path: path.read_bytes() for path in folder.glob("*.jsonl")}
        path = append_decision(folder, each)
        assert path.read_bytes().startswith(before.get(path, b""))
    assert {path.name for path in folder.glob("*.jsonl")} == {"Rami.jsonl", "سامي.jsonl"}
    assert read_decisions(folder).decisions == said
    assert read_decisions(folder).troubles == ()
    assert read_decisions(tmp_path / "absent").decisions == ()


def test_a_broken_line_costs_only_itself_and_is_named(tmp_path):
    path = append_decision(tmp_path, decision("Rami", "accept"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])  # a killed writer
    found = read_decisions(tmp_path)
    assert found.decisions == (decision("Rami", "accept"),)
    (trouble,) = found.troubles
    assert trouble.startswith("Rami.jsonl, line 2 is no decision (cut off at the end): ")
    append_decision(tmp_path, decision("Rami", "reject"))
    assert path.read_bytes().startswith(whole + whole[:40] + b"\n{")
    found = read_decisions(tmp_path)
    assert [each.verdict for each in found.decisions] == ["accept", "reject"]
    assert found.troubles[0].startswith("Rami.jsonl, line 2 is no decision: ")
    path.write_bytes(whole.replace(b'"accept"', b'"delete"'))
    assert "verdict: Input should be 'accept', 'reject'" in read_decisions(tmp_path).troubles[0]


def test_reviewers_who_write_at_once_lose_nothing(tmp_path):
    def write(number):
        for k in range(5):
            append_decision(tmp_path, decision("Rami", "comment", comment=f"{number} {k} " + "x" * 5000))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = read_decisions(tmp_path)
    assert (len({each.comment for each in found.decisions}), found.troubles) == (20, ())


@pytest.mark.parametrize(
    "reviewer",
    ["../../etc/passwd", "..", ".hidden", "CON", "lpt1", "a/b", "a\\b", "x ", " x", "c:", "a" * 200, "س" * 200],
)
def test_no_reviewer_leads_out_of_the_folder(reviewer):
    name = file_name_of(reviewer)
    assert not set(name) & set('/\\:*?"<>|')
    assert not name.startswith((".", " "))
    stem = name.removesuffix(".jsonl")
    assert stem.casefold() not in ("con", "lpt1")
    assert not stem.endswith((".", " "))
    assert len(name.encode()) <= 130


def test_other_reviewers_have_other_files():
    names = ["a/b", "a%2Fb", "a b", "a_b", "a" * 200, "a" * 201, "é", "e"]
    assert len({file_name_of(name) for name in names}) == len(names)
    assert file_name_of("e\u0301") == file_name_of("\u00e9")  # a Mac writes the same letter otherwise


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "comment"}, "'comment' needs comment"),
        ({"verdict": "move", "comment": "later"}, "'move' needs time_s or end_s"),
        ({"verdict": "rename"}, "'rename' needs label or new_action or subject or tags"),
        ({"verdict": "merge"}, "'merge' needs same_as"),
        ({"verdict": "accept", "label": "x"}, "'accept' goes without label"),
        ({"verdict": "add", "label": "x"}, "only what is added has no event_id"),
        ({"event_id": None}, "only what is added has no event_id"),
        ({"reviewer": ""}, "reviewer"),
        ({"reviewer": "a\nb"}, "reviewer"),
        ({"reviewer": "a\x00b"}, "reviewer"),
        ({"reviewer": "\x7f"}, "reviewer"),
        ({"reviewer": " "}, "reviewer"),
        ({"reviewer": "\u00a0\u2003"}, "reviewer"),
        ({"event_id": "e1\x1b"}, "event_id"),
        ({"sha256": "abc"}, "sha256"),
        ({"recording_time_s": float("nan")}, "recording_time_s"),
        ({"decided_utc": "yesterday"}, "decided_utc"),
        ({"score": 0.3}, "Extra inputs are not permitted"),
    ],
)
def test_decisions_that_are_not_whole_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        decision(**{"reviewer": "Rami", "verdict": "accept"} | changes)


def test_a_decision_is_found_again_by_file_and_moment():
    def ids(*said):
        return [each.event_id for each in attach_decisions(said, DOCUMENT).attached]

    assert ids(decision("R", "accept"), decision("R", "accept", event_id="e77")) == ["strike-1", "strike-1"]
    assert ids(decision("R", "accept", recording_time_s=FIRST_STRIKE_S + 0.05)) == ["strike-1"]
    assert ids(decision("R", "accept", recording_time_s=FIRST_STRIKE_S + 0.051)) == [None]
    assert ids(decision("R", "accept", kind="shot")) == ["strike-1"]  # one sound, judged anew
    assert ids(decision("R", "accept", kind="movement")) == [None]
    assert ids(decision("R", "accept", recording="rec-2")) == [None]
    near = [
        strike("e1", "group-1", 20.0, [heard("rec-1", 20.0)]),
        strike("e2", "group-1", 20.04, [heard("rec-1", 20.04)]),
    ]
    close = build_timeline(replace(incident(), events=tuple(near)))
    said = [decision("R", "accept", recording_time_s=20.03, event_id=name) for name in ("e1", "e9")]
    assert [each.event_id for each in attach_decisions(said, close).attached] == ["e1", "e2"]


def test_a_verdict_stays_on_its_movement_when_ids_swap():
    swapped = build_timeline(moving_incident(events=(moved("e1", 20.0, "leaves"), moved("e2", 20.0))))
    about = {"recording": "rec-2", "recording_time_s": 12.75, "kind": "movement"}

    def found(event_id, action, verdict="accept"):
        (each,) = attach_decisions(
            [decision("R", verdict, event_id=event_id, action=action, **about)], swapped
        ).attached
        return each.event_id

    assert [found("e1", "enters"), found("e2", "leaves"), found("e9", "enters")] == ["e2", "e1", "e2"]
    assert [found("e1", "runs"), found("e1", None)] == ["e1", "e1"]  # corrected since, or not told
    assert found("e9", "runs") is None
    assert [found(None, "leaves", "add"), found(None, "runs", "add")] == ["e1", None]


def test_orphans_are_listed_and_what_is_added_is_none():
    lost = decision("R", "reject", recording_time_s=55.0)
    half = decision("R", "merge", same_as=lost)
    added = decision("R", "add", event_id=None, kind="movement", action="runs", recording_time_s=3.0)
    found = attach_decisions((lost, half, added), DOCUMENT)
    assert found.orphans == (lost, half)
    assert [each.event_id for each in found.attached] == [None, "strike-1", None]


def test_conflicts_are_between_what_reviewers_said_last():
    def conflicts(*said):
        return attach_decisions(said, DOCUMENT).conflicts

    no, yes = decision("Lina", "reject"), decision("Rami", "accept")
    assert conflicts(no, yes) == (
        Conflict(event_id="strike-1", about="verdict", said=(("Lina", "reject"), ("Rami", "accept"))),
    )
    assert conflicts(no, yes, decision("Lina", "accept")) == ()
    assert conflicts(yes, decision("Lina", "comment", comment="no?")) == ()
    assert conflicts(yes, decision("Rami", "reject")) == ()
    moved = (decision("Lina", "move", time_s=18.0), decision("Rami", "move", time_s=18.5))
    assert conflicts(*moved) == (Conflict(event_id="strike-1", about="time_s", said=(("Lina", 18.0), ("Rami", 18.5))),)
    assert [each.about for each in conflicts(no, moved[1])] == ["verdict"]  # who moves it accepts it
