"""Spans of recordings are looked at once, by the real decoder and network, and tell the same whoever looks at them."""

import dataclasses
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from moving_pictures import footage
from syncview.detect.unassessable import NO_FRAMES
from syncview.media.workers import WorkerPool
from syncview.model import Container, Recording, VideoStream
from syncview.pipeline.detector import WEIGHTS_SHA256, why_no_detector
from syncview.pipeline.look import LookJob, Seen
from syncview.pipeline.movements import film_all, followed_in
from syncview.pipeline.watching import watch, watch_all, watch_jobs
from syncview.settings import MovementSettings, PictureSettings, Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_no_detector() is not None, reason=f"no detector: {why_no_detector()}"),
]

DATA = Path(os.environ.get("SYNCVIEW_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
CAMPUS = DATA / "video" / "vtest.avi"
SPANS = Settings(movement=MovementSettings(span_s=2.0))
ROWS = ("times_s", "indices", "motion", "brightness", "contrast", "sharpness", "strange_motion")


def _shown(path, *, size_px, length_s):
    """A recording as probing and looking leave it."""
    video = VideoStream(
        codec="h264",
        width_px=size_px[0],
        height_px=size_px[1],
        rotation_deg=0,
        rate=Fraction(25),
        frame_count=None,
        variable_rate=False,
        time_base=Fraction(1, 12_800),
        start_s=Fraction(0),
    )
    with av.open(str(path)) as opened:
        name = opened.format.name
    return Recording(
        id=path.stem,
        path=path.name,
        name_display=path.name,
        sha256="a" * 64,
        size_bytes=1,
        kind="video",
        duration_s=Fraction(length_s),
        container=Container(format=name, zero_s=Fraction(0), has_edit_list=False, encoder=None),
        video=video,
        audio=None,
    )


def _clip(path, *, length_s=7.0, gap=(0.0, 0.0)):
    """A hand-held view of a textured scene; at a moment, no frames come for so long."""
    _, frames = footage(31, length_s=length_s, shake_px=3.0)
    height, width = frames[0].shape
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "20", "preset": "veryfast", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = 2 * width, 2 * height, "yuv420p"
        for k, picture in enumerate(frames):
            shown = np.clip(picture, 0, 255).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = k + (round(25 * gap[1]) if k >= 25 * gap[0] else 0), Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path, (2 * width, 2 * height), len(frames) / 25


def _asked(path, recording, cache_root, length_s):
    look = LookJob(
        recording_id=recording.id,
        path=path,
        sha256=recording.sha256,
        cache_root=cache_root,
        picture=PictureSettings(),
    )
    seen = Seen(start_s=0.0, end_s=length_s, frame_count=1, shots=(), cut_uncertainty_s=None, warnings=())
    return {recording.id: look}, {recording.id: seen}


def _jobs(path, recording, cache_root, length_s, settings=SPANS):
    looks, seen = _asked(path, recording, cache_root, length_s)
    return watch_jobs(looks, seen, [recording], weights_sha256=WEIGHTS_SHA256, settings=settings.movement)


def _bytes(cache_root):
    return {path.name: path.read_bytes() for path in sorted(cache_root.rglob("*.npz"))}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path, size_px, length_s = _clip(tmp_path_factory.mktemp("watching") / "shaken.mp4")
    return path, _shown(path, size_px=size_px, length_s=length_s), length_s


def _watched(clip, cache_root, workers, told=None):
    path, recording, length_s = clip
    jobs = _jobs(path, recording, cache_root, length_s)
    with WorkerPool(workers=workers) as pool:
        return watch_all(pool, jobs, [recording], SPANS, _none if told is None else lambda *step: told.append(step))


def _none(*_):
    """Nobody is told."""


def test_the_result_does_not_depend_on_the_number_of_workers_and_is_not_made_again(clip, tmp_path):
    told = []
    one, lost = _watched(clip, tmp_path / "one", 1, told)
    three, _ = _watched(clip, tmp_path / "three", 3)
    assert lost == {}
    assert told[0] == ("movement", 0, 4)
    assert told[-1] == ("movement", 4, 4)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "three")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*.npz")}
    told.clear()
    again, _ = _watched(clip, tmp_path / "one", 1, told)
    assert told == [("movement", 4, 4)]
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*.npz")}
    for found in (three, again):
        for name in ROWS:
            np.testing.assert_array_equal(getattr(found["shaken"], name), getattr(one["shaken"], name))


def test_spans_join_to_what_the_whole_gives(clip, tmp_path):
    path, recording, length_s = clip
    in_spans, _ = _watched(clip, tmp_path / "spans", 1)
    whole = Settings(movement=MovementSettings(span_s=60.0))
    (job,) = _jobs(path, recording, tmp_path / "whole", length_s, whole)
    with WorkerPool(workers=1) as pool:
        at_once, _ = watch_all(pool, [job], [recording], whole, _none)
    one, other = in_spans["shaken"], at_once["shaken"]
    assert one.times_s == pytest.approx(np.arange(len(one.times_s)) / 5)
    assert one.indices.tolist() == [5 * k for k in range(len(one.indices))]
    assert np.isnan(one.motion[0]).all()
    assert np.isfinite(one.motion[1:]).all()  # also from one span to the next
    for name in ROWS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_run_that_was_ended_goes_on_where_it_was(clip, tmp_path):
    path, recording, length_s = clip
    first, *_ = _jobs(path, recording, tmp_path, length_s)
    assert watch(first) == 10
    told = []
    _watched(clip, tmp_path, 1, told)
    assert [step[1] for step in told] == [1, 2, 3, 4]


def test_a_file_without_index_is_one_span_and_a_broken_one_costs_only_itself(tmp_path):
    path, size_px, length_s = _clip(tmp_path / "old.avi", length_s=3.0)
    old = _shown(path, size_px=size_px, length_s=length_s)
    (job,) = _jobs(path, old, tmp_path / "cache", length_s)
    assert (job.start_s, job.end_s) == (0.0, 4.0)
    gone = dataclasses.replace(old, id="gone", sha256="b" * 64)
    (missing,) = _jobs(tmp_path / "gone.avi", gone, tmp_path / "cache", length_s)
    with WorkerPool(workers=1) as pool:
        watched, lost = watch_all(pool, [job, missing], [old, gone], SPANS, _none)
    assert [*watched] == ["old"]
    assert [*lost] == ["gone"]
    assert 14 <= len(watched["old"].times_s) <= 16


def test_where_a_file_has_no_frames_nobody_is_assessable(tmp_path):
    path, size_px, _ = _clip(tmp_path / "gap.mp4", length_s=4.0, gap=(2.0, 5.0))
    recording = _shown(path, size_px=size_px, length_s=Fraction("9.07"))  # as the sound is a little longer
    looks, seen = _asked(path, recording, tmp_path, 9.0)
    with WorkerPool(workers=1) as pool:
        films = film_all(pool, looks, seen, {}, [recording], SPANS, _none)
    (told,) = followed_in(films, {}, [recording])
    found = [(round(each.start_s, 2), round(each.end_s, 2), each.reasons) for each in told.unassessable]
    assert [each[:2] for each in found] == [(0.0, 2.0), (2.0, 7.0), (7.0, 9.07)]
    assert [NO_FRAMES in each[2] for each in found] == [False, True, False]


def _squeezed(source, path, *, length_s):
    """The beginning of a film at half its width, in pixels twice as wide as high."""
    with av.open(str(source)) as opened, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 384, 576, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        for frame in opened.decode(video=0):
            if frame.time > length_s:
                break
            small = frame.reformat(width=384, height=576, format="yuv420p", interpolation="AREA")
            small.pts, small.time_base = frame.pts, frame.time_base
            out.mux(stream.encode(small))
        out.mux(stream.encode(None))
    return path


@pytest.mark.skipif(not CAMPUS.exists(), reason="the real footage is not beside the checkout")
def test_people_in_pixels_that_are_not_square_are_found_where_they_are_shown(tmp_path):
    path = _squeezed(CAMPUS, tmp_path / "squeezed.mp4", length_s=3.0)
    square, wide = _shown(CAMPUS, size_px=(768, 576), length_s=3), _shown(path, size_px=(384, 576), length_s=3)
    wide = dataclasses.replace(wide, sha256="c" * 64, video=dataclasses.replace(wide.video, pixel_aspect=Fraction(2)))
    found = {}
    with WorkerPool(workers=1) as pool:
        for recording, source in ((square, CAMPUS), (wide, path)):
            (job, *_) = _jobs(source, recording, tmp_path / "cache", 3.0)
            watched, _ = watch_all(pool, [job], [recording], SPANS, _none)
            found[recording.id] = watched[recording.id]
    one, other = found["vtest"], found["squeezed"]
    assert one.size_px == other.size_px == (768, 576)
    strong = (one.figures.scores > 0.5) & (one.figures.frame < len(other.times_s))
    boxes = other.figures.boxes_px
    off = [
        np.abs(boxes[other.figures.frame == frame] - box).max(axis=1).min(initial=np.inf)
        for frame, box in zip(one.figures.frame[strong], one.figures.boxes_px[strong], strict=True)
    ]
    assert len(off) >= 20
    assert np.mean(np.array(off) < 5.0) > 0.8  # half the detail is gone


@pytest.mark.skipif(not CAMPUS.exists(), reason="the real footage is not beside the checkout")
def test_people_on_a_real_campus_are_followed(tmp_path):
    recording = _shown(CAMPUS, size_px=(768, 576), length_s=20)
    looks, seen = _asked(CAMPUS, recording, tmp_path, 20.0)
    with WorkerPool(workers=1) as pool:
        films = film_all(pool, looks, seen, {}, [recording], SPANS, _none)
    (shown,) = followed_in(films, {}, [recording])
    long = [track for track in shown.tracks if track.points[-1].time_s - track.points[0].time_s > 8]
    assert sum(track.kind == "person" for track in long) >= 4  # by eye six walk through the view for so long
    counted = [each.persons for each in shown.counts if each.persons is not None]
    assert 2 <= float(np.median(counted)) <= 8
