"""The measurements as rows: those of sound's travel, which bend, and all others, which are linear in the unknowns.

A row states a value over its sigma. It may be flat: nothing is held against a value from `low` to `high`. So a flash is
``(time + correction - moment) / sigma``, a plume the same with nothing held against a late one, and the interval that a
lag leaves is flat inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.unknowns import FLAT_95, NORMAL_95, RADIUS_95

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.reconstruct.solving.problem import Arrival, Light, Problem
    from syncview.reconstruct.solving.unknowns import Floats, Index, Unknowns
    from syncview.settings.solving import SolvingSettings

__all__ = ["LINEAR_WIDTH", "Equations", "equations_of"]

LINEAR_WIDTH = 4  # a tie of two sounds speaks of two clocks and two skews
_MOMENT_SIGMA_S = 1e3  # keeps the moment of what nothing speaks of where it was guessed
_HARD_SHARE = 0.05  # of the range of a lead: how hard its ends are


@dataclass(frozen=True, slots=True, kw_only=True)
class Equations:
    """Rows: arrivals first, then the linear ones.

    `names` says of each linear row what it states: ("light", n), ("tie", n), ("limit", n), ("position", recording),
    ("place", source), ("temperature", "") or ("prior", "").
    """

    unknowns: Unknowns
    sound_speed_mps: float
    most_lead_s: float
    most_growth_s: float  # of the largest charge's lead, for each doubling of the distance
    arrivals: tuple[Arrival, ...]
    piece: Index
    source: Index
    time_s: Floats
    after_middle_s: Floats
    sigma_s: Floats
    columns: Index  # (n_linear, LINEAR_WIDTH)
    coefficients: Floats  # the same, over sigma
    constant: Floats
    low: Floats
    high: Floats
    robust: NDArray[np.bool_]  # (n_rows,): measurements, which may be wrong; not what is only likely
    spread: Floats  # (n_rows,): sigma of what may be drawn for a row, in its sigmas; 0 for flat ones
    names: tuple[tuple[str, int | str], ...]

    @property
    def n_rows(self) -> int:
        """Arrivals and linear rows."""
        return len(self.arrivals) + len(self.names)


class _Rows:
    """Linear rows as they come."""

    def __init__(self, unknowns: Unknowns) -> None:
        self.count = unknowns.count
        self.columns: list[list[int]] = []
        self.coefficients: list[list[float]] = []
        self.constant: list[float] = []
        self.flat: list[tuple[float, float]] = []
        self.names: list[tuple[str, int | str]] = []

    def add(
        self,
        name: tuple[str, int | str],
        terms: list[tuple[np.intp | int, float]],
        *,
        sigma: float,
        constant: float = 0.0,
        flat: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """One row ``(constant + sum of coefficient x unknown) / sigma``, nothing held against it in `flat`."""
        filled = [*terms, *[(self.count, 0.0)] * (LINEAR_WIDTH - len(terms))]
        self.columns.append([int(column) for column, _ in filled])
        self.coefficients.append([coefficient / sigma for _, coefficient in filled])
        self.constant.append(constant / sigma)
        self.flat.append((flat[0] / sigma, flat[1] / sigma))
        self.names.append(name)


def equations_of(problem: Problem, unknowns: Unknowns, *, settings: SolvingSettings) -> Equations:
    """Write all that is known as rows.

    Parameters
    ----------
    problem : Problem
        One group.
    unknowns : Unknowns
        Its layout.
    settings : SolvingSettings
        Widths of what is only likely.

    Returns
    -------
    Equations
    """
    rows = _Rows(unknowns)
    root_kg = float(np.cbrt(problem.air.most_yield_kg))
    most_lead_s = settings.lead_s_per_root_kg * root_kg
    _add_lights(rows, problem, unknowns, most_lead_s, settings)
    _add_ties(rows, problem, unknowns, settings)
    _add_clock_priors(rows, problem, unknowns, settings)
    _add_cameras(rows, problem, unknowns)
    _add_places(rows, problem, unknowns, settings)
    _add_air(rows, problem, unknowns)
    number, piece_of = unknowns.source_index(), unknowns.piece_index()
    used = tuple(a for a in problem.arrivals if a.source_id in number and _is_placed(unknowns, piece_of[a.piece]))
    piece = np.array([piece_of[a.piece] for a in used], np.intp)
    middle_s = np.array([p.middle_s for p in unknowns.pieces], float)
    time_s = np.array([a.time_s for a in used], float)
    uncertainty_s = np.array([a.uncertainty_s for a in used], float)
    flat = np.array(rows.flat, float).reshape(-1, 2)
    is_sharp = flat[:, 0] == flat[:, 1]
    measured = {"light", "tie", "limit", "position", "place", "temperature"}
    return Equations(
        unknowns=unknowns,
        sound_speed_mps=problem.air.sound_speed_mps,
        most_lead_s=most_lead_s,
        most_growth_s=settings.lead_growth_s_per_root_kg * root_kg,
        arrivals=used,
        piece=piece,
        source=np.array([number[a.source_id] for a in used], np.intp),
        time_s=time_s,
        after_middle_s=time_s - middle_s[piece],
        sigma_s=np.maximum(uncertainty_s, settings.least_uncertainty_s) / NORMAL_95,
        columns=np.array(rows.columns, np.intp).reshape(-1, LINEAR_WIDTH),
        coefficients=np.array(rows.coefficients, float).reshape(-1, LINEAR_WIDTH),
        constant=np.array(rows.constant, float),
        low=flat[:, 0],
        high=flat[:, 1],
        robust=np.array([True] * len(used) + [name in measured for name, _ in rows.names], bool),
        spread=np.concatenate([np.ones(len(used)), is_sharp.astype(float)]),
        names=tuple(rows.names),
    )


def _is_placed(unknowns: Unknowns, piece: int) -> bool:
    return bool(np.isfinite(unknowns.camera_m[piece, 0]))


def _add_lights(
    rows: _Rows, problem: Problem, unknowns: Unknowns, most_lead_s: float, settings: SolvingSettings
) -> None:
    number, piece_of = unknowns.source_index(), unknowns.piece_index()
    for n, light in enumerate(problem.lights):
        if light.source_id in number:
            k, p = number[light.source_id], piece_of[light.piece]
            rows.add(
                ("light", n),
                [
                    (unknowns.clock[p], 1.0),
                    (unknowns.drift[p], light.time_s - unknowns.pieces[p].middle_s),
                    (unknowns.moment[k], -1.0),
                    (unknowns.charge[k], -most_lead_s),
                ],
                constant=light.time_s - float(unknowns.moment_s[k]),
                sigma=max(light.uncertainty_s, settings.least_uncertainty_s) / FLAT_95,
                flat=_lateness(light),
            )


def _lateness(light: Light) -> tuple[float, float]:
    return (0.0, np.inf) if light.kind == "first plume" else (0.0, 0.0)


def _add_ties(rows: _Rows, problem: Problem, unknowns: Unknowns, settings: SolvingSettings) -> None:
    piece_of = unknowns.piece_index()
    for n, tie in enumerate(problem.ties):
        rows.add(
            ("tie", n),
            _difference(unknowns, piece_of[tie.a], piece_of[tie.b], of_sounds=not tie.seen),
            constant=-tie.difference_s,
            sigma=max(tie.uncertainty_s, settings.least_uncertainty_s) / NORMAL_95,
        )
    for n, limit in enumerate(problem.limits):
        rows.add(
            ("limit", n),
            _difference(unknowns, piece_of[limit.a], piece_of[limit.b], of_sounds=True),
            flat=(-limit.half_width_s, limit.half_width_s),
            sigma=max(settings.limit_sigma_share * limit.half_width_s, settings.least_uncertainty_s),
        )


def _difference(unknowns: Unknowns, a: int, b: int, *, of_sounds: bool) -> list[tuple[np.intp | int, float]]:
    """``correction_b - correction_a`` of the pictures' clocks, or of the sounds'."""
    terms: list[tuple[np.intp | int, float]] = [(unknowns.clock[b], 1.0), (unknowns.clock[a], -1.0)]
    if of_sounds:
        terms += [(unknowns.skew[b], -1.0), (unknowns.skew[a], 1.0)]
    return terms


def _add_clock_priors(rows: _Rows, problem: Problem, unknowns: Unknowns, settings: SolvingSettings) -> None:
    limited = {name for limit in problem.limits for name in (limit.a, limit.b)}
    done: set[int] = {unknowns.count}
    widest_ppm: dict[int, float] = {}
    for column, piece in zip(unknowns.drift.tolist(), unknowns.pieces, strict=True):
        widest_ppm[column] = max(widest_ppm.get(column, 0.0), piece.drift_uncertainty_ppm)
    for p, piece in enumerate(unknowns.pieces):
        # Where the interval is already told by limits, this only holds what nothing else does.
        sigma = piece.uncertainty_s / (1.0 if piece.name in limited else NORMAL_95)
        wanted = (
            (int(unknowns.clock[p]), max(sigma, 1e-3)),
            (int(unknowns.drift[p]), max(widest_ppm[int(unknowns.drift[p])] * 1e-6 / NORMAL_95, 1e-9)),
            (
                int(unknowns.skew[p]),
                max(unknowns.cameras[p].skew_uncertainty_s, settings.least_uncertainty_s) / NORMAL_95,
            ),
        )
        for column, width in wanted:
            if column not in done:
                rows.add(("prior", ""), [(column, 1.0)], sigma=width)
                done.add(column)


def _add_cameras(rows: _Rows, problem: Problem, unknowns: Unknowns) -> None:
    done: set[int] = {unknowns.count}
    for p, camera in enumerate(unknowns.cameras):
        name: tuple[str, int | str] = ("position", camera.recording_id)
        radius_m = camera.position_uncertainty_m or 0.0
        if not unknowns.is_placed[p]:
            name, radius_m = ("prior", ""), problem.max_camera_distance_m
        for column in unknowns.camera[p]:
            if int(column) not in done:
                rows.add(name, [(column, 1.0)], sigma=radius_m / RADIUS_95)
                done.add(int(column))


def _add_places(rows: _Rows, problem: Problem, unknowns: Unknowns, settings: SolvingSettings) -> None:
    least = float(np.cbrt(min(1.0, problem.air.least_yield_kg / max(problem.air.most_yield_kg, 1e-9))))
    for k, source in enumerate(unknowns.sources):
        reach_m = settings.strike_reach_m if source.kind == "strike" else settings.sound_reach_m
        sigma, name = (reach_m, ("prior", ""))
        if source.place_m is not None:
            sigma, name = max(source.place_uncertainty_m or 0.0, 0.1) / RADIUS_95, ("place", source.id)
        for column in unknowns.place[k]:
            rows.add(name, [(column, 1.0)], sigma=sigma)
        rows.add(("prior", ""), [(unknowns.moment[k], 1.0)], sigma=_MOMENT_SIGMA_S)
        if unknowns.charge[k] < unknowns.count:
            charge = [(unknowns.charge[k], 1.0)]
            middle, half = 0.5 * (1.0 + least), max(0.5 * (1.0 - least), _HARD_SHARE)
            rows.add(("prior", ""), charge, constant=-middle, sigma=2.0 * half * settings.lead_sigma_share)
            rows.add(("prior", ""), charge, constant=-middle, flat=(-half, half), sigma=_HARD_SHARE)


def _add_air(rows: _Rows, problem: Problem, unknowns: Unknowns) -> None:
    if unknowns.sound_speed < unknowns.count:
        sigma = problem.air.uncertainty_mps / NORMAL_95
        rows.add(("temperature", ""), [(unknowns.sound_speed, 1.0)], sigma=sigma)
    for column in unknowns.wind:
        if column < unknowns.count:
            rows.add(("prior", ""), [(column, 1.0)], sigma=problem.air.wind_uncertainty_mps / NORMAL_95)
