"""Frames of some stretches of a file only, small and grey, with their exact recording times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.video.reformatter import VideoReformatter

from syncview.errors import InputError
from syncview.media.entering import frames_from
from syncview.media.frames import quarter_turns, small_picture
from syncview.model import LumaWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["luma_windows"]


def luma_windows(
    path: Path, stretches_s: Sequence[tuple[float, float]], *, long_side_px: int, before_s: float, after_s: float
) -> Iterator[LumaWindow]:
    """Read stretches of a file's picture; of the rest, nothing is decoded that can be passed over.

    Parameters
    ----------
    path : Path
        The file. It is only read.
    stretches_s : sequence of (start_s, end_s)
        Recording times, in any order.
    long_side_px : int
        Size of the small pictures along the longer side; the other keeps the shape.
    before_s, after_s : float
        How much is read around each stretch.

    Yields
    ------
    LumaWindow
        One for each stretch in which there is a frame, in their order. Nothing is made even: a variable rate stays
        variable, frames that cannot be decoded are missing.

    Raises
    ------
    MediaError
        If the file cannot be opened.
    InputError
        If a size is not positive or a stretch is not one.
    """
    if long_side_px < 2 or any(not start_s < end_s for start_s, end_s in stretches_s):
        msg = f"expected a size of 2 px or more and stretches with start < end, got {long_side_px} px, {stretches_s}"
        raise InputError(msg)
    for start_s, end_s in stretches_s:
        window = _window(path, (start_s, end_s), long_side_px, (max(0.0, start_s - before_s), end_s + after_s))
        if window is not None:
            yield window


def _window(
    path: Path, stretch_s: tuple[float, float], long_side_px: int, read_s: tuple[float, float]
) -> LumaWindow | None:
    scaler = VideoReformatter()
    times_s: list[float] = []
    small: list[NDArray[np.uint8]] = []
    keys: list[bool] = []
    shown = size = (0, 0)
    for time_s, frame in frames_from(path, read_s[0]):
        if time_s > read_s[1]:
            break
        if time_s < read_s[0]:
            continue
        if not times_s:
            shown = (frame.height, frame.width) if quarter_turns(frame) % 2 else (frame.width, frame.height)
            share = long_side_px / max(shown)
            size = max(2, round(shown[0] * share)), max(2, round(shown[1] * share))
        times_s.append(time_s)
        small.append(small_picture(scaler, frame, *size))
        keys.append(bool(frame.key_frame))
    if not times_s:
        return None
    return LumaWindow(
        start_s=stretch_s[0],
        end_s=stretch_s[1],
        times_s=np.array(times_s),
        frames=np.stack(small),
        key_frames=np.array(keys),
        shown_px=shown,
    )
