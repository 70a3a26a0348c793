"""Flashes: all of a picture brightens from one frame to the next and darkens again soon.

The light of an explosion reaches a camera at once and fades within a few frames. A passing car brightens a part of the
picture, a change of exposure or a cut brightens it for longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError
from syncview.timebase import round_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import PictureSettings

__all__ = ["find_flashes"]

_MAD_TO_SIGMA = 1.4826
_LIT = 0.25  # of the least rise, what a region must brighten by


def find_flashes(
    times_s: NDArray[np.float64], regions: NDArray[np.floating], *, settings: PictureSettings
) -> tuple[float, ...]:
    """Find the flashes of a recording's picture.

    Parameters
    ----------
    times_s : ndarray of float64, shape (frames,)
        Recording times of all frames, ascending.
    regions : ndarray, shape (frames, regions)
        Mean grey level of each region of the picture, 0 to 255.
    settings : PictureSettings
        Thresholds.

    Returns
    -------
    tuple of float
        Recording time of the first bright frame of each.

    Raises
    ------
    InputError
        If the two do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> from syncview.settings import PictureSettings
    >>> times_s, levels = np.arange(60) / 30, np.full((60, 12), 90.0)
    >>> levels[30:33] += np.array([[40.0], [20.0], [8.0]])
    >>> find_flashes(times_s, levels, settings=PictureSettings())
    (1.0,)
    """
    if regions.ndim != 2 or len(regions) != len(times_s):
        msg = f"expected a row of regions for each of {len(times_s)} frames, got shape {regions.shape}"
        raise InputError(msg)
    if len(times_s) < 3:
        return ()
    steps = np.diff(np.asarray(regions, np.float64), axis=0)
    rise = steps.mean(axis=1)
    usual = _MAD_TO_SIGMA * float(np.median(np.abs(rise - np.median(rise))))
    least = max(settings.flash_least_levels, settings.flash_least_sigmas * usual)
    lit = np.mean(steps >= _LIT * settings.flash_least_levels, axis=1) >= settings.flash_least_share
    levels = regions.mean(axis=1, dtype=np.float64)
    found: list[float] = []
    for at in np.flatnonzero((rise >= least) & lit) + 1:
        time_s = float(times_s[at])
        if found and time_s - found[-1] <= settings.flash_fade_s:
            continue
        after = levels[at + 1 : np.searchsorted(times_s, time_s + settings.flash_fade_s, side="right")]
        if len(after) and float(after.min()) <= levels[at - 1] + 0.5 * (levels[at] - levels[at - 1]):
            found.append(round_s(time_s))
    return tuple(found)
