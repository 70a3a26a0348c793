"""The user's own audio tagger, on a toy model that onnxruntime really runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from syncview.case import load_case
from syncview.detect.tagging import checked_scores, parse_labels, windows_around, with_labels
from syncview.errors import CaseFileError, InputError
from syncview.model import AudioClip, Detection
from syncview.pipeline.listen import ListenJob
from syncview.pipeline.tagging import TagJob, _tag, open_tagger
from syncview.settings import Settings
from syncview.store.cache import Cache
from toy_tagger import LABELS, write_toy_tagger

RATE_HZ = 16_000
TABLE = '[tagger]\npath = "toy.onnx"\nlabels = "labels.csv"\nrate_hz = 8000\nwindow_s = 1.0\n'


def case_of(folder: Path, text: str = TABLE):
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return load_case(folder / "case.toml")


def test_without_a_table_there_is_no_tagger(tmp_path):
    assert open_tagger(case_of(tmp_path, "")) is None


def test_a_tagger_names_its_file_and_is_asked_about_each_detection(tmp_path):
    path = write_toy_tagger(tmp_path)
    tagger = open_tagger(case_of(tmp_path))
    assert tagger is not None
    assert tagger.as_dict() == {
        "name": "toy",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "labels_sha256": hashlib.sha256((tmp_path / "labels.csv").read_bytes()).hexdigest(),
        "labels_count": 3,
        "rate_hz": 8000,
        "window_s": 1.0,
    }
    samples = np.zeros(10 * RATE_HZ, np.float32)
    samples[5 * RATE_HZ : 6 * RATE_HZ] = 0.3 * np.sin(2 * np.pi * 100 * np.arange(RATE_HZ) / RATE_HZ)
    settings = Settings()
    listen = ListenJob(
        recording_id="a", path=tmp_path / "a.wav", sha256="ab" * 32, cache_root=tmp_path / "cache",
        audio=settings.audio, sync=settings.sync, detect=settings.detect,
    )  # fmt: skip
    Cache(listen.cache_root).store_array(listen.key, samples)
    times_s = (6.1, *(1.0 + 0.1 * k for k in range(9)))  # more than are asked about at a time
    job = TagJob(recording_id="a", listen=listen, start_s=1.0, times_s=times_s, tagger=tagger)
    loud, quiet = (dict(zip(t.labels, t.scores, strict=True)) for t in _tag(job)[:2])
    # From a quarter second before: 0.85 s of the tone lie in its window.
    expected = 1 / (1 + np.exp(-(40 * 0.3 * np.sqrt(0.85 / 2) - 3)))
    assert loud["Explosion"] == pytest.approx(expected, abs=0.01)
    assert quiet["Silence"] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-3)
    assert len(_tag(job)) == len(times_s)
    assert _tag(job)[0].labels[0] == "Explosion"  # the same from the cache


def test_windows_begin_a_quarter_before_and_end_in_zeros():
    samples = np.arange(RATE_HZ, dtype=np.float32) / RATE_HZ
    clip = AudioClip(recording_id="a", samples=samples, rate_hz=RATE_HZ, start_s=2.0)
    (window,) = windows_around(clip, [2.9], rate_hz=8000, window_s=0.4)
    assert window.shape == (3200,)
    assert window[400] == pytest.approx(0.85, abs=0.005)  # 0.05 s after the window's begin at 0.8 s of the samples
    assert np.abs(window[1700:]).max() < 0.01
    assert windows_around(clip, [], rate_hz=8000, window_s=0.4).shape == (0, 3200)


def test_labels_are_added_and_the_score_stays():
    found = Detection(
        recording_id="a", kind="blast", time_s=1.0, uncertainty_s=0.01, score=0.4, label="explosion",
        measures=(("tail_s", 1.0),), reasons=("a rumble follows",),
    )  # fmt: skip
    said = with_labels(found, (("Explosion", 0.41), ("Door", 0.2)), name="toy")
    assert (said.score, said.label, said.time_s) == (0.4, "explosion", 1.0)
    assert dict(said.measures) == {"tail_s": 1.0, "tagger_Explosion": 0.41, "tagger_Door": 0.2}
    assert said.reasons[-1] == "tagger toy: Explosion 0.41, Door 0.20 (not part of the score)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("toy.onnx", "none.onnx"), r"case.toml, line 1: the tagger's model .*none.onnx cannot be read"),
        (("labels.csv", "none.csv"), r"the tagger's labels .*none.csv cannot be read"),
        (("window_s = 1.0", "window_s = 0.5"), r"takes windows of 8000 samples, but window_s \* rate_hz is 4000"),
        (("toy.onnx", "labels.csv"), r"is no ONNX model that can be opened"),
    ],
)
def test_what_cannot_work_is_said_before_the_run(tmp_path, change, message):
    write_toy_tagger(tmp_path, samples=8000)
    with pytest.raises(CaseFileError, match=message):
        open_tagger(case_of(tmp_path, TABLE.replace(*change)))


def test_labels_of_another_model_and_outputs_that_are_no_scores_are_refused(tmp_path):
    write_toy_tagger(tmp_path, batch=1)
    (tmp_path / "labels.csv").write_text("Speech\nExplosion\n", encoding="utf-8")
    with pytest.raises(CaseFileError, match=r"expected scores of shape \(1, 2\), one a label, got \(1, 3\)"):
        open_tagger(case_of(tmp_path))
    write_toy_tagger(tmp_path, logits=True)
    with pytest.raises(CaseFileError, match="no score from 0 to 1"):
        open_tagger(case_of(tmp_path))
    with pytest.raises(InputError, match="no score"):
        checked_scores(np.array([[np.nan]]), windows=1, labels=1, name="toy")


def test_labels_are_read_from_both_kinds_of_lists():
    assert parse_labels("\n".join(LABELS), name="x") == LABELS
    with pytest.raises(InputError, match="label 2 is empty"):
        parse_labels("name,more\nSpeech,1\n,2\n", name="x")
    with pytest.raises(InputError, match="none of the columns"):
        parse_labels("0,Speech\n1,Door\n", name="x")
    with pytest.raises(InputError, match="no labels"):
        parse_labels("", name="x")
