"""What can be measured of a rise in the picture: how it begins, what it does next, and what else happens then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from syncview.detect.flash_motion import laid_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.detect.flash_rises import Rises

__all__ = ["Light", "Region", "first_frame", "region_of", "rise_measures"]

_HALF = 0.4  # of its peak, what belongs to a light's region
_BEGUN = 0.25  # of its peak, what a region must have risen by in the first frame that shows it
_LEAST_BEGUN = 1.2  # in strength
_SATURATED = 240.0
_AROUND_PX = 14
_LATER_S = ((0.08, 0.16), (0.25, 0.4), (0.8, 1.2))
_NEVER = 1.0  # what is taken to be left of a rise where the frames end


class Region(NamedTuple):
    """Rows and columns of a place in the small picture, and which pixels of it are lit."""

    top: int
    left: int
    bottom: int
    right: int
    mask: NDArray[np.bool_]

    @property
    def part(self) -> tuple[slice, slice]:
        """The rectangle, to index a frame with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Light:
    """A rise: the frame `first` shows it first, `peak` rises most; `region` is where, in the frame `peak`."""

    first: int
    peak: int
    region: Region


def region_of(levels: NDArray[np.float32], peak: tuple[int, int]) -> Region:
    """Connected pixels around a peak that rise by a good part of it.

    Parameters
    ----------
    levels : ndarray of float32, shape (height_px, width_px)
        Rise of each place.
    peak : (int, int)
        Row and column.

    Returns
    -------
    Region
    """
    from scipy.ndimage import label

    parts, _ = label(levels >= _HALF * levels[peak])
    own = parts == parts[peak]
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    top, left, bottom, right = int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
    return Region(top, left, bottom, right, own[top:bottom, left:right])


def first_frame(rises: Rises, peak: int, region: Region) -> int:
    """Frame in which the light of a region begins: its peak's, or one before that shows a part of it already.

    A flash late in an exposure, or below the row that a rolling shutter has reached, is weak in its first frame.

    Parameters
    ----------
    rises : Rises
        Of the stretch.
    peak : int
        Frame of the greatest rise.
    region : Region
        Where.

    Returns
    -------
    int
        At most two frames earlier.
    """
    top = float(rises.levels[peak][region.part][region.mask].max())
    first = peak
    for i in (peak - 1, peak - 2):
        if i < 1:
            break
        if _risen(rises, i, region) < _BEGUN * top or float(rises.strength[i][region.part].max()) < _LEAST_BEGUN:
            break
        first = i
    return first


def _risen(rises: Rises, i: int, region: Region) -> float:
    return float(rises.levels[i][region.part].max())


def rise_measures(
    rises: Rises, times_s: NDArray[np.float64], key_frames: NDArray[np.bool_], light: Light
) -> dict[str, float]:
    """Measure a rise.

    Parameters
    ----------
    rises : Rises
        Of the stretch.
    times_s : ndarray of float64, shape (n,)
        Times of its frames.
    key_frames : ndarray of bool, shape (n,)
        Which of them were coded without another.
    light : Light
        The rise.

    Returns
    -------
    dict of str to float
        Named numbers with their units: levels are grey levels of 0 to 255, shares lie in 0..1.
    """
    region, peak = light.region, light.peak
    frame, levels = rises.frames[peak], rises.levels[peak]
    lit = frame[region.part][region.mask]
    top = float(levels[region.part].max())
    found = {
        "strength_log": float(np.log(max(1e-3, rises.strength[peak][region.part].max()))),
        "rise_levels": top,
        "area_log_share": float(np.log(region.mask.sum() / frame.size)),
        "saturated_share": float(np.mean(lit >= _SATURATED)),
        "lit_levels": float(lit.mean()),
        "dark_levels": float(np.median(frame)),
        "key_frame": float(key_frames[light.first]),
        "begins_early": float(light.first < peak),
    }
    return found | _elsewhere(rises, light, top) | _over_time(rises, light) | _later(rises, times_s, light)


def _elsewhere(rises: Rises, light: Light, top: float) -> dict[str, float]:
    """What else rises in the same frame, and whether the light was near before."""
    region, peak = light.region, light.peak
    away = np.ones(rises.frames.shape[1:], bool)
    r0, r1 = max(0, region.top - _AROUND_PX), region.bottom + _AROUND_PX
    c0, c1 = max(0, region.left - _AROUND_PX), region.right + _AROUND_PX
    away[r0:r1, c0:c1] = False
    strength = rises.strength[peak]
    other = float(strength[away].max()) if away.any() else 0.0
    share = float(np.mean(rises.levels[peak][away] > max(3.0, 0.25 * top))) if away.any() else 0.0
    before = light.first - 1
    past = laid_over(rises.frames[before], rises.shifts.between(before, peak))
    near = past[r0:r1, c0:c1]
    return {
        "other_share": float(np.clip(other / max(1e-3, strength[region.part].max()), 0.0, 1.5)),
        "spread_share": share,
        "bright_before_share": float(near.max() / max(1.0, rises.frames[peak][region.part].max())),
        "whole_rise_levels": float(rises.whole_levels[light.first : peak + 1].sum()),
        "contrast_levels": float(rises.frames[peak][region.part][region.mask].mean() - np.median(near)),
    }


def _over_time(rises: Rises, light: Light) -> dict[str, float]:
    """How the rise compares with all others of the stretch."""
    peaks = rises.peaks
    own = float(rises.strength[light.peak][light.region.part].max())
    far = np.abs(np.arange(len(peaks)) - light.peak) > 3
    others = peaks[far] if far.any() else np.zeros(1)
    middle = float(np.median(others))
    scatter = 1.4826 * float(np.median(np.abs(others - middle))) + 0.15
    row, column = light.region.top, light.region.left
    reach = _AROUND_PX
    here = rises.strength[
        :, max(0, row - reach) : light.region.bottom + reach, max(0, column - reach) : light.region.right + reach
    ].max(axis=(1, 2))
    return {
        "outstanding_log": float(np.log(max(1e-2, (own - middle) / scatter))),
        "rival_share": float(np.clip(others.max() / max(1e-3, own), 0.0, 2.0)),
        "again_count": float(np.log1p(np.sum(here[far] > 0.5 * own))),
    }


def _later(rises: Rises, times_s: NDArray[np.float64], light: Light) -> dict[str, float]:
    """What is left of the rise after some time, whether it moves, and whether the place has changed."""
    before = light.first - 1
    mask, part = light.region.mask, light.region.part
    base = laid_over(rises.frames[before], rises.shifts.between(before, light.peak))
    base_level = float(base[part][mask].mean())
    rise = max(2.0, float(rises.frames[light.peak][part][mask].mean()) - base_level)
    found: dict[str, float] = {}
    for name, (from_s, to_s) in zip(("soon", "later", "after"), _LATER_S, strict=True):
        since = times_s - times_s[light.peak]
        frames = np.flatnonzero((since >= from_s) & (since <= to_s))
        frames = frames[:: max(1, len(frames) // 3)][:3]
        looked = [_placed(rises, light.peak, int(i)) for i in frames]
        left = [(float(v[part][mask].mean()) - base_level) / rise for v in looked]
        found[f"left_{name}_share"] = float(np.clip(np.median(left), -1.0, 2.0)) if left else _NEVER
        if name == "later":
            found["moved_px"] = _moved(looked, base, light.region, rise)
            found["left_near_share"] = _left_near(looked, base, light.region, rise)
        if name == "after":
            found |= _changed(looked, base, light.region)
    nexts = [i for i in (light.peak + 1, light.peak + 2) if i < len(times_s)]
    grown = [(float(_placed(rises, light.peak, i)[part][mask].mean()) - base_level) / rise for i in nexts]
    found["left_next_share"] = float(np.clip(max(grown, default=_NEVER), -1.0, 2.0))
    return found


def _placed(rises: Rises, peak: int, i: int) -> NDArray[np.float32]:
    """Frame `i` laid over the frame of the peak."""
    return laid_over(rises.frames[i], rises.shifts.between(i, peak))


def _moved(looked: list[NDArray[np.float32]], base: NDArray[np.float32], region: Region, rise: float) -> float:
    """How far from the region's middle the brightening of its surroundings lies later; 0 when nothing is left."""
    rows = slice(max(0, region.top - _AROUND_PX), region.bottom + _AROUND_PX)
    columns = slice(max(0, region.left - _AROUND_PX), region.right + _AROUND_PX)
    far = []
    for v in looked:
        more = (v - base)[rows, columns]
        lit = np.argwhere(more > max(8.0, 0.5 * rise))
        if len(lit):
            y, x = lit.mean(axis=0) + np.array([rows.start, columns.start])
            far.append(np.hypot(y - (region.top + region.bottom - 1) / 2, x - (region.left + region.right - 1) / 2))
    return float(np.median(far)) if far else 0.0


def _left_near(looked: list[NDArray[np.float32]], base: NDArray[np.float32], region: Region, rise: float) -> float:
    """Greatest brightening left around the place, over the rise: a lamp that moves on is as bright beside it."""
    rows = slice(max(0, region.top - _AROUND_PX), region.bottom + _AROUND_PX)
    columns = slice(max(0, region.left - _AROUND_PX), region.right + _AROUND_PX)
    size = max(1, int(region.mask.sum()))
    left = []
    for v in looked:
        more = (v - base)[rows, columns].ravel()
        most = min(size, len(more))
        left.append(float(np.partition(more, len(more) - most)[-most:].mean()) / rise)
    return float(np.clip(np.median(left), 0.0, 2.0)) if left else _NEVER


def _changed(looked: list[NDArray[np.float32]], base: NDArray[np.float32], region: Region) -> dict[str, float]:
    """How much the place and its surroundings have changed a second later, against the rest of the picture."""
    if not looked:
        return {"changed_log": 0.0, "changed_all_levels": 0.0}
    difference = np.median([np.abs(v - base) for v in looked], axis=0)
    rows = slice(max(0, region.top - 6), region.bottom + 6)
    columns = slice(max(0, region.left - 6), region.right + 6)
    here, all_ = float(difference[rows, columns].mean()), float(np.median(difference))
    return {"changed_log": float(np.log((here + 2.0) / (all_ + 2.0))), "changed_all_levels": all_}
