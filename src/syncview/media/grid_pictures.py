"""Frames of one file at the moments that are asked for: forwards without waste, back or far ahead by seeking."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from av import FFmpegError
from av.video.reformatter import VideoReformatter

from syncview.media.container import first_picture, open_media, recording_zero_s, time_base_of
from syncview.media.frames import pictures, quarter_turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import av
    from numpy.typing import NDArray

__all__ = ["PictureReader", "ShownPicture"]

_SLACK_S = 1e-6  # the moments come from a table of float seconds, the frames carry exact ones
_SEEK_S = 8.0  # less than this ahead is decoded through: a seek would go back to a key frame first


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """A frame as it is to be shown: the right way up, with square pixels, no larger than its box.

    `pixels` is an ndarray of uint8, shape (height, width, 3), red, green and blue.
    """

    time_s: float
    pixels: NDArray[np.uint8]


class PictureReader:
    """Reads one file for one tile; holds two frames at most, whatever the length of the file.

    Parameters
    ----------
    path : Path
        The file. It is only read.
    width_px, height_px : int
        The box that pictures are fitted into.
    """

    def __init__(self, path: Path, *, width_px: int, height_px: int) -> None:
        self._path = path
        self._box = width_px, height_px
        self._scaler = VideoReformatter()
        self._open = contextlib.ExitStack()
        self._frames: Iterator[tuple[Fraction, av.VideoFrame]] = iter(())
        self._now: tuple[Fraction, av.VideoFrame] | None = None
        self._next: tuple[Fraction, av.VideoFrame] | None = None
        self._aspect = Fraction(1)
        self._shown: ShownPicture | None = None

    def close(self) -> None:
        """Close the file."""
        self._open.close()
        self._now = self._next = None

    def at(self, time_s: float) -> ShownPicture | None:
        """Give the frame that is on screen at a moment.

        Parameters
        ----------
        time_s : float
            Recording time in seconds.

        Returns
        -------
        ShownPicture or None
            The same object as before while the frame stays the same. None where there is none, or none can be decoded.

        Raises
        ------
        MediaError
            If the file cannot be opened.
        """
        wanted_s = Fraction(time_s) + Fraction(_SLACK_S)
        if self._now is None or wanted_s < self._now[0] or wanted_s > self._now[0] + Fraction(_SEEK_S):
            self._start(wanted_s)
        while self._next is not None and self._next[0] <= wanted_s:
            self._now, self._next = self._next, next(self._frames, None)
        if self._now is None or self._now[0] > wanted_s:
            return None
        if self._shown is None or self._shown.time_s != float(self._now[0]):
            self._shown = ShownPicture(time_s=float(self._now[0]), pixels=self._fitted(self._now[1]))
        return self._shown

    def _start(self, wanted_s: Fraction) -> None:
        """Open the file, and go to a key frame at or before a moment where the container can do that."""
        if wanted_s > _SEEK_S:
            self._begin(wanted_s)
            if self._now is not None and self._now[0] <= wanted_s:
                return
        self._begin(None)

    def _begin(self, seek_s: Fraction | None) -> None:
        self.close()
        container = self._open.enter_context(open_media(self._path))
        stream = first_picture(container)
        if stream is None:
            return
        aspect = stream.sample_aspect_ratio
        self._aspect = Fraction(1) if not aspect else Fraction(aspect.numerator, aspect.denominator)
        if seek_s is not None:
            place = int((seek_s + recording_zero_s(container)) / time_base_of(stream))
            try:
                container.seek(place, stream=stream, backward=True)
            except (FFmpegError, ValueError):
                return
        self._frames = pictures(container)
        self._now = next(self._frames, None)
        self._next = next(self._frames, None)

    def _fitted(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        turns = quarter_turns(frame)
        wide, high = frame.width * self._aspect, Fraction(frame.height)
        if turns % 2:
            wide, high = high, wide
        scale = min(self._box[0] / wide, self._box[1] / high)
        width, height = max(1, round(wide * scale)), max(1, round(high * scale))
        across, down = (height, width) if turns % 2 else (width, height)
        smaller = across < frame.width
        pixels = self._scaler.reformat(
            frame, width=across, height=down, format="rgb24", interpolation="AREA" if smaller else "BICUBIC"
        ).to_ndarray()
        return np.ascontiguousarray(np.rot90(pixels, -turns) if turns else pixels, dtype=np.uint8)
