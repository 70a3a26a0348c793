"""The sound of a recording as listening has left it in the cache, for every later step that needs samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncview.errors import CaseFolderError
from syncview.model import AudioClip
from syncview.store.cache import Cache

if TYPE_CHECKING:
    from syncview.pipeline.listen import ListenJob

__all__ = ["cached_sound", "lost_sound"]


def cached_sound(job: ListenJob, start_s: float) -> AudioClip:
    """Read the sound that `syncview.pipeline.listen.listen` has put into the cache.

    Parameters
    ----------
    job : ListenJob
        A recording that was listened to.
    start_s : float
        Its recording time of the first sample.

    Returns
    -------
    AudioClip
        Mono, memory-mapped where the cache can.

    Raises
    ------
    CaseFolderError
        If it is not there any more.
    """
    samples = Cache(job.cache_root).load_array(job.key)
    if samples is None:
        raise lost_sound(job.recording_id)
    return AudioClip(recording_id=job.recording_id, samples=samples, rate_hz=job.audio.rate_hz, start_s=start_s)


def lost_sound(recording_id: str) -> CaseFolderError:
    """Say that something deleted from the cache while a run needed it.

    Parameters
    ----------
    recording_id : str
        The recording whose sound is gone.

    Returns
    -------
    CaseFolderError
    """
    message = f"the cache lost the sound of {recording_id} during the run"
    return CaseFolderError(message, hint="run again; nothing else may delete from the cache meanwhile")
