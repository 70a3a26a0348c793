"""Frames of some stretches of a file only, small and grey, with their exact recording times."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from syncview.errors import InputError
from syncview.media.container import first_picture, open_media, read_only, recording_zero_s, time_base_of
from syncview.media.frames import NO_LOOP_FILTER, pictures, quarter_turns, small_picture
from syncview.model import LumaWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from av.container import InputContainer
    from numpy.typing import NDArray

__all__ = ["luma_windows"]

_LATE_S = 1e-4
# Others count frames from where they are entered, which gives wrong times (AVI with B-frames), or have no index.
_ENTERED = frozenset(("mov", "mp4", "matroska", "webm", "mpegts"))


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
    for time_s, frame in _frames(path, read_s[0]):
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


def _frames(path: Path, start_s: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames from a moment on or before; where the file cannot be entered there, from its beginning."""
    with open_media(path) as container:
        if start_s > 0 and _enter(container, start_s):
            found = ((float(time_s), frame) for time_s, frame in pictures(container))
            first = next(found, None)
            if first is not None and first[0] <= start_s + _LATE_S:
                yield from chain((first,), found)
                return
    with open_media(path) as container:
        _prepare(container)
        yield from ((float(time_s), frame) for time_s, frame in pictures(container))


def _enter(container: InputContainer, start_s: float) -> bool:
    """Go to the last frame before a moment that needs no other; whether that worked."""
    stream = first_picture(container)
    if stream is None or not _ENTERED & set(container.format.name.split(",")):
        return False
    _prepare(container)
    stamp = int((start_s + float(recording_zero_s(container))) / float(time_base_of(stream)))
    try:
        container.seek(stamp, stream=stream, backward=True)
    except av.FFmpegError:
        return False
    return True


def _prepare(container: InputContainer) -> None:
    stream = first_picture(container)
    if stream is not None:
        read_only(container, stream)
        stream.codec_context.options = NO_LOOP_FILTER
