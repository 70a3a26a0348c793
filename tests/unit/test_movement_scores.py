"""Scores of the movement benchmark against cases counted by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.movement_labels import LABELS, read_mot
from benchmarks.movement_scores import (
    DetectionScore,
    Moment,
    f1,
    matched,
    nearness,
    overlaps,
    pair_moments,
    score_tracks,
)

HERE = (0.0, 0.0, 10.0, 20.0)
THERE = (100.0, 0.0, 110.0, 20.0)


def test_overlap_of_halves():
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10]], float)
    assert overlaps(boxes, boxes) == pytest.approx(np.array([[1, 1 / 3], [1 / 3, 1]]))
    assert overlaps(np.zeros((0, 4)), boxes).shape == (0, 2)


def test_nearness_in_heights():
    assert nearness(np.array([[10, 0, 20, 20]], float), np.array([HERE]))[0, 0] == pytest.approx(0.5)


def test_more_pairs_before_likelier_ones():
    likeness = np.array([[0.9, 0.6], [0.6, 0.0]])
    assert matched(likeness) == [(0, 1), (1, 0)]


def test_precision_and_recall_with_an_ignored_place():
    score = DetectionScore()
    told = np.array([HERE, THERE, (200, 0, 210, 20), (300, 0, 310, 20)], float)
    score.add(told, np.array([HERE, (400, 0, 410, 50)], float), np.array([[190, -5, 220, 30]], float))
    assert (score.told, score.false, score.recall) == (3, 2, 0.5)
    assert score.precision == pytest.approx(1 / 3)
    assert score.true.tolist() == [1, 0, 1, 0, 0]
    assert score.found.tolist() == [1, 0, 0, 0, 0]


def test_perfect_tracks():
    truth = {frame: {1: HERE, 2: THERE} for frame in range(5)}
    score = score_tracks(truth, {frame: {7: HERE, 8: THERE} for frame in range(5)})
    assert (score.mota, score.idf1, score.switches, score.fragments) == (1.0, 1.0, 0, 0)


def test_tracks_that_change_places():
    """Two people, four frames; from the third on the tracks stand on the other person: two switches."""
    truth = {frame: {1: HERE, 2: THERE} for frame in range(4)}
    told = {frame: {7: HERE, 8: THERE} if frame < 2 else {8: HERE, 7: THERE} for frame in range(4)}
    score = score_tracks(truth, told)
    assert (score.misses, score.false, score.switches) == (0, 0, 2)
    assert score.mota == pytest.approx(1 - 2 / 8)
    assert score.idf1 == pytest.approx(2 * 4 / (8 + 8))


def test_a_person_lost_and_found_under_another_name():
    """Seen as 7 in frames 0 and 1, lost in 2, seen as 9 in 3 and 4; and one false box: by hand from the papers."""
    truth = {frame: {1: HERE} for frame in range(5)}
    told = {0: {7: HERE}, 1: {7: HERE}, 2: {}, 3: {9: HERE, 5: THERE}, 4: {9: HERE}}
    score = score_tracks(truth, told)
    assert (score.misses, score.false, score.switches, score.fragments) == (1, 1, 1, 1)
    assert score.mota == pytest.approx(1 - 3 / 5)
    assert score.idf1 == pytest.approx(2 * 2 / (5 + 5))


def test_frames_without_truth_are_passed_over():
    score = score_tracks({0: {1: HERE}}, {0: {7: HERE}, 1: {8: THERE}})
    assert (score.told, score.tracks, score.mota) == (1, 1, 1.0)


def test_moments_are_paired_once_and_by_kind():
    told = [Moment(what="enters person", time_s=t) for t in (1.0, 1.4, 5.0)] + [Moment(what="runs person", time_s=9.0)]
    true = [Moment(what="enters person", time_s=t) for t in (1.3, 8.9)]
    assert pair_moments(told, true, 1.0) == [(1, 0)]
    assert pair_moments([], true, 1.0) == []
    assert f1(4, 2, 1) == pytest.approx(1 / 3)
    assert f1(0, 0, 0) == 1.0


def test_mot_files_count_frames_from_one(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,9,499,158,31.5,75,1,-1,-1,-1\n11,9,400,158,30,75,1,-1,-1,-1\n", encoding="utf-8")
    truth = read_mot(path)
    assert truth.frames == (0, 10)
    assert truth.boxes_px[0][9] == (499, 158, 530.5, 233)


def test_labels_lie_in_their_clips():

    clips = json.loads(LABELS.read_text(encoding="utf-8"))["clips"]
    for clip in clips:
        for event in clip["events"]:
            assert 0 <= event["frame"] < clip["frames"]
            assert 0.0 <= event["time_s"] <= clip["last_s"]
        for frame in clip["boxes"]:
            boxes = np.array([figure[1:5] for figure in frame["figures"]])
            assert (boxes[:, 2:] > boxes[:, :2]).all()
