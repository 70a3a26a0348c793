"""Frames of a part of a file in colour, the right way up, a few a second, with their exact recording times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.video.reformatter import VideoReformatter

from syncview.errors import InputError
from syncview.media.container import first_picture, open_media, pixel_aspect
from syncview.media.entering import frames_from
from syncview.media.frames import quarter_turns
from syncview.media.shown import shown_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction
    from pathlib import Path

    import av
    from numpy.typing import NDArray

__all__ = ["colour_frames", "looked_at", "made_smaller"]

_SLACK_S = 1e-6
_BEFORE_S = (0.5, 4.0, 60.0)  # how much earlier to enter for the frame before: most files have one every 40 ms


def looked_at(times_s: NDArray[np.float64], rate_hz: float) -> NDArray[np.bool_]:
    """Which frames are looked at: the first at or after each moment k / `rate_hz`.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n,)
        Recording times of consecutive frames, ascending. The first counts as the first of the file.
    rate_hz : float
        Moments per second.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> looked_at(np.array([0.0, 0.04, 0.21, 0.25, 0.9]), 5.0).tolist()
    [True, False, True, False, True]
    """
    moments = np.floor(np.asarray(times_s) * rate_hz + _SLACK_S)
    return np.diff(moments, prepend=-np.inf) > 0


def colour_frames(
    path: Path, *, start_s: float, end_s: float, rate_hz: float, long_side_px: int
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Frames of a part of a file in colour: the first at or after each moment k / `rate_hz`.

    Parameters
    ----------
    path : Path
        The file. It is only read.
    start_s, end_s : float
        The part, recording time in seconds; what begins at `end_s` belongs to the next.
    rate_hz : float
        How many a second at most. Where frames come more slowly, all are given.
    long_side_px : int
        Larger pictures are made smaller, to this along the longer side; smaller ones are as large as they are shown.

    Yields
    ------
    time_s : float
        Recording time of the frame, strictly ascending. The first may lie before `start_s`: it is the frame looked at
        before the part, from which the motion of the camera is told.
    picture : ndarray of uint8, shape (height_px, width_px, 3)
        Blue, green, red; its pixels are square, whatever the file's are.

    Raises
    ------
    MediaError
        If the file cannot be opened. Frames that cannot be decoded are left out; a file without picture gives none.
    InputError
        If a size is not positive, a rate not above 0, or the part is none.

    Notes
    -----
    The frames do not depend on where the file is entered: which are looked at follows from their own times.
    """
    if long_side_px < 2 or not rate_hz > 0 or not start_s < end_s:
        got = f"{long_side_px} px at {rate_hz} Hz, {start_s} to {end_s} s"
        msg = f"expected a size of 2 px or more, a rate above 0 and start < end, got {got}"
        raise InputError(msg)
    with open_media(path) as container:
        aspect = pixel_aspect(first_picture(container))
    scaler = VideoReformatter()
    for time_s, frame in _chosen(path, start_s, end_s, rate_hz):
        yield time_s, _picture(scaler, frame, aspect, long_side_px)


def _chosen(path: Path, start_s: float, end_s: float, rate_hz: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """The frames looked at in the part, and the one before it."""
    before: tuple[float, av.VideoFrame] | None = None
    for time_s, frame in _looked_at_frames(path, start_s, rate_hz):
        if time_s >= end_s - _SLACK_S:
            return
        if time_s < start_s - _SLACK_S:
            before = time_s, frame
            continue
        if before is not None:
            yield before
            before = None
        yield time_s, frame


def _looked_at_frames(path: Path, start_s: float, rate_hz: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames looked at, from one before the start on; entered ever earlier until there is one, or the file begins."""
    for earlier_s in _BEFORE_S:
        if start_s <= earlier_s:
            break
        found = _from_the_second(frames_from(path, start_s - earlier_s), rate_hz)
        first = next(found, None)
        if first is not None and first[0] < start_s - _SLACK_S:
            yield first
            yield from found
            return
    due_s = -np.inf
    for time_s, frame in frames_from(path, 0.0):
        if time_s >= due_s:
            due_s = _next_s(time_s, rate_hz)
            yield time_s, frame


def _from_the_second(
    frames: Iterator[tuple[float, av.VideoFrame]], rate_hz: float
) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames looked at but for the first: whether that is one, the frame before it would tell."""
    first = next(frames, None)
    if first is None:
        return
    due_s = _next_s(first[0], rate_hz)
    for time_s, frame in frames:
        if time_s >= due_s:
            due_s = _next_s(time_s, rate_hz)
            yield time_s, frame


def _next_s(time_s: float, rate_hz: float) -> float:
    return (float(np.floor(time_s * rate_hz + _SLACK_S)) + 1.0 - _SLACK_S) / rate_hz


def made_smaller(size_px: tuple[int, int], long_side_px: int) -> tuple[int, int]:
    """Width and height of a picture whose longer side is no more than so many pixels.

    Examples
    --------
    >>> made_smaller((1080, 1920), 1280), made_smaller((640, 360), 1280)
    ((720, 1280), (640, 360))
    """
    share = min(1.0, long_side_px / max(size_px))
    return max(2, round(size_px[0] * share)), max(2, round(size_px[1] * share))


def _picture(scaler: VideoReformatter, frame: av.VideoFrame, aspect: Fraction, long_side_px: int) -> NDArray[np.uint8]:
    turns = quarter_turns(frame)
    size_px = made_smaller(shown_size(frame.width, frame.height, pixel_aspect=aspect, turns=turns), long_side_px)
    width, height = size_px[::-1] if turns % 2 else size_px
    shown = scaler.reformat(frame, width=width, height=height, format="bgr24", interpolation="AREA").to_ndarray()
    return np.ascontiguousarray(np.rot90(shown, -turns) if turns else shown, dtype=np.uint8)
