"""How fast recordings' clocks run against their group's reference, from the slopes of their lags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.groups import Drift
from syncview.sync.positions import solve_positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from syncview.settings import SyncSettings
    from syncview.sync.groups import Placed
    from syncview.sync.positions import Link

__all__ = ["with_drifts"]

_ROUNDS = 5
_BEND_SIGMAS = 2.0  # a slope farther off than this loses weight (Huber 1964)


def with_drifts(placed: Placed, *, reference_id: str, settings: SyncSettings) -> Placed:
    """Measure the drift of a group's recordings and solve their offsets again.

    Parameters
    ----------
    placed : Placed
        Offsets as if nothing drifted, and links with the slopes that were measured.
    reference_id : str
        The recording whose clock the others are measured against.
    settings : SyncSettings
        How far clocks may drift, and when a drift is significant.

    Returns
    -------
    Placed
        With drifts, and with offsets and lags that hold at recording time 0. The same where no slope was measured.
    """
    names = sorted({placed.recording_of(name) for name in placed.offsets_s})
    slopes = [
        link
        for link in placed.links
        if link.drift_ppm is not None and placed.recording_of(link.a_id) != placed.recording_of(link.b_id)
    ]
    if not slopes:
        return placed
    drifts = _solved(placed, names, slopes, reference_id, settings)
    links = tuple(_at_zero(link, placed, drifts) for link in placed.links)
    offsets = solve_positions(placed.offsets_s, links, geometry_scale_s=settings.geometry_scale_s)
    return replace(placed, offsets_s=dict(sorted(offsets.items())), links=links, drifts=drifts)


def _solved(
    placed: Placed, names: Sequence[str], slopes: Sequence[Link], reference_id: str, settings: SyncSettings
) -> dict[str, Drift]:
    """Weighted least squares with a prior, slopes that fit badly losing weight."""
    column = {name: k for k, name in enumerate(names)}
    design = np.zeros((len(slopes), len(names)))
    for row, link in enumerate(slopes):
        design[row, column[placed.recording_of(link.b_id)]] = 1.0
        design[row, column[placed.recording_of(link.a_id)]] = -1.0
    wanted = np.array([link.drift_ppm for link in slopes], dtype=float)
    sigma = np.array([max(link.drift_sigma_ppm or 0.0, settings.least_drift_sigma_ppm) for link in slopes])
    prior = np.full(len(names), 1.0 / settings.drift_prior_sigma_ppm**2)
    prior[column[reference_id]] = 1e6
    weight: NDArray[np.float64] = np.ones(len(slopes))
    values = np.zeros(len(names))
    for _ in range(_ROUNDS):
        scaled = design * (weight / sigma**2)[:, None]
        normal = design.T @ scaled + np.diag(prior)
        values = np.linalg.solve(normal, scaled.T @ wanted)
        off = np.abs(design @ values - wanted) / sigma
        weight = np.where(off > _BEND_SIGMAS, _BEND_SIGMAS / np.maximum(off, _BEND_SIGMAS), 1.0)
    half_width = 2.0 * np.sqrt(np.diag(np.linalg.inv(normal)))
    measured = {name for link in slopes for name in (placed.recording_of(link.a_id), placed.recording_of(link.b_id))}
    return {
        name: _drift(float(values[k]), float(half_width[k]), settings)
        for name, k in column.items()
        if name in measured and name != reference_id
    }


def _drift(ppm: float, half_width_ppm: float, settings: SyncSettings) -> Drift:
    """Report a drift when it stands out; else none, with room for what it may be."""
    if abs(ppm) > settings.drift_significance * half_width_ppm:
        return Drift(ppm=ppm, uncertainty_ppm=half_width_ppm)
    return Drift(ppm=0.0, uncertainty_ppm=abs(ppm) + half_width_ppm)


def _at_zero(link: Link, placed: Placed, drifts: Mapping[str, Drift]) -> Link:
    """The lag that the clocks had at recording time 0 of both: between there and its own moment they drifted."""
    if link.middle_s is None:
        return link
    drifted_s = [
        moment_s * 1e-6 * drifts[name].ppm if (name := placed.recording_of(piece)) in drifts else 0.0
        for piece, moment_s in zip((link.a_id, link.b_id), link.middle_s, strict=True)
    ]
    return replace(link, lag_s=link.lag_s + drifted_s[0] - drifted_s[1])
