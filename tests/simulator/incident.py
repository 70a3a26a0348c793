"""Random incidents with known truth, for tests and benchmarks.

``random_incident(seed)`` is one afternoon: cameras that come and go within 250 m, people who walk and shout, a motor
or a siren, a few blasts, every camera with its own noise, clock and microphone, and one file of another day.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from .scene import (
    Agc,
    Blast,
    Camera,
    Facade,
    FileFormat,
    Incident,
    LocalSound,
    Microphone,
    OwnNoise,
    Point,
    Source,
    rng_of,
)

__all__ = [
    "Agc",
    "Blast",
    "Camera",
    "Facade",
    "FileFormat",
    "Incident",
    "LocalSound",
    "Microphone",
    "OwnNoise",
    "Source",
    "random_incident",
]

_NTSC = Fraction(30000, 1001)

# What phones, a camcorder and messengers make; the file of camera i is _FORMATS[i % n], shuffled.
_FORMATS: tuple[tuple[str, FileFormat], ...] = (
    ("VID_20180501_{i:06d}.mp4", FileFormat(audio_bit_rate=96_000, audio_start_s=Fraction(1, 20))),
    ("IMG_{i:04d}.MOV", FileFormat(container="mov", frame_rate=_NTSC, audio_rate_hz=44_100, audio_channels=2)),
    ("clip{i}.webm", FileFormat(container="webm", video_codec="vp8", audio_codec="opus", audio_bit_rate=40_000)),
    ("video-{i}.mkv", FileFormat(container="mkv", frame_rate=Fraction(25), audio_codec="mp3", audio_rate_hz=44_100)),
    ("VID-20180501-WA{i:04d}.mp4", FileFormat(variable_rate=True, audio_bit_rate=48_000, audio_rate_hz=44_100)),
    ("MOV{i:05d}.3gp", FileFormat(container="3gp", video_codec="mpeg4", frame_rate=Fraction(15), width_px=176,
                                  height_px=144, audio_codec="amr", audio_rate_hz=8_000, audio_bit_rate=12_200)),
)  # fmt: skip


def in_disc(rng: np.random.Generator, radius_m: float, *, least_m: float = 0.0) -> Point:
    """A place evenly spread over a disc or ring around the centre."""
    r = math.sqrt(rng.uniform(least_m**2, radius_m**2))
    angle = rng.uniform(0, 2 * math.pi)
    return r * math.cos(angle), r * math.sin(angle)


def walk(
    rng: np.random.Generator, span_s: float, radius_m: float, speed_mps: float
) -> tuple[tuple[float, float, float], ...]:
    """A way of straight stretches through the place, with stops."""
    at, time_s = in_disc(rng, radius_m), -5.0
    corners = [(time_s, *at)]
    while time_s < span_s + 5:
        aim = in_disc(rng, radius_m)
        time_s += max(1.0, math.dist(at, aim) / speed_mps)
        corners.append((time_s, *aim))
        time_s += rng.uniform(0.5, 8.0)
        corners.append((time_s, *aim))
        at = aim
    return tuple(corners)


def _sources(rng: np.random.Generator, seed: int, span_s: float) -> tuple[Source, ...]:
    """Three to five voices, one of them shouting or with a megaphone, and one or two machines."""
    found = [
        Source(
            name=f"voice{i}",
            kind="voice",
            path=walk(rng, span_s, 100.0, rng.uniform(0.8, 2.0)),
            level_db=rng.uniform(92, 98) if i == 0 else rng.uniform(78, 92),
            seed=seed,
        )
        for i in range(int(rng.integers(3, 6)))
    ]
    machines = rng.permutation(["engine", "siren", "generator"])[: int(rng.integers(1, 3))]
    if set(machines) == {"generator"}:
        machines = np.array(["generator", "engine"])
    for kind in machines.tolist():
        level_db = {"engine": rng.uniform(86, 96), "siren": rng.uniform(98, 106), "generator": rng.uniform(80, 88)}[
            kind
        ]
        start_s = rng.uniform(-5, 0.5 * span_s)
        way = walk(rng, span_s, 120.0, 7.0) if kind != "generator" else ((0.0, *in_disc(rng, 100.0)),)
        end_s = start_s + rng.uniform(20, 60)
        found.append(Source(name=kind, kind=kind, path=way, level_db=level_db, start_s=start_s, end_s=end_s, seed=seed))
    return tuple(found)


def _companions(rng: np.random.Generator, seed: int, cameras: list[Camera]) -> tuple[Source, ...]:
    """Who holds a phone talks, or somebody beside does: loud in that recording, faint in the others."""
    return tuple(
        Source(
            name=f"beside {camera.name}",
            kind="voice",
            path=((0.0, camera.position_m[0] + rng.uniform(1, 3), camera.position_m[1] + rng.uniform(-2, 2)),),
            level_db=rng.uniform(64, 74),
            start_s=camera.start_s + rng.uniform(-20, 0.5 * camera.duration_s),
            end_s=camera.end_s + rng.uniform(-0.4 * camera.duration_s, 20),
            seed=seed,
        )
        for camera in cameras
        if rng.uniform() < 0.6
    )


def strikes(rng: np.random.Generator, count: int, span_s: float) -> tuple[Blast, ...]:
    """Strikes a few seconds to half a minute apart, within a quarter to a whole of a kilometre."""
    times = np.sort(rng.uniform(8, span_s - 6, count))
    while count > 1 and np.diff(times).min() < 3.0:
        times = np.sort(rng.uniform(8, span_s - 6, count))
    found = []
    for i, time_s in enumerate(times.tolist()):
        place, yield_kg = in_disc(rng, 500.0, least_m=100.0), float(np.exp(rng.uniform(np.log(0.5), np.log(60))))
        bare = Blast(name=f"blast{i + 1}", time_s=time_s, position_m=place, yield_kg=yield_kg)
        aim_pa = 10 ** (rng.uniform(92, 138) / 20) * 2e-5  # heard in the middle of the cameras, behind houses
        shield_db = max(0.0, 20 * math.log10(bare.peak_pa(math.hypot(*place)) / aim_pa))
        found.append(Blast(name=bare.name, time_s=time_s, position_m=place, yield_kg=yield_kg, shield_db=shield_db))
    return tuple(found)


def microphone(rng: np.random.Generator) -> Microphone:
    """Some phone's ear and gain control."""
    bumps = tuple((rng.uniform(600, 6000), rng.uniform(0.7, 3.0), rng.uniform(-5, 7)) for _ in range(3))
    agc = Agc(
        target_db=rng.uniform(-18, -10),
        max_gain_db=rng.uniform(24, 40),
        attack_s=rng.uniform(0.005, 0.03),
        release_s=rng.uniform(0.3, 1.5),
    )
    return Microphone(
        high_pass_hz=rng.uniform(60, 200),
        low_pass_hz=rng.uniform(3500, 9000),
        resonances=bumps,
        clip_pa=rng.uniform(8, 35),
        agc=agc if rng.uniform() < 0.85 else Agc(max_gain_db=20.0, attack_s=0.2, release_s=4.0),
    )


def local_sounds(rng: np.random.Generator, duration_s: float) -> tuple[LocalSound, ...]:
    """A few doors, bumps and gusts in one recording."""
    kinds: tuple = ("door", "bump", "gust")
    return tuple(
        LocalSound(
            kind=kinds[int(rng.integers(3))], time_s=rng.uniform(1, duration_s - 1), peak_pa=10 ** rng.uniform(-1, 0.5)
        )
        for _ in range(int(rng.poisson(duration_s / 25)))
    )


def _camera(rng: np.random.Generator, index: int, span_s: float, file: tuple[str, FileFormat]) -> Camera:
    duration_s = rng.uniform(20, min(90, span_s))
    x_m, y_m = in_disc(rng, 125.0)
    return Camera(
        name=f"cam{index + 1}",
        position_m=(x_m, y_m),
        start_s=rng.uniform(0, span_s - duration_s),
        duration_s=duration_s,
        drift_ppm=rng.uniform(-100, 100) if rng.uniform() < 0.3 else rng.normal(0, 15),
        heading_deg=math.degrees(math.atan2(-x_m, -y_m)) + rng.normal(0, 40),
        microphone=microphone(rng),
        noise=OwnNoise(snr_db=rng.uniform(-6, 9), wind_share=rng.uniform(0, 0.7)),
        local_sounds=local_sounds(rng, duration_s),
        reverb_time_s=rng.uniform(0.3, 1.1),
        shake_px=rng.uniform(0.5, 3.0),
        file_name=file[0].format(i=1000 * (index % 9 + 1) + int(rng.integers(1000))),  # no name twice
        file=file[1],
    )


def random_incident(
    seed: int, *, cameras: int | None = None, blasts: int | None = None, decoy: bool = True
) -> Incident:
    """Make an incident up.

    Parameters
    ----------
    seed : int
        The same seed gives the same incident.
    cameras : int, optional
        Cameras of the incident; 4 to 6 when not given.
    blasts : int, optional
        Explosions; 2 to 4 when not given. Not every camera records each of them.
    decoy : bool
        Add one camera of another place and day, with other sounds and maybe a blast of its own.

    Returns
    -------
    Incident
    """
    rng = rng_of("incident", seed)
    cameras = cameras or int(rng.integers(4, 7))
    blasts = int(rng.integers(2, 5)) if blasts is None else blasts
    span_s = rng.uniform(80, 120)
    files = [_FORMATS[i] for i in rng.permutation(len(_FORMATS))]
    made = [_camera(rng, i, span_s, files[i % len(files)]) for i in range(cameras)]
    return Incident(
        seed=seed,
        sources=_sources(rng, seed, span_s) + _companions(rng, seed, made),
        blasts=strikes(rng, blasts, span_s),
        cameras=tuple(made),
        facades=tuple(
            Facade(position_m=in_disc(rng, 300.0, least_m=30.0), reflectivity=rng.uniform(0.2, 0.7)) for _ in range(4)
        ),
        temperature_c=rng.uniform(0, 35),
        decoys=(_decoy(seed, files[-1]),) if decoy else (),
    )


def _decoy(seed: int, file: tuple[str, FileFormat]) -> Incident:
    """One camera on another day, at another place."""
    rng = rng_of("decoy", seed)
    camera = _camera(rng, 98, 70.0, file)
    return Incident(
        seed=-1 - seed,
        sources=_sources(rng, -1 - seed, 70.0),
        blasts=strikes(rng, int(rng.integers(0, 3)), 70.0),
        cameras=(camera,),
        facades=(Facade(position_m=in_disc(rng, 200.0, least_m=30.0), reflectivity=0.5),),
        temperature_c=rng.uniform(0, 35),
    )
