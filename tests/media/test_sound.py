"""Level, channels, silence, clipping and damage of decoded sound."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from media.making import Sound, Spec, heard_at_s, sound_at, write_media
from syncview.errors import MediaError
from syncview.media.audio import decode_audio, open_clip
from syncview.media.probe import probe
from syncview.media.workers import WorkerPool
from syncview.settings import AudioSettings

if TYPE_CHECKING:
    from syncview.model import AudioClip

pytestmark = pytest.mark.slow

PCM = "pcm_s16le"


def clip_of(path: Path) -> AudioClip:
    return open_clip(decode_audio(path, rate_hz=16_000, out=path.with_suffix(".npy")), "r1")


def loudest(clip: AudioClip) -> float:
    return float(np.abs(clip.samples).max())


def write_wave(path: Path, pcm: np.ndarray, rate_hz: int = 48_000, layout: str = "mono") -> Path:
    """Write samples exactly as they are. `pcm` has shape (n,) or (n, channels), int16."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(PCM, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.reshape(1, -1)), format="s16", layout=layout)
        frame.sample_rate = rate_hz
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("layout", "weights", "peak"),
    [
        ("stereo", (1.0, 1.0), 0.5),
        ("stereo", (1.0, 0.0), 0.5),
        ("stereo", (1.0, 0.5), 0.375),
        ("5.1", (1.0,) * 6, 0.5),
        ("5.1", (0.0, 0.0, 1.0, 0.0, 0.0, 0.0), 0.5),
    ],
)
def test_mono_is_the_mean_of_the_channels_that_carry_sound(
    tmp_path: Path, layout: str, weights: tuple[float, ...], peak: float
) -> None:
    spec = Spec(sound=Sound(codec=PCM, layout=layout, weights=weights))
    assert loudest(clip_of(write_media(tmp_path / "a.wav", spec))) == pytest.approx(peak, rel=0.02)


def test_mono_of_full_scale_surround_does_not_clip(tmp_path: Path) -> None:
    spec = Spec(sound=Sound(codec=PCM, layout="5.1", weights=(1.9,) * 6))
    assert 0.9 < loudest(clip_of(write_media(tmp_path / "a.wav", spec))) <= 1.0


def test_channels_that_cancel_are_not_added_up(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.wav", Spec(sound=Sound(codec=PCM, layout="stereo", weights=(-0.9, 1.0))))
    result = decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")
    clip = open_clip(result, "r1")
    assert loudest(clip) == pytest.approx(0.5, rel=0.02)
    assert heard_at_s(clip.samples, 16_000, clip.start_s, 1.0) == pytest.approx(1.0, abs=2e-5)
    assert result.warnings == ("the channels cancel each other; only channel 2 is used",)


def test_digital_silence_is_found_and_quiet_hiss_is_not(tmp_path: Path) -> None:
    pcm = np.round(300 * np.random.default_rng(3).standard_normal(3 * 48_000)).astype(np.int16)
    pcm[48_000:60_000] = 0
    pcm[100_000:104_000] = 0  # 83 ms: too short
    result = decode_audio(write_wave(tmp_path / "a.wav", pcm), rate_hz=16_000, out=tmp_path / "a.npy")
    assert [(each.kind, each.start_s, each.end_s) for each in result.intervals] == [("digital_silence", 1.0, 1.25)]


def test_zeros_around_a_gap_are_one_silence(tmp_path: Path) -> None:
    def silent_then_lost(index: int, time_s: float) -> float | None:
        return None if 1.5 <= time_s < 2.0 else time_s

    spec = Spec(at_s=(0.5, 2.8), sound=Sound(codec=PCM, layout="stereo", weights=(0.0, 0.0), move=silent_then_lost))
    (silence,) = decode_audio(write_media(tmp_path / "a.mkv", spec), rate_hz=16_000, out=tmp_path / "a.npy").intervals
    assert (silence.start_s, silence.end_s) == pytest.approx((0.0, 3.0), abs=0.001)


@pytest.mark.parametrize(("codec", "name"), [("aac", "a.m4a"), ("libopus", "a.opus"), ("libmp3lame", "a.mp3")])
def test_coded_digital_silence_is_digital_silence(tmp_path: Path, codec: str, name: str) -> None:
    rate_hz = 48_000
    path = tmp_path / name
    with av.open(str(path), "w", format="ogg" if name.endswith("opus") else None) as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="mono")
        to_format = av.AudioResampler(format=stream.format.name, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, rate_hz), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate_hz, 0
        for ready in [*to_format.resample(frame), *to_format.resample(None)]:
            container.mux(stream.encode(ready))
        container.mux(stream.encode(None))
    (silence,) = decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy").intervals
    assert silence.kind == "digital_silence"
    assert silence.end_s - silence.start_s == pytest.approx(1.0, abs=0.05)
    recording = probe(path)
    assert recording.intervals[0].end_s == pytest.approx(1.0, abs=0.05)
    assert any("digital silence" in text for text in recording.warnings)


def test_flat_tops_are_one_interval_of_clipping(tmp_path: Path) -> None:
    t = np.arange(2 * 48_000) / 48_000
    tone = 0.3 * np.sin(2 * np.pi * 200 * t)
    loud = (t >= 0.5) & (t < 0.7)
    tone[loud] *= 10
    pcm = np.clip(np.round(tone * 32_767), -32_768, 32_767).astype(np.int16)
    result = decode_audio(write_wave(tmp_path / "a.wav", pcm), rate_hz=16_000, out=tmp_path / "a.npy")
    (clipped,) = [each for each in result.intervals if each.kind == "clipped"]
    assert (clipped.start_s, clipped.end_s) == pytest.approx((0.5, 0.7), abs=0.003)


def test_a_truncated_file_gives_what_it_holds(tmp_path: Path) -> None:
    spec = Spec(length_s=20.0, picture="libx264", options={"movflags": "faststart"})
    whole = write_media(tmp_path / "whole.mp4", spec)
    data = whole.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 6 // 10])
    recording = probe(cut)
    assert recording.kind == "video"
    assert any(text.startswith("cut off") for text in recording.warnings)
    assert any("of the 20.0 s that its header states" in text for text in recording.warnings)
    clip = clip_of(cut)
    assert 8.0 < clip.duration_s < 15.0
    assert heard_at_s(clip.samples, 16_000, clip.start_s, 1.0) == pytest.approx(1.0, abs=0.001)
    assert float(recording.duration_s) == pytest.approx(clip.end_s, abs=0.3)  # picture and sound end apart


def test_damaged_packets_are_counted_and_their_time_is_kept(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.flac", Spec(at_s=(1.0, 2.5), sound=Sound(codec="flac"), format="matroska"))
    data = bytearray(path.read_bytes())
    middle = len(data) * 55 // 100
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(bytes(data))
    result = decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")
    clip = open_clip(result, "r1")
    assert heard_at_s(clip.samples, 16_000, clip.start_s, 2.5) == pytest.approx(2.5, abs=0.001)
    assert any("zeros" in text or "damaged" in text for text in result.warnings)


def test_the_first_track_with_sound_is_used(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream(PCM, rate=48_000, layout="mono") for _ in range(2)]
        for stream, level in zip(streams, (0.0, 1.0), strict=True):
            pcm = np.round(level * 32_767 * sound_at(48_000, [1.0], 2.0)).astype(np.int16)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert loudest(clip_of(path)) == pytest.approx(0.5, rel=0.02)
    assert "sound track 2 of 2 is used" in probe(path).warnings


def test_a_file_without_sound_is_refused_by_name(tmp_path: Path) -> None:
    path = write_media(tmp_path / "silent.mp4", Spec(sound=None, picture="libx264"))
    with pytest.raises(MediaError, match=r"silent\.mp4: no sound that can be decoded"):
        decode_audio(path, rate_hz=16_000, out=tmp_path / "a.npy")
    assert list(tmp_path.glob("a.npy*")) == []


def test_a_result_that_cannot_be_written_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.wav", Spec(sound=Sound(codec=PCM)))
    with pytest.raises(MediaError, match=r"missing/a\.npy: the sound of .*a\.wav cannot be put there"):
        decode_audio(path, rate_hz=16_000, out=tmp_path / "missing" / "a.npy")


def test_settings_change_what_counts_as_silence(tmp_path: Path) -> None:
    pcm = np.round(3 * np.random.default_rng(3).standard_normal(48_000)).astype(np.int16)
    path = write_wave(tmp_path / "a.wav", pcm)
    out = tmp_path / "a.npy"
    assert decode_audio(path, rate_hz=16_000, out=out).intervals == ()
    numb = AudioSettings(silence_level=0.001)
    assert len(decode_audio(path, rate_hz=16_000, out=out, settings=numb).intervals) == 1


def _peak_memory_mib(path: Path, out: Path) -> float:
    decode_audio(path, rate_hz=16_000, out=out)
    # Not getrusage: its peak includes the parent's memory from before the new program was loaded.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return float(status["VmHWM"].split()[0]) / 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    hiss = np.round(1000 * np.random.default_rng(3).standard_normal(8000 * 60)).astype(np.int16)
    peaks_mib = []
    for minutes in (1, 40):
        path = write_wave(tmp_path / f"{minutes}.wav", np.tile(hiss, minutes), rate_hz=8000)
        with WorkerPool(workers=1) as pool:
            (outcome,) = pool.run(partial(_peak_memory_mib, out=tmp_path / "a.npy"), [path], timeout_s=120.0)
        assert outcome.error is None
        peaks_mib.append(outcome.value)
    # 40 minutes are 150 MB of float32.
    assert peaks_mib[1] - peaks_mib[0] < 25.0


def test_the_result_does_not_depend_on_where_it_was_made(tmp_path: Path) -> None:
    path = write_media(tmp_path / "a.mp4", Spec())
    here = decode_audio(path, rate_hz=16_000, out=tmp_path / "here.npy")
    decode = partial(decode_audio, rate_hz=16_000, out=tmp_path / "there.npy")
    with WorkerPool(workers=1, memory_limit_mib=4096) as pool:
        (outcome,) = pool.run(decode, [path], timeout_s=60.0)
    assert outcome.value is not None
    assert outcome.value.start_s == here.start_s
    assert (tmp_path / "there.npy").read_bytes() == (tmp_path / "here.npy").read_bytes()
