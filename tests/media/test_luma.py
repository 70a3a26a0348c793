"""Stretches of a file come with the times and the size that the whole file has."""

from fractions import Fraction

import av
import numpy as np
import pytest

from syncview.errors import InputError
from syncview.media.frames import small_frames
from syncview.media.luma import luma_windows

pytestmark = pytest.mark.slow


def _write(path, times_s, *, container=None):
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "10", "bf": "2", "g": "15"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for k, time_s in enumerate(times_s):
            picture = np.full((180, 320, 3), 40 + k, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_a_stretch_has_the_frames_that_the_whole_has(tmp_path, suffix):
    times_s = np.arange(120) / 30 if suffix in ("avi", "ts") else np.cumsum([0.0] + [0.02, 0.06, 0.034] * 40)
    path = _write(tmp_path / f"a.{suffix}", times_s)
    whole = list(small_frames(path, width_px=160, height_px=90))
    all_s, all_levels = np.array([time_s for time_s, _ in whole]), np.array([small.mean() for _, small in whole])
    stretches_s = [(2.0, 2.5), (0.2, 0.6), (50.0, 51.0)]
    found = list(luma_windows(path, stretches_s, long_side_px=160, before_s=0.3, after_s=0.2))
    assert [(window.start_s, window.end_s) for window in found] == stretches_s[:2]
    for window in found:
        inside = all_s[(all_s >= max(0, window.start_s - 0.3)) & (all_s <= window.end_s + 0.2)]
        assert window.times_s == pytest.approx(inside, abs=1e-9)
        assert window.frames.shape == (len(inside), 90, 160)
        assert window.shown_px == (320, 180)
        assert window.frames.mean(axis=(1, 2)) == pytest.approx(all_levels[np.isin(all_s, inside)], abs=0.01)
        assert np.ptp(all_levels[np.isin(all_s, inside)]) > 10
    assert found[0].key_frames.sum() in (1, 2, 3)


def test_broken_packets_and_wrong_stretches(tmp_path):
    path = _write(tmp_path / "a.ts", np.arange(120) / 30, container="mpegts")
    whole = path.read_bytes()
    third = len(whole) // 3
    path.write_bytes(whole[:third] + bytes(range(200)) + whole[third + 200 : 2 * third])
    (window,) = luma_windows(path, [(0.5, 2.2)], long_side_px=160, before_s=0.2, after_s=0.2)
    assert 15 <= len(window.times_s) <= 64
    assert np.all(np.diff(window.times_s) > 0)
    with pytest.raises(InputError, match="start < end"):
        next(luma_windows(path, [(2.0, 1.0)], long_side_px=160, before_s=0.2, after_s=0.2))
