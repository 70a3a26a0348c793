"""Files of cameras, with their truth beside them.

The sound lies in the file exactly where the truth says: sample i of the rendered sound has recording time
``i / rate``, priming and edit lists honoured; each frame has the true time stamp of its exposure.

truth.json (schema "syncview.truth", version 1)
-----------------------------------------------
::

    schema, version, seed, temperature_c, sound_speed_mps, audible_from_db
    files[]:   name, role "camera" | "silent" | "copy" | "decoy",
               offset_s      incident time of recording time 0; null for a decoy
               drift_ppm, av_skew_s, position_m [x, y], heading_deg, duration_s
               own_blasts[]  of a decoy: recording_s, snr_db of blasts of its own day
               segments[]    of a file with cuts: start_s, end_s (recording time), offset_s (of recording time 0)
               copy_of       of a copy: the file whose sound it is; trim_s, gain_db: from where, and how much louder
    blasts[]:  name, time_s (detonation, incident time), position_m, yield_kg,
               filmed        whether any file heard or saw it
               arrivals      {file: recording time of the direct sound}, only files with sound
               snr_db        {file: peak over background in 30-400 Hz} for the same files
               audible       the part of snr_db from audible_from_db up
               seen          {file: recording time of the flash} for files with it in the picture
    people[]:  of the scene that a test may look for: name, kind, path [[time_s, x, y]]

Incident time is ``offset_s + recording_s * (1 + drift_ppm * 1e-6)``, as in timeline.json; after a cut with the
segment's own offset_s.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from .acoustics import AUDIBLE_DB, audible_snr_db, render
from .picture import Painter, sees
from .scene import Camera, Copy, FileFormat, Incident, rng_of

__all__ = ["frame_times_s", "sound_in_file", "truth_of", "write_camera", "write_copy", "write_filmed", "write_incident"]

_MUXERS = {
    "mp4": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm", "3gp": "3gp", "m4a": "ipod", "ogg": "ogg",
    "mp3": "mp3",
}  # fmt: skip
_VIDEO_ENCODERS = {"h264": "libx264", "vp8": "libvpx", "vp9": "libvpx-vp9", "mpeg4": "mpeg4"}
_AUDIO_ENCODERS = {"aac": "aac", "opus": "libopus", "mp3": "libmp3lame", "amr": "libopencore_amrnb"}
_VIDEO_OPTIONS = {
    # One thread and fixed presets: nearly the same bytes on every run; x264 still differs now and then.
    "h264": {"preset": "veryfast", "threads": "1", "g": "150"},
    "vp8": {"deadline": "realtime", "cpu-used": "8", "threads": "1", "g": "150"},
    "vp9": {"deadline": "realtime", "cpu-used": "8", "threads": "1", "g": "150"},
    "mpeg4": {"threads": "1", "g": "60"},
}
_TICKS = 90_000  # a second has this many units in files that can hold it


def frame_times_s(camera: Camera) -> tuple[Fraction, ...]:
    """Recording time of each frame, exact; with a variable rate, phones drop frames and slow down in the shade."""
    file = camera.file
    if file.frame_rate is None:
        return ()
    if not file.variable_rate:
        return tuple(i / file.frame_rate for i in range(math.ceil(camera.duration_s * file.frame_rate)))
    rng = rng_of("frames", camera.name, camera.duration_s)
    nominal = Fraction(_TICKS) / file.frame_rate
    ticks, times = 0, []
    while ticks < camera.duration_s * _TICKS:
        times.append(Fraction(ticks, _TICKS))
        slow = 1.5 if 10 < ticks / _TICKS < 16 else 1.0
        ticks += round(float(nominal) * slow * (2 if rng.uniform() < 0.02 else 1) + rng.uniform(-200, 200))
    return tuple(times)


def _pictures(incident: Incident, camera: Camera, *, picture: bool) -> Any:
    """Pairs of (recording time, frame as planar YUV 4:2:0)."""
    painter = Painter(incident, camera) if picture else None
    dark = np.full((camera.file.height_px, camera.file.width_px, 3), 24, np.uint8)
    for time_s in frame_times_s(camera):
        yield time_s, cv2.cvtColor(painter.frame(float(time_s)) if painter else dark, cv2.COLOR_BGR2YUV_I420)


def _add_video(container: Any, file: FileFormat) -> Any:
    stream = container.add_stream(
        _VIDEO_ENCODERS[file.video_codec], rate=file.frame_rate, options=_VIDEO_OPTIONS[file.video_codec]
    )
    stream.width, stream.height, stream.pix_fmt = file.width_px, file.height_px, "yuv420p"
    stream.bit_rate = file.video_bit_rate
    # MPEG-4 part 2 cannot count finer than its frame rate here; the others take any time.
    base = 1 / file.frame_rate if file.video_codec == "mpeg4" else Fraction(1, _TICKS)
    stream.codec_context.time_base = base
    return stream


def _add_audio(container: Any, file: FileFormat) -> Any:
    stream = container.add_stream(_AUDIO_ENCODERS[file.audio_codec], rate=file.audio_rate_hz)
    stream.layout = "stereo" if file.audio_channels == 2 else "mono"
    stream.bit_rate = file.audio_bit_rate
    return stream


def _audio_frames(sound: np.ndarray, file: FileFormat, stream: Any) -> Any:
    """Pairs of (recording time, frame of sound) of a quarter second."""
    rate_hz = file.audio_rate_hz
    samples = np.round(sound * 32767).astype(np.int16)
    if file.audio_codec == "amr":  # FFmpeg states 50 samples of look-ahead where the codec has 40
        samples = np.concatenate([np.zeros(10, np.int16), samples[:-10]])
    begin = round(file.audio_start_s * rate_hz)
    resampler = av.AudioResampler(format=stream.codec_context.format, layout=stream.layout, rate=rate_hz)
    for first in range(begin, len(samples), rate_hz // 4):
        part = samples[first : first + rate_hz // 4]
        frame = av.AudioFrame.from_ndarray(np.tile(part, (file.audio_channels, 1)), "s16p", stream.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
        for converted in resampler.resample(frame):
            yield Fraction(first, rate_hz), converted


def _encode(container: Any, sound: Any, sound_stream: Any, pictures: Any, video_stream: Any) -> None:
    """Write both streams side by side, as a recorder does."""
    sound_next = next(sound, None)
    for time_s, image in pictures:
        while sound_next is not None and sound_next[0] <= time_s:
            container.mux(sound_stream.encode(sound_next[1]))
            sound_next = next(sound, None)
        frame = av.VideoFrame.from_ndarray(image, "yuv420p")
        base = video_stream.codec_context.time_base
        frame.pts, frame.time_base = round(time_s / base), base
        container.mux(video_stream.encode(frame))
    while sound_next is not None:
        container.mux(sound_stream.encode(sound_next[1]))
        sound_next = next(sound, None)
    for stream in (sound_stream, video_stream):
        if stream is not None:
            container.mux(stream.encode(None))


def write_camera(incident: Incident, camera: Camera, path: Path, *, picture: bool = True) -> None:
    """Write one camera's file.

    Parameters
    ----------
    incident : Incident
        The camera's own incident.
    camera : Camera
        `Camera.file` says container, codecs and rates.
    path : Path
        Where to write; the suffix does not matter.
    picture : bool
        False draws one dark frame all along (a phone in a pocket), which is many times faster.
    """
    sound = render(incident, camera, rate_hz=camera.file.audio_rate_hz) if camera.file.audio_codec else None
    _write(camera.file, path, sound, _pictures(incident, camera, picture=picture))


def write_filmed(incident: Incident, camera: Camera, path: Path, pictures: Any) -> None:
    """Write one camera's file with its sound, but with other pictures: pairs of (recording time, planar YUV 4:2:0)."""
    sound = render(incident, camera, rate_hz=camera.file.audio_rate_hz) if camera.file.audio_codec else None
    _write(camera.file, path, sound, pictures)


def write_copy(incident: Incident, copy: Copy, original: Path, path: Path) -> None:
    """Write another camera's file once more: decoded, trimmed, at another level, encoded; its picture is dark.

    Parameters
    ----------
    incident : Incident
        The incident of both.
    copy : Copy
        What becomes of the original.
    original : Path
        The original's file.
    path : Path
        Where to write.
    """
    rate_hz = copy.file.audio_rate_hz
    first = round(copy.trim_s * rate_hz)
    part = sound_in_file(original, rate_hz=rate_hz)[first : first + round(copy.duration_s * rate_hz)]
    sound = np.clip(part * 10 ** (copy.gain_db / 20), -1, 1)
    _write(copy.file, path, sound, _pictures(incident, incident.copied(copy), picture=False))


def sound_in_file(path: Path, *, rate_hz: int) -> np.ndarray:
    """What a file sounds like from recording time 0 on: mono float32, shape (n,), placed by its first time stamp.

    A bare MP3 counts its run-in as time, so that the file itself starts late.
    """
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate_hz)
        start_s, parts = None, []
        for frame in container.decode(audio=0):
            start_s = frame.pts * frame.time_base if start_s is None else start_s
            parts += [converted.to_ndarray()[0] for converted in resampler.resample(frame)]
        parts += [converted.to_ndarray()[0] for converted in resampler.resample(None)]
        zero_s = max(0.0, (container.start_time or 0) / av.time_base)
    lead = round((float(start_s or 0) - zero_s) * rate_hz)
    return np.concatenate([np.zeros(max(0, lead), np.float32), *parts])[max(0, -lead) :]


def _write(file: FileFormat, path: Path, samples: np.ndarray | None, frames: Any) -> None:
    """Write a file of this sound and these (recording time, picture) pairs."""
    flags = {"fflags": "+bitexact"}
    if file.container in ("mp4", "mov", "m4a", "3gp"):
        flags["movflags"] = "+use_metadata_tags" if file.device else "+faststart"
        if file.audio_start_s:  # an edit list counts in this unit; milliseconds would move the sound
            flags["movie_timescale"] = str(file.audio_rate_hz)
    with av.open(str(path), "w", format=_MUXERS[file.container], options=flags) as container:
        if file.creation_time is not None:
            container.metadata["creation_time"] = file.creation_time
        if file.device is not None:
            maker, model = file.device.split(" ", 1)
            container.metadata.update({"com.apple.quicktime.make": maker, "com.apple.quicktime.model": model})
        video = _add_video(container, file) if file.frame_rate is not None else None
        audio = _add_audio(container, file) if samples is not None else None
        sound = _audio_frames(samples, file, audio) if samples is not None else iter(())
        _encode(container, sound, audio, frames if video is not None else (), video)


def _file_truth(incident: Incident, camera: Camera, role: str, copy: Copy | None = None) -> dict[str, Any]:
    own: list[dict[str, float]] = []
    more: dict[str, Any] = {}
    if camera.cuts:
        more["segments"] = [
            {"start_s": round(s.start_s, 6), "end_s": round(s.end_s, 6), "offset_s": round(s.offset_s, 6)}
            for s in camera.segments
        ]
    if copy is not None:
        original = incident.camera(copy.of).file_name
        more |= {"copy_of": original, "trim_s": round(copy.trim_s, 6), "gain_db": round(copy.gain_db, 2)}
    if role == "decoy":
        arrivals = [(blast, incident.arrival_s(blast, camera)) for blast in incident.blasts]
        own = [
            {"recording_s": round(at, 6), "snr_db": round(audible_snr_db(incident, blast, camera), 1)}
            for blast, at in arrivals
            if at is not None
        ]
    return {
        "name": camera.file_name,
        "role": role,
        "offset_s": None if role == "decoy" else round(camera.start_s, 6),
        "drift_ppm": round(camera.drift_ppm, 3),
        "av_skew_s": camera.av_skew_s,
        "position_m": [round(v, 3) for v in camera.position_m],
        "heading_deg": round(camera.heading_deg % 360, 1),
        "duration_s": round(camera.duration_s, 6),
        **({"own_blasts": own} if role == "decoy" else {}),
        **more,
    }


def _blast_truth(incident: Incident, blast: Any) -> dict[str, Any]:
    hearing = [c for c in incident.cameras if c.file.audio_codec is not None]
    arrivals = {c.file_name: at for c in hearing if (at := incident.arrival_s(blast, c)) is not None}
    snr_db = {c.file_name: audible_snr_db(incident, blast, c) for c in hearing if c.file_name in arrivals}
    seen = {
        c.file_name: flash_s
        for c in incident.cameras
        if c.file.frame_rate is not None
        and (flash_s := c.in_file_s(c.recording_s(blast.time_s))) is not None
        and sees(c, blast.position_m)
    }
    return {
        "name": blast.name,
        "time_s": round(blast.time_s, 6),
        "position_m": [round(v, 3) for v in blast.position_m],
        "yield_kg": round(blast.yield_kg, 3),
        "filmed": bool(arrivals or seen),
        "arrivals": {name: round(at, 6) for name, at in arrivals.items()},
        "snr_db": {name: round(snr, 1) for name, snr in snr_db.items()},
        "audible": {name: round(snr, 1) for name, snr in snr_db.items() if snr >= AUDIBLE_DB},
        "seen": {name: round(at, 6) for name, at in seen.items()},
    }


def truth_of(incident: Incident) -> dict[str, Any]:
    """What truth.json holds; the module's docstring is its schema."""
    files = [_file_truth(incident, c, "silent" if c.file.audio_codec is None else "camera") for c in incident.cameras]
    files += [_file_truth(incident, incident.copied(copy), "copy", copy) for copy in incident.copies]
    files += [_file_truth(other, c, "decoy") for other in incident.decoys for c in other.cameras]
    return {
        "schema": "syncview.truth",
        "version": 1,
        "seed": incident.seed,
        "temperature_c": round(incident.temperature_c, 2),
        "sound_speed_mps": round(incident.sound_speed_mps, 3),
        "audible_from_db": AUDIBLE_DB,
        "files": files,
        "blasts": [_blast_truth(incident, blast) for blast in incident.blasts],
        "people": [
            {"name": s.name, "kind": s.kind, "path": [[round(v, 2) for v in corner] for corner in s.path]}
            for s in incident.sources
        ],
    }


def write_incident(incident: Incident, folder: Path, *, picture: bool = True) -> Path:
    """Write every camera's file, copies and decoys too, and truth.json.

    Returns
    -------
    Path
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for place in (incident, *incident.decoys):
        for camera in place.cameras:
            write_camera(place, camera, folder / camera.file_name, picture=picture)
    for copy in incident.copies:
        write_copy(incident, copy, folder / incident.camera(copy.of).file_name, folder / copy.file_name)
    text = json.dumps(truth_of(incident), indent=1, ensure_ascii=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
    return folder
