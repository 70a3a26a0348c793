"""Which listeners of a window heard one sound, and when: the sum of all their pairs is brought to its highest.

Steered response power (DiBiase 2000) without a map: the places of the microphones are not known, so that arrival
times are steered instead of places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from syncview.settings import CommonSoundSettings
    from syncview.sync.common_windows import Window

__all__ = ["Heard", "heard_in"]

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """Arrivals of one sound around `middle_s`, by place in the list of listeners.

    `after_s` counts from the window's middle at the first of them; `slopes` is by how much that grows a second. `z` is
    how high each one's pairs with the others stand together.
    """

    middle_s: float
    after_s: Mapping[int, float]
    slopes: Mapping[int, float]
    z: Mapping[int, float]

    @property
    def score(self) -> float:
        """How clear it is, and to how many."""
        return math.fsum(self.z.values())


def heard_in(window: Window, *, settings: CommonSoundSettings) -> tuple[Heard, ...]:
    """Find the sounds of a window, the clearest first.

    Parameters
    ----------
    window : Window
        Heights of all pairs.
    settings : CommonSoundSettings
        Thresholds.

    Returns
    -------
    tuple of Heard
        Each heard by three listeners or more; no pair has a part in two of them at lags of one lobe.
    """
    steer = _Steering(window)
    tops = window.heights.reshape(len(window.pairs), -1).max(axis=1)
    found: list[Heard] = []
    for k in np.argsort(-tops, kind="stable").tolist():
        if tops[k] < settings.least_z or len(found) == settings.sounds_per_window:
            break
        if any(set(window.pairs[k]) <= other.after_s.keys() for other in found):
            continue
        heard = _grown(steer, k, settings)
        if heard is not None:
            found.append(heard)
    return tuple(found)


class _Steering:
    """Looks up what pairs say of arrivals."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.row = {pair: k for k, pair in enumerate(window.pairs)}
        self.listeners = sorted({name for pair in window.pairs for name in pair})
        low, high = window.first_lag_s.min(), window.first_lag_s.max()
        count = window.heights.shape[2] + math.ceil((high - low) / window.step_s)
        self.lags_s = low + window.step_s * np.arange(count)

    def together(
        self, name: int, after_s: Mapping[int, float], slopes: Mapping[int, float]
    ) -> tuple[NDArray[np.float64], int]:
        """Sum of a listener's pairs with others for each of its slopes and arrivals, and the number of pairs."""
        own_s, own_slopes = self.lags_s[None, :], self.window.slopes[:, None]
        total, pairs = np.zeros((len(self.window.slopes), len(self.lags_s))), 0
        for other, other_s in after_s.items():
            first, second = min(name, other), max(name, other)
            if other == name or (row := self.row.get((first, second))) is None:
                continue
            apart, slope = (own_s - other_s, own_slopes - slopes[other])
            if name == first:
                apart, slope = -apart, -slope
            # A lag holds when its first listener hears the window's middle, not this sound.
            at_first_s = own_s if name == first else other_s
            total += self._height(row, apart - slope * at_first_s, slope)
            pairs += 1
        return total, pairs

    def _height(self, row: int, lag_s: NDArray[np.float64], slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of one pair at lags, between its places, and at the nearest slopes."""
        window = self.window
        heights = window.heights[row]
        line = np.rint((slope - window.slopes[0]) / (window.slopes[1] - window.slopes[0])).astype(int)
        place = (lag_s - window.first_lag_s[row]) / window.step_s
        whole = np.floor(place).astype(int)
        part = place - whole
        known = (line >= 0) & (line < len(heights)) & (whole >= 0) & (whole < heights.shape[1] - 1)
        line, whole = np.where(known, line, 0), np.where(known, whole, 0)
        left, right = heights[line, whole].astype(float), heights[line, whole + 1].astype(float)
        known &= np.isfinite(left) & np.isfinite(right)
        return np.where(known, (1.0 - part) * left + part * right, -np.inf)


def _grown(steer: _Steering, row: int, settings: CommonSoundSettings) -> Heard | None:
    """A set begun with a pair's highest lag, to which listeners are added as long as one fits."""
    window = steer.window
    a, b = window.pairs[row]
    line, place = np.unravel_index(int(np.argmax(window.heights[row])), window.heights[row].shape)
    after_s = {a: 0.0, b: float(window.first_lag_s[row] + place * window.step_s)}
    slopes = {a: 0.0, b: float(window.slopes[line])}
    z: dict[int, float] = {}
    while True:
        best = max(
            (
                (height / math.sqrt(pairs), name)
                for name in steer.listeners
                if name not in after_s
                for height, pairs in (_highest_of(steer, name, after_s, slopes),)
                if pairs >= min(2, len(after_s))
            ),
            default=(0.0, -1),
        )
        if best[0] < settings.join_z:
            break
        name = best[1]
        after_s[name], slopes[name] = 0.0, 0.0
        settled = _settled(steer, after_s, slopes, name)
        if settled is None:
            break
        after_s, slopes, z = settled
    if len(after_s) < 3 or not z or min(z.values()) < settings.join_z:
        return None
    first = min(after_s)
    return Heard(
        middle_s=window.middle_s + after_s[first],
        after_s={name: after_s[name] - after_s[first] for name in sorted(after_s)},
        slopes={name: slopes[name] for name in sorted(after_s)},
        z={name: z[name] for name in sorted(after_s)},
    )


def _highest_of(
    steer: _Steering, name: int, after_s: Mapping[int, float], slopes: Mapping[int, float]
) -> tuple[float, int]:
    total, pairs = steer.together(name, after_s, slopes)
    return (float(total.max()) if pairs else 0.0), max(pairs, 1)


def _settled(
    steer: _Steering, after_s: Mapping[int, float], slopes: Mapping[int, float], newest: int
) -> tuple[dict[int, float], dict[int, float], dict[int, float]] | None:
    """Arrivals, slopes and heights once each listener in turn stands highest with all the others."""
    after_s, slopes, z = dict(after_s), dict(slopes), {}
    held = min(name for name in after_s if name != newest)
    turns = [newest, *(name for name in after_s if name not in (newest, held))]
    for _ in range(_ROUNDS):
        for name in turns:
            total, _ = steer.together(name, after_s, slopes)
            line, place = np.unravel_index(int(np.argmax(total)), total.shape)
            if not np.isfinite(total[line, place]):
                return None
            after_s[name] = float(steer.lags_s[place] + _beside(total[line], int(place)) * steer.window.step_s)
            slopes[name] = float(steer.window.slopes[line])
    for name in after_s:
        total, pairs = steer.together(name, after_s, slopes)
        z[name] = _at(steer, total, after_s[name], slopes[name]) / math.sqrt(max(pairs, 1))
    return after_s, slopes, z


def _beside(line: NDArray[np.float64], place: int) -> float:
    """Fraction of a step by which a peak lies beside its highest place (a parabola through three)."""
    if not 0 < place < len(line) - 1:
        return 0.0
    left, top, right = (float(v) for v in line[place - 1 : place + 2])
    bend = left - 2.0 * top + right
    if not math.isfinite(bend) or bend >= 0.0:
        return 0.0
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))


def _at(steer: _Steering, total: NDArray[np.float64], at_s: float, slope: float) -> float:
    line = int(np.argmin(np.abs(steer.window.slopes - slope)))
    return float(total[line, int(np.argmin(np.abs(steer.lags_s - at_s)))])
