"""Statements that the others contradict are named, and the rest is solved without them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solving_example import CLOCKS_S, STRIKES, Example
from syncview.reconstruct.solving.problem import Problem, Tie
from syncview.reconstruct.solving.solution import Solution
from syncview.reconstruct.solving.solve import solve
from syncview.settings import SolvingSettings

SETTINGS = SolvingSettings(samples=60)
SOUNDS = {"v1": (20.0, 40.0), "v2": (260.0, 120.0), "v3": (90.0, -200.0), "v4": (60.0, 300.0), "v5": (-150.0, 20.0)}


def example(**changes) -> Example:
    return Example(**{"sounds": SOUNDS, "flashes": ("a", "b"), "noise_s": 0.003, **changes})


def named(problem: Problem) -> tuple[Solution, list[tuple[str, tuple[str, ...]]]]:
    solution = solve(problem, settings=SETTINGS)
    return solution, [(outlier.kind, outlier.about) for outlier in solution.outliers]


def assert_clocks_are_right(solution: Solution) -> None:
    for clock in solution.clocks:
        assert abs(clock.correction_s - CLOCKS_S[clock.piece]) <= max(clock.uncertainty_s, 1e-9)
        assert clock.uncertainty_s < 0.1


def test_nothing_is_named_where_all_agree():
    solution, outliers = named(example().problem())
    assert outliers == []
    assert_clocks_are_right(solution)


def test_an_echo_taken_for_the_sound_is_named_with_its_delay():
    solution, outliers = named(example(late_s={("d", "s2"): 0.25}).problem())
    assert outliers == [("arrival", ("d", "s2"))]
    assert solution.outliers[0].off_by == pytest.approx(0.25, abs=0.03)
    assert_clocks_are_right(solution)


def test_a_wrong_pin_is_named():
    tie = Tie(a="a", b="c", difference_s=CLOCKS_S["c"] + 0.6, uncertainty_s=0.04)
    solution, outliers = named(example(ties=(tie,)).problem())
    assert outliers == [("pin", ("a", "c"))]
    assert solution.outliers[0].off_by == pytest.approx(0.6, abs=0.03)
    assert_clocks_are_right(solution)


def test_a_camera_placed_500_m_off_is_named_and_its_clock_found():
    problem = example().problem()
    moved = replace(problem.cameras[2], position_m=(150.0 + 300.0, 190.0 - 400.0))
    solution, outliers = named(replace(problem, cameras=(*problem.cameras[:2], moved, *problem.cameras[3:])))
    assert outliers == [("position", ("c",))]
    assert solution.outliers[0].off_by == pytest.approx(500.0, abs=15.0)
    assert_clocks_are_right(solution)


def test_a_flash_of_something_else_is_named():
    problem = example().problem()
    lights = (replace(problem.lights[0], time_s=problem.lights[0].time_s - 0.7), *problem.lights[1:])
    solution, outliers = named(replace(problem, lights=lights))
    assert outliers == [("light", (lights[0].piece, lights[0].source_id))]
    assert_clocks_are_right(solution)


def test_a_geolocation_that_sound_contradicts_is_named_and_still_shown():
    problem = example(geolocated=("s1",)).problem()
    wrong = replace(problem.sources[0], place_m=(STRIKES["s1"][0] + 200.0, STRIKES["s1"][1]))
    solution, outliers = named(replace(problem, sources=(wrong, *problem.sources[1:])))
    assert outliers == [("place", ("s1",))]
    assert solution.outliers[0].off_by == pytest.approx(200.0, abs=10.0)
    assert solution.sources[0].place.place_m == wrong.place_m
    assert_clocks_are_right(solution)


def test_two_pins_that_contradict_each_other_are_both_named_and_neither_is_used():
    ties = tuple(Tie(a="a", b="b", difference_s=value_s, uncertainty_s=0.04) for value_s in (0.1, 0.7))
    solution, outliers = named(Example(placed=False, strikes={}, ties=ties).problem())
    assert outliers == [("pin", ("a", "b"))] * 2
    assert "instead" in solution.outliers[0].message
    assert not solution.clocks[1].improved


def test_a_camera_that_nobody_placed_gets_its_clock_from_what_it_heard():
    problem = example().problem()
    unknown = replace(problem.cameras[4], position_m=None, position_uncertainty_m=None)
    solution, outliers = named(replace(problem, cameras=(*problem.cameras[:4], unknown)))
    assert outliers == []
    assert solution.clocks[4].improved
    assert_clocks_are_right(solution)


def test_picks_that_scatter_more_than_stated_widen_what_is_stated():
    narrow = solve(example(noise_s=0.003).problem(), settings=SETTINGS)
    wide = solve(example(noise_s=0.02).problem(), settings=SETTINGS)
    both = zip(narrow.clocks[2:], wide.clocks[2:], strict=True)
    assert np.median([w.uncertainty_s / n.uncertainty_s for n, w in both]) > 1.3
