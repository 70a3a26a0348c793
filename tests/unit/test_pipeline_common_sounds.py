"""Common sounds of groups: whose sound counts, how far lags may lie, and the way through the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from common_sound_example import LENGTH_S, course, heard
from feature_example import features
from joint_example import SETTINGS, SOUND, knowledge_of, recording
from syncview.case import parse_case
from syncview.errors import CaseFolderError
from syncview.model import Clock, ClockSegment, Duplicate, Event, Group, Observation
from syncview.pipeline.common_sounds import as_sources, find_common_sounds
from syncview.pipeline.listen import ListenJob
from syncview.reconstruct.solving.problem import Source
from syncview.store.cache import Cache
from syncview.store.records import to_json

FILES = tuple(recording(name) for name in "abcd")
ARRIVALS_S = {"r-a": 0.0, "r-b": 0.213, "r-c": -0.118, "r-d": 0.0523}


class Answer(NamedTuple):
    item: object
    value: object
    error: object = None


class Here:
    """Does the work in this process and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked = []

    def run(self, function, items, *, timeout_s):
        assert timeout_s > 0.0
        for item in items:
            self.asked.append(item)
            try:
                yield Answer(item, function(item))
            except CaseFolderError as error:
                yield Answer(item, None, error)


def jobs_of(tmp_path, recordings):
    return {
        r.id: ListenJob(
            recording_id=r.id, path=tmp_path / r.path, sha256=r.sha256, cache_root=tmp_path / "cache",
            audio=SETTINGS.audio, sync=SETTINGS.sync, detect=SETTINGS.detect,
        )
        for r in recordings
    }  # fmt: skip


@pytest.fixture
def listened(tmp_path):
    """Four recordings of one source, their features in the cache."""
    rng = np.random.default_rng(3)
    source, jobs = course(rng), jobs_of(tmp_path, FILES)
    for name, job in jobs.items():
        made = features(name, np.zeros(round(8000 * LENGTH_S)), tones=heard(source, ARRIVALS_S[name]))
        cache = Cache(job.cache_root)
        arrays = ("pattern", "tones", "waveform", "white", "levels_db")
        cache.store_arrays(job.key, {each: getattr(made, each) for each in arrays})
        cache.store_json(job.key, to_json(replace(SOUND, duration_s=LENGTH_S, usable_s=LENGTH_S)))
    return jobs


def group_of(*names, uncertainty_s=0.3, **changes):
    known = {
        "start_s": 0.0, "end_s": LENGTH_S, "offset_s": 0.0, "drift_ppm": 0.0, "drift_uncertainty_ppm": 0.0,
        "applies_to": "both", "picture_check": "verified",
    } | changes  # fmt: skip
    clocks = tuple(
        Clock(
            recording_id=name, segments=(ClockSegment(**known),), uncertainty_s=uncertainty_s,
            sound_uncertainty_s=0.0, basis=("sound",), assumptions=(),
        )
        for name in names
    )  # fmt: skip
    return Group(id="g1", reference_id=names[0], clocks=clocks)


def find(pool, jobs, group, *, case="", **changes):
    told = {r.id: replace(SOUND, duration_s=LENGTH_S) for r in FILES}
    known = {
        "events": (), "duplicates": (), "left_out": (), "settings": SETTINGS, "progress": lambda *_: None,
        "knowledge": knowledge_of(*FILES, case=parse_case(case)),
    }  # fmt: skip
    return find_common_sounds(pool, jobs, told, [group], **known | changes)


def test_a_sound_goes_from_the_cache_to_the_joint_solution_and_is_kept(listened):
    pool = Here()
    found, failed = find(pool, listened, group_of(*listened))
    (sound,) = found["g1"]
    assert failed == {}
    times = {each.recording_id: each.time_s for each in sound.arrivals}
    assert times["r-b"] - times["r-c"] == pytest.approx(0.331, abs=0.005)
    sources, arrivals = as_sources(found["g1"], lambda name, index: f"{name}#{index}")
    assert sources == (Source(id="s1", kind="sound"),)
    assert [each.piece for each in arrivals] == ["r-a#0", "r-b#0", "r-c#0", "r-d#0"]
    assert {each.source_id for each in arrivals} == {"s1"}
    for job in listened.values():
        Cache(job.cache_root).path(job.key, ".npz").unlink()
    assert find(pool, listened, group_of(*listened)) == (found, failed)


def test_features_that_are_gone_cost_one_group_its_sounds_and_are_told(tmp_path):
    found, failed = find(Here(), jobs_of(tmp_path, FILES), group_of(*(r.id for r in FILES)))
    assert found == {"g1": ()}
    assert "lost the sound of r-a" in failed["g1"]


def test_only_independent_cameras_at_their_own_speed_are_asked(listened):
    pool = Here()
    same = Duplicate(recording_ids=("r-a", "r-b"), kind="same_recording", evidence="")
    found, _ = find(pool, listened, group_of(*listened), duplicates=[same])
    assert [part.recording_id for part in pool.asked[0].parts] == ["r-a", "r-c", "r-d"]
    assert find(pool, listened, group_of(*listened), duplicates=[same], left_out={"r-d"}) == ({}, {})
    assert find(pool, listened, group_of(*listened, drift_ppm=-750_000.0)) == ({}, {})
    assert find(pool, listened, group_of(*listened, applies_to="video")) == ({}, {})
    assert len(pool.asked) == 1
    assert len(found["g1"][0].arrivals) == 3


def test_lags_may_lie_as_far_as_sound_and_clocks_allow(listened):
    pool = Here()
    find(pool, listened, group_of(*listened, uncertainty_s=0.1))
    find(pool, listened, group_of(*listened, uncertainty_s=9.0))
    travel_s = knowledge_of(*FILES).geometry.travel_s("r-a", "r-b")
    small, large = ({pair[:2]: pair[2] for pair in job.reaches_s}["r-a", "r-b"] for job in pool.asked)
    assert small == pytest.approx(travel_s + 0.2, abs=1e-6)
    assert large == pytest.approx(2 * travel_s + SETTINGS.common_sounds.clock_slack_s, abs=1e-6)


def test_a_pair_that_people_rejected_is_not_compared(listened):
    pool = Here()
    find(pool, listened, group_of(*listened), case='[[reject]]\na = "a.mp4"\nb = "b.mp4"\n')
    assert ("r-a", "r-b") not in {pair[:2] for pair in pool.asked[0].reaches_s}
    assert len(pool.asked[0].reaches_s) == 5


def test_moments_of_strikes_are_left_out_at_the_time_that_a_camera_heard_them(listened):
    pool = Here()
    seen = Observation(
        recording_id="r-b", sound_s=4.0, sound_uncertainty_s=0.01, score=0.9, measures=(), reasons=()
    )  # fmt: skip
    strike = Event(
        id="e1", kind="strike", group_id="g1", time_s=4.0, time_basis="arrival_at:r-b", uncertainty_s=0.1, end_s=None,
        confidence=0.9, calibration="", label="", min_separable_s=None, observations=(seen,),
    )  # fmt: skip
    elsewhere = replace(strike, group_id="g2")
    find(pool, listened, group_of(*listened, offset_s=2.5), events=(strike, elsewhere))
    assert pool.asked[0].strikes_s == (6.5,)
