"""One sound that a file shows several times is one sound: which of its showings counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from syncview.timebase import group_time_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.model import Clock, Detection

__all__ = ["REPLAY_LABEL", "without_replays"]

REPLAY_LABEL = "replay"
_SAME_S = 0.1  # two showings are timed by their own onsets; closer than blasts can be told apart


def without_replays(
    detections: Sequence[Detection], clock: Clock
) -> tuple[tuple[Detection, ...], tuple[tuple[Detection, Detection], ...]]:
    """Part the detections of one recording into those that count and those that show one of these again.

    Parameters
    ----------
    detections : sequence of Detection
        Of one recording, replays marked by `replay_of_s`.
    clock : Clock
        Its clock.

    Returns
    -------
    counting : tuple of Detection
        In order of time. Of every sound the first showing that is on the clock, the original before its replays. Where
        the original was not detected itself, it stands for it with what its best replay says.
    replays : tuple of tuple
        Each further showing, and the one that counts for it.
    """
    counting, replays = [], []
    for family in _families(sorted(detections, key=lambda d: d.time_s)):
        chosen = _chosen(family, clock)
        counting.append(chosen)
        replays += [(other, chosen) for other in family if other is not chosen]
    return (
        tuple(sorted(counting, key=lambda d: d.time_s)),
        tuple(sorted(replays, key=lambda pair: pair[0].time_s)),
    )


def _families(detections: Sequence[Detection]) -> list[list[Detection]]:
    """Showings of one sound together; a replay of a replay belongs to the first."""
    home = list(range(len(detections)))
    for k, detection in enumerate(detections):
        if detection.replay_of_s is not None:
            joined = {home[j] for j, other in enumerate(detections) if _shows(other, detection.replay_of_s)}
            home = [home[k] if one in joined else one for one in home]
    return [[d for d, one in zip(detections, home, strict=True) if one == family] for family in dict.fromkeys(home)]


def _shows(detection: Detection, time_s: float) -> bool:
    """Whether a detection is the sound at a time of its recording, or repeats that sound."""
    return any(at_s is not None and abs(at_s - time_s) <= _SAME_S for at_s in (detection.time_s, detection.replay_of_s))


def _chosen(family: Sequence[Detection], clock: Clock) -> Detection:
    """The showing that counts."""
    originals = [detection for detection in family if detection.replay_of_s is None]
    if not originals:
        best = max(family, key=lambda d: (d.score, -d.time_s))
        first_s = min(d.replay_of_s for d in family if d.replay_of_s is not None)
        if group_time_of(clock, first_s, of="audio") is not None:
            said = f"not found by itself: taken from its replay at {best.time_s:.3f} s of the file"
            return replace(best, time_s=first_s, replay_of_s=None, reasons=(*best.reasons, said))
    ordered = [*originals, *(detection for detection in family if detection.replay_of_s is not None)]
    return next((d for d in ordered if group_time_of(clock, d.time_s, of="audio") is not None), ordered[0])
