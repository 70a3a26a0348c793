"""CASE/review holds the page and the copies it plays, is not made twice, and forgets withdrawn files."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from case_example import make_case
from incident_example import clock, incident, recording
from syncview.media.workers import WorkerPool
from syncview.model import Group
from syncview.review import write_review
from syncview.settings import MediaSettings
from syncview.timeline.build import build_timeline

pytestmark = pytest.mark.slow


def _tone(path):
    with av.open(str(path), "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        samples = (8000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
        block = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        block.sample_rate, block.time_base = 8000, Fraction(1, 8000)
        out.mux(stream.encode(block))


def _document(*names):
    recordings = tuple(
        replace(recording(name, f"{name}.wav", duration_s=Fraction(1)), kind="audio", video=None) for name in names
    )
    groups = (Group(id="g1", reference_id=names[0], clocks=tuple(clock(name, 0.0, 1.0) for name in names)),)
    empty = dict.fromkeys(("events", "candidates", "unplaced", "duplicates", "pairs", "findings"), ())
    return build_timeline(incident(recordings=recordings, groups=groups, **empty))


def _write(folder, document, sources):
    told = []
    with WorkerPool(workers=1, memory_limit_mib=MediaSettings().memory_limit_mib) as pool:
        troubles = write_review(
            folder,
            document,
            sources,
            settings=MediaSettings(),
            pool=pool,
            progress=lambda stage, done, total: told.append((stage, done, total)),
        )
    return troubles, told


def test_copies_are_made_once_and_removed_when_their_file_leaves(tmp_path):
    folder = make_case(tmp_path).folder
    sources = {name: tmp_path / f"{name}.wav" for name in ("rec-1", "rec-2", "rec-3")}
    _tone(sources["rec-1"])
    _tone(sources["rec-2"])
    sources["rec-3"].write_text("no media")
    troubles, told = _write(folder, _document(*sources), sources)
    assert [line.split(":")[0] for line in troubles] == ["rec-3.wav has no preview on the page"]
    assert told == [("small copies", k, 3) for k in (1, 2, 3)]
    copies = sorted(path.name for path in (folder.review / "media").iterdir())
    assert [name[-4:] for name in copies] == [".m4a", ".m4a"]
    page = (folder.review / "index.html").read_text(encoding="utf-8")
    assert all(f'src="media/{name}"' in page for name in copies)

    troubles, told = _write(folder, _document("rec-1"), sources)
    assert (troubles, told) == ((), [])
    assert len(list((folder.review / "media").iterdir())) == 1
