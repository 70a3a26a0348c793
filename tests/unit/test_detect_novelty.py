"""Novelty and trigger on band levels made by hand: what rises above all before it is found, once, where it rises."""

from __future__ import annotations

import numpy as np
import pytest

from syncview.detect.novelty import Levels, band_levels, find_triggers, novelty_db
from syncview.settings import DetectSettings
from syncview.signal.bands import BandFrames

HOP_S = 0.005
SETTINGS = DetectSettings()


def flat(seconds: float, level_db: float = -60.0) -> np.ndarray:
    return np.full((round(seconds / HOP_S), 4), level_db, np.float32)


def heard(db: np.ndarray) -> Levels:
    return Levels(db=db, heard=np.ones(len(db), bool), hop_s=HOP_S)


def decay(db: np.ndarray, at_s: float, peak_db: float, db_per_s: float) -> None:
    """Lay a sound with a straight decay over the levels."""
    begin = round(at_s / HOP_S)
    tail = peak_db - db_per_s * HOP_S * np.arange(len(db) - begin)
    db[begin:] = np.maximum(db[begin:], tail[:, None])


def novelty(db: np.ndarray, **over: float) -> np.ndarray:
    windows = {"window_s": 1.5, "gap_s": 0.03, "ahead_s": 0.06, "context_s": 0.1} | over
    return novelty_db(heard(db), **windows)


def test_novelty_is_the_rise_over_the_loudest_before():
    db = flat(5.0)
    db[200] = -50.0  # at 1.0 s
    decay(db, 2.0, -30.0, 100.0)
    curve = novelty(db)
    assert curve[400].max() == pytest.approx(20.0)  # 2.0 s: over the -50 dB one second before
    assert novelty(db, window_s=0.5)[400].max() == pytest.approx(30.0)


def test_nothing_is_claimed_before_enough_was_heard():
    db = flat(2.0)
    decay(db, 0.08, -20.0, 50.0)
    assert novelty(db)[: round(0.13 / HOP_S)].max() == -99.0
    assert find_triggers(heard(db), settings=SETTINGS) == ()


def test_digital_silence_is_no_time_before():
    levels = heard(flat(3.0))
    levels.heard[: round(1.0 / HOP_S)] = False
    curve = novelty_db(levels, window_s=1.5, gap_s=0.03, ahead_s=0.06, context_s=0.1)
    assert curve[: round(1.12 / HOP_S)].max() == -99.0
    assert curve[round(1.2 / HOP_S)].max() == pytest.approx(0.0)


def test_one_rise_gives_one_trigger_where_it_rises():
    db = flat(6.0)
    decay(db, 3.0, -20.0, 20.0)
    (trigger,) = find_triggers(heard(db), settings=SETTINGS)
    assert trigger.frame * HOP_S == pytest.approx(3.0, abs=0.005)
    assert trigger.novelty_db == pytest.approx((40.0, 40.0, 40.0, 40.0))
    assert not trigger.in_tail


@pytest.mark.parametrize("apart_s", [0.3, 0.5, 0.8, 1.6])
def test_a_second_rise_in_the_tail_is_found(apart_s: float):
    db = flat(6.0)
    decay(db, 2.0, -20.0, 60.0)
    decay(db, 2.0 + apart_s, -22.0, 60.0)
    times_s = [t.frame * HOP_S for t in find_triggers(heard(db), settings=SETTINGS)]
    assert times_s == pytest.approx([2.0, 2.0 + apart_s], abs=0.02)


def test_a_rise_of_less_than_the_threshold_is_none():
    db = flat(6.0)
    decay(db, 3.0, -58.5, 20.0)
    assert find_triggers(heard(db), settings=SETTINGS) == ()


def test_no_frames_give_no_triggers():
    assert find_triggers(heard(flat(0.0)), settings=SETTINGS) == ()
    assert find_triggers(heard(flat(0.02)), settings=SETTINGS) == ()


def test_levels_have_a_floor_and_know_digital_silence():
    energy = np.full((100, 4), 1e-6, np.float32)
    energy[:10] = 0.0
    energy[10:20] = 1e-12
    peak = np.where(np.arange(100) < 10, 0.0, 1e-3).astype(np.float32)
    levels = band_levels(BandFrames(energy=energy, peak=peak, hop_samples=80, rate_hz=16_000))
    assert levels.db.min() == pytest.approx(-85.0, abs=0.01)  # 25 dB below the median of -60
    assert levels.heard.sum() == 90
