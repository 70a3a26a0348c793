"""Opening a file with FFmpeg: safely, with errors that name it, and with its zero of recording time.

Recording time 0 is (checked against files of known truth in tests/media):

- pts 0 in MP4, QuickTime, 3GP, Matroska, WebM, AVI, FLV and raw sound;
- the smallest start time of any stream in MPEG transport and programme streams;
- the first heard sample of an MP3 file, because FFmpeg counts an MP3's pts from before its encoder delay.
"""

from __future__ import annotations

from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.stream import Discard, Disposition

from syncview.errors import MediaError
from syncview.media.names import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

__all__ = ["first_picture", "open_media", "pixel_aspect", "read_only", "recording_zero_s", "time_base_of"]

# Containers and raw streams that cameras, phones and messengers write. Play lists, scripts, devices and text formats
# that FFmpeg also opens are left out: a file from a stranger must not make it read another file.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,vob,flv,asf,ogg,wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,"
    "amr,amrnb,amrwb,mxf,dv,h264,hevc,m4v,mpegvideo,mjpeg,rm,ivf,h263,h261,opus,mp2,loas,nut,gxf,nsv,qcp,dhav,ape,tta,wv"
)
_OFFSET_FORMATS = frozenset(("mpegts", "mpeg", "vob"))


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a file for reading.

    Parameters
    ----------
    path : Path
        The file; any name that the file system allows.

    Yields
    ------
    av.container.InputContainer
        Closed at the end of the block.

    Raises
    ------
    MediaError
        When FFmpeg finds no media in it.
    """
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
    try:
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        message = f"{shown_path(path)}: cannot be opened as video or sound ({_what(error)})"
        raise MediaError(message, hint="play it in another program, or ask for the file again") from error
    with container:
        yield container


def _what(error: Exception) -> str:
    text = error.strerror if isinstance(error, av.FFmpegError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def time_base_of(stream: Stream) -> Fraction:
    """Seconds per unit of a stream's time stamps; FFmpeg's own default where the file states none.

    Parameters
    ----------
    stream : av.stream.Stream
        Any stream.

    Returns
    -------
    Fraction
        Above zero.
    """
    base = stream.time_base
    return Fraction(1, 90_000) if not base else Fraction(base.numerator, base.denominator)


def recording_zero_s(container: InputContainer) -> Fraction:
    """Stream time of recording time 0, as the module's text defines it.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file.

    Returns
    -------
    Fraction
        Seconds.
    """
    offset_formats = set(container.format.name.split(",")) & _OFFSET_FORMATS
    if container.format.name != "mp3" and not offset_formats:
        return Fraction(0)
    starts = [stream.start_time * time_base_of(stream) for stream in container.streams if stream.start_time is not None]
    return min(starts, default=Fraction(0))


def read_only(container: InputContainer, *streams: Stream) -> None:
    """Make the demuxer leave out every other stream, so that its bytes are not even read where that can be avoided.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file.
    *streams : av.stream.Stream
        What is wanted.
    """
    wanted = {stream.index for stream in streams}
    for stream in container.streams:
        if stream.index not in wanted:
            stream.discard = Discard.all


def first_picture(container: InputContainer) -> VideoStream | None:
    """First moving picture of a file; a cover image is none.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file.

    Returns
    -------
    av.video.stream.VideoStream or None
        None for a file of sound.
    """
    still = Disposition.attached_pic | Disposition.timed_thumbnails
    return next((stream for stream in container.streams.video if not stream.disposition & still), None)


def pixel_aspect(picture: VideoStream | None) -> Fraction:
    """Width of a stored pixel over its height.

    Parameters
    ----------
    picture : av.video.stream.VideoStream or None
        Of an open file.

    Returns
    -------
    Fraction
        Above zero; 1 where the file states none.
    """
    aspect = None if picture is None else picture.sample_aspect_ratio
    return Fraction(1) if not aspect or aspect < 0 else Fraction(aspect.numerator, aspect.denominator)
