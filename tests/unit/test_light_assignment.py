"""Lights go to bangs jointly: what two cameras see at one moment wins, order and delays decide in a salvo."""

import pytest

from syncview.model import Clock, ClockSegment, Event, LightCandidate, Observation
from syncview.reconstruct.flash_distance import flash_distance
from syncview.reconstruct.light_assignment import assign_lights
from syncview.settings import FlashSettings

SETTINGS = FlashSettings()


def _light(light_s, score, kind="flash"):
    return LightCandidate(
        time_s=light_s + 0.02,
        before_s=light_s - 0.02,
        light_s=light_s,
        uncertainty_s=0.05,
        kind=kind,
        index=None,
        box_px=(0, 0, 10, 10),
        score=score,
        measures=(),
        reasons=(),
    )


def _clock(name, offset_s, *, uncertainty_s=0.1, applies_to="both"):
    part = ClockSegment(
        start_s=0.0,
        end_s=100.0,
        offset_s=offset_s,
        drift_ppm=0.0,
        drift_uncertainty_ppm=0.0,
        applies_to=applies_to,
        picture_check="unverified",
    )
    return Clock(
        recording_id=name,
        segments=(part,),
        uncertainty_s=uncertainty_s,
        sound_uncertainty_s=0.01,
        basis=("sound",),
        assumptions=(),
    )


def _strike(**heard_s):
    seen = tuple(
        Observation(recording_id=name, sound_s=at_s, sound_uncertainty_s=0.01, score=0.9, measures=(), reasons=())
        for name, at_s in heard_s.items()
    )
    return Event(
        id="",
        kind="strike",
        group_id="g",
        time_s=0.0,
        time_basis="explosion",
        uncertainty_s=0.1,
        end_s=None,
        confidence=0.9,
        calibration="",
        label="",
        min_separable_s=None,
        observations=seen,
    )


def _assign(strikes, lights, clocks, **kwargs):
    found = assign_lights(
        strikes,
        lights,
        {clock.recording_id: clock for clock in clocks},
        witnesses=kwargs.get("witnesses", {}),
        skews_s={},
        sound_speed_mps=343.0,
        spread_m=150.0,
        settings=SETTINGS,
    )
    best = {}
    for given in found:
        best.setdefault((given.strike, given.recording_id), given)
    return best


def test_two_cameras_that_see_one_moment_outweigh_a_brighter_rise():
    lights = {"a": (_light(10.0, 0.8), _light(12.0, 0.82)), "b": (_light(20.5, 0.95), _light(18.0, 0.3))}
    best = _assign([_strike(a=14.0, b=24.0)], lights, [_clock("a", 0.0), _clock("b", -10.5)])
    assert best[0, "a"].candidate.light_s == 10.0
    assert best[0, "b"].candidate.light_s == 20.5
    assert best[0, "a"].with_ids == ("b",)
    assert best[0, "a"].automatic
    assert not best[0, "a"].alone
    assert best[0, "a"].probability > 0.98


def test_one_camera_alone_is_not_picked_unless_beyond_doubt():
    one = _assign([_strike(a=14.0)], {"a": (_light(10.0, 0.97),)}, [_clock("a", 0.0)])[0, "a"]
    assert (one.automatic, one.alone) == (False, True)
    assert one.probability == pytest.approx(0.97, abs=0.005)
    sure = _assign([_strike(a=14.0)], {"a": (_light(10.0, 0.9999),)}, [_clock("a", 0.0)])[0, "a"]
    assert (sure.automatic, sure.alone) == (True, True)


def test_plumes_take_part_each_as_late_as_its_camera_sees_it():
    plume = "first plume"
    clocks = [_clock("a", 0.0), _clock("b", -10.5)]
    lights = {"a": (_light(10.0, 0.9), _light(12.0, 0.3, plume)), "b": (_light(20.9, 0.9, plume),)}
    best = _assign([_strike(a=14.0, b=24.0)], lights, clocks)
    assert best[0, "a"].candidate.light_s == 10.0
    assert best[0, "a"].with_ids == ("b",)
    assert best[0, "b"].candidate.kind == plume
    assert best[0, "a"].probability > 0.95
    apart = {name: tuple(_light(each.light_s, each.score) for each in own) for name, own in lights.items()}
    assert best[0, "b"].together > _assign([_strike(a=14.0, b=24.0)], apart, clocks)[0, "b"].together
    weak = {"a": (_light(10.0, 0.999),), "b": (_light(20.6, 0.79, plume),)}
    picked = _assign([_strike(a=14.0, b=24.0)], weak, clocks)
    assert picked[0, "b"].probability > SETTINGS.automatic_probability
    assert (picked[0, "a"].automatic, picked[0, "b"].automatic) == (True, False)
    salvo = {"a": tuple(_light(at_s, 0.7, plume) for at_s in (10.2, 11.5, 13.4))}
    found = _assign([_strike(a=12.0), _strike(a=13.5), _strike(a=15.1)], salvo, clocks)
    assert [found[k, "a"].candidate.light_s for k in range(3)] == [10.2, 11.5, 13.4]


def test_copies_do_not_confirm_each_other_and_withdrawn_pictures_are_not_used():
    lights = {"a": (_light(10.0, 0.9),), "b": (_light(10.0, 0.9),)}
    clocks = [_clock("a", 0.0), _clock("b", 0.0)]
    copies = _assign([_strike(a=14.0, b=14.0)], lights, clocks, witnesses={"a": "a", "b": "a"})
    assert not any(given.automatic for given in copies.values())
    withdrawn = [_clock("a", 0.0), _clock("b", 0.0, applies_to="audio")]
    assert set(_assign([_strike(a=14.0, b=14.0)], lights, withdrawn)) == {(0, "a")}


def test_a_salvo_takes_lights_in_order_with_like_delays():
    lights = {"a": (_light(10.0, 0.7), _light(11.5, 0.7), _light(13.1, 0.7))}
    strikes = [_strike(a=12.0), _strike(a=13.5), _strike(a=15.1)]
    best = _assign(strikes, lights, [_clock("a", 0.0)])
    assert [best[k, "a"].candidate.light_s for k in range(3)] == [10.0, 11.5, 13.1]
    every = assign_lights(
        strikes,
        lights,
        {"a": _clock("a", 0.0)},
        witnesses={},
        skews_s={},
        sound_speed_mps=343.0,
        spread_m=150.0,
        settings=SETTINGS,
    )
    for k in range(3):
        chances = [given.probability for given in every if given.strike == k]
        assert sum(chances) <= 1.0 + 1e-9
        assert len(chances) >= 2


def test_a_light_is_no_light_of_a_strike_that_its_camera_did_not_hear():
    lights = {"a": (_light(10.0, 0.9),), "b": (_light(10.5, 0.9),)}
    best = _assign([_strike(a=12.0), _strike(a=14.0, b=14.5)], lights, [_clock("a", 0.0), _clock("b", 0.0)])
    assert (0, "b") not in best


def test_light_after_its_bang_or_too_long_before_is_none():
    lights = {"a": (_light(14.5, 0.9), _light(7.0, 0.9))}
    assert _assign([_strike(a=14.0)], lights, [_clock("a", 0.0)]) == {}


def test_a_plume_gives_a_distance_of_at_least():
    given = {
        "delay_s": 2.0,
        "sound_uncertainty_s": 0.01,
        "light_uncertainty_s": 0.05,
        "skew_uncertainty_s": 0.04,
        "sound_speed_mps": 343.0,
        "slowest_sound_mps": 334.0,
        "wind_uncertainty_mps": 6.0,
        "most_yield_kg": 250.0,
    }
    flash, plume = flash_distance(**given), flash_distance(**given, at_least=True)
    assert flash.distance_m == pytest.approx(686.0)
    low, high = flash.interval_m
    assert 650 < low < 665
    assert high - 686.0 == pytest.approx(686.0 - low + dict(flash.budget)["shock_lead_m"], abs=0.1)
    assert plume.distance_m is None
    assert plume.interval_m == (low, None)
