"""Incidents that try a synchroniser: far cameras, loud surroundings, cuts, re-uploads, strangers.

``sync_incident(seed)`` holds 3 to 8 cameras within 400 m that come and go, so that some overlap, some form chains and
some meet nobody. At each camera the shared sound (people, machines) stands -10 to +20 dB over the camera's own noise
in 150-3400 Hz, uniformly; own noise is surroundings, wind, hiss and, at two cameras in five, voices beside the phone.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .incident import in_disc, local_sounds, microphone, strikes, walk
from .scene import Camera, Copy, Cut, Facade, FileFormat, Incident, OwnNoise, Source, rng_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SYNC_BAND_HZ", "every_file", "sync_incident"]

SYNC_BAND_HZ = (150.0, 3400.0)
_RADIUS_M = 200.0
_SNR_DB = (-10.0, 20.0)
_LENGTH_S = (20.0, 180.0)
_MACHINES = {"engine": (86, 98), "siren": (96, 106), "generator": (80, 90)}  # level range, dB at 1 m

# Endings by codec: (container, with a dark picture); what phones, messengers and recorders write.
_WRAPPED = {
    "aac": (("mp4", True), ("mov", True), ("m4a", False)),
    "opus": (("webm", True), ("ogg", False)),
    "mp3": (("mkv", True), ("mp3", False)),
    "amr": (("3gp", True), ("3gp", False)),
}
_BIT_RATES = {"aac": (24, 32, 48, 64, 96), "opus": (24, 32, 48, 64), "mp3": (32, 48, 64, 96), "amr": (12.2,)}
_PICTURES = {"mp4": "h264", "mov": "h264", "mkv": "h264", "webm": "vp8", "3gp": "mpeg4"}


def sync_incident(seed: int, *, cameras: int | None = None) -> Incident:
    """Make an incident up whose files are hard to line up.

    Parameters
    ----------
    seed : int
        The same seed gives the same incident.
    cameras : int, optional
        Cameras of the incident; 3 to 8 when not given.

    Returns
    -------
    Incident
        One file in five is a decoy, each of another place and day with the same kinds of sounds. Some cameras have
        `Camera.cuts`; `Incident.copies` are re-uploads.
    """
    rng = rng_of("sync incident", seed)
    count = cameras or int(rng.integers(3, 9))
    span_s = rng.uniform(190, 330)
    made = [_camera(rng, i, span_s) for i in range(count)]
    copies = _copies(rng, made)
    decoys = max(1, round((count + len(copies)) / 4))
    return Incident(
        seed=seed,
        sources=_sources(rng, seed, span_s),
        blasts=strikes(rng, int(rng.integers(1, 5)), span_s),
        cameras=tuple(made),
        facades=_facades(rng),
        temperature_c=rng.uniform(0, 35),
        decoys=tuple(_decoy(seed, i) for i in range(decoys)),
        copies=copies,
    )


def every_file(incident: Incident) -> Iterator[tuple[str, Incident, Camera]]:
    """Role ("camera", "copy" or "decoy"), place and camera of every file; a copy as if a camera had recorded it."""
    for camera in incident.cameras:
        yield "camera", incident, camera
    for copy in incident.copies:
        yield "copy", incident, incident.copied(copy)
    for other in incident.decoys:
        for camera in other.cameras:
            yield "decoy", other, camera


def _camera(rng: np.random.Generator, index: int, span_s: float) -> Camera:
    duration_s = float(np.exp(rng.uniform(*np.log(_LENGTH_S))))
    file_name, file = _file(rng, f"{('clip', 'VID', 'rec', 'IMG')[index % 4]}_{index + 1}{int(rng.integers(1000)):03d}")
    return Camera(
        name=f"cam{index + 1}",
        position_m=in_disc(rng, _RADIUS_M),
        start_s=rng.uniform(0, span_s - duration_s),
        duration_s=duration_s,
        drift_ppm=rng.uniform(-100, 100),
        microphone=microphone(rng),
        noise=OwnNoise(
            snr_db=rng.uniform(*_SNR_DB),
            wind_share=rng.uniform(0, 0.7),
            band_hz=SYNC_BAND_HZ,
            talk_share=rng.uniform(0.1, 0.8) if rng.uniform() < 0.4 else 0.0,
        ),
        local_sounds=local_sounds(rng, duration_s),
        reverb_time_s=rng.uniform(0.3, 1.1),
        file_name=file_name,
        file=file,
        cuts=_cuts(rng, duration_s),
    )


def _file(rng: np.random.Generator, stem: str) -> tuple[str, FileFormat]:
    """A name and a format at 24 to 96 kbit/s, narrow-band AMR (12 kbit/s) apart."""
    codec = str(rng.choice(["aac", "opus", "mp3", "amr"], p=[0.5, 0.25, 0.15, 0.1]))
    container, picture = _WRAPPED[codec][int(rng.integers(len(_WRAPPED[codec])))]
    kbits = float(rng.choice(_BIT_RATES[codec]))
    rate_hz = {"opus": 48_000, "amr": 8_000}.get(codec, 24_000 if kbits < 48 else 44_100)
    file = FileFormat(
        container=container,
        video_codec=_PICTURES.get(container) if picture else None,
        width_px=176,
        height_px=144,
        frame_rate=Fraction(10) if picture else None,
        video_bit_rate=30_000,
        audio_codec=codec,  # type: ignore[arg-type]
        audio_rate_hz=rate_hz,
        audio_bit_rate=round(1000 * kbits),
        audio_start_s=Fraction(1, 20) if container == "mp4" and rng.uniform() < 0.3 else Fraction(0),
    )
    return f"{stem}.{container}", file


def _cuts(rng: np.random.Generator, duration_s: float) -> tuple[Cut, ...]:
    """In one of five longer files something was taken out (3 to 20 s), or the recording paused (up to 40 s)."""
    if rng.uniform() >= 0.25 or duration_s < 40:
        return ()
    removed_s = rng.uniform(3, 20) if rng.uniform() < 0.6 else rng.uniform(5, 40)
    return (Cut(at_s=rng.uniform(15, duration_s - 15), removed_s=removed_s),)


def _copies(rng: np.random.Generator, cameras: list[Camera]) -> tuple[Copy, ...]:
    """In two of five incidents somebody passed a file on, shortened, at another level, encoded once more."""
    if rng.uniform() >= 0.4:
        return ()
    original = cameras[int(rng.integers(len(cameras)))]
    duration_s = original.duration_s * rng.uniform(0.6, 0.95)
    file_name, file = _file(rng, f"forwarded_{int(rng.integers(10_000)):04d}")
    return (
        Copy(
            name=f"copy of {original.name}",
            of=original.name,
            trim_s=rng.uniform(0, original.duration_s - duration_s),
            duration_s=duration_s,
            gain_db=rng.uniform(-9, 6),
            file_name=file_name,
            file=replace(file, audio_start_s=Fraction(0)),
        ),
    )


def _sources(rng: np.random.Generator, seed: int, span_s: float) -> tuple[Source, ...]:
    """Four to seven voices that walk about, one of them shouting or with a megaphone, and one to three machines."""
    voices = [
        Source(
            name=f"voice{i}",
            kind="voice",
            path=walk(rng, span_s, 150.0, rng.uniform(0.6, 2.0)),
            level_db=rng.uniform(94, 100) if i == 0 else rng.uniform(80, 94),
            seed=seed,
        )
        for i in range(int(rng.integers(4, 8)))
    ]
    kinds = rng.choice(list(_MACHINES), int(rng.integers(1, 4)), p=[0.5, 0.25, 0.25]).tolist()
    return (*voices, *(_machine(rng, f"{kind}{i}", kind, seed, span_s) for i, kind in enumerate(kinds)))


def _machine(rng: np.random.Generator, name: str, kind: str, seed: int, span_s: float) -> Source:
    start_s = rng.uniform(-10, 0.8 * span_s)
    return Source(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        path=walk(rng, span_s, 180.0, 7.0) if kind != "generator" else ((0.0, *in_disc(rng, 150.0)),),
        level_db=rng.uniform(*_MACHINES[kind]),
        start_s=start_s,
        end_s=start_s + rng.uniform(20, 120),
        seed=seed,
    )


def _facades(rng: np.random.Generator) -> tuple[Facade, ...]:
    return tuple(
        Facade(position_m=in_disc(rng, 350.0, least_m=30.0), reflectivity=rng.uniform(0.2, 0.7))
        for _ in range(int(rng.integers(2, 5)))
    )


def _decoy(seed: int, index: int) -> Incident:
    """One camera of another place and day, with the same kinds of sounds."""
    rng, own_seed = rng_of("sync decoy", seed, index), -1 - 10 * seed - index
    camera = replace(_camera(rng, 50 + index, _LENGTH_S[1] + 20.0), name=f"other{index + 1}", cuts=())
    span_s = camera.end_s + 5.0
    return Incident(
        seed=own_seed,
        sources=_sources(rng, own_seed, span_s),
        blasts=strikes(rng, int(rng.integers(0, 4)), span_s),
        cameras=(camera,),
        facades=_facades(rng),
        temperature_c=rng.uniform(0, 35),
    )
