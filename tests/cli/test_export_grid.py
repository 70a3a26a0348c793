"""``syncview export --format grid``: tiles on group time, sound to the sample, refusals, nothing left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from click.testing import CliRunner

from grid_example import HEIGHT, WIDTH, BreakingPath, Camera, frames_of, make_grid_case, number_in
from incident_example import heard, strike
from syncview.cli.shell import shell
from syncview.export.grid_film import FilmRequest, prepare_film, write_film
from syncview.export.grid_layout import lay_out
from syncview.media.audio import decode_audio
from syncview.settings import Settings
from syncview.timeline.schema import load_document

pytestmark = pytest.mark.slow

REQUEST = FilmRequest(
    group_id=None, start_s=None, end_s=None, rate=Fraction(30), sound=None, tile_height_px=90, include_unreviewed=False
)


def export(folder, output, *arguments):
    line = ["export", folder.path, "--format", "grid", "-o", output, "--tile-height", "90", *arguments]
    return CliRunner().invoke(shell, [str(part) for part in line], prog_name="syncview")


def even(rate, count):
    return np.array([float(Fraction(k) / Fraction(rate)) for k in range(count)])


def uneven(length_s):
    return np.cumsum([0.0] + [0.02, 0.05, 0.033, 0.1] * round(length_s / 0.203))


def placed(name, times_s, offset_s, **more):
    end_s = 2 * times_s[-1] - times_s[-2]
    return Camera(name, times_s, ((0.0, float(end_s), offset_s, "both"),), **more)


def numbers(path, count):
    """Frame number of every tile (None: no numbered picture) at every output time."""
    rects = [tile.picture for tile in lay_out(count, tile_height_px=90).tiles]
    assert (rects[0].width, rects[0].height) == (WIDTH, HEIGHT)
    found = []
    for time_s, picture in frames_of(path):
        parts = [picture[r.top : r.top + r.height, r.left : r.left + r.width] for r in rects]
        found.append((time_s, [number_in(part) for part in parts]))
    return found


def span_of(camera, number):
    """Stretch of group time for which a frame is on screen by the clock."""
    times_s = np.append(camera.times_s, camera.end_s)
    for start_s, end_s, offset_s, _ in camera.pieces:
        first, last = (offset_s + times_s[number + k] * (1 + camera.drift_ppm * 1e-6) for k in (0, 1))
        if start_s - 1e-6 <= times_s[number] < end_s - 1e-6:
            return first, last
    raise AssertionError(number)


def assert_on_group_time(found, cameras, start_s):
    seen = np.zeros(len(cameras), int)
    for time_s, shown in found:
        group_s = start_s + time_s
        for place, (camera, number) in enumerate(zip(cameras, shown, strict=True)):
            if number is None:
                continue
            first_s, last_s = span_of(camera, number)
            off_s = abs(group_s - (first_s + last_s) / 2)
            assert off_s <= (last_s - first_s) / 2 + 2e-5, (camera.name, number, group_s, first_s, last_s)
            seen[place] += 1
    return seen


def test_every_tile_is_within_half_its_own_frame_of_group_time(tmp_path):
    cameras = [
        placed("25.mp4", even(25, 75), 0.0),
        placed("29.97.mp4", even(Fraction(30000, 1001), 90), 0.4137),
        placed("30.mkv", even(30, 60), 1.2345),
        placed("60.mp4", even(60, 120), -0.5021),
        placed("varying.mp4", uneven(3.0), 0.777),
    ]
    folder = make_grid_case(tmp_path, cameras)
    outcome = export(folder, tmp_path / "grid.mp4")
    assert (outcome.exit_code, outcome.stdout) == (0, f"written: {tmp_path / 'grid.mp4'}\n"), outcome.stderr
    assert "grid of 5 cameras" in outcome.stderr
    found = numbers(tmp_path / "grid.mp4", 5)
    start_s = -0.5021
    assert len(found) == np.ceil((0.777 + cameras[4].end_s - start_s) * 30)
    assert [time_s for time_s, _ in found] == pytest.approx(np.arange(len(found)) / 30, abs=1e-6)
    seen = assert_on_group_time(found, cameras, start_s)
    assert list(seen) == pytest.approx([round(30 * c.end_s) for c in cameras], abs=1)


@pytest.mark.parametrize("rate", ["25", "29.97", "60"])
def test_at_other_rates_too(tmp_path, rate):
    cameras = [placed("a.mp4", even(Fraction(30000, 1001), 45), 0.0), placed("b.mp4", even(25, 30), 0.3)]
    folder = make_grid_case(tmp_path, cameras)
    assert export(folder, tmp_path / "grid.mp4", "--rate", rate, "--start", "0.5", "--end", "1.25").exit_code == 0
    found = numbers(tmp_path / "grid.mp4", 2)
    exact = float(Fraction(30000, 1001)) if rate == "29.97" else float(rate)
    assert len(found) == np.ceil(0.75 * exact)
    assert min(assert_on_group_time(found, cameras, 0.5)) == len(found)


def test_drift_cuts_and_cameras_that_start_later(tmp_path):
    late = 3600 + even(25, 75)  # an hour into its file, 100 ppm are 360 ms
    drifting = Camera("b-late.mkv", late, ((3600.0, 3603.0, -3600.36, "both"),), drift_ppm=100.0)
    cut = Camera("a-cut.mp4", even(30, 90), ((0.0, 1.51, 0.0, "both"), (1.51, 3.0, 1.0, "both")))
    shown_again = Camera("d-again.mp4", even(30, 60), ((0.0, 1.0, 1.0, "both"), (1.0, 2.0, 0.5, "both")))
    cameras = [cut, drifting, placed("c-later.mp4", even(30, 30), 2.0), shown_again]
    folder = make_grid_case(tmp_path, cameras)
    assert export(folder, tmp_path / "grid.mp4").exit_code == 0
    found = numbers(tmp_path / "grid.mp4", 4)
    by_time = {round(time_s * 30): shown for time_s, shown in found}
    for k, shown in by_time.items():
        if 1.51 * 30 <= k < 2.51 * 30:
            assert shown[0] is None
    assert [by_time[k][0] for k in (44, 45, 76, 77)] == [44, 45, 46, 47]  # no frame of before the cut after it
    assert by_time[59][2] is None
    assert by_time[60][2] == 0
    of_one_clock = [(time_s, [shown[1], shown[2]]) for time_s, shown in found]
    seen = assert_on_group_time(of_one_clock, cameras[1:3], 0.0)
    assert list(seen) == [91, 30]  # 3 s last 3.0003 s by its drift
    assert [by_time[k][3] for k in (45, 59, 60, 74)] == [15, 29, 45, 59]  # what is filmed twice, as filmed first


def test_not_filming_is_striped_and_says_so(tmp_path):
    cameras = [placed("a.mp4", even(25, 25), 0.0), placed("b.mp4", even(25, 25), 1.5)]
    folder = make_grid_case(tmp_path, cameras)
    assert export(folder, tmp_path / "grid.mp4").exit_code == 0
    rect = lay_out(2, tile_height_px=90).tiles[1].picture
    picture = next(frames_of(tmp_path / "grid.mp4"))[1][rect.top : rect.top + rect.height, rect.left :][:, : rect.width]
    assert picture.min(axis=2).mean() > 35  # not black
    assert picture.max() > 200  # words
    levels = picture[5, :, 1].astype(int)
    assert np.ptp(levels) > 8  # stripes


@pytest.mark.parametrize(
    ("sound", "expected_s"), [(None, [0.5, 2.0]), ("b.mp4", [1.25, 1.75]), ("mix", [0.5, 1.25, 1.75, 2.0])]
)
def test_sound_lies_on_group_time_to_a_millisecond(tmp_path, sound, expected_s):
    cameras = [
        placed("a.mp4", even(25, 75), 0.0, clicks_s=(0.5, 2.0)),
        Camera(
            "b.mp4",
            even(25, 75),
            ((0.0, 0.9, 0.7513, "both"), (1.0, 3.0, 0.25, "both")),
            clicks_s=(0.4987, 1.5),
            drift_ppm=0.0,
        ),
    ]
    folder = make_grid_case(tmp_path, cameras)
    more = [] if sound is None else ["--sound", sound]
    assert export(folder, tmp_path / "grid.mp4", *more).exit_code == 0
    decoded = decode_audio(tmp_path / "grid.mp4", rate_hz=48_000, out=tmp_path / "heard.npy")
    samples = np.abs(np.load(decoded.path))
    onsets = np.flatnonzero(samples > 0.25 * samples.max())
    clicks = onsets[np.flatnonzero(np.diff(onsets, prepend=-48_000) > 4800)]
    assert decoded.start_s + clicks / 48_000 == pytest.approx(expected_s, abs=1e-3)


def test_drift_of_the_sound_is_followed(tmp_path):
    cameras = [
        placed("a.mp4", even(25, 75), 0.0),
        Camera(
            "late.mkv", 3600 + even(25, 75), ((3600.0, 3603.0, -3600.36, "both"),), clicks_s=(3601.5,), drift_ppm=100.0
        ),
    ]
    folder = make_grid_case(tmp_path, cameras)
    assert export(folder, tmp_path / "grid.mp4", "--sound", "rec-2", "--start", "0.4").exit_code == 0
    decoded = decode_audio(tmp_path / "grid.mp4", rate_hz=48_000, out=tmp_path / "heard.npy")
    samples = np.abs(np.load(decoded.path))
    click_s = decoded.start_s + np.argmax(samples > 0.25 * samples.max()) / 48_000
    assert click_s == pytest.approx(1.50015 - 0.4, abs=1e-3)


def test_no_sound_where_none_is_wanted(tmp_path):
    import av

    folder = make_grid_case(tmp_path, [placed("a.mp4", even(25, 10), 0.0)])
    assert export(folder, tmp_path / "grid.mp4", "--sound", "none").exit_code == 0
    with av.open(str(tmp_path / "grid.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.metadata["title"] == "syncview grid Market group-1"


def test_the_same_bytes_twice_and_events_light_up_in_the_margin(tmp_path):
    cameras = [placed("a.mp4", even(25, 75), 0.0), placed("سوق.mp4", even(30, 60), 0.5)]
    strikes = (strike("strike-1", "group-1", 1.0, [heard("rec-1", 1.0), heard("rec-2", 0.7)]),)
    folder = make_grid_case(tmp_path, cameras, events=strikes)
    for name in ("one.mp4", "two.mp4"):
        assert export(folder, tmp_path / name).exit_code == 0
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    layout = lay_out(2, tile_height_px=90)
    top = layout.bottom.top
    lit, heard_by = [], []
    for _, picture in frames_of(tmp_path / "one.mp4"):
        lit.append(_is_orange(picture[top + 43 : top + 50, 11:18]))
        caption = layout.tiles[1].caption
        heard_by.append(_is_orange(picture[caption.top + 7 : caption.top + 12, caption.left + 10 : caption.left + 14]))
    assert np.flatnonzero(lit).tolist() == list(range(30, 60))
    assert np.flatnonzero(heard_by).tolist() == list(range(36, 66))


def _is_orange(part):
    red, green, blue = part.reshape(-1, 3).mean(axis=0)
    return red > 150 and green > 70 and blue < 110


def test_a_timeline_without_groups_gives_a_film_that_says_so(tmp_path):
    folder = make_grid_case(tmp_path, [])
    outcome = export(folder, tmp_path / "grid.mp4", "--json")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout)["frames"] == 150
    pictures = [picture for _, picture in frames_of(tmp_path / "grid.mp4")]
    assert len(pictures) == 150
    assert pictures[0].max() > 200


def test_a_file_that_is_gone_is_told_and_the_rest_is_shown(tmp_path):
    cameras = [placed("a.mp4", even(25, 25), 0.0), placed("b.mp4", even(25, 25), 0.0)]
    folder = make_grid_case(tmp_path, cameras)
    (tmp_path / "b.mp4").unlink()
    outcome = export(folder, tmp_path / "grid.mp4")
    assert outcome.exit_code == 4
    assert "b.mp4 is not shown: its original is not found or has changed" in outcome.stderr
    assert [shown for _, shown in numbers(tmp_path / "grid.mp4", 2)][5][0] is not None


def test_a_file_that_breaks_its_reader_costs_only_its_tile(tmp_path, monkeypatch):
    cameras = [placed("a.mp4", even(25, 25), 0.0), placed("b.mp4", even(25, 25), 0.0)]
    folder = make_grid_case(tmp_path, cameras)
    film = prepare_film(folder, load_document(folder.timeline_file), REQUEST, settings=Settings().media)
    film = replace(film, originals=dict(film.originals) | {"rec-2": BreakingPath(tmp_path / "b.mp4")})
    made = write_film(film, tmp_path / "grid.mp4", settings=Settings().media, progress=lambda _done, _total: None)
    assert len(made.troubles) == 1
    assert "b.mp4 is not shown" in made.troubles[0]
    shown = [shown for _, shown in numbers(tmp_path / "grid.mp4", 2)]
    assert [number for number, _ in shown] == sorted(number for number, _ in shown)
    assert {number for _, number in shown} == {None}


def test_interrupted_it_leaves_nothing(tmp_path, monkeypatch):
    folder = make_grid_case(tmp_path, [placed("a.mp4", even(25, 75), 0.0)])

    def interrupt(*_arguments, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("syncview.export.grid_film.write_film", interrupt)
    before = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / "grid.mp4").write_bytes(b"earlier")
    outcome = export(folder, tmp_path / "grid.mp4")
    assert outcome.exit_code != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "grid.mp4"])
    assert (tmp_path / "grid.mp4").read_bytes() == b"earlier"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--public"], "--public is refused: faces cannot be blurred yet, so nothing was written"),
        (["--start", "2", "--end", "1"], "the end should be after the start, got 2 to 1 s of group time"),
        (["--start", "soon"], "'soon' is no time; write seconds or minutes:seconds"),
        (["--rate", "1000"], "'1000' is no rate between 1 and 120 frames a second"),
        (["--group", "group-9"], "there is no group group-9 in the timeline (groups: group-1)"),
        (["--recording", "a.mp4"], "--recording goes with csv; a grid shows a whole group"),
        (["--sound", "silent.mp4"], "silent.mp4 cannot be heard: it has no sound, or does not stand in group-1"),
    ],
)
def test_refusals_write_nothing(tmp_path, arguments, said):
    silent = placed("silent.mp4", even(25, 5), 0.0, has_sound=False)
    folder = make_grid_case(tmp_path, [placed("a.mp4", even(25, 5), 0.0), silent])
    outcome = export(folder, tmp_path / "grid.mp4", *arguments)
    assert outcome.exit_code != 0
    assert said in outcome.stderr
    assert not (tmp_path / "grid.mp4").exists()


def test_options_of_the_grid_go_with_it_alone(example, tmp_path):
    line = ["export", example.folder.path, "--format", "csv", "-o", tmp_path / "x.csv", "--start", "-1:02.5"]
    outcome = CliRunner().invoke(shell, [str(part) for part in line], prog_name="syncview")
    assert outcome.exit_code == 2
    assert "go with --format grid" in outcome.stderr


def test_a_reference_that_is_gone_is_not_heard(tmp_path):
    folder = make_grid_case(tmp_path, [placed("a.mp4", even(25, 25), 0.0), placed("b.mp4", even(25, 25), 0.0)])
    (tmp_path / "a.mp4").unlink()
    outcome = export(folder, tmp_path / "grid.mp4")
    assert outcome.exit_code == 4
    assert "sound: none" in outcome.stderr
    assert {shown[0] for _, shown in numbers(tmp_path / "grid.mp4", 2)} == {None}
