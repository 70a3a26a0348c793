"""The main job through the real entry point, on the sample clips and on what people really have in their folders."""

import json
import os
import shutil
import subprocess
import sys
import wave
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ROOT / "sample_clips"
TRUTH = json.loads((CLIPS / "truth.json").read_text(encoding="utf-8"))
FILES = {f["name"]: f for f in TRUTH["files"]}

pytestmark = pytest.mark.slow


def syncview(
    *arguments: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("syncview")), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | (env or {}), timeout=300
    )


def everything_in(case: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(case.rglob("*")) if path.is_file()}


def load(case: Path) -> dict:
    return json.loads((case / "timeline.json").read_text(encoding="utf-8"))


def by_name(timeline: dict) -> dict[str, dict]:
    return {r["name_display"]: r for r in timeline["recordings"]}


def clocks_of(timeline: dict) -> dict[str, tuple[str, float, float]]:
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    return {
        names[c["recording_id"]]: (g["id"], c["segments"][0]["offset_s"], c["uncertainty_s"])
        for g in timeline["groups"]
        for c in g["clocks"]
    }


def reasons_of(timeline: dict) -> dict[str, str]:
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    return {names[u["recording_id"]]: " ".join(u["reasons"]) for u in timeline["unplaced"]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    case = tmp_path_factory.mktemp("demo") / "case"
    done = syncview("run", "sample_clips", "-o", case, "--no-page")
    return case, done


def test_demo_places_the_cameras_where_the_truth_has_them(demo) -> None:
    case, done = demo
    assert done.returncode == 3, done.stderr
    clocks = clocks_of(load(case))
    cameras = [name for name, f in FILES.items() if f["role"] == "camera"]
    assert {clocks[name][0] for name in cameras} == {"g1"}
    zero = clocks["IMG_2231.MOV"][1] - FILES["IMG_2231.MOV"]["offset_s"]
    for name in cameras:
        _, offset_s, uncertainty_s = clocks[name]
        error_s = offset_s - zero - FILES[name]["offset_s"]
        assert abs(error_s) <= 0.25
        assert abs(error_s) <= max(uncertainty_s, 1e-6)


def test_demo_finds_every_strike_once_with_every_camera(demo) -> None:
    timeline = load(demo[0])
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    strikes = [e for e in timeline["events"] if e["kind"] == "strike" and e["group_id"] == "g1"]
    filmed = [b for b in TRUTH["blasts"] if b["filmed"]]
    assert len(strikes) == len(filmed) == 4
    for strike, blast in zip(strikes, filmed, strict=True):
        heard = {names[o["recording_id"]]: o["sound_s"] for o in strike["observations"]}
        assert heard == {name: pytest.approx(at, abs=0.015) for name, at in blast["arrivals"].items()}


def test_demo_refuses_the_silent_file_and_the_other_day(demo) -> None:
    timeline = load(demo[0])
    reasons = reasons_of(timeline)
    assert set(reasons) == {name for name, f in FILES.items() if f["role"] in ("silent", "decoy")}
    assert "no sound track" in reasons["FILE0412.mp4"]
    groups = clocks_of(timeline)
    assert len({groups[name][0] for name in ("IMG_2231.MOV", "FILE0412.mp4", "MOV00096.3gp")}) == 3


def test_demo_fits_its_schema_and_verifies(demo) -> None:
    import jsonschema

    case, _ = demo
    schema = json.loads((case / "timeline.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(load(case))
    assert syncview("verify", case).returncode == 0


def test_same_bytes_for_any_order_workers_zone_and_locale(demo, tmp_path) -> None:
    case, _ = demo
    wanted = (case / "timeline.json").read_bytes()
    zone = {"TZ": "Pacific/Auckland", "LC_ALL": "ar_EG.UTF-8", "LANG": "ar_EG.UTF-8", "PYTHONHASHSEED": "7"}
    done = syncview("run", "sample_clips", "-o", tmp_path / "b", "--no-page", "--workers", "1", env=zone)
    assert done.returncode == 3, done.stderr
    assert (tmp_path / "b" / "timeline.json").read_bytes() == wanted
    files = [f"sample_clips/{name}" for name in sorted(FILES, reverse=True)]
    syncview("run", *files, "-o", tmp_path / "c", "--no-page")
    other = load(tmp_path / "c")
    assert {**other, "ignored": []} == {**json.loads(wanted), "ignored": []}


def test_json_is_the_document_and_nothing_else(demo, tmp_path) -> None:
    done = syncview("run", "sample_clips", "-o", tmp_path / "c", "--no-page", "--json")
    assert done.stdout == (demo[0] / "timeline.json").read_text(encoding="utf-8")


def test_pin_and_reject_are_obeyed_from_the_cache(demo, tmp_path) -> None:
    case = tmp_path / "case"
    shutil.copytree(demo[0], case)
    heard_before = {p: p.stat().st_mtime_ns for p in (case / "cache").rglob("*.npy")}
    at = {name: FILES[name]["offset_s"] for name in FILES if FILES[name]["offset_s"] is not None}
    pinned = syncview("pin", f"FILE0412.mp4@{30.0 - at['FILE0412.mp4']}", f"IMG_2231.MOV@{30.0}", "-o", case)
    assert pinned.returncode == 0, pinned.stderr
    assert syncview("reject", "rooftop.mkv", "IMG_2231.MOV", "-o", case).returncode == 0
    done = syncview("run", "-o", case, "--no-page")
    assert done.returncode == 3, done.stderr
    timeline = load(case)
    clocks = clocks_of(timeline)
    assert clocks["FILE0412.mp4"][1] - clocks["IMG_2231.MOV"][1] == pytest.approx(at["FILE0412.mp4"], abs=1e-3)
    assert "FILE0412.mp4" not in reasons_of(timeline)
    ids = {r["name_display"]: r["id"] for r in timeline["recordings"]}
    pair = next(p for p in timeline["pairs"] if {p["a_id"], p["b_id"]} == {ids["rooftop.mkv"], ids["IMG_2231.MOV"]})
    assert (pair["accepted"], pair["reasons"]) == (False, ["rejected by a person"])
    before = {e["id"]: e["time_s"] for e in load(demo[0])["events"]}
    assert set(before) <= {e["id"] for e in timeline["events"]}
    assert {p: p.stat().st_mtime_ns for p in (case / "cache").rglob("*.npy")} == heard_before


def test_evidence_that_comes_later_moves_neither_zero_nor_names(tmp_path) -> None:
    case, early = tmp_path / "case", ["VID-20180501-WA0007.mp4", "VID_20180501_121226.mp4"]
    syncview("run", *(CLIPS / name for name in early), "-o", case, "--no-page")
    before = load(case)
    syncview("run", CLIPS, "-o", case, "--no-page")
    after = load(case)
    reference = before["groups"][0]["reference_id"]
    assert after["groups"][0]["reference_id"] == reference

    def zero(timeline: dict) -> float:
        return next(
            c["segments"][0]["offset_s"] for c in timeline["groups"][0]["clocks"] if c["recording_id"] == reference
        )

    assert zero(before) == zero(after)
    strikes = {e["id"]: (e["time_s"], e["time_basis"]) for e in after["events"] if e["group_id"] == "g1"}
    for event in before["events"]:
        assert strikes[event["id"]][1] == event["time_basis"]
    assert min(c["segments"][0]["offset_s"] for c in after["groups"][0]["clocks"]) < 0.0


def test_csv_names_each_files_own_timecode_and_frame(demo, tmp_path) -> None:
    out = tmp_path / "events.csv"
    done = syncview("export", demo[0], "--format", "csv", "-o", out)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8-sig")
    arrival_s = TRUTH["blasts"][1]["arrivals"]["IMG_2231.MOV"]
    assert f"00:00:{arrival_s:06.3f}"[:11] in text
    assert len(text.strip().splitlines()) > 4


def messy_folder(folder: Path) -> Path:
    """What people send: two good clips among everything that can be wrong with a file."""
    folder.mkdir()
    for name in ("IMG_2231.MOV", "rooftop.mkv"):
        shutil.copy(CLIPS / name, folder)
    good = (CLIPS / "VID_20180501_121226.mp4").read_bytes()
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "text.mp4").write_text("this is no film\n" * 50, encoding="utf-8")
    (folder / "cut off.mp4").write_bytes(good[: len(good) // 2])
    (folder / "copy of rooftop.mkv").write_bytes((CLIPS / "rooftop.mkv").read_bytes())
    (folder / "بعد الغارة.webm").write_bytes((CLIPS / "بعد_الغارة_الثانية.webm").read_bytes())
    (folder / "two\nlines.3gp").write_bytes((CLIPS / "MOV00096.3gp").read_bytes())
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.mp4")).write_bytes((CLIPS / "FILE0412.mp4").read_bytes())
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("inside.txt", "x")
    (folder / "notes.txt").write_text("from S3, by hand", encoding="utf-8")
    _photo(folder / "photo.jpg")
    _wave(folder / "no sound in it.wav", np.zeros((0, 1), np.int16))
    _wave(folder / "surround.wav", np.tile(_sound_of(CLIPS / "rooftop.mkv")[:, None], (1, 6)))
    return folder


def _sound_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        frames = [f for frame in container.decode(audio=0) for f in resampler.resample(frame)]
    return np.concatenate([f.to_ndarray()[0] for f in frames])


def _wave(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())


def _photo(path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48), (90, 120, 30)).save(path)


def test_messy_folder_loses_nothing(tmp_path) -> None:
    folder = messy_folder(tmp_path / "footage")
    done = syncview("run", folder, "-o", tmp_path / "case", "--no-page")
    assert done.returncode == 4
    timeline = load(tmp_path / "case")
    recordings, clocks, reasons = by_name(timeline), clocks_of(timeline), reasons_of(timeline)
    together = {clocks[name][0] for name in ("IMG_2231.MOV", "rooftop.mkv", "بعد الغارة.webm", "copy of rooftop.mkv")}
    assert together == {"g1"}
    assert clocks["copy of rooftop.mkv"][1:] == clocks["rooftop.mkv"][1:]
    names = {r["id"]: r["name_display"] for r in timeline["recordings"]}
    same = {d["kind"]: {names[name] for name in d["recording_ids"]} for d in timeline["duplicates"]}
    assert same["same_file"] == {"rooftop.mkv", "copy of rooftop.mkv"}
    assert same["same_recording"] == {"copy of rooftop.mkv", "surround.wav"}  # it holds the sound of rooftop.mkv
    assert any("cut off" in warning for warning in recordings["cut off.mp4"]["warnings"])
    assert clocks["cut off.mp4"][0] == "g1"
    assert recordings["surround.wav"]["audio"]["channels"] == 6
    assert clocks["surround.wav"][1] == pytest.approx(clocks["rooftop.mkv"][1], abs=0.01)
    for name in ("empty.mp4", "text.mp4"):
        assert recordings[name]["kind"] == "unreadable"
        assert name in done.stderr
        assert reasons[name]
    assert recordings["photo.jpg"]["kind"] == "still"
    assert recordings["photo.jpg"]["duration_s"] == 0.0
    assert recordings["two\\nlines.3gp"]["audio"]["codec"] == "amr_nb"
    odd = next(r for r in timeline["recordings"] if r["path_bytes_b64"])
    assert "\\xff\\xfe.mp4" in odd["name_display"]
    ignored = {Path(i["path"]).name: i["reason"] for i in timeline["ignored"]}
    assert set(ignored) == {"more.zip", "notes.txt", "loop"}
    assert "archive" in ignored["more.zip"]
    assert "\n" not in done.stderr.replace("\nsyncview: ", "").rstrip("\n")
    strikes = [e for e in timeline["events"] if e["kind"] == "strike" and e["group_id"] == "g1"]
    assert len(strikes) == 4
    heard = [{names[o["recording_id"]] for o in e["observations"]} for e in strikes]
    assert all(len(same["same_file"] & by) == 1 for by in heard)  # the same bytes heard nothing more
    assert "no sound in it.wav" in reasons
    assert syncview("verify", tmp_path / "case").returncode == 0


def test_one_file_is_a_group_without_reasons(tmp_path) -> None:
    done = syncview("run", CLIPS / "rooftop.mkv", "-o", tmp_path / "case", "--no-page")
    timeline = load(tmp_path / "case")
    assert (done.returncode, timeline["unplaced"], len(timeline["groups"])) == (0, [], 1)
    assert len(timeline["events"]) == 4


def test_folder_without_media_is_said_and_written(tmp_path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "a.txt").write_text("x", encoding="utf-8")
    done = syncview("run", tmp_path / "papers", "-o", tmp_path / "case", "--no-page")
    assert done.returncode == 3
    assert "no video or sound was found" in done.stderr
    assert [i["reason"] for i in load(tmp_path / "case")["ignored"]]


def test_a_name_that_is_not_there_costs_only_itself(tmp_path) -> None:
    done = syncview("run", CLIPS / "rooftop.mkv", tmp_path / "gone.mp4", "-o", tmp_path / "case", "--no-page")
    assert done.returncode == 4
    assert "gone.mp4" in done.stderr
    assert len(load(tmp_path / "case")["recordings"]) == 1


def test_output_that_cannot_be_written(tmp_path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = syncview("run", CLIPS / "rooftop.mkv", "-o", tmp_path / "file" / "case", "--no-page")
    assert done.returncode == 2
    assert "case" in done.stderr
    assert "Traceback" not in done.stderr


def test_case_file_with_a_mistake_names_the_line(tmp_path) -> None:
    (tmp_path / "known.toml").write_text('[case]\ntitle = "x"\ntemprature_c = 3\n', encoding="utf-8")
    done = syncview(
        "run", CLIPS / "rooftop.mkv", "-o", tmp_path / "case", "--no-page", "--case-file", tmp_path / "known.toml"
    )
    assert done.returncode == 2
    assert "line 3" in done.stderr


def test_reference_that_means_nothing_costs_only_its_table(tmp_path) -> None:
    (tmp_path / "known.toml").write_text('[[reject]]\na = "nobody.mp4"\nb = "rooftop.mkv"\n', encoding="utf-8")
    done = syncview(
        "run", CLIPS / "rooftop.mkv", "-o", tmp_path / "case", "--no-page", "--case-file", tmp_path / "known.toml"
    )
    assert done.returncode == 4
    assert "nobody.mp4" in done.stderr
    assert load(tmp_path / "case")["events"]


def test_utc_of_an_anchor_is_carried_to_every_event(tmp_path) -> None:
    (tmp_path / "known.toml").write_text(
        '[case]\ntime_zone = "Asia/Damascus"\n[[anchor]]\nfile = "rooftop.mkv"\ntime_s = 1.5\n'
        'utc = 2018-05-01T09:12:33Z\nuncertainty_s = 1.0\nbasis = "overlay"\n',
        encoding="utf-8",
    )
    syncview("run", CLIPS / "rooftop.mkv", "-o", tmp_path / "case", "--no-page", "--case-file", tmp_path / "known.toml")
    timeline = load(tmp_path / "case")
    assert timeline["groups"][0]["utc"]["uncertainty_s"] == pytest.approx(1.0, abs=0.001)
    assert timeline["groups"][0]["utc"]["offset"].startswith("2018-05-01T09:12:31.5")
    first = timeline["events"][0]
    assert first["utc"].startswith("2018-05-01T09:12:35")
    assert first["local"].startswith("2018-05-01T12:12:35")


def test_page_is_made_and_plays_every_file(tmp_path) -> None:
    done = syncview("run", CLIPS / "rooftop.mkv", CLIPS / "MOV00096.3gp", "-o", tmp_path / "case")
    assert done.returncode == 3, done.stderr
    page = (tmp_path / "case" / "review" / "index.html").read_text(encoding="utf-8")
    assert "rooftop.mkv" in page
    assert len(list((tmp_path / "case" / "review" / "media").iterdir())) == 2


def test_probe_lists_days_devices_sound_and_copies(tmp_path) -> None:
    folder = messy_folder(tmp_path / "footage")
    done = syncview("probe", folder)
    assert done.returncode == 4
    for words in ("2018-05-01", "no sound", "same bytes as", "ignored:", "photo.jpg", "creation_time"):
        assert words in done.stdout
    parts = json.loads(syncview("probe", folder, "--json").stdout)
    assert set(parts) == {"schema", "version", "tool", "recordings", "ignored", "duplicates"}


def test_sync_and_detect_print_their_parts(tmp_path) -> None:
    files = [CLIPS / "rooftop.mkv", CLIPS / "IMG_2231.MOV"]
    sync = json.loads(syncview("sync", *files, "--json").stdout)
    assert len(sync["groups"]) == 1
    assert sync["pairs"][0]["accepted"] is True
    detect = json.loads(syncview("detect", files[0], "--json").stdout)
    assert len(detect["events"]) == 4


def test_again_from_elsewhere_says_where_and_touches_nothing(tmp_path) -> None:
    home, away = tmp_path / "home", tmp_path / "away"
    (home / "footage").mkdir(parents=True)
    away.mkdir()
    for name in ("rooftop.mkv", "MOV00096.3gp"):
        shutil.copy(CLIPS / name, home / "footage")
    assert syncview("run", "footage", "-o", "case", "--no-page", cwd=home).returncode in (0, 3)
    before = everything_in(home / "case")
    done = syncview("run", "-o", home / "case", cwd=away)
    assert (done.returncode, str(home) in done.stderr) == (2, True)
    assert everything_in(home / "case") == before
    pinned = syncview("pin", "rooftop.mkv@1", "MOV00096.3gp@1", "-o", home / "case", "--check", cwd=away)
    following = pinned.stdout.splitlines()[-1].removeprefix("next: ")
    assert following == f"cd {home} && syncview run -o case -- footage"
    assert syncview("run", "-o", "case", "--no-page", cwd=home).returncode == 3
    assert {r["path"] for r in load(home / "case")["recordings"]} == {"footage/rooftop.mkv", "footage/MOV00096.3gp"}


def test_footage_that_is_away_costs_no_result(tmp_path) -> None:
    (tmp_path / "footage").mkdir()
    shutil.copy(CLIPS / "rooftop.mkv", tmp_path / "footage")
    assert syncview("run", "footage", "-o", "case", cwd=tmp_path).returncode == 0
    before = everything_in(tmp_path / "case")
    (tmp_path / "footage").rename(tmp_path / "unplugged")
    for _ in range(2):
        done = syncview("run", "-o", "case", cwd=tmp_path)
        assert done.returncode == 4
        assert "no recording can be read now" in done.stderr
        assert everything_in(tmp_path / "case") == before
    (tmp_path / "footage").mkdir()  # an empty mount point
    assert syncview("run", "-o", "case", cwd=tmp_path).returncode == 4
    assert everything_in(tmp_path / "case") == before


@pytest.mark.parametrize("case", ["footage", "footage/cam1", ".", "footage/../footage/cam1/b.mkv/.."])
def test_a_case_is_not_written_among_its_originals(tmp_path, case) -> None:
    (tmp_path / "footage" / "cam1").mkdir(parents=True)
    shutil.copy(CLIPS / "rooftop.mkv", tmp_path / "footage" / "cam1")
    before = everything_in(tmp_path)
    named = "footage" if case in ("footage", ".") else "footage/cam1/rooftop.mkv"
    done = syncview("run", named, "-o", case, cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot be the case folder" in done.stderr
    assert everything_in(tmp_path) == before


def test_a_case_folder_inside_the_footage_is_passed_by(tmp_path) -> None:
    shutil.copy(CLIPS / "rooftop.mkv", tmp_path)
    for _ in range(2):
        assert syncview("run", ".", "-o", "case", cwd=tmp_path).returncode == 0
        assert len(load(tmp_path / "case")["recordings"]) == 1


def test_another_case_file_keeps_what_the_first_said(tmp_path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.toml").write_text(f'[case]\ntitle = "{name}"\n', encoding="utf-8")
        named = (CLIPS / "rooftop.mkv", "-o", "case", "--no-page", "--case-file", f"{name}.toml")
        done = syncview("run", *named, cwd=tmp_path)
        assert ("case.toml.bak" in done.stderr) == (name == "second")
        assert syncview("verify", "case", cwd=tmp_path).returncode == 0
    assert "first" in (tmp_path / "case" / "case.toml.bak").read_text(encoding="utf-8")
    (tmp_path / "case" / "case.toml").write_text("", encoding="utf-8")
    assert syncview("verify", "case", cwd=tmp_path).returncode == 3


def test_a_named_file_that_is_no_media_is_said(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "foot.zip", "w") as archive:
        archive.writestr("inside.txt", "x")
    named = (CLIPS / "rooftop.mkv", "foot.zip", "gone.mp4")
    done = syncview("run", *named[:2], "-o", "case", "--no-page", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith("syncview: not used: foot.zip: an archive (")
    assert "unpack it first" in done.stderr
    done = syncview("detect", *named, cwd=tmp_path)
    assert done.returncode == 4
    assert [done.stderr.count(name) for name in ("foot.zip", "gone.mp4")] == [1, 1]


def test_probe_says_every_file_that_cannot_be_read(tmp_path) -> None:
    done = syncview("probe", *(f"gone{number}.mp4" for number in range(30)), cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("cannot read gone") == 30
