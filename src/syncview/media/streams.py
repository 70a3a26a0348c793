"""From an opened file to what the model says of its streams: exact times, rates, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from syncview.media.container import first_picture, pixel_aspect, recording_zero_s, time_base_of
from syncview.media.packets import PacketSurvey, is_variable, survey_packets
from syncview.media.sound import sound_position
from syncview.media.tags import encoder_text, plain_tags
from syncview.model import AudioStream, Container, Interval, VideoStream
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from av.audio.stream import AudioStream as AvAudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream as AvVideoStream
    from numpy.typing import NDArray

    from syncview.media.isobmff import IsoFacts
    from syncview.media.sound import Listened

__all__ = ["FileSurvey", "survey_file"]

# Formats whose header states a length of its own; the others' lengths are guesses from the bit rate.
_STATED_LENGTH = frozenset(("mov", "matroska", "avi", "flv", "wav", "asf"))
_SHORT_S, _SHORT_SHARE = 0.5, 0.02  # a header rounds by less than this
_AV_TIME_BASE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSurvey:
    """What a file holds. `end_s` is the recording time at which its last stream ends."""

    kind: Literal["video", "audio", "unreadable"]
    end_s: Fraction | None
    container: Container
    video: VideoStream | None
    audio: AudioStream | None
    silence: tuple[Interval, ...]
    warnings: tuple[str, ...]

    @property
    def long_side_px(self) -> int | None:
        """Longer side of the picture."""
        return None if self.video is None else max(self.video.width_px, self.video.height_px)


def survey_file(
    container: InputContainer, facts: IsoFacts | None, sound: AvAudioStream | None, listened: Listened | None
) -> FileSurvey:
    """Read a file's packets and say what it holds.

    Parameters
    ----------
    container : av.container.InputContainer
        An open file, at its start.
    facts : IsoFacts or None
        What its boxes say, for MP4 and QuickTime.
    sound : av.audio.stream.AudioStream or None
        The sound track to use.
    listened : Listened or None
        How that track begins.

    Returns
    -------
    FileSurvey
        Times are recording time.
    """
    zero_s = recording_zero_s(container)
    picture = first_picture(container)
    streams: list[Stream] = [stream for stream in (picture, sound) if stream is not None]
    surveys, ended = survey_packets(container, streams) if streams else ({}, None)
    seen = None if picture is None else surveys[picture.index]
    heard = None if sound is None else surveys[sound.index]
    video = None if picture is None or seen is None else _video(picture, seen, zero_s, facts)
    audio = None
    if sound is not None and heard is not None and listened is not None:
        priming = 0 if facts is None else facts.implicit_priming_samples(sound_position(container, sound))
        audio = _audio(sound, heard, _sound_start_s(heard, listened, zero_s), implicit_priming=priming)
    ends_s = [
        end_s for end_s in (_picture_end_s(seen, zero_s), _sound_end_s(heard, audio, zero_s)) if end_s is not None
    ]
    end_s = max(ends_s, default=None)
    return FileSurvey(
        kind=_kind(seen, heard),
        end_s=end_s,
        container=_container(container, zero_s, facts),
        video=video,
        audio=audio,
        silence=_silence(audio, listened),
        warnings=(
            *_missing_warnings(facts, _stated_s(container, streams, zero_s), end_s or Fraction(0), ended),
            *_stream_warnings(container, seen, heard, sound, listened),
        ),
    )


def _picture_end_s(seen: PacketSurvey | None, zero_s: Fraction) -> Fraction | None:
    return None if seen is None or seen.end_s is None else seen.end_s - zero_s


def _sound_end_s(heard: PacketSurvey | None, audio: AudioStream | None, zero_s: Fraction) -> Fraction | None:
    """End of the last sample that is heard: padding that the file states is cut, unstated priming moves it."""
    if heard is None or audio is None or heard.end_s is None:
        return None
    unsaid = 0 if heard.skipped_samples else audio.priming_samples
    return heard.end_s - zero_s - Fraction(heard.cut_samples + unsaid, audio.rate_hz)


def _kind(seen: PacketSurvey | None, heard: PacketSurvey | None) -> Literal["video", "audio", "unreadable"]:
    if seen is not None and seen.count:
        return "video"
    if heard is not None and (heard.count or seen is None):
        return "audio"
    return "unreadable"


def _container(container: InputContainer, zero_s: Fraction, facts: IsoFacts | None) -> Container:
    return Container(
        format=_format_name(container, facts),
        zero_s=zero_s,
        has_edit_list=facts is not None and facts.has_edit_list,
        encoder=encoder_text(plain_tags(container.metadata)),
    )


def _format_name(container: InputContainer, facts: IsoFacts | None) -> str:
    """One name, where FFmpeg gives the names of a whole family."""
    name = container.format.name.split(",")[0]
    if name != "mov" or facts is None or facts.major_brand == "qt  ":
        return name
    return "3gp" if facts.major_brand.startswith(("3gp", "3g2")) else "mp4"


def _codec_name(stream: Stream) -> str:
    return str(stream.codec_context.codec.canonical_name)


def _video(stream: AvVideoStream, seen: PacketSurvey, zero_s: Fraction, facts: IsoFacts | None) -> VideoStream:
    rate = stream.average_rate
    rate = None if not rate else Fraction(rate.numerator, rate.denominator)
    pts = _pictures(seen, rate)
    return VideoStream(
        codec=_codec_name(stream),
        width_px=stream.codec_context.width,
        height_px=stream.codec_context.height,
        rotation_deg=0 if facts is None else facts.rotation_deg,
        pixel_aspect=pixel_aspect(stream),
        rate=rate,
        frame_count=len(pts) or None,
        variable_rate=is_variable(pts, seen.time_base),
        time_base=seen.time_base,
        start_s=None if seen.start_s is None else seen.start_s - zero_s,
    )


def _pictures(seen: PacketSurvey, rate: Fraction | None) -> NDArray[np.int64]:
    """Stamps of whole pictures. Interlaced camcorders write each field as a packet of its own."""
    pts = seen.pts
    if rate is None or len(pts) < 4:
        return pts
    packets_per_picture = (
        float((len(pts) - 1) / ((int(pts[-1]) - int(pts[0])) * seen.time_base) / rate) if pts[-1] > pts[0] else 1.0
    )
    return pts[::2] if round(packets_per_picture, 1) == 2.0 else pts


def _sound_start_s(heard: PacketSurvey, listened: Listened, zero_s: Fraction) -> Fraction | None:
    """Recording time of the first sample that is heard.

    The decoder knows best: Vorbis gives nothing for its first packet. FFmpeg has moved its stamp behind the priming
    that the file states; priming that it leaves unsaid has moved all stamps, so that the first one is right.
    """
    first_s = listened.first_s if listened.first_s is not None else heard.start_s
    return None if first_s is None else first_s + heard.stretched_by * heard.time_base - zero_s


def _audio(
    stream: AvAudioStream, heard: PacketSurvey, start_s: Fraction | None, *, implicit_priming: int
) -> AudioStream:
    return AudioStream(
        codec=_codec_name(stream),
        rate_hz=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        time_base=time_base_of(stream),
        start_s=start_s,
        priming_samples=heard.skipped_samples or implicit_priming,
    )


def _silence(audio: AudioStream | None, listened: Listened | None) -> tuple[Interval, ...]:
    """Digital silence as far as the probe has listened."""
    if audio is None or audio.start_s is None or listened is None or not listened.silent_s:
        return ()
    start_s = float(audio.start_s)
    end_s = start_s + listened.silent_s
    return (Interval(start_s=round_s(start_s), end_s=round_s(end_s), kind="digital_silence"),)


def _stated_s(container: InputContainer, streams: Sequence[Stream], zero_s: Fraction) -> Fraction | None:
    """Recording time at which picture and sound end by the file's own header; tracks of data may run on longer."""
    if container.format.name.split(",")[0] not in _STATED_LENGTH:
        return None
    ends_s = [
        ((stream.start_time or 0) + stream.duration) * time_base_of(stream)
        for stream in streams
        if stream.duration is not None
    ]
    if not ends_s and container.duration is not None:
        ends_s = [Fraction(container.duration, _AV_TIME_BASE)]  # Matroska counts its length from 0
    return max(ends_s) - zero_s if ends_s else None


def _missing_warnings(
    facts: IsoFacts | None, stated_s: Fraction | None, held_s: Fraction, ended: str | None
) -> list[str]:
    """What the header promises and the file does not hold."""
    texts = []
    if facts is not None and facts.missing_bytes:
        texts.append(f"cut off: the last {facts.missing_bytes} bytes that it states are missing")
    if stated_s is not None and stated_s - held_s > max(_SHORT_S, _SHORT_SHARE * stated_s):
        texts.append(f"holds {float(held_s):.1f} s of the {float(stated_s):.1f} s that its header states")
    if ended is not None:
        texts.append(f"reading stopped before the end ({ended}); what came before is used")
    return texts


def _stream_warnings(
    container: InputContainer,
    seen: PacketSurvey | None,
    heard: PacketSurvey | None,
    sound: AvAudioStream | None,
    listened: Listened | None,
) -> list[str]:
    texts = []
    for name, survey in (("picture", seen), ("sound", heard)):
        if survey is not None and not len(survey.pts):
            texts.append(
                f"the {name} track has no time stamps" if survey.count else f"the {name} track holds no {name}"
            )
        if survey is not None and survey.damaged:
            texts.append(f"damaged packets of {name}: {survey.damaged}")
    if sound is None:
        texts.append("its sound cannot be decoded" if container.streams.audio else "no sound track")
    elif listened is not None and listened.silent_s:
        texts.append(f"digital silence: nothing to be heard in the first {listened.silent_s:.1f} s")
    if sound is not None and len(container.streams.audio) > 1:
        texts.append(f"sound track {sound_position(container, sound) + 1} of {len(container.streams.audio)} is used")
    return texts
