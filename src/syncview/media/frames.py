"""The pictures of a file with their exact recording times, whole or small and grey.

The small ones are what `detect.shots` and `sync.picture` look at. They cost little more than decoding: FFmpeg averages
all pixels into each small one, the loop filter is left out where no other frame builds on the result, and one scaler
serves all frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from syncview.errors import InputError
from syncview.media.container import first_picture, open_media, read_only, recording_zero_s, time_base_of
from syncview.timebase import pts_to_s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    from av.container import InputContainer
    from numpy.typing import NDArray

__all__ = ["NO_LOOP_FILTER", "pictures", "quarter_turns", "small_frames", "small_picture"]

NO_LOOP_FILTER = {"skip_loop_filter": "noref"}  # only on frames that no other is predicted from: errors cannot add up


def small_frames(
    path: Path, *, width_px: int, height_px: int, rate_hz: float | None = None
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Small grey pictures of a file, the right way up, stretched to one shape whatever the source's.

    Parameters
    ----------
    path : Path
        The file. It is only read.
    width_px, height_px : int
        Size of the small pictures.
    rate_hz : float or None
        Give no more than this many per second, each the first at or after its moment; None gives all.

    Yields
    ------
    time_s : float
        Recording time of the frame, strictly ascending. Nothing is made even: a variable rate stays variable.
    picture : ndarray of uint8, shape (height_px, width_px)
        Mean levels, black 0, white 255.

    Raises
    ------
    MediaError
        If the file cannot be opened. Frames that cannot be decoded are left out; a file without picture gives none.
    InputError
        If a size is not positive or a rate not above 0.
    """
    if width_px < 1 or height_px < 1 or (rate_hz is not None and not rate_hz > 0):
        msg = f"small pictures need a size and a rate above 0, got {width_px} x {height_px} px at {rate_hz} Hz"
        raise InputError(msg)
    with open_media(path) as container:
        picture = first_picture(container)
        if picture is None:
            return
        read_only(container, picture)
        picture.codec_context.options = NO_LOOP_FILTER
        scaler = VideoReformatter()
        due_s = 0.0
        for exact_s, frame in pictures(container):
            time_s = float(exact_s)
            if rate_hz is not None:
                if time_s < due_s:
                    continue
                due_s = (np.floor(time_s * rate_hz + 1e-6) + 1.0) / rate_hz - 1e-6
            yield time_s, small_picture(scaler, frame, width_px, height_px)


def small_picture(scaler: VideoReformatter, frame: av.VideoFrame, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """Mean levels of a frame on a small grid, the right way up.

    Parameters
    ----------
    scaler : av.video.reformatter.VideoReformatter
        One for all frames of a file.
    frame : av.VideoFrame
        As decoded.
    width_px, height_px : int
        Size of the small picture, as it is shown.

    Returns
    -------
    ndarray of uint8, shape (height_px, width_px)
        Black 0, white 255.
    """
    turns = quarter_turns(frame)
    across, down = (height_px, width_px) if turns % 2 else (width_px, height_px)
    grey = scaler.reformat(frame, width=across, height=down, format="gray", interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(grey, -turns) if turns else grey, dtype=np.uint8)


def pictures(container: InputContainer) -> Iterator[tuple[Fraction, av.VideoFrame]]:
    """Frames of a file's picture with their recording times, in order.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file, at its start.

    Yields
    ------
    time_s : Fraction
        Exact recording time, strictly ascending, not below 0.
    frame : av.VideoFrame
        What cannot be decoded or has no time of its own is left out.
    """
    stream = first_picture(container)
    if stream is None:
        return
    stream.thread_type = "AUTO"
    base, zero_s = time_base_of(stream), recording_zero_s(container)
    last_s: Fraction | None = None
    for frame in _decoded(container, stream):
        if frame.pts is None:
            continue
        time_s = pts_to_s(frame.pts, base, zero_s=zero_s)
        if time_s >= 0 and (last_s is None or time_s > last_s):
            last_s = time_s
            yield time_s, frame


def _decoded(container: InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.FFmpegError:
                continue  # the frames around it are still worth seeing
    except av.FFmpegError:
        return  # a truncated file shows what it has


def quarter_turns(frame: av.VideoFrame) -> int:
    """Quarter turns, clockwise, that show a frame the right way up."""
    return round(-frame.rotation / 90) % 4
