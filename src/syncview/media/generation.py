"""How far a file is from the camera: a guess from its name and its tags, with what it rests on.

Names and tags are easily changed and often lost, so this sorts a folder for a person; it proves nothing. The patterns
are the export names of WhatsApp, Signal and Telegram, the handler names that Apple, Android, GoPro, Google and Twitter
write, and the tags of editors and converters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncview.model import Generation, GenerationValue

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Traces", "guess_generation"]

_MESSENGER_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("WhatsApp", re.compile(r"^(?:VID|AUD|PTT|IMG|STK|DOC)-\d{8}-WA\d+|^WhatsApp (?:Video|Audio|Image|Ptt)", re.I)),
    ("Signal", re.compile(r"^signal-\d{4}-\d\d-\d\d", re.I)),
    ("Telegram", re.compile(r"^(?:video|audio|photo|file|round)_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d|^telegram", re.I)),
    ("Messenger", re.compile(r"^(?:received_|messenger_creation_|lv_0_)\d{6,}", re.I)),
)
_SCREEN_NAMES = re.compile(
    r"^screen[-_ ]?record|^RPReplay_Final|^XRecorder|^Screencast|^SVID_\d{8}|^DU_?Recorder|^AZ_?Recorder", re.I
)
_DOWNLOAD_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("YouTube", re.compile(r"^videoplayback|[ -]\[?[A-Za-z0-9_-]{11}\]\.(?:mp4|webm|mkv|m4a)$|^y2mate")),
    ("TikTok", re.compile(r"snaptik|ssstik|tiktok", re.I)),
    ("Twitter", re.compile(r"twitter|x2twitter|savetweet|twdown", re.I)),
    ("Facebook", re.compile(r"fbdown|facebook|^FB_", re.I)),
    ("Instagram", re.compile(r"instagram|^insta_?save", re.I)),
)
_PLATFORM_TAGS: tuple[tuple[str, str], ...] = (
    ("produced by google", "Google or YouTube"),
    ("twitter-vork", "Twitter"),
    ("vid:v", "TikTok"),
    ("facebook", "Facebook"),
)
_EDITOR_TAGS: tuple[str, ...] = (
    "adobe",
    "premiere",
    "after effects",
    "mainconcept",
    "handbrake",
    "capcut",
    "inshot",
    "kinemaster",
    "vivavideo",
    "imovie",
    "final cut",
    "davinci",
    "resolve",
    "vegas",
    "shotcut",
    "kdenlive",
    "filmora",
    "camtasia",
    "youcut",
    "vn video",
    "3ivx",
    "mencoder",
)
_CAMERA_HANDLERS: tuple[str, ...] = ("gopro", "dji", "ambarella", "garmin", "insta360")
_REWRITERS: tuple[tuple[str, str], ...] = (("lavf", "FFmpeg"), ("gpac", "GPAC"), ("mediabunny", "Mediabunny"))
_MESSENGER_LONG_SIDES_PX = frozenset((848, 832, 640, 480, 400, 352))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a file's name and tags show. `texts` are the values of all tags of container and streams."""

    name: str
    texts: tuple[str, ...]
    device: str | None
    creation_time: str | None
    has_camera_tags: bool
    long_side_px: int | None


def guess_generation(traces: Traces) -> Generation:
    """Guess how far a file is from the camera.

    Parameters
    ----------
    traces : Traces
        What its name and tags show.

    Returns
    -------
    Generation
        ``unknown`` where nothing speaks.

    Examples
    --------
    >>> guess_generation(
    ...     Traces(
    ...         name="VID-20180501-WA0003.mp4",
    ...         texts=(),
    ...         device=None,
    ...         creation_time=None,
    ...         has_camera_tags=False,
    ...         long_side_px=848,
    ...     )
    ... ).value
    'messenger copy'
    """
    for rule in _RULES:
        guess = rule(traces)
        if guess is not None:
            return guess
    return Generation(value="unknown", basis="neither name nor tags say")


def _guess(value: GenerationValue, basis: str) -> Generation:
    return Generation(value=value, basis=basis)


def _screen_recording(traces: Traces) -> Generation | None:
    if _SCREEN_NAMES.search(traces.name):
        return _guess("screen recording", "named as screen recorders do")
    if any("replaykit" in text.lower() for text in traces.texts):
        return _guess("screen recording", "tagged ReplayKit")
    return None


def _messenger(traces: Traces) -> Generation | None:
    for messenger, pattern in _MESSENGER_NAMES:
        if pattern.search(traces.name):
            return _guess("messenger copy", f"named as {messenger} does")
    return None


def _platform(traces: Traces) -> Generation | None:
    for text in traces.texts:
        for mark, platform in _PLATFORM_TAGS:
            if mark in text.lower():
                return _guess("re-upload", f"tagged {text!r} ({platform})")
    for platform, pattern in _DOWNLOAD_NAMES:
        if pattern.search(traces.name):
            return _guess("re-upload", f"named as downloads from {platform} are")
    return None


def _editor(traces: Traces) -> Generation | None:
    for text in traces.texts:
        if any(mark in text.lower() for mark in _EDITOR_TAGS):
            return _guess("edited", f"tagged {text!r}")
    return None


def _rewritten(traces: Traces) -> Generation | None:
    for text in traces.texts:
        for mark, program in _REWRITERS:
            if mark in text.lower():
                return _guess("edited", f"written by {program} ({text!r}), not by a camera")
    return None


def _camera(traces: Traces) -> Generation | None:
    if traces.device is not None:
        return _guess("camera original", f"carries the camera's name, {traces.device}")
    for text in traces.texts:
        if any(mark in text.lower() for mark in _CAMERA_HANDLERS):
            return _guess("camera original", f"tagged {text!r}")
    if traces.has_camera_tags and traces.creation_time is not None:
        return _guess("camera original", "carries a phone camera's tags")
    return None


def _stripped(traces: Traces) -> Generation | None:
    if traces.creation_time is None and traces.long_side_px in _MESSENGER_LONG_SIDES_PX:
        return _guess("messenger copy", f"no metadata left, and {traces.long_side_px} px wide as messengers send it")
    return None


_RULES: tuple[Callable[[Traces], Generation | None], ...] = (
    _screen_recording,
    _messenger,
    _platform,
    _editor,
    _rewritten,
    _camera,
    _stripped,
)
