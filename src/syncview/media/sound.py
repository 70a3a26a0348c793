"""Decoding one sound track: frames in order, faults survived, and the choice of the track."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import numpy as np

from syncview.media.container import open_media, read_only, time_base_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from numpy.typing import NDArray

__all__ = ["Faults", "Listened", "as_float", "choose_sound", "listen", "sound_frames", "sound_position", "split_amr"]

# Bytes of an AMR frame by the type in its first byte (RFC 4867, section 4.3): narrow band, wide band.
_AMR_SIZES = {
    "amrnb": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    "libopencore_amrnb": (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1),
    "amrwb": (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1),
}
_AMR_FRAMES_PER_S = 50


@dataclass(slots=True)
class Faults:
    """What went wrong while decoding. `ended` is FFmpeg's word when reading stopped before the end."""

    bad_packets: int = 0
    ended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """The beginning of a sound track. `first_s` is the stream time of its first decoded sample.

    `silent_s` is how long nothing was heard, None as soon as something was.
    """

    first_s: Fraction | None
    silent_s: float | None


def sound_frames(container: InputContainer, stream: AudioStream, faults: Faults) -> Iterator[AudioFrame]:
    """Decode a sound track; a packet that cannot be decoded is counted and passed over.

    FFmpeg itself removes encoder priming where the file states it (edit list, Opus pre-skip, LAME tag) and moves the
    frame's pts accordingly.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file.
    stream : av.audio.stream.AudioStream
        Its track.
    faults : Faults
        Filled while decoding.

    Yields
    ------
    av.audio.frame.AudioFrame
        In the order of the file.
    """
    read_only(container, stream)
    decoder = stream.codec_context
    sizes = _AMR_SIZES.get(decoder.name)
    base = time_base_of(stream)
    try:
        for packet in container.demux(stream):
            for part in (packet,) if sizes is None else split_amr(packet, sizes, base):
                try:
                    frames = decoder.decode(part)
                except av.FFmpegError:
                    faults.bad_packets += 1
                    continue
                yield from frames
    except av.FFmpegError as error:
        faults.ended = error.strerror or "unknown error"


def split_amr(
    packet: Packet[AudioStream], sizes: tuple[int, ...], time_base: Fraction
) -> Iterator[Packet[AudioStream]]:
    """Split a packet that holds several AMR frames; FFmpeg would decode the first and lose the rest.

    Phones of the 3GP years put a second of sound into one sample of the file.

    Parameters
    ----------
    packet : av.packet.Packet
        As it was read.
    sizes : tuple of int
        Bytes of a frame by its type.
    time_base : Fraction
        Seconds per unit of the packet's time stamp.

    Yields
    ------
    av.packet.Packet
        The packet itself where it holds one frame, or is the empty one at the end.
    """
    data = bytes(packet) if packet.size else b""
    if not data or sizes[data[0] >> 3 & 15] >= len(data):
        yield packet
        return
    frame_ticks = 1 / (_AMR_FRAMES_PER_S * time_base)
    offset = count = 0
    while offset < len(data):
        size = sizes[data[offset] >> 3 & 15]
        part = cast("Packet[AudioStream]", av.Packet(data[offset : offset + size]))
        part.time_base = time_base
        part.pts = None if packet.pts is None else packet.pts + round(count * frame_ticks)
        yield part
        offset, count = offset + size, count + 1


def as_float(frame: AudioFrame) -> NDArray[np.float32]:
    """Samples of a frame at full scale +-1.

    Parameters
    ----------
    frame : av.audio.frame.AudioFrame
        Of any sample format.

    Returns
    -------
    ndarray, shape (channels, n), float32
        Lossy decoders may go beyond +-1; nothing is clipped here.
    """
    data = frame.to_ndarray()
    if not frame.format.is_planar:
        data = data.reshape(-1, frame.layout.nb_channels).T
    if data.dtype.kind == "f":
        return data.astype(np.float32, copy=False)
    if data.dtype == np.uint8:
        return (data.astype(np.float32) - 128.0) / 128.0
    full_scale = 2.0 ** (8 * data.dtype.itemsize - 1)
    return data.astype(np.float32) / np.float32(full_scale)


def choose_sound(container: InputContainer, path: Path, *, listen_s: float, silence_level: float) -> AudioStream | None:
    """Choose the sound track: the first in which something can be heard, else the first that can be decoded.

    Parameters
    ----------
    container : av.container.InputContainer
        The open file; it is left at its start.
    path : Path
        The same file, opened again to listen where there are several tracks.
    listen_s : float
        How far to listen into each track, in seconds.
    silence_level : float
        Level below which a sample counts as digital silence, full scale 1.

    Returns
    -------
    av.audio.stream.AudioStream or None
        None when the file has no track that can be decoded.
    """
    # A track without decoder (Apple's spatial sound) has no codec context, against what its type says.
    known = [stream for stream in container.streams.audio if getattr(stream, "codec_context", None) is not None]
    if len(known) < 2:
        return known[0] if known else None
    for stream in known:
        position = sound_position(container, stream)
        if listen(path, position, listen_s=listen_s, silence_level=silence_level).silent_s is None:
            return stream
    return known[0]


def sound_position(container: InputContainer, stream: AudioStream) -> int:
    """Place of a sound track among the sound tracks of its file.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file.
    stream : av.audio.stream.AudioStream
        One of its tracks.

    Returns
    -------
    int
        From 0.
    """
    return [each.index for each in container.streams.audio].index(stream.index)


def listen(path: Path, position: int, *, listen_s: float, silence_level: float) -> Listened:
    """Decode the beginning of a sound track until something is heard.

    Parameters
    ----------
    path : Path
        The file.
    position : int
        Place of the track among the sound tracks.
    listen_s : float
        Where to stop listening.
    silence_level : float
        Level that counts as nothing, full scale 1.

    Returns
    -------
    Listened
        When the first sample comes, and for how long nothing was heard.

    Raises
    ------
    MediaError
        When the file cannot be opened.
    """
    listened_s = 0.0
    first_s: Fraction | None = None
    with open_media(path) as container:
        for frame in sound_frames(container, container.streams.audio[position], Faults()):
            if first_s is None and frame.pts is not None and frame.time_base is not None:
                first_s = frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator)
            if np.abs(as_float(frame)).max(initial=0.0) > silence_level:
                return Listened(first_s=first_s, silent_s=None)
            listened_s += frame.samples / frame.sample_rate
            if listened_s >= listen_s:
                break
    return Listened(first_s=first_s, silent_s=listened_s)
