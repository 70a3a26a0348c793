"""Rows of the joint solution: slopes against differences, sparse sums against dense ones, and the lead of a shock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solving_example import Example
from syncview.reconstruct.solving.descent import descend, polish
from syncview.reconstruct.solving.equations import equations_of
from syncview.reconstruct.solving.evaluation import System
from syncview.reconstruct.solving.problem import Problem, Tie
from syncview.reconstruct.solving.solve import solve
from syncview.reconstruct.solving.unknowns import unknowns_of
from syncview.settings import SolvingSettings

SETTINGS = SolvingSettings(samples=60)


def problem() -> Problem:
    tie = Tie(a="a", b="b", difference_s=0.2, uncertainty_s=0.04, seen=False)
    made = Example(flashes=("a", "b"), geolocated=("s1",), ties=(tie,), sounds={"v": (10, 10)}, skew_s=0.04).problem()
    pieces = tuple(replace(p, drift_uncertainty_ppm=0.0 if p.name == "a" else 90.0) for p in made.pieces)
    return replace(made, pieces=pieces, air=replace(made.air, most_yield_kg=250.0))


def system(made: Problem) -> System:
    return System(equations_of(made, unknowns_of(made, settings=SETTINGS), settings=SETTINGS))


def somewhere(of: System) -> np.ndarray:
    rng = np.random.default_rng(3)
    z = 0.2 * rng.normal(size=of.count)
    z[of.equations.unknowns.place.ravel()] *= 300.0
    return z


def test_slopes_are_those_of_the_residuals():
    of = system(problem())
    z = somewhere(of)
    slopes = of.jacobian(of.evaluate(z[None])).toarray()
    for column in range(of.count):
        step = np.zeros(of.count)
        step[column] = 1e-5
        both = of.evaluate(np.array([z + step, z - step])).residuals
        assert slopes[:, column] == pytest.approx((both[0] - both[1]) / 2e-5, rel=1e-3, abs=1e-3)


def test_sums_over_rows_are_those_of_the_dense_matrix():
    of = system(problem())
    at = of.evaluate(np.array([np.zeros(of.count), somewhere(of)]))
    weights = np.random.default_rng(4).uniform(0.5, 2.0, (2, of.equations.n_rows))
    matrix, vector = of.normal(at, weights)
    one = of.evaluate(somewhere(of)[None])
    slopes = of.jacobian(one).toarray()
    assert matrix[1] == pytest.approx(slopes.T @ (weights[1][:, None] * slopes), rel=1e-9, abs=1e-6)
    assert vector[1] == pytest.approx(slopes.T @ (weights[1] * one.residuals[0]), rel=1e-9, abs=1e-6)


def test_own_steps_and_those_of_scipy_end_at_one_minimum():
    of = system(Example(flashes=("a", "b"), noise_s=0.003).problem())
    weights = np.ones(of.equations.n_rows)
    own = descend(of, np.zeros((1, of.count)), scale=2.0, steps=100).z
    theirs = polish(of, own[0] + 1e-3, scale=2.0, weights=weights)
    clocks = of.equations.unknowns.clock[1:]
    assert theirs[clocks] == pytest.approx(own[0][clocks], abs=1e-4)


@pytest.mark.parametrize(("least_kg", "least_ms", "most_ms"), [(0.0, 20.0, 40.0), (240.0, 5.0, 20.0)])
def test_an_unknown_charge_widens_the_moment_of_a_strike_that_nobody_saw(least_kg, least_ms, most_ms):
    made = Example(noise_s=0.002, geolocated=("s1",)).problem()
    made = replace(made, air=replace(made.air, most_yield_kg=250.0, least_yield_kg=least_kg))
    half_s = solve(made, settings=SETTINGS).sources[0].time_uncertainty_s
    assert least_ms < 1e3 * half_s < most_ms


def test_a_plume_bounds_the_moment_from_one_side():
    made = Example(cameras={"a": (0, 0), "b": (200, 0)}, placed=False, flashes=("a", "b")).problem()
    late = tuple(
        replace(x, kind="first plume", time_s=x.time_s + 0.5) if x.piece == "b" and x.source_id == "s1" else x
        for x in made.lights
    )
    plain = solve(made, settings=SETTINGS).clocks[1]
    plume = solve(replace(made, lights=late), settings=SETTINGS)
    assert plume.outliers == ()
    assert plume.clocks[1].correction_s == pytest.approx(plain.correction_s, abs=0.003)


def test_files_of_one_device_share_a_skew_only_where_it_is_as_well_known():
    made = Example(skew_s=0.04).problem()
    widths_s = {"a": 0.0, "b": 0.04, "c": 0.04, "d": 0.06, "e": 0.0}
    cameras = tuple(replace(c, device="phone", skew_uncertainty_s=widths_s[c.recording_id]) for c in made.cameras)
    of = system(replace(made, cameras=cameras))
    skew = of.equations.unknowns.skew
    assert (skew == of.count).tolist() == [True, False, False, False, True]
    assert skew[1] == skew[2] != skew[3]
