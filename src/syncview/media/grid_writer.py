"""Several recordings decoded in step and encoded as one MP4 of pictures side by side.

H.264 where this FFmpeg can write it, else VP9, else MPEG-4 part 2, all in MP4 with AAC. What stands around the pictures
is drawn by a painter that the caller gives, so that nothing here knows of events or names.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, cast

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter

from syncview.errors import MediaError
from syncview.media.grid_pictures import PictureReader, ShownPicture
from syncview.media.grid_sound import LaidSound, SoundSource, lay_sound, mixed
from syncview.media.names import shown_name, shown_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from av.container import OutputContainer
    from numpy.typing import NDArray

__all__ = ["GridJob", "GridResult", "Painter", "TileSource", "try_sound", "try_tile", "write_grid"]

_SOUND_HZ = 48_000
_GOP_S = 2
_THREADS = 2  # fixed: how the encoder cuts its work into threads shows in the bytes
_TOLD_EVERY = 10  # frames
_BT709 = 1  # of ISO/IEC 23091-2, for primaries, transfer and matrix
_ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "veryfast", "crf": "23"}),
    ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "7", "crf": "34", "b": "0"}),
    ("mpeg4", {"qscale": "4"}),
)


class Painter(Protocol):
    """What draws a whole picture of the grid."""

    def paint(self, number: int, shown: Sequence[ShownPicture | None]) -> NDArray[np.uint8]:
        """Draw output frame `number`; `shown` has one entry per tile. Shape (height, width, 3), uint8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSource:
    """What one tile shows: the file, the box for its picture, and when which frame.

    `wanted_s` has one recording time per output frame, NaN where there is no picture; `path` None shows nothing ever.
    """

    path: Path | None
    width_px: int
    height_px: int
    wanted_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridJob:
    """What a worker process is given; see `write_grid`."""

    target: Path
    work: Path
    width_px: int
    height_px: int
    rate: Fraction
    start_s: Fraction
    frame_count: int
    tiles: tuple[TileSource, ...]
    sounds: tuple[SoundSource, ...]
    painter: Callable[[], Painter]
    metadata: Mapping[str, str]
    progress: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GridResult:
    """How it was written, and what could not be shown."""

    video_codec: str
    troubles: tuple[str, ...]


def write_grid(job: GridJob) -> GridResult:
    """Write the file; for `syncview.media.workers.WorkerPool`.

    Parameters
    ----------
    job : GridJob
        What to write. ``job.progress``, when given, is kept at the number of frames that are done.

    Returns
    -------
    GridResult
        A file that cannot be read leaves its tile without picture, and a line in `troubles`.

    Raises
    ------
    MediaError
        If nothing can be encoded here, or the file cannot be written.
    """
    codec, options = _encoder()
    with contextlib.ExitStack() as stack:
        tiles = [_Tile(source) for source in job.tiles]
        for tile in tiles:
            stack.callback(tile.close)
        sounds, troubles = _sounds(job)
        try:
            with av.open(f"file:{job.target}", "w", format="mp4", container_options={"movflags": "+faststart"}) as out:
                out.metadata.update(job.metadata)
                _Encoding(out, job, codec, options, sounds).run(tiles)
        except (av.FFmpegError, OSError) as error:
            msg = f"{shown_path(job.target)}: the grid could not be written ({error.strerror or error})"
            raise MediaError(msg, hint="free some disk space, or name another folder with -o") from error
    return GridResult(video_codec=codec, troubles=(*(tile.trouble for tile in tiles if tile.trouble), *troubles))


def try_tile(source: TileSource) -> None:
    """Read all that a tile shows, for finding the file that breaks a process."""
    tile = _Tile(source)
    for number in range(len(source.wanted_s)):
        tile.shown(number)
    tile.close()


def try_sound(job: GridJob) -> None:
    """Decode the sounds of a job, for the same."""
    _sounds(job)


def _encoder() -> tuple[str, dict[str, str]]:
    for name, options in _ENCODERS:
        with contextlib.suppress(ValueError):
            av.codec.Codec(name, "w")
            return name, options
    msg = "this build of FFmpeg can write neither H.264 nor VP9 nor MPEG-4, so there is no grid"
    raise MediaError(msg, hint="install the av package from its wheel: pip install --force-reinstall av")


def _sounds(job: GridJob) -> tuple[list[LaidSound], list[str]]:
    """Sound of what can be heard; silence takes the place of a file that cannot be read, and is told."""
    parts, troubles = [], []
    for number, source in enumerate(job.sounds):
        out = job.work / f"sound-{number}.npy"
        try:
            parts.append(lay_sound(source, out=out, rate_hz=_SOUND_HZ, start_s=job.start_s))
        except MediaError as error:
            troubles.append(f"{shown_name(source.path)} is not heard: {error}")
    return parts, troubles


class _Tile:
    """A tile's reader, which fails alone."""

    def __init__(self, source: TileSource) -> None:
        self._source = source
        self.trouble: str | None = None
        self._reader: PictureReader | None = None
        if source.path is not None:
            self._reader = PictureReader(source.path, width_px=source.width_px, height_px=source.height_px)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def shown(self, number: int) -> ShownPicture | None:
        wanted_s = float(self._source.wanted_s[number])
        if self._reader is None or np.isnan(wanted_s):
            return None
        try:
            return self._reader.at(wanted_s)
        except (MediaError, av.FFmpegError) as error:
            name = "" if self._source.path is None else shown_name(self._source.path)
            self.trouble = f"{name} is not shown: {error}"
            self.close()
            self._reader = None
            return None


class _Encoding:
    """Picture and sound written side by side, so that neither waits in memory for the other."""

    def __init__(
        self, out: OutputContainer, job: GridJob, codec: str, options: dict[str, str], sounds: list[LaidSound]
    ) -> None:
        self._out, self._job, self._sounds = out, job, sounds
        self._scaler = VideoReformatter()
        self._video = cast("av.VideoStream", out.add_stream(codec, rate=job.rate, options=options))
        self._video.width, self._video.height, self._video.pix_fmt = job.width_px, job.height_px, "yuv420p"
        context = self._video.codec_context
        context.time_base = 1 / job.rate
        context.gop_size = round(_GOP_S * job.rate)
        context.thread_count = _THREADS
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        self._audio: av.AudioStream | None = None
        if job.sounds:
            self._audio = out.add_stream("aac", rate=_SOUND_HZ, layout="mono")
        self._heard = 0

    def run(self, tiles: Sequence[_Tile]) -> None:
        painter = self._job.painter()
        for number in range(self._job.frame_count):
            canvas = painter.paint(number, [tile.shown(number) for tile in tiles])
            frame = self._scaler.reformat(
                av.VideoFrame.from_ndarray(canvas, format="rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
            )
            frame.pts, frame.time_base = number, 1 / self._job.rate
            self._out.mux(self._video.encode(frame))
            self._take_sound(number + 1)
            if number % _TOLD_EVERY == 0 and self._job.progress is not None:
                self._job.progress.write_text(str(number))
        self._out.mux(self._video.encode(None))
        if self._audio is not None:
            self._out.mux(self._audio.encode(None))

    def _take_sound(self, frames: int) -> None:
        """Encode the sound of the first so many frames, as far as it is not yet."""
        if self._audio is None:
            return
        count = round(frames * _SOUND_HZ / self._job.rate) - self._heard
        samples = mixed(self._sounds, self._heard, count)
        block = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        block.sample_rate = _SOUND_HZ
        block.pts, block.time_base = self._heard, Fraction(1, _SOUND_HZ)
        self._heard += count
        self._out.mux(self._audio.encode(block))
