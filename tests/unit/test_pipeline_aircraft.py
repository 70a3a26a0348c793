"""Aircraft through the cache and onto lasting ids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from joint_example import SETTINGS, knowledge_of, recording
from syncview.errors import CaseFolderError
from syncview.model import AircraftStretch, Clock, ClockSegment, Duplicate, Group
from syncview.pipeline.aircraft import AircraftJob, search_aircraft, settled_aircraft
from syncview.pipeline.listen import Heard, ListenJob
from syncview.store.cache import Cache
from syncview.store.ids import Ids
from syncview.store.records import to_json

A, B = recording("a"), recording("b")


def group_of(*names):
    segment = ClockSegment(
        start_s=0.0, end_s=60.0, offset_s=0.0, drift_ppm=0.0, drift_uncertainty_ppm=0.0, applies_to="both",
        picture_check="verified",
    )  # fmt: skip
    clocks = tuple(
        Clock(recording_id=n, segments=(segment,), uncertainty_s=0.0, sound_uncertainty_s=0.0, basis=(), assumptions=())
        for n in names
    )
    return Group(id="g1", reference_id=names[0], clocks=clocks)


def possible(name, start_s):
    return AircraftStretch(recording_id=name, start_s=start_s, end_s=start_s + 20, state="possible", score=0.9)


def settled(found, recordings, *, duplicates=(), ids=None):
    groups = [group_of(*(each.id for each in recordings))]
    known = knowledge_of(*recordings)
    return settled_aircraft(found, groups, recordings, duplicates, known, ids or Ids(), SETTINGS)


def test_an_event_keeps_its_id_and_files_of_the_same_bytes_share_what_was_found():
    first, ids = settled({A.id: (possible(A.id, 5.0),), B.id: (possible(B.id, 6.0),)}, (A, B))
    again, _ = settled({A.id: (possible(A.id, 5.0),), B.id: ()}, (A, B), ids=ids)
    assert first.events[0].id == again.candidates[0].id == "e1"
    twin = replace(A, id="r-twin", path="in/twin.mp4")
    same = Duplicate(recording_ids=(A.id, "r-twin"), kind="same_file", evidence="")
    both, _ = settled({A.id: (possible(A.id, 5.0),)}, (A, twin), duplicates=[same])
    assert [seen.recording_id for seen in both.events[0].observations] == [A.id, "r-twin"]


def job_of(tmp_path):
    heard = ListenJob(
        recording_id=A.id, path=tmp_path / "a.mp4", sha256=A.sha256, cache_root=tmp_path / "cache",
        audio=SETTINGS.audio, sync=SETTINGS.sync, detect=SETTINGS.detect,
    )  # fmt: skip
    return AircraftJob(heard=heard, settings=SETTINGS.aircraft)


def test_the_sound_is_read_from_the_cache_once(tmp_path):
    job = job_of(tmp_path)
    cache = Cache(job.heard.cache_root)
    with pytest.raises(CaseFolderError, match="lost the sound"):
        search_aircraft(job)
    samples = 0.01 * np.random.default_rng(1).standard_normal(20 * SETTINGS.audio.rate_hz)
    samples[: 5 * SETTINGS.audio.rate_hz] = 0.0
    with cache.writing(job.heard.key, ".npy") as part, part.open("wb") as file:
        np.save(file, samples.astype(np.float32))
    cache.store_arrays(job.heard.key, {"x": np.zeros(1)})
    heard = Heard(start_s=2.0, duration_s=20.0, usable_s=15.0, intervals=(), warnings=(), detections=())
    cache.store_json(job.heard.key, to_json(heard))
    (silent,) = search_aircraft(job)
    assert (silent.state, silent.start_s, silent.end_s) == ("no audio", 2.0, 7.0)
    cache.path(job.heard.key, ".npy").unlink()
    assert search_aircraft(job) == (silent,)
