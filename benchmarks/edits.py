"""Edited footage with known truth: takes of simulated cameras, cut, slowed, mirrored, dubbed, and written to files."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from benchmarks.real_sounds import RATE_HZ, resample, sound_frames
from simulator import Blast, Incident, OwnNoise, random_incident, render
from simulator.picture import Painter
from simulator.scene import FileFormat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Look", "Shot", "Take", "staged", "takes_of", "write_edit"]

BLAST_S = 24.0
TAKE_S = 50.0
LATER_S = 5.0  # the second camera starts so much after the first


class Take:
    """What one simulated camera recorded: sound of 48 kHz and its frames.

    Parameters
    ----------
    incident : Incident
    index : int
        Which of its cameras.
    """

    def __init__(self, incident: Incident, index: int) -> None:
        camera = incident.cameras[index]
        self.wave = render(incident, camera, rate_hz=RATE_HZ).astype(np.float64)
        self.duration_s = camera.duration_s
        self._painter = Painter(incident, camera)

    def frame(self, time_s: float) -> NDArray[np.uint8]:
        """The frame at a recording time, BGR."""
        return self._painter.frame(time_s)

    def sound(self, begin_s: float, end_s: float) -> NDArray[np.float64]:
        """The samples of a stretch; silence where nothing was recorded."""
        begin, end = round(begin_s * RATE_HZ), round(end_s * RATE_HZ)
        wave = self.wave[max(begin, 0) : max(end, 0)]
        return np.pad(wave, (max(-begin, 0), max(end - max(begin, 0) - len(wave), 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A stretch of a take in an edit. Speed 2 is twice as fast; `sound_late_s` moves its sound against its picture.

    `picture` replaces the picture by another take's of the same recording time (an L-cut).
    """

    take: Take
    begin_s: float
    end_s: float
    speed: float = 1.0
    mirrored: bool = False
    sound_late_s: float = 0.0
    picture: Take | None = None

    @property
    def duration_s(self) -> float:
        """Length in the edit."""
        return (self.end_s - self.begin_s) / self.speed

    def wave(self) -> NDArray[np.float64]:
        """Its sound in the edit."""
        sound = self.take.sound(self.begin_s - self.sound_late_s, self.end_s - self.sound_late_s)
        sound = sound if self.speed == 1 else resample(sound, 1 / self.speed)
        return np.resize(sound, round(self.duration_s * RATE_HZ))

    def frame(self, time_s: float) -> NDArray[np.uint8]:
        """Its frame at a time since its beginning in the edit."""
        image = (self.picture or self.take).frame(self.begin_s + time_s * self.speed)
        return np.ascontiguousarray(image[:, ::-1]) if self.mirrored else image


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an edit is encoded."""

    width_px: int = 384
    height_px: int = 216
    rate: int = 30
    video_bit_rate: int = 600_000
    audio_bit_rate: int = 96_000


MESSENGER = Look(width_px=256, height_px=144, rate=15, video_bit_rate=90_000, audio_bit_rate=32_000)


def staged(seed: int, *, cameras: int = 2, blast: bool = True) -> Incident:
    """Stage an incident whose cameras stand within 80 m and all look at one blast 120 to 200 m away at 24 s.

    Parameters
    ----------
    seed : int
        Voices, engines, places, microphones.
    cameras : int
        The second starts 5 s after the first; all record 50 s on true clocks.
    blast : bool
        False leaves the blast out.
    """
    incident = random_incident(seed, cameras=cameras, blasts=0, decoy=False)
    rng = np.random.default_rng([3, seed])
    bearing, distance_m = rng.uniform(0, 2 * math.pi), rng.uniform(120, 200)
    place = (distance_m * math.sin(bearing), distance_m * math.cos(bearing))
    made = []
    for index, camera in enumerate(incident.cameras):
        x, y = (0.3 * p for p in camera.position_m)
        heading_deg = math.degrees(math.atan2(place[0] - x, place[1] - y)) % 360
        made.append(
            replace(
                camera,
                position_m=(x, y),
                start_s=LATER_S * index,
                duration_s=TAKE_S,
                drift_ppm=0.0,
                av_skew_s=0.0,
                heading_deg=heading_deg,
                file=FileFormat(),
                local_sounds=(),
                noise=OwnNoise(snr_db=rng.uniform(8, 15)),  # what is asked here is not how faint a sound may be
            )
        )
    strike = Blast(name="blast", time_s=BLAST_S, position_m=place, yield_kg=rng.uniform(5, 30))
    return replace(incident, cameras=tuple(made), blasts=(strike,) if blast else ())


def takes_of(incident: Incident) -> list[Take]:
    """What every camera of an incident recorded."""
    return [Take(incident, index) for index in range(len(incident.cameras))]


def travel_s(incident: Incident) -> float:
    """How far lags by sound may lie from the clocks of the first two cameras."""
    a, b = incident.cameras[:2]
    return math.dist(a.position_m, b.position_m) / incident.sound_speed_mps


def write_edit(
    path: Path, shots: Sequence[Shot], *, look: Look | None = None, music: NDArray[np.float64] | None = None
) -> None:
    """Write shots one after the other, as mp4 with H.264 and AAC.

    Parameters
    ----------
    path : Path
        The file.
    shots : sequence of Shot
        In the order of the edit.
    look : Look, optional
        Sizes and rates.
    music : ndarray, optional
        Laid over all of it, at the level it has, shape (n,).
    """
    look = look or Look()
    wave = np.concatenate([shot.wave() for shot in shots])
    if music is not None:
        wave[: len(music)] += music[: len(wave)]
    wave *= min(1.0, 0.95 / np.abs(wave).max())
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        video = container.add_stream("libx264", rate=look.rate, options={"preset": "veryfast", "threads": "1"})
        video.width, video.height, video.pix_fmt = look.width_px, look.height_px, "yuv420p"
        video.bit_rate = look.video_bit_rate
        audio = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        audio.bit_rate = look.audio_bit_rate
        for index in range(int(len(wave) / RATE_HZ * look.rate)):
            image = cv2.resize(_frame_at(shots, index / look.rate), (look.width_px, look.height_px))
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts, frame.time_base = index, Fraction(1, look.rate)
            container.mux(video.encode(frame))
        for sound in sound_frames(wave):
            container.mux(audio.encode(sound))
        for stream in (video, audio):
            container.mux(stream.encode(None))


def _frame_at(shots: Sequence[Shot], time_s: float) -> NDArray[np.uint8]:
    for shot in shots:
        if time_s < shot.duration_s:
            return shot.frame(time_s)
        time_s -= shot.duration_s
    return shots[-1].frame(shots[-1].duration_s)
