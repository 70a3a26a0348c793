"""Make sample_clips/: a small incident with known truth, from the project's own simulator.

It retells how this tool began: one strike that nobody filmed, people who come to help, then four strikes within a
small radius. Nothing in it is real. Run ``python scripts/make_sample_clips.py [FOLDER]``; the truth is the same on
every run, though the encoders do not always give the same bytes for the pictures.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from simulator import (  # noqa: E402  (the simulator lives with the tests)
    Agc,
    Blast,
    Camera,
    Facade,
    FileFormat,
    Incident,
    LocalSound,
    Microphone,
    OwnNoise,
    Source,
)
from simulator.media import write_incident  # noqa: E402  (the simulator lives with the tests)

SEED = 20180501

# The ambulance comes from the south-west and stops at the first strike's place, the origin of the map.
AMBULANCE_WAY = ((-10.0, -260.0, -150.0), (13.0, -30.0, -22.0), (18.0, -12.0, -9.0), (120.0, -12.0, -9.0))

STRIKES = (
    Blast(name="first strike, filmed by nobody", time_s=-212.0, position_m=(0.0, 0.0), yield_kg=40.0, shield_db=22.0),
    Blast(name="second strike", time_s=26.40, position_m=(34.0, 21.0), yield_kg=40.0, shield_db=20.0),
    Blast(name="third strike", time_s=34.10, position_m=(-22.0, 38.0), yield_kg=40.0, shield_db=24.0),
    Blast(name="fourth strike", time_s=43.85, position_m=(12.0, -31.0), yield_kg=30.0, shield_db=20.0),
    Blast(name="fifth strike", time_s=52.30, position_m=(-41.0, 9.0), yield_kg=40.0, shield_db=26.0),
)

VOICES = (
    # Two of the team walk from the ambulance to the rubble; a man calls across the street; two people run up and away.
    ("team 1", 96.0, ((-5, -60, -45), (17, -14, -12), (25, 4, 6), (30, -20, -30), (80, -60, -70))),
    ("team 2", 93.0, ((-5, -70, -38), (16, -18, -8), (26, 10, 2), (32, -8, -26), (80, 10, -60))),
    ("caller", 98.0, ((-5, 25, -20), (20, 15, -5), (24, 12, 0), (34, 45, -40), (80, 60, -45))),
    ("bystander", 90.0, ((-5, -45, 30), (12, -30, 20), (27, -30, 20), (36, -75, 10), (80, -90, 0))),
    ("runner", 88.0, ((-5, 70, -70), (15, 20, -25), (28, 20, -20), (38, 55, -75), (80, 60, -80))),
)  # fmt: skip

FACADES = (
    Facade(position_m=(85.0, 60.0), reflectivity=0.45),
    Facade(position_m=(-120.0, 70.0), reflectivity=0.5),
    Facade(position_m=(20.0, -170.0), reflectivity=0.4),
    Facade(position_m=(260.0, -60.0), reflectivity=0.5),
)


def phone(
    *,
    high_pass_hz: float,
    low_pass_hz: float,
    bump: tuple[float, float, float],
    clip_pa: float,
    agc: Agc | None = None,
) -> Microphone:
    """A microphone with one resonance of its case."""
    return Microphone(
        high_pass_hz=high_pass_hz, low_pass_hz=low_pass_hz, resonances=(bump,), clip_pa=clip_pa, agc=agc or Agc()
    )


# Five cameras with sound, and a dashcam without.
CAMERAS = (
    Camera(
        name="street",
        file_name="VID_20180501_121226.mp4",
        position_m=(-78.0, -58.0),
        heading_deg=55.0,
        start_s=4.317,
        duration_s=56.0,
        drift_ppm=18.0,
        microphone=phone(high_pass_hz=110, low_pass_hz=8500, bump=(2600, 1.2, 5.0), clip_pa=14.0),
        noise=OwnNoise(snr_db=8.0, wind_share=0.3),
        local_sounds=(LocalSound(kind="bump", time_s=10.6, peak_pa=0.6),),
        shake_px=1.3,
        file=FileFormat(
            width_px=320, height_px=180, frame_rate=Fraction(30), video_bit_rate=70_000, audio_bit_rate=56_000,
            audio_start_s=Fraction(1, 20), creation_time="2018-05-01T09:13:22.000000Z",
        ),  # Android writes when the recording ended
    ),
    Camera(
        name="corner",
        file_name="IMG_2231.MOV",
        position_m=(64.0, -102.0),
        heading_deg=328.0,
        start_s=0.0,
        duration_s=58.0,
        drift_ppm=-7.0,
        microphone=phone(high_pass_hz=80, low_pass_hz=9000, bump=(1500, 1.0, 3.0), clip_pa=18.0),
        noise=OwnNoise(snr_db=9.0, wind_share=0.2),
        local_sounds=(LocalSound(kind="door", time_s=16.9, peak_pa=0.5),),
        reverb_time_s=0.5,
        shake_px=0.9,
        file=FileFormat(
            container="mov", width_px=320, height_px=180, frame_rate=Fraction(30000, 1001), video_bit_rate=70_000,
            audio_rate_hz=44_100, audio_bit_rate=64_000, audio_channels=2,
            creation_time="2018-05-01T09:12:21.000000Z", device="Apple iPhone 6s",
        ),
    ),
    Camera(
        name="balcony",
        file_name="بعد_الغارة_الثانية.webm",  # "after the second raid"
        position_m=(96.0, 74.0),
        heading_deg=232.0,
        start_s=17.742,
        duration_s=48.0,
        drift_ppm=-41.0,
        microphone=phone(high_pass_hz=150, low_pass_hz=6500, bump=(3400, 1.6, 6.0), clip_pa=10.0),
        noise=OwnNoise(snr_db=6.0, wind_share=0.5),
        local_sounds=(LocalSound(kind="gust", time_s=31.0, peak_pa=0.8),),
        reverb_time_s=0.9,
        shake_px=1.2,
        file=FileFormat(
            container="webm", video_codec="vp9", audio_codec="opus", width_px=320, height_px=180,
            frame_rate=Fraction(25), video_bit_rate=80_000, audio_bit_rate=40_000,
        ),
    ),
    Camera(
        name="messenger copy",
        file_name="VID-20180501-WA0007.mp4",
        position_m=(-104.0, 66.0),
        heading_deg=128.0,
        start_s=11.058,
        duration_s=50.0,
        drift_ppm=63.0,
        microphone=phone(
            high_pass_hz=170, low_pass_hz=5500, bump=(2100, 2.0, 5.0), clip_pa=9.0, agc=Agc(release_s=1.4)
        ),
        noise=OwnNoise(snr_db=7.0, wind_share=0.3),
        shake_px=1.5,
        file=FileFormat(
            width_px=256, height_px=144, variable_rate=True, video_bit_rate=60_000, audio_rate_hz=44_100,
            audio_bit_rate=48_000,
        ),
    ),
    Camera(
        name="rooftop",
        file_name="rooftop.mkv",
        position_m=(132.0, -22.0),
        heading_deg=276.0,
        start_s=22.960,
        duration_s=42.0,
        drift_ppm=4.0,
        microphone=phone(high_pass_hz=95, low_pass_hz=7500, bump=(900, 0.9, 3.0), clip_pa=20.0),
        noise=OwnNoise(snr_db=5.0, wind_share=0.6),
        reverb_time_s=0.6,
        shake_px=0.5,
        file=FileFormat(
            container="mkv", audio_codec="mp3", width_px=320, height_px=180, frame_rate=Fraction(24),
            video_bit_rate=60_000, audio_rate_hz=32_000, audio_bit_rate=48_000,
        ),
    ),
    Camera(
        name="dashcam",
        file_name="FILE0412.mp4",
        position_m=(-48.0, -36.0),
        heading_deg=50.0,
        start_s=19.4,
        duration_s=40.0,
        shake_px=0.2,
        file=FileFormat(
            width_px=320, height_px=180, frame_rate=Fraction(15), video_bit_rate=50_000, audio_codec=None,
            creation_time="2014-01-01T00:07:31.000000Z",
        ),
    ),
)  # fmt: skip


def beside(camera: Camera, level_db: float) -> Source:
    """Who holds the phone, talking."""
    x_m, y_m = camera.position_m
    return Source(
        name=f"beside {camera.name}", kind="voice", path=((0.0, x_m + 1.4, y_m - 0.6),), level_db=level_db, seed=SEED
    )


def another_day() -> Incident:
    """A clip of four days earlier that lay in the same folder: a market street."""
    people = tuple(
        Source(
            name=f"market {i}",
            kind="voice",
            path=((0.0, 6.0 + 3 * i, 4.0 - 5 * i), (45.0, -4.0 * i, 9.0)),
            level_db=82.0 + i,
            seed=SEED - 4,
        )
        for i in range(4)
    )
    cart = Source(name="cart", kind="engine", path=((0.0, -60.0, 8.0), (40.0, 70.0, 8.0)), level_db=88.0, seed=SEED - 4)
    camera = Camera(
        name="market",
        file_name="MOV00096.3gp",
        position_m=(0.0, 0.0),
        heading_deg=20.0,
        start_s=0.0,
        duration_s=40.0,
        drift_ppm=-22.0,
        microphone=phone(high_pass_hz=200, low_pass_hz=3400, bump=(1800, 1.5, 4.0), clip_pa=12.0),
        noise=OwnNoise(snr_db=10.0),
        local_sounds=(LocalSound(kind="door", time_s=21.3, peak_pa=0.3),),
        file=FileFormat(
            container="3gp", video_codec="mpeg4", width_px=176, height_px=144, frame_rate=Fraction(15),
            video_bit_rate=60_000, audio_codec="amr", audio_rate_hz=8_000, audio_bit_rate=12_200,
            creation_time="2018-04-27T14:55:30.000000Z",
        ),
    )  # fmt: skip
    return Incident(seed=SEED - 4, sources=(*people, cart), blasts=(), cameras=(camera,), temperature_c=19.0)


def origin_story() -> Incident:
    """The incident of the sample clips; its clock starts with the first recording, 2018-05-01 09:12:22 UTC."""
    voices = tuple(
        Source(name=name, kind="voice", path=path, level_db=level_db, seed=SEED) for name, level_db, path in VOICES
    )
    siren = Source(name="siren", kind="siren", path=AMBULANCE_WAY, level_db=104.0, end_s=19.0, seed=SEED)
    motor = Source(name="ambulance", kind="engine", path=AMBULANCE_WAY, level_db=92.0, end_s=math.inf, seed=SEED)
    talking = (beside(CAMERAS[0], 68.0), beside(CAMERAS[2], 66.0), beside(CAMERAS[4], 64.0))
    return Incident(
        seed=SEED,
        sources=(*voices, siren, motor, *talking),
        blasts=STRIKES,
        cameras=CAMERAS,
        facades=FACADES,
        temperature_c=24.0,
        decoys=(another_day(),),
    )


def main() -> None:
    """Write the clips into the folder named on the command line, or into sample_clips/."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "sample_clips"
    write_incident(origin_story(), folder)
    files = sorted(path for path in folder.iterdir() if path.suffix not in (".json", ".md"))
    for path in files:
        print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")
    print(f"{sum(path.stat().st_size for path in files) / 1e6:6.2f} MB in all, truth in {folder / 'truth.json'}")


if __name__ == "__main__":
    main()
