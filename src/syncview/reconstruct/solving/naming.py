"""Contradicted statements in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.geometry import celsius_of
from syncview.reconstruct.solving.solution import Outlier
from syncview.reconstruct.solving.unknowns import padded

if TYPE_CHECKING:
    from syncview.reconstruct.solving.evaluation import System
    from syncview.reconstruct.solving.outliers import Contested
    from syncview.reconstruct.solving.statements import Statement
    from syncview.reconstruct.solving.unknowns import Floats

__all__ = ["outliers_of"]


def outliers_of(system: System, groups: tuple[Contested, ...], z: Floats) -> tuple[Outlier, ...]:
    """Each contested statement, how far it is off what the others say, and what it may be instead of.

    Parameters
    ----------
    system : System
        Its equations.
    groups : tuple
        Statements that do not fit, rivals together.
    z : ndarray
        (count,) solution without them.

    Returns
    -------
    tuple of Outlier
    """
    found = []
    for group in groups:
        for statement in group:
            off_by, unit, words = _told(system, statement, z)
            rivals = [_name(other) for other in group if other is not statement]
            if rivals:
                words += f"; or {' or '.join(rivals)} is wrong instead: none of them was used"
            found.append(Outlier(kind=statement.kind, about=statement.about, off_by=off_by, unit=unit, message=words))
    return tuple(found)


def _name(statement: Statement) -> str:
    about = " and ".join(statement.about)
    return {
        "arrival": "the sound of {1} at {0}",
        "light": "the light of {1} at {0}",
        "pin": "the pin between {0} and {1}",
        "position": "the position of {0}",
        "place": "the geolocation of {0}",
        "temperature": "the temperature",
    }[statement.kind].format(*statement.about, about)


def _told(system: System, statement: Statement, z: Floats) -> tuple[float, str, str]:
    e = system.equations
    if statement.kind in ("position", "place"):
        columns = e.columns[statement.rows - len(e.arrivals), 0]
        off = float(np.hypot(*z[columns]))
        return off, "m", f"{_name(statement)} is {off:.0f} m from where the other evidence puts it"
    if statement.kind == "temperature":
        stated = e.sound_speed_mps
        off = celsius_of(stated) - celsius_of(stated + float(padded(z)[e.unknowns.sound_speed]))
        how = "colder" if off > 0 else "warmer"
        return (
            off,
            "C",
            f"the other evidence asks for air {abs(off):.0f} C {how} than assumed or stated",
        )
    residual = float(system.evaluate(z[None]).residuals[0, statement.rows[0]])
    off = residual * _sigma_s(system, statement)
    when = "later" if off > 0 else "earlier"
    if statement.kind == "pin":
        return -off, "s", f"{_name(statement)} disagrees with the other evidence by {abs(off):.3f} s"
    return off, "s", f"{_name(statement)} is {abs(off):.3f} s {when} than the other evidence says"


def _sigma_s(system: System, statement: Statement) -> float:
    e = system.equations
    if statement.kind == "arrival":
        return float(e.sigma_s[statement.rows[0]])
    row = e.coefficients[statement.rows[0] - len(e.arrivals)]
    return float(1.0 / np.abs(row[0]))
