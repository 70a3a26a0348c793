"""Tracks against simulated people, whose ways are known."""

from dataclasses import replace

import numpy as np
import pytest

from figures_example import Lens, Path, figures_of, simulate, watched_of
from syncview.detect.tracker import join_watched, stretches_of, track_figures
from syncview.settings.movement import MovementSettings
from tracking_scores import score_tracks

SEEDS = range(8)


def tracks_of(watched, cuts_s=()):
    return track_figures(watched, recording_id="camera", cuts_s=cuts_s, settings=MovementSettings())


def scored(**options):
    scores = []
    for seed in SEEDS:
        scene = simulate(seed, **options)
        scores.append(score_tracks(tracks_of(scene.watched), scene.truths, scene.watched.times_s))
    return {
        "idf1": 2 * sum(s.both for s in scores) / sum(s.told + s.true for s in scores),
        "each": sum(s.tracks for s in scores) / sum(s.figures for s in scores),
        "false": sum(s.false_tracks for s in scores),
    }


def test_people_are_followed_though_a_quarter_of_the_boxes_is_missing():
    score = scored(length_s=20.0)
    assert score["idf1"] > 0.82
    assert score["each"] < 1.25
    assert score["false"] <= 4  # of 50: those that two figures share, one after the other


def test_a_shaking_hand_costs_little_where_its_motion_is_known():
    known = scored(length_s=20.0, tremor_deg=1.0)
    unknown = scored(length_s=20.0, tremor_deg=1.0, motion_known=False)
    assert known["idf1"] > 0.82
    assert unknown["idf1"] < known["idf1"] - 0.3


@pytest.mark.parametrize("tremor_deg", [0.0, 0.5])
def test_who_stands_stays_put_under_a_pan(tremor_deg):
    stands = Path(times_s=(0.0, 20.0), places_m=((1.0, 12.0), (1.0, 12.0)))
    turn = ((4.0, -15.0), (8.0, 15.0))
    scene = simulate(2, length_s=12.0, paths=(stands,), tremor_deg=tremor_deg, turn=turn, false_each_frame=0.0)
    (track,) = tracks_of(scene.watched)
    places = np.array([point.still_px for point in track.points])
    boxes = np.array([point.box_px for point in track.points])
    assert np.ptp(boxes[:, 0]) > 500
    tall = np.median(boxes[:, 3] - boxes[:, 1])
    drift = np.linalg.norm(np.median(places[-8:], axis=0) - np.median(places[:8], axis=0))
    assert drift < 0.5 * tall  # a turn is no similarity far from the middle of the picture; 600 px without it


def test_gaps_are_filled_on_the_way():
    times_s = np.arange(20) / 5
    left = 100 + 20.0 * np.arange(20)
    boxes = np.column_stack([left, np.full(20, 200.0), left + 40, np.full(20, 300.0)])
    seen = np.setdiff1d(np.arange(20), [7, 8, 13])
    watched = watched_of(times_s, figures_of(seen, boxes[seen], np.full(len(seen), 0.6)))
    (track,) = tracks_of(watched)
    assert [k for k, point in enumerate(track.points) if not point.seen] == [7, 8, 13]
    np.testing.assert_allclose([point.box_px for point in track.points], boxes, atol=1e-3)
    np.testing.assert_allclose([point.still_px for point in track.points], boxes[:, [0, 3]] + [20, 0], atol=1e-3)
    assert [point.index for point in track.points] == (5 * np.arange(20)).tolist()
    assert (track.kind, track.name, track.recording_id) == ("person", "person-1", "camera")
    assert track.score == pytest.approx(0.6, abs=1e-6)


def walker(count=60, **options):
    times_s = np.arange(count) / 5
    left = 100 + 10.0 * np.arange(count)
    boxes = np.column_stack([left, np.full(count, 200.0), left + 40, np.full(count, 300.0)])
    return watched_of(times_s, figures_of(np.arange(count), boxes, np.full(count, 0.6)), **options)


def test_tracks_end_where_the_camera_is_lost_and_at_cuts():
    watched = walker()
    motion = watched.motion.copy()
    motion[20] = np.nan
    tracks = tracks_of(replace(watched, motion=motion), cuts_s=(7.95,))
    assert [(track.points[0].time_s, track.points[-1].time_s) for track in tracks] == [
        (0.0, 3.8),
        (4.0, 7.8),
        (8.0, 11.8),
    ]
    assert [(track.starts_cut_off, track.ends_cut_off) for track in tracks] == [(True, True)] * 3
    assert stretches_of(watched, (7.95,)) == ((0, 40), (40, 60))


def test_who_comes_and_goes_is_not_cut_off():
    watched = walker()
    kept = (watched.figures.frame >= 15) & (watched.figures.frame < 45)
    rows = np.flatnonzero(kept)
    figures = figures_of(watched.figures.frame[rows], watched.figures.boxes_px[rows], watched.figures.scores[rows])
    (track,) = tracks_of(replace(watched, figures=figures))
    assert (track.starts_cut_off, track.ends_cut_off) == (False, False)


def test_weak_boxes_continue_but_do_not_begin():
    weak = walker()
    figures = replace(weak.figures, scores=np.full(60, 0.35, np.float32))
    assert tracks_of(replace(weak, figures=figures)) == ()
    scores = np.full(60, 0.7, np.float32)
    scores[10::3] = 0.3
    (track,) = tracks_of(replace(weak, figures=replace(weak.figures, scores=scores)))
    assert all(point.seen for point in track.points)


def test_a_car_is_not_taken_for_the_person_beside_it():
    paths = (
        Path(times_s=(0.0, 10.0), places_m=((-6.0, 14.0), (6.0, 14.0))),
        Path(times_s=(2.0, 6.0), places_m=((-14.0, 16.0), (14.0, 16.0)), kind="vehicle", height_m=1.5, width_m=4.3),
    )
    scene = simulate(4, length_s=10.0, paths=paths, misses=0.1, false_each_frame=0.0, lens=Lens(height_m=5.0))
    tracks = tracks_of(scene.watched)
    assert sorted(track.kind for track in tracks) == ["person", "vehicle"]


def test_a_sudden_start_does_not_end_the_track():
    kept = 0
    for seed in range(12):
        runs = Path(times_s=(0.0, 6.0, 8.5), places_m=((-4.0, 12.0), (-4.0, 12.0), (6.0, 12.0)))
        scene = simulate(seed, length_s=8.5, paths=(runs,), misses=0.1, false_each_frame=0.0)
        kept += any(track.points[0].time_s < 3 and track.points[-1].time_s > 7.4 for track in tracks_of(scene.watched))
    assert kept >= 9


def test_colours_are_medians_of_what_could_be_told():
    watched = walker(20)
    light = np.full(20, np.nan, np.float32)
    light[:5] = [0.1, 0.8, 0.9, 0.8, 0.7]
    vivid = np.full(20, np.nan, np.float32)
    vivid[:2] = 0.5
    figures = replace(watched.figures, light_head=light, vivid_body=vivid)
    (track,) = tracks_of(replace(watched, figures=figures))
    assert track.colours == (("light headwear", pytest.approx(0.8)),)


def test_the_same_scene_gives_the_same_tracks_from_spans_too():
    scene = simulate(5, length_s=20.0, tremor_deg=0.5)
    whole = scene.watched
    assert tracks_of(whole) == tracks_of(whole)
    assert tracks_of(join_watched([part(whole, 0, 37), part(whole, 37, 80), part(whole, 80, 100)])) == tracks_of(whole)


def part(whole, first, last):
    """A span of it, as a job gives it: its figures counted from its own first frame."""
    rows = np.flatnonzero((whole.figures.frame >= first) & (whole.figures.frame < last))
    figures = {name: getattr(whole.figures, name)[rows] for name in type(whole.figures).__dataclass_fields__}
    figures["frame"] = figures["frame"] - first
    names = ("times_s", "indices", "motion", "brightness", "contrast", "sharpness", "strange_motion")
    kept = {name: getattr(whole, name)[first:last] for name in names}
    return replace(whole, figures=type(whole.figures)(**figures), **kept)


def test_spans_that_do_not_fit_are_refused():
    watched = walker(10)
    with pytest.raises(ValueError, match="ascend"):
        join_watched([watched, watched])
    with pytest.raises(ValueError, match="one size"):
        join_watched([watched, replace(watched, size_px=(640, 360), times_s=watched.times_s + 10)])
    with pytest.raises(ValueError, match="at least one"):
        join_watched([])


def test_nothing_gives_nothing():
    empty = watched_of(np.zeros(0), figures_of([], np.zeros((0, 4)), []))
    assert tracks_of(empty) == ()
    assert tracks_of(watched_of(np.arange(5) / 5, figures_of([], np.zeros((0, 4)), []))) == ()
