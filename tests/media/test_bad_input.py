"""Every bad file that people send, at the level of this room: nothing raises, and the word on it is right."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import av
import pytest

from media.making import Sound, Spec, write_media
from media.pictures import exif_block
from syncview.media.audio import decode_audio, open_clip
from syncview.media.intake import find_files
from syncview.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def first_warning(path: Path) -> str:
    recording = probe(path)
    assert recording.kind == "unreadable"
    assert recording.duration_s is None
    assert len(recording.sha256) == 64
    return recording.warnings[0]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "an empty file, not video or sound"),
        (b"they came at nine\n" * 20, "plain text, not video or sound"),
        (bytes(5000), "nothing but zeros, not video or sound"),
        (b"%PDF-1.4\n", "a PDF document, not video or sound"),
        (b"#EXTM3U\n#EXTINF:10,\nother.ts\n", "plain text, not video or sound"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(12) + b"\xde\xad\xbe\xef" * 99, "cut off before its index"),
        (b"\x1aE\xdf\xa3" + bytes(range(256)) * 4, "cannot be opened as video or sound"),
    ],
)
def test_what_is_no_media_is_said(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "cam.mp4"
    path.write_bytes(content)
    assert first_warning(path).startswith(text)


def test_a_recording_cut_off_before_its_index_is_said(tmp_path: Path) -> None:
    path = write_media(tmp_path / "cam.mp4", Spec(picture="libx264"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert first_warning(path).startswith("cut off before its index was written")


def test_a_header_without_data_is_unreadable(tmp_path: Path) -> None:
    path = write_media(tmp_path / "cam.mp4", Spec(picture="libx264", options={"movflags": "faststart"}))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    recording = probe(path)
    assert recording.kind == "unreadable"
    assert "the picture track holds no picture" in recording.warnings
    assert recording.video.frame_count is None


def test_sound_of_no_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        container.start_encoding()
    recording = probe(path)
    assert (recording.kind, recording.audio.start_s) == ("audio", None)
    assert "the sound track holds no sound" in recording.warnings
    result = decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")
    assert (result.sample_count, result.warnings) == (0, ("the sound track holds no sound",))
    assert open_clip(result, "r1").duration_s == 0.0


def test_eight_kilohertz_phone_sound(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.3gp", Spec(picture="mpeg4", sound=Sound(codec="libopencore_amrnb", rate_hz=8000)))
    recording = probe(path)
    assert (recording.audio.codec, recording.audio.rate_hz, recording.audio.channels) == ("amr_nb", 8000, 1)
    assert recording.container.format == "3gp"


def test_pictures_without_time_stamps_are_video_without_length(tmp_path: Path) -> None:
    recording = probe(write_media(tmp_path / "a.h264", Spec(picture="libx264", sound=None, format="h264")))
    assert (recording.kind, recording.duration_s) == ("video", None)
    assert "the picture track has no time stamps" in recording.warnings


def test_photos_are_recordings_of_no_length(tmp_path: Path) -> None:
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1\0\0Exif\0\0" + exif_block("<"))
    recording = probe(path)
    assert (recording.kind, recording.duration_s, recording.location) == ("still", 0, (-35.51, -36.6))
    assert (recording.device, recording.container.format) == ("Camera", "jpeg")
    assert [claim.source for claim in recording.clock_claims] == ["exif", "gps"]
    assert recording.warnings == ()


def test_video_under_another_name_is_used_and_said(tmp_path: Path) -> None:
    path = write_media(tmp_path / "cam.mp4", Spec(picture="libx264")).rename(tmp_path / "cam.txt")
    assert find_files([tmp_path]).files == (path,)
    recording = probe(path)
    assert recording.kind == "video"
    assert recording.warnings == ("its name says .txt, its content is MP4 or QuickTime",)


def test_a_zip_is_ignored(tmp_path: Path) -> None:
    inside = write_media(tmp_path / "cam.wav", Spec(sound=Sound(codec="pcm_s16le")))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(inside, "cam.wav")
    found = find_files([tmp_path])
    assert found.files == (inside,)
    assert found.ignored[0].reason == "an archive (zip): unpack it first"


@pytest.mark.parametrize("name", ["cam.mp4", "cam.mkv", "cam.ts", "cam.avi", "cam.mp3", "cam.opus"])
def test_damage_anywhere_never_raises(tmp_path: Path, name: str) -> None:
    codec = {"mp3": "libmp3lame", "opus": "libopus", "avi": "mp2"}.get(name.split(".")[1], "aac")
    only_sound = name.endswith(("mp3", "opus"))
    spec = Spec(
        length_s=2.0,
        picture=None if only_sound else "mpeg4",
        sound=Sound(codec=codec),
        format="ogg" if name.endswith("opus") else None,
    )
    whole = write_media(tmp_path / name, spec).read_bytes()
    path = tmp_path / f"damaged-{name}"
    for share in range(5, 100, 12):
        place = len(whole) * share // 100
        for damaged in (whole[:place], whole[:place] + bytes(400) + whole[place + 400 :]):
            path.write_bytes(damaged)
            recording = probe(path)
            if recording.audio is not None:
                result = decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")
                assert result.sample_count < 16_000 * 700
