"""Clocks of the joint solution: what light, pins and geometry make of them, and what they must not pretend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solving_example import CAMERAS, CLOCKS_S, Example
from syncview.errors import InputError
from syncview.reconstruct.solving.problem import Tie
from syncview.reconstruct.solving.solve import solve
from syncview.settings import SolvingSettings

SETTINGS = SolvingSettings(samples=80)
SOUNDS = {f"v{k}": p for k, p in enumerate([(20, 40), (160, 120), (90, -60), (-40, 80), (110, 160), (60, 60)])}


def corrections(example: Example) -> dict[str, float]:
    return {clock.piece: clock.correction_s for clock in solve(example.problem(), settings=SETTINGS).clocks}


def test_flashes_in_two_cameras_give_their_clocks_without_any_place():
    solution = solve(Example(placed=False, flashes=("a", "b")).problem(), settings=SETTINGS)
    by_name = {clock.piece: clock for clock in solution.clocks}
    assert by_name["b"].correction_s == pytest.approx(CLOCKS_S["b"], abs=0.002)
    assert by_name["b"].uncertainty_s == pytest.approx(0.02 * np.sqrt(2 / 3), rel=0.3)
    assert by_name["b"].basis == ("flash",)
    assert not by_name["c"].improved
    assert (by_name["c"].correction_s, by_name["c"].uncertainty_s) == (0.0, 0.8)


def test_a_pin_gives_a_clock():
    tie = Tie(a="a", b="d", difference_s=0.12, uncertainty_s=0.05)
    clock = solve(Example(placed=False, strikes={}, ties=(tie,)).problem(), settings=SETTINGS).clocks[3]
    assert clock.basis == ("pin",)
    assert clock.correction_s == pytest.approx(0.12, abs=0.005)
    assert clock.uncertainty_s == pytest.approx(0.05, rel=0.25)


def test_common_sounds_at_unknown_places_give_the_clocks_of_placed_cameras():
    solution = solve(Example(strikes={}, sounds=SOUNDS, noise_s=0.003).problem(), settings=SETTINGS)
    for clock in solution.clocks[1:]:
        assert abs(clock.correction_s - CLOCKS_S[clock.piece]) < min(clock.uncertainty_s, 0.03)
        assert clock.basis == ("geometry",)
        assert clock.uncertainty_s < 0.06


def test_sound_alone_leaves_the_clocks_as_they_came():
    solution = solve(Example(placed=False).problem(), settings=SETTINGS)
    assert [clock.improved for clock in solution.clocks] == [False] * 5
    assert {clock.uncertainty_s for clock in solution.clocks[1:]} == {0.8}


def test_turning_and_moving_all_places_changes_no_clock():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])

    def moved(places):
        return {name: tuple((turn @ np.array(p) + (300.0, -50.0)).tolist()) for name, p in places.items()}

    plain = Example(strikes={}, sounds=SOUNDS, noise_s=0.003)
    other = Example(strikes={}, sounds=moved(SOUNDS), cameras=moved(CAMERAS), noise_s=0.003)
    one, two = corrections(plain), corrections(other)
    assert two == pytest.approx(one, abs=5e-4)


def test_the_order_of_cameras_changes_no_clock():
    plain = Example(sounds=SOUNDS, noise_s=0.003).problem()
    turned = replace(plain, cameras=plain.cameras[::-1], pieces=plain.pieces[::-1], arrivals=plain.arrivals[::-1])
    one = {c.piece: c.correction_s for c in solve(plain, settings=SETTINGS).clocks}
    two = {c.piece: c.correction_s for c in solve(turned, settings=SETTINGS).clocks}
    assert two == pytest.approx(one, abs=1e-3)


def test_a_constant_added_to_all_times_changes_no_clock():
    plain = Example(sounds=SOUNDS, noise_s=0.003).problem()
    later = replace(plain, arrivals=tuple(replace(a, time_s=a.time_s + 1000.0) for a in plain.arrivals))
    one = {c.piece: c.correction_s for c in solve(plain, settings=SETTINGS).clocks}
    two = {c.piece: c.correction_s for c in solve(later, settings=SETTINGS).clocks}
    assert two == pytest.approx(one, abs=1e-4)


def test_a_problem_that_names_what_it_does_not_hold_is_refused():
    problem = replace(Example().problem(), reference="z")
    with pytest.raises(InputError, match="piece 'z'"):
        solve(problem, settings=SETTINGS)
