"""Small copies of recordings that every browser plays, with proxy time equal to recording time.

H.264 with AAC, because all browsers have them; VP9 with Opus where FFmpeg was built without. A key frame every 15
frames and no B-frames, so that a seek is quick and exact. The picture keeps the source's time stamps (a variable rate
stays variable) and starts with a black frame where the source starts late; the sound is the one that analysis hears,
with silence before it. So both tracks start at recording time 0, whatever the source's container did.
"""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, cast

import av
import numpy as np
from av.video.frame import PictureType

from syncview.errors import MediaError
from syncview.media.audio import decode_audio
from syncview.media.container import first_picture, open_media, pixel_aspect
from syncview.media.frames import pictures, quarter_turns
from syncview.media.names import shown_path
from syncview.media.shown import shown_size
from syncview.media.sniff import sniff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import OutputContainer
    from numpy.typing import NDArray

__all__ = ["Proxy", "ProxyJob", "do_proxy_job", "write_proxy"]

_TICKS = Fraction(1, 90_000)  # holds 29.97 and 25 frames a second exactly
_GOP_FRAMES = 15
_BLOCK_S = 1.0
_SHOWN_STILLS = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif"}
_RATE_HINT = 30  # for the encoder's choice of a level alone; the time stamps say when each frame is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A file that a browser can show; `path` carries the suffix that it got."""

    path: Path
    kind: Literal["video", "audio", "still"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyJob:
    """What a worker process is given; see `write_proxy`."""

    source: Path
    target: Path


def do_proxy_job(job: ProxyJob) -> Proxy:
    """Call `write_proxy` with a job; for `syncview.media.workers.WorkerPool`."""
    return write_proxy(job.source, job.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    container: str
    video: str
    video_suffix: str
    video_options: dict[str, str]
    audio: str
    audio_suffix: str
    rate_hz: int


_FORMATS = (
    _Format(
        container="mp4",
        video="libx264",
        video_suffix=".mp4",
        video_options={"preset": "veryfast", "crf": "27", "bf": "0"},
        audio="aac",
        audio_suffix=".m4a",
        rate_hz=32_000,
    ),
    _Format(
        container="webm",
        video="libvpx-vp9",
        video_suffix=".webm",
        video_options={"deadline": "realtime", "cpu-used": "8", "crf": "36", "b": "0", "lag-in-frames": "0"},
        audio="libopus",
        audio_suffix=".weba",
        rate_hz=48_000,
    ),
)


def write_proxy(source: Path, target: Path, *, height_px: int = 360) -> Proxy:
    """Write a small copy of a recording for the review page.

    Parameters
    ----------
    source : Path
        The recording. It is only read.
    target : Path
        Where the copy goes, without suffix; the folder must exist. It appears there when it is complete; what a killed
        process left behind is cleared by the next one.
    height_px : int
        Height of the picture as displayed, in pixels; smaller pictures stay as they are.

    Returns
    -------
    Proxy
        The copy. Sound without picture gives sound alone; a still that browsers show is copied as it is.

    Raises
    ------
    MediaError
        If there is neither picture nor sound that can be decoded, or no encoder for the web.
    """
    try:
        found = sniff(source)
    except OSError as error:
        msg = f"{shown_path(source)}: cannot be read ({error.strerror})"
        raise MediaError(msg, hint="attach the disk that it came from") from error
    if found.kind == "still":
        return _copy_still(source, target, found.what)
    work = target.with_name(f".{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        return _encode(source, target, work, height_px)
    except (av.FFmpegError, OSError) as error:
        msg = f"{shown_path(source)}: no small copy could be written ({error.strerror or error})"
        raise MediaError(msg, hint="free some disk space, or run again without the page: --no-page") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _copy_still(source: Path, target: Path, what: str) -> Proxy:
    if what not in _SHOWN_STILLS:
        msg = f"{shown_path(source)}: browsers do not show {what} pictures"
        raise MediaError(msg, hint="open the original, or convert it to JPEG")
    path = target.with_name(target.name + _SHOWN_STILLS[what])
    part = path.with_name(f".{path.name}.part")
    shutil.copyfile(source, part)
    part.replace(path)
    return Proxy(path=path, kind="still")


def _encode(source: Path, target: Path, work: Path, height_px: int) -> Proxy:
    form = _web_format()
    with open_media(source) as container:
        shown = pictures(container)
        first = next(shown, None)
        sound = _Sound.of(source, work, form.rate_hz)
        if first is None and sound is None:
            msg = f"{shown_path(source)}: neither picture nor sound can be decoded"
            raise MediaError(msg, hint="play it in another program, or ask for the file again")
        shape = None if first is None else _Shape.of(first[1], pixel_aspect(first_picture(container)), height_px)
        part = work / "proxy"
        options = {"movflags": "+faststart"} if form.container == "mp4" else {}
        with av.open(f"file:{part}", "w", format=form.container, container_options=options) as out:
            writer = _Writer(out, form, shape, sound)
            if first is not None and first[0] > 0:
                writer.black()
            for time_s, frame in itertools.chain([] if first is None else [first], shown):
                writer.picture(frame, time_s)
            writer.finish()
    suffix = form.audio_suffix if first is None else form.video_suffix
    path = target.with_name(target.name + suffix)
    part.replace(path)
    return Proxy(path=path, kind="audio" if first is None else "video")


def _web_format() -> _Format:
    for form in _FORMATS:
        if _can_write(form.video) and _can_write(form.audio):
            return form
    msg = "this build of FFmpeg can write neither H.264 nor VP9, so the review page gets no moving pictures"
    raise MediaError(msg, hint="install the av package from its wheel: pip install --force-reinstall av")


def _can_write(codec: str) -> bool:
    try:
        av.codec.Codec(codec, "w")
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Size of the proxy's picture as displayed, in pixels."""

    width: int
    height: int

    @classmethod
    def of(cls, frame: av.VideoFrame, aspect: Fraction, height_px: int) -> _Shape:
        width, height = shown_size(frame.width, frame.height, pixel_aspect=aspect, turns=quarter_turns(frame))
        shown = min(height, height_px)
        return cls(width=_even(Fraction(width * shown, height)), height=_even(Fraction(shown)))

    def fit(self, frame: av.VideoFrame) -> av.VideoFrame:
        """A frame in this size, the right way up."""
        turns = quarter_turns(frame)
        if not turns:
            return frame.reformat(width=self.width, height=self.height, format="yuv420p")
        across, down = (self.height, self.width) if turns % 2 else (self.width, self.height)
        small = frame.reformat(width=across, height=down, format="rgb24").to_ndarray()
        turned = np.ascontiguousarray(np.rot90(small, -turns), dtype=np.uint8)
        return av.VideoFrame.from_ndarray(turned, format="rgb24").reformat(format="yuv420p")


def _even(pixels: Fraction) -> int:
    """Nearest even number, as the encoders need it, at least 2."""
    return max(2, round(pixels / 2) * 2)


class _Sound:
    """The sound that analysis hears, from recording time 0 on, handed out block by block."""

    def __init__(self, samples: NDArray[np.float32], rate_hz: int, lead_samples: int) -> None:
        self._samples, self.rate_hz, self._lead = samples, rate_hz, lead_samples
        self._at = 0

    @classmethod
    def of(cls, source: Path, work: Path, rate_hz: int) -> _Sound | None:
        try:
            decoded = decode_audio(source, rate_hz=rate_hz, out=work / "sound.npy")
        except MediaError:
            return None
        if not decoded.sample_count:
            return None
        return cls(np.load(decoded.path, mmap_mode="r"), rate_hz, round(decoded.start_s * rate_hz))

    def blocks(self, until_s: float | None) -> Iterator[av.AudioFrame]:
        """What was not handed out yet, up to a recording time, or all of it."""
        end = self._lead + len(self._samples)
        stop = end if until_s is None else min(end, round(until_s * self.rate_hz))
        while self._at < stop:
            upto = min(stop, self._at + round(_BLOCK_S * self.rate_hz))
            block = np.zeros((1, upto - self._at), dtype=np.float32)
            heard = self._samples[max(0, self._at - self._lead) : max(0, upto - self._lead)]
            block[0, block.shape[1] - len(heard) :] = np.clip(heard, -1.0, 1.0)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate = self.rate_hz
            frame.pts, frame.time_base = self._at, Fraction(1, self.rate_hz)
            self._at = upto
            yield frame


class _Writer:
    """Encodes picture and sound side by side, so that neither waits in memory for the other."""

    def __init__(self, out: OutputContainer, form: _Format, shape: _Shape | None, sound: _Sound | None) -> None:
        self._out, self._shape, self._sound = out, shape, sound
        self._video: av.VideoStream | None = None
        self._audio: av.AudioStream | None = None
        if shape is not None:
            self._video = cast(
                "av.VideoStream", out.add_stream(form.video, rate=_RATE_HINT, options=form.video_options)
            )
            self._video.width, self._video.height, self._video.pix_fmt = shape.width, shape.height, "yuv420p"
            self._video.codec_context.time_base = _TICKS
            self._video.codec_context.gop_size = _GOP_FRAMES
        if sound is not None:
            self._audio = cast("av.AudioStream", out.add_stream(form.audio, rate=sound.rate_hz, layout="mono"))

    def black(self) -> None:
        """Show that there is no picture yet."""
        if self._shape is not None:
            dark = np.zeros((self._shape.height, self._shape.width, 3), dtype=np.uint8)
            self.picture(av.VideoFrame.from_ndarray(dark, format="rgb24"), Fraction(0))

    def picture(self, frame: av.VideoFrame, time_s: Fraction) -> None:
        """Take the next picture, and the sound up to it."""
        if self._video is None or self._shape is None:
            return
        shown = self._shape.fit(frame)
        shown.pts, shown.time_base, shown.pict_type = round(time_s / _TICKS), _TICKS, PictureType.NONE
        self._out.mux(self._video.encode(shown))
        self._take_sound(float(time_s))

    def finish(self) -> None:
        """Write what is left."""
        self._take_sound(None)
        if self._video is not None:
            self._out.mux(self._video.encode(None))
        if self._audio is not None:
            self._out.mux(self._audio.encode(None))

    def _take_sound(self, until_s: float | None) -> None:
        if self._sound is not None and self._audio is not None:
            for block in self._sound.blocks(until_s):
                self._out.mux(self._audio.encode(block))
