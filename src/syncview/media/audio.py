"""The sound of a file as mono float32 on the recording-time axis, streamed, so that memory does not grow with length.

decode -> mono at one rate without holes (a scratch file, `mixing`) -> places on the axis (`axis`) -> .npy file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np

from syncview.errors import MediaError
from syncview.media.axis import AxisPlan, Piece, plan_axis
from syncview.media.container import open_media, recording_zero_s, time_base_of
from syncview.media.isobmff import read_iso_facts
from syncview.media.mixing import Mixer, Part
from syncview.media.names import shown_path
from syncview.media.sound import Faults, choose_sound, sound_frames, sound_position
from syncview.model import AudioClip, Interval
from syncview.settings import AudioSettings
from syncview.timebase import round_s

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

__all__ = ["DecodedAudio", "decode_audio", "open_clip"]

_COPY_SAMPLES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedAudio:
    """Where the sound of a file lies now. Sample i is at recording time ``start_s + i / rate_hz``."""

    path: Path
    rate_hz: int
    start_s: float
    sample_count: int
    intervals: tuple[Interval, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One pass through a track: what was decoded, and by their stamps when."""

    parts: tuple[Part, ...]
    first: NDArray[np.float64]
    time_s: NDArray[np.float64]
    total: int
    faults: Faults


def decode_audio(path: Path, *, rate_hz: int, out: Path, settings: AudioSettings | None = None) -> DecodedAudio:
    """Decode the sound of a file to a .npy file of float32 on the recording-time axis.

    Parameters
    ----------
    path : Path
        The media file.
    rate_hz : int
        Rate of the result.
    out : Path
        Where the .npy file goes; it appears there when it is complete.
    settings : AudioSettings, optional
        Levels and lengths of the intervals; the defaults when left out.

    Returns
    -------
    DecodedAudio
        `intervals` holds digital silence and clipping in recording time; `warnings` what was wrong with the track.
        A track without a single sample gives 0 samples and a warning.

    Raises
    ------
    MediaError
        When the file cannot be opened, has no sound that can be decoded, or the result cannot be written.
    """
    settings = settings or AudioSettings()
    scratch, partial = out.with_name(out.name + ".scratch"), out.with_name(out.name + ".partial")
    try:
        run = _decode(path, scratch, rate_hz, settings)
        loudest = _loudest_if_cancelled(run)
        if loudest is not None:
            run = _decode(path, scratch, rate_hz, settings, channel=loudest)
        plan = plan_axis(run.first, run.time_s, total=run.total, rate_hz=rate_hz, max_gap_s=settings.max_gap_s)
        _write_npy(scratch, partial, plan, run.parts if loudest is None else ())
        partial.replace(out)
    except OSError as error:
        message = f"{shown_path(out)}: the sound of {shown_path(path)} cannot be put there ({error.strerror})"
        raise MediaError(message, hint="free some space there, or choose another case folder") from error
    finally:
        scratch.unlink(missing_ok=True)
        partial.unlink(missing_ok=True)
    return DecodedAudio(
        path=out,
        rate_hz=rate_hz,
        start_s=plan.start_s,
        sample_count=plan.sample_count,
        intervals=_intervals(run, plan, settings),
        warnings=_warnings(run, plan, loudest),
    )


def open_clip(decoded: DecodedAudio, recording_id: str) -> AudioClip:
    """Open decoded sound without reading it into memory.

    Parameters
    ----------
    decoded : DecodedAudio
        What `decode_audio` returned, maybe in another process.
    recording_id : str
        Id of the recording.

    Returns
    -------
    AudioClip
        Its samples are memory-mapped, read-only.

    Raises
    ------
    MediaError
        When the file is gone or is not what was written.
    """
    try:
        samples: NDArray[np.float32] = np.load(decoded.path, mmap_mode="r" if decoded.sample_count else None)
    except (OSError, ValueError) as error:
        message = f"{shown_path(decoded.path)}: the decoded sound cannot be read ({error})"
        raise MediaError(message, hint="delete the case folder's cache and run again") from error
    return AudioClip(recording_id=recording_id, samples=samples, rate_hz=decoded.rate_hz, start_s=decoded.start_s)


def _decode(path: Path, scratch: Path, rate_hz: int, settings: AudioSettings, *, channel: int | None = None) -> _Run:
    """Decode the sound to the scratch file, once, without holes."""
    facts = read_iso_facts(path)
    first: list[float] = []
    time_s: list[float] = []
    faults = Faults()
    with open_media(path) as container, scratch.open("wb") as stream:
        sound = _chosen(container, path, settings)
        priming = 0 if facts is None else facts.implicit_priming_samples(sound_position(container, sound))
        mixer = Mixer(stream, rate_hz=rate_hz, settings=settings, channel=channel, leave_out=priming)
        base, zero_s = time_base_of(sound), float(recording_zero_s(container))
        ticks, ticks_per_s = base.numerator, base.denominator
        for frame in sound_frames(container, sound, faults):
            # Priming that the file leaves unsaid has put every stamp that much too late.
            late_s = zero_s + priming / frame.sample_rate if priming else zero_s
            pts = frame.pts
            time_s.append(math.nan if pts is None else pts * ticks / ticks_per_s - late_s)
            first.append(mixer.add(frame))
        mixer.finish()
    return _Run(
        parts=tuple(mixer.parts), first=np.array(first), time_s=np.array(time_s), total=mixer.written, faults=faults
    )


def _chosen(container: InputContainer, path: Path, settings: AudioSettings) -> AudioStream:
    sound = choose_sound(container, path, listen_s=settings.listen_s, silence_level=settings.silence_level)
    if sound is None:
        message = f"{shown_path(path)}: no sound that can be decoded"
        raise MediaError(message, hint="a recording without sound can only be placed by pins")
    return sound


def _loudest_if_cancelled(run: _Run) -> int | None:
    """Channel to use alone when the mean of the longest part cancels; None where the mean is good."""
    longest = max(run.parts, key=lambda part: part.source_samples, default=None)
    if longest is None or not longest.cancels:
        return None
    return int(longest.powers.argmax())


def _write_npy(scratch: Path, out: Path, plan: AxisPlan, parts: tuple[Part, ...]) -> None:
    """Copy the pieces to their places, zeros between them, in the format of `numpy.save`."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (plan.sample_count,)}
    with out.open("wb") as stream, scratch.open("rb") as source:
        np.lib.format.write_array_header_1_0(stream, header)
        cursor = 0
        for piece in plan.pieces:
            _write_zeros(stream, piece.out_start - cursor)
            for start in range(piece.out_start, piece.out_stop, _COPY_SAMPLES):
                stop = min(start + _COPY_SAMPLES, piece.out_stop)
                stream.write(_taken(source, piece, start, stop, parts).tobytes())
            cursor = piece.out_stop


def _write_zeros(stream: BinaryIO, count: int) -> None:
    for start in range(0, count, _COPY_SAMPLES):
        stream.write(bytes(4 * min(_COPY_SAMPLES, count - start)))


def _read(source: BinaryIO, start: int, stop: int) -> NDArray[np.float32]:
    """Read samples of the scratch file. Mapping it would keep all of it in memory."""
    source.seek(4 * start)
    return np.frombuffer(source.read(4 * (stop - start)), dtype="<f4")


def _taken(source: BinaryIO, piece: Piece, start: int, stop: int, parts: tuple[Part, ...]) -> NDArray[np.float32]:
    """Output samples [start, stop) of a piece, at the level of the channels that carry anything."""
    if piece.knots is None:
        first = piece.source_start + start - piece.out_start
        taken = _read(source, first, first + stop - start)
        if all(part.gain == 1.0 for part in parts):
            return taken
        taken, places = taken.copy(), np.arange(first, first + len(taken))
    else:
        out, inside = np.array(piece.knots).T
        exact = np.interp(np.arange(start, stop), out, inside)
        taken, places = _interpolated(source, exact), exact.astype(np.int64)
    for part in parts:
        if part.gain != 1.0:
            taken[(places >= part.out_start) & (places < part.out_stop)] *= np.float32(part.gain)
    return taken


def _interpolated(source: BinaryIO, places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Samples between samples, by the cubic through the four nearest (Catmull and Rom 1974)."""
    base = np.floor(places).astype(np.int64)
    t = (places - base).astype(np.float32)
    low = max(0, int(base[0]) - 1)
    near = _read(source, low, int(base[-1]) + 3)
    p0, p1, p2, p3 = (near[np.clip(base + step - low, 0, len(near) - 1)] for step in (-1, 0, 1, 2))
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return curve.astype("<f4")


def _intervals(run: _Run, plan: AxisPlan, settings: AudioSettings) -> tuple[Interval, ...]:
    """Digital silence and clipping in recording time; gaps in the track count as digital silence."""
    found = [
        Interval(start_s=round_s(start_s), end_s=round_s(end_s), kind="digital_silence")
        for start_s, end_s in plan.gaps_s
        if end_s - start_s >= settings.digital_silence_s
    ]
    if not plan.pieces:
        return ()
    for part in run.parts:
        found += _stretches(part.silence.finish(), part, plan, "digital_silence")
        found += _stretches(part.clipping.finish(), part, plan, "clipped")
    return _merged(found)


def _merged(found: list[Interval]) -> tuple[Interval, ...]:
    """Intervals in order, those of one kind that touch made one: zeros before, in and after a gap are one silence."""
    kept: list[Interval] = []
    for each in sorted(found, key=lambda each: (each.kind, each.start_s, each.end_s)):
        last = kept[-1] if kept else None
        if last is not None and last.kind == each.kind and each.start_s <= last.end_s:
            kept[-1] = replace(last, end_s=max(last.end_s, each.end_s))
        else:
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: (each.start_s, each.end_s, each.kind)))


def _stretches(
    runs: tuple[tuple[int, int], ...], part: Part, plan: AxisPlan, kind: Literal["digital_silence", "clipped"]
) -> list[Interval]:
    """Runs of source samples of a part, in recording time."""
    scale = plan.rate_hz / part.rate_hz
    times_s = [[round_s(plan.time_of_s(part.out_start + place * scale)) for place in run] for run in runs]
    return [Interval(start_s=start_s, end_s=end_s, kind=kind) for start_s, end_s in times_s]


def _warnings(run: _Run, plan: AxisPlan, loudest: int | None) -> tuple[str, ...]:
    texts: list[str] = []
    if not plan.pieces:
        texts.append("the sound track holds no sound")
    if run.faults.ended is not None:
        texts.append(f"reading stopped before the end ({run.faults.ended}); what came before is used")
    if run.faults.bad_packets:
        texts.append(f"{run.faults.bad_packets} packets of sound are damaged and left out")
    if loudest is not None:
        texts.append(f"the channels cancel each other; only channel {loudest + 1} is used")
    return (*texts, *plan.warnings)
