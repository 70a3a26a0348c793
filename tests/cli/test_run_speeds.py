"""A file at another speed through the whole program: on the clock of the cameras, and said."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy.signal import resample_poly

from voices_example import RATE_HZ, heard, voices

pytestmark = pytest.mark.slow

SPEED = Fraction(24, 25)


def write_sound(path: Path, samples: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        stream.bit_rate = 64_000
        for first in range(0, len(samples), 1024):
            part = samples[None, first : first + 1024].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, first, Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module")
def timeline(tmp_path_factory) -> dict:
    """Two cameras of one scene, and a stretch of the first that an editor showed at 24 for 25 frames a second."""
    folder = tmp_path_factory.mktemp("speed")
    scene = voices(31, 44)
    write_sound(folder / "one.m4a", heard(scene, 0.0, 40.0, seed=1))
    write_sound(folder / "two.m4a", heard(scene, 4.0, 40.0, seed=2))
    part = heard(scene, 6.0, 30.0, seed=3)
    write_sound(folder / "edit.m4a", resample_poly(part, SPEED.denominator, SPEED.numerator))
    command = [str(Path(sys.executable).with_name("syncview")), "run", folder, "-o", folder / "case", "--no-page"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 3, done.stderr  # a person must look at the speed
    return json.loads((folder / "case" / "timeline.json").read_text(encoding="utf-8"))


def test_it_is_on_the_clock_of_the_cameras(timeline) -> None:
    (group,) = timeline["groups"]
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    clocks = {names[c["recording_id"]]: c for c in group["clocks"]}
    at = {name: c["segments"][0] for name, c in clocks.items()}
    assert at["edit.m4a"]["drift_ppm"] == pytest.approx((24 / 25 - 1) * 1e6, abs=60)
    for name, started_s in (("one.m4a", 6.0), ("two.m4a", 2.0)):
        assert at["edit.m4a"]["offset_s"] - at[name]["offset_s"] == pytest.approx(started_s, abs=0.01)
    assert clocks["edit.m4a"]["uncertainty_s"] < 1.9  # as far as sound goes in 500 m, and 0.2 s: an edited file
    assert clocks["edit.m4a"]["assumptions"][0].startswith("runs at 24/25 times the speed throughout")
    assert timeline["unplaced"] == []


def test_its_speed_is_a_finding(timeline) -> None:
    (found,) = [f for f in timeline["findings"] if f["kind"] == "speed"]
    assert (found["value"], found["unit"]) == (0.96, "times the speed")
    assert found["group_id"] == "g1"
    assert "24/25 times the speed of" in found["message"]
