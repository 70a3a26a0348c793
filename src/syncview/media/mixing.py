"""Frames of any rate and layout in, one mono stream at one rate out, written block by block.

Mono is the plain mean of the channels that carry anything: it cannot clip, keeps arrival times, and a dead channel does
not halve the level. No surround matrix is used, because its weights and phase shifts are made for loudspeakers. Where
the mean cancels (one channel wired the wrong way round) the loudest channel is used alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import av
import numpy as np

from syncview.media.levels import RunFinder
from syncview.media.sound import as_float

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.settings import AudioSettings

__all__ = ["Mixer", "Part"]

_DEAD_CHANNEL = 1e-4  # -80 dB full scale: what coding leaks from a live channel into a dead one
_CANCELLED = 0.1  # n channels without any likeness keep 1/n of their power in the mean; a tenth of that is cancelling


@dataclass(slots=True)
class Part:
    """A stretch of the track with one source rate and one number of channels.

    It makes the output samples [`out_start`, `out_stop`).
    """

    kind: tuple[int, str, str]
    out_start: int
    rate_hz: int
    silence: RunFinder
    clipping: RunFinder
    peaks: NDArray[np.float64]
    powers: NDArray[np.float64]
    mono_power: float = 0.0
    source_samples: int = 0
    out_stop: int = 0

    @property
    def gain(self) -> float:
        """What turns the mean over all channels into the mean over those that carry anything."""
        return len(self.peaks) / max(1, int((self.peaks > _DEAD_CHANNEL).sum()))

    @property
    def cancels(self) -> bool:
        """True when the channels take each other away instead of adding up."""
        alive = self.peaks > _DEAD_CHANNEL
        if alive.sum() < 2:
            return False
        like = self.mono_power * self.gain**2 / float(self.powers[alive].mean())
        return bool(like < _CANCELLED / alive.sum())


class Mixer:
    """Mix, resample and write a decoded track without holes.

    FFmpeg's resampler is used for its speed; its delay is compensated (measured: below 1 us from 8 to 96 kHz).

    Parameters
    ----------
    stream : binary file
        Gets raw float32 samples.
    rate_hz : int
        Rate of the result.
    settings : AudioSettings
        Levels of silence and clipping.
    channel : int, optional
        Use this channel alone instead of the mean.
    leave_out : int
        Samples of the source to leave out at the very start.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        rate_hz: int,
        settings: AudioSettings,
        channel: int | None = None,
        leave_out: int = 0,
    ) -> None:
        self._stream = stream
        self._rate_hz = rate_hz
        self._settings = settings
        self._channel = channel
        self._leave_out = leave_out
        self._resampler: av.AudioResampler | None = None
        self._fifo = av.AudioFifo()
        self.written = 0
        self.parts: list[Part] = []

    def add(self, frame: av.AudioFrame) -> float:
        """Take the next frame.

        Parameters
        ----------
        frame : av.AudioFrame
            Of any format; its time stamp is taken off.

        Returns
        -------
        float
            Place of its first sample in the output; below 0 for what is left out.
        """
        kind = (frame.sample_rate, frame.format.name, frame.layout.name)
        if not self.parts or self.parts[-1].kind != kind:
            self.finish()
            self.parts.append(self._new_part(kind, frame.layout.nb_channels))
        part = self.parts[-1]
        place = part.out_start + part.source_samples * self._rate_hz / part.rate_hz
        part.source_samples += frame.samples
        frame.pts = None  # the buffer takes frames that run on, and stamps often do not
        self._fifo.write(frame)
        if self._fifo.samples >= part.rate_hz:  # a second at a time: few calls, little memory
            self._mix_waiting()
        return place

    def finish(self) -> None:
        """Write what is still held back."""
        self._mix_waiting()
        if self._resampler is not None:
            self._write(self._resampler.resample(None))
        self._resampler = None
        self._fifo = av.AudioFifo()
        if self.parts:
            self.parts[-1].out_stop = self.written

    def _new_part(self, kind: tuple[int, str, str], channels: int) -> Part:
        settings = self._settings
        rate_hz = kind[0]
        return Part(
            kind=kind,
            out_start=self.written,
            rate_hz=rate_hz,
            silence=RunFinder(min_samples=max(1, round(settings.digital_silence_s * rate_hz))),
            clipping=RunFinder(
                min_samples=settings.clip_run_samples, join_samples=round(settings.clip_join_s * rate_hz)
            ),
            peaks=np.zeros(channels),
            powers=np.zeros(channels),
            source_samples=-self._leave_out,
        )

    def _mix_waiting(self) -> None:
        waiting = self._fifo.read()
        if waiting is None:
            return
        data = as_float(waiting)[:, self._leave_out :]
        self._leave_out = max(0, self._leave_out - waiting.samples)
        if not data.shape[1]:
            return
        part = self.parts[-1]
        sizes = np.abs(data)
        part.peaks = np.maximum(part.peaks, sizes.max(axis=1, initial=0.0))
        part.powers += np.einsum("ij,ij->i", data, data, dtype=np.float64)
        top = sizes[0] if len(sizes) == 1 else sizes.max(axis=0)
        part.silence.feed(top <= self._settings.silence_level)
        part.clipping.feed(top >= self._settings.clip_level)
        mono = data[0] if len(data) == 1 else data.mean(axis=0, dtype=np.float32)
        part.mono_power += float(np.dot(mono, mono))
        self._resample(mono if self._channel is None else data[min(self._channel, len(data) - 1)], part.rate_hz)

    def _resample(self, mono: NDArray[np.float32], rate_hz: int) -> None:
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=self._rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(mono[np.newaxis]), format="fltp", layout="mono")
        frame.sample_rate = rate_hz
        frame.time_base = Fraction(1, rate_hz)
        self._write(self._resampler.resample(frame))

    def _write(self, frames: list[av.AudioFrame]) -> None:
        for frame in frames:
            samples = np.ascontiguousarray(frame.to_ndarray()[0], dtype="<f4")
            self._stream.write(samples.tobytes())
            self.written += len(samples)
