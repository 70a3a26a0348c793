"""People who move faster than anybody walks: "fast motion", no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.movement_score import Found
from syncview.detect.track_ways import camera_speed, jump_share, speeds
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Camera, Way
    from syncview.model.movement import TrackPoint
    from syncview.settings import MovementSettings

__all__ = ["fast_stretches"]

_TWO_SIGMA = 1.96
_UNTOLD_S = 1.2  # at a border, half a figure has no speed: one that runs in has run before
_ONSET_S = 0.4  # 68 %: half of the window that a speed is told over; a first step is no run yet
_SLOW_SPEED = 0.2  # heights/s: what the box of somebody who stands seems to move


def fast_stretches(ways: Sequence[Way], camera: Camera, *, settings: MovementSettings) -> tuple[Found, ...]:
    """Find people who move faster than anybody walks, for longer than a jump of the box lasts.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    camera : Camera
        Of the same.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Found
        One for each stretch of each track.
    """
    people = [way for way in ways if way.track.kind == "person"]
    moving = [(way, speeds(way, settings.fast_window_s)) for way in people]
    found = []
    for way, velocities in moving:
        fast = np.hypot(velocities[:, 0], velocities[:, 1]) > settings.fast_speed
        for first, last in _runs(fast, way.times_s, settings.fast_window_s):
            if way.times_s[last] - way.times_s[first] >= settings.fast_for_s - 1e-6:
                others = [(other, speed) for other, speed in moving if other is not way]
                found.append(_fast_movement(way, velocities, (first, last), others, camera, settings))
    return tuple(found)


def _runs(wanted: NDArray[np.bool_], times_s: NDArray[np.float64], pause_s: float) -> list[tuple[int, int]]:
    """First and last points of the stretches in which something holds, pauses shorter than `pause_s` bridged."""
    stretches: list[tuple[int, int]] = []
    for k in np.flatnonzero(wanted).tolist():
        if stretches and times_s[k] - times_s[stretches[-1][1]] <= pause_s:
            stretches[-1] = (stretches[-1][0], k)
        else:
            stretches.append((k, k))
    return stretches


def _fast_movement(
    way: Way,
    velocities: NDArray[np.float64],
    stretch: tuple[int, int],
    others: Sequence[tuple[Way, NDArray[np.float64]]],
    camera: Camera,
    settings: MovementSettings,
) -> Found:
    first, last = stretch
    size = np.hypot(velocities[:, 0], velocities[:, 1])
    lasts_s = float(way.times_s[last] - way.times_s[first])
    fast = _median(size[first : last + 1])
    earlier = size[(way.times_s >= way.times_s[first] - settings.before_s) & (way.times_s < way.times_s[first] - 0.3)]
    before = _median(earlier) if np.isfinite(earlier).sum() >= 3 else None
    time_s = _onset_s(way, size, first, before, fast)
    shared = _shared_share(way, velocities, stretch, others)
    by_camera = camera_speed(way, *_about(way, stretch, 0.0), camera)
    reasons = [
        f"moves at {fast:.1f} of its heights a second for {lasts_s:.1f} s, the camera's motion taken out",
        f"{before:.1f} a second in the seconds before" if before is not None else "what it did before is not known",
    ]
    if by_camera > fast:
        reasons.append("the camera turns faster than that: what is left of its motion may be part of it")
    if shared > 0.5:
        reasons.append("others seem to move alike: the camera may be moving along")
    movement = Movement(
        recording_id=way.track.recording_id,
        action="runs",
        subject="person",
        time_s=time_s,
        uncertainty_s=_TWO_SIGMA * _ONSET_S,
        end_s=float(way.times_s[last]),
        score=0.0,
        label="fast motion",
        track_names=(way.track.name,),
        evidence=_evidence(way, time_s, float(way.times_s[last])),
        measures=(
            ("speed_heights_per_s", fast),
            ("fast_s", lasts_s),
            ("straight_share", _straight_share(way, stretch)),
            ("jump_share", jump_share(way, *_about(way, stretch, settings.fast_window_s / 2))),
            ("faster_than_before", fast / max(before, _SLOW_SPEED) if before is not None else 1.0),
            ("camera_heights_per_s", by_camera),
            ("shared_share", shared),
            ("recognised_share", float(way.seen[first : last + 1].mean())),
            ("height_px", float(np.median(way.height_px[first : last + 1] * way.scale[first : last + 1]))),
            ("detector_score", way.track.score),
        ),
        reasons=tuple(reasons),
    )
    return Found(movement=movement, model="fast")


def _onset_s(way: Way, size: NDArray[np.float64], first: int, before: float | None, fast: float) -> float:
    """When the speed passes the middle between before and then; the first point where there is nothing before."""
    middle = 0.5 * ((before or 0.0) + fast)
    k = first
    while k > 0 and size[k - 1] > middle:
        k -= 1
    while k < len(size) - 1 and size[k] < middle:
        k += 1
    if not np.isfinite(size[:k]).any() and way.times_s[k] - way.times_s[0] <= _UNTOLD_S:
        return float(way.times_s[0])
    if not np.isfinite(size[k - 1]):
        return float(way.times_s[k])
    share = (middle - size[k - 1]) / max(size[k] - size[k - 1], 1e-9)
    return float(way.times_s[k - 1] + np.clip(share, 0.0, 1.0) * (way.times_s[k] - way.times_s[k - 1]))


def _shared_share(
    way: Way,
    velocities: NDArray[np.float64],
    stretch: tuple[int, int],
    others: Sequence[tuple[Way, NDArray[np.float64]]],
) -> float:
    """How much of the velocity the others have as well: 1 where all move alike over the picture; 0 without others."""
    own = _middle(velocities[stretch[0] : stretch[1] + 1]) * float(np.median(way.height_px))
    start_s, end_s = float(way.times_s[stretch[0]]), float(way.times_s[stretch[1]])
    shares = []
    for other, speed in others:
        here = speed[other.between(start_s, end_s)]
        if np.isfinite(here).all(axis=1).sum() >= 3:
            theirs = _middle(here) * float(np.median(other.height_px))
            shares.append(float(theirs @ own) / max(float(own @ own), 1e-9))
    return float(np.clip(np.median(shares), 0.0, 1.0)) if shares else 0.0


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values[np.isfinite(values)]))


def _middle(velocities: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.median(velocities[np.isfinite(velocities).all(axis=1)], axis=0))


def _straight_share(way: Way, stretch: tuple[int, int]) -> float:
    """The way from the first to the last point as a share of all steps: little where a box only jumps about."""
    path = way.in_heights()[stretch[0] : stretch[1] + 1]
    steps = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    return float(np.linalg.norm(path[-1] - path[0])) / max(steps, 1e-9)


def _about(way: Way, stretch: tuple[int, int], more_s: float) -> tuple[float, float]:
    return float(way.times_s[stretch[0]]) - more_s, float(way.times_s[stretch[1]]) + more_s


def _evidence(way: Way, time_s: float, end_s: float) -> tuple[TrackPoint, ...]:
    """A second before, the moment, half-way and the end."""
    times = (time_s - 1.0, time_s, 0.5 * (time_s + end_s), end_s)
    points = {point.index: point for point in map(way.at, times)}
    return tuple(points[index] for index in sorted(points))
