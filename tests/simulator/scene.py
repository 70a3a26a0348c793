"""What an incident is made of, and the exact truth about it.

Axes: metres in the plane (x east, y north), seconds on the incident clock. A camera's recording time r lies at
incident time ``start_s + r * (1 + drift_ppm * 1e-6)``, the formula of `syncview.timebase.group_time_s`.
All records are frozen and hold tuples only, so that they can be hashed, cached and compared.
"""

from __future__ import annotations

import itertools
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
    "Copy",
    "Cut",
    "Facade",
    "FileFormat",
    "Incident",
    "LocalSound",
    "Microphone",
    "OwnNoise",
    "Segment",
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

    With `band_hz` both levels are those in that band, exactly, and the own noise is all of it: surroundings, wind,
    hiss, and `talk_share` of its power in the band from voices beside the phone. Blasts and `Camera.local_sounds`
    stand apart from both.
    """

    snr_db: float = 10.0
    wind_share: float = 0.3
    band_hz: tuple[float, float] | None = None
    talk_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSound:
    """A sound that only one camera hears: a door, a bump of the hand, a gust. `time_s` is recording time."""

    kind: Literal["door", "bump", "gust"]
    time_s: float
    peak_pa: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How a camera writes its file. `frame_rate` None: sound only. `audio_codec` None: silent."""

    container: Literal["mp4", "mov", "mkv", "webm", "3gp", "m4a", "ogg", "mp3"] = "mp4"
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
class Cut:
    """A place in a file where a piece was taken out, or the recording paused. `at_s` is recording time in the file."""

    at_s: float
    removed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a file without a cut: incident time is ``offset_s + recording_s * rate`` with the camera's rate."""

    start_s: float
    end_s: float
    offset_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera: where, when on the true clock, and with what.

    `duration_s` is the length of the file. With `cuts` the camera recorded longer than that: `uncut` is the camera as
    it recorded, and times of its recording are uncut times, which `in_file_s` turns into those of the file.
    """

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
    cuts: tuple[Cut, ...] = ()

    @property
    def rate(self) -> float:
        """Incident seconds per second of recording."""
        return 1.0 + self.drift_ppm * 1e-6

    @property
    def end_s(self) -> float:
        """Incident time of the end of the recording."""
        return self.start_s + self.uncut.duration_s * self.rate

    @property
    def uncut(self) -> Camera:
        """The camera as it recorded, with nothing taken out."""
        if not self.cuts:
            return self
        return replace(self, duration_s=self.duration_s + sum(cut.removed_s for cut in self.cuts), cuts=())

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The stretches between cuts, in file time; one when there is none."""
        edges_s = [0.0, *(cut.at_s for cut in self.cuts), self.duration_s]
        removed_s = [0.0, *itertools.accumulate(cut.removed_s for cut in self.cuts)]
        return tuple(
            Segment(start_s=low, end_s=high, offset_s=self.start_s + gone * self.rate)
            for (low, high), gone in zip(itertools.pairwise(edges_s), removed_s, strict=True)
        )

    @property
    def filmed_s(self) -> tuple[tuple[float, float], ...]:
        """The segments' stretches of incident time."""
        return tuple((s.offset_s + s.start_s * self.rate, s.offset_s + s.end_s * self.rate) for s in self.segments)

    def incident_s(self, recording_s: float) -> float:
        """Incident time of a moment of the picture in the file."""
        removed_s = sum(cut.removed_s for cut in self.cuts if recording_s >= cut.at_s)
        return self.start_s + (recording_s + removed_s) * self.rate

    def recording_s(self, incident_s: float) -> float:
        """Recording time at which the uncut picture shows a moment."""
        return (incident_s - self.start_s) / self.rate

    def in_file_s(self, uncut_s: float) -> float | None:
        """Recording time in the file of a moment of the uncut recording; None when it is not in the file."""
        removed_s = 0.0
        for cut in self.cuts:
            if uncut_s < cut.at_s + removed_s:
                break
            if uncut_s < cut.at_s + removed_s + cut.removed_s:
                return None
            removed_s += cut.removed_s
        file_s = uncut_s - removed_s
        return file_s if 0 <= file_s < self.duration_s else None


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
class Copy:
    """Another camera's file once more: `duration_s` of it from `trim_s` on, at another level, encoded again."""

    name: str
    of: str
    trim_s: float
    duration_s: float
    gain_db: float
    file_name: str
    file: FileFormat


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
    copies: tuple[Copy, ...] = ()

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
        """Uncut recording time of a blast's direct path on the sound track, also outside the recording."""
        blast, cam = self.blast(event), self.camera(camera)
        travel_s = math.dist(blast.position_m, cam.position_m) / self.sound_speed_mps
        return cam.recording_s(blast.time_s - blast.lead_s + travel_s) + cam.av_skew_s

    def arrival_s(self, event: Blast | str, camera: Camera | str) -> float | None:
        """Recording time of the direct path of a blast at a camera; None when it is not in the file."""
        return self.camera(camera).in_file_s(self.sound_arrival_s(event, camera))

    def overlap_s(self, a: Camera | str, b: Camera | str) -> float:
        """Common time of two files on the incident clock."""
        first, second = self.camera(a), self.camera(b)
        return sum(
            max(0.0, min(high, other_high) - max(low, other_low))
            for low, high in first.filmed_s
            for other_low, other_high in second.filmed_s
        )

    def copied(self, copy: Copy) -> Camera:
        """The copy's file as if a camera had recorded it: the original's clock and place, its own name and format."""
        original = self.camera(copy.of)
        cuts = tuple(
            replace(cut, at_s=cut.at_s - copy.trim_s)
            for cut in original.cuts
            if copy.trim_s < cut.at_s < copy.trim_s + copy.duration_s
        )
        return replace(
            original,
            name=copy.name,
            start_s=original.incident_s(copy.trim_s),
            duration_s=copy.duration_s,
            file_name=copy.file_name,
            file=copy.file,
            cuts=cuts,
        )

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
