"""A picture is looked at once; what was seen, and what pairs have in common, comes from the cache after that."""

import dataclasses
from fractions import Fraction

import av
import numpy as np
import pytest

from moving_pictures import HEIGHT, WIDTH, footage
from syncview.errors import CaseFolderError, MediaError
from syncview.media.workers import WorkerPool
from syncview.pipeline.look import CompareJob, LookJob, compare, look, seen_before
from syncview.pipeline.pictures import compare_pictures
from syncview.settings import PictureSettings, Settings

pytestmark = pytest.mark.slow

RATE_HZ = 25


def _write(path, frames, *, crf):
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE_HZ, options={"crf": str(crf), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k, picture in enumerate(frames):
            shown = np.clip(picture, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, RATE_HZ)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _job(tmp_path, path, digit):
    return LookJob(
        recording_id=path.stem,
        path=path,
        sha256=digit * 64,
        cache_root=tmp_path / "cache",
        picture=PictureSettings(),
    )


def _pair(one, other, **kwargs):
    return CompareJob(
        a_id=one.recording_id,
        b_id=other.recording_id,
        a_sha256=one.sha256,
        b_sha256=other.sha256,
        a_key=one.key,
        b_key=other.key,
        cache_root=one.cache_root,
        picture=one.picture,
        **kwargs,
    )


def test_shots_and_copies_of_real_files(tmp_path):
    _, first = footage(31, length_s=14.0, shake_px=3.0)
    _, second = footage(32, length_s=4.0)
    edited = np.concatenate([second, first[75:325, :, ::-1]])
    a = _job(tmp_path, _write(tmp_path / "a.mp4", first, crf=20), "a")
    b = _job(tmp_path, _write(tmp_path / "b.mp4", edited, crf=30), "b")
    assert seen_before(a) is None
    seen_a, seen_b = look(a), look(b)
    assert (seen_a.shots, seen_a.warnings, seen_a.frame_count) == ((), (), 350)
    assert [shot.start_s for shot in seen_b.shots] == pytest.approx([0.0, 4.0], abs=1e-3)
    assert [shot.end_s for shot in seen_b.shots] == pytest.approx([4.0, 14.0], abs=1e-3)
    assert "1 cut" in seen_b.warnings[0]
    assert (seen_before(a), seen_before(b)) == (seen_a, seen_b)
    found = compare(_pair(a, b, propose=True))
    assert found.match.mirrored
    assert found.match.lag_s == pytest.approx(3.0 - 4.0, abs=0.02)
    assert found.match.segments[0].b_start_s == pytest.approx(4.0, abs=0.5)
    (tmp_path / "cache").joinpath(f"{a.key}.npz").unlink()
    assert compare(_pair(a, b, propose=True)) == found
    assert seen_before(a) is None


def test_other_thresholds_for_pairs_need_no_second_look(tmp_path):
    job = _job(tmp_path, tmp_path / "a.mp4", "a")
    pairs = dataclasses.replace(job, picture=PictureSettings(copy_least_change=0.8, motion_lead=2.0))
    cuts = dataclasses.replace(job, picture=PictureSettings(cut_alike=0.5))
    assert pairs.key == job.key != cuts.key


def test_what_cannot_be_seen_is_an_error_that_names_it(tmp_path):
    with av.open(str(tmp_path / "a.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        block.sample_rate = 8000
        out.mux(stream.encode(block))
    job = _job(tmp_path, tmp_path / "a.wav", "c")
    with pytest.raises(MediaError, match=r"a\.wav: no picture"):
        look(job)
    with pytest.raises(CaseFolderError, match="lost the picture"):
        compare(_pair(job, _job(tmp_path, tmp_path / "b.wav", "d")))


def test_pairs_whose_comparison_fails_in_its_worker_are_named_and_the_others_stand(tmp_path):
    _, frames = footage(31, length_s=8.0, shake_px=3.0)
    jobs = {
        name: _job(tmp_path, _write(tmp_path / f"{name}.mp4", frames, crf=20 + k), name) for k, name in enumerate("abc")
    }
    for job in jobs.values():
        look(job)
    (tmp_path / "cache").joinpath(f"{jobs['c'].key}.npz").unlink()
    with WorkerPool(workers=1) as pool:
        found, failures = compare_pictures(pool, jobs, Settings(), lambda *_: None)
    assert list(found) == [("a", "b")]
    assert [(f.a_id, f.b_id, f.step) for f in failures] == [("a", "c", "picture"), ("b", "c", "picture")]
    assert all("the cache lost the picture of c" in f.why for f in failures)
