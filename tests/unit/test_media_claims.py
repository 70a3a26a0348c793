"""What names and tags claim."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncview.media.claims import creation_claims, exif_claims, modified_claim, name_claims, parse_iso6709
from syncview.media.exif import ExifFacts


@pytest.mark.parametrize(
    ("name", "utc", "local", "of"),
    [
        ("VID_20180501_120233.mp4", None, "2018-05-01T12:02:33", "start"),
        ("20180501_120233.mp4", None, "2018-05-01T12:02:33", "unknown"),
        ("PXL_20230204_081500123.TS.mp4", "2023-02-04T08:15:00Z", None, "start"),
        ("VID-20180501-WA0003.mp4", None, "2018-05-01", "unknown"),
        ("PTT-20180501-WA0001.opus", None, "2018-05-01", "unknown"),
        ("WhatsApp Video 2018-05-01 at 20.12.33 (1).mp4", None, "2018-05-01T20:12:33", "unknown"),
        ("signal-2018-05-01-201233.mp4", None, "2018-05-01T20:12:33", "unknown"),
        ("signal-2021-05-01-20-12-33-123-1.mp4", None, "2021-05-01T20:12:33", "unknown"),
        ("video_2018-05-01_20-12-33.mp4", None, "2018-05-01T20:12:33", "unknown"),
        ("Screenrecorder-2018-05-01-12-02-33-123.mp4", None, "2018-05-01T12:02:33", "start"),
        ("Screen_Recording_20180501-120233_Chrome.mp4", None, "2018-05-01T12:02:33", "start"),
        ("RPReplay_Final1525176153.mp4", "2018-05-01T12:02:33Z", None, "end"),
        ("2018_0501_120233_001A.MP4", None, "2018-05-01T12:02:33", "unknown"),
        ("قصف 2018-05-01.mp4", None, "2018-05-01", "unknown"),
    ],
)
def test_names_claim_a_time(name: str, utc: str | None, local: str | None, of: str) -> None:
    (claim,) = name_claims(name)
    assert (claim.source, claim.utc, claim.local, claim.of) == ("file_name", utc, local, of)
    assert claim.text in name


@pytest.mark.parametrize(
    "name", ["holiday.mp4", "GOPR0123.MP4", "VID_20181350_120233.mp4", "20190231.mp4", "IMG_1234.MOV", "1234567890.mp4"]
)
def test_other_names_claim_nothing(name: str) -> None:
    assert name_claims(name) == ()


def test_an_iphone_claims_the_start_with_its_zone() -> None:
    tags = {
        "creation_time": "2019-07-24T08:25:57.000000Z",
        "com.apple.quicktime.creationdate": "2019-07-24T11:25:40+0300",
    }
    claims = creation_claims(tags, container="mov,mp4,m4a,3gp,3g2,mj2")
    assert [(claim.utc, claim.of) for claim in claims] == [
        ("2019-07-24T08:25:40Z", "start"),
        ("2019-07-24T08:25:57Z", "unknown"),
    ]


def test_avi_claims_local_time_and_unset_clocks_claim_nothing() -> None:
    (claim,) = creation_claims({"creation_time": "2018-05-01T12:02:33.000000Z"}, container="avi")
    assert (claim.utc, claim.local) == (None, "2018-05-01T12:02:33")
    for unset in ("1904-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000000Z", "soon"):
        assert creation_claims({"creation_time": unset}, container="mov") == ()


@pytest.mark.parametrize(
    ("text", "local"), [("2024/07/02 12:59:22", "2024-07-02T12:59:22"), ("2020-08-28", "2020-08-28"), ("2020", None)]
)
def test_a_date_tag_claims_no_more_than_it_says(text: str, local: str | None) -> None:
    assert [claim.local for claim in creation_claims({"date": text}, container="avi")] == ([local] if local else [])


def test_exif_claims_both_clocks() -> None:
    facts = ExifFacts(taken="2018:05:01 12:02:33", utc_offset="+03:00", gps_utc="2018:05:01 09:02:31")
    assert [(claim.source, claim.utc) for claim in exif_claims(facts)] == [
        ("exif", "2018-05-01T09:02:33Z"),
        ("gps", "2018-05-01T09:02:31Z"),
    ]
    (claim,) = exif_claims(ExifFacts(taken="2018:05:01 12:02:33"))
    assert (claim.utc, claim.local) == (None, "2018-05-01T12:02:33")


def test_modified_time_is_utc(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.touch()
    os.utime(path, (1_525_176_153, 1_525_176_153))
    assert modified_claim(path).utc == "2018-05-01T12:02:33Z"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+32.0929+034.8620+028.516/", (32.0929, 34.862)),
        ("-33.8688+151.2093/", (-33.8688, 151.2093)),
        ("+00.0000+000.0000/", None),
        ("+3205.57+03451.72/", None),
        ("Damascus", None),
    ],
)
def test_places(text: str, place: tuple[float, float] | None) -> None:
    assert parse_iso6709(text) == place
