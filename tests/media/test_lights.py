"""A worker finds the flash in a stretch of a file, numbers its frame, and keeps what it found."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from syncview.pipeline.lights import LightJob, search_light
from syncview.settings import FlashSettings, PlumeSettings

pytestmark = pytest.mark.slow

TIMES_S = np.cumsum([0.0, *([0.03, 0.05] * 80)])
FLASH = 91


def _file(path):
    """A still scene at a rate that varies, with a flash in frame 91 that fades within six frames."""
    rng = np.random.default_rng(2)
    scene = np.kron(rng.uniform(40, 140, (9, 16)), np.ones((20, 20)))
    yy, xx = np.mgrid[0:180, 0:320]
    disc = np.hypot(yy - 80, xx - 200) < 9
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "20", "g": "25"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        for k, time_s in enumerate(TIMES_S):
            light = 180 * np.exp(-(k - FLASH) / 2) * disc if FLASH <= k < FLASH + 12 else 0.0
            grey = np.clip(scene + light + rng.normal(0, 1, scene.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.repeat(grey[..., None], 3, axis=2), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 90_000), Fraction(1, 90_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_the_flash_has_its_frame_and_a_cut_has_none(tmp_path):
    job = LightJob(
        recording_id="r",
        path=_file(tmp_path / "a.mp4"),
        sha256="0" * 64,
        cache_root=tmp_path / "cache",
        stretches_s=((1.0, 5.5),),
        cuts_s=(),
        flash=FlashSettings(),
        plume=PlumeSettings(),
    )
    found = search_light(job)
    best = max(found, key=lambda light: light.score)
    assert best.index == FLASH
    assert best.time_s == pytest.approx(TIMES_S[FLASH], abs=1e-3)
    assert best.light_s == pytest.approx(TIMES_S[FLASH - 1 : FLASH + 1].mean(), abs=1e-3)
    left, top, wide, tall = best.box_px
    assert left < 200 < left + wide
    assert top < 80 < top + tall
    assert list((tmp_path / "cache").rglob("*.json"))
    cut = replace(job, cuts_s=(float(best.time_s),))
    assert best.time_s not in {light.time_s for light in search_light(cut)}
