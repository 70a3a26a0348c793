"""What people say of followed figures: which one is meant, and what its tags and teams reach."""

from __future__ import annotations

from dataclasses import dataclass, replace

from corrections_example import NAMES, PARTS, SETTINGS, corrected, figure, looked_at, seen_movement
from syncview.case import parse_case
from syncview.model import Track
from syncview.pipeline.figure_notes import figure_notes, unplaced_findings, with_followed
from syncview.reconstruct.geometry import Position
from syncview.reconstruct.ways import StatedWay


@dataclass(frozen=True)
class Ground:
    time_s: float
    lat: float
    lon: float
    uncertainty_m: float


def _track(name, number, box_px, *, kind="person", times_s=(30.8, 31.0, 31.2)):
    points = tuple(looked_at(time_s, box_px) for time_s in times_s)
    return Track(recording_id=name, name=f"{kind}-{number}", kind=kind, points=points, score=0.7)


TRACKS = (
    _track("rec-1", 1, (620.0, 380.0, 660.0, 480.0)),
    _track("rec-1", 2, (500.0, 300.0, 900.0, 500.0), kind="vehicle"),
    _track("rec-2", 1, (10.0, 10.0, 30.0, 60.0)),
    _track("rec-1", 3, (620.0, 380.0, 660.0, 480.0), times_s=(50.0,)),
)


def _notes(text):
    return figure_notes(parse_case(text), PARTS.recordings, TRACKS, settings=SETTINGS.movement)


def test_a_figure_is_that_whose_box_holds_the_place():
    note = 'label = "medic"\ntags = ["rescuer"]\nof = "team-A"\nauthor = "Rami"'
    notes, findings = _notes(figure("rec-1", 640, 420, note))
    assert (list(notes), findings) == (["rec-1/person-1"], ())  # the person before the vehicle
    assert (notes["rec-1/person-1"].tags, notes["rec-1/person-1"].of) == (("rescuer",), "team-A")
    assert list(_notes(figure("rec-1", 520, 420, note))[0]) == ["rec-1/vehicle-2"]
    assert list(_notes(figure("rec-2", 20, 105, note))[0]) == ["rec-2/person-1"]  # 45 px below one of 50 px
    notes, (finding,) = _notes(figure("rec-2", 20, 115, note))
    assert (notes, finding.kind, finding.time_s) == ({}, "unmatched_correction", 31.0)
    assert "the nearest then is person-1 around x_px = 20, y_px = 35 at 31.00 s" in finding.message


def test_tags_of_a_figure_reach_its_movements_and_those_of_the_same_one():
    same = f'same_as = {{ file = "{NAMES["rec-2"]}", time_s = 31.0, x_px = 20, y_px = 30 }}'
    text = figure("rec-1", 640, 420, 'label = "medic"\ntags = ["rescuer"]\nauthor = "Rami"')
    seen = (seen_movement("rec-1", 31.0), seen_movement("rec-2", 24.6), seen_movement("rec-3", 31.0))
    alone = corrected(text, seen, tracks=TRACKS)
    assert [event.tags for event in alone.events] == [("rescuer",), (), ()]
    assert [event.label for event in alone.events[:2]] == [
        "a person comes into view (medic)", "a person comes into view"
    ]  # fmt: skip
    many = replace(seen[0], label="people part", track_ids=("rec-1/person-1", "rec-1/person-3"))
    assert corrected(text, (many,), tracks=TRACKS).events[0].label == "people part, among them medic"
    assert (alone.events[0].confidence, alone.events[0].calibration) == (0.62, "hand-labelled clips")
    assert "stated by Rami: the figure at 31 s of balcony.mp4: 'medic'; tagged rescuer" in (
        alone.events[0].observations[0].reasons
    )
    both = corrected(text + figure("rec-1", 640, 420, same + '\nauthor = "Rami"'), seen, tracks=TRACKS)
    assert [event.tags for event in both.events] == [("rescuer",), ("rescuer",), ()]
    assert both.notes["rec-2/person-1"].same == ("rec-1/person-1",)


def test_a_followed_figure_counts_as_its_team():
    notes, _ = _notes(figure("rec-1", 640, 420, 'of = "team-A"') + figure("rec-1", 640, 420, "of = 'B'", time_s=50.0))
    places = [Ground(time_s=30.8 + k / 5, lat=35.55, lon=36.6 + k / 1e5, uncertainty_m=8.0) for k in range(8)]
    grounds = {"rec-1/person-1": places, "rec-1/vehicle-2": places}
    named = StatedWay(of="team-A", camera_id=None, mover=None, waypoints=())
    (way,) = with_followed((named,), notes, grounds)  # where the other is on the ground, nobody knows
    assert (way.of, way.mover, [point.time_s for point in way.waypoints]) == ("team-A", "person", [30.8, 31.8, 32.2])
    assert way.waypoints[1].position == Position(lat=35.55, lon=36.60005, uncertainty_m=8.0)
    assert way.waypoints[0].basis == "followed as rec-1/person-1"
    assert way.waypoints[0].recording_id == "rec-1"
    (unplaced,) = unplaced_findings(notes, grounds)
    assert unplaced.recording_ids == ("rec-1",)
    assert "where rec-1/person-3 is on the ground is not known, so it gives B no place" in unplaced.message
