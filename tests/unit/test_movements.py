from dataclasses import replace

import numpy as np

from figures_example import simulate
from syncview.detect.movements import find_movements
from syncview.detect.tracker import track_figures
from syncview.model.movement import Unassessable
from syncview.settings import MovementSettings
from tracks_example import empty_view, found, track_of, way_px

SETTINGS = MovementSettings()
DARK = Unassessable(start_s=3.0, end_s=5.0, reasons=("dark",))


def walk_in(view, **kinds):
    return track_of("person-1", view, way_px(view, (2.0, -160, 500), (12.0, 640, 500)), **kinds)


def test_where_people_are_not_assessable_only_what_is_plain_is_told_and_with_less_support():
    view = empty_view(12)
    plain, faint = walk_in(view, score=0.7), walk_in(view, score=0.4)
    (by_day,) = found([plain], view, action="enters")
    (by_night,) = found([plain], view, unassessable=(DARK,), action="enters")
    assert by_night.score < 0.6 * by_day.score
    assert "dark" in by_night.reasons[-1]
    assert found([faint], view, unassessable=(DARK,), action="enters") == []


def test_tracks_of_other_recordings_are_passed_over():
    view = empty_view(12)
    assert found([replace(walk_in(view), recording_id="other")], view) == []


def test_nothing_comes_of_nothing():
    assert found([], empty_view(0)) == []
    assert found([], empty_view(5), bangs_s=(2.0,)) == []


def test_evidence_is_of_the_tracks_and_measures_are_numbers():
    scene = simulate(7, length_s=30.0, vehicles=1, tremor_deg=0.5)
    tracks = track_figures(scene.watched, recording_id="r", cuts_s=(), settings=SETTINGS)
    movements = found(list(tracks), scene.watched, bangs_s=(12.0,))
    assert len(movements) >= 5
    points = {track.name: set(track.points) for track in tracks}
    for one in movements:
        own = set().union(*(points[name] for name in one.track_names))
        assert one.evidence
        assert set(one.evidence) <= own
        assert 0.0 <= one.score <= 1.0
        assert one.uncertainty_s > 0.0
        assert all(np.isfinite(value) for _, value in one.measures)
        assert one.reasons
    assert [one.time_s for one in movements] == sorted(one.time_s for one in movements)


def test_the_same_tracks_in_any_order_give_the_same_movements():
    scene = simulate(3, length_s=30.0, vehicles=1)
    tracks = track_figures(scene.watched, recording_id="r", cuts_s=(), settings=SETTINGS)
    assert found(list(tracks), scene.watched) == found(list(tracks[::-1]), scene.watched)


def test_words_claim_no_more_than_was_seen():
    said = set()
    for seed in range(4):
        scene = simulate(seed, length_s=30.0, vehicles=2)
        tracks = track_figures(scene.watched, recording_id="r", cuts_s=(), settings=SETTINGS)
        for one in find_movements(tracks, scene.watched, (), recording_id="r", bangs_s=(10.0, 20.0), settings=SETTINGS):
            said |= {one.label, *one.reasons}
    text = " ".join(said).lower()
    assert not any(word in text for word in ("flee", "cover", "rescuer", "escape", "attack"))
