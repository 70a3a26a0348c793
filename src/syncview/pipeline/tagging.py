"""The user's own audio tagger, an ONNX model named in case.toml: checked before the run, asked about each detection."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from syncview.errors import CaseFileError, DocumentError, InputError
from syncview.pipeline.cached_sound import cached_sound
from syncview.pipeline.onnx_session import open_session
from syncview.pipeline.per_file import for_each_file
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from syncview.case import CaseFile
    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Recording
    from syncview.pipeline.listen import Heard, ListenJob
    from syncview.pipeline.run import Progress
    from syncview.settings import Settings

__all__ = ["TagJob", "Tagger", "Tags", "open_tagger", "tag_all"]

_TAGS = "tags-1"  # raised when the same settings give another result than before
_BATCH = 8  # windows at a time: 10 s at 32 kHz are 1.3 MB each, and what a model makes of them a hundred times that
_TOP = 3  # labels that are named; more is noise
_SECONDS_PER_MEDIA_S = 5.0  # a large model needs as long as the sound lasts, on a busy machine longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagger:
    """A tagger that was checked: its model file, labels in the order of its outputs, and what it listens to."""

    path: Path
    name: str
    sha256: str
    labels: tuple[str, ...]
    labels_sha256: str
    rate_hz: int
    window_s: float
    batch: int

    def as_dict(self) -> dict[str, object]:
        """What the result says of it, so that its labels can be checked."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "labels_sha256": self.labels_sha256,
            "labels_count": len(self.labels),
            "rate_hz": self.rate_hz,
            "window_s": self.window_s,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TagJob:
    """The detections of one recording that a tagger is asked about."""

    recording_id: str
    listen: ListenJob
    start_s: float
    times_s: tuple[float, ...]
    tagger: Tagger


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a tagger says of one moment: its highest labels and their scores."""

    labels: tuple[str, ...]
    scores: tuple[float, ...]


def open_tagger(case: CaseFile) -> Tagger | None:
    """Check the tagger that case.toml names, before anything is listened to.

    Parameters
    ----------
    case : CaseFile
        What people wrote.

    Returns
    -------
    Tagger or None
        None when there is none.

    Raises
    ------
    CaseFileError
        A file is not there, or the model does not take such windows or give such labels.
    """
    if (said := case.tagger) is None:
        return None
    where = case.where("tagger")
    path, labels_path = case.path_of(said.path), case.path_of(said.labels)
    model, text = _read(path, where, "model"), _read(labels_path, where, "labels")
    from syncview.detect.tagging import parse_labels

    try:
        tagger = Tagger(
            path=path,
            name=path.stem,
            sha256=hashlib.sha256(model).hexdigest(),
            labels=parse_labels(text.decode("utf-8-sig"), name=labels_path.name),
            labels_sha256=hashlib.sha256(text).hexdigest(),
            rate_hz=said.rate_hz,
            window_s=said.window_s,
            batch=_batch_of(_session(path), path.stem, round(said.window_s * said.rate_hz)),
        )
        import numpy as np

        silence = np.zeros((tagger.batch, round(tagger.window_s * tagger.rate_hz)), np.float32)
        _scores(_session(path), silence, tagger)
    except UnicodeDecodeError as error:
        message = f"{where}: {labels_path} is not UTF-8"
        raise CaseFileError(message, hint="save the labels as UTF-8 text") from error
    except InputError as error:
        message = f"{where}: {error.message}"
        raise CaseFileError(message, hint=error.hint) from error
    return tagger


def tag_all(
    pool: WorkerPool,
    tagger: Tagger | None,
    jobs: Mapping[str, ListenJob],
    heard: Mapping[str, Heard],
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> dict[str, Heard]:
    """Add what a tagger says to every detection; scores stay as they are.

    Parameters
    ----------
    pool : WorkerPool
        Processes that run the model.
    tagger : Tagger or None
        From `open_tagger`; with None nothing changes.
    jobs : mapping of str to ListenJob
        The recordings that were heard.
    heard : mapping of str to Heard
        What was heard in them.
    recordings : sequence of Recording
        Their lengths bound the time that one may take.
    settings : Settings
        Limits.
    progress : Progress
        Told of every recording.

    Returns
    -------
    dict of str to Heard
        Where the model failed, with a warning.
    """
    told = dict(heard)
    if tagger is None:
        return told
    todo = {
        name: TagJob(
            recording_id=name,
            listen=job,
            start_s=heard[name].start_s,
            times_s=tuple(found.time_s for found in heard[name].detections),
            tagger=tagger,
        )
        for name, job in sorted(jobs.items())
        if heard[name].detections
    }
    found, failed = for_each_file(
        pool,
        _tag,
        todo,
        {},
        stage="tagging",
        recordings=recordings,
        seconds_per_media_s=_SECONDS_PER_MEDIA_S,
        media=settings.media,
        progress=progress,
    )
    for name, tags in found.items():
        told[name] = _with_tags(told[name], tags, tagger)
    for name, error in failed.items():
        told[name] = _untagged(told[name], error)
    return told


def _tag(job: TagJob) -> tuple[Tags, ...]:
    """What the tagger says of each moment of a job, from the cache where it is known."""
    import numpy as np

    from syncview.detect.tagging import top_labels, windows_around

    cache, tagger = Cache(job.listen.cache_root), job.tagger
    said = tagger.as_dict() | {"of": job.listen.key, "times_s": list(job.times_s)}
    key = cache_key(_TAGS, [job.listen.sha256], said)
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(tuple[Tags, ...], document)
        except DocumentError:
            pass  # written by something else: ask again
    clip = cached_sound(job.listen, job.start_s)
    session = _session(tagger.path)
    found: list[Tags] = []
    for first in range(0, len(job.times_s), tagger.batch):
        times_s = job.times_s[first : first + tagger.batch]
        waves = windows_around(clip, times_s, rate_hz=tagger.rate_hz, window_s=tagger.window_s)
        full = np.zeros((tagger.batch, waves.shape[1]), np.float32)
        full[: len(waves)] = waves
        for row in _scores(session, full, tagger)[: len(waves)]:
            top = top_labels(row, tagger.labels, count=_TOP)
            found.append(Tags(labels=tuple(label for label, _ in top), scores=tuple(score for _, score in top)))
    cache.store_json(key, to_json(tuple(found)))
    return tuple(found)


def _session(path: Path) -> Any:
    """Open a model on one core, so that the same sound gives the same scores."""
    try:
        return open_session(path, threads=1)
    except Exception as error:  # onnxruntime exports no base class of what it raises
        message = f"tagger {path.stem}: {path} is no ONNX model that can be opened ({_first_line(error)})"
        raise InputError(message) from error


def _batch_of(session: Any, name: str, samples: int) -> int:
    """How many windows the model takes at a time; it must take mono windows of this length."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if inputs else []
    if len(inputs) != 1 or len(shape) != 2 or inputs[0].type != "tensor(float)":
        got = ", ".join(f"{each.name} {each.type} {each.shape}" for each in inputs) or "none"
        message = f"tagger {name}: expected one input of float32 waveforms, shape (windows, samples), got {got}"
        raise InputError(message)
    if isinstance(shape[1], int) and shape[1] != samples:
        message = f"tagger {name}: it takes windows of {shape[1]} samples, but window_s * rate_hz is {samples}"
        raise InputError(message, hint=f"window_s = {shape[1]} / rate_hz")
    return shape[0] if isinstance(shape[0], int) else _BATCH


def _scores(session: Any, waves: NDArray[np.float32], tagger: Tagger) -> NDArray[np.float64]:
    """Scores of each window, shape (windows, labels)."""
    from syncview.detect.tagging import checked_scores

    try:
        output = session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: waves})[0]
    except Exception as error:  # onnxruntime exports no base class of what it raises
        message = f"tagger {tagger.name}: it fails on windows of shape {waves.shape} ({_first_line(error)})"
        raise InputError(message, hint="check rate_hz and window_s against what the model was made for") from error
    return checked_scores(output, windows=len(waves), labels=len(tagger.labels), name=tagger.name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _read(path: Path, where: str, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{where}: the tagger's {what} {path} cannot be read: {error.strerror}"
        raise CaseFileError(message, hint="a path is taken from the folder of case.toml") from error


def _with_tags(heard: Heard, tags: Sequence[Tags], tagger: Tagger) -> Heard:
    from syncview.detect.tagging import with_labels

    named = [
        with_labels(found, tuple(zip(each.labels, each.scores, strict=True)), name=tagger.name)
        for found, each in zip(heard.detections, tags, strict=True)
    ]
    return replace(heard, detections=tuple(named))


def _untagged(heard: Heard, error: SyncViewError) -> Heard:
    return replace(heard, warnings=(*heard.warnings, f"the tagger could not be asked ({error})"))
