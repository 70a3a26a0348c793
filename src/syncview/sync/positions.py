"""Offsets of a group's recordings from the lags of its pairs, by robust least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Link", "solve_positions"]

_ROUNDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A lag that ties two recordings: ``offset_b - offset_a`` should be `lag_s`, give or take sound's travel.

    The lag holds at the recording times `middle_s` of the two and has the standard error `sigma_s`; `spread_s` is the
    width of the lags of its windows. `drift_ppm` is b's drift minus a's, where it was measured. `pinned` says that it
    is not from sound: a person's, or (`copy`) that the one file repeats the other; `blasts` that only bangs carry it.
    `strikes` counts the strikes whose arrivals have a part in it.
    """

    a_id: str
    b_id: str
    lag_s: float
    sigma_s: float
    pinned: bool
    copy: bool = False
    blasts: bool = False
    strikes: int = 0
    spread_s: float = 0.0
    middle_s: tuple[float, float] | None = None
    drift_ppm: float | None = None
    drift_sigma_ppm: float | None = None


def solve_positions(
    start: Mapping[str, float], links: Sequence[Link], *, geometry_scale_s: float = 0.0
) -> dict[str, float]:
    """Find the offsets that agree best with all links, least absolute deviation (iteratively reweighted).

    Sounds from different sides give lags that differ by up to the travel time between the cameras; the absolute
    deviation keeps the agreeing majority exact where squares would smear the difference over all.

    Parameters
    ----------
    start : mapping of str to float
        Offsets in seconds to start from; the first id in order keeps its value.
    links : sequence of Link
        Lags between recordings of the group.
    geometry_scale_s : float
        Differences that sound's travel makes between lags of cameras close together, in seconds: below it links are
        averaged, above it the majority decides.

    Returns
    -------
    dict of str to float
        Offsets in seconds by recording id.

    Examples
    --------
    >>> tie = Link(a_id="a", b_id="b", lag_s=3.0, sigma_s=0.01, pinned=False)
    >>> solve_positions({"a": 0.0, "b": 2.0}, [tie])
    {'a': 0.0, 'b': 3.0}
    """
    names = sorted(start)
    if len(names) < 2 or not links:
        return dict(start)
    column = {name: k for k, name in enumerate(names)}
    design = np.zeros((len(links) + len(names), len(names)))
    wanted = np.zeros(len(links) + len(names))
    for row, link in enumerate(links):
        design[row, column[link.b_id]], design[row, column[link.a_id]] = 1.0, -1.0
        wanted[row] = link.lag_s
    values = np.array([start[name] for name in names])
    design[len(links) :], wanted[len(links) :] = np.eye(len(names)), values
    sigma = np.array(
        [link.sigma_s if link.pinned else max(link.sigma_s, link.spread_s / 4, geometry_scale_s) for link in links]
    )
    pinned = np.array([link.pinned for link in links])
    prior = np.full(len(names), 1e-6)  # holds what no link holds
    prior[0] = 1e6
    for _ in range(_ROUNDS):
        residual = np.abs(design[: len(links)] @ values - wanted[: len(links)])
        weight = np.where(pinned, 1.0 / sigma**2, 1.0 / (sigma * np.maximum(residual, sigma)))
        root = np.sqrt(np.concatenate([weight, prior]))
        solved = np.linalg.lstsq(design * root[:, None], wanted * root, rcond=None)[0]
        if np.max(np.abs(solved - values)) < 1e-9:
            values = solved
            break
        values = solved
    values = values - (values[0] - start[names[0]])
    return {name: round(float(v), 9) for name, v in zip(names, values, strict=True)}
