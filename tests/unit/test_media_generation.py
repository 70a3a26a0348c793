"""Guesses of a file's generation, and what they rest on."""

from __future__ import annotations

import pytest

from syncview.media.generation import Traces, guess_generation


def traces(name: str = "clip.mp4", **others: object) -> Traces:
    known: dict[str, object] = {
        "texts": (),
        "device": None,
        "creation_time": None,
        "has_camera_tags": False,
        "long_side_px": None,
    }
    return Traces(name=name, **{**known, **others})


@pytest.mark.parametrize(
    ("given", "value", "basis"),
    [
        (traces("VID-20180501-WA0003.mp4"), "messenger copy", "WhatsApp"),
        (traces("WhatsApp Video 2018-05-01 at 20.12.33.mp4"), "messenger copy", "WhatsApp"),
        (traces("signal-2018-05-01-201233.mp4"), "messenger copy", "Signal"),
        (traces("video_2018-05-01_20-12-33.mp4", texts=("Lavf58",)), "messenger copy", "Telegram"),
        (traces("RPReplay_Final1525176153.mp4", device="Apple iPhone 6"), "screen recording", "named"),
        (traces(texts=("ISO Media file produced by Google Inc.",)), "re-upload", "Google"),
        (traces("Strike in Hish [dQw4w9WgXcQ].mp4", texts=("Lavf58",)), "re-upload", "YouTube"),
        (traces(texts=("Twitter-vork muxer",)), "re-upload", "Twitter"),
        (traces(texts=("HandBrake 1.3.0",), device="Apple iPhone 6"), "edited", "HandBrake"),
        (traces(texts=("Lavf58.29.100",)), "edited", "FFmpeg"),
        (traces(device="samsung SM-G950F"), "camera original", "samsung SM-G950F"),
        (traces(texts=("GoPro AVC encoder",)), "camera original", "GoPro"),
        (traces(has_camera_tags=True, creation_time="2018-05-01T09:12:33Z"), "camera original", "phone"),
        (traces(long_side_px=848), "messenger copy", "848"),
        (traces(long_side_px=1920), "unknown", "neither"),
        (traces("VID_20180501_120233.mp4"), "unknown", "neither"),
    ],
)
def test_guess(given: Traces, value: str, basis: str) -> None:
    guess = guess_generation(given)
    assert guess.value == value
    assert basis in guess.basis
