"""The tags of container and streams, read for what they say of camera, place, time and program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from syncview.media.claims import parse_iso6709
from syncview.media.generation import Traces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["creation_time", "device_text", "encoder_text", "location_deg", "plain_tags", "traces_of"]

_CREATION_KEYS = ("creation_time", "com.apple.quicktime.creationdate", "date")
_LOCATION_KEYS = ("com.apple.quicktime.location.iso6709", "location", "location-eng")
_DEVICE_KEYS = (
    ("com.apple.quicktime.make", "com.apple.quicktime.model"),
    ("com.android.manufacturer", "com.android.model"),
    ("make", "model"),
)
_ENCODER_KEYS = ("encoder", "com.apple.quicktime.software", "software", "firmware")
_FREE_TEXT_KEYS = frozenset(("title", "artist", "album", "genre", "date", "track", "language", *_CREATION_KEYS))
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_ANDROID_HANDLERS = frozenset(("VideoHandle", "SoundHandle"))  # FFmpeg's own end in "Handler"


def plain_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags with their keys in lower case, as formats differ in how they write them.

    Parameters
    ----------
    tags : mapping of str to str
        As FFmpeg gives them.

    Returns
    -------
    dict of str to str
        In order of the keys.
    """
    return {key.lower(): tags[key] for key in sorted(tags)}


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _first(tags: Mapping[str, str], keys: Sequence[str]) -> str | None:
    return next((_clean(tags[key]) for key in keys if _clean(tags.get(key, ""))), None)


def creation_time(tags: Mapping[str, str]) -> str | None:
    """Text of the creation time as found; None where there is none.

    Parameters
    ----------
    tags : mapping of str to str
        The container's tags, as FFmpeg names them.

    Returns
    -------
    str or None
        Not interpreted; for that see `syncview.media.claims`.
    """
    return _first(tags, _CREATION_KEYS)


def location_deg(tags: Mapping[str, str]) -> tuple[float, float] | None:
    """Latitude and longitude that the container states.

    Parameters
    ----------
    tags : mapping of str to str
        The container's tags.

    Returns
    -------
    tuple of float or None
        Degrees.
    """
    text = _first(tags, _LOCATION_KEYS)
    return None if text is None else parse_iso6709(text)


def device_text(tags: Mapping[str, str]) -> str | None:
    """Make and model of the camera. Two cameras of one model say the same: this is no identity.

    Parameters
    ----------
    tags : mapping of str to str
        The container's tags.

    Returns
    -------
    str or None
        Such as ``Apple iPhone 6``.

    Examples
    --------
    >>> device_text({"make": "Apple", "model": "iPhone 6"})
    'Apple iPhone 6'
    """
    for make_key, model_key in _DEVICE_KEYS:
        make, model = _first(tags, (make_key,)), _first(tags, (model_key,))
        if model is not None:
            return model if make is None or model.lower().startswith(make.lower()) else f"{make} {model}"
    return None


def encoder_text(tags: Mapping[str, str]) -> str | None:
    """Program or firmware that wrote the file.

    Parameters
    ----------
    tags : mapping of str to str
        The container's tags.

    Returns
    -------
    str or None
        As found.
    """
    return _first(tags, _ENCODER_KEYS)


def traces_of(
    name: str, tags: Mapping[str, str], stream_tags: Sequence[Mapping[str, str]], *, long_side_px: int | None
) -> Traces:
    """Gather what a guess of the generation rests on.

    Parameters
    ----------
    name : str
        The file's name.
    tags : mapping of str to str
        The container's tags.
    stream_tags : sequence of mapping
        The tags of each stream.
    long_side_px : int or None
        Longer side of the picture.

    Returns
    -------
    Traces
        For `syncview.media.generation.guess_generation`.
    """
    every = (tags, *stream_tags)
    handlers = {_clean(each.get("handler_name", "")) for each in stream_tags}
    return Traces(
        name=name,
        texts=tuple(_clean(each[key]) for each in every for key in each if key not in _FREE_TEXT_KEYS),
        device=device_text(tags),
        creation_time=creation_time(tags),
        has_camera_tags=any(key.startswith("com.android.") for key in tags)
        or (location_deg(tags) is not None and bool(handlers & _ANDROID_HANDLERS)),
        long_side_px=long_side_px,
    )
