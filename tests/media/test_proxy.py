"""A proxy shows and sounds every moment at its recording time, whatever the source's container did."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from syncview.errors import MediaError
from syncview.media import proxy as proxy_module
from syncview.media.audio import decode_audio
from syncview.media.container import first_picture, open_media, recording_zero_s
from syncview.media.proxy import write_proxy

pytestmark = pytest.mark.slow

SIZE = (320, 240)
RATE_HZ = 48_000


def _write(path, *, frames=(), flash_s=None, sound_from_s=None, click_s=None, container=None):
    """Write a source: frames at the given times, white from `flash_s` on; sound from a moment on, with one click."""
    with av.open(str(path), "w", format=container) as out:
        video = audio = None
        if len(frames):
            video = out.add_stream("libx264", rate=30, options={"crf": "10"})
            video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
            video.codec_context.time_base = Fraction(1, 90_000)
        if sound_from_s is not None:
            audio = out.add_stream("aac", rate=RATE_HZ, layout="mono")
        for time_s in frames:
            level = 235 if time_s >= flash_s else 20
            picture = np.full((SIZE[1], SIZE[0], 3), level, np.uint8)
            picture[:, SIZE[0] // 2 :] //= 2  # the left half is brighter
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(video.encode(frame))
        if audio is not None:
            samples = np.zeros((1, 3 * RATE_HZ), np.float32)
            samples[0, round((click_s - sound_from_s) * RATE_HZ)] = 0.9
            block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            block.sample_rate, block.pts = RATE_HZ, round(sound_from_s * RATE_HZ)
            block.time_base = Fraction(1, RATE_HZ)
            out.mux(audio.encode(block))
            out.mux(audio.encode(None))
        if video is not None:
            out.mux(video.encode(None))
    return path


def _frames(path):
    """Recording time and mean level of every frame."""
    with open_media(path) as container:
        zero_s = recording_zero_s(container)
        stream = first_picture(container)
        return [
            (float(frame.pts * stream.time_base - zero_s), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(stream)
        ]


def _click_s(path, tmp_path):
    sound = decode_audio(path, rate_hz=RATE_HZ, out=tmp_path / "click.npy")
    samples = np.abs(np.load(sound.path))
    return sound.start_s + int(samples.argmax()) / RATE_HZ


CONSTANT_S = np.arange(90) / 30
SOURCES = {
    "plain": {"frames": CONSTANT_S, "sound_from_s": 0.0},
    "sound starts late": {"frames": CONSTANT_S, "sound_from_s": 0.4},
    "picture starts late": {"frames": CONSTANT_S + 0.5, "sound_from_s": 0.0},
    "variable rate": {"frames": np.cumsum([0.0, *([0.02, 0.11, 0.033] * 18)]), "sound_from_s": 0.0},
}


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("what", SOURCES)
def test_flash_and_click_stay_at_their_recording_time(tmp_path, what, suffix):
    made = SOURCES[what]
    flash_s = float(made["frames"][45])
    source = _write(tmp_path / f"source.{suffix}", flash_s=flash_s - 0.001, click_s=1.7, **made)
    proxy = write_proxy(source, tmp_path / "proxy")
    assert (proxy.kind, proxy.path.name) == ("video", "proxy.mp4")
    found = _frames(proxy.path)
    times_s = [time_s for time_s, _ in found]
    assert times_s[0] == 0.0
    assert np.allclose(times_s[-len(made["frames"]) :], made["frames"], atol=0.001)  # mkv itself keeps milliseconds
    assert next(time_s for time_s, level in found if level > 100) == pytest.approx(flash_s, abs=0.001)
    assert _click_s(proxy.path, tmp_path) == pytest.approx(1.7, abs=0.001)


def test_a_transport_stream_that_starts_at_ten_seconds_starts_at_zero(tmp_path):
    source = _write(
        tmp_path / "source.ts",
        frames=CONSTANT_S + 10,
        flash_s=11.499,
        sound_from_s=10.25,
        click_s=12.0,
        container="mpegts",
    )
    with open_media(source) as container:
        zero_s = float(recording_zero_s(container))
    proxy = write_proxy(source, tmp_path / "proxy")
    flash_s = next(time_s for time_s, level in _frames(proxy.path) if level > 100)
    true_flash_s = next(time_s for time_s, level in _frames(source) if level > 100)
    assert zero_s >= 10
    assert flash_s == pytest.approx(true_flash_s, abs=0.001)
    assert flash_s == pytest.approx(1.5, abs=0.05)  # the first picture of the stream is at zero
    assert _click_s(proxy.path, tmp_path) - flash_s == pytest.approx(0.5, abs=0.001)


def test_first_picture_at_ten_seconds_stays_there_behind_black(tmp_path):
    source = _write(tmp_path / "source.mkv", frames=CONSTANT_S + 10, flash_s=11.499)
    found = _frames(write_proxy(source, tmp_path / "proxy").path)
    assert [round(time_s, 3) for time_s, _ in found[:3]] == [0.0, 10.0, 10.033]
    assert found[0][1] < 5 < found[1][1]
    assert next(time_s for time_s, level in found if level > 100) == pytest.approx(11.5, abs=0.001)


def test_a_turned_picture_is_shown_upright(tmp_path):
    source = _write(tmp_path / "source.mp4", frames=CONSTANT_S, flash_s=0.0)
    data = bytearray(source.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, SIZE[1] << 16, 0, 1 << 30)
    source.write_bytes(data)
    proxy = write_proxy(source, tmp_path / "proxy")
    with open_media(proxy.path) as container:
        shown = next(container.decode(video=0))
    gray = shown.to_ndarray(format="gray")
    assert gray.shape == (320, 240)
    assert gray[:150].mean() > 1.5 * gray[170:].mean()  # left becomes top in a quarter turn clockwise


def test_height_is_that_of_the_picture_as_shown_and_never_grows(tmp_path):
    source = _write(tmp_path / "source.mp4", frames=CONSTANT_S[:3], flash_s=0.0)
    for asked, shape in ((120, (120, 160)), (360, (240, 320))):
        with open_media(write_proxy(source, tmp_path / "proxy", height_px=asked).path) as container:
            frame = next(container.decode(video=0))
        assert (frame.height, frame.width) == shape


def test_a_picture_of_pixels_that_are_not_square_keeps_its_shape(tmp_path):
    with av.open(str(tmp_path / "source.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 240, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        for k in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((240, 160, 3), np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with open_media(write_proxy(tmp_path / "source.mp4", tmp_path / "proxy", height_px=120).path) as container:
        frame = next(container.decode(video=0))
    assert (frame.height, frame.width) == (120, 160)


def test_key_frames_are_near_and_no_frame_waits_for_a_later_one(tmp_path):
    source = _write(tmp_path / "source.mp4", frames=CONSTANT_S, flash_s=1.0)
    with open_media(write_proxy(source, tmp_path / "proxy").path) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    assert [p.dts for p in packets] == [p.pts for p in packets]
    keys = [k for k, p in enumerate(packets) if p.is_keyframe]
    assert max(np.diff([*keys, len(packets)])) <= 15


def test_sound_alone_gives_a_small_sound_file(tmp_path):
    source = _write(tmp_path / "source.wav.mkv", sound_from_s=0.0, click_s=1.25)
    proxy = write_proxy(source, tmp_path / "proxy")
    assert (proxy.kind, proxy.path.name) == ("audio", "proxy.m4a")
    assert _click_s(proxy.path, tmp_path) == pytest.approx(1.25, abs=0.001)


def test_without_h264_the_copy_is_vp9_and_keeps_its_times(tmp_path, monkeypatch):
    monkeypatch.setattr(proxy_module, "_FORMATS", proxy_module._FORMATS[1:])
    source = _write(tmp_path / "source.mp4", frames=CONSTANT_S, flash_s=1.499, sound_from_s=0.4, click_s=1.7)
    proxy = write_proxy(source, tmp_path / "proxy")
    assert (proxy.kind, proxy.path.name) == ("video", "proxy.webm")
    assert next(time_s for time_s, level in _frames(proxy.path) if level > 100) == pytest.approx(1.5, abs=0.001)
    assert _click_s(proxy.path, tmp_path) == pytest.approx(1.7, abs=0.001)


def test_a_still_is_copied(tmp_path):
    picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(picture.planes[0])[:64])
    proxy = write_proxy(tmp_path / "photo.jpg", tmp_path / "proxy")
    assert (proxy.kind, proxy.path.name) == ("still", "proxy.jpg")
    assert proxy.path.read_bytes() == (tmp_path / "photo.jpg").read_bytes()


def test_what_holds_nothing_is_refused_and_leaves_nothing(tmp_path):
    (tmp_path / "source.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(200))
    (tmp_path / ".proxy.part").mkdir()
    with pytest.raises(MediaError, match=r"source\.mp4"):
        write_proxy(tmp_path / "source.mp4", tmp_path / "proxy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source.mp4"]
