"""What the packets of a file say of its timing: one pass at the speed of reading, nothing decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import av
import numpy as np

from syncview.media.container import read_only, time_base_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from numpy.typing import NDArray

__all__ = ["PacketSurvey", "is_variable", "survey_packets"]

_STEADY_S = 0.001  # frames this near to an even grid are steady: phones and 1 ms stamps round by less
_STRETCHED_S = 0.002  # a first packet longer than the second by more tells of a late start (Android)


@dataclass(slots=True)
class _Tally:
    """Packets of one stream, in the order of the file."""

    is_sound: bool
    count: int = 0
    pts: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    skipped_samples: int = 0
    cut_samples: int = 0
    damaged: int = 0

    def take(self, packet: Packet[Stream]) -> None:
        if self.is_sound and packet.has_sidedata("skip_samples"):
            # libavcodec: samples to leave out at the start and at the end, 32 bits each, little-endian
            start, end = struct.unpack_from("<II", bytes(packet.get_sidedata("skip_samples")))
            self.skipped_samples += start
            self.cut_samples += end
        self.count += 1
        self.damaged += packet.is_corrupt
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None and (self.is_sound or not packet.is_discard):
            self.pts.append(stamp)
            self.lengths.append(packet.duration or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketSurvey:
    """Timing of one stream. `pts` (shape (n,), int64, sorted) leaves out what an edit list hides.

    `count` is the number of all packets; a raw stream of pictures has some and no stamps.
    `stretched_by` is how much longer the first packet of sound is than the second, in units of the time base.
    """

    count: int
    time_base: Fraction
    pts: NDArray[np.int64]
    end: int
    stretched_by: int
    skipped_samples: int
    cut_samples: int
    damaged: int

    @property
    def start_s(self) -> Fraction | None:
        """Stream time of the first packet, priming included."""
        return int(self.pts[0]) * self.time_base if len(self.pts) else None

    @property
    def end_s(self) -> Fraction | None:
        """Stream time of the end of the last packet."""
        return self.end * self.time_base if len(self.pts) else None


def survey_packets(container: InputContainer, streams: Sequence[Stream]) -> tuple[dict[int, PacketSurvey], str | None]:
    """Read every packet of some streams, without decoding.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file, at its start.
    streams : sequence of av.stream.Stream
        Which streams.

    Returns
    -------
    surveys : dict of int to PacketSurvey
        By stream index.
    ended : str or None
        FFmpeg's word when reading stopped before the end.
    """
    read_only(container, *streams)
    tallies = {stream.index: _Tally(is_sound=stream.type == "audio") for stream in streams}
    ended = None
    try:
        for packet in container.demux(*streams):
            if packet.size:  # the last ones are empty and only meant for decoders
                tallies[packet.stream_index].take(packet)
    except av.FFmpegError as error:
        ended = error.strerror or "unknown error"
    return {stream.index: _survey(tallies[stream.index], stream) for stream in streams}, ended


def _survey(tally: _Tally, stream: Stream) -> PacketSurvey:
    pts = np.array(tally.pts, dtype=np.int64)
    lengths = np.array(tally.lengths, dtype=np.int64)
    base = time_base_of(stream)
    stretched = int(lengths[0] - lengths[1]) if stream.type == "audio" and len(pts) > 1 else 0
    return PacketSurvey(
        count=tally.count,
        time_base=base,
        pts=np.sort(pts),
        end=int((pts + lengths).max()) if len(pts) else 0,
        stretched_by=stretched if stretched * base > _STRETCHED_S else 0,
        skipped_samples=tally.skipped_samples,
        cut_samples=tally.cut_samples,
        damaged=tally.damaged,
    )


def is_variable(pts: NDArray[np.int64], time_base: Fraction) -> bool | None:
    """Whether frames lie off an even grid, judged by every stamp and not by the nominal rate.

    Parameters
    ----------
    pts : ndarray, shape (n,), int64
        Sorted time stamps.
    time_base : Fraction
        Seconds per unit.

    Returns
    -------
    bool or None
        None for fewer than three frames. Rounding of the stamps to their own unit is not variation.

    Examples
    --------
    >>> from fractions import Fraction
    >>> is_variable(np.array([0, 33, 67, 100, 133]), Fraction(1, 1000))
    False
    >>> is_variable(np.array([0, 33, 67, 150, 183]), Fraction(1, 1000))
    True
    """
    if len(pts) < 3:
        return None
    grid = np.linspace(float(pts[0]), float(pts[-1]), len(pts))
    off_s = float(np.abs(pts - grid).max()) * float(time_base)
    return off_s > max(_STEADY_S, float(time_base)) * 1.001
