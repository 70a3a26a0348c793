"""What may be said of each clock and each strike, and what may not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.solving.descent import covariance
from syncview.reconstruct.solving.freedom import freedom_of
from syncview.reconstruct.solving.solution import Ellipse, Solution, SolvedClock, SolvedPlace, SolvedSource
from syncview.reconstruct.solving.spread import ellipse_of, half_width
from syncview.reconstruct.solving.unknowns import NORMAL_95, padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model import Basis
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.freedom import Freedom
    from syncview.reconstruct.solving.minima import Minimum
    from syncview.reconstruct.solving.problem import Problem, Source
    from syncview.reconstruct.solving.statements import Statement
    from syncview.reconstruct.solving.unknowns import Floats
    from syncview.reconstruct.solving.valleys import Valley
    from syncview.settings.solving import SolvingSettings

__all__ = ["Found", "as_it_came", "clocks_of", "reasons_of", "sources_of"]

_CHECKED = 4  # place and moment are three unknowns: the fourth number is the first that can disagree


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A solved system: its minima, and draws (n, count) and valleys around each."""

    problem: Problem
    system: System
    weights: Floats  # (n_rows,): 0 for statements that were left out
    contested: tuple[Statement, ...]  # those
    minima: tuple[Minimum, ...]
    drawn: tuple[Floats, ...]
    valleys: tuple[Valley, ...]


def clocks_of(found: Found, *, settings: SolvingSettings) -> tuple[SolvedClock, ...]:
    """Each piece's correction, or what came in where the solution knows no more."""
    u = found.system.equations.unknowns
    carried = _carriers(found, settings)
    # Sound's interval was reckoned from where a camera stood; where that is contested, it says nothing.
    void = {statement.about[0] for statement in found.contested if statement.kind == "position"}
    clocks = []
    for p, piece in enumerate(found.problem.pieces):
        column = int(u.clock[p])
        value_s = float(padded(found.minima[0].z)[column])
        half_s = max(
            half_width(value_s, padded(drawn)[:, column], padded(valley.of_one)[:, column])
            for drawn, valley in zip(found.drawn, found.valleys, strict=True)
        )
        half_s = max(half_s, NORMAL_95 * float(np.sqrt(_variance(found.minima[0], column))))
        is_better = half_s < settings.improved_share * piece.uncertainty_s or piece.recording_id in void
        improved = column < u.count and bool(carried[p]) and is_better
        clocks.append(
            SolvedClock(
                piece=piece.name,
                correction_s=value_s if improved else 0.0,
                uncertainty_s=half_s if improved else piece.uncertainty_s,
                basis=carried[p] if improved else (),
                improved=improved,
            )
        )
    return tuple(clocks)


def _variance(minimum: Minimum, column: int) -> float:
    return float(minimum.covariance[column, column]) if column < len(minimum.z) else 0.0


def _carriers(found: Found, settings: SolvingSettings) -> list[tuple[Basis, ...]]:
    """What each piece's clock rests on: what it would be wider without, or what alone would give it."""
    e = found.system.equations
    names = np.array(["arrival"] * len(e.arrivals) + [name for name, _ in e.names])
    groups: dict[Basis, str] = {"flash": "light", "geometry": "arrival", "pin": "tie"}
    present = {basis: name for basis, name in groups.items() if (names == name).any()}
    best = found.minima[0]
    # All together, then without each, then without all: one set of weights for each.
    left_out = [np.zeros(0, bool), *(names == name for name in present.values())]
    weights = np.repeat(best.weights[None], len(left_out), axis=0)
    for k, rows in enumerate(left_out):
        weights[k, np.flatnonzero(rows)] = 0.0
    spread = covariance(found.system, np.repeat(best.z[None], len(weights), axis=0), weights)
    carriers: list[tuple[Basis, ...]] = []
    for column in e.unknowns.clock:
        if column == e.unknowns.count:
            carriers.append(())
            continue
        sigmas = np.sqrt(spread[:, column, column])
        needed = tuple(b for b, s in zip(present, sigmas[1:], strict=True) if s > settings.carried_growth * sigmas[0])
        carriers.append(needed or tuple(present))
    return carriers


_LEAST_PLACED = 3


def sources_of(found: Found, *, settings: SolvingSettings) -> tuple[SolvedSource, ...]:
    """Each strike's moment and place, or the reason why there is none."""
    u = found.system.equations.unknowns
    number = u.source_index()
    freedom = freedom_of(found)
    solved = []
    for source in found.problem.sources:
        if source.kind == "strike":
            k = number.get(source.id)
            solved.append(_untold(found.problem, source) if k is None else _source(found, source, k, freedom, settings))
    return tuple(solved)


def reasons_of(found: Found) -> tuple[str, ...]:
    """What the equations of the whole group do not carry, in words."""
    e = found.system.equations
    reasons = [*_unplaced(found.problem)]
    missing = freedom_of(found).missing if len(e.arrivals) else 0
    if missing:
        reasons.append(_too_few(missing))
    if len(found.minima) > 1:
        reasons.append(f"{len(found.minima)} solutions fit as well")
    return tuple(reasons)


def _unplaced(problem: Problem) -> tuple[str, ...]:
    placed = sum(camera.position_m is not None for camera in problem.cameras)
    if not problem.arrivals or placed >= _LEAST_PLACED:
        return ()
    known = "no camera has" if placed == 0 else f"only {placed} of the cameras {'has' if placed == 1 else 'have'}"
    return (f"{known} a stated position: a strike's place needs three",)


def as_it_came(problem: Problem) -> Solution:
    """Nothing but sound's intervals is known: they stay."""
    clocks = tuple(
        SolvedClock(piece=p.name, correction_s=0.0, uncertainty_s=p.uncertainty_s, basis=(), improved=False)
        for p in problem.pieces
    )
    sources = tuple(_untold(problem, source) for source in problem.sources if source.kind == "strike")
    return Solution(clocks=clocks, sources=sources, outliers=(), minima=1, reasons=_unplaced(problem))


def _untold(problem: Problem, source: Source) -> SolvedSource:
    heard = len({arrival.piece for arrival in problem.arrivals if arrival.source_id == source.id})
    reason = "heard by one camera only" if heard == 1 else "not heard by two cameras whose places are known"
    return SolvedSource(
        id=source.id,
        time_s=None,
        time_uncertainty_s=None,
        place=None if source.place_m is None else _stated(source),
        alternatives=(),
        abstained=None if source.place_m is not None else reason,
        method="geolocated" if source.place_m is not None else "",
        residuals_s=(),
    )


def _stated(source: Source) -> SolvedPlace:
    """A person's geolocation outranks what sound makes of it."""
    radius_m = float(source.place_uncertainty_m or 0.0)
    place_m = source.place_m or (0.0, 0.0)
    return SolvedPlace(
        place_m=place_m, uncertainty_m=radius_m, ellipse=Ellipse(major_m=radius_m, minor_m=radius_m, azimuth_deg=0.0)
    )


def _source(found: Found, source: Source, k: int, freedom: Freedom, settings: SolvingSettings) -> SolvedSource:
    places = [_place(found, m, found.drawn[m], found.valleys[m].of_two, k) for m in range(len(found.minima))]
    apart = _apart(places)
    place = (
        _stated(source)
        if source.place_m is not None
        else _place(found, 0, np.concatenate(found.drawn), np.concatenate([v.of_two for v in found.valleys]), k)
    )
    reason = None if source.place_m is not None else _reason(found, k, place, apart, freedom, settings)
    time_s, half_s = _moment(found, k)
    seen = any(light.source_id == source.id and light.kind == "flash" for light in found.problem.lights)
    told = seen or reason is None
    return SolvedSource(
        id=source.id,
        time_s=time_s if told else None,
        time_uncertainty_s=half_s if told else None,
        place=place if reason is None else None,
        alternatives=tuple(apart if reason is None else places[:1] + apart) if apart else (),
        abstained=reason,
        method="geolocated" if source.place_m is not None else "flash and arrivals" if seen else "arrivals",
        residuals_s=_residuals_s(found, k),
    )


def _place(found: Found, minimum: int, drawn: Floats, ends: Floats, k: int) -> SolvedPlace:
    """A minimum's place, with the ellipse that holds the draws."""
    u = found.system.equations.unknowns
    place_m = u.places_m(found.minima[minimum].z)[k]
    major_m, minor_m, azimuth_deg, radius_m = ellipse_of(place_m, u.places_m(drawn)[:, k], u.places_m(ends)[:, k])
    return SolvedPlace(
        place_m=(float(place_m[0]), float(place_m[1])),
        uncertainty_m=radius_m,
        ellipse=Ellipse(major_m=major_m, minor_m=minor_m, azimuth_deg=azimuth_deg),
    )


def _apart(places: list[SolvedPlace]) -> list[SolvedPlace]:
    """Other minima's places that lie outside the first one's ellipse and their own."""
    found: list[SolvedPlace] = []
    for place in places[1:]:
        known = [places[0], *found]
        if all(np.hypot(*np.subtract(place.place_m, p.place_m)) > p.uncertainty_m + place.uncertainty_m for p in known):
            found.append(place)
    return found


def _moment(found: Found, k: int) -> tuple[float, float]:
    """Moment of the explosion and its 95 % half-width, over all minima."""
    e = found.system.equations
    u = e.unknowns

    def moments(z: Floats) -> Floats:
        full = padded(z)
        return np.asarray(u.moment_s[k] + full[..., u.moment[k]] + e.most_lead_s * full[..., u.charge[k]])

    value_s = float(moments(found.minima[0].z))
    return value_s, max(
        half_width(value_s, moments(drawn), moments(valley.of_one))
        for drawn, valley in zip(found.drawn, found.valleys, strict=True)
    )


def _residuals_s(found: Found, k: int) -> tuple[tuple[str, float], ...]:
    e = found.system.equations
    values = found.system.evaluate(found.minima[0].z[None]).residuals[0][: len(e.arrivals)] * e.sigma_s
    return tuple((e.arrivals[n].piece, float(values[n])) for n in np.flatnonzero(e.source == k))


def _reason(
    found: Found, k: int, place: SolvedPlace, apart: list[SolvedPlace], freedom: Freedom, settings: SolvingSettings
) -> str | None:
    """Why a strike's place is not told; None where it is."""
    e = found.system.equations
    mine = e.source == k
    heard = len({e.unknowns.cameras[p].recording_id for p in e.piece[mine] if e.unknowns.is_placed[p]})
    if heard == 0:
        return "heard by no camera whose place is known"
    if heard == 1:
        return "one placed camera heard it: its distance at most, a ring on the map"
    signs = heard + _flashes(found, k)
    if freedom.slides[k] and signs >= _CHECKED - 1:
        return _too_few(max(freedom.missing, 1))
    if signs < _CHECKED:
        return f"{heard} arrivals fit some place even if one is wrong: another camera or a flash must check them"
    if apart:
        return f"{1 + len(apart)} places fit as well"
    if place.ellipse.major_m > settings.most_axis_m:
        return f"the place is uncertain by {place.ellipse.major_m:.0f} m along its longer axis"
    worst = _worst(found, mine)
    if worst > settings.most_residual_sigmas:
        return f"an arrival is off by {worst:.1f} times its uncertainty"
    return _too_far(found, place, settings)


def _too_few(missing: int) -> str:
    return f"the measurements are {missing} too few for the clocks and places that they must give"


def _flashes(found: Found, k: int) -> int:
    """How many cameras saw a strike's flash, those left out not counted."""
    number = found.system.equations.unknowns.source_index()
    left_out = {s.number for s in found.contested if s.kind == "light"}
    lights = [light for n, light in enumerate(found.problem.lights) if n not in left_out and light.kind == "flash"]
    return len({light.piece for light in lights if number.get(light.source_id) == k})


def _worst(found: Found, mine: NDArray[np.bool_]) -> float:
    e = found.system.equations
    residuals = np.abs(found.system.evaluate(found.minima[0].z[None]).residuals[0][: len(e.arrivals)])
    used = mine & (found.weights[: len(e.arrivals)] > 0)
    return float(residuals[used].max(initial=0.0))


def _too_far(found: Found, place: SolvedPlace, settings: SolvingSettings) -> str | None:
    e = found.system.equations
    pieces = np.unique(e.piece)
    camera_m = e.unknowns.camera_m[pieces[e.unknowns.is_placed[pieces]]]
    middle_m = camera_m.mean(axis=0)
    radius_m = float(np.hypot(*(camera_m - middle_m).T).max())
    away_m = float(np.hypot(*np.subtract(place.place_m, middle_m)))
    if away_m > settings.most_radii * radius_m and place.ellipse.major_m > _FAR_SHARE * away_m:
        return f"it lies {away_m:.0f} m from the middle of cameras that stand within {radius_m:.0f} m"
    return None


_FAR_SHARE = 0.1
