"""A tagger of the user's own through the real entry point: labels beside the detections, and nothing else changes."""

import hashlib
import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from toy_tagger import write_toy_tagger

pytestmark = pytest.mark.slow

RATE_HZ = 16_000
PROGRAM = str(Path(sys.executable).with_name("syncview"))


def syncview(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


def write_bang(path: Path) -> None:
    rng = np.random.default_rng(1)
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ
    tail = np.where(time_s >= 5, np.exp(-np.maximum(time_s - 5, 0) / 0.4), 0.0)
    low = np.convolve(rng.standard_normal(len(time_s)), np.ones(40) / 40, mode="same")
    samples = 0.002 * rng.standard_normal(len(time_s)) + 3.0 * tail * low
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def test_a_tagger_adds_labels_and_its_hash_and_changes_no_score(tmp_path):
    write_bang(tmp_path / "bang.wav")
    model = write_toy_tagger(tmp_path)
    plain, tagged = tmp_path / "plain", tmp_path / "tagged"
    syncview("run", tmp_path / "bang.wav", "-o", plain, "--no-page", "-q")
    table = f'[tagger]\npath = "{model.as_posix()}"\nlabels = "../labels.csv"\nrate_hz = 8000\nwindow_s = 1.0\n'
    (tmp_path / "known.toml").write_text(table, encoding="utf-8")
    done = syncview(
        "run", tmp_path / "bang.wav", "-o", tagged, "--no-page", "-q", "--case-file", tmp_path / "known.toml"
    )
    assert done.returncode == 0, done.stderr
    before, after = (json.loads((c / "timeline.json").read_text(encoding="utf-8")) for c in (plain, tagged))
    assert after["settings"].pop("tagger")["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    seen = [o for e in (*after["events"], *after["candidates"]) for o in e["observations"]]
    assert seen
    for each in seen:
        named = [name for name in each["measures"] if name.startswith("tagger_")]
        assert sorted(named) == ["tagger_Explosion", "tagger_Silence", "tagger_Speech"]
        assert any(reason.startswith("tagger toy: ") for reason in each["reasons"])
    scores = [
        [(e["kind"], e["confidence"], e["label"]) for e in d["events"] + d["candidates"]] for d in (before, after)
    ]
    assert scores[0] == scores[1]
    (tmp_path / "toy.onnx").unlink()
    refused = syncview("run", tmp_path / "bang.wav", "-o", tagged, "--no-page", "-q")
    assert refused.returncode == 2
    assert "the tagger's model" in refused.stderr
    assert "Traceback" not in refused.stderr
