"""Which listeners of a window heard one sound, and when: the sum of all their pairs is brought to its highest.

Steered response power (DiBiase 2000) without a map: the places of the microphones are not known, so that arrival
times are steered instead of places.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.sync.common_windows import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from syncview.settings import CommonSoundSettings
    from syncview.sync.common_windows import Window

__all__ = ["Heard", "heard_in"]

_ROUNDS = 2
_NEAR_STEPS = 8  # 80 ms: a lobe of tones that change three times a second


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
        self, name: int, after_s: Mapping[int, float], slopes: Mapping[int, float], own_s: NDArray[np.floating]
    ) -> tuple[NDArray[np.float64], int]:
        """Sum of a listener's pairs with others for each of its slopes and arrivals, and the number of pairs."""
        own_s, own_slopes = own_s[None, :], self.window.slopes[:, None]
        total, pairs = np.zeros((len(self.window.slopes), own_s.shape[1])), 0
        for other, other_s in after_s.items():
            if other != name and (min(name, other), max(name, other)) in self.row:
                total += self._pair(name, own_s, own_slopes, other, other_s, slopes[other])
                pairs += 1
        return total, pairs

    def agreement(self, after_s: Mapping[int, float], slopes: Mapping[int, float]) -> tuple[float, float]:
        """Height of the pair of a set that agrees least, and by how much a pair stands higher nearby at most."""
        weakest, missed = math.inf, 0.0
        near_s = self.window.step_s * np.arange(-_NEAR_STEPS, _NEAR_STEPS + 1)[None, :]
        lines = (np.arange(-2, 3) * (self.window.slopes[1] - self.window.slopes[0]))[:, None]
        for a, b in itertools.combinations(sorted(after_s), 2):
            if (a, b) in self.row:
                here = float(self._pair(a, np.array(after_s[a]), np.array(slopes[a]), b, after_s[b], slopes[b]))
                around = self._pair(a, after_s[a] + near_s, slopes[a] + lines, b, after_s[b], slopes[b])
                weakest, missed = min(weakest, here), max(missed, float(around.max()) - here)
        return weakest, missed

    def _pair(
        self,
        name: int,
        own_s: NDArray[np.floating],
        own_slopes: NDArray[np.floating],
        other: int,
        other_s: float,
        other_slope: float,
    ) -> NDArray[np.float64]:
        """Height of a pair for arrivals and slopes of one of the two, those of the other given."""
        apart, slope = own_s - other_s, own_slopes - other_slope
        at_first_s: NDArray[np.floating] | float = other_s
        if name < other:
            apart, slope, at_first_s = -apart, -slope, own_s
        # A lag holds when its first listener hears the window's middle, not this sound.
        return self._height(self.row[min(name, other), max(name, other)], apart - slope * at_first_s, slope)

    def _height(self, row: int, lag_s: NDArray[np.floating], slope: NDArray[np.floating]) -> NDArray[np.float64]:
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
        return np.where(known, (1.0 - part) * left + part * right, NOWHERE)


def _grown(steer: _Steering, row: int, settings: CommonSoundSettings) -> Heard | None:
    """A set begun with a pair's highest lag, to which listeners are added as long as one fits."""
    window = steer.window
    a, b = window.pairs[row]
    line, place = np.unravel_index(int(np.argmax(window.heights[row])), window.heights[row].shape)
    heard = Heard(
        middle_s=window.middle_s,
        after_s={a: 0.0, b: float(window.first_lag_s[row] + place * window.step_s)},
        slopes={a: 0.0, b: float(window.slopes[line])},
        z={},
    )
    while len(heard.after_s) < settings.cameras_at_most:
        larger = _with_another(steer, heard, settings)
        if larger is None:
            break
        heard = larger
    if len(heard.after_s) < 3:
        return None
    first = min(heard.after_s)
    return Heard(
        middle_s=window.middle_s + heard.after_s[first],
        after_s={name: heard.after_s[name] - heard.after_s[first] for name in sorted(heard.after_s)},
        slopes={name: heard.slopes[name] for name in sorted(heard.after_s)},
        z={name: heard.z[name] for name in sorted(heard.after_s)},
    )


def _with_another(steer: _Steering, heard: Heard, settings: CommonSoundSettings) -> Heard | None:
    """The set with one listener more: the one that fits best of those that fit with every other; None without."""
    others = [name for name in steer.listeners if name not in heard.after_s]
    heights = {name: _highest_of(steer, name, heard) for name in others}
    for name in sorted(others, key=lambda name: (-heights[name], name)):
        if heights[name] < settings.join_z:
            break
        larger = _settled(steer, heard, name)
        if larger is None or min(larger.z.values()) < settings.join_z:
            continue
        weakest, missed = steer.agreement(larger.after_s, larger.slopes)
        if weakest >= settings.pair_z and missed <= settings.missed_z:
            return larger
    return None


def _highest_of(steer: _Steering, name: int, heard: Heard) -> float:
    """How high a listener's pairs with a set can stand together; nothing where too few of them are compared."""
    total, pairs = steer.together(name, heard.after_s, heard.slopes, steer.lags_s)
    return float(total.max()) / math.sqrt(pairs) if pairs >= 2 else 0.0


def _settled(steer: _Steering, heard: Heard, newest: int) -> Heard | None:
    """A set with a new listener, once each in turn stands highest with all the others; None at the end of a range."""
    after_s, slopes = dict(heard.after_s), dict(heard.slopes)
    near_s = steer.window.step_s * np.arange(-_NEAR_STEPS, _NEAR_STEPS + 1)
    held = min(heard.after_s)
    for name in (newest, *_ROUNDS * [newest, *(name for name in heard.after_s if name != held)]):
        own_s = after_s[name] + near_s if name in after_s else steer.lags_s
        total, _ = steer.together(name, after_s, slopes, own_s)
        line, place = (int(k) for k in np.unravel_index(int(np.argmax(total)), total.shape))
        if not 0 < place < len(own_s) - 1 or total[line, place - 1 : place + 2].min() <= 0.1 * NOWHERE:
            return None  # the peak may lie beyond
        after_s[name] = float(own_s[place] + _beside(total[line, place - 1 : place + 2]) * steer.window.step_s)
        slopes[name] = float(steer.window.slopes[line])
    z = {}
    for name, at_s in after_s.items():
        total, pairs = steer.together(name, after_s, slopes, np.array([at_s]))
        z[name] = float(total[int(np.argmin(np.abs(steer.window.slopes - slopes[name]))), 0]) / math.sqrt(pairs)
    return Heard(middle_s=heard.middle_s, after_s=after_s, slopes=slopes, z=z)


def _beside(three: NDArray[np.float64]) -> float:
    """Fraction of a step by which a peak lies beside the middle one of three places (a parabola through them)."""
    left, top, right = (float(v) for v in three)
    bend = left - 2.0 * top + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0.0 else 0.0
