"""Mixing to mono, without files."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from syncview.media.mixing import Mixer
from syncview.settings import AudioSettings


def mixed(*blocks: tuple[np.ndarray, int], rate_hz: int = 16_000) -> tuple[np.ndarray, Mixer, list[float]]:
    stream = io.BytesIO()
    mixer = Mixer(stream, rate_hz=rate_hz, settings=AudioSettings())
    places = []
    for data, source_hz in blocks:
        layout = {1: "mono", 2: "stereo", 3: "2.1", 6: "5.1"}[len(data)]
        frame = av.AudioFrame.from_ndarray(data.astype(np.float32), format="fltp", layout=layout)
        frame.sample_rate = source_hz
        places.append(mixer.add(frame))
    mixer.finish()
    return np.frombuffer(stream.getvalue(), dtype="<f4"), mixer, places


def test_places_count_in_the_output() -> None:
    block = np.ones((2, 4800))
    samples, _, places = mixed((block, 48_000), (block, 48_000))
    assert places == [0.0, 1600.0]
    assert len(samples) == 3200


def test_a_change_of_rate_or_channels_begins_a_new_part() -> None:
    samples, mixer, places = mixed(
        (np.full((1, 8000), 0.25), 8000), (np.full((2, 16_000), 0.25), 16_000), (np.full((1, 16_000), 0.25), 16_000)
    )
    assert places == pytest.approx([0.0, 16_000.0, 32_000.0], abs=2)
    assert [(part.rate_hz, len(part.peaks)) for part in mixer.parts] == [(8000, 1), (16_000, 2), (16_000, 1)]
    assert mixer.parts[-1].out_stop == len(samples) == mixer.written
    assert samples[4000:44_000] == pytest.approx(0.25, abs=0.01)


def test_the_gain_leaves_dead_channels_out() -> None:
    live = np.random.default_rng(1).uniform(-0.5, 0.5, 8000)
    _, mixer, _ = mixed((np.stack([live, 1e-6 * live, 0 * live]), 16_000))
    assert mixer.parts[0].gain == 3.0


@pytest.mark.parametrize(("other", "cancels"), [(-1.0, True), (-0.8, True), (1.0, False), (0.0, False)])
def test_cancelling_is_noticed(other: float, cancels: bool) -> None:
    live = np.random.default_rng(1).uniform(-0.5, 0.5, 8000)
    _, mixer, _ = mixed((np.stack([live, other * live]), 16_000))
    assert mixer.parts[0].cancels is cancels


def test_unlike_channels_do_not_cancel() -> None:
    _, mixer, _ = mixed((np.random.default_rng(1).uniform(-0.5, 0.5, (6, 8000)), 16_000))
    assert not mixer.parts[0].cancels
