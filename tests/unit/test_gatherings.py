from dataclasses import replace

import numpy as np
import pytest

from crowd_truth_example import crowd_changes
from crowds_example import crowd_scene
from figures_example import Lens, Path, simulate
from syncview.detect.movements import find_movements
from syncview.detect.tracker import track_figures
from syncview.settings import MovementSettings
from tracks_example import empty_view, found, track_of, way_px


def coming(view, *, from_s=0.0, meet_s=10.0, part_s=30.0, places=((560, 500), (640, 510), (700, 500))):
    starts = ((100, 450), (1200, 480), (640, 690))
    return [
        track_of(
            f"person-{k}",
            view,
            way_px(view, (from_s, *start), (meet_s, *place), (part_s, *place), (part_s + meet_s - from_s, *start)),
        )
        for k, (start, place) in enumerate(zip(starts, places, strict=True))
    ]


def test_three_who_come_together_and_part_gather_and_disperse():
    view = empty_view(42)
    tracks = coming(view)
    (gathers,) = found(tracks, view, action="gathers")
    (disperses,) = found(tracks, view, action="disperses")
    assert gathers.subject == "group"
    assert gathers.label == "people come together"
    assert 4.0 < gathers.time_s < 10.5
    assert gathers.time_s + disperses.time_s == pytest.approx(40.0, abs=1.1)  # the way back is the way there
    assert set(gathers.track_names) == {"person-0", "person-1", "person-2"}


def test_a_short_meeting_is_none():
    view = empty_view(42)
    assert found(coming(view, from_s=5.0, meet_s=8.0, part_s=8.5), view, action="gathers") == []


def test_one_who_stands_far_behind_does_not_belong():
    view = empty_view(42)
    near = coming(view)
    behind = track_of("person-2", view, way_px(view, (0.0, 640, 690), (10.0, 640, 470), (41.8, 640, 470)), tall_px=45.0)
    assert found([*near[:2], behind], view, action="gathers") == []


def test_a_group_that_walks_in_together_does_not_gather():
    view = empty_view(30)
    group = [
        track_of(f"person-{k}", view, way_px(view, (2.0 + 0.3 * k, -50, 500), (29.0, 1100 - 60 * k, 500)))
        for k in range(3)
    ]
    assert found(group, view, action="gathers") == []


def test_somebody_hidden_for_a_while_does_not_end_a_crowd():
    view = empty_view(42)
    first, second, whole = coming(view)
    hidden = [
        replace(
            whole,
            name=f"person-{name}",
            points=tuple(point for point in whole.points if first_s <= point.time_s <= last_s),
        )
        for name, first_s, last_s in ((2, 0.0, 16.0), (3, 22.0, 42.0))
    ]
    tracks = [first, second, *hidden]
    assert len(found(tracks, view, action="gathers")) == 1
    (disperses,) = found(tracks, view, action="disperses")
    assert disperses.time_s == pytest.approx(31.5, abs=2.0)


def test_a_crowd_that_the_camera_turns_to_has_not_gathered():
    turn = np.zeros(210)
    turn[25:50] = -200.0
    view = empty_view(42, turn_px_s=turn)
    still = [(1400.0, 500.0), (1460.0, 505.0), (1520.0, 500.0)]
    shift = np.cumsum(turn / 5.0)
    crowd = [
        track_of(f"person-{k}", view, np.column_stack([x + shift, np.full(210, y)])) for k, (x, y) in enumerate(still)
    ]
    assert found(crowd, view, action="gathers") == []


def test_true_crowds_are_counted_by_where_people_stand_and_not_by_what_is_seen():
    spots = ((-0.5, 12.0), (0.5, 12.2), (0.0, 11.4))
    paths = tuple(
        Path(
            times_s=(come_s - 8.0, come_s, 25.0 + 2 * k, 33.0 + 2 * k), places_m=((-9.0, 12.0), spot, spot, (9.0, 12.0))
        )
        for k, (spot, come_s) in enumerate(zip(spots, (6.0, 8.0, 10.0), strict=True))
    )
    lens = Lens()
    scene = simulate(1, length_s=40.0, paths=paths, lens=lens, misses=0.9)
    (gathers, gathered_s), (disperses, parted_s) = crowd_changes(scene, lens)
    assert (gathers, disperses) == ("gathers", "disperses")
    assert 7.5 < gathered_s < 10.0  # the third is within 1.5 heights of the place some two seconds before he stands
    assert 25.0 < parted_s < 28.0


def test_what_is_told_of_simulated_crowds_is_right_more_often_than_not():
    told = right = happened = 0
    for seed in range(40_000, 40_006):
        one = crowd_scene(seed)
        tracks = track_figures(one.scene.watched, recording_id="r", cuts_s=(), settings=MovementSettings())
        movements = find_movements(
            tracks, one.scene.watched, (), recording_id="r", bangs_s=one.bangs_s, settings=MovementSettings()
        )
        sure = [each for each in movements if each.action in ("gathers", "disperses") and each.score >= 0.5]
        true = [
            any(t.action == each.action and abs(t.time_s - each.time_s) <= each.uncertainty_s for t in one.happened)
            for each in sure
        ]
        told, right, happened = told + len(true), right + sum(true), happened + len(one.happened)
    assert happened >= 5
    assert right >= 0.25 * happened
    assert right > 0.5 * told
