"""Places that people state: cameras that move, teams, placed strikes, and what holds where nobody says."""

from __future__ import annotations

import pytest

from incident_example import clock, heard, strike
from joint_example import SETTINGS, recording
from syncview.case import parse_case
from syncview.model import Group
from syncview.pipeline.findings import stated_moment_s
from syncview.pipeline.knowledge import gather_knowledge
from syncview.pipeline.known_places import placed_events, ways_on_clocks
from syncview.pipeline.solution_places import placed_strike_findings
from syncview.reconstruct.geometry import Position

A, B = (recording(name) for name in "ab")
CASE = """
[case]
temperature_c = 20.0
temperature_uncertainty_c = 3.0
wind_speed_mps = 4.0
yield_kg = [0.0, 50.0]
[[recording]]
file = "b.mp4"
lat = 35.0
lon = 36.0
position_uncertainty_m = 8.0
[[position]]
of = "a.mp4"
file = "a.mp4"
time_s = 10.0
lat = 35.0
lon = 36.0
position_uncertainty_m = 5.0
[[position]]
of = "a.mp4"
file = "a.mp4"
time_s = 50.0
lat = 35.001
lon = 36.0
position_uncertainty_m = 5.0
[[position]]
of = "team-A"
mover = "person"
file = "b.mp4"
time_s = 1.0
lat = 35.0
lon = 36.001
basis = "seen"
[[position]]
of = "a.mp5"
file = "b.mp4"
time_s = 1.0
lat = 35.0
lon = 36.001
[[place]]
label = "first house"
kind = "initial impact"
lat = 35.002
lon = 36.0
[[place]]
label = "school"
lat = 35.003
lon = 36.0
position_uncertainty_m = 3.0
[[strike]]
near = { file = "b.mp4", time_s = 20.0 }
lat = 35.004
lon = 36.0
[[strike]]
near = { file = "b.mp4", time_s = 40.0 }
lat = 35.004
lon = 36.0
[[strike]]
near = { file = "nobody.mp4", time_s = 40.0 }
lat = 35.004
lon = 36.0
[[external]]
kind = "strike"
not_after = 2018-05-01T09:06:00Z
"""


@pytest.fixture(scope="module")
def knowledge():
    return gather_knowledge(parse_case(CASE), (A, B), settings=SETTINGS.reconstruct)


def test_air_has_its_half_widths(knowledge):
    air = knowledge.air
    assert air.sound_speed_mps == pytest.approx(343.2, abs=0.1)
    assert air.uncertainty_mps == pytest.approx(1.77, abs=0.02)  # 0.59 m/s a degree
    assert (air.wind_uncertainty_mps, air.most_yield_kg) == (4.0, 50.0)
    unknown = gather_knowledge(parse_case(""), (A, B), settings=SETTINGS.reconstruct).air
    assert unknown.uncertainty_mps == pytest.approx(9.0, abs=0.2)
    assert (unknown.wind_uncertainty_mps, unknown.most_yield_kg) == (6.0, 250.0)


def test_a_camera_that_moves_has_a_place_that_holds_all_of_it(knowledge):
    assert knowledge.geometry.positions["r-b"] == Position(lat=35.0, lon=36.0, uncertainty_m=8.0)
    moving = knowledge.geometry.positions["r-a"]
    assert moving.lat == pytest.approx(35.0005, abs=1e-6)
    assert moving.uncertainty_m == pytest.approx(55.47 + 5.0, abs=0.1)


def test_places_and_externals_are_handed_on(knowledge):
    first, school = knowledge.places
    assert (first.label, first.kind, first.uncertainty_m) == ("first house", "initial impact", 50.0)
    assert (school.label, school.kind, school.uncertainty_m) == ("school", "place", 3.0)
    assert knowledge.externals[0].kind == "strike"


def test_ways_come_on_the_groups_clocks(knowledge):
    groups = (
        Group(
            id="g", reference_id="r-a", clocks=(clock("r-a", 100.0, 60.0), clock("r-b", 90.0, 60.0, uncertainty_s=0.5))
        ),
    )
    camera, team, slip = ways_on_clocks(knowledge.ways, groups, lambda c, s: stated_moment_s(c, s, knowledge))
    assert (camera.of, [p.time_s for p in camera.waypoints]) == ("r-a", [110.0, 150.0])
    assert (team.of, team.mover, team.waypoints[0].group_id, team.waypoints[0].time_s) == (
        "team-A",
        "person",
        "g",
        91.0,
    )
    assert (team.waypoints[0].time_uncertainty_s, team.waypoints[0].basis) == (0.5, "seen")
    assert slip.of == "a.mp5"
    assert "of = 'a.mp5' is no recording, so it is taken for a team (is it 'a.mp4'?)" in knowledge.remarks[0]
    assert ways_on_clocks(knowledge.ways, (), lambda clock, _: clock) == ()


def test_a_placed_strike_finds_the_event_that_is_heard_there(knowledge):
    assert "nobody.mp4" in knowledge.troubles[0]
    events = (
        strike("strike-1", "g", 20.1, [heard("r-b", 20.1), heard("r-a", 18.0)]),
        strike("sound-1", "g", 20.4, [heard("r-b", 20.4)], kind="note"),
        strike("strike-2", "g", 45.0, [heard("r-b", 45.0)]),
    )
    placed, left = placed_events(events, knowledge.placed_strikes)
    assert {name: stated.position.lat for name, stated in placed.items()} == {"strike-1": 35.004}
    assert [stated.time_s for stated in left] == [40.0]


def test_two_places_of_one_strike_are_named_where_they_differ():
    tables = "".join(
        f'[[strike]]\nnear = {{ file = "b.mp4", time_s = {time_s} }}\nlat = {lat}\nlon = 36.0\n'
        "position_uncertainty_m = 10.0\n"
        for time_s, lat in ((20.0, 35.004), (20.2, 35.006), (20.1, 35.0061))
    )
    known = gather_knowledge(parse_case(tables), (A, B), settings=SETTINGS.reconstruct)
    events = (strike("strike-1", "g", 20.1, [heard("r-b", 20.1)]),)
    (found,) = placed_strike_findings(events, known)  # the second lies 11 m from the third: within both +-
    assert (found.kind, found.recording_ids, found.time_s, found.unit) == ("wrong_place", ("r-b",), 20.0, "m")
    assert found.value == pytest.approx(233.0, abs=1.0)
    first, _, last = (each.where for each in known.placed_strikes)
    assert found.message.startswith(f"{first} and {last} place strike-1 233 m apart")
