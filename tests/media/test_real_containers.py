"""Real files of odd containers: what each gives."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from syncview.media.audio import DecodedAudio, decode_audio, open_clip
from syncview.media.probe import probe

CONTAINERS = Path(__file__).parents[2] / "../shared/data/containers"
MULTIDEVICE = CONTAINERS.parent / "multidevice"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real,
    pytest.mark.skipif(not CONTAINERS.is_dir(), reason="the recordings beside the checkout are not there"),
]


def decoded(tmp_path: Path, path: Path) -> DecodedAudio:
    return decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")


# Name, rotation, rate, frames, variable, picture start, sound start, priming, length of the recording.
FACTS = [
    ("iphone_rotated_gps.mov", 90, Fraction(72_000, 2401), 120, False, 0.0, 0.0, 2112, 4.0017),
    ("phone_vfr_rotated180_gps_fire2.mp4", 180, Fraction(750_000, 71_393), 25, True, 0.0, 0.1551, 0, 2.4165),
    ("nokia_2004_MOV00006.3gp", 0, Fraction(2775, 188), 222, True, 0.0, 0.0, 0, 15.2),
    ("sony_a7m3_start1.04.mts", 0, Fraction(25), 13, False, 0.0, 0.0, 0, 0.544),
    ("media3_edit_list_positive_shift.mp4", 0, Fraction(30), 270, False, 1.0, 0.0, 1024, 10.0053),
    ("media3_sample_edit_list.mp4", 90, Fraction(51_600, 1841), 77, False, 0.0, 0.0, 1698, 2.5683),
    ("media3_sample_sef_slow_motion.mp4", 0, Fraction(640_000, 21_003), 63, False, 0.0, 0.0184, 0, 2.1518),
    ("media3_sample_12_5fps_720p_1s.mp4", 0, Fraction(25, 2), 13, False, 0.0, 0.0, 1600, 1.04),
    ("kodak_mjpeg_100_0306.avi", 0, Fraction(15), 41, False, 0.0, 0.0, 0, 2.7333),
    ("moviepy_failing_audio.mp4", 0, Fraction(25), 280, False, 0.0, 0.0, 1105, 11.2337),
]


@pytest.mark.parametrize(
    ("name", "rotation_deg", "rate", "frames", "variable", "picture_s", "sound_s", "priming", "length_s"),
    FACTS,
    ids=[fact[0] for fact in FACTS],
)
def test_facts(
    tmp_path: Path,
    name: str,
    rotation_deg: int,
    rate: Fraction,
    frames: int,
    variable: bool,
    picture_s: float,
    sound_s: float,
    priming: int,
    length_s: float,
) -> None:
    recording = probe(CONTAINERS / name)
    video, audio = recording.video, recording.audio
    assert recording.kind == "video"
    assert (video.rotation_deg, video.rate, video.frame_count, video.variable_rate) == (
        rotation_deg,
        rate,
        frames,
        variable,
    )
    assert float(video.start_s) == pytest.approx(picture_s, abs=1e-4)
    assert float(audio.start_s) == pytest.approx(sound_s, abs=1e-4)
    assert audio.priming_samples == priming
    assert float(recording.duration_s) == pytest.approx(length_s, abs=1e-3)
    assert decoded(tmp_path, CONTAINERS / name).start_s == pytest.approx(sound_s, abs=1e-3)


def test_an_iphone_says_who_where_and_when(tmp_path: Path) -> None:
    path = CONTAINERS / "iphone_rotated_gps.mov"
    recording = probe(path)
    assert recording.device == "Apple iPhone 6"
    assert recording.location == (32.0929, 34.862)
    assert recording.generation.value == "camera original"
    assert recording.clock_claims[0].utc == "2019-07-24T08:25:40Z"
    # Its hiss begins right after the 2112 samples of priming that the file leaves unsaid.
    clip = open_clip(decoded(tmp_path, path), "r1")
    assert abs(clip.samples[:80]).max() > 1e-3


def test_seconds_of_amr_in_one_packet_are_all_decoded(tmp_path: Path) -> None:
    result = decoded(tmp_path, CONTAINERS / "nokia_2004_MOV00006.3gp")
    assert result.sample_count / 16_000 == pytest.approx(15.2, abs=0.001)
    assert result.warnings == ()


def test_a_first_stamp_at_ten_seconds_stays_there() -> None:
    recording = probe(CONTAINERS / "media3_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4")
    assert (recording.video.start_s, recording.duration_s) == (10, 14)
    assert recording.container.has_edit_list


def test_stamps_of_a_wrong_time_scale_are_followed(tmp_path: Path) -> None:
    result = decoded(tmp_path, CONTAINERS / "media3_sample_edit_list_no_sync_frame_before_edit.mp4")
    assert result.start_s == pytest.approx(0.0015, abs=0.001)
    assert result.start_s + result.sample_count / 16_000 == pytest.approx(2.259, abs=0.001)


def test_an_interrupted_upload_says_what_is_missing(tmp_path: Path) -> None:
    path = CONTAINERS / "derived_truncated_car.mp4"
    recording = probe(path)
    assert recording.warnings[:2] == (
        "cut off: the last 1265199 bytes that it states are missing",
        "holds 15.0 s of the 30.2 s that its header states",
    )
    (silence,) = decoded(tmp_path, path).intervals
    assert (silence.kind, silence.start_s) == ("digital_silence", 0.0)
    assert silence.end_s == pytest.approx(14.421, abs=0.01)


def test_a_header_of_four_minutes_without_data_is_unreadable() -> None:
    recording = probe(CONTAINERS / "mp4parse_invalid_userdata.mp4")
    assert recording.kind == "unreadable"
    assert "holds 0.0 s of the 231.3 s that its header states" in recording.warnings


def test_no_file_of_the_folder_raises(tmp_path: Path) -> None:
    kinds = {path.name: probe(path).kind for path in sorted(CONTAINERS.iterdir())}
    assert [name for name, kind in kinds.items() if kind != "video"] == ["mp4parse_invalid_userdata.mp4"]


def test_field_recorders_with_one_clock_start_alike(tmp_path: Path) -> None:
    starts_s = {probe(path).audio.start_s for path in (MULTIDEVICE / "locar_9_recorders").glob("*.mp3")}
    assert starts_s == {0}


@pytest.mark.parametrize("name", ["pi1.wav", "pi2.wav"])
def test_an_incomplete_last_sample_costs_nothing_else(tmp_path: Path, name: str) -> None:
    path = MULTIDEVICE / "two_pi_chabeli" / name
    result = decoded(tmp_path, path)
    assert result.sample_count / 16_000 == pytest.approx(float(probe(path).duration_s), abs=0.001)
