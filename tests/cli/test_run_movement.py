"""`syncview run` looks for people and vehicles as it is told to, and says what it could not tell."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from moving_pictures import footage
from syncview.pipeline.detector import why_no_detector

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SYNCVIEW_DATA") or ROOT.parent / "shared" / "data")
CAMPUS = DATA / "video" / "vtest.avi"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_no_detector() is not None, reason=f"no detector: {why_no_detector()}"),
]


def _syncview(*arguments, cwd=ROOT, env=None):
    command = [str(Path(sys.executable).with_name("syncview")), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | (env or {}), timeout=300
    )


def _load(case):
    return json.loads((case / "timeline.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Four seconds of a hand-held view without anybody."""
    path = tmp_path_factory.mktemp("view") / "view.mp4"
    _, frames = footage(5, length_s=4.0, shake_px=2.0)
    height, width = frames[0].shape
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for k, picture in enumerate(frames):
            shown = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
            frame = av.VideoFrame.from_ndarray(shown, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_nobody_recognised_is_never_nobody_there(clip, tmp_path):
    done = _syncview("run", clip.name, "-o", tmp_path / "a", "--no-page", "--movement", "whole", cwd=clip.parent)
    assert done.returncode == 0, done.stderr
    timeline = _load(tmp_path / "a")
    assert timeline["settings"]["movement"]["mode"] == "whole"
    (coverage,) = timeline["analysis"]["coverage"]
    assert coverage["people_assessable"] == []
    assert coverage["people_not_assessable"][0]["reasons"]
    (people,) = timeline["people"]
    assert {stretch["persons"] for stretch in people["stretches"]} == {None}
    custody = (tmp_path / "a" / "custody.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(custody[0])["command"][4:6] == ["--movement", "whole"]
    alone = ("--workers", "1", "--movement", "whole")
    _syncview("run", clip.name, "-o", tmp_path / "b", "--no-page", *alone, cwd=clip.parent)
    assert (tmp_path / "a" / "timeline.json").read_bytes() == (tmp_path / "b" / "timeline.json").read_bytes()


def test_switched_off_it_says_so(clip, tmp_path):
    _syncview("run", clip, "-o", tmp_path / "c", "--no-page")
    timeline = _load(tmp_path / "c")
    assert timeline["settings"]["movement"]["mode"] == "off"
    (coverage,) = timeline["analysis"]["coverage"]
    assert [part["reasons"] for part in coverage["people_not_assessable"]] == [
        ["people and vehicles were not looked for (--movement off)"]
    ]
    assert (timeline["tracks"], timeline["people"]) == ([], [])
    assert "--movement" not in (tmp_path / "c" / "custody.jsonl").read_text(encoding="utf-8")


def test_a_wrong_way_of_looking_is_refused(clip, tmp_path):
    done = _syncview("run", clip, "-o", tmp_path / "d", "--movement", "closely")
    assert done.returncode == 2
    assert "'whole', 'tiles', 'off'" in done.stderr


@pytest.mark.skipif(not CAMPUS.exists(), reason="the real footage is not beside the checkout")
def test_people_who_walk_through_real_footage(tmp_path):
    """Ten seconds of it; by eye three people come in from the right, at 1.0, 1.6 and 3.9 s, and nobody else by 8 s."""
    short = tmp_path / "campus.mkv"
    with av.open(str(CAMPUS)) as whole, av.open(str(short), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 768, 576, "yuv420p"
        for k, frame in enumerate(whole.decode(video=0)):
            if k == 100:
                break
            frame.pts, frame.time_base = k, Fraction(1, 10)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    done = _syncview("detect", short, "--movement", "whole", "--json")
    found = json.loads(done.stdout)
    enters = [event for event in found["events"] if event["action"] == "enters"]
    by_eye = [min(abs(event["time_s"] - at_s) for at_s in (1.0, 1.6, 3.9)) for event in enters if event["time_s"] < 8]
    assert max(by_eye) < 0.5
    (third,) = (event for event in enters if 3.4 < event["time_s"] < 4.4)
    (seen,) = third["observations"]
    left, top, width, height = seen["frames"][0]["box"]
    assert left + width > 750
    assert 60 < height < 160
    assert 0 < top < 400
    assert found["tracks"]
    told = _syncview("detect", short, "--movement", "whole").stdout
    assert "person enters view, support " in told
    assert "movement: 1 camera" in told
