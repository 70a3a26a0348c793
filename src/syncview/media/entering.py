"""Decode a file from the middle on, where that gives the same frames and times as decoding all of it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import av

from syncview.media.container import first_picture, open_media, read_only, recording_zero_s, time_base_of
from syncview.media.frames import NO_LOOP_FILTER, pictures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer

__all__ = ["can_be_entered", "frames_from"]

_LATE_S = 1e-4
# Others count frames from where they are entered, which gives wrong times (AVI with B-frames), or have no index.
_ENTERED = frozenset(("mov", "mp4", "matroska", "webm", "mpegts"))
_EARLIER_S = (0.0, 1.0, 5.0)  # an index goes by the order of decoding, so the first frame may come after the moment


def can_be_entered(format_name: str) -> bool:
    """Tell whether files of a container format may be decoded from the middle on.

    Parameters
    ----------
    format_name : str
        As FFmpeg has it, such as ``"mov,mp4,m4a,3gp,3g2,mj2"``.

    Returns
    -------
    bool

    Examples
    --------
    >>> can_be_entered("matroska,webm"), can_be_entered("avi")
    (True, False)
    """
    return bool(_ENTERED & set(format_name.split(",")))


def frames_from(path: Path, start_s: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames from a moment on or before; where the file cannot be entered there, from its beginning.

    Parameters
    ----------
    path : Path
        The file. It is only read.
    start_s : float
        Recording time in seconds.

    Yields
    ------
    time_s : float
        Recording time of the frame, strictly ascending.
    frame : av.VideoFrame
        As decoded, without the loop filter where no other frame builds on it.

    Raises
    ------
    MediaError
        If the file cannot be opened.
    """
    for earlier_s in _EARLIER_S:
        if start_s <= earlier_s:
            break
        with open_media(path) as container:
            if not _enter(container, start_s - earlier_s):
                break
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
    if stream is None or not can_be_entered(container.format.name):
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
