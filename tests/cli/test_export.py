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

from case_example import RUN, make_case
from decision_example import decision
from incident_example import CAMERAS, incident
from syncview.cli.shell import shell
from syncview.store import CustodyFile
from syncview.store.decisions import append_decision
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
    recordings = json.loads(example.folder.timeline_file.read_bytes())["recordings"]
    sha256 = next(recording["sha256"] for recording in recordings if recording["id"] == "rec-1")
    path = append_decision(example.folder.decisions, decision("adam", "accept", sha256=sha256))
    outcome = export(example.folder.path, "--format", "json", "-o", tmp_path / "out", "--json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert json.loads(outcome.stdout) == {"file": str(tmp_path / "out"), "format": "json"}
    exported = json.loads((tmp_path / "out").read_text(encoding="utf-8"))
    (said,) = exported["decisions"]
    assert (said["reviewer"], said["verdict"], said["attached_to"]) == ("adam", "accept", "strike-1")
    assert len(exported["events"]) == 4
    path.write_bytes(path.read_bytes() + b'{"reviewer": "ad')
    outcome = export(example.folder.path, "--format", "json", "-o", tmp_path / "out")
    assert outcome.exit_code == 4
    assert "syncview: adam.jsonl, line 2 is no decision (cut off at the end): " in outcome.stderr
    assert len(json.loads((tmp_path / "out").read_text(encoding="utf-8"))["decisions"]) == 1


def refused(case: Path, target: Path | str) -> str:
    """The last line of a refusal; whatever lies at the target is as it was."""
    path = Path(target)
    before = path.read_bytes() if path.is_file() else None
    outcome = export(case, "--format", "json", "-o", target)
    assert outcome.exit_code == 2
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    assert (path.read_bytes() if path.is_file() else None) == before
    return outcome.stderr.splitlines()[-1]


def take_in(example, files, *given):
    """Note a further run on other files."""
    noted = [CustodyFile(path=str(path), sha256="0" * 64, size_bytes=path.stat().st_size) for path in files]
    command = ["syncview", "run", "-o", str(example.folder.path), "--", *given]
    example.folder.custody.append("intake", noted, time_utc=RUN, command=command, settings_sha256="0" * 64)


def test_originals_and_the_case_itself_are_not_overwritten(example):
    case = example.folder
    assert "is an original (name another file)" in refused(case.path, example.originals[2])
    case.decisions.mkdir()
    (case.decisions / "adam.jsonl").write_text('{"event_id": "strike-1"}\n')
    for path in (case.timeline_file, case.custody.lines_file, case.decisions / "adam.jsonl"):
        assert "is a file of the case" in refused(case.path, path)


def test_originals_of_earlier_runs_are_not_overwritten_by_any_name(example, tmp_path, monkeypatch):
    earlier = tmp_path / "earlier" / "cam.mp4"
    earlier.parent.mkdir()
    earlier.write_bytes(b"an earlier intake")
    take_in(example, [earlier], str(earlier))
    take_in(example, [], str(tmp_path / "footage"))
    (tmp_path / "hard.csv").hardlink_to(earlier)
    (tmp_path / "soft.csv").symlink_to(earlier)
    (tmp_path / "folder").symlink_to(earlier.parent)
    monkeypatch.chdir(earlier.parent)
    for target in (earlier, "cam.mp4", "../hard.csv", tmp_path / "soft.csv", tmp_path / "folder" / "cam.mp4"):
        assert "is an original" in refused(example.folder.path, target)
    (earlier.parent / "old.csv").write_text("an export")  # the file was given, not its folder
    assert export(example.folder.path, "--format", "json", "-o", earlier.parent / "old.csv").exit_code == 0


@pytest.mark.parametrize("given", ["{}/day", "day", "./day/", "day/a.mp4 day", "."])
def test_nothing_in_a_folder_that_was_given_is_overwritten(example, tmp_path, monkeypatch, given):
    day = tmp_path / "day"
    (day / "below").mkdir(parents=True)
    for name in ("a.mp4", "b.mp4", "copy of a.mp4", "below/left out.mp4"):
        (day / name).write_bytes(b"media")
    where = day if given == "." else tmp_path
    take_in(example, [day / "a.mp4", day / "b.mp4"], *given.format(tmp_path).split())
    for cwd in (where, example.folder.path):  # where the run was, and elsewhere
        monkeypatch.chdir(cwd)
        for name in ("copy of a.mp4", "below/left out.mp4"):
            assert "a folder of originals, and there already" in refused(example.folder.path, day / name)
    assert export(example.folder.path, "--format", "json", "-o", day / "new.json").exit_code == 0
    assert (day / "new.json").is_file()


def test_a_file_left_out_is_kept_when_files_were_named_from_elsewhere(example, tmp_path):
    kept, left_out = tmp_path / "a.mp4", tmp_path / "left out.mp4"
    for path in (kept, left_out):
        path.write_bytes(b"media")
    take_in(example, [kept], "a.mp4", "left out.mp4")
    assert "is an original" in refused(example.folder.path, left_out)


def test_with_a_damaged_chain_nothing_that_exists_is_overwritten(example, tmp_path):
    other = tmp_path / "other.json"
    other.write_text("whose?")
    example.folder.custody.lines_file.write_bytes(b"{}\n")
    assert "does not tell whether it is an original" in refused(example.folder.path, other)


def test_a_folder_is_no_file_and_a_missing_folder_is_not_made(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for target in (".", tmp_path, tmp_path / "footage"):
        assert "is a folder (name a file in it)" in refused(example.folder.path, target)
    assert f"there is no folder {tmp_path / 'typo'}" in refused(example.folder.path, tmp_path / "typo" / "out.csv")
    assert not (tmp_path / "typo").exists()


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
