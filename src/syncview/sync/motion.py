"""Proposals for files without usable sound: light and motion that two cameras saw at the same moments.

A flash lights every camera's picture, and people who start to run do so in all of them. But lights flicker and people
move all the time, so that what fits may do so by chance: the result is a lag for a person to look at, never a clock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from syncview.model import MotionProposal
from syncview.signal.routines import irfft, next_fast_len, rfft, uniform_filter1d

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from syncview.settings import PictureSettings
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["motion_proposals"]

_CLIP = 4.0  # one flash weighs as much as some steps
_NOISE_LEVELS = 0.5  # brightness of a whole picture, from frame to frame
_NOISE_MOTION = 0.3  # of the log of motion
_LEAST_MOTION = 2.0  # levels per second: noise of sensor and codec
_LIVELY = 0.05  # mean square below which nothing happens
_LEAST_LAGS = 40  # fewer have no scatter to stand out of
_MAD_TO_SIGMA = 1.4826


def motion_proposals(
    a: PictureFeatures, b: PictureFeatures, *, settings: PictureSettings
) -> tuple[MotionProposal, ...]:
    """Propose lags of two recordings from what their pictures do together.

    Parameters
    ----------
    a, b : PictureFeatures
        Of different cameras; copies are found by `sync.picture.same_picture`.
    settings : PictureSettings
        Thresholds.

    Returns
    -------
    tuple of MotionProposal
        The best first, one per basis at most; empty when nothing stands out. Swapping a and b changes the sign.
    """
    if b.recording_id < a.recording_id:
        return tuple(
            replace(found, a_id=a.recording_id, b_id=b.recording_id, lag_s=-found.lag_s)
            for found in motion_proposals(b, a, settings=settings)
        )
    found = [
        _proposal(a, b, "light", _light, settings),
        _proposal(a, b, "motion", _motion, settings),
    ]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (-one.z, one.basis)))


def _light(features: PictureFeatures) -> tuple[NDArray[np.float64], float]:
    return features.regions.mean(axis=1, dtype=np.float64), _NOISE_LEVELS


def _motion(features: PictureFeatures) -> tuple[NDArray[np.float64], float]:
    return np.log(np.maximum(features.motion.astype(np.float64), _LEAST_MOTION)), _NOISE_MOTION


def _proposal(
    a: PictureFeatures,
    b: PictureFeatures,
    basis: Literal["light", "motion"],
    curve_of: Callable[[PictureFeatures], tuple[NDArray[np.float64], float]],
    settings: PictureSettings,
) -> MotionProposal | None:
    one, other = (_even(features, *curve_of(features), settings) for features in (a, b))
    least = round(settings.motion_least_overlap_s * settings.motion_rate_hz)
    if min(len(one), len(other)) < least or min((one**2).mean(), (other**2).mean()) < _LIVELY:
        return None
    lags, z = _heights(one, other, least)
    if len(lags) < _LEAST_LAGS:
        return None
    top = int(np.argmax(z))
    guard = settings.motion_guard_s * settings.motion_rate_hz
    rest = z[np.abs(lags - lags[top]) > guard]
    next_z = max(float(rest.max(initial=0.0)), 1.0)
    if z[top] < settings.motion_least_z or z[top] < settings.motion_lead * next_z:
        return None
    return MotionProposal(
        a_id=a.recording_id,
        b_id=b.recording_id,
        lag_s=float(a.times_s[0] - b.times_s[0] + lags[top] / settings.motion_rate_hz),
        uncertainty_s=max(1.0 / settings.motion_rate_hz, a.frame_s, b.frame_s),
        basis=basis,
        z=float(z[top]),
        score=float(1.0 - next_z / z[top]),
    )


def _even(
    features: PictureFeatures, curve: NDArray[np.float64], noise: float, settings: PictureSettings
) -> NDArray[np.float64]:
    """A curve on an even grid, against its surroundings in time."""
    if len(features.times_s) < 2:
        return np.zeros(0)
    grid_s = np.arange(features.times_s[0], features.times_s[-1], 1.0 / settings.motion_rate_hz)
    whole = np.concatenate([[0.0], np.cumsum(curve)])
    edges = np.searchsorted(features.times_s, np.append(grid_s, features.times_s[-1]))
    counts = np.diff(edges)
    means = np.divide(np.diff(whole[edges]), counts, out=np.zeros(len(counts)), where=counts > 0)
    values = np.where(counts > 0, means, np.interp(grid_s, features.times_s, curve))
    size = max(3, round(settings.motion_slow_s * settings.motion_rate_hz))
    v = values - uniform_filter1d(values, size, mode="nearest")
    level = _MAD_TO_SIGMA * float(np.median(np.abs(v))) + noise
    return np.asarray(np.clip(v / level, -_CLIP, _CLIP), np.float64)


def _heights(
    one: NDArray[np.float64], other: NDArray[np.float64], least: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Lags in samples with enough overlap, and the correlation there over its scatter.

    By chance, a sum over more samples reaches higher, in proportion to the root of what both have of energy there.
    """
    size = next_fast_len(len(one) + len(other), real=True)

    def at_all_lags(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(irfft(rfft(x, size) * np.conj(rfft(y, size)), size), np.float64)

    lags = np.arange(least - len(other), len(one) - least + 1)
    product = at_all_lags(one, other)[lags]
    energy = at_all_lags(one**2, np.ones(len(other)))[lags] * at_all_lags(np.ones(len(one)), other**2)[lags]
    overlap = np.minimum(len(one), lags + len(other)) - np.maximum(0, lags)
    root = np.sqrt(np.maximum(energy / overlap, 1e-6))
    heights = product / root
    return lags, heights / max(_MAD_TO_SIGMA * float(np.median(np.abs(heights))), 1e-6)
