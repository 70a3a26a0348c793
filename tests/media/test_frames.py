"""Small pictures come with their true times, the right way up, at little more than the cost of decoding."""

import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from syncview.errors import InputError, MediaError
from syncview.media.container import first_picture, open_media
from syncview.media.frame_times import frame_times_s
from syncview.media.frames import pictures, small_frames

pytestmark = pytest.mark.slow

CONTAINERS = Path(__file__).parents[2] / "../shared/data/containers"
SIZE_PX = (320, 240)


def _write(path, times_s, *, container=None):
    """Frames whose level counts up by 2, the left half darker."""
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "10", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for k, time_s in enumerate(times_s):
            picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), 40 + 2 * k, np.uint8)
            picture[:, : SIZE_PX[0] // 2] //= 2
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _small(path, **kwargs):
    found = list(small_frames(path, width_px=64, height_px=36, **kwargs))
    return np.array([time_s for time_s, _ in found]), np.array([picture for _, picture in found])


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_variable_rate_keeps_its_times_and_levels(tmp_path, suffix):
    times_s = np.cumsum([0.0] + [0.02, 0.11, 0.034] * 20)
    path = _write(tmp_path / f"a.{suffix}", times_s)
    found_s, pictures_seen = _small(path)
    assert found_s == pytest.approx(times_s, abs=0.0006)
    assert found_s == pytest.approx(frame_times_s(path))
    assert pictures_seen.shape == (61, 36, 64)
    assert pictures_seen.dtype == np.uint8
    assert pictures_seen[:, :, 40:].mean(axis=(1, 2)) == pytest.approx(40 + 2 * np.arange(61), abs=2.5)
    assert pictures_seen[:, :, :24].mean(axis=(1, 2)) == pytest.approx(20 + np.arange(61), abs=2.5)


def test_a_transport_stream_counts_from_its_first_moment(tmp_path):
    times_s = 10 + np.arange(30) / 25
    found_s, _ = _small(_write(tmp_path / "a.ts", times_s, container="mpegts"))
    assert found_s == pytest.approx(times_s - 10, abs=1e-4)


def test_a_rate_leaves_frames_out_and_moves_none(tmp_path):
    path = _write(tmp_path / "a.mp4", np.arange(90) / 30)
    all_s, _ = _small(path)
    some_s, _ = _small(path, rate_hz=8.0)
    assert len(some_s) == 24
    assert np.all(np.isin(some_s, all_s))
    assert np.all(some_s - np.arange(24) / 8 < 1 / 30 + 1e-6)
    assert np.all(some_s - np.arange(24) / 8 > -1e-5)


def test_broken_packets_cost_only_some_frames(tmp_path):
    path = _write(tmp_path / "a.ts", np.arange(90) / 30, container="mpegts")
    whole = path.read_bytes()
    third = len(whole) // 3
    path.write_bytes(whole[:third] + bytes(range(200)) + whole[third + 200 :])
    found_s, _ = _small(path)
    assert len(found_s) >= 45
    assert np.all(np.diff(found_s) > 0)
    path.write_bytes(whole[: 2 * third])
    found_s, _ = _small(path)
    assert 30 <= len(found_s) < 90
    path.write_bytes(b"no media")
    with pytest.raises(MediaError, match=r"a\.ts"):
        _small(path)


def test_sound_gives_no_pictures_and_wrong_sizes_are_refused(tmp_path):
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        block.sample_rate = 8000
        out.mux(stream.encode(block))
    assert _small(tmp_path / "a.wav")[0].shape == (0,)
    with pytest.raises(InputError, match="0 x 36"):
        next(small_frames(tmp_path / "a.wav", width_px=0, height_px=36))
    with pytest.raises(InputError, match=r"-1\.0 Hz"):
        next(small_frames(tmp_path / "a.wav", width_px=64, height_px=36, rate_hz=-1.0))


def test_small_pictures_cost_little_more_than_decoding(tmp_path):
    path = tmp_path / "a.mp4"
    rng = np.random.default_rng(0)
    still = rng.integers(0, 255, (720 // 8 + 2, 1280 // 8 + 2), np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for k in range(60):
            moved = still[k // 5 : k // 5 + 720, k // 5 : k // 5 + 1280]
            noisy = np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))

    def plain():
        with open_media(path) as container:
            stream = first_picture(container)
            stream.thread_type = "AUTO"
            return sum(1 for _ in container.decode(stream))

    def cost_s(work):
        start_s = time.process_time()
        work()
        return time.process_time() - start_s

    assert plain() == 60
    decoding = min(cost_s(plain) for _ in range(4))
    looking = min(cost_s(lambda: _small(path)) for _ in range(4))
    assert looking < 1.4 * decoding  # 1.0 to 1.1 on an idle machine


@pytest.mark.real
@pytest.mark.skipif(not CONTAINERS.is_dir(), reason="the recordings beside the checkout are not there")
def test_a_phone_held_upright_gives_upright_pictures():
    with av.open(str(CONTAINERS / "iphone_rotated_gps.mov")) as container:
        stored = next(container.decode(video=0)).reformat(format="gray", width=128, height=72).to_ndarray()
    upright = np.rot90(stored, -1)  # the header asks for a quarter turn, clockwise
    _, (picture, *_) = _small(CONTAINERS / "iphone_rotated_gps.mov")
    shown = np.asarray(Image.fromarray(upright).resize((64, 36), Image.Resampling.BOX), float)
    assert np.corrcoef(shown.ravel(), picture.ravel())[0, 1] > 0.98


def test_pictures_are_the_frames_themselves(tmp_path):
    path = _write(tmp_path / "a.mp4", np.arange(10) / 30)
    with open_media(path) as container:
        found = [(time_s, frame.width) for time_s, frame in pictures(container)]
    assert [time_s for time_s, _ in found] == [Fraction(k, 30) for k in range(10)]
    assert {width for _, width in found} == {SIZE_PX[0]}
