"""Echo or second strike, on arrivals computed from places of cameras, strikes and walls."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from syncview.model import Clock, ClockSegment, Detection, Group
from syncview.reconstruct.arrivals import arrivals_of_group, listeners_of_group
from syncview.reconstruct.echoes import (
    echoes_or_strikes,
    second_strike_model,
    second_strike_probability,
)
from syncview.reconstruct.expected import expected_arrivals
from syncview.reconstruct.geometry import Geometry
from syncview.reconstruct.second_sounds import MEASURES, second_sound
from syncview.settings import Settings

if TYPE_CHECKING:
    from syncview.reconstruct.second_sounds import SecondSound

C_MPS = 343.0
GEOMETRY = Geometry(positions={}, max_camera_distance_m=500.0, sound_speed_mps=C_MPS)
SETTINGS = Settings()
Point = tuple[float, float]
CAMERAS: dict[str, Point] = {"a": (0.0, 0.0), "b": (80.0, 30.0), "c": (-60.0, 50.0)}
STRIKE: Point = (0.0, 300.0)


def heard(
    name: str, time_s: float, score: float = 0.8, *, echo_of_s: float | None = None, weaker_db: float = 2.0
) -> Detection:
    measures = {"local_share": 0.1, "rise_low_db": 35.0, "high_over_mid_db": -6.0, "top_over_high_db": -9.0}
    if echo_of_s is not None:
        measures["weaker_than_first_db"] = weaker_db
    return Detection(
        recording_id=name,
        kind="blast",
        time_s=time_s,
        uncertainty_s=0.005,
        score=score,
        label="explosion",
        measures=tuple(measures.items()),
        reasons=("made up",),
        possible_echo_of_s=echo_of_s,
    )


def group() -> Group:
    segment = ClockSegment(
        start_s=0.0,
        end_s=60.0,
        offset_s=0.0,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to="both",
        picture_check="unverified",
    )
    clocks = tuple(
        Clock(
            recording_id=name,
            segments=(segment,),
            uncertainty_s=0.5,
            sound_uncertainty_s=0.02,
            basis=("sound",),
            assumptions=(),
        )
        for name in CAMERAS
    )
    return Group(id="g1", reference_id="a", clocks=clocks)


def at_s(place: Point, name: str) -> float:
    return math.dist(place, CAMERAS[name]) / C_MPS


def strike(time_s: float, place: Point = STRIKE, **of: float) -> list[Detection]:
    return [heard(name, time_s + at_s(place, name), **of) for name in CAMERAS]


def following(firsts: list[Detection], delays_s: dict[str, float], **of: float) -> list[Detection]:
    return [
        heard(d.recording_id, d.time_s + delays_s[d.recording_id], echo_of_s=d.time_s, **of)
        for d in firsts
        if d.recording_id in delays_s
    ]


def after(delay_s: float, place: Point) -> dict[str, float]:
    """Delays of a second strike."""
    return {name: delay_s + at_s(place, name) - at_s(STRIKE, name) for name in CAMERAS}


def mirrored(wall_y_m: float) -> dict[str, float]:
    """Delays of the echo from a wall behind the strike, seen from the cameras."""
    image = (STRIKE[0], 2 * wall_y_m - STRIKE[1])
    return {name: at_s(image, name) - at_s(STRIKE, name) for name in CAMERAS}


def told(*sounds: list[Detection]) -> SecondSound | None:
    """What is measured of the last of some sounds."""
    listeners = listeners_of_group(group(), geometry=GEOMETRY, recordings=(), duplicates=())
    arrivals = arrivals_of_group(list(itertools.chain(*sounds)), listeners)
    parts = [tuple(a for a in arrivals if a.detection in sound) for sound in sounds]
    return second_sound(parts[-1], parts, parts[:-1], listeners, settings=SETTINGS.reconstruct)


def possible_echo(*sounds: list[Detection]) -> bool:
    """What is said of the second of some sounds."""
    listeners = listeners_of_group(group(), geometry=GEOMETRY, recordings=(), duplicates=())
    arrivals = arrivals_of_group(list(itertools.chain(*sounds)), listeners)
    parts = [tuple(a for a in arrivals if a.detection in sound) for sound in sounds]
    return echoes_or_strikes(parts, listeners, settings=SETTINGS.reconstruct)[1].possible_echo


def test_a_second_strike_beside_the_first_has_one_delay_for_all_and_one_from_afar_has_not():
    first = strike(20.0)
    near = told(first, following(first, after(0.3, (10.0, 310.0))))
    assert near is not None
    assert near.delay_s == pytest.approx(0.33, abs=0.01)
    assert max(near.delays_s) - min(near.delays_s) < 0.02
    assert len(near.agreeing) == 3
    far = told(first, following(first, after(0.8, (200.0, 100.0))))
    assert far is not None
    assert len(far.agreeing) < 3


def test_a_second_strike_as_loud_as_the_first_is_one_and_a_wall_behind_it_is_not():
    first = strike(20.0)
    assert not possible_echo(first, following(first, after(0.3, (10.0, 310.0)), weaker_db=1.0))
    delays_s = mirrored(350.0)
    assert max(delays_s.values()) - min(delays_s.values()) < 0.01  # delays alone do not tell
    assert possible_echo(first, following(first, delays_s, weaker_db=9.0, score=0.3))


def test_a_wall_answers_every_strike_from_there():
    first, later = strike(20.0), strike(30.0)
    second = following(first, after(0.3, STRIKE), weaker_db=5.0, score=0.5)
    answer = following(later, after(0.3, STRIKE), weaker_db=5.0, score=0.5)
    alone, unanswered = told(first, second), told(first, later, second)
    answered = told(first, later, answer, second)
    assert alone is not None
    assert unanswered is not None
    assert answered is not None
    assert (alone.measures["answered_share"], alone.measures["unanswered_share"]) == (0.0, 0.0)
    assert (unanswered.measures["answered_share"], unanswered.measures["unanswered_share"]) == (0.0, 1.0)
    assert (answered.measures["answered_share"], answered.measures["unanswered_share"]) == (1.0, 0.0)
    said = [second_strike_probability(each.measures, second_strike_model()) for each in (answered, alone, unanswered)]
    assert said[0] < said[1] < said[2]
    assert unanswered.unanswered == tuple((name, pytest.approx(30.3 + at_s(STRIKE, name))) for name in CAMERAS)


def test_two_cameras_cannot_tell_an_echo_from_a_second_strike():
    first = [d for d in strike(20.0) if d.recording_id != "c"]
    assert possible_echo(first, following(first, after(0.3, STRIKE), weaker_db=0.0))


def test_a_camera_that_has_no_second_sound_is_listened_to_again_after_its_first():
    first = strike(20.0)
    second = [d for d in following(first, after(0.3, STRIKE)) if d.recording_id != "b"]
    expected = expected_arrivals([*first, *second], (group(),), geometry=GEOMETRY, settings=SETTINGS)
    (asked,) = (each for each in expected if each.recording_id == "b")
    assert asked.time_s == pytest.approx(20.3 + at_s(STRIKE, "b"), abs=1e-6)
    assert asked.half_s == SETTINGS.reconstruct.echo_look_s
    assert asked.most_chance == SETTINGS.reconstruct.echo_look_chance


def test_measures_are_held_within_what_the_fit_has_seen():
    model = second_strike_model()
    far = dict.fromkeys(MEASURES, 1e6)
    assert second_strike_probability(far, model) == pytest.approx(second_strike_probability(model.high, model))
    assert "simulated" in model.fitted_on
    against = replace(model, weights=dict.fromkeys(MEASURES, 0.0), constant=0.0)
    assert second_strike_probability(far, against) == 0.5
