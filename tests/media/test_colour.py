"""Frames in colour come the right way up, at their own times, and the same wherever the file is entered."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from syncview.errors import InputError
from syncview.media.colour import colour_frames, looked_at, made_smaller
from syncview.media.frame_times import frame_times_s
from syncview.media.probe import probe
from syncview.pipeline.watching import shown_size_px

pytestmark = pytest.mark.slow

STEADY_S = np.arange(300) / 30
UNEVEN_S = np.cumsum([0.0] + [0.02, 0.06, 0.034] * 100)  # 38 ms on average
SLOW_S = np.array([0.0, 0.1, 3.0, 3.1, 7.7, 7.8, 9.0])


def _write(path, times_s, *, size=(320, 180), aspect=Fraction(1)):
    """Frame k is grey 20 + k / 2 but for a red upper left corner and a blue lower right one."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "10", "bf": "2", "g": "45"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        stream.codec_context.sample_aspect_ratio = aspect
        for k, time_s in enumerate(times_s):
            picture = np.full((size[1], size[0], 3), 20 + k // 2, np.uint8)
            picture[: size[1] // 3, : size[0] // 3] = (230, 20, 20)
            picture[-size[1] // 3 :, -size[0] // 3 :] = (20, 20, 230)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _seen(path, start_s, end_s, *, long_side_px=1280):
    found = list(colour_frames(path, start_s=start_s, end_s=end_s, rate_hz=5.0, long_side_px=long_side_px))
    return np.array([time_s for time_s, _ in found]), [picture for _, picture in found]


def _turned(path):
    """Say in the track's header that the picture is shown a quarter turn to the right, as phones do."""
    data = bytearray(path.read_bytes())
    straight = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    at = data.index(straight, data.index(b"tkhd"))
    data[at : at + 36] = struct.pack(">9I", 0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("suffix", "times_s"),
    [("mp4", STEADY_S), ("mp4", UNEVEN_S), ("mkv", UNEVEN_S), ("ts", STEADY_S), ("avi", STEADY_S), ("mp4", SLOW_S)],
)
def test_parts_give_the_frames_that_the_whole_gives(tmp_path, suffix, times_s):
    path = _write(tmp_path / f"a.{suffix}", times_s)
    whole_s, whole = _seen(path, 0.0, 60.0)
    every_s = frame_times_s(path)
    if suffix != "avi":  # its packets carry the times of decoding
        assert whole_s == pytest.approx(every_s[looked_at(every_s, 5.0)], abs=1e-6)
    for start_s, end_s in ((2.0, 4.0), (4.0, 6.0), (0.3, 5.1), (7.75, 30.0)):
        part_s, part = _seen(path, start_s, end_s)
        inside = np.flatnonzero((whole_s >= start_s - 1e-6) & (whole_s < end_s - 1e-6))
        due = [inside[0] - 1, *inside] if len(inside) else []
        assert part_s == pytest.approx(whole_s[due], abs=1e-9)
        assert all(np.array_equal(a, whole[k]) for a, k in zip(part, due, strict=True))


def test_a_turned_picture_is_the_right_way_up(tmp_path):
    path = _turned(_write(tmp_path / "a.mp4", STEADY_S[:20]))
    _, (picture, *_) = _seen(path, 0.0, 1.0)
    assert picture.shape == (320, 180, 3)
    blue, _, red = (picture[:50, -40:].mean(axis=(0, 1))).tolist()  # the upper left corner went to the upper right
    assert red > 180
    assert blue < 80
    blue, _, red = (picture[-50:, :40].mean(axis=(0, 1))).tolist()
    assert blue > 180
    assert red < 80


def test_large_pictures_are_made_smaller_and_small_ones_stay(tmp_path):
    path = _write(tmp_path / "a.mp4", STEADY_S[:10], size=(640, 360))
    assert _seen(path, 0.0, 1.0, long_side_px=320)[1][0].shape == (180, 320, 3)
    assert _seen(path, 0.0, 1.0)[1][0].shape == (360, 640, 3)


@pytest.mark.parametrize(
    ("aspect", "size", "turned", "shape"),
    [
        (Fraction(2), (240, 360), False, (360, 480)),
        (Fraction(16, 15), (360, 288), False, (288, 384)),
        (Fraction(10, 11), (320, 180), False, (180, 291)),
        (Fraction(2), (240, 360), True, (480, 360)),
        (Fraction(4), (320, 180), False, (180, 1280)),
        (Fraction(8), (320, 180), False, (90, 1280)),
    ],
)
def test_pixels_that_are_not_square_are_stretched_as_players_do(tmp_path, aspect, size, turned, shape):
    path = _write(tmp_path / "a.mp4", STEADY_S[:10], size=size, aspect=aspect)
    _, (picture, *_) = _seen(_turned(path) if turned else path, 0.0, 1.0)
    assert picture.shape == (*shape, 3)
    stored = probe(path)
    assert stored.video.pixel_aspect == aspect
    assert made_smaller(shown_size_px(stored), 1280) == shape[::-1]
    assert (picture[2, :, 2] > 125).sum() == pytest.approx(shape[1] / 3, abs=4)  # the red corner


def test_broken_packets_cost_their_own_frames(tmp_path):
    path = _write(tmp_path / "a.ts", STEADY_S)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = bytes(400)
    path.write_bytes(data)
    times_s, _ = _seen(path, 0.0, 60.0)
    assert 40 <= len(times_s) <= 50
    assert np.all(np.diff(times_s) > 0)


@pytest.mark.parametrize("wrong", [{"rate_hz": 0.0}, {"end_s": 0.0}, {"long_side_px": 1}])
def test_wrong_parts_are_refused(tmp_path, wrong):
    path = _write(tmp_path / "a.mp4", STEADY_S[:3])
    asked = {"start_s": 0.0, "end_s": 1.0, "rate_hz": 5.0, "long_side_px": 100}
    with pytest.raises(InputError, match="expected a size"):
        next(colour_frames(path, **asked | wrong))
