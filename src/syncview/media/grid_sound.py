"""Sound of recordings laid on the group clock, to the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.media.audio import decode_audio, open_clip
from syncview.timebase import group_time_s, pace_of, segments_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

    from syncview.model import AudioClip
    from syncview.timebase import SegmentLike

__all__ = ["LaidSound", "SoundSource", "lay_sound", "mixed"]

_SAME_PACE = 1e-9  # below it not one sample is gained in an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSource:
    """A recording whose sound is wanted, and its clock."""

    recording_id: str
    path: Path
    segments: Sequence[SegmentLike]


class LaidSound:
    """One recording's sound on the group clock.

    Parameters
    ----------
    clip : AudioClip
        The sound on recording time.
    segments : sequence of SegmentLike
        The recording's clock. Sound that lies in no segment of "audio" or "both" is not heard. The sound is left where
        the file has it: a skew between its sound and picture is not corrected.
    start_s : Fraction
        Group time of sample 0 of the result.
    """

    def __init__(self, clip: AudioClip, segments: Sequence[SegmentLike], *, start_s: Fraction) -> None:
        self._clip = clip
        self._segments = segments_of(segments, of="audio")
        self._start_s = start_s

    def block(self, first: int, count: int) -> NDArray[np.float32]:
        """Samples [first, first + count) of the result.

        Parameters
        ----------
        first, count : int
            Place and number, at the rate of the clip.

        Returns
        -------
        ndarray of float32, shape (count,)
            Zeros where the recording holds nothing. A moment that the file repeats is heard as it is heard first.
        """
        out = np.zeros(count, dtype=np.float32)
        free = np.ones(count, dtype=bool)
        for segment in self._segments:
            low, high = (
                round(float((group_time_s(segment, edge_s) - float(self._start_s)) * self._clip.rate_hz)) - first
                for edge_s in (segment.start_s, segment.end_s)
            )
            low, high = max(0, low), min(count, high)
            if low >= high:
                continue
            heard = self._taken(segment, first + low, high - low)
            mine = free[low:high]
            out[low:high][mine] = heard[mine]
            mine[:] = False
        return out

    def _taken(self, segment: SegmentLike, first: int, count: int) -> NDArray[np.float32]:
        """Samples of the clip that a segment puts at [first, first + count) of the result."""
        rate_hz, pace = self._clip.rate_hz, pace_of(segment)
        ahead_s = (float(self._start_s) - segment.offset_s) / pace - self._clip.start_s
        if abs(pace - 1.0) < _SAME_PACE:
            low = round(ahead_s * rate_hz) + first
            out = np.zeros(count, dtype=np.float32)
            begin, end = max(0, low), min(len(self._clip.samples), low + count)
            if begin < end:
                out[begin - low : end - low] = self._clip.samples[begin:end]
            return out
        return self._between(ahead_s * rate_hz + (first + np.arange(count)) / pace)

    def _between(self, places: NDArray[np.float64]) -> NDArray[np.float32]:
        """Samples between samples, by the cubic through the four nearest (Catmull and Rom 1974)."""
        base = np.floor(places).astype(np.int64)
        t = (places - base).astype(np.float32)
        low = max(0, int(base[0]) - 1)
        near = np.asarray(self._clip.samples[low : max(low, int(base[-1]) + 3)])
        if not len(near):
            return np.zeros(len(places), dtype=np.float32)
        p0, p1, p2, p3 = (near[np.clip(base + step - low, 0, len(near) - 1)] for step in (-1, 0, 1, 2))
        curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
        inside = (base >= 0) & (base < len(self._clip.samples))
        return np.where(inside, curve, np.float32(0.0)).astype(np.float32)


def lay_sound(source: SoundSource, *, out: Path, rate_hz: int, start_s: Fraction) -> LaidSound:
    """Decode a recording's sound and lay it on the group clock.

    Parameters
    ----------
    source : SoundSource
        The recording.
    out : Path
        Where the decoded sound goes, a .npy file that must stay while the result is used.
    rate_hz : int
        Rate of the result.
    start_s : Fraction
        Group time of its sample 0.

    Returns
    -------
    LaidSound
        Reads block by block.

    Raises
    ------
    MediaError
        If the file cannot be opened, or has no sound that can be decoded.
    """
    decoded = decode_audio(source.path, rate_hz=rate_hz, out=out)
    return LaidSound(open_clip(decoded, source.recording_id), source.segments, start_s=start_s)


def mixed(parts: Sequence[LaidSound], first: int, count: int) -> NDArray[np.float32]:
    """Sounds together, each as loud against the others as its file has it.

    Parameters
    ----------
    parts : sequence of LaidSound
        One is left as it is; the sum of several is divided by the root of their number.
    first, count : int
        Place and number of the samples.

    Returns
    -------
    ndarray of float32, shape (count,)
        Within -1 and 1; zeros of no parts.
    """
    total = np.zeros(count, dtype=np.float32)
    for part in parts:
        total += part.block(first, count)
    if len(parts) > 1:
        total /= np.float32(np.sqrt(len(parts)))
    return np.clip(total, -1.0, 1.0)
