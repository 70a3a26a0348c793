"""Media with known truth, written with PyAV: a chirp and a white picture at known moments, in awkward containers."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

from syncview.media.container import recording_zero_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Sound", "Spec", "chirp", "flash_s", "heard_at_s", "sound_at", "write_media"]

_CHIRP_S = 0.06
_RAMP_HZ_PER_S = 2700 / _CHIRP_S
SIZE_PX = (64, 48)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """How the sound is written. `move` changes a packet's time in seconds, or drops it (None)."""

    codec: str = "aac"
    rate_hz: int = 48_000
    layout: str = "mono"
    start_s: float = 0.0
    lead_samples: int = 0
    weights: Sequence[float] | None = None
    move: Callable[[int, float], float | None] | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One file. The chirps and the white picture are at `at_s`, in the time of the writer."""

    at_s: tuple[float, ...] = (1.0,)
    length_s: float = 3.0
    sound: Sound | None = field(default_factory=Sound)
    picture: str | None = None
    picture_hz: int = 25
    picture_start_s: float = 0.0
    picture_move: Callable[[int, float], float | None] | None = None
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


def chirp(rate_hz: int, at_s: float, length_s: float) -> NDArray[np.float64]:
    """A short sweep from 300 to 3000 Hz, its middle at `at_s`."""
    t = np.arange(round(rate_hz * length_s)) / rate_hz - at_s
    window = np.where(np.abs(t) < _CHIRP_S / 2, np.cos(np.pi * t / _CHIRP_S) ** 2, 0.0)
    return window * np.cos(2 * np.pi * (1650 * t + _RAMP_HZ_PER_S / 2 * t**2))


def sound_at(rate_hz: int, at_s: Sequence[float], length_s: float) -> NDArray[np.float64]:
    """Chirps over a quiet hiss."""
    hiss = np.random.default_rng(7).standard_normal(round(rate_hz * length_s))
    return 1e-3 * hiss + 0.5 * sum(chirp(rate_hz, moment, length_s) for moment in at_s)


def heard_at_s(samples: NDArray[np.float32], rate_hz: int, start_s: float, near_s: float) -> float:
    """Recording time of the chirp nearest to `near_s` (within 0.4 s), by correlation with interpolated peak."""
    first = max(0, round((near_s - 0.4 - start_s) * rate_hz))
    window = np.asarray(samples[first : first + round(0.8 * rate_hz)], dtype=float)
    shape = chirp(rate_hz, _CHIRP_S / 2, _CHIRP_S)
    curve = np.correlate(window, shape, mode="valid")
    k = int(np.argmax(curve))
    left, top, right = (curve[min(max(k + step, 0), len(curve) - 1)] for step in (-1, 0, 1))
    bend = left - 2 * top + right
    part = 0.5 * (left - right) / bend if bend else 0.0
    return start_s + (first + k + part) / rate_hz + _CHIRP_S / 2


def write_media(path: Path, spec: Spec) -> Path:
    """Write one file."""
    with av.open(str(path), "w", format=spec.format, options=dict(spec.options)) as container:
        container.metadata.update(spec.metadata)
        sound = None
        if spec.sound is not None:
            sound = container.add_stream(
                spec.sound.codec, rate=spec.sound.rate_hz, layout=spec.sound.layout, options=dict(spec.sound.options)
            )
        if spec.picture is not None:
            _write_picture(container, spec)
        if sound is not None:
            _write_sound(container, sound, spec)
    return path


def _write_picture(container: av.container.OutputContainer, spec: Spec) -> None:
    stream = container.add_stream(spec.picture, rate=spec.picture_hz)
    stream.width, stream.height = SIZE_PX
    stream.pix_fmt = "yuv420p"
    white = {round(moment * spec.picture_hz) for moment in spec.at_s}
    first = round(spec.picture_start_s * spec.picture_hz)
    packets = []
    for index in range(first, round(spec.length_s * spec.picture_hz)):
        grey = np.full((SIZE_PX[1], SIZE_PX[0], 3), 255 if index in white else 30, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, spec.picture_hz)
        packets += stream.encode(frame)
    _mux(container, [*packets, *stream.encode(None)], spec.picture_move)


def _write_sound(container: av.container.OutputContainer, stream: av.AudioStream, spec: Spec) -> None:
    sound = spec.sound
    layout = av.AudioLayout(sound.layout)
    weights = np.array(sound.weights if sound.weights is not None else [1.0] * layout.nb_channels)
    mono = sound_at(sound.rate_hz, [moment - sound.start_s for moment in spec.at_s], spec.length_s)
    mono = np.concatenate([np.zeros(sound.lead_samples), mono])
    pcm = np.clip(np.round(weights[:, np.newaxis] * mono * 32767), -32768, 32767).astype(np.int16)
    to_format = av.AudioResampler(format=stream.format.name, layout=sound.layout, rate=sound.rate_hz)
    packets = []
    for start in range(0, pcm.shape[1], 1024):
        block = np.ascontiguousarray(pcm[:, start : start + 1024].T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout=sound.layout)
        frame.sample_rate = sound.rate_hz
        frame.pts, frame.time_base = round(sound.start_s * sound.rate_hz) + start, Fraction(1, sound.rate_hz)
        for ready in to_format.resample(frame):
            packets += stream.encode(ready)
    _mux(container, [*packets, *stream.encode(None)], sound.move)


def _mux(
    container: av.container.OutputContainer,
    packets: Sequence[av.Packet],
    move: Callable[[int, float], float | None] | None,
) -> None:
    for index, packet in enumerate(packets):
        if move is not None:
            moved_s = move(index, float(packet.pts * packet.time_base))
            if moved_s is None:
                continue
            packet.pts = packet.dts = round(moved_s / packet.time_base)
        container.mux(packet)


def flash_s(path: Path) -> float:
    """Recording time of the first white picture."""
    with av.open(str(path)) as container:
        zero_s = recording_zero_s(container)
        for frame in container.decode(video=0):
            if frame.to_ndarray(format="gray").mean() > 150:
                return float(frame.pts * frame.time_base - zero_s)
    msg = f"no white picture in {path}"
    raise AssertionError(msg)
