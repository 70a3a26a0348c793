"""``syncview export``: files other programs read, exact frame numbers, and nothing overwritten that must last."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from case_example import make_case
from incident_example import CAMERAS, incident
from syncview.cli.shell import shell
from syncview.timeline.build import build_timeline
from syncview.timeline.schema import dumps


def export(*arguments: object):
    return CliRunner().invoke(shell, ["export", *map(str, arguments)], prog_name="syncview")


def rows_of(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_is_whole_even_when_originals_are_gone(example, tmp_path):
    outcome = export(example.folder.path, "--format", "csv", "-o", tmp_path / "out.csv")
    assert outcome.exit_code == 4
    assert "balcony.mp4 has no frame numbers: its original is not found or has changed" in outcome.stderr
    assert outcome.stdout == f"written: {tmp_path / 'out.csv'}\n"
    rows = rows_of(tmp_path / "out.csv")
    assert [row["event"] for row in rows] == ["strike-1", "strike-2", "strike-3", "strike-4"]
    assert rows[0]["rec-1 balcony.mp4 timecode"] == "00:00:18.200"
    assert rows[0]["rec-1 balcony.mp4 frame"] == ""


@pytest.mark.slow
def test_frame_numbers_come_from_the_file_and_then_from_the_cache(tmp_path):
    example = make_case(tmp_path)
    video = example.originals[0]
    times_s = np.cumsum([0.0] + [0.03, 0.07] * 400)  # frame 2k at k / 10 s
    with av.open(str(video), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time_s in times_s:
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 1000), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    parts = incident()
    first = replace(parts.recordings[0], path=str(video), size_bytes=video.stat().st_size)
    parts = replace(parts, recordings=(first, *parts.recordings[1:]))
    example.folder.write("timeline.json", dumps(build_timeline(parts)))
    arguments = (example.folder.path, "--format", "csv", "--recording", "balcony.mp4", "-o", tmp_path / "out.csv")
    outcome = export(*arguments)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    frames = [row["rec-1 balcony.mp4 frame"] for row in rows_of(tmp_path / "out.csv")]
    assert frames == ["364", "484", "500", "794"]  # 18.2, 24.2, 25.0 and 39.7 s
    video.unlink()
    outcome = export(*arguments)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert [row["rec-1 balcony.mp4 frame"] for row in rows_of(tmp_path / "out.csv")] == frames


def test_json_is_the_timeline_with_decisions(example, tmp_path):
    decisions = example.folder.decisions
    decisions.mkdir()
    (decisions / "adam.jsonl").write_text('{"event_id": "strike-1", "decision": "accept"}\n')
    outcome = export(example.folder.path, "--format", "json", "-o", tmp_path / "out", "--json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == {"file": str(tmp_path / "out"), "format": "json"}
    exported = json.loads((tmp_path / "out").read_text(encoding="utf-8"))
    assert exported["decisions"] == [{"reviewer": "adam", "event_id": "strike-1", "decision": "accept"}]
    assert len(exported["events"]) == 4


def test_originals_and_the_case_itself_are_not_overwritten(example):
    original = example.originals[2]
    before = original.read_bytes()
    outcome = export(example.folder.path, "--format", "json", "-o", original)
    assert outcome.exit_code == 2
    assert "is an original (name another file)" in outcome.stderr
    assert original.read_bytes() == before
    outcome = export(example.folder.path, "--format", "json", "-o", example.folder.timeline_file)
    assert outcome.exit_code == 2
    assert "is a file of the case" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "csv", "--recording", "nobody.mp4"), "no recording is called 'nobody.mp4'"),
        (("--format", "csv", "--group", "group-9"), "there is no group group-9"),
        (("--format", "json", "--group", "group-1"), "--group and --recording go with csv"),
        (("--format", "avi"), "'avi' is not one of"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(example, tmp_path, arguments, words):
    outcome = export(example.folder.path, *arguments, "-o", tmp_path / "out")
    assert outcome.exit_code in (2, 4)
    assert words in outcome.stderr.splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_nothing_to_export_is_a_valid_table(example, tmp_path):
    document = build_timeline(incident(events=(), candidates=()))
    example.folder.write("timeline.json", dumps(document))
    outcome = export(example.folder.path, "--format", "csv", "--recording", "whatsapp audio.ogg", "-o", tmp_path / "o")
    assert outcome.exit_code == 0
    assert rows_of(tmp_path / "o")[0]["event"] == "(no events)"


def test_every_camera_has_its_columns(example, tmp_path):
    export(example.folder.path, "--format", "csv", "-o", tmp_path / "out.csv", "--group", "group-1")
    header = list(rows_of(tmp_path / "out.csv")[0])
    assert [name for name in header if name.endswith(" timecode")] == [
        f"{name} {CAMERAS[name][0]} timecode" for name in ("rec-5", "rec-1", "rec-3", "rec-4", "rec-2")
    ]
