"""People who change what they do just after a bang: "sudden motion", no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.movement_score import Found
from syncview.detect.track_ways import jump_share, speeds
from syncview.model.movement import Movement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from syncview.detect.track_ways import Way
    from syncview.model.movement import TrackPoint
    from syncview.settings import MovementSettings

__all__ = ["sudden_changes"]

_TWO_SIGMA = 1.96
_GOING_SPEED = 0.4  # heights/s: slower has no direction
_BESIDE_S = 1.0
_ONSET_S = 0.35  # 68 %: a step of the sampling, and the half window that a speed is told over
_REACH_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What changes in one track after a bang; shares of what counts as marked, 1 and more where it is."""

    way: Way
    time_s: float
    words: str
    faster: float
    turned: float
    dropped: float

    @property
    def strength(self) -> float:
        return max(self.faster, self.turned, self.dropped)


def sudden_changes(ways: Sequence[Way], bangs_s: Sequence[float], *, settings: MovementSettings) -> tuple[Found, ...]:
    """Find bangs after which people change their speed, their direction or their height.

    Parameters
    ----------
    ways : sequence of Way
        Of one recording.
    bangs_s : sequence of float
        Recording times at which the camera heard a bang.
    settings : MovementSettings
        Thresholds.

    Returns
    -------
    tuple of Found
        At most one for each bang, of all who change.
    """
    people = [way for way in ways if way.track.kind == "person"]
    moving = [(way, speeds(way, settings.fast_window_s)) for way in people]
    found = []
    for bang_s in sorted(bangs_s):
        told = [_change(way, velocities, bang_s, settings) for way, velocities in moving]
        known = [change for change in told if change is not None]
        marked = sorted((c for c in known if c.strength >= 1.0), key=lambda c: (c.time_s, c.way.track.name))
        if marked:
            found.append(_sudden_movement(bang_s, marked, len(known)))
    return tuple(found)


def _change(way: Way, velocities: NDArray[np.float64], bang_s: float, settings: MovementSettings) -> _Change | None:
    """What changes in a track; None where it is not seen long enough before and after the bang."""
    before = way.between(bang_s - 2.0, bang_s - 0.1) & way.whole
    after = way.between(bang_s, bang_s + settings.sudden_within_s) & way.whole
    if before.sum() < 4 or after.sum() < 4 or way.times_s[after][0] > bang_s + 1.0:
        return None
    speed_at, speed, faster = _speed_change(way, velocities, bang_s, settings)
    turn_at, turned = _turn(way, velocities, bang_s, settings)
    drop_at, share = _drop(way, before, after, settings)
    dropped = (1.0 - share) / (1.0 - settings.sudden_drop_share)
    changes = [
        (faster, speed_at, f"its speed changes by {speed:.1f} of its heights a second"),
        (turned, turn_at, f"it turns by {turned * settings.sudden_turn_deg:.0f} degrees"),
        (
            dropped,
            drop_at,
            f"it is {100 * share:.0f} % as tall as before: it crouches, sits, falls or is hidden in part",
        ),
    ]
    marked = [change for change in changes if change[0] >= 1.0] or [max(changes)]
    first = min(marked, key=lambda change: change[1])
    return _Change(
        way=way,
        time_s=max(first[1], bang_s),
        words=", ".join(change[2] for change in marked),
        faster=faster,
        turned=turned,
        dropped=dropped,
    )


def _speed_change(
    way: Way, velocities: NDArray[np.float64], bang_s: float, settings: MovementSettings
) -> tuple[float, float, float]:
    """When, by how much and by what share of the threshold a speed changes and stays so for half a second."""
    size = np.hypot(velocities[:, 0], velocities[:, 1])
    half_s = settings.fast_window_s / 2
    base = size[way.between(bang_s - 2.0, bang_s - half_s)]
    after = np.flatnonzero(way.between(bang_s, bang_s + settings.sudden_within_s) & np.isfinite(size))
    if np.isfinite(base).sum() < 3 or len(after) < 3:
        return bang_s, 0.0, 0.0
    usual = float(np.median(base[np.isfinite(base)]))
    apart = np.abs(size[after] - usual)
    held = np.minimum(np.minimum(apart[:-2], apart[1:-1]), apart[2:])
    k = int(np.argmax(held))
    onset = int(np.argmax(apart > 0.5 * held[k]))
    return float(way.times_s[after[onset]]), float(held[k]), float(held[k]) / settings.sudden_speed_change


def _turn(way: Way, velocities: NDArray[np.float64], bang_s: float, settings: MovementSettings) -> tuple[float, float]:
    """When, and by what share of the threshold, a direction changes; somebody who stands has none."""
    half_s = settings.fast_window_s / 2
    before = velocities[way.between(bang_s - 2.0, bang_s - half_s)]
    after = np.flatnonzero(way.between(bang_s, bang_s + settings.sudden_within_s))
    if np.isfinite(before).all(axis=1).sum() < 3 or len(after) < 3:
        return bang_s, 0.0
    usual = np.median(before[np.isfinite(before).all(axis=1)], axis=0)
    here = velocities[after]
    going = np.hypot(here[:, 0], here[:, 1])
    if np.hypot(*usual) < _GOING_SPEED:
        return bang_s, 0.0
    cosine = np.where(going > _GOING_SPEED, here @ usual / np.maximum(going, 1e-9) / np.hypot(*usual), 1.0)
    angle = np.degrees(np.arccos(np.clip(np.nan_to_num(cosine, nan=1.0), -1.0, 1.0)))
    held = np.minimum(np.minimum(angle[:-2], angle[1:-1]), angle[2:])
    onset = int(np.argmax(angle > 0.5 * held.max()))
    return float(way.times_s[after[onset]]), float(held.max()) / settings.sudden_turn_deg


def _drop(
    way: Way, before: NDArray[np.bool_], after: NDArray[np.bool_], settings: MovementSettings
) -> tuple[float, float]:
    """When, and to what share of before, the height of the box falls and stays so for two frames at least."""
    tall = (way.boxes_px[:, 3] - way.boxes_px[:, 1]) / way.scale
    usual = float(np.median(tall[before]))
    shares, times = tall[after] / usual, way.times_s[after]
    count = 1 + max(1, round(settings.sudden_drop_for_s * settings.rate_hz))
    held = np.array([shares[k : k + count].max() for k in range(max(1, len(shares) - count + 1))])
    k = int(np.argmin(held))
    lowest = float(held[k])
    onset = int(np.argmax(shares < 0.5 * (1.0 + lowest)))
    return float(times[onset]), min(lowest, 1.0)


def _sudden_movement(bang_s: float, changes: Sequence[_Change], known: int) -> Found:
    first, count = changes[0], len(changes)
    strongest = max(changes, key=lambda change: change.strength)
    delay_s = first.time_s - bang_s
    evidence = [point for change in changes for point in _evidence(change)]
    movement = Movement(
        recording_id=first.way.track.recording_id,
        action="takes_cover",
        subject="person" if count == 1 else "group",
        time_s=first.time_s,
        uncertainty_s=_TWO_SIGMA * _ONSET_S,
        end_s=None if count == 1 else changes[-1].time_s,
        score=0.0,
        label="sudden motion",
        track_names=tuple(change.way.track.name for change in changes),
        evidence=tuple(evidence),
        measures=(
            ("after_bang_s", delay_s),
            ("people_changing", float(count)),
            ("changing_share", count / known),
            ("speed_change_share", strongest.faster),
            ("turn_share", strongest.turned),
            ("drop_share", strongest.dropped),
            ("jump_share", jump_share(strongest.way, bang_s, bang_s + _REACH_S)),
            ("detector_score", float(np.mean([change.way.track.score for change in changes]))),
        ),
        reasons=(
            f"{delay_s:.1f} s after a bang: {first.words}",
            f"{count} of {known} people in view change what they do within {changes[-1].time_s - bang_s:.1f} s of it",
        ),
    )
    return Found(movement=movement, model="sudden")


def _evidence(change: _Change) -> tuple[TrackPoint, ...]:
    """A second before, the moment, a second after."""
    times = (change.time_s - _BESIDE_S, change.time_s, change.time_s + _BESIDE_S)
    points = {point.index: point for point in map(change.way.at, times)}
    return tuple(points[index] for index in sorted(points))
