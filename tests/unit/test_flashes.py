"""Flashes in a picture, and what they say of its sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from syncview.detect.flashes import find_flashes
from syncview.errors import InputError
from syncview.model import Event, Observation
from syncview.reconstruct.flashes import pictures_out_of_step
from syncview.settings import PictureSettings

SETTINGS = PictureSettings()
TIMES_S = np.arange(300) / 30


def picture(*lights: tuple[float, list[float]], share: float = 1.0, seed: int = 1) -> np.ndarray:
    """Levels of 12 regions that sway by 0.3 levels, with lights from a moment on that cover a share of them."""
    levels = 90.0 + np.random.default_rng(seed).normal(0, 0.3, (len(TIMES_S), 12))
    for begin_s, added in lights:
        at = round(begin_s * 30)
        levels[at : at + len(added), : round(12 * share)] += np.array(added)[: len(levels) - at, None]
    return levels


FLASH = [37.0, 22.0, 12.0, 6.0, 3.0, 1.0]


def found(levels: np.ndarray) -> tuple[float, ...]:
    return find_flashes(TIMES_S, levels.astype(np.float16), settings=SETTINGS)


def test_flashes_are_found_at_their_first_bright_frame() -> None:
    assert found(picture((4.0, FLASH), (8.0, FLASH))) == pytest.approx((4.0, 8.0))
    assert found(picture((4.0, [9.0, 25.0, 10.0, 4.0]))) == pytest.approx((4.0,))


@pytest.mark.parametrize(
    "levels",
    [
        picture(),
        picture((4.0, [30.0] * 300)),  # an exposure that jumps, or a cut
        picture((4.0, [*np.arange(0, 30, 2.0), *np.arange(30, 0, -2.0)])),  # a cloud goes by
        picture((4.0, FLASH), share=0.5),  # a lamp in half of the picture
        picture((4.0, [-60.0] * 4)),  # something passes before the lens
        picture((9.97, [37.0])),  # nothing is known of what follows
    ],
)
def test_other_light_is_no_flash(levels: np.ndarray) -> None:
    assert found(levels) == ()


def test_a_picture_that_flickers_has_no_flash_of_the_flicker_size() -> None:
    levels = picture((4.0, FLASH)) + 6.0 * (-1.0) ** np.arange(len(TIMES_S))[:, None]
    assert found(levels) == ()


def test_shapes_are_checked() -> None:
    assert find_flashes(TIMES_S[:2], picture()[:2], settings=SETTINGS) == ()
    with pytest.raises(InputError, match="300 frames"):
        find_flashes(TIMES_S, picture()[:20], settings=SETTINGS)


def strike(time_s: float, **sounds_s: float) -> Event:
    seen = tuple(
        Observation(recording_id=name, sound_s=sound_s, sound_uncertainty_s=0.004, score=0.9, measures=(), reasons=())
        for name, sound_s in sounds_s.items()
    )
    return Event(
        id="",
        kind="strike",
        group_id="g1",
        time_s=time_s,
        time_basis="arrival_at:a",
        uncertainty_s=0.04,
        end_s=None,
        confidence=0.9,
        calibration="",
        label="explosion",
        min_separable_s=None,
        observations=seen,
    )


def judged(flashes_s: dict[str, list[float]], *strikes: Event, skew_s: float = 0.0) -> list[tuple[str, ...]]:
    found = pictures_out_of_step(
        strikes,
        flashes_s,
        skews_s={"a": skew_s, "b": 0.0, "c": 0.0},
        travel_s=lambda _a, _b: 1.0,
        settings=SETTINGS,
    )
    return [(*each.withdrawn, *(["possible"] if each.possible else [])) for each in found]


def test_a_bang_heard_before_its_flash_contradicts_that_picture() -> None:
    assert judged({"a": [20.0], "b": [15.0]}, strike(19.0, a=19.0, b=15.5)) == [("a",)]
    assert judged({"a": [20.0], "b": [15.0]}, strike(19.0, a=19.0, b=15.5), skew_s=-1.5) == []


def test_delays_that_differ_by_more_than_sound_travels_contradict_both() -> None:
    assert judged({"a": [20.0], "b": [15.0]}, strike(22.0, a=22.0, b=15.5)) == [("a", "b")]
    assert judged({"a": [20.0], "b": [15.0]}, strike(21.3, a=21.3, b=15.5)) == []


def test_delays_that_differ_by_nearly_as_much_as_sound_travels_leave_a_doubt() -> None:
    assert judged({"a": [20.0], "b": [15.0]}, strike(21.6, a=21.6, b=15.5)) == [("a", "b", "possible")]


def test_nothing_is_said_where_flash_and_bang_may_not_belong_together() -> None:
    bang = strike(19.0, a=19.0, b=15.5)
    assert judged({"a": [20.0, 40.0], "b": [15.0]}, bang) == []
    assert judged({"a": [20.0]}, bang) == []
    assert judged({"a": [28.0], "b": [15.0]}, bang) == []
    assert judged({"a": [20.0], "b": [15.0]}, bang, strike(27.0, a=27.0)) == []
    assert judged({"a": [20.0], "b": [15.0]}, bang, replace(strike(27.0, a=27.0), group_id="g2")) == [("a",)]
