"""A sound of known moment, written into every container that phones and messengers use, is heard at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from media.making import Sound, Spec, flash_s, heard_at_s, write_media
from media.patching import claim_priming, leave_priming_unsaid
from syncview.media.audio import DecodedAudio, decode_audio, open_clip
from syncview.media.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TOLERANCE_S = 0.001
AAC_S = 1024 / 48_000  # priming of FFmpeg's AAC encoder
# AMR-NB looks 5 ms ahead (40 samples), and its decoder gives that back late.
AMR_S = 40 / 8000

VORBIS = Sound(codec="vorbis", layout="stereo", options={"strict": "-2"})
AMR = Sound(codec="libopencore_amrnb", rate_hz=8000)
MP3 = Sound(codec="libmp3lame", rate_hz=44_100)
NO_EDITS = {"use_editlist": "0"}


def decoded(path: Path, rate_hz: int = 16_000) -> DecodedAudio:
    return decode_audio(path, rate_hz=rate_hz, out=path.with_suffix(".npy"))


def moments_s(path: Path, near_s: tuple[float, ...]) -> list[float]:
    clip = open_clip(decoded(path), "r1")
    return [heard_at_s(clip.samples, clip.rate_hz, clip.start_s, moment) for moment in near_s]


# Name, what is written, and where the chirp written at 1.000 s lies in recording time. FFmpeg's transport and programme
# streams start with the sound's priming, which pushes everything back by it; a raw ADTS or AMR file cannot tell of it.
CASES = [
    ("edit_list.mp4", Spec(picture="libx264"), 1.0),
    ("sound_only.m4a", Spec(), 1.0),
    ("quicktime.mov", Spec(picture="libx264"), 1.0),
    ("no_edit_list.mp4", Spec(picture="mpeg4", options=NO_EDITS), 1.0 + AAC_S),
    ("fragmented.mp4", Spec(picture="libx264", options={"movflags": "frag_keyframe+empty_moov+delay_moov"}), 1.0),
    ("44100.mp4", Spec(picture="libx264", sound=Sound(rate_hz=44_100, layout="stereo")), 1.0),
    ("surround.mp4", Spec(picture="libx264", sound=Sound(layout="5.1")), 1.0),
    ("mp3_in.mp4", Spec(picture="libx264", sound=MP3), 1.0),
    ("opus_in.mp4", Spec(picture="libx264", sound=Sound(codec="libopus")), 1.0),
    ("ac3_in.mp4", Spec(picture="libx264", sound=Sound(codec="ac3", layout="stereo")), 1.0),
    ("adts.aac", Spec(), 1.0 + AAC_S),
    ("transport.ts", Spec(picture="libx264"), 1.0 + AAC_S),
    (
        "avchd.mts",
        Spec(
            picture="libx264",
            sound=Sound(codec="ac3", layout="stereo"),
            format="mpegts",
            options={"mpegts_m2ts_mode": "1"},
        ),
        1.0 + 256 / 48_000,
    ),
    ("programme.mpg", Spec(picture="mpeg2video", sound=Sound(codec="mp2")), 1.0 + 481 / 48_000),
    ("matroska.mkv", Spec(picture="libx264"), 1.0),
    ("vorbis.mkv", Spec(picture="libx264", sound=VORBIS), 1.0),
    ("mp3_in.mkv", Spec(picture="libx264", sound=MP3), 1.0),
    ("web.webm", Spec(picture="libvpx-vp9", sound=Sound(codec="libopus")), 1.0),
    ("voice.opus", Spec(sound=Sound(codec="libopus"), format="ogg"), 1.0),
    ("vorbis.ogg", Spec(sound=VORBIS), 1.0),
    ("lame.mp3", Spec(sound=MP3), 1.0),
    ("plain.wav", Spec(sound=Sound(codec="pcm_s16le")), 1.0),
    ("eight_bit.wav", Spec(sound=Sound(codec="pcm_u8", rate_hz=11_025)), 1.0),
    ("lossless.flac", Spec(sound=Sound(codec="flac", rate_hz=96_000)), 1.0),
    ("pcm.avi", Spec(picture="mpeg4", sound=Sound(codec="pcm_s16le")), 1.0),
    ("flash.flv", Spec(picture="flv", sound=Sound(rate_hz=44_100)), 1.0 + 1024 / 44_100),
    ("phone.3gp", Spec(picture="mpeg4", sound=AMR), 1.0 + AMR_S - 50 / 8000),  # FFmpeg writes 50 for the 40 samples
    ("voice.amr", Spec(sound=AMR), 1.0 + AMR_S),
    ("late_sound.mp4", Spec(picture="libx264", sound=Sound(start_s=0.5)), 1.0),
    ("late_sound.mkv", Spec(picture="libx264", sound=Sound(start_s=0.5)), 1.0),
    ("late_sound.ts", Spec(picture="libx264", sound=Sound(start_s=0.5)), 1.0),
]


@pytest.mark.parametrize(("name", "spec", "truth_s"), CASES, ids=[case[0] for case in CASES])
def test_chirp_is_heard_when_it_was(tmp_path: Path, name: str, spec: Spec, truth_s: float) -> None:
    path = write_media(tmp_path / name, spec)
    assert moments_s(path, (truth_s,))[0] == pytest.approx(truth_s, abs=TOLERANCE_S)
    if spec.picture is not None and spec.sound is not AMR:
        assert flash_s(path) == pytest.approx(truth_s, abs=TOLERANCE_S)


@pytest.mark.parametrize(("name", "spec", "truth_s"), CASES, ids=[case[0] for case in CASES])
def test_probe_states_the_start_that_decoding_gives(tmp_path: Path, name: str, spec: Spec, truth_s: float) -> None:
    path = write_media(tmp_path / name, spec)
    sound = probe(path).audio
    assert sound is not None
    assert sound.start_s is not None
    assert float(sound.start_s) == pytest.approx(decoded(path).start_s, abs=TOLERANCE_S)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_apple_priming_in_the_edit_list_is_left_out(tmp_path: Path, suffix: str) -> None:
    spec = Spec(picture="libx264", sound=Sound(lead_samples=2112 - 1024))
    path = claim_priming(write_media(tmp_path / f"apple{suffix}", spec), 2112)
    assert moments_s(path, (1.0,))[0] == pytest.approx(1.0, abs=TOLERANCE_S)
    assert probe(path).audio.priming_samples == 2112


def test_priming_that_quicktime_leaves_unsaid_is_left_out(tmp_path: Path) -> None:
    spec = Spec(picture="libx264", sound=Sound(lead_samples=2112 - 1024))
    path = leave_priming_unsaid(write_media(tmp_path / "iphone.mov", spec))
    assert moments_s(path, (1.0,))[0] == pytest.approx(1.0, abs=TOLERANCE_S)
    sound = probe(path).audio
    assert (sound.priming_samples, float(sound.start_s)) == (2112, 0.0)


def test_the_same_boxes_in_an_mp4_claim_no_unsaid_priming(tmp_path: Path) -> None:
    spec = Spec(picture="libx264", sound=Sound(lead_samples=2112 - 1024))
    path = leave_priming_unsaid(write_media(tmp_path / "other.mp4", spec))
    assert moments_s(path, (1.044,))[0] == pytest.approx(1.0 + 2112 / 48_000, abs=TOLERANCE_S)


def test_android_tells_of_a_late_start_by_a_stretched_first_packet(tmp_path: Path) -> None:
    sound = Sound(move=lambda index, time_s: time_s if index == 0 else time_s + 0.155)
    path = write_media(tmp_path / "android.mp4", Spec(sound=sound, options=NO_EDITS))
    result = decoded(path)
    assert moments_s(path, (1.176,))[0] == pytest.approx(1.155 + AAC_S, abs=TOLERANCE_S)
    assert result.start_s == pytest.approx(0.155, abs=TOLERANCE_S)
    assert float(probe(path).audio.start_s) == pytest.approx(0.155, abs=TOLERANCE_S)
    assert result.warnings == ()


@pytest.mark.parametrize("name", ["ten.mkv", "ten.mp4"])
def test_first_stamp_at_ten_seconds_stays_there(tmp_path: Path, name: str) -> None:
    path = write_media(tmp_path / name, Spec(at_s=(11.0,), sound=Sound(start_s=10.0)))
    assert moments_s(path, (11.0,))[0] == pytest.approx(11.0, abs=TOLERANCE_S)


@pytest.mark.parametrize(
    ("name", "shift_s"), [("gap.mkv", 0.0), ("gap.mp4", 0.0), ("gap.ts", AAC_S), ("gap.flv", AAC_S)]
)
def test_lost_packets_leave_zeros_and_move_nothing(tmp_path: Path, name: str, shift_s: float) -> None:
    sound = Sound(move=lambda _, time_s: None if 1.5 <= time_s < 2.0 else time_s)
    picture = "flv" if name.endswith(".flv") else "libx264"
    if name.endswith(".flv"):
        sound = Sound(rate_hz=44_100, move=sound.move)
        shift_s = 1024 / 44_100
    path = write_media(tmp_path / name, Spec(at_s=(1.0, 2.5), picture=picture, sound=sound))
    truth_s = (1.0 + shift_s, 2.5 + shift_s)
    assert moments_s(path, truth_s) == pytest.approx(truth_s, abs=TOLERANCE_S)
    result = decoded(path)
    assert [text for text in result.warnings if text.startswith("1 gap in the sound")]
    silence = [each for each in result.intervals if each.kind == "digital_silence"]
    assert len(silence) == 1
    assert silence[0].start_s == pytest.approx(1.5 + shift_s, abs=0.03)
    assert silence[0].end_s == pytest.approx(2.0 + shift_s, abs=0.03)
    clip = open_clip(result, "r1")
    inside = round((silence[0].start_s + 0.05 - clip.start_s) * clip.rate_hz)
    assert not clip.samples[inside : inside + 4000].any()


@pytest.mark.parametrize("name", ["overlap.mkv", "overlap.mp4"])
def test_the_earlier_of_two_sounds_stamped_alike_is_kept(tmp_path: Path, name: str) -> None:
    sound = Sound(move=lambda _, time_s: time_s if time_s < 2.0 else time_s - 0.015)
    path = write_media(tmp_path / name, Spec(at_s=(1.0, 2.5), sound=sound))
    assert moments_s(path, (1.0, 2.485)) == pytest.approx((1.0, 2.485), abs=TOLERANCE_S)
    assert "stamped over earlier sound, 0.015 s" in decoded(path).warnings[0]


def test_stamps_that_drift_are_followed(tmp_path: Path) -> None:
    sound = Sound(codec="pcm_s16le", move=lambda _, time_s: time_s * 1.0002)
    truth_s = tuple(moment * 1.0002 for moment in (5.0, 30.0, 55.0))
    path = write_media(tmp_path / "drift.mkv", Spec(at_s=(5.0, 30.0, 55.0), length_s=60.0, sound=sound))
    assert moments_s(path, truth_s) == pytest.approx(truth_s, abs=TOLERANCE_S)
    assert "ppm against its samples" in decoded(path).warnings[0]


def test_stamps_that_jitter_move_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    sound = Sound(codec="pcm_s16le", move=lambda _, time_s: max(0.0, time_s + rng.uniform(-0.003, 0.003)))
    path = write_media(tmp_path / "jitter.mkv", Spec(at_s=(5.0, 15.0, 25.0), length_s=30.0, sound=sound))
    assert moments_s(path, (5.0, 15.0, 25.0)) == pytest.approx((5.0, 15.0, 25.0), abs=TOLERANCE_S)
    assert decoded(path).warnings == ()


def test_joined_transport_streams_keep_all_sound_and_say_so(tmp_path: Path) -> None:
    parts = [
        write_media(tmp_path / f"{moment}.ts", Spec(at_s=(moment,), length_s=5.0, picture="libx264"))
        for moment in (1.0, 2.0)
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    result = decoded(joined)
    assert result.sample_count / 16_000 == pytest.approx(10.07, abs=0.05)
    assert "joined files?" in result.warnings[0]
    assert moments_s(joined, (1.0 + AAC_S,))[0] == pytest.approx(1.0 + AAC_S, abs=TOLERANCE_S)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 48_000])
def test_resampling_moves_nothing(tmp_path: Path, rate_hz: int) -> None:
    path = write_media(tmp_path / "a.wav", Spec(sound=Sound(codec="pcm_s16le", rate_hz=44_100)))
    clip = open_clip(decoded(path, rate_hz), "r1")
    assert clip.rate_hz == rate_hz
    assert heard_at_s(clip.samples, rate_hz, clip.start_s, 1.0) == pytest.approx(1.0, abs=2e-5)
    assert clip.duration_s == pytest.approx(3.0, abs=2 / rate_hz)
