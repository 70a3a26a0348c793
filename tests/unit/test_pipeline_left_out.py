"""What is told again without single files, and when there is nothing that could change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident_example import incident
from joint_example import NO_COPIES, matched_of
from moving_example import moved
from syncview.case import parse_case
from syncview.pipeline.gathered import Gathered
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.left_out import Told, analyses_without, assumption_findings, untried_findings
from syncview.settings import Settings
from syncview.store.ids import Ids
from syncview.timeline.analysis import analyse

PARTS = replace(incident(), recordings=tuple(r for r in incident().recordings if r.id != "rec-8"))  # no twins
SETTINGS = Settings()
STATED = replace(moved("e2", 20.0), calibration="stated by Rami", confidence=1.0)


def _told(*events, most_left_out=14):
    case = parse_case("")
    gathered = Gathered(
        recordings=PARTS.recordings,
        heard={},
        shown={},
        matched=matched_of(),
        pictures={},
        copies=NO_COPIES,
        twins=(),
        air={},
        knowledge=gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct),
        preferred=(),
    )
    return Told(
        gathered=gathered,
        parts=replace(PARTS, events=events),
        nominal=PARTS.groups,
        sounds=(),
        ids=Ids(),
        case=case,
        settings=replace(SETTINGS, reconstruct=replace(SETTINGS.reconstruct, most_left_out=most_left_out)),
    )


@pytest.mark.parametrize("events", [(), (moved("e1", 20.0), moved("e3", 21.0, "leaves"))], ids=["nothing", "movement"])
def test_movements_that_nobody_confirmed_start_nothing_again(events):
    told = _told(*events, most_left_out=3)
    assert untried_findings(told, at_speeds=False) == untried_findings(told, at_speeds=True) == ()
    assert assumption_findings(told, analyse(told.parts)) == ()
    tried = []
    assert analyses_without(_told(*events), lambda *done: tried.append(done)) == {}
    assert tried == []


@pytest.mark.parametrize("event", [PARTS.events[0], STATED], ids=["strike", "stated movement"])
def test_of_too_many_files_it_is_told_that_none_was_left_out(event):
    (finding,) = untried_findings(_told(moved("e1", 20.0), event, most_left_out=3), at_speeds=False)
    assert finding.kind == "not_tried"
    assert "more than 3 files with sound" in finding.message
    assert untried_findings(_told(event), at_speeds=False) == ()
