"""Tracks as a tracker would give them, of figures whose way over the picture is known to the pixel."""

from __future__ import annotations

import numpy as np

from figures_example import figures_of, watched_of
from syncview.detect.movements import find_movements
from syncview.detect.track_ways import Camera
from syncview.model.movement import Movement, Track, TrackPoint, Unassessable, Watched
from syncview.settings import MovementSettings

RATE_HZ = 5.0
SIZE_PX = (1280, 720)


def empty_view(length_s: float, *, turn_px_s: np.ndarray | None = None, lost_at_s: float | None = None) -> Watched:
    """A view of daylight; the surroundings move to the right by `turn_px_s` in each frame's second."""
    times = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    motion = np.tile(np.eye(3)[:2], (len(times), 1, 1))
    if turn_px_s is not None:
        motion[:, 0, 2] = turn_px_s / RATE_HZ
    motion[:1] = np.nan
    if lost_at_s is not None:
        motion[round(lost_at_s * RATE_HZ)] = np.nan
    return watched_of(times, figures_of([], [], []), size_px=SIZE_PX, motion=motion)


def track_of(
    name: str,
    watched: Watched,
    foot_px: np.ndarray,
    *,
    tall_px: np.ndarray | float = 100.0,
    wide: float = 0.4,
    score: float = 0.6,
    **ends: bool,
) -> Track:
    """The track of a figure whose foot stands at `foot_px` (m, 2) in each frame of the view; it is there if half in."""
    camera, tall = Camera(watched), np.broadcast_to(tall_px, len(foot_px))
    rows = np.flatnonzero((foot_px[:, 0] >= 0) & (foot_px[:, 0] <= SIZE_PX[0]) & np.isfinite(foot_px[:, 0]))
    points = []
    for row in rows.tolist():
        x, y = foot_px[row]
        half = 0.5 * wide * tall[row]
        box = np.clip([x - half, y - tall[row], x + half, y], 0, [SIZE_PX[0], SIZE_PX[1]] * 2)
        still = camera.carried(np.array([[0.5 * (box[0] + box[2]), box[3]]]), row, int(rows[0]))[0]
        points.append(
            TrackPoint(
                time_s=float(watched.times_s[row]),
                index=int(watched.indices[row]),
                box_px=tuple(map(float, box)),
                score=score,
                seen=True,
                still_px=tuple(map(float, still)),
            )
        )
    kind = "vehicle" if name.startswith("vehicle") else "person"
    return Track(recording_id="r", name=name, kind=kind, points=tuple(points), score=score, **ends)


def way_px(watched: Watched, *knots: tuple[float, float, float]) -> np.ndarray:
    """Places at each frame on the way through (time_s, x, y), straight between; NaN before and after."""
    times, x, y = np.transpose(knots)
    places = np.stack([np.interp(watched.times_s, times, x), np.interp(watched.times_s, times, y)], axis=1)
    places[(watched.times_s < times[0] - 1e-9) | (watched.times_s > times[-1] + 1e-9)] = np.nan
    return places


def found(
    tracks: list[Track],
    watched: Watched,
    *,
    bangs_s: tuple[float, ...] = (),
    unassessable: tuple[Unassessable, ...] = (),
    action: str | None = None,
) -> list[Movement]:
    """Movements of tracks, of one action if given."""
    movements = find_movements(
        tracks, watched, unassessable, recording_id="r", bangs_s=bangs_s, settings=MovementSettings()
    )
    return [one for one in movements if action is None or one.action == action]
