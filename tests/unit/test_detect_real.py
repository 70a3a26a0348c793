"""One real explosion of 18 kg on five phones, 0.96 s each at 8 kHz, 2 to 10 km away; clocks are seconds off."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest

from syncview.detect.blasts import find_onsets
from syncview.settings import DetectSettings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDER = DATA / "multidevice" / "shared_explosion_5phones"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.exists(), reason="the recordings beside the checkout are absent"),
]


def sound(path: Path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as container:
        parts = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
        return np.concatenate(parts).astype(np.float32), container.streams.audio[0].rate


def loudest(path: Path):
    samples, rate_hz = sound(path)
    onsets = find_onsets(samples, rate_hz, settings=DetectSettings())
    best = max(onsets, key=lambda onset: onset.measures.get("rise_low_db", 0.0))
    return best.sample / rate_hz, best


def hints_s() -> dict[str, float]:
    """Machine-made: the first 10 ms above 10 % of the peak energy. An onset lies before, not after."""
    with (DATA / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: float(row["onset_s_auto"]) for row in csv.DictReader(file) if row["onset_s_auto"]}


@pytest.mark.parametrize("phone", sorted(path.name for path in FOLDER.glob("*_blast.wav")))
def test_the_blast_is_found_on_every_phone(phone: str):
    time_s, onset = loudest(FOLDER / phone)
    hint_s = hints_s()[f"multidevice/shared_explosion_5phones/{phone}"]
    assert hint_s - onset.uncertainty_s - 0.01 <= time_s <= hint_s + 0.01
    assert onset.measures["rise_low_db"] > 20.0
    assert onset.uncertainty_s <= 0.15


def test_near_phones_have_a_sharp_onset_and_far_ones_say_that_theirs_is_not():
    uncertainty_s = {path.name: loudest(path)[1].uncertainty_s for path in sorted(FOLDER.glob("*_blast.wav"))}
    near = [value for name, value in uncertainty_s.items() if "_203" in name]
    far = [value for name, value in uncertainty_s.items() if "_7740" in name or "_10075" in name]
    assert max(near) <= 0.015
    assert min(far) >= 0.025
