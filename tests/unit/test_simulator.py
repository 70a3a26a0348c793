"""The simulator keeps its word: what it renders lies where its truth says."""

from __future__ import annotations

import importlib.util
import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from scipy import signal

from simulator import (
    AUDIBLE_DB,
    Blast,
    Camera,
    Copy,
    Cut,
    Facade,
    FileFormat,
    Incident,
    LocalSound,
    Microphone,
    OwnNoise,
    Source,
    audible_snr_db,
    band_levels,
    every_file,
    random_incident,
    render,
    render_copy,
    sync_incident,
)
from simulator.acoustics import air_absorption_db_per_m
from simulator.media import frame_times_s, sound_in_file, write_camera, write_copy, write_incident
from simulator.picture import Painter, sees
from simulator.scene import rng_of
from simulator.sync_scenes import SYNC_BAND_HZ
from simulator.sync_truth import kept_of_blocks, sync_truth

ROOT = Path(__file__).resolve().parents[2]

RATE_HZ = 24_000
IDEAL = Microphone(high_pass_hz=None, low_pass_hz=None, clip_pa=1e5, agc=None)


def ideal_camera(name: str, x_m: float, **changes: object) -> Camera:
    """A camera that hears exactly what arrives: no noise, no room, no colour."""
    made = Camera(
        name=name,
        position_m=(x_m, 0.0),
        start_s=0.0,
        duration_s=8.0,
        microphone=IDEAL,
        noise=None,
        reverb_time_s=None,
    )
    return replace(made, **changes)


def standing_voice(x_m: float = 0.0) -> Source:
    return Source(name="voice", kind="voice", path=((0.0, x_m, 0.0),), level_db=90.0, seed=5)


def lag_s(a: np.ndarray, b: np.ndarray, rate_hz: int = RATE_HZ) -> float:
    """``r_a - r_b`` of one sound by the peak of the cross-correlation, between samples by a parabola."""
    curve = signal.correlate(a, b, "full")
    i = int(np.argmax(curve))
    left, top, right = curve[i - 1 : i + 2]
    return (i + 0.5 * (left - right) / (left - 2 * top + right) - (len(b) - 1)) / rate_hz


def test_delay_follows_distance_and_start() -> None:
    near, far = ideal_camera("near", 10.0, start_s=1.2345), ideal_camera("far", 150.0)
    incident = Incident(seed=1, sources=(standing_voice(),), blasts=(), cameras=(near, far), temperature_c=10.0)
    expected_s = -1.2345 - 140.0 / (331.3 * math.sqrt(283.15 / 273.15))
    assert incident.true_lag_s("near", "far", (0.0, 0.0)) == pytest.approx(expected_s, abs=1e-9)
    a, b = (render(incident, name, rate_hz=RATE_HZ) for name in ("near", "far"))
    assert lag_s(a, b) == pytest.approx(expected_s, abs=1e-4)
    assert lag_s(b, a) == pytest.approx(-expected_s, abs=1e-4)


def test_lag_is_the_same_at_every_rate() -> None:
    pair = ideal_camera("a", 20.0), ideal_camera("b", 90.0)
    incident = Incident(seed=1, sources=(standing_voice(),), blasts=(), cameras=pair)
    expected_s = incident.true_lag_s("a", "b", (0.0, 0.0))
    for rate_hz in (8_000, 16_000, 44_100, 48_000):
        a, b = (render(incident, camera, rate_hz=rate_hz) for camera in pair)
        assert len(a) == 8 * rate_hz
        assert lag_s(a, b, rate_hz) == pytest.approx(expected_s, abs=1e-4)


def test_moving_source_slides_the_lag() -> None:
    walker = Source(name="cart", kind="engine", path=((0.0, 0.0, 0.0), (10.0, 20.0, 0.0)), level_db=90.0, seed=5)
    pair = ideal_camera("a", -20.0), ideal_camera("b", 100.0)
    incident = Incident(seed=1, sources=(walker,), blasts=(), cameras=pair)
    a, b = (render(incident, camera, rate_hz=RATE_HZ) for camera in pair)
    expected_s, errors_s = [], []
    for emitted_s in np.arange(1.0, 7.0, 0.25).tolist():
        place = tuple(walker.position_m(np.array([emitted_s]))[0])
        expected_s.append(incident.true_lag_s("a", "b", place, time_s=emitted_s))
        heard_a = round((emitted_s + math.dist(place, pair[0].position_m) / incident.sound_speed_mps) * RATE_HZ)
        heard_b = heard_a - round(expected_s[-1] * RATE_HZ)
        half = RATE_HZ // 10  # a longer window would smear: the lag moves 12 ms every second
        errors_s.append(lag_s(a[heard_a - half : heard_a + half], b[heard_b - half : heard_b + half]))
    assert np.ptp(expected_s) > 0.05
    assert np.median(errors_s) == pytest.approx(0.0, abs=2e-4)
    assert np.abs(errors_s).max() < 1.3e-3


def test_loss_by_distance_and_air() -> None:
    cameras = ideal_camera("10 m", 10.0), ideal_camera("100 m", 100.0)
    incident = Incident(seed=1, sources=(standing_voice(),), blasts=(), cameras=cameras)
    near, far = (render(incident, camera, rate_hz=RATE_HZ) for camera in cameras)
    level_db = []
    for low_hz, high_hz in ((150, 600), (3000, 3400)):
        band = signal.butter(4, [low_hz, high_hz], "bandpass", fs=RATE_HZ, output="sos")
        rms = [np.sqrt(np.mean(signal.sosfiltfilt(band, x)[RATE_HZ:] ** 2)) for x in (near, far)]
        level_db.append(20 * math.log10(rms[0] / rms[1]))
    air_db = 90 * air_absorption_db_per_m(np.array([400.0, 3200.0]), temperature_c=20.0)
    assert level_db[0] == pytest.approx(20 + air_db[0], abs=0.6)
    assert level_db[1] == pytest.approx(20 + air_db[1], abs=0.6)
    assert level_db[1] - level_db[0] > 1.0


def test_air_absorption_matches_the_standard() -> None:
    # ISO 9613-1:1993, table 1: 20 degrees C, 50 % humidity, in dB per km.
    found = 1000 * air_absorption_db_per_m(np.array([125.0, 1000.0, 4000.0, 8000.0]), temperature_c=20.0)
    assert found == pytest.approx([0.445, 4.66, 29.0, 104.0], rel=0.03)


def test_drift_stretches_the_recording() -> None:
    true, slow = ideal_camera("a", 20.0, duration_s=40.0), ideal_camera("b", 20.0, duration_s=40.0, drift_ppm=100.0)
    incident = Incident(seed=1, sources=(standing_voice(),), blasts=(), cameras=(true, slow))
    a, b = (render(incident, camera, rate_hz=RATE_HZ) for camera in (true, slow))
    for middle_s in (5.0, 35.0):
        cut = slice(int((middle_s - 2) * RATE_HZ), int((middle_s + 2) * RATE_HZ))
        assert lag_s(a[cut], b[cut]) == pytest.approx(middle_s * 100e-6, abs=2.5e-4)


@pytest.mark.parametrize("distance_m", [60.0, 343.21, 900.0])
def test_blast_arrives_when_the_truth_says(distance_m: float) -> None:
    camera = ideal_camera("a", distance_m, start_s=0.777, drift_ppm=60.0)
    strike = Blast(name="strike", time_s=3.0, position_m=(0.0, 0.0), yield_kg=20.0)
    incident = Incident(seed=1, sources=(), blasts=(strike,), cameras=(camera,))
    heard = render(incident, camera, rate_hz=RATE_HZ)
    arrival_s = incident.arrival_s("strike", "a")
    travel_s = distance_m / incident.sound_speed_mps - 0.009 * 20 ** (1 / 3)
    assert arrival_s == pytest.approx((3.0 + travel_s - 0.777) / 1.00006, abs=1e-9)
    onset_s = np.flatnonzero(np.abs(heard) > 0.5 * np.abs(heard).max())[0] / RATE_HZ
    assert onset_s == pytest.approx(arrival_s, abs=1e-4)
    assert heard.max() * 1e5 == pytest.approx(strike.peak_pa(distance_m), rel=0.15)


def test_nothing_before_a_blast_and_none_when_not_recording() -> None:
    camera, late = ideal_camera("a", 100.0), ideal_camera("late", 100.0, start_s=3.5)
    strike = Blast(name="strike", time_s=3.0, position_m=(0.0, 0.0))
    walls = (Facade(position_m=(0.0, 150.0), reflectivity=0.6),)
    incident = Incident(seed=1, sources=(), blasts=(strike,), cameras=(camera, late), facades=walls)
    assert incident.arrival_s("strike", "late") is None
    assert audible_snr_db(incident, "strike", "late") is None
    heard = render(incident, camera, rate_hz=RATE_HZ)
    arrival = int(incident.arrival_s("strike", "a") * RATE_HZ)
    assert np.abs(heard[: arrival - 24]).max() < 0.02 * np.abs(heard).max()
    detour_s = (150.0 + math.hypot(100.0, 150.0) - 100.0) / incident.sound_speed_mps
    echo = np.abs(heard[arrival + 1200 :])
    onset_s = np.flatnonzero(echo > 0.5 * echo.max())[0] / RATE_HZ + 0.05
    assert onset_s == pytest.approx(detour_s, abs=1e-3)


def test_two_cameras_share_only_the_sources() -> None:
    silent_place = Incident(
        seed=1,
        sources=(),
        blasts=(),
        cameras=tuple(ideal_camera(name, 10.0, noise=OwnNoise()) for name in "ab"),
    )
    a, b = (render(silent_place, name, rate_hz=RATE_HZ) for name in "ab")
    curve = signal.correlate(a, b, "full") / (np.linalg.norm(a) * np.linalg.norm(b))
    assert np.abs(curve).max() < 0.2  # wind is slow, so chance alone reaches some hundredths


def test_own_noise_has_the_stated_level() -> None:
    loud, noisy = ideal_camera("a", 10.0), ideal_camera("a", 10.0, noise=OwnNoise(snr_db=6.0))
    clean, mixed = (
        render(Incident(seed=1, sources=(standing_voice(),), blasts=(), cameras=(camera,)), "a")
        for camera in (loud, noisy)
    )
    ratio_db = 20 * math.log10(clean.std() / (mixed - clean).std())
    assert ratio_db == pytest.approx(6.0, abs=0.3)


def test_gain_control_pumps_after_a_blast() -> None:
    camera = ideal_camera("a", 60.0, microphone=Microphone(), noise=OwnNoise(), duration_s=12.0)
    hum = Source(name="hum", kind="generator", path=((0.0, 50.0, 0.0),), level_db=80.0)
    strike = Blast(name="strike", time_s=5.0, position_m=(-100.0, 0.0))
    incident = Incident(seed=1, sources=(hum,), blasts=(strike,), cameras=(camera,))
    heard = render(incident, camera)
    at = int(incident.arrival_s("strike", "a") * 16_000)
    before, after, later = (heard[at + 16 * ms :][:1600].std() for ms in (-500, 400, 6000))
    assert np.abs(heard[at : at + 800]).max() == pytest.approx(1.0, abs=1e-3)  # clipped
    assert after < 0.3 * before
    assert later == pytest.approx(before, rel=0.3)


def test_local_sound_is_in_one_camera_only() -> None:
    bump = (LocalSound(kind="door", time_s=4.0, peak_pa=1.0),)
    a, b = ideal_camera("a", 10.0, local_sounds=bump), ideal_camera("b", 10.0)
    incident = Incident(seed=1, sources=(), blasts=(), cameras=(a, b))
    heard = render(incident, "a", rate_hz=RATE_HZ)
    assert np.flatnonzero(heard)[0] / RATE_HZ == pytest.approx(4.0, abs=1e-3)
    assert heard.max() <= 1.0 / IDEAL.clip_pa * 1.0001
    assert not render(incident, "b", rate_hz=RATE_HZ).any()


def test_seed_decides_everything() -> None:
    first, again, other = random_incident(3), random_incident(3), random_incident(4)
    assert first == again
    assert first != other
    name = first.cameras[0].name
    short = replace(first, cameras=(replace(first.cameras[0], duration_s=5.0),), sources=first.sources[:2])
    np.testing.assert_array_equal(render(short, name), render(replace(short), name))
    assert rng_of("a", 1).integers(1 << 30) == rng_of("a", 1).integers(1 << 30)
    assert rng_of("a", 1).integers(1 << 30) != rng_of("a", 2).integers(1 << 30)


@pytest.mark.parametrize("seed", range(8))
def test_random_incident_keeps_its_promises(seed: int) -> None:
    incident = random_incident(seed)
    places = [camera.position_m for camera in incident.cameras]
    assert 4 <= len(places) <= 6
    assert max(math.dist(a, b) for a in places for b in places) <= 250
    assert 2 <= len(incident.blasts) <= 4
    assert all(20 <= camera.duration_s <= 90 and abs(camera.drift_ppm) <= 100 for camera in incident.cameras)
    assert {source.kind for source in incident.sources} & {"engine", "siren"}
    assert len(incident.decoys[0].cameras) == 1
    assert len({camera.file_name for camera in (*incident.cameras, *incident.decoys[0].cameras)}) == len(places) + 1


def test_blast_stands_out_as_far_as_stated() -> None:
    camera = ideal_camera("a", 60.0, microphone=Microphone(), noise=OwnNoise(), duration_s=10.0)
    hum = Source(name="hum", kind="generator", path=((0.0, 50.0, 0.0),), level_db=80.0)
    strikes = tuple(
        Blast(name=f"shield {db}", time_s=5.0, position_m=(-100.0, 0.0), shield_db=db) for db in (30.0, 60.0, 90.0)
    )
    snr_db = [
        audible_snr_db(Incident(seed=1, sources=(hum,), blasts=(strike,), cameras=(camera,)), strike, camera)
        for strike in strikes
    ]
    assert snr_db[0] > AUDIBLE_DB > snr_db[2]
    assert snr_db[1] - snr_db[2] == pytest.approx(30.0, abs=1.0)


@pytest.mark.parametrize(("snr_db", "talk_share"), [(-9.0, 0.0), (2.0, 0.7), (18.0, 0.4)])
def test_shared_sound_stands_over_own_noise_as_stated(snr_db: float, talk_share: float) -> None:
    noise = OwnNoise(snr_db=snr_db, wind_share=0.6, band_hz=SYNC_BAND_HZ, talk_share=talk_share)
    noisy, quiet = ideal_camera("a", 60.0, noise=noise), ideal_camera("a", 60.0)
    motor = Source(name="cart", kind="engine", path=((0.0, -30.0, 0.0), (8.0, 20.0, 0.0)), level_db=90.0, seed=1)
    scene = Incident(seed=1, sources=(standing_voice(), motor), blasts=(), cameras=(noisy,))
    shared = render(replace(scene, cameras=(quiet,)), "a", rate_hz=RATE_HZ)
    own = render(scene, "a", rate_hz=RATE_HZ) - shared
    band = signal.butter(8, SYNC_BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    rms = [np.sqrt(np.mean(signal.sosfiltfilt(band, x) ** 2)) for x in (shared, own)]
    assert 20 * math.log10(rms[0] / rms[1]) == pytest.approx(snr_db, abs=0.5)
    levels = band_levels(scene, "a")
    assert levels.snr_db() == pytest.approx(snr_db, abs=0.05)
    assert sum(levels.sources.values()).sum() == pytest.approx(levels.shared.sum(), rel=0.1)


def test_cut_takes_a_piece_out_and_moves_what_follows() -> None:
    whole = ideal_camera("a", 20.0, start_s=1.0, duration_s=10.0, drift_ppm=80.0)
    cut = replace(whole, duration_s=7.0, cuts=(Cut(at_s=4.0, removed_s=3.0),))
    strikes = tuple(Blast(name=f"at {t}", time_s=t, position_m=(40.0, 0.0), shield_db=60.0) for t in (3.0, 6.5, 9.5))
    scene = Incident(seed=1, sources=(standing_voice(),), blasts=strikes, cameras=(whole,))
    edited = replace(scene, cameras=(cut,))
    heard, kept = (render(place, "a", rate_hz=RATE_HZ) for place in (scene, edited))
    np.testing.assert_array_equal(kept, np.concatenate([heard[: 4 * RATE_HZ], heard[7 * RATE_HZ :]]))
    first, second = cut.segments
    assert (first.end_s, second.start_s, second.end_s) == (4.0, 4.0, 7.0)
    assert second.offset_s - first.offset_s == pytest.approx(3.0 * cut.rate)
    assert cut.incident_s(5.0) == pytest.approx(whole.incident_s(8.0))
    assert edited.arrival_s("at 3.0", "a") == scene.arrival_s("at 3.0", "a")
    assert edited.arrival_s("at 6.5", "a") is None
    assert edited.arrival_s("at 9.5", "a") == pytest.approx(scene.arrival_s("at 9.5", "a") - 3.0)
    other = ideal_camera("b", 0.0, start_s=4.0, duration_s=5.0)  # 4 to 9; the piece from 5 to 8 is gone
    assert replace(edited, cameras=(cut, other)).overlap_s("a", "b") == pytest.approx(2.0, abs=2e-3)
    assert kept_of_blocks(cut, 10).tolist() == pytest.approx([1, 1, 1, 1, 0, 0, 0, 1, 1, 1], abs=1e-9)


def original_and_copy() -> tuple[Incident, Copy]:
    camera = ideal_camera(
        "a", 20.0, start_s=1.0, duration_s=9.0, drift_ppm=80.0, cuts=(Cut(at_s=4.0, removed_s=3.0),),
        microphone=Microphone(), noise=OwnNoise(snr_db=20.0), file_name="a.mp4",
    )  # fmt: skip
    copy = Copy(
        name="again", of="a", trim_s=1.5, duration_s=6.0, gain_db=-6.0, file_name="again.ogg",
        file=FileFormat(container="ogg", frame_rate=None, audio_codec="opus", audio_bit_rate=32_000),
    )  # fmt: skip
    motor = Source(name="cart", kind="engine", path=((0.0, 30.0, 0.0),), level_db=80.0, seed=1)
    scene = Incident(seed=1, sources=(standing_voice(), motor), blasts=(), cameras=(camera,), copies=(copy,))
    return scene, copy


def test_copy_has_the_originals_sound_and_clock() -> None:
    scene, copy = original_and_copy()
    original, again = scene.cameras[0], scene.copied(copy)
    part = render(scene, "a")[24_000 : 24_000 + 96_000]
    np.testing.assert_allclose(render_copy(scene, copy), part * 10 ** (-6 / 20), atol=1e-6)
    assert again.duration_s == 6.0
    assert again.cuts == (Cut(at_s=2.5, removed_s=3.0),)
    for recording_s in (0.0, 2.0, 3.0, 5.9):
        assert again.incident_s(recording_s) == pytest.approx(original.incident_s(recording_s + 1.5))


@pytest.mark.parametrize("seed", range(8))
def test_sync_incident_keeps_its_promises(seed: int) -> None:
    incident = sync_incident(seed)
    assert incident == sync_incident(seed)
    files = list(every_file(incident))
    cameras, decoys = incident.cameras, [c for role, _, c in files if role == "decoy"]
    assert 3 <= len(cameras) <= 8
    assert max(math.dist(a.position_m, b.position_m) for a in cameras for b in cameras) <= 400
    assert 1 <= len(incident.blasts) <= 4
    assert len(decoys) / len(files) == pytest.approx(0.2, abs=0.06)
    assert len({c.file_name for _, _, c in files}) == len(files)
    for camera in (*cameras, *decoys):
        assert -10 <= camera.noise.snr_db <= 20
        assert 20 <= camera.duration_s <= 180
        assert abs(camera.drift_ppm) <= 100
        assert all(s.end_s - s.start_s >= 15 for s in camera.segments)
    for place in incident.decoys:
        assert {s.seed for s in place.sources}.isdisjoint({s.seed for s in incident.sources})


def test_sync_incidents_vary_as_they_should() -> None:
    made = [sync_incident(seed) for seed in range(200)]
    cameras = [c for incident in made for c in incident.cameras]
    share = np.histogram([c.noise.snr_db for c in cameras], bins=6, range=(-10, 20))[0] / len(cameras)
    assert share.tolist() == pytest.approx([1 / 6] * 6, abs=0.04)
    assert np.mean([bool(c.cuts) for c in cameras]) == pytest.approx(0.16, abs=0.04)
    assert np.mean([bool(incident.copies) for incident in made]) == pytest.approx(0.4, abs=0.1)
    overlaps_s = np.array(
        [i.overlap_s(a, b) for i in made for a in i.cameras for b in i.cameras if a.name < b.name]
    )  # fmt: skip
    assert 0.2 < np.mean(overlaps_s == 0) < 0.8
    assert 0.05 < np.mean((overlaps_s > 0) & (overlaps_s < 15)) < 0.3
    assert np.mean(overlaps_s >= 15) > 0.2


def test_levels_of_a_pair_are_those_of_the_time_they_share() -> None:
    noise = OwnNoise(snr_db=10.0, band_hz=SYNC_BAND_HZ)
    a = ideal_camera("a", 30.0, noise=noise, file_name="a.mp4")
    b = ideal_camera("b", 60.0, noise=noise, file_name="b.mp4", start_s=4.0)
    late = replace(standing_voice(), start_s=4.5)  # nothing is shared before b begins
    snr_db, (pair,) = sync_truth(Incident(seed=1, sources=(late,), blasts=(), cameras=(a, b)))
    assert snr_db == {"a.mp4": pytest.approx(10.0, abs=0.05), "b.mp4": pytest.approx(10.0, abs=0.05)}
    assert (pair["overlap_s"], pair["distance_m"]) == (4.0, 30.0)
    assert pair["snr_db"]["a.mp4"] == pytest.approx(13.0, abs=0.6)  # all of its shared sound, half of its noise


def looking_at_a_strike(**changes: object) -> tuple[Incident, Camera]:
    camera = ideal_camera("a", 0.0, heading_deg=90.0, start_s=0.5, **changes)
    strike = Blast(name="strike", time_s=3.21, position_m=(120.0, 20.0), yield_kg=20.0, shield_db=20.0)
    incident = Incident(seed=1, sources=(standing_voice(40.0),), blasts=(strike,), cameras=(camera,))
    return incident, camera


def test_flash_comes_at_light_time_and_smoke_stays() -> None:
    incident, camera = looking_at_a_strike()
    assert sees(camera, (120.0, 20.0))
    assert not sees(camera, (-120.0, 20.0))
    painter, flash_s = Painter(incident, camera), camera.recording_s(3.21)
    before, flash, after = (painter.frame(flash_s + dt).astype(int) for dt in (-1e-3, 1e-3, 2.0))
    assert before.shape == (216, 384, 3)
    assert (flash.max(axis=2) == 255).mean() > 0.01
    assert np.mean(flash - before) > 20
    assert np.abs(after - before).max() > 40  # a dark column where there was wall or sky
    assert np.mean(after - before) < 0


FORMATS = {
    "mp4": FileFormat(audio_start_s=Fraction(1, 20)),
    "mp4, variable rate": FileFormat(variable_rate=True, audio_rate_hz=44_100),
    "mov": FileFormat(container="mov", frame_rate=Fraction(30000, 1001), audio_channels=2, device="Maker Model 1"),
    "mkv": FileFormat(container="mkv", frame_rate=Fraction(25), audio_codec="mp3", audio_rate_hz=32_000),
    "webm, vp8": FileFormat(container="webm", video_codec="vp8", audio_codec="opus"),
    "webm, vp9": FileFormat(container="webm", video_codec="vp9", audio_codec="opus", frame_rate=Fraction(25)),
    "3gp": FileFormat(
        container="3gp", video_codec="mpeg4", frame_rate=Fraction(15), width_px=176, height_px=144,
        audio_codec="amr", audio_rate_hz=8_000, audio_bit_rate=12_200,
    ),
    "m4a": FileFormat(container="m4a", frame_rate=None),
    "m4a, 24 kbit/s": FileFormat(container="m4a", frame_rate=None, audio_rate_hz=24_000, audio_bit_rate=24_000),
    "3gp, no picture": FileFormat(
        container="3gp", frame_rate=None, audio_codec="amr", audio_rate_hz=8_000, audio_bit_rate=12_200
    ),
    "mp3": FileFormat(container="mp3", frame_rate=None, audio_codec="mp3", audio_rate_hz=24_000, audio_bit_rate=32_000),
    "voice note": FileFormat(container="ogg", frame_rate=None, audio_codec="opus", audio_rate_hz=16_000),
}  # fmt: skip


def sound_of(path: Path) -> tuple[np.ndarray, int]:
    """Mono samples from recording time 0 on, by time stamps, and their rate."""
    with av.open(str(path)) as container:
        zero_s = max(0, container.start_time or 0) / av.time_base  # a bare MP3 counts its run-in as time
        frames = [(f.pts * f.time_base, f.sample_rate, f.to_ndarray()) for f in container.decode(audio=0)]
    mono = [np.atleast_2d(x).mean(axis=0) for _, _, x in frames]
    return np.concatenate([np.zeros(round((frames[0][0] - zero_s) * frames[0][1])), *mono]), frames[0][1]


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_files_keep_the_true_time_axis(name: str, tmp_path: Path) -> None:
    incident, camera = looking_at_a_strike(microphone=Microphone(), noise=OwnNoise(snr_db=20.0), file=FORMATS[name])
    motor = Source(name="cart", kind="engine", path=((0.0, 30.0, 0.0),), level_db=80.0, seed=1)
    # A voice alone leaves a doubt of one pitch period, and a low-rate codec bends a bang by milliseconds.
    incident = replace(incident, sources=(*incident.sources, motor), blasts=())
    path = tmp_path / "clip"
    write_camera(incident, camera, path, picture=False)
    found, rate_hz = sound_of(path)
    truth = render(incident, camera, rate_hz=rate_hz)
    assert len(found) / rate_hz == pytest.approx(8.0, abs=0.06)
    assert lag_s(found, truth, rate_hz) == pytest.approx(0.0, abs=2e-4)
    if camera.file.frame_rate is not None:
        with av.open(str(path)) as container:
            times_s = [float(f.pts * f.time_base) for f in container.decode(video=0)]
        assert times_s == pytest.approx([float(t) for t in frame_times_s(camera)], abs=6e-4)  # Matroska counts in ms
        assert times_s[0] == 0


@pytest.mark.slow
def test_streams_that_are_not_there(tmp_path: Path) -> None:
    for name, file, kinds in (
        ("silent", FileFormat(audio_codec=None), ["video"]),
        ("late", FileFormat(audio_start_s=Fraction(1, 2)), ["video", "audio"]),
    ):
        incident, camera = looking_at_a_strike(file=file)
        write_camera(incident, camera, tmp_path / name, picture=False)
        with av.open(str(tmp_path / name)) as container:
            assert [stream.type for stream in container.streams] == kinds
            if name == "late":
                first = next(container.decode(audio=0))
                primed_s = 1024 / 48_000  # a late start leaves no room to hide the encoder's run-in
                assert first.pts * first.time_base == pytest.approx(0.5 - primed_s, abs=1e-4)


@pytest.mark.slow
def test_written_incident_matches_its_truth(tmp_path: Path) -> None:
    heard, camera = looking_at_a_strike(
        file_name="cam.mp4", microphone=Microphone(), noise=OwnNoise(), file=FileFormat(video_bit_rate=400_000)
    )
    silent = replace(camera, name="b", file_name="silent.mp4", start_s=1.5, file=replace(camera.file, audio_codec=None))
    elsewhere = replace(random_incident(1).decoys[0], cameras=(replace(camera, name="d", file_name="other.mp4"),))
    incident = replace(heard, cameras=(camera, silent), decoys=(elsewhere,))
    truth = json.loads((write_incident(incident, tmp_path / "case") / "truth.json").read_text(encoding="utf-8"))
    assert [(f["name"], f["role"], f["offset_s"]) for f in truth["files"]] == [
        ("cam.mp4", "camera", 0.5),
        ("silent.mp4", "silent", 1.5),
        ("other.mp4", "decoy", None),
    ]
    (strike,) = truth["blasts"]
    assert strike["filmed"]
    assert strike["arrivals"] == {"cam.mp4": pytest.approx(incident.arrival_s("strike", "a"), abs=1e-6)}
    assert strike["audible"]["cam.mp4"] > AUDIBLE_DB
    assert set(strike["seen"]) == {"cam.mp4", "silent.mp4"}
    for name, flash_s in strike["seen"].items():
        with av.open(str(tmp_path / "case" / name)) as container:
            frames = [(float(f.time), f.to_ndarray(format="gray").mean()) for f in container.decode(video=0)]
        jump = int(np.argmax(np.diff([level for _, level in frames]))) + 1
        assert 0 <= frames[jump][0] - flash_s <= 1 / 30


@pytest.mark.slow
def test_copied_file_holds_the_originals_sound(tmp_path: Path) -> None:
    scene, copy = original_and_copy()
    write_camera(scene, scene.cameras[0], tmp_path / "a.mp4", picture=False)
    write_copy(scene, copy, tmp_path / "a.mp4", tmp_path / "again.ogg")
    found, expected = sound_in_file(tmp_path / "again.ogg", rate_hz=16_000), render_copy(scene, copy)
    assert len(found) / 16_000 == pytest.approx(6.0, abs=0.06)
    assert lag_s(found, expected, 16_000) == pytest.approx(0.0, abs=2e-4)
    level_db = 20 * math.log10(np.std(found[: len(expected)]) / np.std(expected))
    assert level_db == pytest.approx(0.0, abs=1.0)


@pytest.mark.slow
def test_sample_clips_are_what_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_sample_clips", ROOT / "scripts" / "make_sample_clips.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    story, folder = script.origin_story(), ROOT / "sample_clips"
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    cameras = {c.file_name: c for place in (story, *story.decoys) for c in place.cameras}
    assert {f["name"] for f in truth["files"]} == set(cameras)
    assert sum((folder / name).stat().st_size for name in cameras) < 6e6
    assert [b["filmed"] for b in truth["blasts"]] == [False, True, True, True, True]
    for blast, told in zip(story.blasts, truth["blasts"], strict=True):
        heard = {c.file_name: story.arrival_s(blast, c) for c in story.cameras if c.file.audio_codec is not None}
        assert told["arrivals"] == pytest.approx({k: v for k, v in heard.items() if v is not None}, abs=1e-6)
        assert set(told["audible"]) == set(told["arrivals"])  # nobody can be asked for what cannot be heard
    for name in ("VID_20180501_121226.mp4", "rooftop.mkv"):
        found, rate_hz = sound_of(folder / name)
        rendered = render(story, cameras[name].name, rate_hz=rate_hz)
        assert lag_s(found, rendered, rate_hz) == pytest.approx(0.0, abs=5e-4)
