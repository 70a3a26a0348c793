"""The grid's writer with every encoder that it may find; what it shows is tested through the command line."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from grid_example import Camera, frames_of, number_in, write_camera
from syncview.errors import MediaError
from syncview.media import grid_writer
from syncview.media.grid_writer import GridJob, TileSource, write_grid

pytestmark = pytest.mark.slow


class _Plain:
    def __init__(self):
        self._canvas = np.zeros((90, 160, 3), np.uint8)

    def paint(self, _number, shown):
        if shown[0] is not None:
            self._canvas[:] = shown[0].pixels
        return self._canvas


def _job(tmp_path, target, *, rate=Fraction(25)):
    times_s = np.arange(20) / 25
    write_camera(tmp_path / "a.mp4", Camera("a.mp4", times_s, (), has_sound=False))
    tile = TileSource(path=tmp_path / "a.mp4", width_px=160, height_px=90, wanted_s=times_s)
    return GridJob(
        target=target,
        work=tmp_path,
        width_px=160,
        height_px=90,
        rate=rate,
        start_s=Fraction(0),
        frame_count=len(times_s),
        tiles=(tile,),
        sounds=(),
        painter=_Plain,
        metadata={"title": "a"},
    )


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "mpeg4"])
def test_every_encoder_gives_the_frames_in_an_mp4(tmp_path, monkeypatch, codec):
    try:
        av.codec.Codec(codec, "w")
    except ValueError:
        pytest.skip(f"no {codec} here")
    encoders = tuple((name, options) for name, options in grid_writer._ENCODERS if name == codec)
    monkeypatch.setattr(grid_writer, "_ENCODERS", encoders)
    made = write_grid(_job(tmp_path, tmp_path / "grid.mp4"))
    assert (made.video_codec, made.troubles) == (codec, ())
    found = list(frames_of(tmp_path / "grid.mp4"))
    assert [number_in(picture) for _, picture in found] == list(range(20))
    assert [time_s for time_s, _ in found] == pytest.approx(np.arange(20) / 25, abs=1e-6)
    with av.open(str(tmp_path / "grid.mp4")) as container:
        assert container.format.name.startswith("mov,mp4")


def test_without_any_encoder_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(grid_writer, "_ENCODERS", (("no-such-codec", {}),))
    with pytest.raises(MediaError, match="so there is no grid"):
        write_grid(_job(tmp_path, tmp_path / "grid.mp4"))


def test_where_it_cannot_be_written_it_says_so(tmp_path):
    with pytest.raises(MediaError, match="the grid could not be written"):
        write_grid(_job(tmp_path, tmp_path / "none" / "grid.mp4"))
