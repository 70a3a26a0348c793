"""The table on the terminal says no more digits than the error bars allow."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aircraft_example import aircraft_parts
from incident_example import edited_group, heard, incident, strike
from located_example import located, place, way, waypoint
from syncview.cli.summary import print_timeline
from syncview.model import Duplicate, Proposal
from syncview.reconstruct.utc import UtcZero
from syncview.timeline.build import build_timeline
from syncview.timeline.stability import with_leave_one_out


def printed(capsys, **changes) -> list[str]:
    print_timeline(build_timeline(incident(**changes)))
    return capsys.readouterr().out.splitlines()


def test_clocks_are_rounded_to_what_the_sound_supports(capsys):
    lines = printed(capsys)
    row = next(line for line in lines if line.endswith("VID_20180501_121233.3gp"))
    assert row.split() == ["21.750", "s", "0.5", "s", "0.010", "s", "44.0", "s", "VID_20180501_121233.3gp"]
    group = incident().groups[0]
    coarse = replace(group, clocks=tuple(replace(clock, sound_uncertainty_s=1.6) for clock in group.clocks))
    lines = printed(capsys, groups=(coarse, *incident().groups[1:]))
    row = next(line for line in lines if line.endswith("VID_20180501_121233.3gp"))
    assert row.split()[:6] == ["21.8", "s", "0.5", "s", "1.6", "s"]


@pytest.mark.parametrize(
    ("uncertainty_s", "text"),
    [
        (2.5, "2018-05-01 09:13:10 +- 3 s"),
        (0.2, "2018-05-01 09:13:09.8 +- 0.3 s"),
        (0.0, "2018-05-01 09:13:09.750 +- "),
    ],
)
def test_utc_has_the_error_of_the_event_and_of_the_clock(capsys, uncertainty_s, text):
    zero = UtcZero(
        utc=datetime(2018, 5, 1, 9, 12, 51, 550_000, tzinfo=UTC),
        uncertainty_s=uncertainty_s,
        basis="overlay",
        conflict_s=0.0,
    )
    lines = printed(capsys, utc={"group-1": zero})
    (row,) = [line for line in lines if line.startswith("  strike-1 ")]
    assert text in row  # 18.2 s later


def test_without_utc_it_is_unknown(capsys):
    (row,) = [line for line in printed(capsys) if line.startswith("  strike-1 ")]
    assert row.split()[3:8] == ["18.200", "s", "0.012", "s", "unknown"]


def test_each_further_piece_of_a_file_has_a_line(capsys):
    lines = printed(capsys, groups=(edited_group(), *incident().groups[1:]))
    row = next(k for k, line in enumerate(lines) if line.endswith("balcony.mp4") and "reference" in line)
    assert [line.strip() for line in lines[row + 1 : row + 3]] == [
        "from 20.0 s on: +10.000 s (10.000 s are missing)",
        "from 50.0 s on: +10.000 s (sound only: when its picture was taken is not known)",
    ]


def test_findings_copies_and_proposals_are_in_words(capsys):
    proposals = (Proposal(other_id="rec-1", lag_s=3.0, basis="motion", score=4.2),)
    left = tuple(replace(one, proposals=proposals) for one in incident().unplaced)
    copies = (Duplicate(recording_ids=("rec-1", "rec-2"), kind="same_recording", evidence="equal sound"),)
    lines = printed(capsys, unplaced=left, duplicates=copies)
    assert "finding (cut): VID_20180501_121233.3gp: 1.4 s are missing from VID_20180501_121233.3gp" in lines
    assert "one witness: balcony.mp4, شارع السوق.mp4: the same recording (equal sound)" in lines
    said = "proposal, not a placement: it may start at 3.0 s on the clock of balcony.mp4, by motion (strength 4.2)"
    assert lines.count(f"    {said}") == 2
    (row,) = [line for line in lines if line.startswith("  strike-1 ")]
    assert "3: balcony.mp4, شارع السوق.mp4, dashcam.mkv, whatsapp audio.ogg (copies count once)" in row


def test_places_and_distances_stand_beside_what_they_rest_on(capsys):
    said = ("20 °C ± 15 °C",)
    events = (
        located("e1", 18.0, (0, 0), 38.2, ellipse=(38.2, 12.0, 30.0), assumptions=said),
        located("e2", 24.0, (60, 0), 12.0, alternatives=[(60, 90)]),
        strike("e3", "group-1", 30.0, [heard("rec-1", 30.0)], location_abstained="three cameras do not carry a place"),
    )
    known = {
        "places": (place("first house", (210, 0), 10.0, kind="initial impact"),),
        "ways": (way(waypoint(24.0, (0, 100), 10.0)),),
    }
    lines = printed(capsys, events=events, **known)
    start = lines.index("places of the events:")
    assert lines[start + 1 : start + 7] == [
        "  e1: 35.55000, 36.60000 within 40 m (by arrivals at 4 cameras)",
        "      within 40 m towards 30 degrees from north and back, within 12 m across",
        "      this holds if 20 °C ± 15 °C",
        "  e2: 35.55000, 36.60066 within 12 m (by arrivals at 4 cameras)",
        "      it may also have been at 35.55081, 36.60066 within 12 m",
        "  e3: not located: three cameras do not carry a place",
    ]
    assert "  e1 to first house (initial impact): 210 m (190 to 240 m)" in lines
    assert "  e1 to team-A at that moment: 100 m (50 to 150 m)" in lines
    assert "      this holds if 20 °C ± 15 °C; team-A, on foot, moved at 3 m/s at most" in lines
    assert "  e3 to first house (initial impact): not known: three cameras do not carry a place" in lines
    assert "  e2 to e1 (the located strike before): 60 m (40 to 150 m)" in lines
    (cluster,) = [line for line in lines if line.startswith("cluster: ")]
    assert cluster.startswith("cluster: 30 m (")
    assert cluster.endswith("of the strikes that could be located: 2 of 3")


def test_the_clocks_assumptions_stand_below_them(capsys):
    lines = printed(capsys)
    assert "  the +- of every clock holds if cameras within 500 m of each other" in lines


def test_what_single_files_change_is_told(capsys):
    document = build_timeline(incident())
    fewer = build_timeline(incident(events=incident().events[1:])).analysis
    for without, line in (
        (document.analysis, "leaving out any one file moves none of these numbers out of its +-"),
        (fewer, "  strike count: 3 to 4 instead of 4"),
    ):
        analysis = with_leave_one_out(document.analysis, {"rec-2": without})
        print_timeline(document.model_copy(update={"analysis": analysis}))
        assert line in capsys.readouterr().out.splitlines()


def test_aircraft_are_told_with_the_time_in_which_nobody_could_tell(capsys):
    (line,) = [line for line in printed(capsys, **aircraft_parts(incident().events)) if "aircraft sound: " in line]
    assert "possible in 2 stretches" in line
    assert line.endswith("nothing can be said of 10 s of the 225 s recorded; elsewhere one may have gone unnoticed")
