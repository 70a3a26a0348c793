"""A file's own way to name a moment: time code and frame number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["frame_index", "timecode"]

_SLACK_S = 1e-6  # results carry microseconds; a frame that starts at 1/30 s must contain 0.033333 s


def timecode(time_s: float) -> str:
    """Recording time as HH:MM:SS.mmm.

    Parameters
    ----------
    time_s : float
        Recording time in seconds.

    Returns
    -------
    str
        To the nearest millisecond; hours grow past 99.

    Examples
    --------
    >>> timecode(3723.0455), timecode(-0.25)
    ('01:02:03.046', '-00:00:00.250')
    """
    milliseconds = round(abs(time_s) * 1000)
    sign = "-" if time_s < 0 and milliseconds else ""
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def frame_index(pts_s: NDArray[np.float64], t_s: float) -> int | None:
    """Number of the frame on screen at a moment, exact for variable frame rates too.

    Parameters
    ----------
    pts_s : ndarray of float64, shape (n,)
        Recording times at which the frames appear, ascending, in seconds.
    t_s : float
        Recording time in seconds.

    Returns
    -------
    int or None
        From 0; None before the first frame, and after the last one has been shown for as long as the one before it.

    Raises
    ------
    InputError
        If the times are not one row in ascending order.

    Examples
    --------
    >>> frame_index(np.array([0.0, 0.04, 0.1]), 0.099), frame_index(np.array([0.5, 0.54]), 0.2)
    (1, None)
    """
    if pts_s.ndim != 1 or np.any(np.diff(pts_s) < 0):
        msg = f"frame times should be one row in ascending order, got shape {pts_s.shape}"
        raise InputError(msg)
    index = int(np.searchsorted(pts_s, t_s + _SLACK_S, side="right")) - 1
    if index < 0:
        return None
    last = len(pts_s) - 1
    shown_s = pts_s[-1] - pts_s[-2] if last > 0 else np.inf
    return None if index == last and t_s > pts_s[-1] + shown_s + _SLACK_S else index
