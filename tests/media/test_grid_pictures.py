"""The grid's reader gives the frame on screen at any moment, in any order, the right way up."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from grid_example import Camera, number_in, write_camera
from syncview.errors import MediaError
from syncview.media.frame_times import frame_times_s
from syncview.media.grid_pictures import PictureReader

pytestmark = pytest.mark.slow

CONTAINERS = Path(__file__).parents[2] / "../shared/data/containers"
real = pytest.mark.skipif(not CONTAINERS.is_dir(), reason="the recordings beside the checkout are not there")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_any_moment_in_any_order(tmp_path, name):
    times_s = np.cumsum([0.0] + [0.1, 0.3, 0.2] * 50)
    write_camera(tmp_path / name, Camera(name, times_s, (), has_sound=False))
    reader = PictureReader(tmp_path / name, width_px=160, height_px=90)
    rng = np.random.default_rng(2)
    for number in [*rng.permutation(len(times_s))[:60], 0, 0, 150, 149, 3]:
        shown = reader.at(float(times_s[number]))
        assert number_in(shown.pixels) == number
        assert shown.time_s == pytest.approx(times_s[number], abs=1e-3)
        assert reader.at(float(times_s[number]) + 0.05) is shown
    reader.close()


def test_pictures_keep_their_shape_in_their_box(tmp_path):
    write_camera(tmp_path / "a.mp4", Camera("a.mp4", np.arange(5) / 25, (), size=(120, 160), has_sound=False))
    for box, shape in (((160, 90), (90, 68, 3)), ((60, 90), (80, 60, 3)), ((640, 360), (360, 270, 3))):
        reader = PictureReader(tmp_path / "a.mp4", width_px=box[0], height_px=box[1])
        assert reader.at(0.0).pixels.shape == shape
        reader.close()


def test_before_the_first_frame_and_without_picture_there_is_none(tmp_path):
    write_camera(tmp_path / "a.mkv", Camera("a.mkv", 1.0 + np.arange(5) / 25, (), has_sound=False))
    assert PictureReader(tmp_path / "a.mkv", width_px=160, height_px=90).at(0.5) is None
    (tmp_path / "no.mp4").write_bytes(b"no media")
    with pytest.raises(MediaError, match="cannot be opened as video or sound"):
        PictureReader(tmp_path / "no.mp4", width_px=160, height_px=90).at(0.0)


@pytest.mark.real
@real
def test_a_phone_held_upright_is_shown_upright():
    path = CONTAINERS / "iphone_rotated_gps.mov"
    with av.open(str(path)) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="gray")
    upright = Image.fromarray(np.rot90(stored, -1).copy())
    shown = PictureReader(path, width_px=640, height_px=360).at(0.0).pixels
    assert shown.shape[0] == 360
    assert shown.shape[1] < shown.shape[0]
    expected = np.asarray(upright.resize((shown.shape[1], shown.shape[0]), Image.Resampling.BOX), float)
    assert np.corrcoef(expected.ravel(), shown.mean(axis=2).ravel())[0, 1] > 0.98


@pytest.mark.real
@real
@pytest.mark.parametrize(
    "name",
    [
        "iphone_rotated_gps.mov",
        "phone_vfr_rotated180_gps_fire2.mp4",
        "nokia_2004_MOV00006.3gp",
        "sony_a7m3_start1.04.mts",
        "media3_edit_list_positive_shift.mp4",
        "media3_sample_edit_list.mp4",
        "media3_sample_sef_slow_motion.mp4",
        "kodak_mjpeg_100_0306.avi",
        "moviepy_failing_audio.mp4",
    ],
)
def test_real_files_give_the_frames_of_their_table(name):
    path = CONTAINERS / name
    table = frame_times_s(path)
    reader = PictureReader(path, width_px=64, height_px=36)
    for number in np.random.default_rng(4).permutation(len(table))[:25]:
        shown = reader.at(float(table[number]))
        assert shown is not None
        most_s = 0.0201 if name.endswith(".mts") else 1e-4  # its two fields are packets of their own
        assert 0.0 <= table[number] - shown.time_s + 1e-6 <= most_s
    reader.close()
