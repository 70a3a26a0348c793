"""What a file is, without decoding its picture: streams, exact times, claims, and what is wrong with it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from syncview.errors import MediaError
from syncview.media.claims import creation_claims, exif_claims, name_claims
from syncview.media.container import open_media
from syncview.media.exif import read_exif
from syncview.media.generation import Traces, guess_generation
from syncview.media.hashing import hash_file
from syncview.media.isobmff import IsoFacts, read_iso_facts
from syncview.media.names import name_bytes_b64, path_from_record, shown_name, shown_path
from syncview.media.sniff import Sniffed, sniff
from syncview.media.sound import choose_sound, listen, sound_position
from syncview.media.streams import survey_file
from syncview.media.tags import creation_time, device_text, location_deg, plain_tags, traces_of
from syncview.model import Container, Recording
from syncview.settings import AudioSettings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from syncview.settings import MediaSettings

__all__ = ["base_id", "probe", "probe_limit_s", "with_unique_ids"]

_ID_DIGITS = 10


def base_id(sha256: str) -> str:
    """Id of a recording from its content.

    Parameters
    ----------
    sha256 : str
        64 hexadecimal digits.

    Returns
    -------
    str
        ``r`` and the first ten digits.

    Examples
    --------
    >>> base_id("ba7816bf8f01cfea" + 48 * "0")
    'rba7816bf8f'
    """
    return f"r{sha256[:_ID_DIGITS]}"


def with_unique_ids(recordings: Iterable[Recording]) -> tuple[Recording, ...]:
    """Give further copies of the same content an id of their own, in the order of their paths.

    Parameters
    ----------
    recordings : iterable of Recording
        In any order.

    Returns
    -------
    tuple of Recording
        In the order given. Of several with one id the second by path gets ``-2``, and so on.
    """
    given = tuple(recordings)
    seen: Counter[str] = Counter()
    named: dict[int, Recording] = {}
    for index in sorted(range(len(given)), key=lambda each: _by_path(given[each])):
        name = base_id(given[index].sha256)
        seen[name] += 1
        named[index] = replace(given[index], id=name if seen[name] == 1 else f"{name}-{seen[name]}")
    return tuple(named[index] for index in range(len(given)))


def _by_path(recording: Recording) -> tuple[bytes, str]:
    return os.fsencode(path_from_record(recording.path, recording.path_bytes_b64)), recording.sha256


def probe(path: Path, *, audio: AudioSettings | None = None) -> Recording:
    """Find out what a file is. A file that cannot be used still gives a recording, which says why.

    Reads the file twice (hash, packets), decodes no picture, and sound only until something is heard.

    Parameters
    ----------
    path : Path
        As the user gave it.
    audio : AudioSettings, optional
        How far to listen, and what counts as digital silence; the defaults when left out.

    Returns
    -------
    Recording
        Of kind ``unreadable`` with a warning when it is empty, something else than its name says, or broken.

    Raises
    ------
    MediaError
        When the file is not there or may not be read.
    """
    try:
        found = sniff(path)
        blank = _blank(path)
        if found.kind == "still":
            return _still(blank, path, found)
        if found.kind != "media":
            return replace(blank, kind="unreadable", warnings=(f"{found.what}, not video or sound",))
        facts = read_iso_facts(path)
        try:
            recording = _opened(blank, path, facts, audio or AudioSettings())
        except MediaError as error:
            return replace(blank, kind="unreadable", warnings=(_why_closed(facts, error),))
    except OSError as error:
        message = f"{shown_path(path)}: cannot be read ({error.strerror})"
        raise MediaError(message, hint="check that the file is there and that you may read it") from error
    misnamed = () if found.claims_media else (f"its name says {path.suffix or 'nothing'}, its content is {found.what}",)
    return replace(recording, warnings=misnamed + recording.warnings)


def probe_limit_s(path: Path, media: MediaSettings) -> float:
    """Time to allow for `probe`, which reads the whole file.

    Parameters
    ----------
    path : Path
        The file.
    media : MediaSettings
        What is allowed per file and per GiB.

    Returns
    -------
    float
        Seconds.
    """
    try:
        size_gib = path.stat().st_size / (1 << 30)
    except OSError:  # probe itself will say what is wrong
        size_gib = 0.0
    return media.probe_timeout_s + media.probe_timeout_per_gib_s * size_gib


def _blank(path: Path) -> Recording:
    """What is known of a file before it is opened."""
    sha256 = hash_file(path)
    name = shown_name(path)
    return Recording(
        id=base_id(sha256),
        path=shown_path(path),
        name_display=name,
        path_bytes_b64=name_bytes_b64(path),
        sha256=sha256,
        size_bytes=path.stat().st_size,
        kind="unreadable",
        duration_s=None,
        container=None,
        video=None,
        audio=None,
        clock_claims=name_claims(name),
    )


def _still(blank: Recording, path: Path, found: Sniffed) -> Recording:
    exif = read_exif(path)
    device = " ".join(text for text in (exif.make, exif.model) if text) or None
    traces = Traces(
        name=blank.name_display,
        texts=(exif.software,) if exif.software else (),
        device=device,
        creation_time=exif.taken,
        has_camera_tags=False,
        long_side_px=None,
    )
    return replace(
        blank,
        kind="still",
        duration_s=Fraction(0),
        container=Container(format=found.what.lower(), zero_s=Fraction(0), has_edit_list=False, encoder=exif.software),
        creation_time=exif.taken,
        location=exif.location,
        device=device,
        generation=guess_generation(traces),
        clock_claims=exif_claims(exif) + blank.clock_claims,
    )


def _why_closed(facts: IsoFacts | None, error: MediaError) -> str:
    if facts is not None and not facts.has_index:
        return "cut off before its index was written; only a repair program with a good file of that camera can open it"
    return error.message.partition(": ")[2] or error.message


def _opened(blank: Recording, path: Path, facts: IsoFacts | None, audio: AudioSettings) -> Recording:
    """What an opened file says of itself."""
    with open_media(path) as opened:
        sound = choose_sound(opened, path, listen_s=audio.listen_s, silence_level=audio.silence_level)
        listened = None
        if sound is not None:
            position = sound_position(opened, sound)
            listened = listen(path, position, listen_s=audio.listen_s, silence_level=audio.silence_level)
        survey = survey_file(opened, facts, sound, listened)
        tags, stream_tags = plain_tags(opened.metadata), [plain_tags(stream.metadata) for stream in opened.streams]
        traces = traces_of(blank.name_display, tags, stream_tags, long_side_px=survey.long_side_px)
        return replace(
            blank,
            kind=survey.kind,
            duration_s=survey.end_s,
            container=survey.container,
            video=survey.video,
            audio=survey.audio,
            creation_time=creation_time(tags),
            location=location_deg(tags),
            device=device_text(tags),
            generation=guess_generation(traces),
            clock_claims=creation_claims(tags, container=opened.format.name) + blank.clock_claims,
            intervals=survey.silence,
            warnings=survey.warnings,
        )
