"""What people write as [[event]] becomes events on the clocks of their files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident_example import heard, incident, strike
from syncview.case import parse_case
from syncview.pipeline.assumed import assumed_of_ranging
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.stated_events import stated_events
from syncview.settings import Settings
from syncview.store.event_ids import settle_events
from syncview.store.ids import Ids
from syncview.timeline.analysis import analyse
from syncview.timeline.words import event_title, support_text

PARTS = replace(incident(), recordings=tuple(r for r in incident().recordings if r.id != "rec-8"))  # no twins
GROUPS = tuple(replace(group, id=f"g{k}") for k, group in enumerate(PARTS.groups, start=1))
SETTINGS = Settings()


def _event(kind, file, time_s, more=""):
    return f'[[event]]\nkind = "{kind}"\nfile = "{file}"\ntime_s = {time_s}\n{more}\n'


def _stated(text, machine=()):
    case = parse_case(text)
    known = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct)
    return stated_events(case, PARTS.recordings, GROUPS, machine, knowledge=known, settings=SETTINGS.places)


ARRIVES = 'action = "arrives"\nsubject = "vehicle"\nlabel = "ambulance arrives"\nauthor = "Rami"\nend_s = 29.0\n'


def test_a_movement_is_timed_by_the_picture_of_its_file():
    (found,) = _stated(_event("movement", "dashcam.mkv", 31.0, ARRIVES).replace("end_s = 29.0", "end_s = 35.0")).events
    assert (found.kind, found.action, found.subject, found.label) == (
        "movement",
        "arrives",
        "vehicle",
        "ambulance arrives",
    )
    assert found.time_s == pytest.approx(-3.5 + 31.0 * (1 - 40e-6), abs=1e-6)
    assert found.end_s == pytest.approx(-3.5 + 35.0 * (1 - 40e-6), abs=1e-6)
    assert found.uncertainty_s == pytest.approx((0.52**2 + 0.5**2) ** 0.5, abs=1e-6)  # the clock's and the reading's
    assert (found.time_basis, found.calibration, found.confidence) == ("seen_at:rec-3", "stated by Rami", 1.0)
    assert (found.observations[0].stated_s, found.observations[0].sound_s) == (31.0, None)
    assert (event_title(found), support_text(found)) == ("ambulance arrives", "stated by Rami")


def test_what_was_heard_without_a_picture_is_an_arrival():
    found = _stated(_event("movement", "whatsapp audio.ogg", 3.0) + _event("shot", "balcony.mp4", 3.0)).events
    assert [event.time_basis for event in found] == ["arrival_at:rec-4", "arrival_at:rec-1"]
    assert found[0].calibration == "stated by a person who left no name"


def test_ids_last_while_the_clock_moves_and_are_not_those_of_sounds():
    stated = _stated(_event("movement", "dashcam.mkv", 31.0) + _event("strike", "dashcam.mkv", 41.0)).events
    machine = tuple(replace(event, group_id="g1") for event in PARTS.events)
    named, ids = settle_events((*machine, *stated), PARTS.recordings, Ids())
    later = [replace(event, time_s=event.time_s + 0.4) for event in stated]
    again, _ = settle_events((*later, *machine), PARTS.recordings, ids)
    assert [event.id for event in again[:2]] == [event.id for event in named[-2:]]
    assert len({event.id for event in named}) == len(named)


def test_a_strike_that_was_heard_there_is_no_second_event():
    machine = (
        strike("e1", "g1", 20.0, [heard("rec-1", 20.0)]),
        strike("e2", "g1", 21.2, [heard("rec-1", 21.2)]),
    )
    text = _event("strike", "balcony.mp4", 19.5, 'label = "barrel bomb"\nauthor = "Rami"') + _event(
        "strike", "balcony.mp4", 26.0
    )
    found = _stated(text, machine)
    assert [event.time_s for event in found.events] == [26.0]
    assert found.heard[0].observations[0].reasons[-1] == "stated by Rami: barrel bomb"
    assert found.heard[0].observations[0].stated_s == 19.5
    assert found.heard[1] == machine[1]
    three = _stated(text + _event("strike", "balcony.mp4", 19.6) + _event("strike", "balcony.mp4", 19.4), machine)
    assert len(three.events) == 2  # each heard one answers to one statement, the nearest
    assert event_title(three.events[0]) == "explosion (stated)"


def test_stated_strikes_do_not_raise_the_count():
    stated = _stated(_event("strike", "balcony.mp4", 50.0)).events
    parts = replace(PARTS, events=(*PARTS.events, replace(stated[0], id="e9", group_id="group-1")))
    analysis = analyse(parts)
    assert (analysis.strike_count.at_least, len(analysis.strikes)) == (4, 5)


def test_moments_on_no_clock_and_references_that_mean_nothing_are_told():
    found = _stated(_event("movement", "dashcam.mkv", 55.0, 'label = "ambulance"') + _event("note", "nowhere.mp4", 1.0))
    assert found.events == ()
    assert [(f.kind, f.recording_ids, f.time_s) for f in found.findings] == [("off_clock", ("rec-3",), 55.0)]
    assert "(ambulance) at 55 s of the file is on no clock" in found.findings[0].message
    case = parse_case(_event("note", "nowhere.mp4", 1.0))
    (trouble,) = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct).troubles
    assert "nowhere.mp4" in trouble
    unused = '[[recording]]\nfile = "dashcam.mkv"\nuse = false\n'
    assert _stated(unused + _event("movement", "dashcam.mkv", 31.0)).events == ()


def test_what_nobody_states_is_assumed_in_words():
    def ranging(text):
        case = parse_case(text)
        known = gather_knowledge(case, PARTS.recordings, settings=SETTINGS.reconstruct)
        return assumed_of_ranging(case, known, SETTINGS.reconstruct)

    nothing = ranging("")
    assert nothing["rec-1"] == (
        "its picture and its sound are within 60 ms of each other",
        "the air was at 20 ± 15 °C",
        "the charge was of 0 to 250 kg",
    )
    stated = ranging(
        "[case]\ntemperature_c = 24.0\nyield_kg = [50.0, 100.0]\n"
        '[[recording]]\nfile = "balcony.mp4"\nav_skew_s = 0.0\nav_skew_uncertainty_s = 0.01\n'
    )
    assert stated["rec-1"] == ()
    assert stated["rec-2"] == ("its picture and its sound are within 60 ms of each other",)


def test_what_is_stated_of_a_file_holds_for_its_twin():
    twins = incident().recordings  # balcony.mp4 and balcony (1).mp4 are the same bytes; by path the second is first
    text = '[[recording]]\nfile = "balcony.mp4"\nlat = 35.55\nlon = 36.6\nav_skew_uncertainty_s = 0.01\n'
    known = gather_knowledge(parse_case(text), twins, settings=SETTINGS.reconstruct)
    assert known.geometry.positions.keys() == {"rec-1", "rec-8"}
    assert [known.skews[name].uncertainty_s for name in ("rec-1", "rec-8")] == [0.01, 0.01]
    text = '[[reject]]\na = "balcony.mp4"\nb = "dashcam.mkv"\n'
    assert gather_knowledge(parse_case(text), twins, settings=SETTINGS.reconstruct).rejects == {
        frozenset({"rec-8", "rec-3"})
    }
