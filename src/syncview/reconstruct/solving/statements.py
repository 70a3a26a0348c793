"""What people and detectors stated, each with the rows that go when it is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.problem import Problem
    from syncview.reconstruct.solving.unknowns import Floats, Index

__all__ = ["Kind", "Statement", "statements_of", "without"]

Kind = Literal["arrival", "light", "pin", "position", "place", "temperature"]
# What nobody states is still not anywhere: places within kilometres, air between the coldest and the hottest.
_LEFT = {"position": 1e-5, "place": 1e-5, "temperature": 2e-3}
_LOOSENED = 0.01  # weight of an interval's prior whose interval rests on a contested place: ten times as wide


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: its rows, the rows that rest on it, and those that are loosened with it."""

    kind: Kind
    number: int  # among the problem's arrivals, lights, ties, cameras or sources
    about: tuple[str, ...]
    rows: Index
    resting: Index
    loosened: Index


def statements_of(problem: Problem, system: System) -> tuple[Statement, ...]:
    """Every statement that could be wrong.

    Parameters
    ----------
    problem : Problem
        What was stated.
    system : System
        Its equations.

    Returns
    -------
    tuple of Statement
    """
    e = system.equations
    n = len(e.arrivals)
    found = [
        _statement("arrival", row, (arrival.piece, arrival.source_id), [row]) for row, arrival in enumerate(e.arrivals)
    ]
    rows: dict[tuple[str, int | str], list[int]] = {}
    for row, named in enumerate(e.names):
        rows.setdefault(named, []).append(n + row)
    for (name, which), mine in rows.items():
        if name == "light":
            light = problem.lights[int(which)]
            found.append(_statement("light", int(which), (light.piece, light.source_id), mine))
        elif name == "tie":
            tie = problem.ties[int(which)]
            found.append(_statement("pin", int(which), (tie.a, tie.b), mine))
        elif name == "position":
            found.append(_position(problem, system, str(which), mine, rows))
        elif name == "place":
            number = [source.id for source in problem.sources].index(str(which))
            found.append(_statement("place", number, (str(which),), mine))
        elif name == "temperature":
            found.append(_statement("temperature", 0, (), mine))
    return tuple(found)


def _statement(
    kind: Kind,
    number: int,
    about: tuple[str, ...],
    rows: list[int],
    resting: list[int] | None = None,
    loosened: list[int] | None = None,
) -> Statement:
    return Statement(
        kind=kind,
        number=number,
        about=about,
        rows=np.array(rows, np.intp),
        resting=np.array(resting or [], np.intp),
        loosened=np.array(loosened or [], np.intp),
    )


def _position(
    problem: Problem, system: System, recording: str, mine: list[int], rows: dict[tuple[str, int | str], list[int]]
) -> Statement:
    """A camera's place; the intervals of its clocks were reckoned from it."""
    e = system.equations
    pieces = [p for p, piece in enumerate(e.unknowns.pieces) if piece.recording_id == recording]
    names = {e.unknowns.pieces[p].name for p in pieces}
    limits = [
        row
        for k, limit in enumerate(problem.limits)
        if names & {limit.a, limit.b}
        for row in rows.get(("limit", k), [])
    ]
    clocks = {int(e.unknowns.clock[p]) for p in pieces}
    if e.unknowns.count in clocks:  # the reference's: every clock is told against it
        clocks = {int(column) for column in e.unknowns.clock}
    priors = [row for row in rows.get(("prior", ""), []) if int(e.columns[row - len(e.arrivals), 0]) in clocks]
    number = [camera.recording_id for camera in problem.cameras].index(recording)
    return _statement("position", number, (recording,), mine, limits, priors if limits else [])


def without(weights: Floats, left_out: Statement) -> Floats:
    """Weights (n_rows,) of the rows when a statement is left out."""
    weights = weights.copy()
    weights[left_out.rows] = _LEFT.get(left_out.kind, 0.0)
    weights[left_out.resting] = 0.0
    weights[left_out.loosened] = np.minimum(weights[left_out.loosened], _LOOSENED)
    return weights
