"""What a worker process does with the picture of one recording, and of two.

The rooms that decode and compare are imported where they are used: the parent only plans.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError, DocumentError, MediaError
from syncview.model import Interval, MotionProposal, PictureMatch  # noqa: TC001 (the cache reads the annotations)
from syncview.store.cache import Cache, cache_key
from syncview.store.records import from_json, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.settings import PictureSettings
    from syncview.sync.picture_features import PictureFeatures

__all__ = ["CompareJob", "Compared", "LookJob", "Seen", "compare", "look", "seen_before"]

# Raised when the same settings give another result than before.
_LOOK = "look-2"
_COMPARE = "compare-1"

_ARRAYS = ("times_s", "regions", "motion", "shift_px", "thumbs", "thumb_times_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookJob:
    """One recording to look at. `sha256` names its results in the cache."""

    recording_id: str
    path: Path
    sha256: str
    cache_root: Path
    picture: PictureSettings

    @property
    def key(self) -> str:
        """Name of the results in the cache."""
        return cache_key(_LOOK, [self.sha256], {"picture": _seeing_settings(self.picture)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What there is to know of a recording's picture without looking again.

    `start_s` and `end_s` are the recording times of its first frame and of its end; `shots` are intervals of kind
    "shot", none where there is one shot only; `cut_uncertainty_s` is the longest time between the frames around a cut;
    `flashes_s` are the recording times of flashes.
    """

    start_s: float
    end_s: float
    frame_count: int
    shots: tuple[Interval, ...]
    cut_uncertainty_s: float | None
    warnings: tuple[str, ...]
    flashes_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareJob:
    """Two recordings whose picture's features are in the cache. `propose` also looks for common light and motion."""

    a_id: str
    b_id: str
    a_sha256: str
    b_sha256: str
    a_key: str
    b_key: str
    cache_root: Path
    picture: PictureSettings
    propose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the pictures of two recordings say of each other."""

    match: PictureMatch | None
    proposals: tuple[MotionProposal, ...]


def _seeing_settings(picture: PictureSettings) -> dict[str, object]:
    """The settings that shots and features depend on, so that other thresholds may change without looking again."""
    return {name: value for name, value in asdict(picture).items() if not name.startswith(("copy_", "motion_"))}


def seen_before(job: LookJob) -> Seen | None:
    """Read what an earlier run saw; None when it must be looked at again.

    Parameters
    ----------
    job : LookJob
        The recording.

    Returns
    -------
    Seen or None
        The same that `look` would return.
    """
    cache = Cache(job.cache_root)
    document = cache.load_json(job.key)
    if document is None or not cache.has(job.key, ".npz"):
        return None
    try:
        return from_json(Seen, document)
    except DocumentError:
        return None


def look(job: LookJob) -> Seen:
    """Decode a recording's picture once, find its shots and take its features; everything goes to the cache as well.

    Parameters
    ----------
    job : LookJob
        The recording.

    Returns
    -------
    Seen
        Small enough to be sent between processes.

    Raises
    ------
    MediaError
        If there is no picture that can be decoded.
    """
    from syncview.detect.flashes import find_flashes
    from syncview.detect.shots import ShotFinder, shot_intervals
    from syncview.media.frames import small_frames
    from syncview.media.names import shown_path
    from syncview.sync.picture_features import FeatureTaker

    finder, taker = ShotFinder(job.picture), FeatureTaker(job.recording_id, job.picture)
    for time_s, picture in small_frames(job.path, width_px=job.picture.width_px, height_px=job.picture.height_px):
        finder.add(time_s, picture)
        taker.add(time_s, picture)
    features, cuts = taker.finish(), finder.finish()
    if not len(features.times_s):
        msg = f"{shown_path(job.path)}: no picture can be decoded"
        raise MediaError(msg, hint="play it in another program, or ask for the file again")
    start_s, end_s = float(features.times_s[0]), float(features.times_s[-1]) + features.frame_s
    cache = Cache(job.cache_root)
    cache.store_arrays(job.key, {name: getattr(features, name) for name in _ARRAYS})
    seen = Seen(
        start_s=start_s,
        end_s=end_s,
        frame_count=len(features.times_s),
        shots=shot_intervals(cuts, start_s=start_s, end_s=end_s),
        cut_uncertainty_s=max((cut.uncertainty_s for cut in cuts), default=None),
        warnings=_warnings(len(cuts)),
        flashes_s=find_flashes(features.times_s, features.regions, settings=job.picture),
    )
    cache.store_json(job.key, to_json(seen))
    return seen


def _warnings(cuts: int) -> tuple[str, ...]:
    if not cuts:
        return ()
    return (f"edited: {cuts} {'cut' if cuts == 1 else 'cuts'} in the picture; its clock may differ from shot to shot",)


def compare(job: CompareJob) -> Compared:
    """Compare two recordings whose picture's features are in the cache, or read what is known.

    Parameters
    ----------
    job : CompareJob
        The pair.

    Returns
    -------
    Compared
        Whether they show the same footage, and where asked for, what else they have in common.

    Raises
    ------
    CaseFolderError
        If the features are no more in the cache.
    """
    cache = Cache(job.cache_root)
    settings = {"picture": asdict(job.picture), "of": [job.a_key, job.b_key], "propose": job.propose}
    key = cache_key(_COMPARE, [job.a_sha256, job.b_sha256], settings)
    document = cache.load_json(key)
    if document is not None:
        try:
            return from_json(Compared, document)
        except DocumentError:
            pass  # written by something else: compare again
    from syncview.sync.motion import motion_proposals
    from syncview.sync.picture import same_picture

    a, b = (_features(job.cache_root, name, of) for name, of in ((job.a_id, job.a_key), (job.b_id, job.b_key)))
    match = same_picture(a, b, settings=job.picture)
    wanted = job.propose and match is None
    proposals = motion_proposals(a, b, settings=job.picture) if wanted else ()
    compared = Compared(match=match, proposals=proposals)
    cache.store_json(key, to_json(compared))
    return compared


@lru_cache(maxsize=8)
def _features(root: Path, recording_id: str, key: str) -> PictureFeatures:
    from syncview.sync.picture_features import PictureFeatures

    arrays = Cache(root).load_arrays(key)
    if arrays is None:
        msg = f"the cache lost the picture of {recording_id} during the run"
        raise CaseFolderError(msg, hint="run again; nothing else may delete from the cache meanwhile")
    return PictureFeatures(recording_id=recording_id, **{name: arrays[name] for name in _ARRAYS})
