"""What tags say of camera, place and program."""

from __future__ import annotations

import pytest

from syncview.media.tags import creation_time, device_text, encoder_text, location_deg, plain_tags, traces_of

IPHONE = {
    "com.apple.quicktime.location.ISO6709": "+32.0929+034.8620+028.516/",
    "com.apple.quicktime.make": "Apple",
    "com.apple.quicktime.model": "iPhone 6",
    "com.apple.quicktime.software": "12.3",
    "com.apple.quicktime.creationdate": "2019-07-24T11:25:40+0300",
}


def test_an_iphone() -> None:
    tags = plain_tags(IPHONE)
    assert device_text(tags) == "Apple iPhone 6"
    assert location_deg(tags) == (32.0929, 34.862)
    assert encoder_text(tags) == "12.3"
    assert creation_time(tags) == "2019-07-24T11:25:40+0300"


@pytest.mark.parametrize(
    ("tags", "device"),
    [
        ({"com.android.manufacturer": "samsung", "com.android.model": "SM-G950F"}, "samsung SM-G950F"),
        ({"make": "GoPro", "model": "GoPro HERO7"}, "GoPro HERO7"),
        ({"model": "X"}, "X"),
        ({"make": "Acme"}, None),
        ({}, None),
    ],
)
def test_devices(tags: dict[str, str], device: str | None) -> None:
    assert device_text(tags) == device


def test_matroska_writes_its_keys_large() -> None:
    assert encoder_text(plain_tags({"ENCODER": "Lavf58"})) == "Lavf58"


def test_a_phone_is_told_by_handler_and_place_and_titles_are_left_out() -> None:
    tags = {"location": "+54.1843-002.7189/", "creation_time": "2017-01-05T18:32:43.000000Z", "title": "facebook"}
    streams = [{"handler_name": "\x0bVideoHandle\x00", "language": "eng"}]
    traces = traces_of("a.mp4", tags, streams, long_side_px=1280)
    assert traces.has_camera_tags
    assert traces.texts == ("+54.1843-002.7189/", "VideoHandle")
    assert not traces_of("a.mp4", tags, [{"handler_name": "VideoHandler"}], long_side_px=1280).has_camera_tags
