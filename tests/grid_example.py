"""Cameras whose every frame carries its number, cases made of them by hand, and the numbers read back from a grid."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PosixPath

import av
import numpy as np

from incident_example import clock, in_pieces, recording
from syncview.model import Group
from syncview.store import CaseFolder
from syncview.timeline.build import TimelineParts, build_timeline
from syncview.timeline.schema import dumps

WIDTH, HEIGHT = 160, 90
_COLUMNS, _ROWS = 6, 2
_ALWAYS = 1 << (_COLUMNS * _ROWS - 1)
_TICKS = Fraction(1, 90_000)
SOUND_HZ = 48_000


@dataclass(frozen=True)
class Camera:
    """One file and its clock: pieces are (start, end, offset, stream), drift holds for all of them."""

    name: str
    times_s: np.ndarray
    pieces: tuple
    clicks_s: tuple = ()
    drift_ppm: float = 0.0
    uncertainty_s: float = 0.05
    size: tuple = (WIDTH, HEIGHT)
    has_sound: bool = True

    @property
    def end_s(self) -> float:
        return float(2 * self.times_s[-1] - self.times_s[-2])


def numbered_picture(number: int, size: tuple = (WIDTH, HEIGHT)) -> np.ndarray:
    """Twelve black or white fields: the bits of a number, lowest first, and one that is always white."""
    bits = np.array([((number | _ALWAYS) >> bit) & 1 for bit in range(_COLUMNS * _ROWS)], np.uint8).reshape(
        _ROWS, _COLUMNS
    )
    rows = np.minimum(np.arange(size[1]) * _ROWS // size[1], _ROWS - 1)
    columns = np.minimum(np.arange(size[0]) * _COLUMNS // size[0], _COLUMNS - 1)
    grey = np.where(bits[rows[:, None], columns[None, :]], 235, 20).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def number_in(pixels: np.ndarray) -> int | None:
    """The number that a picture carries; None where its fields are neither black nor white."""
    number = 0
    for bit in range(_COLUMNS * _ROWS):
        row, column = divmod(bit, _COLUMNS)
        y, x = (2 * row + 1) * pixels.shape[0] // (2 * _ROWS), (2 * column + 1) * pixels.shape[1] // (2 * _COLUMNS)
        level = pixels[y - 4 : y + 5, x - 4 : x + 5].mean()
        if 90 < level < 160 or np.ptp(pixels[y - 4 : y + 5, x - 4 : x + 5].mean(axis=2)) > 90:
            return None
        number |= int(level >= 160) << bit
    return number ^ _ALWAYS if number & _ALWAYS else None


def write_camera(path: Path, camera: Camera) -> None:
    """Write the file; frame n carries n, and the sound clicks at the given recording times."""
    with av.open(str(path), "w") as out:
        options = {"crf": "16", "preset": "ultrafast", "g": "25"}
        video = out.add_stream("libx264", rate=30, options=options)
        video.width, video.height, video.pix_fmt = *camera.size, "yuv420p"
        video.codec_context.time_base = _TICKS
        audio = out.add_stream("aac", rate=SOUND_HZ, layout="mono") if camera.has_sound else None
        for number, time_s in enumerate(camera.times_s):
            picture = av.VideoFrame.from_ndarray(numbered_picture(number, camera.size), format="rgb24")
            picture = picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = round(Fraction(time_s) / _TICKS), _TICKS
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        if audio is not None:
            first_s = float(camera.times_s[0])
            samples = 1e-3 * np.random.default_rng(5).standard_normal(round((camera.end_s - first_s) * SOUND_HZ))
            for click_s in camera.clicks_s:
                at = round((click_s - first_s) * SOUND_HZ)
                samples[at : at + 240] += 0.8 * np.exp(-np.arange(240) / 40) * np.cos(np.arange(240) / 4)
            block = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = SOUND_HZ, round(first_s * SOUND_HZ), Fraction(1, SOUND_HZ)
            out.mux(audio.encode(block))
            out.mux(audio.encode(None))


def make_grid_case(where: Path, cameras: list[Camera], **changes) -> CaseFolder:
    """A case folder whose timeline places the cameras as they say; the first is the reference."""
    recordings, clocks = [], []
    for number, camera in enumerate(cameras, 1):
        path = where / camera.name
        write_camera(path, camera)
        name = f"rec-{number}"
        content = path.read_bytes()
        known = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content), "name_display": camera.name}
        known |= {} if camera.has_sound else {"audio": None}
        recordings.append(recording(name, str(path), duration_s=Fraction(camera.end_s), **known))
        whole = clock(
            name,
            0.0,
            camera.end_s,
            uncertainty_s=0.0 if number == 1 else camera.uncertainty_s,
            drift_ppm=camera.drift_ppm,
        )
        clocks.append(in_pieces(whole, *camera.pieces))
    parts = {
        "settings": {},
        "title": "Market",
        "time_zone": "Asia/Damascus",
        "max_camera_distance_m": 500.0,
        "sound_speed_mps": 343.0,
        "recordings": tuple(recordings),
        "groups": (Group(id="group-1", reference_id="rec-1", clocks=tuple(clocks)),) if cameras else (),
    }
    folder = CaseFolder.create(where / "case")
    folder.write("timeline.json", dumps(build_timeline(TimelineParts(**parts | changes))))
    return folder


def frames_of(path: Path):
    """Times and pictures of a grid."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time), frame.to_ndarray(format="rgb24")


class BreakingPath(PosixPath):
    """A path that ends every other process that opens it, as a file does that a decoder cannot bear."""

    _breaks = False

    def __reduce__(self):
        return _breaking, (str(self),)

    def __format__(self, how: str) -> str:
        if self._breaks:
            os._exit(3)
        return super().__format__(how)


def _breaking(path: str) -> BreakingPath:
    there = BreakingPath(path)
    there._breaks = True
    return there
