"""The table of frame times is exact in recording time."""

from fractions import Fraction

import av
import numpy as np
import pytest

from syncview.errors import MediaError
from syncview.media.frame_times import frame_times_s

pytestmark = pytest.mark.slow


def _write(path, times_s, container=None):
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "veryfast", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for k, time_s in enumerate(times_s):
            picture = np.full((64, 64, 3), 10 * k % 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_variable_rate_with_reordered_frames(tmp_path, suffix):
    times_s = np.cumsum([0.0] + [0.02, 0.11, 0.034] * 20)
    assert frame_times_s(_write(tmp_path / f"a.{suffix}", times_s)) == pytest.approx(times_s, abs=0.0006)


def test_a_transport_stream_counts_from_its_first_moment(tmp_path):
    times_s = 10 + np.arange(30) / 25
    found = frame_times_s(_write(tmp_path / "a.ts", times_s, container="mpegts"))
    assert found == pytest.approx(times_s - 10, abs=1e-4)


def test_sound_has_no_frames_and_text_is_no_media(tmp_path):
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        block.sample_rate = 8000
        out.mux(stream.encode(block))
    assert frame_times_s(tmp_path / "a.wav").shape == (0,)
    (tmp_path / "b.mp4").write_text("no media")
    with pytest.raises(MediaError, match=r"b\.mp4"):
        frame_times_s(tmp_path / "b.mp4")
