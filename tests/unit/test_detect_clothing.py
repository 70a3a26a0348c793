"""Colours of painted persons."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.clothing import clothing_shares
from syncview.errors import InputError
from syncview.settings import MovementSettings

SETTINGS = MovementSettings()
WHITE, GREY, SKIN = (245, 245, 245), (120, 120, 120), (120, 150, 200)  # blue, green, red
YELLOW, ORANGE, BRICK = (40, 240, 205), (20, 90, 250), (60, 70, 140)


def person(head: tuple[int, int, int], body: tuple[int, int, int], *, height_px: int = 160) -> np.ndarray:
    """A grey wall, and before it a person 160 px high at x 20 to 80, y 20 to 180, painted."""
    picture = np.full((220, 120, 3), GREY, np.uint8)
    picture[20 : 20 + height_px * 16 // 100, 30:70] = head
    picture[20 + height_px * 18 // 100 : 20 + height_px * 60 // 100, 25:75] = body
    return picture


def shares(picture: np.ndarray, box=(20, 20, 80, 180), vehicle: bool = False) -> list[float]:
    boxes = np.array([box], np.float32)
    return [float(each[0]) for each in clothing_shares(picture, boxes, np.array([vehicle]), settings=SETTINGS)]


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (WHITE, GREY, (1, 0, 0)),
        (SKIN, YELLOW, (0, 0, 1)),
        (ORANGE, ORANGE, (0, 1, 1)),
        (SKIN, BRICK, (0, 0, 0)),  # neither skin nor dull red is of high visibility
        (GREY, WHITE, (0, 0, 0)),  # a white shirt is no headwear
    ],
)
def test_painted_persons_have_their_colours(head, body, expected):
    assert shares(person(head, body)) == pytest.approx(expected, abs=0.05)


def test_half_a_vest_is_half_a_share():
    picture = person(SKIN, GREY)
    picture[20:180, 50:80] = YELLOW
    assert shares(picture)[2] == pytest.approx(0.5, abs=0.05)


def test_small_persons_vehicles_and_boxes_outside_are_not_told():
    picture = person(WHITE, YELLOW)
    assert np.isnan(shares(picture, (20, 20, 80, 79))).all()
    assert np.isnan(shares(picture, vehicle=True)).all()
    assert np.isnan(shares(picture, (200, 20, 260, 180))).all()
    assert clothing_shares(picture, np.empty((0, 4), np.float32), np.empty(0, np.bool_), settings=SETTINGS)[
        0
    ].shape == (0,)


def test_other_arrays_are_refused():
    with pytest.raises(InputError, match=r"uint8, got \(220, 120\)"):
        clothing_shares(
            np.zeros((220, 120), np.uint8), np.zeros((1, 4), np.float32), np.zeros(1, np.bool_), settings=SETTINGS
        )
    with pytest.raises(InputError, match=r"boxes of shape \(2, 4\)"):
        clothing_shares(person(GREY, GREY), np.zeros((1, 4), np.float32), np.zeros(2, np.bool_), settings=SETTINGS)
