"""What probe says of files of known content."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from media.making import Sound, Spec, write_media
from media.patching import leave_priming_unsaid
from syncview.errors import MediaError
from syncview.media.hashing import hash_file
from syncview.media.probe import base_id, probe, probe_limit_s, with_unique_ids
from syncview.settings import MediaSettings

pytestmark = pytest.mark.slow

NTSC = Spec(
    picture="libx264",
    picture_hz=30,
    sound=Sound(layout="stereo"),
    metadata={"creation_time": "2018-05-01T09:12:33Z", "make": "Acme", "model": "Phone 2"},
    options={"movflags": "use_metadata_tags"},
)


def test_streams_tags_and_identity(tmp_path: Path) -> None:
    path = write_media(tmp_path / "VID_20180501_121233.mp4", NTSC)
    recording = probe(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (recording.sha256, recording.id) == (digest, f"r{digest[:10]}")
    assert (recording.kind, recording.size_bytes, recording.path) == ("video", path.stat().st_size, str(path))
    video, audio = recording.video, recording.audio
    assert (video.codec, video.width_px, video.height_px, video.rotation_deg) == ("h264", 64, 48, 0)
    assert (video.rate, video.frame_count, video.variable_rate, video.start_s) == (Fraction(30), 90, False, 0)
    assert (audio.codec, audio.rate_hz, audio.channels) == ("aac", 48_000, 2)
    assert (audio.start_s, audio.priming_samples, audio.time_base) == (0, 1024, Fraction(1, 48_000))
    assert recording.duration_s == 3
    assert (recording.container.format, recording.container.has_edit_list) == ("mp4", True)
    assert recording.container.zero_s == 0
    assert recording.creation_time.startswith("2018-05-01T09:12:33")
    assert recording.device == "Acme Phone 2"
    assert recording.generation.value == "edited"  # PyAV has written it, whatever the tags say
    assert [(claim.source, claim.utc, claim.local) for claim in recording.clock_claims] == [
        ("creation_time", "2018-05-01T09:12:33Z", None),
        ("file_name", None, "2018-05-01T12:12:33"),
    ]
    assert recording.warnings == ()


def test_exact_rates_stay_exact(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mkv", Spec(picture="libx264", picture_hz=Fraction(30_000, 1001)))
    assert probe(path).video.rate == Fraction(30_000, 1001)
    assert probe(path).video.variable_rate is False


def test_variable_rate_is_judged_by_the_stamps(tmp_path: Path) -> None:
    def stumble(index: int, time_s: float) -> float:
        return time_s + (0.04 if index > 40 else 0.0)

    path = write_media(tmp_path / "a.mkv", Spec(picture="mpeg4", picture_move=stumble))
    assert probe(path).video.variable_rate is True


def test_sound_without_picture_and_picture_without_sound(tmp_path: Path) -> None:
    sound = probe(write_media(tmp_path / "a.opus", Spec(sound=Sound(codec="libopus"), format="ogg")))
    assert (sound.kind, sound.video, sound.audio.priming_samples) == ("audio", None, 312)
    picture = probe(write_media(tmp_path / "b.mp4", Spec(sound=None, picture="libx264")))
    assert (picture.kind, picture.audio, picture.warnings) == ("video", None, ("no sound track",))


def test_transport_streams_state_their_zero(tmp_path: Path) -> None:
    recording = probe(write_media(tmp_path / "a.ts", Spec(picture="libx264")))
    assert recording.container.zero_s == Fraction(5280, 90_000)
    assert recording.audio.start_s == 0
    assert float(recording.video.start_s) == pytest.approx(1024 / 48_000, abs=1e-4)


def test_unsaid_priming_shortens_the_sound(tmp_path: Path) -> None:
    path = leave_priming_unsaid(write_media(tmp_path / "a.mov", Spec()))
    recording = probe(path)
    assert recording.audio.priming_samples == 2112
    assert float(recording.duration_s) == pytest.approx(3.0 - (2112 - 1024) / 48_000, abs=1024 / 48_000)


def test_copies_get_ids_of_their_own_in_the_order_of_their_paths(tmp_path: Path) -> None:
    first = probe(write_media(tmp_path / "b.wav", Spec(sound=Sound(codec="pcm_s16le"))))
    other = replace(first, path="a.wav", sha256="f" * 64)
    copies = [replace(first, path=name) for name in ("z.wav", "c.wav", "m.wav")]
    named = with_unique_ids([*copies, other])
    assert [recording.path for recording in named] == ["z.wav", "c.wav", "m.wav", "a.wav"]
    stem = base_id(first.sha256)
    assert [recording.id for recording in named] == [f"{stem}-3", stem, f"{stem}-2", "r" + "f" * 10]
    assert set(with_unique_ids([other, *reversed(copies)])) == set(named)


def test_time_to_probe_grows_with_size(tmp_path: Path) -> None:
    media = MediaSettings(probe_timeout_s=10.0, probe_timeout_per_gib_s=1024.0)
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(2 << 20))
    assert probe_limit_s(path, media) == 12.0
    assert probe_limit_s(tmp_path / "gone.mp4", media) == 10.0


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    for read in (probe, hash_file):
        with pytest.raises(MediaError, match=r"gone\.mp4: cannot be read \(No such file"):
            read(tmp_path / "gone.mp4")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
@pytest.mark.parametrize(
    "raw", ["قصف ٢٠١٨.mp4".encode(), b"two\nlines.mp4", b"caf\xe9.mp4", b"concat:a|b.mp4", b"-", b"%03d.mp4"]
)
def test_any_name_is_opened_as_the_file_it_is(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / os.fsdecode(raw)
    write_media(tmp_path / "plain.mp4", NTSC).rename(path)
    recording = probe(path)
    assert (recording.kind, recording.duration_s) == ("video", 3)
    assert "\n" not in recording.name_display
    assert (recording.path_bytes_b64 is not None) == (raw == b"caf\xe9.mp4")


def test_a_relative_name_with_a_colon_is_no_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_media(tmp_path / "plain.mp4", NTSC).rename(tmp_path / "http:x.mp4")
    assert probe(Path("http:x.mp4")).kind == "video"
