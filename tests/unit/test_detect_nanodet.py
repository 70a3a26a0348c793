"""The detector: what goes in and comes out by numbers, then the real network on made and real pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from syncview.detect.nanodet import INPUT_PX, decode, find_figures_in, letter_box
from syncview.errors import InputError
from syncview.pipeline import detector
from syncview.pipeline.detector import open_detector, weights_path, why_no_detector
from syncview.settings import MovementSettings

SETTINGS = MovementSettings()
CAMPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "video" / "vtest.avi"
needs_weights = pytest.mark.skipif(not weights_path().exists(), reason="the detector's weights are absent: make setup")
SQUARE = (INPUT_PX, INPUT_PX)


def answer_with(
    size_px: tuple[int, int], place: tuple[int, int], kind: int, score: float, far: tuple[int, int, int, int]
) -> list[np.ndarray]:
    """What a network says that is sure of one thing, at a row and column of the middle grid; sides in strides."""
    counts = [(size_px[0] // stride) * (size_px[1] // stride) for stride in (8, 16, 32)]
    scores = [np.zeros((1, count, 80), np.float32) for count in counts]
    sides = [np.zeros((1, count, 44), np.float32) for count in counts]
    index = place[0] * (size_px[1] // 16) + place[1]
    scores[1][0, index, kind] = score
    for side, bins in enumerate(far):
        sides[1][0, index, side * 11 + bins] = 50.0
    return [*scores, *sides]


def test_a_picture_keeps_its_proportions_with_black_bars_up_to_the_next_multiple_of_32():
    picture = np.full((360, 640, 3), (10, 20, 30), np.uint8)
    batch, scale, offset_px = letter_box(picture)
    assert batch.shape == (1, 3, 256, INPUT_PX)
    assert scale == pytest.approx((0.65, 0.65))
    assert offset_px.tolist() == [0, 11]  # 234 px high, in the middle of 256
    inside, outside = batch[0, :, 128, 5], batch[0, :, 10, 5]
    assert inside == pytest.approx([(10 - 103.53) / 57.375, (20 - 116.28) / 57.12, (30 - 123.675) / 58.395])
    assert outside == pytest.approx([-103.53 / 57.375, -116.28 / 57.12, -123.675 / 58.395])


@pytest.mark.parametrize("size", [(640, 360), (576, 1024), (100, 100), (1921, 1079)])
def test_a_box_finds_back_to_the_picture(size):
    """At the middle grid's row 7, column 6: 2 strides to the left, 3 up, 4 right, 5 down, in pixels of the picture."""
    width_px, height_px = size
    picture = np.zeros((height_px, width_px, 3), np.uint8)
    batch, scale, offset_px = letter_box(picture)
    answer = answer_with(batch.shape[2:], (7, 6), 0, 0.8, (2, 3, 4, 5))
    (box,), (score,), (vehicle,) = find_figures_in(picture, lambda _: answer, settings=SETTINGS)
    in_batch = box.reshape(2, 2) * scale + offset_px
    expected = np.array([[6.5 - 2, 7.5 - 3], [6.5 + 4, 7.5 + 5]]) * 16
    np.testing.assert_allclose(in_batch, np.clip(expected, offset_px, offset_px + scale * size), atol=0.01)
    assert (score, vehicle) == (pytest.approx(0.8), False)


def test_a_side_is_the_mean_of_its_distribution():
    scores, sides = np.zeros((3549, 80), np.float32), np.zeros((3549, 4, 11), np.float32)
    scores[0, 0] = 0.9
    sides[0, :, 2], sides[0, :, 3] = np.log(3e6), np.log(1e6)  # three to one between 2 and 3 strides
    (box,), _, _ = decode((scores, sides), SQUARE, least_score=0.5)
    np.testing.assert_allclose(box, [4 - 18, 4 - 18, 4 + 18, 4 + 18], atol=1e-3)


@pytest.mark.parametrize(("kind", "vehicle"), [(0, False), (2, True), (3, True), (5, True), (7, True)])
def test_cars_motorcycles_buses_and_lorries_are_vehicles(kind, vehicle):
    _, scores, got = find_figures_in(
        np.zeros((416, 416, 3), np.uint8),
        lambda _: answer_with(SQUARE, (11, 14), kind, 0.7, (1, 1, 1, 1)),
        settings=SETTINGS,
    )
    assert got.tolist() == [vehicle]
    assert scores == pytest.approx([0.7])


@pytest.mark.parametrize("kind", [1, 4, 6, 8, 16])  # bicycle, aeroplane, train, boat, dog
def test_other_things_are_not_reported(kind):
    _, scores, _ = find_figures_in(
        np.zeros((416, 416, 3), np.uint8),
        lambda _: answer_with(SQUARE, (11, 14), kind, 0.9, (1, 1, 1, 1)),
        settings=SETTINGS,
    )
    assert scores.shape == (0,)


def test_other_pictures_and_answers_are_refused():
    with pytest.raises(InputError, match=r"uint8, got \(9, 9\), uint8"):
        find_figures_in(np.zeros((9, 9), np.uint8), lambda _: [], settings=SETTINGS)
    with pytest.raises(InputError, match="float32"):
        find_figures_in(np.zeros((9, 9, 3), np.float32), lambda _: [], settings=SETTINGS)
    picture = np.zeros((416, 416, 3), np.uint8)
    with pytest.raises(InputError, match="the detector's answer: expected arrays"):
        find_figures_in(picture, lambda _: answer_with(SQUARE, (0, 0), 0, 1.0, (1, 1, 1, 1))[:5], settings=SETTINGS)
    with pytest.raises(InputError, match="not finite"):
        find_figures_in(picture, lambda _: answer_with(SQUARE, (0, 0), 0, np.nan, (1, 1, 1, 1)), settings=SETTINGS)


def test_missing_or_other_weights_are_named(tmp_path, monkeypatch):
    path = tmp_path / "nanodet.onnx"
    monkeypatch.setattr(detector, "weights_path", lambda: path)
    assert "not installed" in (why_no_detector() or "")
    path.write_bytes(b"other")
    assert "not those of this version" in (why_no_detector() or "")
    with pytest.raises(InputError, match="not those of this version"):
        open_detector(SETTINGS)


@needs_weights
def test_the_network_sees_nobody_in_an_empty_picture():
    picture = np.full((360, 640, 3), 128, np.uint8)
    assert why_no_detector() is None
    boxes_px, _, _ = find_figures_in(picture, open_detector(SETTINGS).run, settings=SETTINGS)
    assert boxes_px.shape == (0, 4)


@needs_weights
@pytest.mark.parametrize("size", [(360, 640), (500, 400)])
def test_threads_and_repeats_change_nothing_and_opencv_says_the_same(size):
    picture = np.random.default_rng(4).integers(0, 256, (*size, 3), np.uint8)
    batch, _, _ = letter_box(cv2.GaussianBlur(picture, (0, 0), 8))
    one, two = open_detector(SETTINGS).run, open_detector(replace(SETTINGS, threads=2)).run
    first = one(batch)
    for other in (one(batch), two(batch)):
        assert all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    network = cv2.dnn.readNetFromONNX(str(weights_path()))
    network.setInput(batch)
    again = network.forward([f"Identity_{k}" if k else "Identity" for k in range(6)])
    for a, b in zip(first, again, strict=True):
        np.testing.assert_allclose(np.reshape(b, a.shape), a, atol=1e-3)


@pytest.mark.real
@needs_weights
@pytest.mark.skipif(not CAMPUS.exists(), reason="the recordings beside the checkout are absent")
@pytest.mark.parametrize("tiles", [(1, 1), (2, 2)])
def test_the_people_of_a_real_frame_are_found_once_each(tiles):
    """Counted by eye in the first frame: three people walk, a van and a car stand at the upper right."""
    with av.open(str(CAMPUS)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    settings = replace(SETTINGS, tiles=tiles, least_score=SETTINGS.least_track_score)
    boxes_px, scores, vehicle = find_figures_in(picture, open_detector(settings).run, settings=settings)
    middles = (boxes_px[:, :2] + boxes_px[:, 2:]) / 2
    persons = middles[~vehicle]
    assert sorted(persons[:, 0].tolist()) == pytest.approx([268, 514, 661], abs=8)
    assert sorted(middles[vehicle][:, 0].tolist()) == pytest.approx([690, 750], abs=8)
    assert (np.diff(scores) <= 0).all()
