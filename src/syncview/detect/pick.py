"""Onset pick: the instant at which a triggered sound begins, never its peak.

Pickers that fail in different places look at the same samples: Akaike's criterion (where does one variance become
another) over a short and a longer stretch, and a walk back from the peak to the noise, each also on sound from which
the background's colour is taken. The short criterion is the sharpest and is reported where the middle of all five bears
it out, else the middle. Where they lie too far apart for that, as with faint sounds, the one is reported at which the
level rises most. Four of the five lie within the stated uncertainty, since one may be astray.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import DetectSettings

__all__ = ["Pick", "aic_onset", "pick_onset", "walk_back_onset"]

_EDGE = 8  # samples that a variance needs before it means anything
_CELL_S = 0.001  # envelope of the walk back
_NOISE_SIGMAS = 6.0  # above the noise's median: what noise itself reaches once in hours
_PEAK_SHARE = 0.05  # of the peak: codecs smear that much ahead of it
_ORDER = 4  # of the background's colour; higher orders follow the noise of so short a stretch
_RIDGE = 1e-4
_RISE_S = (0.005, 0.01)  # before and after a pick, over which its rise is taken
_TINY = 1e-14  # variance below the rounding noise of 16 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An onset in samples from the start of the looked-at stretch, with its 95 % half-width in seconds.

    `aic_sample` and `walk_sample` are what Akaike's criterion and the walk back say alone. `apart_s` is how far the
    farthest of the four pickers that agree best lies off; `emergent` says that this is too far to call the onset sharp.
    """

    sample: int
    uncertainty_s: float
    apart_s: float
    emergent: bool
    aic_sample: int
    walk_sample: int


def aic_onset(samples: NDArray[np.float64]) -> int:
    """Index at which one variance best becomes another, by Akaike's information criterion on the signal itself.

    Maeda (1985), as used by seismic pickers: ``k log var(x[:k]) + (n - k) log var(x[k:])`` is smallest at the onset.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        The stretch around a trigger, without offset.

    Returns
    -------
    int
        First sample of the second part.

    Raises
    ------
    InputError
        When there are fewer than 24 samples.

    Examples
    --------
    >>> noise = np.random.default_rng(1).standard_normal(400)
    >>> noise[300:] *= 20
    >>> abs(aic_onset(noise) - 300) <= 2
    True
    """
    count = len(samples)
    if count < 3 * _EDGE:
        message = f"an onset needs {3 * _EDGE} samples around it, got {count}"
        raise InputError(message)
    power = np.cumsum(np.square(samples))
    split = np.arange(_EDGE, count - _EDGE)
    before = power[split - 1] / split
    after = (power[-1] - power[split - 1]) / (count - split)
    cost = split * np.log(before + _TINY) + (count - split) * np.log(np.maximum(after, 0.0) + _TINY)
    return int(split[np.argmin(cost)])


def walk_back_onset(samples: NDArray[np.float64], rate_hz: int, *, noise_samples: int) -> int:
    """Index found by walking from the peak back to the noise, on an envelope of 1 ms.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        The stretch around a trigger, without offset.
    rate_hz : int
        Sampling rate.
    noise_samples : int
        How many samples at its start are surely before the onset.

    Returns
    -------
    int
        First sample of the first cell, from the peak backwards, above which the noise does not reach.
    """
    cell = max(1, round(rate_hz * _CELL_S))
    cells = len(samples) // cell
    envelope = np.abs(samples[: cells * cell]).reshape(cells, cell).max(axis=1)
    quiet = min(max(noise_samples // cell, 4), cells - 1)
    noise = envelope[:quiet]
    median = float(np.median(noise))
    sigma = 1.4826 * float(np.median(np.abs(noise - median)))
    at = quiet + int(np.argmax(envelope[quiet:]))
    limit = median + max(_NOISE_SIGMAS * sigma, _PEAK_SHARE * float(envelope[at]))
    while at > 0 and envelope[at - 1] > limit:
        at -= 1
    return at * cell


def pick_onset(samples: NDArray[np.float64], rate_hz: int, *, trigger_sample: int, settings: DetectSettings) -> Pick:
    """Pick the onset of one triggered sound.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        A stretch that begins at most `settings.pick_before_s` before the trigger.
    rate_hz : int
        Sampling rate.
    trigger_sample : int
        Where in `samples` the level crossed.
    settings : DetectSettings
        Windows and the spread within which the two pickers agree.

    Returns
    -------
    Pick

    Raises
    ------
    InputError
        When there are fewer than 24 samples.
    """
    level = samples - samples[: max(trigger_sample, 1)].mean()
    soon, after = (
        max(3 * _EDGE, trigger_sample + round(x * rate_hz)) for x in (settings.pick_soon_s, settings.pick_after_s)
    )
    quiet = max(0, trigger_sample - round(settings.pick_quiet_gap_s * rate_hz))
    white = _without_colour(level, quiet)
    short, aic = aic_onset(level[:soon]), aic_onset(level[:after])
    walk = walk_back_onset(level, rate_hz, noise_samples=quiet)
    every = np.array([short, aic, walk, aic_onset(white[:after]), walk_back_onset(white, rate_hz, noise_samples=quiet)])
    middle = int(np.median(every))
    chosen = short if abs(short - middle) <= settings.pick_agree_s * rate_hz else middle
    apart_s = _apart_s(every, chosen, rate_hz)
    if apart_s > settings.pick_agree_s:
        rises = [_rise(level, int(at), rate_hz) + _rise(white, int(at), rate_hz) for at in every]
        chosen = int(every[int(np.argmax(rises))])
        apart_s = _apart_s(every, chosen, rate_hz)
    return Pick(
        sample=chosen,
        uncertainty_s=max(settings.pick_floor_s, settings.pick_apart_factor * apart_s),
        apart_s=apart_s,
        emergent=apart_s > settings.pick_agree_s,
        aic_sample=aic,
        walk_sample=walk,
    )


def _apart_s(every: NDArray[np.intp], chosen: int, rate_hz: int) -> float:
    """How far the farthest of the four pickers that agree best with the chosen one lies off."""
    return float(np.sort(np.abs(every - chosen))[-2]) / rate_hz


def _rise(samples: NDArray[np.float64], at: int, rate_hz: int) -> float:
    """Logarithm of the power after a sample over that before it, over stretches of 5 and of 10 ms."""
    found = 0.0
    for length_s in _RISE_S:
        length = round(length_s * rate_hz)
        before, after = samples[max(0, at - length) : at], samples[at : at + length]
        if min(len(before), len(after)) < _EDGE:
            return -np.inf
        found += float(np.log((np.mean(np.square(after)) + _TINY) / (np.mean(np.square(before)) + _TINY)))
    return found


def _without_colour(level: NDArray[np.float64], quiet: int) -> NDArray[np.float64]:
    """What linear prediction from the quiet part leaves: a background's rumble goes, what is new stays.

    As pickers of seismology do before Akaike's criterion (Sleeman and van Eck, 1999).
    """
    if quiet < 4 * _ORDER:
        return level
    noise = level[:quiet]
    alike = np.array([noise[: quiet - lag] @ noise[lag:] for lag in range(_ORDER + 1)]) / quiet
    lags = np.abs(np.subtract.outer(np.arange(_ORDER), np.arange(_ORDER)))
    normal = alike[lags] + (_RIDGE * alike[0] + _TINY) * np.eye(_ORDER)
    rest = np.convolve(level, np.append(1.0, -np.linalg.solve(normal, alike[1:])))[: len(level)]
    rest[:_ORDER] = 0.0
    return rest
