"""What a worker process does with the sound of one recording, and of two.

The rooms that decode and compare are imported where they are used: the parent only plans.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from syncview.errors import DocumentError
from syncview.model import Detection, Interval, PairMatch, Replay
from syncview.pipeline.cached_sound import lost_sound
from syncview.pipeline.per_file import for_each_file
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from syncview.errors import SyncViewError
    from syncview.media.workers import WorkerPool
    from syncview.model import Recording
    from syncview.pipeline.run import Progress
    from syncview.settings import AudioSettings, DetectSettings, Settings, SyncSettings
    from syncview.sync.features import SoundFeatures

__all__ = [
    "Heard",
    "ListenJob",
    "MatchJob",
    "cached_features",
    "heard_before",
    "listen",
    "listen_job",
    "listen_to_all",
    "match",
]

# Raised when the same settings give another result than before.
_LISTEN = "listen-10"
_MATCH = "match-18"
_ARRAYS = ("pattern", "tones", "waveform", "white", "levels_db")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenJob:
    """One recording to listen to. `sha256` names its results in the cache."""

    recording_id: str
    path: Path
    sha256: str
    cache_root: Path
    audio: AudioSettings
    sync: SyncSettings
    detect: DetectSettings

    @property
    def key(self) -> str:
        """Name of the results in the cache."""
        parts = {"audio": asdict(self.audio), "sync": _feature_settings(self.sync), "detect": asdict(self.detect)}
        return cache_key(_LISTEN, [self.sha256], parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What there is to know of a recording's sound without listening again.

    Passages that are shown again are looked for later (`shown_again`) and not in the cache's entry.
    """

    start_s: float
    duration_s: float
    usable_s: float
    intervals: tuple[Interval, ...]
    warnings: tuple[str, ...]
    detections: tuple[Detection, ...]
    replays: tuple[Replay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchJob:
    """Two recordings, or pieces of them, whose features are in the cache.

    A span is the first and last recording time of a piece; None stands for the whole recording.
    """

    a_id: str
    b_id: str
    a_sha256: str
    b_sha256: str
    a_key: str
    b_key: str
    cache_root: Path
    sync: SyncSettings
    a_span_s: tuple[float, float] | None = None
    b_span_s: tuple[float, float] | None = None


def _feature_settings(sync: SyncSettings) -> dict[str, object]:
    """The settings that the features depend on, so that thresholds may change without listening again."""
    return {
        name: value
        for name, value in asdict(sync).items()
        if name.startswith(("pattern_", "tones_", "waveform_", "whitening", "levels_", "replay_"))
    }


def heard_before(job: ListenJob) -> Heard | None:
    """Read what an earlier run heard; None when it must be heard again.

    Parameters
    ----------
    job : ListenJob
        The recording.

    Returns
    -------
    Heard or None
        The same that `listen` would return.
    """
    cache = Cache(job.cache_root)
    document = cache.load_json(job.key)
    if document is None or not cache.has(job.key, ".npz", ".npy"):
        return None
    try:
        return from_json(Heard, document)
    except DocumentError:
        return None


def listen(job: ListenJob) -> Heard:
    """Decode a recording's sound, take its features and find its blasts; everything goes to the cache as well.

    Parameters
    ----------
    job : ListenJob
        The recording.

    Returns
    -------
    Heard
        Small enough to be sent between processes.

    Raises
    ------
    MediaError
        If there is no sound that can be decoded.
    """
    from syncview.detect.blasts import clip_levels, detect_blasts
    from syncview.detect.intervals import sound_intervals
    from syncview.media.audio import decode_audio, open_clip
    from syncview.sync.features import sound_features

    cache = Cache(job.cache_root)
    with cache.writing(job.key, ".npy") as part:
        decoded = decode_audio(job.path, rate_hz=job.audio.rate_hz, out=part, settings=job.audio)
    clip = open_clip(replace(decoded, path=cache.path(job.key, ".npy")), job.recording_id)
    features = sound_features(clip, settings=job.sync)
    cache.store_arrays(job.key, {name: getattr(features, name) for name in _ARRAYS})
    levels = clip_levels(clip.samples, clip.rate_hz, settings=job.detect)
    detections = detect_blasts(clip, settings=job.detect, levels=levels)
    silence = [interval for interval in decoded.intervals if interval.kind == "digital_silence"]
    doubtful = sound_intervals(clip, detections, settings=job.detect, levels=levels)
    heard = Heard(
        start_s=clip.start_s,
        duration_s=clip.duration_s,
        usable_s=features.usable_s,
        intervals=tuple(sorted((*silence, *doubtful), key=lambda interval: (interval.start_s, interval.kind))),
        warnings=decoded.warnings,
        detections=detections,
    )
    cache.store_json(job.key, to_json(heard))
    return heard


def listen_job(recording: Recording, path: Path, cache_root: Path, settings: Settings) -> ListenJob:
    """Name what a worker needs to listen to one recording.

    Parameters
    ----------
    recording : Recording
        One with sound.
    path : Path
        Its file.
    cache_root : Path
        Folder of the cache.
    settings : Settings
        The parts about sound.

    Returns
    -------
    ListenJob
        To be given to `listen`.
    """
    return ListenJob(
        recording_id=recording.id,
        path=path,
        sha256=recording.sha256,
        cache_root=cache_root,
        audio=settings.audio,
        sync=settings.sync,
        detect=settings.detect,
    )


def listen_to_all(
    pool: WorkerPool,
    jobs: Mapping[str, ListenJob],
    recordings: Sequence[Recording],
    settings: Settings,
    progress: Progress,
) -> tuple[dict[str, Heard], dict[str, SyncViewError]]:
    """Hear every recording, from the cache where it is there.

    Parameters
    ----------
    pool : WorkerPool
        Processes that open media.
    jobs : mapping of str to ListenJob
        What to listen to, by recording id.
    recordings : sequence of Recording
        Their lengths bound the time that a file may take.
    settings : Settings
        Limits.
    progress : Progress
        Told of every file.

    Returns
    -------
    tuple of dict
        What was heard, and what could not be, by recording id.
    """
    return for_each_file(
        pool,
        listen,
        jobs,
        {name: known for name, job in jobs.items() if (known := heard_before(job)) is not None},
        stage="listening",
        recordings=recordings,
        seconds_per_media_s=settings.media.decode_timeout_per_media_s,
        media=settings.media,
        progress=progress,
    )


def match(job: MatchJob) -> PairMatch:
    """Compare two recordings whose features are in the cache, or read what is known of them.

    Parameters
    ----------
    job : MatchJob
        The pair.

    Returns
    -------
    PairMatch
        Of b against a.
    """
    cache = Cache(job.cache_root)
    of = {"of": [job.a_key, job.b_key], "spans_s": [job.a_span_s, job.b_span_s], "ids": job.a_id < job.b_id}
    key = cache_key(_MATCH, [job.a_sha256, job.b_sha256], {"sync": asdict(job.sync), **of})
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(PairMatch, document)
        except DocumentError:
            pass  # written by something else: find them again
    from syncview.sync.hypotheses import match_pair

    a = _features(job, job.a_id, job.a_key, job.a_span_s)
    b = _features(job, job.b_id, job.b_key, job.b_span_s)
    onsets_a, onsets_b = (
        _onsets(cache, key, span) for key, span in ((job.a_key, job.a_span_s), (job.b_key, job.b_span_s))
    )
    found = match_pair(a, b, onsets_a=onsets_a, onsets_b=onsets_b, settings=job.sync)
    cache.store_json(key, to_json(found))
    return found


def _onsets(cache: Cache, key: str, span_s: tuple[float, float] | None) -> tuple[Detection, ...]:
    """Bangs of a recording, or of a piece of it."""
    heard = from_json(Heard, cache.load_json(key))
    if span_s is None:
        return heard.detections
    return tuple(found for found in heard.detections if span_s[0] <= found.time_s <= span_s[1])


def _features(job: MatchJob, name: str, key: str, span_s: tuple[float, float] | None) -> SoundFeatures:
    whole = cached_features(job.cache_root, name, key, job.sync)
    if span_s is None:
        return whole
    from syncview.sync.features import part_of

    return part_of(whole, *span_s, recording_id=name)


_FEATURES_BYTES = 384 * 2**20  # some 45 recordings of two minutes; the last two are kept whatever their length
_features_kept: OrderedDict[tuple[Path, str, str, SyncSettings], SoundFeatures] = OrderedDict()


def cached_features(
    root: Path, recording_id: str, key: str, sync: SyncSettings, *, alone: bool = False
) -> SoundFeatures:
    """Read what `listen` has put into the cache.

    Parameters
    ----------
    root : Path
        Folder of the cache.
    recording_id : str
        The recording.
    key : str
        Name of its results there.
    sync : SyncSettings
        The settings that they were made with.
    alone : bool
        No other recording is needed with it: of long ones this one alone stays in memory.

    Returns
    -------
    SoundFeatures
        The last that were asked for stay in memory, as many as fit.

    Raises
    ------
    CaseFolderError
        If they are not there any more.
    """
    name = (root, recording_id, key, sync)
    known = name in _features_kept
    if known:
        _features_kept.move_to_end(name)
        if not alone:
            return _features_kept[name]
    others = 0 if alone and not known else 1
    while len(_features_kept) > others and sum(map(_size_of, _features_kept.values())) > _FEATURES_BYTES:
        _features_kept.popitem(last=False)
    if not known:
        _features_kept[name] = _read_features(root, recording_id, key, sync)
    return _features_kept[name]


def _size_of(features: SoundFeatures) -> int:
    return sum(getattr(features, name).nbytes for name in _ARRAYS)


def _read_features(root: Path, recording_id: str, key: str, sync: SyncSettings) -> SoundFeatures:
    from syncview.sync.features import SoundFeatures

    cache = Cache(root)
    document, arrays = cache.load_json(key), cache.load_arrays(key)
    if document is None or arrays is None:
        raise lost_sound(recording_id)
    heard = from_json(Heard, document)
    return SoundFeatures(
        recording_id=recording_id,
        start_s=heard.start_s,
        duration_s=heard.duration_s,
        usable_s=heard.usable_s,
        **{name: arrays[name] for name in _ARRAYS},
        pattern_rate_hz=sync.pattern_rate_hz,
        tones_rate_hz=sync.tones_rate_hz,
        waveform_rate_hz=sync.waveform_rate_hz,
        white_rate_hz=sync.waveform_rate_hz / 2,
        levels_rate_hz=sync.pattern_rate_hz / sync.levels_pooling,
    )
