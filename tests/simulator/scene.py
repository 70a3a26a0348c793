"""What an incident is made of, and the exact truth about it.

Axes: metres in the plane (x east, y north), seconds on the incident clock. A camera's recording time r lies at
incident time ``start_s + r * (1 + drift_ppm * 1e-6)``, the formula of `syncview.timebase.group_time_s`.
All records are frozen and hold tuples only, so that they can be hashed, cached and compared.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

import numpy as np

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
    "rng_of",
]

Point = tuple[float, float]
SHOCK_LEAD_S_PER_CUBE_ROOT_KG = 0.009  # a shock outruns sound near its source


def rng_of(*keys: object) -> np.random.Generator:
    """Independent random numbers for a name: the same keys always give the same stream, other keys another one."""
    return np.random.default_rng([zlib.crc32(str(key).encode()) for key in keys])


@dataclass(frozen=True, slots=True, kw_only=True)
class Agc:
    """Automatic gain of a phone: fast down, slow up. Levels are of the peak envelope, relative to full scale."""

    target_db: float = -14.0
    max_gain_db: float = 30.0
    attack_s: float = 0.012
    release_s: float = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Microphone:
    """From pressure to samples. `clip_pa` is full scale before the gain control; None switches a part off."""

    high_pass_hz: float | None = 120.0
    low_pass_hz: float | None = 7500.0
    resonances: tuple[tuple[float, float, float], ...] = ()  # (centre in Hz, quality, gain in dB)
    clip_pa: float = 20.0
    agc: Agc | None = Agc()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNoise:
    """What only this camera hears all the time: its own surroundings, wind in its microphone, its hiss.

    `snr_db` is the level of all that reaches every camera (voices, engines) over the own noise, both as RMS over the
    recording; `wind_share` the part of the noise power that is wind (below 200 Hz, in gusts).
    """

    snr_db: float = 10.0
    wind_share: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSound:
    """A sound that only one camera hears: a door, a bump of the hand, a gust. `time_s` is recording time."""

    kind: Literal["door", "bump", "gust"]
    time_s: float
    peak_pa: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How a camera writes its file. `frame_rate` None: sound only. `audio_codec` None: silent."""

    container: Literal["mp4", "mov", "mkv", "webm", "3gp", "m4a", "ogg"] = "mp4"
    video_codec: Literal["h264", "vp8", "vp9", "mpeg4"] | None = "h264"
    width_px: int = 384
    height_px: int = 216
    frame_rate: Fraction | None = Fraction(30)
    variable_rate: bool = False
    video_bit_rate: int = 100_000
    audio_codec: Literal["aac", "opus", "mp3", "amr"] | None = "aac"
    audio_rate_hz: int = 48_000
    audio_bit_rate: int = 64_000
    audio_channels: int = 1
    audio_start_s: Fraction = Fraction(0)  # the sound stream begins this much after recording time 0
    creation_time: str | None = None  # as the phone's clock had it, ISO 8601 in UTC
    device: str | None = None  # maker and model, where the container has a place for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera: where, when on the true clock, and with what."""

    name: str
    position_m: Point
    start_s: float
    duration_s: float
    drift_ppm: float = 0.0
    heading_deg: float = 0.0  # of the picture's centre, clockwise from north
    field_of_view_deg: float = 65.0
    av_skew_s: float = 0.0  # sound lies later than the picture by this
    microphone: Microphone = Microphone()
    noise: OwnNoise | None = OwnNoise()
    local_sounds: tuple[LocalSound, ...] = ()
    reverb_time_s: float | None = 0.8  # 60 dB decay of the surroundings; None: free field
    shake_px: float = 2.0
    file_name: str = ""
    file: FileFormat = FileFormat()

    @property
    def rate(self) -> float:
        """Incident seconds per second of recording."""
        return 1.0 + self.drift_ppm * 1e-6

    @property
    def end_s(self) -> float:
        """Incident time of the end of the recording."""
        return self.start_s + self.duration_s * self.rate

    def incident_s(self, recording_s: float) -> float:
        """Incident time of a moment of the picture."""
        return self.start_s + recording_s * self.rate

    def recording_s(self, incident_s: float) -> float:
        """Recording time at which the picture shows a moment."""
        return (incident_s - self.start_s) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that sounds for a while and may move.

    `path` holds (time, x, y) corners; between them it moves in a straight line. `level_db` is the RMS sound pressure
    level at 1 m while it sounds.
    """

    name: str
    kind: Literal["voice", "engine", "siren", "generator"]
    path: tuple[tuple[float, float, float], ...]
    level_db: float
    start_s: float = -math.inf
    end_s: float = math.inf
    seed: int = 0

    def position_m(self, time_s: np.ndarray) -> np.ndarray:
        """Where it is: shape (n, 2) for times of shape (n,)."""
        t, x, y = np.array(self.path, dtype=float).T
        return np.stack([np.interp(time_s, t, x), np.interp(time_s, t, y)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """An explosion. `time_s` is the detonation, which is also the flash; `shield_db` what buildings take off."""

    name: str
    time_s: float
    position_m: Point
    yield_kg: float = 5.0
    shield_db: float = 0.0

    @property
    def lead_s(self) -> float:
        """How much earlier than sound the shock arrives in the far field."""
        return SHOCK_LEAD_S_PER_CUBE_ROOT_KG * self.yield_kg ** (1 / 3)

    def peak_pa(self, distance_m: float) -> float:
        """Peak overpressure (Sadovsky 1952, charge on the ground), less what buildings take off."""
        z = max(distance_m, 3.0) / self.yield_kg ** (1 / 3)
        return 1e6 * (0.085 / z + 0.3 / z**2 + 0.8 / z**3) * 10 ** (-self.shield_db / 20)

    def phase_s(self, distance_m: float) -> float:
        """Length of the positive phase (Sadovsky 1952)."""
        return 1.35e-3 * self.yield_kg ** (1 / 6) * math.sqrt(max(distance_m, 3.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A wall that throws sound back: the echo runs source - wall - camera."""

    position_m: Point
    reflectivity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A place and a time with everything that sounds, and the cameras. `decoys` are other places on other days."""

    seed: int
    sources: tuple[Source, ...]
    blasts: tuple[Blast, ...]
    cameras: tuple[Camera, ...]
    facades: tuple[Facade, ...] = ()
    temperature_c: float = 20.0
    decoys: tuple[Incident, ...] = field(default=())

    @property
    def sound_speed_mps(self) -> float:
        """Speed of sound in dry air of this temperature."""
        return 331.3 * math.sqrt(1 + self.temperature_c / 273.15)

    def camera(self, camera: Camera | str) -> Camera:
        """Find a camera of this incident (not of a decoy) by name."""
        name = camera if isinstance(camera, str) else camera.name
        return next(c for c in self.cameras if c.name == name)

    def blast(self, event: Blast | str) -> Blast:
        """Find a blast by name."""
        name = event if isinstance(event, str) else event.name
        return next(b for b in self.blasts if b.name == name)

    def true_offset_s(self, camera: Camera | str) -> float:
        """Incident time of the camera's recording time 0."""
        return self.camera(camera).start_s

    def sound_arrival_s(self, event: Blast | str, camera: Camera | str) -> float:
        """Recording time at which the direct path of a blast is on the sound track, also outside the recording."""
        blast, cam = self.blast(event), self.camera(camera)
        travel_s = math.dist(blast.position_m, cam.position_m) / self.sound_speed_mps
        return cam.recording_s(blast.time_s - blast.lead_s + travel_s) + cam.av_skew_s

    def arrival_s(self, event: Blast | str, camera: Camera | str) -> float | None:
        """Recording time of the direct path of a blast at a camera; None when the camera was not recording."""
        arrival_s = self.sound_arrival_s(event, camera)
        return arrival_s if 0 <= arrival_s < self.camera(camera).duration_s else None

    def overlap_s(self, a: Camera | str, b: Camera | str) -> float:
        """Common time of two recordings on the incident clock."""
        first, second = self.camera(a), self.camera(b)
        return max(0.0, min(first.end_s, second.end_s) - max(first.start_s, second.start_s))

    def true_lag_s(self, a: Camera | str, b: Camera | str, position_m: Point, *, time_s: float | None = None) -> float:
        """``r_a - r_b`` for a sound from a place, emitted at `time_s` (default: the middle of the common time).

        Examples
        --------
        >>> still = dict(duration_s=20.0, start_s=0.0)
        >>> pair = (Camera(name="a", position_m=(0, 0), **still), Camera(name="b", position_m=(343.2, 0), **still))
        >>> round(Incident(seed=0, sources=(), blasts=(), cameras=pair).true_lag_s("a", "b", (0, 0)), 3)
        -1.0
        """
        first, second = self.camera(a), self.camera(b)
        if time_s is None:
            time_s = (max(first.start_s, second.start_s) + min(first.end_s, second.end_s)) / 2
        heard_s = [
            cam.recording_s(time_s + math.dist(position_m, cam.position_m) / self.sound_speed_mps) + cam.av_skew_s
            for cam in (first, second)
        ]
        return heard_s[0] - heard_s[1]

    def without_decoys(self) -> Incident:
        """The incident alone."""
        return replace(self, decoys=())
