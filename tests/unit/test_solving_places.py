"""Places and moments of strikes: where they are, and when none may be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solving_example import CAMERAS, CLOCKS_S, STRIKES, Example
from syncview.reconstruct.solving.equations import equations_of
from syncview.reconstruct.solving.evaluation import System
from syncview.reconstruct.solving.freedom import Freedom, freedom_of
from syncview.reconstruct.solving.minima import minima_of
from syncview.reconstruct.solving.problem import Problem, Tie
from syncview.reconstruct.solving.solve import solve
from syncview.reconstruct.solving.unknowns import unknowns_of
from syncview.reconstruct.solving.verdicts import Found
from syncview.settings import SolvingSettings

SETTINGS = SolvingSettings(samples=80)
THREE = {name: CAMERAS[name] for name in "abd"}


def solved(example: Example):
    return {source.id: source for source in solve(example.problem(), settings=SETTINGS).sources}


def test_flashes_in_three_cameras_place_the_strikes():
    for name, source in solved(Example(cameras=THREE, flashes=("a", "b", "d"), noise_s=0.003)).items():
        assert source.abstained is None
        off_m = float(np.hypot(*np.subtract(source.place.place_m, STRIKES[name])))
        assert off_m < min(8.0, source.place.uncertainty_m)
        assert source.time_s == pytest.approx({"s1": 10, "s2": 17, "s3": 24}[name], abs=0.01)


def test_a_geolocated_strike_calibrates_the_clocks_and_places_the_others():
    example = Example(geolocated=("s1",), noise_s=0.002)
    solution = solve(example.problem(), settings=SETTINGS)
    for clock in solution.clocks[1:]:
        assert abs(clock.correction_s - CLOCKS_S[clock.piece]) < min(clock.uncertainty_s, 0.03)
    by_id = {source.id: source for source in solution.sources}
    assert by_id["s1"].method == "geolocated"
    assert by_id["s1"].place.place_m == STRIKES["s1"]
    assert float(np.hypot(*np.subtract(by_id["s2"].place.place_m, STRIKES["s2"]))) < 10.0


def test_three_cameras_with_unknown_clocks_and_no_flash_abstain():
    for source in solved(Example(cameras=THREE, noise_s=0.003)).values():
        assert source.place is None
        assert "too few" in source.abstained


def unplaced(problem: Problem, *names: str) -> Problem:
    """Cameras that nobody placed, which heard nothing."""
    cameras = tuple(
        replace(c, position_m=None, position_uncertainty_m=None) if c.recording_id in names else c
        for c in problem.cameras
    )
    return replace(problem, cameras=cameras, arrivals=tuple(a for a in problem.arrivals if a.piece not in names))


def test_flashes_in_a_camera_whose_clock_is_free_do_not_place_strikes():
    """Three clocks and two strikes: eight measurements, six numbers of strikes, three clocks."""
    two = {name: STRIKES[name] for name in ("s1", "s2")}
    example = Example(cameras={**THREE, "e": CAMERAS["e"]}, strikes=two, flashes=("e",), noise_s=0.003)
    solution = solve(unplaced(example.problem(), "e"), settings=SETTINGS)
    assert [source.place for source in solution.sources] == [None, None]
    assert "1 too few" in solution.sources[0].abstained
    assert "1 too few" in " ".join(solution.reasons)


def test_pins_between_cameras_apart_from_the_rest_do_not_place_strikes():
    ties = tuple(Tie(a="c", b="e", difference_s=0.28, uncertainty_s=0.04) for _ in range(2))
    solution = solve(unplaced(Example(ties=ties, noise_s=0.003).problem(), "c", "e"), settings=SETTINGS)
    assert [source.place for source in solution.sources] == [None] * 3
    assert "2 too few" in solution.sources[0].abstained


def freedom_without(problem: Problem, left_out: tuple[int, ...]) -> Freedom:
    """What slides when some lights, by number, are not used."""
    system = System(equations_of(problem, unknowns_of(problem, settings=SETTINGS), settings=SETTINGS))
    weights = np.array(
        [1.0] * len(system.equations.arrivals)
        + [float(name != "light" or which not in left_out) for name, which in system.equations.names]
    )
    minima = minima_of(system, weights, settings=SETTINGS)
    found = Found(problem=problem, system=system, weights=weights, contested=(), minima=minima, drawn=(), valleys=())
    return freedom_of(found)


def test_a_flash_that_is_left_out_holds_no_place():
    problem = Example(cameras=THREE, flashes=("a", "b"), strikes={"s1": STRIKES["s1"]}).problem()
    assert freedom_without(problem, ()).missing == 0
    assert freedom_without(problem, (0,)).missing == 1
    assert freedom_without(problem, (0,)).slides.tolist() == [True]


def test_a_single_camera_gives_no_place_but_the_moment_of_its_flash():
    source = solved(Example(cameras={"a": (0, 0)}, flashes=("a",), strikes={"s1": STRIKES["s1"]}))["s1"]
    assert source.place is None
    assert "ring" in source.abstained
    assert source.time_s == pytest.approx(10.0, abs=0.005)


def test_two_cameras_state_both_mirror_images():
    two = {"a": (0, 0), "b": (200, 0)}
    source = solved(Example(cameras=two, flashes=("a", "b"), strikes={"s1": (90.0, 80.0)}))["s1"]
    assert source.place is None
    assert "2 places fit" in source.abstained
    norths = sorted(round(place.place_m[1]) for place in source.alternatives)
    assert norths == pytest.approx([-80, 80], abs=4)
