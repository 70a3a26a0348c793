"""Which track goes on with which: so that a figure overlooked for a moment neither leaves nor enters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syncview.detect.track_ways import Camera, Way
    from syncview.settings import MovementSettings

__all__ = ["continued_tracks"]

_PAUSE_SPEED = 0.75  # heights/s that an unseen figure may stray from going straight on: half of what it may go


def continued_tracks(
    ways: Sequence[Way], camera: Camera, *, settings: MovementSettings
) -> dict[str, tuple[bool, bool]]:
    """Find tracks that begin shortly after, and near to, where another of their kind ended.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    settings : MovementSettings
        `again_within_s`, `again_within_heights`.

    Returns
    -------
    dict of str to (bool, bool)
        By track name: whether it goes on with one that ended before, and whether another goes on with it.
    """
    pairs = []
    ends_s = np.array([way.times_s[-1] for way in ways])
    for later in ways:
        pauses_s = later.times_s[0] - ends_s
        for k in np.flatnonzero((pauses_s > 0.0) & (pauses_s <= settings.again_within_s)).tolist():
            earlier, pause_s = ways[k], float(pauses_s[k])
            if earlier.track.kind == later.track.kind:
                apart = _apart_heights(earlier, later, camera, pause_s)
                if apart <= settings.again_within_heights + _PAUSE_SPEED * pause_s:
                    pairs.append((apart, earlier.track.name, later.track.name))
    goes_on: set[str] = set()
    comes_from: set[str] = set()
    for _, earlier_name, later_name in sorted(pairs):
        if earlier_name not in goes_on and later_name not in comes_from:
            goes_on.add(earlier_name)
            comes_from.add(later_name)
    names = [way.track.name for way in ways]
    return {name: (name in comes_from, name in goes_on) for name in names}


def _apart_heights(earlier: Way, later: Way, camera: Camera, pause_s: float) -> float:
    """How far the later track begins from where the earlier one stood, or went on to: the lesser; inf if not known."""
    tall = float(later.height_px[0])
    end_px = earlier.boxes_px[-1]
    foot = np.array([[0.5 * (end_px[0] + end_px[2]), end_px[3]]])
    there = camera.carried(foot, int(earlier.rows[-1]), int(later.rows[0]))[0]
    if not np.isfinite(there).all():
        return float("inf")
    begin = later.boxes_px[0]
    here = np.array([0.5 * (begin[0] + begin[2]), begin[3]])
    near = earlier.between(float(earlier.times_s[-1]) - 1.0, float(earlier.times_s[-1]))
    speed = np.zeros(2)
    if near.sum() >= 3:
        places = earlier.still_px[near] * earlier.scale[-1]
        took_s = float(earlier.times_s[near][-1] - earlier.times_s[near][0])
        speed = (places[-1] - places[0]) / took_s
    straight = there + speed * pause_s
    return float(min(np.hypot(*(here - there)), np.hypot(*(here - straight))) / tall)
